"""The demo recovers from whatever has cut it off: what it finds of its own is mended, nothing of others is touched."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import threading
from importlib import import_module

import pytest

from tools.demo import Stop, background
from tools.demo.stack import mend

demo = import_module("tools.demo.__main__")
STATE = {"version": 3, "checkpoint": {"latest": {"resources": []}}}


@pytest.fixture
def backend(tmp_path):
    """Where Pulumi keeps the state of the demo."""
    for folder in ("locks/organization/aep-tutorial/make-demo", "stacks/aep-tutorial"):
        (tmp_path / ".pulumi" / folder).mkdir(parents=True)
    return tmp_path / ".pulumi"


@pytest.fixture
def stranger():
    """A process that leads a session and is none of the demo's."""
    with subprocess.Popen(["cat"], stdin=subprocess.PIPE, start_new_session=True) as process:
        yield process


@pytest.fixture
def record(tmp_path):
    file = tmp_path / "emulator.process"
    yield file
    background.stop(file)


def an_ended_process() -> int:
    with subprocess.Popen(["true"]) as process:
        pass
    return process.pid


def lock_of(process, backend):
    lock = backend / "locks/organization/aep-tutorial/make-demo/5ed00e8b.json"
    lock.write_text(json.dumps({"pid": process, "username": "me", "hostname": "here"}))
    return lock


def start(record, port):
    return background.start(record, record.with_suffix(".log"), record.with_suffix(".sqlite"), port)


def test_the_lock_of_a_pulumi_that_has_ended_is_freed_and_that_is_said(backend, tmp_path, capsys):
    lock = lock_of(an_ended_process(), backend)
    mend(tmp_path)
    assert not lock.exists()
    assert capsys.readouterr().out == "[demo] an earlier run was cut off: freed its lock of the stack\n"


def test_the_lock_of_a_pulumi_that_still_works_is_freed_when_it_has_ended(backend, tmp_path, stranger):
    lock = lock_of(stranger.pid, backend)
    mending = threading.Thread(target=mend, args=(tmp_path,))
    mending.start()
    assert lock.exists()
    stranger.stdin.close()
    stranger.wait()
    mending.join(30)
    assert not lock.exists()


def test_the_lock_is_freed_if_its_process_id_was_given_to_something_that_is_no_pulumi_of_the_demo(backend, tmp_path):
    with subprocess.Popen(["cat"], stdin=subprocess.PIPE) as other:
        lock = lock_of(other.pid, backend)
        mend(tmp_path)
        assert other.poll() is None
    assert not lock.exists()


def test_what_a_full_disk_leaves_empty_is_cleared_away(backend, tmp_path):
    left = [
        backend / "locks/organization/aep-tutorial/make-demo/5ed00e8b.json.18eb9495d625db66.tmp",
        backend / "meta.yaml.attrs",
        tmp_path / "home/workspaces/aep-tutorial-workspace.json",
        tmp_path / "Pulumi.make-demo.yaml",
    ]
    for file in left:
        file.parent.mkdir(parents=True, exist_ok=True)
        file.touch()
    mend(tmp_path)
    assert [file for file in left if file.exists()] == []


def test_a_state_that_is_not_whole_gives_way_to_the_one_before(backend, tmp_path):
    state = backend / "stacks/aep-tutorial/make-demo.json"
    state.write_text(json.dumps(STATE)[:20])
    state.with_suffix(".json.bak").write_text(json.dumps(STATE))
    mend(tmp_path)
    assert json.loads(state.read_text()) == STATE


def test_calls_that_nobody_has_seen_the_end_of_are_struck_from_the_state(backend, tmp_path):
    state = backend / "stacks/aep-tutorial/make-demo.json"
    latest = {**STATE["checkpoint"]["latest"], "pending_operations": [{"type": "creating"}]}
    state.write_text(json.dumps({**STATE, "checkpoint": {"latest": latest}}))
    mend(tmp_path)
    assert json.loads(state.read_text()) == STATE


def test_a_whole_state_stays_as_it_is(backend, tmp_path):
    state = backend / "stacks/aep-tutorial/make-demo.json"
    state.write_text(json.dumps(STATE))
    mend(tmp_path)
    assert state.read_text() == json.dumps(STATE)
    mend(tmp_path / "nothing is there")


def test_the_emulator_is_known_by_its_record_until_it_ends_however_it_ends(record):
    port = background.any_port()
    running = start(record, port)
    assert background.started(record) == running == (port, running.process)
    assert background.answers(port)
    os.kill(running.process, 9)
    assert background.in_time(lambda: background.started(record) is None)
    assert start(record, port).port == port
    background.stop(record)
    assert background.started(record) is None
    assert background.is_free(port)


@pytest.mark.parametrize("text", ["", "8710\n", "8710 {0}", "8710\n{0}\n"])
def test_a_process_that_was_given_the_id_in_an_old_record_is_not_ended(tmp_path, stranger, text):
    record = tmp_path / "emulator.process"
    record.write_text(text.format(stranger.pid))
    assert background.started(record) is None
    background.stop(record)
    assert stranger.poll() is None


def test_an_emulator_that_does_not_start_is_one_line_with_what_it_said(record):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(Stop, match=rf"^the emulator did not start on port {port}: error: port {port}: [^\n]*$"):
            start(record, port)
    assert background.started(record) is None


@pytest.mark.parametrize("wish", ["99999", "0", "-1", "http", "", "²"])
def test_a_port_that_is_none_is_one_line(wish):
    with pytest.raises(Stop, match=f"^DEMO_PORT is {wish}, but must be a number from 1 to 65535$"):
        demo.port(wish)


def test_a_port_that_is_taken_is_one_line_if_it_was_asked_for_and_else_another_is_taken(monkeypatch, capsys):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(Stop, match=f"^something else listens on port {port}: choose another DEMO_PORT, or leave it out$"):
            demo.port(str(port))
        monkeypatch.setattr(demo, "USUAL_PORT", port)
        assert demo.port(None) != port
    assert f"something else listens on port {port}; taking " in capsys.readouterr().out

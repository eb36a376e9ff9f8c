"""`make demo`, cut off and typed again, by the real engine. With what is installed before: tests/test_installations.py."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from engine.project import ROOT

from tools.demo import background

MINE = "config:\n  aep-tutorial:mine: precious\n"
"""Somebody's own stack of this project, which they called demo."""

pytestmark = [pytest.mark.engine, pytest.mark.slow]


@pytest.fixture
def clone(tmp_path):
    """The parts of the project that the demo needs."""
    for part in ("tools/demo", "examples/tutorial"):
        shutil.copytree(ROOT / part, tmp_path / "clone" / part)
    shutil.copyfile(ROOT / "Pulumi.yaml", tmp_path / "clone/Pulumi.yaml")
    (tmp_path / "clone/Pulumi.demo.yaml").write_text(MINE)
    yield tmp_path / "clone"
    background.stop(tmp_path / "clone/.demo/emulator.process")


@pytest.fixture
def start(clone, engine):
    def command(*arguments):
        return subprocess.Popen(
            [sys.executable, "-m", "tools.demo", *arguments],
            cwd=clone,
            env={
                **{key: value for key, value in os.environ.items() if key != "DEMO_PORT"},
                "PATH": os.pathsep.join([str(Path(sys.executable).parent), engine, os.environ["PATH"]]),
                "PYTHONPATH": str(ROOT),
                "http_proxy": "http://127.0.0.1:9",  # as in many offices; nothing listens there
            },
            text=True,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )

    return command


@pytest.fixture
def run(start):
    def command(*arguments):
        with start(*arguments) as process:
            out, err = process.communicate(timeout=300)
        assert (process.returncode, err) == (0, "")
        return out

    return command


def cut_off_at(line, process, how):
    """End a demo when it has printed a line; what it says last."""
    for printed in process.stdout:
        if line in printed:
            break
    how(process)
    with process:
        err = process.stderr.read()
    assert "Traceback" not in err
    return err


def test_a_demo_that_was_cut_off_in_every_way_goes_on_and_is_undone(clone, start, run):
    err = cut_off_at("Updating", start(), lambda process: process.stdout.close())
    assert "`make demo` goes on from here, `make demo-down` undoes it all" in err
    lock = clone / ".demo/.pulumi/locks/organization/aep-tutorial/make-demo/5ed00e8b.json"
    lock.write_text("")  # of a full disk
    (clone / ".demo/.pulumi/stacks/aep-tutorial/make-demo.json.attrs").write_text("")
    cut_off_at("creating", start(), lambda process: process.kill())
    out = run()
    assert "The names are the tutorial's own, whatever the destination: this dataflow leads to Amazon Kinesis." in out
    assert "Nothing changed: no call was made to the service." in run()
    cut_off_at("deleting", start("down"), lambda process: process.send_signal(signal.SIGTERM))
    assert run("down").endswith("[demo] undone: no object, no process and no file is left\n")
    assert not (clone / ".demo").exists()
    assert run("down") == "[demo] nothing to undo\n"
    assert [(file.name, file.read_text()) for file in clone.glob("Pulumi.*.yaml")] == [("Pulumi.demo.yaml", MINE)]


def test_a_demo_whose_state_cannot_be_read_is_thrown_away_by_demo_down(clone, start, run):
    err = cut_off_at("Updating", start(), lambda process: process.send_signal(signal.SIGTERM))
    assert err.endswith("[demo] ended by SIGTERM; `make demo` goes on from here, `make demo-down` undoes it all\n")
    (clone / ".demo/.pulumi/meta.yaml").write_text("version: {")
    with start("down") as process:
        out, err = process.communicate(timeout=300)
    assert process.returncode == 0
    assert "thrown away with all that it holds" in out
    assert "Traceback" not in err
    assert not (clone / ".demo").exists()
    assert [file.name for file in clone.glob("Pulumi.*.yaml")] == ["Pulumi.demo.yaml"]

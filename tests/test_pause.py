"""`aep-streaming pause` and `resume`: an incident, and what was off before it stays off after it."""

from __future__ import annotations

import json
import os
import pty
import subprocess
import sys
from pathlib import Path

import pytest
from support.command import aep_streaming, as_json
from support.plain import MEN
from support.providing import live_flow, somebody_else

from pulumi_aep_streaming.cli._paused import Paused, load
from pulumi_aep_streaming.cli.pause import pause, resume, running_or_paused, to_resume
from pulumi_aep_streaming.emulator import Fault

pytestmark = pytest.mark.usefixtures("as_environment")
PAUSE = ("pause", "--stack", "shop/prod", "--sandbox", "prod", "--out", "paused.json")
RESUME = ("resume", "--from", "paused.json")
RENAMED = {"op": "replace", "path": "/description", "value": "Hi [pulumi:shop/prod/b#00000000.11111111]"}


@pytest.fixture
def flows(by_hand):
    """Four dataflows by name: `a`, `b` and `off` are the stack's, `theirs` is another's; `off` is off."""
    source, account = by_hand.profiles(), by_hand.account()
    owners = {"a": "shop/prod", "b": "shop/prod", "off": "shop/prod", "theirs": "toys/prod"}
    made = {
        name: by_hand.flow(
            name, source, by_hand.stream(name, account), [MEN], [], description=f"[pulumi:{owner}/{name}#00000000.11111111]"
        )
        for name, owner in owners.items()
    }
    by_hand.api.call("POST", f"/flows/{made['off']}/action?op=disable")
    return made


@pytest.fixture
def states(emulator, flows):
    return lambda: {name: live_flow(emulator, id_)["state"] for name, id_ in flows.items()}


def problems(report: dict) -> dict[str, str]:
    return {flow["name"]: flow["problem"] for flow in report["dataflows"] if flow["problem"]}


def test_what_runs_is_paused_and_resumed_and_what_was_off_before_stays_off(flows, states):
    said = aep_streaming(*PAUSE, "--yes")
    assert states() == {"a": "disabled", "b": "disabled", "off": "disabled", "theirs": "enabled"}
    assert f"off  {flows['off']}  disabled  is off already, and is left to whoever switched it off".split() == (
        next(line for line in said.splitlines() if flows["off"] in line).split()
    )
    assert f"a ({flows['a']}): switched off\n" in said
    assert "pulumi refresh shows enabled as drift" in said
    assert "aep-streaming resume --from paused.json" in said
    said = aep_streaming(*RESUME, "--yes")
    assert states() == {"a": "enabled", "b": "enabled", "off": "disabled", "theirs": "enabled"}
    assert flows["off"] not in said


def test_paused_again_it_switches_nothing_and_leaves_no_file_that_would_switch_on_too_little(flows):
    aep_streaming(*PAUSE, "--yes")
    assert "paused.json is there already" in aep_streaming(*PAUSE, "--yes", code=2)
    assert "nothing was switched off" in aep_streaming(*PAUSE[:-1], "again.json", "--yes")
    assert not Path("again.json").exists()


def test_nothing_is_switched_without_a_persons_word(flows, states):
    before = states()
    said = aep_streaming(*PAUSE, code=2, said="y\n")
    assert "a person is asked, and there is no terminal: nothing was changed; add --yes" in said
    assert flows["a"] in said
    assert states() == before
    assert not Path("paused.json").exists()
    assert "add --yes" in aep_streaming(*PAUSE, "--json", code=2)


def at_a_terminal(*arguments: str, answers: str) -> str:
    """Run the command where a person answers; what they type is there before it is asked for."""
    ours, theirs = pty.openpty()
    try:
        os.write(ours, answers.encode())
        command = [Path(sys.executable).with_name("aep-streaming"), *arguments]
        return subprocess.run(command, stdin=theirs, check=False, capture_output=True, text=True, timeout=60).stdout
    finally:
        os.close(ours)
        os.close(theirs)


def test_a_person_is_asked_once_and_of_what_somebody_changed_since_one_by_one(flows, states, emulator):
    before = states()
    assert "Switch off 2 dataflows of shop/prod in sandbox prod? [y/N]" in at_a_terminal(*PAUSE, answers="n\n")
    assert states() == before
    at_a_terminal(*PAUSE, answers="y\n")
    assert states()["a"] == states()["b"] == "disabled"
    somebody_else(emulator, "flows", flows["b"], RENAMED)
    said = at_a_terminal(*RESUME, answers="y\nn\n")
    assert "Switch on 1 dataflow of" in said
    assert f"Switch on b ({flows['b']}), which somebody changed since it was paused? [y/N]" in said
    assert states() == {**before, "b": "disabled"}
    at_a_terminal(*RESUME, answers="y\n")
    assert states() == before


def test_one_that_fails_is_named_and_does_not_stop_the_others(flows, states, emulator):
    emulator.order(Fault(method="POST", path=f"/flows/{flows['a']}/action", status=403, body={"message": "no"}))
    report = as_json(*PAUSE, "--yes", code=1)
    assert states() == {"a": "enabled", "b": "disabled", "off": "disabled", "theirs": "enabled"}
    assert report["file"] == "paused.json"
    assert list(problems(report)) == ["a"]
    assert problems(report)["a"].startswith("not switched off: no (HTTP 403")
    emulator.order(Fault(method="POST", path=f"/flows/{flows['b']}/action", status=403, body={"message": "no"}))
    assert list(problems(as_json(*RESUME, "--yes", code=1))) == ["b"]
    assert as_json(*RESUME, "--yes")["dataflows"][1]["outcome"] == "switched on"
    assert states()["b"] == "enabled"


def test_who_pauses_by_hand_is_not_told_to_refresh(flows, service, hourglass, tmp_path, emulator):
    """A refresh would take the pause for what is declared."""
    emulator.misbehave()
    emulator.order(Fault(method="POST", path=f"/flows/{flows['a']}/action", status=200, body={}))
    found = running_or_paused(service, "shop/prod", lambda _: None)
    list(pause(service, found, Paused(tmp_path / "p.json", "EMULATOR@AdobeOrg", "prod", "shop/prod")))
    (problem,) = [each.problem for each in found if each.id == flows["a"]]
    assert problem.startswith("perhaps not switched off: it stays enabled, after 60 s")
    assert problem.endswith("; look at it in the UI")


def test_what_is_to_be_switched_off_is_written_down_before_it_is(flows, emulator):
    emulator.order(Fault(method="POST", path=f"/flows/{flows['a']}/action", status=403, body={"message": "no"}))
    as_json(*PAUSE, "--yes", code=1)
    paused = load(Path("paused.json"))
    assert {flow.name: bool(flow.etag) for flow in paused.dataflows.values()} == {"a": False, "b": True}


def test_no_file_no_pause(flows, states):
    before = states()
    said = aep_streaming(*PAUSE[:-1], "absent/paused.json", "--yes", code=2)
    assert "cannot write to absent/paused.json" in said
    assert states() == before


LIMITED = """
import resource, sys
resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv.pop(1)), resource.RLIM_INFINITY))
from pulumi_aep_streaming.cli import main
main()
"""


@pytest.mark.parametrize(
    ("short", "said", "state"),
    [
        (10, "switched off: cannot write to paused.json: File too large", "disabled"),  # but for its version
        (100, "not switched off: cannot write to paused.json: File too large", "enabled"),
    ],
)
def test_a_full_disk_is_said_of_each_dataflow_and_none_is_switched_off_unwritten(flows, states, short, said, state):
    aep_streaming(*PAUSE, "--yes")
    room = Path("paused.json").stat().st_size - short
    aep_streaming(*RESUME, "--yes")
    Path("paused.json").unlink()
    command = [sys.executable, "-c", LIMITED, str(room), *PAUSE, "--yes"]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    done = subprocess.run(command, check=False, capture_output=True, text=True, env=environment, timeout=60)
    assert (done.returncode, done.stderr) == (1, "")
    assert done.stdout.splitlines()[4] == "what is switched off is written to paused.json"
    assert f"a ({flows['a']}): switched off\nb ({flows['b']}): {said}\n" in done.stdout
    assert (states()["a"], states()["b"]) == ("disabled", state)
    assert (flows["b"] in load(Path("paused.json")).dataflows) == (state == "disabled")


def test_what_somebody_changed_since_is_left_off_unless_a_person_agrees(flows, states, emulator, service):
    aep_streaming(*PAUSE, "--yes")
    somebody_else(emulator, "flows", flows["b"], RENAMED)
    report = as_json(*RESUME, "--yes", code=1)
    expected = "not switched on: somebody changed it since it was paused, so it may be off on purpose"
    assert problems(report) == {"b": expected}
    assert states()["b"] == "disabled"
    paused = load(Path("paused.json"))
    found = to_resume(service, paused, lambda _: None)
    asked = []
    assert [switch.outcome for switch in resume(service, found, paused, lambda switch: not asked.append(switch.id))] == [
        "switched on"
    ]
    assert (asked, states()["b"]) == ([flows["b"]], "enabled")


def test_what_somebody_switches_off_while_a_person_thinks_stays_off(flows, states, by_hand, service):
    aep_streaming(*PAUSE, "--yes")
    paused = load(Path("paused.json"))
    found = to_resume(service, paused, lambda _: None)
    for action in ("enable", "disable"):
        by_hand.api.call("POST", f"/flows/{flows['b']}/action?op={action}")
    problem = "not switched on: somebody changed it just now, so it may be off on purpose: resume again"
    assert [(switch.outcome, switch.problem) for switch in resume(service, found, paused, lambda _: False)] == [
        ("switched on", ""),
        ("", problem),
    ]
    assert (states()["a"], states()["b"]) == ("enabled", "disabled")


def test_what_was_not_seen_to_be_off_is_asked_for_though_the_service_names_no_version(flows, service, emulator):
    aep_streaming(*PAUSE, "--yes")
    content = json.loads(Path("paused.json").read_text())
    Path("paused.json").write_text(json.dumps({**content, "dataflows": [{**content["dataflows"][0], "etag": None}]}))
    emulator.misbehave()
    without = {**live_flow(emulator, flows["a"]), "etag": None, "version": None}
    emulator.order(Fault(method="GET", path=f"/flows/{flows['a']}", status=200, body={"items": [without]}))
    (switch,) = to_resume(service, load(Path("paused.json")), lambda _: None)
    assert (switch.state, switch.changed) == ("disabled", True)


def test_two_pauses_never_share_a_file(flows, states):
    ours, theirs = pty.openpty()
    command = [Path(sys.executable).with_name("aep-streaming"), *PAUSE]
    with subprocess.Popen(command, stdin=theirs, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        said = b""
        while not said.endswith(b"[y/N]") and (more := process.stdout.read(1)):
            said += more
        Path("paused.json").write_text("of another pause, while a person thinks")
        os.write(ours, b"y\n")
        _, error = process.communicate(timeout=60)
    os.close(ours)
    os.close(theirs)
    assert error == b"error: paused.json is there already: name a new file with --out\n"
    assert Path("paused.json").read_text() == "of another pause, while a person thinks"
    assert states()["a"] == "enabled"


@pytest.mark.parametrize(
    ("text", "why"), [("Hi", "carries no marker"), (f"{'x'} [pulumi:toys/prod/b#00000000.22222222]", "toys")]
)
def test_what_has_become_somebodys_is_not_switched_on(flows, states, emulator, text, why):
    aep_streaming(*PAUSE, "--yes")
    somebody_else(emulator, "flows", flows["b"], {**RENAMED, "value": text})
    emulator.store.drop(flows["a"])
    found = problems(as_json(*RESUME, "--yes", code=1))
    assert found["a"] == "not switched on: it does not exist any more"
    assert why in found["b"]
    assert found["b"].endswith("by now, so it may be somebody's")


def test_a_misspelt_stack_is_an_error_that_names_those_that_are_there(flows):
    said = aep_streaming("pause", "--stack", "shop/prd", "--sandbox", "prod", "--yes", code=2)
    assert said.startswith("error: nothing here carries the marker of shop/prd; there are those of shop/prod, toys/prod")
    for odd in ("prod", "shop/", "/prod", "a/b/c"):
        assert "must be PROJECT/STACK" in aep_streaming("pause", "--stack", odd, "--sandbox", "prod", "--yes", code=2)


def test_each_pause_has_a_file_of_its_own_by_default(flows):
    report = as_json("pause", "--stack", "shop/prod", "--sandbox", "prod", "--yes")
    assert report["file"].startswith("aep-paused.shop.prod.2")
    assert Path(report["file"]).exists()


@pytest.mark.parametrize(
    "change",
    [{"version": 2}, {"dataflows": 5}, {"dataflows": [{"id": 5, "name": "x", "etag": None}]}, {"sandbox": None}, {"stack": []}],
)
def test_a_file_that_pause_did_not_write_is_one_line(flows, change):
    aep_streaming(*PAUSE, "--yes")
    content = json.loads(Path("paused.json").read_text())
    Path("paused.json").write_text(json.dumps({**content, **change}))
    said = aep_streaming(*RESUME, "--yes", code=2)
    assert said.startswith("error: paused.json is no file that aep-streaming pause wrote: ")
    assert said.count("\n") == 1
    assert "absent.json is no file" in aep_streaming("resume", "--from", "absent.json", code=2)


def test_a_file_of_another_organization_is_refused(flows, states):
    aep_streaming(*PAUSE, "--yes")
    content = json.loads(Path("paused.json").read_text())
    Path("paused.json").write_text(json.dumps({**content, "organization": "OTHER@AdobeOrg"}))
    said = aep_streaming(*RESUME, "--yes", code=2)
    assert "paused.json is of OTHER@AdobeOrg, and the settings say EMULATOR@AdobeOrg: correct AEP_ORG_ID" in said
    assert states()["a"] == "disabled"


def test_a_hostile_name_is_harmless_in_all_that_is_printed(by_hand):
    text = "\x1b[31m\u202ered"
    by_hand.flow(
        text,
        by_hand.profiles(),
        by_hand.stream("t", by_hand.account()),
        [],
        [],
        description="[pulumi:shop/prod/x#00000000.11111111]",
    )
    for said in (aep_streaming(*PAUSE, "--yes"), aep_streaming(*RESUME, "--yes")):
        assert "\x1b" not in said
        assert "\u202e" not in said

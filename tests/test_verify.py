"""`aep-streaming verify`: a gate after a deployment."""

from __future__ import annotations

import time

import pytest
import requests
from support.command import aep_streaming, as_json
from support.curl import BASE, Api
from support.plain import MEN
from support.surroundings import Emulator, environment_of

from pulumi_aep_streaming.cli._runs import Limits
from pulumi_aep_streaming.cli._stack import Resource
from pulumi_aep_streaming.cli.verify import verify
from pulumi_aep_streaming.emulator import Fault

pytestmark = pytest.mark.usefixtures("as_environment")


OTHERS = "activated by others: segment Men over 50 (72ddd79b-6b0a-4e97-a8d2-112ccd81bd02)"


@pytest.fixture
def account(by_hand):
    return by_hand.account()


@pytest.fixture
def flow(by_hand, account):
    return by_hand.flow("Shop", by_hand.profiles(), by_hand.stream("Shop", account), [MEN], ["a.b"])


def control(emulator, what: str, **body) -> None:
    requests.post(f"{emulator.url}/__control/{what}", json=body, timeout=5).raise_for_status()


def test_a_flow_that_is_enabled_and_activated_is_good(flow):
    (verdict,) = as_json("verify", "--flow", flow)
    assert verdict == {
        "id": flow,
        "name": "Shop",
        "state": "enabled",
        "segments": 1,
        "profile_attributes": 1,
        "last_run": None,
        "runs": [],
        "problems": [],
        "notes": ["no run yet"],
    }
    text = aep_streaming("verify", "--flow", flow)
    assert "Shop" in text
    assert "no run yet" in text


def test_a_run_is_shown_with_its_counts(flow, emulator):
    control(emulator, "exports", flowId=flow, profiles=2)
    (verdict,) = as_json("verify", "--flow", flow)
    assert (verdict["last_run"]["status"], verdict["last_run"]["outputRecords"]) == ("success", 2)


def test_failed_records_fail_the_gate_though_the_run_did_not(flow, emulator):
    control(
        emulator, "exports", flowId=flow, profiles=4, failed={"code": "CONNECTOR-2001-500", "message": "Gone", "records": 1}
    )
    (verdict,) = as_json("verify", "--flow", flow, code=1)
    assert verdict["problems"] == ["the last run: 1 of 4 records failed (25 %): CONNECTOR-2001-500 Gone"]
    run = verdict["last_run"]
    assert verdict["runs"] == [run]
    assert (run["status"], run["errors"]) == ("success", [])
    counts = [run[f"{name}Records"] for name in ("input", "output", "skipped", "failed")]
    assert counts == [4, 3, 0, 1]
    assert run["failedInfo"] == [{"code": "CONNECTOR-2001-500", "message": "Gone", "count": 1}]
    assert "4 in, 3 out" in aep_streaming("verify", "--flow", flow, code=1)


@pytest.mark.parametrize(("percent", "code"), [("0", 1), ("24.9", 1), ("25", 0), ("100", 0)])
def test_so_many_percent_may_fail(flow, emulator, percent, code):
    control(emulator, "exports", flowId=flow, profiles=4, failed={"code": "CONNECTOR-2001-500", "percent": 25})
    as_json("verify", "--flow", flow, "--max-failed-percent", percent, code=code)


def test_a_run_whose_records_all_failed_is_told_by_its_counts(flow, emulator):
    control(emulator, "exports", flowId=flow, profiles=2, failed={"code": "CONNECTOR-2001-500"})
    (verdict,) = as_json("verify", "--flow", flow, code=1)
    assert verdict["problems"] == ["the last run: 2 of 2 records failed (100 %): CONNECTOR-2001-500"]


@pytest.mark.parametrize(
    ("option", "value", "wanted"),
    [
        ("--max-failed-percent", "nan", "a number from 0 to 100"),
        ("--max-failed-percent", "101", "a number from 0 to 100"),
        ("--max-failed-percent", "", "a number from 0 to 100"),
        ("--max-age", "a\x1b[31mday", "a number of hours, more than 0 and at most 8760"),
        ("--min-records", "1.5", "a whole number, 0 or more"),
    ],
)
def test_a_limit_that_is_none_is_one_line_before_anything_is_asked(flow, emulator, option, value, wanted):
    emulator.forget()
    said = aep_streaming("verify", "--flow", flow, option, value, code=2)
    assert said.startswith(f"error: {option} is ")
    assert said.endswith(f", but must be {wanted}\n")
    assert (said.count("\n"), "\x1b" in said, emulator.calls) == (1, False, [])


LONG_AGO, FAR_AHEAD = 1_500_000_000.0, 9_500_000_000.0  # of whatever the clock of this machine may say


@pytest.mark.parametrize(
    ("then", "code", "said"), [(LONG_AGO, 1, ["no run was seen in the last 24 h: the last one was "]), (FAR_AHEAD, 0, [])]
)
def test_silence_fails_the_gate_where_asked(monkeypatch, then, code, said):
    with Emulator(clock=lambda: then) as emulator:
        for name, value in environment_of(emulator).items():
            monkeypatch.setenv(name, value)
        api = Api(emulator)
        flow = api.flow()["flow"]
        api.activate(flow, [MEN["id"]])
        api.control("exports", flowId=flow, profiles=2)
        assert as_json("verify", "--flow", flow)
        (verdict,) = as_json("verify", "--flow", flow, "--max-age", "24", code=code)
        assert [line[: len(said[0])] for line in verdict["problems"]] == said
        assert verdict["last_run"]["outputRecords"] == 2


def test_too_few_records_fail_the_gate_where_asked(flow, emulator):
    for _ in range(2):
        control(emulator, "exports", flowId=flow, profiles=2)
    assert as_json("verify", "--flow", flow, "--min-records", "2")
    (verdict,) = as_json("verify", "--flow", flow, "--min-records", "3", code=1)
    assert verdict["problems"] == ["2 records sent in the last run, and at least 3 are wanted"]
    assert len(as_json("verify", "--flow", flow, "--min-records", "4", "--max-age", "1")[0]["runs"]) == 2


def test_a_flow_without_a_run_is_silent_only_if_it_is_old_enough(service, flow, emulator):
    made = emulator.store.clock()
    young, old = (
        verify(service, flow, None, Limits(max_age_hours=24), test_connections=False, now=made + hours * 3_600)
        for hours in (23, 25)
    )
    assert (young.problems, young.notes) == ([], ["no run yet"])
    assert old.problems == ["no run was seen in the last 24 h: there is none"]


def test_a_flow_that_the_stack_has_switched_off_may_be_silent(service, by_hand, flow):
    by_hand.api.call("POST", f"/flows/{flow}/action?op=disable")
    outputs = {"segments": [MEN], "profileAttributes": [{"path": "a.b", "operator": "EXISTS"}], "enabled": False}
    declared = Resource("urn:x::flow", "Dataflow", flow, outputs)
    limits = Limits(max_age_hours=24, min_records=1)
    verdict = verify(service, flow, declared, limits, test_connections=False, now=time.time() + 100 * 3_600)
    assert verdict.problems == []


ODD_RUNS = {
    "nothing but an id": {"id": "r"},
    "no metrics": {"id": "r", "metrics": None},
    "metrics that are a list": {"id": "r", "metrics": [{}]},
    "members that are none": {"id": "r", "metrics": {"recordSummary": 5, "statusSummary": "good", "durationSummary": []}},
    "counts as text": {"id": "r", "metrics": {"recordSummary": {"inputRecordCount": "5", "failedRecordCount": "all"}}},
    "counts below nothing": {"id": "r", "metrics": {"recordSummary": {"outputRecordCount": -5, "failedRecordCount": -1}}},
    "a status that is a number": {"id": "r", "metrics": {"statusSummary": {"status": 5, "errors": "none"}}},
}


@pytest.mark.parametrize("run", ODD_RUNS.values(), ids=ODD_RUNS)
def test_an_odd_run_is_looked_at_and_no_failure(flow, emulator, run):
    emulator.misbehave()
    emulator.order(Fault(method="GET", path="/runs", status=200, body={"items": [run]}, times=2))
    (verdict,) = as_json("verify", "--flow", flow)
    assert verdict["last_run"]["id"] == "r"
    assert (verdict["problems"], verdict["last_run"]["failedRecords"]) == ([], None)
    assert "? in, ? out" in aep_streaming("verify", "--flow", flow)


def test_absurd_numbers_are_counted_as_they_are(flow, emulator):
    counts = {"inputRecordCount": 10**300, "failedRecordCount": 10**300 - 1, "failedInfo": [{"count": 1e308}, "\x1b[31m{%no%}"]}
    emulator.misbehave()
    run = {"id": "r", "createdAt": 10**300, "metrics": {"recordSummary": counts}}
    emulator.order(Fault(method="GET", path="/runs", status=200, body={"items": [run]}, times=2))
    (verdict,) = as_json("verify", "--flow", flow, "--max-age", "1", "--min-records", "1", code=1)
    assert verdict["last_run"]["failedRecords"] == 10**300 - 1
    assert "\x1b" not in aep_streaming("verify", "--flow", flow, code=1)


def test_a_failed_run_fails_the_gate_and_says_why(flow, emulator):
    control(emulator, "exports", flowId=flow, error={"code": "CONNECTOR-2001-500", "message": "The stream is gone"})
    (verdict,) = as_json("verify", "--flow", flow, code=1)
    assert verdict["problems"] == ["the last run has the status failed: CONNECTOR-2001-500 The stream is gone"]


def test_a_paused_flow_fails_the_gate(flow, by_hand):
    by_hand.api.call("POST", f"/flows/{flow}/action?op=disable")
    assert as_json("verify", "--flow", flow, code=1)[0]["problems"] == ["it is disabled"]


def test_an_absent_flow_and_one_that_sends_nothing_fail_the_gate(by_hand):
    empty = by_hand.flow("f", by_hand.profiles(), by_hand.stream("t", by_hand.account()), [], [])
    absent, silent = as_json("verify", "--flow", "gone", "--flow", empty, code=1)
    assert absent["problems"] == ["it does not exist"]
    assert silent["problems"] == ["no segment is activated"]


def test_credentials_that_do_not_work_fail_the_gate_where_asked(flow, account, emulator):
    control(emulator, "credentials", connectionId=account, valid=False)
    assert as_json("verify", "--flow", flow)
    (verdict,) = as_json("verify", "--flow", flow, "--test-connections", code=1)
    assert verdict["problems"] == [f"the credentials of base connection {account} do not work"]


@pytest.mark.parametrize(
    ("ownership", "problems", "notes"),
    [
        (
            "exclusive",
            ["not activated: segment x", OTHERS],
            [],
        ),
        (
            "additive",
            ["not activated: segment x"],
            [OTHERS],
        ),
    ],
)
def test_selectors_are_compared_with_the_stacks(service, flow, ownership, problems, notes):
    outputs = {
        "segments": [{"id": "x"}],
        "profileAttributes": [{"path": "a.b", "operator": "EXISTS"}],
        "selectorOwnership": ownership,
        "enabled": True,
    }
    declared = Resource("urn:x::flow", "Dataflow", flow, outputs)
    verdict = verify(service, flow, declared, Limits(), test_connections=False, now=0)
    assert verdict.problems == problems
    assert verdict.notes == [*notes, "no run yet"]


def test_nothing_to_look_at_is_one_line():
    assert "error: " in aep_streaming("verify", code=2)


def test_it_only_reads(flow, emulator):
    emulator.forget()
    aep_streaming("verify", "--flow", flow, "--test-connections")
    assert {call.method for call in emulator.calls if call.path.startswith(BASE)} == {"GET"}


def test_a_target_that_is_gone_is_a_problem_of_its_flow(flow, emulator, account):
    (target,) = emulator.store.find(f"{emulator.organization.id}/prod", "targetConnections", [], None)
    emulator.store.drop(target["id"])
    (verdict,) = as_json("verify", "--flow", flow, "--test-connections", code=1)
    assert verdict["problems"] == [f"its target connection {target['id']}, or the account of that, does not exist"]


def test_a_flow_that_cannot_be_read_is_a_problem_and_the_others_are_looked_at(flow, by_hand, emulator):
    other = by_hand.flow("Other", by_hand.profiles(), by_hand.stream("Other", by_hand.account()), [MEN], [])
    emulator.misbehave()
    odd = {**emulator.store.get(f"{emulator.organization.id}/prod", "flows", flow), "name": 5}
    emulator.order(Fault(method="GET", path=f"/flows/{flow}", status=200, body={"items": [odd]}))
    unreadable, good = as_json("verify", "--flow", flow, "--flow", other, code=1)
    assert unreadable["problems"] == [f"flows {flow} was answered with an unexpected name"]
    assert good["problems"] == []


def test_a_target_that_cannot_be_read_is_a_problem_of_its_flow(flow, emulator):
    emulator.misbehave()
    emulator.order(Fault(method="GET", path="/targetConnections/", status=200, body={"items": [{"id": 5}]}))
    (verdict,) = as_json("verify", "--flow", flow, "--test-connections", code=1)
    assert verdict["problems"][0].endswith("was answered with an unexpected id")


@pytest.mark.parametrize(("path", "said"), [("/flows/", "it cannot be read: no"), ("/runs", "its runs cannot be read: no")])
def test_what_is_refused_for_one_flow_is_a_problem_of_it_and_the_others_are_looked_at(flow, by_hand, emulator, path, said):
    other = by_hand.flow("Other", by_hand.profiles(), by_hand.stream("Other", by_hand.account()), [MEN], [])
    emulator.misbehave()
    emulator.order(Fault(method="GET", path=f"{path}.*{flow}", status=400, body={"message": "no"}))
    refused, good = as_json("verify", "--flow", flow, "--flow", other, code=1)
    assert refused["problems"] == [f"{said} (HTTP 400)"]
    assert good["problems"] == []


def test_what_is_refused_for_all_ends_it(flow, emulator):
    emulator.order(Fault(method="GET", path="/flows/", status=403, body={"message": "no"}))
    assert aep_streaming("verify", "--flow", flow, code=2).startswith("error: no (HTTP 403)")


def test_what_the_service_echoes_of_credentials_is_masked(flow, emulator):
    secret = emulator.organization.client_secret
    control(emulator, "exports", flowId=flow, error={"code": "CONNECTOR-2001-500", "message": f"{secret} is wrong"})
    named = {**emulator.store.get(f"{emulator.organization.id}/prod", "flows", flow), "name": f"of {secret}", "state": secret}
    emulator.misbehave()
    emulator.order(Fault(method="GET", path=f"/flows/{flow}", status=200, body={"items": [named]}, times=2))
    assert secret not in aep_streaming("verify", "--flow", flow, code=1)
    (verdict,) = as_json("verify", "--flow", flow, code=1)
    assert secret not in str(verdict)
    assert verdict["last_run"]["errors"] == ["CONNECTOR-2001-500 [secret] is wrong"]

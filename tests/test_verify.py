"""`aep-streaming verify`: a gate after a deployment."""

from __future__ import annotations

import pytest
import requests
from support.command import aep_streaming, as_json
from support.curl import BASE
from support.plain import MEN

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


def test_a_failed_run_fails_the_gate_and_says_why(flow, emulator):
    control(emulator, "exports", flowId=flow, error={"code": "CONNECTOR-2001-500", "message": "The stream is gone"})
    (verdict,) = as_json("verify", "--flow", flow, code=1)
    assert verdict["problems"] == ["the last run failed: CONNECTOR-2001-500 The stream is gone"]


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
    verdict = verify(service, flow, Resource("urn:x::flow", "Dataflow", flow, outputs), test_connections=False)
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

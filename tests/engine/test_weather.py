"""Bad weather and refusals through the real engine: it gets through, or says in one line what happened and what to do."""

from __future__ import annotations

import pytest
from support.surroundings import Emulator, environment_of, methods

from pulumi_aep_streaming.emulator import Fault

pytestmark = pytest.mark.engine

TWO = """
profiles = aep.BaseConnection("profiles", connection_spec_id=aep.ConnectionSpecId.UNIFIED_PROFILE)
aep.SourceConnection("source", base_connection_id=profiles.id)
"""
ONE = 'aep.BaseConnection("profiles", connection_spec_id=aep.ConnectionSpecId.UNIFIED_PROFILE, description="{text}")'


@pytest.mark.parametrize(
    "faults",
    [
        pytest.param([Fault(path="/ims/", status=503, times=2)], id="token endpoint down for a while"),
        pytest.param([Fault(path="/ims/", delay_seconds=1)], id="token endpoint slow"),
        pytest.param([Fault(method="POST", path="/connections", status=429, headers={"Retry-After": "1"})], id="rate limit"),
        pytest.param([Fault(method="POST", path="/connections", status=429, times=2)], id="rate limit without a hint"),
        pytest.param([Fault(method="GET", status=status, times=1) for status in (500, 502, 503, 504)], id="flaky reads"),
        pytest.param([Fault(method="POST", path="/sourceC", status=401)], id="token refused in mid-run"),
        pytest.param([Fault(method="GET", reset=True, times=2)], id="connections that break"),
        pytest.param([Fault(method="POST", path="/sourceC", status=502)], id="a create that was not answered"),
    ],
)
def test_an_up_gets_through(project, faults):
    for fault in faults:
        project.emulator.order(fault)
    project.write(TWO)
    project.up()
    assert [len(project.live(kind)) for kind in ("connections", "sourceConnections")] == [1, 1]
    project.refresh("--expect-no-changes")


def test_a_token_that_lives_for_a_second_is_renewed_as_often_as_needed(tmp_path, engine, project):
    with Emulator(token_seconds=1.0) as hasty:
        project.environment, project.emulator = environment_of(hasty), hasty
        hasty.order(Fault(method="POST", path="/connections", delay_seconds=1.2))
        project.write(TWO)
        project.up()
        assert sum("/ims/" in call.path for call in hasty.calls) >= 2


@pytest.mark.parametrize(
    ("fault", "parts"),
    [
        (
            Fault(method="POST", path="/connections", status=403, body={"errorCode": "2120-403", "message": "No permission"}),
            ["No permission", "code 2120", "Manage Destinations"],
        ),
        (
            Fault(
                method="POST",
                path="/connections",
                status=400,
                body={"errorCode": "1415-400", "message": "auth spec not found"},
                headers={"x-request-id": "req-17"},
            ),
            ["auth spec not found (HTTP 400, code 1415, request req-17)", "exact spelling"],
        ),
        (
            Fault(method="POST", path="/connections", status=429, body={"message": "Too many requests"}, times=99),
            ["Too many requests (HTTP 429, 2 tries in", "try again later"],
        ),
        (
            Fault(method="POST", path="/connections", status=429, headers={"Retry-After": "3600"}, times=99),
            ["HTTP 429", "it asks to wait 3600 s"],
        ),
        (
            Fault(path="/ims/", status=503, body={"error": "down"}, times=99),
            ["no access token from http://127.0.0.1", "down (HTTP 503, 2 tries in"],
        ),
        (
            Fault(method="GET", path="/connections", delay_seconds=3, times=99),
            ["no answer from http://127.0.0.1", "longer than aep:timeoutSeconds (2 tries in"],
        ),
        (
            Fault(method="POST", path="/connections", status=200, raw="<html>", times=9),
            ["answered HTTP 200 with something that is no JSON, so the service may not have seen this"],
        ),
        (
            Fault(method="POST", path="/connections", status=200, body={}, times=9),
            ["POST connections was answered without an id"],
        ),
        (
            Fault(method="GET", path="/connections", status=200, raw="<html>", times=9),
            ["HTTP 200 with something that is no JSON"],
        ),
        (Fault(method="GET", path="/connections", status=204, raw="", times=9), ["answered 204 without JSON"]),
    ],
)
def test_what_does_not_pass_is_one_line_that_says_what_to_do(project, fault, parts):
    project.emulator.order(fault)
    project.write(ONE.format(text="x"))
    result = project.up(check=False, AEP_MAX_RETRIES="1", AEP_TIMEOUT_SECONDS="1")
    lines = [line for line in result.errors() if line.startswith("error: cannot create base connection profiles: ")]
    assert len(lines) == 1, result.text
    for part in parts:
        assert part in lines[0]
    assert "Traceback" not in result.text
    assert project.live("connections") == []


def test_a_missing_parent_is_named(project):
    project.write('aep.SourceConnection("source", base_connection_id="absent")')
    result = project.up(check=False)
    assert "error: cannot create source connection source: requested connections resource absent is not found" in result.text
    assert "(HTTP 400, code 1439)" in result.text


def test_a_conflict_that_does_not_settle_is_one_line_and_state_stays(project):
    project.write(ONE.format(text="one"))
    project.up()
    before = project.state()["BaseConnection::profiles"]["outputs"]
    project.emulator.order(Fault(method="PATCH", status=412, body={"errorMessage": "Supplied version"}, times=99))
    project.emulator.forget()
    project.write(ONE.format(text="two"))
    result = project.up(check=False)
    assert "error: cannot update base connection profiles: Supplied version (HTTP 412); somebody keeps changing" in result.text
    assert methods(project.emulator).count("PATCH connections") == 8
    assert project.state()["BaseConnection::profiles"]["outputs"] == before


def test_no_secret_is_in_verbose_logs_plans_or_json_of_a_rotation(project, tmp_path):
    program = """
key = pulumi.Config().require_secret("key")
aep.BaseConnection("plain", auth=aep.KinesisAuthArgs(access_key_id="a", secret_key="TOPSECRET-plain{n}", region="r"))
aep.BaseConnection("config", auth=aep.EventHubsAuthArgs(sas_key_name="n", sas_key=key, namespace="s"))
aep.BaseConnection("dict", auth={{"access_key_id": "TOPSECRET-id", "secret_key": key, "region": "r"}})
"""
    secrets = ["TOPSECRET-plain1", "TOPSECRET-plain2", "TOPSECRET-config1", "TOPSECRET-config2", "TOPSECRET-id"]
    plan = tmp_path / "plan.json"
    for number in (1, 2):
        project.config("key", f"TOPSECRET-config{number}", secret=True)
        project.write(program.format(n=number))
        project.preview("--json")
        project.preview("--save-plan", str(plan), PULUMI_EXPERIMENTAL="true")
        project.up("--diff", "--logtostderr", "-v=9")
        project.refresh("--expect-no-changes")
    project.emulator.order(Fault(method="PATCH", status=400, body={"message": "TOPSECRET-config2 TOPSECRET-config3"}))
    project.config("key", "TOPSECRET-config3", secret=True)
    project.up(check=False)
    program_text = (project.folder / "__main__.py").read_text()
    seen = "\n".join([*project.written, project.export(), plan.read_text(), str(project.emulator.calls)])
    assert "TOPSECRET-plain2" in program_text
    for secret in [*secrets, "TOPSECRET-config3"]:
        assert secret not in seen, secret
    assert project.emulator.organization.client_secret not in seen

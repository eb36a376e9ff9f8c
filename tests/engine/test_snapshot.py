"""Whole programs with a snapshot of the sandbox: a fork's pull request, and an audience that is newer than the file."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from support.curl import Api

pytestmark = pytest.mark.engine

CREDENTIALS = ("AEP_CLIENT_ID", "AEP_CLIENT_SECRET")
HTTP = "0e7b5c0a-4f6d-4f0e-9d53-6a1c2b7d8e90"
PROGRAM = f"""
HTTP = "{HTTP}"
bearer = {{"bearerToken": "x"}}
aep.BaseConnection("bearer", connection_spec_id=HTTP, auth=aep.AuthArgs(spec_name="Bearer Token", params=bearer))
oauth = {{"accessTokenUrl": "https://example.com", "clientId": "c", "clientSecret": "s"}}
aep.BaseConnection("oauth", connection_spec_id=HTTP, auth=aep.AuthArgs(spec_name="OAuth 2 Client Credentials", params=oauth))
params = {{"url": "https://example.com", "headers": "x", "includeSegmentNames": True}}
aep.TargetConnection("target", base_connection_id="b", connection_spec_id=HTTP, params=params)
aep.Dataflow(
    "flow",
    source_connection_ids=["s"],
    target_connection_ids=["t"],
    profile_attributes=["person.name.lastName", "homeAddress.city", "orders", "person.name.firstName"],
    flow_spec_id=aep.FlowSpecId.PROFILE_BASED_DESTINATION,
)
"""
MISTAKES = {
    'spec_name="Bearer Token"': (
        'spec_name="Bearer token"',
        "auth.spec_name: is no authentication of HTTP API, did you mean Bearer Token?",
    ),
    '"clientId": "c"': ('"clientID": "c"', "auth.clientID: unknown key, did you mean clientId?"),
    '"clientSecret": "s"': ('"clientSecret": 5', "auth.clientSecret: must be a string"),
    '"url": "https://example.com", ': ("", "params.url: required"),
    '"headers": "x"': ('"header": "x"', "params.header: unknown key, did you mean headers?"),
    '"includeSegmentNames": True': ('"includeSegmentNames": "yes"', "params.includeSegmentNames: must be True or False"),
    '"person.name.lastName"': (
        '"person.name.lastname"',
        "profile_attributes[0].path: person.name.lastname is no field of the profile, did you mean person.name.lastName?",
    ),
    '"homeAddress.city"': (
        '"homeAddress.cty"',
        "profile_attributes[1].path: homeAddress.cty is no field of the profile, did you mean homeAddress.city?",
    ),
    '"orders"': ('"orders.total"', "profile_attributes[2].path: orders.total lies in the array orders"),
    '"person.name.firstName"': (
        '"person.firstName"',
        "profile_attributes[3].path: person.firstName is no field of the profile, did you mean person.name.firstName?",
    ),
    "aep.FlowSpecId.PROFILE_BASED_DESTINATION": ("HTTP", "flow_spec_id: is the connection spec HTTP API"),
}
"""What is written in the program, the mistake in its place, and the line that mends it."""


@pytest.fixture
def project(project):
    """A project whose repository has a snapshot, made when two audiences were there that a dataflow activates."""
    command = [Path(sys.executable).with_name("aep-streaming"), "snapshot", "--all-audiences"]
    subprocess.run(command, check=True, cwd=project.folder, env=project.variables(), stdout=subprocess.DEVNULL)
    project.config("aep:snapshot", "aep-snapshot.prod.json")
    project.emulator.forget()
    return project


def with_mistakes(planted):
    program = PROGRAM
    for right, (wrong, _) in planted.items():
        assert program.count(right) == 1
        program = program.replace(right, wrong)
    return program


def test_a_forks_pull_request_fails_for_each_mistake_and_passes_when_they_are_mended(project):
    planted = dict(MISTAKES)
    while planted:  # the engine stops at the first resource with problems, and shows all of them
        project.write(with_mistakes(planted))
        failed = project.preview(check=False, without=CREDENTIALS)
        said = {right for right, (_, line) in planted.items() if line in failed.text}
        assert said, failed.text
        assert failed.code != 0
        anew = "; to read it anew: aep-streaming snapshot --sandbox prod --out aep-snapshot.prod.json)"
        assert failed.text.count(anew) >= len(said)
        assert "Traceback" not in failed.text
        planted = {right: mistake for right, mistake in planted.items() if right not in said}
    project.write(PROGRAM)
    assert "+ 5 to create" in project.preview(without=CREDENTIALS).text
    assert project.emulator.calls == []


@pytest.mark.slow
def test_an_audience_made_since_the_snapshot_goes_live_and_one_that_is_nowhere_stops_the_up(project):
    made = {"id": "11111111-2222-4333-8444-555555555555", "name": "Made at ten"}
    nowhere = "99999999-2222-4333-8444-555555555555"
    Api(project.emulator).control("segments", sandbox="prod", segments=[made])
    program = """
aep.StreamingDestination(
    "shop",
    destination=aep.KinesisDestinationArgs(stream="s", region="us-west-2", access_key_id="a", secret_key="s"),
    segments=SEGMENTS,
    profile_attributes=["person.name.lastName"],
)
"""
    project.write(program.replace("SEGMENTS", repr([made["id"]])))
    project.emulator.forget()
    assert f"segments[0].id: {made['id']} is not in aep-snapshot.prod.json, up will ask" in project.preview().text
    assert project.emulator.calls == []
    project.up()
    assert [call.query for call in project.emulator.calls if call.path.endswith("/audiences")] == [
        f"property=audienceId%3D%3D{made['id']}&limit=100"
    ]
    assert "up will ask" not in project.up().text

    project.write(program.replace("SEGMENTS", repr([made["id"], nowhere])))
    project.emulator.forget()
    failed = project.up(check=False)
    assert failed.code != 0
    assert f"segments: {nowhere}: no such audience in sandbox prod" in failed.text
    assert [call.method for call in project.emulator.calls if call.method != "GET" and "ims" not in call.path] == []

"""What Adobe documents and the package relies on. Checked with the emulator, or with a sandbox: see docs/contract.md."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from contract.platform import PREFIX, Platform, code_of
from support.surroundings import Emulator, environment_of

PROFILE = {"id": "8a9c3494-9708-43d7-ae3f-cda01e5030e1", "version": "1.0"}
KINESIS = {"id": "86043421-563b-46ec-8e6c-e23184711bf6", "version": "1.0"}
FLOW_SPEC = {"id": "71471eba-b620-49e4-90fd-23f1fa0174d8", "version": "1.0"}
AUTH = {
    "specName": "Aws Kinesis authentication credentials",
    "params": {"accessKeyId": "AKIAIOSFODNN7EXAMPLE", "secretKey": "TOPSECRET", "region": "us-west-2"},
}
MARKER = "written by a test [pulumi:shop/prod/x#0a0b0c0d.12345678]"
PARAMS = "/transformations/0/params"
ABSENT = "00000000-0000-4000-8000-000000000000"


@pytest.fixture(scope="module")
def platform():
    sandbox = os.environ.get("AEP_CONTRACT_SANDBOX")
    if not sandbox:
        with Emulator() as emulator:
            platform = Platform.of(environment_of(emulator), "prod")
            yield platform
            platform.clean_up()
        return
    platform = Platform.of(os.environ, sandbox)
    yield platform
    try:
        platform.clean_up()
    finally:
        platform.report(Path(os.environ.get("AEP_CONTRACT_REPORT", "contract-report.json")))


@pytest.fixture(scope="module")
def made(platform):
    """The paths of one object of each kind."""
    data, params = {"format": "json"}, {"stream": "summer-campaign", "region": "us-west-2"}
    profiles = platform.make("connections", connectionSpec=PROFILE, description=MARKER)
    source = platform.make("sourceConnections", connectionSpec=PROFILE, baseConnectionId=profiles, data=data, params={})
    account = platform.make("connections", name="account", connectionSpec=KINESIS, auth=AUTH)
    target = platform.make("targetConnections", connectionSpec=KINESIS, baseConnectionId=account, data=data, params=params)
    selectors = {member: {"selectors": []} for member in ("profileSelectors", "segmentSelectors")}
    flow = platform.make(
        "flows",
        flowSpec=FLOW_SPEC,
        sourceConnectionIds=[source],
        targetConnectionIds=[target],
        transformations=[{"name": "GeneralTransform", "params": selectors}],
    )
    return {
        "connections": f"/connections/{profiles}",
        "sourceConnections": f"/sourceConnections/{source}",
        "account": f"/connections/{account}",
        "targetConnections": f"/targetConnections/{target}",
        "flows": f"/flows/{flow}",
    }


@pytest.mark.parametrize("kind", ["connections", "sourceConnections", "targetConnections", "flows"])
def test_a_read_wraps_one_object_whose_version_is_in_quotes(platform, made, kind):
    item = platform.read(made[kind])
    assert made[kind].endswith(item["id"])
    assert item["etag"] == item["version"]
    assert item["etag"][0] == item["etag"][-1] == '"'


def test_a_description_is_kept_as_it_was_written(platform, made):
    assert platform.read(made["connections"])["description"] == MARKER


@pytest.mark.parametrize("kind", ["connections", "flows"])
def test_objects_are_found_by_their_name(platform, made, kind):
    items = platform.call("GET", f"/{kind}?property=name=={PREFIX}{kind}&limit=100").json()["items"]
    assert made[kind].rpartition("/")[2] in {item["id"] for item in items}


def test_sources_and_targets_are_found_by_their_parent(platform, made):
    base = made["account"].rpartition("/")[2]
    items = platform.call("GET", f"/targetConnections?property=baseConnectionId=={base}").json()["items"]
    assert [item["id"] for item in items] == [made["targetConnections"].rpartition("/")[2]]


def test_an_unknown_parameter_is_refused(platform):
    answer = platform.call("GET", "/flows?nonsense=1")
    assert (answer.status_code, code_of(answer)) == (400, "1451")


@pytest.mark.parametrize("kind", ["connections", "sourceConnections", "targetConnections", "flows"])
def test_what_is_absent_is_said_to_be(platform, kind):
    answer = platform.call("GET", f"/{kind}/{ABSENT}")
    assert answer.status_code == 404 or (answer.status_code, code_of(answer)) == (400, "1439")


def test_a_patch_needs_the_current_version_in_quotes(platform, made):
    operation, path = {"op": "replace", "path": "/name", "value": PREFIX + "never"}, made["flows"]
    missing = platform.call("PATCH", path, [operation])
    assert (missing.status_code, code_of(missing)) == (400, "1403")
    etag = platform.read(path)["etag"]
    assert platform.call("PATCH", path, [operation], If_Match=etag.strip('"')).status_code == 412
    assert platform.call("PATCH", path, [operation], If_Match=f'"{ABSENT}"').status_code == 412
    assert platform.read(path)["name"] != PREFIX + "never"


@pytest.mark.parametrize("kind", ["connections", "sourceConnections", "targetConnections", "flows"])
def test_a_patch_is_accepted_and_shows_under_a_new_version(platform, made, kind):
    before = platform.read(made[kind])
    operation = "replace" if "description" in before else "add"
    answer = platform.patch(made[kind], {"op": operation, "path": "/description", "value": f"{MARKER} {kind}"})
    assert answer.status_code in {200, 202}
    after = platform.read(made[kind])
    assert after["description"] == f"{MARKER} {kind}"
    assert after["etag"] != before["etag"]
    platform.patch(made[kind], {"op": "replace", "path": "/description", "value": MARKER})


def test_selectors_are_appended_and_removed_from_the_highest_index_down(platform, made):
    values = [{"type": "JSON_PATH", "value": {"operator": "EXISTS", "path": f"person.name.{name}"}} for name in ("a", "b", "c")]
    appended = [{"op": "add", "path": f"{PARAMS}/profileSelectors/selectors/-", "value": value} for value in values]
    assert platform.patch(made["flows"], *appended).ok
    removed = [
        {"op": "remove", "path": f"{PARAMS}/profileSelectors/selectors/{index}", "value": values[index]} for index in (2, 0)
    ]
    assert platform.patch(made["flows"], *removed).ok
    (left,) = platform.read(made["flows"])["transformations"][0]["params"]["profileSelectors"]["selectors"]
    assert left["value"]["path"] == "person.name.b"


def test_a_segment_is_activated(platform, made):
    segments = platform.call("GET", "?limit=1", base="/data/core/ups/segment/definitions").json()["segments"]
    if not segments:
        pytest.skip("the sandbox has no segment")
    value = {"type": "PLATFORM_SEGMENT", "value": {"id": segments[0]["id"]}}
    operation = {"op": "add", "path": f"{PARAMS}/segmentSelectors/selectors/-", "value": value}
    assert platform.patch(made["flows"], operation).ok
    selectors = platform.read(made["flows"])["transformations"][0]["params"]["segmentSelectors"]["selectors"]
    assert [selector["value"]["id"] for selector in selectors] == [segments[0]["id"]]


def test_an_external_audience_is_activated_by_three_values(platform, made):
    listed = platform.call("GET", "?limit=100", base="/data/core/ups/audiences").json()["children"]
    external = [audience for audience in listed if audience.get("originName") == "CUSTOM_UPLOAD"]
    if not external:
        pytest.skip("the sandbox has no uploaded audience")
    told_by = {"id": external[0]["audienceId"], "systemSegmentId": external[0]["id"], "namespace": external[0]["namespace"]}
    operation = {"op": "add", "path": f"{PARAMS}/segmentSelectors/selectors/-"}
    operation["value"] = {"type": "PLATFORM_SEGMENT", "value": told_by}
    assert platform.patch(made["flows"], operation).ok
    selectors = platform.read(made["flows"])["transformations"][0]["params"]["segmentSelectors"]["selectors"]
    (shown,) = [selector["value"] for selector in selectors if selector["value"]["id"] == told_by["id"]]
    assert told_by.items() <= shown.items()


def test_a_flow_is_disabled_and_enabled_without_a_body(platform, made):
    for action, state in (("disable", "disabled"), ("enable", "enabled")):
        assert platform.call("POST", f"{made['flows']}/action?op={action}").ok
        assert platform.read(made["flows"])["state"] == state


def test_what_a_flow_uses_cannot_be_deleted(platform, made):
    answer = platform.call("DELETE", made["account"])
    assert (answer.status_code, code_of(answer)) == (400, "1418")
    answer = platform.call("DELETE", made["targetConnections"])
    assert (answer.status_code, code_of(answer)) == (400, "1447")


def test_names_are_not_unique_and_what_is_deleted_is_gone(platform):
    twins = [platform.make("connections", name="twin", connectionSpec=PROFILE) for _ in range(2)]
    assert len(set(twins)) == 2
    for id_ in twins:
        assert platform.call("DELETE", f"/connections/{id_}").status_code in {202, 204}
        answer = platform.call("GET", f"/connections/{id_}")
        assert answer.status_code == 404 or (answer.status_code, code_of(answer)) == (400, "1439")


def test_the_report_tells_calls_and_shapes_and_no_value(platform, made, tmp_path):
    platform.call("GET", f"{made['account']}")
    platform.report(tmp_path / "report.json")
    text = (tmp_path / "report.json").read_text()
    assert '"call": "GET /data/foundation/flowservice/connections/{id}"' in text
    assert '"specName": "Aws Kinesis authentication credentials"' in text
    secrets = ["TOPSECRET", "AKIA", PREFIX, "EXAMPLE", "summer-campaign", *platform.headers.values()]
    ids = [path.rpartition("/")[2] for path in made.values()]
    assert [value for value in [*secrets, *ids, platform.endpoint] if value in text] == []

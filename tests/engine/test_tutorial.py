"""The whole tutorial through the real CLI."""

from __future__ import annotations

import re

import pytest
from engine.project import TUTORIAL
from support.surroundings import methods

pytestmark = pytest.mark.engine

MASKED = ("AEP_CLIENT_ID", "AEP_CLIENT_SECRET", "AEP_ORG_ID", "AEP_SANDBOX_NAME", "AEP_ENDPOINT", "AEP_IMS_ENDPOINT")
EVERYTHING = ["connections", "sourceConnections", "targetConnections", "flows"]


def test_first_up_makes_five_objects_with_the_budgeted_calls(project):
    project.config("streamSecret", "TOPSECRET-stream", secret=True)
    project.write(TUTORIAL)
    project.up()
    calls = methods(project.emulator)
    assert sum(call.startswith("POST") for call in calls) == 5
    assert calls.count("PATCH flows") == 1
    assert (
        len(calls) == 5 + 1 + 2 + 1
    )  # and a look for each account, as nothing is upon what was just made; one read of the flow
    assert sum("/ims/" in call.path for call in project.emulator.calls) == 1
    assert [len(project.live(kind)) for kind in EVERYTHING] == [2, 1, 1, 1]


def test_first_up_sends_the_payloads_of_the_tutorial(tutorial):
    store, place = tutorial.emulator.store, "EMULATOR@AdobeOrg/prod"
    ids = tutorial.outputs()
    account = store.load(place, "connections", ids["baseConnectionId"])
    assert account["connectionSpec"] == {"id": "86043421-563b-46ec-8e6c-e23184711bf6", "version": "1.0"}
    assert account["auth"] == {
        "specName": "Aws Kinesis authentication credentials",
        "params": {"accessKeyId": "AKIAIOSFODNN7EXAMPLE", "secretKey": "TOPSECRET-stream", "region": "us-west-2"},
    }
    assert "auth" not in store.get(place, "connections", ids["profileBaseConnectionId"])
    source = store.get(place, "sourceConnections", ids["sourceConnectionId"])
    assert (source["data"], source["params"]) == ({"format": "json"}, {})
    target = store.get(place, "targetConnections", ids["targetConnectionId"])
    assert target["params"] == {"stream": "summer-campaign", "region": "us-west-2"}
    flow = store.get(place, "flows", ids["dataflowId"])
    assert flow["flowSpec"] == {"id": "71471eba-b620-49e4-90fd-23f1fa0174d8", "version": "1.0"}
    (transformation,) = flow["transformations"]
    assert transformation["name"] == "GeneralTransform"
    profiles = [selector["value"] for selector in transformation["params"]["profileSelectors"]["selectors"]]
    assert profiles == [
        {"path": "personalEmail.address", "operator": "EXISTS"},
        {"path": "person.name.lastName", "operator": "EXISTS"},
    ]


def test_event_hubs_needs_one_config_key(project):
    project.config("streamSecret", "TOPSECRET-stream", secret=True)
    project.config("destination", "azure_event_hubs")
    project.write(TUTORIAL)
    project.up()
    assert project.live("targetConnections")[0]["params"] == {"eventHubName": "summer-campaign"}
    # Both base connections are made at the same time: which is the first is chance.
    (account,) = [connection for connection in project.live("connections") if "auth" in connection]
    assert account["auth"]["specName"] == "Azure EventHub authentication credentials"
    project.refresh("--expect-no-changes")


def test_second_up_makes_no_call_and_needs_no_credentials(tutorial):
    result = tutorial.up("--expect-no-changes", without=MASKED)
    assert "6 unchanged" in result.text
    assert tutorial.emulator.calls == []


def test_preview_makes_no_call_and_needs_no_credentials(tutorial):
    tutorial.write(TUTORIAL.replace('"person.name.lastName"', '"person.firstName"'))
    text = tutorial.preview(without=MASKED).text
    assert "person.firstName" in text
    assert tutorial.emulator.calls == []


def test_one_attribute_more_is_one_patch_of_one_operation(tutorial):
    tutorial.write(TUTORIAL.replace('"person.name.lastName"', '"person.name.lastName", "person.birthYear"'))
    result = tutorial.up()
    assert methods(tutorial.emulator) == ["GET flows", "PATCH flows", "GET flows"]
    (patch,) = [call for call in tutorial.emulator.calls if call.method == "PATCH"]
    assert patch.body == [
        {
            "op": "add",
            "path": "/transformations/0/params/profileSelectors/selectors/-",
            "value": {"type": "JSON_PATH", "value": {"path": "person.birthYear", "operator": "EXISTS"}},
        }
    ]
    assert "+ attribute person.birthYear" in result.text
    tutorial.refresh("--expect-no-changes")


def test_refresh_right_after_up_shows_no_change_and_reads_each_object_once(tutorial):
    tutorial.refresh("--expect-no-changes")
    assert sorted(methods(tutorial.emulator)) == [
        "GET connections",
        "GET connections",
        "GET flows",
        "GET sourceConnections",
        "GET targetConnections",
    ]


def test_destroy_leaves_nothing(tutorial):
    tutorial.destroy()
    assert [tutorial.live(kind) for kind in EVERYTHING] == [[], [], [], []]
    assert list(tutorial.state()) in ([], ["Stack::shop-dev"])


def test_an_object_deleted_in_the_ui_is_made_again(tutorial):
    ids = tutorial.outputs()
    tutorial.emulator.store.delete("EMULATOR@AdobeOrg/prod", "flows", ids["dataflowId"])
    assert "1 deleted" in tutorial.refresh().text
    tutorial.up()
    assert [flow["name"] for flow in tutorial.live("flows")] == ["Azure Event Hubs"]
    tutorial.refresh("--expect-no-changes")


def test_no_secret_is_in_state_or_in_what_was_printed_or_kept_by_the_emulator(tutorial):
    tutorial.config("streamSecret", "ROTATED-stream", secret=True)
    tutorial.preview("--json")
    tutorial.preview()
    tutorial.up("--diff")
    tutorial.refresh()
    seen = "\n".join([*tutorial.written, tutorial.export(), str(tutorial.emulator.calls)])
    for secret in ("TOPSECRET-stream", "ROTATED-stream", "emulator-secret"):
        assert secret not in seen
    account = tutorial.state()["BaseConnection::stream"]
    for bag in (account["inputs"], account["outputs"]):
        assert "ciphertext" in bag["auth"]["params"]["secretKey"]
        assert bag["auth"]["params"]["region"] == "us-west-2"


def test_a_rotated_secret_is_one_patch_of_the_whole_params(tutorial):
    tutorial.config("streamSecret", "ROTATED-stream", secret=True)
    tutorial.up()
    assert methods(tutorial.emulator) == ["GET connections", "PATCH connections", "GET connections"]
    account = tutorial.emulator.store.load("EMULATOR@AdobeOrg/prod", "connections", tutorial.outputs()["baseConnectionId"])
    assert account["auth"]["params"] == {
        "accessKeyId": "AKIAIOSFODNN7EXAMPLE",
        "secretKey": "ROTATED-stream",
        "region": "us-west-2",
    }


def test_drift_is_shown_on_its_property_and_mended_in_place(tutorial):
    ids, store, place = tutorial.outputs(), tutorial.emulator.store, "EMULATOR@AdobeOrg/prod"
    etag = store.get(place, "flows", ids["dataflowId"])["etag"]
    path = "/transformations/0/params/profileSelectors/selectors/1"
    store.patch(place, "flows", ids["dataflowId"], [{"op": "remove", "path": path, "value": {}}], etag, "somebody")
    preview = tutorial.run("preview", "--refresh", "--diff").text
    assert re.search(r"\+ .*path *: \"person.name.lastName\"", preview)
    tutorial.up("--refresh")
    flow = store.get(place, "flows", ids["dataflowId"])
    selectors = flow["transformations"][0]["params"]["profileSelectors"]["selectors"]
    assert [selector["value"]["path"] for selector in selectors] == ["personalEmail.address", "person.name.lastName"]
    assert tutorial.outputs()["dataflowId"] == ids["dataflowId"]

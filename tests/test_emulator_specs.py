"""What the emulator refuses because a connection spec or a flow spec does not have it."""

from __future__ import annotations

import pytest
from support.curl import AUTH, FLOW_SPEC, KINESIS, PROFILE, SEGMENTS, SELECTORS, STREAM, Api, end
from support.plain import HUBS, MEN
from support.surroundings import Emulator

from pulumi_aep_streaming.emulator import Switches

S3 = {"id": "4fce964d-3f37-408f-9778-e597338a21ee", "version": "1.0"}
S3_FLOW_SPEC = {"id": "1a0514a6-33d4-4c7f-aff8-594799c47549", "version": "1.0"}
KEYS = {"specName": "Access Key", "params": {"s3AccessKey": "a", "s3SecretKey": "b"}}
SAS = "Azure EventHub authentication credentials"
ENTRA = "Event Hub Azure Active Directory Auth"
SCOPED = "Event Hub Scoped Azure Active Directory Auth"
POLICY = {"sasKeyName": "root", "sasKey": "TOPSECRET", "namespace": "n"}
PRINCIPAL = {"tenantId": "t", "clientId": "c", "clientSecretValue": "TOPSECRET", "namespace": "n"}
ATTRIBUTES = SEGMENTS.replace("segment", "profile")


@pytest.fixture
def api(emulator):
    return Api(emulator)


@pytest.fixture
def specs(api):
    return {spec["name"]: spec for spec in api.call("GET", "/connectionSpecs").json()["items"]}


def refusal(answer):
    assert answer.status_code == 400
    return answer.json()["errorCode"], answer.json()["errorMessage"]


def credentials(**changes):
    params = {key: value for key, value in {**AUTH["params"], **changes}.items() if value is not None}
    return {**AUTH, "params": params}


def patched(api, path, *operations):
    return api.call("PATCH", path, json=list(operations), headers={"If-Match": api.etag(path)})


def flow_body(source, target, spec=FLOW_SPEC):
    transformations = [{"name": "GeneralTransform", "params": SELECTORS}]
    ends = {"sourceConnectionIds": [source], "targetConnectionIds": [target]}
    return {"name": "f", "flowSpec": spec, **ends, "transformations": transformations}


@pytest.mark.parametrize(
    ("auth", "message"),
    [
        (credentials(stream="s"), "Unknown field auth.params.stream"),
        (credentials(region=None), "Missing field auth.params.region"),
        (credentials(region=""), "Missing field auth.params.region"),
        (credentials(accessKeyId=None), "Missing field auth.params.accessKeyId"),
        (credentials(accessKeyId=5), "Invalid type of field auth.params.accessKeyId"),
    ],
)
def test_an_account_with_credentials_that_its_spec_does_not_have_is_refused(api, auth, message):
    body = {"name": "k", "connectionSpec": KINESIS, "auth": auth}
    assert refusal(api.call("POST", "/connections", json=body)) == ("1455-400", message)
    path = f"/connections/{api.make('/connections', name='k', connectionSpec=KINESIS, auth=AUTH)['id']}"
    operation = {"op": "replace", "path": "/auth/params", "value": auth["params"]}
    assert refusal(patched(api, path, operation)) == ("1455-400", message)


def test_a_kinesis_account_has_a_region_or_an_address_of_its_own(api):
    api.make("/connections", name="k", connectionSpec=KINESIS, auth=credentials(region=None, connectionUrl="https://k.example"))


@pytest.mark.parametrize(
    ("kind", "params"),
    [(SAS, POLICY), (SAS, {**POLICY, "eventHubName": "h"}), (ENTRA, PRINCIPAL), (SCOPED, {**PRINCIPAL, "eventHubName": "h"})],
)
def test_event_hubs_take_several_kinds_of_authentication_each_with_its_own_credentials(api, kind, params):
    auth = {"specName": kind, "params": params}
    id_ = api.make("/connections", name="h", connectionSpec=HUBS, auth=auth)["id"]
    shown = api.call("GET", f"/connections/{id_}").json()["items"][0]["auth"]
    assert shown == {"specName": kind, "params": {key: "xxxx" if "TOP" in value else value for key, value in params.items()}}
    for key in params.keys() - {"eventHubName"}:
        less = {"specName": kind, "params": {name: value for name, value in params.items() if name != key}}
        refused = api.call("POST", "/connections", json={"name": "h", "connectionSpec": HUBS, "auth": less})
        assert refusal(refused) == ("1455-400", f"Missing field auth.params.{key}")
    other = {"specName": ENTRA if kind == SAS else SAS, "params": params}
    assert api.call("POST", "/connections", json={"name": "h", "connectionSpec": HUBS, "auth": other}).status_code == 400


@pytest.mark.parametrize(
    ("params", "message"),
    [
        ({"region": "r"}, "Missing field params.stream"),
        ({**STREAM, "eventHubName": "h"}, "Unknown field params.eventHubName"),
        ({**STREAM, "includeSegmentNames": "yes"}, "Invalid type of field params.includeSegmentNames"),
        ({**STREAM, "stream": ["s"]}, "Invalid type of field params.stream"),
    ],
)
def test_a_target_without_what_its_spec_demands_or_with_more_is_refused(api, params, message):
    ids = api.flow()
    body = end("t", KINESIS, ids["account"], params)
    assert refusal(api.call("POST", "/targetConnections", json=body)) == ("1455-400", message)
    operation = {"op": "replace", "path": "/params", "value": params}
    assert refusal(patched(api, f"/targetConnections/{ids['target']}", operation)) == ("1455-400", message)


def test_a_toggle_is_a_parameter_of_the_target(api):
    path = f"/targetConnections/{api.flow()['target']}"
    assert patched(api, path, {"op": "add", "path": "/params/includeMappedAudiencesOnly", "value": True}).ok
    assert api.call("GET", path).json()["items"][0]["params"]["includeMappedAudiencesOnly"] is True


@pytest.mark.parametrize("path", ["/sourceConnections", "/targetConnections"])
def test_a_connection_of_another_spec_than_its_account_is_refused(api, path):
    body = end("x", HUBS, api.flow()["account"], {"eventHubName": "h"})
    code, message = refusal(api.call("POST", path, json=body))
    assert (code, HUBS["id"] in message) == ("1455-400", True)


def test_parameters_of_a_spec_without_a_target_schema_may_be_anything(api):
    account = api.make("/connections", name="s3", connectionSpec=S3, auth=KEYS)["id"]
    api.make("/targetConnections", **end("t", S3, account, {"odd": [1, {"deep": None}]}))


def test_a_flow_spec_that_does_not_exist_or_is_a_connection_spec_is_refused(api):
    ids = api.flow()
    for spec in ({"id": "00000000-0000-4000-8000-000000000000", "version": "1.0"}, KINESIS):
        answer = api.call("POST", "/flows", json=flow_body(ids["source"], ids["target"], spec))
        assert (answer.status_code, answer.json()["errorCode"]) == (400, "1413-400")


def test_a_dataflow_flows_from_and_to_what_its_flow_spec_names(api):
    ids = api.flow()
    stream = api.make("/sourceConnections", **end("stream", KINESIS, ids["account"], {}))["id"]
    profiles = api.make("/targetConnections", **end("profiles", PROFILE, ids["base"], {}))["id"]
    bucket = api.make("/connections", name="s3", connectionSpec=S3, auth=KEYS)["id"]
    files = api.make("/targetConnections", **end("files", S3, bucket, {}))["id"]
    for source, target, spec in (
        (stream, ids["target"], FLOW_SPEC),
        (ids["source"], profiles, FLOW_SPEC),
        (ids["source"], files, FLOW_SPEC),
        (ids["source"], ids["target"], S3_FLOW_SPEC),
    ):
        assert refusal(api.call("POST", "/flows", json=flow_body(source, target, spec)))[0] == "1455-400"
    api.make("/flows", **flow_body(ids["source"], files, S3_FLOW_SPEC))
    path = f"/flows/{ids['flow']}"
    assert refusal(patched(api, path, {"op": "replace", "path": "/sourceConnectionIds", "value": [stream]}))[0] == "1455-400"


def test_what_a_patch_leaves_as_it_is_may_be_what_could_not_be_created(emulator, api):
    ids = api.flow()
    place = f"{emulator.organization.id}/prod"
    account = emulator.store.load(place, "connections", ids["account"])
    emulator.store.put("connections", place, {**account, "auth": {"specName": "newer", "params": {"k": "TOPSECRET"}}})
    target = emulator.store.load(place, "targetConnections", ids["target"])
    emulator.store.put("targetConnections", place, {**target, "params": {"newer": 1}})
    for path in (f"/connections/{ids['account']}", f"/targetConnections/{ids['target']}"):
        assert patched(api, path, {"op": "replace", "path": "/name", "value": "renamed"}).ok
    assert "TOPSECRET" not in api.call("GET", f"/connections/{ids['account']}").text


def test_somebody_can_move_an_account_to_another_kind_of_authentication(api):
    hub = api.make("/connections", name="h", connectionSpec=HUBS, auth={"specName": SAS, "params": POLICY})
    path = f"/connections/{hub['id']}"
    api.control("authentication", connectionId=hub["id"], auth={"specName": ENTRA, "params": PRINCIPAL})
    (shown,) = api.call("GET", path).json()["items"]
    assert shown["auth"] == {"specName": ENTRA, "params": {**PRINCIPAL, "clientSecretValue": "xxxx"}}
    assert shown["etag"] != hub["etag"]
    assert patched(api, path, {"op": "replace", "path": "/auth/params", "value": {**PRINCIPAL, "tenantId": "u"}}).ok
    assert refusal(patched(api, path, {"op": "replace", "path": "/auth/params", "value": POLICY}))[0] == "1455-400"


@pytest.mark.parametrize(("view", "shown"), [("masked", "xxxx"), ("omitted", None), ("echoed", "a: TOPSECRET")])
def test_secret_parameters_of_a_target_are_shown_as_those_of_credentials(view, shown):
    with Emulator(switches=Switches(secrets=view)) as emulator:
        api = Api(emulator)
        (spec,) = api.call("GET", "/connectionSpecs?property=name==HTTP API").json()["items"]
        http = {"id": spec["id"], "version": "1.0"}
        account = api.make("/connections", name="w", connectionSpec=http, auth={"specName": "None", "params": {}})["id"]
        params = {"url": "https://x.example", "headers": "a: TOPSECRET"}
        target = api.make("/targetConnections", **end("w", http, account, params))["id"]
        (item,) = api.call("GET", f"/targetConnections/{target}").json()["items"]
        assert item["params"].get("headers") == shown
        assert item["params"]["url"] == "https://x.example"


def test_a_spec_shows_its_schemas_as_the_spec_file_does(specs):
    kinesis = specs["Amazon Kinesis"]
    (auth,) = kinesis["authSpec"]
    assert auth["name"] == AUTH["specName"]
    assert auth["spec"]["properties"]["secretKey"] == {"type": "string", "format": "password"}
    assert kinesis["targetSpec"]["spec"]["required"] == ["stream", "region"]
    assert kinesis["attributes"]["connectorName"] == "Amazon Kinesis"
    assert len(specs["Azure Event Hubs"]["authSpec"]) == 3
    assert len(specs["HTTP API"]["authSpec"]) == 4


def test_segments_and_paths_that_are_not_there_are_refused_by_a_switch(api):
    def activated(api, flow, segment, path):
        segments = {"op": "add", "path": f"{SEGMENTS}/-", "value": {"type": "PLATFORM_SEGMENT", "value": {"id": segment}}}
        attributes = {"op": "add", "path": f"{ATTRIBUTES}/-", "value": {"type": "JSON_PATH", "value": {"path": path}}}
        return patched(api, f"/flows/{flow}", segments, attributes)

    assert activated(api, api.flow()["flow"], "nowhere", "person.nothing").ok
    with Emulator(switches=Switches(selectors="known")) as emulator:
        api = Api(emulator)
        flow = api.flow()["flow"]
        for segment, path, wrong in (
            ("nowhere", "person.name.lastName", "nowhere"),
            (MEN["id"], "person.lastName", "person.lastName"),
            (MEN["id"], "identityMap.ecid.id", "identityMap.ecid.id"),
        ):
            code, message = refusal(activated(api, flow, segment, path))
            assert (code, wrong in message) == ("1455-400", True)
        assert activated(api, flow, MEN["id"], "person.name.lastName").ok
        assert activated(api, flow, MEN["id"], "homeAddress").ok


@pytest.mark.parametrize(("edition", "there"), [("current", False), ("2020", True)])
def test_the_names_of_fields_are_those_of_the_standard_profile_and_in_2020_also_the_tutorials(edition, there):
    with Emulator(switches=Switches(edition=edition)) as emulator:
        api = Api(emulator)
        flow = api.flow()["flow"]
        api.activate(flow, [MEN["id"]], ["person.name.lastName", "person.lastName", "person.email"])
        person = api.control("exports", flowId=flow)["records"][0]["person"]
    assert person["name"]["lastName"]
    assert ("lastName" in person, "email" in person) == (there, there)

"""The emulator that starts from the snapshot of a sandbox: it has what the file says, and nothing else."""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
from dataclasses import replace

import pytest
import requests
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from support.curl import AUTH, FLOW_SPEC, KINESIS, PROFILE, STREAM, Api, end
from support.surroundings import Emulator, Hourglass, transport_to
from test_snapshot import MAYBE, PARAMETERS, TEXTS, lists, some

from pulumi_aep_streaming._core.snapshot.contents import (
    Audience,
    Authentication,
    ConnectionSpec,
    Field,
    FlowSpec,
    Parameter,
    Snapshot,
)
from pulumi_aep_streaming._core.snapshot.file import dump
from pulumi_aep_streaming.cli.snapshot import snapshot as read_sandbox
from pulumi_aep_streaming.emulator import Organization, Switches
from pulumi_aep_streaming.emulator.profile_schema import UNIONS, schema_of
from pulumi_aep_streaming.flow_service.client import FlowService
from pulumi_aep_streaming.flow_service.errors import Refused
from pulumi_aep_streaming.flow_service.union_schema import fields_of

ACME, LIVE = "ACME@AdobeOrg", "live"
MEN = Audience("72ddd79b-6b0a-4e97-a8d2-112ccd81bd02", "Men over 50", "AEPSegments", "", "published", "streaming", "policy-1")
MEN = MEN._replace(system_segment_id=MEN.id)
WOMEN = MEN._replace(id="8a0d", system_segment_id="8a0d", name="Women over 50")
OTHERS = MEN._replace(id="9b1e", system_segment_id="9b1e", name="Others", merge_policy_id="policy-2", evaluation="batch")
LOYAL = Audience("loyal-1", None, "CustomerAudienceUpload", "32a83b5d-a118-4bd6-b3cb-3aee2f4c30a1", "published", None, None)
GONE = MEN._replace(id="5b7b", system_segment_id="5b7b", name="Gone", lifecycle_state="inactive", evaluation="edge")


def parameter(name, type_="string", *, required=True, secret=False):
    return Parameter(name, type_, required, secret)


CREDENTIALS = (parameter("accessKeyId"), parameter("secretKey", secret=True), parameter("region"))
SNAPSHOT = Snapshot(
    ACME,
    LIVE,
    "2026-11-26T10:00:00Z",
    (
        ConnectionSpec(PROFILE["id"], "Unified Profile Service", "1.0", (), None),
        ConnectionSpec(
            KINESIS["id"],
            "Amazon Kinesis",
            "1.0",
            (Authentication(AUTH["specName"], CREDENTIALS), Authentication("Not shown", None)),
            (
                parameter("stream"),
                parameter("region"),
                parameter("shards", "integer", required=False),
                parameter("odd", None, required=False),
            ),
        ),
        ConnectionSpec("shy", "Shows nothing", "1.0", None, None),
    ),
    (FlowSpec(FLOW_SPEC["id"], "Profile based destination", "1.0"),),
    (
        Field("_acme.extra", "object"),
        Field("_acme.joined", "date"),
        Field("_acme.visits", "long"),
        Field("_acme.whatever", None),
        Field("identityMap", "map"),
        Field("identityMap{}", "array"),
        Field("identityMap{}[].id", "string"),
        Field("labels", "map"),
        Field("labels{}", "boolean"),
        Field("orders", "array"),
        Field("orders[].total", "double"),
        Field("person.name.lastName", "string"),
        Field("seen", "date-time"),
    ),
    (WOMEN, MEN, OTHERS, LOYAL),
)


def written(path, snapshot=SNAPSHOT):
    path.write_bytes(dump(snapshot))
    return path


@pytest.fixture
def file(tmp_path):
    return written(tmp_path / "aep-snapshot.live.json")


@pytest.fixture
def emulator(file):
    with Emulator(snapshot=file) as running:
        yield running


def api_of(emulator):
    api = Api(emulator, LIVE)
    api.headers["x-gw-ims-org-id"] = ACME
    return api


@pytest.fixture
def api(emulator):
    return api_of(emulator)


def read_from(emulator, out, *, add=()):
    """Write the snapshot of an emulator, and return the file's content, with the date of `SNAPSHOT`."""
    organization, (sandbox,) = emulator.organization.id, emulator.organization.sandboxes
    service = FlowService(transport_to(emulator, Hourglass()), sandbox)
    report = read_sandbox(service, organization, sandbox, out, lambda _: None, check=False, all_audiences=True, add=list(add))
    content = out.read_bytes()
    date = json.loads(content)["date"]
    return content.replace(json.dumps(date).encode(), json.dumps(SNAPSHOT.date).encode()), report


# The round trip

NODE = {
    "type": st.sampled_from(["string", "array", "map", "object", "integer"]),
    "meta:xdmType": st.sampled_from(["date", "map", "array", "object", "long", "string"]),
    "$ref": st.sampled_from(["#", "#/properties/a", "#/properties/b/items", "https://ns.adobe.com/xdm/x"]),
}
UNION = st.recursive(
    st.fixed_dictionaries({}, optional=NODE),
    lambda inner: st.fixed_dictionaries(
        {},
        optional={
            **NODE,
            "properties": st.dictionaries(st.sampled_from(["a", "b", "c d", "x-y"]), inner, max_size=3),
            "items": inner,
            "additionalProperties": inner,
            "allOf": st.lists(inner, max_size=2),
        },
    ),
    max_leaves=10,
)


@given(UNION)
def test_a_schema_that_is_made_of_the_fields_of_one_has_the_same(schema):
    fields = fields_of(schema)
    assert fields_of(schema_of(dict(sorted(fields.items())))) == fields


FACT = st.none() | TEXTS.filter(bool)
UUIDS = st.uuids().map(str)
STATES = st.sampled_from([None, "draft", "published", "inactive", "archived"])
AUDIENCES = st.builds(
    Audience,
    UUIDS | TEXTS.filter(bool),
    MAYBE,
    FACT,
    UUIDS,
    STATES,
    st.sampled_from([None, "streaming", "edge", "batch"]),
    FACT,
)
SNAPSHOTS = st.builds(
    Snapshot,
    st.sampled_from([ACME, "0@x"]),
    st.sampled_from([LIVE, "prod"]),
    st.just(SNAPSHOT.date),
    lists(some(ConnectionSpec, TEXTS, TEXTS, TEXTS, lists(some(Authentication, TEXTS, PARAMETERS)), PARAMETERS)),
    lists(some(FlowSpec, TEXTS, TEXTS, TEXTS)),
    st.none() | UNION.map(lambda schema: tuple(Field(*field) for field in fields_of(schema).items())),
    st.none() | st.lists(AUDIENCES, max_size=4, unique_by=lambda audience: audience.system_segment_id).map(tuple),
)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("law")


@settings(max_examples=40)
@given(snapshot=SNAPSHOTS)
def test_the_snapshot_of_an_emulator_that_has_started_from_one_is_that_one(snapshot, folder):
    assume(any((snapshot.connection_specs, snapshot.flow_specs, snapshot.fields, snapshot.audiences)))
    file, out = written(folder / "in.json", snapshot), folder / "out.json"
    out.unlink(missing_ok=True)
    inactive = [each.system_segment_id for each in snapshot.audiences or () if each.lifecycle_state == "inactive"]
    with Emulator(snapshot=file) as emulator:
        emulator.misbehave()  # texts that no service has
        content, report = read_from(emulator, out, add=inactive)  # which are in no list
        again, second = read_from(emulator, file)
    assert content == file.read_bytes() == again
    assert (report.changed, second.changed) == (True, False)
    assert len(report.notes) == [snapshot.connection_specs, snapshot.flow_specs, snapshot.fields, snapshot.audiences].count(
        None
    )


def large():
    chance = random.Random(1)
    fields = [
        Field(f"_acme.group{n % 97}.part{n % 11}.field{n}", chance.choice(["string", "int", "date"])) for n in range(5_000)
    ]
    fields += [Field(f"_acme.lists{n}", "array") for n in range(200)]
    fields += [Field(f"_acme.lists{n}[].item{m}", "string") for n in range(200) for m in range(5)]
    audiences = [MEN._replace(id=f"{n:08x}", system_segment_id=f"{n:08x}", name=f"Audience {n}") for n in range(2_000)]
    uploads = [LOYAL._replace(id=f"upload {n}", system_segment_id=f"u{n:07x}") for n in range(500)]
    return replace(SNAPSHOT, fields=(*SNAPSHOT.fields, *fields), audiences=(*audiences, *uploads, *SNAPSHOT.audiences))


def test_a_large_one_comes_back_too(tmp_path):
    file = written(tmp_path / "in.json", large())
    with Emulator(snapshot=file) as emulator:
        assert read_from(emulator, tmp_path / "out.json")[0] == file.read_bytes()


def test_what_is_built_in_comes_back_too(tmp_path):
    with Emulator(organization=Organization(sandboxes=("prod",))) as emulator:
        content, _ = read_from(emulator, tmp_path / "in.json")
    with Emulator(snapshot=tmp_path / "in.json") as emulator:
        assert read_from(emulator, tmp_path / "out.json")[0] == content


# The place


def test_there_is_its_sandbox_in_its_organization_only_and_the_credentials_are_as_before(emulator, api):
    assert api.call("GET", "/flows").status_code == 200
    assert api.call("GET", "/flows", headers={"x-gw-ims-org-id": "EMULATOR@AdobeOrg"}).json()["error_code"] == "403025"
    for sandbox in ("prod", "dev"):
        assert api.call("GET", "/flows", headers={"x-sandbox-name": sandbox}).json()["errorCode"] == "2100-404"
    assert (emulator.organization.id, emulator.organization.sandboxes) == (ACME, (LIVE,))


def test_of_an_organization_that_is_given_too_the_credentials_count(file):
    organization = Organization("OTHER@AdobeOrg", "id-of-acme", "secret-of-acme", ("prod",))
    with Emulator(snapshot=file, organization=organization) as emulator:
        assert emulator.organization == replace(organization, id=ACME, sandboxes=(LIVE,))


# What it has


def refusal(answer):
    assert answer.status_code == 400, answer.text
    return answer.json()["errorCode"], answer.json()["errorMessage"]


def account(**changes):
    params = {key: value for key, value in {**AUTH["params"], **changes}.items() if value is not None}
    return {"name": "k", "connectionSpec": KINESIS, "auth": {**AUTH, "params": params}}


def activate(api, flow, member, value):
    type_ = "PLATFORM_SEGMENT" if member == "segmentSelectors" else "JSON_PATH"
    path = f"/transformations/0/params/{member}/selectors/-"
    operations = [{"op": "add", "path": path, "value": {"type": type_, "value": value}}]
    return api.call("PATCH", f"/flows/{flow}", json=operations, headers={"If-Match": api.etag(f"/flows/{flow}")})


def test_credentials_are_held_against_its_parameters(api):
    for changes, message in (
        ({"secretKey": None}, "Missing field auth.params.secretKey"),
        ({"sessionToken": "x"}, "Unknown field auth.params.sessionToken"),
        ({"accessKeyId": 5}, "Invalid type of field auth.params.accessKeyId"),
    ):
        assert refusal(api.call("POST", "/connections", json=account(**changes))) == ("1455-400", message)
    unknown = {**account(), "auth": {"specName": "Other", "params": {}}}
    assert refusal(api.call("POST", "/connections", json=unknown))[0] == "1415-400"
    shown = api.call("GET", f"/connections/{api.make('/connections', **account())['id']}").json()["items"][0]["auth"]["params"]
    assert shown == {"accessKeyId": "a", "secretKey": "xxxx", "region": "r"}


def test_parameters_of_targets_are_held_against_its_types(api):
    ids = api.flow()
    for params, message in (
        ({"stream": "s"}, "Missing field params.region"),
        ({**STREAM, "shards": "two"}, "Invalid type of field params.shards"),
        ({**STREAM, "shards": True}, "Invalid type of field params.shards"),
        ({**STREAM, "includeSegmentNames": True}, "Unknown field params.includeSegmentNames"),
    ):
        body = end("t", KINESIS, ids["account"], params)
        assert refusal(api.call("POST", "/targetConnections", json=body)) == ("1455-400", message)
    api.make("/targetConnections", **end("t", KINESIS, ids["account"], {**STREAM, "shards": 2, "odd": [None]}))


def test_what_a_spec_does_not_show_may_be_anything_and_no_credential_of_it_is_shown(api):
    shy = {"id": "shy", "version": "1.0"}
    for spec, kind in ((shy, "Any"), (KINESIS, "Not shown")):
        auth = {"specName": kind, "params": {"token": "TOPSECRET", "count": 5}}
        made = api.make("/connections", name="x", connectionSpec=spec, auth=auth)["id"]
        assert api.call("GET", f"/connections/{made}").json()["items"][0]["auth"]["params"] == {
            "token": "xxxx",
            "count": "xxxx",
        }
    base = api.make("/connections", name="x", connectionSpec=shy)["id"]
    api.make("/targetConnections", **end("t", shy, base, {"anything": {"deep": 1}}))


def test_a_spec_that_it_does_not_have_is_refused(api):
    hubs = {"id": "bf9f5905-92b7-48bf-bf20-455bc6b60a4e", "version": "1.0"}  # built in
    assert api.call("POST", "/connections", json={"name": "h", "connectionSpec": hubs}).json()["errorCode"] == "1413-400"
    assert api.call("GET", f"/connectionSpecs/{hubs['id']}").status_code == 404
    ids = api.flow()
    body = {
        "name": "f",
        "flowSpec": {"id": "1a0514a6-33d4-4c7f-aff8-594799c47549", "version": "1.0"},
        "sourceConnectionIds": [ids["source"]],
        "targetConnectionIds": [ids["target"]],
        "transformations": [],
    }
    answer = api.call("POST", "/flows", json={**body, "transformations": [{"name": "GeneralTransform", "params": {}}]})
    assert answer.json()["errorCode"] == "1413-400"


@pytest.mark.parametrize(
    "path",
    [
        "person.name.lastName",
        "person.name",
        "orders",
        "_acme.extra.unknown.deeper",
        "_acme.whatever.x",
        "labels.vip",
        "identityMap.ecid",
        "segmentMembership",
    ],
)
def test_paths_that_lead_to_a_field_can_be_selected(api, path):
    assert activate(api, api.flow()["flow"], "profileSelectors", {"path": path}).ok


@pytest.mark.parametrize(
    "path",
    [
        "person.name.lastname",
        "personalEmail.address",  # built in
        "person.name.lastName.x",
        "_acme.unknown",
        "orders.total",
        "orders[].total",
        "identityMap.ecid.id",
        "labels.vip.x",
        "person..name",
    ],
)
def test_paths_that_it_does_not_have_cannot_be_selected(api, path):
    answer = activate(api, api.flow()["flow"], "profileSelectors", {"path": path})
    assert refusal(answer) == ("1455-400", f"Invalid value.path {path} in profileSelectors: there is none")


def test_any_path_can_be_selected_where_all_may_be_more_than_is_shown(tmp_path):
    file = written(tmp_path / "x.json", replace(SNAPSHOT, fields=(Field("", "object"), Field("a", "string"))))
    with Emulator(snapshot=file) as emulator:
        api = api_of(emulator)
        flow = api.flow()["flow"]
        assert activate(api, flow, "profileSelectors", {"path": "any.thing"}).ok
        assert refusal(activate(api, flow, "profileSelectors", {"path": "a.b"}))[0] == "1455-400"


EXTERNAL = {"id": LOYAL.id, "namespace": LOYAL.namespace, "systemSegmentId": LOYAL.system_segment_id}


@pytest.mark.parametrize(
    ("value", "there"),
    [
        ({"id": MEN.id}, True),
        ({"id": MEN.id, "namespace": "AEPSegments", "systemSegmentId": MEN.id}, True),
        (EXTERNAL, True),
        ({"id": LOYAL.id}, False),
        ({**EXTERNAL, "namespace": "AAMSegments"}, False),
        ({**EXTERNAL, "systemSegmentId": MEN.id}, False),
        ({"id": "7841ba61-23c1-4bb3-a495-00d695fe1e93"}, False),  # built in
    ],
)
def test_audiences_that_it_does_not_have_cannot_be_selected(api, value, there):
    answer = activate(api, api.flow()["flow"], "segmentSelectors", value)
    assert answer.ok == there
    if not there:
        assert refusal(answer) == ("1455-400", f"Invalid value.id {value['id']} in segmentSelectors: there is none")


def test_what_is_not_there_can_be_selected_if_that_is_asked_for_or_it_is_added(file, api):
    new = {"id": "new", "name": "Made at ten"}
    api.control("segments", sandbox=LIVE, segments=[new])
    assert activate(api, api.flow()["flow"], "segmentSelectors", {"id": "new"}).ok
    with Emulator(snapshot=file, switches=Switches(selectors="any")) as lenient:
        other = api_of(lenient)
        assert activate(other, other.flow()["flow"], "segmentSelectors", {"id": "nowhere"}).ok


def listed(api, path):
    return requests.get(api.url + path, headers=api.headers, timeout=5)


def test_audiences_are_listed_as_the_file_has_them(api):
    children = listed(api, "/data/core/ups/audiences").json()["children"]
    found = {each["audienceId"]: each for each in children}
    assert found.keys() == {MEN.id, WOMEN.id, OTHERS.id, LOYAL.id}
    assert [way for way, said in found[OTHERS.id]["evaluationInfo"].items() if said["enabled"]] == ["batch"]
    assert (found[LOYAL.id]["id"], found[LOYAL.id]["type"]) == (LOYAL.system_segment_id, "ExternalSegment")
    assert not {"name", "evaluationInfo", "mergePolicyId"} & found[LOYAL.id].keys()
    named = listed(api, "/data/core/ups/audiences?name=men").json()["children"]
    assert {each["name"] for each in named} == {"Men over 50", "Women over 50"}
    definitions = listed(api, "/data/core/ups/segment/definitions").json()["segments"]
    assert {each["id"] for each in definitions} == {MEN.id, WOMEN.id, OTHERS.id}


def test_inactive_audiences_are_there_and_in_no_list(tmp_path):
    with Emulator(snapshot=written(tmp_path / "x.json", replace(SNAPSHOT, audiences=(GONE,)))) as emulator:
        api = api_of(emulator)
        assert listed(api, "/data/core/ups/audiences").json()["children"] == []
        (found,) = listed(api, f"/data/core/ups/audiences?property=audienceId=={GONE.id}").json()["children"]
        assert found["lifecycleState"] == "inactive"


# What may not be read

BLIND = replace(SNAPSHOT, connection_specs=None, fields=None, audiences=None)


@pytest.fixture
def blind(tmp_path):
    with Emulator(snapshot=written(tmp_path / "blind.json", BLIND)) as running:
        yield running


def test_what_may_not_be_read_is_forbidden(blind):
    api = api_of(blind)
    for path in ("/connectionSpecs", f"/connectionSpecs/{KINESIS['id']}"):
        assert (api.call("GET", path).status_code, api.call("GET", path).json()["errorCode"]) == (403, "2120-403")
    assert api.call("GET", "/flowSpecs").status_code == 200
    ups = "/data/core/ups"
    for path in (f"{ups}/audiences", f"{ups}/audiences/{MEN.id}", f"{ups}/segment/definitions", f"{ups}/segment/definitions/x"):
        assert listed(api, path).status_code == 403
    for path in (UNIONS, f"{UNIONS}/_xdm.context.profile__union"):
        assert listed(api, path).status_code == 403
    with pytest.raises(Refused):
        FlowService(transport_to(blind, Hourglass()), LIVE).profile_schema.fields()


def test_nothing_is_held_against_what_may_not_be_read_and_no_credential_is_shown(blind):
    api = api_of(blind)
    flow = api.flow()
    assert activate(api, flow["flow"], "segmentSelectors", {"id": "any"}).ok
    assert activate(api, flow["flow"], "profileSelectors", {"path": "any.thing"}).ok
    assert "TOPSECRET" not in api.call("GET", "/connections").text
    assert api.call("GET", f"/targetConnections/{flow['target']}").json()["items"][0]["params"] == STREAM
    other = end("t", {"id": "other", "version": "1.0"}, flow["account"], {})
    assert refusal(api.call("POST", "/targetConnections", json=other))[0] == "1455-400"
    page = requests.get(blind.url, timeout=5)
    assert (page.status_code, "TOPSECRET" in page.text) == (200, False)
    assert api.control("exports", flowId=flow["flow"])["runId"]


# What it makes of that


def test_exports_have_the_fields_of_the_profile_in_their_types(api):
    flow = api.flow()["flow"]
    api.activate(flow, [MEN.id], ["_acme", "person.name.lastName", "orders", "labels", "seen"])
    (record, *_) = api.control("exports", flowId=flow)["records"]
    number = record["_acme"]["visits"]
    assert record.pop("segmentMembership")["ups"]
    assert record.pop("identityMap")["ecid"]
    assert record == {
        "_acme": {"extra": {}, "joined": f"2026-03-0{number}", "visits": number, "whatever": f"whatever {number}"},
        "person": {"name": {"lastName": f"lastName {number}"}},
        "orders": [{"total": number + 0.5}],
        "labels": {"sample": number % 2 == 1},
        "seen": f"2026-03-0{number}T12:00:00Z",
    }


def test_exports_tell_of_audiences_of_the_same_merge_policy_and_of_external_ones_under_their_namespace(api):
    flow = api.flow()["flow"]
    api.activate(flow, [MEN.id])
    assert activate(api, flow, "segmentSelectors", EXTERNAL).ok
    told = {}
    for record in api.control("exports", flowId=flow)["records"]:
        for namespace, memberships in record["segmentMembership"].items():
            told.setdefault(namespace, set()).update(memberships)
    assert told == {"ups": {MEN.id, WOMEN.id}, "CustomerAudienceUpload": {LOYAL.id}}


def test_the_page_shows_its_names_as_text(tmp_path):
    hostile = replace(SNAPSHOT, audiences=(MEN._replace(name="<script>\u202e"), LOYAL))
    with Emulator(snapshot=written(tmp_path / "x.json", hostile)) as emulator:
        api = api_of(emulator)
        flow = api.flow()["flow"]
        api.activate(flow, [MEN.id])
        assert activate(api, flow, "segmentSelectors", EXTERNAL).ok
        page = requests.get(emulator.url, timeout=5).text
    assert "&lt;script&gt;\N{REPLACEMENT CHARACTER}" in page
    assert LOYAL.system_segment_id in page  # which has no name
    assert "Amazon Kinesis" in page


def test_objects_are_those_of_the_state_and_what_the_sandbox_has_is_the_files(tmp_path, file):
    state = tmp_path / "state.sqlite"
    with Emulator(state=state, snapshot=file) as emulator:
        ids = api_of(emulator).flow()
        api_of(emulator).activate(ids["flow"], [MEN.id], ["person.name.lastName"])
        api_of(emulator).control("segments", sandbox=LIVE, segments=[{"id": "new", "name": "Made at ten"}])
    newer = replace(SNAPSHOT, audiences=(WOMEN,), connection_specs=SNAPSHOT.connection_specs[:1], fields=SNAPSHOT.fields[:3])
    with Emulator(state=state, snapshot=written(tmp_path / "newer.json", newer)) as emulator:
        api = api_of(emulator)
        assert "TOPSECRET" not in api.call("GET", "/connections").text  # of a spec that is gone
        assert activate(api, ids["flow"], "segmentSelectors", {"id": WOMEN.id}).ok
        assert activate(api, ids["flow"], "segmentSelectors", {"id": "new"}).ok  # somebody has added it
        assert refusal(activate(api, ids["flow"], "profileSelectors", {"path": "seen"}))[0] == "1455-400"
        assert api.call("DELETE", f"/flows/{ids['flow']}").ok
    with Emulator(state=state) as emulator:
        assert Api(emulator).call("GET", "/connections").json()["items"] == []


# The file


def spoilt(**changes):
    return json.dumps({**json.loads(dump(SNAPSHOT)), **changes})


AUDIENCE = json.loads(dump(SNAPSHOT))["audiences"][0]
BROKEN = [
    ("", "is no snapshot: it is no JSON"),
    ("{", "is no snapshot: it is no JSON"),
    ("<<<<<<< ours\n" + spoilt(), "is no snapshot: it is no JSON"),
    ("[" * 50_000, "is no snapshot: it is no JSON"),
    ("null", "is no snapshot: it holds no object"),
    ("{}", "is no snapshot: version is no whole number from 1 on"),
    (spoilt(version=True), "is no snapshot: version is no whole number from 1 on"),
    (spoilt(version=0), "is no snapshot: version is no whole number from 1 on"),
    (spoilt(extra=1), "is no snapshot: it is no object of organization, sandbox, "),
    (spoilt(sandbox=5), "is no snapshot: it.sandbox is no text"),
    (spoilt(sandbox=""), "is no snapshot: it.sandbox is none that a call could name"),
    (spoilt(organization="a/b"), "is no snapshot: it.organization is none that a call could name"),
    (spoilt(organization="a\n::error::b"), "is no snapshot: it.organization is none that a call could name"),
    (spoilt(fields={}), "is no snapshot: it.fields is no list or null"),
    (spoilt(fields=[{"path": "a"}]), "is no snapshot: it.fields[0] is no object of path, type"),
    (spoilt(fields=[{"path": "a", "type": 5}]), "is no snapshot: it.fields[0].type is no text or null"),
    (spoilt(fields=[{"path": "a." * 5_000, "type": None}]), "is no snapshot: it.fields[0].path is deeper than any field"),
    (spoilt(audiences=[None]), "is no snapshot: it.audiences[0] is no object"),
    (
        spoilt(audiences=[{**AUDIENCE, "evaluation": "soon"}]),
        "is no snapshot: it.audiences[0].evaluation is none of streaming, ",
    ),
    ('{"version": 2, "all": "else"}', "is a snapshot of version 2: this package knows 1; upgrade pulumi-aep-streaming"),
]


@pytest.mark.parametrize(("content", "why"), BROKEN)
def test_a_broken_or_newer_file_is_one_line_that_says_where(tmp_path, content, why):
    path = tmp_path / "x.json"
    path.write_text(content)
    with pytest.raises(ValueError) as error:
        Emulator(snapshot=path, state=tmp_path / "state.sqlite")
    assert str(error.value).startswith(f"{path} {why}")
    assert "\n" not in str(error.value)
    assert not (tmp_path / "state.sqlite").exists()


def test_a_missing_file_or_no_plain_one_is_one_line(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    for path, why in (
        (tmp_path / "missing.json", f"there is no snapshot {tmp_path}/missing.json: check its path, or write it"),
        (tmp_path, "is no snapshot: it is no plain file, or larger than 64 MB"),
        (tmp_path / "pipe", "is no snapshot: it is no plain file, or larger than 64 MB"),
        (tmp_path / ("x" * 5_000), "cannot be read: File name too long"),
    ):
        with pytest.raises(ValueError, match=why.replace("(", r"\(")):
            Emulator(snapshot=path)


def command(*arguments):
    return [sys.executable, "-m", "pulumi_aep_streaming.emulator", "--port", "0", *map(str, arguments)]


def test_the_command_serves_what_a_file_says_and_says_where(file):
    with subprocess.Popen(command("--snapshot", file), stdout=subprocess.PIPE, text=True) as process:
        line = process.stdout.readline()
        process.terminate()
        assert process.wait(timeout=10) == 0
    assert line.endswith(f", organization {ACME}, client emulator-client, sandbox {LIVE} as {file} says\n")


@pytest.mark.parametrize("content", [None, "{"])
def test_the_command_ends_with_2_and_one_line_before_it_binds_a_port(tmp_path, content):
    path = tmp_path / "x.json"
    if content:
        path.write_text(content)
    ended = subprocess.run(command("--snapshot", path, "--state", tmp_path / "s"), check=False, capture_output=True, text=True)
    assert (ended.returncode, ended.stdout) == (2, "")
    assert ended.stderr.startswith("error: ")
    assert ended.stderr.count("\n") == 1
    assert not (tmp_path / "s").exists()


def test_a_sandbox_of_ones_own_choice_and_a_snapshot_do_not_go_together(file):
    ended = subprocess.run(command("--snapshot", file, "--sandbox", "dev"), check=False, capture_output=True, text=True)
    assert ended.returncode == 2
    assert "not allowed with argument" in ended.stderr

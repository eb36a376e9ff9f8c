"""What the emulator does beyond objects: exports, their runs, connection tests, segments of a sandbox."""

from __future__ import annotations

import pytest
import requests
from support.curl import AUTH, FLOW_SPEC, KINESIS, Api
from support.curl import SEGMENTS as SELECTORS
from support.surroundings import Emulator

from pulumi_aep_streaming.emulator import Switches

OVER_50 = "72ddd79b-6b0a-4e97-a8d2-112ccd81bd02"
SUMMER = "7841ba61-23c1-4bb3-a495-00d695fe1e93"
DEFINITIONS = "/data/core/ups/segment/definitions"
# A profile whose export is what the tutorial prints, and that has more than it exports.
IDENTITIES = {
    "ecid": [{"id": "10000000000000000000000000000000000001"}, {"id": "10000000000000000000000000000000000002"}],
    "email_lc_sha256": [{"id": "655332"}],
}
MEMBERSHIP = {
    OVER_50: {"lastQualificationTime": "2020-03-03T21:24:39Z", "status": "exited"},
    SUMMER: {"lastQualificationTime": "2020-03-04T23:37:33Z", "status": "realized"},
    "not-activated": {"lastQualificationTime": "2020-03-04T23:37:33Z", "status": "realized"},
}
SHOPPER = {
    "person": {"email": "shopper@example.com", "lastName": "One"},
    "loyalty": {"tier": "gold"},
    "segmentMembership": {"ups": MEMBERSHIP},
    "identityMap": IDENTITIES,
}


@pytest.fixture
def api(emulator):
    return Api(emulator)


@pytest.fixture
def flow(api):
    id_ = api.flow()["flow"]
    api.activate(id_, [OVER_50, SUMMER], ["personalEmail.address", "homeAddress.city"])
    return id_


def runs_of(api, flow, query=""):
    return api.call("GET", f"/runs?property=flowId=={flow}{query}").json()["items"]


@pytest.mark.parametrize(("edition", "member"), [("current", "realized"), ("2020", "existing")])
def test_a_record_is_shaped_as_the_tutorial_prints_it(edition, member):
    with Emulator(switches=Switches(edition=edition)) as emulator:
        api = Api(emulator)
        ids = api.flow()
        api.activate(ids["flow"], [OVER_50, SUMMER], ["person.email", "homeAddress.city"])
        (record,) = api.control("exports", flowId=ids["flow"], profiles=[SHOPPER])["records"]
    assert record == {
        "person": {"email": "shopper@example.com"},
        "segmentMembership": {"ups": {OVER_50: MEMBERSHIP[OVER_50], SUMMER: {**MEMBERSHIP[SUMMER], "status": member}}},
        "identityMap": IDENTITIES,
    }


def test_sample_profiles_are_exported_the_same_each_time(api, flow):
    first = api.control("exports", flowId=flow)["records"]
    assert first == api.control("exports", flowId=flow)["records"]
    assert api.control("exports", flowId=flow, profiles=2)["records"] == first[:2]
    assert len(first) > 2
    statuses = {item["status"] for record in first for item in record["segmentMembership"]["ups"].values()}
    assert statuses == {"realized", "exited"}
    assert all(record["personalEmail"]["address"].endswith("@example.com") for record in first)
    assert any("homeAddress" not in record for record in first)  # not every profile has one
    assert all(record["identityMap"]["ecid"] for record in first)


def test_a_profile_that_never_was_in_an_activated_segment_is_not_exported(api, flow):
    stranger = {**SHOPPER, "segmentMembership": {"ups": {"not-activated": MEMBERSHIP["not-activated"]}}}
    assert api.control("exports", flowId=flow, profiles=[stranger])["records"] == []


def test_a_disabled_flow_exports_nothing_and_has_no_run(api, flow):
    api.call("POST", f"/flows/{flow}/action?op=disable")
    assert api.control("exports", flowId=flow) == {"records": [], "runId": None}
    assert runs_of(api, flow) == []


def test_a_flow_has_no_run_until_it_exports(api, flow):
    assert runs_of(api, flow) == []
    made = api.control("exports", flowId=flow, profiles=3)
    (run,) = runs_of(api, flow)
    assert run["id"] == made["runId"]
    assert api.call("GET", f"/runs/{run['id']}").json() == {"items": [run]}
    assert (run["flowId"], run["flowSpec"], run["sandboxName"]) == (flow, FLOW_SPEC, "prod")
    summary = run["metrics"]["recordSummary"]
    assert run["metrics"]["statusSummary"] == {"status": "success"}
    assert (summary["inputRecordCount"], summary["outputRecordCount"], summary["failedRecordCount"]) == (3, 3, 0)
    counts = {entity["id"]: entity["outputRecordCount"] for entity in summary["targetSummaries"][0]["entitySummaries"]}
    assert counts == {
        f"segment:{id_}": sum(id_ in record["segmentMembership"]["ups"] for record in made["records"])
        for id_ in (OVER_50, SUMMER)
    }
    (shown,) = api.call("GET", f"/flows/{flow}").json()["items"]
    assert shown["lastRunDetails"]["id"] == run["id"]
    assert shown["lastRunDetails"]["state"] == "success"


def test_an_export_can_be_made_to_fail(api, flow):
    error = {"code": "CONNECTOR-2001-500", "message": "The stream is not there"}
    api.control("exports", flowId=flow)
    assert api.control("exports", flowId=flow, profiles=[SHOPPER], error=error)["records"] == []
    (run,) = runs_of(api, flow, "&property=metrics.statusSummary.status==failed")
    assert run["metrics"]["statusSummary"]["errors"] == [error]
    summary = run["metrics"]["recordSummary"]
    assert (summary["inputRecordCount"], summary["outputRecordCount"], summary["failedRecordCount"]) == (1, 0, 1)


def test_runs_are_filtered_ordered_counted_and_paged_like_other_lists(api, flow):
    made = [api.control("exports", flowId=flow)["runId"] for _ in range(3)]
    other = api.flow()["flow"]
    api.control("exports", flowId=other)
    assert [run["id"] for run in runs_of(api, flow)] == made[::-1]
    assert [run["id"] for run in runs_of(api, flow, "&orderby=-createdAt")] == made[::-1]
    assert api.call("GET", f"/runs?property=flowId=={flow}&count=true").json() == {"count": 3}
    page = api.call("GET", f"/runs?property=flowId=={flow}&limit=2").json()
    (last,) = api.call("GET", page["_links"]["next"]["href"]).json()["items"]
    assert last["id"] == made[0]
    entity = f"metrics.recordSummary.sourceSummaries[].entitySummaries[].id==segment:{SUMMER}"
    assert len(api.call("GET", f"/runs?property={entity}").json()["items"]) == 3


def test_runs_are_of_a_sandbox_and_not_for_a_user_to_write(emulator, api, flow):
    run = api.control("exports", flowId=flow)["runId"]
    assert Api(emulator, "dev").call("GET", f"/runs/{run}").status_code == 404
    for method, path in (("POST", "/runs"), ("PATCH", f"/runs/{run}"), ("DELETE", f"/runs/{run}")):
        assert api.call(method, path, json={}).status_code == 404


def test_credentials_are_good_until_a_control_says_otherwise(api):
    account = api.make("/connections", name="account", connectionSpec=KINESIS, auth=AUTH)["id"]
    path = f"/connections/{account}"
    assert api.call("GET", f"{path}/test").json() == {"result": True}
    before = api.call("GET", path).json()
    api.control("credentials", connectionId=account, valid=False)
    answer = api.call("GET", f"{path}/test")
    assert (answer.status_code, answer.json()) == (200, {"result": False})
    assert api.call("GET", path).json() == before
    api.control("credentials", connectionId=account, valid=True)
    assert api.call("GET", f"{path}/test").json() == {"result": True}
    assert api.call("GET", "/connections/absent/test").status_code == 404


@pytest.mark.parametrize(
    ("control", "body", "named"),
    [
        ("exports", {}, "flowId"),
        ("exports", {"flowId": "absent"}, "flows not found"),
        ("exports", {"flowId": "{flow}", "profiles": "all"}, "profiles"),
        ("exports", {"flowId": "{flow}", "error": {"message": "no code"}}, "code"),
        ("credentials", {"connectionId": "absent", "valid": False}, "connections not found"),
        ("segments", {"sandbox": "nowhere", "segments": []}, "nowhere"),
        ("segments", {"sandbox": "dev", "segments": [{}]}, "name"),
        ("faults", {"colour": "red"}, "colour"),
    ],
)
def test_a_control_that_is_used_wrongly_says_what_it_needs(api, flow, control, body, named):
    body = {key: flow if value == "{flow}" else value for key, value in body.items()}
    answer = requests.post(f"{api.url}/__control/{control}", json=body, timeout=5)
    assert answer.status_code in {400, 404}
    assert named in answer.text


def segments(api, query=""):
    return requests.get(f"{api.url}{DEFINITIONS}{query}", headers=api.headers, timeout=5).json()


def audiences(api, **query):
    url = f"{api.url}/data/core/ups/audiences"
    return requests.get(url, params=query, headers=api.headers, timeout=5).json()


def test_a_name_may_mean_another_segment_in_another_sandbox(emulator, api):
    for sandbox, id_ in (("dev", "id-in-dev"), ("prod", "id-in-prod")):
        api.control("segments", sandbox=sandbox, segments=[{"id": id_, "name": "Big spenders"}])
        there = Api(emulator, sandbox)
        named = [segment["id"] for segment in segments(there)["segments"] if segment["name"] == "Big spenders"]
        assert named == [id_]
        assert OVER_50 in [segment["id"] for segment in segments(there)["segments"]]
    path = f"{api.url}{DEFINITIONS}/id-in-dev"
    assert requests.get(path, headers=api.headers, timeout=5).status_code == 404
    assert requests.get(path, headers=Api(emulator, "dev").headers, timeout=5).json()["name"] == "Big spenders"


def test_seeded_segments_survive_a_restart_and_go_with_a_reset(tmp_path):
    with Emulator(state=tmp_path / "state") as emulator:
        (made,) = Api(emulator).control("segments", sandbox="prod", segments=[{"name": "New"}])["segments"]
    with Emulator(state=tmp_path / "state") as emulator:
        api = Api(emulator)
        assert made["id"] in [segment["id"] for segment in segments(api)["segments"]]
        requests.delete(f"{api.url}/__control/objects", timeout=5)
        assert len(segments(api)["segments"]) == 3


def test_segment_definitions_come_in_numbered_pages_newest_first(api):
    api.control("segments", sandbox="prod", segments=[{"id": f"s{number}", "name": f"S{number}"} for number in range(4)])
    pages = [segments(api, f"?limit=3&page={number}") for number in range(4)]
    assert [page["page"]["pageSize"] for page in pages] == [3, 3, 1, 0]
    assert {(page["page"]["totalCount"], page["page"]["totalPages"]) for page in pages} == {(7, 3)}
    found = [segment["id"] for page in pages for segment in page["segments"]]
    assert len(set(found)) == 7
    assert set(found[:4]) == {"s0", "s1", "s2", "s3"}
    assert [segment["id"] for segment in segments(api, "?start=5&limit=2")["segments"]] == found[5:7]
    assert segments(api, "?sort=name:desc")["segments"][0]["name"] == "Summer campaign"
    assert requests.get(f"{api.url}{DEFINITIONS}?limit=101", headers=api.headers, timeout=5).status_code == 400


def test_audiences_can_be_asked_for_by_name(api):
    name = 'Big, rich "spenders"'
    api.control("segments", sandbox="prod", segments=[{"id": "big", "name": name}, {"id": "bigger", "name": f"{name} too"}])
    assert [audience["id"] for audience in audiences(api, property=f"name=={name}")["children"]] == ["big"]
    assert {audience["id"] for audience in audiences(api, name="big, RICH")["children"]} == {"big", "bigger"}


def test_audiences_come_in_pages_segments_and_what_is_no_segment(api):
    pages = [audiences(api, limit=3)]
    while "next" in pages[-1]["_page"]:
        pages.append(audiences(api, limit=3, start=pages[-1]["_page"]["next"]))
    assert pages[-1]["_links"] == {}
    listed = {audience["id"]: audience for page in pages for audience in page["children"]}
    assert len(listed) == sum(len(page["children"]) for page in pages) == pages[0]["_page"]["totalCount"]
    assert listed.keys() > {segment["id"] for segment in segments(api)["segments"]}
    states = {audience["name"]: audience["lifecycleState"] for audience in listed.values()}
    assert states["Autumn campaign"] == "draft"
    assert "inactive" not in states.values()


LOYALTY = {"id": "loyalty-members-2026", "systemSegmentId": "32a83b5d-a118-4bd6-b3cb-3aee2f4c30a1"}
LOYALTY["namespace"] = "CustomerAudienceUpload"
WINTER = "5b7b2c07-6a55-4e4f-8d6b-6a3f6c2c9f11"


def test_an_external_audience_is_an_audience_of_another_id_and_no_segment_definition(api):
    (found,) = audiences(api, property=f"audienceId=={LOYALTY['id']}")["children"]
    assert (found["id"], found["namespace"]) == (LOYALTY["systemSegmentId"], LOYALTY["namespace"])
    assert (found["type"], found["originName"]) == ("ExternalSegment", "CUSTOM_UPLOAD")
    assert not {"mergePolicyId", "evaluationInfo", "expression"} & found.keys()
    assert one(api, "audiences", found["id"]).json() == found
    assert one(api, "audiences", LOYALTY["id"]).status_code == 404
    assert one(api, "segment/definitions", found["id"]).status_code == 404


def test_an_inactive_audience_is_shown_only_to_who_asks_for_its_id(api):
    assert audiences(api, property="name==Winter sale 2024")["children"] == []
    (found,) = audiences(api, property=f"audienceId=={WINTER}")["children"]
    assert found == one(api, "audiences", WINTER).json()
    assert (found["lifecycleState"], found["namespace"]) == ("inactive", "AEPSegments")
    assert one(api, "segment/definitions", WINTER).status_code == 404


def one(api, kind, id_):
    return requests.get(f"{api.url}/data/core/ups/{kind}/{id_}", headers=api.headers, timeout=5)


def add(api, flow, value):
    """Try to activate what a selector says."""
    operation = {"op": "add", "path": f"{SELECTORS}/-", "value": {"type": "PLATFORM_SEGMENT", "value": value}}
    return api.call("PATCH", f"/flows/{flow}", json=[operation], headers={"If-Match": api.etag(f"/flows/{flow}")})


@pytest.mark.parametrize(
    ("odd", "named"),
    [
        ({"namespace": None}, "value.namespace"),
        ({"systemSegmentId": ""}, "value.systemSegmentId"),
        ({"namespace": ["x"]}, "value.namespace"),
    ],
)
def test_an_external_audience_is_named_in_full(api, odd, named):
    flow = api.flow()["flow"]
    refused = add(api, flow, {**LOYALTY, **odd})
    assert refused.status_code == 400
    assert named in refused.text
    assert add(api, flow, LOYALTY).ok


def test_external_memberships_are_exported_under_their_own_namespace(api, flow):
    assert add(api, flow, LOYALTY).ok
    held = {LOYALTY["id"]: {"status": "realized"}}
    profile = {"segmentMembership": {"CustomerAudienceUpload": held, "ups": {LOYALTY["id"]: {"status": "realized"}}}}
    made = api.control("exports", flowId=flow, profiles=[profile])
    assert made["records"][0]["segmentMembership"] == {"ups": {}, "CustomerAudienceUpload": held}
    (run,) = runs_of(api, flow)
    counted = run["metrics"]["recordSummary"]["sourceSummaries"][0]["entitySummaries"]
    assert {"id": f"segment:{LOYALTY['id']}", "inputRecordCount": 1} in counted


def test_exports_tell_of_unmapped_audiences_of_the_same_merge_policy_unless_told_otherwise(api):
    flow = api.flow()["flow"]
    api.activate(flow, [OVER_50])
    other = {"id": "other-policy", "name": "Other", "mergePolicyId": "another"}
    api.control("segments", sandbox="prod", segments=[other])
    held = {id_: {"status": "realized"} for id_ in (OVER_50, SUMMER, "other-policy", "unheard-of")}
    order = {"flowId": flow, "profiles": [{"segmentMembership": {"ups": held}}]}
    (record,) = api.control("exports", **order)["records"]
    assert record["segmentMembership"]["ups"].keys() == {OVER_50, SUMMER}
    (record,) = api.control("exports", mappedOnly=True, **order)["records"]
    assert record["segmentMembership"]["ups"].keys() == {OVER_50}
    stranger = {"segmentMembership": {"ups": {SUMMER: {"status": "realized"}}}}
    assert api.control("exports", flowId=flow, profiles=[stranger])["records"] == []

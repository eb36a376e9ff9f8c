"""The verbs against the emulator: create, get, find, modify, delete, switch."""

from __future__ import annotations

import dataclasses

import pytest
from support.curl import AUTH, KINESIS, STREAM, end
from support.surroundings import Emulator, methods, transport_to

from pulumi_aep_streaming.emulator import Fault, Switches
from pulumi_aep_streaming.flow_service.client import FlowService
from pulumi_aep_streaming.flow_service.errors import NotFound, Refused, TimedOut, Unreadable, VersionConflict
from pulumi_aep_streaming.flow_service.models import Flow

IN_EVERY_EDITION = True
PLACE = "EMULATOR@AdobeOrg/prod"
PROFILE_SPEC = {"id": "8a9c3494-9708-43d7-ae3f-cda01e5030e1", "version": "1.0"}
FLOW_SPEC = {"id": "71471eba-b620-49e4-90fd-23f1fa0174d8", "version": "1.0"}
SEGMENTS = "/transformations/0/params/segmentSelectors/selectors"


def make_flow(service):
    base = service.connections.create({"name": "base", "connectionSpec": PROFILE_SPEC}).id
    account = service.connections.create({"name": "account", "connectionSpec": KINESIS, "auth": AUTH}).id
    source = service.source_connections.create(end("source", PROFILE_SPEC, base, {})).id
    target = service.target_connections.create(end("target", KINESIS, account, STREAM)).id
    params = {member: {"selectors": []} for member in ("segmentSelectors", "profileSelectors")}
    return service.flows.create(
        {
            "name": "flow",
            "flowSpec": FLOW_SPEC,
            "sourceConnectionIds": [source],
            "targetConnectionIds": [target],
            "transformations": [{"name": "GeneralTransform", "params": params}],
        }
    ).id


def segment(id_):
    return {"type": "PLATFORM_SEGMENT", "value": {"id": id_}}


def wanting(*ids):
    """The intent: these segments are there, whatever else is."""

    def compute(live):
        present = {entry["value"]["id"] for entry in live.selectors("segmentSelectors") or []}
        return [{"op": "add", "path": f"{SEGMENTS}/-", "value": segment(id_)} for id_ in ids if id_ not in present]

    return compute


def segments_of(live):
    return [entry["value"]["id"] for entry in live.selectors("segmentSelectors")]


def test_get_unwraps_items_and_takes_a_bare_object_too(service, emulator):
    id_ = make_flow(service)
    assert service.flows.get(id_).id == id_
    bare = {"id": id_, "name": "bare", "etag": "plain"}
    emulator.order(Fault(method="GET", status=200, body=bare))
    live = service.flows.get(id_)
    assert (live.name, live.if_match) == ("bare", '"plain"')


def test_lists_leave_out_what_is_not_as_documented(service, emulator):
    odd = [
        {"name": "no id"},
        {"id": "x", "name": 5},
        "odd",
        {"id": "good", "sourceConnectionIds": None, "flowSpec": {"version": 1}},
    ]
    emulator.order(Fault(method="GET", status=200, body={"items": odd}))
    (found,) = service.flows.find("name==x")
    assert (found.id, found.source_connection_ids, found.flow_spec.version) == ("good", [], "1")


def test_a_create_may_be_answered_inside_items(service, emulator):
    emulator.order(Fault(method="POST", path="/connections", status=201, body={"items": [{"id": "x"}]}))
    assert service.connections.create({"name": "x", "connectionSpec": PROFILE_SPEC}).id == "x"


def test_a_read_that_is_late_to_find_what_was_just_made_is_waited_for(service, emulator):
    id_ = make_flow(service)
    absent = {"errorMessage": "flows not found with id = [x]"}
    emulator.order(Fault(method="GET", status=404, body=absent, times=3))
    assert segments_of(service.flows.modify(id_, wanting("a"), appearing=True)) == ["a"]
    emulator.order(Fault(method="GET", status=404, body=absent, times=1))
    with pytest.raises(NotFound):
        service.flows.modify(id_, wanting("a"))


def test_a_delete_waits_for_users_that_are_on_their_way_out(service, emulator):
    ids = make_flow(service)
    (target,) = service.flows.get(ids).target_connection_ids
    used = {"errorCode": "1447-400", "message": "Found active flows"}
    emulator.order(Fault(method="DELETE", status=400, body=used, times=2))
    emulator.store.delete(PLACE, "flows", ids)
    emulator.order(Fault(method="GET", path="property=targetConnectionIds", status=200, body={"items": [{"id": ids}]}))
    service.target_connections.delete(target, lambda: service.flows.using(target=target))


def test_a_dataflow_that_was_just_deleted_keeps_nothing_from_being_deleted(service, emulator):
    """A delete may be accepted, and take effect later; meanwhile the dataflow is listed and read as if nothing was."""
    id_ = make_flow(service)
    flow = emulator.store.get(PLACE, "flows", id_)
    (target,) = flow["targetConnectionIds"]
    service.flows.delete(id_)
    used = {"errorCode": "1447-400", "message": "Found active flows"}
    emulator.order(Fault(method="DELETE", status=400, body=used, times=2))
    emulator.order(Fault(method="GET", path="/flows", status=200, body={"items": [flow]}, times=9))
    service.target_connections.delete(target, lambda: service.flows.using(target=target))
    assert methods(emulator).count("DELETE targetConnections") == 3


def test_json_is_utf_8_whatever_is_said_of_it(service, emulator):
    body = '{"items": [{"id": "x", "name": "Käufer"}]}'
    headers = {"content-type": "application/json;charset=ISO-8859-1"}
    emulator.order(Fault(method="GET", status=200, raw=body, headers=headers))
    assert service.connections.get("x").name == "Käufer"


def test_a_base_connection_may_be_named_among_what_is_inherited(service, emulator):
    shown = {"id": "x", "inheritedAttributes": {"baseConnection": {"id": "base"}}}
    emulator.order(Fault(method="GET", status=200, body={"items": [shown]}))
    assert service.source_connections.get("x").base_connection_id == "base"


def test_a_flow_that_does_not_use_a_connection_is_not_named(service, emulator):
    """A service may answer a filter that it does not know with everything."""
    other = emulator.store.get(PLACE, "flows", make_flow(service))
    emulator.order(Fault(method="GET", path="property=targetConnectionIds", status=200, body={"items": [other]}))
    assert service.flows.using(target="x") == []


@pytest.mark.parametrize("masked", [None, "****", []])
def test_objects_that_are_shown_as_something_else_are_as_good_as_not_shown(service, emulator, masked):
    shown = {"id": "x", "name": "x", "etag": "1", "auth": {"specName": "s", "params": masked}}
    emulator.order(Fault(method="GET", path="/connections/", status=200, body={"items": [shown]}))
    assert service.connections.get("x").auth.params is None
    emulator.order(Fault(method="GET", path="/connections/", status=200, body={"items": [{**shown, "auth": masked}]}))
    assert service.connections.get("x").auth is None
    assert list(service.target_connections.find()) == []


@pytest.mark.parametrize("body", [[], {"items": 5}, {"items": [{"name": "no id"}]}, {"items": [{"id": "x", "name": 5}]}])
def test_an_answer_that_is_not_documented_is_an_error_not_an_absence(service, emulator, body):
    emulator.order(Fault(method="GET", status=200, body=body or {"items": "x"}))
    with pytest.raises(Unreadable):
        service.flows.get("x")


def test_an_empty_list_of_items_is_an_absence(service, emulator):
    emulator.order(Fault(method="GET", status=200, body={"items": []}))
    with pytest.raises(NotFound):
        service.flows.get("x")


def test_find_follows_all_pages_with_its_filters(service, emulator):
    for number in range(205):
        service.connections.create({"name": f"twin-{number % 2}", "connectionSpec": PROFILE_SPEC})
    emulator.forget()
    assert len(list(service.connections.find("name==twin-0"))) == 103
    assert len(list(service.connections.find())) == 205
    assert [call.status for call in emulator.calls] == [200] * 5


def test_pages_that_lead_in_a_circle_end_in_an_error(service, emulator):
    page = {"items": [], "_links": {"next": {"href": "https://elsewhere.example/x?continuationToken=1"}}}
    emulator.order(Fault(method="GET", status=200, body=page, times=9))
    with pytest.raises(Unreadable, match="circle"):
        list(service.connections.find())


def test_modify_without_a_difference_only_reads(service, emulator):
    id_ = make_flow(service)
    emulator.forget()
    service.flows.modify(id_, wanting())
    assert methods(emulator) == ["GET flows"]


@pytest.mark.editions("current", "2020", "open")
def test_modify_reads_patches_under_the_version_and_reads_back(service, emulator):
    id_ = make_flow(service)
    emulator.forget()
    live = service.flows.modify(id_, wanting("a", "b"))
    assert segments_of(live) == ["a", "b"]
    assert methods(emulator) == ["GET flows", "PATCH flows", "GET flows"]


def somebody_else_patches(emulator, id_, *operations):
    etag = emulator.store.get(PLACE, "flows", id_)["etag"]
    emulator.store.patch(PLACE, "flows", id_, list(operations), etag, "somebody")


@pytest.mark.editions("current", "2020", "open")
def test_after_a_conflict_the_intent_is_applied_to_what_is_there_then(service, emulator, hourglass):
    id_ = make_flow(service)
    tries = []

    def compute(live):
        if len(tries) < 3:
            tries.append(live)
            theirs = {"op": "add", "path": f"{SEGMENTS}/-", "value": segment(f"theirs-{len(tries)}")}
            somebody_else_patches(emulator, id_, theirs)
        return wanting("ours")(live)

    live = service.flows.modify(id_, compute)
    assert sorted(segments_of(live)) == ["ours", "theirs-1", "theirs-2", "theirs-3"]
    assert len(hourglass.naps) == 3


def test_conflicts_that_do_not_end_are_an_error_after_eight(service, emulator):
    id_ = make_flow(service)
    emulator.order(Fault(method="PATCH", status=412, body={"errorMessage": "Supplied version"}, times=99))
    emulator.forget()
    with pytest.raises(VersionConflict, match="somebody keeps changing the object"):
        service.flows.modify(id_, wanting("a"))
    assert methods(emulator).count("PATCH flows") == 8


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("how", [{"reset": True}, {"status": 503}, {"status": 500}])
def test_a_patch_whose_answer_was_lost_is_settled_by_reading(service, emulator, when, how):
    id_ = make_flow(service)
    emulator.order(Fault(method="PATCH", when=when, **how))
    emulator.forget()
    live = service.flows.modify(id_, wanting("a"))
    assert segments_of(live) == ["a"]
    patches = methods(emulator).count("PATCH flows")
    assert patches == (2 if when == "before" else 1)


@pytest.mark.parametrize("edition", ["2020", "current"])
def test_both_editions_answers_to_a_patch_are_understood(hourglass, edition):
    with Emulator(switches=Switches(edition=edition)) as emulator:
        service = FlowService(transport_to(emulator, hourglass), "prod")
        assert segments_of(service.flows.modify(make_flow(service), wanting("a"))) == ["a"]


@pytest.mark.parametrize("status", [202, 204])
def test_both_answers_to_a_delete_are_understood(hourglass, status):
    with Emulator(switches=Switches(delete_status=status)) as emulator:
        service = FlowService(transport_to(emulator, hourglass), "prod")
        id_ = service.connections.create({"name": "x", "connectionSpec": PROFILE_SPEC}).id
        service.connections.delete(id_)
        service.connections.delete(id_)
        assert list(service.connections.find()) == []


def finalizing(emulator, hourglass, seconds):
    """Let changed objects stay `updating` for a while, on the hourglass's time."""
    emulator.store.switches = dataclasses.replace(emulator.store.switches, finalizer_seconds=seconds)
    emulator.store.clock = lambda: hourglass.time


def test_transient_states_are_waited_for_before_and_after(service, emulator, hourglass):
    id_ = make_flow(service)
    finalizing(emulator, hourglass, 3)
    service.flows.modify(id_, wanting("a"))
    assert hourglass.time >= 3
    live = service.flows.modify(id_, wanting("a", "b"))
    assert (segments_of(live), live.state) == (["a", "b"], "enabled")


def test_a_state_that_does_not_end_is_an_error_that_names_it(service, emulator, hourglass):
    id_ = make_flow(service)
    finalizing(emulator, hourglass, 10_000)
    with pytest.raises(TimedOut, match="stays updating, after 60 s"):
        service.flows.modify(id_, wanting("a"))


@pytest.mark.parametrize("code", ["1421", "1422"])
def test_a_busy_refusal_is_waited_for(service, emulator, code):
    id_ = make_flow(service)
    emulator.order(Fault(method="PATCH", status=400, body={"errorCode": f"{code}-400", "message": "busy"}, times=2))
    assert segments_of(service.flows.modify(id_, wanting("a"))) == ["a"]


def test_a_lagging_read_is_waited_for(service, emulator):
    id_ = make_flow(service)
    stale = {"items": [emulator.store.get(PLACE, "flows", id_)]}
    emulator.order(Fault(method="GET", status=200, body=stale, times=3))
    emulator.forget()
    assert segments_of(service.flows.modify(id_, wanting("a"))) == ["a"]
    assert methods(emulator).count("PATCH flows") == 1


def test_a_change_that_never_shows_is_an_error_that_names_what_is_missing(service, emulator):
    id_ = make_flow(service)
    stale = {"items": [emulator.store.get(PLACE, "flows", id_)]}
    emulator.order(Fault(method="GET", status=200, body=stale, times=999))
    with pytest.raises(TimedOut, match="accepted but not in effect: add .*segmentSelectors"):
        service.flows.modify(id_, wanting("a"))


@pytest.mark.editions("current", "2020")
def test_what_the_service_masks_is_not_waited_for(service, emulator):
    spec = {"id": "86043421-563b-46ec-8e6c-e23184711bf6", "version": "1.0"}
    auth = {
        "specName": "Aws Kinesis authentication credentials",
        "params": {"accessKeyId": "a", "secretKey": "s", "region": "r"},
    }
    id_ = service.connections.create({"name": "k", "connectionSpec": spec, "auth": auth}).id
    wanted = {**auth["params"], "secretKey": "new"}
    operation = {"op": "replace", "path": "/auth/params", "value": wanted}
    emulator.forget()
    live = service.connections.modify(id_, lambda live: [operation], unseen=frozenset({"/auth/params"}))
    assert live.auth.params["secretKey"] == "xxxx"
    assert methods(emulator) == ["GET connections", "PATCH connections", "GET connections"]
    assert emulator.store.load(PLACE, "connections", id_)["auth"]["params"] == wanted


def test_an_object_without_any_version_cannot_be_changed_safely(service, emulator):
    id_ = make_flow(service)
    emulator.order(Fault(method="GET", status=200, body={"items": [{"id": id_}]}))
    with pytest.raises(Unreadable, match="without an etag"):
        service.flows.modify(id_, lambda live: [{"op": "add", "path": "/name", "value": "x"}])


def test_a_flow_is_switched_off_and_on_and_not_twice(service, emulator):
    id_ = make_flow(service)
    service.flows.switch(id_, on=False)
    assert service.flows.get(id_).state == "disabled"
    emulator.forget()
    service.flows.switch(id_, on=False)
    assert methods(emulator) == ["GET flows"]
    service.flows.switch(id_, on=True)
    assert service.flows.get(id_).state == "enabled"


@pytest.mark.parametrize("when", ["before", "after"])
def test_a_switch_whose_answer_was_lost_is_settled_by_reading(service, emulator, when):
    id_ = make_flow(service)
    emulator.order(Fault(method="POST", path="/action", reset=True, when=when))
    service.flows.switch(id_, on=False)
    assert service.flows.get(id_).state == "disabled"


def test_a_create_without_an_id_is_an_error(service, emulator):
    emulator.order(Fault(method="POST", path="/connections", status=201, body={}))
    with pytest.raises(Unreadable, match="without an id"):
        service.connections.create({"name": "x", "connectionSpec": PROFILE_SPEC})


def test_deleting_what_is_in_use_is_refused_with_what_to_do(service, emulator):
    id_ = make_flow(service)
    base = service.connections.get(
        service.source_connections.get(service.flows.get(id_).source_connection_ids[0]).base_connection_id
    )
    with pytest.raises(Refused, match="1418.*delete the dataflows that use it first"):
        service.connections.delete(base.id)


def test_unknown_members_are_kept_and_missing_ones_are_empty():
    flow = Flow.model_validate({"id": "x", "somethingNew": {"a": 1}})
    assert (flow.name, flow.state, flow.if_match, flow.selectors("segmentSelectors")) == (None, None, None, None)
    assert flow.model_extra == {"somethingNew": {"a": 1}}

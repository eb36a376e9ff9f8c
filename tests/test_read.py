"""What a provider reads: absence, drift, and how failures are told."""

from __future__ import annotations

import json

import pytest
from support.providing import (
    AUTH,
    KINESIS,
    PLACE,
    PROFILES,
    add_segment,
    bag,
    live_flow,
    segments_of,
    somebody_else,
    updated,
)

from pulumi_aep_streaming._dynamic.call import Foreseen
from pulumi_aep_streaming.base_connection import BaseConnectionProvider
from pulumi_aep_streaming.dataflow import DataflowProvider
from pulumi_aep_streaming.emulator import Fault
from pulumi_aep_streaming.target_connection import TargetConnectionProvider

IN_EVERY_EDITION = True


def test_read_after_create_is_what_create_returned(provide, account):
    read = provide(BaseConnectionProvider).read(account.id, {**account.outs, "__provider": "p"})
    assert (read.id, read.outs) == (account.id, account.outs)
    assert read.inputs == {key: value for key, value in account.outs.items() if key != "nonce"}


@pytest.mark.parametrize("status_and_code", [(404, ""), (400, "1439-400")])
def test_a_missing_object_reads_as_absent(provide, emulator, account, status_and_code):
    status, code = status_and_code
    body = {"errorCode": code, "errorMessage": f"connections not found with id = [{account.id}]"}
    emulator.order(Fault(method="GET", status=status, body=body))
    read = provide(BaseConnectionProvider).read(account.id, account.outs)
    assert (read.id, read.outs) == ("", {})


@pytest.mark.parametrize("stray", [{}, {"message": "no Route matched"}, {"title": "NotFound", "status": 404}])
def test_a_stray_404_is_an_absence_only_if_the_list_agrees(provide, emulator, account, stray):
    provider = provide(BaseConnectionProvider)
    emulator.order(Fault(method="GET", path="/connections/", status=404, body=stray, times=2))
    for verb in (provider.read, provider.delete):
        with pytest.raises(Foreseen, match=f"though {account.id} is listed: try again"):
            verb(account.id, account.outs)
    emulator.store.delete(PLACE, "connections", account.id)
    emulator.order(Fault(method="GET", path="/connections/", status=404, body=stray, times=2))
    emulator.order(
        Fault(method="GET", path="property=id", status=400, body={"errorCode": "1449-400", "message": "Unknown field"})
    )
    assert provider.read(account.id, account.outs).id == ""
    provider.delete(account.id, account.outs)


def test_an_address_where_nothing_is_found_is_no_absence(provide, emulator, account):
    emulator.order(Fault(path="/data/", status=404, body={"message": "no Route matched with those values"}, times=9))
    provider = provide(BaseConnectionProvider)
    for verb in (provider.read, provider.delete):
        with pytest.raises(Foreseen, match="no Route matched with those values, and neither .* else there: check aep:endpoint"):
            verb(account.id, account.outs)
    assert emulator.store.get(PLACE, "connections", account.id)


@pytest.mark.parametrize(
    "answer",
    [
        {"status": 404, "body": {"errorCode": "2100-404", "errorMessage": "Sandbox is not found"}},
        {"status": 403, "body": {"error_code": "403025", "message": "Profile is not valid"}},
        {"status": 500, "times": 9},
        {"status": 200, "body": {"unexpected": True}},
        {"status": 200, "raw": "<html>It works!</html>"},
        {"status": 200, "raw": '{"items": [{"id": "x", "na'},
        {"status": 200, "raw": ""},
        {"status": 200, "raw": "[" * 100_000},
        {"status": 404, "raw": "<html>404 Not Found</html>"},
        {"status": 301, "raw": ""},
    ],
)
def test_no_other_answer_reads_as_absent(provide, emulator, account, answer):
    emulator.order(Fault(method="GET", **answer))
    provider = provide(BaseConnectionProvider, **{"aep:maxRetries": "0"})
    with pytest.raises(Foreseen, match=r"cannot read base connection account: "):
        provider.read(account.id, account.outs)


def test_an_error_says_verb_kind_and_name_and_no_secret(provide, emulator):
    provider = provide(BaseConnectionProvider)
    message = {"errorCode": "1415-400", "message": "the key TOPSECRET does not fit"}
    emulator.order(Fault(method="POST", path="/connections", status=400, body=message))
    with pytest.raises(Foreseen) as failed:
        provider.create(bag(provider, name="account", connectionSpecId=KINESIS, auth=AUTH))
    line = str(failed.value)
    assert line.startswith("cannot create base connection account: the key [secret] does not fit (HTTP 400, code 1415)")
    assert "\n" not in line


def test_a_managed_pause_is_drift(provide, emulator, ends):
    provider = provide(DataflowProvider)
    made = provider.create(bag(provider, name="f", **ends, enabled=True))
    emulator.store.act(PLACE, made.id, "disable", "somebody")
    read = provider.read(made.id, made.outs)
    assert read.inputs["enabled"] is False
    assert updated(provider, made.id, read.outs, enabled=True)["enabled"] is True
    assert live_flow(emulator, made.id)["state"] == "enabled"


def test_exclusive_shows_foreign_selectors_by_name_and_removes_what_a_refresh_has_shown(provide, emulator, ends):
    provider = provide(DataflowProvider)
    made = provider.create(bag(provider, name="f", **ends, segments=[{"id": "s1"}]))
    somebody_else(emulator, "flows", made.id, add_segment("theirs", name="Summer"))
    read = provider.read(made.id, made.outs)
    assert read.inputs["segments"] == [{"id": "s1"}, {"id": "theirs", "name": "Summer"}]
    assert provider.diff(made.id, read.outs, made.outs).changes
    updated(provider, made.id, read.outs, segments=[{"id": "s1"}])
    assert segments_of(live_flow(emulator, made.id)) == ["s1"]


def test_members_that_the_service_adds_are_never_drift(provide, emulator, ends):
    provider = provide(DataflowProvider)
    made = provider.create(bag(provider, name="f", **ends, segments=[{"id": "s1"}], profileAttributes=[{"path": "a.b"}]))
    added = {"op": "add", "path": "/transformations/0/params/profileSelectors/selectors/0/value/mapping", "value": {"x": 1}}
    somebody_else(emulator, "flows", made.id, added)
    assert provider.read(made.id, made.outs).outs == made.outs
    target = provide(TargetConnectionProvider)
    id_ = ends["targetConnectionIds"][0]
    somebody_else(emulator, "targetConnections", id_, {"op": "add", "path": "/params/includeSegmentNames", "value": True})
    state = bag(target, name="t", baseConnectionId="x", connectionSpecId=KINESIS, params={"stream": "s", "region": "r"})
    read = target.read(
        id_, {**state, "baseConnectionId": emulator.store.get(PLACE, "targetConnections", id_)["baseConnectionId"]}
    )
    assert read.outs["params"] == {"stream": "s", "region": "r"}


def test_what_the_service_leaves_out_is_not_taken_for_gone(provide, emulator, ends):
    provider = provide(DataflowProvider)
    made = provider.create(bag(provider, name="f", **ends, segments=[{"id": "s1"}]))
    live = live_flow(emulator, made.id)
    bare = {key: live[key] for key in ("id", "name", "description", "etag", "transformations") if key in live}
    emulator.order(
        Fault(method="GET", status=200, body={"items": [{**bare, "sandboxName": "Prod", "targetConnectionIds": None}]})
    )
    assert provider.read(made.id, made.outs).outs == made.outs


def test_a_very_long_answer_is_cut_in_the_middle(provide, emulator):
    provider = provide(BaseConnectionProvider)
    emulator.order(Fault(method="POST", path="/connections", status=400, body={"message": "x" * 5000, "errorCode": "1415-400"}))
    with pytest.raises(Foreseen) as failed:
        provider.create(bag(provider, name="account", connectionSpecId=PROFILES))
    assert len(str(failed.value)) < 700
    assert "code 1415" in str(failed.value)


def test_a_reference_has_all_that_its_types_promise(provide, emulator, ends):
    provider = provide(DataflowProvider)
    made = provider.create(bag(provider, name="f", **ends))
    found = provider.read(made.id, {"sandboxName": "prod"}).outs
    assert (found["segments"], found["profileAttributes"], found["orgId"]) == ([], [], "EMULATOR@AdobeOrg")


def test_an_unforeseen_failure_keeps_its_traceback_and_asks_for_a_report(provide, account, capfd):
    provider = provide(BaseConnectionProvider)
    del provider.lifecycle
    with pytest.raises(AttributeError, match="lifecycle"):
        provider.read(account.id, account.outs)
    assert "unforeseen failure to read a base connection: please report it, with the traceback" in capfd.readouterr().err


ODD_MEMBERS = [
    {"name": 5},
    {"description": ["x"]},
    {"transformations": {"x": 1}},
    {"etag": {}},
    {"deep": json.loads("[" * 90 + "]" * 90)},
]


@pytest.mark.parametrize("odd", ODD_MEMBERS, ids=str)
def test_a_refresh_leaves_what_it_cannot_read_as_it_was_and_says_so(provide, emulator, ends, odd, capfd):
    provider = provide(DataflowProvider)
    flow = provider.create(bag(provider, name="f", segments=[{"id": "s1"}], **ends))
    answer = json.dumps({"items": [{**live_flow(emulator, flow.id), **odd}]})
    emulator.misbehave()
    emulator.order(Fault(method="GET", path="/flows/", status=200, raw=answer, times=2))
    read = provider.read(flow.id, flow.outs)
    assert (read.id, read.outs) == (flow.id, flow.outs)
    assert read.inputs == {key: value for key, value in flow.outs.items() if key != "nonce"}
    said = capfd.readouterr().err
    assert f"warning: dataflow f: flows {flow.id} was answered with " in said
    assert said.count("; it stays in state as it was\n") == 1
    with pytest.raises(Foreseen, match="was answered with"):
        provider.read(flow.id, {"sandboxName": "prod"})


def test_what_others_wrote_is_stored_without_colours_of_the_engine_and_is_no_drift(provide, emulator, ends):
    provider = provide(DataflowProvider)
    flow = provider.create(bag(provider, name="mine <{%b%}>", segments=[{"id": "s1"}], **ends))
    somebody_else(emulator, "flows", flow.id, add_segment("s2", name="Autumn <{%x%}> sale"))
    read = provider.read(flow.id, flow.outs)
    assert read.outs["name"] == "mine <{%b%}>"
    assert read.outs["segments"] == [{"id": "s1"}, {"id": "s2", "name": "Autumn <{ %x%}> sale"}]
    assert provider.read(flow.id, read.outs).outs == read.outs


def lists_show(emulator, **members):
    """From now on lists show objects with these members instead of their own."""
    find = emulator.store.find
    emulator.store.find = lambda *arguments: [{**item, **members} for item in find(*arguments)]


OLD = [{"name": "GeneralTransform", "params": {"segmentSelectors": {"selectors": []}}}]


@pytest.mark.parametrize(
    "members",
    [
        {"transformations": OLD},
        {"transformations": [{"name": "GeneralTransform", "params": {}}]},
        {"description": "Flow [pul"},
        {"description": ""},
        {"name": "before it was renamed"},
    ],
)
def test_what_only_a_page_shows_is_no_drift(provide, emulator, ends, members):
    """Lists lag behind, and may show objects in short."""
    provider = provide(DataflowProvider)
    common = {**ends, "segments": [{"id": "s1"}], "description": "Flow"}
    made = [provider.create(bag(provider, name="f", managedBy=f"shop/prod/f{n}#0000000{n}", **common)) for n in range(8)]
    lists_show(emulator, **members)
    refreshing = provide(DataflowProvider)
    assert [refreshing.read(flow.id, flow.outs).outs for flow in made] == [flow.outs for flow in made]


def test_drift_that_a_page_shows_is_read_and_found(provide, emulator, ends):
    provider = provide(DataflowProvider)
    common = {**ends, "segments": [{"id": "s1"}]}
    made = [provider.create(bag(provider, name="f", managedBy=f"shop/prod/f{n}#0000000{n}", **common)) for n in range(8)]
    somebody_else(emulator, "flows", made[6].id, add_segment("theirs"))
    refreshing = provide(DataflowProvider)
    emulator.forget()
    found = [len(refreshing.read(flow.id, flow.outs).outs["segments"]) for flow in made]
    assert found == [1, 1, 1, 1, 1, 1, 2, 1]
    reads = [call for call in emulator.calls if call.method == "GET"]
    assert len(reads) <= 4 + 1 + 1  # the first four, a page, and the one that differs


@pytest.mark.parametrize("named", [{}, {"name": "account", "connectionSpecId": KINESIS, "managedBy": "shop/prod/a#0a0b0c0d"}])
def test_a_reference_to_what_is_not_there_is_an_error_also_if_it_has_arguments(provide, named):
    """As `ResourceOptions(id=...)` has it."""
    with pytest.raises(Foreseen, match="there is no base connection 00000000-0000-4000-8000-000000000000 in sandbox prod"):
        provide(BaseConnectionProvider).read("00000000-0000-4000-8000-000000000000", {**named, "__provider": "p"})


def test_a_reference_to_what_the_stack_manages_as_well_hides_no_change_of_the_program(provide, emulator, ends, capfd):
    provider = provide(DataflowProvider)
    made = provider.create(bag(provider, name="f", **ends, segments=[{"id": "s"}]))
    somebody_else(emulator, "flows", made.id, add_segment("theirs"))
    up = provide(DataflowProvider)
    up.read(made.id, {"__provider": "p"})
    goal = {**bag(up, name="f", **ends, segments=[{"id": "s"}]), "flowSpecVersion": "2.0"}
    assert up.diff(made.id, made.outs, goal).replaces == ["flowSpecVersion"]
    assert "replaced, as flowSpecVersion changes" in capfd.readouterr().err
    assert segments_of(live_flow(emulator, up.create(goal).id)) == ["s", "theirs"]


def test_the_diff_of_a_refresh_warns_of_nothing_that_the_program_does(provide, emulator, ends, capfd):
    """It compares the inputs from before with what was read."""
    provider = provide(DataflowProvider)
    made = provider.create(bag(provider, name="f", **ends))
    somebody_else(emulator, "flows", made.id, add_segment("theirs"))
    refreshing = provide(DataflowProvider)
    found = refreshing.read(made.id, made.outs)
    capfd.readouterr()
    refreshing.diff(made.id, found.outs, {key: value for key, value in made.outs.items() if key != "nonce"})
    assert "loses" not in capfd.readouterr().err

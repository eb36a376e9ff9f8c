"""What a provider deletes, and what it leaves alone."""

from __future__ import annotations

import re

import pytest
from support.providing import (
    PLACE,
    add_segment,
    bag,
    owner,
    somebody_else,
)

from pulumi_aep_streaming._dynamic.call import Foreseen
from pulumi_aep_streaming.base_connection import BaseConnectionProvider
from pulumi_aep_streaming.dataflow import DataflowProvider
from pulumi_aep_streaming.emulator import Fault

IN_EVERY_EDITION = True


def forced_replacement(provide, account):
    """What `pulumi up --replace` does before its delete: a create that takes over the old object. Returns the new outputs."""
    process = provide(BaseConnectionProvider)
    news = {key: value for key, value in account.outs.items() if key != "nonce"}
    again = process.create(news)
    assert again.id == account.id
    assert again.outs["nonce"] != account.outs["nonce"]
    return process, again.outs


def test_forced_replacement_leaves_alone_what_it_took_over(provide, emulator, account):
    process, _ = forced_replacement(provide, account)
    process.delete(account.id, account.outs)
    assert emulator.store.get(PLACE, "connections", account.id)


def test_a_forced_replacement_that_was_cut_off_before_its_delete_is_finished_by_the_next_up(provide, emulator, account):
    _, outs = forced_replacement(provide, account)
    following = provide(BaseConnectionProvider)
    following.diff(account.id, outs, outs)
    following.delete(account.id, account.outs)
    assert emulator.store.get(PLACE, "connections", account.id)


def test_a_forced_replacement_that_was_cut_off_before_it_was_recorded_is_left_alone_by_destroy_and_named(
    provide, emulator, account, capfd
):
    """State has the old nonce: nothing tells this from an object that another state has taken over."""
    forced_replacement(provide, account)
    provide(BaseConnectionProvider).delete(account.id, account.outs)
    assert emulator.store.get(PLACE, "connections", account.id)
    assert f"base connection account ({account.id}) is not deleted: its marker says" in capfd.readouterr().err


def test_an_object_that_carries_another_resources_marker_is_not_deleted(provide, emulator, account):
    mine = emulator.store.get(PLACE, "connections", account.id)["description"]
    theirs = {"op": "replace", "path": "/description", "value": re.sub(r"#\w+\.\w+", "#ffffffff.ffffffff", mine)}
    somebody_else(emulator, "connections", account.id, theirs)
    provide(BaseConnectionProvider).delete(account.id, account.outs)
    assert emulator.store.get(PLACE, "connections", account.id)


def test_replacing_an_additive_flow_with_foreign_selectors_stops_before_a_second_one_exports(provide, emulator, ends):
    provider = provide(DataflowProvider)
    common = {"name": "f", "selectorOwnership": "additive", "managedBy": owner("f")}
    made = provider.create(bag(provider, **common, **ends))
    somebody_else(emulator, "flows", made.id, add_segment("theirs"))
    following = provide(DataflowProvider)
    goal = {**bag(following, **common, **ends), "flowSpecVersion": "2.0"}
    assert following.diff(made.id, made.outs, goal).replaces == ["flowSpecVersion"]
    with pytest.raises(Foreseen, match=r"cannot create dataflow f: others activated on it: segment theirs"):
        following.create(goal)
    assert len(emulator.store.find(PLACE, "flows", [], None)) == 1
    forced = {**goal, "forceDestroy": True}
    following.diff(made.id, made.outs, forced)
    following.create(forced)
    following.delete(made.id, made.outs)
    assert len(emulator.store.find(PLACE, "flows", [], None)) == 1


def test_a_dataflow_that_a_killed_up_left_behind_is_named_by_what_it_keeps_from_being_deleted(provide, account, ends):
    """State does not have it, and nobody declares it any more: the way to it is `aep-streaming orphans`."""
    provider = provide(DataflowProvider)
    left = provider.create(bag(provider, name="f", managedBy=owner("f"), **ends)).id
    unmarked = rf"cannot delete base connection account: dataflows use it: f \({left}\); delete them first \(.*, code 14\d\d\)"
    stack = "/".join(owner("f").split("/")[:2])
    with pytest.raises(
        Foreseen, match=rf"^{unmarked}; those with a marker of {stack} that no state has .* orphans names them$"
    ):
        provide(BaseConnectionProvider).delete(account.id, account.outs)


def test_dataflows_without_a_marker_are_no_work_of_an_interrupted_up(provide, account, ends):
    provider = provide(DataflowProvider)
    provider.create(bag(provider, name="f", **ends))
    with pytest.raises(Foreseen, match=r"delete them first \([^;]*\)$"):
        provide(BaseConnectionProvider).delete(account.id, account.outs)


@pytest.mark.parametrize(
    "answer", [{"reset": True}, {"status": 200, "raw": "<html>blocked</html>"}, {"status": 403, "body": {}}]
)
def test_why_a_deletion_was_refused_is_said_although_nobody_can_list_what_uses_the_object(
    provide, emulator, account, ends, answer
):
    provider = provide(DataflowProvider)
    provider.create(bag(provider, name="f", **ends))
    emulator.misbehave()
    emulator.order(Fault(method="GET", path="/flowservice/(flows|sourceConnections|targetConnections)", times=9_999, **answer))
    with pytest.raises(Foreseen, match=r"cannot delete base connection account: .*code 14\d\d"):
        provide(BaseConnectionProvider).delete(account.id, account.outs)


def test_what_uses_an_account_is_named_where_the_service_refuses_to_filter(provide, emulator, account, ends):
    provider = provide(DataflowProvider)
    flow = provider.create(bag(provider, name="f", **ends)).id
    emulator.misbehave()
    refused = {"status": 400, "body": {"message": "no such property"}}
    emulator.order(Fault(method="GET", path=r"/(source|target)Connections\?.*baseConnectionId", times=9_999, **refused))
    with pytest.raises(Foreseen, match=rf"dataflows use it: f \({flow}\); delete them first"):
        provide(BaseConnectionProvider).delete(account.id, account.outs)


def test_without_markers_each_object_is_read_and_no_list_is_asked_for(provide, emulator, ends):
    unmarked = {"aep:ownershipMarker": "false"}
    provider = provide(DataflowProvider, **unmarked)
    made = [provider.create(bag(provider, name=f"f{n}", managedBy=owner(f"f{n}", f"0000000{n}"), **ends)) for n in range(4)]
    following = provide(DataflowProvider, **unmarked)
    emulator.forget()
    for flow in made:
        following.delete(flow.id, flow.outs)
    assert reads(emulator) == (4, 0)


def many_flows(provide, ends, **more):
    provider = provide(DataflowProvider)
    return [
        provider.create(
            bag(provider, name=f"f{n}", managedBy=owner(f"f{n}", f"0000000{n}"), segments=[{"id": "s"}], **ends, **more)
        )
        for n in range(5)
    ]


def reads(emulator):
    """Reads of one flow, and of pages of them."""
    paths = [call.path.rpartition("/")[2] for call in emulator.calls if call.method == "GET"]
    return sum(path != "flows" for path in paths), sum(path == "flows" for path in paths)

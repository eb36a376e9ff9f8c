"""Creating without twins, owning without theft: what a left-over is, and what may be another state's."""

from __future__ import annotations

import re
from concurrent.futures import ThreadPoolExecutor

import pytest
from support.providing import (
    AUTH,
    KINESIS,
    PLACE,
    PROFILES,
    add_segment,
    bag,
    live_flow,
    owner,
    segments_of,
    somebody_else,
    updated,
)

from pulumi_aep_streaming._core.idempotent_post import Posting
from pulumi_aep_streaming._core.process_memory import Memory
from pulumi_aep_streaming._dynamic.call import Foreseen
from pulumi_aep_streaming.base_connection import BaseConnectionProvider
from pulumi_aep_streaming.dataflow import DataflowProvider
from pulumi_aep_streaming.emulator import Fault
from pulumi_aep_streaming.flow_service.recent_pages import SECONDS_KEPT
from pulumi_aep_streaming.source_connection import SourceConnectionProvider
from pulumi_aep_streaming.target_connection import TargetConnectionProvider

WRITES = {"POST", "PATCH", "DELETE"}
WAYS_ON = r"AEP_RECLAIM=shop/prod for one run"


@pytest.fixture
def flow(provide, ends):
    """A dataflow of a process that died before its engine knew: its declaration, and its id."""
    provider = provide(DataflowProvider)
    goal = bag(provider, name="f", managedBy=owner("f"), segments=[{"id": "s1"}], **ends)
    return goal, provider.create(goal).id


def writes(emulator):
    return [call for call in emulator.calls if call.method in WRITES and "/ims/" not in call.path]


def rename(emulator, kind, id_, name="Summer"):
    somebody_else(emulator, kind, id_, {"op": "replace", "path": "/name", "value": name})


def mark(emulator, kind, id_, marker):
    """Let another state, or a stranger, mark an object."""
    somebody_else(emulator, kind, id_, {"op": "replace", "path": "/description", "value": f"text [pulumi:{marker}]"})


def nonce_of(emulator, kind, id_):
    return re.search(r"\.(\w{8})\]$", emulator.store.get(PLACE, kind, id_)["description"])[1]


@pytest.mark.parametrize("how", ["renamed", "named otherwise in the program", "described by others"])
def test_a_left_over_is_found_by_its_key_whatever_it_is_called(provide, emulator, flow, how, capfd):
    goal, left = flow
    if how == "renamed":
        rename(emulator, "flows", left)
    elif how == "described by others":
        text = emulator.store.get(PLACE, "flows", left)["description"]
        somebody_else(
            emulator, "flows", left, {"op": "replace", "path": "/description", "value": f"Please leave! {text} thanks"}
        )
    else:
        goal = {**goal, "name": "other"}
    again = provide(DataflowProvider).create(goal)
    assert again.id == left
    assert len(emulator.store.find(PLACE, "flows", [], None)) == 1
    assert live_flow(emulator, left)["name"] == goal["name"]
    assert nonce_of(emulator, "flows", left) == again.outs["nonce"]
    assert (
        f"dataflow {goal['name']} ({left}) was left behind by an interrupted pulumi up, or is replaced by force, and is resumed"
        in capfd.readouterr().err
    )


def test_looking_for_a_left_over_is_one_call(provide, emulator, ends):
    emulator.forget()
    provider = provide(DataflowProvider)
    provider.create(bag(provider, name="f", managedBy=owner("f"), **ends))
    assert [call.method for call in emulator.calls if call.query and "limit" in call.query] == ["GET"]


def test_an_account_that_is_in_use_may_be_another_states(provide, emulator, account, ends):
    emulator.forget()
    provider = provide(BaseConnectionProvider)
    target = ends["targetConnectionIds"][0]
    with pytest.raises(Foreseen) as stopped:
        provider.create(bag(provider, name="account", connectionSpecId=KINESIS, auth=AUTH, managedBy=owner("account")))
    line = str(stopped.value)
    assert line.startswith(f"cannot create base connection account: {account.id} carries the marker of this resource")
    assert f"is in use by t ({target}) (last changed 20" in line
    assert re.search(f"Nothing was changed. .*{WAYS_ON}", line)
    assert len(line) < 600
    assert writes(emulator) == []


def test_an_account_that_nothing_uses_is_a_left_over(provide, emulator, account):
    provider = provide(BaseConnectionProvider)
    rename(emulator, "connections", account.id)
    goal = bag(provider, name="account", connectionSpecId=KINESIS, auth=AUTH, managedBy=owner("account"))
    assert provider.create(goal).id == account.id


@pytest.fixture
def upon_its_own(provide, account, ends):
    """A flow to a target of the same state, left behind: both declarations, and what was made."""
    targets, flows = provide(TargetConnectionProvider), provide(DataflowProvider)
    params = {"stream": "s", "region": "r"}
    common = {"connectionSpecId": KINESIS, "params": params, "managedBy": owner("t")}
    target = targets.create(bag(targets, name="t", baseConnectionId=account.id, **common))
    goal = bag(flows, name="f", managedBy=owner("f"), segments=[{"id": "s1"}], **{**ends, "targetConnectionIds": [target.id]})
    return target, goal, flows.create(goal).id


def test_what_is_built_upon_an_object_of_this_state_is_resumed_whatever_it_holds(provide, emulator, upon_its_own):
    target, goal, left = upon_its_own
    somebody_else(emulator, "flows", left, add_segment("theirs"))
    memory = Memory()
    provide(TargetConnectionProvider, memory=memory).diff(target.id, target.outs, target.outs)
    following = provide(DataflowProvider, memory=memory)
    assert following.create({**goal, "segments": [{"id": "s2"}]}).id == left
    assert segments_of(live_flow(emulator, left)) == ["s1", "theirs", "s2"]


@pytest.mark.parametrize("how", ["taken by another state", "adopted", "adopted by this run", "without a nonce"])
def test_a_parent_that_others_may_have_built_upon_is_no_reason_to_take_what_is_upon_it(provide, emulator, upon_its_own, how):
    target, goal, left = upon_its_own
    memory = Memory()
    parents = provide(TargetConnectionProvider, memory=memory)
    state = target.outs
    if how == "taken by another state":
        mark(emulator, "targetConnections", target.id, "shop/prod/t#0a0b0c0d.12345678")
    elif how == "adopted":
        state = {**state, "adoptId": target.id}
    elif how == "adopted by this run":
        parents.create({**{key: value for key, value in state.items() if key != "nonce"}, "adoptId": target.id})
        state = None
    else:
        state = {key: value for key, value in state.items() if key != "nonce"}
    if state is not None:
        parents.diff(target.id, state, state)
    before = live_flow(emulator, left)
    with pytest.raises(Foreseen, match=f"{left} carries the marker of this resource .* has activated segment s1"):
        provide(DataflowProvider, memory=memory).create({**goal, "segments": [{"id": "s2"}]})
    assert live_flow(emulator, left) == before


@pytest.mark.parametrize("doubt", ["has activated segment theirs", "takes its data from"])
def test_where_no_parent_is_in_state_a_flow_must_hold_nothing_else(provide, emulator, account, flow, ends, doubt):
    goal, left = flow
    if "theirs" in doubt:
        somebody_else(emulator, "flows", left, add_segment("theirs"))
    else:
        sources, profiles = provide(SourceConnectionProvider), provide(BaseConnectionProvider)
        base = profiles.create(bag(profiles, name="p", connectionSpecId=PROFILES)).id
        other = sources.create(bag(sources, name="o", baseConnectionId=base, connectionSpecId=PROFILES)).id
        goal = {**goal, "sourceConnectionIds": [other]}
    before = live_flow(emulator, left)
    with pytest.raises(Foreseen, match=f"{left} carries the marker of this resource .*{doubt}"):
        provide(DataflowProvider).create(goal)
    assert live_flow(emulator, left) == before


@pytest.mark.parametrize("activated", [[], ["s1"], ["s1", "s2"]])
def test_where_no_parent_is_in_state_a_flow_must_send_nothing_or_all_that_is_declared(provide, emulator, ends, activated):
    """An interrupted create has sent its one PATCH, or not: a flow that sends a part is live for somebody else."""
    provider = provide(DataflowProvider)
    left = provider.create(
        bag(provider, name="f", managedBy=owner("f"), segments=[{"id": id_} for id_ in activated], **ends)
    ).id
    goal = bag(provider, name="f", managedBy=owner("f"), segments=[{"id": "s1"}, {"id": "s2"}], **ends)
    before = live_flow(emulator, left)
    following = provide(DataflowProvider)
    if activated == ["s1"]:
        with pytest.raises(Foreseen, match=f"{left} carries .*, but has activated all that is declared but segment s2 "):
            following.create(goal)
        assert live_flow(emulator, left) == before
    else:
        assert following.create(goal).id == left
        assert segments_of(live_flow(emulator, left)) == ["s1", "s2"]


def test_what_could_never_become_what_is_desired_stops_the_up(provide, emulator, flow):
    goal, left = flow
    before = live_flow(emulator, left)
    with pytest.raises(Foreseen, match=f"{left} carries .* but differs in flowSpecVersion"):
        provide(DataflowProvider).create({**goal, "flowSpecVersion": "2.0"})
    assert live_flow(emulator, left) == before


def test_two_left_overs_are_named_and_one_is_resumed(provide, emulator, account, capfd):
    other = emulator.store.create(
        PLACE,
        "connections",
        {
            "name": "twin",
            "connectionSpec": {"id": KINESIS, "version": "1.0"},
            "auth": AUTH,
            "description": "[pulumi:shop/prod/account#0a0b0c0d.00000001]",
        },
        "ui",
    )["id"]
    provider = provide(BaseConnectionProvider)
    goal = bag(provider, name="account", connectionSpecId=KINESIS, auth=AUTH, managedBy=owner("account"))
    assert provider.create(goal).id in {other, account.id}
    said = capfd.readouterr().err
    assert f"({other})" in said
    assert f"({account.id})" in said
    assert "carries the same marker, and is left alone" in said


# An object is ours by its nonce


@pytest.mark.parametrize("key", ["0a0b0c0d", "ffffffff"])
def test_an_object_with_another_nonce_is_not_updated_not_deleted_and_refresh_warns(provide, emulator, account, key, capfd):
    mark(emulator, "connections", account.id, f"shop/prod/account#{key}.12345678")
    before = emulator.store.get(PLACE, "connections", account.id)
    provider = provide(BaseConnectionProvider)
    way = WAYS_ON if key == "0a0b0c0d" else "pulumi state delete gives it up"
    with pytest.raises(Foreseen, match=f"{account.id} is another state's by now: its marker says .*12345678, .*{way}"):
        updated(provider, account.id, account.outs, name="renamed")
    provider.delete(account.id, account.outs)
    said = capfd.readouterr().err
    assert f"base connection account ({account.id}) is not deleted: its marker says shop/prod/account#{key}.12345678" in said
    assert "aep-streaming orphans" in said
    provider.read(account.id, account.outs)
    assert f"base connection account: {account.id} is another state's by now" in capfd.readouterr().err
    assert emulator.store.get(PLACE, "connections", account.id) == before


def test_a_flow_of_another_state_is_not_switched(provide, emulator, flow):
    goal, left = flow
    state = {key: value for key, value in goal.items() if key != "__provider"} | {"nonce": "00000001"}
    with pytest.raises(Foreseen, match="is another state's by now"):
        updated(provide(DataflowProvider), left, state, enabled=False)
    assert live_flow(emulator, left)["state"] == "enabled"


def test_an_object_with_our_nonce_is_ours_whatever_its_key(provide, emulator, account):
    mark(emulator, "connections", account.id, f"other/stack/x#ffffffff.{account.outs['nonce']}")
    provider = provide(BaseConnectionProvider)
    updated(provider, account.id, account.outs, name="renamed")
    assert "#0a0b0c0d." in emulator.store.get(PLACE, "connections", account.id)["description"]
    provider.delete(account.id, account.outs)
    assert emulator.store.find(PLACE, "connections", [], None) == []


def test_an_object_whose_marker_was_removed_is_still_ours(provide, emulator, account):
    somebody_else(emulator, "connections", account.id, {"op": "replace", "path": "/description", "value": "bare"})
    provider = provide(BaseConnectionProvider)
    outs = updated(provider, account.id, account.outs, name="renamed")
    assert nonce_of(emulator, "connections", account.id) == outs["nonce"] == account.outs["nonce"]


@pytest.mark.parametrize(("key", "ours"), [("0a0b0c0d", True), ("ffffffff", False)])
def test_a_state_without_a_nonce_takes_any_under_its_own_key(provide, emulator, account, key, ours):
    """Imported, and not changed since; or changed by an update that was killed before it was recorded."""
    mark(emulator, "connections", account.id, f"shop/prod/account#{key}.12345678")
    imported = {name: value for name, value in account.outs.items() if name != "nonce"}
    provider = provide(BaseConnectionProvider)
    if ours:
        outs = updated(provider, account.id, imported, name="renamed")
        assert nonce_of(emulator, "connections", account.id) == outs["nonce"]
    else:
        with pytest.raises(Foreseen, match="is another state's by now"):
            updated(provider, account.id, imported, name="renamed")
    provider.delete(account.id, imported)
    assert bool(emulator.store.find(PLACE, "connections", [], None)) is not ours


def test_turning_the_marker_off_keeps_the_nonce_by_which_objects_are_known(provide, emulator, account):
    provider = provide(BaseConnectionProvider, **{"aep:ownershipMarker": "false"})
    news = {name: value for name, value in account.outs.items() if name not in {"nonce", "managedBy"}}
    outs = provider.update(account.id, account.outs, news).outs
    assert outs["nonce"] == account.outs["nonce"]
    provider.delete(account.id, outs)
    assert emulator.store.find(PLACE, "connections", [], None) == []


def test_an_object_that_is_taken_over_between_read_and_patch_is_not_overwritten(provide, emulator, account):
    provider = provide(BaseConnectionProvider)
    patch = emulator.store.patch

    def overtaken(place, kind, id_, operations, if_match, client):
        emulator.store.patch = patch
        mark(emulator, "connections", account.id, "shop/prod/account#0a0b0c0d.12345678")
        return patch(place, kind, id_, operations, if_match, client)

    emulator.store.patch = overtaken
    with pytest.raises(Foreseen, match="is another state's by now"):
        updated(provider, account.id, account.outs, name="renamed")
    assert emulator.store.get(PLACE, "connections", account.id)["name"] == "account"


def test_a_refresh_never_takes_over_the_live_nonce(provide, emulator, account):
    mark(emulator, "connections", account.id, "shop/prod/account#0a0b0c0d.12345678")
    read = provide(BaseConnectionProvider).read(account.id, account.outs)
    assert read.outs["nonce"] == account.outs["nonce"]


# AEP_RECLAIM


def test_reclaiming_writes_the_marker_only_and_takes_what_is_live_into_state(provide, emulator, flow, ends, capfd):
    goal, left = flow
    somebody_else(emulator, "flows", left, add_segment("theirs"))
    rename(emulator, "flows", left)
    before = live_flow(emulator, left)
    emulator.forget()
    lost = provide(DataflowProvider, reclaim="shop/prod")
    made = lost.create({**goal, "segments": [{"id": "s2"}], "flowSpecVersion": "2.0"})
    after = live_flow(emulator, left)
    assert (made.id, made.outs["name"]) == (left, "Summer")
    assert [selector["id"] for selector in made.outs["segments"]] == ["s1", "theirs"]
    assert made.outs["flowSpecVersion"] == "1.0"
    assert [call.method for call in writes(emulator)] == ["PATCH"]
    assert {key for key in after if after[key] != before[key]} <= {
        "description",
        "etag",
        "version",
        "updatedAt",
        "updatedBy",
        "updatedClient",
        "state",
    }
    assert f"dataflow f ({left}) is reclaimed from shop/prod/f#0a0b0c0d." in capfd.readouterr().err
    assert provide(DataflowProvider).diff(left, made.outs, goal).changes


def test_of_an_account_that_is_reclaimed_the_credentials_are_not_known_and_sent_again(provide, emulator, account, ends):
    provider = provide(BaseConnectionProvider, reclaim="shop/prod")
    goal = bag(provider, name="account", connectionSpecId=KINESIS, auth=AUTH, managedBy=owner("account"))
    made = provider.create(goal)
    assert (made.id, "auth" in made.outs) == (account.id, False)
    following = provide(BaseConnectionProvider)
    diff = following.diff(made.id, made.outs, goal)
    assert (diff.changes, diff.replaces) == (True, [])
    emulator.forget()
    following.update(made.id, made.outs, goal)
    (patch,) = writes(emulator)
    assert [operation["path"] for operation in patch.body] == ["/auth/params"]


def test_a_state_whose_nonce_is_not_the_live_one_takes_its_object_back(provide, emulator, account):
    mark(emulator, "connections", account.id, "shop/prod/account#0a0b0c0d.12345678")
    rename(emulator, "connections", account.id)
    provider = provide(BaseConnectionProvider, reclaim="shop/prod")
    news = {key: value for key, value in account.outs.items() if key != "nonce"}
    diff = provider.diff(account.id, account.outs, {**news, "connectionSpecId": "other"})
    assert (diff.changes, diff.replaces) == (True, [])
    outs = provider.update(account.id, account.outs, news).outs
    assert outs["nonce"] == nonce_of(emulator, "connections", account.id) != account.outs["nonce"]
    assert (outs["name"], emulator.store.get(PLACE, "connections", account.id)["name"]) == ("Summer", "Summer")
    updated(provide(BaseConnectionProvider), account.id, outs, name="account")
    assert emulator.store.get(PLACE, "connections", account.id)["name"] == "account"


def test_reclaiming_changes_nothing_of_what_is_ours_already(provide, emulator, account):
    emulator.forget()
    outs = updated(provide(BaseConnectionProvider, reclaim="shop/prod"), account.id, account.outs, name="renamed")
    assert outs == account.outs
    assert writes(emulator) == []


def test_reclaiming_takes_nothing_with_another_key_and_deletes_nothing(provide, emulator, account):
    mark(emulator, "connections", account.id, "shop/prod/other#ffffffff.12345678")
    provider = provide(BaseConnectionProvider, reclaim="shop/prod")
    with pytest.raises(Foreseen, match="is another state's by now"):
        updated(provider, account.id, account.outs, name="renamed")
    mark(emulator, "connections", account.id, "shop/prod/account#0a0b0c0d.12345678")
    provider.delete(account.id, account.outs)
    assert emulator.store.get(PLACE, "connections", account.id)


@pytest.mark.parametrize("other", ["shop/dev", "shop/pro", "other/prod"])
def test_another_stacks_name_reclaims_nothing(provide, emulator, account, ends, other):
    provider = provide(BaseConnectionProvider, reclaim=other)
    news = {key: value for key, value in account.outs.items() if key != "nonce"}
    assert not provider.diff(account.id, account.outs, account.outs).changes
    with pytest.raises(Foreseen, match="carries the marker of this resource"):
        provide(BaseConnectionProvider, reclaim=other).create(news)


def test_of_several_with_its_marker_the_one_in_use_is_reclaimed_and_else_none(provide, emulator, account, ends):
    body = {"connectionSpec": {"id": KINESIS, "version": "1.0"}, "auth": AUTH}
    bare = {**body, "name": "twin", "description": "[pulumi:shop/prod/account#0a0b0c0d.00000001]"}
    emulator.store.create(PLACE, "connections", bare, "ui")
    goal = {key: value for key, value in account.outs.items() if key != "nonce"}
    assert provide(BaseConnectionProvider, reclaim="shop/prod").create(goal).id == account.id
    two = {**bare, "description": "[pulumi:shop/prod/b#0b0b0b0b.00000001]"}
    ids = [emulator.store.create(PLACE, "connections", two, "ui")["id"] for _ in range(2)]
    with pytest.raises(Foreseen, match="several objects carry its marker") as several:
        provide(BaseConnectionProvider, reclaim="shop/prod").create({**goal, "name": "b", "managedBy": "shop/prod/b#0b0b0b0b"})
    assert all(id_ in str(several.value) for id_ in ids)


@pytest.mark.parametrize("value", ["shop", "shop/prod/x", "a b/c", "/"])
def test_a_stack_to_reclaim_is_a_project_and_a_stack(provide, value):
    provider = provide(BaseConnectionProvider, reclaim=value)
    checked = provider.check({}, {"name": "x", "connectionSpecId": PROFILES, "__provider": "p"})
    assert [failure.reason for failure in checked.failures] == [f"AEP_RECLAIM is {value!r}, but must be PROJECT/STACK"]
    assert not provider.lifecycle.settings.reclaims("shop/prod/x#0a0b0c0d")


def test_a_provider_whose_engine_died_deletes_only_what_still_carries_its_own_nonce(provide, service, emulator, account):
    other = {"connectionSpec": {"id": KINESIS, "version": "1.0"}, "auth": AUTH, "name": "account"}
    marker = "[pulumi:shop/prod/account#0a0b0c0d.00000001]"
    emulator.store.create(PLACE, "connections", {**other, "description": marker}, "ui")
    posting = Posting(
        service.connections, owner("account"), {}, f"connectionSpec.id=={KINESIS}", lambda _: False, lambda: False
    )
    posting.back_out(account.id, "ffffffff")
    assert emulator.store.get(PLACE, "connections", account.id)
    posting.back_out(account.id, account.outs["nonce"])
    assert account.id not in {item["id"] for item in emulator.store.find(PLACE, "connections", [], None)}


def test_a_service_that_refuses_to_filter_is_asked_for_all_also_for_what_is_built_upon_an_account(
    provide, emulator, account, ends
):
    body = {"errorCode": "1449-400", "message": "Unknown field"}
    emulator.order(Fault(method="GET", path="property=", status=400, body=body, times=99))
    provider = provide(BaseConnectionProvider)
    with pytest.raises(Foreseen, match="is in use by t "):
        provider.create(bag(provider, name="account", connectionSpecId=KINESIS, auth=AUTH, managedBy=owner("account")))


@pytest.mark.parametrize("leaving", ["listed", "delete-finalizing"])
def test_what_is_on_its_way_out_is_not_in_use_by_what_is_as_well(provide, emulator, account, ends, leaving):
    """`pulumi up` after `pulumi destroy`: lists go on to show what was deleted, and some deletes take their time."""
    (target,) = ends["targetConnectionIds"]
    gone = emulator.store.get(PLACE, "targetConnections", target)
    if leaving == "listed":
        emulator.store.delete(PLACE, "targetConnections", target)
        find = emulator.store.find
        emulator.store.find = lambda place, kind, *more: [gone] if kind == "targetConnections" else find(place, kind, *more)
    else:
        emulator.store.put("targetConnections", PLACE, {**gone, "state": leaving})
    provider = provide(BaseConnectionProvider)
    goal = bag(provider, name="account", connectionSpecId=KINESIS, auth=AUTH, managedBy=owner("account"))
    assert provider.create(goal).id == account.id


def test_reclaiming_works_also_where_the_key_has_changed_meanwhile(provide, emulator, account):
    """Renamed with an alias, or the stack was renamed: the live marker has the key that state has."""
    mark(emulator, "connections", account.id, "shop/prod/account#0a0b0c0d.12345678")
    news = {**{key: value for key, value in account.outs.items() if key != "nonce"}, "managedBy": "shop/new/b#0b0b0b0b"}
    provider = provide(BaseConnectionProvider, reclaim="shop/prod")
    assert provider.diff(account.id, account.outs, news).changes
    outs = provider.update(account.id, account.outs, news).outs
    assert outs["nonce"] == nonce_of(emulator, "connections", account.id)
    assert "shop/new/b#0b0b0b0b" in emulator.store.get(PLACE, "connections", account.id)["description"]


SHOWN = {
    "without descriptions": lambda item: {key: value for key, value in item.items() if key != "description"},
    "descriptions as null": lambda item: {**item, "description": None},
    "descriptions cut": lambda item: {**item, "description": item.get("description", "")[:12]},
    "descriptions cut with dots": lambda item: {**item, "description": item.get("description", "")[:12] + "..."},
    "in short": lambda item: {"id": item["id"], "name": item["name"]},
}
"""What lists may show of an object: nothing documents it."""


@pytest.fixture(params=SHOWN.values(), ids=SHOWN)
def shown(request, emulator):
    """Have lists show objects in another way than a read does."""
    find = emulator.store.find

    def show():
        emulator.misbehave()
        emulator.store.find = lambda *arguments: [request.param(item) for item in find(*arguments)]

    yield show
    emulator.store.find = find


def test_a_list_that_shows_objects_in_short_hides_no_left_over(provide, emulator, flow, shown):
    """Nor do those that people have made since, without descriptions."""
    goal, left = flow
    wire = emulator.store.get(PLACE, "flows", left)
    body = {key: wire[key] for key in ("flowSpec", "sourceConnectionIds", "targetConnectionIds")}
    body["transformations"] = [{"name": "GeneralTransform", "params": {}}]
    for n in range(7):
        emulator.store.create(PLACE, "flows", {**body, "name": f"by hand {n}"}, "ui")
    before = len(emulator.store.find(PLACE, "flows", [], None))
    shown()
    assert provide(DataflowProvider).create(goal).id == left
    assert len(emulator.store.find(PLACE, "flows", [], None)) == before


@pytest.mark.parametrize("dots", ["", "..."])
def test_a_list_that_cuts_long_descriptions_only_hides_no_left_over(provide, emulator, ends, dots):
    """It shows the markers of others."""
    provider = provide(DataflowProvider)
    short = bag(provider, name="short", managedBy=owner("short", "0000000f"), **ends)
    long = bag(provider, name="long", description="Summer " * 30, managedBy=owner("long", "0000000e"), **ends)
    provider.create(short)
    left = provider.create(long).id
    find = emulator.store.find
    emulator.misbehave()
    emulator.store.find = lambda *arguments: [
        {**item, "description": item["description"] if len(item["description"]) < 80 else item["description"][:77] + dots}
        for item in find(*arguments)
    ]
    assert provide(DataflowProvider).create(long).id == left


@pytest.mark.parametrize(
    "answer", [{"status": 403, "body": {"message": "no"}}, {"status": 200, "body": {"items": [{"id": 5}]}}]
)
def test_a_dataflow_of_others_that_may_carry_a_marker_and_cannot_be_read_stops_nobody(
    provide, emulator, ends, flow, capfd, answer
):
    goal, theirs = flow
    path = "/description"
    somebody_else(emulator, "flows", theirs, {"op": "replace", "path": path, "value": "To be continued..."})
    emulator.misbehave()
    emulator.order(Fault(method="GET", path=f"/flows/{theirs}", times=9, **answer))
    assert provide(DataflowProvider).create({**goal, "managedBy": owner("g", "0000000e")}).id != theirs
    said = capfd.readouterr().err
    assert said.count(f"flows {theirs} cannot be read: ") == 1
    assert "it is taken as the list shows it" in said


def test_what_was_read_once_and_holds_no_marker_is_not_read_at_each_look(provide, emulator, ends, flow):
    goal, theirs = flow
    somebody_else(emulator, "flows", theirs, {"op": "replace", "path": "/description", "value": "By hand"})
    provider = provide(DataflowProvider)
    emulator.forget()
    for name, key in (("g", "0000000e"), ("h", "0000000f")):
        provider.create({**goal, "managedBy": owner(name, key)})
    assert [call.path.rpartition("/")[2] for call in emulator.calls if call.method == "GET"].count(theirs) == 1


def test_a_list_that_shows_markers_is_believed(provide, emulator, flow, account):
    goal, left = flow
    emulator.forget()
    assert provide(DataflowProvider).create({**goal, "managedBy": owner("g", "0000000e")}).id != left
    reads = [call.path for call in emulator.calls if call.method == "GET" and "/flows/" in call.path]
    assert not any(left in path for path in reads)


def test_a_dataflow_that_was_left_behind_under_another_name_is_named(provide, emulator, flow, capfd):
    goal, left = flow
    renamed = provide(DataflowProvider).create({**goal, "managedBy": owner("renamed", "0b0b0b0b")})
    assert renamed.id != left
    assert f"dataflow {left} sends to the same target and carries the marker of shop/prod/f#0a0b0c0d" in capfd.readouterr().err


def test_several_dataflows_to_one_target_are_no_left_overs_of_each_other(provide, emulator, ends, capfd):
    memory = Memory()
    provider = provide(DataflowProvider, memory=memory)
    for name, key in (("a", "0a0a0a0a"), ("b", "0b0b0b0b")):
        provider.create(bag(provider, name=name, managedBy=owner(name, key), **ends))
    assert "sends to the same target" not in capfd.readouterr().err


def test_a_dataflow_that_this_up_is_still_making_is_no_left_over(provide, emulator, ends, hourglass, capfd):
    memory = Memory()
    one, two = (provide(DataflowProvider, memory=memory) for _ in range(2))
    activation = Fault(method="PATCH", path="/flows/", hold=True)
    emulator.order(activation)
    first = bag(one, name="one", managedBy=owner("one", "00000001"), segments=[{"id": "s"}], **ends)
    with ThreadPoolExecutor(1) as worker:
        making = worker.submit(one.create, first)
        assert activation.reached.wait(10)
        hourglass.time += SECONDS_KEPT
        two.create(bag(two, name="two", managedBy=owner("two", "00000002"), **ends))
        activation.released.set()
        making.result()
    assert "left it behind" not in capfd.readouterr().err


def test_where_a_filter_is_refused_a_dataflow_to_another_target_is_not_said_to_send_to_the_same(
    provide, emulator, ends, account, flow, capfd
):
    targets = provide(TargetConnectionProvider)
    params = {"stream": "s2", "region": "r"}
    other = targets.create(bag(targets, name="t2", baseConnectionId=account.id, connectionSpecId=KINESIS, params=params)).id
    emulator.misbehave()
    refused = Fault(
        method="GET", path=r"/flows\?.*targetConnectionIds", status=400, body={"message": "no such property"}, times=9
    )
    emulator.order(refused)
    provider = provide(DataflowProvider)
    provider.create(bag(provider, name="g", managedBy=owner("g", "0000000e"), **{**ends, "targetConnectionIds": [other]}))
    assert "sends to the same target" not in capfd.readouterr().err


# What is no word of the service


@pytest.mark.parametrize(
    "body",
    [
        {"message": "no Route matched with those values"},
        {"statusCode": 404, "error": "Not Found", "message": "Cannot {} /data/foundation/flowservice/connections/{}"},
        {},
    ],
)
@pytest.mark.parametrize("method", ["GET", "DELETE"])
def test_a_404_of_something_else_deletes_nothing_from_state(provide, emulator, account, method, body):
    emulator.misbehave()
    said = {key: value.format(method, account.id) if isinstance(value, str) else value for key, value in body.items()}
    emulator.order(Fault(method=method, path=f"/connections/{account.id}", status=404, body=said, times=9))
    with pytest.raises(Foreseen, match="is listed: try again"):
        provide(BaseConnectionProvider).delete(account.id, account.outs)
    if method == "GET":
        with pytest.raises(Foreseen, match="is listed: try again"):
            provide(BaseConnectionProvider).read(account.id, account.outs)


def test_an_answer_without_an_item_is_an_absence_only_if_the_list_agrees(provide, emulator, account):
    emulator.order(Fault(method="GET", path=f"/connections/{account.id}", status=200, body={"items": []}, times=9))
    with pytest.raises(Foreseen, match="is listed: try again"):
        provide(BaseConnectionProvider).read(account.id, account.outs)


@pytest.mark.parametrize("id_", ["../connections", "a/b", "x?limit=1", "WRONG"])
def test_an_answer_about_another_object_is_none(provide, emulator, account, id_):
    other = emulator.store.get(PLACE, "connections", account.id)
    emulator.misbehave()
    emulator.order(Fault(method="GET", path="/connections/", status=200, body={"items": [other]}))
    with pytest.raises(Foreseen):
        provide(BaseConnectionProvider).read(id_, {"sandboxName": "prod"})


@pytest.mark.parametrize("transformations", [None, [], [{"name": "GeneralTransform"}]])
def test_a_flow_whose_selectors_are_not_shown_is_not_taken_for_empty(provide, emulator, flow, transformations):
    goal, left = flow
    state = {key: value for key, value in goal.items() if key != "__provider"} | {"nonce": nonce_of(emulator, "flows", left)}
    shown = {**live_flow(emulator, left), "transformations": transformations}
    emulator.misbehave()
    emulator.order(Fault(method="GET", path="/flows/", status=200, body={"items": [shown]}, times=9))
    provider = provide(DataflowProvider)
    assert provider.read(left, state).outs["segments"] == [{"id": "s1"}]
    with pytest.raises(Foreseen, match="the service does not show its selectors, so that nothing can be changed safely"):
        updated(provider, left, state, segments=[{"id": "s1"}, {"id": "s2"}])
    assert segments_of(live_flow(emulator, left)) == ["s1"]


def test_a_target_whose_parameters_are_not_shown_is_not_repointed(provide, emulator, account):
    provider = provide(TargetConnectionProvider)
    params = {"stream": "s", "region": "r"}
    made = provider.create(bag(provider, name="t", baseConnectionId=account.id, connectionSpecId=KINESIS, params=params))
    somebody_else(emulator, "targetConnections", made.id, {"op": "replace", "path": "/params/stream", "value": "theirs"})
    shown = emulator.store.get(PLACE, "targetConnections", made.id)
    del shown["params"]
    emulator.misbehave()
    emulator.order(Fault(method="GET", path="/targetConnections/", status=200, body={"items": [shown]}, times=9))
    assert provider.read(made.id, made.outs).outs["params"] == params
    with pytest.raises(Foreseen, match="the service does not show its parameters"):
        updated(provider, made.id, made.outs, description="new")
    assert emulator.store.get(PLACE, "targetConnections", made.id)["params"]["stream"] == "theirs"


def test_what_a_flow_uses_is_in_use_also_while_the_flow_is_updating(provide, emulator, upon_its_own):
    target, _, left = upon_its_own
    item = emulator.store.load(PLACE, "flows", left)
    emulator.store.put("flows", PLACE, {**item, "state": "updating"})
    news = {key: value for key, value in target.outs.items() if key != "nonce"}
    with pytest.raises(Foreseen, match=f"{target.id} carries .* but is in use by f "):
        provide(TargetConnectionProvider).create({**news, "params": {"stream": "theirs", "region": "r"}})


def test_a_refresh_says_nothing_of_the_owner_of_what_is_only_referred_to(provide, account, capfd):
    reference = provide(BaseConnectionProvider).read(account.id, {"sandboxName": "prod"})
    assert provide(BaseConnectionProvider).read(account.id, reference.outs).id == account.id
    assert "another state" not in capfd.readouterr().err


def test_what_a_refresh_has_diffed_is_replaced_by_force_as_any_other(provide, emulator, account, ends):
    provider = provide(BaseConnectionProvider)
    read = provider.read(account.id, account.outs)
    provider.diff(account.id, read.outs, read.inputs)
    with pytest.raises(Foreseen, match="carries the marker of this resource .* but is in use by t "):
        provider.create(read.inputs)
    provider.diff(account.id, read.outs, read.inputs)
    assert provider.create({**read.inputs, "name": "second"}).id != account.id


def test_taking_back_waits_with_a_change_of_the_sandbox_and_needs_no_marker_of_the_program(provide, emulator, account):
    mark(emulator, "connections", account.id, "shop/prod/account#0a0b0c0d.12345678")
    provider = provide(BaseConnectionProvider, reclaim="shop/prod")
    news = {key: value for key, value in account.outs.items() if key not in {"nonce", "managedBy"}} | {"sandboxName": "dev"}
    outs = provider.update(account.id, account.outs, news).outs
    assert (outs["nonce"], outs["sandboxName"]) == (nonce_of(emulator, "connections", account.id), "prod")

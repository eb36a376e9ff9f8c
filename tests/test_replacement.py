"""A replacement loses nothing unseen: what others changed of the old object is carried over, or stops it."""

from __future__ import annotations

import pytest
from support.providing import (
    AUTH,
    FLOW_SPEC,
    KINESIS,
    PLACE,
    add_segment,
    bag,
    live_flow,
    owner,
    segments_of,
    somebody_else,
    updated,
)

from pulumi_aep_streaming._core.process_memory import Memory
from pulumi_aep_streaming._dynamic.call import Foreseen
from pulumi_aep_streaming.base_connection import BaseConnectionProvider
from pulumi_aep_streaming.dataflow import DataflowProvider
from pulumi_aep_streaming.emulator import Fault
from pulumi_aep_streaming.target_connection import TargetConnectionProvider

S3 = "4fce964d-3f37-408f-9778-e597338a21ee"
ACCESS_KEY = {"specName": "Access Key", "params": {"s3AccessKey": "a", "s3SecretKey": "TOPSECRET-1"}}
EVENT_HUBS = "bf9f5905-92b7-48bf-bf20-455bc6b60a4e"
POLICY = {
    "specName": "Azure EventHub authentication credentials",
    "params": {"sasKeyName": "n", "sasKey": "TOPSECRET-1", "namespace": "s"},
}
ENTRA = {
    "specName": "Event Hub Azure Active Directory Auth",
    "params": {"tenantId": "t", "clientId": "c", "clientSecretValue": "TOPSECRET-3", "namespace": "s"},
}
ROLE = {"specName": "Assumed Role", "params": {"role": "TOPSECRET-2"}}


@pytest.fixture
def flow(provide, ends):
    """Make a dataflow; return its declaration and result."""

    def make(**more):
        provider = provide(DataflowProvider)
        goal = bag(provider, name="f", managedBy=owner("f"), segments=[{"id": "s1"}, {"id": "s2"}], **ends, **more)
        return goal, provider.create(goal)

    return make


def replaced(provider, made, goal, **changes):
    """Diff and create, as the engine does for a replacement in one process."""
    news = {**goal, "flowSpecVersion": "2.0", **changes}
    assert provider.diff(made.id, made.outs, news).replaces
    return provider.create(news)


def deactivate(emulator, id_, position):
    value = live_flow(emulator, id_)["transformations"][0]["params"]["segmentSelectors"]["selectors"][position]
    path = f"/transformations/0/params/segmentSelectors/selectors/{position}"
    somebody_else(emulator, "flows", id_, {"op": "remove", "path": path, "value": value})


def test_segments_that_others_activated_or_deactivated_are_so_in_the_replacement(provide, emulator, flow, capfd):
    goal, made = flow()
    somebody_else(emulator, "flows", made.id, add_segment("theirs", name="Summer"))
    deactivate(emulator, made.id, 0)
    provider = provide(DataflowProvider)
    new = replaced(provider, made, goal)
    assert segments_of(live_flow(emulator, new.id)) == ["s2", "theirs"]
    assert [segment["id"] for segment in new.outs["segments"]] == ["s1", "s2"]
    said = capfd.readouterr().err
    assert "segment Summer (theirs) was activated by others and is carried over to the replacement" in said
    assert "segment s1 was deactivated by others and is left so in the replacement" in said
    assert f"dataflow f is replaced: history is sent again, and until {made.id} is deleted both send" in said
    provider.delete(made.id, made.outs)
    assert "goes with it" not in capfd.readouterr().err
    assert [item["id"] for item in emulator.store.find(PLACE, "flows", [], None)] == [new.id]


def test_what_a_refresh_has_shown_is_not_carried_over(provide, emulator, flow):
    goal, made = flow()
    somebody_else(emulator, "flows", made.id, add_segment("theirs"))
    read = provide(DataflowProvider).read(made.id, made.outs)
    provider = provide(DataflowProvider)
    assert provider.diff(made.id, read.outs, {**goal, "flowSpecVersion": "2.0"}).replaces
    new = provider.create({**goal, "flowSpecVersion": "2.0"})
    assert segments_of(live_flow(emulator, new.id)) == ["s1", "s2"]


def test_an_additive_flow_is_not_replaced_and_not_by_an_alias_either(provide, emulator, flow):
    goal, made = flow(selectorOwnership="additive")
    somebody_else(emulator, "flows", made.id, add_segment("theirs"))
    moved = {"managedBy": owner("moved", "0b0b0b0b")}
    for changes in ({}, moved):
        with pytest.raises(
            Foreseen, match="others activated on it: segment theirs; deactivate them, or set force_destroy=True"
        ):
            replaced(provide(DataflowProvider), made, goal, **changes)
    assert len(emulator.store.find(PLACE, "flows", [], None)) == 1
    provider = provide(DataflowProvider)
    new = replaced(provider, made, goal, forceDestroy=True, **moved)
    provider.delete(made.id, made.outs)
    assert [item["id"] for item in emulator.store.find(PLACE, "flows", [], None)] == [new.id]
    assert segments_of(live_flow(emulator, new.id)) == ["s1", "s2", "theirs"]


def test_selectors_of_others_are_not_left_in_another_sandbox_unseen(provide, emulator, flow):
    goal, made = flow()
    somebody_else(emulator, "flows", made.id, add_segment("theirs"))
    with pytest.raises(
        Foreseen, match="others activated on it: segment theirs; run pulumi refresh first, or set force_destroy"
    ):
        replaced(provide(DataflowProvider), made, goal, sandboxName="dev")


@pytest.mark.parametrize(("declared", "state"), [(None, "disabled"), (True, "enabled"), (False, "disabled")])
def test_a_paused_flow_stays_paused_unless_the_program_says_otherwise(provide, emulator, flow, declared, state, capfd):
    goal, made = flow()
    emulator.store.act(PLACE, made.id, "disable", "somebody")
    new = replaced(provide(DataflowProvider), made, goal, **({} if declared is None else {"enabled": declared}))
    assert live_flow(emulator, new.id)["state"] == state
    assert "enabled" not in new.outs or declared is not None
    fate = "is switched on, as declared" if declared else "stays paused"
    assert f"dataflow f is paused; its replacement {fate}" in capfd.readouterr().err


def test_names_and_descriptions_that_others_wrote_are_carried_over(provide, emulator, flow):
    goal, made = flow(description="ours")
    text = live_flow(emulator, made.id)["description"].replace("ours", "theirs")
    somebody_else(emulator, "flows", made.id, {"op": "replace", "path": "/name", "value": "Summer"})
    somebody_else(emulator, "flows", made.id, {"op": "replace", "path": "/description", "value": text})
    new = replaced(provide(DataflowProvider), made, goal)
    live = live_flow(emulator, new.id)
    assert (live["name"], live["description"].partition(" [")[0]) == ("Summer", "theirs")


def test_an_object_that_is_another_states_by_now_is_not_replaced(provide, emulator, flow):
    goal, made = flow()
    marker = "[pulumi:shop/prod/f#0a0b0c0d.12345678]"
    somebody_else(emulator, "flows", made.id, {"op": "replace", "path": "/description", "value": marker})
    with pytest.raises(Foreseen, match="is another state's by now"):
        replaced(provide(DataflowProvider), made, goal)
    assert len(emulator.store.find(PLACE, "flows", [], None)) == 1


@pytest.mark.parametrize("how", ["paused", "activated", "deactivated"])
def test_a_replacement_that_deletes_first_stops_at_what_it_would_lose(provide, emulator, flow, how):
    """What is carried over only in the memory of a process would be lost with it."""
    goal, made = flow()
    if how == "paused":
        emulator.store.act(PLACE, made.id, "disable", "somebody")
    elif how == "activated":
        somebody_else(emulator, "flows", made.id, add_segment("theirs"))
    else:
        deactivate(emulator, made.id, 0)
    line = {"paused": "it is paused, which delete_before_replace would lose", "activated": "segment theirs; run pulumi refresh"}
    provider = provide(DataflowProvider)
    provider.diff(made.id, made.outs, {**goal, "flowSpecVersion": "2.0"})
    with pytest.raises(Foreseen, match=line.get(how, "segment s1; run pulumi refresh first")):
        provider.delete(made.id, made.outs)
    assert live_flow(emulator, made.id)
    following = provide(DataflowProvider)  # what the lines advise, in the program
    declared = {"enabled": False, "segments": [{"id": "s2"}, *([{"id": "theirs"}] if how == "activated" else [])]}
    following.diff(made.id, made.outs, {**goal, "flowSpecVersion": "2.0", **declared})
    following.delete(made.id, made.outs)
    assert emulator.store.find(PLACE, "flows", [], None) == []


def test_what_others_do_between_the_new_flow_and_the_end_of_the_old_one_is_named(provide, emulator, flow, capfd):
    goal, made = flow()
    provider = provide(DataflowProvider)
    replaced(provider, made, goal)
    somebody_else(emulator, "flows", made.id, add_segment("late", name="Late"))
    emulator.store.act(PLACE, made.id, "disable", "somebody")
    provider.delete(made.id, made.outs)
    said = capfd.readouterr().err
    assert "dataflow f: segment Late (late) was activated by others and goes with it" in said
    assert f"dataflow f ({made.id}) is paused, and the one made in its place is not" in said


def test_an_additive_replacement_that_was_cut_off_before_its_delete_is_finished_by_the_same_program(provide, emulator, flow):
    goal, made = flow(selectorOwnership="additive")
    somebody_else(emulator, "flows", made.id, add_segment("theirs"))
    new = replaced(provide(DataflowProvider), made, goal, forceDestroy=True)
    following = provide(DataflowProvider)
    following.diff(new.id, new.outs, {key: value for key, value in new.outs.items() if key != "nonce"})
    following.delete(made.id, made.outs)
    assert [item["id"] for item in emulator.store.find(PLACE, "flows", [], None)] == [new.id]


def test_a_forced_replacement_moves_nothing_to_another_sandbox(provide, emulator, account):
    """It is checked without old inputs, so that the settings decide where the new one goes."""
    provider = provide(BaseConnectionProvider, **{"aep:sandboxName": "dev"})
    news = {key: value for key, value in account.outs.items() if key not in {"nonce", "sandboxName"}}
    made = provider.create(provider.check({}, {**news, "__provider": "p"}).inputs)
    assert made.outs["sandboxName"] == "dev"
    with pytest.raises(Foreseen, match="lives in sandbox prod, and a forced replacement made another in sandbox dev. The next"):
        provider.delete(account.id, account.outs)
    assert emulator.store.get(PLACE, "connections", account.id)


def test_an_object_that_another_resource_of_the_same_run_adopted_is_not_deleted(provide, emulator, account):
    """Renamed with adopt_id, where nothing is marked: the old name is no longer declared."""
    unmarked = {"aep:ownershipMarker": "false"}
    item = emulator.store.load(PLACE, "connections", account.id)
    emulator.store.put("connections", PLACE, {key: value for key, value in item.items() if key != "description"})
    provider = provide(BaseConnectionProvider, **unmarked)
    state = {key: value for key, value in account.outs.items() if key not in {"nonce", "managedBy"}}
    provider.create({**state, "adoptId": account.id})
    provider.delete(account.id, state)
    assert emulator.store.get(PLACE, "connections", account.id)


def test_an_adopt_id_that_was_left_in_the_program_is_named_where_it_blocks_a_replacement(provide, flow):
    goal, made = flow()
    with pytest.raises(Foreseen, match="this change replaces it: take adopt_id out of the program"):
        replaced(provide(DataflowProvider), made, goal, adoptId=made.id)


def test_destroy_names_the_selectors_of_others_that_go_with_a_flow(provide, emulator, flow, capfd):
    _, made = flow()
    somebody_else(emulator, "flows", made.id, add_segment("theirs", name="Summer"))
    provide(DataflowProvider).delete(made.id, made.outs)
    assert "dataflow f: segment Summer (theirs) was activated by others and goes with it" in capfd.readouterr().err


def test_a_replacement_that_is_cut_off_is_resumed_with_what_it_carries(provide, emulator, flow):
    """The second process meets the half that the first one made, not activated yet."""
    goal, made = flow()
    somebody_else(emulator, "flows", made.id, add_segment("theirs"))
    new = {
        "name": "f",
        "description": "[pulumi:shop/prod/f#0a0b0c0d.00000001]",
        "flowSpec": {"id": FLOW_SPEC, "version": "2.0"},
        "transformations": [{"name": "GeneralTransform", "params": {}}],
        **{key: goal[key] for key in ("sourceConnectionIds", "targetConnectionIds")},
    }
    left = emulator.store.create(PLACE, "flows", new, "killed")["id"]
    assert replaced(provide(DataflowProvider), made, goal).id == left
    assert segments_of(live_flow(emulator, left)) == ["s1", "s2", "theirs"]


# Parameters of targets


def test_parameters_that_others_set_are_kept_by_a_patch_named_by_a_refresh_and_carried_over(provide, emulator, account, capfd):
    provider = provide(TargetConnectionProvider)
    params = {"stream": "s", "region": "r"}
    goal = bag(provider, name="t", baseConnectionId=account.id, connectionSpecId=KINESIS, params=params, managedBy=owner("t"))
    made = provider.create(goal)
    somebody_else(
        emulator, "targetConnections", made.id, {"op": "add", "path": "/params/includeMappedAudiencesOnly", "value": True}
    )
    assert provider.read(made.id, made.outs).outs == made.outs
    assert "target connection t has parameters that are not declared: includeMappedAudiencesOnly" in capfd.readouterr().err
    outs = updated(provider, made.id, made.outs, params={**params, "stream": "t"})
    assert emulator.store.get(PLACE, "targetConnections", made.id)["params"] == {
        **params,
        "stream": "t",
        "includeMappedAudiencesOnly": True,
    }
    following = provide(TargetConnectionProvider)
    news = {**goal, "params": {**params, "stream": "t"}, "dataFormat": "csv"}
    assert following.diff(made.id, outs, news).replaces == ["dataFormat"]
    new = following.create(news)
    assert emulator.store.get(PLACE, "targetConnections", new.id)["params"] == {
        **params,
        "stream": "t",
        "includeMappedAudiencesOnly": True,
    }
    assert new.outs["params"] == {**params, "stream": "t"}
    assert (
        "parameters that others set, includeMappedAudiencesOnly, are carried over to the replacement" in capfd.readouterr().err
    )


def test_members_that_others_set_inside_of_a_parameter_are_kept(provide, emulator):
    bases, provider = provide(BaseConnectionProvider), provide(TargetConnectionProvider)
    base = bases.create(bag(bases, name="s3", connectionSpecId=S3, auth=ACCESS_KEY)).id
    made = provider.create(
        bag(
            provider,
            name="t",
            baseConnectionId=base,
            connectionSpecId=S3,
            params={"deep": {"a": 1, "b": 2}, "list": [{"x": 1}]},
        )
    )
    somebody_else(
        emulator,
        "targetConnections",
        made.id,
        {"op": "add", "path": "/params/deep/theirs", "value": 3},
        {"op": "add", "path": "/params/list/0/id", "value": "srv-0"},
    )
    assert provider.read(made.id, made.outs).outs == made.outs
    updated(provider, made.id, made.outs, params={"deep": {"a": 5}, "list": [{"x": 1}]})
    live = emulator.store.get(PLACE, "targetConnections", made.id)["params"]
    assert live == {"deep": {"a": 5, "theirs": 3}, "list": [{"x": 1, "id": "srv-0"}]}


def test_parameters_of_another_connection_spec_are_named_and_go(provide, emulator, account, capfd):
    provider = provide(TargetConnectionProvider)
    goal = bag(
        provider,
        name="t",
        baseConnectionId=account.id,
        connectionSpecId=KINESIS,
        params={"stream": "s", "region": "r"},
        managedBy=owner("t"),
    )
    made = provider.create(goal)
    somebody_else(
        emulator, "targetConnections", made.id, {"op": "add", "path": "/params/includeMappedAudiencesOnly", "value": True}
    )
    following = provide(TargetConnectionProvider)
    bases = provide(BaseConnectionProvider)
    other = bases.create(bag(bases, name="s3", connectionSpecId=S3, auth=ACCESS_KEY)).id
    news = {**goal, "baseConnectionId": other, "connectionSpecId": S3, "params": {"path": "p"}}
    following.diff(made.id, made.outs, news)
    new = following.create(news)
    assert emulator.store.get(PLACE, "targetConnections", new.id)["params"] == {"path": "p"}
    assert "includeMappedAudiencesOnly, go with it: the replacement is of another connection spec" in capfd.readouterr().err


@pytest.mark.parametrize(("secret", "left"), [(None, {"a": 1, "token": "TOPSECRET"}), ({}, {"a": 1})])
def test_secret_parameters_that_are_no_longer_declared_stay_and_an_empty_dict_removes_them(provide, emulator, secret, left):
    bases, provider = provide(BaseConnectionProvider), provide(TargetConnectionProvider)
    base = bases.create(bag(bases, name="s3", connectionSpecId=S3, auth=ACCESS_KEY)).id
    common = {"name": "t", "baseConnectionId": base, "connectionSpecId": S3}
    made = provider.create(bag(provider, **common, params={"a": 1}, secretParams={"token": "TOPSECRET"}))
    updated(provider, made.id, made.outs, secretParams=secret)
    assert emulator.store.load(PLACE, "targetConnections", made.id)["params"] == left


# An account that was moved to another kind of authentication in Adobe's UI


@pytest.fixture
def moved(provide, emulator):
    """An account whose authentication others have changed: its declaration, and what create returned."""
    provider = provide(BaseConnectionProvider)
    goal = bag(provider, name="s3", connectionSpecId=S3, auth=ACCESS_KEY, managedBy=owner("s3"))
    made = provider.create(goal)
    item = emulator.store.load(PLACE, "connections", made.id)
    emulator.store.put("connections", PLACE, {**item, "auth": ROLE})
    emulator.store.touch("connections", made.id)
    return goal, made


def auth_of(emulator, id_):
    return emulator.store.load(PLACE, "connections", id_)["auth"]


def test_neither_the_old_program_nor_the_one_that_follows_replaces_an_account_that_was_moved(provide, emulator, moved, capfd):
    goal, made = moved
    assert not provide(BaseConnectionProvider).diff(made.id, made.outs, made.outs).changes
    read = provide(BaseConnectionProvider).read(made.id, made.outs)
    assert read.outs["auth"] == read.inputs["auth"] == {"specName": "Assumed Role"}
    assert "base connection s3: its authentication was changed to 'Assumed Role' by others: nothing" in capfd.readouterr().err
    old = provide(BaseConnectionProvider)
    checked = old.check(read.inputs, goal)
    assert not checked.failures
    assert not old.diff(made.id, read.outs, checked.inputs).changes
    assert "its authentication is 'Assumed Role' by now: other credentials are not sent" in capfd.readouterr().err
    assert updated(old, made.id, read.outs, auth=ACCESS_KEY, name="renamed")["auth"] == {"specName": "Assumed Role"}
    assert auth_of(emulator, made.id) == ROLE
    following = provide(BaseConnectionProvider)
    rotated = {**goal, "auth": {**ROLE, "params": {"role": "TOPSECRET-3"}}}
    diff = following.diff(made.id, read.outs, rotated)
    assert (diff.changes, diff.replaces) == (True, [])
    following.update(made.id, read.outs, rotated)
    assert auth_of(emulator, made.id) == {"specName": "Assumed Role", "params": {"role": "TOPSECRET-3"}}


def test_credentials_are_not_sent_to_an_account_of_another_kind_that_no_refresh_has_shown(provide, emulator, moved):
    goal, made = moved
    rotated = {**ACCESS_KEY, "params": {**ACCESS_KEY["params"], "s3SecretKey": "TOPSECRET-3"}}
    with pytest.raises(Foreseen, match="its authentication was changed to 'Assumed Role' .*: run pulumi refresh"):
        updated(provide(BaseConnectionProvider), made.id, made.outs, auth=rotated)
    provider = provide(BaseConnectionProvider)
    news = {**goal, "auth": ROLE}
    assert provider.diff(made.id, made.outs, news).replaces == ["auth.specName"]
    with pytest.raises(Foreseen, match="'Assumed Role' by others: run pulumi refresh, then up updates it in place"):
        provider.create(news)
    assert auth_of(emulator, made.id) == ROLE


def test_a_kind_of_authentication_that_the_program_brings_replaces(provide, emulator):
    provider = provide(BaseConnectionProvider)
    goal = bag(provider, name="s3", connectionSpecId=S3, auth=ACCESS_KEY, managedBy=owner("s3"))
    made = provider.create(goal)
    assert provider.diff(made.id, made.outs, {**goal, "auth": ROLE}).replaces == ["auth.specName"]


def test_an_account_of_a_policy_that_was_moved_to_entra_in_the_ui_is_never_replaced(provide, emulator, capfd):
    provider = provide(BaseConnectionProvider)
    hubs = {"name": "hubs", "connectionSpecId": EVENT_HUBS, "managedBy": owner("hubs")}
    goal = bag(provider, **hubs, auth=POLICY)
    made = provider.create(goal)
    item = emulator.store.load(PLACE, "connections", made.id)
    emulator.store.put("connections", PLACE, {**item, "auth": ENTRA})
    emulator.store.touch("connections", made.id)
    news = {**goal, "auth": {**ENTRA, "params": {**ENTRA["params"], "clientSecretValue": "TOPSECRET-4"}}}
    unseen = provide(BaseConnectionProvider)
    assert unseen.diff(made.id, made.outs, news).replaces == ["auth.specName"]
    said = capfd.readouterr().err
    assert (
        f"~ auth.specName: {POLICY['specName']} -> {ENTRA['specName']}: another kind is a new account, and all that is" in said
    )
    assert "if the account was moved to it in Adobe's UI, run pulumi refresh first, and nothing is replaced" in said
    with pytest.raises(Foreseen, match="run pulumi refresh, then up updates it in place"):
        unseen.create(news)
    read = provide(BaseConnectionProvider).read(made.id, made.outs)
    assert "its authentication was changed to 'Event Hub Azure Active Directory Auth' by others" in capfd.readouterr().err
    following = provide(BaseConnectionProvider)
    checked = following.check(read.inputs, {**news, "__provider": "p"})
    assert checked.failures == []
    diff = following.diff(made.id, read.outs, checked.inputs)
    assert (diff.changes, diff.replaces) == (True, [])
    outs = following.update(made.id, read.outs, checked.inputs).outs
    assert auth_of(emulator, made.id) == news["auth"]
    assert provide(BaseConnectionProvider).read(made.id, outs).outs == outs
    said = capfd.readouterr().err
    assert "another kind" not in said
    assert "TOPSECRET" not in said


def test_auth_args_that_become_args_of_their_own_are_no_difference(provide):
    provider = provide(BaseConnectionProvider)
    plain = {key: value for key, value in ENTRA["params"].items() if key != "clientSecretValue"}
    secret = {"clientSecretValue": ENTRA["params"]["clientSecretValue"]}
    apart = {"specName": ENTRA["specName"], "params": secret, "plainParams": plain}
    goal = bag(provider, name="hubs", connectionSpecId=EVENT_HUBS, auth=apart)
    made = provider.create(goal)
    following = provide(BaseConnectionProvider)
    checked = following.check(made.outs, {**goal, "auth": ENTRA, "__provider": "p"})
    assert checked.failures == []
    diff = following.diff(made.id, made.outs, checked.inputs)
    assert (diff.changes, diff.replaces) == (False, [])


def test_ignoring_the_credentials_of_an_account_that_was_moved_is_no_error(provide, moved):
    goal, made = moved
    read = provide(BaseConnectionProvider).read(made.id, made.outs)
    ignored = {**goal, "auth": read.inputs["auth"], "description": "changed"}
    assert provide(BaseConnectionProvider).check(read.inputs, ignored).failures == []


def test_an_account_of_another_kind_is_no_left_over_and_is_not_adopted(provide, moved):
    goal, made = moved
    with pytest.raises(Foreseen, match=f"{made.id} carries .* but differs in auth.specName"):
        provide(BaseConnectionProvider).create(goal)
    with pytest.raises(Foreseen, match=f"{made.id} differs from the program in auth.specName"):
        provide(BaseConnectionProvider).create({**goal, "adoptId": made.id})


def test_what_is_known_of_authentication_advises_and_does_not_forbid(provide, capfd):
    provider = provide(BaseConnectionProvider)

    def failures(name, olds=None):
        auth = {"specName": name, "params": {"tenantId": "t"}}
        hubs = "bf9f5905-92b7-48bf-bf20-455bc6b60a4e"
        news = {"name": "x", "connectionSpecId": hubs, "auth": auth, "__provider": "p"}
        return [failure.reason for failure in provider.check(olds or {}, news).failures]

    new = "Azure Event Hub service principal based"
    assert failures(new) == []
    assert "is no authentication of Azure Event Hubs that this package knows" in capfd.readouterr().err
    assert failures(new, {"auth": {"specName": new}}) == []
    assert "that this package knows" not in capfd.readouterr().err
    assert "did you mean Azure EventHub authentication credentials?" in failures("azure eventhub authentication credentials")[0]
    assert "use Azure EventHub authentication credentials" in failures(AUTH["specName"])[0]


def test_what_one_process_remembers_deletes_nothing(provide, emulator, flow):
    """Create and delete of a forced replacement in two processes, and in one."""
    goal, made = flow()
    for memory in (Memory(), None):
        creating = provide(DataflowProvider, memory=memory)
        again = creating.create(goal)
        assert again.id == made.id
        provide(DataflowProvider, memory=memory).delete(made.id, made.outs)
        assert live_flow(emulator, made.id)
        made = again


# What is not shown is not empty, also where an object is replaced or deleted


@pytest.mark.parametrize("verb", ["replace", "delete"])
def test_a_flow_that_is_read_in_short_is_neither_replaced_by_an_empty_one_nor_deleted(provide, emulator, flow, verb):
    goal, made = flow(selectorOwnership="additive")
    somebody_else(emulator, "flows", made.id, add_segment("theirs"))
    shown = {key: value for key, value in live_flow(emulator, made.id).items() if key != "transformations"}
    emulator.misbehave()
    emulator.order(Fault(method="GET", path=f"/flows/{made.id}", status=200, body={"items": [shown]}, times=9))
    provider = provide(DataflowProvider)
    with pytest.raises(Foreseen, match="the service does not show its selectors"):
        replaced(provider, made, goal) if verb == "replace" else provider.delete(made.id, made.outs)
    if verb == "delete":
        provide(DataflowProvider).delete(made.id, {**made.outs, "forceDestroy": True})
        assert emulator.store.find(PLACE, "flows", [], None) == []
        return
    assert [item["id"] for item in emulator.store.find(PLACE, "flows", [], None)] == [made.id]


@pytest.mark.parametrize(
    ("secret", "live", "line"),
    [
        ({"token": "TOPSECRET"}, {}, "would lack the secret parameters: declare secret_params, or {}"),
        (None, {"token": "****"}, "would lack token, which the service does not show: declare secret_params"),
        (None, {"token": "xxxx"}, "would lack token, which the service does not show"),
    ],
)
def test_a_replaced_target_never_lacks_what_nobody_can_read_back(provide, emulator, secret, live, line):
    bases, provider = provide(BaseConnectionProvider), provide(TargetConnectionProvider)
    base = bases.create(bag(bases, name="s3", connectionSpecId=S3, auth=ACCESS_KEY)).id
    more = {} if secret is None else {"secretParams": secret}
    goal = bag(provider, name="t", baseConnectionId=base, connectionSpecId=S3, params={"a": 1}, managedBy=owner("t"), **more)
    made = provider.create(goal)
    for key, value in live.items():
        somebody_else(emulator, "targetConnections", made.id, {"op": "add", "path": f"/params/{key}", "value": value})
    following = provide(TargetConnectionProvider)
    news = {key: value for key, value in goal.items() if key != "secretParams"} | {"dataFormat": "csv"}
    following.diff(made.id, made.outs, news)
    with pytest.raises(Foreseen, match=line):
        following.create(news)
    assert len(emulator.store.find(PLACE, "targetConnections", [], None)) == 1


# Without ownership markers, and with names that are not unique


@pytest.fixture
def namesakes(provide, emulator, ends):
    """The next process, and two dataflows of one name, as declared and as made; on each, somebody has activated a segment."""
    unmarked = {"aep:ownershipMarker": "false"}
    provider = provide(DataflowProvider, **unmarked)
    owners = [owner(name, f"0000000{name}") for name in "ab"]
    goals = [bag(provider, name="f", managedBy=each, segments=[{"id": "s"}], **ends) for each in owners]
    made = list(map(provider.create, goals))
    for name, flow in zip("ab", made, strict=True):
        somebody_else(emulator, "flows", flow.id, add_segment(f"theirs-{name}"))
        assert "description" not in live_flow(emulator, flow.id)
    return provide(DataflowProvider, **unmarked), goals, made


def test_each_replacement_takes_along_what_is_of_its_own_predecessor(emulator, namesakes):
    provider, goals, made = namesakes
    news = [{**goal, "flowSpecVersion": "2.0"} for goal in goals]
    for flow, new in zip(made, news, strict=True):
        assert provider.diff(flow.id, flow.outs, new).replaces
    assert [segments_of(live_flow(emulator, provider.create(new).id))[1:] for new in news] == [["theirs-a"], ["theirs-b"]]


def test_force_destroy_is_of_the_one_that_has_it(emulator, namesakes):
    provider, goals, made = namesakes
    provider.diff(made[0].id, made[0].outs, {**goals[0], "forceDestroy": True})
    with pytest.raises(Foreseen, match="others activated on it: segment theirs-b"):
        provider.delete(made[1].id, {**made[1].outs, "selectorOwnership": "additive"})


def test_what_tells_resources_apart_without_markers_is_no_difference(namesakes):
    """A state that was written before there was such a thing lacks it; so does one that was written with markers."""
    provider, goals, (first, _) = namesakes
    before = {key: value for key, value in first.outs.items() if key != "unmarkedOwner"}
    assert before != first.outs
    assert provider.diff(first.id, before, goals[0]).changes is False
    assert provider.diff(first.id, first.outs, goals[0]).changes is False
    declared = {key: value for key, value in goals[0].items() if key != "unmarkedOwner"} | {"managedBy": owner("a", "0000000a")}
    for inputs in (declared, {**declared, "unmarkedOwner": "as a read has it"}):
        checked = provider.check(first.outs, inputs)
        assert ({**checked.inputs, "__provider": "p"}, checked.failures) == (goals[0], [])


@pytest.mark.parametrize("older", [False, True])
def test_a_forced_replacement_in_another_sandbox_leaves_the_object_also_without_markers(provide, emulator, older):
    unmarked = {"aep:ownershipMarker": "false"}
    declared = {"name": "account", "connectionSpecId": KINESIS, "auth": AUTH, "managedBy": owner("account")}
    provider = provide(BaseConnectionProvider, **unmarked)
    made = provider.create(bag(provider, **declared))
    state = {key: value for key, value in made.outs.items() if key != "unmarkedOwner" or not older}
    following = provide(BaseConnectionProvider, **unmarked)
    following.create(bag(following, **declared, sandboxName="dev"))
    with pytest.raises(Foreseen, match="lives in sandbox prod, and a forced replacement made another in sandbox dev"):
        following.delete(made.id, state)
    assert emulator.store.get(PLACE, "connections", made.id)


@pytest.mark.parametrize("later", [False, True], ids=["create before delete", "delete before create"])
@pytest.mark.parametrize(
    ("declared", "kept"),
    [
        ({"segments": []}, {"segments": [{"id": "theirs"}]}),
        ({"enabled": True, "segments": [{"id": "s"}]}, {"enabled": False, "segments": [{"id": "s"}]}),
        ({"description": "Mine"}, {"description": None}),
    ],
)
def test_what_ignore_changes_keeps_is_kept_by_a_replacement(provide, emulator, ends, declared, kept, later):
    """The diff has it; the engine then checks and creates what the program says. State goes on with that, as inputs do."""
    provider = provide(DataflowProvider)
    made = provider.create(bag(provider, name="f", managedBy=owner("f"), **ends, **{**declared, **kept}))
    up = provide(DataflowProvider)
    goal = {**bag(up, name="f", managedBy=owner("f"), **ends, **declared), "flowSpecVersion": "2.0"}
    assert up.diff(made.id, made.outs, {**goal, **kept}).replaces == ["flowSpecVersion"]
    if later:
        up.delete(made.id, made.outs)
    new = up.create(goal)
    flow = live_flow(emulator, new.id)
    assert segments_of(flow) == [segment["id"] for segment in kept.get("segments", [])]
    assert flow["state"] == ("disabled" if kept.get("enabled") is False else "enabled")
    assert flow["description"].startswith({**declared, **kept}.get("description") or "[pulumi:")
    assert {key: new.outs[key] for key in declared} == declared


def test_a_stray_404_of_the_old_object_makes_no_replacement_without_what_others_activated(provide, emulator, ends):
    common = {"name": "f", "managedBy": owner("f"), "segments": [{"id": "s"}]}
    provider = provide(DataflowProvider)
    made = provider.create(bag(provider, **common, **ends))
    somebody_else(emulator, "flows", made.id, add_segment("theirs"))
    up = provide(DataflowProvider)
    goal = {**bag(up, **common, **ends), "flowSpecVersion": "2.0"}
    up.diff(made.id, made.outs, goal)
    emulator.misbehave()
    emulator.order(Fault(method="GET", path=f"/flows/{made.id}", status=404, body={"message": "no Route matched"}))
    with pytest.raises(Foreseen, match=f"though {made.id} is listed: try again"):
        up.create(goal)
    assert [flow["id"] for flow in emulator.store.find(PLACE, "flows", [], None)] == [made.id]

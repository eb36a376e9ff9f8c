"""The providers themselves, called as the engine calls them, against the emulator."""

from __future__ import annotations

import re

import pulumi
import pytest
from pulumi.dynamic import ConfigureRequest
from pulumi.dynamic.config import Config
from pydantic.alias_generators import to_camel
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
from support.surroundings import methods

from pulumi_aep_streaming._dynamic.call import Foreseen
from pulumi_aep_streaming.base_connection import BaseConnectionProvider
from pulumi_aep_streaming.dataflow import DataflowProvider
from pulumi_aep_streaming.emulator import Fault
from pulumi_aep_streaming.source_connection import SourceConnectionProvider
from pulumi_aep_streaming.target_connection import TargetConnectionProvider

IN_EVERY_EDITION = True


def test_configure_needs_nothing_and_calls_nothing():
    provider = DataflowProvider()
    provider.configure(ConfigureRequest(Config({}, "shop")))


def test_outputs_are_the_inputs_and_the_nonce_and_nothing_that_the_service_bumps(account):
    assert set(account.outs) == {
        "name",
        "connectionSpecId",
        "connectionSpecVersion",
        "auth",
        "managedBy",
        "nonce",
        "orgId",
        "sandboxName",
    }


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


@pytest.mark.editions("current", "2020", "open")
def test_a_flow_is_posted_without_selectors_and_activated_by_one_patch(provide, emulator, ends):
    provider = provide(DataflowProvider)
    emulator.forget()
    made = provider.create(bag(provider, name="f", **ends, segments=[{"id": "s1"}, {"id": "s2"}]))
    assert methods(emulator) == ["POST flows", "GET flows", "PATCH flows", "GET flows"]
    assert segments_of(live_flow(emulator, made.id)) == ["s1", "s2"]


def test_a_flow_that_is_to_be_disabled_is_so_before_anything_is_activated(provide, emulator, ends):
    provider = provide(DataflowProvider)
    emulator.forget()
    made = provider.create(bag(provider, name="f", **ends, segments=[{"id": "s1"}], enabled=False))
    writes = [(call.method, call.path.rsplit("/", 1)[-1]) for call in emulator.calls if call.method in {"POST", "PATCH"}]
    assert [(method, path if path == "action" else "") for method, path in writes[-3:]] == [
        ("POST", ""),
        ("POST", "action"),
        ("PATCH", ""),
    ]
    assert live_flow(emulator, made.id)["state"] == "disabled"
    assert provider.read(made.id, made.outs).outs == made.outs


@pytest.mark.parametrize("enabled", [None, True])
def test_a_flow_is_enabled_by_default(provide, emulator, ends, enabled):
    provider = provide(DataflowProvider)
    made = provider.create(bag(provider, name="f", **ends, **({} if enabled is None else {"enabled": enabled})))
    assert live_flow(emulator, made.id)["state"] == "enabled"
    assert not any("/action" in call.path for call in emulator.calls)


def keys_of(provider):
    return set(map(to_camel, provider.kind.inputs.model_fields))


def test_switching_a_flow_off_and_on_is_done_by_its_action(provide, emulator, ends):
    provider = provide(DataflowProvider)
    made = provider.create(bag(provider, name="f", **ends))
    outs = updated(provider, made.id, made.outs, enabled=False)
    assert live_flow(emulator, made.id)["state"] == "disabled"
    outs = updated(provider, made.id, outs, enabled=True)
    assert live_flow(emulator, made.id)["state"] == "enabled"
    assert not any(call.method == "PATCH" for call in emulator.calls)


def test_a_flow_that_was_paused_in_the_ui_stays_paused_where_that_is_not_managed(provide, emulator, ends):
    provider = provide(DataflowProvider)
    made = provider.create(bag(provider, name="f", **ends))
    emulator.store.act(PLACE, made.id, "disable", "somebody")
    assert provider.read(made.id, made.outs).outs == made.outs
    updated(provider, made.id, made.outs, segments=[{"id": "s1"}])
    assert live_flow(emulator, made.id)["state"] == "disabled"


def test_a_managed_pause_is_drift(provide, emulator, ends):
    provider = provide(DataflowProvider)
    made = provider.create(bag(provider, name="f", **ends, enabled=True))
    emulator.store.act(PLACE, made.id, "disable", "somebody")
    read = provider.read(made.id, made.outs)
    assert read.inputs["enabled"] is False
    assert updated(provider, made.id, read.outs, enabled=True)["enabled"] is True
    assert live_flow(emulator, made.id)["state"] == "enabled"


def test_what_others_add_between_preview_and_up_survives_with_a_warning(provide, emulator, ends, capfd):
    provider = provide(DataflowProvider)
    made = provider.create(bag(provider, name="f", **ends, segments=[{"id": "s1"}]))
    somebody_else(emulator, "flows", made.id, add_segment("theirs", name="Summer"))
    updated(provider, made.id, made.outs, segments=[{"id": "s2"}])
    assert segments_of(live_flow(emulator, made.id)) == ["theirs", "s2"]
    said = capfd.readouterr().err
    assert "segment Summer (theirs) was activated by others and is left alone" in said
    assert "- segment s1" in said
    assert "+ segment s2" in said


def test_exclusive_shows_foreign_selectors_by_name_and_removes_what_a_refresh_has_shown(provide, emulator, ends):
    provider = provide(DataflowProvider)
    made = provider.create(bag(provider, name="f", **ends, segments=[{"id": "s1"}]))
    somebody_else(emulator, "flows", made.id, add_segment("theirs", name="Summer"))
    read = provider.read(made.id, made.outs)
    assert read.inputs["segments"] == [{"id": "s1"}, {"id": "theirs", "name": "Summer"}]
    assert provider.diff(made.id, read.outs, made.outs).changes
    updated(provider, made.id, read.outs, segments=[{"id": "s1"}])
    assert segments_of(live_flow(emulator, made.id)) == ["s1"]


def test_additive_never_shows_nor_removes_foreign_selectors_and_keeps_them_from_being_deleted(provide, emulator, ends, capfd):
    provider = provide(DataflowProvider)
    made = provider.create(bag(provider, name="f", **ends, segments=[{"id": "s1"}], selectorOwnership="additive"))
    somebody_else(emulator, "flows", made.id, add_segment("theirs", name="Summer"))
    read = provider.read(made.id, made.outs)
    assert read.outs == made.outs
    assert "segment Summer (theirs)" in capfd.readouterr().err
    outs = updated(provider, made.id, read.outs, segments=[{"id": "s2"}])
    assert segments_of(live_flow(emulator, made.id)) == ["theirs", "s2"]
    following = provide(DataflowProvider)
    with pytest.raises(Foreseen, match=r"others activated on it: segment Summer \(theirs\); .*force_destroy"):
        following.delete(made.id, outs)
    following.delete(made.id, {**outs, "forceDestroy": True})
    assert emulator.store.find(PLACE, "flows", [], None) == []


def test_members_that_the_service_adds_are_never_drift(provide, emulator, ends):
    provider = provide(DataflowProvider)
    made = provider.create(bag(provider, name="f", **ends, segments=[{"id": "s1"}], profileAttributes=[{"path": "a.b"}]))
    added = {"op": "add", "path": "/transformations/0/params/profileSelectors/selectors/0/value/mapping", "value": {"x": 1}}
    somebody_else(emulator, "flows", made.id, added)
    assert provider.read(made.id, made.outs).outs == made.outs
    target = provide(TargetConnectionProvider)
    id_ = ends["targetConnectionIds"][0]
    somebody_else(emulator, "targetConnections", id_, {"op": "add", "path": "/params/added", "value": 1})
    state = bag(target, name="t", baseConnectionId="x", connectionSpecId=KINESIS, params={"stream": "s", "region": "r"})
    read = target.read(
        id_, {**state, "baseConnectionId": emulator.store.get(PLACE, "targetConnections", id_)["baseConnectionId"]}
    )
    assert read.outs["params"] == {"stream": "s", "region": "r"}


def test_parameters_change_key_by_key_and_secret_ones_are_merged_and_never_read(provide, emulator, account):
    spec = "4fce964d-3f37-408f-9778-e597338a21ee"
    bases = provide(BaseConnectionProvider)
    auth = {"specName": "Access Key", "params": {"s3AccessKey": "a", "s3SecretKey": "TOPSECRET"}}
    base = bases.create(bag(bases, name="s3", connectionSpecId=spec, auth=auth)).id
    provider = provide(TargetConnectionProvider)
    common = {"name": "t", "baseConnectionId": base, "connectionSpecId": spec}
    made = provider.create(
        bag(provider, **common, params={"a": 1.0, "b": 2.0, "c/d": "x"}, secretParams={"token": "TOPSECRET"})
    )
    assert emulator.store.get(PLACE, "targetConnections", made.id)["params"] == {
        "a": 1,
        "b": 2,
        "c/d": "x",
        "token": "TOPSECRET",
    }
    assert provider.read(made.id, made.outs).outs == made.outs
    emulator.forget()
    outs = updated(provider, made.id, made.outs, params={"a": 1, "c/d": "y", "e": []}, secretParams={"token": "ROTATED"})
    (patch,) = [call for call in emulator.calls if call.method == "PATCH"]
    assert sorted((operation["op"], operation["path"]) for operation in patch.body) == [
        ("add", "/params/e"),
        ("add", "/params/token"),
        ("remove", "/params/b"),
        ("replace", "/params/c~1d"),
    ]
    live = emulator.store.get(PLACE, "targetConnections", made.id)["params"]
    assert live == {"a": 1, "c/d": "y", "e": [], "token": "ROTATED"}
    assert provider.read(made.id, outs).outs == outs


def test_a_description_can_be_added_changed_and_removed_and_keeps_the_marker(provide, emulator, account):
    provider = provide(BaseConnectionProvider)

    def described():
        return emulator.store.get(PLACE, "connections", account.id)["description"]

    marker = described()
    assert re.fullmatch(r"\[pulumi:shop/prod/account#0a0b0c0d\.[0-9a-f]{8}\]", marker)
    outs = updated(provider, account.id, account.outs, description="one")
    assert described() == f"one {marker}"
    outs = updated(provider, account.id, outs, description="two")
    assert described() == f"two {marker}"
    assert provider.read(account.id, outs).outs == outs
    updated(provider, account.id, outs, description=None)
    assert described() == marker


def test_a_text_that_others_wrote_where_none_is_declared_is_left(provide, emulator, account):
    provider = provide(BaseConnectionProvider)
    marker = emulator.store.get(PLACE, "connections", account.id)["description"]
    theirs = {"op": "replace", "path": "/description", "value": f"handle with care {marker}"}
    somebody_else(emulator, "connections", account.id, theirs)
    assert provider.read(account.id, account.outs).outs == account.outs
    updated(provider, account.id, account.outs, name="renamed")
    assert emulator.store.get(PLACE, "connections", account.id)["description"] == f"handle with care {marker}"


def test_credentials_that_are_not_declared_are_not_touched(provide, emulator, account):
    provider = provide(BaseConnectionProvider)
    outs = updated(provider, account.id, account.outs, auth=None)
    assert "auth" not in outs
    assert emulator.store.load(PLACE, "connections", account.id)["auth"]["params"] == AUTH["params"]
    updated(provider, account.id, outs, auth={**AUTH, "params": {**AUTH["params"], "secretKey": "ROTATED"}})
    assert emulator.store.load(PLACE, "connections", account.id)["auth"]["params"]["secretKey"] == "ROTATED"


def test_the_marker_can_be_turned_off(provide, emulator):
    provider = provide(BaseConnectionProvider, **{"aep:ownershipMarker": "false"})
    emulator.forget()
    made = provider.create(bag(provider, name="x", connectionSpecId=PROFILES, managedBy=owner("x")))
    assert methods(emulator) == ["POST connections"]
    assert "description" not in emulator.store.get(PLACE, "connections", made.id)
    assert not made.outs.keys() & {"managedBy", "nonce"}


def test_too_many_selectors_are_a_warning_not_an_error(provide, capfd):
    provider = provide(DataflowProvider)
    bag(
        provider,
        name="f",
        sourceConnectionIds=["s"],
        targetConnectionIds=["t"],
        flowSpecId="x",
        segments=[{"id": f"s{number}"} for number in range(251)],
        profileAttributes=[{"path": f"p{number}"} for number in range(51)],
    )
    said = capfd.readouterr().err
    assert "segments: 251 are more than Adobe's guardrail of 250" in said
    assert "profile_attributes: 51 are more than Adobe's guardrail of 50" in said


def test_unknowns_in_every_property_survive_check_and_diff(provide):
    unknown = pulumi.output.Unknown()
    for kind in (BaseConnectionProvider, SourceConnectionProvider, TargetConnectionProvider, DataflowProvider):
        provider = provide(kind)
        news = {**dict.fromkeys(keys_of(provider), unknown), "__provider": "p"}
        checked = provider.check({}, news)
        assert [failure.reason for failure in checked.failures] == []
        assert provider.diff("id", {}, checked.inputs).changes


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


@pytest.mark.parametrize("view", ["shown", "masked"])
def test_a_parameter_that_becomes_secret_or_ceases_to_be_so_is_never_lost(provide, emulator, account, view):
    spec = "4fce964d-3f37-408f-9778-e597338a21ee"
    bases, provider = provide(BaseConnectionProvider), provide(TargetConnectionProvider)
    auth = {"specName": "Access Key", "params": {"s3AccessKey": "a", "s3SecretKey": "TOPSECRET"}}
    base = bases.create(bag(bases, name="s3", connectionSpecId=spec, auth=auth)).id
    common = {"name": "t", "baseConnectionId": base, "connectionSpecId": spec}
    made = provider.create(bag(provider, **common, params={}, secretParams={"k": "value"}))
    place = (PLACE, "targetConnections", made.id)
    if view == "masked":
        show = emulator.store.shown
        emulator.store.shown = lambda kind, item: {
            **show(kind, item),
            **({"params": {"k": "xxxx"}} if "params" in item else {}),
        }
    outs = updated(provider, made.id, made.outs, params={"k": "value"}, secretParams=None)
    assert emulator.store.load(*place)["params"] == {"k": "value"}
    updated(provider, made.id, outs, params={}, secretParams={"k": "value"})
    assert emulator.store.load(*place)["params"] == {"k": "value"}


def test_a_parameter_declared_twice_is_refused(provide):
    provider = provide(TargetConnectionProvider)
    common = {"name": "t", "baseConnectionId": "b", "connectionSpecId": "x", "__provider": "p"}
    checked = provider.check({}, {**common, "params": {"k": 1}, "secretParams": {"k": 2}})
    assert [failure.reason for failure in checked.failures] == ["params.k: also in secret_params; declare it once"]


def test_what_the_service_leaves_out_is_not_taken_for_gone(provide, emulator, ends):
    provider = provide(DataflowProvider)
    made = provider.create(bag(provider, name="f", **ends, segments=[{"id": "s1"}]))
    live = live_flow(emulator, made.id)
    bare = {key: live[key] for key in ("id", "name", "description", "etag", "transformations") if key in live}
    emulator.order(
        Fault(method="GET", status=200, body={"items": [{**bare, "sandboxName": "Prod", "targetConnectionIds": None}]})
    )
    assert provider.read(made.id, made.outs).outs == made.outs


def test_a_service_that_keeps_its_own_names_of_segments_does_not_make_an_up_fail(provide, emulator, ends):
    provider = provide(DataflowProvider)
    patch = emulator.store.patch

    def renaming(place, kind, id_, operations, if_match, client):
        for operation in operations:
            if "name" in operation["value"].get("value", {}):
                operation["value"]["value"]["name"] = "The service's own"
        return patch(place, kind, id_, operations, if_match, client)

    emulator.store.patch = renaming
    made = provider.create(bag(provider, name="f", **ends, segments=[{"id": "s1", "name": "Ours"}]))
    assert segments_of(live_flow(emulator, made.id)) == ["s1"]


@pytest.mark.parametrize("transformations", [[], [{"name": "GeneralTransform"}], None])
def test_a_service_that_drops_what_is_empty_gets_it_again(provide, emulator, ends, transformations):
    provider = provide(DataflowProvider)
    emulator.misbehave()
    create = emulator.store.create

    def dropping(place, kind, body, client):
        made = create(place, kind, body, client)
        if kind == "flows":
            item = emulator.store.load(place, kind, made["id"])
            emulator.store.put(kind, place, {**item, "transformations": transformations or []})
        return made

    emulator.store.create = dropping
    made = provider.create(bag(provider, name="f", **ends, segments=[{"id": "s1"}], profileAttributes=[{"path": "a.b"}]))
    assert segments_of(live_flow(emulator, made.id)) == ["s1"]
    assert provider.read(made.id, made.outs).outs == made.outs


def test_an_empty_description_is_none(provide):
    provider = provide(BaseConnectionProvider)
    made = provider.create(bag(provider, name="x", connectionSpecId=PROFILES, description=""))
    assert "description" not in made.outs
    assert provider.read(made.id, made.outs).outs == made.outs


@pytest.mark.parametrize("ids", ["abc", {"a": 1}])
def test_what_is_no_list_is_refused_as_such(provide, ids):
    provider = provide(DataflowProvider)
    bad = {"name": "f", "sourceConnectionIds": ids, "targetConnectionIds": ["t"], "flowSpecId": "x", "__provider": "p"}
    bad |= {"segments": [], "profileAttributes": []}
    assert [failure.reason for failure in provider.check({}, bad).failures] == ["source_connection_ids: must be a list"]


def test_a_very_long_answer_is_cut_in_the_middle(provide, emulator):
    provider = provide(BaseConnectionProvider)
    emulator.order(Fault(method="POST", path="/connections", status=400, body={"message": "x" * 5000, "errorCode": "1415-400"}))
    with pytest.raises(Foreseen) as failed:
        provider.create(bag(provider, name="account", connectionSpecId=PROFILES))
    assert len(str(failed.value)) < 700
    assert "code 1415" in str(failed.value)


def test_a_twin_that_the_service_commits_late_is_removed(provide, emulator):
    """The first POST is answered 504 and committed only when nobody looks any more."""
    provider = provide(BaseConnectionProvider)
    create, kept = emulator.store.create, []

    def late(place, kind, body, client):
        if kept:
            create(place, kind, kept.pop(), client)
        return create(place, kind, body, client)

    emulator.store.create = late
    goal = bag(provider, name="x", connectionSpecId=PROFILES, managedBy=owner("x"))
    post = emulator.service.faults
    post.append(Fault(method="POST", path="/connections", status=504))
    forged = {"name": "x", "connectionSpec": {"id": PROFILES, "version": "1.0"}}
    nonces = []

    def remember(call):
        nonces.append(call)
        kept.append({**forged, "description": call["description"]})

    transport_write = emulator.service.journal.write

    def watch(method, path, query, status, body):
        if status == 504:
            remember(body)
        transport_write(method, path, query, status, body)

    emulator.service.journal.write = watch
    provider.create(goal)
    assert len(emulator.store.find(PLACE, "connections", [], None)) == 1


@pytest.mark.parametrize("refused", [1, 2])
def test_a_service_that_refuses_a_filter_is_asked_for_more(provide, emulator, refused):
    goal = bag(provide(BaseConnectionProvider), name="x", connectionSpecId=PROFILES, managedBy=owner("x"))
    made = provide(BaseConnectionProvider).create(goal)
    body = {"errorCode": "1449-400", "message": "Unknown field"}
    emulator.order(Fault(method="GET", path="property=", status=400, body=body, times=refused))
    assert provide(BaseConnectionProvider).create(goal).id == made.id


def test_a_name_with_a_comma_is_found_all_the_same(provide, emulator):
    goal = bag(provide(BaseConnectionProvider), name="one, two & three=x", connectionSpecId=PROFILES, managedBy=owner("x"))
    made = provide(BaseConnectionProvider).create(goal)
    assert provide(BaseConnectionProvider).create(goal).id == made.id


def test_what_was_left_behind_in_another_account_is_not_taken_for_what_is_wanted_now(provide, emulator, account):
    goal = {"name": "t", "params": {"stream": "s", "region": "r"}, "connectionSpecId": KINESIS, "managedBy": owner("t")}
    provider = provide(TargetConnectionProvider)
    left = provider.create(bag(provider, **goal, baseConnectionId=account.id)).id
    bases, following = provide(BaseConnectionProvider), provide(TargetConnectionProvider)
    other = bases.create(bag(bases, name="other", connectionSpecId=KINESIS, auth=AUTH)).id
    assert following.create(bag(following, **goal, baseConnectionId=other)).id != left


@pytest.fixture
def patient(provide, service):
    """A fresh provider whose client waits on the hourglass."""
    return lambda kind: provide(kind, connect=lambda *_: service)


READS_IN_VAIN = 8  # of an object that is waited for to appear


def test_what_is_listed_before_it_can_be_read_is_not_made_again(provide, patient, emulator, ends):
    provider = provide(DataflowProvider)
    goal = bag(provider, name="f", managedBy=owner("f"), enabled=False, **ends)
    left = provider.create(goal).id
    absent = {"errorMessage": "flows not found with id = [x]"}
    emulator.order(Fault(method="GET", path=f"/flows/{left}", status=404, body=absent, times=READS_IN_VAIN))
    assert patient(DataflowProvider).create(goal).id == left
    assert len(emulator.store.find(PLACE, "flows", [], None)) == 1


def test_what_is_gone_and_still_listed_is_made_again_when_the_list_has_noticed(provide, patient, emulator, ends):
    provider = provide(DataflowProvider)
    goal = bag(provider, name="f", managedBy=owner("f"), **ends)
    gone = provider.create(goal).id
    stale = {"items": [emulator.store.get(PLACE, "flows", gone)]}
    emulator.store.delete(PLACE, "flows", gone)
    emulator.order(Fault(method="GET", path="/flows\\?", status=200, body=stale))
    made = patient(DataflowProvider).create(goal).id
    assert [flow["id"] for flow in emulator.store.find(PLACE, "flows", [], None)] == [made]
    emulator.store.delete(PLACE, "flows", made)
    emulator.order(Fault(method="GET", path="/flows\\?", status=200, body=stale, times=9))
    with pytest.raises(Foreseen, match=f"{gone} was left behind .* is listed, but cannot be read: run pulumi up later"):
        patient(DataflowProvider).create(goal)


def test_a_new_flow_that_is_late_to_be_read_is_switched_off_all_the_same(patient, emulator, ends):
    provider = patient(DataflowProvider)
    absent = {"errorMessage": "flows not found with id = [x]"}
    emulator.order(Fault(method="GET", path="/flows/", status=404, body=absent, times=3))
    made = provider.create(bag(provider, name="f", enabled=False, **ends)).id
    assert emulator.store.get(PLACE, "flows", made)["state"] == "disabled"


@pytest.mark.parametrize(("status", "left"), [(400, 0), (403, 0), (503, 1)])
def test_a_flow_whose_activation_is_refused_is_taken_back(provide, emulator, ends, status, left):
    """State does not know it: destroy could not delete what it uses. An answer that may be wrong takes nothing back."""
    emulator.order(Fault(method="PATCH", status=status, body={"message": "segment s does not exist"}, times=9))
    provider = provide(DataflowProvider, **{"aep:maxRetries": "0"})
    with pytest.raises(Foreseen, match=f"cannot create dataflow f: segment s does not exist .HTTP {status}"):
        provider.create(bag(provider, name="f", segments=[{"id": "s"}], **ends))
    assert len(emulator.store.find(PLACE, "flows", [], None)) == left


def test_a_service_that_does_not_show_sources_is_believed(provide, emulator, ends):
    provider = provide(DataflowProvider)
    goal = bag(provider, name="f", **ends)
    made = provider.create(goal)
    shown = {**emulator.store.get(PLACE, "flows", made.id), "sourceConnectionIds": None}
    emulator.misbehave()
    emulator.order(Fault(method="GET", path="/flows/", status=200, body={"items": [shown]}, times=9))
    kind, service = provider.kind, provider.lifecycle.context.service(made.outs)
    live = kind.collection(service).get(made.id)
    assert kind.operations(goal, None, live) == kind.operations(goal, goal, live) == []
    changed = {**goal, "sourceConnectionIds": ["other"]}
    assert [each["path"] for each in kind.operations(changed, goal, live)] == ["/sourceConnectionIds"]


def test_a_reference_has_all_that_its_types_promise(provide, emulator, ends):
    provider = provide(DataflowProvider)
    made = provider.create(bag(provider, name="f", **ends))
    found = provider.read(made.id, {"sandboxName": "prod"}).outs
    assert (found["segments"], found["profileAttributes"], found["orgId"]) == ([], [], "EMULATOR@AdobeOrg")


def test_a_marker_that_was_copied_with_a_text_is_not_part_of_the_text(provide):
    provider = provide(BaseConnectionProvider)
    marker = "[pulumi:a/b/c#00000000.00000000]"
    assert bag(provider, name="x", connectionSpecId=PROFILES, description=f"Buyers {marker}")["description"] == "Buyers"
    assert "description" not in bag(provider, name="x", connectionSpecId=PROFILES, description=marker)


def test_what_is_to_be_adopted_and_is_not_there_is_said_with_what_to_do(provide):
    provider = provide(BaseConnectionProvider)
    with pytest.raises(Foreseen, match="nowhere is not in sandbox prod: check adopt_id and sandbox_name"):
        provider.create(bag(provider, name="x", connectionSpecId=PROFILES, adoptId="nowhere"))


def test_an_unforeseen_failure_keeps_its_traceback_and_asks_for_a_report(provide, account, capfd):
    provider = provide(BaseConnectionProvider)
    del provider.lifecycle
    with pytest.raises(AttributeError, match="lifecycle"):
        provider.read(account.id, account.outs)
    assert "unforeseen failure to read a base connection: please report it, with the traceback" in capfd.readouterr().err

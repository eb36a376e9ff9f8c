"""How a provider changes objects: by the smallest patch, and without what it does not manage."""

from __future__ import annotations

import re

import pytest
from support.providing import (
    AUTH,
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
from pulumi_aep_streaming.target_connection import TargetConnectionProvider

IN_EVERY_EDITION = True


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


def bucket(provide):
    provider = provide(BaseConnectionProvider)
    auth = {"specName": "Access Key", "params": {"s3AccessKey": "a", "s3SecretKey": "TOPSECRET-1"}}
    return provider.create(bag(provider, name="account", connectionSpecId=S3, auth=auth)).id


S3 = "4fce964d-3f37-408f-9778-e597338a21ee"
"""A destination of which this package knows no parameters."""
HEADERS = {"headers": {"keep": "1", "old": "2"}, "rules": [{"a": 1, "old": 2}]}


@pytest.mark.parametrize(
    ("left", "value"),
    [
        ("headers", {"keep": "1"}),
        ("headers", {}),
        ("headers", {"keep": "1", "new": "3"}),
        ("rules", [{"a": 1}]),
    ],
)
def test_a_member_of_a_parameter_that_is_left_out_is_removed_and_what_others_added_stays(provide, emulator, left, value):
    provider = provide(TargetConnectionProvider)
    ends = {"connectionSpecId": S3, "baseConnectionId": bucket(provide)}
    made = provider.create(bag(provider, name="t", **ends, params=HEADERS))
    theirs = {"op": "add", "path": "/params/headers/theirs", "value": "9"}
    somebody_else(emulator, "targetConnections", made.id, theirs)
    updated(provider, made.id, made.outs, params={**HEADERS, left: value})
    live = emulator.store.get(PLACE, "targetConnections", made.id)["params"]
    others = {"theirs": "9"}
    assert live == {
        **HEADERS,
        "headers": {**HEADERS["headers"], **others},
        left: {**value, **others} if left == "headers" else value,
    }


def test_a_member_of_a_mapping_that_is_left_out_is_removed(provide, emulator, ends):
    provider = provide(DataflowProvider)
    mapped = {"path": "a.b", "mapping": {"destination": "x", "old": "y"}}
    made = provider.create(bag(provider, name="f", **ends, profileAttributes=[mapped]))
    updated(provider, made.id, made.outs, profileAttributes=[{"path": "a.b", "mapping": {"destination": "x"}}])
    assert "old" not in str(live_flow(emulator, made.id)["transformations"])


def test_true_is_not_one(provide, emulator):
    provider = provide(TargetConnectionProvider)
    ends = {"connectionSpecId": S3, "baseConnectionId": bucket(provide)}
    made = provider.create(bag(provider, name="t", **ends, params={"compress": 1, "deep": [{"on": 0}]}))
    updated(provider, made.id, made.outs, params={"compress": True, "deep": [{"on": False}]})
    live = emulator.store.get(PLACE, "targetConnections", made.id)["params"]
    assert (live["compress"], live["deep"][0]["on"]) == (True, False)
    assert isinstance(live["compress"], bool)
    assert isinstance(live["deep"][0]["on"], bool)

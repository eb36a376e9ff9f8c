"""Deletions that are decided by a page, and takings-over that wait until no such page is left: two processes at a time."""

from __future__ import annotations

import re

import pytest
from support.providing import KINESIS, PLACE, PROFILES, add_segment, bag, owner, somebody_else, updated
from support.surroundings import Hourglass, transport_to

from pulumi_aep_streaming._dynamic.call import Foreseen
from pulumi_aep_streaming.base_connection import BaseConnectionProvider
from pulumi_aep_streaming.dataflow import DataflowProvider
from pulumi_aep_streaming.emulator import Fault
from pulumi_aep_streaming.flow_service.client import FlowService
from pulumi_aep_streaming.flow_service.recent_pages import SECONDS_KEPT

IN_EVERY_EDITION = True
LISTS = {"method": "GET", "path": "/connections\\?"}


@pytest.fixture
def process(provide, emulator, hourglass):
    """A provider in a process of its own: its client has read nothing yet."""

    def start(kind, clock=hourglass, **more):
        client = FlowService(transport_to(emulator, clock), "prod")
        return provide(kind, connect=lambda *_: client, **more)

    return start


@pytest.fixture
def accounts(process):
    """Five accounts, as outputs by id; nothing is built upon them."""
    provider = process(BaseConnectionProvider)
    goals = (bag(provider, name=f"x{n}", connectionSpecId=PROFILES, managedBy=owner(f"x{n}", f"0000000{n}")) for n in range(5))
    made = map(provider.create, goals)
    return {account.id: account.outs for account in made}


@pytest.fixture
def flows(process, ends):
    """Five dataflows, as outputs by id."""

    def make(**more):
        provider = process(DataflowProvider)
        common = {**ends, "segments": [{"id": "s"}], **more}
        goals = (bag(provider, name=f"f{n}", managedBy=owner(f"f{n}", f"0000000{n}"), **common) for n in range(5))
        return {flow.id: flow.outs for flow in map(provider.create, goals)}

    return make


def anew(outs):
    """What a forced replacement declares: the same, and state is not told."""
    return {key: value for key, value in outs.items() if key != "nonce"}


def reads(emulator, kind):
    """Reads of one object, and of pages of them."""
    paths = [call.path.rpartition("/")[2] for call in emulator.calls if call.method == "GET"]
    return sum(path != kind for path in paths), sum(path == kind for path in paths)


def left(emulator, kind):
    return [live["id"] for live in emulator.store.find(PLACE, kind, [], None)]


def test_many_deletions_are_read_by_the_page(process, flows, emulator):
    made, deleting = flows(), process(DataflowProvider)
    emulator.forget()
    for id_, outs in made.items():
        deleting.delete(id_, outs)
    assert reads(emulator, "flows") == (1, 1)
    assert left(emulator, "flows") == []


def test_additive_flows_are_read_one_by_one_before_they_are_deleted(process, flows, emulator):
    made, deleting = flows(selectorOwnership="additive"), process(DataflowProvider)
    emulator.forget()
    for id_, outs in made.items():
        deleting.delete(id_, outs)
    assert reads(emulator, "flows") == (5, 0)


def test_what_a_page_shows_as_somebody_elses_or_as_changed_by_others_is_read_before_anything_is_decided(
    process, flows, emulator, capfd
):
    made, deleting = flows(), process(DataflowProvider)
    *_, taken, changed = made
    live = emulator.store.load(PLACE, "flows", taken)
    emulator.store.put(
        "flows", PLACE, {**live, "description": live["description"].replace("f3#00000003.", "other#0c0c0c0c.0")[:-2] + "]"}
    )
    somebody_else(emulator, "flows", changed, add_segment("theirs"))
    emulator.forget()
    for id_, outs in made.items():
        deleting.delete(id_, outs)
    assert reads(emulator, "flows") in ((3, 1), (4, 1))  # once more where the service is not through with a change
    assert left(emulator, "flows") == [taken]
    said = capfd.readouterr().err
    assert f"dataflow f3 ({taken}) is not deleted: its marker says" in said
    assert "segment theirs was activated by others and goes with it" in said


def test_what_is_taken_over_while_another_process_deletes_by_the_page_is_not_deleted(process, accounts, emulator):
    old, new = process(BaseConnectionProvider), process(BaseConnectionProvider)
    first, second, third, *_ = accounts
    for id_ in (first, second):  # the second is read by the page, on which the third is as it was
        old.delete(id_, accounts[id_])
    assert new.create(anew(accounts[third])).id == third
    old.delete(third, accounts[third])
    assert third in left(emulator, "connections")


def test_taking_over_waits_until_lists_show_it(process, accounts, emulator, hourglass):
    new, (first, *_) = process(BaseConnectionProvider), accounts
    before = {"items": [emulator.store.get(PLACE, "connections", first)]}
    emulator.misbehave()
    emulator.order(Fault(**LISTS, status=200, body=before, skip=1, times=3))
    emulator.forget()
    assert new.create(anew(accounts[first])).id == first
    assert reads(emulator, "connections")[1] == 1 + 3 + 2  # it was found on one, three lag, and two show it
    assert SECONDS_KEPT in hourglass.naps


def test_taking_over_what_lists_never_show_ends_with_a_line_and_nothing_is_lost(process, accounts, emulator):
    new, (first, *_) = process(BaseConnectionProvider), accounts
    before = {"items": [emulator.store.get(PLACE, "connections", first)]}
    emulator.misbehave()
    emulator.order(Fault(**LISTS, status=200, body=before, times=99))
    with pytest.raises(
        Foreseen, match="lists do not show that .* was taken over, after 60 s, so it might be deleted .*: run pulumi up again"
    ):
        new.create(anew(accounts[first]))
    assert len(left(emulator, "connections")) == 5


@pytest.mark.editions("current", "2020", "open")  # else it is in between states, and cannot be deleted
def test_what_is_deleted_while_it_is_taken_over_is_made_again(process, accounts, emulator, hourglass):
    new, (first, *_) = process(BaseConnectionProvider), accounts

    def deleted_by_the_page_of_another_process():
        if first in left(emulator, "connections"):
            emulator.store.delete(PLACE, "connections", first)

    hourglass.asleep = deleted_by_the_page_of_another_process
    made = new.create(anew(accounts[first]))
    assert made.id != first
    assert len(left(emulator, "connections")) == 5


def test_adopting_what_carries_no_marker_waits_for_nothing(process, emulator, hourglass, by_hand):
    id_, provider = by_hand.account("x"), process(BaseConnectionProvider)
    provider.create(bag(provider, name="x", connectionSpecId=KINESIS, managedBy=owner("x"), adoptId=id_))
    assert SECONDS_KEPT not in hourglass.naps


def taken_by(process, id_, outs, how):
    """Somebody takes an object over in one of the ways that there are."""
    if how == "resumed":
        process(BaseConnectionProvider).create(anew(outs))
    elif how == "adopted":
        process(BaseConnectionProvider).create({**anew(outs), "adoptId": id_})
    elif how == "reclaimed":
        process(BaseConnectionProvider, reclaim="shop/prod").create(anew(outs))
    elif how == "taken back":
        stale = {**outs, "nonce": "00000000"}
        process(BaseConnectionProvider, reclaim="shop/prod").update(id_, stale, anew(outs))
    else:
        updated(process(BaseConnectionProvider), id_, anew(outs), description="changed")


@pytest.mark.parametrize("how", ["resumed", "adopted", "reclaimed", "taken back", "imported and changed"])
def test_however_it_is_taken_over_no_page_of_before_deletes_it(process, accounts, emulator, how):
    old = process(BaseConnectionProvider)
    first, second, third, *_ = accounts
    for id_ in (first, second):
        old.delete(id_, accounts[id_])
    taken_by(process, third, accounts[third], how)
    old.delete(third, accounts[third])
    assert third in left(emulator, "connections")


@pytest.mark.editions("current")
@pytest.mark.parametrize(
    "answer", [{"status": 429, "headers": {"Retry-After": "10"}}, {"status": 400, "body": {"errorCode": "1421-400"}}]
)
def test_a_deletion_that_has_to_be_tried_again_is_decided_again(process, accounts, emulator, hourglass, answer):
    """The new process has written its marker, and waits; the old one still has a page of before, and is told to come later."""
    old, new = process(BaseConnectionProvider, Hourglass()), process(BaseConnectionProvider)
    first, second, third, *_ = accounts
    for id_ in (first, second):
        old.delete(id_, accounts[id_])
    emulator.misbehave()
    emulator.order(Fault(method="DELETE", **{"body": {"message": "slow"}, **answer}))

    def deletes_meanwhile():
        hourglass.asleep = lambda: None
        old.delete(third, accounts[third])

    hourglass.asleep = deletes_meanwhile
    assert new.create(anew(accounts[third])).id == third
    assert third in left(emulator, "connections")


@pytest.mark.editions("current")
def test_what_somebody_else_takes_over_while_it_is_taken_over_is_theirs(process, accounts, emulator, hourglass):
    new, (first, *_) = process(BaseConnectionProvider), accounts

    def theirs():
        live = emulator.store.load(PLACE, "connections", first)
        description = re.sub(r"\.\w+\]$", ".0c0c0c0c]", live["description"])
        emulator.store.put("connections", PLACE, {**live, "description": description})

    hourglass.asleep = theirs
    with pytest.raises(Foreseen, match=r"is another state's by now: its marker says .*\.0c0c0c0c"):
        new.create(anew(accounts[first]))


@pytest.mark.editions("current")
def test_where_lists_cannot_be_had_taking_over_goes_on_as_nobody_can_delete_by_them(process, accounts, emulator):
    new, (first, *_) = process(BaseConnectionProvider), accounts
    emulator.misbehave()
    emulator.order(Fault(**LISTS, status=503, body={"message": "down"}, times=9999))
    assert new.create({**anew(accounts[first]), "adoptId": first}).id == first


@pytest.mark.editions("current")
def test_what_is_replaced_is_read_before_it_is_deleted(process, flows, emulator):
    made, deleting = flows(), process(DataflowProvider)
    first, second, third, *_ = made
    for id_ in (first, second):
        deleting.delete(id_, made[id_])
    deleting.diff(third, made[third], {**anew(made[third]), "flowSpecVersion": "2.0"})
    emulator.forget()
    deleting.delete(third, made[third])
    assert reads(emulator, "flows") == (1, 0)


@pytest.mark.editions("current")
def test_what_a_page_shows_without_a_marker_is_read_before_it_is_deleted(process, accounts, emulator):
    for id_ in accounts:
        emulator.store.put("connections", PLACE, {**emulator.store.load(PLACE, "connections", id_), "description": ""})
    deleting = process(BaseConnectionProvider)
    emulator.forget()
    for id_, outs in accounts.items():
        deleting.delete(id_, outs)
    assert reads(emulator, "connections")[0] == len(accounts)

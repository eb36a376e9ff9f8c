"""Reading many objects costs pages where they pay, and never much more than a read each."""

from __future__ import annotations

import itertools
import random
from concurrent.futures import ThreadPoolExecutor

import pytest
from support.curl import AUTH, FLOW_SPEC, KINESIS, PROFILE, SELECTORS, STREAM, end

from pulumi_aep_streaming.emulator import Fault
from pulumi_aep_streaming.flow_service.errors import NotFound

SPECS = {"connectionSpec": PROFILE}
ENDS = {**SPECS, "data": {"format": "json"}, "params": {}}


def put(emulator, count: int, kind: str = "connections") -> list[str]:
    """Make many objects at once, without HTTP, a millisecond apart; return their ids, oldest first."""
    store, place = emulator.store, f"{emulator.organization.id}/prod"
    moments = itertools.count(int(store.clock() * 1000) + 1)
    store.clock = lambda: next(moments) / 1000

    def make(kind: str, **body) -> str:
        return store.create(place, kind, {**body, "name": "n"}, "client")["id"]

    if kind == "connections":
        return [make(kind, **SPECS) for _ in range(count)]
    base = make("connections", **SPECS)
    if kind != "flows":
        return [make(kind, baseConnectionId=base, **ENDS) for _ in range(count)]
    account = make("connections", connectionSpec=KINESIS, auth=AUTH)
    ends = {
        "sourceConnectionIds": [make("sourceConnections", baseConnectionId=base, **ENDS)],
        "targetConnectionIds": [make("targetConnections", **end("t", KINESIS, account, STREAM))],
    }
    steps = [{"name": "GeneralTransform", "params": SELECTORS}]
    return [make(kind, flowSpec=FLOW_SPEC, transformations=steps, **ends) for _ in range(count)]


def read(collection, id_: str):
    """Read one of many, as a refresh does of what has not changed."""
    return collection.get_from_page(id_) or collection.get(id_)


def look(collection, ids: list[str]) -> list[str]:
    """Read as the engine does: four at a time."""
    with ThreadPoolExecutor(4) as workers:
        return [live.id for live in workers.map(lambda id_: read(collection, id_), ids)]


@pytest.mark.parametrize("order", ["of creation", "reversed", "shuffled"])
def test_a_thousand_objects_of_one_kind_are_read_in_at_most_40_calls(emulator, service, order):
    ids = put(emulator, 1000)
    if order == "reversed":
        ids.reverse()
    elif order == "shuffled":
        random.Random(7).shuffle(ids)
    assert look(service.connections, ids) == ids
    assert len(emulator.calls) <= 40


def test_a_thousand_objects_of_four_kinds_are_read_in_at_most_40_calls(emulator, service):
    kinds = {"connections": "connections", "sourceConnections": "source_connections"}
    kinds |= {"targetConnections": "target_connections", "flows": "flows"}
    for kind, collection in kinds.items():
        ids = put(emulator, 250, kind)
        assert look(getattr(service, collection), ids) == ids
    assert len(emulator.calls) <= 40


@pytest.mark.parametrize("ours", ["first", "last", "among them"])
def test_among_ten_thousand_foreign_objects_it_is_never_more_than_one_call_each_plus_ten(emulator, service, ours):
    if ours == "among them":
        ids = [id_ for _ in range(20) for id_ in (put(emulator, 500), put(emulator, 10))[1]]
    else:
        parts = [put(emulator, 200 if part == ours else 10_000) for part in ("first", "last")]
        ids = min(parts, key=len)
    assert look(service.connections, ids) == ids
    assert len(emulator.calls) <= len(ids) + 10


def test_few_objects_among_many_foreign_ones_cost_little_more_than_a_read_each(emulator, service):
    put(emulator, 300)
    ids = put(emulator, 6)
    put(emulator, 300)
    assert look(service.connections, ids) == ids
    assert len(emulator.calls) <= 1 + len(ids) + 1


def test_a_few_objects_are_read_one_by_one(emulator, service):
    ids = put(emulator, 100)[:4]
    look(service.connections, ids)
    assert sorted(call.path.rpartition("/")[2] for call in emulator.calls if "ims" not in call.path) == sorted(ids)


def test_absence_is_settled_by_a_read_of_that_id(emulator, service):
    ids = put(emulator, 20)
    look(service.connections, ids[:10])
    emulator.forget()
    with pytest.raises(NotFound):
        read(service.connections, "gone")
    assert emulator.calls[-1].path.endswith("/connections/gone")


def test_an_object_is_taken_from_a_page_once_and_then_read_afresh(emulator, service):
    ids = put(emulator, 20)
    look(service.connections, ids)
    emulator.forget()
    read(service.connections, ids[7])
    assert emulator.calls[-1].path.endswith(ids[7])


@pytest.mark.parametrize("kind", ["connections", "flows"])
def test_the_first_write_ends_pages_of_all_kinds(emulator, service, kind):
    ids = put(emulator, 20)
    look(service.connections, ids[:10])
    getattr(service, kind).delete("whatever")
    emulator.forget()
    look(service.connections, ids[10:])
    assert sorted(call.path.rpartition("/")[2] for call in emulator.calls) == sorted(ids[10:])


def test_objects_that_a_list_shows_in_short_are_read(emulator, service):
    ids = put(emulator, 20)
    short = {"items": [{"id": id_, "name": "n"} for id_ in ids], "_links": {}}
    emulator.order(Fault(method="GET", path=r"/connections\?", status=200, body=short, times=9))
    assert look(service.connections, ids) == ids
    assert all(read(service.connections, id_).connection_spec for id_ in ids)


@pytest.mark.parametrize("refusals", [1, 99])
def test_a_list_that_is_refused_costs_no_answer(emulator, service, refusals):
    ids = put(emulator, 30)
    body = {"code": "1432-400", "message": "Invalid orderby"}
    emulator.order(Fault(method="GET", path=r"/connections\?", status=400, body=body, times=refusals))
    assert look(service.connections, ids) == ids
    assert len(emulator.calls) <= (10 if refusals == 1 else len(ids) + 10)


def test_a_list_that_is_down_is_left_alone_after_one_try(emulator, service):
    ids = put(emulator, 12)
    emulator.order(Fault(method="GET", path=r"/connections\?", status=503, times=99))
    assert look(service.connections, ids) == ids
    lists = [call for call in emulator.calls if call.path.endswith("/connections")]
    assert len(lists) == 4  # one, and its three retries


# What is about to be deleted


def ask(collection, ids: list[str]) -> list[str]:
    """Return the ids of those that a page of the last seconds shows, asked for four at a time."""
    with ThreadPoolExecutor(4) as workers:
        return [recent.live.id for recent in workers.map(collection.get_recent, ids) if recent]


def test_a_hundred_objects_that_are_to_be_deleted_are_seen_on_a_page_or_two(emulator, service):
    ids = put(emulator, 100)
    assert sorted(ask(service.connections, ids)) != sorted(ids)  # the first is read: there may be no other
    assert len(ask(service.connections, ids[1:])) == 0  # each is shown once
    assert len(emulator.calls) - 1 <= 2  # less the token


def test_deletions_among_ten_thousand_foreign_objects_cost_a_few_pages_at_most(emulator, service):
    ours = put(emulator, 8)
    put(emulator, 10_000)
    assert ask(service.connections, ours) == []
    assert len(emulator.calls) - 1 <= 2


def test_what_was_seen_more_than_some_seconds_ago_has_to_be_read(emulator, service, hourglass):
    first, second, third = put(emulator, 3)
    service.connections.get_recent(first)
    assert service.connections.get_recent(second).live.id == second
    hourglass.time += 4
    emulator.forget()
    assert service.connections.get_recent(third) is None or emulator.calls  # from a page that is new


def test_what_this_process_has_written_since_has_to_be_read(emulator, service):
    first, second, third = put(emulator, 3)
    service.connections.get_recent(first)
    assert service.connections.get_recent(second).live.id == second
    service.connections.modify(
        third, lambda live: [] if live.name == "x" else [{"op": "replace", "path": "/name", "value": "x"}]
    )
    shown = service.connections.get_recent(third)
    assert shown is None or shown.live.name == "x"


def test_a_list_that_shows_objects_in_short_confirms_nothing(emulator, service):
    first, second = put(emulator, 2)
    emulator.misbehave()
    short = {"items": [{"id": id_, "name": "n"} for id_ in (first, second)]}
    emulator.order(Fault(method="GET", path="/connections\\?", status=200, body=short, times=9))
    assert ask(service.connections, [first, second]) == []


def test_a_list_that_fails_is_not_asked_for_again(emulator, service):
    ids = put(emulator, 30)
    emulator.misbehave()
    emulator.order(Fault(method="GET", path="/connections\\?", status=503, body={"message": "down"}, times=99))
    assert ask(service.connections, ids) == []
    assert len(emulator.calls) - 1 <= 4  # one list, with its retries


def test_what_pages_saved_allows_no_more_of_them_in_vain(emulator, service):
    (oldest,) = put(emulator, 1)
    put(emulator, 10_000)
    ours = put(emulator, 100)
    ask(service.connections, ours)
    emulator.forget()
    assert service.connections.get_recent(oldest) is None
    assert len(emulator.calls) <= 8

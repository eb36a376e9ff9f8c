"""Creates upon an account that is there share their looks, and what comes meanwhile is neither made twice nor lost."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from support.providing import AUTH, KINESIS, PLACE, bag, owner
from support.surroundings import methods, transport_to

from pulumi_aep_streaming._core.idempotent_post import Posting
from pulumi_aep_streaming._core.process_memory import Memory
from pulumi_aep_streaming._dynamic.call import Foreseen
from pulumi_aep_streaming.base_connection import BaseConnectionProvider
from pulumi_aep_streaming.emulator import Fault
from pulumi_aep_streaming.flow_service.attempts import Clock
from pulumi_aep_streaming.flow_service.client import FlowService
from pulumi_aep_streaming.flow_service.errors import Cancelled
from pulumi_aep_streaming.flow_service.models import Entity
from pulumi_aep_streaming.flow_service.recent_pages import SECONDS_KEPT
from pulumi_aep_streaming.flow_service.shared_looks import (
    MOST_SECONDS_OLD,
    MOST_SECONDS_UNTIL_SENT,
    SECONDS_LISTS_LAG,
    SharedLooks,
)
from pulumi_aep_streaming.target_connection import TargetConnectionProvider

LOOK, POST = "GET targetConnections", "POST targetConnections"


@pytest.fixture
def targets(provide, account):
    """A process that makes targets by number, upon an account that is in its state."""

    def process():
        memory = Memory()
        provide(BaseConnectionProvider, memory=memory).diff(account.id, account.outs, account.outs)
        provider = provide(TargetConnectionProvider, memory=memory)

        def create(number):
            key = f"{number:08x}"
            params = {"stream": f"s{number}", "region": "us-west-2"}
            common = {"connectionSpecId": KINESIS, "baseConnectionId": account.id, "params": params}
            return provider.create(bag(provider, name=f"t{number}", managedBy=owner(f"t{number}", key), **common)).id

        create.provider = provider
        return create

    return process


def live_targets(emulator):
    return emulator.store.find(PLACE, "targetConnections", [], None)


def wire(account, number):
    """What is POSTed of a target, less the description."""
    return {
        "name": f"t{number}",
        "connectionSpec": {"id": KINESIS, "version": "1.0"},
        "baseConnectionId": account.id,
        "data": {"format": "json"},
        "params": {"stream": f"s{number}", "region": "us-west-2"},
    }


def left_behind(emulator, account, number, nonce="00000001"):
    """Commit what another process POSTed."""
    description = f"[pulumi:{owner(f't{number}', f'{number:08x}')}.{nonce}]"
    body = {**wire(account, number), "description": description}
    return emulator.store.create(PLACE, "targetConnections", body, "emulator-client")["id"]


FOUND = Entity(id="found")


def test_many_creates_upon_one_account_look_once_in_three_seconds(targets, emulator, hourglass):
    create = targets()
    emulator.forget()
    for number in range(5):
        create(number)
    assert methods(emulator) == [LOOK, *[POST] * 5]
    hourglass.time += SECONDS_KEPT
    emulator.forget()
    for number in range(5, 8):
        create(number)
    assert methods(emulator) == [LOOK, *[POST] * 3]


@pytest.mark.parametrize(("seconds", "calls"), [(MOST_SECONDS_OLD - 1, [POST]), (MOST_SECONDS_OLD, [LOOK, POST])])
def test_a_look_that_takes_long_is_shared_unless_it_is_old_when_it_ends(targets, emulator, hourglass, seconds, calls):
    find = emulator.store.find

    def slowly(*arguments):
        hourglass.time += seconds
        return find(*arguments)

    create = targets()
    emulator.store.find = slowly
    create(1)
    emulator.store.find = find
    emulator.forget()
    create(2)
    assert methods(emulator) == calls


def test_a_look_that_fails_is_not_kept(targets, emulator):
    create = targets()
    emulator.misbehave()
    emulator.order(Fault(method="GET", path="/targetConnections", status=403, body={"message": "no"}, times=1))
    with pytest.raises(Exception, match="403"):
        create(1)
    emulator.forget()
    create(1)
    assert methods(emulator) == [LOOK, POST]


def test_what_a_shared_look_shows_as_left_behind_is_resumed_also_if_another_list_would_lack_it(targets, emulator, account):
    left = left_behind(emulator, account, 2)
    create = targets()
    create(1)
    find = emulator.store.find
    emulator.store.find = lambda *arguments: [item for item in find(*arguments) if item["id"] != left]
    assert create(2) == left
    emulator.store.find = find
    assert len(live_targets(emulator)) == 2


def test_what_this_process_has_deleted_is_neither_resumed_nor_named_though_a_shared_look_shows_it(
    targets, emulator, account, capfd
):
    old = left_behind(emulator, account, 2)
    create = targets()
    create(1)
    create.provider.lifecycle.context.service({"sandboxName": "prod"}).target_connections.delete(old)
    assert create(2) != old
    create(3)
    assert old not in capfd.readouterr().err


def test_what_a_shared_look_still_shows_and_is_gone_is_made(targets, emulator, account):
    gone = left_behind(emulator, account, 2)
    create = targets()
    create(1)
    emulator.store.delete(PLACE, "targetConnections", gone)
    assert create(2) != gone
    assert len(live_targets(emulator)) == 2


def test_a_look_at_one_account_is_none_at_another(provide, targets, emulator):
    create = targets()
    create(1)
    bases = provide(BaseConnectionProvider)
    other = bases.create(bag(bases, name="o", connectionSpecId=KINESIS, auth=AUTH, managedBy=owner("o", "0c0c0c0c")))
    emulator.forget()
    provider = create.provider
    params = {"stream": "s", "region": "us-west-2"}
    common = {"connectionSpecId": KINESIS, "baseConnectionId": other.id, "params": params, "managedBy": owner("x")}
    provider.create(bag(provider, name="x", **common))
    assert [call for call in methods(emulator) if "target" in call] == [LOOK, POST]


def test_what_was_committed_after_a_look_is_named_by_the_next(targets, emulator, account, hourglass, capfd):
    """The provider of an engine that was killed with everything else: nobody is left to give way."""
    create = targets()
    create(1)
    mine = create(2)
    twin = left_behind(emulator, account, 2)
    hourglass.time += SECONDS_KEPT
    create(3)
    create(4)
    said = capfd.readouterr().err
    assert said.count(f"target connection {twin} carries the marker of shop/prod/t2#00000002, of which state has") == 1
    assert mine not in said


def test_a_second_object_of_what_is_in_state_is_named_by_a_later_run(targets, emulator, account, capfd):
    create, goal = targets(), {"name": "t2", "managedBy": owner("t2", "00000002"), "sandboxName": "prod", "nonce": "0000000c"}
    mine, twin = (left_behind(emulator, account, 2, nonce) for nonce in ("0000000c", "00000001"))
    create.provider.diff(mine, goal, goal)
    create(3)
    said = capfd.readouterr().err
    assert f"{twin} carries the marker of shop/prod/t2#00000002, of which state has another" in said
    assert mine not in said


@pytest.mark.parametrize(("method", "path", "status"), [("GET", "/connections/", 503), ("POST", "/targetConnections", 429)])
def test_whatever_holds_a_post_up_for_long_what_came_meanwhile_is_taken_over(
    provide, emulator, account, hourglass, method, path, status
):
    """The account is given by its id, so it is read: that, too, may take longer than a look is good for."""
    provider = provide(TargetConnectionProvider)
    common = {"connectionSpecId": KINESIS, "baseConnectionId": account.id, "params": wire(account, 2)["params"]}
    emulator.misbehave()
    emulator.order(Fault(method=method, path=path, status=status, headers={"Retry-After": "100"}))
    came = []

    def asleep():
        if not came:
            came.append(left_behind(emulator, account, 2, "0000000a"))

    hourglass.asleep = asleep
    made = provider.create(bag(provider, name="t2", managedBy=owner("t2", "00000002"), **common))
    assert [made.id] == came == [live["id"] for live in live_targets(emulator)]


def test_what_this_up_posted_itself_and_saw_late_is_no_left_over(provide, emulator, account, capfd):
    """The answer is lost, and lists show the object only as the POST is about to be sent again."""
    provider = provide(TargetConnectionProvider)
    common = {"connectionSpecId": KINESIS, "baseConnectionId": account.id, "params": wire(account, 2)["params"]}
    emulator.misbehave()
    find, looks = emulator.store.find, []

    def listed(place, kind, conditions, orderby):
        looks.extend([kind] if find(place, kind, conditions, orderby) else [])
        return find(place, kind, conditions, orderby) if len(looks) > 5 else []

    emulator.store.find = listed
    emulator.order(Fault(method="POST", path="/targetConnections", when="after", reset=True))
    made = provider.create(bag(provider, name="t2", managedBy=owner("t2", "00000002"), **common))
    emulator.store.find = find
    assert [live["id"] for live in live_targets(emulator)] == [made.id]
    assert methods(emulator).count(POST) == 1
    assert "left behind" not in capfd.readouterr().err


def test_a_look_that_fails_while_a_post_waits_does_not_stop_it(provide, emulator, account, hourglass):
    provider = provide(TargetConnectionProvider)
    common = {"connectionSpecId": KINESIS, "baseConnectionId": account.id, "params": wire(account, 2)["params"]}
    emulator.misbehave()
    emulator.order(Fault(method="POST", path="/targetConnections", status=429, headers={"Retry-After": "6"}))
    broken = Fault(method="GET", path="/targetConnections", status=400, body={"message": "list is broken"}, times=9)
    hourglass.asleep = lambda: emulator.order(broken)
    made = provider.create(bag(provider, name="t2", managedBy=owner("t2", "00000002"), **common))
    assert [live["id"] for live in live_targets(emulator)] == [made.id]


def posting_of(service, account, cancelled=lambda: False):
    goal = {"managedBy": owner("t2", "00000002")}
    body, narrow = wire(account, 2), f"baseConnectionId=={account.id}"
    return Posting(service.target_connections, goal["managedBy"], body, narrow, lambda _: False, cancelled), goal


@pytest.mark.parametrize("first_look", [200, 403])
def test_an_old_provider_gives_way_to_whatever_a_look_from_before_its_post_leads_to(
    service, emulator, account, hourglass, first_look
):
    """The latest that there can be: two lists were late, the POST took as long as one may. A look that fails ends nothing."""
    emulator.misbehave()
    if first_look != 200:
        emulator.order(Fault(method="GET", path="/targetConnections", status=first_look, body={"message": "no"}))
    old = left_behind(emulator, account, 2, "0000000a")
    posting, _ = posting_of(service, account)
    latest = (
        hourglass.time
        + MOST_SECONDS_OLD
        + MOST_SECONDS_UNTIL_SENT
        + 2 * SECONDS_LISTS_LAG
        + posting.collection._transport.timeout_seconds
        - 0.1
    )
    made, find = [], emulator.store.find

    def listed(*arguments):
        if not made and hourglass.time >= latest:
            made.append(left_behind(emulator, account, 2, "0000000b"))
        return find(*arguments)

    emulator.store.find = listed
    posting.back_out(old, "0000000a")
    emulator.store.find = find
    assert [item["id"] for item in live_targets(emulator)] == made


def test_an_old_provider_whose_answer_was_lost_gives_way_as_well(emulator, account, hourglass):
    """A gateway gives up, the engine dies, and only then the service commits; the next run has made its own."""
    gone = []
    transport = transport_to(emulator, hourglass, cancelled=lambda: bool(gone))
    posting, goal = posting_of(FlowService(transport, "prod"), account)
    emulator.misbehave()
    emulator.order(Fault(method="POST", path="/targetConnections", status=504, body={"message": "gateway"}))
    made = []

    def asleep():
        if not gone:
            gone.append(True)
        if len(gone) == 1 and hourglass.time > 20:
            gone.append(True)
            left_behind(emulator, account, 2, "0000000a")
            made.append(left_behind(emulator, account, 2, "0000000b"))

    hourglass.asleep = asleep
    with pytest.raises(Cancelled):
        posting.post(goal, "0000000a")
    assert [item["id"] for item in live_targets(emulator)] == made


class Looking:
    """Several threads that look at once."""

    def __init__(self, look, clock=None, threads=4):
        self.looks, self.count, self.threads = SharedLooks(lambda: clock or Clock()), 0, threads
        self.look, self.lock, self.together = look, threading.Lock(), threading.Barrier(threads)

    def one(self):
        def look():
            with self.lock:
                self.count += 1
            return self.look()

        try:
            return self.looks.get("x", look, list)
        except ValueError as failure:
            return str(failure)

    def all(self):
        def run(_):
            self.together.wait()
            return self.one()

        with ThreadPoolExecutor(self.threads) as pool:
            return list(pool.map(run, range(self.threads)))


def test_who_comes_while_somebody_looks_waits_for_that():
    others = threading.Event()

    def look():
        others.wait(0.2)  # for those who come in vain, if they do
        return [FOUND]

    looking = Looking(look)
    assert looking.all() == [[FOUND]] * 4
    assert looking.count == 1


def test_who_waits_for_a_look_that_fails_gets_its_error_and_whoever_comes_later_looks():
    def fail():
        threading.Event().wait(0.2)
        raise ValueError("no list")

    looking = Looking(fail)
    assert looking.all() == ["no list"] * 4
    assert looking.count == 1
    assert looking.one() == "no list"
    assert looking.count == 2


def test_a_machine_that_slept_looks_anew():
    wall = [0.0]
    looking = Looking(list, Clock(now=lambda: 0.0, wall=lambda: wall[0]))
    for moment, looks in ((0.0, 1), (1.0, 1), (MOST_SECONDS_OLD, 2), (0.0, 3)):
        wall[0] = moment
        looking.one()
        assert looking.count == looks


def test_of_what_is_too_old_nothing_is_kept():
    now = [0.0]
    looks = SharedLooks(lambda: Clock(now=lambda: now[0], wall=lambda: now[0]))
    for parent in range(5):
        looks.get(str(parent), list, list)
        now[0] += SECONDS_KEPT
    assert len(looks._kept) == 1


def lose_answers(emulator, count, *, after):
    """The next POSTs are carried out, the last of them last, and a gateway answers; lists show what they made `after` looks."""
    emulator.misbehave()
    emulator.order(
        Fault(method="POST", path="/targetConnections", when="after", status=504, body={"message": "gateway"}, times=count)
    )
    find, looks = emulator.store.find, [0]

    def late(place, kind, *more):
        looks[0] += kind == "targetConnections"
        found = find(place, kind, *more)
        shown = max(0, looks[0] - after)
        return found if kind != "targetConnections" else sorted(found, key=lambda item: item["createdAt"])[:shown]

    emulator.store.find = late


@pytest.mark.parametrize("lost", [1, 2])
@pytest.mark.parametrize("after", [3, 6, 8])
def test_of_posts_whose_answers_were_lost_one_object_is_left(targets, emulator, lost, after):
    create = targets()
    lose_answers(emulator, lost, after=after)
    made = create(2)
    del emulator.store.find
    assert [item["id"] for item in live_targets(emulator)] == [made]


def test_a_look_of_many_pages_that_took_long_is_brought_up_to_date(targets, emulator, account, hourglass):
    """Page 1 is read, an old provider's POST is committed, page 2 waits."""
    for number in range(100, 201):
        emulator.store.create(PLACE, "targetConnections", wire(account, number), "ui")
    create = targets()
    emulator.misbehave()
    slowly = {"status": 429, "headers": {"Retry-After": "100"}}
    emulator.order(Fault(method="GET", path=r"/targetConnections\?", skip=1, **slowly))
    left = []
    hourglass.asleep = lambda: left or left.append(left_behind(emulator, account, 2))
    assert create(2) == left[0]


def test_a_post_that_waited_longer_than_others_give_way_is_not_sent_without_a_look(targets, emulator, account, hourglass):
    create = targets()
    emulator.misbehave()
    emulator.order(Fault(method="POST", path="/targetConnections", status=429, headers={"Retry-After": "100"}))
    left = []

    def asleep():
        if not left:
            left.append(left_behind(emulator, account, 2))
            emulator.order(Fault(method="GET", path="/targetConnections", status=403, body={"message": "no list"}))

    hourglass.asleep = asleep
    with pytest.raises(Foreseen, match="no list"):
        create(2)
    assert [item["id"] for item in live_targets(emulator)] == left


def test_foreign_objects_with_one_description_are_not_read_one_by_one(targets, emulator, account):
    for number in range(100, 400):
        body = {**wire(account, number), "description": "Daily export"}
        emulator.store.create(PLACE, "targetConnections", body, "ui")
    create = targets()
    emulator.forget()
    create(1)
    create(2)
    assert len(emulator.calls) <= 4 + 2 + 16  # pages, POSTs, and a few reads to see whether lists cut descriptions

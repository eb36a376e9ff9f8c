"""Creates upon an account that is there share their looks, and what comes meanwhile is neither made twice nor lost."""

from __future__ import annotations

import pytest
from support.providing import AUTH, KINESIS, PLACE, bag, owner
from support.surroundings import methods

from pulumi_aep_streaming._core.idempotent_post import Posting
from pulumi_aep_streaming._core.process_memory import Memory
from pulumi_aep_streaming.base_connection import BaseConnectionProvider
from pulumi_aep_streaming.emulator import Fault
from pulumi_aep_streaming.flow_service.recent_pages import SECONDS_KEPT
from pulumi_aep_streaming.flow_service.shared_looks import MOST_SECONDS_OLD
from pulumi_aep_streaming.target_connection import TargetConnectionProvider

LOOK, POST = "GET targetConnections", "POST targetConnections"


@pytest.fixture
def targets(provide, account):
    """A process that makes targets by number, upon an account that is in its state."""

    def process():
        memory = Memory()
        provide(BaseConnectionProvider, memory=memory).diff(account.id, account.outs, account.outs)
        provider = provide(TargetConnectionProvider, memory=memory)

        def create(number, **more):
            key = f"{number:08x}"
            params = {"stream": f"s{number}", "region": "us-west-2"}
            common = {"connectionSpecId": KINESIS, "baseConnectionId": account.id, "params": params}
            return provider.create(bag(provider, name=f"t{number}", managedBy=owner(f"t{number}", key), **common, **more)).id

        create.provider = provider
        return create

    return process


def live_targets(emulator):
    return emulator.store.find(PLACE, "targetConnections", [], None)


def left_behind(emulator, account, number, nonce="00000001"):
    """Commit what another process POSTed."""
    body = {
        "name": f"t{number}",
        "description": f"[pulumi:{owner(f't{number}', f'{number:08x}')}.{nonce}]",
        "connectionSpec": {"id": KINESIS, "version": "1.0"},
        "baseConnectionId": account.id,
        "data": {"format": "json"},
        "params": {"stream": f"s{number}", "region": "us-west-2"},
    }
    return emulator.store.create(PLACE, "targetConnections", body, "emulator-client")["id"]


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


def test_what_a_shared_look_shows_as_left_behind_is_looked_for_anew_and_resumed(targets, emulator, account):
    left = left_behind(emulator, account, 2)
    create = targets()
    create(1)
    assert create(2) == left
    assert len(live_targets(emulator)) == 2


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
    assert said.count(f"target connection t2 ({twin}) carries the marker of shop/prod/t2#00000002, for which this") == 1
    assert mine not in said


def test_an_old_provider_gives_way_to_whatever_a_look_from_before_its_post_leads_to(service, emulator, account, hourglass):
    """The latest that there can be: the look began just before the commit, and its POST took as long as one may."""
    old = left_behind(emulator, account, 2, "0000000a")
    posting = Posting(
        service.target_connections, owner("t2", "00000002"), {}, f"baseConnectionId=={account.id}", lambda _: False
    )
    latest = hourglass.time + MOST_SECONDS_OLD + service.target_connections._transport.timeout_seconds
    made = []

    def asleep():
        if not made and hourglass.time >= latest:
            made.append(left_behind(emulator, account, 2, "0000000b"))

    hourglass.asleep = asleep
    posting.back_out(old, "0000000a")
    assert [item["id"] for item in live_targets(emulator)] == made

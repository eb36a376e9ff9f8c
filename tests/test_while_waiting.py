"""What somebody does to an object while a request about it waits is seen before that is sent, for the first time or again."""

from __future__ import annotations

import pytest
from support.providing import AUTH, KINESIS, PLACE, PROFILES, add_segment, bag, live_flow, owner, somebody_else
from support.surroundings import Hourglass, transport_to

from pulumi_aep_streaming._core.process_memory import Memory
from pulumi_aep_streaming._dynamic.call import Foreseen
from pulumi_aep_streaming.base_connection import BaseConnectionProvider
from pulumi_aep_streaming.cli import _paused
from pulumi_aep_streaming.cli import pause as pausing
from pulumi_aep_streaming.cli.orphans import delete, orphans
from pulumi_aep_streaming.dataflow import DataflowProvider
from pulumi_aep_streaming.emulator import Fault
from pulumi_aep_streaming.flow_service.client import FlowService
from pulumi_aep_streaming.target_connection import TargetConnectionProvider

LIMITED = {"status": 429, "body": {"message": "slowly"}, "headers": {"Retry-After": "60"}}
DOWN = {"status": 503, "body": {"message": "down"}, "headers": {"Retry-After": "60"}}
BUSY = {"status": 400, "body": {"errorCode": "1416-400", "errorMessage": "busy"}}


@pytest.fixture
def meanwhile(hourglass):
    """Have something done, once, when the client waits; returns the list of what came of it."""

    def order(act):
        done = []

        def asleep():
            if not done:
                done.append(None)  # it waits as well
                done[:] = [act()]

        hourglass.asleep = asleep
        return done

    return order


@pytest.fixture
def elsewhere(emulator):
    """Another process: with a client and a clock of its own."""
    return {"connect": lambda *_: FlowService(transport_to(emulator, Hourglass()), "prod")}


def ids_of(emulator, kind):
    return [live["id"] for live in emulator.store.find(PLACE, kind, [], None)]


@pytest.mark.parametrize("answered", ["slowly", "401 first"])
def test_a_delete_by_page_is_sent_only_while_the_page_is_as_good_as_a_read(
    provide, emulator, hourglass, elsewhere, meanwhile, answered
):
    making, made = provide(BaseConnectionProvider), {}
    for n in range(3):
        result = making.create(bag(making, name=f"x{n}", connectionSpecId=PROFILES, managedBy=owner(f"x{n}", f"0000000{n}")))
        made[result.id] = result.outs
    client = FlowService(transport_to(emulator, hourglass), "prod")
    leaving = provide(BaseConnectionProvider, connect=lambda *_: client)
    *first, last = made
    for id_ in first:
        leaving.delete(id_, made[id_])
    emulator.misbehave()
    emulator.order(Fault(method="POST", path="/ims/token", status=503, headers={"Retry-After": "20"}))
    if answered == "slowly":
        client.connections._transport._credentials._token = ""
    else:
        emulator.order(Fault(method="DELETE", path=f"/connections/{last}", status=401, body={"message": "token"}))
    following = provide(BaseConnectionProvider, **elsewhere)
    news = {key: value for key, value in made[last].items() if key != "nonce"}
    taken = meanwhile(lambda: following.create(news).id)
    leaving.delete(last, made[last])
    assert taken == [last]
    assert ids_of(emulator, "connections") == [last]


@pytest.mark.parametrize("answer", [LIMITED, DOWN, {"reset": True}])
def test_an_orphan_that_an_up_resumes_meanwhile_is_not_deleted(
    provide, emulator, account, service, elsewhere, meanwhile, answer
):
    body = {
        "name": "t2",
        "connectionSpec": {"id": KINESIS, "version": "1.0"},
        "baseConnectionId": account.id,
        "data": {"format": "json"},
        "params": {"stream": "s2", "region": "us-west-2"},
    }
    description = f"[pulumi:{owner('t2', '00000002')}.0000000a]"
    left = emulator.store.create(PLACE, "targetConnections", {**body, "description": description}, "emulator-client")["id"]
    found = [orphan for orphan in orphans(service, {account.id}, lambda _: None) if orphan.id == left]
    emulator.misbehave()
    emulator.order(Fault(method="DELETE", path="/targetConnections", **answer))
    memory = Memory()
    provide(BaseConnectionProvider, memory=memory).diff(account.id, account.outs, account.outs)
    up = provide(TargetConnectionProvider, memory=memory, **elsewhere)
    common = {"connectionSpecId": KINESIS, "baseConnectionId": account.id, "params": body["params"]}
    taken = meanwhile(lambda: up.create(bag(up, name="t2", managedBy=owner("t2", "00000002"), **common)).id)
    ((_, outcome),) = delete(service, found, lambda _: True)
    assert taken == ids_of(emulator, "targetConnections") == [left]
    assert outcome.startswith("not deleted: it carries the marker of shop/prod/t2#00000002.")


@pytest.mark.parametrize("answer", [LIMITED, BUSY])
def test_what_is_reclaimed_meanwhile_is_not_deleted(provide, emulator, account, elsewhere, meanwhile, answer, capfd):
    emulator.misbehave()
    emulator.order(Fault(method="DELETE", path="/connections", **answer))
    up = provide(BaseConnectionProvider, reclaim="shop/prod", **elsewhere)
    goal = bag(up, name="account", connectionSpecId=KINESIS, auth=AUTH, managedBy=owner("account"))
    taken = meanwhile(lambda: up.create(goal).id)
    provide(BaseConnectionProvider).delete(account.id, account.outs)
    assert taken == ids_of(emulator, "connections") == [account.id]
    assert f"base connection account ({account.id}) is not deleted: its marker says" in capfd.readouterr().err


@pytest.mark.parametrize("answer", [LIMITED, BUSY])
def test_an_additive_dataflow_that_others_fill_meanwhile_is_not_deleted(provide, emulator, ends, meanwhile, answer):
    provider = provide(DataflowProvider)
    common = {**ends, "segments": [{"id": "s"}], "selectorOwnership": "additive"}
    made = provider.create(bag(provider, name="f", managedBy=owner("f"), **common))
    emulator.misbehave()
    emulator.order(Fault(method="DELETE", path="/flows", **answer))
    filled = meanwhile(lambda: somebody_else(emulator, "flows", made.id, add_segment("theirs")))
    with pytest.raises(Foreseen, match="theirs"):
        provide(DataflowProvider).delete(made.id, made.outs)
    assert filled
    assert ids_of(emulator, "flows") == [made.id]


def test_a_dataflow_that_somebody_changes_meanwhile_is_not_switched_on(provide, emulator, ends, service, meanwhile, tmp_path):
    provider = provide(DataflowProvider)
    made = provider.create(bag(provider, name="f", managedBy=owner("f"), **{**ends, "segments": [{"id": "s"}]}))
    paused = _paused.Paused(tmp_path / "p.json", "EMULATOR@AdobeOrg", "prod", "shop/prod")
    list(pausing.pause(service, pausing.running_or_paused(service, "shop/prod", lambda _: None), paused))
    found = pausing.to_resume(service, paused, lambda _: None)
    emulator.misbehave()
    emulator.order(Fault(method="POST", path="/action", **LIMITED))
    changed = meanwhile(lambda: somebody_else(emulator, "flows", made.id, add_segment("wrong, so it is off on purpose")))
    (switch,) = pausing.resume(service, found, paused, lambda _: False)
    assert changed
    assert switch.problem == "not switched on: somebody changed it just now, so it may be off on purpose: resume again"
    assert live_flow(emulator, made.id)["state"] == "disabled"

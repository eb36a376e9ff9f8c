"""What an object refers to by id must be of the right kind and connection spec; what is not known is read once."""

from __future__ import annotations

import concurrent.futures

import pytest
from support import under_mocks
from support.providing import AUTH, FLOW_SPEC, KINESIS, PROFILES, bag, owner, provide
from support.surroundings import methods

import pulumi_aep_streaming as aep
from pulumi_aep_streaming._core.process_memory import Memory
from pulumi_aep_streaming._dynamic.call import Foreseen
from pulumi_aep_streaming.base_connection import BaseConnectionProvider
from pulumi_aep_streaming.dataflow import DataflowProvider
from pulumi_aep_streaming.emulator import Fault
from pulumi_aep_streaming.source_connection import SourceConnectionProvider
from pulumi_aep_streaming.target_connection import TargetConnectionProvider

__all__ = ["provide"]

EVENT_HUBS = "bf9f5905-92b7-48bf-bf20-455bc6b60a4e"
KINESIS_PARAMS = {"stream": "s", "region": "us-west-2"}


@pytest.fixture
def account(provide):
    """An account of Kinesis, made by another process."""
    provider = provide(BaseConnectionProvider)
    return provider.create(bag(provider, name="account", connectionSpecId=KINESIS, auth=AUTH)).id


def hub(name, account):
    common = {"name": name, "managedBy": owner(name), "connectionSpecId": EVENT_HUBS}
    return {**common, "baseConnectionId": account, "params": {"eventHubName": "h"}}


def test_an_account_that_is_given_by_its_id_is_read_once_a_process_before_anything_is_sent(provide, emulator, account):
    provider = provide(TargetConnectionProvider, memory=Memory())
    goals = [bag(provider, **hub(f"t{number}", account)) for number in range(4)]
    emulator.forget()
    with concurrent.futures.ThreadPoolExecutor(4) as pool:
        failures = [made.exception() for made in [pool.submit(provider.create, goal) for goal in goals]]
    assert all("is an account of Amazon Kinesis, and this is a connection to Azure Event Hubs" in str(it) for it in failures)
    assert methods(emulator).count("GET connections") == 1
    assert not any(call.startswith("POST") for call in methods(emulator))


def test_what_this_process_has_made_is_not_read(provide, emulator):
    memory = Memory()
    bases, targets = provide(BaseConnectionProvider, memory=memory), provide(TargetConnectionProvider, memory=memory)
    made = bases.create(bag(bases, name="account", connectionSpecId=KINESIS, auth=AUTH))
    emulator.forget()
    with pytest.raises(Foreseen, match="is an account of Amazon Kinesis"):
        targets.create({**bag(targets, **hub("t", "unknown")), "baseConnectionId": made.id})
    assert methods(emulator) == []


def test_what_a_preview_has_diffed_is_told_by_check_without_a_call(provide, emulator, account):
    memory = Memory()
    bases, targets = provide(BaseConnectionProvider, memory=memory), provide(TargetConnectionProvider, memory=memory)
    state = {"name": "account", "connectionSpecId": KINESIS, "connectionSpecVersion": "1.0", "sandboxName": "prod"}
    bases.diff(account, state, state)
    emulator.forget()
    (failure,) = targets.check({}, hub("t", account)).failures
    assert failure.reason == (
        f"base_connection_id: {account} is an account of Amazon Kinesis, and this is a connection to Azure Event Hubs"
    )
    assert methods(emulator) == []


def test_what_cannot_be_read_is_left_to_the_service(provide, emulator, account):
    emulator.order(Fault(method="GET", path=f"/connections/{account}", status=403, body={"message": "no"}, times=99))
    provider = provide(TargetConnectionProvider)
    common = {"name": "t", "connectionSpecId": KINESIS, "baseConnectionId": account}
    assert provider.create(bag(provider, **common, params=KINESIS_PARAMS)).id


def test_an_account_that_never_existed_is_not_said_to_be_deleted(provide):
    provider = provide(TargetConnectionProvider)
    missing = "00000000-0000-4000-8000-000000000000"
    with pytest.raises(Foreseen, match="check the ids that the program gives it, and sandbox_name") as refused:
        provider.create(bag(provider, name="t", connectionSpecId=KINESIS, baseConnectionId=missing, params=KINESIS_PARAMS))
    assert "deleted outside" not in str(refused.value)


def test_what_is_gone_when_it_is_updated_says_to_refresh(provide, emulator, account):
    provider = provide(TargetConnectionProvider)
    goal = bag(provider, name="t", connectionSpecId=KINESIS, baseConnectionId=account, params=KINESIS_PARAMS)
    made = provider.create(goal)
    emulator.store.delete("EMULATOR@AdobeOrg/prod", "targetConnections", made.id)
    with pytest.raises(Foreseen, match="it was deleted outside of this program, or is in another sandbox: run pulumi refresh"):
        provider.update(made.id, made.outs, {**goal, "name": "u"})


@pytest.mark.parametrize(
    ("exchanged", "line"),
    [
        ("sourceConnectionIds", "source_connection_ids[0]: {target} is a TargetConnection, and a SourceConnection is wanted"),
        ("targetConnectionIds", "target_connection_ids[0]: {source} is a SourceConnection, and a TargetConnection is wanted"),
    ],
)
def test_ids_that_were_exchanged_are_named(provide, account, exchanged, line):
    memory = Memory()
    bases, sources = provide(BaseConnectionProvider, memory=memory), provide(SourceConnectionProvider, memory=memory)
    profiles = bases.create(bag(bases, name="profiles", connectionSpecId=PROFILES)).id
    targets, flows = provide(TargetConnectionProvider, memory=memory), provide(DataflowProvider, memory=memory)
    made = {
        "source": sources.create(bag(sources, name="s", baseConnectionId=profiles, connectionSpecId=PROFILES)).id,
        "target": targets.create(
            bag(targets, name="t", baseConnectionId=account, connectionSpecId=KINESIS, params=KINESIS_PARAMS)
        ).id,
    }
    ids = {"sourceConnectionIds": [made["source"]], "targetConnectionIds": [made["target"]]}
    ids[exchanged] = ids["targetConnectionIds" if exchanged == "sourceConnectionIds" else "sourceConnectionIds"]
    lists = {"segments": [], "profileAttributes": []}
    failures = flows.check({}, {"name": "f", "flowSpecId": FLOW_SPEC, **ids, **lists}).failures
    assert line.format(**made) in [failure.reason for failure in failures]


def test_a_pair_that_state_has_already_is_let_be(provide, account, emulator):
    memory = Memory()
    targets = provide(TargetConnectionProvider, memory=memory)
    memory.meet(account, "BaseConnection", {"connectionSpecId": KINESIS})
    state = {**hub("t", account), "connectionSpecVersion": "1.0", "dataFormat": "json", "sandboxName": "prod"}
    emulator.forget()
    assert targets.check(state, {**state, "name": "u"}).failures == []


SCOPED = {
    "specName": "Azure EventHub authentication credentials",
    "params": {"sasKeyName": "n", "sasKey": "TOPSECRET", "namespace": "s", "eventHubName": "orders"},
}
OTHER_HUB = "has credentials for another hub (auth.eventHubName) than the one of this target (params.eventHubName)"


def test_a_target_in_another_hub_than_its_account_is_for_is_refused(provide, emulator):
    memory = Memory()
    bases, targets = provide(BaseConnectionProvider, memory=memory), provide(TargetConnectionProvider, memory=memory)
    made = bases.create(bag(bases, name="account", connectionSpecId=EVENT_HUBS, auth=SCOPED))
    emulator.forget()
    (failure,) = targets.check({}, hub("t", made.id)).failures
    assert failure.reason == f"base_connection_id: {made.id} {OTHER_HUB}"
    with pytest.raises(Foreseen, match="has credentials for another hub"):
        targets.create({**bag(targets, **hub("t", "unknown")), "baseConnectionId": made.id})
    assert methods(emulator) == []
    assert targets.check({}, {**hub("t", made.id), "params": {"eventHubName": "orders"}}).failures == []


def test_a_hub_that_changes_with_its_account_is_compared_with_what_the_account_will_be(provide):
    memory = Memory()
    bases, targets = provide(BaseConnectionProvider, memory=memory), provide(TargetConnectionProvider, memory=memory)
    goal = bag(bases, name="account", connectionSpecId=EVENT_HUBS, auth=SCOPED)
    made = bases.create(goal)
    state = bag(targets, **{**hub("t", made.id), "params": {"eventHubName": "orders"}})
    moved = {**goal, "auth": {**SCOPED, "params": {**SCOPED["params"], "eventHubName": "h"}}}
    assert bases.diff(made.id, made.outs, moved).replaces == []
    assert targets.check(state, {**state, **hub("t", made.id)}).failures == []
    bases.diff(made.id, made.outs, goal)
    assert [failure.reason for failure in targets.check(state, {**state, **hub("t", made.id)}).failures] == [
        f"base_connection_id: {made.id} {OTHER_HUB}"
    ]


def test_what_is_adopted_is_not_doubted(provide, account, emulator):
    store, place = emulator.store, "EMULATOR@AdobeOrg/prod"
    common = {"name": "t", "connectionSpecId": KINESIS, "baseConnectionId": account, "params": KINESIS_PARAMS}
    provider = provide(TargetConnectionProvider)
    made = provider.create(bag(provider, **common)).id
    odd = store.load(place, "connections", account)
    store.put("connections", place, {**odd, "connectionSpec": {"id": EVENT_HUBS, "version": "1.0"}})
    memory = Memory()
    memory.meet(account, "BaseConnection", {"connectionSpecId": EVENT_HUBS})
    other = provide(TargetConnectionProvider, memory=memory)
    assert other.create(bag(other, **common, adoptId=made)).id == made


def test_a_component_leaves_to_the_service_what_a_reference_does_not_show(emulator):
    def program():
        shared = {
            "base_connection": aep.BaseConnection.get("b", account_id),
            "source_connection": aep.SourceConnection.get("s", "i"),
        }
        aep.StreamingDestination("d", destination=aep.KinesisDestinationArgs(stream="s", region="us-west-2"), **shared)

    account_id = "00000000-0000-4000-8000-000000000000"
    under_mocks.run(program)
    assert emulator.calls == []

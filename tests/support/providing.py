"""The four providers, each as in a process of its own, called as the engine calls them; and people who change what is live."""

from __future__ import annotations

import pytest

from pulumi_aep_streaming import base_connection, target_connection
from pulumi_aep_streaming._core.clients import client_for
from pulumi_aep_streaming._core.inputs import check
from pulumi_aep_streaming._core.process_memory import Memory
from pulumi_aep_streaming._core.settings import load
from pulumi_aep_streaming._core.specs import KnownSpecs
from pulumi_aep_streaming.base_connection import BaseConnectionProvider
from pulumi_aep_streaming.dataflow import DataflowProvider
from pulumi_aep_streaming.flow_service.client import FlowService
from pulumi_aep_streaming.source_connection import SourceConnectionProvider
from pulumi_aep_streaming.target_connection import TargetConnectionProvider

KNOWN = KnownSpecs(base_connection.KNOWN.authentications, target_connection.KNOWN.targets)
PLACE = "EMULATOR@AdobeOrg/prod"
KINESIS = "86043421-563b-46ec-8e6c-e23184711bf6"
PROFILES = "8a9c3494-9708-43d7-ae3f-cda01e5030e1"
FLOW_SPEC = "71471eba-b620-49e4-90fd-23f1fa0174d8"
AUTH = {
    "specName": "Aws Kinesis authentication credentials",
    "params": {"accessKeyId": "a", "secretKey": "TOPSECRET", "region": "r"},
}


@pytest.fixture
def provide(settings, hourglass):
    """A fresh provider of a kind, as after the start of a process; providers that share a memory are in one process.

    Their client is one that waits on the hourglass, and the process's own.
    """
    clients, processes = {}, []

    def connect_in(process):
        def connect(*arguments):
            transport = client_for(*arguments)._transport
            transport.clock = hourglass.clock()
            return clients.setdefault((process, *arguments[:2]), FlowService(transport, arguments[1]))

        return connect

    def make(kind, *, memory=None, reclaim="", connect=None, **overrides):
        values = {f"aep:{key}": value for key, value in settings.values} | overrides
        provider, process = kind(), memory or Memory()
        processes.append(process)
        provider.serve(load(values, {"AEP_RECLAIM": reclaim}), process, connect or connect_in(id(process)))
        return provider

    return make


def owner(name, key="0a0b0c0d"):
    return f"shop/prod/{name}#{key}"


def bag(provider, **properties):
    """What the engine hands to create: checked inputs, with its own key, and numbers as floats."""
    lists = {"segments": [], "profileAttributes": []} if isinstance(provider, DataflowProvider) else {}
    checked = provider.check({}, {"__provider": "p", **lists, **properties})
    assert [failure.reason for failure in checked.failures] == []
    return {**checked.inputs, "__provider": "p"}


@pytest.fixture
def account(provide):
    provider = provide(BaseConnectionProvider)
    return provider.create(bag(provider, name="account", connectionSpecId=KINESIS, auth=AUTH, managedBy=owner("account")))


@pytest.fixture
def ends(provide, account):
    """A source and a target connection, as ids."""
    provider = provide(SourceConnectionProvider)
    profiles = provide(BaseConnectionProvider)
    base = profiles.create(bag(profiles, name="profiles", connectionSpecId=PROFILES)).id
    source = provider.create(bag(provider, name="source", baseConnectionId=base, connectionSpecId=PROFILES)).id
    provider = provide(TargetConnectionProvider)
    params = {"stream": "s", "region": "r"}
    target = provider.create(bag(provider, name="t", baseConnectionId=account.id, connectionSpecId=KINESIS, params=params)).id
    return {"sourceConnectionIds": [source], "targetConnectionIds": [target], "flowSpecId": FLOW_SPEC}


def live_flow(emulator, id_):
    return emulator.store.get(PLACE, "flows", id_)


def somebody_else(emulator, kind, id_, *operations):
    etag = emulator.store.get(PLACE, kind, id_)["etag"]
    emulator.store.patch(PLACE, kind, id_, list(operations), etag, "somebody")


def add_segment(id_, **more):
    value = {"type": "PLATFORM_SEGMENT", "value": {"id": id_, **more}}
    return {"op": "add", "path": "/transformations/0/params/segmentSelectors/selectors/-", "value": value}


def segments_of(flow):
    return [entry["value"]["id"] for entry in flow["transformations"][0]["params"]["segmentSelectors"]["selectors"]]


def updated(provider, id_, olds, **changes):
    news = {**{key: value for key, value in olds.items() if key != "nonce"}, **changes}
    news = {key: value for key, value in news.items() if value is not None}
    checked = check(provider.kind.inputs, provider.kind.known, news, olds)
    assert checked.problems == []
    return provider.update(id_, olds, checked.inputs).outs

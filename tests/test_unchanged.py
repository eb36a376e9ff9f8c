"""A declaration that equals state is never refused and never nags, whatever is checked of one that differs."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from support.providing import AUTH, FLOW_SPEC, KINESIS, PROFILES, provide

from pulumi_aep_streaming._core.changes import UNKNOWN
from pulumi_aep_streaming.base_connection import BaseConnectionProvider
from pulumi_aep_streaming.dataflow import DataflowProvider
from pulumi_aep_streaming.source_connection import SourceConnectionProvider
from pulumi_aep_streaming.target_connection import TargetConnectionProvider

__all__ = ["provide"]

PROVIDERS = {
    "BaseConnection": BaseConnectionProvider,
    "SourceConnection": SourceConnectionProvider,
    "TargetConnection": TargetConnectionProvider,
    "Dataflow": DataflowProvider,
}
STATES = sorted((Path(__file__).parent / "states").glob("*/stack.json"))
GOLDEN = {
    f"{path.parent.name} {resource['urn'].rpartition('::')[2]}": (resource["type"].rpartition(":")[2], resource["inputs"])
    for path in STATES
    for resource in json.loads(path.read_text())["deployment"]["resources"]
    if resource["type"].rpartition(":")[2] in PROVIDERS
}
PRINTED = "x-Calling __str__ on an Output[T] is not supported."
BASE = "6a0d3b1e-0d2c-4a53-9f0e-2b7f1c5d8e01"
SOURCE = "6a0d3b1e-0d2c-4a53-9f0e-2b7f1c5d8e02"
END = "6a0d3b1e-0d2c-4a53-9f0e-2b7f1c5d8e03"
TARGET = {"baseConnectionId": BASE, "connectionSpecId": KINESIS, "connectionSpecVersion": "1.0", "dataFormat": "json"}
ACCOUNT = {"connectionSpecId": KINESIS, "connectionSpecVersion": "1.0"}
FLOW = {
    "sourceConnectionIds": [SOURCE],
    "targetConnectionIds": [END],
    "segments": [],
    "profileAttributes": [],
    "selectorOwnership": "exclusive",
    "forceDestroy": False,
    "flowSpecId": FLOW_SPEC,
    "flowSpecVersion": "1.0",
}
ODD = {
    "a region that is none": ("TargetConnection", {**TARGET, "params": {"stream": "s", "region": "us-west-2a"}}),
    "a region that is not known": ("TargetConnection", {**TARGET, "params": {"stream": "s", "region": "r"}}),
    "an ARN": ("TargetConnection", {**TARGET, "params": {"stream": "arn:aws:x/s", "region": "us-west-2"}}),
    "parameters that lack one": ("TargetConnection", {**TARGET, "params": {"stream": "s"}}),
    "a parameter that is not known": (
        "TargetConnection",
        {**TARGET, "params": {"stream": "s", "region": "us-west-2", "compression": "gzip"}},
    ),
    "a parameter of another type": ("TargetConnection", {**TARGET, "params": {"stream": "s", "region": 5}}),
    "a printed Output": ("TargetConnection", {**TARGET, "params": {"stream": PRINTED, "region": "us-west-2"}}),
    "a spec that is no UUID": ("TargetConnection", {**TARGET, "connectionSpecId": "kinesis", "params": {}}),
    "a source in an account by its name": ("SourceConnection", {**TARGET, "baseConnectionId": "profiles", "params": {}}),
    "a target in an account by its name": (
        "TargetConnection",
        {**TARGET, "baseConnectionId": "account", "params": {"stream": "s", "region": "us-west-2"}},
    ),
    "a source by its name": ("Dataflow", {**FLOW, "sourceConnectionIds": ["profiles"]}),
    "a target by its name": ("Dataflow", {**FLOW, "targetConnectionIds": [END, "kinesis"]}),
    "credentials of no known kind": ("BaseConnection", {**ACCOUNT, "auth": {"specName": "Aws Kinesis", "params": {"a": "b"}}}),
    "credentials that lack a key": ("BaseConnection", {**ACCOUNT, "auth": {**AUTH, "params": {"accessKeyId": "a"}}}),
    "credentials with one too many": (
        "BaseConnection",
        {**ACCOUNT, "auth": {**AUTH, "params": {**AUTH["params"], "region": "us-wset-2", "token": "t"}}},
    ),
    "no credentials": ("BaseConnection", ACCOUNT),
    "credentials of the profile store": ("BaseConnection", {**ACCOUNT, "connectionSpecId": PROFILES, "auth": AUTH}),
    "a flow spec as a connection spec": ("SourceConnection", {**TARGET, "connectionSpecId": FLOW_SPEC, "params": {}}),
    "a connection spec as a flow spec": ("Dataflow", {**FLOW, "flowSpecId": KINESIS}),
    "segments by name": ("Dataflow", {**FLOW, "segments": [{"id": "VIP"}, {"id": "b"}]}),
    "a path that is none": ("Dataflow", {**FLOW, "profileAttributes": [{"path": "a/b", "operator": "EXISTS"}]}),
    "an identity among the attributes": (
        "Dataflow",
        {**FLOW, "profileAttributes": [{"path": "identityMap.ecid", "operator": "EXISTS"}]},
    ),
    "more segments than Adobe's guardrail": ("Dataflow", {**FLOW, "segments": [{"id": f"s{number}"} for number in range(300)]}),
}


def of(case):
    kind, inputs = case
    return PROVIDERS[kind], {"name": "n", "sandboxName": "prod", "managedBy": "shop/prod/n#0a0b0c0d", **inputs}


@pytest.mark.parametrize("case", [*ODD.values(), *GOLDEN.values()], ids=[*ODD, *GOLDEN])
def test_what_equals_state_is_neither_refused_nor_warned_of(provide, capfd, case):
    kind, state = of(case)
    provider = provide(kind)
    assert provider.check(state, state).failures == []
    assert not provider.diff("i", {**state, "nonce": "12345678"}, state).changes
    assert capfd.readouterr().err == ""


@pytest.mark.parametrize("case", [*ODD.values(), *GOLDEN.values()], ids=[*ODD, *GOLDEN])
def test_another_description_draws_no_word_about_what_stays_as_it_is(provide, capfd, case):
    kind, state = of(case)
    provider = provide(kind)
    assert provider.check(state, {**state, "description": "another"}).failures == []
    assert capfd.readouterr().err == ""


@pytest.mark.parametrize(
    "case", [case for name, case in ODD.items() if name != "no credentials"], ids=[n for n in ODD if n != "no credentials"]
)
def test_each_of_them_is_refused_or_warned_of_where_it_is_new(provide, capfd, case):
    kind, inputs = of(case)
    failures = provide(kind).check({}, inputs).failures
    assert failures or "warning: " in capfd.readouterr().err


def test_a_list_that_grows_draws_no_word_about_the_items_that_it_had(provide, capfd):
    kind, state = of(ODD["segments by name"])
    more = {"id": "72ddd79b-6b0a-4e97-a8d2-112ccd81bd02"}
    assert provide(kind).check(state, {**state, "segments": [*state["segments"], more]}).failures == []
    assert capfd.readouterr().err == ""
    provide(kind).check(state, {**state, "segments": [*state["segments"], {"id": "vap"}]})
    assert capfd.readouterr().err.strip() == (
        "warning: dataflow n: segments[2].id: vap is no UUID, as ids are; if it is a name, look it up: get_audience(name=...)"
    )


@pytest.mark.parametrize(("name", "shown"), [("n", "target connection n"), (UNKNOWN, "target connection")])
def test_a_warning_says_which_resource_it_is_about(provide, capfd, name, shown):
    kind, inputs = of(("TargetConnection", {**TARGET, "params": {"stream": "s", "region": "us-west-2", "newToggle": True}}))
    assert provide(kind).check({}, {**inputs, "name": name}).failures == []
    line = "params.newToggle: no key that this package knows here; it is sent as it is"
    assert capfd.readouterr().err.strip() == f"warning: {shown}: {line}"


@pytest.mark.parametrize(
    ("kind", "state", "news", "where"),
    [
        ("TargetConnection", {**TARGET, "params": {}}, {"baseConnectionId": "account"}, "base_connection_id: account"),
        ("SourceConnection", {**TARGET, "params": {}}, {"baseConnectionId": "account"}, "base_connection_id: account"),
        ("Dataflow", FLOW, {"sourceConnectionIds": [SOURCE, "account"]}, "source_connection_ids[1]: account"),
        ("Dataflow", FLOW, {"targetConnectionIds": ["account"]}, "target_connection_ids[0]: account"),
    ],
)
def test_a_pulumi_name_where_the_id_of_a_resource_is_wanted_is_warned_of(provide, capfd, kind, state, news, where):
    provider, state = of((kind, state))
    checked = provide(provider).check(state, {**state, **news})
    assert [failure.reason for failure in checked.failures if "_id" in failure.reason] == []
    assert f"{where} is no UUID, as ids are; give the resource itself, or its id" in capfd.readouterr().err


@pytest.mark.parametrize("region", ["us-west-3", "ch-central-1", "nz-north-1", "mars-north-1", "ap-southeast-8"])
def test_a_region_that_aws_may_have_added_is_sent_with_a_warning(provide, capfd, region):
    kind, inputs = of(("TargetConnection", {**TARGET, "params": {"stream": "s", "region": region}}))
    assert provide(kind).check({}, inputs).failures == []
    assert "params.region: no region of AWS that this package knows" in capfd.readouterr().err


@pytest.mark.parametrize(
    ("region", "meant"),
    [("us-west-2a", "us-west-2"), ("us-wset-2", "us-west-2"), ("US-EAST-1", "us-east-1"), ("eu_west_1", "eu-west-1")],
)
def test_a_region_that_is_misspelt_is_refused_with_what_was_meant(provide, region, meant):
    kind, inputs = of(("TargetConnection", {**TARGET, "params": {"stream": "s", "region": region}}))
    (failure,) = provide(kind).check({}, inputs).failures
    assert failure.reason == f"params.region: no region of AWS, did you mean {meant}?"

"""What a provider makes of inputs before anything is sent."""

from __future__ import annotations

import pulumi
import pytest
from pulumi.dynamic import ConfigureRequest
from pulumi.dynamic.config import Config
from pydantic.alias_generators import to_camel
from support.providing import (
    PROFILES,
    bag,
)

from pulumi_aep_streaming.base_connection import BaseConnectionProvider
from pulumi_aep_streaming.dataflow import DataflowProvider
from pulumi_aep_streaming.source_connection import SourceConnectionProvider
from pulumi_aep_streaming.target_connection import TargetConnectionProvider

IN_EVERY_EDITION = True


def test_configure_needs_nothing_and_calls_nothing():
    provider = DataflowProvider()
    provider.configure(ConfigureRequest(Config({}, "shop")))


def keys_of(provider):
    return set(map(to_camel, provider.kind.inputs.model_fields))


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


@pytest.mark.parametrize(
    ("path", "warned"),
    [
        ("identityMap", True),
        ("identityMap.ecid", True),
        ("identityMap.*", True),
        ("identityMapped.field", False),
        ("_shop.identityMap", False),
        ("personalEmail.address", False),
    ],
)
def test_an_identity_among_the_attributes_is_a_warning_where_it_is_new(provide, capfd, path, warned):
    provider = provide(DataflowProvider)
    ends = {"sourceConnectionIds": ["s"], "targetConnectionIds": ["t"], "flowSpecId": "x"}
    name = {"path": "person.name.lastName"}
    state = bag(provider, name="f", **ends, profileAttributes=[name, {"path": path}])
    line = "profile_attributes[1].path: an identity; Kinesis, Event Hubs and the HTTP API are always sent identityMap"
    assert (line in capfd.readouterr().err) == warned
    assert provider.check(state, {**state, "profileAttributes": [{"path": path}, name, {"path": "a.b"}]}).failures == []
    assert "an identity" not in capfd.readouterr().err


def test_unknowns_in_every_property_survive_check_and_diff(provide):
    unknown = pulumi.output.Unknown()
    for kind in (BaseConnectionProvider, SourceConnectionProvider, TargetConnectionProvider, DataflowProvider):
        provider = provide(kind)
        news = {**dict.fromkeys(keys_of(provider), unknown), "__provider": "p"}
        checked = provider.check({}, news)
        assert [failure.reason for failure in checked.failures] == []
        assert provider.diff("id", {}, checked.inputs).changes


def test_a_parameter_declared_twice_is_refused(provide):
    provider = provide(TargetConnectionProvider)
    common = {"name": "t", "baseConnectionId": "b", "connectionSpecId": "x", "__provider": "p"}
    checked = provider.check({}, {**common, "params": {"k": 1}, "secretParams": {"k": 2}})
    assert [failure.reason for failure in checked.failures] == ["params.k: also in secret_params; declare it once"]


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


def test_a_marker_that_was_copied_with_a_text_is_not_part_of_the_text(provide):
    provider = provide(BaseConnectionProvider)
    marker = "[pulumi:a/b/c#00000000.00000000]"
    assert bag(provider, name="x", connectionSpecId=PROFILES, description=f"Buyers {marker}")["description"] == "Buyers"
    assert "description" not in bag(provider, name="x", connectionSpecId=PROFILES, description=marker)

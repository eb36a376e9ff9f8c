"""Names that programs and stored states depend on. A change here breaks users: add, never edit."""

from __future__ import annotations

import base64
import subprocess
import sys
from pathlib import Path

import pulumi.dynamic.dynamic
import pytest
from pydantic.alias_generators import to_camel

import pulumi_aep_streaming as aep
from pulumi_aep_streaming._program import options as resource_options
from pulumi_aep_streaming.base_connection import BaseConnectionProvider
from pulumi_aep_streaming.dataflow import DataflowProvider
from pulumi_aep_streaming.source_connection import SourceConnectionProvider
from pulumi_aep_streaming.target_connection import TargetConnectionProvider

COMMON = {"name", "description", "sandboxName", "orgId", "managedBy", "adoptId"}
FROZEN = {
    BaseConnectionProvider: (
        "pulumi_aep_streaming.base_connection",
        COMMON | {"connectionSpecId", "connectionSpecVersion", "auth"},
    ),
    SourceConnectionProvider: (
        "pulumi_aep_streaming.source_connection",
        COMMON | {"baseConnectionId", "connectionSpecId", "connectionSpecVersion", "dataFormat", "params"},
    ),
    TargetConnectionProvider: (
        "pulumi_aep_streaming.target_connection",
        COMMON | {"baseConnectionId", "connectionSpecId", "connectionSpecVersion", "dataFormat", "params", "secretParams"},
    ),
    DataflowProvider: (
        "pulumi_aep_streaming.dataflow",
        COMMON
        | {"sourceConnectionIds", "targetConnectionIds", "segments", "profileAttributes", "enabled"}
        | {"selectorOwnership", "forceDestroy", "flowSpecId", "flowSpecVersion"},
    ),
}


def test_public_names():
    assert aep.__all__ == sorted(aep.__all__)
    assert set(aep.__all__) >= {
        "AuthArgs",
        "BaseConnection",
        "ConnectionSpecId",
        "Dataflow",
        "EventHubsAuthArgs",
        "EventHubsTargetArgs",
        "FlowSpecId",
        "KinesisAuthArgs",
        "KinesisTargetArgs",
        "ProfileSelectorArgs",
        "SegmentSelectorArgs",
        "SourceConnection",
        "TargetConnection",
    }
    for name in aep.__all__:
        assert getattr(aep, name).__name__ == name
    with pytest.raises(AttributeError):
        aep.Nonsense  # noqa: B018 (the access is the test)


@pytest.mark.parametrize("provider", FROZEN)
def test_pickled_path_is_by_reference_and_frozen(provider):
    text = base64.b64decode(pulumi.dynamic.dynamic.serialize_provider(provider()))
    assert FROZEN[provider][0].encode() in text
    assert provider.__name__.encode() in text
    assert len(text) < 100


@pytest.mark.parametrize("provider", FROZEN)
def test_property_names_are_frozen(provider):
    assert set(map(to_camel, provider().kind.inputs.model_fields)) == FROZEN[provider][1]


@pytest.mark.parametrize("kind", ["BaseConnection", "SourceConnection", "TargetConnection", "Dataflow"])
def test_type_tokens_are_frozen(kind):
    assert getattr(aep, kind)._resource_type_name == f"dynamic/aep:{kind}"


def test_spec_ids_are_those_of_the_tutorial():
    assert aep.ConnectionSpecId.UNIFIED_PROFILE.value == "8a9c3494-9708-43d7-ae3f-cda01e5030e1"
    assert aep.ConnectionSpecId.AMAZON_KINESIS.value == "86043421-563b-46ec-8e6c-e23184711bf6"
    assert aep.ConnectionSpecId.AZURE_EVENT_HUBS.value == "bf9f5905-92b7-48bf-bf20-455bc6b60a4e"
    assert aep.FlowSpecId.PROFILE_BASED_DESTINATION.value == "71471eba-b620-49e4-90fd-23f1fa0174d8"


def test_options_that_name_properties_are_spelled_as_state_does():
    options = pulumi.ResourceOptions(
        ignore_changes=["source_connection_ids[0]", "auth", "auth.params.secretKey", "__provider", "params.some_key"],
        replace_on_changes=["profile_attributes"],
        additional_secret_outputs=["sandbox_name"],
    )
    mapped = resource_options.with_property_names(options)
    assert mapped.ignore_changes == [
        "sourceConnectionIds[0]",
        "auth",
        "auth.params.secretKey",
        "__provider",
        "params.some_key",
    ]
    assert mapped.replace_on_changes == ["profileAttributes"]
    assert mapped.additional_secret_outputs == ["sandboxName"]
    assert options.ignore_changes[0] == "source_connection_ids[0]"


def test_secrets_are_not_in_the_repr_of_arguments():
    for arguments in (
        aep.KinesisAuthArgs(access_key_id="a", secret_key="TOPSECRET", region="r"),
        aep.EventHubsAuthArgs(sas_key_name="n", sas_key="TOPSECRET", namespace="s"),
        aep.AuthArgs(spec_name="s", params={"k": "TOPSECRET"}),
    ):
        assert "TOPSECRET" not in repr(arguments)


def loaded(statement: str) -> set[str]:
    """The modules that a statement loads in a fresh process."""
    code = f"{statement}\nimport sys\nprint(*sys.modules)"
    return set(subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True).stdout.split())


def test_importing_the_package_loads_nothing_heavy():
    modules = loaded("import pulumi_aep_streaming")
    assert not modules & {"pulumi", "pydantic", "requests", "pulumi_aep_streaming.dataflow"}


def test_a_program_does_not_load_the_network():
    modules = loaded("import pulumi_aep_streaming as aep; aep.Dataflow, aep.BaseConnection")
    assert "pulumi_aep_streaming.dataflow" in modules
    assert not modules & {"requests", "urllib3", "pydantic", "pulumi_aep_streaming.flow_service.client"}


def test_a_provider_does_not_load_pydantic_for_what_did_not_change():
    modules = loaded(
        """
from pulumi.dynamic import ConfigureRequest
from pulumi.dynamic.config import Config
from pulumi_aep_streaming.base_connection import BaseConnectionProvider
provider = BaseConnectionProvider()
provider.configure(ConfigureRequest(Config({"aep:sandboxName": "prod", "aep:orgId": "O@AdobeOrg"}, "shop")))
stored = {"name": "n", "connectionSpecId": "s", "connectionSpecVersion": "1.0", "sandboxName": "prod", "orgId": "O@AdobeOrg"}
checked = provider.check(stored, {"__provider": "p", "name": "n", "connectionSpecId": "s", "connectionSpecVersion": "1.0"})
assert (checked.inputs, checked.failures) == (stored, [])
assert provider.diff("id", {**stored, "nonce": "a"}, checked.inputs).changes is False
"""
    )
    assert not modules & {"requests", "urllib3", "pydantic"}


def test_the_emulator_loads_nothing_of_the_client_and_no_pulumi():
    modules = loaded("import pulumi_aep_streaming.emulator")
    ours = {name for name in modules if name.startswith("pulumi_aep_streaming.")}
    assert all(name.startswith("pulumi_aep_streaming.emulator") for name in ours)
    assert not modules & {"pulumi", "requests", "pydantic"}


def test_every_public_name_is_in_the_readme():
    readme = (Path(__file__).parents[1] / "README.md").read_text()
    assert [name for name in aep.__all__ if name not in readme] == []

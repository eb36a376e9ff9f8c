"""Names that programs and stored states depend on. A change here breaks users: add, never edit."""

from __future__ import annotations

import ast
import base64
import re
import subprocess
import sys
from pathlib import Path

import pulumi.dynamic.dynamic
import pytest
from pydantic.alias_generators import to_camel

import pulumi_aep_streaming as aep
from pulumi_aep_streaming._core.kinds.table import KINDS
from pulumi_aep_streaming.base_connection import BaseConnectionProvider
from pulumi_aep_streaming.cli._generated import SECTIONS
from pulumi_aep_streaming.cli._import_file import PROVIDERS
from pulumi_aep_streaming.cli._names import ROLES
from pulumi_aep_streaming.cli._stack import TYPE
from pulumi_aep_streaming.cli.orphans import marked_collections
from pulumi_aep_streaming.cli.recover import CHILDREN
from pulumi_aep_streaming.dataflow import DataflowProvider
from pulumi_aep_streaming.emulator import kinds as emulated
from pulumi_aep_streaming.flow_service.client import FlowService
from pulumi_aep_streaming.source_connection import SourceConnectionProvider
from pulumi_aep_streaming.target_connection import TargetConnectionProvider

COMMON = {"name", "description", "sandboxName", "orgId", "managedBy", "adoptId", "secretInputs"}
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


NAMES = {
    "AuthArgs",
    "BaseConnection",
    "ConnectionSpecId",
    "Dataflow",
    "DestinationArgs",
    "EventHubsAuthArgs",
    "EventHubsDestinationArgs",
    "EventHubsEntraAuthArgs",
    "EventHubsScopedEntraAuthArgs",
    "EventHubsTargetArgs",
    "FlowSpecId",
    "KinesisAuthArgs",
    "KinesisDestinationArgs",
    "KinesisTargetArgs",
    "ProfileSelectorArgs",
    "Provider",
    "SegmentSelectorArgs",
    "SourceConnection",
    "StreamingDestination",
    "TargetConnection",
    "get_dataflow_runs",
    "get_dataflow_runs_output",
    *(
        f"get_{subject}{number}{form}"
        for subject in ("audience", "connection_spec", "dataflow", "segment")
        for number in ("", "s")
        for form in ("", "_output")
    ),
}


def test_public_names():
    assert aep.__all__ == sorted(aep.__all__)
    assert set(aep.__all__) >= NAMES
    for name in aep.__all__:
        assert getattr(aep, name).__name__ == name
    with pytest.raises(AttributeError):
        aep.Nonsense  # noqa: B018 (the access is the test)


def test_the_three_lists_of_public_names_agree():
    """What is exported, what is loaded when it is first used, and what a type checker sees."""
    tree = ast.parse(Path(aep.__file__).read_text())
    seen = [node for node in tree.body if isinstance(node, ast.If) and ast.unparse(node.test) == "_typing.TYPE_CHECKING"]
    imported = {
        (statement.module.removeprefix("pulumi_aep_streaming."), alias.name)
        for statement in seen[0].body
        for alias in statement.names
    }
    assert imported == {(module, name) for module, names in aep._HOMES.items() for name in names}
    assert sorted(name for _, name in imported) == aep.__all__


PICKLED = {  # as every state holds them since 0.1.0
    BaseConnectionProvider: "gASVRgAAAAAAAACMJHB1bHVtaV9hZXBfc3RyZWFtaW5nLmJhc2VfY29ubmVj"
    "dGlvbpSMFkJhc2VDb25uZWN0aW9uUHJvdmlkZXKUk5QpgZQu",
    SourceConnectionProvider: "gASVSgAAAAAAAACMJnB1bHVtaV9hZXBfc3RyZWFtaW5nLnNvdXJjZV9jb25u"
    "ZWN0aW9ulIwYU291cmNlQ29ubmVjdGlvblByb3ZpZGVylJOUKYGULg==",
    TargetConnectionProvider: "gASVSgAAAAAAAACMJnB1bHVtaV9hZXBfc3RyZWFtaW5nLnRhcmdldF9jb25u"
    "ZWN0aW9ulIwYVGFyZ2V0Q29ubmVjdGlvblByb3ZpZGVylJOUKYGULg==",
    DataflowProvider: "gASVOQAAAAAAAACMHXB1bHVtaV9hZXBfc3RyZWFtaW5nLmRhdGFmbG93lIwQRGF0YWZsb3dQcm92aWRlcpSTlCmBlC4=",
}


@pytest.mark.parametrize("provider", FROZEN)
def test_pickled_path_is_by_reference_and_frozen(provider):
    pickled = pulumi.dynamic.dynamic.serialize_provider(provider())
    assert pickled == PICKLED[provider]
    text = base64.b64decode(pickled)
    assert FROZEN[provider][0].encode() in text
    assert provider.__name__.encode() in text
    assert len(text) < 100


@pytest.mark.parametrize("provider", FROZEN)
def test_property_names_are_frozen(provider):
    fields = provider().kind.inputs.model_fields
    in_states = {name for name, field in fields.items() if not field.exclude}  # the others are told to `check` only
    assert set(map(to_camel, in_states)) == FROZEN[provider][1]


@pytest.mark.parametrize("kind", ["BaseConnection", "SourceConnection", "TargetConnection", "Dataflow"])
def test_type_tokens_are_frozen(kind):
    assert getattr(aep, kind)._resource_type_name == f"dynamic/aep:{kind}"


def test_every_list_of_kinds_follows_the_one_table():
    """A kind that one of them missed would never be listed as an orphan, never adopted, never emulated."""
    names = [kind.type_name for kind in KINDS]
    assert names == ["BaseConnection", "SourceConnection", "TargetConnection", "Dataflow"]
    assert set(names) <= set(aep.__all__)
    assert [type(provider.kind) for provider in PROVIDERS.values()] == list(KINDS)
    assert list(PROVIDERS) == names
    assert [provider.__name__ for provider in FROZEN] == [f"{name}Provider" for name in names]
    assert [re.fullmatch(TYPE, f"pulumi-python:dynamic/aep:{name}")[1] for name in names] == names
    assert list(SECTIONS) == names
    assert list(CHILDREN) == names
    assert ["BaseConnection", *ROLES] == names
    service = FlowService(None, "prod")
    paths = [kind().collection(service).path for kind in KINDS]
    assert paths == list(emulated.KINDS)
    assert [path for path, _ in marked_collections(service)] == paths[::-1]


def test_spec_ids_are_those_of_the_tutorial():
    assert aep.ConnectionSpecId.UNIFIED_PROFILE.value == "8a9c3494-9708-43d7-ae3f-cda01e5030e1"
    assert aep.ConnectionSpecId.AMAZON_KINESIS.value == "86043421-563b-46ec-8e6c-e23184711bf6"
    assert aep.ConnectionSpecId.AZURE_EVENT_HUBS.value == "bf9f5905-92b7-48bf-bf20-455bc6b60a4e"
    assert aep.FlowSpecId.PROFILE_BASED_DESTINATION.value == "71471eba-b620-49e4-90fd-23f1fa0174d8"


def test_secrets_are_not_in_the_repr_of_arguments():
    for arguments in (
        aep.KinesisAuthArgs(access_key_id="a", secret_key="TOPSECRET", region="r"),
        aep.EventHubsAuthArgs(sas_key_name="n", sas_key="TOPSECRET", namespace="s"),
        aep.EventHubsEntraAuthArgs(tenant_id="t", client_id="c", client_secret="TOPSECRET", namespace="s"),
        aep.EventHubsScopedEntraAuthArgs(
            tenant_id="t", client_id="c", client_secret="TOPSECRET", namespace="s", event_hub_name="h"
        ),
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
told = provider.check(stored, {"__provider": "p", **stored, "noneParams": [[]]})
assert (told.inputs, told.failures) == (stored, [])
"""
    )
    assert not modules & {"requests", "urllib3", "pydantic"}


def test_a_provider_does_not_load_the_network_to_compare_what_changed():
    modules = loaded(
        """
from pulumi.dynamic import ConfigureRequest
from pulumi.dynamic.config import Config
from pulumi_aep_streaming.dataflow import DataflowProvider
provider = DataflowProvider()
provider.configure(ConfigureRequest(Config({"aep:sandboxName": "prod", "aep:orgId": "O@AdobeOrg"}, "shop")))
ends = {"sourceConnectionIds": ["s"], "targetConnectionIds": ["t"], "flowSpecId": "f", "segments": [], "profileAttributes": []}
stored = provider.check({}, {"__provider": "p", "name": "n", **ends}).inputs
assert provider.diff("id", stored, {**stored, "name": "m"}).changes
"""
    )
    assert "pydantic" in modules
    assert not modules & {"requests", "urllib3"}


def test_threads_that_load_two_kinds_at_once_do_not_wait_for_each_other():
    """A package that imports its own modules locks them in an order that a thread which wants one of them does not know."""
    modules = loaded("import pulumi_aep_streaming._core.kinds")
    assert not any(name.startswith("pulumi_aep_streaming._core.kinds.") for name in modules)


def test_the_emulator_loads_nothing_of_the_client_and_no_pulumi():
    modules = loaded("import pulumi_aep_streaming.emulator")
    ours = {name for name in modules if name.startswith("pulumi_aep_streaming.")}
    assert all(name.startswith("pulumi_aep_streaming.emulator") for name in ours)
    assert not modules & {"pulumi", "requests", "pydantic"}


def test_every_public_name_is_in_the_readme():
    readme = (Path(__file__).parents[1] / "README.md").read_text()
    assert [name for name in aep.__all__ if name not in readme] == []

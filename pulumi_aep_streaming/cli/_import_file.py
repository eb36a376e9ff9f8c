"""The file for `pulumi import --file`: inputs and outputs of each resource, so that the engine takes them as they are.

The engine cannot read a dynamic resource that it does not know; it trusts outputs that are given, if they name their provider.
"""

from __future__ import annotations

from typing import Any

from pulumi.dynamic.dynamic import serialize_provider

from pulumi_aep_streaming._core.values import Bag
from pulumi_aep_streaming._program.options import PACKAGE
from pulumi_aep_streaming.base_connection import BaseConnectionProvider
from pulumi_aep_streaming.cli._names import resource_name
from pulumi_aep_streaming.cli._plan import Plan
from pulumi_aep_streaming.dataflow import DataflowProvider
from pulumi_aep_streaming.source_connection import SourceConnectionProvider
from pulumi_aep_streaming.target_connection import TargetConnectionProvider

PROVIDERS = {
    provider.kind.type_name: provider
    for provider in (BaseConnectionProvider(), SourceConnectionProvider(), TargetConnectionProvider(), DataflowProvider())
}
"""The providers of all kinds, by the name of the kind: they are pickled into the file, as into every state."""
OLDEST_PULUMI = (3, 274)
COMPONENT = "aep:index:StreamingDestination"


def import_file(plan: Plan) -> dict[str, Any]:
    """Return the content of `import.json`: components first, then what is in them or stands alone, parents before children."""
    components: list[dict[str, Any]] = []
    parents: dict[str, tuple[str, str]] = {}
    for component in plan.components:
        # A name is the key by which the file refers to a resource; a component and a child may not share one.
        components.append(entry_of_component(component.name))
        for role, child in component.children.items():
            parents[child.id] = (f"{component.name}-{role}", component.name)
    resources = []
    for adoptable in plan.inventory.adoptable.values():
        name, parent = parents.get(adoptable.id) or (resource_name(plan.variables[adoptable.id]), "")
        resources.append(entry_of(adoptable.type_name, name, adoptable.id, adoptable.inputs, parent=parent))
    return {"resources": components + resources}


def entry_of(
    type_name: str,
    name: str,
    id_: str,
    inputs: Bag,
    *,
    outputs: Bag | None = None,
    parent: str = "",
    logical_name: str = "",
) -> dict[str, Any]:
    """Return what the file says of a resource.

    `name` is what the file knows it by, and its Pulumi name, unless `logical_name` is. `outputs` are those besides the inputs.
    """
    bag = {**inputs, "__provider": serialize_provider(PROVIDERS[type_name])}
    return {
        "type": f"{PACKAGE}:dynamic/aep:{type_name}",
        "name": name,
        **({"logicalName": logical_name} if logical_name else {}),
        "id": id_,
        **({"parent": parent} if parent else {}),
        "inputs": bag,
        "outputs": {**bag, **(outputs or {})},
    }


def entry_of_component(name: str) -> dict[str, Any]:
    """Return what the file says of a `StreamingDestination`."""
    return {"type": COMPONENT, "name": name, "component": True}

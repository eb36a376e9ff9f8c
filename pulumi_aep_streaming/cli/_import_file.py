"""The file for `pulumi import --file`: inputs and outputs of each resource, so that the engine takes them as they are.

The engine cannot read a dynamic resource that it does not know; it trusts outputs that are given, if they name their provider.
"""

from __future__ import annotations

from typing import Any

from pulumi.dynamic.dynamic import serialize_provider

from pulumi_aep_streaming._resource import PACKAGE
from pulumi_aep_streaming.cli._inventory import PROVIDERS, Declared
from pulumi_aep_streaming.cli._names import resource_name
from pulumi_aep_streaming.cli._plan import Plan

OLDEST_PULUMI = (3, 274)


def import_file(plan: Plan) -> dict[str, Any]:
    """Return the content of `import.json`: components first, then what is in them or stands alone, parents before children."""
    components: list[dict[str, Any]] = []
    parents: dict[str, tuple[str, str]] = {}
    for component in plan.components:
        # A name is the key by which the file refers to a resource; a component and a child may not share one.
        components.append({"type": "aep:index:StreamingDestination", "name": component.name, "component": True})
        for role, child in component.children.items():
            parents[child.id] = (f"{component.name}-{role}", component.name)
    resources = [_resource(plan, declared, parents) for declared in plan.inventory.declared.values()]
    return {"resources": components + resources}


def _resource(plan: Plan, declared: Declared, parents: dict[str, tuple[str, str]]) -> dict[str, Any]:
    name, parent = parents.get(declared.id) or (resource_name(plan.variables[declared.id]), "")
    bag = {**declared.inputs, "__provider": serialize_provider(PROVIDERS[declared.kind])}
    return {
        "type": f"{PACKAGE}:dynamic/aep:{declared.kind}",
        "name": name,
        "id": declared.id,
        **({"parent": parent} if parent else {}),
        "inputs": bag,
        "outputs": bag,
    }

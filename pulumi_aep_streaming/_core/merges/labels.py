"""Name and description, which all kinds of objects have: merged three ways, the ownership marker kept. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pulumi_aep_streaming._core import marker
from pulumi_aep_streaming._core.values import Bag
from pulumi_aep_streaming.flow_service.json_patch import Operation

if TYPE_CHECKING:
    from pulumi_aep_streaming.flow_service.models import Entity


def label_operations(desired: Bag, state: Bag | None, live: Entity, nonce: str) -> list[Operation]:
    """Return the operations for name and description. What others changed since is left alone.

    The marker is written as `desired` has it: whether the object may be marked has been decided before.
    """
    operations = []
    name = _merged("name", desired, state, live.name)
    if name != live.name:
        operations.append(_member("/name", name, live.name))
    mark = marker.find(live.description)
    text = _merged("description", desired, state, marker.bare(live.description)) or ""
    unmanaged = mark is not None and "managedBy" not in desired
    description = marker.sign(text, mark) if mark is not None and unmanaged else signed(text, desired, nonce)
    if description != (live.description or ""):
        operations.append(_member("/description", description, live.description))
    return operations


def carried_over(desired: Bag, state: Bag, live: Entity) -> Bag:
    """Return the name and description that a replacement starts with: what others changed since the last refresh is kept."""
    text = marker.bare(live.description)
    labels = {
        "name": _merged("name", desired, state, live.name),
        "description": _merged("description", desired, state, text),
    }
    return {key: value for key, value in labels.items() if value}


def signed(text: str, desired: Bag, nonce: str) -> str:
    """Return a description with the marker of the desired resource, if it is to have one."""
    return marker.sign(text, marker.Mark(desired["managedBy"], nonce)) if "managedBy" in desired else text


def _merged(key: str, desired: Bag, state: Bag | None, live: str | None) -> str | None:
    """Merge one value: the program's, if the program changed it or has no history; else the live one."""
    if state is None:
        return desired.get(key, live)
    return live if desired.get(key) == state.get(key) else desired.get(key)


def _member(path: str, desired: str | None, live: str | None) -> Operation:
    """Return the operation that sets a member that may be absent, or removes it."""
    if not desired:
        return {"op": "remove", "path": path, "value": live}
    return {"op": "replace" if live else "add", "path": path, "value": desired}

"""Name and description, which all kinds of objects have: merged three ways, the ownership marker kept. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pulumi_aep_streaming import _marker


def label_operations(last: Mapping[str, Any] | None, goal: Mapping[str, Any], live: Any, nonce: str) -> list[dict[str, Any]]:
    """Return the operations for name and description. What others changed since is left alone.

    The marker is written as `goal` has it: that the object may be marked has been settled before.
    """
    operations = []
    name = _ours("name", last, goal, live.name)
    if name != live.name:
        operations.append(_member("/name", live.name, name))
    text, mark = _marker.split(live.description)
    described = _ours("description", last, goal, text) or ""
    unmanaged = mark is not None and "managedBy" not in goal
    wanted = _marker.sign(described, mark) if mark is not None and unmanaged else signed(described, goal, nonce)
    if wanted != (live.description or ""):
        operations.append(_member("/description", live.description, wanted))
    return operations


def carried_labels(state: Mapping[str, Any], desired: Mapping[str, Any], live: Any) -> dict[str, Any]:
    """Return the name and description that a replacement starts with: what others changed since the last refresh is kept."""
    text = _marker.split(live.description)[0]
    labels = {"name": _ours("name", state, desired, live.name), "description": _ours("description", state, desired, text)}
    return {key: value for key, value in labels.items() if value}


def _ours(key: str, last: Mapping[str, Any] | None, goal: Mapping[str, Any], live: Any) -> Any:
    """Merge one value: the program's, if the program changed it or has no history; else the live one."""
    if last is None:
        return goal.get(key, live)
    return live if goal.get(key) == last.get(key) else goal.get(key)


def _member(path: str, live: Any, wanted: Any) -> dict[str, Any]:
    """Return the operation that sets a member that may be absent, or removes it."""
    if wanted in (None, ""):
        return {"op": "remove", "path": path, "value": live}
    return {"op": "replace" if live else "add", "path": path, "value": wanted}


def signed(text: str, goal: Mapping[str, Any], nonce: str) -> str:
    return _marker.sign(text, _marker.Mark(goal["managedBy"], nonce)) if "managedBy" in goal else text

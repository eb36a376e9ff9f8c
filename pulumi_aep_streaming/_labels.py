"""Name and description, which all kinds of objects have: merged three ways, the ownership marker kept. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pulumi_aep_streaming import _marker


def label_operations(last: Mapping[str, Any] | None, goal: Mapping[str, Any], live: Any, nonce: str) -> list[dict[str, Any]]:
    """Return the operations for name and description. What others changed since is left alone."""
    operations = []
    name = _ours("name", last, goal, live.name)
    if name != live.name:
        operations.append(_member("/name", live.name, name))
    text, mark = _marker.split(live.description)
    described = _ours("description", last, goal, text) or ""
    ours = {_marker.key_of(bag["managedBy"]) for bag in (last or {}, goal) if "managedBy" in bag}
    keep = mark is not None and ("managedBy" not in goal or mark.key not in ours)
    wanted = _marker.sign(described, mark) if mark is not None and keep else signed(described, goal, nonce)
    if wanted != (live.description or ""):
        operations.append(_member("/description", live.description, wanted))
    return operations


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

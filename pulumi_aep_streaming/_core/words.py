"""JSON Patch operations in a person's words. Pure."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any, NamedTuple

from pulumi_aep_streaming._core.merges import selectors
from pulumi_aep_streaming._core.values import Bag, secret_paths
from pulumi_aep_streaming.flow_service.json_patch import Operation

_LONGEST_VALUE = 60
MembersSent = Callable[[str, Bag, Bag], "list[str] | None"]
"""From a path, desired and state to what is said instead of values; None for the values."""


class Announcement(NamedTuple):
    """Lines for a preview: those for what will be sent, as `update` will say them, and others."""

    sent: list[str]
    besides: list[str]

    @property
    def lines(self) -> list[str]:
        """All of them."""
        return [*self.besides, *self.sent]


def said(operations: list[Operation], desired: Bag, state: Bag | None, members_sent: MembersSent) -> list[str]:
    """Return operations as a person would say them: `- segment Men over 50 (72ddd79b-...)`, `~ params.stream: a -> b`."""
    return [line for operation in operations for line in _lines(operation, desired, state or {}, members_sent)]


def _lines(operation: Operation, desired: Bag, state: Bag, members_sent: MembersSent) -> list[str]:
    path = operation["path"]
    if "Selectors" in path:
        return selectors.lines(operation)
    sign = {"add": "+", "remove": "-"}.get(operation["op"], "~")
    members = members_sent(path, desired, state)
    if members is not None:
        return [f"~ {member}" for member in members]
    steps = [step.replace("~1", "/").replace("~0", "~") for step in path.strip("/").split("/")]
    new, old = _at(desired, steps), _at(state, steps)
    named = ".".join(steps)
    if old == new or is_secret(named, desired, state):
        return [f"{sign} {named}"]
    return [f"{sign} {named}: " + " -> ".join(short(value) for value in (old, new) if value is not None)]


def is_secret(path: str, *bags: Bag) -> bool:
    """Whether one of these bags says that what is under a path, or a part of it, is secret."""
    marked = [marked for bag in bags for marked in secret_paths(bag)]
    marked += [f"params.{key}" for bag in bags for key in bag.get("secretParams", {})]
    return any(f"{path}.".startswith(f"{each}.") or f"{each}.".startswith(f"{path}.") for each in marked)


def _at(bag: Bag, steps: list[str]) -> Any:
    found: Any = bag
    for step in steps:
        found = found.get(step) if isinstance(found, dict) else None
    return found


def short(value: Any) -> str:
    """Return a value as text, cut if it is long."""
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)
    return text if len(text) <= _LONGEST_VALUE else f"{text[:_LONGEST_VALUE]}..."

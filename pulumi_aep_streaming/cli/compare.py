"""`aep-streaming compare`: two sandboxes or stacks by the names that people gave, as ids differ. It writes nothing."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from enum import Enum
from typing import Any

from pulumi_aep_streaming._core import marker
from pulumi_aep_streaming._core.merges.selectors import SEGMENTS, Identity
from pulumi_aep_streaming._core.specs import Keys, label_of
from pulumi_aep_streaming._core.values import is_own
from pulumi_aep_streaming.cli._inventory import KNOWN, Objects
from pulumi_aep_streaming.flow_service.client import FlowService
from pulumi_aep_streaming.flow_service.models import Connection, Flow, StreamConnection

MISSING, EXTRA = "missing", "extra"


class Ignored(str, Enum):
    """What need not be the same in two places."""

    TARGETS = "targets"
    STATE = "state"
    DESCRIPTION = "description"


_OF_TARGETS = frozenset({"targets", "accounts"})
"""What differs from sandbox to sandbox where each has streams of its own."""


@dataclass(frozen=True)
class Difference:
    """How a dataflow differs: it is "missing" in the second place, or "extra" there, or a member has another value.

    Of members that hold several things, only those are shown that differ.
    """

    name: str
    what: str
    first: Any = None
    second: Any = None


@dataclass(frozen=True)
class Side:
    """One of two places: its dataflows with what they use, and its segments' names by what tells these apart."""

    objects: Objects
    segments: dict[Identity, str]


def named(service: FlowService, objects: Objects) -> Side:
    """Return a place with the names of its segments; of all audiences, if some of those that are activated are no segments."""
    names = {(segment.id, ""): segment.name or "" for segment in service.segments.find()}
    activated = [segment for flow in objects.flows.values() for segment in flow.selected("segmentSelectors")]
    if any(SEGMENTS.of(segment)[1] for segment in activated):
        names |= {
            SEGMENTS.of({"id": audience.audience_id, "namespace": audience.namespace}): audience.name or ""
            for audience in service.audiences.find()
        }
    return Side(objects, names)


def differences(first: Side, second: Side, ignored: Collection[str] = ()) -> list[Difference]:
    """Return how the dataflows of two places differ, by name: those only in one, only in the other, then what changed.

    Segments are compared by name, all else by value. Pure.
    """
    left, right = _by_name(first), _by_name(second)
    keys = sorted({*left, *right})
    missing = [Difference(_shown(*key), MISSING) for key in keys if key not in right]
    extra = [Difference(_shown(*key), EXTRA) for key in keys if key not in left]
    both = [key for key in keys if key in left and key in right]
    return [*missing, *extra, *(found for key in both for found in _changes(_shown(*key), left[key], right[key], ignored))]


def _changes(name: str, first: dict[str, Any], second: dict[str, Any], ignored: Collection[str]) -> Iterator[Difference]:
    left_out = {*ignored, *(_OF_TARGETS if Ignored.TARGETS in ignored else ())}
    for key, value in first.items():
        if key not in left_out and value != second[key]:
            yield Difference(name, key, *_differing(value, second[key]))


def _differing(first: Any, second: Any) -> tuple[Any, Any]:
    """Return two values less what is in both."""
    if isinstance(first, dict) and isinstance(second, dict):
        keys = [key for key in {**first, **second} if key not in first or key not in second or first[key] != second[key]]
        return {key: first[key] for key in keys if key in first}, {key: second[key] for key in keys if key in second}
    if not isinstance(first, list):
        return first, second
    if len(first) == len(second) and all(isinstance(item, dict) for item in [*first, *second]):
        pairs = [_differing(*pair) for pair in zip(first, second, strict=True) if pair[0] != pair[1]]
        return [one for one, _ in pairs], [other for _, other in pairs]
    return _less(first, second), _less(second, first)


def _less(items: list[Any], others: list[Any]) -> list[Any]:
    """Return the items that are not among the others, each as often as it is there more often."""
    left = list(others)
    result = []
    for item in items:
        if item in left:
            left.remove(item)
        else:
            result.append(item)
    return result


def lines(difference: Difference) -> Iterator[str]:
    """Yield lines for people: - what only the first place has, + what only the second has, ~ what changed."""
    first, second = difference.first, difference.second
    if isinstance(first, list) and isinstance(second, list):
        for sign, items in (("-", first), ("+", second)):
            yield from (f"{sign} {difference.what}: {_text(item)}" for item in items)
    else:
        yield f"~ {difference.what}: {_text(first) or 'none'} -> {_text(second) or 'none'}"


def _text(value: Any) -> str:
    if value is None:
        return ""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)


def _shown(name: str, number: int) -> str:
    return name if number == 1 else f"{name} ({number})"


def _by_name(side: Side) -> dict[tuple[str, int], dict[str, Any]]:
    """Return what can be compared of each dataflow, by its name and its number among those of that name."""
    seen: Counter[str] = Counter()
    result = {}
    for flow in sorted(side.objects.flows.values(), key=lambda flow: (flow.name or "", flow.created_at or 0, flow.id)):
        name = flow.name or ""
        seen[name] += 1
        result[name, seen[name]] = _comparable(flow, side.objects, side.segments)
    return result


class NotShown:
    """A value that may be secret: it is compared, and never printed."""

    def __init__(self, value: Any) -> None:
        self._value = value

    def __eq__(self, other: object) -> bool:
        return isinstance(other, NotShown) and self._value == other._value

    def __hash__(self) -> int:
        return hash(type(self))

    def __str__(self) -> str:
        return "(not shown)"


def _comparable(flow: Flow, found: Objects, segments: dict[Identity, str]) -> dict[str, Any]:
    targets = [found.targets[id_] for id_ in flow.target_connection_ids if id_ in found.targets]
    accounts = [found.connections[id_] for target in targets if (id_ := target.base_connection_id or "") in found.connections]
    return {
        "state": flow.state,
        "description": marker.bare(flow.description),
        "segments": sorted(_segment_name(segment, segments) for segment in flow.selected("segmentSelectors")),
        "profileAttributes": sorted(map(_attribute, flow.selected("profileSelectors"))),
        "targets": [_params(target) for target in sorted(targets, key=lambda target: target.name or "")],
        "accounts": sorted(f"{account.name} ({_spec(account)})" for account in accounts),
    }


def _params(target: StreamConnection) -> dict[str, Any]:
    """Return a target's parameters; of a destination that is not known, any of them may be secret."""
    keys = KNOWN.targets.get(target.connection_spec.id, Keys()) if target.connection_spec else Keys()
    return {key: value if key in keys.known else NotShown(value) for key, value in (target.params or {}).items()}


def _spec(account: Connection) -> str:
    return label_of(account.connection_spec.id) if account.connection_spec else "of no kind"


def _attribute(value: dict[str, Any]) -> str:
    operator = value.get("operator") or "EXISTS"
    return str(value.get("path")) + ("" if operator == "EXISTS" else f" {operator}")


def _segment_name(segment: dict[str, Any], names: dict[Identity, str]) -> str:
    """Return the name of a segment; where others may have it, too, with the namespace."""
    id_, namespace = str(segment.get("id")), segment.get("namespace")
    name = names.get(SEGMENTS.of({**segment, "id": id_})) or str(segment.get("name") or id_)
    return name if is_own(namespace) else f"{name} in {namespace}"

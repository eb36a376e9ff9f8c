"""`aep-streaming compare`: two sandboxes or stacks by the names that people gave, as ids differ. It writes nothing."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from pulumi_aep_streaming import _marker
from pulumi_aep_streaming.cli._inventory import Objects
from pulumi_aep_streaming.flow_service.models import Flow


@dataclass(frozen=True)
class Difference:
    """How a dataflow differs: it is "missing" in the second place, or "extra" there, or a member has another value."""

    name: str
    what: str
    first: Any = None
    second: Any = None


@dataclass(frozen=True)
class Side:
    """One of two places: its dataflows with what they use, and its segments' names by id."""

    objects: Objects
    segments: dict[str, str]


def differences(first: Side, second: Side) -> list[Difference]:
    """Return how the dataflows of two places differ, by name. Segments are compared by name, all else by value. Pure."""
    left, right = _by_name(first), _by_name(second)
    return [found for name in sorted({*left, *right}) for found in _of_one(name, left.get(name), right.get(name))]


def _of_one(name: str, first: dict[str, Any] | None, second: dict[str, Any] | None) -> Iterator[Difference]:
    if first is None or second is None:
        yield Difference(name, "missing" if second is None else "extra")
        return
    for key, value in first.items():
        if value != second[key]:
            yield Difference(name, key, value, second[key])


def _by_name(side: Side) -> dict[str, dict[str, Any]]:
    """Return what can be compared of each dataflow; of several with one name, the later are numbered."""
    seen: Counter[str] = Counter()
    result = {}
    for flow in sorted(side.objects.flows.values(), key=lambda flow: (flow.name or "", flow.created_at or 0, flow.id)):
        name = flow.name or ""
        seen[name] += 1
        result[name if seen[name] == 1 else f"{name} ({seen[name]})"] = _comparable(flow, side.objects, side.segments)
    return result


def _comparable(flow: Flow, found: Objects, segments: dict[str, str]) -> dict[str, Any]:
    targets = [found.targets[id_] for id_ in flow.target_connection_ids if id_ in found.targets]
    accounts = [found.connections[id_] for target in targets if (id_ := target.base_connection_id or "") in found.connections]
    return {
        "state": flow.state,
        "description": _marker.split(flow.description)[0],
        "segments": sorted(_segment_name(segment, segments) for segment in flow.selected("segmentSelectors")),
        "profileAttributes": sorted(str(attribute.get("path")) for attribute in flow.selected("profileSelectors")),
        "targets": [target.params for target in targets],
        "accounts": sorted(account.name or "" for account in accounts),
    }


def _segment_name(segment: dict[str, Any], names: dict[str, str]) -> str:
    id_ = str(segment.get("id"))
    return names.get(id_) or segment.get("name") or id_

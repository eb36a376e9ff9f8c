"""What a dataflow takes and sends, as a whole: its sources, and both lists of selectors. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pulumi_aep_streaming._core.merges.selectors import ATTRIBUTES, SEGMENTS, Merge, SelectorType, as_wire, describe, merge
from pulumi_aep_streaming._core.merges.selectors import observed as observed_selectors
from pulumi_aep_streaming._core.values import Bag
from pulumi_aep_streaming.flow_service.errors import Conflict
from pulumi_aep_streaming.flow_service.json_patch import Operation

if TYPE_CHECKING:
    from pulumi_aep_streaming.flow_service.models import Flow  # its models take longer to load than a program needs

_PROPERTIES: tuple[tuple[SelectorType, str], ...] = ((SEGMENTS, "segments"), (ATTRIBUTES, "profileAttributes"))
_TRANSFORMATION = "GeneralTransform"

# A new flow must be POSTed with empty selectors (Adobe's tutorial, step "create a dataflow").
NOTHING_ACTIVATED = [{"name": _TRANSFORMATION, "params": {type_.member: {"selectors": []} for type_, _ in _PROPERTIES}}]


def stored(state: Bag) -> list[Bag]:
    """Return the transformations of a flow that holds what state says."""
    params = {type_.member: {"selectors": as_wire(type_, state.get(key, []))} for type_, key in _PROPERTIES}
    return [{"name": _TRANSFORMATION, "params": params}]


@dataclass(frozen=True)
class Others:
    """What others activated or deactivated since the last update or refresh, in words."""

    foreign: list[str]
    withdrawn: list[str]


def operations(desired: Bag, state: Bag | None, live: Flow, *, titles: bool = True) -> list[Operation]:
    """Return the JSON Patch operations for sources and selectors; `titles`: for names and descriptions of them as well."""
    require_shown(state or {}, live)
    selectors = [operation for _, merged in _merges(desired, state, live, titles=titles) for operation in merged.operations]
    return [*_source_operations(desired, state, live), *_with_holder(selectors, live)]


def require_shown(state: Bag, live: Flow) -> None:
    """Raise `Conflict` if state has selectors and the service shows no lists of them: not shown is not empty."""
    if any(state.get(key) for _, key in _PROPERTIES) and not live.shows_selectors:
        message = (
            "the service does not show its selectors, so that nothing can be changed safely: try again; if that does not help, "
            "activate one in the UI, then run pulumi refresh"
        )
        raise Conflict(message)


def compare(desired: Bag, state: Bag | None, live: Flow) -> Others:
    """Return what only the service knows, and what only the program still knows."""
    merges = list(_merges(desired, state, live, titles=False))
    return Others(
        [describe(type_, selector) for type_, merged in merges for selector in merged.foreign],
        [describe(type_, selector) for type_, merged in merges for selector in merged.withdrawn],
    )


def excess(desired: Bag, live: Flow) -> str:
    """Return what a flow has activated that is neither nothing nor all that is desired, which is one PATCH; "" if it is so."""
    others = compare(desired, desired, live)
    if others.foreign:
        return f"has activated {', '.join(others.foreign)}"
    partly = 0 < len(others.withdrawn) < sum(len(desired[key]) for _, key in _PROPERTIES)
    return f"has activated all that is declared but {', '.join(others.withdrawn)}" if partly else ""


def carried_over(desired: Bag, state: Bag, live: Flow) -> Bag:
    """Return the selectors that a replacement starts with: those desired, less what others deactivated, and what they added."""
    lists = {}
    for (type_, key), (_, merged) in zip(_PROPERTIES, _merges(desired, state, live, titles=False), strict=True):
        withdrawn = {type_.of(selector) for selector in merged.withdrawn}
        kept = [selector for selector in desired.get(key, []) if type_.of(selector) not in withdrawn]
        lists[key] = [*kept, *merged.foreign]
    return lists


def observed(state: Bag, live: Flow, *, foreign_too: bool) -> dict[str, list[Bag]]:
    """Return both lists as the program would have to declare them now; none where the service does not show what state has."""
    if not live.shows_selectors and any(state.get(key) for _, key in _PROPERTIES):
        return {}
    return {
        key: observed_selectors(type_, state.get(key, []), live.selectors(type_.member), with_foreign=foreign_too)
        for type_, key in _PROPERTIES
    }


def _merges(desired: Bag, state: Bag | None, live: Flow, *, titles: bool) -> Iterator[tuple[SelectorType, Merge]]:
    for type_, key in _PROPERTIES:
        stored = None if state is None else state.get(key, [])
        yield type_, merge(type_, desired.get(key, []), stored, live.selectors(type_.member), titles=titles)


def _source_operations(desired: Bag, state: Bag | None, live: Flow) -> list[Operation]:
    wanted, shown = desired.get("sourceConnectionIds", []), live.source_connection_ids
    # A service that does not show them has taken what was just POSTed.
    unchanged = not shown if state is None else set(state.get("sourceConnectionIds", [])) == set(wanted)
    if unchanged or set(wanted) == set(shown):
        return []
    return [{"op": "replace", "path": "/sourceConnectionIds", "value": wanted}]


def _with_holder(selectors: list[Operation], live: Flow) -> list[Operation]:
    """Make what holds the selectors, if the service dropped it for being empty: the merges then made whole lists."""
    if not selectors or live.shows_selectors:
        return selectors
    params = {operation["path"].rpartition("/")[2]: operation["value"] for operation in selectors}
    if live.transformations:
        return [{"op": "add", "path": "/transformations/0/params", "value": params}]
    return [{"op": "add", "path": "/transformations", "value": [{"name": _TRANSFORMATION, "params": params}]}]


def refuse_to_lose(state: Bag, live: Flow, others: Others, *, stop: bool) -> None:
    """Raise `Conflict` for selectors that others changed: in additive mode, and where they are to `stop` us."""
    require_shown(state, live)
    if others.foreign and state.get("selectorOwnership") == "additive":
        message = f"others activated on it: {', '.join(others.foreign)}; deactivate them, or set force_destroy=True"
        raise Conflict(message)
    for verb, selectors in (("activated", others.foreign), ("deactivated", others.withdrawn)):
        if stop and selectors:
            message = f"others {verb} on it: {', '.join(selectors)}; run pulumi refresh first, or set force_destroy=True"
            raise Conflict(message)


def changes_of_others(name: str, others: Others) -> Iterator[str]:
    """Name what others changed since the last update or refresh, and what that leads to."""
    for selector in others.foreign:
        yield f"dataflow {name}: {selector} was activated by others and is left alone"
    for selector in others.withdrawn:
        consequence = "pulumi refresh, then up, activates it again"
        yield f"dataflow {name}: {selector} was deactivated by others and is left so; {consequence}"

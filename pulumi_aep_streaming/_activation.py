"""What a dataflow takes and sends, as a whole: its sources, and both lists of selectors. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pulumi_aep_streaming._selectors import ATTRIBUTES, SEGMENTS, Kind, Merge, describe, merge
from pulumi_aep_streaming._selectors import observed as observed_selectors
from pulumi_aep_streaming.flow_service.errors import Contested

if TYPE_CHECKING:
    from pulumi_aep_streaming.flow_service.models import Flow  # its models take longer to load than a program needs

_PROPERTIES: tuple[tuple[Kind, str], ...] = ((SEGMENTS, "segments"), (ATTRIBUTES, "profileAttributes"))
_TRANSFORMATION = "GeneralTransform"

# A new flow must be POSTed with empty selectors (Adobe's tutorial, step "create a dataflow").
NOTHING_ACTIVATED = [{"name": _TRANSFORMATION, "params": {kind.member: {"selectors": []} for kind, _ in _PROPERTIES}}]


@dataclass(frozen=True)
class Others:
    """What others activated or deactivated since the last update or refresh, in words."""

    foreign: list[str]
    withdrawn: list[str]


def operations(
    last: Mapping[str, Any] | None, goal: Mapping[str, Any], live: Flow, *, titles: bool = True
) -> list[dict[str, Any]]:
    """Return the JSON Patch operations for sources and selectors; `titles`: for names and descriptions of them as well."""
    require_shown(last or {}, live)
    selectors = [operation for _, merged in _merges(last, goal, live, titles=titles) for operation in merged.operations]
    return [*_source_operations(last, goal, live), *_with_holder(selectors, live)]


def require_shown(state: Mapping[str, Any], live: Flow) -> None:
    """Raise `Contested` if state has selectors and the service shows no lists of them: not shown is not empty."""
    if any(state.get(key) for _, key in _PROPERTIES) and not live.shows_selectors:
        message = (
            "the service does not show its selectors, so that nothing can be changed safely: try again; if that does not help, "
            "activate one in the UI, then run pulumi refresh"
        )
        raise Contested(message)


def compare(last: Mapping[str, Any] | None, goal: Mapping[str, Any], live: Flow) -> Others:
    """Return what only the service knows, and what only the program still knows."""
    merges = list(_merges(last, goal, live, titles=False))
    return Others(
        [describe(kind, selector) for kind, merged in merges for selector in merged.foreign],
        [describe(kind, selector) for kind, merged in merges for selector in merged.withdrawn],
    )


def carried(state: Mapping[str, Any], desired: Mapping[str, Any], live: Flow) -> dict[str, Any]:
    """Return the selectors that a replacement starts with: those desired, less what others deactivated, and what they added."""
    lists = {}
    for (kind, key), (_, merged) in zip(_PROPERTIES, _merges(state, desired, live, titles=False), strict=True):
        withdrawn = {selector[kind.identity] for selector in merged.withdrawn}
        kept = [selector for selector in desired.get(key, []) if selector[kind.identity] not in withdrawn]
        lists[key] = [*kept, *merged.foreign]
    return lists


def observed(state: Mapping[str, Any], live: Flow, *, foreign_too: bool) -> dict[str, list[dict[str, Any]]]:
    """Return both lists as the program would have to declare them now; none where the service does not show what state has."""
    if not live.shows_selectors and any(state.get(key) for _, key in _PROPERTIES):
        return {}
    return {
        key: observed_selectors(kind, state.get(key, []), live.selectors(kind.member), with_foreign=foreign_too)
        for kind, key in _PROPERTIES
    }


def _merges(
    last: Mapping[str, Any] | None, goal: Mapping[str, Any], live: Flow, *, titles: bool
) -> Iterator[tuple[Kind, Merge]]:
    for kind, key in _PROPERTIES:
        before = None if last is None else last.get(key, [])
        yield kind, merge(kind, before, goal.get(key, []), live.selectors(kind.member), titles=titles)


def _source_operations(last: Mapping[str, Any] | None, goal: Mapping[str, Any], live: Flow) -> list[dict[str, Any]]:
    wanted, shown = goal.get("sourceConnectionIds", []), live.source_connection_ids
    # A service that does not show them has taken what was just POSTed.
    unchanged = not shown if last is None else set(last.get("sourceConnectionIds", [])) == set(wanted)
    if unchanged or set(wanted) == set(shown):
        return []
    return [{"op": "replace", "path": "/sourceConnectionIds", "value": wanted}]


def _with_holder(selectors: list[dict[str, Any]], live: Flow) -> list[dict[str, Any]]:
    """Make what holds the selectors, if the service dropped it for being empty: the merges then made whole lists."""
    if not selectors or live.shows_selectors:
        return selectors
    params = {operation["path"].rpartition("/")[2]: operation["value"] for operation in selectors}
    if live.transformations:
        return [{"op": "add", "path": "/transformations/0/params", "value": params}]
    return [{"op": "add", "path": "/transformations", "value": [{"name": _TRANSFORMATION, "params": params}]}]

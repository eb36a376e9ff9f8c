"""Whether what a dataflow selects is there: segments of its sandbox, fields of the sample profiles. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from pulumi_aep_streaming.emulator.kinds import Json
from pulumi_aep_streaming.emulator.problems import flow_service

_ALWAYS_THERE = "segmentMembership"


def check_selectors(before: Json, after: Json, segments: list[Json], profiles: list[Json]) -> None:
    """Refuse segments and paths that a patch adds, and that are not there."""
    paths = {_ALWAYS_THERE, *(path for profile in profiles for path in _paths(profile))}
    for member, key, known in (
        ("segmentSelectors", "id", {each.get("audienceId", each["id"]) for each in segments}),
        ("profileSelectors", "path", paths),
    ):
        for value in selected(after, member, key):
            if value not in known and value not in selected(before, member, key):
                raise flow_service(1455, 400, f"Invalid value.{key} {value} in {member}: there is none")


def selected(flow: Json, member: str, key: str) -> list[str]:
    """Return the segment ids or attribute paths that a flow's selectors name."""
    return [value[key] for value in values(flow, member)]


def values(flow: Json, member: str) -> list[Json]:
    """Return what a flow's selectors hold."""
    return [
        selector["value"]
        for transformation in flow["transformations"]
        for selector in ((transformation.get("params") or {}).get(member) or {}).get("selectors", [])
    ]


def _paths(value: Any, above: str = "") -> Iterator[str]:
    """Yield the paths of all fields, those that hold fields included; a list holds none that a plain path can select."""
    for key, member in value.items() if isinstance(value, dict) else ():
        path = f"{above}.{key}".lstrip(".")
        yield path
        yield from _paths(member, path)

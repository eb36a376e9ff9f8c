"""Whether what a dataflow selects is there: audiences of its sandbox, fields of the profile. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from pulumi_aep_streaming.emulator.audiences import OWN
from pulumi_aep_streaming.emulator.kinds import Json
from pulumi_aep_streaming.emulator.problems import flow_service

Fields = Mapping[str, str | None]
"""Types by path, see `profile_schema.py`."""
_ALWAYS_THERE = "segmentMembership"
_OPEN = frozenset({"map", "object", None})
"""Types of fields that may have more members than are shown."""


def check_selectors(before: Json, after: Json, audiences: list[Json] | None, fields: Fields | None) -> None:
    """Refuse audiences and paths that a patch adds, and that are not there. What may not be read, None, may be there."""
    for value in selectors(after, "segmentSelectors") if audiences is not None else ():
        new = value["id"] not in selected(before, "segmentSelectors", "id")
        if new and not any(_names(value, audience) for audience in audiences or ()):
            raise flow_service(1455, 400, f"Invalid value.id {value['id']} in segmentSelectors: there is none")
    if fields is not None:
        known = _paths(fields)
        for path in selected(after, "profileSelectors", "path"):
            new = path not in {_ALWAYS_THERE, *selected(before, "profileSelectors", "path")}
            if new and not _is_there(path, fields, known):
                raise flow_service(1455, 400, f"Invalid value.path {path} in profileSelectors: there is none")


def selected(flow: Json, member: str, key: str) -> list[str]:
    """Return the segment ids or attribute paths that a flow's selectors name."""
    return [value[key] for value in selectors(flow, member)]


def selectors(flow: Json, member: str) -> list[Json]:
    """Return the values of a flow's selectors."""
    return [
        selector["value"]
        for transformation in flow["transformations"]
        for selector in ((transformation.get("params") or {}).get(member) or {}).get("selectors", [])
    ]


def _names(value: Json, audience: Json) -> bool:
    """Whether a selector names an audience: by its id in its namespace, and by its other id if it gives that."""
    return (
        value["id"] == audience.get("audienceId", audience["id"])
        and (value.get("namespace") or OWN) == (audience.get("namespace") or OWN)
        and (value.get("systemSegmentId") or audience["id"]) == audience["id"]
    )


def _paths(fields: Fields) -> set[str]:
    """Return the paths of all fields, and of what they are in."""
    return {path[:end] for path in fields for end in (*_ends(path), len(path))}


def _ends(path: str) -> Iterator[int]:
    """Yield where a step of a path ends, and another one follows."""
    yield from (place for place, mark in enumerate(path) if mark in ".[{" and place)


def _is_there(path: str, fields: Fields, known: set[str]) -> bool:
    """Whether a plain path leads to a field, or to where there may be any: it can name keys of a map, and nothing in a list."""
    at = ""
    for step in path.split("."):
        if not step or set(step) & set("[]{}"):
            return False
        member = f"{at}.{step}".lstrip(".")
        if member in known:
            at = member
        elif f"{at}{{}}" in known:
            at = f"{at}{{}}"
        else:
            return at in fields and fields[at] in _OPEN
    return True

"""Bags of values and their keys: how names are spelled, and how desired values compare with live ones. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

Bag = dict[str, Any]
"""A property bag: camelCase keys, plain JSON values."""

_EMPTY: tuple[Any, ...] = (None, [], {})
_UUID = re.compile(r"[0-9a-f]{8}-([0-9a-f]{4}-){3}[0-9a-f]{12}", re.IGNORECASE)


def to_camel(name: str) -> str:
    """Return a name as state and wire spell it: `sandboxName` for `sandbox_name`."""
    first, *rest = name.split("_")
    return first + "".join(map(str.capitalize, rest))


def to_snake(name: str) -> str:
    """Return a name as Python spells it."""
    return re.sub(r"(?<!^)(?=[A-Z])", "_", name).lower()


def is_uuid(text: str) -> bool:
    """Whether a text is a UUID, as the ids of the service are."""
    return _UUID.fullmatch(text) is not None


def is_own(namespace: Any) -> bool:
    """Whether an audience is the platform's own: of its namespace AEPSegments, or, as most selectors are, of none."""
    return not isinstance(namespace, str) or namespace.casefold() in {"", "aepsegments"}


def same(one: Any, other: Any) -> bool:
    """Whether two JSON values are equal: true is not 1, as it is in Python."""
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(same(value, other[key]) for key, value in one.items())
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(same, one, other))
    return isinstance(one, bool) == isinstance(other, bool) and bool(one == other)


def covers(desired: Any, live: Any) -> bool:
    """Whether a live value holds all that is desired of it.

    The service may have added members to objects, also in lists, and may leave out what is empty.
    """
    if isinstance(live, dict) and isinstance(desired, dict):
        return all(covers(value, live[key]) if key in live else value in _EMPTY for key, value in desired.items())
    if isinstance(live, list) and isinstance(desired, list):
        return len(live) == len(desired) and all(map(covers, desired, live))
    return same(desired, live)


def leaves_out(desired: Any, state: Any, live: Any) -> bool:
    """Whether a live value still has a member, at any depth, that state has, and that is no longer desired."""
    if isinstance(desired, dict) and isinstance(state, dict) and isinstance(live, dict):
        common = state.keys() & live.keys()
        return any(key not in desired or leaves_out(desired[key], state[key], live[key]) for key in common)
    if isinstance(desired, list) and isinstance(state, list) and isinstance(live, list):
        return len(desired) == len(state) == len(live) and any(map(leaves_out, desired, state, live))
    return False


def overlaid(desired: Any, state: Any, live: Any) -> Any:
    """Return a desired value, with the members kept that only the service knows: those that state does not have."""
    if not isinstance(live, dict) or not isinstance(desired, dict):
        return desired
    known = state if isinstance(state, dict) else {}
    kept = {key: value for key, value in live.items() if key not in known}
    return {**kept, **{key: overlaid(value, known.get(key), live.get(key)) for key, value in desired.items()}}


def shown_only(members: Mapping[str, Any]) -> Bag:
    """Return the members that the service shows; one that it leaves out is not known, which is not the same as gone."""
    return {key: value for key, value in members.items() if value}


def without_none(members: Mapping[str, Any]) -> Bag:
    """Return the members that are not None."""
    return {key: value for key, value in members.items() if value is not None}


def members_of(value: Any) -> Bag:
    """Return an object's members; what is none, or not known yet, has none."""
    return value if isinstance(value, dict) else {}


def secret_paths(bag: Bag) -> list[str]:
    """Return the paths of what the program marked secret."""
    paths = bag.get("secretInputs")
    return [path for path in paths if isinstance(path, str)] if isinstance(paths, list) else []


def value_at(bag: Bag, path: str) -> Any:
    """Return what is under a dotted path; if a key of it has a dot of its own, the whole property."""
    first, *rest = path.split(".")
    value = found = bag.get(first)
    for step in rest:
        if not isinstance(found, dict) or step not in found:
            return value
        found = found[step]
    return found


def texts_in(value: Any) -> list[str]:
    """Return all texts and numbers in a JSON value, at any depth."""
    if isinstance(value, dict):
        return [text for member in value.values() for text in texts_in(member)]
    if isinstance(value, list):
        return [text for item in value for text in texts_in(item)]
    return [str(value)] if isinstance(value, str | int | float) and not isinstance(value, bool) else []

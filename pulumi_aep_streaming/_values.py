"""Values and their keys: how names are spelled, and how declared values compare with what the service shows of them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any


def to_camel(name: str) -> str:
    """Return a name as state and wire spell it: `sandboxName` for `sandbox_name`."""
    first, *rest = name.split("_")
    return first + "".join(map(str.capitalize, rest))


def to_snake(name: str) -> str:
    """Return a name as Python spells it."""
    return re.sub(r"(?<!^)(?=[A-Z])", "_", name).lower()


def covers(live: Any, declared: Any) -> bool:
    """Whether a live value holds all that is declared of it; the service may have added members to objects, also in lists."""
    if isinstance(live, dict) and isinstance(declared, dict):
        return all(key in live and covers(live[key], value) for key, value in declared.items())
    if isinstance(live, list) and isinstance(declared, list):
        return len(live) == len(declared) and all(map(covers, live, declared))
    return bool(live == declared)


def overlaid(live: Any, last: Any, desired: Any) -> Any:
    """Return a desired value, with the members kept that only the service knows: those that `last` did not declare."""
    if not isinstance(live, dict) or not isinstance(desired, dict):
        return desired
    declared = last if isinstance(last, dict) else {}
    kept = {key: value for key, value in live.items() if key not in declared}
    return {**kept, **{key: overlaid(live.get(key), declared.get(key), value) for key, value in desired.items()}}


def shown_only(members: Mapping[str, Any]) -> dict[str, Any]:
    """Return the members that the service shows; one that it leaves out is not known, which is not the same as gone."""
    return {key: value for key, value in members.items() if value}


def texts_in(value: Any) -> list[str]:
    """Return all texts and numbers in a JSON value, at any depth."""
    if isinstance(value, dict):
        return [text for member in value.values() for text in texts_in(member)]
    if isinstance(value, list):
        return [text for item in value for text in texts_in(item)]
    return [] if value is None or isinstance(value, bool) else [str(value)]

"""The `property` filters and orders of list endpoints, as Adobe's guide to sorting and filtering describes them. Pure."""

from __future__ import annotations

import operator
import re
from collections.abc import Callable
from typing import Any

from pulumi_aep_streaming.emulator.kinds import Json
from pulumi_aep_streaming.emulator.problems import flow_service

_COMPARISONS: dict[str, Callable[[Any, Any], bool]] = {
    ">=": operator.ge,
    "<=": operator.le,
    ">": operator.gt,
    "<": operator.lt,
}


def matcher(condition: str) -> Callable[[Json], bool]:
    """Return the test that a `property=<path><op><value>` filter means. A comma in the value of `==` means "or"."""
    found = re.fullmatch(r"(?P<path>[\w.\[\]-]+?)(?P<op>==|>=|<=|>|<|~)(?P<value>.*)", condition, re.DOTALL)
    if not found:
        raise flow_service(1449, 400, f"Invalid filter [{condition}]")
    path, symbol, value = found["path"], found["op"], found["value"]
    if symbol == "~":
        raise flow_service(1440, 400, "Operator ~ is not implemented")
    if not value:
        raise flow_service(1453, 400, f"Filter on {path} has no value")
    if symbol == "==":
        wanted = set(value.split(","))
        return lambda item: any(_text(found) in wanted for found in values(item, path))
    if path == "id":
        raise flow_service(1448, 400, f"Operator {symbol} is not supported on id")
    if "," in value:
        raise flow_service(1443, 400, f"Operator {symbol} takes one value")
    compare = _COMPARISONS[symbol]
    return lambda item: any(_text(found) != "" and compare(_text(found), value) for found in values(item, path))


def ordered(items: list[Json], orderby: str) -> list[Json]:
    """Sort by comma-separated fields; `-` means descending."""
    for field in reversed(orderby.split(",")):
        key = field.strip().lstrip("+-")
        if not key:
            raise flow_service(1432, 400, f"Invalid orderby [{orderby}]")
        items = sorted(
            items, key=lambda item: _sortable(next(iter(values(item, key)), "")), reverse=field.strip().startswith("-")
        )
    return items


def values(item: Any, path: str) -> list[Any]:
    """Return all values under a dotted path; `[]` steps into every element of an array."""
    found = [item]
    for step in path.split("."):
        name = step.removesuffix("[]")
        found = [value[name] for value in found if isinstance(value, dict) and name in value]
        if step.endswith("[]"):
            found = [element for value in found if isinstance(value, list) for element in value]
    return found


def _text(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _sortable(value: Any) -> tuple[int, Any]:
    return (0, value) if isinstance(value, int) else (1, str(value))

"""The arguments of look-ups: which were left out, and which cannot be meant."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

import pulumi

_MOST_RUNS = 100  # of a page


class _Any:
    def __repr__(self) -> str:
        return "ANY"


ANY: Any = _Any()
"""The default of what narrows a list. None is no default: it is most often a config key that is not there."""


def told(arguments: Mapping[str, Any]) -> dict[str, Any]:
    """Return the arguments that were not left out."""
    return {name: value for name, value in arguments.items() if value is not ANY}


def of_several(function: str, arguments: Mapping[str, Any], may_be_none: Collection[str] = ("sandbox_name",)) -> None:
    """Raise `pulumi.RunError` for an argument that is no text, and for a None, which would find all."""
    for name, value in arguments.items():
        if value is None and name not in may_be_none:
            message = f"{function}: {name}: None; leave it out to find all"
            raise pulumi.RunError(message)
        if value is not None and not isinstance(value, str):
            message = f"{function}: {name}: must be a string, not {type(value).__name__}"
            raise pulumi.RunError(message)


def of_one(function: str, arguments: Mapping[str, Any]) -> None:
    """Raise `pulumi.RunError` for an argument that is no text, and unless there is either an id or a name."""
    of_several(function, arguments, may_be_none=arguments)
    if (arguments["id"] is None) == (arguments["name"] is None):
        message = f"{function}: looks up by id or by name: give one of them"
        raise pulumi.RunError(message)


def of_runs(function: str, arguments: Mapping[str, Any]) -> None:
    """Raise `pulumi.RunError` for what is not the id of a dataflow."""
    dataflow_id = arguments["id"] or None
    if dataflow_id is None:
        message = f"{function}: dataflow_id: required, but it is {arguments['id']!r}"
        raise pulumi.RunError(message)
    of_several(function, {"dataflow_id": dataflow_id, "sandbox_name": arguments["sandbox_name"]})


def refuse_number_of_runs(function: str, limit: Any) -> None:
    """Raise `pulumi.RunError` for what is no number of runs that can be asked for."""
    if isinstance(limit, bool) or not isinstance(limit, int) or not 1 <= limit <= _MOST_RUNS:
        message = f"{function}: limit: must be a whole number from 1 to {_MOST_RUNS}"
        raise pulumi.RunError(message)

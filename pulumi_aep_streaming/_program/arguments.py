"""The arguments of look-ups: which cannot be meant."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pulumi

_MOST_RUNS = 100  # of a page


def of_several(function: str, arguments: Mapping[str, Any]) -> None:
    """Raise `pulumi.RunError` for an argument that is no text."""
    for name, value in arguments.items():
        if value is not None and not isinstance(value, str):
            message = f"{function}: {name}: must be a string, not {type(value).__name__}"
            raise pulumi.RunError(message)


def of_one(function: str, arguments: Mapping[str, Any]) -> None:
    """Raise `pulumi.RunError` for an argument that is no text, and unless there is either an id or a name."""
    of_several(function, arguments)
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

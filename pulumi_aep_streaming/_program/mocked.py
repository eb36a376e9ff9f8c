"""A unit test with `pulumi.runtime.set_mocks`: what its mocks answer in place of a look-up."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from typing import Any, TypeVar

import pulumi

from pulumi_aep_streaming._core.values import to_camel

T = TypeVar("T")


def as_results(class_: type[T], answer: Mapping[str, Any]) -> list[T]:
    """Return the results that mocks answer as the one list in a dict: `{"segments": [{"id": ..., "name": ...}]}`."""
    listed = next((value for value in answer.values() if isinstance(value, list)), [])
    return [as_result(class_, members) for members in listed]


def as_result(class_: Any, answer: Mapping[str, Any]) -> Any:
    """Return the result that mocks answer as a dict, with camelCase keys as a provider's would be; what it lacks is None."""
    return class_(
        **{field.name: _member(field.metadata.get("of"), answer.get(to_camel(field.name))) for field in fields(class_)}
    )


def _member(class_: Any, answer: Any) -> Any:
    """Return a member of a result that mocks answer; one that is a list of results says of which class."""
    return [as_result(class_, each) for each in answer] if class_ and isinstance(answer, list) else answer


def under_mocks() -> bool:
    """Whether this is a unit test with `pulumi.runtime.set_mocks`, which stand for all that a program calls."""
    return isinstance(pulumi.runtime.settings.SETTINGS.monitor, pulumi.runtime.mocks.MockMonitor)

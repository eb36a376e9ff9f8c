"""Property bags as the engine hands them over and wants them back, and as the core knows them.

The engine hands over numbers as floats, drops None, adds `__provider`, and has an object of its own for what is not known yet.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pulumi

from pulumi_aep_streaming._core.changes import UNKNOWN
from pulumi_aep_streaming._core.values import Bag
from pulumi_aep_streaming.flow_service.text_of_others import colourless

_ENGINE_UNKNOWN: Any = pulumi.output.UNKNOWN


def from_engine(bag: Bag) -> Bag:
    """Return a bag without `__provider`, with whole numbers as integers again."""
    return {key: _known(value) for key, value in bag.items() if key != "__provider"}


def to_engine(bag: Bag) -> Bag:
    """Return a bag as the engine wants it."""
    return {key: _unknown(value) for key, value in bag.items()}


def without_colours_of_others(state: Bag, *bags: Bag) -> Bag:
    """Return what is to be stored without the colour tags that others wrote: those that are not in the engine's own bags."""
    known = frozenset(text for bag in bags for text in _keys_and_texts(bag))
    return {key: colourless(value, known) for key, value in state.items()}


def _keys_and_texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        yield from value
        for member in value.values():
            yield from _keys_and_texts(member)
    elif isinstance(value, list):
        for item in value:
            yield from _keys_and_texts(item)


def _known(value: Any) -> Any:
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if isinstance(value, dict):
        return {key: _known(member) for key, member in value.items()}
    if isinstance(value, list):
        return [_known(item) for item in value]
    return UNKNOWN if isinstance(value, pulumi.output.Unknown) else value


def _unknown(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _unknown(member) for key, member in value.items()}
    if isinstance(value, list):
        return [_unknown(item) for item in value]
    return _ENGINE_UNKNOWN if value is UNKNOWN else value

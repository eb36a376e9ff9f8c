"""Values that no program can have meant, whatever the property: what does not arrive, and what is no value at all. Pure."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from typing import Any

from pulumi_aep_streaming._core.values import Bag, members_of, to_snake

_LEAST_INEXACT = 2**53  # the engine hands over numbers as doubles, which from here on leave out some
_PRINTED = re.compile(r"Calling __str__ on an Output|<[\w.]+ object at 0x[0-9A-Fa-f]+>")
"""What an Output or a resource becomes in an f-string."""


def unmeant(desired: Bag, state: Bag) -> Iterator[str]:
    """Yield a line for each value that cannot be meant; a property that is as state holds it is let be."""
    for key, value in desired.items():
        if key not in state or state[key] != value:
            yield from _unmeant(to_snake(key), value, state.get(key))


def _unmeant(where: str, value: Any, state: Any) -> Iterator[str]:
    if isinstance(value, dict):
        for key, member in value.items():
            yield from _unmeant(f"{where}.{key}", member, members_of(state).get(key))
    elif isinstance(value, list):
        for position, item in enumerate(value):
            yield from _unmeant(f"{where}[{position}]", item, item if isinstance(state, list) and item in state else None)
    elif isinstance(value, str) and value != state and _PRINTED.search(value):
        yield f"{where}: holds what Python prints of an Output, and not its value: use pulumi.Output.concat, or apply"
    elif isinstance(value, float) and not math.isfinite(value):
        yield f"{where}: no number that JSON can carry; pass it as text"
    elif isinstance(value, int | float) and abs(value) >= _LEAST_INEXACT:
        yield f"{where}: a whole number from 2^53 on does not reach the provider as it was written; pass it as text"

"""JSON that others wrote, made fit for what Python, files and the engine can hold.

JSON may hold halves of characters, numbers beyond all floats, and any depth. Each is legal, and an encoder, a state or a
recursive function dies of it.
"""

from __future__ import annotations

import json
import math
import re
from typing import Any

_DEEPEST = 32  # an object of Flow Service has about 10 levels, and what carries a state (protobuf) gives up between 30 and 50
_KEPT = 4 * _DEEPEST  # enough to be told for too deep
_MOST_DIGITS = 308  # of what a double can hold
_MARK = re.compile(r'["\[\]{}]')
_MOST_CHARACTERS_DEEP = 2**21  # to walk through more takes seconds, and no object of the service is so large
_STAND_IN = "\N{REPLACEMENT CHARACTER}"
_HALF = re.compile("[\ud800-\udfff]")
# Escaped backslashes and whole pairs are matched to be left as they are.
_ESCAPED_HALF = re.compile(r"\\\\|\\u[dD][89abAB]..\\u[dD][c-fC-F]..|\\u[dD][89a-fA-F]..")


def parsed(content: bytes) -> Any:
    """Return a value; what no text can hold is replaced, and a number that no float can hold is text. Raises `ValueError`."""
    text = _decoded(content)
    if r"\ud" in text or r"\uD" in text:
        text = _ESCAPED_HALF.sub(lambda found: found[0] if len(found[0]) in {2, 12} else _STAND_IN, text)
    try:
        return _loaded(text)
    except RecursionError:
        return _loaded(_shallow(text))


def is_deep(value: Any) -> bool:
    """Whether a value is nested so deeply that a state could not hold it."""
    level = [value]
    for _ in range(_DEEPEST):
        level = [
            inner
            for outer in level
            if isinstance(outer, dict | list)
            for inner in (outer.values() if isinstance(outer, dict) else outer)
        ]
        if not level:
            return False
    return True


def _decoded(content: bytes) -> str:
    encoding = json.detect_encoding(content)
    try:
        return content.decode(encoding)
    except UnicodeDecodeError:
        return _HALF.sub(_STAND_IN, content.decode(encoding, "surrogatepass"))


def _loaded(text: str) -> Any:
    return json.loads(text, parse_int=_whole, parse_float=_float, parse_constant=str)


def _whole(text: str) -> int | str:
    return int(text) if len(text) <= _MOST_DIGITS else text


def _float(text: str) -> float | str:
    found = float(text)
    return found if math.isfinite(found) else text


def _shallow(text: str) -> str:
    """Return the text with null for what is nested too deeply to be parsed, so that all around it can be read."""
    if len(text) > _MOST_CHARACTERS_DEEP:
        raise ValueError
    kept, depth, start, mark = [], 0, 0, _MARK.search(text)
    while mark is not None:
        after = mark.end()
        if mark[0] == '"':
            after = _end_of_string(text, mark.start())
        elif mark[0] in "[{":
            depth += 1
            if depth == _KEPT + 1:
                kept.append(text[start : mark.start()])
        else:
            if depth == _KEPT + 1:
                kept.append("null")
                start = after
            depth -= 1
        mark = _MARK.search(text, after)
    rest = text[start:] if depth <= _KEPT else ""  # it is cut off, or no JSON
    return "".join([*kept, rest])


def _end_of_string(text: str, start: int) -> int:
    """Return where the string ends that begins with the quote at `start`."""
    end = start
    while (end := text.find('"', end + 1)) >= 0:
        escapes = 0
        while text[end - 1 - escapes] == "\\":
            escapes += 1
        if escapes % 2 == 0:
            return end + 1
    return len(text)

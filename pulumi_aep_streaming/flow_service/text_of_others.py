"""Text that others wrote (names, descriptions, errors, ids, owners in markers), made fit for a line that a person reads.

Whoever shows a line passes it through `harmless`: messages, logs, cells of tables, questions, headings, comments, commands. It
stays what people write: accents, any script, emoji.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from typing import Any

_LONGEST = 600
_GAP = " ... "
_STAND_IN = "\N{REPLACEMENT CHARACTER}"
# Controls (C0, DEL, C1: escapes begin with one), bidi controls, halves of characters, and what takes no room on a screen; but
# for the two joiners, which Persian, the languages of India and emoji need.
_UNSHOWABLE = re.compile(
    "[\x00-\x1f\x7f-\x9f\xad\u061c\u180e\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\ud800-\udfff\ufeff\ufff9-\ufffb"
    "\U000e0000-\U000e007f]"
)
# A tag of the engine's colours: it panics at one that it does not know, and loses all text after one that does not end.
_COLOUR_TAG, _BROKEN_TAG = "<{%", "<{ %"


def colourless(value: Any, known: Collection[str] = ()) -> Any:
    """Return a JSON value without colour tags, for an engine that will show it; texts that are `known` stay as they are."""
    if isinstance(value, str):
        return value if value in known else value.replace(_COLOUR_TAG, _BROKEN_TAG)
    if isinstance(value, dict):
        return {colourless(key, known): colourless(member, known) for key, member in value.items()}
    return [colourless(item, known) for item in value] if isinstance(value, list) else value


def harmless(text: str, longest: int = _LONGEST) -> str:
    """Return a text as one line of bounded length, without anything that a terminal or the engine would act upon."""
    # Line breaks first, as a word boundary is all that they say; then what is left between words.
    line = _UNSHOWABLE.sub(_STAND_IN, " ".join(text.split())).replace(_COLOUR_TAG, _BROKEN_TAG)
    if len(line) <= longest:
        return line
    kept = longest - len(_GAP)
    return line[: kept - kept // 2] + _GAP + line[len(line) - kept // 2 :]

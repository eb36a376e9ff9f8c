"""Text and JSON that others wrote: what becomes of it before a person, a file or the engine gets it."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pulumi_aep_streaming.flow_service.json_of_others import is_deep, parsed
from pulumi_aep_streaming.flow_service.text_of_others import colourless, harmless

HOSTILE = {
    "an unknown colour of the engine": "Autumn <{%x%}> sale",
    "a colour that does not end": "x<{%",
    "a colour inside of a colour": "<{<{%%",
    "a window title": "A\x1b]0;PWNED\x07B",
    "a cursor movement": "A\x1b[2K\x1b[1AB",
    "an escape of one byte": "A\x9b2KB",
    "a backspace": "evil\b\b\b\bgood",
    "a forged line": "x\n  error: the account is lost",
    "line breaks of all kinds": "a\rb\vc\fd\x85e\u2028f\u2029g\x1ch",
    "another direction": "a\u202eb\u2066c\u200fd",
    "nothing": "a\x00b",
    "half of a character": "Sale \ud83d",
    "what cannot be seen": "a\u200bb\ufeffc\u2060d\U000e0041e",
    "a book": "y" * 1_000_000,
}


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
def test_hostile_text_becomes_one_line_that_nothing_acts_upon(text):
    line = harmless(text)
    assert len(line) <= 600
    assert line.isprintable()
    assert "<{%" not in line
    line.encode()


@pytest.mark.parametrize(
    "name",
    [
        "Été à Zürich",
        "夏のキャンペーン",
        "한국어",
        "قائمة العملاء",
        "רשימה",
        "می‌خواهم",
        "क्षत्रिय",
        "🎉 Sale 👨‍👩‍👧‍👦",
        "[VIP] 50% <b>off</b> :tada: {x}",
    ],
)
def test_what_people_write_stays_as_it_is(name):
    assert harmless(name) == name


def test_a_long_text_keeps_its_end_where_the_advice_is():
    assert harmless("x" * 1000 + "; do this", 40).endswith("; do this")
    assert len(harmless("x" * 1000, 40)) == 40


@given(st.text(st.characters()), st.integers(20, 100))
def test_any_text_is_made_harmless_and_once_is_enough(text, longest):
    line = harmless(text, longest)
    assert len(line) <= longest
    assert len(line.splitlines()) <= 1
    line.encode()
    assert harmless(line) == " ".join(line.split())


def test_the_engine_is_shown_no_colour_of_others_and_what_it_knows_stays():
    found = {"name": "a<{%x%}>", "mine": "b<{%", "list": [{"c<{%": 5}]}
    assert colourless(found, {"b<{%"}) == {"name": "a<{ %x%}>", "mine": "b<{%", "list": [{"c<{ %": 5}]}


@pytest.mark.parametrize(
    ("written", "read"),
    [
        (rb'"x\ud83d"', "x\ufffd"),
        (rb'"\ude00\uD83D"', "\ufffd\ufffd"),
        (rb'"\ud83d\ude00 \\ud83d"', "\N{GRINNING FACE} \\ud83d"),
        ('"\ud83d"'.encode("utf-8", "surrogatepass"), "\ufffd"),
        (b"[1e999, -1e999, NaN, Infinity]", ["1e999", "-1e999", "NaN", "Infinity"]),
        (b"1" * 400, "1" * 400),
        (b"-12.5e3", -12500.0),
        ('{"é": null}'.encode("utf-16"), {"é": None}),
        (b'\xef\xbb\xbf{"a": true}', {"a": True}),
    ],
)
def test_what_no_file_could_hold_is_replaced_where_json_is_read(written, read):
    assert parsed(written) == read


@pytest.mark.parametrize("written", [b"", b"{", b"\xff", b"[" * 100_000, b"[}" * 5, b'"\\', b"]" * 3, b"nul"])
def test_what_is_no_json_is_a_value_error(written):
    with pytest.raises(ValueError, match=r"."):
        parsed(written)


@pytest.mark.parametrize("levels", [100, 1000, 100_000])
def test_what_is_nested_without_end_spoils_only_itself(levels):
    deep = b'{"a":' * levels + b'["}"]' + b"}" * levels
    first, odd, last = parsed(b'[{"id": "x"}, ' + deep + b', {"id": "y"}]')
    assert [is_deep(item) for item in (first, odd, last)] == [False, True, False]
    assert last == {"id": "y"}


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=20,
)


@given(JSON, st.booleans())
def test_all_other_json_is_read_as_it_is(value, ascii_only):
    assert parsed(json.dumps(value, ensure_ascii=ascii_only).encode()) == value

"""What comes in headers and etags, whatever it is: laws, by hypothesis."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pulumi_aep_streaming.flow_service.models import quoted
from pulumi_aep_streaming.flow_service.transport import seconds_asked

BARE = st.text(st.characters(exclude_characters='"\\', exclude_categories=["C", "Z"]), min_size=1)
DATES = st.builds(
    "{}, {:02d} {} {} {:02d}:{:02d}:{:02d} {}".format,
    st.sampled_from(["Mon", "Wed", "Xyz", ""]),
    st.integers(0, 99),
    st.sampled_from(["Jan", "Nov", "Abc"]),
    st.integers(0, 99_999),
    *[st.integers(0, 99)] * 3,
    st.sampled_from(["GMT", "+9999", "-0000", "EST", ""]),
)


@given(BARE)
def test_an_etag_gets_one_pair_of_quotes_however_many_it_had(bare):
    ways = [bare, f'"{bare}"', f'\\"{bare}\\"', f'"\\"{bare}\\""', f'  "{bare}" ']
    assert {quoted(way) for way in ways} == {f'"{bare}"'}


@given(st.text())
def test_quoting_twice_changes_nothing(etag):
    assert quoted(quoted(etag)) == quoted(etag)


@given(st.text(st.characters(max_codepoint=255)) | DATES | st.integers().map(str) | st.floats().map(str))
def test_a_retry_after_of_any_kind_is_seconds_from_now_on_or_nothing(text):
    asked = seconds_asked(text)
    assert asked is None or (asked >= 0 and math.isfinite(asked))


@pytest.mark.parametrize(("text", "seconds"), [("120", 120), ("0", 0), ("Wed, 21 Oct 2015 07:28:00 GMT", 0), ("soon", None)])
def test_a_retry_after_is_seconds_or_a_date(text, seconds):
    assert seconds_asked(text) == seconds

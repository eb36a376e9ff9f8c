"""Whatever is declared: it is either accepted and stays as it is, or refused in lines that name the place and not the value."""

from __future__ import annotations

import pulumi
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic.alias_generators import to_camel

from pulumi_aep_streaming._declared import (
    BaseConnectionInputs,
    DataflowInputs,
    SourceConnectionInputs,
    TargetConnectionInputs,
    check,
)
from pulumi_aep_streaming._inputs import differences, from_engine, is_unknown

MODELS = [BaseConnectionInputs, SourceConnectionInputs, TargetConnectionInputs, DataflowInputs]
NESTED = ["id", "name", "description", "path", "operator", "mapping", "specName", "params", "plainParams", "odd"]
SECRET = "TOPSECRET"
UNKNOWN = pulumi.output.Unknown()

SCALARS = st.one_of(
    st.just(SECRET),
    st.just("\u0000\n\r" + SECRET),
    st.just("x" * 10_000),
    st.text(max_size=20),
    st.booleans(),
    st.floats(allow_nan=False, allow_infinity=False),
    st.just(UNKNOWN),
)
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from(NESTED), inner, max_size=5),
    max_leaves=12,
)
GOOD = {
    "name": "x",
    "connectionSpecId": "spec",
    "baseConnectionId": "base",
    "params": {},
    "sourceConnectionIds": ["s"],
    "targetConnectionIds": ["t"],
    "flowSpecId": "spec",
}


@st.composite
def bags(draw, model):
    keys = [to_camel(name) for name in model.model_fields]
    nonsense = draw(st.dictionaries(st.sampled_from([*keys, "odd"]), VALUES, max_size=6))
    return {**{key: value for key, value in GOOD.items() if key in keys}, **nonsense}


@pytest.mark.parametrize("model", MODELS)
@given(st.data())
@settings(max_examples=300, deadline=None)
def test_nonsense_is_accepted_as_it_is_or_refused_in_lines_that_name_the_place(model, data):
    bag = from_engine(data.draw(bags(model)))
    normal, lines = check(model, {}, bag)
    for line in lines:
        assert "\n" not in line
        assert line.split(":")[0].replace("_", "").replace(".", "").replace("[", "").replace("]", "").isalnum()
        assert SECRET not in line
    if not lines:
        again, none = check(model, normal, normal)
        assert none == []
        known = not any(map(has_unknown, normal.values()))
        assert not known or again == normal
        assert not known or differences(model, normal, again).changed == []


def has_unknown(value):
    if isinstance(value, dict):
        return any(map(has_unknown, value.values()))
    return any(map(has_unknown, value)) if isinstance(value, list) else is_unknown(value)

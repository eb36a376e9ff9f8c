"""Whatever is declared: it is either accepted and stays as it is, or refused in lines that name the place and not the value."""

from __future__ import annotations

import contextlib

import pulumi
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pulumi.runtime import rpc
from pydantic.alias_generators import to_camel
from support import under_mocks
from support.providing import KNOWN

import pulumi_aep_streaming as aep
from pulumi_aep_streaming._core.changes import differences, has_unknown
from pulumi_aep_streaming._core.inputs import check
from pulumi_aep_streaming._core.kinds.table import KINDS
from pulumi_aep_streaming._core.process_memory import Memory
from pulumi_aep_streaming._core.settings import load
from pulumi_aep_streaming._dynamic.property_bags import from_engine
from pulumi_aep_streaming.cli._import_file import PROVIDERS

MODELS = [kind.inputs for kind in KINDS]
MODELS_OF = dict(zip((aep.BaseConnection, aep.SourceConnection, aep.TargetConnection, aep.Dataflow), MODELS, strict=True))
NESTED = ["id", "name", "description", "path", "operator", "mapping", "specName", "params", "plainParams", "odd"]
NESTED += ["systemSegmentId", "namespace", "system_segment_id"]
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
@settings(max_examples=300)
def test_nonsense_is_accepted_as_it_is_or_refused_in_lines_that_name_the_place(model, data):
    bag = from_engine(data.draw(bags(model)))
    normal, lines, _ = check(model, KNOWN, bag, {})
    for line in lines:
        assert "\n" not in line
        assert line.split(":")[0].replace("_", "").replace(".", "").replace("[", "").replace("]", "").isalnum()
        assert SECRET not in line
    if not lines:
        again, none, _ = check(model, KNOWN, normal, normal)
        assert none == []
        known = not any(map(has_unknown, normal.values()))
        assert not known or again == normal
        assert not known or differences(model, again, normal).changed == []


WORDS = st.sampled_from(["a", "b", "c.d", SECRET, "x" * 300])
MEMBERS = st.dictionaries(WORDS, WORDS | st.integers(0, 9) | st.booleans() | st.just(UNKNOWN), max_size=3)
LISTED = st.lists(WORDS, max_size=4, unique=True)
GOOD_VALUES = {
    "name": WORDS,
    "description": WORDS,
    "params": MEMBERS,
    "secretParams": MEMBERS.map(lambda members: {f"secret {key}": value for key, value in members.items()}),
    "auth": st.fixed_dictionaries({"specName": WORDS, "params": MEMBERS}, optional={"plainParams": MEMBERS}),
    "segments": LISTED.map(lambda ids: [{"id": id_, "name": id_} for id_ in ids])
    | LISTED.map(lambda ids: [{"id": id_, "systemSegmentId": id_, "namespace": "x"} for id_ in ids])
    | st.just([{"id": "a", "systemSegmentId": UNKNOWN, "namespace": UNKNOWN}])
    | st.just(UNKNOWN),
    "profileAttributes": LISTED.map(lambda paths: [{"path": path, "operator": "EXISTS"} for path in paths]),
    "sourceConnectionIds": st.lists(WORDS, min_size=1, unique=True),
    "enabled": st.booleans() | st.just(UNKNOWN),
    "dataFormat": WORDS,
    "flowSpecVersion": WORDS,
    "managedBy": st.sampled_from(["a/b/c#00000000", "a/b/d#00000001"]),
    "secretInputs": st.just(["name", "params.a", "segments"]),
}


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.noun)
@given(st.data())
@settings(max_examples=50)
def test_whatever_is_accepted_can_be_compared_with_whatever_is_stored_and_announced(kind, data):
    keys = set(map(to_camel, kind.inputs.model_fields))
    good = {key: value for key, value in {**GOOD, "segments": [], "profileAttributes": []}.items() if key in keys}
    values = st.fixed_dictionaries({}, optional={key: value for key, value in GOOD_VALUES.items() if key in keys})
    state, desired = ({**good, **data.draw(values, label=label)} for label in ("state", "desired"))
    state = {key: value for key, value in state.items() if not has_unknown(from_engine({key: value}))}
    provider = type(PROVIDERS[kind.type_name])()  # whoever is served cannot be pickled any more
    provider.serve(load({}, {}), Memory())
    provider.diff("id", {**state, "nonce": "00000000"}, desired)


PLAIN = st.recursive(
    st.one_of(st.none(), st.just(SECRET), st.integers(), st.booleans(), st.binary(max_size=2), st.just(object())),
    lambda inner: (
        st.lists(inner, max_size=2)
        | st.dictionaries(st.sampled_from([*NESTED, "stream", "region", "secret_key", 5]), inner, max_size=3)
        | st.builds(aep.SegmentSelectorArgs, id=inner, system_segment_id=inner, namespace=inner)
        | st.builds(aep.ProfileSelectorArgs, path=inner, mapping=inner)
        | st.builds(aep.KinesisAuthArgs, access_key_id=inner, secret_key=inner, region=inner)
        | st.builds(aep.EventHubsAuthArgs, sas_key_name=inner, sas_key=inner, namespace=inner)
        | st.builds(
            aep.EventHubsEntraAuthArgs,
            tenant_id=inner,
            client_id=inner,
            client_secret=inner,
            namespace=inner,
            spec_name=inner,
        )
        | st.builds(aep.AuthArgs, spec_name=inner, params=inner, plain_params=inner)
        | st.builds(aep.KinesisTargetArgs, stream=inner, region=inner)
    ),
    max_leaves=6,
)
ARGUMENTS = {
    aep.BaseConnection: ("connection_spec_id", "auth", "name", "description"),
    aep.SourceConnection: ("base_connection_id", "params", "data_format"),
    aep.TargetConnection: ("base_connection_id", "params", "secret_params", "connection_spec_id"),
    aep.Dataflow: ("source_connection_ids", "target_connection_ids", "segments", "profile_attributes", "enabled"),
}


class Refusing(pulumi.runtime.mocks.MockMonitor):
    """Keeps what reaches the engine, and refuses it as a failed `check` does."""

    def RegisterResource(self, request):  # noqa: N802 (a method of the engine's service)
        if not request.custom:  # the stack
            return super().RegisterResource(request)
        self.bag = rpc.deserialize_properties(request.object)
        raise pulumi.RunError("refused by check")


@pytest.mark.parametrize("kind", ARGUMENTS, ids=lambda kind: kind.__name__)
@given(st.data())
@settings(max_examples=100)
def test_nonsense_in_a_program_reaches_check_or_is_refused_in_one_line(kind, data):
    arguments = {name: data.draw(PLAIN, label=name) for name in ARGUMENTS[kind]}
    monitor = Refusing(None)
    said = []

    def declare():
        try:
            kind("x", **arguments)
        except pulumi.RunError as refused:
            said.append(str(refused))

    with contextlib.suppress(pulumi.RunError):
        under_mocks.run(declare, monitor)
    said += [] if said else check(MODELS_OF[kind], KNOWN, from_engine(monitor.bag), {})[1]
    assert not any("\n" in line or SECRET in line for line in said)

"""`check`, `differences` and `observe` are pure: dictionaries in, dictionaries out."""

from __future__ import annotations

import pulumi
import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.providing import KNOWN

from pulumi_aep_streaming._core.changes import UNKNOWN, Unordered, differences, in_stored_order, is_stored, observe
from pulumi_aep_streaming._core.inputs import check
from pulumi_aep_streaming._core.kinds.base_connection import BaseConnectionInputs
from pulumi_aep_streaming._core.kinds.dataflow import DataflowInputs
from pulumi_aep_streaming._core.kinds.source_connection import SourceConnectionInputs
from pulumi_aep_streaming._core.kinds.target_connection import TargetConnectionInputs
from pulumi_aep_streaming._core.values import to_camel, to_snake
from pulumi_aep_streaming._dynamic.property_bags import from_engine, to_engine

KINESIS = "86043421-563b-46ec-8e6c-e23184711bf6"
FLOW = {
    "name": "f",
    "sourceConnectionIds": ["s"],
    "targetConnectionIds": ["t"],
    "flowSpecId": "spec",
    "segments": [],
    "profileAttributes": [],
}
TARGET = {"name": "t", "baseConnectionId": "b", "connectionSpecId": KINESIS, "params": {"stream": "s", "region": "r"}}
AUTH = {"specName": "Aws Kinesis authentication credentials", "params": {"accessKeyId": "a", "secretKey": "s", "region": "r"}}


def test_the_engines_floats_are_whole_again_and_its_own_key_is_gone():
    bag = {"__provider": "x", "n": 3.0, "half": 0.5, "deep": [{"port": 8080.0}], "yes": True}
    assert from_engine(bag) == {"n": 3, "half": 0.5, "deep": [{"port": 8080}], "yes": True}
    assert isinstance(from_engine(bag)["deep"][0]["port"], int)


def test_what_the_engine_does_not_know_yet_is_not_known_at_any_depth_and_goes_back_as_it_came():
    bag = {"a": pulumi.output.Unknown(), "deep": [{"b": pulumi.output.Unknown(), "c": 1}]}
    assert from_engine(bag) == {"a": UNKNOWN, "deep": [{"b": UNKNOWN, "c": 1}]}
    back = to_engine(from_engine(bag))
    assert isinstance(back["a"], pulumi.output.Unknown)
    assert isinstance(back["deep"][0]["b"], pulumi.output.Unknown)
    assert back["deep"][0]["c"] == 1


def test_defaults_are_filled():
    normal, lines, _ = check(DataflowInputs, KNOWN, FLOW, {})
    assert lines == []
    assert normal == {
        **FLOW,
        "selectorOwnership": "exclusive",
        "forceDestroy": False,
        "flowSpecVersion": "1.0",
    }


@pytest.mark.parametrize("key", ["name", "sourceConnectionIds", "segments", "profileAttributes", "enabled", "flowSpecId"])
def test_an_unknown_passes_through_check(key):
    normal, lines, _ = check(DataflowInputs, KNOWN, {**FLOW, key: UNKNOWN}, {})
    assert lines == []
    assert normal[key] is UNKNOWN


@pytest.mark.parametrize(
    "segments",
    [[UNKNOWN], [{"id": UNKNOWN}], [{"id": "a"}, UNKNOWN, {"id": UNKNOWN, "name": UNKNOWN}]],
)
def test_unknown_selectors_pass_through_check_at_any_depth_and_are_all_kept(segments):
    olds = check(DataflowInputs, KNOWN, {**FLOW, "segments": [{"id": "z"}, {"id": "a"}]}, {})[0]
    normal, lines, _ = check(DataflowInputs, KNOWN, {**FLOW, "segments": segments}, olds)
    assert lines == []
    assert len(normal["segments"]) == len(segments)
    assert "segments" in differences(DataflowInputs, normal, olds).changed


def test_unknown_credentials_pass_through_check():
    bag = {"name": "k", "connectionSpecId": KINESIS, "auth": {**AUTH, "params": {**AUTH["params"], "secretKey": UNKNOWN}}}
    normal, lines, _ = check(BaseConnectionInputs, KNOWN, bag, {})
    assert lines == []
    assert normal["auth"]["params"]["secretKey"] is UNKNOWN
    assert check(BaseConnectionInputs, KNOWN, {**bag, "auth": UNKNOWN}, {})[1] == []


def test_a_problem_names_the_path_and_never_the_value():
    bag = {**FLOW, "targetConnectionIds": ["ok", "TOP SECRET"], "name": 5}
    assert check(DataflowInputs, KNOWN, bag, {})[1] == [
        "name: must be a string",
        "target_connection_ids[1]: is empty or holds characters that it cannot have",
    ]
    segments = [{"id": "ok"}, {"id": "TOP SECRET"}]
    assert check(DataflowInputs, KNOWN, {**FLOW, "segments": segments}, {})[1] == [
        "segments[1].id: is empty or holds characters that it cannot have"
    ]


def test_a_member_that_may_only_be_replaced_replaces_only_when_it_goes_from_one_value_to_another():
    with_auth = {"auth": AUTH}
    other = {"auth": {**AUTH, "specName": "another"}}
    rotated = {"auth": {**AUTH, "params": {"secretKey": "new"}}}
    assert differences(BaseConnectionInputs, other, with_auth).replaced == ["auth.specName"]
    assert differences(BaseConnectionInputs, {"auth": UNKNOWN}, with_auth).replaced == ["auth"]
    for olds, news in ((with_auth, rotated), ({}, with_auth), (with_auth, {}), ({}, {"auth": UNKNOWN})):
        found = differences(BaseConnectionInputs, news, olds)
        assert (found.changed, found.replaced) == (["auth"], [])


@pytest.mark.parametrize(
    ("model", "key", "replaces"),
    [
        (TargetConnectionInputs, "name", False),
        (TargetConnectionInputs, "description", False),
        (TargetConnectionInputs, "managedBy", False),
        (TargetConnectionInputs, "params", False),
        (TargetConnectionInputs, "secretParams", False),
        (TargetConnectionInputs, "sandboxName", True),
        (TargetConnectionInputs, "connectionSpecId", True),
        (TargetConnectionInputs, "connectionSpecVersion", True),
        (TargetConnectionInputs, "baseConnectionId", True),
        (TargetConnectionInputs, "dataFormat", True),
        (DataflowInputs, "segments", False),
        (DataflowInputs, "profileAttributes", False),
        (DataflowInputs, "sourceConnectionIds", False),
        (DataflowInputs, "enabled", False),
        (DataflowInputs, "targetConnectionIds", True),
        (DataflowInputs, "flowSpecId", True),
        (DataflowInputs, "flowSpecVersion", True),
    ],
)
def test_each_field_says_whether_it_replaces_also_when_it_is_not_known_yet(model, key, replaces):
    for new in ("new", UNKNOWN):
        found = differences(model, {key: new}, {key: "old"})
        assert (found.changed, found.replaced) == ([key], [key] if replaces else [])


@pytest.mark.parametrize("key", ["adoptId", "orgId"])
def test_adding_or_removing_what_only_create_looks_at_is_no_change(key):
    assert differences(DataflowInputs, {}, {key: "old"}).changed == []
    assert differences(DataflowInputs, {key: "new"}, {}).changed == []


@given(st.lists(st.integers(0, 9), unique=True), st.lists(st.integers(0, 9), unique=True))
def test_new_order_keeps_every_new_item_once_and_old_places_where_it_can(old, new):
    arranged = in_stored_order(Unordered(), new, old)
    assert sorted(arranged) == sorted(new)
    moved = [item for place, item in enumerate(arranged) if place < len(old) and item in old and old[place] != item]
    assert len(moved) <= len([item for item in old if item not in new])


def test_one_removed_selector_among_many_moves_only_the_last():
    old = [{"id": f"s{number}"} for number in range(200)]
    arranged = in_stored_order(Unordered(lambda entry: entry["id"]), [entry for entry in old if entry["id"] != "s3"], old)
    assert arranged == [*old[:3], old[199], *old[4:199]]


@pytest.mark.parametrize(
    ("declared", "same"),
    [
        ({}, True),
        ({"orgId": "o"}, True),
        ({"name": "other"}, False),
        ({"description": "new"}, False),
        ({"flowSpecId": UNKNOWN}, False),
    ],
)
def test_inputs_that_state_holds_word_for_word_are_told_without_knowing_what_may_be_declared(declared, same):
    state = {**FLOW, "orgId": "o", "nonce": "n"}
    news = {**FLOW, **declared}
    assert is_stored(news, state) is same
    assert same is (differences(DataflowInputs, news, state).changed == [])


def test_an_input_that_is_no_longer_declared_is_a_difference():
    assert not is_stored(FLOW, {**FLOW, "description": "old", "nonce": "n"})


def test_order_of_selectors_is_never_a_difference():
    olds = check(DataflowInputs, KNOWN, {**FLOW, "segments": [{"id": "a"}, {"id": "b"}]}, {})[0]
    news = {**olds, "segments": [{"id": "b"}, {"id": "a"}]}
    assert differences(DataflowInputs, news, olds).changed == []
    assert check(DataflowInputs, KNOWN, news, olds)[0] == olds


def test_what_the_service_added_is_not_observed_and_what_it_changed_is():
    live = {"name": "t", "params": {"stream": "other", "region": "r"}, "baseConnectionId": "b"}
    assert observe(TargetConnectionInputs, TARGET, live) == {**TARGET, "params": {"stream": "other", "region": "r"}}
    assert observe(TargetConnectionInputs, TARGET, {**live, "params": TARGET["params"], "description": "x"}) == TARGET


@pytest.mark.parametrize("empty", [[], {}, None])
def test_an_empty_parameter_that_the_service_leaves_out_is_not_observed_as_gone(empty):
    state = {**TARGET, "params": {**TARGET["params"], "tags": empty, "deep": {"tags": empty}}}
    assert observe(TargetConnectionInputs, state, {"params": {**TARGET["params"], "deep": {}}}) == state


@pytest.mark.parametrize("value", [0, False, "", ["x"]])
def test_a_parameter_that_is_gone_is_observed_as_gone(value):
    state = {**TARGET, "params": {**TARGET["params"], "tags": value}}
    assert observe(TargetConnectionInputs, state, {"params": TARGET["params"]}) == TARGET


def test_a_declared_member_that_is_gone_is_observed_as_gone():
    state = {**TARGET, "description": "text"}
    assert observe(TargetConnectionInputs, state, {"description": None}) == TARGET


def test_every_property_that_is_declared_has_a_meaning_for_change():
    for model in (BaseConnectionInputs, TargetConnectionInputs, DataflowInputs):
        for key in map(to_camel, model.model_fields):
            assert differences(model, {key: "a"}, {key: "a"}).changed == []


def test_unknown_selectors_are_not_the_same_one():
    bag = {**FLOW, "segments": [{"id": UNKNOWN}, {"id": UNKNOWN}, UNKNOWN, UNKNOWN]}
    normal, lines, _ = check(DataflowInputs, KNOWN, bag, {})
    assert lines == []
    assert normal["segments"] == bag["segments"]
    again, lines, _ = check(DataflowInputs, KNOWN, bag, normal)
    assert (len(again["segments"]), lines) == (4, [])


@pytest.mark.parametrize("key", ["segments", "profileAttributes"])
def test_no_selectors_have_to_be_declared_as_such(key):
    """None, and what resolves to it, is dropped by the engine on its way: the key is not there."""
    given = {name: value for name, value in FLOW.items() if name != key}
    name = {"segments": "segments", "profileAttributes": "profile_attributes"}[key]
    line = f"{name}: None; give [] to activate none"
    state = {**FLOW, "managedBy": "m"}
    assert check(DataflowInputs, KNOWN, given, {})[1] == [line]
    assert check(DataflowInputs, KNOWN, given, state)[1] == [line]
    assert check(DataflowInputs, KNOWN, given, {name: value for name, value in state.items() if name != key})[1] == []
    assert check(DataflowInputs, KNOWN, FLOW, {})[1] == []


def test_none_where_the_default_would_take_something_away_is_refused_and_elsewhere_it_is_the_default():
    additive = {**FLOW, "selectorOwnership": "additive"}
    assert check(DataflowInputs, KNOWN, FLOW, additive)[1] == ['selector_ownership: None; give "exclusive" or "additive"']
    assert check(DataflowInputs, KNOWN, FLOW, {**FLOW, "selectorOwnership": "exclusive"})[1] == []
    assert check(DataflowInputs, KNOWN, FLOW, {})[0]["selectorOwnership"] == "exclusive"
    source = {"name": "s", "baseConnectionId": "b", "connectionSpecId": "x"}
    assert check(SourceConnectionInputs, KNOWN, source, {**source, "params": {"a": 1}})[1] == ["params: None; give {} for none"]
    assert check(SourceConnectionInputs, KNOWN, {**source, "name": "t"}, {**source, "params": {}})[1] == []
    assert check(SourceConnectionInputs, KNOWN, source, {})[1] == []


@pytest.mark.parametrize(
    ("model", "key", "line"),
    [
        (SourceConnectionInputs, "dataFormat", 'data_format: None; give "json" for the default'),
        (SourceConnectionInputs, "connectionSpecId", "connection_spec_id: None; give ConnectionSpecId.UNIFIED_PROFILE for the"),
        (TargetConnectionInputs, "dataFormat", 'data_format: None; give "json" for the default'),
        (TargetConnectionInputs, "connectionSpecVersion", 'connection_spec_version: None; give "1.0" for the default'),
        (BaseConnectionInputs, "connectionSpecVersion", 'connection_spec_version: None; give "1.0" for the default'),
        (DataflowInputs, "flowSpecId", "flow_spec_id: None; give FlowSpecId.PROFILE_BASED_DESTINATION for the default"),
        (DataflowInputs, "flowSpecVersion", 'flow_spec_version: None; give "1.0" for the default'),
    ],
)
def test_none_for_what_replaces_is_refused_where_state_has_another_than_the_default(model, key, line):
    good = {**FLOW, **TARGET}
    given = {to_camel(name): good[to_camel(name)] for name in model.model_fields if to_camel(name) in good}
    there = {**given, key: "other"}
    without = {name: value for name, value in given.items() if name != key}
    (found,) = check(model, KNOWN, without, there)[1]
    assert found.startswith(line)
    default = {**without, key: model.model_fields[to_snake(key)].default}
    assert check(model, KNOWN, without, default)[1] == []
    assert check(model, KNOWN, default, there)[1] == []


TOGGLED = {**TARGET, "params": {**TARGET["params"], "toggle": True, "deep": {"a": 1, "b": 2}}}
TOGGLE = ["params.toggle: None; leave it out if it is none of the parameters"]


@pytest.mark.parametrize(
    ("desired", "nowhere", "state", "lines"),
    [
        (TARGET, [["toggle"]], TOGGLED, TOGGLE),
        (TARGET, [["deep", "a"]], TOGGLED, ["params.deep.a: None; leave it out if it is none of the parameters"]),
        (TARGET, [[]], TOGGLED, ["params: None; give {} for none"]),
        (TARGET, [], TOGGLED, []),  # left out on purpose
        (TARGET, [[], ["toggle"]], TARGET, []),
        (TARGET, [[], ["toggle"]], {}, []),
        (TOGGLED, [[], ["toggle"]], TOGGLED, []),  # ignore_changes
        ({**TARGET, "secretParams": {"toggle": True}}, [["toggle"]], TOGGLED, []),
        ({**TARGET, "params": UNKNOWN}, [["toggle"]], TOGGLED, []),
        ({**TARGET, "connectionSpecId": "x"}, [[], ["toggle"]], TOGGLED, []),
    ],
)
def test_none_among_parameters_is_refused_where_it_would_take_one_away(desired, nowhere, state, lines):
    normal, found, _ = check(TargetConnectionInputs, KNOWN, {**desired, "noneParams": nowhere}, state)
    assert found == lines
    assert "noneParams" not in normal
    if isinstance(desired["params"], dict):
        source = check(SourceConnectionInputs, KNOWN, {**normal, "noneParams": nowhere}, state)
        assert "secretParams" in desired or source.problems == lines


def test_a_text_of_whitespace_is_refused_as_an_empty_one_is_unless_state_has_it():
    kinesis = {"name": "b", "connectionSpecId": KINESIS, "auth": AUTH}
    for blank in (" ", "\t\n", "\u00a0"):
        for model, good, changed, path in (
            (BaseConnectionInputs, kinesis, {"name": blank}, "name"),
            (BaseConnectionInputs, kinesis, {"auth": {**AUTH, "specName": blank}}, "auth.specName"),
            (
                BaseConnectionInputs,
                kinesis,
                {"auth": {**AUTH, "params": {**AUTH["params"], "secretKey": blank}}},
                "auth.secretKey",
            ),
            (TargetConnectionInputs, TARGET, {"params": {**TARGET["params"], "stream": blank}}, "params.stream"),
            (TargetConnectionInputs, TARGET, {"dataFormat": blank}, "data_format"),
        ):
            bag = {**good, **changed}
            assert check(model, KNOWN, bag, good).problems == [f"{path}: must not be empty"]
            assert check(model, KNOWN, bag, {}).problems == [f"{path}: must not be empty"]
            assert check(model, KNOWN, {**bag, "description": "new"}, bag).problems == []


@pytest.mark.parametrize("number", [float("nan"), float("inf"), float("-inf"), 2.0**53, 12345678901234567.0, -(2.0**60)])
@pytest.mark.parametrize(
    "nest",
    [lambda value: value, lambda value: [0, value], lambda value: {"deep": [{"x": value}]}],
    ids=["bare", "list", "deep"],
)
def test_a_number_that_would_not_arrive_as_written_is_refused_with_its_path(number, nest):
    bag = {"name": "t", "baseConnectionId": "b", "connectionSpecId": "x", "params": {"n": nest(number)}}
    (line,) = check(TargetConnectionInputs, KNOWN, from_engine(bag), {})[1]
    assert line.startswith("params.n")
    assert line.endswith("pass it as text")


@given(st.one_of(st.integers(-(2**53) + 1, 2**53 - 1), st.floats(-(2.0**52), 2.0**52), st.booleans()))
def test_a_number_that_arrives_as_written_is_taken(number):
    sent = number if isinstance(number, bool) else float(number)
    bag = from_engine({"name": "t", "baseConnectionId": "b", "connectionSpecId": "x", "params": {"n": sent}})
    normal, lines, _ = check(TargetConnectionInputs, KNOWN, bag, {})
    assert lines == []
    assert normal["params"]["n"] == number


def test_a_number_that_state_holds_already_is_let_be():
    bag = {"name": "t", "baseConnectionId": "b", "connectionSpecId": "x", "params": {"n": 2**60}}
    assert check(TargetConnectionInputs, KNOWN, {**bag, "name": "u"}, bag)[1] == []
    assert check(TargetConnectionInputs, KNOWN, {**bag, "params": {"n": 2**60, "m": 1}}, bag)[1] != []

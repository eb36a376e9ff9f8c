"""Laws of the three-way merge. The oracle that applies patches is jsonpatch, which we did not write."""

from __future__ import annotations

import itertools

import jsonpatch
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pulumi_aep_streaming._core.merges.selectors import ATTRIBUTES, SEGMENTS, lines, merge, normal, observed
from pulumi_aep_streaming.flow_service.errors import Conflict

KINDS = [SEGMENTS, ATTRIBUTES]
NAMES = [f"a{number}" for number in range(8)]
ADDED_BY_SERVICE = {"createTime": "1640289901000", "updateTime": "1640289901000"}


def selector(kind, identity, variant=None):
    """A selector in normal form; a variant makes it differ in the member that matters for its kind."""
    if kind is SEGMENTS:
        return {"id": identity, **({"name": variant} if variant else {})}
    return {"path": identity, "operator": "EXISTS", **({"mapping": {"destination": variant}} if variant else {})}


def wire(kind, declared):
    return {"type": kind.type, "value": {**declared, **ADDED_BY_SERVICE}}


def flow(kind, live):
    return {"transformations": [{"params": {kind.member: {"selectors": live}}}]}


def applied(kind, operations, live):
    result = jsonpatch.apply_patch(flow(kind, live), operations)
    return result["transformations"][0]["params"][kind.member]["selectors"]


def by_identity(kind, selectors):
    return {entry[kind.identity]: entry for entry in selectors}


@st.composite
def lists(draw, kind, names=NAMES):
    chosen = draw(st.lists(st.sampled_from(names), unique=True, max_size=len(names)))
    return [selector(kind, name, draw(st.sampled_from([None, "x", "y"]))) for name in chosen]


@st.composite
def cases(draw):
    """A kind, what state and service agree on, what the program says, and what others added since."""
    kind = draw(st.sampled_from(KINDS))
    agreed = draw(lists(kind))
    theirs = [selector(kind, name) for name in draw(st.sets(st.sampled_from(["f1", "f2", "f3"])))]
    live = draw(st.permutations([wire(kind, entry) for entry in [*agreed, *theirs]]))
    return kind, agreed, draw(lists(kind)), list(live), theirs


@given(cases())
def test_applying_the_merge_reaches_the_program_and_leaves_others_alone(case):
    kind, last, now, live, theirs = case
    result = applied(kind, merge(kind, now, last, live).operations, live)
    reached = by_identity(kind, [normal(kind, entry) for entry in result])
    for declared in [*now, *theirs]:
        assert declared.items() <= reached[declared[kind.identity]].items()
    assert set(reached) == {entry[kind.identity] for entry in [*now, *theirs]}


@given(cases())
def test_selectors_of_others_are_not_even_touched(case):
    kind, last, now, live, theirs = case
    result = applied(kind, merge(kind, now, last, live).operations, live)
    for entry in theirs:
        assert wire(kind, entry) in result


@given(cases())
def test_members_that_the_service_added_survive_a_change(case):
    kind, last, now, live, _ = case
    result = applied(kind, merge(kind, now, last, live).operations, live)
    known = {entry["value"][kind.identity] for entry in live}
    for entry in result:
        if entry["value"][kind.identity] in known:
            assert ADDED_BY_SERVICE.items() <= entry["value"].items()


@given(cases())
def test_a_merge_of_what_was_merged_is_empty(case):
    kind, last, now, live, _ = case
    result = applied(kind, merge(kind, now, last, live).operations, live)
    assert merge(kind, now, last, result).operations == []
    assert merge(kind, now, now, result).operations == []


@given(cases(), st.randoms())
def test_order_is_never_a_change(case, random):
    kind, _, now, _, _ = case
    live = [wire(kind, entry) for entry in now]
    shuffled = list(now)
    random.shuffle(shuffled)
    random.shuffle(live)
    assert merge(kind, shuffled, now, live).operations == []


@given(cases())
def test_without_history_nothing_is_removed_and_the_program_wins(case):
    kind, _, now, live, _ = case
    operations = merge(kind, now, None, live).operations
    assert all(operation["op"] != "remove" for operation in operations)
    reached = by_identity(kind, [normal(kind, entry) for entry in applied(kind, operations, live)])
    for declared in now:
        assert declared.items() <= reached[declared[kind.identity]].items()


@given(cases())
def test_what_reads_show_as_the_program_would_have_to_say_it_merges_to_nothing(case):
    kind, last, _, live, _ = case
    seen = observed(kind, last, live, with_foreign=True)
    assert merge(kind, seen, seen, live).operations == []
    own = observed(kind, last, live, with_foreign=False)
    assert own == last


SMALL = [selector(ATTRIBUTES, name) for name in ("a", "b", "c")]


@pytest.mark.parametrize("size", range(4))
def test_no_shorter_sequence_of_removals_and_additions_reaches_the_goal(size):
    """Brute force. A `replace` by another selector would save one; the documents know it for changing a selector only."""
    path = f"{ATTRIBUTES.path}/selectors"
    steps = [{"op": "remove", "path": f"{path}/{index}"} for index in range(size)]
    steps += [{"op": "add", "path": f"{path}/-", "value": {"type": "JSON_PATH", "value": entry}} for entry in SMALL]
    for before in itertools.permutations(SMALL, size):
        live = [{"type": "JSON_PATH", "value": dict(entry)} for entry in before]
        for now in itertools.chain.from_iterable(itertools.combinations(SMALL, count) for count in range(4)):
            operations = merge(ATTRIBUTES, list(now), list(before), live).operations
            goal = {entry["path"] for entry in now}
            assert _reaches(operations, live, goal)
            for length in range(len(operations)):
                assert not any(_reaches(sequence, live, goal) for sequence in itertools.product(steps, repeat=length))


def _reaches(sequence, live, goal):
    try:
        result = applied(ATTRIBUTES, list(sequence), live)
    except (jsonpatch.JsonPatchException, jsonpatch.JsonPointerException):
        return False
    found = [entry["value"]["path"] for entry in result]
    return sorted(found) == sorted(goal)


def test_removals_go_from_the_highest_index_down_and_carry_the_value():
    live = [wire(SEGMENTS, {"id": name}) for name in ("a", "b", "c", "d")]
    last = [{"id": name} for name in ("a", "b", "c", "d")]
    operations = merge(SEGMENTS, [{"id": "b"}], last, live).operations
    assert operations == [
        {"op": "remove", "path": f"/transformations/0/params/segmentSelectors/selectors/{index}", "value": live[index]}
        for index in (3, 2, 0)
    ]


def test_a_flow_without_the_list_gets_it_in_one_operation():
    (operation,) = merge(SEGMENTS, [{"id": "a"}, {"id": "b"}], None, None).operations
    assert operation["op"] == "add"
    assert operation["path"] == "/transformations/0/params/segmentSelectors"
    assert [entry["value"]["id"] for entry in operation["value"]["selectors"]] == ["a", "b"]


def test_the_programs_change_and_somebody_elses_different_change_stop_with_both_versions():
    last = [selector(ATTRIBUTES, "a", "old")]
    live = [wire(ATTRIBUTES, selector(ATTRIBUTES, "a", "theirs"))]
    with pytest.raises(Conflict) as stopped:
        merge(ATTRIBUTES, [selector(ATTRIBUTES, "a", "ours")], last, live)
    assert "theirs" in str(stopped.value)
    assert "ours" in str(stopped.value)


def test_somebody_elses_change_of_what_the_program_did_not_change_is_left():
    last = [selector(ATTRIBUTES, "a", "old")]
    live = [wire(ATTRIBUTES, selector(ATTRIBUTES, "a", "theirs"))]
    assert merge(ATTRIBUTES, last, last, live).operations == []


def test_somebody_elses_removal_is_reported_and_not_undone():
    last = [{"id": "a"}, {"id": "b"}]
    result = merge(SEGMENTS, [*last, {"id": "c"}], last, [wire(SEGMENTS, {"id": "a"})])
    assert [operation["value"]["value"]["id"] for operation in result.operations] == ["c"]
    assert result.withdrawn == [{"id": "b"}]


@pytest.mark.parametrize("nothing", [{}, {"operator": None}, {"operator": None, "mapping": None}])
def test_an_absent_operator_means_exists(nothing):
    live = [{"type": "JSON_PATH", "value": {"path": "a.b", **nothing}}]
    declared = [{"path": "a.b", "operator": "EXISTS"}]
    assert merge(ATTRIBUTES, declared, declared, live).operations == []
    assert merge(ATTRIBUTES, declared, [], live).operations == []
    assert observed(ATTRIBUTES, declared, live, with_foreign=True) == declared


def test_a_name_that_the_service_does_not_keep_is_no_drift_and_is_sent_once():
    declared = [{"id": "a", "name": "Men over 50", "description": ""}]
    live = [{"type": "PLATFORM_SEGMENT", "value": {"id": "a"}}]
    assert observed(SEGMENTS, declared, live, with_foreign=True) == declared
    assert merge(SEGMENTS, declared, declared, live).operations == []


def test_entries_of_another_kind_are_left_alone():
    live = [{"type": "SOMETHING_NEW", "value": {"id": "a"}}, "odd", {"type": "PLATFORM_SEGMENT"}]
    assert merge(SEGMENTS, [], [{"id": "a"}], live).operations == []
    assert observed(SEGMENTS, [], live, with_foreign=True) == []


def test_operations_read_like_a_person_would_say_them():
    live = [wire(SEGMENTS, {"id": "i1", "name": "Old"}), wire(SEGMENTS, {"id": "i2"})]
    now = [{"id": "i1", "name": "Men over 50"}, {"id": "i3"}]
    operations = merge(SEGMENTS, now, [{"id": "i1", "name": "Old"}, {"id": "i2"}], live).operations
    said = [line for operation in operations for line in lines(operation)]
    assert said == ["~ segment Men over 50 (i1)", "- segment i2", "+ segment i3"]

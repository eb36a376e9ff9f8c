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


SPACES = ["", "AAMSegments", "CustomerAudienceUpload"]


def selector(kind, identity, variant=None, space=""):
    """A selector in normal form; a variant makes it differ in the member that matters for its kind; a space is a namespace."""
    if kind is SEGMENTS:
        external = {"systemSegmentId": f"{space}-{identity}", "namespace": space} if space else {}
        return {"id": identity, **({"name": variant} if variant else {}), **external}
    return {"path": identity, "operator": "EXISTS", **({"mapping": {"destination": variant}} if variant else {})}


def wire(kind, declared):
    return {"type": kind.type, "value": {**declared, **ADDED_BY_SERVICE}}


def flow(kind, live):
    return {"transformations": [{"params": {kind.member: {"selectors": live}}}]}


def applied(kind, operations, live):
    result = jsonpatch.apply_patch(flow(kind, live), operations)
    return result["transformations"][0]["params"][kind.member]["selectors"]


def by_identity(kind, selectors):
    return {kind.of(entry): entry for entry in selectors}


@st.composite
def lists(draw, kind, names=NAMES):
    told_apart = st.tuples(st.sampled_from(names), st.sampled_from(SPACES if kind is SEGMENTS else [""]))
    chosen = draw(st.lists(told_apart, unique=True, max_size=len(names)))
    return [selector(kind, name, draw(st.sampled_from([None, "x", "y"])), space) for name, space in chosen]


@st.composite
def cases(draw):
    """A kind, what state and service agree on, what the program says, and what others added since."""
    kind = draw(st.sampled_from(KINDS))
    agreed = draw(lists(kind))
    spaces = st.sampled_from(SPACES if kind is SEGMENTS else [""])
    theirs = [selector(kind, name, space=draw(spaces)) for name in draw(st.sets(st.sampled_from(["f1", "f2", "f3"])))]
    live = draw(st.permutations([wire(kind, entry) for entry in [*agreed, *theirs]]))
    return kind, agreed, draw(lists(kind)), list(live), theirs


@given(cases())
def test_applying_the_merge_reaches_the_program_and_leaves_others_alone(case):
    kind, last, now, live, theirs = case
    result = applied(kind, merge(kind, now, last, live).operations, live)
    reached = by_identity(kind, [normal(kind, entry) for entry in result])
    for declared in [*now, *theirs]:
        assert declared.items() <= reached[kind.of(declared)].items()
    assert set(reached) == {kind.of(entry) for entry in [*now, *theirs]}


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
    known = {kind.of(entry["value"]) for entry in live}
    for entry in result:
        if kind.of(entry["value"]) in known:
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
        assert declared.items() <= reached[kind.of(declared)].items()


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


LOYAL = {"id": "loyal", "systemSegmentId": "32a83b5d", "namespace": "CustomerAudienceUpload"}


@given(cases(), st.sampled_from(["AEPSegments", "aepsegments", "", None]))
def test_whether_the_service_shows_the_platforms_own_namespace_is_no_change(case, shown):
    kind, last, now, live, _ = case
    spelled = [
        entry if "namespace" in entry["value"] else {**entry, "value": {**entry["value"], "namespace": shown}} for entry in live
    ]
    plain, seen = merge(kind, now, last, live), merge(kind, now, last, spelled)
    assert [(each["op"], each["path"]) for each in seen.operations] == [(each["op"], each["path"]) for each in plain.operations]
    assert seen.foreign == plain.foreign
    assert observed(kind, last, spelled, with_foreign=True) == observed(kind, last, live, with_foreign=True)


def test_a_namespace_in_another_case_is_the_same():
    live = [wire(SEGMENTS, {**LOYAL, "namespace": "customeraudienceupload"})]
    assert merge(SEGMENTS, [LOYAL], [LOYAL], live).operations == []
    assert observed(SEGMENTS, [LOYAL], live, with_foreign=True) == [LOYAL]


def test_the_same_id_in_two_namespaces_is_two_audiences():
    other = {**LOYAL, "namespace": "AAMSegments", "systemSegmentId": "979558ae"}
    result = merge(SEGMENTS, [other], [LOYAL, other], [wire(SEGMENTS, LOYAL), wire(SEGMENTS, other)])
    assert [(each["op"], each["value"]["value"]["namespace"]) for each in result.operations] == [
        ("remove", "CustomerAudienceUpload")
    ]
    assert merge(SEGMENTS, [LOYAL], [], [wire(SEGMENTS, other)]).foreign == [other]


def test_an_id_that_a_state_holds_without_a_namespace_means_the_external_audience_of_that_id():
    """States of the first release, which knew of no namespaces, hold it so."""
    live, plain = [wire(SEGMENTS, LOYAL)], [{"id": "loyal"}]
    assert merge(SEGMENTS, plain, plain, live).operations == []
    assert observed(SEGMENTS, plain, live, with_foreign=True) == plain
    assert merge(SEGMENTS, [LOYAL], plain, live).operations == []
    assert [each["op"] for each in merge(SEGMENTS, [], plain, live).operations] == ["remove"]
    two = [*live, wire(SEGMENTS, {**LOYAL, "namespace": "AAMSegments"})]
    assert merge(SEGMENTS, [], plain, two).operations == []


def test_an_audience_that_was_made_anew_is_sent_under_its_new_uuid():
    now = [{**LOYAL, "systemSegmentId": "new"}]
    (operation,) = merge(SEGMENTS, now, [LOYAL], [wire(SEGMENTS, LOYAL)]).operations
    assert (operation["op"], operation["value"]["value"]["systemSegmentId"]) == ("replace", "new")
    assert observed(SEGMENTS, [LOYAL], [wire(SEGMENTS, now[0])], with_foreign=True) == now
    unkept = [wire(SEGMENTS, {"id": "loyal", "namespace": LOYAL["namespace"]})]
    assert merge(SEGMENTS, [LOYAL], [LOYAL], unkept).operations == []


def test_what_others_added_shows_with_all_that_it_takes_to_declare_it():
    live = [wire(SEGMENTS, {**LOYAL, "name": "Loyalty members"}), wire(SEGMENTS, {"id": "a", "namespace": "AEPSegments"})]
    assert observed(SEGMENTS, [], live, with_foreign=True) == [{**LOYAL, "name": "Loyalty members"}, {"id": "a"}]


def test_an_external_audience_is_named_with_its_namespace():
    titled = {**LOYAL, "name": "Loyalty members"}
    said = [line for each in merge(SEGMENTS, [LOYAL, titled | {"id": "b"}], [], []).operations for line in lines(each)]
    assert said == [
        "+ segment loyal in CustomerAudienceUpload",
        "+ segment Loyalty members (b in CustomerAudienceUpload)",
    ]

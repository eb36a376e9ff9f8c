"""Dataflows with external audiences: what may be declared, activated, drifted, taken over, kept by a replacement."""

from __future__ import annotations

import pytest
from support.providing import FLOW_SPEC, KNOWN, add_segment, bag, live_flow, owner, somebody_else, updated
from support.surroundings import methods

from pulumi_aep_streaming._core.changes import UNKNOWN, differences
from pulumi_aep_streaming._core.inputs import check
from pulumi_aep_streaming._core.kinds.dataflow import DataflowInputs
from pulumi_aep_streaming._core.merges import activation
from pulumi_aep_streaming.dataflow import DataflowProvider
from pulumi_aep_streaming.flow_service.models import Flow

UPLOADED = {
    "id": "loyalty-members-2026",
    "systemSegmentId": "32a83b5d-a118-4bd6-b3cb-3aee2f4c30a1",
    "namespace": "CustomerAudienceUpload",
}
PARTNER = {"id": "25160734", "systemSegmentId": "979558ae-a8ba-4e6e-b6ba-95c0a523b44a", "namespace": "AAMSegments"}
MEN = {"id": "72ddd79b-6b0a-4e97-a8d2-112ccd81bd02"}
FLOW = {
    "name": "f",
    "sourceConnectionIds": ["6a0d3b1e-0d2c-4a53-9f0e-2b7f1c5d8e02"],
    "targetConnectionIds": ["6a0d3b1e-0d2c-4a53-9f0e-2b7f1c5d8e03"],
    "flowSpecId": "spec",
    "profileAttributes": [],
}


def checked(*segments, state=()):
    stored = {**FLOW, "segments": list(state)} if state else {}
    return check(DataflowInputs, KNOWN, {**FLOW, "segments": list(segments)}, stored)


def without(segment, key):
    return {name: value for name, value in segment.items() if name != key}


@pytest.mark.parametrize(
    "segments",
    [
        [UPLOADED],
        [UPLOADED, PARTNER, MEN],
        [{**UPLOADED, "id": 'any "text" / of theirs'}],
        [UPLOADED, {**UPLOADED, "namespace": "X"}],
    ],
)
def test_external_audiences_pass_as_they_are(segments):
    assert checked(*segments) == ({**checked()[0], "segments": segments}, [], [])


@pytest.mark.parametrize("own", ["AEPSegments", "aepsegments"])
def test_the_platforms_own_namespace_and_what_goes_with_it_is_left_out(own):
    normal, problems, warnings = checked({**MEN, "namespace": own, "systemSegmentId": MEN["id"]})
    assert (normal["segments"], problems, warnings) == ([MEN], [], [])


@pytest.mark.parametrize(
    ("segment", "problem"),
    [
        (
            without(UPLOADED, "namespace"),
            "segments[0].namespace: required beside system_segment_id, as it is an external audience's",
        ),
        ({**UPLOADED, "namespace": ""}, "segments[0].namespace: must not be empty"),
        ({**UPLOADED, "namespace": 5}, "segments[0].namespace: must be a string"),
        ({**UPLOADED, "id": ""}, "segments[0].id: is empty or holds characters that it cannot have"),
        ({**UPLOADED, "id": "a\nb"}, "segments[0].id: is empty or holds characters that it cannot have"),
        (
            {**UPLOADED, "systemSegmentId": "a b"},
            "segments[0].systemSegmentId: is empty or holds characters that it cannot have",
        ),
        ({**MEN, "nameSpace": "x"}, "segments[0].nameSpace: unknown key, did you mean namespace?"),
        ({**MEN, "systemSegmentID": "x"}, "segments[0].systemSegmentID: unknown key, did you mean systemSegmentId?"),
        ({"id": "a b"}, "segments[0].id: is empty or holds characters that it cannot have"),
    ],
)
def test_what_is_wrong_is_one_line(segment, problem):
    assert checked(segment)[1] == [problem]


def test_the_same_id_twice_in_one_namespace_is_refused_however_it_is_spelled():
    assert checked(UPLOADED, {**UPLOADED, "namespace": "customeraudienceupload"})[1] == ["segments[1]: the same as segments[0]"]
    assert checked(MEN, {**MEN, "namespace": "AEPSegments"})[1] == ["segments[1]: the same as segments[0]"]


def test_a_namespace_alone_is_a_warning_where_a_change_brings_it():
    alone = without(UPLOADED, "systemSegmentId")
    _, problems, warnings = checked(alone)
    assert problems == []
    assert warnings == ["segments[0]: namespace without system_segment_id; get_audience(name=...) returns both"]
    assert checked(alone, MEN, state=[alone])[1:] == ([], [])


@pytest.mark.parametrize("key", UPLOADED)
def test_what_is_not_known_yet_passes(key):
    normal, problems, warnings = checked({**UPLOADED, key: UNKNOWN}, state=[UPLOADED])
    assert (problems, warnings) == ([], [])
    assert normal["segments"][0][key] is UNKNOWN


def test_order_is_no_change_and_a_new_one_comes_last():
    twin = {**UPLOADED, "namespace": "X"}
    state = {**FLOW, "segments": [UPLOADED, twin, MEN]}
    assert "segments" not in differences(DataflowInputs, {**FLOW, "segments": [MEN, twin, UPLOADED]}, state).changed
    assert checked(PARTNER, MEN, twin, UPLOADED, state=[UPLOADED, twin, MEN])[0]["segments"] == [UPLOADED, twin, MEN, PARTNER]


@pytest.fixture
def flow(provide, ends):
    """A dataflow that activates a segment and what was uploaded: its provider, its id and its state."""
    provider = provide(DataflowProvider)
    made = provider.create(bag(provider, name="f", managedBy=owner("f"), segments=[MEN, UPLOADED], **ends))
    return provider, made.id, made.outs


def live(emulator, id_):
    selectors = live_flow(emulator, id_)["transformations"][0]["params"]["segmentSelectors"]["selectors"]
    return [{key: value for key, value in entry["value"].items() if not key.endswith("Time")} for entry in selectors]


def test_an_external_audience_is_sent_in_full_and_one_more_or_less_is_one_operation(emulator, flow):
    provider, id_, state = flow
    assert live(emulator, id_) == [MEN, UPLOADED]
    emulator.forget()
    state = updated(provider, id_, state, segments=[MEN, UPLOADED, PARTNER])
    assert methods(emulator) == ["GET flows", "PATCH flows", "GET flows"]
    assert live(emulator, id_) == [MEN, UPLOADED, PARTNER]
    updated(provider, id_, state, segments=[MEN, PARTNER])
    assert live(emulator, id_) == [MEN, PARTNER]
    assert [len(call.body) for call in emulator.calls if call.method == "PATCH"] == [1, 1]


def test_a_refresh_shows_what_others_activated_from_another_namespace(emulator, flow):
    provider, id_, state = flow
    assert provider.read(id_, state).outs["segments"] == [MEN, UPLOADED]
    twin = {"systemSegmentId": "u", "namespace": "AAMSegments", "name": "Twin"}
    somebody_else(emulator, "flows", id_, add_segment(UPLOADED["id"], **twin))
    assert provider.read(id_, state).outs["segments"] == [MEN, UPLOADED, {"id": UPLOADED["id"], **twin}]


def test_a_namespace_that_the_service_adds_or_a_new_name_is_no_drift(emulator, flow):
    provider, id_, state = flow
    path = "/transformations/0/params/segmentSelectors/selectors"
    shown = [{**MEN, "namespace": "AEPSegments", "systemSegmentId": MEN["id"]}, {**UPLOADED, "name": "Renamed"}]
    for index, value in enumerate(shown):
        wire = {"type": "PLATFORM_SEGMENT", "value": value}
        somebody_else(emulator, "flows", id_, {"op": "replace", "path": f"{path}/{index}", "value": wire})
    assert provider.read(id_, state).outs["segments"] == [MEN, UPLOADED]


def test_a_state_that_holds_the_id_alone_does_not_drift(emulator, flow):
    """As the first release wrote it of a dataflow that was adopted."""
    provider, id_, state = flow
    old = {**state, "segments": [MEN, {"id": UPLOADED["id"]}]}
    assert provider.read(id_, old).outs["segments"] == old["segments"]
    emulator.forget()
    assert updated(provider, id_, old, segments=[MEN, UPLOADED])["segments"] == [MEN, UPLOADED]
    assert "PATCH flows" not in methods(emulator)


@pytest.mark.parametrize("declared", [UPLOADED, without(UPLOADED, "systemSegmentId"), {"id": UPLOADED["id"]}])
def test_adopting_compares_by_namespace_and_id(provide, emulator, by_hand, declared):
    target = by_hand.stream("t", by_hand.account())
    source = by_hand.profiles()
    id_ = by_hand.flow("f", source, target, [{**UPLOADED, "name": "Loyalty members"}], [])
    provider = provide(DataflowProvider)
    ends = {"sourceConnectionIds": [source], "targetConnectionIds": [target], "flowSpecId": FLOW_SPEC}
    made = provider.create(bag(provider, name="f", managedBy=owner("f"), adoptId=id_, segments=[declared], **ends))
    assert made.outs["segments"] == [declared]


def test_adopting_stops_at_another_namespace(provide, emulator, by_hand):
    target, source = by_hand.stream("t", by_hand.account()), by_hand.profiles()
    id_ = by_hand.flow("f", source, target, [UPLOADED], [])
    provider = provide(DataflowProvider)
    ends = {"sourceConnectionIds": [source], "targetConnectionIds": [target], "flowSpecId": FLOW_SPEC}
    other = {**UPLOADED, "namespace": "AAMSegments"}
    with pytest.raises(Exception, match="differs from the program in segments"):
        provider.create(bag(provider, name="f", managedBy=owner("f"), adoptId=id_, segments=[other], **ends))


def test_a_replacement_starts_with_what_others_activated_in_full_and_without_what_they_deactivated():
    twin = {**UPLOADED, "namespace": "X"}
    shown = [{"type": "PLATFORM_SEGMENT", "value": {**each, "createTime": "1"}} for each in (twin, PARTNER)]
    live = Flow(id="f", transformations=[{"params": {"segmentSelectors": {"selectors": shown}}}])
    state = {"segments": [UPLOADED, twin]}
    assert activation.carried_over(state, state, live)["segments"] == [twin, PARTNER]

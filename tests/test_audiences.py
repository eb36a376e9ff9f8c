"""Audiences: look-ups over `/audiences`, odd pages of it, external and inactive ones, and what a dataflow makes of them."""

from __future__ import annotations

import pulumi
import pytest
from support import under_mocks
from support.curl import Api

import pulumi_aep_streaming as aep
from pulumi_aep_streaming.emulator import Fault
from pulumi_aep_streaming.flow_service.errors import Unreadable

MEN = "72ddd79b-6b0a-4e97-a8d2-112ccd81bd02"
WINTER = "5b7b2c07-6a55-4e4f-8d6b-6a3f6c2c9f11"
UPLOADED = {
    "id": "loyalty-members-2026",
    "systemSegmentId": "32a83b5d-a118-4bd6-b3cb-3aee2f4c30a1",
    "namespace": "CustomerAudienceUpload",
}
ENDS = {"source_connection_ids": ["s"], "target_connection_ids": ["t"]}
CHILD = {"id": "a", "audienceId": "a", "name": "A", "namespace": "AEPSegments"}

pytestmark = pytest.mark.usefixtures("as_environment")


def asked(emulator) -> list[str]:
    return [f"{call.path}?{call.query}" for call in emulator.calls if "ims" not in call.path]


def pages(emulator, *bodies, **parts) -> None:
    emulator.misbehave()
    for body in bodies:
        emulator.order(Fault(method="GET", path="/audiences", **{"status": 200, "body": body, **parts}))


def seed(emulator, *audiences, sandbox="prod"):
    return Api(emulator).control("segments", sandbox=sandbox, segments=list(audiences))["segments"]


def test_an_audience_of_the_platform_shows_how_it_is_evaluated():
    found = aep.get_audience(name="Men over 50")
    assert (found.id, found.system_segment_id, found.namespace) == (MEN, MEN, "AEPSegments")
    assert (found.lifecycle_state, found.evaluation, found.origin_name) == (
        "published",
        "streaming",
        "REAL_TIME_CUSTOMER_PROFILE",
    )
    assert found.merge_policy_id
    assert aep.get_audience(id=MEN) == found


def test_an_uploaded_audience_shows_both_of_its_ids_and_no_evaluation():
    found = aep.get_audience(name="Loyalty members")
    assert (found.id, found.system_segment_id, found.namespace) == tuple(UPLOADED.values())
    assert (found.evaluation, found.merge_policy_id, found.origin_name) == (None, None, "CUSTOM_UPLOAD")
    assert aep.get_audience(id=UPLOADED["id"]) == aep.get_audience(id=UPLOADED["systemSegmentId"]) == found


@pytest.mark.parametrize(
    ("enabled", "word"),
    [({"continuous": True}, "streaming"), ({"synchronous": True}, "edge"), ({"batch": True, "continuous": False}, "batch")],
)
def test_how_an_audience_is_evaluated_is_one_word(emulator, enabled, word):
    seed(emulator, {"name": "New", "evaluationInfo": {way: {"enabled": on} for way, on in enabled.items()}})
    assert aep.get_audience(name="New").evaluation == word


def test_an_inactive_audience_is_found_by_its_id_and_in_no_list():
    assert aep.get_audience(id=WINTER).lifecycle_state == "inactive"
    assert aep.get_audiences(name="Winter sale 2024") == []
    assert {found.lifecycle_state for found in aep.get_audiences()} == {"published", "draft"}


def test_two_audiences_by_name_are_two_calls_however_many_there_are(emulator):
    seed(emulator, *({"name": f"Audience {number}"} for number in range(250)))
    emulator.forget()

    def program():
        for _ in range(2):
            aep.get_audience(name="Men over 50")
            aep.get_audience(name="Loyalty members")

    under_mocks.run(program, under_mocks.Engine())
    assert len(asked(emulator)) == 2
    assert all("property=name%3D%3D" in call for call in asked(emulator))


def test_all_audiences_are_listed_through_all_pages_each_once(emulator):
    seed(emulator, *({"name": f"Audience {number}"} for number in range(250)))
    found = aep.get_audiences()
    assert len({audience.system_segment_id for audience in found}) == len(found) == 256
    assert sum("/audiences" in call for call in asked(emulator)) == 3


def test_a_name_of_several_is_refused_with_ids_that_it_can_be_looked_up_by(emulator):
    first, second = seed(emulator, *({"name": "Twin", "namespace": space, "audienceId": "t"} for space in ("X", "Y")))
    ids = ", ".join(sorted([first["id"], second["id"]]))
    with pytest.raises(pulumi.RunError) as refused:
        aep.get_audience(name="Twin")
    assert str(refused.value) == f"2 audiences are named 'Twin' in sandbox prod: {ids}; look it up by its id"
    with pytest.raises(pulumi.RunError) as refused:
        aep.get_audience(id="t")
    assert str(refused.value) == f"2 audiences have the id t in sandbox prod: {ids}; look it up by its id"
    assert aep.get_audience(id=first["id"]).namespace == "X"


def test_none_is_refused_with_a_suggestion():
    with pytest.raises(pulumi.RunError, match=r"^no audience is named 'Loyalty member' in .*, did you mean Loyalty members\?"):
        aep.get_audience(name="Loyalty member")
    with pytest.raises(pulumi.RunError, match=r"^no audience has the id x in sandbox prod$"):
        aep.get_audience(id="x")
    assert aep.get_audiences(id="x") == aep.get_audiences(name="x") == []


@pytest.mark.parametrize("number", [1, "1"], ids=repr)
@pytest.mark.parametrize("member", ["_page", "_pages"])
def test_the_next_page_is_where_the_last_one_says(emulator, member, number):
    pages(emulator, {"children": [CHILD], member: {"next": number}}, {"children": [{**CHILD, "id": "b"}], "_page": None})
    assert [found.system_segment_id for found in aep.get_audiences()] == ["a", "b"]
    assert asked(emulator)[1].endswith("?limit=100&start=1")


@pytest.mark.parametrize(
    "last", [None, {}, [], {"next": None}, {"next": 0}, {"next": "0"}, {"next": ""}, {"next": False}], ids=repr
)
def test_the_last_page_names_no_next(emulator, last):
    pages(emulator, {"children": [CHILD], "_page": last})
    assert len(aep.get_audiences()) == 1


@pytest.mark.parametrize("absurd", [-1, "x", 1.5, "9" * 400, ["1"], {"start": 1}], ids=str)
def test_a_next_page_that_is_none_is_no_end_of_the_list(emulator, absurd):
    pages(emulator, {"children": [CHILD], "_page": {"next": absurd}})
    with pytest.raises(pulumi.RunError, match="audiences were answered with a next page that is none"):
        aep.get_audiences()


def test_pages_that_lead_in_a_circle_end_when_all_was_seen_and_else_fail(emulator, service):
    pages(emulator, *[{"children": [CHILD], "_page": {"next": 1, "totalCount": 1}}] * 2)
    assert len(list(service.audiences.find())) == 1
    pages(emulator, *[{"children": [CHILD], "_page": {"next": 1, "totalCount": 2}}] * 2)
    with pytest.raises(Unreadable, match="the pages of audiences lead in a circle"):
        list(service.audiences.find())


def test_pages_that_do_not_end_are_given_up(emulator, service):
    pages(emulator)
    bodies = ({"children": [CHILD], "_page": {"next": number}} for number in range(1, 1002))
    for body in bodies:
        emulator.order(Fault(method="GET", path="/audiences", status=200, body=body))
    with pytest.raises(Unreadable, match="the pages of audiences do not end: 1000 were read"):
        list(service.audiences.find())


def test_what_cannot_be_read_is_left_out_and_said_and_odd_facts_are_none(emulator, capfd):
    odd = {**CHILD, "id": "b", "mergePolicyId": 5, "evaluationInfo": ["batch"], "lifecycleState": {}, "audienceId": None}
    pages(emulator, {"children": [{**CHILD, "id": 5}, odd, "x"]})
    (found,) = aep.get_audiences()
    assert (found.id, found.merge_policy_id, found.evaluation, found.lifecycle_state) == ("b", None, None, None)
    assert "audience 5 was answered with an unexpected id: it is left out" in capfd.readouterr().err


def test_a_service_that_knows_no_filter_is_not_believed(emulator):
    pages(emulator, {"children": [CHILD, {**CHILD, "id": "b", "name": "B"}]})
    assert aep.get_audience(name="B").system_segment_id == "b"


def test_an_organization_without_audiences_is_told_so(emulator):
    body = {"status": 403, "title": "The IMS Org is not enabled for External Segment"}
    pages(emulator, body, status=403)
    with pytest.raises(pulumi.RunError, match="cannot look up 'A': .*not enabled for External Segment"):
        aep.get_audience(name="A")


def activated(*segments, monitor=None):
    """What a dataflow that is given these segments declares."""
    said = []

    def program():
        aep.Dataflow("f", **ENDS, segments=list(segments)).segments.apply(said.append)

    under_mocks.run(program, monitor)
    return said[0]


def test_what_was_found_is_a_segment_as_it_is_whatever_it_is_called(emulator):
    uploaded, own = aep.get_audience(name="Loyalty members"), aep.get_audience(name="Men over 50")
    later = pulumi.Output.from_input("x").apply(lambda _: uploaded)
    assert activated(uploaded, own) == [UPLOADED, {"id": MEN}]
    assert activated(later) == [UPLOADED]


@pytest.mark.parametrize(
    "spelled",
    [
        aep.SegmentSelectorArgs(id="v", system_segment_id="u", namespace="N"),
        {"id": "v", "system_segment_id": "u", "namespace": "N"},
        {"id": "v", "systemSegmentId": "u", "namespace": "N"},
    ],
)
def test_an_external_audience_may_be_spelled_out(emulator, spelled):
    assert activated(spelled) == [{"id": "v", "systemSegmentId": "u", "namespace": "N"}]


def test_the_id_alone_of_an_external_audience_draws_the_warning_of_one_that_is_none(emulator):
    seen = []

    def program():
        found = aep.get_audience(name="Loyalty members")
        aep.Dataflow("f", **ENDS, segments=[found.id]).segments.apply(seen.append)

    under_mocks.run(program, under_mocks.Engine())
    assert seen == [[{"id": UPLOADED["id"]}]]  # and not: looked up


class Answering(under_mocks.Echo):
    def call(self, args):
        assert args.token in {"aep:index:getAudience", "aep:index:getAudiences"}
        one = {"id": "v", "systemSegmentId": "u", "namespace": "N", "lifecycleState": "published"}
        return {"audiences": [one]} if args.token.endswith("s") else one


def test_under_mocks_the_mocks_answer(emulator):
    said = []

    def program():
        found = aep.get_audience(name="VIP")
        assert (found.lifecycle_state, found.evaluation) == ("published", None)
        (other,) = aep.get_audiences()
        later = aep.get_audience_output(name=pulumi.Output.from_input("VIP"))
        aep.Dataflow("f", **ENDS, segments=[found, other, later]).segments.apply(said.append)

    under_mocks.run(program, mocks=Answering())
    assert said == [[{"id": "v", "systemSegmentId": "u", "namespace": "N"}] * 3]
    assert emulator.calls == []


def test_a_mock_that_answers_an_id_only_is_a_segment_of_the_platform(emulator):
    class Short(under_mocks.Echo):
        def call(self, args):
            return {"id": args.args["id"]}

    said = []

    def program():
        aep.Dataflow("f", **ENDS, segments=[aep.get_audience(id=MEN)]).segments.apply(said.append)

    under_mocks.run(program, mocks=Short())
    assert said == [[{"id": MEN}]]

"""`aep-streaming compare`: two sandboxes by the names that people gave."""

from __future__ import annotations

import pytest
import requests
from support.command import aep_streaming, as_json
from support.curl import Api
from support.plain import HTTP, MEN, ByHand

from pulumi_aep_streaming.emulator import Fault

pytestmark = pytest.mark.usefixtures("as_environment")


@pytest.fixture
def in_dev(emulator):
    return ByHand(Api(emulator, "dev"))


def same(by_hand, segment, **params) -> str:
    target = by_hand.stream("t", by_hand.account(), **params)
    return by_hand.flow("Shop", by_hand.profiles(), target, [segment], ["a.b"], description="Hi")


@pytest.fixture
def seeded(emulator):
    """One segment of the same name in both sandboxes, under another id in each."""
    for sandbox in ("dev", "prod"):
        body = {"sandbox": sandbox, "segments": [{"id": f"lapsed-{sandbox}", "name": "Lapsed"}]}
        requests.post(f"{emulator.url}/__control/segments", json=body, timeout=5).raise_for_status()


def test_the_same_by_name_is_no_difference_whatever_the_ids(by_hand, in_dev, seeded):
    same(in_dev, {"id": "lapsed-dev"})
    same(by_hand, {"id": "lapsed-prod"})
    assert as_json("compare", "--from", "dev", "--to", "prod") == []
    assert "no differences" in aep_streaming("compare", "--from", "dev", "--to", "prod")


def test_what_a_list_shows_in_short_is_read(by_hand, in_dev, seeded, emulator):
    same(in_dev, {"id": "lapsed-dev"})
    flow = emulator.store.get("EMULATOR@AdobeOrg/prod", "flows", same(by_hand, {"id": "lapsed-prod"}))
    short = {key: value for key, value in flow.items() if key != "transformations"}
    emulator.misbehave()
    emulator.order(Fault(method="GET", path="/flows\\?", skip=1, status=200, body={"items": [short]}))
    assert as_json("compare", "--from", "dev", "--to", "prod") == []


def test_missing_extra_and_different_are_told_apart(by_hand, in_dev, emulator):
    same(in_dev, MEN)
    paused = same(by_hand, {"id": "x", "name": "Buyers"}, stream="other")
    by_hand.api.call("POST", f"/flows/{paused}/action?op=disable")
    in_dev.flow("New", in_dev.profiles(), in_dev.stream("t", in_dev.account()), [MEN], [])
    by_hand.flow("Old", by_hand.profiles(), by_hand.stream("t", by_hand.account()), [MEN], [])
    emulator.forget()
    found = as_json("compare", "--from", "dev", "--to", "prod", code=1)
    assert [(difference["name"], difference["what"]) for difference in found] == [
        ("New", "missing"),
        ("Old", "extra"),
        ("Shop", "state"),
        ("Shop", "segments"),
        ("Shop", "targets"),
    ]
    assert (found[3]["first"], found[3]["second"]) == (["Men over 50"], ["Buyers"])
    assert {call.method for call in emulator.calls if "ims" not in call.path} == {"GET"}
    assert "Buyers" in aep_streaming("compare", "--from", "dev", "--to", "prod", code=1)


def test_only_what_differs_is_shown_as_a_diff_shows_it(by_hand, in_dev):
    for side, segments, stream in ((in_dev, [MEN, {"id": "x", "name": "Buyers"}], "s"), (by_hand, [MEN], "other")):
        target = side.stream("t", side.account(), stream=stream)
        side.flow("Shop", side.profiles(), target, segments, ["a.b"])
    for side, name in ((in_dev, "New"), (by_hand, "Old"), (by_hand, "Also old")):
        side.flow(name, side.profiles(), side.stream("t", side.account()), [], [])
    found = as_json("compare", "--from", "dev", "--to", "prod", code=1)
    assert found[3:] == [
        {"name": "Shop", "what": "segments", "first": ["Buyers"], "second": []},
        {"name": "Shop", "what": "targets", "first": [{"stream": "s"}], "second": [{"stream": "other"}]},
    ]
    assert aep_streaming("compare", "--from", "dev", "--to", "prod", code=1).splitlines() == [
        "only in dev",
        "  New",
        "only in prod",
        "  Also old",
        "  Old",
        "changed from dev to prod",
        "  Shop",
        "    - segments: Buyers",
        '    - targets: {"stream": "s"}',
        '    + targets: {"stream": "other"}',
    ]


def test_what_must_differ_between_sandboxes_is_ignored_on_demand(by_hand, in_dev):
    for side, name, text in ((in_dev, "Kinesis of dev", "one"), (by_hand, "Kinesis", "other")):
        target = side.stream("t", side.account(name), stream=name)
        side.flow("Shop", side.profiles(), target, [MEN], [], description=text)
    between = ("compare", "--from", "dev", "--to", "prod")
    (found,) = as_json(*between, "--ignore", "targets", code=1)
    assert (found["what"], found["first"], found["second"]) == ("description", "one", "other")
    assert "    ~ description: one -> other" in aep_streaming(*between, code=1)
    assert aep_streaming(*between, "--ignore", "targets", "--ignore", "description") == (
        "no differences; ignored: targets, description\n"
    )
    assert "segments" in aep_streaming(*between, "--ignore", "segments", code=2)


def test_of_several_with_one_name_each_has_its_counterpart(by_hand, in_dev):
    for side in (by_hand, in_dev):
        source, account = side.profiles(), side.account()
        for number in range(2):
            side.flow("Twin", source, side.stream("t", account, stream=f"s{number}"), [MEN], [])
    by_hand.flow("Twin", by_hand.profiles(), by_hand.stream("t", by_hand.account(), stream="s2"), [MEN], [])
    (found,) = as_json("compare", "--from", "dev", "--to", "prod", code=1)
    assert (found["name"], found["what"]) == ("Twin (3)", "extra")


def test_a_flow_whose_name_looks_like_a_number_of_another_hides_nothing(by_hand, in_dev):
    names = {"Twin": ["s0", "s1"], "Twin (2)": ["s2"]}
    for side in (by_hand, in_dev):
        source, account = side.profiles(), side.account()
        for name, streams in names.items():
            for stream in streams:
                changed = side is by_hand and stream == "s1"
                side.flow(name, source, side.stream("t", account, stream="other" if changed else stream), [MEN], [])
    (found,) = as_json("compare", "--from", "dev", "--to", "prod", code=1)
    assert (found["name"], found["what"], found["first"][0]["stream"]) == ("Twin (2)", "targets", "s1")


def test_an_unknown_sandbox_is_one_line(by_hand):
    assert "error: " in aep_streaming("compare", "--from", "dev", "--to", "nowhere", code=2)


def test_parameters_that_may_be_secret_are_compared_and_not_shown(by_hand, in_dev):
    for side, token in ((in_dev, "TOPSECRET-1"), (by_hand, "TOPSECRET-2")):
        side.flow("Web", side.profiles(), side.end("target", "t", side.web(), HTTP, {"url": f"https://{token}"}), [MEN], [])
    (found,) = as_json("compare", "--from", "dev", "--to", "prod", code=1)
    assert found["first"] == found["second"] == [{"url": "(not shown)"}]
    assert "TOPSECRET" not in aep_streaming("compare", "--from", "dev", "--to", "prod", code=1)


def test_what_cannot_be_read_is_left_out_and_named(by_hand, in_dev, seeded, emulator):
    same(in_dev, {"id": "lapsed-dev"})
    flow = emulator.store.get("EMULATOR@AdobeOrg/prod", "flows", same(by_hand, {"id": "lapsed-prod"}))
    emulator.misbehave()
    odd = {**flow, "id": {"x": 1}}
    astray = {**flow, "id": "second", "targetConnectionIds": ["../x"]}
    emulator.order(Fault(method="GET", path="/flows\\?", skip=1, status=200, body={"items": [odd, astray, flow]}))
    said = aep_streaming("compare", "--from", "dev", "--to", "prod", code=1)
    assert "flows {'x': 1} was answered with an unexpected id: it is left out" in said
    assert "left out: targetConnections '../x': " in said
    assert "Shop (2)" in said


UPLOADED = {"id": "loyal", "namespace": "CustomerAudienceUpload"}


def test_external_audiences_are_compared_by_name_and_namespace(by_hand, in_dev, emulator):
    own = {"id": "loyal", "name": "Loyal"}
    for sandbox, uuid in (("dev", "u-dev"), ("prod", "u-prod")):
        seeds = [{**own, "id": f"own-{sandbox}"}, {"id": uuid, "audienceId": f"loyal-{sandbox}", "name": "Loyal"}]
        seeds[1]["namespace"] = UPLOADED["namespace"]
        body = {"sandbox": sandbox, "segments": seeds}
        requests.post(f"{emulator.url}/__control/segments", json=body, timeout=5).raise_for_status()
    same(in_dev, {**UPLOADED, "id": "loyal-dev", "systemSegmentId": "u-dev"})
    flow = same(by_hand, {**UPLOADED, "id": "loyal-prod", "systemSegmentId": "u-prod"})
    assert as_json("compare", "--from", "dev", "--to", "prod") == []
    by_hand.api.call("DELETE", f"/flows/{flow}")
    same(by_hand, {"id": "own-prod"})
    (found,) = as_json("compare", "--from", "dev", "--to", "prod", code=1)
    assert (found["first"], found["second"]) == (["Loyal in CustomerAudienceUpload"], ["Loyal"])


def test_audiences_are_listed_only_where_some_are_activated(by_hand, in_dev, emulator):
    same(in_dev, MEN)
    same(by_hand, MEN)
    emulator.forget()
    as_json("compare", "--from", "dev", "--to", "prod")
    assert not any("audiences" in call.path for call in emulator.calls)

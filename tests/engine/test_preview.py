"""Bad changes, each recognisable from the text of `pulumi preview` alone, by somebody who has not seen the program."""

from __future__ import annotations

import json
import re

import pytest

pytestmark = pytest.mark.engine

PROGRAM = """
profiles = aep.BaseConnection("profiles", connection_spec_id=aep.ConnectionSpecId.UNIFIED_PROFILE)
source = aep.SourceConnection("source", base_connection_id=profiles.id)
account = aep.BaseConnection("account", auth=aep.KinesisAuthArgs(
    access_key_id="a", secret_key=pulumi.Config().require_secret("key"), region="r"))
target = aep.TargetConnection("target", base_connection_id=account.id,
    params=aep.KinesisTargetArgs(stream="{stream}", region="r"))
flow = aep.Dataflow("flow", source_connection_ids=[source.id], target_connection_ids=[target.id],
    segments={segments}, profile_attributes={attributes}, {more})
"""
REGIONS = [{"id": f"{number:08d}-0000-4000-8000-000000000000", "name": f"Region {number:02d}"} for number in range(1, 30)]


def program(*, stream="s", segments=REGIONS, attributes=("a.b", "c.d"), more=""):
    return PROGRAM.format(stream=stream, segments=list(segments), attributes=list(attributes), more=more)


@pytest.fixture
def running(project):
    project.config("key", "TOPSECRET-1", secret=True)
    project.write(program())
    project.up()
    project.emulator.forget()
    return project


def said(result) -> str:
    """What the engine shows as diagnostics, without its indentation."""
    return "\n".join(line.strip() for line in result.text.partition("Diagnostics:")[2].partition("Resources:")[0].splitlines())


FIFTH = [region for region in REGIONS if region["name"] != "Region 05"]
CHANGES = {
    "one of many segments is removed": ({"segments": FIFTH}, ["- segment Region 05 (00000005-0000-4000-8000-000000000000)"]),
    "an attribute is replaced": ({"attributes": ["a.b", "c.e"]}, ["- attribute c.d", "+ attribute c.e"]),
    "all segments are removed": ({"segments": []}, ["loses all of its 29 segments: nothing is sent any more"]),
    "it is switched off": ({"more": "enabled=False"}, ["is switched off: nothing is sent", "~ enabled: switched off"]),
    "another stream": ({"stream": "t"}, ["target connection target:", "~ params.stream: s -> t"]),
    "others' selectors are left alone": (
        {"more": "selector_ownership='additive'"},
        ["~ selectorOwnership: exclusive -> additive"],
    ),
    "others' selectors may be deleted": ({"more": "force_destroy=True"}, ["~ forceDestroy: False -> True"]),
    "another name": ({"more": "name='x'"}, ["~ name: flow -> x"]),
    "it is replaced": (
        {"more": "flow_spec_version='2.0'"},
        ["replaced, as flowSpecVersion changes; history is sent again", "~ flowSpecVersion: 1.0 -> 2.0"],
    ),
}


def test_bad_changes_are_recognisable_from_the_preview_and_cost_no_call(running):
    for what, (change, lines) in CHANGES.items():
        running.write(program(**change))
        result = running.run("preview")
        assert [line for line in lines if line not in said(result)] == [], (what, result.text)
        assert len(re.findall(r"^\s*[-+] (?:segment|attribute)", said(result), re.MULTILINE)) <= 29
    assert running.emulator.calls == []


def test_one_removed_segment_of_many_is_one_line(running):
    running.write(program(segments=FIFTH))
    lines = [line for line in said(running.run("preview")).splitlines() if "segment" in line]
    assert lines == ["- segment Region 05 (00000005-0000-4000-8000-000000000000)"]


def test_a_rotated_key_leaves_its_name_in_the_preview_and_the_up_says_that_it_was_sent(running):
    running.config("key", "TOPSECRET-2", secret=True)
    preview = running.run("preview")
    assert "base connection account:\n~ auth.secretKey" in said(preview)
    as_json = json.loads(running.run("preview", "--json").text)
    messages = "".join(each["message"] for each in as_json["diagnostics"])
    assert "~ auth.secretKey" in messages
    up = running.up()
    assert "base connection account: sent as shown" in up.text
    assert "TOPSECRET" not in preview.text + up.text + messages


def test_what_others_change_between_preview_and_up_is_said_in_full(running):
    flow = running.state()["Dataflow::flow"]["id"]
    wanted = [*REGIONS, {"id": "00000030-0000-4000-8000-000000000000"}, {"id": "00000031-0000-4000-8000-000000000000"}]
    running.write(program(segments=wanted))
    store, place = running.emulator.store, "EMULATOR@AdobeOrg/prod"
    path = "/transformations/0/params/segmentSelectors/selectors/-"
    theirs = {"type": "PLATFORM_SEGMENT", "value": {"id": "00000031-0000-4000-8000-000000000000"}}
    etag = store.get(place, "flows", flow)["etag"]
    store.patch(place, "flows", flow, [{"op": "add", "path": path, "value": theirs}], etag, "ui")
    text = running.up().text
    assert "sent as shown" not in text
    assert "+ segment 00000030-0000-4000-8000-000000000000" in text


def test_nothing_to_do_says_nothing(running):
    for result in (running.run("preview"), running.up(), running.refresh()):
        assert "dataflow flow" not in result.text
        assert "connection" not in said(result)

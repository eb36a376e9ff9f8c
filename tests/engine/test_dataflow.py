"""The daily act: changing what a destination receives. Each step ends in "no changes", on a second up and on a refresh."""

from __future__ import annotations

import dataclasses
import re

import pytest
from engine.project import Project
from support.surroundings import Emulator, environment_of, methods

from pulumi_aep_streaming.emulator import Fault, Switches

pytestmark = pytest.mark.engine

PLACE = "EMULATOR@AdobeOrg/prod"
CHAIN = """
profiles = aep.BaseConnection("profiles", connection_spec_id=aep.ConnectionSpecId.UNIFIED_PROFILE)
source = aep.SourceConnection("source", base_connection_id=profiles.id)
account = aep.BaseConnection("account", auth=aep.KinesisAuthArgs(
    access_key_id="a", secret_key=pulumi.Config().require_secret("key"), region="r"), {account})
target = aep.TargetConnection("target", base_connection_id=account.id,
    params=aep.KinesisTargetArgs(stream="{stream}", region="r"), {target})
flow = aep.Dataflow("flow", source_connection_ids=[source.id], target_connection_ids=[target.id], {flow})
"""
PATCH, LOOK = "PATCH", "GET"
ONE_CHANGE = ["GET flows", "PATCH flows", "GET flows"]


@pytest.fixture(params=["current", "2020"])
def emulator(request):
    with Emulator(switches=Switches(edition=request.param)) as running:
        yield running


def program(*, flow="", stream="s", account="", target=""):
    return CHAIN.format(flow=flow, stream=stream, account=account, target=target)


def selectors(segments=(), attributes=(), more=""):
    return f"segments={list(segments)}, profile_attributes={list(attributes)}, {more}"


@dataclasses.dataclass
class Chain:
    """The whole chain, up and running, and what a change of it costs."""

    project: Project

    @property
    def emulator(self):
        return self.project.emulator

    def change(self, **parts):
        """Apply a changed program; return its calls and the operations of its patch, after proving that it is settled."""
        self.project.write(program(**parts))
        self.emulator.forget()
        self.said = self.project.up("--diff").text
        calls = methods(self.emulator)
        operations = [operation for call in self.emulator.calls if call.method == "PATCH" for operation in call.body]
        self.settled()
        return calls, [(operation["op"], operation["path"].rpartition("params/")[2]) for operation in operations]

    def settled(self):
        self.emulator.forget()
        self.project.up("--expect-no-changes")
        assert self.emulator.calls == []
        self.project.refresh("--expect-no-changes")

    @property
    def id(self):
        return self.project.state()["Dataflow::flow"]["id"]

    def live(self):
        return self.emulator.store.get(PLACE, "flows", self.id)

    def segments(self):
        found = self.live()["transformations"][0]["params"]["segmentSelectors"]["selectors"]
        return [entry["value"]["id"] for entry in found]

    def in_the_ui(self, kind, id_, *operations):
        etag = self.emulator.store.get(PLACE, kind, id_)["etag"]
        self.emulator.store.patch(PLACE, kind, id_, list(operations), etag, "a marketer")

    def activated_in_the_ui(self, id_, name):
        value = {"type": "PLATFORM_SEGMENT", "value": {"id": id_, "name": name}}
        path = "/transformations/0/params/segmentSelectors/selectors/-"
        self.in_the_ui("flows", self.id, {"op": "add", "path": path, "value": value})


@pytest.fixture
def chain(tmp_path, engine, emulator):
    project = Project(tmp_path / "project", engine, emulator, environment_of(emulator))
    project.config("key", "TOPSECRET-1", secret=True)
    project.write(program(flow=selectors(["s1", "s2", "s3"], ["a.b", "c.d"])))
    project.up()
    return Chain(project)


def test_each_change_is_one_patch_of_the_fewest_operations(chain):
    segment, attribute = "segmentSelectors/selectors", "profileSelectors/selectors"
    # one more
    assert chain.change(flow=selectors(["s1", "s2", "s3", "s4"], ["a.b", "c.d"])) == (ONE_CHANGE, [("add", f"{segment}/-")])
    assert "+ segment s4" in chain.said
    # one less: the last takes its place in state, so that one line changes in the preview
    assert chain.change(flow=selectors(["s1", "s3", "s4"], ["a.b", "c.d"])) == (ONE_CHANGE, [("remove", f"{segment}/1")])
    assert chain.project.state()["Dataflow::flow"]["inputs"]["segments"] == [{"id": "s1"}, {"id": "s4"}, {"id": "s3"}]
    # a swap, in both lists at once
    calls, operations = chain.change(flow=selectors(["s1", "s3", "s5"], ["a.b", "e.f"]))
    assert calls == ONE_CHANGE
    assert operations == [
        ("remove", f"{segment}/2"),
        ("add", f"{segment}/-"),
        ("remove", f"{attribute}/1"),
        ("add", f"{attribute}/-"),
    ]
    # only the order
    assert chain.change(flow=selectors(["s5", "s3", "s1"], ["e.f", "a.b"])) == ([], [])
    # strings, Args and Outputs are the same
    same = (
        "segments=[aep.SegmentSelectorArgs(id='s1'), {'id': 's3'}, pulumi.Output.from_input('s5')],"
        "profile_attributes=pulumi.Output.from_input(['a.b', aep.ProfileSelectorArgs(path='e.f')])"
    )
    assert chain.change(flow=same) == ([], [])
    # a selector gets a name
    named = "segments=[aep.SegmentSelectorArgs(id='s1', name='Men over 50'), 's3', 's5'], profile_attributes=['a.b', 'e.f']"
    assert chain.change(flow=named) == (ONE_CHANGE, [("replace", f"{segment}/0")])
    assert "~ segment Men over 50 (s1)" in chain.said
    # name and description of the flow, and a selector, in the same patch
    more = "name='renamed', description='text'"
    calls, operations = chain.change(flow=named.replace("'s5'", "'s6'") + ", " + more)
    assert calls == ONE_CHANGE
    assert [operation for operation, _ in operations] == ["replace", "replace", "remove", "add"]


def test_from_none_to_250_and_back_is_one_patch_each(chain):
    calls, operations = chain.change(flow=selectors())
    assert (calls, len(operations)) == (ONE_CHANGE, 5)
    many = [f"s{number}" for number in range(250)]
    calls, operations = chain.change(flow=selectors(many))
    assert (calls, len(operations)) == (ONE_CHANGE, 250)
    assert chain.segments() == many
    # one of many: the preview shows one changed line and one that moved, not hundreds
    chain.project.write(program(flow=selectors([name for name in many if name != "s7"])))
    preview = chain.project.preview().text
    assert len(re.findall(r"^ *[+~-] .*\bid *:", preview, re.MULTILINE)) <= 2
    calls, operations = chain.change(flow=selectors())
    assert (calls, len(operations)) == (ONE_CHANGE, 250)


def test_what_a_marketer_activates_between_preview_and_up_survives_until_a_refresh_has_shown_it(chain):
    chain.activated_in_the_ui("theirs", "Summer campaign")
    chain.project.write(program(flow=selectors(["s1", "s2", "s3", "s4"], ["a.b", "c.d"])))
    said = chain.project.up().text
    assert "segment Summer campaign (theirs) was activated by others and is left alone" in said
    assert sorted(chain.segments()) == ["s1", "s2", "s3", "s4", "theirs"]
    shown = chain.project.refresh().text
    assert "Summer campaign" in shown
    preview = chain.project.preview().text
    assert re.search(r'- name: "Summer campaign"', preview)
    chain.project.up()
    assert sorted(chain.segments()) == ["s1", "s2", "s3", "s4"]
    chain.settled()


def test_in_additive_mode_what_others_activate_is_named_never_drift_and_stays(chain):
    additive = "selector_ownership='additive'"
    chain.change(flow=selectors(["s1"], [], additive))
    chain.activated_in_the_ui("theirs", "Summer campaign")
    said = chain.project.refresh("--expect-no-changes").text
    assert "segment Summer campaign (theirs) was activated by others and is left alone" in said
    chain.project.run("refresh", "--preview-only", "--expect-no-changes")
    chain.change(flow=selectors(["s2"], [], additive))
    assert chain.segments() == ["theirs", "s2"]
    stopped = chain.project.destroy(check=False)
    assert stopped.code != 0
    assert "others activated on it: segment Summer campaign (theirs)" in stopped.text
    assert "deactivate them, or set force_destroy=True" in stopped.text
    assert chain.segments() == ["theirs", "s2"]
    chain.change(flow=selectors(["s2"], [], additive + ", force_destroy=True"))
    chain.project.destroy()
    assert chain.project.live("flows") == []


def test_drift_of_each_property_is_shown_on_it_and_mended_in_place(chain):
    ids = {key: resource.get("id") for key, resource in chain.project.state().items()}
    base = chain.live()
    renamed = {"op": "replace", "path": "/name", "value": "drifted"}
    text = {"op": "replace", "path": "/description", "value": "drifted text"}
    chain.change(flow=selectors(["s1"], ["a.b"], "description='ours', enabled=True"), target="description='ours'")
    chain.in_the_ui("flows", ids["Dataflow::flow"], renamed, text)
    chain.emulator.store.act(PLACE, ids["Dataflow::flow"], "disable", "a marketer")
    stream = {"op": "replace", "path": "/params/stream", "value": "drifted-stream"}
    chain.in_the_ui("targetConnections", ids["TargetConnection::target"], renamed, text, stream)
    preview = chain.project.run("preview", "--refresh", "--diff").text
    for line in (
        r'~ name *: "drifted" => "flow"',
        r'~ description *: "drifted text" => "ours"',
        r"~ enabled *: false => true",
        r'~ name *: "drifted" => "target"',
        r'~ stream: "drifted-stream" => "s"',
    ):
        assert re.search(line, preview), line
    chain.project.up("--refresh")
    chain.settled()
    assert (chain.live()["name"], chain.live()["state"]) == ("flow", "enabled")
    assert chain.live()["description"].startswith("ours [pulumi:")
    assert chain.live()["id"] == base["id"]


def test_enabling_and_disabling_is_the_action_and_nothing_else(chain):
    common = (["s1", "s2", "s3"], ["a.b", "c.d"])
    calls, operations = chain.change(flow=selectors(*common, "enabled=False"))
    assert (calls.count("POST flows"), operations) == (1, [])
    assert chain.live()["state"] == "disabled"
    calls, _ = chain.change(flow=selectors(*common, "enabled=True"))
    assert (calls.count("POST flows"), chain.live()["state"]) == (1, "enabled")
    # no longer declared: no longer managed
    calls, _ = chain.change(flow=selectors(*common))
    assert "POST flows" not in calls
    chain.emulator.store.act(PLACE, chain.id, "disable", "a marketer")
    chain.settled()
    chain.change(flow=selectors(["s1"]))
    assert chain.live()["state"] == "disabled"


def test_a_flow_created_disabled_never_exports_anything(chain):
    both = program(flow=selectors(["s1", "s2", "s3"], ["a.b", "c.d"]))
    second = (
        'aep.Dataflow("second", source_connection_ids=[source.id], target_connection_ids=[target.id],'
        " segments=['s1'], enabled=False)"
    )
    chain.project.write(both + second)
    chain.emulator.forget()
    chain.project.up()
    writes = [call for call in chain.emulator.calls if call.method in {"POST", "PATCH"} and "/ims/" not in call.path]
    assert [(call.method, call.query) for call in writes] == [("POST", ""), ("POST", "op=disable"), ("PATCH", "")]
    states = {flow["name"]: flow["state"] for flow in chain.project.live("flows")}
    assert states == {"flow": "enabled", "second": "disabled"}
    chain.settled()


def test_a_changed_stream_and_a_rotated_key_are_one_patch_each(chain):
    common = selectors(["s1", "s2", "s3"], ["a.b", "c.d"])
    calls, operations = chain.change(flow=common, stream="other")
    assert calls == ["GET targetConnections", "PATCH targetConnections", "GET targetConnections"]
    assert operations == [("replace", "stream")]
    chain.project.config("key", "TOPSECRET-2", secret=True)
    calls, operations = chain.change(flow=common, stream="other")
    assert calls == ["GET connections", "PATCH connections", "GET connections"]
    assert operations == [("replace", "/auth/params")]
    assert "TOPSECRET" not in chain.said
    live = chain.emulator.store.load(PLACE, "connections", chain.project.state()["BaseConnection::account"]["id"])
    assert live["auth"]["params"] == {"accessKeyId": "a", "secretKey": "TOPSECRET-2", "region": "r"}


def test_a_storm_of_conflicts_and_a_lagging_read_are_weathered(chain):
    conflict = {"errorMessage": 'Supplied version=["x"] does not match', "errorDetails": "x"}
    chain.emulator.order(Fault(method="PATCH", status=412, body=conflict, times=4))
    chain.project.write(program(flow=selectors(["s1", "s2", "s3", "s4"], ["a.b", "c.d"])))
    chain.project.up()
    assert chain.segments() == ["s1", "s2", "s3", "s4"]
    stale = {"items": [chain.live()]}
    chain.emulator.order(Fault(method="GET", path=f"/flows/{chain.id}", status=200, body=stale, times=4))
    chain.project.write(program(flow=selectors(["s1", "s2", "s3", "s4", "s5"], ["a.b", "c.d"])))
    chain.project.up()
    assert chain.segments() == ["s1", "s2", "s3", "s4", "s5"]
    chain.settled()


def test_after_the_finalizer_bumped_the_etag_nothing_has_changed(chain):
    chain.emulator.store.switches = dataclasses.replace(chain.emulator.store.switches, finalizer_seconds=1.0)
    calls, operations = chain.change(flow=selectors(["s1", "s2", "s3", "s4"], ["a.b", "c.d"]))
    assert calls.count("PATCH flows") == 1
    assert len(operations) == 1
    assert chain.live()["updatedClient"] == "acp_foundation_connectors"
    chain.change(flow=selectors(["s1"], ["a.b"]))
    assert chain.segments() == ["s1"]


def test_a_flow_deleted_outside_is_made_again_with_all_that_is_declared(chain):
    chain.emulator.store.delete(PLACE, "flows", chain.id)
    chain.project.up("--refresh")
    assert chain.segments() == ["s1", "s2", "s3"]
    chain.settled()


def test_two_sides_changing_the_same_mapping_stop_with_both_versions(chain):
    def mapped(destination):
        return f"profile_attributes=[aep.ProfileSelectorArgs(path='a.b', mapping={{'destination': '{destination}'}})]"

    chain.change(flow=mapped("first"))
    path = "/transformations/0/params/profileSelectors/selectors/0/value/mapping/destination"
    chain.in_the_ui("flows", chain.id, {"op": "replace", "path": path, "value": "theirs"})
    chain.project.write(program(flow=mapped("ours")))
    stopped = chain.project.up(check=False)
    assert stopped.code != 0
    assert re.search(r"error: cannot update dataflow flow: attribute a\.b: mapping is .*theirs.* and .*ours", stopped.text)
    chain.project.up("--refresh")
    chain.settled()


@pytest.mark.parametrize("operator", ["EQUALS", ""])
def test_an_operator_that_is_not_documented_is_refused_in_preview(chain, operator):
    chain.project.write(program(flow=f"profile_attributes=[{{'path': 'a.b', 'operator': '{operator}'}}]"))
    refused = chain.project.preview(check=False)
    assert "profile_attributes" in refused.text or "profileAttributes" in refused.text
    assert "operator: must be 'EXISTS'" in refused.text

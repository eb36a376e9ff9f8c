"""Many destinations at a time: cut off in the middle, the next `up` makes each of them once, and no call more than a script."""

from __future__ import annotations

import pytest
from engine.killing import end_all, free, kill_at, run_until_killed
from support.surroundings import methods

from pulumi_aep_streaming.emulator import Fault

pytestmark = pytest.mark.engine

MANY = 8
"""Twice as many as the engine works on at a time."""
PROGRAM = """
profiles = aep.BaseConnection("profiles", connection_spec_id=aep.ConnectionSpecId.UNIFIED_PROFILE)
source = aep.SourceConnection("source", base_connection_id=profiles.id)
account = aep.BaseConnection("account", auth=aep.KinesisAuthArgs(
    access_key_id="a", secret_key="TOPSECRET-1", region="us-west-2"))
for number in range({many}):
    target = aep.TargetConnection(f"t{{number}}", base_connection_id=account.id,
        params=aep.KinesisTargetArgs(stream=f"s{{number}}", region="us-west-2"))
    aep.Dataflow(f"f{{number}}", source_connection_ids=[source.id], target_connection_ids=[target.id],
        segments=[{{"id": f"00000000-0000-4000-8000-{{number:012d}}"}}], profile_attributes=["person.name.lastName"])
"""
UP, DESTROY = ("up", "--yes", "--skip-preview"), ("destroy", "--yes", "--skip-preview")
CUTS = {
    "POST target": (UP, "POST", "/targetConnections"),
    "POST flow": (UP, "POST", r"/flows\?"),
    "PATCH flow": (UP, "PATCH", "/flows"),
    "DELETE flow": (DESTROY, "DELETE", "/flows"),
    "DELETE target": (DESTROY, "DELETE", "/targetConnections"),
}
REPRESENTATIVE = {
    ("POST target", "everything", "after"),
    ("POST flow", "cli", "after"),
    ("PATCH flow", "provider", "before"),
    ("DELETE flow", "everything", "after"),
}
MATRIX = [
    pytest.param(cut, who, when, marks=[] if (cut, who, when) in REPRESENTATIVE else [pytest.mark.slow])
    for cut in CUTS
    for who in ("everything", "cli", "provider")
    for when in ("before", "after")
]


@pytest.fixture
def many(project):
    """A project that declares them, whose processes are all ended afterwards, also the orphaned ones."""
    project.write(PROGRAM.format(many=MANY))
    yield project
    for fault in project.emulator.service.faults:
        fault.released.set()
    end_all(project)


def each_is_there_once(project):
    for kind, prefix in (("targetConnections", "t"), ("flows", "f")):
        names = [item["name"] for item in project.live(kind)]
        assert sorted(names) == sorted(f"{prefix}{number}" for number in range(MANY))
    for flow in project.live("flows"):
        params = flow["transformations"][0]["params"]
        segments = [selector["value"]["id"] for selector in params["segmentSelectors"]["selectors"]]
        assert segments == [f"00000000-0000-4000-8000-{int(flow['name'][1:]):012d}"]
    recorded = {resource["id"] for resource in project.state().values() if "id" in resource}
    assert {item["id"] for kind in ("connections", "targetConnections", "flows") for item in project.live(kind)} <= recorded


def nothing_is_left(project):
    free(project)
    project.destroy()
    kinds = ("connections", "sourceConnections", "targetConnections", "flows")
    assert [project.live(kind) for kind in kinds] == [[], [], [], []]


@pytest.mark.parametrize(("cut", "who", "when"), MATRIX)
def test_cut_off_in_the_middle_of_many_each_is_made_once(many, cut, who, when):
    command, method, path = CUTS[cut]
    if command == DESTROY:
        many.up()
    run_until_killed(many, Fault(method=method, path=path, skip=5, when=when, hold=True, reset=True), who, *command)
    if command == DESTROY:
        nothing_is_left(many)
    free(many)
    many.up()
    each_is_there_once(many)
    many.up("--expect-no-changes")
    nothing_is_left(many)


def committed_late(project, who):
    """Kill somebody while a POST is on its way; the service commits it when the next `up` is in the midst of its own."""
    late, next_up = (Fault(method="POST", path="/targetConnections", skip=skip, hold=True) for skip in (2, 0))
    kill_at(project, late, who, *UP)
    free(project)
    project.emulator.order(next_up)
    with project.start(*UP) as running:
        assert next_up.reached.wait(60)
        late.released.set()
        next_up.released.set()
        assert running.wait(timeout=120) == 0


def test_what_is_committed_after_the_next_up_has_looked_is_resumed_or_can_be_found_by_its_marker(many):
    committed_late(many, "everything")
    recorded = {resource.get("id") for resource in many.state().values()}
    orphans = [item for item in many.live("targetConnections") if item["id"] not in recorded]
    assert all("[pulumi:shop/dev/t" in orphan["description"] for orphan in orphans)
    assert [flow["targetConnectionIds"][0] in recorded for flow in many.live("flows")] == [True] * MANY
    many.up("--expect-no-changes")


def test_an_orphaned_provider_gives_way_to_whatever_the_next_up_made_by_a_look_from_before(many):
    committed_late(many, "cli")
    commands = iter(range(200))
    while "DELETE targetConnections" not in methods(many.emulator) and next(commands, None) is not None:
        many.run("version")  # takes a moment, which the orphan uses
    assert "DELETE targetConnections" in methods(many.emulator)
    each_is_there_once(many)
    many.up("--expect-no-changes")
    nothing_is_left(many)


def test_many_more_upon_an_account_that_is_there_share_their_looks(many):
    number = 12
    many.write(PROGRAM.format(many=1))
    many.up()
    many.emulator.forget()
    many.write(PROGRAM.format(many=1 + number))
    many.up()
    assert len(methods(many.emulator)) <= 1.1 * 4 * number


def test_many_cost_no_more_calls_than_a_script_that_checks_nothing(many):
    """A script POSTs a target and a flow, PATCHes it, and looks at it; then it DELETEs both. A destroy looks at a few pages."""
    number = 12
    many.write(PROGRAM.format(many=number))
    many.up()
    assert len(methods(many.emulator)) <= 1.1 * (4 * number + 3)
    many.emulator.forget()
    many.destroy()
    assert len(methods(many.emulator)) <= 2 * number + 3 + 7

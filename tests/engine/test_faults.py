"""The fault matrix: whatever is cut off, wherever, the next `up` converges on each object exactly once.

`make fault-matrix` runs all of it and writes docs/fault-matrix.md; `make test` runs a representative part.
"""

from __future__ import annotations

import re
import shutil

import pytest
from engine.killing import end_all, free, kill_at, processes_of, run_until_killed
from engine.project import Project
from support.surroundings import Emulator, environment_of

from pulumi_aep_streaming.emulator import Fault

pytestmark = pytest.mark.engine

KINDS = ["connections", "sourceConnections", "targetConnections", "flows"]
PROGRAM = """
profiles = aep.BaseConnection("profiles", connection_spec_id=aep.ConnectionSpecId.UNIFIED_PROFILE, description="{text}")
source = aep.SourceConnection("source", base_connection_id=profiles.id)
account = aep.BaseConnection("account", auth=aep.KinesisAuthArgs(access_key_id="a", secret_key="{key}", region="r"))
target = aep.TargetConnection("target", base_connection_id=account.id,
    params=aep.KinesisTargetArgs(stream="{stream}", region="r"))
flow = aep.Dataflow("flow", source_connection_ids=[source.id], target_connection_ids=[target.id],
    segments={segments}, profile_attributes=["a.b"], enabled={enabled})
"""
FIRST = PROGRAM.format(text="one", key="TOPSECRET-1", stream="s", segments=["s1", "s2"], enabled=False)
SECOND = PROGRAM.format(text="two", key="TOPSECRET-2", stream="t", segments=["s2", "s3"], enabled=True)

# name: (whether FIRST is up, the command that is hit, method, path)
UP, DESTROY = ("up", "--yes", "--skip-preview"), ("destroy", "--yes", "--skip-preview")
BOUNDARIES = {
    "POST base connection (profiles)": (False, UP, "POST", "/connections", 0),
    "POST base connection (account)": (False, UP, "POST", "/connections", 1),
    "POST source connection": (False, UP, "POST", "/sourceConnections", 0),
    "POST target connection": (False, UP, "POST", "/targetConnections", 0),
    "POST flow": (False, UP, "POST", r"/flows\?", 0),
    "POST action disable": (False, UP, "POST", "op=disable", 0),
    "PATCH flow (activation)": (False, UP, "PATCH", "/flows", 0),
    "PATCH base connection": (True, UP, "PATCH", "/connections", 0),
    "PATCH target connection": (True, UP, "PATCH", "/targetConnections", 0),
    "PATCH flow (change)": (True, UP, "PATCH", "/flows", 0),
    "POST action enable": (True, UP, "POST", "op=enable", 0),
    "DELETE flow": (True, DESTROY, "DELETE", "/flows", 0),
    "DELETE target connection": (True, DESTROY, "DELETE", "/targetConnections", 0),
    "DELETE source connection": (True, DESTROY, "DELETE", "/sourceConnections", 0),
    "DELETE base connection": (True, DESTROY, "DELETE", "/connections", 0),
}
KILLS = [f"kill {who} {when} commit" for who in ("everything", "cli", "provider") for when in ("before", "after")]
LOSSES = [f"{how} {when} commit" for how in ("reset", "HTTP 503") for when in ("before", "after")]
REPRESENTATIVE = {
    ("POST base connection (account)", "kill provider after commit"),
    ("POST target connection", "kill cli before commit"),
    ("POST flow", "kill cli after commit"),
    ("POST flow", "kill everything after commit"),
    ("PATCH flow (activation)", "kill everything before commit"),
    ("PATCH base connection", "reset after commit"),
    ("POST source connection", "HTTP 503 after commit"),
    ("POST source connection", "reset before commit"),
    ("POST action disable", "HTTP 503 before commit"),
    ("DELETE flow", "kill everything after commit"),
    ("DELETE base connection", "HTTP 503 after commit"),
}
MATRIX = [
    pytest.param(boundary, fault, marks=[] if (boundary, fault) in REPRESENTATIVE else [pytest.mark.slow])
    for boundary in BOUNDARIES
    for fault in [*KILLS, *LOSSES]
]


@pytest.fixture
def cut(project):
    """A project whose processes are all ended afterwards, also the orphaned ones."""
    yield project
    for fault in project.emulator.service.faults:
        fault.released.set()
    end_all(project)


@pytest.fixture(scope="module")
def first(tmp_path_factory, engine):
    """A project in which FIRST is up: made once, for all rows that begin with it."""
    with Emulator() as emulator:
        project = Project(tmp_path_factory.mktemp("first") / "project", engine, emulator, environment_of(emulator))
        project.write(FIRST)
        project.up()
        yield project


def begin_as(first, project):
    """Give a project the state of another, and its emulator the objects."""
    shutil.copytree(first.folder / ".pulumi", project.folder / ".pulumi", dirs_exist_ok=True)
    shutil.copy(first.folder / "Pulumi.dev.yaml", project.folder)
    first.emulator.store._database.backup(project.emulator.store._database)


def converge(project, program=SECOND):
    """What a person does then: free the stack, and run the same again. Each object is there exactly once, as declared."""
    wanted = {FIRST: (["s1", "s2"], "disabled", "s"), SECOND: (["s2", "s3"], "enabled", "t")}[program]
    free(project)
    project.write(program)
    project.up()
    assert [len(project.live(kind)) for kind in KINDS] == [2, 1, 1, 1]
    recorded = {resource["id"] for resource in project.state().values() if "id" in resource}
    assert {item["id"] for kind in KINDS for item in project.live(kind)} <= recorded
    (flow,) = project.live("flows")
    params = flow["transformations"][0]["params"]
    segments = [selector["value"]["id"] for selector in params["segmentSelectors"]["selectors"]]
    assert [selector["value"]["path"] for selector in params["profileSelectors"]["selectors"]] == ["a.b"]
    assert (sorted(segments), flow["state"], project.live("targetConnections")[0]["params"]["stream"]) == wanted
    project.refresh("--expect-no-changes")
    project.up("--expect-no-changes")


def vanish(project):
    """Destroy leaves nothing."""
    free(project)
    project.destroy()
    assert [project.live(kind) for kind in KINDS] == [[], [], [], []]


@pytest.mark.parametrize(("boundary", "fault"), MATRIX)
def test_whatever_is_cut_off_the_next_up_converges(cut, first, boundary, fault):
    with_first, command, method, path, skip = BOUNDARIES[boundary]
    project = cut
    if with_first:
        begin_as(first, project)
    project.write("" if command == DESTROY else SECOND if with_first else FIRST)
    kind, who, when = re.fullmatch(r"(kill|HTTP|reset) ?(\w*) (before|after) commit", fault).groups()
    if kind == "kill":
        hit = Fault(method=method, path=path, skip=skip, when=when, hold=True, reset=True)
        run_until_killed(project, hit, who, *command)
    else:
        status = int(who) if kind == "HTTP" else None
        project.emulator.order(Fault(method=method, path=path, skip=skip, when=when, status=status, reset=kind == "reset"))
        project.run(*command, check=False)
    if command == DESTROY:
        vanish(project)
    converge(project, SECOND if with_first else FIRST)
    assert len(processes_of(project)) == 0 or who == "cli"
    vanish(project)


def test_an_orphaned_provider_makes_no_twin_while_the_next_up_runs(cut):
    """The CLI dies while a POST is on its way; the next up runs to its end, and only then the service commits the first."""
    project = cut
    project.write(SECOND)
    late = Fault(method="POST", path="/targetConnections", hold=True)
    kill_at(project, late, "cli", *UP)
    free(project)
    project.up()
    late.released.set()
    deadline = 60
    while processes_of(project) and deadline:
        # The orphan ends by itself only when its input closes; what counts is that it has given way.
        if len(project.live("targetConnections")) == 1 and any(call.method == "DELETE" for call in project.emulator.calls):
            break
        deadline -= 1
        project.run("version")
    assert len(project.live("targetConnections")) == 1
    converge(project)
    vanish(project)


@pytest.mark.parametrize("how", ["--replace", "taint"])
def test_forced_replacement_loses_nothing_and_leaves_no_orphan(cut, how):
    project = cut
    project.write(SECOND)
    project.up()
    urn = project.state()["TargetConnection::target"]["urn"]
    if how == "taint":
        project.run("state", "taint", urn, "--yes")
        project.up()
    else:
        project.up("--replace", urn)
    converge(project)
    vanish(project)


def test_a_forced_replacement_that_is_cut_off_before_its_delete_loses_nothing(cut):
    project = cut
    project.write(SECOND)
    project.up()
    urn = project.state()["TargetConnection::target"]["urn"]
    # by id: read, read back, read when lists show the new nonce, and the read before the delete
    hit = Fault(method="GET", path=r"/targetConnections/", skip=3, hold=True, reset=True)
    run_until_killed(project, hit, "everything", *UP, "--replace", urn)
    assert any(resource.get("delete") for resource in project.resources())
    converge(project)
    vanish(project)


@pytest.mark.parametrize("who", ["everything", "cli", "provider"])
@pytest.mark.parametrize(("method", "when"), [("POST", "after"), ("DELETE", "before"), ("DELETE", "after")])
def test_a_crash_in_the_middle_of_a_replacement_converges(cut, who, method, when):
    project = cut
    project.write(SECOND.replace('"target", base', '"target", data_format="csv", base'))
    project.up()
    project.write(SECOND)
    hit = Fault(method=method, path="/targetConnections", when=when, hold=True, reset=True)
    run_until_killed(project, hit, who, *UP)
    converge(project)
    vanish(project)


def test_equal_names_in_two_stacks_two_projects_and_under_two_parents_never_meet(cut, tmp_path):
    project = cut
    twins = """
class Group(pulumi.ComponentResource):
    def __init__(self, name):
        super().__init__(f"shop:index:{name}", name)
        self.child = aep.BaseConnection("same", connection_spec_id=aep.ConnectionSpecId.UNIFIED_PROFILE,
            opts=pulumi.ResourceOptions(parent=self))
Group("Left"), Group("Right")
aep.BaseConnection("same", connection_spec_id=aep.ConnectionSpecId.UNIFIED_PROFILE)
"""
    project.write(twins)
    project.up()
    project.run("stack", "init", "other")
    project.up()
    other = type(project)(tmp_path / "store", project.engine, project.emulator, project.environment, name="store")
    other.write(twins)
    other.up()
    assert len(project.live("connections")) == 9
    project.destroy("--stack", "other")
    assert len(project.live("connections")) == 6
    other.refresh("--expect-no-changes")
    project.run("stack", "select", "dev")
    project.refresh("--expect-no-changes")


def test_renaming_the_stack_and_moving_into_a_component_are_updates_in_place(cut):
    project = cut
    project.write('aep.BaseConnection("a", connection_spec_id=aep.ConnectionSpecId.UNIFIED_PROFILE)')
    project.up()
    (before,) = project.live("connections")
    project.run("stack", "rename", "production")
    project.up()
    (renamed,) = project.live("connections")
    assert renamed["id"] == before["id"]
    assert "[pulumi:shop/production/a#" in renamed["description"]
    project.write(
        "class Group(pulumi.ComponentResource):\n"
        "    def __init__(self, name):\n"
        "        super().__init__('shop:index:Group', name)\n"
        "        spec = aep.ConnectionSpecId.UNIFIED_PROFILE\n"
        "        aep.BaseConnection('a', connection_spec_id=spec, opts=pulumi.ResourceOptions(\n"
        "            parent=self, aliases=[pulumi.Alias(parent=pulumi.ROOT_STACK_RESOURCE)]))\n"
        "Group('g')\n"
    )
    assert "1 updated" in project.up().text
    (moved,) = project.live("connections")
    assert moved["id"] == before["id"]
    assert moved["description"] != renamed["description"]
    project.refresh("--expect-no-changes")


def test_a_base_connection_used_by_a_flow_of_the_ui_is_not_deleted_and_the_error_names_the_flow(cut):
    project = cut
    project.write(SECOND)
    project.up()
    place, store = "EMULATOR@AdobeOrg/prod", project.emulator.store
    ids = {key: resource.get("id") for key, resource in project.state().items()}
    spec = {"id": "86043421-563b-46ec-8e6c-e23184711bf6", "version": "1.0"}
    body = {"name": "by hand", "connectionSpec": spec, "data": {"format": "json"}, "params": {"stream": "s", "region": "r"}}
    target = store.create(place, "targetConnections", {**body, "baseConnectionId": ids["BaseConnection::account"]}, "ui")["id"]
    (flow,) = project.live("flows")
    by_hand = {key: flow[key] for key in ("flowSpec", "sourceConnectionIds")}
    transformation = {"name": "GeneralTransform", "params": {}}
    made = {**by_hand, "name": "UI flow", "targetConnectionIds": [target], "transformations": [transformation]}
    theirs = store.create(place, "flows", made, "ui")["id"]
    stopped = project.destroy("--continue-on-error", check=False)
    assert stopped.code != 0
    assert f"cannot delete base connection account: dataflows use it: UI flow ({theirs}); delete them first" in stopped.text
    assert f"cannot delete source connection source: dataflows use it: UI flow ({theirs})" in stopped.text
    store.delete(place, "flows", theirs)
    store.delete(place, "targetConnections", target)
    vanish(project)


def test_another_packages_provider_in_the_same_process_keeps_its_traceback(cut):
    project = cut
    (project.folder / "other.py").write_text(
        "import pulumi.dynamic\n"
        "class OtherProvider(pulumi.dynamic.ResourceProvider):\n"
        "    def create(self, props): raise RuntimeError('of the other package')\n"
        "class Other(pulumi.dynamic.Resource):\n"
        "    def __init__(self, name): super().__init__(OtherProvider(), name, {})\n"
    )
    project.write(
        "from other import Other\n"
        "first = aep.BaseConnection('a', connection_spec_id='11111111-2222-3333-4444-555555555555')\n"
        "Other('b')\n"
    )
    result = project.up("--continue-on-error", check=False)
    assert "error: cannot create base connection a: Please provide a valid spec id" in result.text
    assert "Traceback (most recent call last)" in result.text
    assert "RuntimeError: of the other package" in result.text
    diagnostics = result.text.partition("Diagnostics:")[2]
    assert diagnostics.count("Traceback") == diagnostics.count("RuntimeError: of the other package") == 1

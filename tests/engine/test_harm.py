"""What a wrong program, a forced replacement, a second backend, a dead CLI or a block page must not do to a live audience."""

from __future__ import annotations

import re
import shutil
import signal

import pytest
from engine.killing import end_all, free, kill, run_until_killed

from pulumi_aep_streaming.emulator import Fault

pytestmark = pytest.mark.engine

PLACE = "EMULATOR@AdobeOrg/prod"
KINDS = ["connections", "sourceConnections", "targetConnections", "flows"]
CHAIN = """
profiles = aep.BaseConnection("profiles", connection_spec_id=aep.ConnectionSpecId.UNIFIED_PROFILE)
source = aep.SourceConnection("source", base_connection_id=profiles.id)
key = aep.KinesisAuthArgs(access_key_id="a", secret_key="TOPSECRET-1", region="r")
account = aep.BaseConnection("account", auth=key{account})
stream = aep.KinesisTargetArgs(stream="{stream}", region="r")
target = aep.TargetConnection("target", base_connection_id=account.id, params=stream)
flow = aep.Dataflow("flow", source_connection_ids=[source.id], target_connection_ids=[target.id],
    segments={segments}, profile_attributes=["a.b"]{flow})
"""
SHARED = 'aep.KinesisDestinationArgs(stream="s", region="r")'
UP = ("up", "--yes", "--skip-preview")
DESTINATION = 'aep.KinesisDestinationArgs(stream="s", region="r", access_key_id="a", secret_key="TOPSECRET-1")'


def chain(segments="['s1', 's2']", stream="s", account="", flow=""):
    return CHAIN.format(segments=segments, stream=stream, account=account, flow=flow)


def segments_of(project):
    (flow,) = project.live("flows")
    return [each["value"]["id"] for each in flow["transformations"][0]["params"]["segmentSelectors"]["selectors"]]


def everything(project):
    return {item["id"]: item for kind in KINDS for item in project.live(kind)}


@pytest.fixture
def live(project):
    """A project whose chain is up; all of its processes end with the test."""
    project.write(chain())
    project.up()
    project.emulator.forget()
    yield project
    for fault in project.emulator.service.faults:
        fault.released.set()
    end_all(project)


NOTHING = [
    ("segments", "None"),
    ("segments", 'pulumi.Config().get_object("missing")'),
    ("segments", "pulumi.Output.from_input(None)"),
    ("segments", "pulumi.Output.secret(None)"),
    ("profile_attributes", 'pulumi.Config().get("missing")'),
    ("profile_attributes", "pulumi.Output.from_input([]).apply(lambda _: None)"),
]


@pytest.mark.parametrize(("argument", "value"), NOTHING)
def test_none_deactivates_nothing_and_is_refused_in_the_preview(live, argument, value):
    other = {"segments": "profile_attributes=['a.b']", "profile_attributes": "segments=['s1', 's2']"}[argument]
    program = chain().partition("    segments=")[0] + f"    {other}, {argument}={value})\n"
    live.write(program)
    preview = live.preview(check=False)
    assert f"{argument}: None; give [] to activate none" in preview.text
    assert (preview.code, live.up(check=False).code) != (0, 0)
    assert segments_of(live) == ["s1", "s2"]
    assert not any(call.method in {"POST", "PATCH", "DELETE"} for call in live.emulator.calls)


@pytest.mark.parametrize(
    ("program", "line"),
    [
        (f'aep.StreamingDestination("d", destination={DESTINATION}, segments=None)', "d: segments: None; give []"),
        (
            f'aep.StreamingDestination("d", destination={DESTINATION}, profile_attributes=None)',
            "profile_attributes: None; give",
        ),
        (
            f'aep.StreamingDestination("d", destination={SHARED}, base_connection=pulumi.Output.from_input(None))',
            "d: base_connection: required, but it is None",
        ),
        (
            f'aep.StreamingDestination("d", destination={DESTINATION}, source_connection=pulumi.Output.from_input(""))',
            "source_c",
        ),
        (
            'aep.StreamingDestination("d", destination=pulumi.Output.from_input(None))',
            "d: destination: required, but it is None",
        ),
        ('aep.Dataflow.get("f", None)', "f: id: required, but it is None"),
        ('aep.Dataflow.get("f", "")', "f: id: required, but it is ''"),
        ('aep.Dataflow.get("f", pulumi.Output.from_input(None))', "f: id: required, but it is None"),
        (
            'aep.TargetConnection("t", base_connection_id="b", params={"n": float("nan")}, connection_spec_id="x")',
            "params.n: no nu",
        ),
        (
            'aep.TargetConnection("t", base_connection_id="b", params={"n": 10**400}, connection_spec_id="x")',
            "t: params.n: no nu",
        ),
        (
            'aep.TargetConnection("t", base_connection_id="b", params={"n": 2**53 + 1}, connection_spec_id="x")',
            "params.n: a whole",
        ),
    ],
)
def test_what_cannot_be_meant_is_refused_in_the_preview_and_nothing_is_half_made(project, program, line):
    project.write(program)
    preview = project.preview(check=False)
    assert preview.code != 0
    assert line in preview.text
    assert project.emulator.calls == []


@pytest.mark.parametrize(
    ("members", "line"),
    [
        (
            '{"s3AccessKey": "a", "s3SecretKey": pulumi.Config().get_secret("missing")}',
            "auth.params.s3SecretKey: None; leave it",
        ),
        ('{"s3AccessKey": "a", "s3SecretKey": None}', "auth.params.s3SecretKey: None; leave it out"),
        ('pulumi.Output.from_input({"s3AccessKey": "a", "s3SecretKey": None})', "auth.params.s3SecretKey: None; leave it out"),
    ],
)
def test_none_among_credentials_takes_none_away(project, members, line):
    spec = 'connection_spec_id="4fce964d-3f37-408f-9778-e597338a21ee"'
    account = 'account = aep.BaseConnection("account", {}, auth=aep.AuthArgs(spec_name="Access Key", params={}))\n'
    target = 'aep.TargetConnection("target", base_connection_id=account.id, {}, params={{"a": 1}}, secret_params={})\n'
    good, token = '{"s3AccessKey": "a", "s3SecretKey": "TOPSECRET-1"}', '{"token": "TOPSECRET-2"}'
    project.write(account.format(spec, good) + target.format(spec, token))
    project.up()
    project.emulator.forget()
    project.write(account.format(spec, members) + target.format(spec, token))
    assert line in project.preview(check=False).text
    assert project.up(check=False).code != 0
    project.write(account.format(spec, good) + target.format(spec, '{"token": pulumi.Output.from_input(None)}'))
    assert "target: secret_params.token: None; leave it out" in project.preview(check=False).text
    project.up(check=False)
    assert not any(call.method == "PATCH" for call in project.emulator.calls)


def test_none_among_parameters_takes_none_away(project):
    made = f"aep.StreamingDestination('d', destination={DESTINATION[:-1]}, params={{}}), segments=[])\n"
    project.write(made.format("{'includeMappedAudiencesOnly': True}"))
    project.up()
    project.emulator.forget()
    member = "params.includeMappedAudiencesOnly: None; leave it out if it is none of the parameters"
    for params, line in (
        ("{'includeMappedAudiencesOnly': pulumi.Config().get_bool('missing')}", member),
        ("pulumi.Config().get_object('missing')", "params: None; give {} for none"),
    ):
        project.write(made.format(params))
        assert line in project.preview(check=False).text
    assert project.up(check=False).code != 0
    assert not any(call.method == "PATCH" for call in project.emulator.calls)


def test_for_the_others_an_output_of_none_means_not_given(project):
    project.write(
        chain(
            flow=", name=nothing, description=nothing, enabled=nothing, flow_spec_id=nothing, sandbox_name=nothing, "
            "selector_ownership=nothing, force_destroy=nothing, adopt_id=nothing"
        ).replace("profiles = ", "nothing = pulumi.Output.from_input(None)\nprofiles = ")
    )
    project.up()
    (flow,) = project.live("flows")
    assert (flow["name"], flow["state"], flow["flowSpec"]["id"][:8]) == ("flow", "enabled", "71471eba")
    project.up("--expect-no-changes")


@pytest.mark.parametrize("kind", ["BaseConnection", "SourceConnection", "TargetConnection", "Dataflow"])
def test_a_reference_to_nothing_fails_in_preview_and_up(live, kind):
    id_ = "00000000-0000-0000-0000-000000000000"
    before = everything(live)
    built_upon_it = chain().replace("base_connection_id=account.id", "base_connection_id=seen.id")
    program = f'seen = aep.{kind}.get("seen", "{id_}")\n'
    live.write(program + (built_upon_it if kind == "BaseConnection" else chain(stream="t")))
    for result in (live.preview(check=False), live.up(check=False)):
        assert result.code != 0
        assert f"there is no {' '.join(kind_words(kind))} {id_} in sandbox prod: check the id, and sandbox_name" in result.text
    assert live.state()["TargetConnection::target"]["id"] in everything(live)
    if kind == "BaseConnection":
        assert everything(live) == before


def kind_words(kind):
    return {"BaseConnection": ["base", "connection"], "Dataflow": ["dataflow"]}.get(kind, [kind[:6].lower(), "connection"])


def test_a_reference_to_what_is_in_another_sandbox_or_goes_away_fails(live):
    id_ = live.state()["TargetConnection::target"]["id"]
    live.write(chain() + f'aep.TargetConnection.get("seen", "{id_}", sandbox_name="dev")')
    assert f"there is no target connection {id_} in sandbox dev" in live.preview(check=False).text
    body = {"name": "by hand", "connectionSpec": {"id": "8a9c3494-9708-43d7-ae3f-cda01e5030e1", "version": "1.0"}}
    theirs = live.emulator.store.create(PLACE, "connections", body, "ui")["id"]
    live.write(chain() + f'aep.BaseConnection.get("seen", "{theirs}")')
    live.up()
    live.emulator.store.delete(PLACE, "connections", theirs)
    live.refresh()
    assert f"there is no base connection {theirs} in sandbox prod" in live.up(check=False).text


def test_another_backend_with_the_same_names_takes_over_repoints_and_deletes_nothing(live, tmp_path):
    before = everything(live)
    other = type(live)(tmp_path / "other", live.engine, live.emulator, live.environment)
    other.write(chain(stream="theirs"))
    stopped = other.up(check=False)
    assert stopped.code != 0
    profiles = live.state()["BaseConnection::profiles"]["id"]
    assert (
        f"cannot create base connection profiles: {profiles} carries the marker of this resource (shop/dev/prof" in stopped.text
    )
    assert "AEP_RECLAIM=shop/dev for one run" in stopped.text
    other.destroy()
    assert everything(live) == before


def test_a_lost_state_is_reclaimed_for_one_run_and_then_differences_show(live, tmp_path):
    place = (PLACE, "flows", live.state()["Dataflow::flow"]["id"])
    path = "/transformations/0/params/segmentSelectors/selectors/-"
    theirs = {"op": "add", "path": path, "value": {"type": "PLATFORM_SEGMENT", "value": {"id": "theirs"}}}
    live.emulator.store.patch(*place, [theirs], live.emulator.store.get(*place)["etag"], "ui")
    ids = everything(live).keys()
    shutil.rmtree(live.folder / ".pulumi")
    live.run("stack", "init", "dev")
    live.emulator.forget()
    said = live.up(AEP_RECLAIM="shop/dev").text
    assert said.count("is reclaimed from shop/dev/") >= 5
    assert "AEP_RECLAIM=shop/dev: an up takes over the objects with markers of that stack, from any state" in said
    patches = [call for call in live.emulator.calls if call.method in {"POST", "PATCH", "DELETE"} and "/ims/" not in call.path]
    assert [[operation["path"] for operation in call.body] for call in patches] == [["/description"]] * 5
    assert everything(live).keys() == ids
    assert "2 to update" in live.preview().text  # the credentials, which nobody can read, and the segment of others
    live.up()
    assert segments_of(live) == ["s1", "s2"]
    live.refresh("--expect-no-changes")
    live.up("--expect-no-changes")
    live.destroy()
    assert everything(live) == {}


def test_a_state_that_lost_its_object_to_another_says_so_and_takes_it_back_on_purpose(live, tmp_path):
    other = type(live)(tmp_path / "other", live.engine, live.emulator, live.environment)
    other.write(chain(stream="theirs"))
    other.up(AEP_RECLAIM="shop/dev")
    target = live.state()["TargetConnection::target"]["id"]
    live.write(chain(stream="t"))
    stopped = live.up(check=False)
    assert f"cannot update target connection target: {target} is another state's by now" in stopped.text
    assert f"{target} is another state's by now" in live.refresh().text
    before = everything(live)
    live.run("config", "set", "unused", "x")
    live.destroy()
    assert everything(live) == before
    live.up(AEP_RECLAIM="shop/dev")
    live.up()
    assert live.live("targetConnections")[0]["params"]["stream"] == "t"
    other.destroy()
    assert everything(live).keys() == before.keys()


@pytest.mark.parametrize("how", ["--replace of all", "--refresh and --replace", "taint of all", "another provider"])
def test_a_forced_replacement_of_everything_loses_nothing(live, how):
    before = everything(live).keys()
    if how == "taint of all":
        for resource in live.resources():
            if "dynamic/aep" in resource["type"]:
                live.run("state", "taint", resource["urn"], "--yes")
        stopped = live.up(check=False)
    elif how == "another provider":
        provider = (
            f'place = {{"endpoint": "{live.emulator.url}", "ims_endpoint": "{live.emulator.url}", "sandbox_name": "prod"}}\n'
            'other = aep.Provider("other", org_id="EMULATOR@AdobeOrg", client_id="emulator-client",'
            ' client_secret="emulator-secret", **place)\n'
        )
        live.write(
            provider
            + re.sub(
                r"(aep\.\w+Connection|Dataflow)\(", r"\1(opts=pulumi.ResourceOptions(provider=other), resource_name=", chain()
            )
        )
        stopped = live.up(check=False)
    elif how == "--refresh and --replace":
        replaced = [resource["urn"] for resource in live.resources() if "dynamic/aep" in resource["type"]]
        stopped = live.up("--refresh", *(word for urn in replaced for word in ("--replace", urn)), check=False)
    else:
        stopped = live.up("--replace", "**", check=False)
    assert everything(live).keys() == before, stopped.text
    assert segments_of(live) == ["s1", "s2"]
    if how == "taint of all":
        for resource in live.resources():
            if "dynamic/aep" in resource["type"]:
                live.run("state", "untaint", resource["urn"], "--yes", check=False)
    live.up()
    assert everything(live).keys() == before
    live.refresh("--expect-no-changes")


@pytest.mark.parametrize("more", ["", ", delete_before_replace=True"])
def test_a_replaced_flow_keeps_the_segments_that_the_program_ignores(live, more):
    """Marketers own them, a refresh has seen what they did, and then the flow moves to another account."""
    program = chain(segments="[]", flow=f', opts=pulumi.ResourceOptions(ignore_changes=["segments"]{more})')
    live.write(program)
    live.up()
    (flow,) = live.live("flows")
    path = "/transformations/0/params/segmentSelectors/selectors/-"
    theirs = {"op": "add", "path": path, "value": {"type": "PLATFORM_SEGMENT", "value": {"id": "theirs", "name": "Summer"}}}
    live.emulator.store.patch(PLACE, "flows", flow["id"], [theirs], flow["etag"], "ui")
    live.refresh()
    live.write(program.replace("base_connection_id=account.id", 'base_connection_id=account.id, data_format="csv"'))
    live.up()
    assert live.live("flows")[0]["id"] != flow["id"]
    assert segments_of(live) == ["s1", "s2", "theirs"]
    live.run(*UP, "--expect-no-changes")
    live.refresh()
    live.run(*UP, "--expect-no-changes")
    assert segments_of(live) == ["s1", "s2", "theirs"]


def test_a_replaced_flow_takes_along_what_a_marketer_did_since_the_last_refresh(live):
    (flow,) = live.live("flows")
    path = "/transformations/0/params/segmentSelectors/selectors/-"
    theirs = {"op": "add", "path": path, "value": {"type": "PLATFORM_SEGMENT", "value": {"id": "theirs", "name": "Summer"}}}
    live.emulator.store.patch(PLACE, "flows", flow["id"], [theirs], flow["etag"], "ui")
    live.emulator.store.act(PLACE, flow["id"], "disable", "ui")
    live.write(chain().replace("base_connection_id=account.id", 'base_connection_id=account.id, data_format="csv"'))
    said = live.up().text
    assert segments_of(live) == ["s1", "s2", "theirs"]
    assert live.live("flows")[0]["state"] == "disabled"
    for line in ("Summer (theirs) was activated by others and is carried over", "stays paused", "history is sent again"):
        assert line in said


EDITS = {
    "renamed in the program": chain(account=', name="other"', flow=', name="other"'),
    "another stream": chain(stream="t"),
    "other segments": chain(segments="['s2', 's3']"),
    "another key": chain().replace("TOPSECRET-1", "TOPSECRET-2"),
}
LEFT_OVERS = [
    ("connections", 0),
    ("connections", 1),
    ("sourceConnections", 0),
    ("targetConnections", 0),
    ("flows", 0),
    ("PATCH", 0),
]


@pytest.mark.parametrize("edit", ["renamed in the UI", "a segment activated in the UI", *EDITS])
@pytest.mark.parametrize(("left", "skip"), LEFT_OVERS)
@pytest.mark.slow
def test_what_a_killed_up_made_is_found_whatever_changes_before_the_next(live, edit, left, skip):
    live.destroy()
    method, path = ("PATCH", "/flows/") if left == "PATCH" else ("POST", rf"/{left}\?")
    run_until_killed(live, Fault(method=method, path=path, skip=skip, when="after", hold=True, reset=True), "everything", *UP)
    free(live)
    made = {item["id"] for item in everything(live).values()}
    for kind in KINDS if edit == "renamed in the UI" else []:
        for item in live.live(kind):
            renamed = {"op": "replace", "path": "/name", "value": "Summer"}
            live.emulator.store.patch(PLACE, kind, item["id"], [renamed], item["etag"], "ui")
    for flow in live.live("flows") if "activated" in edit else []:
        theirs = {"type": "PLATFORM_SEGMENT", "value": {"id": "theirs"}}
        added = {"op": "add", "path": "/transformations/0/params/segmentSelectors/selectors/-", "value": theirs}
        live.emulator.store.patch(PLACE, "flows", flow["id"], [added], flow["etag"], "ui")
    activated = segments_of(live) if live.live("flows") else []
    live.write(EDITS.get(edit, chain()))
    said = live.up().text
    assert "was left behind by an interrupted pulumi up, or is replaced by force, and is resumed" in said
    assert made <= everything(live).keys()
    assert [len(live.live(kind)) for kind in KINDS] == [2, 1, 1, 1]
    assert set(activated) <= set(segments_of(live))
    live.refresh()
    live.up()
    live.refresh("--expect-no-changes")


def test_a_left_over_that_can_never_become_what_is_declared_stops_the_up_and_is_taken_on_purpose(live):
    live.destroy()
    hit = Fault(method="POST", path=r"/targetConnections\?", when="after", hold=True, reset=True)
    run_until_killed(live, hit, "everything", *UP)
    free(live)
    (left,) = live.live("targetConnections")
    live.write(chain().replace("base_connection_id=account.id", 'base_connection_id=account.id, data_format="csv"'))
    stopped = live.up(check=False)
    assert f"{left['id']} carries the marker of this resource (shop/dev/target#" in stopped.text
    assert "but differs in dataFormat" in stopped.text
    assert live.live("targetConnections") == [left]
    live.up(AEP_RECLAIM="shop/dev")
    live.up()
    assert [target["data"]["format"] for target in live.live("targetConnections")] == ["csv"]
    live.refresh("--expect-no-changes")


@pytest.mark.parametrize("how", ["kill", "interrupt"])
def test_a_provider_whose_cli_is_dead_writes_nothing_more(live, how):
    """It waits for a limit to end; meanwhile the person decides otherwise."""
    live.write(chain(stream="WRONG"))
    limit = Fault(method="PATCH", path="/targetConnections/", status=429, headers={"Retry-After": "6"})
    live.emulator.order(limit)
    with live.start(*UP) as running:
        assert limit.reached.wait(60)
        if how == "kill":
            kill(live, "cli")
        else:
            running.send_signal(signal.SIGINT)
            live.run("version")
            running.send_signal(signal.SIGINT)
        running.wait(timeout=60)
    free(live)
    live.write(chain(stream="right"))
    live.up()
    for _ in range(40):  # each takes a good part of a second
        live.run("version")
    assert live.live("targetConnections")[0]["params"]["stream"] == "right"
    live.up("--expect-no-changes")


def test_a_block_page_is_no_success_and_nothing_is_forgotten(live):
    live.emulator.misbehave()
    page = {"status": 200, "raw": "<html>blocked by policy</html>", "headers": {"Content-Type": "text/html"}, "times": 99}
    live.emulator.order(Fault(method="DELETE", **page))
    destroyed = live.destroy(check=False)
    assert "answered HTTP 200 with something that is no JSON, so the service may not have seen this" in destroyed.text
    assert len(live.live("flows")) == 1
    assert live.state()["Dataflow::flow"]["id"] == live.live("flows")[0]["id"]


def test_modules_of_a_user_may_have_names_of_the_standard_library(project):
    """All that the package itself imports, and neither Pulumi nor its dependencies have loaded before it."""
    for name in ("secrets", "html", "difflib"):
        (project.folder / f"{name}.py").write_text("TEAM = 'of the user'\n")
    project.write(chain())
    project.up()
    misspelt = chain().replace(
        'params=aep.KinesisTargetArgs(stream="s", region="r")', 'connection_spec_id="x", params={}, nam="t"'
    )
    for program in (
        misspelt.replace("nam=", "name="),
        chain().replace("access_key_id", "acces_key_id").replace("aep.KinesisAuthArgs", "dict"),
    ):
        project.write(program)
        said = project.preview(check=False).text
        assert "has no attribute" not in said
    assert "unknown key acces_key_id, did you mean access_key_id?" in said
    project.write(chain())
    project.emulator.order(Fault(method="PATCH", status=400, body={"message": "TOPSECRET-2 <is wrong>"}))
    project.write(chain().replace("TOPSECRET-1", "TOPSECRET-2"))
    assert "[secret] <is wrong>" in project.up(check=False).text
    project.destroy()

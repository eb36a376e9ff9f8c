"""Destinations made by hand become code, are imported by the real engine, and end in no changes."""

from __future__ import annotations

import pytest
from engine.project import Project, command
from support.curl import PROFILE
from support.plain import HUBS, MEN
from support.surroundings import methods

pytestmark = pytest.mark.engine

UPLOADED = {
    "id": "loyalty-members-2026",
    "systemSegmentId": "32a83b5d-a118-4bd6-b3cb-3aee2f4c30a1",
    "namespace": "CustomerAudienceUpload",
    "name": "Loyalty members",
}
KINDS = ["connections", "sourceConnections", "targetConnections", "flows"]


def everything(project: Project) -> dict[str, dict]:
    return {item["id"]: item for kind in KINDS for item in project.live(kind)}


def writes(project: Project) -> list[str]:
    return [line for line in methods(project.emulator) if not line.startswith("GET")]


def adopt(project: Project, *arguments: str) -> str:
    """Adopt the sandbox, and import it into the project's own stack, by the command that is printed."""
    out = project.folder.parent / "adopted"
    said = command(project, "adopt", "--sandbox", "prod", "--out", str(out), *arguments)
    (project.folder / "__main__.py").write_text((out / "__main__.py").read_text())
    (line,) = [line.strip() for line in said.splitlines() if "pulumi import" in line]
    project.run(*line.replace("import.json", str(out / "import.json")).split()[1:])
    return said


def test_what_was_made_by_hand_is_imported_and_ends_in_no_changes(project, by_hand):
    source, account = by_hand.profiles(), by_hand.account('Kinesis, the "big" one')
    flow = by_hand.flow("Shop", source, by_hand.stream("Shop", account), [MEN, {"id": "x"}], ["a.b", "c"], description="Hi")
    by_hand.flow("Shop", source, by_hand.stream("2nd ünïcode", account), [UPLOADED], ["a"])
    before = everything(project)
    project.emulator.forget()
    adopt(project)
    project.preview("--expect-no-changes")
    project.up("--expect-no-changes")
    project.refresh("--expect-no-changes")
    assert (writes(project), everything(project)) == ([], before)

    text = (project.folder / "__main__.py").read_text()
    (project.folder / "__main__.py").write_text(text.replace('"x",', '"y",'))
    project.up()
    assert writes(project) == ["PATCH flows"]
    changed = everything(project)
    assert changed.keys() == before.keys()
    assert changed[flow]["description"].startswith("Hi [pulumi:shop/dev/shop-flow#")
    assert "TOPSECRET" not in project.export() + text
    project.destroy()
    assert everything(project) == {}


def test_a_chain_that_a_component_would_name_so_becomes_one(project, by_hand):
    api = by_hand.api
    base = api.make("/connections", name="shop-profile", connectionSpec=PROFILE)["id"]
    source = by_hand.end("source", "shop-source", base, PROFILE, {})
    target = by_hand.stream("shop-target", by_hand.account("shop-base"))
    by_hand.flow("shop", source, target, [MEN], ["a.b"])
    before = everything(project)
    project.emulator.forget()
    adopt(project, "--with-credentials")
    text = (project.folder / "__main__.py").read_text()
    assert text.count(" = aep.") == text.count("StreamingDestination(") == 1
    project.config("shop_access_key_id", "a")
    project.config("shop_secret_key", "TOPSECRET-new", secret=True)
    preview = project.preview().text
    assert "~ 1 to update" in preview
    assert "+ auth" in preview
    project.up()
    assert writes(project) == ["PATCH connections"]
    assert everything(project).keys() == before.keys()
    project.up("--expect-no-changes")
    project.refresh("--expect-no-changes")
    project.destroy()
    assert everything(project) == {}


def test_with_credentials_exactly_they_are_updated(project, by_hand):
    source = by_hand.profiles()
    by_hand.flow("A", source, by_hand.stream("A", by_hand.account()), [MEN], [])
    hub = by_hand.end("target", "B", by_hand.hubs(), HUBS, {"eventHubName": "h"})
    by_hand.flow("B", source, hub, [MEN], [])
    project.emulator.forget()
    said = adopt(project, "--with-credentials")
    for line in said.splitlines():
        if "config set" in line and "aep:" not in line:
            project.config(line.split()[-1], "value", secret="--secret" in line)
    assert "~ 2 to update" in project.preview().text
    project.up()
    assert writes(project) == ["PATCH connections", "PATCH connections"]
    project.up("--expect-no-changes")
    project.destroy()


def test_what_aepp_made_is_adopted(project):
    pytest.importorskip("aepp", reason="aepp is installed with the development group")
    from support.by_aepp import SEGMENT, adding, client_of, make_tutorial  # noqa: PLC0415 (only where aepp is installed)

    client = client_of(project.emulator)
    flow = make_tutorial(client)["flow"]
    client.updateFlow(flow, client.getFlow(flow)["etag"], [adding("segmentSelectors", SEGMENT)])
    before = everything(project)
    adopt(project)
    project.preview("--expect-no-changes")
    assert everything(project) == before
    assert f'"{SEGMENT["value"]["id"]}",  # Men over 50' in (project.folder / "__main__.py").read_text()


def test_verify_and_orphans_and_compare_take_a_stack_of_this_directory(project, by_hand):
    project.write("""
for n in ("a", "b"):
    aep.StreamingDestination(n, destination=aep.KinesisDestinationArgs(stream=n, region="r", access_key_id="k", secret_key="s"),
        segments=["x"])
""")
    project.config("aep:sandboxName", "prod")
    project.up()
    elsewhere = ("AEP_SANDBOX_NAME",)
    assert "no run yet" in command(project, "verify", without=elsewhere)
    assert "no differences" in command(project, "compare", "--from", "stack:dev", "--to", "prod", without=elsewhere)
    (project.folder / "export.json").write_text(project.export())
    assert "no orphans" in command(project, "orphans", "--stack-export", "export.json", without=elsewhere)
    flow = next(flow for flow in project.live("flows") if flow["name"] == "b")
    by_hand.api.call("POST", f"/flows/{flow['id']}/action?op=disable")
    assert "it is disabled" in command(project, "verify", "--stack", "dev", code=1)
    by_hand.flow("c", by_hand.profiles(), by_hand.stream("t", by_hand.account()), [MEN], [])
    assert command(project, "compare", "--from", "stack:dev", "--to", "prod", code=1) == "only in prod\n  c\n"
    assert "error: pulumi config: no stack named 'nonsense'" in command(project, "verify", "--stack", "nonsense", code=2)


def test_the_command_never_takes_the_environments_place_for_that_of_a_stack(project, tmp_path):
    project.config("aep:sandboxName", "dev")
    project.config("aep:clientSecret", project.emulator.organization.client_secret, secret=True)
    out = str(tmp_path / "out")
    text = command(project, "adopt", "--out", out, code=1)
    assert "sandbox dev: 0" in text
    assert "warning: aep:sandboxName is dev in the stack's config, AEP_SANDBOX_NAME is prod: using dev" in text
    (project.folder / "below").mkdir()
    assert "sandbox dev: 0" in command(project, "adopt", "--out", out, code=1, at="below")
    project.environment["PULUMI_CONFIG_PASSPHRASE"] = "wrong"
    text = command(project, "adopt", "--out", out, code=2)
    assert "error: pulumi config: " in text
    assert "sandbox prod" not in text


def test_verify_reads_selectors_that_are_secret_in_state_and_output_schema_does_not(project):
    project.write("""
stream = aep.KinesisDestinationArgs(stream="s", region="r", access_key_id="k", secret_key="s")
aep.StreamingDestination("a", destination=stream, segments=pulumi.Output.secret(["x"]))
""")
    project.up()
    assert "no run yet" in command(project, "verify")
    assert "segments: secret in the stack, and left out" in command(project, "output-schema")


def test_verify_and_compare_go_where_an_explicit_provider_leads(project):
    organization = project.emulator.organization
    settings = f"org_id='{organization.id}', client_id='{organization.client_id}', client_secret='{organization.client_secret}'"
    project.write(f"""
url = "{project.emulator.url}"
p = aep.Provider("p", {settings}, endpoint=url, ims_endpoint=url, sandbox_name="dev")
aep.StreamingDestination("a", destination=aep.KinesisDestinationArgs(stream="s", region="r", access_key_id="k", secret_key="s"),
    segments=["x"], opts=pulumi.ResourceOptions(provider=p))
""")
    stray = tuple(project.environment)
    project.up(without=stray)
    assert "no run yet" in command(project, "verify", without=stray)
    assert "only in stack:dev" in command(project, "compare", "--from", "stack:dev", "--to", "prod", code=1)


def test_the_engines_own_import_is_refused_with_what_to_use_instead(project):
    options = "pulumi.ResourceOptions(import_='x')"
    project.write(f"aep.BaseConnection('b', connection_spec_id='x', opts={options})")
    result = project.preview(check=False)
    assert "import_: the engine cannot import dynamic resources: give adopt_id='x', or run aep-streaming adopt" in result.text
    assert "Traceback" not in result.text

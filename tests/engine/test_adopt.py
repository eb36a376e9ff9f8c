"""Destinations made by hand become code, are imported by the real engine, and end in no changes."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from curl import Api
from engine.project import Project
from plain import MEN, ByHand
from surroundings import methods

pytestmark = pytest.mark.engine

KINDS = ["connections", "sourceConnections", "targetConnections", "flows"]


@pytest.fixture
def by_hand(emulator):
    return ByHand(Api(emulator))


def everything(project: Project) -> dict[str, dict]:
    return {item["id"]: item for kind in KINDS for item in project.live(kind)}


def writes(project: Project) -> list[str]:
    return [line for line in methods(project.emulator) if not line.startswith("GET")]


def adopt(project: Project, *arguments: str) -> str:
    """Adopt the sandbox, and import it into the project's own stack, by the command that is printed."""
    out = project.folder.parent / "adopted"
    command = [str(Path(sys.executable).parent / "aep-streaming"), "adopt", "--sandbox", "prod", "--out", str(out), *arguments]
    environment = project.variables()
    done = subprocess.run(command, check=True, capture_output=True, text=True, env=environment, cwd=project.folder)
    (project.folder / "__main__.py").write_text((out / "__main__.py").read_text())
    (line,) = [line.strip() for line in done.stdout.splitlines() if "pulumi import" in line]
    project.run(*line.replace("import.json", str(out / "import.json")).split()[1:])
    return done.stdout


def test_what_was_made_by_hand_is_imported_and_ends_in_no_changes(project, by_hand):
    source, account = by_hand.profiles(), by_hand.account('Kinesis, the "big" one')
    flow = by_hand.flow("Shop", source, by_hand.stream("Shop", account), [MEN, {"id": "x"}], ["a.b", "c"], description="Hi")
    by_hand.flow("Shop", source, by_hand.stream("2nd ünïcode", account), [], ["a"])
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
    base = api.make("/connections", name="shop-profile", connectionSpec={"id": PROFILE_STORE, "version": "1.0"})["id"]
    spec = {"id": PROFILE_STORE, "version": "1.0"}
    source = by_hand.end("source", "shop-source", base, spec, {})
    target = by_hand.stream("shop-target", by_hand.account("shop-base"))
    by_hand.flow("shop", source, target, [MEN], ["a.b"])
    before = everything(project)
    project.emulator.forget()
    adopt(project, "--with-credentials")
    text = (project.folder / "__main__.py").read_text()
    assert text.count(" = aep.") == text.count("StreamingDestination(") == 1
    project.config("shopAccessKeyId", "a")
    project.config("shopSecretKey", "TOPSECRET-new", secret=True)
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


PROFILE_STORE = "8a9c3494-9708-43d7-ae3f-cda01e5030e1"


def test_with_credentials_exactly_they_are_updated(project, by_hand):
    source = by_hand.profiles()
    by_hand.flow("A", source, by_hand.stream("A", by_hand.account()), [MEN], [])
    hub = by_hand.end("target", "B", by_hand.hubs(), {"id": HUBS, "version": "1.0"}, {"eventHubName": "h"})
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


HUBS = "bf9f5905-92b7-48bf-bf20-455bc6b60a4e"

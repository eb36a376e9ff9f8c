"""A lost state: the import file that `recover` writes leads back to it."""

from __future__ import annotations

import json

import pytest
from engine.project import TUTORIAL, Project
from engine.test_adopt import command, everything, writes

pytestmark = pytest.mark.engine

COMPONENT = """
aep.StreamingDestination(
    "shop",
    destination=aep.KinesisDestinationArgs(stream="shop", region="us-west-2", access_key_id="k", secret_key=secret),
    segments=["72ddd79b-6b0a-4e97-a8d2-112ccd81bd02"],
    profile_attributes=["personalEmail.address"],
)
"""


def owned(project: Project) -> dict[str, tuple[str, str]]:
    """What tells in state which objects are whose: ids and nonces, by URN."""
    of_ours = [each for each in project.resources() if "dynamic/aep" in each["type"]]
    return {each["urn"]: (each["id"], each["outputs"]["nonce"]) for each in of_ours}


def follow(project: Project, said: str) -> None:
    """Type the commands that were printed, but for the last, which is a preview."""
    commands = [line.split() for line in said.splitlines() if line.startswith("  pulumi ")]
    assert [words[1] for words in commands] == ["stack", "import", "preview"]
    for words in commands[:-1]:
        project.run(*words[1:])


def test_a_lost_state_is_recovered_by_its_markers_and_the_next_up_makes_nothing_anew(project):
    project.config("streamSecret", "TOPSECRET-stream", secret=True)
    project.write(TUTORIAL + COMPONENT)
    project.up()
    before = everything(project)
    known = owned(project)
    project.run("stack", "rm", "--force", "--yes", "--preserve-config")
    project.emulator.forget()

    said = command(project, "recover", "--stack", "shop/dev", "--sandbox", "prod", "--out", "lost.json")
    assert "4 BaseConnection, 2 SourceConnection, 2 TargetConnection, 2 Dataflow; 1 StreamingDestination" in said
    assert "TOPSECRET" not in (project.folder / "lost.json").read_text()
    follow(project, said)
    assert owned(project) == known
    preview = json.loads(project.run("preview", "--json").text)
    assert preview["changeSummary"] == {"same": 9, "update": 3}  # credentials, and the name of a segment
    assert (writes(project), everything(project)) == ([], before)

    project.up()
    assert writes(project) == ["PATCH connections", "PATCH connections"]
    project.up("--expect-no-changes")
    project.refresh("--expect-no-changes")
    assert everything(project).keys() == before.keys()
    project.destroy()
    assert everything(project) == {}

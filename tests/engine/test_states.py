"""States that released versions wrote go on: refresh, update, destroy. See tests/states/record.py."""

from __future__ import annotations

import json

import pytest
from engine.project import ROOT
from support.surroundings import methods

pytestmark = pytest.mark.engine
RELEASES = sorted(path.parent for path in (ROOT / "tests/states").glob("*/stack.json"))


def restore(project, objects: list[dict]) -> None:
    """Make the objects anew, as today's emulator keeps them, and give them the ids that the state knows."""
    store, place = project.emulator.store, f"{project.emulator.organization.id}/prod"
    for item in objects:
        kind, id_, state = item.pop("kind"), item.pop("id"), item.pop("state")
        posted = {**item, **({"transformations": [{"name": "GeneralTransform", "params": {}}]} if kind == "flows" else {})}
        made = store.create(place, kind, posted, "client")["id"]
        kept = {**store.load(place, kind, made), "id": id_, "state": state}
        store.put(kind, place, {**kept, **({"transformations": item["transformations"]} if kind == "flows" else {})})
        store.drop(made)


def names_in(resources: list[dict]) -> dict[str, tuple[list[str], list[str]]]:
    """The names of the inputs and outputs of each resource."""
    return {it["urn"]: (sorted(it.get("inputs", {})), sorted(it.get("outputs", {}))) for it in resources}


@pytest.mark.parametrize("release", RELEASES, ids=lambda release: release.name)
def test_a_state_of_a_released_version_refreshes_updates_and_is_destroyed(project, release):
    restore(project, json.loads((release / "objects.json").read_text()))
    state = (release / "stack.json").read_text()
    assert "TOPSECRET" not in state
    assert json.loads(state)["deployment"]["resources"]
    (project.folder / "state.json").write_text(state)
    project.run("stack", "import", "--file", "state.json")
    project.refresh("--expect-no-changes")
    program = (release / "__main__.py").read_text()
    (project.folder / "__main__.py").write_text(program)
    project.config("key", "TOPSECRET", secret=True)
    project.up("--expect-no-changes")
    project.emulator.forget()
    (project.folder / "__main__.py").write_text(program.replace('"s1"', '"s9"'))
    project.up()
    assert sorted(call for call in methods(project.emulator) if not call.startswith("GET")) == ["PATCH flows", "PATCH flows"]
    project.refresh("--expect-no-changes")
    # For a program that the release can run, state gets no name that it would not know: one can go back (docs/promises.md).
    recorded = names_in(json.loads(state)["deployment"]["resources"])
    assert {urn: names for urn, names in names_in(project.resources()).items() if urn in recorded} == recorded
    project.destroy()
    kinds = ["connections", "sourceConnections", "targetConnections", "flows"]
    assert [project.live(kind) for kind in kinds] == [[], [], [], []]


def test_there_is_a_state_of_the_version_in_pyproject():
    version = next(line for line in (ROOT / "pyproject.toml").read_text().splitlines() if line.startswith("version"))
    assert version.split('"')[1] in {release.name for release in RELEASES}

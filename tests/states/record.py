"""Record the state that the present version writes: `python tests/states/record.py 0.1.0`, once for each release.

It runs `__main__.py` of that version's directory against an emulator, and keeps the stack's export and the emulator's objects.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))

from engine.project import ROOT, Project  # noqa: E402 (after the path is set)
from support.surroundings import environment_of  # noqa: E402

from pulumi_aep_streaming.emulator import Emulator  # noqa: E402

KINDS = ("connections", "sourceConnections", "targetConnections", "flows")
OF_THIS_MACHINE = {"sourcePosition", "stackTrace"}


def without_paths(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: without_paths(item) for key, item in value.items() if key not in OF_THIS_MACHINE}
    return [without_paths(item) for item in value] if isinstance(value, list) else value


def chosen(item: dict[str, Any]) -> dict[str, Any]:
    """What identifies and makes an object; the rest is the emulator's to add, in whatever version it is."""
    added = ("createdAt", "updatedAt", "createdBy", "updatedBy", "createdClient", "updatedClient", "sandboxId", "sandboxName")
    added += ("imsOrgId", "version", "etag", "inheritedAttributes", "typeInfo", "lastRunDetails", "runs", "lastOperation")
    return {key: value for key, value in item.items() if key not in added}


def record(directory: Path) -> None:
    command = [sys.executable, str(ROOT / "tools/pulumi/install.py")]
    engine = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout.strip()
    with Emulator() as emulator, tempfile.TemporaryDirectory() as folder:
        project = Project(Path(folder) / "project", engine, emulator, environment_of(emulator))
        project.config("key", "TOPSECRET", secret=True)
        (project.folder / "__main__.py").write_text((directory / "__main__.py").read_text())
        project.up()
        objects = [{**chosen(item), "kind": kind} for kind in KINDS for item in reversed(project.live(kind))]
        state = without_paths(json.loads(project.export()))
    (directory / "stack.json").write_text(json.dumps(state, indent=1) + "\n")
    (directory / "objects.json").write_text(json.dumps(objects, indent=1) + "\n")


if __name__ == "__main__":
    record(HERE / sys.argv[1])

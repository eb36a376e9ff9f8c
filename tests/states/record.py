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
from surroundings import environment_of  # noqa: E402

from pulumi_aep_streaming.emulator import Emulator  # noqa: E402

OF_THIS_MACHINE = {"sourcePosition", "stackTrace"}


def without_paths(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: without_paths(item) for key, item in value.items() if key not in OF_THIS_MACHINE}
    return [without_paths(item) for item in value] if isinstance(value, list) else value


def record(directory: Path) -> None:
    command = [sys.executable, str(ROOT / "tools/pulumi/install.py")]
    engine = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout.strip()
    with Emulator() as emulator, tempfile.TemporaryDirectory() as folder:
        project = Project(Path(folder) / "project", engine, emulator, environment_of(emulator))
        project.config("key", "TOPSECRET", secret=True)
        (project.folder / "__main__.py").write_text((directory / "__main__.py").read_text())
        project.up()
        rows = emulator.store._database.execute("SELECT id, kind, place, turn, body FROM objects").fetchall()
        state = without_paths(json.loads(project.export()))
    (directory / "stack.json").write_text(json.dumps(state, indent=1) + "\n")
    (directory / "objects.json").write_text(json.dumps(rows, indent=1) + "\n")


if __name__ == "__main__":
    record(HERE / sys.argv[1])

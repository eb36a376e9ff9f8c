"""Check the built wheel: what is in it, what it depends on, and that nothing else slipped in."""

from __future__ import annotations

import sys
import zipfile
from email.parser import HeaderParser
from pathlib import Path

RUNTIME = {"pulumi", "requests", "pydantic"}
NEEDED = {
    "pulumi_aep_streaming/__init__.py",
    "pulumi_aep_streaming/py.typed",
    "pulumi_aep_streaming/pulumi-plugin.json",
    *(f"pulumi_aep_streaming/emulator/{name}" for name in ("server.py", "page.html", "page.css")),
}


def main() -> int:
    """Check every wheel in a folder; print a line for each, or what is wrong."""
    for wheel in sorted(Path(sys.argv[1]).glob("*.whl")):
        problems = list(problems_of(wheel))
        print(f"{wheel.name}: {'; '.join(problems) or 'ok'}")
        if problems:
            return 1
    return 0


def problems_of(wheel: Path) -> list[str]:
    """Return what is wrong with a wheel."""
    with zipfile.ZipFile(wheel) as archive:
        names = set(archive.namelist())
        metadata = next(name for name in names if name.endswith(".dist-info/METADATA"))
        headers = HeaderParser().parsestr(archive.read(metadata).decode())
    problems = [f"{name} is missing" for name in NEEDED - names]
    problems += [f"{name} does not belong here" for name in names if name.split("/")[0] not in roots_of(metadata)]
    requirements = [line for line in headers.get_all("Requires-Dist", []) if "extra ==" not in line]
    runtime = {line.split(">")[0].split("<")[0].strip() for line in requirements}
    problems += [] if runtime == RUNTIME else [f"depends on {sorted(runtime)}"]
    problems += [] if headers["License-Expression"] == "Apache-2.0" else ["the licence is not Apache-2.0"]
    problems += [] if any("licenses/LICENSE" in name for name in names) else ["the licence text is missing"]
    return problems


def roots_of(metadata: str) -> set[str]:
    """Return the two folders that a wheel may have."""
    return {"pulumi_aep_streaming", metadata.split("/", maxsplit=1)[0]}


if __name__ == "__main__":
    sys.exit(main())

"""Drives the real Pulumi CLI."""

from __future__ import annotations

import os
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest
from engine.project import ROOT, TUTORIAL, Project


@pytest.fixture(scope="session")
def engine():
    """The directory of the CLI; found or built by the same script that `make` uses."""
    command = [sys.executable, str(ROOT / "tools/pulumi/install.py")]
    return subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout.strip()


@pytest.fixture
def project(tmp_path, engine, emulator, environment):
    return Project(tmp_path / "project", engine, emulator, environment)


@pytest.fixture
def tutorial(project):
    """The tutorial's program, up and running."""
    project.config("streamSecret", "TOPSECRET-stream", secret=True)
    project.write(TUTORIAL)
    project.up()
    project.emulator.forget()
    return project


def pytest_terminal_summary(terminalreporter):
    """Write the fault matrix as a table, if asked to (`make fault-matrix`)."""
    file = os.environ.get("FAULT_MATRIX")
    if not file:
        return
    cells = {}
    for outcome, mark in (("passed", "ok"), ("failed", "FAILED"), ("error", "FAILED")):
        for report in terminalreporter.stats.get(outcome, []):
            if "test_whatever_is_cut_off" in report.nodeid and (report.when == "call" or outcome == "error"):
                boundary, _, fault = report.nodeid.partition("[")[2].rstrip("]").rpartition("-")
                cells[boundary, fault] = mark
    boundaries = list(dict.fromkeys(boundary for boundary, _ in sorted(cells)))
    faults = sorted({fault for _, fault in cells})
    counts = Counter(cells.values())
    rows = [f"| {row} | " + " | ".join(cells.get((row, fault), "") for fault in faults) + " |" for row in boundaries]
    lines = [
        "# Fault matrix",
        "",
        "Written by `make fault-matrix`, which cuts off a real `pulumi` at each call to the service, right before or right",
        "after the service acts, then frees the stack (`pulumi cancel`) and runs the program again. `ok`: each object was",
        "there exactly once and as declared; `pulumi refresh` and a second `up` showed no change; `pulumi destroy` left",
        "nothing.",
        "",
        f"{counts['ok']} of {sum(counts.values())} are ok.",
        "",
        "| call | " + " | ".join(faults) + " |",
        "|---|" + "---|" * len(faults),
        *rows,
    ]
    Path(file).write_text("\n".join(lines) + "\n")

"""Drives the real Pulumi CLI."""

from __future__ import annotations

import subprocess
import sys

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

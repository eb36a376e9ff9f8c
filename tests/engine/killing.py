"""Killing a running `pulumi`: all of it, the CLI alone, or the provider process alone; and ending what outlives it."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import time
from pathlib import Path

from engine.project import Project

SECONDS_TO_REACH = 60


def processes_of(project: Project) -> dict[int, str]:
    """All processes that run on a project's behalf, by the folder in their environment: id to command line."""
    needle = f"PULUMI_BACKEND_URL=file://{project.folder}".encode()
    found = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdecimal() and int(entry.name) != os.getpid():
            try:
                if needle in (entry / "environ").read_bytes().split(b"\0"):
                    found[int(entry.name)] = (entry / "cmdline").read_bytes().replace(b"\0", b" ").decode()
            except OSError:
                continue  # it has ended meanwhile, or is not ours
    return found


def kill(project: Project, who: str) -> None:
    """Kill -9 `everything`, the `cli` alone, or the `provider` alone."""
    for process, command in processes_of(project).items():
        is_provider = "pulumi.dynamic" in command
        is_cli = command.split(" ")[0].endswith("pulumi")
        if who == "everything" or (who == "provider" and is_provider) or (who == "cli" and is_cli):
            try:
                os.kill(process, signal.SIGKILL)
            except ProcessLookupError:
                continue


def kill_at(project: Project, fault, who: str, *arguments: str) -> None:
    """Run `pulumi`, and kill somebody when a call has reached the fault, which is held on."""
    project.emulator.order(fault)
    with project.start(*arguments) as running:
        assert fault.reached.wait(SECONDS_TO_REACH), "the call that was to be hit never came"
        kill(project, who)
        running.wait(timeout=SECONDS_TO_REACH)


def run_until_killed(project: Project, fault, who: str, *arguments: str) -> None:
    """Run `pulumi`, kill somebody when a call has reached the fault, then let the service go on."""
    project.emulator.order(fault)
    with project.start(*arguments) as running:
        assert fault.reached.wait(SECONDS_TO_REACH), "the call that was to be hit never came"
        kill(project, who)
        fault.released.set()
        try:
            running.wait(timeout=SECONDS_TO_REACH)
        finally:
            project.emulator.service.faults.clear()


def free(project: Project) -> None:
    """Free the stack, as a person would: `pulumi cancel` if it is locked, and no attributes that were cut off in the writing.

    The file backend replaces a checkpoint atomically, but writes the small `.attrs` file beside it in place (gocloud.dev,
    fileblob, setAttrs). If the CLI dies just then, that file is empty, and all that is said is "failed to load
    checkpoint: EOF"; it may be deleted.
    """
    for attributes in (project.folder / ".pulumi").rglob("*.attrs"):
        try:
            json.loads(attributes.read_text())
        except ValueError:
            attributes.unlink()
    if any((project.folder / ".pulumi/locks").rglob("*.json")):
        project.run("cancel", "--yes")


def end_all(project: Project) -> None:
    """End every process of a project, also orphaned ones, and wait until they are gone."""
    deadline = time.monotonic() + 10
    while processes_of(project) and time.monotonic() < deadline:
        kill(project, "everything")
        subprocess.run(["sleep", "0.05"], check=True)
    assert not processes_of(project)

"""Which snapshot the settings name: a file, or the one in a folder that is of a place."""

from __future__ import annotations

from pathlib import Path

from pulumi_aep_streaming._core.settings import Settings, project_folder
from pulumi_aep_streaming._core.snapshot import file
from pulumi_aep_streaming._core.snapshot.contents import Snapshot
from pulumi_aep_streaming.flow_service.errors import Misconfigured


def snapshot_of(settings: Settings, organization: str, sandbox: str) -> Snapshot | None:
    """Return the snapshot of a place, None if none is configured, or the configured ones are of other places.

    Its `file` is as it was configured, so that a person can type it where the project is: a provider and a program run in the
    folder that `main` names. Raises `Misconfigured` if it is missing, cannot be read, is broken, or newer than this package.
    """
    path = settings.get("snapshot")
    return file.choose(path, organization, sandbox, _project(path)) if path else None


def elsewhere(settings: Settings) -> str:
    """Return the place that the configured file is of, as words for a line; "" if it is a folder."""
    path = settings.get("snapshot")
    found = file.single(path, _project(path))
    return f"sandbox {found.sandbox} of {found.organization}" if found else ""


def _project(path: str) -> str:
    """Return the folder that a path begins at: the project's."""
    if Path(path).is_absolute():
        return ""
    folder = project_folder()
    if folder is not None:
        return str(folder)
    message = f"aep:snapshot (or AEP_SNAPSHOT) is {path}, and there is no Pulumi.yaml that it could begin at: make it absolute"
    raise Misconfigured(message)

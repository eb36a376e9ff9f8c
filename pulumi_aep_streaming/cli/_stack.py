"""The stack that a command is about: its config and its state, asked of the `pulumi` CLI."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from pulumi_aep_streaming._core.kinds.table import KINDS
from pulumi_aep_streaming._core.settings import EXPLICIT, Settings, load, project_folder
from pulumi_aep_streaming._program.options import PACKAGE
from pulumi_aep_streaming.flow_service.json_of_others import parsed

_NO_EXPORT = (ValueError, AttributeError, TypeError, KeyError, RecursionError)
_SECRET_MARK = "4dabf18193072939515e22adb298388d"  # noqa: S105 (the key by which the engine tells a secret from an object)
_NOTHING_SELECTED = re.compile("no stack selected|no current stack", re.IGNORECASE)
_PROVIDER = f"pulumi:providers:{PACKAGE}"
TYPE = re.compile(rf"{PACKAGE}:dynamic/aep:({'|'.join(kind.type_name for kind in KINDS)})")

T = TypeVar("T")


class Impossible(Exception):
    """A command cannot be carried out; its text is one line that says why and what to do."""


@dataclass(frozen=True)
class Resource:
    """One of our resources in a stack."""

    urn: str
    type_name: str
    id: str
    outputs: Mapping[str, Any]
    own_settings: Settings | None = None
    """Those of the explicit provider that it has, None if it has the stack's."""

    @property
    def name(self) -> str:
        """The Pulumi name."""
        return self.urn.rpartition("::")[2]


def settings(stack: str = "") -> Settings:
    """Return the settings by the provider's rules: the config of a stack, if there is a project here, and the environment."""
    config: dict[str, str] = {}
    if stack or _in_a_project():
        try:
            listed = _json_of_pulumi(["config", "--json", "--show-secrets", *_named(stack)])
        except Impossible as failure:
            # Nothing else may lead to the environment's places instead of the stack's.
            if stack or not _NOTHING_SELECTED.search(str(failure)):
                raise
            listed = {}
        config = {key: str(entry.get("value", "")) for key, entry in listed.items()}
    return load(config, os.environ)


def _in_a_project() -> bool:
    """Whether `pulumi` would find a project: here, or in a directory above."""
    try:
        return project_folder() is not None
    except FileNotFoundError:
        message = "this directory is not there any more: go to another one"
        raise Impossible(message) from None


def resources(export: Mapping[str, Any]) -> list[Resource]:
    """Return our resources in what `pulumi stack export` printed, less those that are only referred to or about to go.

    Raises `KeyError` or the like for anything else: nothing may be taken for a stack that owns nothing.
    """
    found = []
    listed = export["deployment"].get("resources") or []
    providers = {f"{each['urn']}::{each.get('id')}": each.get("inputs") or {} for each in listed if each["type"] == _PROVIDER}
    for resource in listed:
        found_type = TYPE.fullmatch(resource["type"])
        if found_type and resource.get("id") and not resource.get("external") and not resource.get("delete"):
            given = _plain(providers.get(resource.get("provider", ""), {}))
            own = load(given, {}) if given.get(EXPLICIT) else None
            outputs = _plain(resource.get("outputs") or {})
            found.append(
                Resource(typed(str, resource["urn"]), found_type[1], typed(str, resource["id"]), typed(dict, outputs), own)
            )
    return found


def typed(type_: type[T], value: Any) -> T:
    """Return a value of a file that others may have written. Raises `TypeError` if it is of another type."""
    if not isinstance(value, type_):
        raise TypeError(f"{type(value).__name__} instead of {type_.__name__}")
    return value


def _plain(value: Any) -> Any:
    """Return a value of an export that shows secrets, at any depth."""
    if isinstance(value, list):
        return [_plain(item) for item in value]
    if not isinstance(value, dict):
        return value
    if _SECRET_MARK in value:
        return json.loads(value["plaintext"]) if "plaintext" in value else None
    return {key: _plain(member) for key, member in value.items()}


def exported(stack: str = "", *, with_secrets: bool = True) -> list[Resource]:
    """Return our resources in a stack (default: the selected one). Without secrets, what is one is None."""
    content = _json_of_pulumi(["stack", "export", *(["--show-secrets"] if with_secrets else []), *_named(stack)])
    try:
        return resources(content)
    except _NO_EXPORT as unreadable:
        message = f"pulumi printed something that is no export: {unreadable}"
        raise Impossible(message) from None


def from_file(path: Path) -> list[Resource]:
    """Return our resources in a file that `pulumi stack export` wrote."""
    try:
        return resources(parsed(path.read_bytes()))
    except (OSError, *_NO_EXPORT) as unreadable:
        message = f"{path} is no file that pulumi stack export wrote: {unreadable}"
        raise Impossible(message) from None


def pulumi_version() -> tuple[int, ...]:
    """Return the version of the CLI, () if there is none."""
    if shutil.which("pulumi") is None:
        return ()
    numbers = re.findall(r"\d+", _pulumi(["version"]))
    return tuple(int(number) for number in numbers[:3])


def places(resources_: Iterable[Resource]) -> set[tuple[str, Settings | None]]:
    """Return the sandboxes that resources live in, each with the settings of its own that it takes to get there."""
    return {(str(resource.outputs.get("sandboxName", "")), resource.own_settings) for resource in resources_}


def _named(stack: str) -> list[str]:
    return ["--stack", stack] if stack else []


def _json_of_pulumi(arguments: list[str]) -> Any:
    try:
        return parsed(_pulumi(arguments).encode())
    except ValueError:
        message = f"pulumi {arguments[0]} printed something that is no JSON"
        raise Impossible(message) from None


def _pulumi(arguments: list[str]) -> str:
    """Run `pulumi`, and return what it prints. Raises `Impossible` with its own last line of complaint."""
    try:
        command = ["pulumi", "--non-interactive", *arguments]  # the user's own pulumi
        done = subprocess.run(command, check=False, capture_output=True, encoding="utf-8", errors="replace")  # noqa: S603
    except FileNotFoundError:
        message = "pulumi is not on the PATH"
        raise Impossible(message) from None
    except OSError as refused:
        message = f"pulumi cannot be run: {refused.strerror}"
        raise Impossible(message) from None
    if done.returncode:
        lines = [line.strip() for line in done.stderr.splitlines() if line.strip()] or [f"exit status {done.returncode}"]
        message = f"pulumi {arguments[0]}: {lines[-1].removeprefix('error: ')}"
        raise Impossible(message)
    return done.stdout

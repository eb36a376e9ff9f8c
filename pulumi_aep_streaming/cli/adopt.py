"""`aep-streaming adopt`: destinations that exist become code and an import file."""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any

from pulumi_aep_streaming._core.clients import client_for
from pulumi_aep_streaming._core.kinds.table import KINDS
from pulumi_aep_streaming._core.settings import DEFAULTS, Settings
from pulumi_aep_streaming.cli import _stack
from pulumi_aep_streaming.cli._generated import config_keys, program
from pulumi_aep_streaming.cli._import_file import OLDEST_PULUMI, import_file
from pulumi_aep_streaming.cli._inventory import Inventory, Objects, Progress, from_dump, scan, sort_out
from pulumi_aep_streaming.cli._plan import Plan, plan
from pulumi_aep_streaming.cli._show import EFFECTS
from pulumi_aep_streaming.flow_service.errors import Misconfigured
from pulumi_aep_streaming.flow_service.json_of_others import parsed

_LONGEST_PROJECT = 100
_YAML_WORDS = frozenset({"null", "true", "false", "yes", "no", "on", "off", "y", "n"})


def adopt(
    settings: Settings,
    sandbox: str,
    out: Path,
    progress: Progress,
    *,
    ids: list[str],
    name: str,
    dump: Path | None,
    with_credentials: bool,
) -> dict[str, Any]:
    """Write `Pulumi.yaml`, `__main__.py` and `import.json` into an empty directory, and return what was found."""
    for problem in settings.problems():
        raise Misconfigured(problem)
    if _is_taken(out):
        message = f"{out} is not an empty directory: name a new one"
        raise _stack.Impossible(message)
    found, org_id = _load(dump) if dump else (scan(client_for(settings, sandbox, EFFECTS), progress, ids=ids, name=name), "")
    org_id = org_id or settings.get("orgId")
    if not org_id:
        message = f"{dump} names no imsOrgId: set AEP_ORG_ID"
        raise _stack.Impossible(message)
    inventory = sort_out(found, sandbox, org_id)
    if not inventory.adoptable:
        return _report(inventory, None, [])
    planned = plan(inventory, with_credentials=with_credentials)
    files = {
        "Pulumi.yaml": f"name: {in_yaml(project_name(out))}\nruntime: python\n",
        "__main__.py": program(planned, sandbox, with_credentials=with_credentials),
        "import.json": json.dumps(import_file(planned), indent=2, ensure_ascii=False),
    }
    _write(out, {name: text.encode() for name, text in files.items()})
    keys = config_keys(planned) if with_credentials else []
    places = {"sandboxName": sandbox, "orgId": org_id}
    places |= {key: settings.get(key) for key in ("endpoint", "imsEndpoint") if settings.get(key) != DEFAULTS[key]}
    commands = list(_commands(out, sandbox, places, keys))
    return _report(inventory, planned, commands)


def project_name(out: Path) -> str:
    """Return a name that Pulumi allows for a project, after the directory's."""
    return re.sub(r"[^A-Za-z0-9._-]+", "-", out.resolve().name)[:_LONGEST_PROJECT].strip("-.") or "adopted"


def in_yaml(name: str) -> str:
    """Return a name in quotes, unless it is sure that YAML, of any version, takes it for text as it is."""
    is_text = re.fullmatch(r"[A-Za-z][A-Za-z0-9._-]*", name) and name.lower() not in _YAML_WORDS
    return name if is_text else json.dumps(name)


def too_old() -> str:
    """Return a line if the CLI cannot import what was written, "" if it can."""
    version, oldest = _stack.pulumi_version(), ".".join(map(str, OLDEST_PULUMI))
    if version >= OLDEST_PULUMI:
        return ""
    has = f"pulumi {'.'.join(map(str, version))} is too old" if version else "pulumi is not on the PATH"
    return f"{has}: importing needs {oldest} or newer"


def _is_taken(out: Path) -> bool:
    try:
        return any(out.iterdir())
    except FileNotFoundError:
        return False
    except OSError:
        return True


def _write(out: Path, files: dict[str, bytes]) -> None:
    try:
        out.mkdir(parents=True, exist_ok=True)
        for name, content in files.items():
            (out / name).write_bytes(content)
    except OSError as refused:
        message = f"cannot write to {out}: {refused.strerror}"
        raise _stack.Impossible(message) from None


def _load(dump: Path) -> tuple[Objects, str]:
    try:
        content = parsed(dump.read_bytes())
        items = [item for listed in content.values() for item in listed if isinstance(item, dict)]
        org_id = next((str(item["imsOrgId"]) for item in items if item.get("imsOrgId")), "")
        return from_dump(content), org_id
    except (OSError, ValueError, AttributeError, TypeError) as unreadable:
        message = (
            f"{dump} is no dump: it must hold lists under flows, sourceConnections, targetConnections, connections "
            f"({unreadable})"
        )
        raise _stack.Impossible(message) from None


def _commands(out: Path, sandbox: str, places: dict[str, str], keys: list[tuple[str, bool]]) -> Iterator[str]:
    yield f"cd {_argument(str(out))}"
    yield f"pulumi stack init {_argument(sandbox)}"
    for key, value in places.items():
        if value:
            yield f"pulumi config set aep:{key} {_argument(value)}"
    for key, secret in keys:
        yield f"pulumi config set {'--secret ' if secret else ''}{key}"
    yield "pulumi import --file import.json --generate-code=false --protect=false --yes"
    yield "pulumi preview" if keys else "pulumi preview --expect-no-changes"


def _argument(value: str) -> str:
    """Return a value as a shell hands it over, and as a command does not take it for an option."""
    return f"{'-- ' if value.startswith('-') else ''}{shlex.quote(value)}"


def _report(inventory: Inventory, planned: Plan | None, commands: list[str]) -> dict[str, Any]:
    return {
        "adopted": {kind.type_name: len(inventory.of(kind.type_name)) for kind in KINDS},
        "components": len(planned.components) if planned else 0,
        "leftAlone": [asdict(left) for left in inventory.left_alone],
        "notes": inventory.notes,
        "commands": commands,
    }

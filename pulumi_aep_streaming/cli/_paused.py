"""The file that `pause` leaves for `resume`: which dataflows it switched off, and how it left each.

`resume` switches on nothing else. A dataflow that was off before is in no such file.
"""

from __future__ import annotations

import json
import re
import time
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from pulumi_aep_streaming.cli._files import write_whole
from pulumi_aep_streaming.cli._stack import Impossible, typed
from pulumi_aep_streaming.flow_service.json_of_others import parsed
from pulumi_aep_streaming.flow_service.models import Flow

_VERSION = 1
_UNSAFE = re.compile(r"[^A-Za-z0-9._-]+")


@dataclass(frozen=True)
class PausedFlow:
    """One dataflow; `etag` is that of the version that the pause left, None if it was not seen."""

    id: str
    name: str
    etag: str | None = None


@dataclass
class Paused:
    """The dataflows of one stack, in one sandbox, that were switched off."""

    file: Path
    organization: str
    sandbox: str
    stack: str
    dataflows: dict[str, PausedFlow] = field(default_factory=dict)

    def note(self, live: Flow, *, etag: str | None = None) -> None:
        """Write down a dataflow: before it is switched off, as nobody may be there to do so afterwards; then with its etag."""
        self.dataflows[live.id] = PausedFlow(live.id, live.name or "", etag)
        self.write()

    def write(self) -> None:
        """Write the file. Raises `Impossible`."""
        content = {
            "version": _VERSION,
            "organization": self.organization,
            "sandbox": self.sandbox,
            "stack": self.stack,
            "dataflows": [asdict(flow) for flow in self.dataflows.values()],
        }
        write_whole(self.file, json.dumps(content, indent=2).encode() + b"\n")


def default_file(stack: str, now: float) -> Path:
    """Return a name that no other pause has, as each has dataflows of its own to switch on again."""
    when = time.strftime("%Y%m%dT%H%M%SZ", time.gmtime(now))
    return Path(f"aep-paused.{_UNSAFE.sub('.', stack)}.{when}.json")


def load(file: Path) -> Paused:
    """Read a file. Raises `Impossible` if it is no such file."""
    try:
        return _paused(file, parsed(file.read_bytes()))
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError) as unreadable:
        message = f"{file} is no file that aep-streaming pause wrote: {unreadable}"
        raise Impossible(message) from None


def _paused(file: Path, content: dict[str, Any]) -> Paused:
    if content["version"] != _VERSION:
        raise ValueError(f"version {content['version']}")
    organization, sandbox, stack = (typed(str, content[key]) for key in ("organization", "sandbox", "stack"))
    listed = content["dataflows"]
    flows = [
        PausedFlow(typed(str, each["id"]), typed(str, each["name"]), each["etag"] and typed(str, each["etag"]))
        for each in listed
    ]
    return Paused(file, organization, sandbox, stack, {flow.id: flow for flow in flows})

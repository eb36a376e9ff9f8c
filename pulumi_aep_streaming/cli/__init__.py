"""The command `aep-streaming` (extra `cli`): adopt what exists, verify it, find orphans, compare sandboxes."""

from __future__ import annotations

import io
import sys


def main() -> None:
    """Run the command. A terminal that does not have a character of a name is shown its number."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
    try:
        from pulumi_aep_streaming.cli.app import app  # noqa: PLC0415 (only here can the extra's absence be explained)
    except ModuleNotFoundError as missing:
        if str(missing.name).partition(".")[0] not in {"typer", "rich"}:
            raise
        sys.stderr.write(
            "aep-streaming needs typer and rich: pip install 'path/to/the/clone[cli]' (the package is on no index yet)\n"
        )
        sys.exit(2)
    app()

"""The command `aep-streaming`, run in this process."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from typer.testing import CliRunner

from pulumi_aep_streaming.cli.app import app


def aep_streaming(*arguments: str, code: int = 0, said: str = "") -> str:
    """Run it, expect an exit status, and return all that it printed."""
    result = CliRunner().invoke(app, [*arguments], input=said)
    assert result.exit_code == code, result.output
    return result.output


def as_json(*arguments: str, code: int = 0) -> Any:
    return json.loads(aep_streaming(*arguments, "--json", code=code))


def pulumi_is(script: str, monkeypatch, *, mode: int = 0o755) -> None:
    """Let a script be what is called pulumi, and nothing else be on the PATH."""
    Path("bin").mkdir()
    Path("bin/pulumi").write_text(f"#!/bin/sh\n{script}\n")
    Path("bin/pulumi").chmod(mode)
    monkeypatch.setenv("PATH", str(Path("bin").resolve()))

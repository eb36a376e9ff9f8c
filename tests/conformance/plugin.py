"""Compares what went over the wire with Adobe's OpenAPI files when a run ends, whichever workers it had; fails the run."""

from __future__ import annotations

import importlib.util
import os
import shutil
import tempfile
from pathlib import Path

import pytest
from conformance import exchanges
from conformance.table import SPECIFICATIONS, Disagreement

VERDICT = pytest.StashKey[list[str]]()


def pytest_configure(config):
    """Choose the folder that all workers of this run write to."""
    folder = getattr(config, "workerinput", {}).get(exchanges.FOLDER) or tempfile.mkdtemp(prefix="exchanges-")
    os.environ[exchanges.FOLDER] = folder


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node):
    node.workerinput[exchanges.FOLDER] = os.environ[exchanges.FOLDER]


def pytest_sessionfinish(session, exitstatus):
    """Judge, in the process that the user started. What no longer happens is known only after a whole, passing run."""
    if hasattr(session.config, "workerinput"):
        return
    folder = Path(os.environ[exchanges.FOLDER])
    whole = exitstatus == pytest.ExitCode.OK and _is_whole(session.config)
    session.config.stash[VERDICT] = lines = _verdict(folder, whole=whole)
    shutil.rmtree(folder)
    if lines and exitstatus == pytest.ExitCode.OK:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def pytest_terminal_summary(terminalreporter, config):
    for line in config.stash.get(VERDICT, []):
        terminalreporter.write_line(line, red=True)


def _is_whole(config) -> bool:
    """Whether the run is that of `make test` or `make test-all`."""
    narrowed = config.option.keyword or config.option.deselect or config.option.ignore
    everything = config.args_source is pytest.Config.ArgsSource.TESTPATHS and not narrowed
    return everything and config.option.markexpr in {"", "not slow"}


def _verdict(folder: Path, *, whole: bool) -> list[str]:
    known = list(exchanges.recorded(folder))
    if not known or not SPECIFICATIONS.exists() or importlib.util.find_spec("openapi_core") is None:
        return []
    from conformance import judge  # noqa: PLC0415 (needs openapi_core)

    lines = [f"NOT AS DOCUMENTED: {deviation}" for deviation in judge.unlisted(known)]
    return lines + [_outdated(row) for row in (judge.outdated(known) if whole else [])]


def _outdated(row: Disagreement) -> str:
    return f"NO LONGER SO: row {row.number} of tests/conformance/table.py, {row.file}, {row.where}"

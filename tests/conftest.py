"""What all tests share: an emulator, settings that lead to it, a client with a clock that needs no time."""

from __future__ import annotations

import os
import time
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import settings
from support.curl import Api
from support.plain import ByHand
from support.surroundings import PROFILES, Emulator, Hourglass, environment_of, transport_to

from pulumi_aep_streaming._core import clients
from pulumi_aep_streaming._core.settings import load
from pulumi_aep_streaming.flow_service.client import FlowService

settings.register_profile("any machine", deadline=None)
settings.load_profile("any machine")  # --hypothesis-profile comes after it

pytest_plugins = ["conformance.plugin", "support.browsing", "support.providing"]


@pytest.fixture
def emulator(request, hourglass):
    """The service, in the edition that the test is run for; sleeping on the hourglass lets time pass for it, too."""
    switches = PROFILES[getattr(request, "param", "current")]
    with Emulator(switches=switches, clock=lambda: time.time() + hourglass.time) as running:
        yield running


@pytest.fixture
def hourglass():
    return Hourglass()


@pytest.fixture
def environment(emulator):
    return environment_of(emulator)


@pytest.fixture
def settings(environment):
    return load({}, environment)


@pytest.fixture(autouse=True)
def _own_clients():
    """No test meets the clients of another: they are kept by their settings, and ports are used again."""
    yield
    clients._clients.clear()
    while clients._transports:
        clients._transports.popitem()[1]._exchange._session.close()


@pytest.fixture
def transport(emulator, hourglass):
    return transport_to(emulator, hourglass)


@pytest.fixture
def service(transport):
    return FlowService(transport, "prod")


@pytest.fixture
def as_environment(environment, monkeypatch, tmp_path):
    """The emulator's variables in this process, in an empty directory: as a person at a terminal would have them."""
    monkeypatch.chdir(tmp_path)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)


@pytest.fixture
def by_hand(emulator):
    return ByHand(Api(emulator))


def pytest_generate_tests(metafunc):
    """Run the tests of a module that says so in every edition of the service, or in those that a test is marked for."""
    if getattr(metafunc.module, "IN_EVERY_EDITION", False) and "emulator" in metafunc.fixturenames:
        marked = metafunc.definition.get_closest_marker("editions")
        first, *others = marked.args if marked else PROFILES
        editions = [first, *(pytest.param(name, marks=[pytest.mark.slow]) for name in others)]
        metafunc.parametrize("emulator", editions, indirect=True)


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
    counts = Counter(cells.values())
    lines = [
        "# Fault matrix",
        "",
        "Written by `make fault-matrix`, which cuts off a real `pulumi` at each call to the service, right before or right",
        "after the service acts, then frees the stack (`pulumi cancel`) and runs the same command again: the `up`, or for a",
        "DELETE the `destroy`, and after that an `up` from nothing. `ok`: each object was there exactly once and as declared;",
        "`pulumi refresh` and a second `up` showed no change; `pulumi destroy` left nothing.",
        "",
        "Whoever goes on with an `up` after a `destroy` that was cut off runs `pulumi refresh` before: state may have what is",
        "gone, and an `up` that would keep it asks nobody.",
        "",
        f"{counts['ok']} of {sum(counts.values())} are ok.",
    ]
    for method in ("POST", "PATCH", "DELETE"):
        lines += ["", f"## {method}", "", *_fault_table(cells, method)]
    Path(file).write_text("\n".join(lines) + "\n")


def _fault_table(cells, method):
    """Yield the lines of a table of one method: a row for each way to cut off a call, a column for each call."""
    calls = sorted({boundary for boundary, _ in cells if boundary.startswith(f"{method} ")})
    yield "| cut off by | " + " | ".join(call.removeprefix(f"{method} ") for call in calls) + " |"
    yield "|---|" + "---|" * len(calls)
    for fault in sorted({fault for _, fault in cells}):
        yield f"| {fault} | " + " | ".join(cells.get((call, fault), "") for call in calls) + " |"

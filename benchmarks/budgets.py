"""What a user may count on: each budget, what was found, and whether that is within it."""

from __future__ import annotations

import functools
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import programs
import rivals
from project import SANDBOX, Project, in_turns, latency, put_foreign

from pulumi_aep_streaming._core.merges.selectors import SEGMENTS, merge
from pulumi_aep_streaming._core.snapshot.contents import Audience, Field, Snapshot
from pulumi_aep_streaming._core.snapshot.file import dump
from pulumi_aep_streaming.emulator import Emulator

PAIRS = 7
WORKERS = 4
"""How many calls the engine lets a dynamic provider do at a time."""


@dataclass(frozen=True)
class Row:
    case: str
    found: str
    budget: str
    met: bool | None
    """None if it is no budget, but explains one."""


def measure(folder: Path, emulator: Emulator, *, quick: bool) -> Iterator[dict[str, Any]]:
    for row in _rows(folder, emulator, quick=quick):
        yield asdict(row)


def _rows(folder: Path, emulator: Emulator, *, quick: bool) -> Iterator[Row]:
    yield _imports()
    yield from _merging()
    yield from _calls(folder, emulator)
    for count in (1, 20) if quick else (1, 100, 500):
        yield from _no_op(folder, emulator, count)
    yield _first_up(folder, emulator, 10 if quick else 100)
    for count, most in ((5, 1.10),) if quick else ((40, 1.10), (100, 1.05)):
        yield from _beside_a_script(folder, emulator, count, most)
    yield _more_on_an_account(folder, emulator, 10 if quick else 40)
    yield _among_foreign(folder, emulator, 20, 100 if quick else 3_000)
    yield from _refresh(folder, emulator, 10 if quick else 100)
    yield _with_snapshot(folder, emulator, audiences=100 if quick else 10_000, fields=50 if quick else 5_000)


def ratio_row(case: str, found: float, most: float) -> Row:
    return Row(case, f"{found:.2f} x", f"{most:.2f} x", found <= most)


def _imports() -> Row:
    def load(statement: str) -> float:
        started = time.perf_counter()
        subprocess.run([sys.executable, "-c", statement], check=True)
        return time.perf_counter() - started

    ours = "import pulumi_aep_streaming as aep; aep.Dataflow"
    found, pulumi = in_turns(4 * PAIRS, lambda: load(ours), lambda: load("import pulumi"))
    return ratio_row("import of the package and a resource, to `import pulumi`", found / pulumi, 1.25)


def merge_seconds(count: int) -> float:
    """Merge so many selectors, half of which changed."""
    last = [{"id": f"s{number}"} for number in range(count)]
    live = [{"type": "PLATFORM_SEGMENT", "value": entry} for entry in last]
    now = [{"id": f"s{number}"} for number in range(count // 2, count + count // 2)]

    def once() -> float:
        started = time.perf_counter()
        merge(SEGMENTS, now, last, live)
        return time.perf_counter() - started

    return in_turns(PAIRS, once, of=min)[0]


def _merging() -> Iterator[Row]:
    small, large = merge_seconds(1_000), merge_seconds(10_000)
    yield Row("merge of 10,000 selectors, half of them changed", f"{large * 1000:.0f} ms", "under 50 ms", large < 0.05)
    yield Row("merge of 10,000, to merge of 1,000", f"{large / small:.1f} x", "linear: under 20 x", large / small < 20)


def _calls(folder: Path, emulator: Emulator) -> Iterator[Row]:
    project = Project(folder / "calls", emulator)
    steps = (("first up of the tutorial", 1, 12), ("one segment more", 2, 3), ("250 segments more", 252, 3))
    for label, segments, most in steps:
        project.write(programs.flows(1, segments))
        cost = project.up()
        met = cost.calls <= most and cost.tokens <= 1
        yield Row(label, f"{cost.calls} calls, {cost.tokens} token", f"{most} calls, 1 token", met)
    emulator.store.reset()


def _no_op(folder: Path, emulator: Emulator, count: int) -> Iterator[Row]:
    """To idle resources of three properties; and to ones as large as ours, as the engine has its price for each property."""
    programs_of = {
        "ours": programs.connections(count),
        "idle": programs.idle(count),
        "as large": programs.idle(count, as_large_as_ours=True),
    }
    projects = {name: Project(folder / f"{name.replace(' ', '-')}{count}", emulator) for name in programs_of}
    for name, project in projects.items():
        project.write(programs_of[name])
        project.up()
    calls = []

    def again(project: Project) -> float:
        cost = project.up()
        calls.append(cost.calls + cost.tokens)
        return cost.seconds

    ours, idle, as_large = in_turns(2 * PAIRS, *(functools.partial(again, project) for project in projects.values()), of=min)
    label = f"no-op up of {count}"
    yield Row(f"{label}: calls", f"{max(calls)} calls", "0 calls", max(calls) == 0)
    small, large = f"{label}, to an idle dynamic resource", f"{label}, to an idle one with properties as ours"
    if count == 1:
        yield ratio_row(small, ours / idle, 1.15)
        yield Row(large, f"{ours / as_large:.2f} x", "", None)
    else:
        yield Row(small, f"{ours / idle:.2f} x", "", None)
        yield ratio_row(large, ours / as_large, 1.05)
    emulator.store.reset()


def _first_up(folder: Path, emulator: Emulator, count: int) -> Row:
    """The time that latency adds to a first up, to that of its calls spread evenly among all workers."""
    calls = 0

    def up(delay: float) -> float:
        nonlocal calls
        emulator.store.reset()
        project = Project(folder / f"first{time.monotonic_ns()}", emulator)
        project.write(programs.flows(count))
        with latency(emulator, delay):
            cost = project.up()
        calls = cost.calls + cost.tokens
        return cost.seconds

    slow, fast = in_turns(3, lambda: up(0.1), lambda: up(0.0))
    emulator.store.reset()
    label = f"first up of {count} dataflows: what 100 ms latency adds, to {calls} calls x 100 ms / {WORKERS}"
    return ratio_row(label, (slow - fast) / (calls * 0.1 / WORKERS), 1.15)


def _beside_a_script(folder: Path, emulator: Emulator, count: int, most: float) -> Iterator[Row]:
    """The calls for so many destinations on one account, to those of a script that checks nothing."""
    costs = []
    for road in (rivals.ours, rivals.aepp):
        steps = road(folder / f"many{time.monotonic_ns()}", emulator, count)
        costs.append({step: steps[step]().calls for step in ("create", "destroy")})
    ours, script = costs
    for step, label in (("create", "first up"), ("destroy", "destroy")):
        case = f"{label} of {count} destinations: {ours[step]} calls, to {script[step]} of a script that checks nothing"
        yield ratio_row(case, ours[step] / script[step], most)


def _more_on_an_account(folder: Path, emulator: Emulator, count: int) -> Row:
    """The calls for so many more destinations on an account that is there, to the four for each of a script."""
    project = Project(folder / "more", emulator)
    project.write(programs.destinations(1))
    project.up()
    project.write(programs.destinations(1 + count))
    calls, script = project.up().calls, 4 * count
    project.destroy()
    label = f"{count} more destinations on an account that is there: {calls} calls, to {script} of such a script"
    return ratio_row(label, calls / script, 1.10)


def _among_foreign(folder: Path, emulator: Emulator, count: int, foreign: int) -> Row:
    project = Project(folder / "among", emulator)
    project.write(programs.destinations(count))
    project.up()
    put_foreign(emulator, foreign, on_our_account=True)
    project.write(programs.destinations(2 * count))
    calls, most = project.up().calls, 7 * count + 10
    emulator.store.reset()
    label = f"{count} more destinations on an account that {foreign:,} foreign ones are on, too"
    return Row(label, f"{calls} calls", f"{most} calls", calls <= most)


def _refresh(folder: Path, emulator: Emulator, count: int) -> Iterator[Row]:
    project = Project(folder / "refresh", emulator)
    project.write(programs.connections(count))
    project.up()
    cost = project.refresh()
    met = cost.calls <= count and cost.tokens <= 1
    yield Row(f"refresh of {count}: calls", f"{cost.calls} calls, {cost.tokens} token", f"{count} calls, 1 token", met)

    def slowly() -> float:
        with latency(emulator, 0.1):
            return project.refresh().seconds

    slow, fast = in_turns(3, slowly, lambda: project.refresh().seconds)
    label = f"refresh of {count}: what 100 ms latency adds, to {count} x 100 ms / {WORKERS}"
    yield ratio_row(label, (slow - fast) / (count * 0.1 / WORKERS), 1.10)
    emulator.store.reset()


def _with_snapshot(folder: Path, emulator: Emulator, *, audiences: int, fields: int) -> Row:
    """The seconds that a preview takes more because it looks into a snapshot."""
    paths = [f"_bench.part{number % 70}.member{number}" for number in range(fields)]
    held = Snapshot(
        emulator.organization.id,
        SANDBOX,
        "2026-01-01",
        connection_specs=None,
        flow_specs=None,
        fields=tuple(Field(path, "string") for path in paths),
        audiences=tuple(Audience(f"s{n}", f"Audience {n}", None, f"s{n}", None, None, None) for n in range(audiences)),
    )
    project = Project(folder / "snapshot", emulator)
    (project.folder / "sandbox.json").write_bytes(dump(held))
    project.write(programs.selecting(paths[-1]))
    without, beside = in_turns(
        PAIRS,
        lambda: project.run("preview").seconds,
        lambda: project.run("preview", AEP_SNAPSHOT="sandbox.json").seconds,
    )
    label = f"preview with a snapshot of {audiences:,} audiences and {fields:,} paths: seconds more than without"
    return Row(label, f"{beside - without:.2f} s", "0.30 s", beside - without <= 0.3)

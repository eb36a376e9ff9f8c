"""What helps a large stack: each piece of advice tried, beside the same without it."""

from __future__ import annotations

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import programs
from project import Project, latency

from pulumi_aep_streaming.emulator import Emulator

PARTS = 4


def measure(folder: Path, emulator: Emulator, *, quick: bool, largest: int) -> Iterator[dict[str, Any]]:
    """Yield rows of a case, how it was run, and seconds."""

    def row(case: str, way: str, seconds: float) -> dict[str, Any]:
        return {"case": case, "way": way, "seconds": round(seconds, 1)}

    first = f"first up of {largest:,} dataflows"
    again = f"no-op up of {largest:,} dataflows"
    whole = _project(folder, emulator, largest)
    yield row(first, "one stack", whole.up().seconds)
    yield row(again, "one stack", whole.up().seconds)
    yield row(again, "one stack, PULUMI_PARALLEL_DIFF=true", whole.up(PULUMI_PARALLEL_DIFF="true").seconds)
    emulator.store.reset()
    skipping = {"PULUMI_EXPERIMENTAL": "true", "PULUMI_SKIP_CHECKPOINTS": "true"}
    yield row(first, "one stack, PULUMI_SKIP_CHECKPOINTS=true", _project(folder, emulator, largest).up(**skipping).seconds)
    emulator.store.reset()
    parts = [_project(folder, emulator, largest // PARTS) for _ in range(PARTS)]
    yield row(first, f"{PARTS} stacks, one after the other", sum(part.up().seconds for part in parts))
    yield row(again, f"{PARTS} stacks, one after the other", sum(part.up().seconds for part in parts))
    yield row(again, f"the one of {PARTS} stacks that changed", parts[0].up().seconds)
    emulator.store.reset()
    count = 5 if quick else 40
    for parallel in ("1", "4", "", "64"):
        emulator.store.reset()
        flags, way = (["--parallel", parallel], f"--parallel {parallel}") if parallel else ([], "default")
        project = _project(folder, emulator, count)
        with latency(emulator, 0.1):
            yield row(f"first up of {count} dataflows at 100 ms", way, project.up(*flags).seconds)
    emulator.store.reset()
    parts = [_project(folder, emulator, count // 2) for _ in range(2)]
    started = time.perf_counter()
    with latency(emulator, 0.1), ThreadPoolExecutor() as both:
        list(both.map(lambda part: part.up().seconds, parts))
    yield row(f"first up of {count} dataflows at 100 ms", "2 stacks at the same time", time.perf_counter() - started)
    emulator.store.reset()


def _project(folder: Path, emulator: Emulator, count: int) -> Project:
    project = Project(folder / f"scale{time.monotonic_ns()}", emulator)
    project.write(programs.flows(count))
    return project

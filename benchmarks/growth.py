"""What ten times as many dataflows cost: seconds, calls, state, memory. And a refresh of many, among many of others."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any

import programs
from budgets import Row, merge_seconds
from project import Cost, Project, put_foreign

from pulumi_aep_streaming.emulator import Emulator

SHARED = 4
"""Objects that all dataflows share."""
FOREIGN = 10_000


def measure(folder: Path, emulator: Emulator, *, quick: bool, largest: int) -> Iterator[dict[str, Any]]:
    """Yield a row for each size; the last also says what a refresh of it costs, alone and among foreign dataflows."""
    sizes = [size for size in (10, 100, 1000, 2000) if size < largest] + [largest]
    for size in sizes:
        row, project = _life(folder, emulator, size)
        if size == largest:
            foreign = 100 if quick else FOREIGN
            put_foreign(emulator, foreign)
            among = project.refresh()
            row["budgets"] = [asdict(budget) for budget in _of_many(size + SHARED, row["refresh"]["calls"], among, foreign)]
        emulator.store.reset()
        yield row


def _life(folder: Path, emulator: Emulator, size: int) -> tuple[dict[str, Any], Project]:
    ours, idle = Project(folder / f"growth{size}", emulator), Project(folder / f"growth-idle{size}", emulator)
    ours.write(programs.flows(size))
    idle.write(programs.idle(size + SHARED))
    row: dict[str, Any] = {"dataflows": size}
    row["up"], row["idle_up"] = _cost(ours.up(watched=True)), _cost(idle.up())
    row["no_op"], row["idle_no_op"] = _cost(ours.up(watched=True)), _cost(idle.up())
    row["state_kilobytes"] = ours.state_bytes // 1000
    row["refresh"] = _cost(ours.refresh(watched=True))
    row["merge_milliseconds"] = round(merge_seconds(size) * 1000, 2)
    return row, ours


def _cost(cost: Cost) -> dict[str, float]:
    return {"seconds": round(cost.seconds, 1), "calls": cost.calls, "megabytes": cost.megabytes}


def _of_many(objects: int, calls: float, among: Cost, foreign: int) -> Iterator[Row]:
    yield Row(f"refresh of {objects:,} objects: calls", f"{calls} calls", "40 calls", calls <= 40)
    most = objects + 10
    label = f"refresh of {objects:,} objects among {foreign:,} foreign dataflows: calls"
    yield Row(label, f"{among.calls} calls", f"{most:,} calls", among.calls <= most)

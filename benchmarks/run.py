"""`make bench`: measure, show progress, and write the tables. See --help for parts of it."""

from __future__ import annotations

import argparse
import json
import os
import platform
import subprocess
import tempfile
import time
from pathlib import Path
from typing import Any

import budgets
import growth
import report
import rivals
import scale

from pulumi_aep_streaming.emulator import Emulator

PARTS = {"budgets": budgets.measure, "rivals": rivals.measure, "growth": growth.measure, "scale": scale.measure}


def main() -> None:
    parser = argparse.ArgumentParser(description="Measure, and write benchmarks/README.md and the comparison in README.md.")
    parser.add_argument("part", nargs="*", help=f"measure only {', '.join(PARTS)}; the others keep their results")
    parser.add_argument("--quick", action="store_true", help="small sizes, printed only: for whoever writes benchmarks")
    parser.add_argument("--largest", type=int, help="the most dataflows in growth and scale (default: 1000)")
    given = parser.parse_args()
    largest = given.largest or (20 if given.quick else 1000)
    results: report.Results = json.loads(report.RESULTS.read_text()) if given.part and not given.quick else {}
    started = time.perf_counter()
    for part in given.part or PARTS:
        more = {"largest": largest} if part in {"growth", "scale"} else {}
        results[part] = _measured(part, quick=given.quick, **more)
    minutes = (time.perf_counter() - started) / 60
    if given.quick:
        print(f"{minutes:.1f} minutes; nothing is written")
        return
    if not given.part:
        results["machine"] = _machine() | {"minutes": round(minutes)}
    report.write(results)


def _measured(part: str, **sizes: Any) -> list[dict[str, Any]]:
    rows = []
    with tempfile.TemporaryDirectory() as folder, Emulator() as emulator:
        started = time.perf_counter()
        for row in PARTS[part](Path(folder), emulator, **sizes):
            print(f"{part} {time.perf_counter() - started:4.0f} s  {json.dumps(row)}", flush=True)
            rows.append(row)
    return rows


def _machine() -> dict[str, Any]:
    version = subprocess.run(["pulumi", "version"], check=True, capture_output=True, text=True).stdout
    return {"cores": os.cpu_count(), "python": platform.python_version(), "pulumi": version.strip().removeprefix("v")}


if __name__ == "__main__":
    main()

"""Side by side with what people would use instead: the same destinations made, changed, looked after and removed."""

from __future__ import annotations

import statistics
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import postman
import programs
from project import Cost, Project, latency, run

from pulumi_aep_streaming.emulator import Emulator

HERE = Path(__file__).resolve().parent
NEWMAN = HERE.parent / "tests/newman/node_modules/.bin/newman"
STEPS = ("create", "no-op", "one change", "refresh", "destroy")
Road = dict[str, Callable[[], Cost]]
"""The steps of which a road has a notion."""


def ours(folder: Path, emulator: Emulator, count: int) -> Road:
    return _by_pulumi(folder, emulator, lambda changed: programs.destinations(count, changed=changed))


def idle(folder: Path, emulator: Emulator, count: int) -> Road:
    """As many dynamic resources, which call nothing: what the engine takes for itself."""
    return _by_pulumi(folder, emulator, lambda changed: programs.idle(3 + 2 * count, changed=changed))


def _by_pulumi(folder: Path, emulator: Emulator, program: Callable[[bool], str]) -> Road:
    project = Project(folder, emulator)

    def up(*, changed: bool) -> Cost:
        project.write(program(changed))
        return project.up()

    return {
        "create": lambda: up(changed=False),
        "no-op": lambda: up(changed=False),
        "one change": lambda: up(changed=True),
        "refresh": project.refresh,
        "destroy": project.destroy,
    }


def aepp(folder: Path, emulator: Emulator, count: int) -> Road:
    folder.mkdir()

    def script(*arguments: str) -> Callable[[], Cost]:
        return lambda: run([sys.executable, str(HERE / "aepp_script.py"), *arguments], folder, emulator)

    return {"create": script("create", str(count)), "one change": script("change"), "destroy": script("destroy")}


def newman(folder: Path, emulator: Emulator, count: int) -> Road:
    folder.mkdir()
    kept = folder / "kept.json"
    kept.write_text('{"name": "kept", "values": []}')

    def collection(text: str) -> Callable[[], Cost]:
        def once() -> Cost:
            (folder / "collection.json").write_text(text)
            keeping = ["--environment", str(kept), "--export-environment", str(kept)]
            return run([str(NEWMAN), "run", "collection.json", "--silent", *keeping, *given], folder, emulator)

        return once

    organization = emulator.organization
    values = {
        "AEP_ENDPOINT": emulator.url,
        "AEP_IMS_ENDPOINT": emulator.url,
        "AEP_ORG_ID": organization.id,
        "AEP_CLIENT_ID": organization.client_id,
        "AEP_CLIENT_SECRET": organization.client_secret,
        "AEP_SANDBOX_NAME": "prod",
    }
    given = [part for key, value in values.items() for part in ("--env-var", f"{key}={value}")]
    return {
        "create": collection(postman.create(count)),
        "one change": collection(postman.change()),
        "destroy": collection(postman.destroy(count)),
    }


ROADS = {"ours": ours, "idle": idle, "aepp": aepp, "newman": newman}


def measure(folder: Path, emulator: Emulator, *, quick: bool) -> Iterator[dict[str, Any]]:
    """Yield a row for each size and latency: for each step and road, calls (tokens apart), and the median of the seconds."""
    for count in (1, 3) if quick else (1, 10, 40, 100):
        for delay in (0.0, 0.1) if quick else (0.0, 0.1, 0.3):
            times = 1 if quick or count > 10 else 3
            yield {"destinations": count, "latency_ms": round(delay * 1000), "runs": times} | _steps(
                folder, emulator, count, delay, times
            )


def _steps(folder: Path, emulator: Emulator, count: int, delay: float, times: int) -> dict[str, Any]:
    # Idle resources call nothing, so latency is nothing to them.
    names = [name for name in ROADS if name != "idle" or not delay]
    costs: dict[str, dict[str, list[Cost]]] = {step: {name: [] for name in names} for step in STEPS}
    for turn in range(times):
        for place in range(len(names)):
            name = names[(turn + place) % len(names)]
            road = ROADS[name](folder / f"{name}{time.monotonic_ns()}", emulator, count)
            for step in STEPS:
                if step in road:
                    with latency(emulator, delay):
                        costs[step][name].append(road[step]())
            _refuse_leftovers(name, emulator)
    return {step: {name: _median(found) for name, found in of_step.items() if found} for step, of_step in costs.items()}


def _median(costs: list[Cost]) -> dict[str, float]:
    return {
        "calls": max(cost.calls for cost in costs),
        "seconds": round(statistics.median(cost.seconds for cost in costs), 2),
    }


def _refuse_leftovers(name: str, emulator: Emulator) -> None:
    """Raise if a road did not do what it was asked: a destroy that leaves something is no rival."""
    place = f"{emulator.organization.id}/prod"
    left = [kind for kind in ("connections", "flows") if emulator.store.find(place, kind, [], None)]
    if left:
        raise RuntimeError(f"{name} left {', '.join(left)} behind")

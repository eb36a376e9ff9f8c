"""A Pulumi project in a folder, run by the real CLI against an emulator, and what each run costs."""

from __future__ import annotations

import contextlib
import itertools
import os
import statistics
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from programs import IDLE_MODULE

from pulumi_aep_streaming.emulator import Emulator, Fault

SANDBOX = "prod"


@dataclass(frozen=True)
class Cost:
    """What a run took. Calls do not count tokens. Memory is the most that the provider's process held, 0 if not watched."""

    seconds: float
    calls: int
    tokens: int
    megabytes: int = 0


class Project:
    """A project with a stack in a file backend of its own."""

    def __init__(self, folder: Path, emulator: Emulator) -> None:
        self.folder, self.emulator = folder, emulator
        folder.mkdir()
        (folder / "Pulumi.yaml").write_text(f"name: {folder.name}\nruntime: python\n")
        (folder / "idle.py").write_text(IDLE_MODULE)
        self.run("stack", "init", "bench")

    def write(self, program: str) -> None:
        (self.folder / "__main__.py").write_text(program)

    def up(self, *arguments: str, watched: bool = False, **variables: str) -> Cost:
        return self.run("up", "--yes", "--skip-preview", *arguments, watched=watched, **variables)

    def refresh(self, *, watched: bool = False) -> Cost:
        return self.run("refresh", "--yes", "--skip-preview", watched=watched)

    def destroy(self) -> Cost:
        return self.run("destroy", "--yes", "--skip-preview")

    def run(self, *arguments: str, watched: bool = False, **variables: str) -> Cost:
        return run(
            ["pulumi", "--non-interactive", *arguments],
            self.folder,
            self.emulator,
            watched=watched,
            PULUMI_BACKEND_URL=f"file://{self.folder}",
            PULUMI_HOME=str(self.folder / ".home"),
            **{"PULUMI_CONFIG_PASSPHRASE": "bench", "PULUMI_SKIP_UPDATE_CHECK": "true", **variables},
        )

    @property
    def state_bytes(self) -> int:
        """The size of the checkpoint, which the file backend writes at each step."""
        return max(file.stat().st_size for file in (self.folder / ".pulumi/stacks").rglob("*.json"))


def run(command: Sequence[str], folder: Path, emulator: Emulator, *, watched: bool = False, **variables: str) -> Cost:
    """Run a command with the emulator in its environment. Raises `RuntimeError` with all that it printed if it fails."""
    emulator.forget()
    watching = _Memory(folder) if watched else contextlib.nullcontext()
    started = time.perf_counter()
    with watching:
        done = subprocess.run(
            command,
            cwd=folder,
            env=_environment(emulator) | variables,
            check=False,
            text=True,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        )
    seconds = time.perf_counter() - started
    if done.returncode:
        raise RuntimeError(f"{' '.join(map(str, command))}: {done.stdout[-4000:]}")
    tokens = sum("/ims/" in call.path for call in emulator.calls)
    return Cost(seconds, len(emulator.calls) - tokens, tokens, getattr(watching, "megabytes", 0))


def _environment(emulator: Emulator) -> dict[str, str]:
    organization = emulator.organization
    inherited = {key: value for key, value in os.environ.items() if not key.startswith(("AEP_", "PULUMI_"))}
    return inherited | {
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
        "AEP_ENDPOINT": emulator.url,
        "AEP_IMS_ENDPOINT": emulator.url,
        "AEP_ORG_ID": organization.id,
        "AEP_CLIENT_ID": organization.client_id,
        "AEP_CLIENT_SECRET": organization.client_secret,
        "AEP_SANDBOX_NAME": SANDBOX,
    }


def put_foreign(emulator: Emulator, count: int, *, on_our_account: bool = False) -> None:
    """Make dataflows of others directly in the store, a half before all that is there, a half after: ours are at no end.

    They share a target, or each has one of its own on the account that ours are on.
    """
    store, place = emulator.store, f"{emulator.organization.id}/{SANDBOX}"
    flow = store.find(place, "flows", [], None)[0]
    target = store.get(place, "targetConnections", flow["targetConnectionIds"][0])
    shared = {key: flow[key] for key in ("flowSpec", "sourceConnectionIds", "targetConnectionIds")}
    own = {key: target[key] for key in ("connectionSpec", "baseConnectionId", "data", "params")}
    steps = [{"name": "GeneralTransform", "params": {}}]
    clock = store.clock
    try:
        for start in (time.time() - 86_400, time.time() + 60):
            moments = itertools.count(int(start * 1000))
            store.clock = lambda moments=moments: next(moments) / 1000
            for _ in range(count // 2):
                if on_our_account:
                    made = store.create(place, "targetConnections", {"name": "foreign", **own}, "other-client")
                    shared["targetConnectionIds"] = [made["id"]]
                store.create(place, "flows", {"name": "foreign", "transformations": steps, **shared}, "other-client")
    finally:
        store.clock = clock


@contextlib.contextmanager
def latency(emulator: Emulator, seconds: float) -> Iterator[None]:
    """Every call takes this much longer."""
    emulator.order(Fault(delay_seconds=seconds, times=10**9))
    try:
        yield
    finally:
        emulator.service.faults.clear()


def in_turns(times: int, *runs: Callable[[], float], of: Callable[[Sequence[float]], float] = statistics.median) -> list[float]:
    """Run several things in turns, each time another one first, and return the median of each, or another measure."""
    found: list[list[float]] = [[] for _ in runs]
    for turn in range(times):
        for place in range(len(runs)):
            chosen = (turn + place) % len(runs)
            found[chosen].append(runs[chosen]())
    return [of(values) for values in found]


class _Memory:
    """Watches the process of the dynamic providers of a project, where there is /proc."""

    def __init__(self, folder: Path) -> None:
        self.megabytes = 0
        self._folder, self._done = folder, threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)

    def __enter__(self) -> None:
        self._thread.start()

    def __exit__(self, *_error: object) -> None:
        self._done.set()
        self._thread.join()

    def _watch(self) -> None:
        while not self._done.wait(0.1):
            for process in Path("/proc").glob("[0-9]*"):
                with contextlib.suppress(OSError, StopIteration):
                    if process.joinpath("cwd").readlink() == self._folder and self._is_provider(process):
                        lines = process.joinpath("status").read_text().splitlines()
                        most = next(line for line in lines if line.startswith("VmHWM"))
                        self.megabytes = max(self.megabytes, int(most.split()[1]) // 1024)

    @staticmethod
    def _is_provider(process: Path) -> bool:
        return b"pulumi.dynamic" in process.joinpath("cmdline").read_bytes()

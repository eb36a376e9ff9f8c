"""The demo's emulator: a process in the background, and a record of it that cannot lie.

The record holds its port and process id, and is locked for as long as the process lives: it is the standard input of that
process, and the system frees the lock when the process ends, however it ends. So no signal ever reaches a stranger that was
given the same id since.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import random
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from tools.demo import Stop

HOST = "127.0.0.1"
SECONDS = 20
PORTS = range(20_000, 30_000)
"""None of them is given out by the system: Linux begins at 32768, macOS at 49152."""
# The process writes its own id, after its port, before it becomes the emulator: none is ever there without a record.
RECORDED = 'echo "$$" >&0 && exec "$0" "$@"'


class Running(NamedTuple):
    """An emulator that lives."""

    port: int
    process: int


def started(record: Path) -> Running | None:
    """Return the emulator that a record is about, if it lives."""
    with contextlib.suppress(FileNotFoundError), record.open() as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            port, _, process = file.read().partition("\n")
            return Running(int(port), int(process)) if process else None
    return None


def start(record: Path, log: Path, state: Path, port: int) -> Running:
    """Start the emulator and wait until it answers."""
    command = [sys.executable, "-m", "pulumi_aep_streaming.emulator", "--port", str(port), "--state", str(state)]
    with record.open("w+") as file, log.open("w") as lines:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        file.write(f"{port}\n")
        file.flush()
        process = subprocess.Popen(
            ["sh", "-c", RECORDED, *command], stdin=file, stdout=lines, stderr=lines, start_new_session=True
        )
    in_time(lambda: process.poll() is not None or answers(port))
    if process.poll() is not None or not answers(port):
        stop(record)
        raise Stop(
            f"the emulator did not start on port {port}: {log.read_text().strip() or 'it could not say why; is the disk full?'}"
        )
    process.returncode = 0  # it outlives this process, which is not to warn of that
    return Running(port, process.pid)


def stop(record: Path) -> None:
    """End the emulator that a record is about, if it lives, and wait for its end."""
    for number in (signal.SIGTERM, signal.SIGKILL):
        if running := started(record):
            with contextlib.suppress(ProcessLookupError):
                os.kill(running.process, number)
            in_time(lambda: started(record) is None)


def in_time(happens: Callable[[], bool]) -> bool:
    """Wait until something happens; whether it did."""
    deadline = time.monotonic() + SECONDS
    while not happens():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.05)
    return True


def answers(port: int) -> bool:
    """Whether an emulator answers on a port."""
    try:
        with urllib.request.urlopen(f"http://{HOST}:{port}/__control/health", timeout=2):
            return True
    except OSError:
        return False


def is_free(port: int) -> bool:
    """Whether a port can be listened on."""
    try:
        socket.create_server((HOST, port)).close()
    except OSError:
        return False
    return True


def any_port() -> int:
    """Return a port that is free now, and that stays free: no system gives it to a connection that asks for any port."""
    return next(port for port in random.sample(PORTS, len(PORTS)) if is_free(port))

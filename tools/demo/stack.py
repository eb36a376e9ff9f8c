"""The demo's stack: Pulumi on a state, a home and a config of its own, and what a run that was cut off leaves of them."""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from pathlib import Path

from tools.demo import Stop

ROOT = Path(__file__).resolve().parents[2]
SECONDS_TO_END = 60
NAME = "make-demo"
"""No name that a person gives a stack: Pulumi writes and removes the config of that name beside Pulumi.yaml."""


@contextlib.contextmanager
def alone() -> Iterator[None]:
    """Wait until no other run is at work, then keep others out. The system frees this lock however a run ends."""
    with (ROOT / "Pulumi.yaml").open() as project:
        try:
            fcntl.flock(project, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            print("[demo] another run is at work; waiting for its end")
            fcntl.flock(project, fcntl.LOCK_EX)
        yield


class Stack:
    """The stack whose state, home and config are in one folder."""

    def __init__(self, folder: Path) -> None:
        """Nothing is made yet."""
        self.folder = folder
        self._config = folder / f"Pulumi.{NAME}.yaml"

    def prepare(self, settings: Mapping[str, str], secrets: Mapping[str, str]) -> None:
        """Make the stack and its config, whatever an earlier run has left."""
        mend(self.folder)
        self.pulumi("stack", "select", NAME, "--create", quiet=True)
        plain = [word for key, value in settings.items() for word in ("--plaintext", f"{key}={value}")]
        secret = [word for key, value in secrets.items() for word in ("--secret", f"{key}={value}")]
        self.pulumi("config", "set-all", *plain, *secret, quiet=True)

    def outputs(self) -> dict[str, str]:
        """Return what the program exports."""
        found: dict[str, str] = json.loads(self.pulumi("stack", "output", "--json", quiet=True))
        return found

    def pulumi(self, *arguments: str, quiet: bool = False) -> str:
        """Run the CLI and show what it says, or return it. No variable of the caller's can lead elsewhere."""
        environment = {key: value for key, value in os.environ.items() if not key.startswith(("AEP_", "PULUMI_"))}
        environment |= {
            "PULUMI_BACKEND_URL": f"file://{self.folder}",
            "PULUMI_HOME": str(self.folder / "home"),
            "PULUMI_CONFIG_PASSPHRASE": "demo",
            "PULUMI_SKIP_UPDATE_CHECK": "true",
        }
        options = ["--non-interactive", "--cwd", str(ROOT)]
        if arguments[0] in {"up", "destroy", "config"}:
            options += ["--stack", NAME, "--config-file", str(self._config)]
        colour = ["--color", "always"] if sys.stdout.isatty() and not quiet else []
        with subprocess.Popen(
            ["pulumi", *arguments, *options, *colour],
            env=environment,
            text=True,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            start_new_session=True,  # so that Ctrl-C reaches it once, from here
        ) as command:
            lines = []
            try:
                for line in command.stdout or ():
                    lines.append(line)
                    print("" if quiet else line, end="")
            except (KeyboardInterrupt, OSError):  # a signal, or nobody reads what is printed
                end(command)
                raise
        if command.returncode:
            raise Stop(f"`pulumi {arguments[0]}` {fate(command.returncode)}")
        return "".join(lines)


def end(command: subprocess.Popen[str]) -> None:
    """Let a command end in order: it finishes what it has begun, writes state and frees the stack. In time, or else at once."""
    command.send_signal(signal.SIGINT)
    try:
        command.communicate(timeout=SECONDS_TO_END)
    except subprocess.TimeoutExpired:
        pass
    finally:
        command.kill()


def fate(code: int) -> str:
    """Say how a command has ended."""
    return f"was ended by {signal.Signals(-code).name}" if code < 0 else "failed; see above"


def mend(folder: Path) -> None:
    """Clear away what a run that was cut off has left, by a signal or on a full disk. Nobody else may be at work."""
    backend = folder / ".pulumi"
    for attributes in backend.rglob("*.attrs"):  # nobody needs them, and an empty one stops Pulumi
        attributes.unlink()
    for lock in [file for file in backend.glob("locks/**/*") if file.is_file()]:  # also a half-written one
        wait_for_the_holder_of(lock)
        lock.unlink(missing_ok=True)
        print("[demo] an earlier run was cut off: freed its lock of the stack")
    for state in backend.glob(f"stacks/*/{NAME}.json"):
        previous = state.with_suffix(".json.bak")
        if not is_json(state) and is_json(previous):
            previous.replace(state)
            print("[demo] an earlier run was cut off: took up its state as it was one step before")
        forget_pending(state)
    for chosen in folder.glob("home/workspaces/*.json"):
        if not is_json(chosen):
            chosen.unlink()
    (folder / f"Pulumi.{NAME}.yaml").unlink(missing_ok=True)  # written anew by each run


def forget_pending(state: Path) -> None:
    """Strike from a state the calls of which Pulumi does not know how they ended: the next `up` finds what they made."""
    if is_json(state):
        content = json.loads(state.read_text())
        if (content["checkpoint"].get("latest") or {}).pop("pending_operations", None):
            written = state.with_suffix(".json.new")
            written.write_text(json.dumps(content, indent=4))
            written.replace(state)


def wait_for_the_holder_of(lock: Path) -> None:
    """Wait for a pulumi that was left without its terminal, if it still lives. Its id is in the lock."""
    try:
        holder = int(json.loads(lock.read_text())["pid"])
    except (OSError, ValueError, KeyError, TypeError):
        return
    deadline = time.monotonic() + SECONDS_TO_END
    while leads_a_session(holder):
        if time.monotonic() > deadline:
            raise Stop(f"pulumi, process {holder}, is still at work: wait for its end, or end it")
        time.sleep(0.1)


def leads_a_session(process: int) -> bool:
    """Whether a process is there that leads a session, as each pulumi that is started here does."""
    try:
        return process > 0 and os.getsid(process) == process
    except OSError:
        return False


def is_json(file: Path) -> bool:
    """Whether a file is there and whole."""
    try:
        json.loads(file.read_text())
    except (OSError, ValueError):
        return False
    return True

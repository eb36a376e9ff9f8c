"""Print the directory of a Pulumi CLI that can run this project, building a pinned one if there is none.

A `pulumi` on PATH is used if it is recent enough. Else the CLI and the Python language host are built from the Go
modules beside this file into a versioned cache outside the clone: $XDG_CACHE_HOME (or ~/.cache)/pulumi-aep-streaming.
Only the directory goes to standard output; progress goes to standard error.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import platform
import re
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
VERSION = "v3.274.1"
OLDEST = (3, 200, 0)
CLI = "github.com/pulumi/pulumi/pkg/v3/cmd/pulumi"
LANGUAGE_HOST = "github.com/pulumi/pulumi/sdk/v3/python/cmd/pulumi-language-python"
LINKER_FLAGS = f"-s -w -X github.com/pulumi/pulumi/sdk/v3/go/common/version.Version={VERSION}"
SCRIPTS = (
    "python/cmd/pulumi-language-python-exec",
    "python/dist/pulumi-resource-pulumi-python",
)
SECONDS_BETWEEN_LINES = 15


def main() -> int:
    """Print one directory, or one sentence on what is missing."""
    try:
        print(on_path() or cached())
    except (Missing, subprocess.CalledProcessError) as problem:
        say(str(problem))
        return 1
    return 0


class Missing(Exception):
    """Something that only the user can install; the text says what."""


def on_path() -> Path | None:
    """Return the directory of the user's own pulumi, if it is recent enough and can run Python programs."""
    pulumi, host = shutil.which("pulumi"), shutil.which("pulumi-language-python")
    if not pulumi or not host:
        return None
    answer = subprocess.run([pulumi, "version"], capture_output=True, text=True, check=False)
    found = re.match(r"v?(\d+)\.(\d+)\.(\d+)", answer.stdout)
    if found and tuple(map(int, found.groups())) >= OLDEST:
        return Path(pulumi).parent
    say(f"{pulumi} is older than {'.'.join(map(str, OLDEST))}; using a pinned {VERSION} instead")
    return None


def cached() -> Path:
    """Return the cached engine, built first if need be. One build at a time; a broken one leaves nothing behind."""
    target = cache_root() / f"pulumi-{VERSION}-{recipe()}-{platform.system()}-{platform.machine()}".lower()
    if target.is_dir():
        return target
    if not shutil.which("go"):
        message = "Install Pulumi (pulumi.com/docs/install) or Go 1.26 or newer (go.dev/doc/install), then try again."
        raise Missing(message)
    target.parent.mkdir(parents=True, exist_ok=True)
    with (target.parent / "lock").open("w") as lock:
        wait_for(lock.fileno())
        if not target.is_dir():
            build(target)
    return target


def cache_root() -> Path:
    """Return the folder that all clones share."""
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "pulumi-aep-streaming"


def recipe() -> str:
    """Return a name for what would be built, so that a changed pin never finds the old engine."""
    digest = hashlib.sha256()
    for name in ("go.sum", "language-python/go.sum", "install.py"):
        digest.update((HERE / name).read_bytes())
    return digest.hexdigest()[:8]


def wait_for(lock: int) -> None:
    """Take the lock; the system frees it when its holder ends, however it ends."""
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        say("another build of the engine is under way, waiting for it")
        fcntl.flock(lock, fcntl.LOCK_EX)


def build(target: Path) -> None:
    """Build into a folder beside the target and rename it, so that the target is whole whenever it exists."""
    say(f"building the Pulumi engine {VERSION} once, for all clones: about 4 minutes on 2 cores")
    with tempfile.TemporaryDirectory(dir=target.parent) as scratch:
        out = Path(scratch, "bin")
        out.mkdir()
        go_build(HERE / "language-python", LANGUAGE_HOST, out / "pulumi-language-python", "language host")
        go_build(HERE, CLI, out / "pulumi", "CLI")
        sdk = go(HERE, "list", "-m", "-f", "{{.Dir}}", "github.com/pulumi/pulumi/sdk/v3")
        for script in SCRIPTS:
            copy = out / Path(script).name
            shutil.copyfile(Path(sdk, script), copy)
            copy.chmod(0o755)
        out.rename(target)
    say(f"engine ready in {target}")


def go(module: Path, *arguments: str) -> str:
    """Run go inside a module and return what it printed."""
    command = ["go", *arguments]
    return subprocess.run(command, cwd=module, stdout=subprocess.PIPE, text=True, check=True).stdout.strip()


def go_build(module: Path, package: str, binary: Path, label: str) -> None:
    """Build one binary, counting packages as the compiler names them (`go build -v`)."""
    say(f"{label}: fetching modules")
    total = len(go(module, "list", "-deps", package).splitlines())
    command = ["go", "build", "-v", "-trimpath", f"-ldflags={LINKER_FLAGS}", "-o", str(binary), package]
    with subprocess.Popen(command, cwd=module, stderr=subprocess.PIPE, text=True) as compiler:
        assert compiler.stderr is not None
        lines, printed = [], 0.0
        for line in compiler.stderr:
            lines.append(line)
            if time.monotonic() - printed > SECONDS_BETWEEN_LINES:
                printed = time.monotonic()
                say(f"{label}: {len(lines)} of at most {total} packages compiled")
    if compiler.returncode:
        say("".join(lines[-20:]))
        raise subprocess.CalledProcessError(compiler.returncode, command)


def say(text: str) -> None:
    """Tell the user, without touching standard output."""
    print(f"[engine] {text}", file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())

"""Files that a command writes: whole or not at all, and never in the place of another one that matters."""

from __future__ import annotations

import contextlib
import os
from pathlib import Path

from pulumi_aep_streaming.cli._stack import Impossible


def require_new(path: Path) -> None:
    """Raise `Impossible` if there is a file already: it may be the only record of something."""
    if os.path.lexists(path):
        message = f"{path} is there already: name a new file with --out"
        raise Impossible(message)


def make_new(path: Path) -> None:
    """Make an empty file. Raises `Impossible` if there is one already, made by whoever it was since it was looked for."""
    try:
        path.open("xb").close()
    except FileExistsError:
        require_new(path)
    except OSError as refused:
        raise _refusal(path, refused) from None


def write_whole(path: Path, content: bytes) -> None:
    """Write a file beside it that takes its place once it is whole: whoever is killed meanwhile leaves the old one."""
    target = Path(os.path.realpath(path))  # where `Path.resolve` raises, it leads nowhere
    new = target.with_name(f".{target.name}.{os.getpid()}.new")
    try:
        with new.open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        new.replace(target)
    except OSError as refused:
        raise _refusal(path, refused) from None
    finally:
        with contextlib.suppress(OSError):
            new.unlink(missing_ok=True)


def _refusal(path: Path, refused: OSError) -> Impossible:
    return Impossible(f"cannot write to {path}: {refused.strerror}")

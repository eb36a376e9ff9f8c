"""What the core needs of the process that it runs in: somebody to talk to, and whether anybody still waits."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, NamedTuple


class Note(NamedTuple):
    """A line for the person who runs `pulumi`."""

    text: str
    severity: Literal["info", "warning"] = "warning"


@dataclass(frozen=True)
class Effects:
    """The effects of the core, other than calls to the service."""

    say: Callable[[Note], None] = lambda _: None
    cancelled: Callable[[], bool] = lambda: False
    """Whether nobody waits any more for what this thread does."""

    def warn(self, text: str) -> None:
        """Say what a person should look at."""
        self.say(Note(text))

    def info(self, text: str) -> None:
        """Say what was done."""
        self.say(Note(text, "info"))

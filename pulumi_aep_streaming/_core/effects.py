"""What the core needs of the process that it runs in: somebody to talk to, and whether anybody still waits."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Literal, NamedTuple

from pulumi_aep_streaming.flow_service.errors import without


class Note(NamedTuple):
    """A line for the person who runs `pulumi`."""

    text: str
    severity: Literal["info", "warning"] = "warning"


@dataclass(frozen=True)
class Effects:
    """The effects of the core, other than calls to the service."""

    show: Callable[[Note], None] = lambda _: None
    cancelled: Callable[[], bool] = lambda: False
    """Whether nobody waits any more for what this thread does."""
    secrets: tuple[str, ...] = ()
    """What no line may show."""

    def masking(self, secrets: Sequence[str]) -> Effects:
        """Return effects that show none of these values."""
        return replace(self, secrets=(*self.secrets, *secrets))

    def masked(self, text: str) -> str:
        """Return a text that shows no secret."""
        return without(self.secrets, text)

    def say(self, note: Note) -> None:
        """Show a line."""
        self.show(note._replace(text=self.masked(note.text)))

    def warn(self, text: str) -> None:
        """Say what a person should look at."""
        self.say(Note(text))

    def info(self, text: str) -> None:
        """Say what was done."""
        self.say(Note(text, "info"))

"""What the core needs of the process that it runs in: somebody to talk to, and whether anybody still waits."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Literal, NamedTuple

from pulumi_aep_streaming.flow_service.errors import without


class Note(NamedTuple):
    """A line for the person who runs `pulumi`, and the lines below it. Whoever shows them makes them harmless."""

    text: str
    severity: Literal["info", "warning"] = "warning"
    below: tuple[str, ...] = ()

    def masked(self, secrets: Sequence[str]) -> Note:
        """Return it without these values."""
        return self._replace(text=without(secrets, self.text), below=tuple(without(secrets, line) for line in self.below))


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
        self.show(note.masked(self.secrets))

    def warn(self, text: str) -> None:
        """Say what a person should look at."""
        self.say(Note(text))

    def info(self, text: str, below: Iterable[str] = ()) -> None:
        """Say what was done, or will be."""
        self.say(Note(text, "info", tuple(below)))

"""What a snapshot answers in place of the service, so that a look-up needs neither a call nor credentials. See `look_up.py`."""

from __future__ import annotations

import shlex
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Generic, TypeVar

from pulumi_aep_streaming._core.snapshot.contents import Snapshot
from pulumi_aep_streaming._core.specs import did_you_mean
from pulumi_aep_streaming.flow_service.errors import NoCredentials

T = TypeVar("T")


class Unheld(NoCredentials):
    """There are no credentials, and the snapshot does not hold it."""


@dataclass(frozen=True)
class Held(Generic[T]):
    """What a snapshot holds of what can be looked up."""

    sought: Callable[[Snapshot, str | None, str | None], Iterable[T]]
    """Takes an id or a name, or neither for all. What is empty is asked of the service."""
    names: Callable[[Snapshot], Iterable[str]]
    """The names that may have been meant."""
    reduced: Callable[[T], T] = lambda found: found
    """Takes from a result of the service what no snapshot holds: a result is the same, whoever answers."""
    may_be_added: bool = False
    """Whether the snapshot is read with what it is told to."""

    def answer(self, snapshot: Snapshot, id_: str | None, name: str | None, ask: Callable[[], list[T]]) -> list[T]:
        """Return what the snapshot says, or else the service. Raises `Unheld` if it cannot be asked."""
        found = list(self.sought(snapshot, id_, name))
        if id_ is None and name is None:
            return found or ask()
        try:
            return list(map(self.reduced, found or ask()))
        except NoCredentials as missing:
            near = "" if name is None else did_you_mean(name, self.names(snapshot))
            add = f" --add {shlex.quote(str(id_ or name))}" if self.may_be_added else ""
            message = f"the snapshot lacks it{near} ({snapshot.origin}{add}); {missing}"
            raise Unheld(message) from None

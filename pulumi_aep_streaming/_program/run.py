"""What one run of a program shares. A process may run several programs, one after the other; nothing outlives a run."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeVar
from weakref import WeakKeyDictionary

import pulumi

if TYPE_CHECKING:
    from pulumi_aep_streaming._core.settings import Settings

T = TypeVar("T")


@dataclass
class Run:
    """One run."""

    claims: dict[tuple[type, str, int], bool] = field(default_factory=dict)
    """Where resources stand: class, name and parent, and whether a component takes over what stood there."""
    listings: dict[tuple[Settings, str, str], Future[list[Any]]] = field(default_factory=dict)
    """What look-ups have listed: by settings, sandbox and what was listed."""
    found: set[str] = field(default_factory=set)
    """The ids of what look-ups have found."""
    warned: set[str] = field(default_factory=set)
    """Of which look-ups it was said that they stay unknown: "" of all that have no more of a reason than no credentials."""
    lock: threading.Lock = field(default_factory=threading.Lock)

    def claim(self, class_: type, name: str, parent: pulumi.Resource | None, *, to_take_over: bool = False) -> None:
        """Note that a resource stands somewhere, or that a component takes over what stood there until now.

        Raises `pulumi.RunError` if a program does both: the engine would notice only after it has moved the resource.
        """
        position = (class_, name, 0 if parent in (None, pulumi.runtime.get_root_resource()) else id(parent))
        if self.claims.setdefault(position, to_take_over) != to_take_over:
            message = f"{name}: a resource of this name stands beside a StreamingDestination with such a child: rename one"
            raise pulumi.RunError(message)

    def listed(self, settings: Settings, sandbox: str, word: str, list_all: Callable[[], list[T]]) -> list[T]:
        """Return all things of a sort, listed once a run, also if that fails; who comes meanwhile waits for that."""
        mine: Future[list[Any]] = Future()
        with self.lock:
            listing = self.listings.setdefault((settings, sandbox, word), mine)
        if listing is mine:
            try:
                mine.set_result(list_all())
            except BaseException as failure:  # noqa: BLE001 (whatever it is, somebody may wait for it)
                mine.set_exception(failure)
        return listing.result()


_runs: WeakKeyDictionary[pulumi.Resource, Run] = WeakKeyDictionary()


def this_run() -> Run:
    """Return what this run shares. Without a program, as in unit tests with mocks, nothing is shared."""
    stack = pulumi.runtime.get_root_resource()
    return Run() if stack is None else _runs.setdefault(stack, Run())

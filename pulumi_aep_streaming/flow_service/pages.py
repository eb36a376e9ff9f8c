"""Reading many objects: by the page instead of one by one, where that pays.

A refresh asks for each object of a stack, one at a time, and never says which come next. After a handful of reads of a kind,
pages are fetched and kept. A page only confirms presence: what is on none is read by its id, which settles absence. Pages that
hold little of what is asked for cost more than they save, so no more than a few may be outstanding.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

from pulumi_aep_streaming.flow_service.attempts import Clock
from pulumi_aep_streaming.flow_service.errors import FlowServiceError, Unreadable
from pulumi_aep_streaming.flow_service.models import Entity

_HANDFUL = 4
_MOST_OUTSTANDING = 8
MOST_PAGES = 1_000
_READS_FOR_ANOTHER = 4  # so many reads of a kind allow another page in vain: a small stack risks little

E = TypeVar("E", bound=Entity)


def numbered(listed: str, clock: Clock) -> Iterator[int]:
    """Count the pages of a list, from 0. Raises `Unreadable` after more than any list has."""
    started = clock.now()
    yield from range(MOST_PAGES)
    raise Unreadable(f"the pages of {listed} do not end: {MOST_PAGES} were read in {clock.now() - started:.0f} s")


def next_page(body: Any) -> str:
    """Return the query of `_links.next.href`, "" on the last page. The href may be relative to the service or absolute."""
    links = body.get("_links") if isinstance(body, dict) else None
    following = links.get("next") if isinstance(links, dict) else None
    href = following.get("href") if isinstance(following, dict) else None
    # Not urlsplit, which raises for some; only the query is of interest.
    return href.partition("#")[0].partition("?")[2] if isinstance(href, str) else ""


@dataclass
class Ledger:
    """What pages cost and saved, of all kinds of one sandbox: fetched pages less the reads that they answered."""

    outstanding: int = 0
    closed: bool = False
    """True from the first write on: pages may be older than it."""
    lock: threading.Lock = field(default_factory=threading.Lock)

    def book(self, calls: int) -> None:
        """Add pages that were fetched, or reads that were saved (as a negative number)."""
        with self.lock:
            self.outstanding += calls


class Pages(Generic[E]):
    """The pages of one kind of objects in one sandbox, from both ends of the list in turn: a stack's own are near one of them.

    Safe to share among threads; one fetch at a time.
    """

    def __init__(self, ledger: Ledger, ends: Iterable[Iterator[list[E]]]) -> None:
        self._ledger = ledger
        self._ends = deque(ends)
        self._listed: set[str] = set()
        self._found: dict[str, E] = {}
        self._reads = 0
        self._lock = threading.Lock()

    def get(self, id_: str) -> E | None:
        """Return an object as a page shows it, once; None if it has to be read."""
        with self._lock:
            self._reads += 1
            while id_ not in self._found and self._next_page():
                pass
            found = None if self._ledger.closed else self._found.pop(id_, None)
        if found is not None:
            self._ledger.book(-1)
        return found

    def _next_page(self) -> bool:
        """Fetch a page, if it is likely to pay; False if not, or if there are no more."""
        bearable = min(_MOST_OUTSTANDING, self._reads // _READS_FOR_ANOTHER)
        if self._reads <= _HANDFUL or self._ledger.closed or self._ledger.outstanding >= bearable:
            return False
        if not self._ends:
            return False
        end = self._ends.popleft()
        self._ledger.book(1)
        try:
            page = next(end, None)
        except FlowServiceError:
            self._ends.clear()  # whatever it is, reading the object will tell it
            return False
        if page is None:  # this end has seen all
            self._ledger.book(-1)
            self._ends.clear()
            return False
        fresh = [live for live in page if live.id not in self._listed]
        self._listed.update(live.id for live in fresh)
        self._found.update({live.id: live for live in fresh if live.is_whole})
        if fresh:  # else this end has met the other, or is the same
            self._ends.append(end)
        return bool(self._ends)

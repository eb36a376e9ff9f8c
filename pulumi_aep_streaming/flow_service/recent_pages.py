"""Objects that are about to be deleted, by the page instead of one by one.

A page is as good as a read of each object on it for some seconds, unless this process has written to the object since. It only
confirms presence: who needs more than that, or is in doubt, reads the object. What another process may write to an object in
these seconds, so that it must not be deleted, is its owner: `Collection.settle` lets that process wait until all pages show it.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from typing import Generic, NamedTuple, TypeVar

from pulumi_aep_streaming.flow_service.errors import FlowServiceError
from pulumi_aep_streaming.flow_service.models import Entity

SECONDS_KEPT = 3.0
"""How long a page is as good as a read."""
_MOST_OUTSTANDING = 8
_ASKED_FOR_ANOTHER = 4  # so many objects that were asked for allow another page in vain

E = TypeVar("E", bound=Entity)


class _Seen(NamedTuple, Generic[E]):
    at: float
    """When its page was asked for, in monotonic seconds: it may be as old as that."""
    live: E


class RecentPages(Generic[E]):
    """The pages of one kind of objects in one sandbox. Safe to share among threads; one fetch at a time."""

    def __init__(self, now: Callable[[], float], list_pages: Callable[[], Iterator[list[E]]]) -> None:
        """`now` is a monotonic clock, in seconds; `list_pages` lists all objects, the likeliest first."""
        self._now, self._list_pages = now, list_pages
        self._pages: Iterator[list[E]] = iter(())
        self._listed_at = float("-inf")
        self._seen: dict[str, _Seen[E]] = {}
        self._written: dict[str, float] = {}
        self._asked = self._outstanding = 0
        self._lock = threading.Lock()

    def note_write(self, id_: str) -> None:
        """Remember that an object was written to: what pages have shown of it is no longer true."""
        self._written[id_] = self._now()

    def get(self, id_: str) -> E | None:
        """Return an object as a page shows it, once; None if it has to be read: the first one is, as there may be no other."""
        with self._lock:
            self._asked += 1
            found = self._pop(id_)
            while found is None and self._next_page():
                found = self._pop(id_)
            self._outstanding -= found is not None
            return found

    def _pop(self, id_: str) -> E | None:
        seen = self._seen.pop(id_, None)
        if seen is None or self._now() - seen.at >= SECONDS_KEPT or seen.at <= self._written.get(id_, float("-inf")):
            return None
        return seen.live if seen.live.is_whole else None

    def _next_page(self) -> bool:
        """Fetch a page, if it is likely to pay; False if not, or if there are no more."""
        bearable = min(_MOST_OUTSTANDING, max(1, self._asked // _ASKED_FOR_ANOTHER))
        if self._asked == 1 or self._outstanding >= bearable:
            return False
        now = self._now()
        if now - self._listed_at >= SECONDS_KEPT:
            self._pages, self._listed_at = self._list_pages(), now
        self._outstanding += 1  # also for one that cannot be had: a list that fails is not asked for again and again
        try:
            page = next(self._pages, None)
        except FlowServiceError:  # whatever it is, reading the object will tell it
            page = None
        if page is None:
            self._pages = iter(())
            return False
        self._seen.update({live.id: _Seen(now, live) for live in page})
        return True

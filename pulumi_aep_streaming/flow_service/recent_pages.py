"""Objects that are about to be deleted, by the page instead of one by one.

A page is as good as a read of each object on it for some seconds, unless this process has written to the object since. It only
confirms presence: who needs more than that, or is in doubt, reads the object. What another process may write to an object in
these seconds, so that it must not be deleted, is its owner: `wait_for_pages` lets that process wait until all pages show it.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Generic, TypeVar

from pulumi_aep_streaming.flow_service.attempts import Backoff, Clock, Moment, attempts
from pulumi_aep_streaming.flow_service.errors import FlowServiceError, TimedOut

if TYPE_CHECKING:
    from pulumi_aep_streaming.flow_service.models import Entity

SECONDS_KEPT = 3.0
"""How long a page is as good as a read."""
MOST_PAGES_BACK = 10
"""How far back from the newest object pages go."""
LIST_BACKOFF = Backoff(first_seconds=0.5, longest_seconds=5.0)
"""Between two looks at a list, which lags more than a read."""
_MOST_SECONDS_LATE = 60.0
_MOST_OUTSTANDING = 8
_ASKED_FOR_ANOTHER = 4  # so many objects that were asked for allow another page in vain

E = TypeVar("E", bound="Entity")


@dataclass(frozen=True)
class Recent(Generic[E]):
    """An object as a page of the last seconds shows it."""

    live: E
    at: Moment
    """When its page was asked for: it may be as old as that."""

    def is_fresh(self, clock: Clock) -> bool:
        """Whether this is as good as a read, as far as nobody has written to it."""
        return clock.age(self.at) < SECONDS_KEPT


class RecentPages(Generic[E]):
    """The pages of one kind of objects in one sandbox. Safe to share among threads; one fetch at a time."""

    def __init__(self, clock: Callable[[], Clock], list_pages: Callable[[], Iterator[list[E]]]) -> None:
        """`list_pages` lists all objects, the newest first, as far back as anybody looks."""
        self._clock, self._list_pages = clock, list_pages
        self._pages: Iterator[list[E]] = iter(())
        self._listed_at = float("-inf")
        self._seen: dict[str, Recent[E]] = {}
        self._written: dict[str, float] = {}
        self._asked = self._outstanding = 0
        self._given_up = False
        """After a list that failed, or took longer than a page is good for: each object is read."""
        self._lock = threading.Lock()

    def note_write(self, id_: str) -> None:
        """Remember that an object was written to: what pages have shown of it is no longer true."""
        self._written[id_] = self._clock().now()

    def get(self, id_: str) -> Recent[E] | None:
        """Return an object as a page shows it, once; None if it has to be read: the first one is, as there may be no other."""
        with self._lock:
            self._asked += 1
            found = self._pop(id_)
            if found is None and self._asked > 1:
                self._begin_anew_if_old()
                while found is None and self._next_page():
                    found = self._pop(id_)
            if found is not None:
                self._outstanding = max(0, self._outstanding - 1)
            return found

    def _pop(self, id_: str) -> Recent[E] | None:
        seen = self._seen.pop(id_, None)
        if seen is None or not seen.is_fresh(self._clock()) or seen.at.now <= self._written.get(id_, float("-inf")):
            return None
        return seen if seen.live.is_whole else None

    def _begin_anew_if_old(self) -> None:
        now = self._clock().now()
        if now - self._listed_at >= SECONDS_KEPT:
            self._pages, self._listed_at = self._list_pages(), now

    def _next_page(self) -> bool:
        """Fetch a page, if it is likely to pay; False if not, or if there are no more."""
        bearable = min(_MOST_OUTSTANDING, max(1, self._asked // _ASKED_FOR_ANOTHER))
        if self._given_up or self._outstanding >= bearable:
            return False
        asked = self._clock().moment()
        try:
            page = next(self._pages, None)
        except FlowServiceError:  # whatever it is, reading the object will tell it
            page, self._given_up = None, True
        if page is None:
            return False
        self._outstanding += 1
        self._given_up = self._clock().now() - asked.now >= SECONDS_KEPT
        self._seen.update({live.id: Recent(live, asked) for live in page})
        return not self._given_up


def wait_for_pages(clock: Clock, list_pages: Callable[[], Iterator[list[E]]], id_: str, is_shown: Callable[[E], bool]) -> None:
    """Return once no process can have a page any more that shows an object in another way.

    Lists have to show it twice, before and after pages are dropped; lists that cannot be had show it to nobody. Raises
    `TimedOut` if they go on to show it as it was.
    """
    looks: list[bool | None] = []
    for _ in attempts(clock, LIST_BACKOFF, seconds=_MOST_SECONDS_LATE):
        looks.append(_is_listed_as(list_pages, id_, is_shown))
        if looks[-2:] == [True, True]:
            return
        if looks[-1]:
            clock.sleep(SECONDS_KEPT)
    if any(look is not None for look in looks):
        raise TimedOut(f"lists do not show that {id_} was taken over, after {_MOST_SECONDS_LATE:.0f} s")


def _is_listed_as(list_pages: Callable[[], Iterator[list[E]]], id_: str, is_shown: Callable[[E], bool]) -> bool | None:
    """Whether all pages show an object so, or not at all; None if lists cannot be had."""
    try:
        listed = [live for page in list_pages() for live in page if live.id == id_ and live.is_whole]
    except FlowServiceError:
        return None
    return all(map(is_shown, listed))

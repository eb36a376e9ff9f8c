"""Looks before creates, shared: what a list showed a moment ago also tells the next create that nothing was left behind.

What a look has not found may have come since, and then a create makes a twin of it. What stands against that:

- The provider of an engine that died may still be at a POST. It learns of that death before each write and after the POST. Then
  it looks, for `SECONDS_TO_GIVE_WAY` and the time of a request, for an object that the next run has made meanwhile: if there is
  one, it deletes its own. The next run relies on a look that began at most `MOST_SECONDS_OLD` ago, or, if many pages took
  longer, on one at the newest page after it, unless that is as slow. It sends its POST at most `MOST_SECONDS_UNTIL_SENT`
  later, or looks again. That POST takes the time of a request, and lists are late by `SECONDS_LISTS_LAG` for the one and for
  the other.
- A list that lags behind hides from a look what was made just before it, shared or not; a shared one hides a little more. If
  the same run, or another one, looks again upon the same parent, it names the second object.
- So it does if two engines work on one stack at the same time, with its lock taken away, and both make an object.
- A look is of one sandbox, as the collection is that keeps it.
- Whoever reclaims an object has found it; it is read again, and written to under its etag and the marker that was seen.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Generic, TypeVar

from pulumi_aep_streaming.flow_service.attempts import Clock, Moment
from pulumi_aep_streaming.flow_service.recent_pages import SECONDS_KEPT

if TYPE_CHECKING:
    from pulumi_aep_streaming.flow_service.models import Entity

MOST_SECONDS_OLD = 10.0
"""How old a look may be when a create relies on it, from its beginning: lists of many pages take their time."""
MOST_SECONDS_UNTIL_SENT = 5.0
"""How long a POST may have waited when it is sent, for the first time or again, without another look."""
SECONDS_LISTS_LAG = 5.0
"""How late a list may show what was made. Adobe documents nothing; this is much more than it takes to answer."""
_MOST_LOOKS_AT_THE_NEWEST = 3
SECONDS_TO_GIVE_WAY = MOST_SECONDS_OLD + MOST_SECONDS_UNTIL_SENT + 2 * SECONDS_LISTS_LAG

E = TypeVar("E", bound="Entity")


@dataclass
class _Look(Generic[E]):
    began: Moment
    ended: float = float("inf")
    found: Future[list[E]] = field(default_factory=Future)


class SharedLooks(Generic[E]):
    """Looks at one kind of objects in one sandbox, by what narrows them. Safe to share among threads."""

    def __init__(self, clock: Callable[[], Clock]) -> None:
        self._clock = clock
        self._kept: dict[str, _Look[E]] = {}
        self._lock = threading.Lock()

    def get(self, narrow: str, look: Callable[[], list[E]], newest: Callable[[], list[E]]) -> list[E]:
        """Return what a look has found that ended a moment ago, or that somebody is at, or look now: see `anew`.

        Who waits for a look that fails gets the same error; it is not kept.
        """
        with self._lock:
            kept, leads = self._kept.get(narrow), False
            if kept is None or not self._is_recent(kept):
                kept, leads = _Look(self._clock().moment()), True
                others = {key: other for key, other in self._kept.items() if self._is_recent(other)}
                self._kept = {**others, narrow: kept}
        if leads:
            self._look(kept, look, newest)
        found = kept.found.result()
        return found if leads or self._is_recent(kept) else self.anew(look, newest)

    def anew(self, look: Callable[[], list[E]], newest: Callable[[], list[E]]) -> list[E]:
        """Look now. If that takes so long that it could not be relied on, look at the newest objects as well.

        If that takes as long, several times, there is nothing better.
        """
        return self._up_to_date(look, newest)[1]

    def _up_to_date(self, look: Callable[[], list[E]], newest: Callable[[], list[E]]) -> tuple[Moment, list[E]]:
        """Return what is there, and since when nothing else was."""
        clock, found = self._clock(), dict[str, E]()
        for listing in (look, *[newest] * _MOST_LOOKS_AT_THE_NEWEST):
            began = clock.moment()
            found.update({live.id: live for live in listing()})
            if clock.age(began) < MOST_SECONDS_OLD:
                break
        return began, list(found.values())

    def _look(self, kept: _Look[E], look: Callable[[], list[E]], newest: Callable[[], list[E]]) -> None:
        try:
            kept.began, found = self._up_to_date(look, newest)
        except BaseException as failure:  # noqa: BLE001 (whatever it is, somebody may wait for it)
            kept.found.set_exception(failure)
        else:
            kept.ended = self._clock().now()
            kept.found.set_result(found)

    def _is_recent(self, kept: _Look[E]) -> bool:
        """Whether a look can be relied on; so can one that has yet to end, as it ends up to date."""
        if not kept.found.done():
            return True
        if kept.found.exception() is not None:
            return False
        clock = self._clock()
        return clock.age(kept.began) < MOST_SECONDS_OLD and clock.now() - kept.ended < SECONDS_KEPT

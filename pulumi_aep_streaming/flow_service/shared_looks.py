"""Looks before creates, shared: what a list showed a moment ago also tells the next create that nothing was left behind.

What a look has found is looked for anew before anything follows from it. What it has not found may have come since, so that a
create makes a twin of it. Why that does not happen:

- The provider of an engine that died may still be at a POST. It learns of that death before each write and after the POST, and
  then looks, for `SECONDS_TO_GIVE_WAY` and the time of a request, for an object that the next run has made meanwhile: if
  there is one, it deletes its own. The next run POSTs what it has not seen, at most `MOST_SECONDS_OLD` after its look began;
  that POST takes a request's time, and lists are late by no more than `SECONDS_LISTS_LAG`, for the one and for the other.
- A list that lags behind hides from a look what was made just before it, shared or not. A look that is three seconds older
  hides three seconds more, and the next one names what it hid.
- A look is of one sandbox, as the collection is that keeps it.
- Whoever reclaims an object has found it; it is read again, and written to under its etag and the marker that was seen.
- Two engines that work on one stack at the same time, with its lock taken away, may make two: the next look names the second.
"""

from __future__ import annotations

import threading
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic, TypeVar

from pulumi_aep_streaming.flow_service.attempts import Clock
from pulumi_aep_streaming.flow_service.models import Entity
from pulumi_aep_streaming.flow_service.recent_pages import SECONDS_KEPT

MOST_SECONDS_OLD = 10.0
"""How old a look may be when a create relies on it, from its beginning: lists of many pages take their time."""
SECONDS_LISTS_LAG = 5.0
SECONDS_TO_GIVE_WAY = MOST_SECONDS_OLD + 2 * SECONDS_LISTS_LAG

E = TypeVar("E", bound=Entity)


@dataclass(frozen=True)
class _Look(Generic[E]):
    began: float
    """In seconds, by the clock."""
    began_at_wall: float
    ended: float
    found: list[E]


class SharedLooks(Generic[E]):
    """Looks at one kind of objects in one sandbox, by what narrows them. Safe to share among threads; one at a time."""

    def __init__(self, clock: Callable[[], Clock]) -> None:
        self._clock = clock
        self._kept: dict[str, _Look[E]] = {}
        self._locks: defaultdict[str, threading.Lock] = defaultdict(threading.Lock)

    def get(self, narrow: str, look: Callable[[], list[E]]) -> list[E]:
        """Return what a look has found that began a moment ago, or look now."""
        with self._locks[narrow]:
            kept = self._kept.get(narrow)
            if kept is None or not self._is_recent(kept):
                clock = self._clock()
                now, wall = clock.now(), clock.wall()
                found = look()
                kept = self._kept[narrow] = _Look(now, wall, clock.now(), found)
            return kept.found

    def _is_recent(self, kept: _Look[E]) -> bool:
        clock = self._clock()
        if not 0 <= clock.wall() - kept.began_at_wall < MOST_SECONDS_OLD:  # the machine may have slept
            return False
        return clock.now() - kept.ended < SECONDS_KEPT and clock.now() - kept.began < MOST_SECONDS_OLD

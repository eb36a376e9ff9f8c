"""Trying again: how long to wait between attempts, and when to stop."""

from __future__ import annotations

import itertools
import random
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple


class Moment(NamedTuple):
    """A point in time, in seconds by both clocks."""

    now: float
    wall: float


@dataclass(frozen=True)
class Clock:
    """Time and chance, so that tests need neither."""

    now: Callable[[], float] = time.monotonic
    sleep: Callable[[float], None] = time.sleep
    jitter: Callable[[], float] = random.random
    wall: Callable[[], float] = time.time
    """Goes on while the machine sleeps, and may be set anew."""

    def moment(self) -> Moment:
        """Return what both clocks show."""
        return Moment(self.now(), self.wall())

    def age(self, moment: Moment) -> float:
        """Return how many seconds ago a moment was, by the clock that says more; infinitely many if one was set back since."""
        since = self.wall() - moment.wall
        return max(self.now() - moment.now, since) if since >= 0 else float("inf")


@dataclass(frozen=True)
class Backoff:
    """Exponential pauses."""

    first_seconds: float
    longest_seconds: float

    def seconds(self, attempt: int, jitter: float) -> float:
        """Return how long to wait after the attempt with this number, 0 for the first; `jitter` is from 0 to 1."""
        return min(self.first_seconds * 2.0**attempt, self.longest_seconds) * (1 + jitter) / 2


@dataclass
class Attempt:
    """One of several attempts."""

    number: int
    """Counted from 0."""
    started: float
    most: int | None
    seconds: float | None
    clock: Clock
    waited: float = 0.0
    """The sum of the pauses before it, in seconds."""
    pause: float | None = None
    """How long to wait after it, in seconds, set by whoever makes the attempt; None: as the backoff says."""

    @property
    def spent(self) -> float:
        """How many seconds have passed since the first attempt began."""
        return self.clock.now() - self.started

    @property
    def took(self) -> str:
        """How many attempts were made, if more than one, and in what time."""
        seconds = f"{self.spent:.0f} s"
        return f"{self.number + 1} tries in {seconds}" if self.number else f"after {seconds}"

    @cached_property
    def is_last(self) -> bool:
        """Whether no other will follow. Decided once, when it is first asked, as time goes on."""
        if self.most is not None and self.number + 1 >= self.most:
            return True
        return self.seconds is not None and self.spent >= self.seconds


def attempts(clock: Clock, backoff: Backoff, *, most: int | None = None, seconds: float | None = None) -> Iterator[Attempt]:
    """Yield attempts, with pauses between them: so many at most, or until so many seconds have passed."""
    started, waited = clock.now(), 0.0
    for number in itertools.count():
        attempt = Attempt(number, started, most, seconds, clock, waited)
        yield attempt
        if attempt.is_last:
            return
        pause = backoff.seconds(number, clock.jitter()) if attempt.pause is None else attempt.pause
        clock.sleep(pause)
        waited += pause

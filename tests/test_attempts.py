"""How often, how long apart, and when to stop. Time and chance are injected."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.surroundings import Hourglass

from pulumi_aep_streaming.flow_service.attempts import Backoff, Clock, attempts

BACKOFF = Backoff(first_seconds=0.5, longest_seconds=4.0)


@pytest.mark.parametrize("most", [1, 2, 5])
def test_there_are_as_many_attempts_as_allowed_with_a_pause_between_each_two(most):
    hourglass = Hourglass()
    numbers = [attempt.number for attempt in attempts(hourglass.clock(), BACKOFF, most=most)]
    assert numbers == list(range(most))
    assert hourglass.naps == [0.5, 1.0, 2.0, 4.0][: most - 1]


def test_an_attempt_may_say_how_long_to_wait_after_it():
    hourglass = Hourglass()
    for attempt in attempts(hourglass.clock(), BACKOFF, most=3):
        attempt.pause = 7.0 if attempt.number == 0 else None
    assert hourglass.naps == [7.0, 1.0]


def test_attempts_go_on_until_the_time_is_over():
    hourglass = Hourglass()
    spent = [attempt.spent for attempt in attempts(hourglass.clock(), BACKOFF, seconds=10.0)]
    assert spent == [0.0, 0.5, 1.5, 3.5, 7.5, 11.5]


@given(st.lists(st.floats(0.0, 5.0), min_size=1, max_size=40))
def test_whoever_is_told_that_it_is_not_the_last_attempt_gets_another(ticks):
    """However much time passes between any two looks at the clock."""
    elapsed = iter(ticks)
    time = 0.0

    def now():
        nonlocal time
        time += next(elapsed, 5.0)
        return time

    told = [attempt.is_last for attempt in attempts(Clock(now, lambda _: None, lambda: 0.0), BACKOFF, seconds=10.0)]
    assert told == [False] * (len(told) - 1) + [True]


@given(st.integers(0, 60), st.floats(0, 1))
def test_pauses_grow_to_a_limit_and_chance_halves_them_at_most(attempt, jitter):
    longest = min(0.5 * 2**attempt, 4.0)
    assert longest / 2 <= BACKOFF.seconds(attempt, jitter) <= longest

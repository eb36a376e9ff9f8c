"""Writes that are tried again: after a conflict, an answer that was lost, a state that will end."""

from __future__ import annotations

from collections.abc import Iterator

from pulumi_aep_streaming.flow_service.attempts import Attempt, Backoff, Clock, attempts
from pulumi_aep_streaming.flow_service.errors import FlowServiceError, NoAnswer, Refused, Unreadable, VersionConflict

BACKOFF = Backoff(first_seconds=0.25, longest_seconds=5.0)
_MOST_CONFLICTS = 8
_MOST_SECONDS = 300.0
_MOST_STRAY_ANSWERS = 2
BUSY_CODES = frozenset({"1409", "1416", "1417", "1420", "1421", "1422", "1436", "1456", "1457", "1458"})


def write_attempts(clock: Clock) -> Iterator[Attempt]:
    """Yield the attempts of one write."""
    return attempts(clock, BACKOFF, most=_MOST_CONFLICTS, seconds=_MOST_SECONDS)


def may_retry(failure: Refused | NoAnswer | Unreadable, attempt: Attempt) -> bool:
    """Whether another attempt may end better: after a conflict, an answer that was lost, a state that will end."""
    # What stands between (a block page) stays longer than a conflict does.
    stray = isinstance(failure, Unreadable) and attempt.number + 1 == _MOST_STRAY_ANSWERS
    transient = isinstance(failure, Refused) and (isinstance(failure, VersionConflict) or failure.code in BUSY_CODES)
    return not stray and not attempt.is_last and (transient or failure.ambiguous)


def given_up(failure: FlowServiceError, attempt: Attempt) -> FlowServiceError:
    """Return the error that ends the attempts: with what they took, if there were several."""
    return failure.after(attempt.took) if attempt.number else failure

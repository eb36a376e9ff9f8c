"""Writes: when to try again (after a conflict, an answer that was lost, a state that will end), and when they are done."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from pulumi_aep_streaming.flow_service.attempts import Attempt, Backoff, Clock, attempts
from pulumi_aep_streaming.flow_service.errors import FlowServiceError, InUse, NoAnswer, Refused, Unreadable, VersionConflict
from pulumi_aep_streaming.flow_service.json_patch import Operation
from pulumi_aep_streaming.flow_service.models import TRANSIENT_STATES, Entity, Flow

BACKOFF = Backoff(first_seconds=0.25, longest_seconds=5.0)
_MOST_CONFLICTS = 8
_MOST_SECONDS = 300.0
_MOST_STRAY_ANSWERS = 2
IN_USE_CODES = frozenset({"1418", "1447"})
BUSY_CODES = frozenset({"1409", "1416", "1417", "1420", "1421", "1422", "1436", "1456", "1457", "1458"})


def write_attempts(clock: Clock) -> Iterator[Attempt]:
    """Yield the attempts of one write."""
    return attempts(clock, BACKOFF, most=_MOST_CONFLICTS, seconds=_MOST_SECONDS)


def may_retry(failure: Refused | NoAnswer | Unreadable, attempt: Attempt) -> bool:
    """Whether another attempt may end better: after a conflict, an answer that was lost, a state that will end."""
    # What stands between (a block page) stays longer than a conflict does.
    stray = isinstance(failure, Unreadable) and attempt.number + 1 >= _MOST_STRAY_ANSWERS
    transient = isinstance(failure, Refused) and (isinstance(failure, VersionConflict) or failure.code in BUSY_CODES)
    return not stray and not attempt.is_last and (transient or failure.ambiguous)


def given_up(failure: FlowServiceError, attempt: Attempt) -> FlowServiceError:
    """Return the error that ends the attempts: with what they took, if there were several."""
    return failure.after(attempt.took) if attempt.number else failure


def transience(live: Entity) -> str:
    """Return that an object is in a state that will end; "" if it is not."""
    return f"it stays {live.state}" if live.state in TRANSIENT_STATES else ""


def incompleteness(live: Entity, missing: list[Operation], unseen: frozenset[str], left: str | None) -> str:
    """Return what an accepted change lacks in a live object; "" if it is nothing."""
    paths = sorted({f"{operation['op']} {operation['path']}" for operation in missing if operation["path"] not in unseen})
    if paths:
        return f"accepted but not in effect: {', '.join(paths)}"
    stuck = left is not None and live.if_match == left
    return "accepted, but the etag is what it was before, so nothing was written" if stuck else ""


def refuse_used(refused: Refused, users: Callable[[], list[Flow]], masked: Callable[[str], str]) -> None:
    """Raise `InUse` if a deletion was refused because dataflows use the object, and there are some still; name them."""
    if refused.code in IN_USE_CODES and (flows := _known_users(users)):
        named = masked(", ".join(f"{flow.name} ({flow.id})" for flow in flows))
        message = f"dataflows use it: {named}; delete them first ({refused.text}, code {refused.code})"
        raise InUse(message, [flow.description or "" for flow in flows]) from None


def _known_users(users: Callable[[], list[Flow]]) -> list[Flow]:
    """Return the users, or none if they cannot be listed: the refusal that made us ask says more than that one."""
    try:
        return users()
    except (NoAnswer, Refused, Unreadable):
        return []

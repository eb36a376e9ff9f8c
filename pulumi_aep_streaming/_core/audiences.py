"""Audiences that the snapshot lacks are asked for before they are activated, each once a process.

So one that was made this morning is no error, and one that is nowhere stops an `up` before its first write.
"""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

from pulumi_aep_streaming._core.values import Bag
from pulumi_aep_streaming.flow_service.errors import Missing, NoAnswer, NotFound, NoToken, Refused, Unreadable

if TYPE_CHECKING:
    from pulumi_aep_streaming._core.context import Context
    from pulumi_aep_streaming._core.snapshot.contents import Snapshot

_FORBIDDEN = 403


def require_there(context: Context[Any], desired: Bag, state: Bag) -> None:
    """Ask for what is activated, and neither in state nor in the snapshot. Raises `Missing` if it is not there."""
    fresh = list(context.kind.activated(desired, state))
    snapshot = context.snapshot(desired) if fresh else None
    if snapshot is None or snapshot.audiences is None:
        return
    gone = [
        selector["id"]
        for selector in fresh
        if not snapshot.audiences_with_id(selector["id"]) and not _is_there(context, desired, selector, snapshot)
    ]
    if gone:
        message = (
            f"segments: {', '.join(gone)}: no such audience in sandbox {snapshot.sandbox}, which was asked as {snapshot.file} "
            "lacks it: check the id, or look it up: get_audience(name=...)"
        )
        raise Missing(message)


def _is_there(context: Context[Any], desired: Bag, selector: Bag, snapshot: Snapshot) -> bool:
    """Whether an audience is there; what cannot be asked for is left to the service to judge."""
    ids = dict.fromkeys([selector["id"], selector.get("systemSegmentId") or selector["id"]])
    memory, place = context.memory, f"{desired.get('orgId')} {snapshot.sandbox}"
    key = " ".join([place, *ids])
    with memory.meeting.setdefault(key, threading.Lock()):  # others may be about to ask for the same
        if key not in memory.audiences and f"forbidden in {place}" not in memory.told:
            memory.audiences[key] = any(_is_shown(context, desired, id_, place, snapshot) for id_ in ids)
        return memory.audiences.get(key, True)


def _is_shown(context: Context[Any], desired: Bag, id_: str, place: str, snapshot: Snapshot) -> bool:
    lacking = f"what {snapshot.file} lacks is activated as it is"
    try:
        return bool(context.service(desired).audiences.with_id(id_))
    except NotFound:
        return False
    except NoToken:
        raise
    except Refused as refused:
        if refused.status != _FORBIDDEN:
            context.effects.warn(f"audience {id_} could not be asked for: {refused}; {lacking}")
        elif not context.memory.is_told(f"forbidden in {place}"):
            context.effects.warn(f"audiences may not be asked for: {refused}; {lacking}")
    except (NoAnswer, Unreadable) as lost:
        context.effects.warn(f"audience {id_} could not be asked for: {lost}; {lacking}")
    return True

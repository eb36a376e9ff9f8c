"""Whose an object is, by its marker; and what to do about an object that may be another state's. Pure.

An object is a state's if it carries that state's nonce, whatever the key: a key is a name, and another backend, or a copy of a
project, may use the same. A state without a nonce (imported, and not changed since) takes any under its own key. What carries
no marker is nobody else's.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TYPE_CHECKING

from pulumi_aep_streaming._core import marker
from pulumi_aep_streaming._core.values import Bag
from pulumi_aep_streaming.flow_service.errors import OwnedElsewhere

if TYPE_CHECKING:
    from pulumi_aep_streaming.flow_service.models import Entity

Owned = Callable[[marker.Mark], bool]
"""Whether an object that carries this marker may be changed. One without a marker may."""


def is_ours(mark: marker.Mark | None, state: Bag, desired: Bag | None = None) -> bool:
    """Whether an object with this marker is the one that a state means; `desired` may have a key of its own."""
    if mark is None:
        return True
    if state.get("nonce"):
        return bool(mark.nonce == state["nonce"])
    return mark.key in {marker.key_of(bag["managedBy"]) for bag in (state, desired or {}) if bag.get("managedBy")}


def shares_key(mark: marker.Mark | None, desired: Bag) -> bool:
    """Whether a marker has the key of the desired resource, whoever wrote it."""
    return mark is not None and mark.key == marker.key_of(desired.get("managedBy", ""))


def require_owned(owned: Owned, bag: Bag, live: Entity) -> None:
    """Raise `OwnedElsewhere` if the object carries a marker and is not owned; `bag` says whose it should be."""
    mark = marker.find(live.description)
    if mark is not None and not owned(mark):
        raise OwnedElsewhere(not_ours(live, mark, bag))


def in_doubt(live: Entity, doubt: str, mark: marker.Mark | None) -> str:
    """Say that an object may be another state's, in one line: why, whose it is, and the ways on."""
    owner = mark.owner if mark else "nobody"
    take = f"take it over by AEP_RECLAIM={stack_of(owner)} for one run or by adopt_id"
    message = (
        f"{live.id} carries the marker of this resource ({owner}), but {doubt} (last changed {last_change(live)}): it may be "
        "another state's, or what an earlier replacement could not delete, or this is a forced replacement of what is in use. "
        "Nothing was changed. Wait if another pulumi up runs, leave out --replace, replacement_trigger or replace_with, or "
        f"pulumi state untaint, or {take}"
    )
    return message  # noqa: RET504 (what is shown is called so: the documentation's test looks for it)


def not_ours(live: Entity, mark: marker.Mark, state: Bag) -> str:
    """Say that an object is no longer the state's, in one line: whose it is, and the ways on."""
    owner = str(state.get("managedBy", ""))
    theirs = f"its marker says {mark.owner}.{mark.nonce}, and not the nonce of this state (last changed {last_change(live)})"
    way = "pulumi state delete gives it up"
    if marker.key_of(owner) == mark.key:
        way = f"AEP_RECLAIM={stack_of(owner)} for one run takes it back, {way}"
    message = f"{live.id} is another state's by now: {theirs}; {way}"
    return message  # noqa: RET504 (see in_doubt)


def stack_of(owner: str) -> str:
    """Return `project/stack` of an owner."""
    return "/".join(owner.split("/", 2)[:2])


def last_change(live: Entity) -> str:
    """Return when an object was changed last, for people."""
    try:
        return time.strftime("%Y-%m-%d %H:%M UTC", time.gmtime(float(live.updated_at or "nan") / 1000))
    except (ValueError, OverflowError, OSError):  # not shown, or no time at all
        return "at a time that is not shown"

"""What `create` does where nothing is adopted: replace, resume, reclaim, or make."""

from __future__ import annotations

import contextlib
import itertools
from typing import TYPE_CHECKING, TypeVar

from pulumi_aep_streaming._core import changes, marker, ownership
from pulumi_aep_streaming._core.adoption import Acquired, reclaim, settled
from pulumi_aep_streaming._core.context import Context
from pulumi_aep_streaming._core.idempotent_post import Appeared, Posting
from pulumi_aep_streaming._core.merges.labels import carried_over
from pulumi_aep_streaming._core.references import require_fitting
from pulumi_aep_streaming._core.values import Bag
from pulumi_aep_streaming.flow_service.errors import (
    Cancelled,
    FlowServiceError,
    NotFound,
    OwnedElsewhere,
    Refused,
    Unreadable,
    VersionConflict,
)

if TYPE_CHECKING:
    from pulumi_aep_streaming.flow_service.collection import Readable
    from pulumi_aep_streaming.flow_service.models import Entity

L = TypeVar("L", bound="Entity")
_MOST_LISTINGS = 3
_MOST_NAMED = 3


def make(context: Context[L], desired: Bag, nonce: str) -> Acquired:
    """Make an object, or take over the one that an interrupted create of the same resource made.

    Raises `OwnedElsewhere` if there is one that may be another state's.
    """
    compared = _as_compared(context, desired)
    wanted = _with_what_others_changed(context, compared)
    body = {"name": wanted["name"], **context.kind.body(wanted)}
    collection, narrow = context.kind.collection(context.service(desired)), context.kind.narrow_filter(wanted)
    in_state, cancelled = context.memory.in_state, context.effects.cancelled
    posting = Posting(collection, desired.get("managedBy"), body, narrow, in_state, cancelled)
    require_fitting(context, compared, {})  # before the look, as that grows old
    context.memory.making.add(desired.get("managedBy"))
    for listing in range(_MOST_LISTINGS):
        # Whatever an earlier process left behind is not upon what this one has POSTed: no engine knew its id until now.
        candidates = [] if context.kind.built_upon(wanted) in context.memory.posted else posting.candidates(anew=listing > 0)
        found = [live for live in candidates if posting.is_its_own(live)]
        if not found:
            try:
                id_ = _post(context, posting, wanted, nonce)
            except Appeared:
                continue
            _name_doubles(context, wanted, candidates)
            return Acquired(id_, context.outputs(desired, nonce), created=True)
        # It may be gone, as the process that had made it backed out, or cannot be read yet: another listing tells.
        with contextlib.suppress(NotFound):
            if context.settings.reclaims(desired.get("managedBy")):
                return reclaim(context, found, desired, nonce)
            id_ = _resume(context, found, compared, wanted, nonce)
            return Acquired(id_, context.outputs(desired, nonce), created=True)
    left = found[0].id if found else "an object"
    message = f"{left} was left behind by an interrupted pulumi up; it is listed, but cannot be read: run pulumi up later"
    raise Unreadable(message)


def _as_compared(context: Context[L], desired: Bag) -> Bag:
    """Return what is to be made: of a replacement, what the diff has found that it should be."""
    old = context.replaced(desired)
    return changes.as_compared(context.kind.inputs, old.desired, desired) if old else desired


def _with_what_others_changed(context: Context[L], desired: Bag) -> Bag:
    """Return what is to be made; for a replacement, with what others changed of the old object and no refresh has shown.

    Raises if the old object could not be deleted afterwards: there would be two.
    """
    old = context.replaced(desired)
    if old is None:
        return desired
    collection = context.kind.collection(context.service(old.state))
    try:
        live = collection.get(old.id)
    except NotFound as missing:
        collection.confirm_absence(old.id, missing)
        return desired
    ownership.require_owned(lambda mark: ownership.is_ours(mark, old.state), old.state, live)
    replacement = context.kind.replacement(desired, old.state, live, forced=context.is_forced(live.id, old.state))
    for line in replacement.warnings:
        context.effects.warn(line)
    context.memory.carried[old.id] = replacement.carried
    return {**replacement.desired, **carried_over(desired, old.state, live)}


def _post(context: Context[L], posting: Posting[L], desired: Bag, nonce: str) -> str:
    """POST, and do the rest that a new object of this kind needs."""
    id_, posted = posting.post(desired, nonce)
    context.memory.posted.add(id_)
    if context.effects.cancelled():
        posting.back_out(id_, nonce)
        raise Cancelled("the engine has died, and takes no note of what was made")
    if context.kind.complete_when_posted:
        return id_
    try:
        service = context.service(desired)
        context.kind.reconcile(
            service, id_, desired, None, nonce, lambda mark: mark.nonce == nonce, context.effects, posted=posted
        )
    except FlowServiceError as failure:
        if not _take_back(posting, id_, failure):
            named = f"{context.kind.noun} {desired['name']} ({id_})"
            context.effects.warn(f"{named} was made, and is not finished: the next pulumi up goes on with it")
        raise
    return id_


def _take_back(posting: Posting[L], id_: str, failure: FlowServiceError) -> bool:
    """Delete what was made and then refused, as state will not know it, and no destroy could delete it; whether it is gone."""
    if not isinstance(failure, Refused) or failure.ambiguous or isinstance(failure, VersionConflict):
        return False
    try:
        posting.collection.delete(id_)
    except FlowServiceError:
        return False
    return True


def _resume(context: Context[L], found: list[L], desired: Bag, wanted: Bag, nonce: str) -> str:
    """Finish what an interrupted create of this resource began, and return its id."""
    doubts = {live.id: _doubt(context, desired, live) for live in found}
    live = next((live for live in found if not doubts[live.id]), found[0])
    mark = marker.find(live.description)
    if doubts[live.id]:
        raise OwnedElsewhere(ownership.in_doubt(live, doubts[live.id], mark))
    nonces = {mark and mark.nonce, nonce}
    resumed = context.kind.reconcile(
        context.service(desired), live.id, wanted, None, nonce, lambda now: now.nonce in nonces, context.effects
    )
    settled(context, desired, resumed, nonce)
    context.effects.warn(
        f"{context.kind.noun} {desired['name']} ({live.id}) was left behind by an interrupted pulumi up, or is replaced by "
        "force, and is resumed"
    )
    for other in found:
        if other is not live:
            context.effects.warn(f"{context.kind.noun} {other.name} ({other.id}) carries the same marker, and is left alone")
    return live.id


def _name_doubles(context: Context[L], desired: Bag, candidates: list[L]) -> None:
    """Name what a look shows and an interrupted `up` may have made: a second object of a resource, or one of another name."""
    memory, stack = context.memory, ownership.stack_of(desired.get("managedBy", ""))
    service, target = context.service(desired), context.kind.built_upon(desired)
    for live in candidates:
        mark = marker.find(live.description)
        # Asked before in_state: whoever puts an object into state does so before its owner is known.
        is_second = mark is not None and (mark.owner, desired.get("sandboxName")) in memory.owners
        if mark is None or memory.in_state(live.id):
            continue
        if is_second:
            seen = f"carries the marker of {mark.owner}, of which state has another"
        elif (
            context.kind.sends
            and mark.owner not in memory.making
            and ownership.stack_of(mark.owner) == stack
            and target in {id_ for _, id_ in context.kind.parents(service, desired, live)}  # a filter may have been refused
        ):
            seen = f"sends to the same target and carries the marker of {mark.owner}"
        else:
            continue
        line = (  # without its name, which may be secret
            f"{context.kind.noun} {live.id} {seen}: if no state has it, and this pulumi up does not delete it, an interrupted "
            "one left it behind, and aep-streaming orphans names it"
        )
        if not memory.is_told(line):
            context.effects.warn(line)


def _doubt(context: Context[L], desired: Bag, live: L) -> str:
    """Return why an object with this resource's key may be another state's, in words; "" if it is certainly of this state.

    What is built upon an object of this state is of this state, whatever it holds. Where there is no such parent, another
    state's object would be in use.
    """
    differing = context.kind.irreconcilable(desired, live)
    if differing:
        return f"differs in {', '.join(differing)}"
    service = context.service(desired)
    if any(_is_of_this_state(context, parents, id_) for parents, id_ in context.kind.parents(service, desired, live)):
        return ""
    children = list(itertools.islice(context.kind.children(service, live.id), _MOST_NAMED))
    if children:
        return "is in use by " + ", ".join(f"{child.name} ({child.id})" for child in children)
    return context.kind.excess(desired, live)


def _is_of_this_state(context: Context[L], parents: Readable, id_: str) -> bool:
    """Whether an object was made for this state, and is its own still: what is built upon it is, too.

    Not so for what was adopted, or whose marker another state has written since: others may have built upon it.
    """
    if id_ in context.memory.created:
        return True
    state = context.memory.diffed.get(id_, {})
    if not state.get("nonce") or "adoptId" in state:
        return False
    try:
        mark = marker.find(parents.get(id_).description)
    except NotFound:
        return False
    return mark is not None and bool(mark.nonce == state["nonce"])

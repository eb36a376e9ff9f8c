"""What `create` does: adopt, replace, resume, reclaim, make. And how a state that has lost an object takes it back."""

from __future__ import annotations

import contextlib
from typing import Any

import pulumi

from pulumi_aep_streaming import _inputs, _marker, _memory, _ownership
from pulumi_aep_streaming._creation import Creation
from pulumi_aep_streaming._engine import caller_is_gone
from pulumi_aep_streaming._inputs import Bag
from pulumi_aep_streaming._labels import carried_labels, label_operations
from pulumi_aep_streaming._slice import Operation, Slice
from pulumi_aep_streaming.flow_service.errors import (
    Abandoned,
    Contested,
    FlowServiceError,
    NotFound,
    OwnedElsewhere,
    Refused,
    Unsettled,
    VersionConflict,
)

_MOST_LOOKS = 3
_MOST_NAMED = 3


def adopt(slice_: Slice, desired: Bag, nonce: str) -> str:
    """Take over an existing object like an import: it must be as declared, and only the marker is written. Return its id."""
    id_, objects = desired["adoptId"], slice_.objects_of(desired)
    if _memory.identity(slice_.kind, desired) in slice_.memory.replaced:
        message = f"adopt_id names {id_}, and this change replaces it: take adopt_id out of the program, as it was adopted"
        raise Contested(message)
    try:
        live = objects.get(id_)
    except NotFound:
        message = f"{id_} is not in sandbox {desired['sandboxName']}: check adopt_id and sandbox_name"
        raise Contested(message) from None
    mark = _marker.split(live.description)[1]
    if mark is not None and not _ownership.shares_key(mark, desired):
        message = f"{id_} belongs to {mark.owner}: remove it from that stack first (pulumi state delete)"
        raise Contested(message)
    changed = _inputs.differences(slice_.inputs, slice_.observe(live, desired), desired).changed
    found = list(dict.fromkeys([*changed, *slice_.misfits(live, desired)]))
    if found:
        message = f"{id_} differs from the program in {', '.join(found)}: declare these as they are, then adopt"
        raise Contested(message)
    _write_marker(objects, live, desired, nonce)
    return str(id_)


def make(slice_: Slice, desired: Bag, nonce: str) -> tuple[str, Bag]:
    """Make an object, or take over the one that an interrupted create of the same resource left behind.

    Returns its id, and its outputs. Raises `OwnedElsewhere` if there is one that may be another state's.
    """
    wanted = _with_what_others_changed(slice_, desired)
    body = {"name": wanted["name"], **slice_.body(wanted)}
    objects, known = slice_.objects_of(desired), slice_.memory.in_state
    creation = Creation(objects, desired.get("managedBy"), body, slice_.narrow_filter(desired), known)
    for _ in range(_MOST_LOOKS):
        candidates = creation.candidates()
        found = [live for live in candidates if creation.is_its_own(live)]
        if not found:
            id_ = _post(slice_, creation, wanted, nonce)
            slice_.memory.born.add(id_)
            _name_doubles(slice_, candidates, desired)
            return id_, slice_.outputs(desired, nonce)
        # It may be gone, as the process that had made it gave way, or cannot be read yet: another look at the list tells.
        with contextlib.suppress(NotFound):
            if slice_.settings.reclaims(desired.get("managedBy")):
                return _reclaim_one(slice_, found, desired, nonce)
            return _resume_one(slice_, found, desired, wanted, nonce), slice_.outputs(desired, nonce)
    message = (
        f"{found[0].id} was left behind by an interrupted pulumi up; it is listed, but cannot be read: run pulumi up later"
    )
    raise Unsettled(message)


def take_back(slice_: Slice, id_: str, state: Bag, desired: Bag) -> Bag:
    """Reclaim an object that state knows, if it carries another nonce under our key; nothing else is changed in this run.

    Returns what the service holds as outputs. Raises `OwnedElsewhere` if it carries another key.
    """
    live = slice_.objects_of({**desired, **state}).get(id_)
    mark = _marker.split(live.description)[1]
    if mark is None or _ownership.is_ours(mark, state, desired):
        return slice_.observe(live, state)
    if not any(_ownership.shares_key(mark, bag) for bag in (state, desired)):
        raise OwnedElsewhere(_ownership.not_ours(live, mark, state))
    owner = desired.get("managedBy") or state["managedBy"]
    return _reclaim(slice_, live, {**state, "managedBy": owner}, _marker.new_nonce())


def _with_what_others_changed(slice_: Slice, desired: Bag) -> Bag:
    """Return what is to be made; for a replacement, with what others changed of the old object and no refresh has shown.

    Raises if the old object could not be deleted afterwards: there would be two.
    """
    old = slice_.memory.replaced.get(_memory.identity(slice_.kind, desired))
    if old is None:
        return desired
    try:
        live = slice_.objects_of(old.state).get(old.id)
    except NotFound:
        return desired
    slice_.require(live, lambda mark: _ownership.is_ours(mark, old.state), old.state)
    wanted = {**slice_.carried(live, old.state, desired), **carried_labels(old.state, desired, live)}
    slice_.memory.carried.setdefault(old.id, _memory.Carried())
    return wanted


def _post(slice_: Slice, creation: Creation, wanted: Bag, nonce: str) -> str:
    """POST, and do the rest that a new object of this kind needs."""
    id_ = creation.post(wanted, nonce)
    if caller_is_gone():
        creation.give_way(id_, nonce)
        raise Abandoned("the engine has died; the next pulumi up takes over what was made")
    if slice_.complete_when_posted:
        return id_
    try:
        slice_.settle(creation.objects, id_, None, wanted, nonce, lambda mark: mark.nonce == nonce)
    except Refused as refused:
        # State will not know it, so no destroy could delete it: it is taken back.
        if not refused.ambiguous and not isinstance(refused, VersionConflict):
            with contextlib.suppress(FlowServiceError):
                creation.objects.delete(id_)
        raise
    return id_


def _resume_one(slice_: Slice, found: list[Any], desired: Bag, wanted: Bag, nonce: str) -> str:
    """Finish what an interrupted create of this resource began, and return its id."""
    doubts = {live.id: _doubt(slice_, live, desired) for live in found}
    live = next((live for live in found if not doubts[live.id]), found[0])
    mark = _marker.split(live.description)[1]
    if doubts[live.id]:
        raise OwnedElsewhere(_ownership.in_doubt(live, doubts[live.id], mark))
    nonces = {mark and mark.nonce, nonce}
    slice_.settle(slice_.objects_of(desired), live.id, None, wanted, nonce, lambda now: now.nonce in nonces)
    pulumi.log.warn(
        f"{slice_.kind} {desired['name']} ({live.id}) was left behind by an interrupted pulumi up, or is replaced by force, "
        "and is resumed"
    )
    slice_.memory.born.add(live.id)
    for other in found:
        if other is not live:
            pulumi.log.warn(f"{slice_.kind} {other.name} ({other.id}) carries the same marker, and is left alone")
    return str(live.id)


def _name_doubles(slice_: Slice, candidates: list[Any], desired: Bag) -> None:
    """Name what an interrupted create may have left behind under another name: the resource was renamed, or moved, since."""
    stack = _ownership.stack_of(desired.get("managedBy", ""))
    for live in candidates if slice_.sends else []:
        mark = _marker.split(live.description)[1]
        if mark is not None and _ownership.stack_of(mark.owner) == stack and not slice_.memory.in_state(live.id):
            pulumi.log.warn(
                f"{slice_.kind} {live.name} ({live.id}) sends to the same target and carries the marker of {mark.owner}: if no "
                "resource has it, an interrupted pulumi up left it behind, and aep-streaming orphans names it"
            )


def _doubt(slice_: Slice, live: Any, desired: Bag) -> str:
    """Return why an object with this resource's key may be another state's, in words; "" if it is a left-over of ours.

    What is built upon an object of this state is of this state, whatever it holds. Where there is no such parent, another
    state's object would be in use.
    """
    misfits = slice_.misfits(live, desired)
    if misfits:
        return f"differs in {', '.join(misfits)}"
    service = slice_.service(desired)
    if any(_is_of_this_state(slice_, parents, id_) for parents, id_ in slice_.parents(service, live, desired)):
        return ""
    children = slice_.built_upon(service, live.id)
    if children:
        return "is in use by " + ", ".join(f"{child.name} ({child.id})" for child in children[:_MOST_NAMED])
    return slice_.beyond(live, desired)


def _is_of_this_state(slice_: Slice, objects: Any, id_: str) -> bool:
    """Whether an object was made for this state, and is its own still: what is built upon it is, too.

    Not so for what was adopted, or whose marker another state has written since: others may have built upon it.
    """
    if id_ in slice_.memory.born:
        return True
    state = slice_.memory.diffed.get(id_, {})
    if not state.get("nonce") or "adoptId" in state:
        return False
    try:
        mark = _marker.split(objects.get(id_).description)[1]
    except NotFound:
        return False
    return mark is not None and bool(mark.nonce == state["nonce"])


def _reclaim_one(slice_: Slice, found: list[Any], desired: Bag, nonce: str) -> tuple[str, Bag]:
    """Reclaim the object with this resource's key: if there are several, the one that is in use. Return id and outputs."""
    if len(found) > 1:
        found = [live for live in found if slice_.built_upon(slice_.service(desired), live.id)] or found
    if len(found) > 1:
        several = ", ".join(f"{live.name} ({live.id})" for live in found)
        message = f"several objects carry its marker: {several}; name one as adopt_id, as AEP_RECLAIM cannot tell which"
        raise OwnedElsewhere(message)
    return str(found[0].id), _reclaim(slice_, found[0], desired, nonce)


def _reclaim(slice_: Slice, live: Any, bag: Bag, nonce: str) -> Bag:
    """Write the marker only, and return what the service holds as outputs, so that the next preview shows what differs."""
    mark = _marker.split(live.description)[1]
    live = _write_marker(slice_.objects_of(bag), live, bag, nonce)
    whose = f"{mark.owner}.{mark.nonce}" if mark else "nobody"
    pulumi.log.warn(f"{slice_.kind} {bag['name']} ({live.id}) is reclaimed from {whose}: only its marker was written")
    known = {key: value for key, value in slice_.outputs(bag, nonce).items() if key not in slice_.unread}
    return slice_.observe(live, known)


def _write_marker(objects: Any, seen: Any, bag: Bag, nonce: str) -> Any:
    """Mark an object that still carries the marker that was seen, or none; change nothing else; return it as it is then."""
    mark = _marker.split(seen.description)[1]
    nonces = {nonce, mark and mark.nonce}

    def compute(live: Any) -> list[Operation]:
        Slice.require(live, lambda now: now.nonce in nonces, bag)
        return label_operations(bag, bag, live, nonce)

    return objects.modify(seen.id, compute)

"""Taking over what exists: adopted by its id, or reclaimed from another state. Nothing is written to it but the marker."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

from pulumi_aep_streaming._core import changes, marker, ownership
from pulumi_aep_streaming._core.context import Context
from pulumi_aep_streaming._core.merges.labels import label_operations
from pulumi_aep_streaming._core.values import Bag
from pulumi_aep_streaming.flow_service.errors import Conflict, NotFound, OwnedElsewhere, TimedOut

if TYPE_CHECKING:
    from pulumi_aep_streaming.flow_service.json_patch import Operation
    from pulumi_aep_streaming.flow_service.models import Entity

L = TypeVar("L", bound="Entity")


@dataclass(frozen=True)
class Acquired:
    """An object that state will have; `created`: it was made by this resource, now or by an `up` that was interrupted."""

    id: str
    state: Bag
    created: bool = False


def adopt(context: Context[L], desired: Bag, nonce: str) -> Acquired:
    """Take over an existing object like an import: it must be as declared."""
    id_, collection = desired["adoptId"], context.kind.collection(context.service(desired))
    if context.replaced(desired) is not None:
        message = f"adopt_id names {id_}, and this change replaces it: take adopt_id out of the program, as it was adopted"
        raise Conflict(message)
    try:
        live = collection.get(id_)
    except NotFound:
        message = f"{id_} is not in sandbox {desired['sandboxName']}: check adopt_id and sandbox_name"
        raise Conflict(message) from None
    mark = marker.find(live.description)
    if mark is not None and not ownership.shares_key(mark, desired):
        message = f"{id_} belongs to {mark.owner}: remove it from that stack first (pulumi state delete)"
        raise Conflict(message)
    changed = changes.differences(context.kind.inputs, desired, context.kind.observe(desired, live)).changed
    found = list(dict.fromkeys([*changed, *context.kind.irreconcilable(desired, live)]))
    if found:
        message = f"{id_} differs from the program in {', '.join(found)}: declare these as they are, then adopt"
        raise Conflict(message)
    _write_marker(context, desired, live, nonce)
    return Acquired(live.id, context.outputs(desired, nonce))


def reclaim(context: Context[L], found: list[L], desired: Bag, nonce: str) -> Acquired:
    """Reclaim the object with this resource's key: if there are several, the one that is in use."""
    if len(found) > 1:
        found = [live for live in found if next(context.kind.children(context.service(desired), live.id), None)] or found
    if len(found) > 1:
        several = ", ".join(f"{live.name} ({live.id})" for live in found)
        message = f"several objects carry its marker: {several}; name one as adopt_id, as AEP_RECLAIM cannot tell which"
        raise OwnedElsewhere(message)
    return Acquired(found[0].id, _reclaim(context, desired, found[0], nonce))


def take_back(context: Context[L], id_: str, desired: Bag, state: Bag) -> Bag:
    """Reclaim an object that state knows, if it carries another nonce under our key; nothing else is changed in this run.

    Returns what the service holds as outputs. Raises `OwnedElsewhere` if it carries another key.
    """
    live = context.kind.collection(context.service({**desired, **state})).get(id_)
    mark = marker.find(live.description)
    if mark is None or ownership.is_ours(mark, state, desired):
        return context.kind.observe(state, live)
    if not any(ownership.shares_key(mark, bag) for bag in (desired, state)):
        raise OwnedElsewhere(ownership.not_ours(live, mark, state))
    owner = desired.get("managedBy") or state["managedBy"]
    return _reclaim(context, {**state, "managedBy": owner}, live, marker.new_nonce())


def _reclaim(context: Context[L], desired: Bag, live: L, nonce: str) -> Bag:
    """Write the marker, and return what the service holds as outputs, so that the next preview shows what differs."""
    mark = marker.find(live.description)
    live = _write_marker(context, desired, live, nonce)
    whose = f"{mark.owner}.{mark.nonce}" if mark else "nobody"
    context.effects.warn(
        f"{context.kind.noun} {desired['name']} ({live.id}) is reclaimed from {whose}: only its marker was written"
    )
    known = {key: value for key, value in context.outputs(desired, nonce).items() if key not in context.kind.unread}
    return context.kind.observe(known, live)


def _write_marker(context: Context[L], desired: Bag, seen: L, nonce: str) -> L:
    """Mark an object that still carries the marker that was seen, or none; change nothing else; return it as it is then."""
    mark = marker.find(seen.description)
    nonces = {nonce, mark and mark.nonce}

    def compute(live: L) -> list[Operation]:
        ownership.require_owned(lambda now: now.nonce in nonces, desired, live)
        return label_operations(desired, desired, live, nonce)

    marked = context.kind.collection(context.service(desired)).modify(seen.id, compute)
    return settled(context, desired, marked, nonce) if mark is not None else marked


def settled(context: Context[L], desired: Bag, live: L, nonce: str) -> L:
    """Return an object that was taken over from another owner, once all providers know.

    Whoever had it until now may delete it by a page, for as long as pages are kept: the provider that a forced replacement
    leaves, if that is served by two, or another state's. What carries no marker is never deleted by a page.
    """

    def is_shown(seen: L) -> bool:
        mark = marker.find(seen.description)
        return mark is None or mark.nonce == nonce

    collection = context.kind.collection(context.service(desired))
    try:
        return collection.settle(live.id, is_shown)
    except TimedOut as late:
        ownership.require_owned(lambda mark: mark.nonce == nonce, desired, collection.get(live.id))
        message = f"{late}, so it might be deleted for its former owner: run pulumi up again, with AEP_RECLAIM if it was set"
        raise Conflict(message) from None

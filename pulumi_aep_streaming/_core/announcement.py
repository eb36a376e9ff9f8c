"""What an update will send, said before it is sent: from desired and state alone, without a call. Pure.

The preview and the `up` say the same lines, as both compare with state: what others changed since is told by the `up`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from pulumi_aep_streaming._core.changes import Differences, has_unknown
from pulumi_aep_streaming._core.merges.labels import label_operations
from pulumi_aep_streaming._core.values import Bag
from pulumi_aep_streaming._core.words import Announcement, is_secret, said, short

if TYPE_CHECKING:
    from pulumi_aep_streaming._core.kinds.kind import Kind
    from pulumi_aep_streaming.flow_service.models import Entity

L = TypeVar("L", bound="Entity")


def announced(kind: Kind[L], desired: Bag, state: Bag, found: Differences) -> Announcement:
    """Return what an update of an object, or its replacement, will send."""
    desired, state, unknown = _known(desired, state)
    besides = [f"~ {path}: not known before up" for path in unknown]
    if found.replaced:
        besides.insert(0, f"replaced, as {', '.join(found.replaced)} changes{kind.cost_of_replacement}")
        besides += [
            f"~ {key}: {short(state[key])} -> {short(desired[key])}"
            for key in found.replaced
            if key in state and key in desired and state[key] != desired[key] and not is_secret(key, desired, state)
        ]
    besides += kind.announced_besides(desired, state)
    if found.replaced and not kind.sends:
        return Announcement([], besides)
    live = kind.stored(state)
    operations = [*label_operations(desired, state, live, state.get("nonce", "")), *kind.operations(desired, state, live)]
    return Announcement(said(operations, desired, state, kind.members_sent), besides)


def _known(desired: Bag, state: Bag) -> tuple[Bag, Bag, list[str]]:
    """Return both bags without what is not known yet in the first, and the paths of that."""
    known, kept, unknown = {**desired}, {**state}, []
    for key, value in desired.items():
        if isinstance(value, dict) and key in {"params", "secretParams"}:
            lost = [member for member, inner in value.items() if has_unknown(inner)]
            known[key] = {member: inner for member, inner in value.items() if member not in lost}
            kept[key] = {member: inner for member, inner in state.get(key, {}).items() if member not in lost}
            unknown += [f"params.{member}" for member in lost]
        elif has_unknown(value):
            unknown.append(key)
            if key in state:
                known[key] = state[key]
            else:
                del known[key]
    return known, kept, unknown

"""`aep-streaming orphans`: objects that carry our marker, and that no given stack owns."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from typing import Any

from pulumi_aep_streaming._core import marker
from pulumi_aep_streaming._core.error_advice import advised
from pulumi_aep_streaming._core.kinds.kind import Kind
from pulumi_aep_streaming._core.kinds.table import KINDS
from pulumi_aep_streaming._core.listed import with_descriptions
from pulumi_aep_streaming.flow_service.client import FlowService
from pulumi_aep_streaming.flow_service.errors import Conflict, InUse, Malformed, NoAnswer, Refused, Unreadable
from pulumi_aep_streaming.flow_service.models import Entity

DELETED = "deleted"


@dataclass(frozen=True)
class Orphan:
    """A marked object without a stack: its kind as in a path of the API, and who had made it."""

    kind: str
    id: str
    name: str
    owner: str
    nonce: str
    version: str | None
    """That of the object when it was listed, as far as it was shown."""


def orphans(service: FlowService, owned: Collection[str], progress: Callable[[str], None]) -> list[Orphan]:
    """Return the orphans in the order in which they can be deleted: dataflows first."""
    found = []
    for path, kind in marked_collections(service):
        progress(f"looking at {path}")
        collection = kind.collection(service)
        for live in with_descriptions(collection, collection.find()):
            mark = marker.find(live.description)
            if mark is not None and live.id not in owned:
                found.append(Orphan(path, live.id, live.name or "", mark.owner, mark.nonce, live.if_match))
    return found


def delete(service: FlowService, found: list[Orphan], agreed: Callable[[Orphan], bool]) -> Iterator[tuple[Orphan, str]]:
    """Delete what a person agrees to, and yield what became of each."""
    kinds = dict(marked_collections(service))
    for orphan in found:
        try:
            yield orphan, _delete(service, kinds[orphan.kind], orphan) if agreed(orphan) else "kept"
        except (Conflict, InUse, Malformed, Refused) as refused:
            yield orphan, f"not deleted: {advised(refused)}"
        except (NoAnswer, Unreadable) as lost:
            yield orphan, f"perhaps not deleted: {advised(lost)}"


def _delete(service: FlowService, kind: Kind[Any], orphan: Orphan) -> str:
    """Delete an orphan that is as it was listed: while a person made up their mind, it may have become somebody's."""
    collection = kind.collection(service)

    def allowed() -> None:
        _require_as_listed(orphan, collection.get(orphan.id))

    was_there = collection.delete(orphan.id, lambda: kind.users(service, orphan.id), allowed=allowed)
    return DELETED if was_there else "it is gone already"


def _require_as_listed(orphan: Orphan, live: Entity) -> None:
    mark = marker.find(live.description)
    if mark != marker.Mark(orphan.owner, orphan.nonce):
        whose = f"carries the marker of {mark.owner}.{mark.nonce}" if mark else "carries no marker"
        raise Conflict(f"it {whose} by now, so it may be somebody's: list orphans again")
    if orphan.version not in {None, live.if_match}:
        raise Conflict("somebody changed it since it was listed: list orphans again")


def marked_collections(service: FlowService) -> list[tuple[str, Kind[Any]]]:
    """Return the collections of all kinds, by their path, with the kind, in the order in which objects can be deleted."""
    kinds = [kind() for kind in reversed(KINDS)]
    return [(kind.collection(service).path, kind) for kind in kinds]

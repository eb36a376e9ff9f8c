"""`aep-streaming orphans`: objects that carry our marker, and that no given stack owns."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from typing import Any

from pulumi_aep_streaming._core import marker
from pulumi_aep_streaming._core.error_advice import advised
from pulumi_aep_streaming._core.kinds.table import KINDS
from pulumi_aep_streaming.flow_service.client import FlowService
from pulumi_aep_streaming.flow_service.errors import InUse, Refused

DELETED = "deleted"


@dataclass(frozen=True)
class Orphan:
    """A marked object without a stack: its kind as in a path of the API, and who had made it."""

    kind: str
    id: str
    name: str
    owner: str


def orphans(service: FlowService, owned: Collection[str], progress: Callable[[str], None]) -> list[Orphan]:
    """Return the orphans in the order in which they can be deleted: dataflows first."""
    found = []
    for kind, collection in marked_collections(service):
        progress(f"looking at {kind}")
        for live in collection.find():
            mark = marker.find(live.description)
            if mark is not None and live.id not in owned:
                found.append(Orphan(kind, live.id, live.name or "", mark.owner))
    return found


def delete(service: FlowService, found: list[Orphan], agreed: Callable[[Orphan], bool]) -> Iterator[tuple[Orphan, str]]:
    """Delete what a person agrees to, and yield what became of each."""
    collections = dict(marked_collections(service))
    for orphan in found:
        if not agreed(orphan):
            yield orphan, "kept"
            continue
        try:
            collections[orphan.kind].delete(orphan.id)
        except (InUse, Refused) as refused:
            yield orphan, f"not deleted: {advised(refused)}"
        else:
            yield orphan, DELETED


def marked_collections(service: FlowService) -> list[tuple[str, Any]]:
    """Return the collections of all kinds, by their path, in the order in which objects can be deleted."""
    collections = [kind().collection(service) for kind in reversed(KINDS)]
    return [(collection.path, collection) for collection in collections]

"""What a list shows, in full: who looks for markers must not miss one, and they are at the end of descriptions.

Adobe documents no list that leaves descriptions out, or cuts them, and none that does not. A list that shows a marker shows
markers. Of one that shows none, the newest objects are read: what an interrupted `up` made is among them most likely.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, TypeVar

from pulumi_aep_streaming._core import marker
from pulumi_aep_streaming.flow_service.errors import NotFound

if TYPE_CHECKING:
    from pulumi_aep_streaming.flow_service.collection import Collection
    from pulumi_aep_streaming.flow_service.models import Entity

L = TypeVar("L", bound="Entity")
_MOST_PROBED = 5


def in_full(collection: Collection[L], listed: Iterable[L]) -> list[L]:
    """Return each listed object once, with its whole description; what is shown in short and is gone is left out."""
    shown = {live.id: live for live in listed}  # pages may overlap
    unmarked = [live for live in shown.values() if marker.find(live.description) is None]
    short = [live for live in unmarked if not live.is_whole or marker.is_cut(live.description)]
    read = {live.id: _read(collection, live) for live in short}
    if len(unmarked) == len(shown):
        others = sorted((live for live in unmarked if live.id not in read), key=_created, reverse=True)
        for live in others[:_MOST_PROBED]:
            read[live.id] = _read(collection, live)
        if any(_shows_more(read[live.id], live) for live in others[:_MOST_PROBED]):
            read.update({live.id: _read(collection, live) for live in others[_MOST_PROBED:]})
    whole = [read.get(live.id, live) for live in shown.values()]
    return [live for live in whole if live is not None]


def _read(collection: Collection[L], live: L) -> L | None:
    try:
        return collection.get(live.id)
    except NotFound:  # it is listed, and gone, or not there yet: the list says what there is to know
        return live if live.is_whole else None


def _created(live: Entity) -> int:
    return live.created_at or 0


def _shows_more(read: Entity | None, live: Entity) -> bool:
    return read is not None and (read.description or "") != (live.description or "")

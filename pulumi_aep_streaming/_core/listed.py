"""What a list shows, with whole descriptions: who looks for markers must not miss one, and they are at the end.

Adobe documents no list that leaves descriptions out, or cuts them, and none that does not. A list that shows a marker shows
markers, but for what it has visibly cut. Of one that shows none, the newest objects are read: what an interrupted `up` made is
among them most likely.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, TypeVar

from pulumi_aep_streaming._core import marker
from pulumi_aep_streaming.flow_service.errors import Malformed, NotFound, Refused

if TYPE_CHECKING:
    from pulumi_aep_streaming.flow_service.collection import Collection
    from pulumi_aep_streaming.flow_service.models import Entity

L = TypeVar("L", bound="Entity")
_MOST_PROBED = 8
_FORBIDDEN = 403


def with_descriptions(collection: Collection[L], listed: Iterable[L]) -> list[L]:
    """Return each listed object once; one whose description may not be whole is read, and left out if it is gone."""
    shown = {live.id: live for live in listed}  # pages may overlap
    unmarked = [live for live in shown.values() if marker.find(live.description) is None]
    doubtful = [live for live in unmarked if not live.is_whole or live.id not in collection.shown_whole]
    longest = max((len(live.description or "") for live in shown.values()), default=0)
    short = [live for live in doubtful if not live.is_whole or marker.is_cut(live.description)]
    read = {live.id: _read(collection, live) for live in short}
    of_one_length = [live for live in doubtful if 0 < longest == len(live.description or "")]
    _read_if_some_show_more(collection, of_one_length, read)
    if len(unmarked) == len(shown):
        _read_if_some_show_more(collection, doubtful, read)
    whole = [read.get(live.id, live) for live in shown.values()]
    return [live for live in whole if live is not None]


def _read_if_some_show_more(collection: Collection[L], doubtful: list[L], read: dict[str, L | None]) -> None:
    """Read the newest of these objects, and all of them if a read shows more than the list."""
    newest_first = sorted((live for live in doubtful if live.id not in read), key=_created, reverse=True)
    probed, rest = newest_first[:_MOST_PROBED], newest_first[_MOST_PROBED:]
    read.update({live.id: _read(collection, live) for live in probed})
    if any(_shows_more(read[live.id], live) for live in probed):
        read.update({live.id: _read(collection, live) for live in rest})


def _read(collection: Collection[L], live: L) -> L | None:
    try:
        found = collection.get(live.id)
    except NotFound:  # it is listed, and gone, or not there yet: the list says what there is to know
        return live if live.is_whole else None
    except (Malformed, Refused) as failure:
        theirs = isinstance(failure, Malformed) or failure.is_about_the_object or failure.status == _FORBIDDEN
        if not theirs or not live.is_whole:
            raise
        line = f"{collection.path} {live.id} cannot be read: {failure}; it is taken as the list shows it"
        collection.say_once(line)
        return live
    if not _shows_more(found, live):
        collection.shown_whole.add(live.id)
    return found


def _created(live: Entity) -> int:
    return live.created_at or 0


def _shows_more(read: Entity | None, live: Entity) -> bool:
    return read is not None and (read.description or "") != (live.description or "")

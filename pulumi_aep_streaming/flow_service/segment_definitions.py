"""Segment definitions, from Adobe's segmentation service: what can be activated.

Source: `/segment/definitions` of segmentation.yaml. It declares the answer to a list as one definition; clients in use read
`{segments, page}`. Whether pages count from 0 or from 1 is not said, so both are taken.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from pulumi_aep_streaming.flow_service.addresses import path_of
from pulumi_aep_streaming.flow_service.errors import Malformed, Unreadable
from pulumi_aep_streaming.flow_service.models import Segment, read_as, readable
from pulumi_aep_streaming.flow_service.pages import numbered
from pulumi_aep_streaming.flow_service.transport import Transport

_PATH = "/data/core/ups/segment/definitions"
_PAGE_SIZE = 100


class SegmentDefinitions:
    """The segment definitions of one sandbox."""

    def __init__(self, transport: Transport, sandbox: str) -> None:
        self._transport, self._sandbox = transport, sandbox

    def get(self, id_: str) -> Segment:
        """Read one definition. Raises `NotFound` if it is not there."""
        body = self._transport.request("GET", path_of(_PATH, id_), sandbox=self._sandbox).body
        found = read_as(Segment, body, f"segment {id_}", self._transport.masked)
        if found.id != id_:
            raise Malformed(f"segment {id_} was answered with another, {self._transport.masked(found.id)}")
        return found

    def find(self) -> Iterator[Segment]:
        """List all definitions, through all pages; each once."""
        seen: set[str] = set()
        for number in numbered("segment definitions", self._transport.clock):
            # The first page is the one that is not named, so that this number counts those after it, or repeats it once.
            params = [("limit", str(_PAGE_SIZE)), *([("page", str(number))] if number else [])]
            body = self._transport.request("GET", _PATH, sandbox=self._sandbox, params=params).body
            listed = body.get("segments") if isinstance(body, dict) else None
            if not isinstance(listed, list):
                raise Unreadable("segment definitions were answered without segments")
            shown = readable(Segment, listed, "segment", self._transport.leave_out)
            fresh = [segment for segment in shown if segment.id not in seen]
            yield from fresh
            seen.update(segment.id for segment in fresh)
            if _is_last(body.get("page"), number, len(listed), len(fresh), len(seen)):
                return


def _is_last(page: Any, number: int, listed: int, fresh: int, seen: int) -> bool:
    page = page if isinstance(page, dict) else {}
    total, pages = page.get("totalCount"), page.get("totalPages")
    if not listed or (isinstance(total, int) and seen >= total):
        return True
    return number >= pages if isinstance(pages, int) else not fresh

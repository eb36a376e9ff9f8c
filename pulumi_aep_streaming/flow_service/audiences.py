"""Audiences, from Adobe's segmentation service: segment definitions, and what was uploaded or comes from partners.

Source: `/audiences` of segmentation.yaml, and Adobe's guide to it. A list leaves inactive ones out, unless it is asked for one
`audienceId`. The file's examples spell `_page` as `_pages`, and its `next` comes as a number or as text.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Any

from pydantic import BeforeValidator

from pulumi_aep_streaming.flow_service.addresses import path_of
from pulumi_aep_streaming.flow_service.errors import Malformed, Unreadable
from pulumi_aep_streaming.flow_service.models import JsonObject, Model, id_shown, read_as, readable
from pulumi_aep_streaming.flow_service.pages import numbered
from pulumi_aep_streaming.flow_service.transport import Transport

_PATH = "/data/core/ups/audiences"
_PAGE_SIZE = 100
_MOST_DIGITS = 9  # of a position in a list
_EVALUATIONS = {"continuous": "streaming", "synchronous": "edge", "batch": "batch"}
"""Ways of evaluation in the words of the service and in those of Adobe's UI."""


def _text(value: Any) -> Any:
    """A fact that is no text is as good as absent."""
    return value if isinstance(value, str) and value else None


Fact = Annotated[str | None, BeforeValidator(_text)]


class Audience(Model):
    """What is shown of an audience; what is not, is None."""

    id: str
    audience_id: Fact = None
    """Of an external audience, what it was uploaded under; of any other, its id once more."""
    name: str | None = None
    description: Fact = None
    namespace: Fact = None
    origin_name: Fact = None
    lifecycle_state: Fact = None
    merge_policy_id: Fact = None
    evaluation_info: JsonObject = None

    @property
    def evaluation(self) -> str | None:
        """Return how it is evaluated, in the words of Adobe's UI: `streaming`, `edge` or `batch`."""
        ways = (self.evaluation_info or {}).items()
        enabled = {way for way, said in ways if isinstance(said, dict) and said.get("enabled") is True}
        return next((word for way, word in _EVALUATIONS.items() if way in enabled), None)


class Audiences:
    """The audiences of one sandbox."""

    def __init__(self, transport: Transport, sandbox: str) -> None:
        self._transport, self._sandbox = transport, sandbox

    def with_id(self, id_: str) -> list[Audience]:
        """Return the audience with an id, also an inactive one; of an external one, either of its ids.

        There may be several, as external ids are told apart by their namespace. Raises `NotFound` if there are none.
        """
        listed = [audience for audience in self.find(f"audienceId=={id_}") if id_ in {audience.audience_id, audience.id}]
        return listed or [self._get(id_)]

    def find(self, *filters: str) -> Iterator[Audience]:
        """List the audiences that match all filters (`name==X`), through all pages; each once."""
        seen: set[str] = set()
        starts = [""]
        for _ in numbered("audiences", self._transport.clock):
            params = [("property", condition) for condition in filters]
            params += [("limit", str(_PAGE_SIZE)), *([("start", starts[-1])] if starts[-1] else [])]
            body = self._transport.request("GET", _PATH, sandbox=self._sandbox, params=params).body
            listed = body.get("children") if isinstance(body, dict) else None
            if not isinstance(listed, list):
                raise Unreadable("audiences were answered without children")
            shown = readable(Audience, listed, "audience", self._transport.leave_out)
            yield from {audience.id: audience for audience in shown if audience.id not in seen}.values()
            seen.update(map(id_shown, listed))
            page = body.get("_page", body.get("_pages"))
            following, total = _next(page), page.get("totalCount") if isinstance(page, dict) else None
            if not following or not listed or (following in starts and isinstance(total, int) and len(seen) >= total):
                return
            if following in starts:
                raise Unreadable("the pages of audiences lead in a circle")
            starts.append(following)

    def _get(self, id_: str) -> Audience:
        body = self._transport.request("GET", path_of(_PATH, id_), sandbox=self._sandbox).body
        found = read_as(Audience, body, f"audience {id_}", self._transport.masked)
        if found.id != id_:
            raise Malformed(f"audience {id_} was answered with another, {self._transport.masked(found.id)}")
        return found


def _next(page: Any) -> str:
    """Return where the next page starts, "" on the last one."""
    start = page.get("next") if isinstance(page, dict) else None
    if start is None or isinstance(start, bool) or str(start) in {"", "0"}:
        return ""
    if not str(start).isdecimal() or len(str(start)) > _MOST_DIGITS:
        raise Unreadable("audiences were answered with a next page that is none")
    return str(start)

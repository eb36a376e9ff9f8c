"""What lists show of one kind of objects, through all pages."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from typing import Any, Generic, TypeVar
from urllib.parse import parse_qsl

from pulumi_aep_streaming.flow_service.errors import Refused, Unreadable
from pulumi_aep_streaming.flow_service.models import Entity, readable
from pulumi_aep_streaming.flow_service.pages import next_page, numbered
from pulumi_aep_streaming.flow_service.recent_pages import MOST_PAGES_BACK
from pulumi_aep_streaming.flow_service.transport import Transport

PAGE_SIZE = 100  # the documented maximum
_BAD_REQUEST = 400  # an order or a filter that is not known is refused with codes 1432 to 1454

E = TypeVar("E", bound=Entity)


class Listing(Generic[E]):
    """The lists of one kind of objects, in one sandbox."""

    def __init__(self, transport: Transport, sandbox: str, url: str, name: str, model: type[E]) -> None:
        """`name` is what messages call the objects."""
        self._transport, self._sandbox, self._url, self._name, self._model = transport, sandbox, url, name, model

    def find(self, *filters: str, orderby: str = "", limit: int | None = PAGE_SIZE) -> Iterator[E]:
        """List the objects that match all filters (`name==X`, `baseConnectionId==Y`), through all pages.

        `limit` is the size of a page, None where none may be asked for. Objects that are not as documented are left
        out, and named.
        """
        for page in self._list(*filters, orderby=orderby, limit=limit):
            yield from page

    def find_by_first(self, *filters: str) -> Iterator[E]:
        """List by the first of these filters that the service does not refuse, or else all."""
        for condition in filters:
            try:
                yield from self.find(condition)
            except Refused as refused:
                if refused.status != _BAD_REQUEST:
                    raise
            else:
                return
        yield from self.find()

    def by_creation(self, orderby: str) -> Iterator[list[E]]:
        """List by creation, which is about the order that a stack has, and which no update changes meanwhile."""
        try:
            yield from self._list(orderby=orderby)
        except Refused as refused:
            if refused.status != _BAD_REQUEST:
                raise
            yield from self._list()

    def newest(self) -> Iterator[list[E]]:
        """List the newest first, as far back as anybody looks who deletes by the page."""
        return itertools.islice(self.by_creation("-createdAt"), MOST_PAGES_BACK)

    def _list(self, *filters: str, orderby: str = "", limit: int | None = PAGE_SIZE) -> Iterator[list[E]]:
        params = [("property", condition) for condition in filters]
        params += [("orderby", orderby)] if orderby else []
        params += [("limit", str(limit))] if limit else []
        seen: set[str] = set()
        for _ in numbered(self._name, self._transport.clock):
            body = self._transport.request("GET", self._url, sandbox=self._sandbox, params=params).body
            yield list(readable(self._model, items_in(body, self._name), self._name, self._transport.leave_out))
            following = next_page(body)
            if not following:
                return
            if following in seen:
                raise Unreadable(f"the pages of {self._name} lead in a circle")
            seen.add(following)
            params = parse_qsl(following, keep_blank_values=True)


def items_in(body: Any, name: str) -> list[Any]:
    """Unwrap `items`; a bare object is taken as well, as the API reference files declare it."""
    found = body.get("items", [body] if "id" in body else None) if isinstance(body, dict) else None
    if not isinstance(found, list):
        raise Unreadable(f"{name} was answered without items")
    return found

"""Creating without twins: POST has no idempotency key, so the ownership marker has to tell what is there already."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from pulumi_aep_streaming import _labels, _marker
from pulumi_aep_streaming.flow_service.errors import Abandoned, NoAnswer, Refused, Unreadable

_MOST_POSTS = 3


@dataclass(frozen=True)
class Creation:
    """One object that is to be made: its collection, its owner (None without marker), and what is POSTed, less the description.

    `known` are ids that this process has diffed, read, created or adopted: none of them was left behind by a crash. `fits` says
    whether a live object could become the wanted one in place, `abandoned` whether the engine that waits for this has died.
    """

    objects: Any
    owner: str | None
    body: Mapping[str, Any]
    narrow_filter: str
    known: set[str]
    fits: Callable[[Any], bool]
    abandoned: Callable[[], bool]

    def left_behind(self) -> str | None:
        """Return the object with this owner's key that no state of this process knows and that fits, or None."""
        return self._marked(self._is_owners, fits=self.fits) if self.owner else None

    def post(self, goal: Mapping[str, Any], nonce: str) -> str:
        """POST. If the answer is lost, look for the marker for some seconds before another attempt."""
        description = _labels.signed(goal.get("description", ""), goal, nonce)
        body = {**self.body, **({"description": description} if description else {})}
        for attempt in range(_MOST_POSTS):
            if self.abandoned():
                raise Abandoned("the engine has died, so nothing more is made")
            try:
                created = str(self.objects.create(body))
                return self._only(created, nonce) if attempt else created
            except (NoAnswer, Refused, Unreadable) as failure:
                if not failure.ambiguous or not self.owner:
                    raise
                found = self.objects.look_again(lambda: self._marked(lambda mark: mark.nonce == nonce))
                if found is not None:
                    return str(found)
                if attempt + 1 == _MOST_POSTS:
                    raise
        raise AssertionError  # the loop ends by return or raise

    def _only(self, created: str, nonce: str) -> str:
        """Delete what an earlier attempt made after all, later than we looked: gateways give up before the service does."""
        twin = self.objects.look_again(lambda: self._marked(lambda mark: mark.nonce == nonce, but_not=frozenset({created})))
        if twin is not None:
            self.objects.delete(twin)
        return created

    def give_way(self, id_: str) -> None:
        """Delete what was made for an engine that had died meanwhile, if the next `up` has made its own.

        That one may have looked for it just before it appeared. If it has not, it will find it, or has taken it over.
        """
        if self.owner and self.objects.look_again(lambda: self._marked(self._is_owners, but_not=frozenset({id_}))) is not None:
            self.objects.delete(id_)

    def _is_owners(self, mark: _marker.Mark) -> bool:
        return mark.key == _marker.key_of(self.owner or "")

    def _marked(
        self,
        wanted: Callable[[_marker.Mark], bool],
        *,
        but_not: frozenset[str] = frozenset(),
        fits: Callable[[Any], bool] = lambda _: True,
    ) -> str | None:
        """Return the id of the first unknown object whose marker is wanted and that fits."""
        for live in self._namesakes():
            mark = _marker.split(live.description)[1]
            if mark is not None and wanted(mark) and live.id not in self.known | but_not and fits(live):
                return str(live.id)
        return None

    def _namesakes(self) -> Iterator[Any]:
        """List by name, or else by what narrows the list, or else all.

        A comma means "or" in a filter, and not all kinds are documented to be filtered by name.
        """
        by_name = [] if "," in self.body["name"] else [f"name=={self.body['name']}"]
        found: Iterator[Any] = self.objects.find_by_first(*by_name, self.narrow_filter)
        return found

"""POST without twins: it has no idempotency key, so the ownership marker has to tell what is there already."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Generic, TypeVar

from pulumi_aep_streaming._core import marker
from pulumi_aep_streaming._core.listed import with_descriptions
from pulumi_aep_streaming._core.merges import labels
from pulumi_aep_streaming._core.values import Bag
from pulumi_aep_streaming.flow_service.errors import Cancelled, FlowServiceError, NoAnswer, NotFound, Refused, Unreadable
from pulumi_aep_streaming.flow_service.shared_looks import MOST_SECONDS_UNTIL_SENT, SECONDS_TO_GIVE_WAY

if TYPE_CHECKING:
    from pulumi_aep_streaming.flow_service.collection import Collection
    from pulumi_aep_streaming.flow_service.models import Entity

L = TypeVar("L", bound="Entity")
_MOST_POSTS = 3


class Appeared(Exception):
    """What a look had not found has appeared before the POST was sent: see `Posting.post`."""

    def __init__(self, ids_by_nonce: dict[str, str]) -> None:
        """Keep the ids of what has appeared, by the nonces of its markers."""
        self.ids_by_nonce = ids_by_nonce
        super().__init__()


@dataclass(frozen=True)
class Posting(Generic[L]):
    """One object that is to be made: its collection, its owner (None without marker), and what is POSTed, less the description.

    `narrow_filter` lists the objects that could be it: never by name, as people rename. `in_state` tells the ids that state
    has or will have: no interrupted create made those. `cancelled`: whether nobody waits for it any more.
    """

    collection: Collection[L]
    owner: str | None
    body: Bag
    narrow_filter: str
    in_state: Callable[[str], bool]
    cancelled: Callable[[], bool]

    def candidates(self, *, anew: bool) -> list[L]:
        """Return the marked objects that could be it, and that state does not have; first those with this owner's key.

        They are those of a look that creates share, or, `anew`, of one of its own.
        """
        if not self.owner:
            return []
        looks = self.collection.shared_looks
        listed = looks.anew(self._listed, self._newest) if anew else looks.get(self.narrow_filter, self._listed, self._newest)
        return sorted(self._marked(listed), key=lambda live: not self.is_its_own(live))

    def is_its_own(self, live: L) -> bool:
        """Whether an object carries this owner's key."""
        mark = marker.find(live.description)
        return mark is not None and self._is_owners(mark)

    def post(self, desired: Bag, nonce: str) -> tuple[str, L | None]:
        """POST. Return the id, and the object as it was POSTed, None if it was only found.

        If the answer is lost, look for the marker for some seconds before another attempt. Raises `Appeared` if the service
        lets the POST wait, and an object with this owner's key is there by then.
        """
        body, allowed = self._described(desired, nonce), self._unless_it_appears()
        for attempt in range(_MOST_POSTS):
            try:
                created = self.collection.create(body, allowed=allowed)
            except Cancelled:
                if attempt:
                    self._back_out_if_it_comes(nonce)
                raise
            except Appeared as appeared:
                return self._own_among(appeared, nonce, is_repeated=attempt > 0), None
            except (NoAnswer, Refused, Unreadable) as failure:
                found = self._made_all_the_same(failure, nonce)
                if found is not None:
                    self._delete_twins(found.id, nonce, attempt)
                    return found.id, None
                if attempt + 1 == _MOST_POSTS:
                    raise
            else:
                self._delete_twins(created.id, nonce, attempt)
                return created.id, created
        raise AssertionError  # the loop ends by return or raise

    def _made_all_the_same(self, failure: NoAnswer | Refused | Unreadable, nonce: str) -> L | None:
        """Return what a POST made although it failed, None if that is not to be seen; raise if it cannot have made anything."""
        if not failure.ambiguous or not self.owner:
            raise failure
        try:
            return self._poll(lambda mark: mark.nonce == nonce)
        except FlowServiceError:
            if self.cancelled():
                self._back_out_if_it_comes(nonce)
            raise

    def _described(self, desired: Bag, nonce: str) -> Bag:
        """Return what is POSTed, with its description and marker, if there is one."""
        description = labels.signed(desired.get("description", ""), desired, nonce)
        return {**self.body, **({"description": description} if description else {})}

    def _unless_it_appears(self) -> Callable[[], None]:
        """Return what is called before each attempt to send: it looks again if that took long, and raises `Appeared`."""
        clock = self.collection.clock
        looked = clock.moment()

        def allowed() -> None:
            nonlocal looked
            waited = clock.age(looked)
            if not self.owner or waited < MOST_SECONDS_UNTIL_SENT:
                return
            now = clock.moment()
            try:
                found = [(marker.find(live.description), live.id) for live in self.candidates(anew=True)]
            except (NoAnswer, Refused, Unreadable):
                if waited > SECONDS_TO_GIVE_WAY:
                    raise
                return  # the look before has not failed
            looked, ids = now, {mark.nonce: id_ for mark, id_ in found if mark is not None and self._is_owners(mark)}
            if ids:
                raise Appeared(ids)

        return allowed

    def _own_among(self, appeared: Appeared, nonce: str, *, is_repeated: bool) -> str:
        """Return the id of what an earlier attempt made after all; raise if only another run's has appeared."""
        if nonce in appeared.ids_by_nonce:
            return appeared.ids_by_nonce[nonce]
        if is_repeated:
            self._delete_twins("", nonce, 1)
        raise appeared

    def _delete_twins(self, kept: str, nonce: str, most: int) -> None:
        """Delete what other attempts made after all, later than we looked: gateways give up before the service does."""
        for _ in range(most):
            twin = self._poll(lambda mark: mark.nonce == nonce, but_not=kept)
            if twin is not None:
                self.collection.delete(twin.id)

    def _back_out_if_it_comes(self, nonce: str) -> None:
        """Back out of what a POST made of which no answer came, and nothing was to be seen before the engine died."""
        late = self._poll(lambda mark: mark.nonce == nonce, to_give_way=True)
        if late is not None:
            self.back_out(late.id, nonce)

    def back_out(self, id_: str, nonce: str) -> None:
        """Delete what was made for an engine that had died meanwhile, if the next `up` has made its own.

        That one may have looked for it just before it appeared. If it has not, it will find it, or has taken it over: then it
        carries another nonce, and is no longer ours to delete.
        """
        if not self.owner or self._poll(self._is_owners, but_not=id_, to_give_way=True) is None:
            return
        try:
            mark = marker.find(self.collection.get(id_).description)
        except NotFound:
            return
        if mark is not None and mark.nonce == nonce:
            self.collection.delete(id_, unattended=True)

    def _is_owners(self, mark: marker.Mark) -> bool:
        return mark.key == marker.key_of(self.owner or "")

    def _poll(self, wanted: Callable[[marker.Mark], bool], but_not: str = "", *, to_give_way: bool = False) -> L | None:
        """Look for some seconds for an object whose marker is wanted, and return it."""

        def look() -> L | None:
            try:
                found = self._marked(self._listed(), wanted)
            except FlowServiceError:
                if not to_give_way:  # nobody hears of it there, and there are more looks
                    raise
                return None
            return next((live for live in found if live.id != but_not), None)

        return self.collection.poll(look, to_give_way=to_give_way)

    def _marked(self, listed: list[L], wanted: Callable[[marker.Mark], bool] = lambda _: True) -> list[L]:
        """Return the objects that state does not have, that this process has not deleted, and whose marker is wanted."""
        found = []
        for live in listed:
            mark = marker.find(live.description)
            if mark is not None and wanted(mark) and not self.in_state(live.id) and not self.collection.has_deleted(live.id):
                found.append(live)
        return found

    def _listed(self) -> list[L]:
        """List the objects that could be it."""
        return with_descriptions(self.collection, self.collection.find_by_first(self.narrow_filter))

    def _newest(self) -> list[L]:
        """List what was made last, whatever it is."""
        return with_descriptions(self.collection, self.collection.newest())

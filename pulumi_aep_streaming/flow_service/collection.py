"""The verbs that all kinds of objects share: create, get, find, modify, delete.

`modify` is the heart: the caller's intent is a pure function from the live object to JSON Patch operations, so that it can be
applied again to what somebody else has just written.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, Generic, Protocol, TypeVar

from pulumi_aep_streaming.flow_service import conflicts
from pulumi_aep_streaming.flow_service.addresses import path_of
from pulumi_aep_streaming.flow_service.attempts import Clock, attempts
from pulumi_aep_streaming.flow_service.errors import (
    Malformed,
    NoAnswer,
    NotFound,
    Refused,
    TimedOut,
    Unreadable,
)
from pulumi_aep_streaming.flow_service.json_patch import Operation
from pulumi_aep_streaming.flow_service.listing import Listing, items_in
from pulumi_aep_streaming.flow_service.models import LEAVING, Entity, Flow, quoted, read_as
from pulumi_aep_streaming.flow_service.pages import Ledger, Pages
from pulumi_aep_streaming.flow_service.recent_pages import LIST_BACKOFF, Recent, RecentPages, wait_for_pages
from pulumi_aep_streaming.flow_service.shared_looks import SECONDS_TO_GIVE_WAY, SharedLooks
from pulumi_aep_streaming.flow_service.transport import Transport

BASE_PATH = "/data/foundation/flowservice"
_MOST_SECONDS = 60.0
_SECONDS_TO_APPEAR = 15.0
_LOOKS = 5

E = TypeVar("E", bound=Entity)
T = TypeVar("T")


class _GrownOld(Exception):
    """What a page has shown is no longer as good as a read."""


class Readable(Protocol):
    """A collection of any kind."""

    def get(self, id_: str) -> Entity:
        """Read one object. Raises `NotFound` if it is not there."""


class Collection(Generic[E]):
    """One kind of object, in one sandbox."""

    def __init__(self, transport: Transport, sandbox: str, path: str, model: type[E], ledger: Ledger | None = None) -> None:
        self._transport, self._sandbox, self.path, self._model = transport, sandbox, path, model
        self._ledger = ledger or Ledger()
        self._deleted: set[str] = set()
        self.shown_whole: set[str] = set()
        """The ids of objects whose description lists have shown as a read did."""
        self._trusts_posts = True
        """Whether the etag of a POST guards the PATCH that follows: until one had to be sent again after a read."""
        self._listing = Listing(transport, sandbox, f"{BASE_PATH}/{path}", path, model)
        self.find, self.find_by_first = self._listing.find, self._listing.find_by_first
        self._pages = Pages(self._ledger, map(self._listing.by_creation, ("createdAt", "-createdAt")))
        self._recent_pages = RecentPages(lambda: self.clock, self._listing.newest)
        self.shared_looks = SharedLooks[E](lambda: self.clock)

    @property
    def clock(self) -> Clock:
        """That of the transport."""
        return self._transport.clock

    def say_once(self, text: str) -> None:
        """Show a line, unless it has been shown."""
        self._transport.say_once(text)

    def create(self, body: dict[str, Any], *, allowed: Callable[[], None] = lambda: None) -> E:
        """POST a new object and return it as it was sent, with the id and the etag that were answered.

        Never repeated when it may have succeeded: see `NoAnswer.sent`. `allowed` is called before each attempt, and raises if
        it must not be sent any more.
        """
        self._ledger.closed = True
        answer = self._transport.request("POST", self._url(), sandbox=self._sandbox, body=body, allowed=allowed).body
        wrapped = answer.get("items") if isinstance(answer, dict) else None
        item = wrapped[0] if isinstance(wrapped, list) and wrapped else answer
        created = item if isinstance(item, dict) else {}
        if not isinstance(created.get("id"), str) or not created["id"]:
            raise Unreadable(f"POST {self.path} was answered without an id")
        id_, etag = created["id"], created.get("etag")
        is_version = isinstance(etag, str) and quoted(etag) != quoted(id_)  # in the tutorial of 2020, it is the id once more
        return self._model.model_validate({**body, "id": id_, "etag": etag if is_version else None})

    def get(self, id_: str) -> E:
        """Read one object. Raises `NotFound` if it is not there."""
        body = self._transport.request("GET", self._url(id_), sandbox=self._sandbox).body
        items = items_in(body, self.path)
        if not items:
            raise NotFound(404, "", f"{self.path} was answered without an item")
        live = read_as(self._model, items[0], f"{self.path} {id_}", self._transport.masked)
        if live.id != id_:
            raise Malformed(f"{self.path} {id_} was answered with another object, {self._transport.masked(live.id)}")
        return live

    def confirm_absence(self, id_: str, missing: NotFound) -> None:
        """Raise `Refused` unless it is sure that an object is gone: a stray 404, or a wrong address, is no absence.

        What has a code, or names the object, is the service's own word: not a path that ends in its id, as web frameworks
        echo it. For anything else the list of objects has to agree.
        """
        if missing.code or re.search(rf"(?<![/\w-]){re.escape(id_)}", missing.text):
            return
        try:
            listed = any(live.id == id_ for live in self.find_by_first(f"id=={id_}"))
        except NotFound:
            text = f"{missing.text}, and neither is anything else there: check aep:endpoint"
        else:
            if not listed:
                return
            text = f"{missing.text}, though {id_} is listed: try again"
        raise Refused(missing.status, missing.code, text, missing.request_id)

    def is_there(self, listed: E, counts: Callable[[E], bool] = lambda live: live.state != LEAVING) -> bool:
        """Whether what is listed is really there, and not on its way out: lists lag, and deletes take their time.

        `counts` tells it of the object as a read shows it.
        """
        if listed.id in self._deleted:  # a read may lag, too
            return False
        try:
            return counts(self.get(listed.id))
        except NotFound as missing:
            self.confirm_absence(listed.id, missing)
            return False
        except Malformed:  # what cannot be read is there
            return True

    def get_from_page(self, id_: str) -> E | None:
        """Return one object of many as a page shows it, if that saves calls; None if `get` has to tell.

        Lists lag behind, and may show objects in short: what differs from what is known needs `get`, too.
        """
        return self._pages.get(id_)

    def get_recent(self, id_: str) -> Recent[E] | None:
        """Return an object that is about to be deleted, as a page of the last seconds shows it; None if `get` has to tell."""
        return self._recent_pages.get(id_)

    def newest(self) -> list[E]:
        """Return a page of the objects that were made last."""
        return next(self._listing.newest(), [])

    def note_write(self, id_: str) -> None:
        """Note that an object is written to: no page that was read until now shows it any more."""
        self._ledger.closed = True
        self._recent_pages.note_write(id_)

    def settle(self, id_: str, is_shown: Callable[[E], bool]) -> E:
        """Return an object once no process can have a page any more that shows it as it was before it was written to.

        Raises `TimedOut` if lists go on to show it as it was.
        """
        wait_for_pages(self.clock, self._listing.newest, id_, is_shown)

        def complaint(live: E) -> str:
            return conflicts.transience(live) or ("" if is_shown(live) else "it is read as it was")

        return self._wait(id_, complaint, appearing=True)

    def modify(
        self,
        id_: str,
        compute: Callable[[E], list[Operation]],
        *,
        missing: Callable[[E], list[Operation]] | None = None,
        unseen: frozenset[str] = frozenset(),
        appearing: bool = False,
        posted: E | None = None,
        sent: Callable[[list[Operation]], None] = lambda _: None,
    ) -> E:
        """Read, compute, PATCH what differs under the version just read, and read back until it shows.

        A version conflict or a lost answer starts again from what the service holds then. `missing` says what of an accepted
        change does not show yet (default: what `compute` says); `unseen` are paths whose values the service masks: that they
        were written is confirmed by an etag that moved. `appearing`: the object has just been made or listed, so a read may be
        late to find it. `posted`: it was just made so; it is read first only if the service refuses a PATCH of that version.
        `sent` is told of each PATCH that the service may have accepted. Returns the object as it is in the end.

        Raises `VersionConflict` if others keep writing, `TimedOut` if the change does not show.
        """
        too_early = False
        for attempt in conflicts.write_attempts(self.clock):
            trusted = posted if attempt.number == 0 and self._trusts_posts else None
            live = trusted if trusted and trusted.if_match else self._resting(id_, appearing=appearing)
            operations = compute(live)
            if not operations:
                return live
            if live.if_match is None:
                raise Unreadable(f"{self.path} {id_} was read without an etag, so it cannot be changed safely")
            try:
                self._patch(id_, operations, live.if_match)
            except (NoAnswer, Refused, Unreadable) as failure:
                if failure.ambiguous:
                    sent(operations)
                # Whatever the service made of the POST: what it shows then may bear the change.
                as_posted = live is posted and isinstance(failure, Refused) and failure.is_about_the_object
                too_early = too_early or as_posted
                if not as_posted and not conflicts.may_retry(failure, attempt):
                    raise conflicts.given_up(failure, attempt) from None
                continue
            sent(operations)
            self._trusts_posts = self._trusts_posts and not too_early
            left = live.if_match if any(operation["path"] in unseen for operation in operations) else None
            return self._read_back(id_, missing or compute, unseen, left=left, appearing=appearing)
        raise AssertionError  # the loop ends by return or raise

    def delete(
        self,
        id_: str,
        users: Callable[[], list[Flow]] = list,
        *,
        allowed: Callable[[], None] = lambda: None,
        unattended: bool = False,
    ) -> bool:
        """DELETE an object; whether it was there until then. Refusals for a state that will end are waited for.

        `users` lists the dataflows that use it: asked when the service says that there are some, to name them, or to wait if
        they are gone and the service has yet to notice. `allowed` is called before each time it is sent, and raises if the
        object, as it is then, must not be deleted. `unattended`: although nobody waits for it. Raises `InUse`.
        """
        self._ledger.closed = True
        for attempt in attempts(self.clock, conflicts.BACKOFF, seconds=_MOST_SECONDS):
            try:
                url = self._url(id_)
                self._transport.request("DELETE", url, sandbox=self._sandbox, unattended=unattended, allowed=allowed)
            except NotFound as missing:
                self.confirm_absence(id_, missing)
                return False
            except Refused as refused:
                conflicts.refuse_used(refused, users, self._transport.masked)
                if refused.code not in conflicts.BUSY_CODES | conflicts.IN_USE_CODES or attempt.is_last:
                    raise conflicts.given_up(refused, attempt) from None
            else:
                self._deleted.add(id_)
                return True
        raise AssertionError  # the loop ends by return or raise

    def delete_at_once(self, recent: Recent[E]) -> bool:
        """DELETE what a page has shown, while that is as good as a read; False if that does not succeed."""
        id_ = recent.live.id
        self.note_write(id_)

        def allowed() -> None:
            if not recent.is_fresh(self.clock):
                raise _GrownOld

        try:
            self._transport.request("DELETE", self._url(id_), sandbox=self._sandbox, once=True, allowed=allowed)
        except (Refused, NoAnswer, Unreadable, _GrownOld):
            return False
        self._deleted.add(id_)
        return True

    def has_deleted(self, id_: str) -> bool:
        """Whether this process has deleted an object: lists may still show it."""
        return id_ in self._deleted

    def poll(self, look: Callable[[], T | None], *, to_give_way: bool = False) -> T | None:
        """Ask several times within some seconds, as lists may lag behind; return what was found, or None.

        `to_give_way`: for as long as another run may still make the same, as it has not seen what was made here.
        """
        seconds = SECONDS_TO_GIVE_WAY + self._transport.timeout_seconds if to_give_way else None
        for _ in attempts(self.clock, LIST_BACKOFF, most=None if to_give_way else _LOOKS, seconds=seconds):
            found = look()
            if found is not None:
                return found
        return None

    def _patch(self, id_: str, operations: list[Operation], if_match: str) -> None:
        self.note_write(id_)
        try:
            self._transport.request("PATCH", self._url(id_), sandbox=self._sandbox, body=operations, if_match=if_match)
        finally:
            self.note_write(id_)  # a page that was read meanwhile may show it as it was

    def _resting(self, id_: str, *, appearing: bool = False) -> E:
        """Read until the object is in no transient state: in those, the service refuses changes."""
        return self._wait(id_, conflicts.transience, appearing=appearing)

    def _read_back(
        self, id_: str, missing: Callable[[E], list[Operation]], unseen: frozenset[str], *, left: str | None, appearing: bool
    ) -> E:
        """Read until nothing is missing, and the etag is no longer `left`; reads may lag behind an accepted change."""

        def complaint(live: E) -> str:
            return conflicts.transience(live) or conflicts.incompleteness(live, missing(live), unseen, left)

        return self._wait(id_, complaint, appearing=appearing)

    def _wait(self, id_: str, complaint: Callable[[E], str], *, appearing: bool = False) -> E:
        for attempt in attempts(self.clock, conflicts.BACKOFF, seconds=_MOST_SECONDS):
            try:
                live = self.get(id_)
            except NotFound:
                if not appearing or attempt.spent >= _SECONDS_TO_APPEAR:
                    raise
                problem = "it does not appear"
            else:
                problem = complaint(live)
                if not problem:
                    return live
            if attempt.is_last:
                raise TimedOut(f"{self._transport.masked(problem)}, after {_MOST_SECONDS:.0f} s")
        raise AssertionError  # the loop ends by return or raise

    def _url(self, *parts: str) -> str:
        return path_of(f"{BASE_PATH}/{self.path}", *parts)

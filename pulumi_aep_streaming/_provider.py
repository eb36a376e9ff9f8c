"""What the engine asks of a resource, written once: check, diff, create, read, update, delete.

A slice (base_connection.py, ...) says what is its own: its inputs, how they are sent, how they are read back. `check` and
`diff` do no I/O: the engine runs them one at a time, for unchanged resources too. `configure` only stores settings.
"""

from __future__ import annotations

import contextlib
import functools
import os
import threading
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, ClassVar

import pulumi
from pulumi.dynamic import (
    CheckFailure,
    CheckResult,
    ConfigureRequest,
    CreateResult,
    DiffResult,
    ReadResult,
    ResourceProvider,
    UpdateResult,
)

from pulumi_aep_streaming import _config, _inputs, _marker, _selectors
from pulumi_aep_streaming._creation import Creation
from pulumi_aep_streaming._engine import caller_is_gone, foreseen
from pulumi_aep_streaming._inputs import Bag
from pulumi_aep_streaming._labels import label_operations
from pulumi_aep_streaming.flow_service.errors import (
    Abandoned,
    Contested,
    FlowServiceError,
    Misconfigured,
    NotFound,
    Refused,
    Unsettled,
    VersionConflict,
)

_MOST_LOOKS = 3

if TYPE_CHECKING:
    from pulumi_aep_streaming._declared import Inputs
    from pulumi_aep_streaming.flow_service.models import Flow


Operation = dict[str, Any]


class FlowServiceProvider(ResourceProvider):
    """The provider of one kind of object.

    Pickled by reference into every state: module and class names are frozen, and instances carry nothing until `configure`.
    """

    serialize_as_secret_always = False

    kind: ClassVar[str]
    declared: ClassVar[str]
    """The name of the class in `_declared` that says what may be declared."""
    complete_when_posted: ClassVar[bool] = True

    @property
    def inputs(self) -> type[Inputs]:
        """What may be declared. Loaded when it is first needed, which is never in a program."""
        from pulumi_aep_streaming import _declared  # noqa: PLC0415 (pydantic takes longer to load than all of ours)

        return getattr(_declared, self.declared)

    # What a slice says of its own

    def objects(self, service: Any) -> Any:
        """Return the collection that holds the objects of this kind."""
        raise NotImplementedError

    def body(self, goal: Bag) -> Bag:
        """Return what is POSTed, less name and description."""
        raise NotImplementedError

    def operations(self, last: Bag | None, goal: Bag, live: Any) -> list[Operation]:
        """Return the JSON Patch operations for all but name and description. `last` is None without history. Pure."""
        raise NotImplementedError

    def missing(self, last: Bag | None, goal: Bag, live: Any) -> list[Operation]:
        """Return what of an accepted change does not show yet, as operations."""
        return self.operations(last, goal, live)

    def live_inputs(self, live: Any, state: Bag) -> Bag:
        """Return the inputs that the service shows, less name and description. None: not there. A missing key: not shown."""
        raise NotImplementedError

    def narrow_filter(self, goal: Bag) -> str:
        """Return a filter for listing siblings of the object, where a filter by name cannot be used."""
        raise NotImplementedError

    def secrets_in(self, bags: list[Bag]) -> list[str]:
        """Return the secret values in property bags, so that no error can quote them."""
        del bags
        return []

    def unseen(self, last: Bag, goal: Bag) -> frozenset[str]:
        """Return the JSON Patch paths whose values the service does not show."""
        del last, goal
        return frozenset()

    def before_create(self, objects: Any, goal: Bag) -> None:
        """Raise if the object must not be made."""

    def before_delete(self, live: Any, state: Bag) -> None:
        """Raise if the object must not be deleted."""

    def users(self, service: Any, id_: str) -> list[Flow]:
        """Return the dataflows that use an object, and keep it from being deleted."""
        del service, id_
        return []

    # What the engine calls

    def configure(self, req: ConfigureRequest) -> None:
        """Store the settings. It runs in every preview, so it may not fail, ask, or call anything."""
        config = {key: req.config.get(key) for key in (*_config.KEYS, _config.EXPLICIT)}
        self._settings = _config.load(config, os.environ)
        # Of the ids that this process has met: the nonce that state holds for them.
        self._touched: dict[str, str | None] = {}
        self._adopted_or_created: set[str] = set()
        _warn_once(self._settings.warnings)

    def check(self, _olds: Bag, news: Bag) -> CheckResult:
        """Validate and complete the inputs; unknowns pass through."""
        olds, news = _inputs.from_engine(_olds), _inputs.from_engine(news)
        lines = [*self._settings.problems(), *self._place(olds, news)]
        if not self._settings.ownership_marker:
            news.pop("managedBy", None)
        normal, problems = (news, []) if news == olds else self._checked(olds, news)
        # No property is named, as the engine would print its value.
        return CheckResult(normal, [CheckFailure("", line) for line in [*problems, *map(self._settings.in_its_words, lines)]])

    def diff(self, _id: str, _olds: Bag, _news: Bag) -> DiffResult:
        """Compare declared inputs with state."""
        self._touched[_id] = _olds.get("nonce")
        olds, news = _inputs.from_engine(_olds), _inputs.from_engine(_news)
        if _inputs.are_in(olds, news):
            return DiffResult(changes=False)
        found = _inputs.differences(self.inputs, olds, news)
        return DiffResult(changes=bool(found.changed), replaces=found.replaced)

    @foreseen("create")
    def create(self, props: Bag) -> CreateResult:
        """Make the object, or take over the one that an interrupted create of the same resource left behind."""
        goal = _inputs.from_engine(props)
        objects = self._objects(goal)
        nonce = _marker.new_nonce()
        if "adoptId" in goal:
            id_ = goal["adoptId"]
            self._adopt(objects, id_, goal, nonce)
        else:
            body = {"name": goal["name"], **self.body(goal)}
            known = self._touched.keys() | self._adopted_or_created
            self.before_create(objects, goal)
            fits = functools.partial(self._fits, goal)
            creation = Creation(objects, goal.get("managedBy"), body, self.narrow_filter(goal), known, fits, caller_is_gone)
            id_ = self._resume(creation, goal, nonce) or self._make(creation, goal, nonce)
        return CreateResult(id_, self._outputs(goal, nonce))

    @foreseen("read")
    def read(self, id_: str, props: Bag) -> ReadResult:
        """Return the object as inputs and outputs, so that drift shows on the property. Absent: an empty result."""
        state = _inputs.from_engine(props)
        self._touched.setdefault(id_, state.get("nonce"))
        sandbox = state.get("sandboxName") or self._settings.get("sandboxName")
        objects = self._objects({**state, "sandboxName": sandbox})
        try:
            live = objects.look(id_)
        except NotFound as missing:
            objects.confirm_absence(id_, missing)
            return ReadResult("", {})
        found = self._observe(live, state)
        found.setdefault("sandboxName", sandbox)
        if self._settings.get("orgId"):
            found.setdefault("orgId", self._settings.get("orgId"))
        inputs = {key: value for key, value in found.items() if key != "nonce"}
        return ReadResult(id_, found, inputs)

    @foreseen("update")
    def update(self, _id: str, _olds: Bag, _news: Bag) -> UpdateResult:
        """Change the object in place, by the smallest JSON Patch."""
        last, goal = _inputs.from_engine(_olds), _inputs.from_engine(_news)
        nonce = last.get("nonce") or _marker.new_nonce()
        self._touched[_id] = nonce
        self.settle(self._objects(goal), _id, last, goal, nonce)
        return UpdateResult(self._outputs(goal, nonce))

    @foreseen("delete")
    def delete(self, _id: str, _props: Bag) -> None:
        """Delete the object, unless it has become another resource's."""
        state = _inputs.from_engine(_props)
        objects = self._objects(state)
        try:
            live = objects.get(_id)
        except NotFound as missing:
            objects.confirm_absence(_id, missing)
            return
        if self._is_ours(_id, live, state):
            self.before_delete(live, state)
            objects.delete(_id, lambda: self.users(_config.client_for(self._settings, state["sandboxName"]), _id))

    # Changing

    def settle(self, objects: Any, id_: str, last: Bag | None, goal: Bag, nonce: str) -> Any:
        """Bring the live object to the goal, say what was sent, and return the object as it is then."""
        sent: list[Operation] = []

        def compute(live: Any) -> list[Operation]:
            if caller_is_gone():  # the next `up` may be at it already
                raise Abandoned("the engine has died; the next pulumi up finishes this")
            sent[:] = [*label_operations(last, goal, live, nonce), *self.operations(last, goal, live)]
            return list(sent)

        def missing(live: Any) -> list[Operation]:
            return [*label_operations(last, goal, live, nonce), *self.missing(last, goal, live)]

        unseen = self.unseen(last or {}, goal)
        live = objects.modify(id_, compute, missing=missing, unseen=unseen, appearing=last is None)
        said = [line for operation in sent for line in _selectors.lines(operation)]
        if said:
            pulumi.log.info(f"{self.kind} {goal['name']}: " + "".join(f"\n  {line}" for line in said))
        return live

    def _checked(self, olds: Bag, news: Bag) -> tuple[Bag, list[str]]:
        from pulumi_aep_streaming._declared import check  # noqa: PLC0415 (see inputs)

        return check(self.inputs, olds, news)

    def _adopt(self, objects: Any, id_: str, goal: Bag, nonce: str) -> None:
        """Take over an existing object like an import: it must be as declared, and only the marker is written."""
        try:
            live = objects.get(id_)
        except NotFound:
            message = f"{id_} is not in sandbox {goal['sandboxName']}: check adopt_id and sandbox_name"
            raise Contested(message) from None
        mark = _marker.split(live.description)[1]
        if mark is not None and mark.key != _marker.key_of(goal.get("managedBy", "")):
            message = f"{id_} belongs to {mark.owner}: remove it from that stack first (pulumi state delete)"
            raise Contested(message)
        found = _inputs.differences(self.inputs, self._observe(live, goal), goal)
        if found.changed:
            message = f"{id_} differs from the program in {', '.join(found.changed)}: declare these as they are, then adopt"
            raise Contested(message)
        self._adopted_or_created.add(id_)
        objects.modify(id_, lambda current: label_operations(goal, goal, current, nonce))

    def _observe(self, live: Any, state: Bag) -> Bag:
        # The sandbox is not taken from the answer: the request was for the one that state names.
        shown = {"name": live.name, "description": _marker.split(live.description)[0] or None}
        return _inputs.observe(self.inputs, state, {**shown, **self.live_inputs(live, state)})

    def _fits(self, goal: Bag, live: Any) -> bool:
        """Whether an object that was left behind can still become what is wanted now; if not, its name is said."""
        misfits = _inputs.differences(self.inputs, self._observe(live, goal), goal).replaced
        if misfits:
            pulumi.log.warn(
                f"{self.kind} {live.name} ({live.id}) was left behind by an interrupted pulumi up and differs in "
                f"{', '.join(misfits)}: a new one is made; delete the old one"
            )
        return not misfits

    def _make(self, creation: Creation, goal: Bag, nonce: str) -> str:
        """POST, and do the rest that a new object of this kind needs."""
        id_ = creation.post(goal, nonce)
        self._adopted_or_created.add(id_)
        if caller_is_gone():
            creation.give_way(id_)
            raise Abandoned("the engine has died; the next pulumi up takes over what was made")
        if not self.complete_when_posted:
            self._complete(creation.objects, id_, goal, nonce)
        return id_

    def _complete(self, objects: Any, id_: str, goal: Bag, nonce: str) -> None:
        """Settle what was just POSTed. If that is refused, take it back: state will not know it, so no destroy could."""
        try:
            self.settle(objects, id_, None, goal, nonce)
        except Refused as refused:
            if not refused.ambiguous and not isinstance(refused, VersionConflict):
                with contextlib.suppress(FlowServiceError):
                    objects.delete(id_)
            raise

    def _resume(self, creation: Creation, goal: Bag, nonce: str) -> str | None:
        """Finish what an interrupted create of this resource began, and return its id; None if it left nothing behind."""
        for _ in range(_MOST_LOOKS):
            id_ = creation.left_behind()
            if id_ is None:
                return None
            self._adopted_or_created.add(id_)
            # It may be gone, as the process that had made it gave way, or cannot be read yet: another look at the list tells.
            with contextlib.suppress(NotFound):
                self.settle(creation.objects, id_, None, goal, nonce)
                return id_
        message = f"{id_} was left behind by an interrupted pulumi up; it is listed, but cannot be read: run pulumi up later"
        raise Unsettled(message)

    def _is_ours(self, id_: str, live: Any, state: Bag) -> bool:
        """Whether a delete means this object: not if its marker is another resource's.

        Forced replacement calls create and then delete, without a diff: create cannot tell it from a crash and takes over the
        old object under a new nonce. The delete that follows must leave it alone, also if only the next `up` comes to it.
        """
        mark = _marker.split(live.description)[1]
        if mark is None or "managedBy" not in state:
            return True
        if mark.key != _marker.key_of(state["managedBy"]):
            return False
        if mark.nonce == state.get("nonce"):
            return True
        return id_ not in self._adopted_or_created and self._touched.get(id_) != mark.nonce

    # Places

    def _place(self, olds: Bag, news: Bag) -> Iterator[str]:
        """Fill in sandbox and organization; stop if the settings contradict what is stored."""
        for key, label in (("sandboxName", "sandbox"), ("orgId", "organization")):
            configured, stored = self._settings.get(key), olds.get(key)
            if key in news:
                continue
            if stored and configured and stored != configured:
                yield f"lives in {label} {stored}, configuration says {configured}"
            if stored or configured:
                news[key] = stored or configured
            elif key == "sandboxName":
                yield "no sandbox: set aep:sandboxName (or AEP_SANDBOX_NAME), or the argument sandbox_name"

    def _objects(self, bag: Bag) -> Any:
        """Return the collection where an object lives. Raises if the settings are for another organization."""
        stored, configured = bag.get("orgId"), self._settings.get("orgId")
        if stored and configured and stored != configured:
            message = f"it lives in organization {stored}, the settings say {configured}: correct aep:orgId (or AEP_ORG_ID)"
            raise Misconfigured(message)
        return self.objects(_config.client_for(self._settings, bag.get("sandboxName", "")))

    def _outputs(self, goal: Bag, nonce: str) -> Bag:
        marked = {"nonce": nonce} if "managedBy" in goal else {}
        return {**goal, "orgId": self._settings.get("orgId"), **marked}


_warned: set[str] = set()
_warning = threading.Lock()


def _warn_once(lines: tuple[str, ...]) -> None:
    """Show each warning once a process: every kind of resource configures its own provider from the same settings."""
    with _warning:
        fresh = [line for line in lines if line not in _warned]
        _warned.update(fresh)
    for line in fresh:
        pulumi.log.warn(line)

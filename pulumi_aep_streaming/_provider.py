"""What the engine asks of a resource, written once: check, diff, create, read, update, delete.

A slice (base_connection.py, ...) says what is its own: its inputs, how they are sent, how they are read back. `check` and
`diff` do no I/O: the engine runs them one at a time, for unchanged resources too. `configure` only stores settings.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator

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

from pulumi_aep_streaming import _config, _inputs, _marker, _memory, _ownership, _taking
from pulumi_aep_streaming._engine import foreseen
from pulumi_aep_streaming._inputs import Bag
from pulumi_aep_streaming._slice import Slice
from pulumi_aep_streaming.flow_service.errors import Contested, Missing, NotFound


class FlowServiceProvider(Slice, ResourceProvider):
    """The provider of one kind of object.

    Pickled by reference into every state: module and class names are frozen, and instances carry nothing until `configure`.
    """

    serialize_as_secret_always = False

    # What the engine calls

    def configure(self, req: ConfigureRequest) -> None:
        """Store the settings. It runs in every preview, so it may not fail, ask, or call anything."""
        config = {key: req.config.get(key) for key in (*_config.KEYS, _config.EXPLICIT)}
        self.settings = _config.load(config, os.environ)
        self.memory = _memory.process
        _warn_once(self.settings.warnings)

    def check(self, _olds: Bag, news: Bag) -> CheckResult:
        """Validate and complete the inputs; unknowns pass through."""
        olds, news = _inputs.from_engine(_olds), _inputs.from_engine(news)
        lines = [*self.settings.problems(), *self.settings.reclaim_problems(), *self._place(olds, news)]
        if not self.settings.ownership_marker:
            news.pop("managedBy", None)
        normal, problems = (news, []) if news == olds else self._checked(olds, news)
        # No property is named, as the engine would print its value.
        return CheckResult(normal, [CheckFailure("", line) for line in [*problems, *map(self.settings.in_its_words, lines)]])

    def diff(self, _id: str, _olds: Bag, _news: Bag) -> DiffResult:
        """Compare declared inputs with state."""
        olds, news = _inputs.from_engine(_olds), _inputs.from_engine(_news)
        of_program = self.memory.note_diff(_id, olds)
        if self._reclaims(olds, news):
            return DiffResult(changes=True)
        if _inputs.are_in(olds, news):
            return DiffResult(changes=False)
        found = _inputs.differences(self.inputs, olds, news)
        if found.replaced and of_program:
            self.memory.replaced[_memory.identity(self.kind, news)] = _memory.Replaced(_id, olds, news)
        return DiffResult(changes=bool(found.changed), replaces=found.replaced)

    @foreseen("create")
    def create(self, props: Bag) -> CreateResult:
        """Make the object, or take over the one that an interrupted create of the same resource left behind."""
        desired = _inputs.from_engine(props)
        nonce = _marker.new_nonce()
        if "adoptId" in desired:
            id_, outputs = _taking.adopt(self, desired, nonce), self.outputs(desired, nonce)
        else:
            id_, outputs = _taking.make(self, desired, nonce)
        self.memory.made.add(id_)
        self.memory.places[_memory.identity(self.kind, desired)] = desired.get("sandboxName", "")
        return CreateResult(id_, outputs)

    @foreseen("read")
    def read(self, id_: str, props: Bag) -> ReadResult:
        """Return the object as inputs and outputs, so that drift shows on the property. Absent: an empty result.

        The program's own references are read without a name. Of those, an absence is an error: the engine would take an empty
        result for an object.
        """
        state = _inputs.from_engine(props)
        self.memory.refreshed.add(id_)
        sandbox = state.get("sandboxName") or self.settings.get("sandboxName")
        objects = self.objects_of({**state, "sandboxName": sandbox})
        try:
            live = objects.look(id_)
        except NotFound as missing:
            objects.confirm_absence(id_, missing)
            if "name" in state:
                return ReadResult("", {})
            message = f"there is no {self.kind} {id_} in sandbox {sandbox}: check the id, and sandbox_name"
            raise Missing(message) from None
        mark = _marker.split(live.description)[1]
        if "name" in state:
            owned = "nonce" in state or "managedBy" in state  # a reference owns nothing
            if owned and mark is not None and not _ownership.is_ours(mark, state):
                pulumi.log.warn(f"{self.kind} {state['name']}: {_ownership.not_ours(live, mark, state)}")
            self.notice(live, state)
        found = self.observe(live, state)
        found.setdefault("sandboxName", sandbox)
        if self.settings.get("orgId"):
            found.setdefault("orgId", self.settings.get("orgId"))
        inputs = {key: value for key, value in found.items() if key != "nonce"}
        return ReadResult(id_, found, inputs)

    @foreseen("update")
    def update(self, _id: str, _olds: Bag, _news: Bag) -> UpdateResult:
        """Change the object in place, by the smallest JSON Patch."""
        state, desired = _inputs.from_engine(_olds), _inputs.from_engine(_news)
        if self._reclaims(state, desired):
            return UpdateResult(_taking.take_back(self, _id, state, desired))
        nonce = state.get("nonce") or _marker.new_nonce()

        def owned(mark: _marker.Mark) -> bool:  # or marked by this very update, the answer to which was lost
            return _ownership.is_ours(mark, state, desired) or mark.nonce == nonce

        self.settle(self.objects_of(desired), _id, state, desired, nonce, owned)
        return UpdateResult({**self.outputs(desired, nonce, state), **self.withheld(state, desired)})

    @foreseen("delete")
    def delete(self, _id: str, _props: Bag) -> None:
        """Delete the object, if it is still ours: in doubt it is left alone, and named."""
        state = _inputs.from_engine(_props)
        objects = self.objects_of(state)
        try:
            live = objects.get(_id)
        except NotFound as missing:
            objects.confirm_absence(_id, missing)
            return
        if _id in self.memory.made:  # by a forced replacement, or adopted under another name
            pulumi.log.info(f"{self.kind} {state['name']} ({_id}) stays: this pulumi up has taken it over")
            return
        mark = _marker.split(live.description)[1]
        if mark is not None and not _ownership.is_ours(mark, state):
            pulumi.log.warn(
                f"{self.kind} {state['name']} ({_id}) is not deleted: its marker says {mark.owner}.{mark.nonce}, and not the "
                "nonce of this state, so it may be another state's; aep-streaming orphans names what no state has"
            )
            return
        self._refuse_to_move(_id, state)
        self.before_delete(live, state)
        objects.delete(_id, lambda: self.users(self.service(state), _id))

    # Changing

    def _reclaims(self, *bags: Bag) -> bool:
        """Whether this run reclaims what carries the key of a resource, the one that it had or the one that it has now."""
        return any(self.settings.reclaims(bag.get("managedBy")) for bag in bags)

    def _refuse_to_move(self, id_: str, state: Bag) -> None:
        """Raise `Contested` if a forced replacement, which sees no old inputs, has made this again in another sandbox."""
        sandbox = state.get("sandboxName", "")
        place = self.memory.places.get(_memory.identity(self.kind, state), sandbox)
        if place != sandbox and all(old.id != id_ for old in list(self.memory.replaced.values())):
            message = (
                f"{id_} lives in sandbox {sandbox}, and a forced replacement made another in sandbox {place}. The next pulumi "
                "up deletes it, unless its entry is taken out of state first (pulumi stack export, and import)"
            )
            raise Contested(message)

    def _checked(self, olds: Bag, news: Bag) -> tuple[Bag, list[str]]:
        from pulumi_aep_streaming._declared import check  # noqa: PLC0415 (see inputs)

        return check(self.inputs, olds, news)

    # Places

    def _place(self, olds: Bag, news: Bag) -> Iterator[str]:
        """Fill in sandbox and organization; stop if the settings contradict what is stored."""
        for key, label in (("sandboxName", "sandbox"), ("orgId", "organization")):
            configured, stored = self.settings.get(key), olds.get(key)
            if key in news:
                continue
            if stored and configured and stored != configured:
                yield f"lives in {label} {stored}, configuration says {configured}"
            if stored or configured:
                news[key] = stored or configured
            elif key == "sandboxName":
                yield "no sandbox: set aep:sandboxName (or AEP_SANDBOX_NAME), or the argument sandbox_name"


_warned: set[str] = set()
_warning = threading.Lock()


def _warn_once(lines: tuple[str, ...]) -> None:
    """Show each warning once a process: every kind of resource configures its own provider from the same settings."""
    with _warning:
        fresh = [line for line in lines if line not in _warned]
        _warned.update(fresh)
    for line in fresh:
        pulumi.log.warn(line)

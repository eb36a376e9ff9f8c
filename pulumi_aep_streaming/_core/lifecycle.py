"""The life of an object, for all kinds alike: check, diff, create, read, update, delete.

It knows neither Pulumi nor HTTP. What is one kind's own is said by `kinds`; what a process remembers is in `memory`; whom to
talk to is among the `effects`. `check` and `diff` call nothing: an engine runs them for unchanged resources too, most of them
one at a time.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Generic, TypeVar

from pulumi_aep_streaming._core import adoption, audiences, changes, creation, marker, ownership, references
from pulumi_aep_streaming._core.announcement import announced
from pulumi_aep_streaming._core.context import Context
from pulumi_aep_streaming._core.effects import Effects
from pulumi_aep_streaming._core.process_memory import Deletion, Replaced
from pulumi_aep_streaming._core.values import Bag, same
from pulumi_aep_streaming.flow_service.errors import Conflict, Malformed, Misconfigured, Missing, NotFound

if TYPE_CHECKING:
    from pulumi_aep_streaming._core.kinds.kind import Kind
    from pulumi_aep_streaming._core.snapshot.contents import Snapshot
    from pulumi_aep_streaming.flow_service.collection import Collection
    from pulumi_aep_streaming.flow_service.models import Entity
    from pulumi_aep_streaming.flow_service.recent_pages import Recent

L = TypeVar("L", bound="Entity")


@dataclass(frozen=True)
class Read:
    """What the service holds of an object: as inputs, and as all of its state."""

    inputs: Bag
    state: Bag


class _Stays(Exception):
    """An object is not deleted, which has been said, and is no error."""


def _read_of(state: Bag) -> Read:
    """Return a state with the inputs in it: the nonce is none, whoever reads it."""
    return Read({key: value for key, value in state.items() if key != "nonce"}, state)


class Lifecycle(Generic[L]):
    """What may happen to objects of one kind, under the settings of one provider. Safe to share among threads."""

    def __init__(self, context: Context[L]) -> None:
        self.context = context
        self.settings, self.memory = context.settings, context.memory

    @property
    def kind(self) -> Kind[L]:
        """The kind of the objects. It takes long to load, and what did not change does not ask for it."""
        return self.context.kind

    def check(self, desired: Bag, state: Bag) -> tuple[Bag, list[str]]:
        """Return complete inputs in their normal form, and a line for each problem; state is empty if there is no object."""
        desired = {**desired}
        settings = [*self.settings.problems(), *self.settings.reclaim_problems(), *self._place(desired, state)]
        desired.pop("unmarkedOwner", None)  # a read has it among the inputs
        unmarked = not self.settings.ownership_marker and "managedBy" in desired
        owner = {"unmarkedOwner": desired.pop("managedBy")} if unmarked else {}
        problems = list(map(self.settings.in_its_words, settings))
        told = {"noneParams": desired.pop("noneParams")} if "noneParams" in desired else {}
        if same({**desired, **owner}, state):
            return state, problems
        from pulumi_aep_streaming._core.inputs import check  # noqa: PLC0415 (what did not change needs no pydantic)

        def snapshot() -> Snapshot | None:
            try:
                return self.context.snapshot(desired) if state or self._is_new(desired) else None
            except Misconfigured as broken:
                problems.append(self.settings.in_its_words(str(broken)))
                return None

        checked = check(self.kind.inputs, self.kind.known, {**desired, **told}, state, snapshot)
        effects = self.context.about(desired, state).effects
        name = checked.inputs.get("name")
        about = f"{self.kind.noun} {name}" if isinstance(name, str) else self.kind.noun
        for line in checked.warnings:
            effects.warn(f"{about}: {line}")
        found = checked.problems
        if not found and (state or "adoptId" not in desired):
            found = [*references.mismatches(self.kind, self.memory, checked.inputs, state)]
        return {**checked.inputs, **owner}, [*map(effects.masked, found), *problems]

    def _is_new(self, desired: Bag) -> bool:
        """Whether what has no state is to be made, and all of it is a change.

        Not so for what is taken over as the service holds it, nor for a replacement, which was checked with its old inputs.
        """
        taken_over = "adoptId" in desired or self.context.reclaims(desired)
        return not taken_over and self.context.replaced(desired) is None

    def _place(self, desired: Bag, state: Bag) -> Iterator[str]:
        """Fill in sandbox and organization; yield a line if the settings contradict what is stored."""
        for key, label, way in (
            ("sandboxName", "sandbox", "set aep:sandboxName (or AEP_SANDBOX_NAME) back; the argument sandbox_name moves it"),
            ("orgId", "organization", "set aep:orgId (or AEP_ORG_ID) back"),
        ):
            configured, stored = self.settings.get(key), state.get(key)
            if key in desired:
                continue
            if stored and configured and stored != configured:
                yield f"lives in {label} {stored}, configuration says {configured}: {way}"
            if stored or configured:
                desired[key] = stored or configured
            elif key == "sandboxName":
                yield "no sandbox: set aep:sandboxName (or AEP_SANDBOX_NAME), or the argument sandbox_name"

    def diff(self, id_: str, desired: Bag, state: Bag) -> changes.Differences:
        """Compare what is desired with state; remember what is to be replaced, and whose deletion is forced."""
        if desired.get("forceDestroy") is True:
            self.memory.forced |= {id_, self.context.identity(desired)}
        of_program = self.memory.note_diff(id_, state)
        self.memory.meet(id_, self.context.type_name, state, desired)
        reclaimed = self.context.reclaims(desired, state)
        if not reclaimed and changes.is_stored(desired, state):
            return changes.Differences([], [])
        effects = self.context.about(desired, state).effects
        for line in self.kind.diff_warnings(desired, state) if of_program else ():
            effects.warn(line)
        if reclaimed:
            return changes.Differences(["managedBy"], [])
        found = changes.differences(self.kind.inputs, desired, {**state, **self.kind.restated(desired, state)})
        if found.replaced and of_program:
            self.memory.replaced[self.context.identity(desired)] = Replaced(id_, desired, state)
        if found.changed and of_program:
            self._announce(id_, desired, state, found, effects)
        return found

    def _announce(self, id_: str, desired: Bag, state: Bag, found: changes.Differences, effects: Effects) -> None:
        """Say what will be sent, once a process: the preview and the `up` are two."""
        announcement = announced(self.kind, desired, state, found)
        if self.memory.announced.get(id_) != announcement and announcement.lines:
            effects.info(f"{self.kind.noun} {desired.get('name')}:", announcement.lines)
        self.memory.announced[id_] = announcement

    def create(self, desired: Bag) -> tuple[str, Bag]:
        """Make the object, or take over the one that an interrupted create of the same resource made. Return id and state."""
        context, nonce = self.context.about(desired), marker.new_nonce()
        if "adoptId" in desired:
            made = adoption.adopt(context, desired, nonce)
        else:
            old = context.replaced(desired)
            if not context.reclaims(desired):
                audiences.require_there(context, desired, old.state if old else {})
            made = creation.make(context, desired, nonce)
        owner, sandbox = desired.get("managedBy"), desired.get("sandboxName", "")
        self.memory.note_acquired(made.id, self.context.identities(desired), owner, sandbox, created=made.created)
        self.memory.meet(made.id, context.type_name, made.state)
        return made.id, made.state

    def read(self, id_: str, state: Bag) -> Read | None:
        """Return the object as it is, so that drift shows on the property; None if it is absent.

        What a program refers to by its id is read without a name, or with its arguments, which have no organization. Of that,
        an absence is an error: an engine would take an empty result for an object.
        """
        if "name" in state:
            self.memory.refreshed.add(id_)
        sandbox = state.get("sandboxName") or self.settings.get("sandboxName")
        collection = self.kind.collection(self.context.service({**state, "sandboxName": sandbox}))
        try:
            shown = collection.get_from_page(id_)
            live = shown if shown is not None and self._is_as_known(shown, state) else collection.get(id_)
        except NotFound as missing:
            collection.confirm_absence(id_, missing)
            if "name" in state and "orgId" in state:
                return None
            message = f"there is no {self.kind.noun} {id_} in sandbox {sandbox}: check the id, and sandbox_name"
            raise Missing(message) from None
        except Malformed as odd:
            if "name" not in state:
                raise
            self.context.about(state).effects.warn(f"{self.kind.noun} {state['name']}: {odd}; it stays in state as it was")
            return _read_of(state)
        if "name" in state:
            self._report(state, live)
        found = self.kind.observe(state, live)
        found.setdefault("sandboxName", sandbox)
        if self.settings.get("orgId"):
            found.setdefault("orgId", self.settings.get("orgId"))
        self.memory.meet(id_, self.context.type_name, found)
        return _read_of(found)

    def _is_as_known(self, live: L, state: Bag) -> bool:
        return "name" in state and self.kind.observe(state, live) == state

    def _report(self, state: Bag, live: L) -> None:
        """Say what a refresh finds, and inputs do not show."""
        effects = self.context.about(state).effects
        mark = marker.find(live.description)
        owned = "nonce" in state or "managedBy" in state  # a reference owns nothing
        if owned and mark is not None and not ownership.is_ours(mark, state):
            effects.warn(f"{self.kind.noun} {state['name']}: {ownership.not_ours(live, mark, state)}")
        for note in self.kind.drift(state, live):
            effects.say(note)

    def update(self, id_: str, desired: Bag, state: Bag) -> Bag:
        """Change the object in place, by the smallest JSON Patch. Return its state."""
        context = self.context.about(desired, state)
        if context.reclaims(desired, state):
            return adoption.take_back(context, id_, desired, state)
        references.require_fitting(context, desired, state)
        audiences.require_there(context, desired, state)
        nonce = state.get("nonce") or marker.new_nonce()

        shown = self.memory.announced[id_].sent if id_ in self.memory.announced else ()

        met: set[str] = set()

        def owned(mark: marker.Mark) -> bool:  # or marked by this very update, the answer to which was lost
            met.add(mark.nonce)
            return ownership.is_ours(mark, state, desired) or mark.nonce == nonce

        live = self.kind.reconcile(context.service(desired), id_, desired, state, nonce, owned, context.effects, shown)
        if met - {nonce}:  # it was imported, and its marker was another state's until now
            adoption.settled(context, desired, live, nonce)
        return {**context.outputs(desired, nonce, state), **self.kind.withheld(desired, state)}

    def delete(self, id_: str, state: Bag) -> None:
        """Delete the object, if it is still ours: in doubt it is left alone, and named."""
        context = self.context.about(state)
        service = context.service(state)
        collection = self.kind.collection(service)
        deletion = self.memory.deletion(id_, context.identity(state), forced=context.is_forced(id_, state))
        recent = self._undoubted(collection, id_, state, deletion)
        if recent is not None and collection.delete_at_once(recent):
            return
        said: set[str] = set()

        def allowed() -> None:  # as it is then: others may have written to it while it was waited for
            for line in self._require_deletable(context, collection.get(id_), state, deletion):
                if line not in said:
                    context.effects.warn(line)
                said.add(line)

        with contextlib.suppress(_Stays):
            collection.delete(id_, lambda: self.kind.users(service, id_), allowed=allowed)

    def _require_deletable(self, context: Context[L], live: L, state: Bag, deletion: Deletion) -> Iterator[str]:
        """Yield what a person is told of an object that is deleted. Raises if it is left alone."""
        named = f"{self.kind.noun} {state['name']} ({live.id})"
        if live.id in self.memory.acquired:  # by a forced replacement, or adopted under another name
            context.effects.info(f"{named} stays: this pulumi up has taken it over")
            raise _Stays
        mark = marker.find(live.description)
        if mark is not None and not ownership.is_ours(mark, state):
            context.effects.warn(
                f"{named} is not deleted: its marker says {mark.owner}.{mark.nonce}, and not the nonce of this state, so it "
                "may be another state's; aep-streaming orphans names what no state has"
            )
            raise _Stays
        self._refuse_to_move(live.id, state)
        yield from self.kind.before_delete(state, live, deletion)

    def _undoubted(self, collection: Collection[L], id_: str, state: Bag, deletion: Deletion) -> Recent[L] | None:
        """Return an object that a recent page shows as one to delete, if what others do meanwhile changes nothing about that.

        Whoever takes it over waits until no such page is left. A marker is needed, so that it shows whose the object is.
        """
        if deletion.is_of_a_replacement or state.get("selectorOwnership") == "additive" or id_ in self.memory.acquired:
            return None
        if not state.get("nonce"):
            return None
        recent = collection.get_recent(id_)
        mark = marker.find(recent.live.description) if recent else None
        if recent is None or mark is None or mark.nonce != state["nonce"]:
            return None
        try:
            self._refuse_to_move(id_, state)
            return None if list(self.kind.before_delete(state, recent.live, deletion)) else recent
        except Conflict:
            return None

    def _refuse_to_move(self, id_: str, state: Bag) -> None:
        """Raise `Conflict` if a forced replacement, which sees no old inputs, has made this again in another sandbox."""
        sandbox = state.get("sandboxName", "")
        other = self.memory.sandboxes.get(self.context.identity(state), sandbox)
        if other != sandbox and all(old.id != id_ for old in list(self.memory.replaced.values())):
            message = (
                f"{id_} lives in sandbox {sandbox}, and a forced replacement made another in sandbox {other}. The next pulumi "
                "up deletes it, unless its entry is taken out of state first (pulumi stack export, and import)"
            )
            raise Conflict(message)

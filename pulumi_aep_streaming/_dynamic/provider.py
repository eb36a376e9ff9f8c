"""The verbs that the engine calls on a dynamic provider, handed on to the lifecycle.

A program loads this module, too, and only for the name of the provider's class: what serves a call is loaded by `configure`,
which the engine calls first.
"""

from __future__ import annotations

import os
import threading
from typing import TYPE_CHECKING, Any

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

from pulumi_aep_streaming._core.values import Bag
from pulumi_aep_streaming._dynamic.call import caller_is_gone, foreseen
from pulumi_aep_streaming._dynamic.property_bags import from_engine, to_engine, without_colours_of_others
from pulumi_aep_streaming.flow_service.text_of_others import harmless

if TYPE_CHECKING:
    from pulumi_aep_streaming._core.clients import Connect
    from pulumi_aep_streaming._core.effects import Note
    from pulumi_aep_streaming._core.kinds.kind import Kind
    from pulumi_aep_streaming._core.lifecycle import Lifecycle
    from pulumi_aep_streaming._core.process_memory import Memory
    from pulumi_aep_streaming._core.settings import Settings


class FlowServiceProvider(ResourceProvider):
    """Base of the four providers: a subclass says which kind it is of.

    Pickled by reference into every state: module and class names are frozen, and instances carry nothing until `configure`.
    """

    serialize_as_secret_always = False
    lifecycle: Lifecycle[Any]

    @property
    def kind(self) -> Kind[Any]:
        """The kind. Imported when it is first needed: it takes longer to load than all that a program needs of ours."""
        raise NotImplementedError

    def configure(self, req: ConfigureRequest) -> None:
        """Store the settings. It runs in every preview, so it may not fail, ask, or call anything."""
        from pulumi_aep_streaming._core import process_memory, settings  # noqa: PLC0415 (no program needs them: see above)

        config = {key: req.config.get(key) for key in (*settings.KEYS, settings.EXPLICIT)}
        self.serve(settings.load(config, os.environ), process_memory.process)
        _warn_once(tuple(settings.unknown(_keys_in(req, settings.NAMESPACE))))

    def serve(self, settings: Settings, memory: Memory, connect: Connect | None = None) -> None:
        """Work under these settings from now on, with what a process remembers; `connect` is as for `Context`."""
        from pulumi_aep_streaming._core.context import Context  # noqa: PLC0415 (no program needs what follows: see above)
        from pulumi_aep_streaming._core.effects import Effects  # noqa: PLC0415
        from pulumi_aep_streaming._core.lifecycle import Lifecycle  # noqa: PLC0415

        name, effects = type(self).__name__.removesuffix("Provider"), Effects(say, caller_is_gone)
        self.lifecycle = Lifecycle(Context(name, lambda: self.kind, settings, memory, effects, connect))
        _warn_once(settings.warnings)

    def check(self, _olds: Bag, news: Bag) -> CheckResult:
        """Validate and complete the inputs; unknowns pass through."""
        inputs, problems = self.lifecycle.check(from_engine(news), from_engine(_olds))
        # No property is named, as the engine would print its value.
        return CheckResult(to_engine(inputs), [CheckFailure("", harmless(line)) for line in problems])

    def diff(self, _id: str, _olds: Bag, _news: Bag) -> DiffResult:
        """Compare declared inputs with state."""
        found = self.lifecycle.diff(_id, from_engine(_news), from_engine(_olds))
        return DiffResult(changes=bool(found.changed), replaces=found.replaced)

    @foreseen("create")
    def create(self, props: Bag) -> CreateResult:
        """Make the object, or take over one that exists."""
        id_, state = self.lifecycle.create(from_engine(props))
        return CreateResult(id_, without_colours_of_others(state, props))

    @foreseen("read")
    def read(self, id_: str, props: Bag) -> ReadResult:
        """Return the object as inputs and outputs. Absent: an empty result."""
        found = self.lifecycle.read(id_, from_engine(props))
        if found is None:
            return ReadResult("", {})
        return ReadResult(id_, *(without_colours_of_others(bag, props) for bag in (found.state, found.inputs)))

    @foreseen("update")
    def update(self, _id: str, _olds: Bag, _news: Bag) -> UpdateResult:
        """Change the object in place."""
        state = self.lifecycle.update(_id, from_engine(_news), from_engine(_olds))
        return UpdateResult(without_colours_of_others(state, _news, _olds))

    @foreseen("delete")
    def delete(self, _id: str, _props: Bag) -> None:
        """Delete the object."""
        self.lifecycle.delete(_id, from_engine(_props))


def say(note: Note) -> None:
    """Show a note to the person who runs `pulumi`."""
    if note.severity == "warning":
        pulumi.log.warn(harmless(note.text))
        return
    # Ended by a line break, as the engine would glue the next message to it.
    below = "".join(f"\n  {harmless(line)}" for line in note.below)
    pulumi.log.info(f"{harmless(note.text)}{' ' if below else ''}{below}\n")


def _keys_in(req: ConfigureRequest, namespace: str) -> frozenset[str]:
    """Return the keys of the config, which Pulumi's class does not list; none if the project's own are in our namespace."""
    if getattr(req.config, "_project_name", "") == namespace:
        return frozenset()
    return frozenset(getattr(req.config, "_props", {}))


_warned: set[str] = set()
_warning = threading.Lock()


def _warn_once(lines: tuple[str, ...]) -> None:
    """Show each warning once a process: every kind of resource configures its own provider from the same settings."""
    with _warning:
        fresh = [line for line in lines if line not in _warned]
        _warned.update(fresh)
    for line in fresh:
        pulumi.log.warn(harmless(line))

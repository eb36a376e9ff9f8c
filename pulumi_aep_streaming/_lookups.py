"""How look-ups work: whose settings, now or later, one listing per sandbox and run, one or none or several."""

from __future__ import annotations

import asyncio
import os
import threading
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Generic, Protocol, TypeVar
from weakref import WeakKeyDictionary

import pulumi
from pulumi.runtime.config import get_config
from pulumi.runtime.sync_await import _sync_await

from pulumi_aep_streaming import _config
from pulumi_aep_streaming._specs import did_you_mean
from pulumi_aep_streaming.flow_service.errors import FlowServiceError, NoCredentials, NotFound

if TYPE_CHECKING:
    from pulumi_aep_streaming.flow_service.client import FlowService
    from pulumi_aep_streaming.provider import Provider


class Found(Protocol):
    """Whatever can be looked up."""

    @property
    def id(self) -> str: ...
    @property
    def name(self) -> str: ...


F = TypeVar("F", bound=Found)
T = TypeVar("T")


@dataclass(frozen=True)
class Kind(Generic[F]):
    """A kind of thing that can be looked up: what it is called, how one is read by its id, how all are listed."""

    word: str
    read: Callable[[FlowService, str], F]
    list_all: Callable[[FlowService], Iterable[F]]


@dataclass
class Run:
    """What look-ups of one run of a program share."""

    listings: dict[tuple[_config.Settings, str, str], list[Any] | FlowServiceError] = field(default_factory=dict)
    lock: threading.Lock = field(default_factory=threading.Lock)
    warned: bool = False


@dataclass(frozen=True)
class Place:
    """Where a look-up looks."""

    run: Run
    settings: _config.Settings
    sandbox: str

    @property
    def service(self) -> FlowService:
        """The client. Raises `Misconfigured`."""
        return _config.client_for(self.settings, self.sandbox)

    def listing(self, kind: Kind[F]) -> list[F]:
        """Return all things of a kind, listed once a run, also if that fails; who comes meanwhile waits for that."""
        key = (self.settings, self.sandbox, kind.word)
        with self.run.lock:
            if key not in self.run.listings:
                try:
                    self.run.listings[key] = list(kind.list_all(self.service))
                except FlowServiceError as failure:
                    self.run.listings[key] = failure
            found = self.run.listings[key]
        if isinstance(found, FlowServiceError):
            raise found
        return found


Look = Callable[..., T]
"""A look-up: takes a place, and what identifies the thing."""


def now(look: Look[T], provider: Provider | None, *, sandbox_name: str | None, **given: Any) -> T:
    """Look while the program waits. Raises `pulumi.RunError`."""
    # As Pulumi's own generated look-ups do; a provider may be configured by Outputs, such as secrets of the config.
    config = _sync_await(pulumi.Output.from_input(_config_of(provider)).future())
    if config is None:  # and by no means the environment's, which an explicit provider does not read
        message = "the settings of the provider are not known in this preview: use the _output form"
        raise pulumi.RunError(message)
    try:
        return _explained(look, _place(_this_run(), config, sandbox_name), given)
    except NoCredentials as missing:
        message = f"{missing}; a program with look-ups needs them in previews too: use the _output form, or ids from config"
        raise pulumi.RunError(message) from None


def later(look: Look[T], provider: Provider | None, **given: pulumi.Input[Any]) -> pulumi.Output[T]:
    """Look once all is known; without credentials, a preview goes on without the answer."""
    run, in_preview = _this_run(), pulumi.runtime.is_dry_run()

    def look_up(known: dict[str, Any]) -> Any:
        config, sandbox = known.pop("config"), known.pop("sandbox_name")
        try:
            return _explained(look, _place(run, config, sandbox), known)
        except NoCredentials as missing:
            if not in_preview:
                raise pulumi.RunError(str(missing)) from None
            if not run.warned:
                run.warned = True
                pulumi.log.warn(f"look-ups stay unknown in this preview: {missing}")
            return _NOTHING

    # The client secret does not make secret what is found with it.
    config = pulumi.Output.unsecret(pulumi.Output.from_input(_config_of(provider)))
    everything = pulumi.Output.all(config=config, **given)
    answer = everything.apply(lambda known: asyncio.to_thread(look_up, dict(known)))
    return answer.apply(lambda found: _unknown() if found is _NOTHING else found)


def only(kind: Kind[F]) -> Look[F]:
    """Return the look-up of the thing with an id, or of the only one with a name."""

    def look(place: Place, *, id: str | None, name: str | None) -> F:  # noqa: A002 (Pulumi's own name for it)
        if (id is None) == (name is None):
            message = f"a {kind.word} is looked up by its id or by its name: give one of them"
            raise pulumi.RunError(message)
        found = matching(kind)(place, id=id, name=name)
        if len(found) == 1:
            return found[0]
        if found:
            ids = ", ".join(sorted(thing.id for thing in found))
            message = f"{len(found)} {kind.word}s are named {name!r} in sandbox {place.sandbox}: {ids}; look it up by its id"
            raise pulumi.RunError(message)
        near = "" if name is None else did_you_mean(name, (thing.name for thing in place.listing(kind)))
        sought = f"has the id {id}" if name is None else f"is named {name!r}"
        message = f"no {kind.word} {sought} in sandbox {place.sandbox}{near}"
        raise pulumi.RunError(message)

    return look


def matching(kind: Kind[F]) -> Look[list[F]]:
    """Return the look-up of all things of a kind, or of those with an id or a name."""

    def look(place: Place, *, id: str | None, name: str | None) -> list[F]:  # noqa: A002 (Pulumi's own name for it)
        if id is None:
            return [thing for thing in place.listing(kind) if name in (None, thing.name)]
        try:
            found = kind.read(place.service, id)
        except NotFound:
            return []
        return [found] if name in (None, found.name) else []

    return look


def _explained(look: Look[T], place: Place, given: dict[str, Any]) -> T:
    """Look; a foreseen error becomes one line that says what was looked for."""
    try:
        return look(place, **given)
    except FlowServiceError as error:
        sought = next((repr(value) for value in given.values() if value is not None), "all")
        line = place.settings.in_its_words(f"cannot look up {sought}: {error}")
        raise (NoCredentials(line) if isinstance(error, NoCredentials) else pulumi.RunError(line)) from None


def _place(run: Run, config: dict[str, Any], sandbox_name: str | None) -> Place:
    settings = _config.load(config, os.environ)
    return Place(run, settings, sandbox_name or settings.get("sandboxName"))


def _config_of(provider: Provider | None) -> dict[str, Any]:
    return dict(_stack_config()) if provider is None else provider.config


def _stack_config() -> Iterator[tuple[str, str]]:
    for key in _config.KEYS:
        value = get_config(key)
        if value is not None:
            yield key, value


_NOTHING = object()
_runs: WeakKeyDictionary[pulumi.Resource, Run] = WeakKeyDictionary()


def _this_run() -> Run:
    """Return what this run shares. A process may run several programs, one after the other; nothing outlives a run."""
    stack = pulumi.runtime.get_root_resource()
    return Run() if stack is None else _runs.setdefault(stack, Run())


def _unknown() -> pulumi.Output[Any]:
    async def value(plain: T) -> T:
        return plain

    return pulumi.Output(set(), value(None), value(plain=False))

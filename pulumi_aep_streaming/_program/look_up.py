"""How look-ups work: whose settings, now or later, one listing per sandbox and run, one or none or several.

What a snapshot says in place of the service is in `held.py`.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, fields, is_dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any, Generic, Protocol, TypeVar

import pulumi
from pulumi.runtime.config import get_config
from pulumi.runtime.sync_await import _sync_await

from pulumi_aep_streaming._core.clients import client_for
from pulumi_aep_streaming._core.effects import Effects
from pulumi_aep_streaming._core.error_advice import advised
from pulumi_aep_streaming._core.settings import KEYS, Settings, load
from pulumi_aep_streaming._core.snapshot.configured import snapshot_of
from pulumi_aep_streaming._core.snapshot.contents import Snapshot
from pulumi_aep_streaming._core.specs import did_you_mean
from pulumi_aep_streaming._core.values import Bag, to_camel, to_snake, without_none
from pulumi_aep_streaming._dynamic.provider import say
from pulumi_aep_streaming._program.arguments import of_one, of_several
from pulumi_aep_streaming._program.held import Held, Unheld
from pulumi_aep_streaming._program.mocked import as_result, as_results, under_mocks
from pulumi_aep_streaming._program.run import Run, this_run
from pulumi_aep_streaming.flow_service.errors import FlowServiceError, NoCredentials, NotFound, Refused, without
from pulumi_aep_streaming.flow_service.text_of_others import colourless, harmless

if TYPE_CHECKING:
    from pulumi_aep_streaming.flow_service.client import FlowService


class Found(Protocol):
    """Whatever can be looked up."""

    @property
    def id(self) -> str: ...
    @property
    def name(self) -> str: ...


class Configured(Protocol):
    """An explicit provider."""

    config: dict[str, Any]
    """What it is configured with; each value may be an Output."""


_NOT_FOUND = 404

F = TypeVar("F", bound=Found)
T = TypeVar("T")


@dataclass(frozen=True)
class Subject(Generic[F]):
    """What can be looked up: what it is called, what a result is, how those with an id are read, how all are listed."""

    word: str
    result: type[F]
    read: Callable[[FlowService, str], Iterable[F]]
    list_all: Callable[[FlowService], Iterable[F]]
    list_named: Callable[[FlowService, str], Iterable[F]] | None = None
    """How those with a name are listed, where that is cheaper than all."""
    key: Callable[[F], str] = lambda thing: thing.id
    """What no other has, and it can be looked up by."""
    held: Held[F] | None = None
    """What a snapshot holds of it, None if it is always asked for."""


@dataclass(frozen=True)
class Session:
    """Where a look-up looks, and what it shares with others of its run."""

    run: Run
    settings: Settings
    sandbox: str

    @cached_property
    def snapshot(self) -> Snapshot | None:
        """The snapshot of the place, None if none is configured that is of it. Raises `Misconfigured`."""
        return snapshot_of(self.settings, self.settings.get("orgId"), self.sandbox)

    @property
    def service(self) -> FlowService:
        """The client. Raises `Misconfigured`."""
        return client_for(self.settings, self.sandbox, Effects(say))

    def listing(self, subject: Subject[F]) -> list[F]:
        """Return all things of a sort, listed once a run."""
        return self.run.listed(self.settings, self.sandbox, subject.word, lambda: list(subject.list_all(self.service)))

    def named(self, subject: Subject[F], name: str) -> list[F]:
        """Return those with a name, listed once a run."""
        list_named = subject.list_named
        if list_named is None:
            listed = self.listing(subject)
        else:
            word = f"{subject.word} {name}"
            listed = self.run.listed(self.settings, self.sandbox, word, lambda: list(list_named(self.service, name)))
        return [thing for thing in listed if thing.name == name]


@dataclass(frozen=True)
class Look(Generic[T]):
    """A look-up."""

    function: str
    """What it is called in the mocks of a unit test: `getSegment`."""
    answer: Callable[..., T]
    """Takes a session, and what identifies the thing."""
    mocked: Callable[[Mapping[str, Any]], T]
    """Takes what the mocks answer instead."""
    refuse: Callable[[str, Mapping[str, Any]], None] = of_several
    """Takes what the function is called, and its arguments. Raises `pulumi.RunError` for what cannot be meant."""


def now(look: Look[T], provider: Configured | None, *, sandbox_name: str | None, **given: Any) -> T:
    """Look while the program waits. Raises `pulumi.RunError`."""
    if under_mocks():
        found = pulumi.runtime.invoke(*_invocation(look, provider, {**given, "sandbox_name": sandbox_name}))
        return look.mocked(found.value or {})
    look.refuse(to_snake(look.function), {**given, "sandbox_name": sandbox_name})
    # As Pulumi's own generated look-ups do; a provider may be configured by Outputs, such as secrets of the config.
    config = _sync_await(pulumi.Output.from_input(_config_of(provider)).future())
    if config is None:  # and by no means the environment's, which an explicit provider does not read
        message = "the settings of the provider are not known in this preview: use the _output form"
        raise pulumi.RunError(message)
    try:
        return _explained(look, _session(this_run(), config, sandbox_name), given)
    except NoCredentials as missing:
        message = f"{missing}; a program with look-ups needs them in previews too: use the _output form, or ids from config"
        raise pulumi.RunError(message) from None


def later(look: Look[T], provider: Configured | None, **given: pulumi.Input[Any]) -> pulumi.Output[T]:
    """Look once all is known; without credentials, a preview goes on without the answer."""
    if under_mocks():
        return pulumi.Output.all(**given).apply(lambda known: _mocked_later(look, provider, known))
    run = this_run()

    def look_up(known: dict[str, Any]) -> T:
        config = known.pop("config")
        look.refuse(f"{to_snake(look.function)}_output", known)
        sandbox = known.pop("sandbox_name")
        return _explained(look, _session(run, config, sandbox), known)

    # The client secret does not make secret what is found with it.
    settled = pulumi.Output.unsecret(pulumi.Output.from_input(_config_of(provider)))
    everything = pulumi.Output.all(config=settled, **given)
    answer = everything.apply(lambda known: _settled(run, given, known, asyncio.to_thread(look_up, dict(known))))
    return answer.apply(lambda found: _unknown() if found is _NOTHING else found)


async def _settled(run: Run, given: Mapping[str, Any], known: Mapping[str, Any], answer: Awaitable[T]) -> Any:
    """Wait for an answer; without credentials a preview gets none. No line shows anything that was given as a secret."""
    in_preview = pulumi.runtime.is_dry_run()
    secret = [known[name] for name, value in given.items() if await pulumi.Output.from_input(value).is_secret()]
    try:
        return await answer
    except (pulumi.RunError, NoCredentials) as failure:
        line = without([value for value in secret if isinstance(value, str)], str(failure))
        if not (in_preview and isinstance(failure, NoCredentials)):
            raise pulumi.RunError(line) from None
        topic = line if isinstance(failure, Unheld) else ""
        if topic not in run.warned:
            run.warned.add(topic)
            pulumi.log.warn(f"look-ups stay unknown in this preview: {line}")
        return _NOTHING


async def _mocked_later(look: Look[T], provider: Configured | None, given: dict[str, Any]) -> T:
    return look.mocked(await pulumi.runtime.invoke_async(*_invocation(look, provider, given)) or {})


def only(subject: Subject[F]) -> Look[F]:
    """Return the look-up of the thing with an id, or of the only one with a name."""

    def look(session: Session, *, id: str | None, name: str | None) -> F:  # noqa: A002 (Pulumi's own name for it)
        found = _matching(subject, session, id, name)
        if len(found) == 1:
            return found[0]
        if found:
            ids = ", ".join(sorted(map(subject.key, found)))
            sought = f"have the id {id}" if name is None else f"are named {name!r}"
            message = f"{len(found)} {subject.word}s {sought} in sandbox {session.sandbox}: {ids}; look it up by its id"
            raise pulumi.RunError(harmless(message))
        near = "" if name is None else did_you_mean(name, (thing.name for thing in session.listing(subject)))
        sought = f"has the id {id}" if name is None else f"is named {name!r}"
        message = f"no {subject.word} {sought} in sandbox {session.sandbox}{near}"
        raise pulumi.RunError(harmless(message))

    return Look(_function(subject.word), look, lambda answer: as_result(subject.result, answer), of_one)


def matching(subject: Subject[F]) -> Look[list[F]]:
    """Return the look-up of all things of a sort, or of those with an id or a name."""

    def look(session: Session, *, id: str | None, name: str | None) -> list[F]:  # noqa: A002 (Pulumi's own name for it)
        return _matching(subject, session, id, name)

    return Look(_function(f"{subject.word}s"), look, lambda answer: as_results(subject.result, answer))


def _matching(subject: Subject[F], session: Session, id_: str | None, name: str | None) -> list[F]:
    def ask() -> list[F]:
        return _asked(subject, session, id_, name)

    snapshot = session.snapshot if subject.held else None
    found = subject.held.answer(snapshot, id_, name, ask) if subject.held and snapshot else ask()
    session.run.found.update(map(subject.key, found))
    return sorted(found, key=subject.key) if subject.held else found


def _asked(subject: Subject[F], session: Session, id_: str | None, name: str | None) -> list[F]:
    if id_ is None:
        return session.listing(subject) if name is None else session.named(subject, name)
    try:
        return [thing for thing in subject.read(session.service, id_) if name in (None, thing.name)]
    except Refused as refused:
        # A slash in an id is quoted, and many a server answers that with a page of its own: no such thing can be there.
        no_such_path = refused.status == _NOT_FOUND and not refused.code and "/" in id_
        if isinstance(refused, NotFound) or no_such_path:
            return []
        raise


def _invocation(look: Look[T], provider: Any, given: dict[str, Any]) -> tuple[str, Bag, pulumi.InvokeOptions]:
    arguments = {to_camel(name): value for name, value in without_none(given).items()}
    return f"aep:index:{look.function}", arguments, pulumi.InvokeOptions(provider=provider)


def _function(words: str) -> str:
    return to_camel(f"get {words}".replace(" ", "_"))


def _explained(look: Look[T], session: Session, given: dict[str, Any]) -> T:
    """Look; a foreseen error becomes one line that says what was looked for."""
    try:
        return _showable(look.answer(session, **given))
    except FlowServiceError as error:
        sought = next((repr(value) for value in given.values() if value is not None), "all")
        line = harmless(session.settings.in_its_words(f"cannot look up {sought}: {advised(error)}"))
        raise (type(error)(line) if isinstance(error, NoCredentials) else pulumi.RunError(line)) from None


def _showable(found: T) -> T:
    """Return what was found as the engine can show it: a program may export it."""
    if isinstance(found, list):
        return [_showable(each) for each in found]  # type: ignore[return-value]  # a list of what was in it
    if not is_dataclass(found) or isinstance(found, type):
        return colourless(found)
    return replace(found, **{field.name: _showable(getattr(found, field.name)) for field in fields(found)})


def _session(run: Run, config: dict[str, Any], sandbox_name: str | None) -> Session:
    settings = load(config, os.environ)
    return Session(run, settings, sandbox_name or settings.get("sandboxName"))


def _config_of(provider: Configured | None) -> dict[str, Any]:
    return dict(_stack_config()) if provider is None else provider.config


def _stack_config() -> Iterator[tuple[str, str]]:
    for key in KEYS:
        value = get_config(key)
        if value is not None:
            yield key, value


_NOTHING = object()


def _unknown() -> pulumi.Output[Any]:
    async def value(plain: T) -> T:
        return plain

    return pulumi.Output(set(), value(None), value(plain=False))

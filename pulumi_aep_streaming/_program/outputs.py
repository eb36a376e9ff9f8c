"""Arguments that may be Outputs: converted, checked and completed now, or once they are known."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import fields
from typing import Any

import pulumi

from pulumi_aep_streaming._core.specs import did_you_mean

_LEAST_OVERFLOW = 2**1024


def then(value: pulumi.Input[Any], convert: Callable[[Any], Any]) -> Any:
    """Convert a value now, or, if it is an Output, once it is known; a None stays None."""
    if is_later(value):
        return pulumi.Output.from_input(value).apply(lambda known: None if known is None else _flat(convert(known)))
    return None if value is None else convert(value)


def defaulted(value: pulumi.Input[Any] | None, default: Any) -> Any:
    """Return a value, or the default where it is None; an Output of None is no value, either."""
    if is_later(value):
        return pulumi.Output.from_input(value).apply(lambda known: default if known is None else known)
    return default if value is None else value


def given(where: str, value: pulumi.Input[Any] | None) -> Any:
    """Return a value that must be there. Raises `pulumi.RunError` for None and an empty text, also once an Output is known."""
    if is_later(value):
        return pulumi.Output.from_input(value).apply(lambda known: given(where, known))
    if value is None or value == "":
        message = f"{where}: required, but it is {value!r}"
        raise pulumi.RunError(message)
    return value


def id_to_read(where: str, value: pulumi.Input[Any] | None) -> Any:
    """Return the id of an object to read. Raises `pulumi.RunError` for what is none, also once an Output is known.

    It is no secret, even if it comes from one: the engine shows ids, and the SDK cannot send a secret one.
    """
    if is_later(value):
        return pulumi.Output.unsecret(pulumi.Output.from_input(value).apply(lambda known: id_to_read(where, known)))
    if not isinstance(given(where, value), str):
        message = f"{where}: must be a string, not {type(value).__name__}"
        raise pulumi.RunError(message)
    return value


def without_nothing(where: str, members: Any) -> Any:
    """Return credentials as they are. Raises `pulumi.RunError` for a member that is None, also once an Output is known.

    The engine drops it on its way, and what is sent without it would take it away.
    """
    if is_later(members):
        return pulumi.Output.from_input(members).apply(lambda known: without_nothing(where, known))
    if not isinstance(members, Mapping):
        return members
    return {key: _something(f"{where}.{key}", value) for key, value in members.items()}


def _something(where: str, value: Any) -> Any:
    if is_later(value):
        return pulumi.Output.from_input(value).apply(lambda known: _something(where, known))
    if value is None:
        message = f"{where}: None; leave it out if it is none of the credentials"
        raise pulumi.RunError(message)
    return value


def secret_inputs(bag: Mapping[str, Any], named: Iterable[str] = ()) -> Any:
    """Return the paths of properties that the program marked secret; of a list, the path is the list's. None if there are none.

    `named` are those that its options name. The SDK of dynamic providers strips the mark, so that a provider has to be told
    what no line may show.
    """
    always = {path.partition("[")[0] for path in named}
    later = list(_later_in(bag))
    if not later:
        return sorted(always) or None

    async def paths() -> list[str] | None:
        return sorted({path for path, output in later if await output.is_secret()} | always) or None

    return pulumi.Output.from_input(paths())


def none_params(params: Any) -> Any:
    """Return where parameters are None, as lists of keys, now or once Outputs are known; [] for all of them. None if nowhere.

    The engine drops such members on their way, so that a provider has to be told that they were not left out.
    """
    places = list(_nothing_in(params))
    if not any(is_later(value) for _, value in places):
        return [place for place, _ in places] or None

    async def found() -> list[list[str]] | None:
        resolved = [(place, await _if_known(value)) for place, value in places]
        return [[*place, *deeper] for place, value in resolved for deeper, _ in _nothing_in(value)] or None

    return pulumi.Output.from_input(found())


def _nothing_in(value: Any) -> Iterator[tuple[list[str], Any]]:
    """Yield what is None in an object, or may come to be, with the keys that lead to it."""
    if value is None or is_later(value):
        yield [], value
    elif isinstance(value, Mapping):
        for key, member in value.items():
            yield from (([key, *deeper], nothing) for deeper, nothing in _nothing_in(member))


async def _if_known(value: Any) -> Any:
    """Return what an Output is, and nothing of interest for one that only `up` will know."""
    output = pulumi.Output.from_input(value)
    return await output.future(with_unknowns=True) if await output.is_known() else ""


def _later_in(value: Any, path: str = "") -> Iterator[tuple[str, pulumi.Output[Any]]]:
    """Yield what is not there yet, with its path."""
    if is_later(value):
        yield path, pulumi.Output.from_input(value)
    elif isinstance(value, Mapping):
        for key, member in value.items():
            yield from _later_in(member, f"{path}.{key}" if path else str(key))
    elif isinstance(value, Sequence) and not isinstance(value, str | bytes):
        for item in value:
            yield from ((path, output) for _, output in _later_in(item, path))


def refuse_none(resource_name: str, instead: str, **arguments: Any) -> None:
    """Raise `pulumi.RunError` for an argument that is None, where its default would take away what is there."""
    for name, value in arguments.items():
        if value is None:
            message = f"{resource_name}: {name}: None; {instead}"
            raise pulumi.RunError(message)


def agreeing(value: pulumi.Input[Any], other: pulumi.Output[Any], agree: Callable[[Any, Any], None]) -> pulumi.Output[Any]:
    """Return a value as it is, known if it is; `agree` raises if it and the other contradict each other."""
    own = pulumi.Output.from_input(value)

    async def resolved() -> Any:
        if await own.is_known() and await other.is_known():
            agree(await own.future(), await other.future())
        return await own.future()

    async def dependencies() -> set[pulumi.Resource]:
        return await own.resources()

    return pulumi.Output(dependencies(), resolved(), own.is_known(), own.is_secret())


def in_clear(value: pulumi.Input[Any], convert: Callable[[Any], Any]) -> Any:
    """Convert a value as `then` does; the result is no secret, even if the value is."""
    converted = then(value, convert)
    return pulumi.Output.unsecret(converted) if is_later(value) else converted


def is_later(value: Any) -> bool:
    """Whether a value is not there yet: an Output, or something else to wait for."""
    return isinstance(value, pulumi.Output | Awaitable)


def each(values: pulumi.Input[Any], convert: Callable[[Any], Any]) -> Any:
    """Convert each item of a list; the list, or any item of it, may be an Output. `check` refuses what is no list."""

    def convert_all(known: Any) -> Any:
        listed = isinstance(known, Iterable) and not isinstance(known, str | Mapping)
        return [then(item, convert) for item in known] if listed else known

    return then(values, convert_all)


def spelled_out(where: str, value: Any, classes: Sequence[Any]) -> Any:
    """Return the Args that a dict spells out: of those that share most keys with it, the ones that have fewest others.

    Other values stay as they are.

    Raises `pulumi.RunError` for a key that they do not have, and for one that they need.
    """
    if not isinstance(value, Mapping):
        return value
    arguments = {class_: {field.name for field in fields(class_)} for class_ in classes}
    class_ = max(classes, key=lambda class_: (len(arguments[class_] & value.keys()), -len(arguments[class_])))
    for key in sorted(value.keys() - arguments[class_], key=str):
        message = f"{where}: unknown key {key}{did_you_mean(str(key), arguments[class_])}"
        raise pulumi.RunError(message)
    try:
        return class_(**value)
    except TypeError as incomplete:
        message = f"{where}: {str(incomplete).partition('() ')[2]}"
        raise pulumi.RunError(message) from None


def refuse_unsendable(where: str, value: Any, of_class: str = "") -> None:
    """Raise `pulumi.RunError` for what no property can hold: the SDK would show a traceback that names no property.

    A resource stands for its id, where that of a resource of this class is wanted; anywhere else it cannot be meant.
    """
    if isinstance(value, str) and not _is_unicode(value):
        message = f"{where}: holds half a character (a lone surrogate), which cannot be sent"
        raise pulumi.RunError(message)
    if isinstance(value, int) and abs(value) >= _LEAST_OVERFLOW:
        message = f"{where}: no number that the engine can carry; pass it as text"
        raise pulumi.RunError(message)
    if value is None or is_later(value) or isinstance(value, str | int | float):
        return
    if isinstance(value, pulumi.Resource):
        _refuse_resource(where, value, of_class)
    elif isinstance(value, Mapping):
        for key, member in value.items():
            if not isinstance(key, str):
                message = f"{where}: the key {key!r} must be a string"
                raise pulumi.RunError(message)
            refuse_unsendable(where, key)
            refuse_unsendable(f"{where}.{key}", member, of_class)
    elif isinstance(value, Sequence) and not isinstance(value, bytes):
        for position, item in enumerate(value):
            refuse_unsendable(f"{where}[{position}]", item, of_class)
    else:
        message = f"{where}: {type(value).__name__} is no value that it can have"
        raise pulumi.RunError(message)


def sendable(where: str, value: Any) -> Any:
    """Return a value whose Outputs raise, once they are known, what `refuse_unsendable` raises; they may hold resources."""
    if is_later(value):  # an Output as it is: `from_input` looks into its value, and fails for a key that is no text
        output = value if isinstance(value, pulumi.Output) else pulumi.Output.from_input(value)
        return output.apply(lambda known: _sendable_now(where, known))
    if not _holds_later(value):
        return value
    if isinstance(value, Mapping):
        return {key: sendable(f"{where}.{key}", member) for key, member in value.items()}
    return [sendable(f"{where}[{position}]", item) for position, item in enumerate(value)]


def _sendable_now(where: str, known: Any) -> Any:
    refuse_unsendable(where, known, "Resource")
    return sendable(where, known)


def _holds_later(value: Any) -> bool:
    members = value.values() if isinstance(value, Mapping) else value
    is_list = isinstance(members, Iterable) and not isinstance(value, str | bytes | pulumi.Output)
    return is_later(value) or (is_list and any(map(_holds_later, members)))


def _is_unicode(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def _refuse_resource(where: str, resource: pulumi.Resource, of_class: str) -> None:
    """Raise `pulumi.RunError` for a resource of another class than is wanted: the SDK would send its id, whatever that is."""
    classes = [class_.__name__ for class_ in type(resource).__mro__]
    if not of_class:
        message = f"{where}: a text is wanted, and this is a resource ({classes[0]}): pass a property of it, such as .name"
        raise pulumi.RunError(message)
    if of_class not in classes:
        message = f"{where}: must be a {of_class} or the id of one, not a {classes[0]}"
        raise pulumi.RunError(message)


def id_of(where: str, class_: type[pulumi.CustomResource], resource: Any) -> pulumi.Output[str]:
    """Return the id of a resource, or an id as it is.

    Raises `pulumi.RunError` for a resource of another class, and for no id.
    """
    refuse_unsendable(where, resource, class_.__name__)
    return resource.id if isinstance(resource, class_) else pulumi.Output.from_input(given(where, resource))


def _flat(value: Any) -> Any:
    """An Output of something that holds Outputs has to resolve them, too."""
    return pulumi.Output.from_input(value)

"""The program's side of a resource: from Python arguments to the property bag that the engine keeps."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import fields
from typing import Any
from weakref import WeakKeyDictionary

import pulumi
import pulumi.dynamic
from typing_extensions import Self  # a dependency of pydantic; typing has it from 3.11 on

from pulumi_aep_streaming import _marker
from pulumi_aep_streaming._provider import FlowServiceProvider
from pulumi_aep_streaming._specs import did_you_mean
from pulumi_aep_streaming._values import to_camel, to_snake

PACKAGE = "pulumi-python"
"""The package that the engine sees behind every dynamic resource; the key of explicit providers in a `providers` map."""
_LEAST_OVERFLOW = 2**1024
_OPTIONS_WITH_NAMES = ("ignore_changes", "replace_on_changes", "additional_secret_outputs")


class FlowServiceResource(pulumi.dynamic.Resource):
    """Base of the four resources: property names, the ownership marker, and the options that name properties."""

    def __init__(
        self,
        provider: FlowServiceProvider,
        resource_name: str,
        properties: Mapping[str, Any],
        opts: pulumi.ResourceOptions | None,
    ) -> None:
        refuse_lost_providers(opts)
        if opts is not None and opts.import_ is not None:
            instead = f"give adopt_id={opts.import_!r}, or run aep-streaming adopt"
            message = f"import_: the engine cannot import dynamic resources: {instead}"
            raise pulumi.RunError(message)
        opts = _with_property_names(opts)
        # A property becomes an attribute only if it is in the bag, if only as None.
        bag: dict[str, Any] = {**dict.fromkeys(("orgId", "managedBy", "nonce")), **properties}
        if opts.id is None:
            claim_place(type(self), resource_name, opts.parent)
            bag["name"] = defaulted(bag["name"], resource_name)
            bag["managedBy"] = self._owner(resource_name, opts)
        for key, value in bag.items():
            refuse_unsendable(f"{resource_name}: {to_snake(key)}", value)
        super().__init__(provider, resource_name, bag, opts)

    @property
    @pulumi.getter
    def name(self) -> pulumi.Output[str]:
        """The name of the object in Flow Service. Updated in place."""
        return pulumi.get(self, "name")

    @property
    @pulumi.getter
    def description(self) -> pulumi.Output[str | None]:
        """The description, without the ownership marker. Updated in place."""
        return pulumi.get(self, "description")

    @property
    @pulumi.getter(name="sandboxName")
    def sandbox_name(self) -> pulumi.Output[str]:
        """The sandbox that the object lives in. A changed argument replaces the object."""
        return pulumi.get(self, "sandboxName")

    @property
    @pulumi.getter(name="orgId")
    def org_id(self) -> pulumi.Output[str]:
        """The organization that the object lives in, `...@AdobeOrg`."""
        return pulumi.get(self, "orgId")

    @classmethod
    def _reference(
        cls,
        provider: FlowServiceProvider,
        resource_name: str,
        id_: pulumi.Input[str],
        sandbox_name: pulumi.Input[str] | None,
        opts: pulumi.ResourceOptions | None,
    ) -> Self:
        """Return a read-only reference: the engine reads it, and never updates or deletes it."""
        reference = cls.__new__(cls)
        opts = pulumi.ResourceOptions.merge(opts, pulumi.ResourceOptions(id=given(f"{resource_name}: id", id_)))
        properties = {**dict.fromkeys(map(to_camel, provider.inputs.model_fields)), "sandboxName": sandbox_name}
        FlowServiceResource.__init__(reference, provider, resource_name, properties, opts)
        return reference

    def _owner(self, resource_name: str, opts: pulumi.ResourceOptions) -> pulumi.Input[str]:
        organization, kind = pulumi.get_organization(), f"{PACKAGE}:{self._resource_type_name}"
        if opts.parent is None:  # no Output is needed, and many of them take their time
            urn = f"urn:pulumi:{pulumi.get_stack()}::{pulumi.get_project()}::{kind}::{resource_name}"
            return _marker.owner(organization, urn)
        owner = pulumi.create_urn(resource_name, kind, opts.parent).apply(lambda known: _marker.owner(organization, known))
        # A URN depends on the parent's; as an input, it would make a component depend on its own child.
        return pulumi.Output(set(), owner.future(), owner.is_known())  # type: ignore[arg-type]  # None only if unknown


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


def refuse_none(resource_name: str, instead: str, **arguments: Any) -> None:
    """Raise `pulumi.RunError` for an argument that is None, where its default would take away what is there."""
    for name, value in arguments.items():
        if value is None:
            message = f"{resource_name}: {name}: None; {instead}"
            raise pulumi.RunError(message)


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


def spelled_out(where: str, value: Any, kinds: Sequence[Any]) -> Any:
    """Return the Args that a dict spells out: those of the kinds that share most keys with it. Other values stay as they are.

    Raises `pulumi.RunError` for a key that they do not have, and for one that they need.
    """
    if not isinstance(value, Mapping):
        return value
    arguments = {kind: {field.name for field in fields(kind)} for kind in kinds}
    kind = max(kinds, key=lambda kind: len(arguments[kind] & value.keys()))
    for key in sorted(value.keys() - arguments[kind], key=str):
        message = f"{where}: unknown key {key}{did_you_mean(str(key), arguments[kind])}"
        raise pulumi.RunError(message)
    try:
        return kind(**value)
    except TypeError as incomplete:
        message = f"{where}: {str(incomplete).partition('() ')[2]}"
        raise pulumi.RunError(message) from None


def refuse_unsendable(where: str, value: Any) -> None:
    """Raise `pulumi.RunError` for what no property can hold: the SDK would show a traceback that names no property."""
    if isinstance(value, int) and abs(value) >= _LEAST_OVERFLOW:
        message = f"{where}: no number that the engine can carry; pass it as text"
        raise pulumi.RunError(message)
    if value is None or is_later(value) or isinstance(value, str | int | float | pulumi.Resource):
        return
    if isinstance(value, Mapping):
        for key, member in value.items():
            if not isinstance(key, str):
                message = f"{where}: the key {key!r} must be a string"
                raise pulumi.RunError(message)
            refuse_unsendable(f"{where}.{key}", member)
    elif isinstance(value, Sequence) and not isinstance(value, bytes):
        for position, item in enumerate(value):
            refuse_unsendable(f"{where}[{position}]", item)
    else:
        message = f"{where}: {type(value).__name__} is no value that it can have"
        raise pulumi.RunError(message)


def without_none(members: Mapping[str, Any]) -> dict[str, Any]:
    """Return the members that were given."""
    return {key: value for key, value in members.items() if value is not None}


def refuse_lost_providers(opts: pulumi.ResourceOptions | None) -> None:
    """Refuse explicit providers that the engine would not use, or would use the last of, without a word.

    Raises `pulumi.RunError`.
    """
    opts = opts or pulumi.ResourceOptions()
    given: Any = opts.providers or []
    inherited = opts.parent._providers if opts.parent else {}  # noqa: SLF001 (the only trace of a wrong key that is left)
    for bag in (given, inherited):
        for key, provider in bag.items() if isinstance(bag, Mapping) else ():
            if provider.package == PACKAGE and key != PACKAGE:
                message = f"providers: the key {key!r} is not looked at for this package; use provider=, or a list of providers"
                raise pulumi.RunError(message)
    listed = [*([opts.provider] if opts.provider else []), *(given.values() if isinstance(given, Mapping) else given)]
    ours = {id(provider) for provider in listed if provider.package == PACKAGE}
    if len(ours) > 1:
        message = "providers: two of this package for one resource; its children can have only one: give each its own"
        raise pulumi.RunError(message)


def claim_place(kind: type, name: str, parent: pulumi.Resource | None, *, to_take_over: bool = False) -> None:
    """Note that a resource stands somewhere, or that a component takes over what stood there until now.

    Raises `pulumi.RunError` if a program does both: the engine would notice only after it has moved the resource.
    """
    stack = pulumi.runtime.get_root_resource()
    if stack is None:  # no program is running, as in unit tests with mocks
        return
    place = (kind, name, 0 if parent in (None, stack) else id(parent))
    if _places.setdefault(stack, {}).setdefault(place, to_take_over) != to_take_over:
        message = f"{name}: a resource of this name stands beside a StreamingDestination with such a child: rename one"
        raise pulumi.RunError(message)


_places: WeakKeyDictionary[pulumi.Resource, dict[Any, bool]] = WeakKeyDictionary()


def _flat(value: Any) -> Any:
    """An Output of something that holds Outputs has to resolve them, too."""
    return pulumi.Output.from_input(value)


def _with_property_names(opts: pulumi.ResourceOptions | None) -> pulumi.ResourceOptions:
    """Spell property names as state does; the engine ignores a name that it does not know, without a word."""
    mapped = pulumi.ResourceOptions.merge(None, opts)
    for option in _OPTIONS_WITH_NAMES:
        names = getattr(mapped, option)
        if names is not None:
            setattr(mapped, option, [_property_path(name) for name in names])
    return mapped


def _property_path(path: str) -> str:
    """Return `sourceConnectionIds[0]` for `source_connection_ids[0]`; what follows the first name is spelled as in state."""
    first = re.match(r"[a-z_]+", path)
    return to_camel(first[0]) + path[first.end() :] if first and "_" in first[0].strip("_") else path

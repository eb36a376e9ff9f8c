"""Args whose fields are members of an object in Flow Service: spelled by one rule, with what is secret marked on the field."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import MISSING, Field, fields
from typing import Any, ClassVar, Protocol, TypeVar

import pulumi

from pulumi_aep_streaming._core.specs import ConnectionSpecId, Keys
from pulumi_aep_streaming._core.values import to_camel, without_none

SECRET = {"secret": True}
"""Metadata of a field whose value is secret."""
ONE_OF = {"one_of": True}
"""Metadata of fields of which at least one is needed."""
OTHER_TYPE = {"other_type": True}
"""Metadata of a field whose value is no text."""
NAME = {"name": True}
"""Metadata of a field that holds the bare name of something in a cloud: no ARN, and no path."""
REGION = {"region": True}
"""Metadata of a field that holds a region of AWS."""
NO_MEMBER = {"no_member": True}
"""Metadata of a field that says something of the object as a whole."""
_SENT_AS = "sent_as"


def sent_as(name: str) -> dict[str, str]:
    """Return the metadata of a field that is spelled otherwise when it is sent."""
    return {_SENT_AS: name}


class Members(Protocol):
    """A dataclass whose fields are members, most in camelCase, of an object that a connection spec describes."""

    connection_spec: ClassVar[ConnectionSpecId]
    __dataclass_fields__: ClassVar[dict[str, Field[Any]]]


M = TypeVar("M", bound=Members)


def as_members(args: Members) -> dict[str, Any]:
    """Return the members that were given, as they are sent; secret ones as secrets."""
    spellings, secrets = spellings_of(type(args)), secrets_of(type(args))
    members = without_none({name: getattr(args, name) for name in spellings})
    return {spellings[name]: pulumi.Output.secret(value) if name in secrets else value for name, value in members.items()}


def keys_of(class_: type[Members]) -> Keys:
    """Return what the members of such Args are called, and which are needed."""
    members = _members(class_)
    required = [field for field in members if field.name in required_of(class_)]
    one_of = _marked(class_, ONE_OF)
    optional = [field for field in members if field not in required and field not in one_of]
    marked = (_marked(class_, mark) for mark in (OTHER_TYPE, NAME, REGION, SECRET))
    return Keys(*(tuple(map(_wire_name, part)) for part in (required, one_of, optional, *marked)))


def required_of(class_: type[Members]) -> list[str]:
    """Return the names of the arguments that must be given."""
    return [field.name for field in fields(class_) if field.default is MISSING]


def spellings_of(class_: type[Members]) -> dict[str, str]:
    """Return the names of the arguments that are members, each with how it is sent."""
    return {field.name: _wire_name(field) for field in _members(class_)}


def secrets_of(class_: type[Members]) -> list[str]:
    """Return the names of the arguments that are secret."""
    return [field.name for field in _marked(class_, SECRET)]


def _members(class_: type[Members]) -> list[Field[Any]]:
    return [field for field in fields(class_) if field not in _marked(class_, NO_MEMBER)]


def _marked(class_: type[Members], mark: Mapping[str, bool]) -> list[Field[Any]]:
    return [field for field in fields(class_) if mark.items() <= field.metadata.items()]


def _wire_name(field: Field[Any]) -> str:
    name: str = field.metadata.get(_SENT_AS, to_camel(field.name))
    return name


def of_spec(classes: Iterable[type[M]], spec_id: str) -> list[type[M]]:
    """Return the Args that are for a connection spec."""
    return [class_ for class_ in classes if class_.connection_spec.value == spec_id]


def picked(class_: type[Members], arguments: Mapping[str, Any]) -> dict[str, Any]:
    """Return those of the arguments that such Args have."""
    return {field.name: arguments[field.name] for field in fields(class_) if field.name in arguments}

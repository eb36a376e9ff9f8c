"""Declared inputs: their types, what a change of each means, and the pure functions `check`, `differences` and `observe`.

State and wire spell keys in camelCase, Python in snake_case: the alias generator is the only place that knows.
The engine hands over numbers as floats, drops None, adds `__provider`, and passes unknowns as objects.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import Enum
from typing import Annotated, Any, TypeVar, get_args

import pulumi
from pydantic import (
    BaseModel,
    ConfigDict,
    SerializerFunctionWrapHandler,
    StringConstraints,
    ValidationError,
    WrapValidator,
    model_serializer,
    model_validator,
)
from pydantic.alias_generators import to_camel, to_snake

from pulumi_aep_streaming._specs import did_you_mean
from pulumi_aep_streaming._values import covers

Bag = dict[str, Any]
"""A property bag, as the engine keeps it: camelCase keys, plain JSON values."""


class OnChange(Enum):
    """What a change of a field leads to, where it is not an update in place."""

    REPLACE = "replace"
    IGNORE = "ignore"
    COME_LATER = "come later"
    """Where there was no value, one is no reason for an update; it goes along with the next."""


@dataclass(frozen=True)
class ReplaceOn:
    """A field that is updated in place, but replaces when this member of it changes from one value to another."""

    member: str


@dataclass(frozen=True)
class Unordered:
    """A list whose order means nothing; items are told apart by one of their members, or are plain values."""

    identity: str | None = None

    def of(self, item: Any) -> Any:
        """Return what tells an item apart; an unknown one is like no other."""
        identity = item if is_unknown(item) or self.identity is None else item.get(self.identity)
        return object() if is_unknown(identity) else identity


def is_unknown(value: Any) -> bool:
    """Whether a value is not known before `up`."""
    return isinstance(value, pulumi.output.Unknown)


def _pass_unknown(value: Any, validate: Callable[[Any], Any]) -> Any:
    return value if is_unknown(value) else validate(value)


T = TypeVar("T")
Known = Annotated[T, WrapValidator(_pass_unknown)]
"""A type that an unknown value satisfies as well."""

Text = Known[Annotated[str, StringConstraints(min_length=1)]]
Id = Known[Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9._:-]+$")]]
Place = Known[Annotated[str, StringConstraints(pattern=r"^[!-~]+$")]]
Flag = Known[bool]
Params = Known[dict[str, Any]]


class Declared(BaseModel):
    """Base of all declared objects, also nested ones."""

    model_config = ConfigDict(
        alias_generator=to_camel, extra="forbid", frozen=True, strict=True, defer_build=True, validate_default=False
    )

    @model_validator(mode="wrap")
    @classmethod
    def _unknown_as_a_whole(cls, value: Any, validate: Callable[[Any], Any]) -> Any:
        return _pass_unknown(value, validate)

    @model_serializer(mode="wrap")
    def _unknown_as_it_is(self, serialize: SerializerFunctionWrapHandler) -> Any:
        return _pass_unknown(self, serialize)


class Inputs(Declared):
    """What all four resources take."""

    name: Text
    description: Known[str] | None = None
    sandbox_name: Annotated[Place | None, OnChange.REPLACE] = None
    org_id: Annotated[Place | None, OnChange.IGNORE] = None
    managed_by: Annotated[Known[str] | None, OnChange.COME_LATER] = None
    adopt_id: Annotated[Id | None, OnChange.IGNORE] = None

    def problems(self, *, new: bool) -> Iterator[str]:
        """Yield one line for each thing that the types cannot tell; `new` is True if there is no object yet."""
        del new
        yield from ()


@dataclass(frozen=True)
class Differences:
    """The keys of inputs that differ from state, and those among them that only a new object can have."""

    changed: list[str]
    replaced: list[str]


def from_engine(bag: Bag) -> Bag:
    """Return a bag without `__provider`, and whole numbers as integers again."""
    return {key: _whole_numbers(value) for key, value in bag.items() if key != "__provider"}


def check(model: type[Inputs], olds: Bag, news: Bag) -> tuple[Bag, list[str]]:
    """Return the normal form of new inputs, and a line for each problem. Unknowns pass through. No I/O."""
    try:
        declared = model.model_validate(news)
    except ValidationError as invalid:
        return news, [_line(model, problem) for problem in invalid.errors(include_url=False, include_context=False)]
    normal: Bag = declared.model_dump(by_alias=True, exclude_none=True, warnings=False)
    if normal.get("description") == "":
        del normal["description"]  # the service does not tell an empty one from none
    lines = [*_duplicates(model, normal), *declared.problems(new=not olds)]
    for key, order in _unordered(model):
        if isinstance(normal.get(key), list) and isinstance(olds.get(key), list):
            normal[key] = in_old_order(order, olds[key], normal[key])
    return normal, lines


def differences(model: type[Inputs], olds: Bag, news: Bag) -> Differences:
    """Compare declared inputs with state, field by field. No I/O."""
    changed, replaced = [], []
    for key, marks in _fields(model):
        old, new = olds.get(key), news.get(key)
        if OnChange.IGNORE in marks or (OnChange.COME_LATER in marks and old is None) or _same(marks, old, new):
            continue
        changed.append(key)
        member = next((mark.member for mark in marks if isinstance(mark, ReplaceOn)), None)
        if OnChange.REPLACE in marks:
            replaced.append(key)
        elif member and _member_changes(old, new, member):
            replaced.append(f"{key}.{member}" if isinstance(new, dict) else key)
    return Differences(changed, replaced)


def observe(model: type[Inputs], state: Bag, live: Bag) -> Bag:
    """Return the inputs as the service has them now: state's own words where they still hold, live values where they don't.

    Keys that state does not have are not managed. Keys that `live` does not have were not shown, or may not be looked at.
    A state without inputs (a read-only reference) takes all that is live.
    """
    if "name" not in state:
        return {**state, **{key: value for key, value in live.items() if value not in (None, [], {})}}
    found = dict(state)
    for key, marks in _fields(model):
        if key not in state or key not in live:
            continue
        if live[key] is None:
            del found[key]
        elif not _same(marks, state[key], live[key]) and not covers(live[key], state[key]):
            found[key] = live[key]
    return found


def in_old_order(order: Unordered, olds: list[Any], news: list[Any]) -> list[Any]:
    """Arrange new items so that a diff by position is short: old places are kept, holes are filled from the end."""
    remaining = {order.of(item): item for item in news}
    places: list[Any] = [remaining.pop(order.of(old), _HOLE) for old in olds]
    places += remaining.values()
    result: list[Any] = []
    while places:
        item = places.pop(0)
        while item is _HOLE and places:
            item = places.pop()
        if item is not _HOLE:
            result.append(item)
    return result


_HOLE = object()


def _fields(model: type[Inputs]) -> Iterator[tuple[str, list[Any]]]:
    for name, declaration in model.model_fields.items():
        yield to_camel(name), declaration.metadata


def _unordered(model: type[Inputs]) -> Iterator[tuple[str, Unordered]]:
    for key, marks in _fields(model):
        yield from ((key, mark) for mark in marks if isinstance(mark, Unordered))


def _same(marks: list[Any], old: Any, new: Any) -> bool:
    order = next((mark for mark in marks if isinstance(mark, Unordered)), None)
    if order is None or not isinstance(old, list) or not isinstance(new, list):
        return bool(old == new)
    if len(old) != len(new) or any(map(is_unknown, new)):
        return False
    by_identity = {order.of(item): item for item in old}
    return all(order.of(item) in by_identity and by_identity[order.of(item)] == item for item in new)


def _member_changes(old: Any, new: Any, member: str) -> bool:
    """Whether a member goes from one value to another. A whole that comes or goes is no such change."""
    if is_unknown(new):
        return old is not None
    if not isinstance(old, dict) or not isinstance(new, dict):
        return False
    return bool(old.get(member) != new.get(member))


def _duplicates(model: type[Inputs], normal: Bag) -> Iterator[str]:
    for key, order in _unordered(model):
        items = normal.get(key)
        first: dict[Any, int] = {}
        for position, item in enumerate(items if isinstance(items, list) else []):
            earlier = first.setdefault(order.of(item), position)
            if earlier != position:
                yield f"{to_snake(key)}[{position}]: the same as {to_snake(key)}[{earlier}]"


def _line(model: type[Inputs], problem: Any) -> str:
    """Turn one of pydantic's findings into a line that names the path, and never the value: it may be a secret."""
    where = ""
    for part in problem["loc"]:
        if isinstance(part, int):
            where += f"[{part}]"
        else:
            where += ("." if where else "") + (part if where else to_snake(part))
    last = str(problem["loc"][-1]) if problem["loc"] else ""
    known = [to_camel(name) for name in _model_at(model, problem["loc"]).model_fields]
    reasons = {
        "missing": "required",
        "extra_forbidden": f"unknown key{did_you_mean(last, known)}",
        "string_type": "must be a string",
        "bool_type": "must be True or False",
        "list_type": "must be a list",
        "dict_type": "must be a dictionary",
        "model_type": "must be a dictionary",
        "model_attributes_type": "must be a dictionary",
        "string_too_short": "must not be empty",
        "string_pattern_mismatch": "is empty or holds characters that it cannot have",
        "literal_error": problem["msg"].replace("Input should be", "must be"),
    }
    return f"{where}: {reasons.get(problem['type'], problem['msg'])}"


def _model_at(model: type[Declared], location: tuple[str | int, ...]) -> type[Declared]:
    """Return the nested model that declares the member at the end of a location."""
    for part in location[:-1]:
        annotations = [declaration.annotation for name, declaration in model.model_fields.items() if to_camel(name) == part]
        while annotations:
            annotation = annotations.pop()
            annotations += get_args(annotation)
            if isinstance(annotation, type) and issubclass(annotation, Declared):
                model = annotation
    return model


def _whole_numbers(value: Any) -> Any:
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if isinstance(value, dict):
        return {key: _whole_numbers(member) for key, member in value.items()}
    if isinstance(value, list):
        return [_whole_numbers(item) for item in value]
    return value

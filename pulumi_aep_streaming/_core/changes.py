"""What a change of a field means, as marks on it, and the functions that read those: `differences` and `observe`. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING, Any

from pulumi_aep_streaming._core.values import Bag, covers, same, to_camel, to_snake

if TYPE_CHECKING:
    from pydantic import BaseModel  # it takes longer to load than all of ours

_OUTPUTS = frozenset({"nonce", "orgId", "secretInputs", "unmarkedOwner"})
"""What a state may hold besides what is declared."""
_OF_THE_PROGRAM = frozenset({"secretInputs", "unmarkedOwner"})
"""What says something of the program, and nothing of the object."""


class Unknown:
    """The class of `UNKNOWN`."""

    def __repr__(self) -> str:
        return "UNKNOWN"


UNKNOWN = Unknown()
"""A value that is not known before `up`."""


def is_unknown(value: Any) -> bool:
    """Whether a value is not known before `up`."""
    return value is UNKNOWN


def has_unknown(value: Any) -> bool:
    """Whether a value, or anything in it, is not known before `up`."""
    if isinstance(value, dict):
        return any(map(has_unknown, value.values()))
    return any(map(has_unknown, value)) if isinstance(value, list) else is_unknown(value)


class OnChange(Enum):
    """What a change of a field leads to, where it is not an update in place."""

    REPLACE = "replace"
    IGNORE = "ignore"
    COME_LATER = "come later"
    """Where there was no value, one is no reason for an update; it goes along with the next."""


@dataclass(frozen=True)
class ReplaceOn:
    """A field that is updated in place, but replaces when this member of it changes from one value to another.

    State lacks `held`, another member, where the object was moved to its value of `member` outside of the program. A
    declaration of another value is left be then: the object has moved on.
    """

    member: str
    held: str

    def is_moved(self, state: Any) -> bool:
        """Whether state says that the object was moved to its value outside of the program."""
        return isinstance(state, dict) and self.member in state and self.held not in state

    def is_outdated(self, desired: Any, state: Any) -> bool:
        """Whether a declaration has another value than the object was moved to."""
        return self.is_moved(state) and isinstance(desired, dict) and state[self.member] != desired.get(self.member)


AUTHENTICATION = ReplaceOn("specName", held="params")


@dataclass(frozen=True)
class Explicit:
    """A field whose default would take away what is there: None is no declaration of it.

    `always`: not even of a new object, or where state has the default already.
    """

    instead: str
    always: bool = True


FIRST_VERSION = Explicit('give "1.0" for the default', always=False)


@dataclass(frozen=True)
class Unordered:
    """A list whose order means nothing; items are told apart by what `identity` returns of them, or are plain values."""

    identity: Callable[[Bag], Any] | None = None

    def of(self, item: Any) -> Any:
        """Return what tells an item apart; an unknown one is like no other."""
        identity = item if is_unknown(item) or self.identity is None else self.identity(item)
        return object() if is_unknown(identity) else identity


@dataclass(frozen=True)
class Differences:
    """The keys of inputs that differ from state, and those among them that only a new object can have."""

    changed: list[str]
    replaced: list[str]


def is_stored(desired: Bag, state: Bag) -> bool:
    """Whether state holds what is desired word for word: then nothing differs, whatever may be declared."""
    compared = {key: value for key, value in desired.items() if key not in _OF_THE_PROGRAM}
    is_no_more = state.keys() - desired.keys() <= _OUTPUTS
    return is_no_more and all(key in state and same(value, state[key]) for key, value in compared.items())


def differences(model: type[BaseModel], desired: Bag, state: Bag) -> Differences:
    """Compare what is desired with state, field by field."""
    changed, replaced = [], []
    for key, marks in _fields(model):
        new, old = desired.get(key), state.get(key)
        if OnChange.IGNORE in marks or (OnChange.COME_LATER in marks and old is None) or _same(marks, new, old):
            continue
        changed.append(key)
        on_member = next((mark for mark in marks if isinstance(mark, ReplaceOn)), None)
        if on_member and on_member.is_outdated(new, old):
            changed.pop()
        elif OnChange.REPLACE in marks:
            replaced.append(key)
        elif on_member and not on_member.is_moved(old) and _member_changes(new, old, on_member.member):
            replaced.append(f"{key}.{on_member.member}" if isinstance(new, dict) else key)
    return Differences(changed, replaced)


def as_compared(model: type[BaseModel], compared: Bag, desired: Bag) -> Bag:
    """Return desired inputs with what a diff has compared in their place, as far as it was known.

    The engine checks a replacement anew, without what `ignore_changes` has kept as it is: that must not be lost.
    """
    found = dict(desired)
    for key, marks in _fields(model):
        if OnChange.IGNORE in marks or has_unknown(compared.get(key)):
            continue
        if key in compared:
            found[key] = compared[key]
        else:
            found.pop(key, None)
    return found


def observe(model: type[BaseModel], state: Bag, live: Bag) -> Bag:
    """Return the inputs as the service has them now: state's own words where they still hold, live values where they don't.

    Keys that state does not have are not managed. Keys that `live` does not have were not shown, or may not be looked at.
    A state without inputs (a read-only reference) takes all that is live.
    """
    if "name" not in state:
        return {**state, **{key: value for key, value in live.items() if value is not None}}
    found = dict(state)
    for key, marks in _fields(model):
        if key not in state or key not in live:
            continue
        if live[key] is None:
            del found[key]
        elif not _same(marks, live[key], state[key]) and not covers(state[key], live[key]):
            found[key] = live[key]
    return found


def not_declared(model: type[BaseModel], desired: Bag, state: Bag) -> Iterator[str]:
    """Yield a line for each field that is None, or resolved to it, where that would take away what is there."""
    for name, declaration in model.model_fields.items():
        key = to_camel(name)
        mark = next((mark for mark in declaration.metadata if isinstance(mark, Explicit)), None)
        if mark is None or key in desired or (state and key not in state):
            continue
        if mark.always or (state and state[key] != declaration.default):
            yield f"{name}: None; {mark.instead}"


def in_stored_order(order: Unordered, desired: list[Any], state: list[Any]) -> list[Any]:
    """Arrange desired items so that a diff by position is short: stored positions are kept, holes are filled from the end."""
    remaining = {order.of(item): item for item in desired}
    row: list[Any] = [remaining.pop(order.of(item), _HOLE) for item in state]
    row += remaining.values()
    result: list[Any] = []
    while row:
        item = row.pop(0)
        while item is _HOLE and row:
            item = row.pop()
        if item is not _HOLE:
            result.append(item)
    return result


_HOLE = object()


def _fields(model: type[BaseModel]) -> Iterator[tuple[str, list[Any]]]:
    """Yield each field as state spells it, with what is marked on it."""
    for name, declaration in model.model_fields.items():
        yield to_camel(name), declaration.metadata


def unordered(model: type[BaseModel]) -> Iterator[tuple[str, Unordered]]:
    """Yield the lists whose order means nothing."""
    for key, marks in _fields(model):
        yield from ((key, mark) for mark in marks if isinstance(mark, Unordered))


def _same(marks: list[Any], new: Any, old: Any) -> bool:
    order = next((mark for mark in marks if isinstance(mark, Unordered)), None)
    if order is None or not isinstance(old, list) or not isinstance(new, list):
        return same(new, old)
    if len(old) != len(new) or any(map(is_unknown, new)):
        return False
    by_identity = {order.of(item): item for item in old}
    return all(order.of(item) in by_identity and same(by_identity[order.of(item)], item) for item in new)


def _member_changes(new: Any, old: Any, member: str) -> bool:
    """Whether a member goes from one value to another. A whole that comes or goes is no such change."""
    if is_unknown(new):
        return old is not None
    if not isinstance(old, dict) or not isinstance(new, dict):
        return False
    return bool(new.get(member) != old.get(member))


def duplicates(model: type[BaseModel], desired: Bag) -> Iterator[str]:
    """Yield a line for each item of such a list that is there twice."""
    for key, order in unordered(model):
        items = desired.get(key)
        first: dict[Any, int] = {}
        for position, item in enumerate(items if isinstance(items, list) else []):
            earlier = first.setdefault(order.of(item), position)
            if earlier != position:
                yield f"{to_snake(key)}[{position}]: the same as {to_snake(key)}[{earlier}]"

"""Paths to properties, such as `segments[0].name`, as options name them: taken apart, and spelled as state does. Pure.

The engine passes over a path that leads nowhere without a word. Its grammar: `sdk/go/common/resource/properties_path.go`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from types import EllipsisType
from typing import Any, NamedTuple, TypeAlias

from pulumi_aep_streaming._core.specs import did_you_mean, misspelt
from pulumi_aep_streaming._core.values import to_camel, to_snake

Shape: TypeAlias = "Mapping[str, Shape] | list[Shape] | EllipsisType | None"
"""What is inside of a property: members by name, items of a list, `...` for whatever is declared, None for nothing."""
Step = str | int

_SPECIAL = ("*", "__provider", "id", "urn")
_NAME = r"[^.\[\]]+"
_IN_BRACKETS = r'\[(?:\d+|\*|"(?:\\"|[^"])+")\]'
_PATH = re.compile(rf"(?:{_NAME}|{_IN_BRACKETS})(?:\.{_NAME}|{_IN_BRACKETS})*")
_STEP = re.compile(rf"{_IN_BRACKETS}|{_NAME}")


class LeadsNowhere(Exception):
    """A path names nothing that there is."""

    def __init__(self, path: Any, meant: str = "") -> None:
        """Keep the path as a line shows it, and what was meant, as the end of one; "" if that is not known."""
        can_be_seen = isinstance(path, str) and path and path == path.strip() and path.isprintable()
        self.path, self.meant = path if can_be_seen else repr(path), meant
        super().__init__(f"{self.path}{meant}")


@dataclass(frozen=True)
class Spelling:
    """How the properties of a resource are spelled in options that name them."""

    properties: Mapping[str, Any]
    """What there is, as state spells it, and what is declared of it, as far as that can be seen."""
    inside: Mapping[str, Shape] = field(default_factory=dict)
    """What is inside of those properties that are no plain values."""
    paths: Mapping[str, str] = field(default_factory=dict)
    """Paths as the arguments of Args are spelled, and what they are in state: `auth.secret_key`, `auth.params.secretKey`."""
    namespace: str = ""
    """What names begin with in state, and may begin with in options."""
    special: tuple[str, ...] = _SPECIAL
    """What else the engine knows."""

    def in_state(self, path: Any) -> str:
        """Return a path as state spells it. Raises `LeadsNowhere`."""
        if not isinstance(path, str):
            raise LeadsNowhere(path)
        own = path.removeprefix(self.namespace)
        if path in self.special:
            return path
        steps = _steps(own)
        if not _PATH.fullmatch(own) or steps[0] == "*":
            raise LeadsNowhere(path, did_you_mean(own, self._known()))
        while (instead := self._spelled(path, steps)) != steps:
            steps = instead
        return self.namespace + _text(steps)

    def is_inside_a_list(self, path: str) -> bool:
        """Whether a path, as state spells it, names items of a list, or what is in them."""
        own = path.removeprefix(self.namespace)
        return isinstance(self.inside.get(first_name(own)), list) and len(_steps(own)) > 1

    def _spelled(self, path: str, steps: list[Step]) -> list[Step]:
        """Return a path spelled nearer to state; as it is, if it is spelled so already."""
        spelled: list[Step] = []
        here = _Place({name: self.inside.get(name) for name in self.properties}, self.properties)
        for position, step in enumerate(steps):
            written = _text([*spelled, step])
            if written in self.paths and not here.has(step):
                return [*_steps(self.paths[written]), *steps[position + 1 :]]
            found = here.below(step)
            if found is None:
                near = [_text([*steps[:position], *rest]) for rest in here.inside()] if position else []
                raise LeadsNowhere(path, did_you_mean(_text(steps), [*self._known(), *near]))
            name, here = found
            spelled.append(name)
        return spelled

    def _known(self) -> list[str]:
        members = [
            _text([name, to_snake(member)])
            for name in self.properties
            for member in _Place(self.inside.get(name), None).names()
        ]
        return [*map(to_snake, self.properties), *self.paths, *members]


class _Place(NamedTuple):
    """Where a path has led to so far."""

    shape: Shape
    declared: Any
    """What the program declares there; what cannot be seen, such as an Output, may hold anything."""

    def has(self, step: Step) -> bool:
        """Whether there is a member of this very name."""
        return step in self.names()

    def below(self, step: Step) -> tuple[Step, _Place] | None:
        """Return a step as state spells it, and where it leads; None if that is nowhere."""
        leads: Shape = ...
        if isinstance(self.shape, Mapping) and step != "*":
            step = step if self.has(step) else to_camel(str(step))
            leads = self.shape.get(str(step))
        elif isinstance(self.shape, list):
            leads = self.shape[0]
        return (step, _Place(leads, _member(self.declared, step))) if self._may_have(step) else None

    def inside(self) -> Iterator[list[Step]]:
        """Yield what a path may go on with, as a program spells it."""
        if isinstance(self.shape, list):
            yield ["*"]
            yield from (["*", *rest] for rest in _Place(self.shape[0], None).inside())
        for name in self.names():
            yield [name if self.shape is ... else to_snake(name)]
        if not self.names():
            yield []

    def names(self) -> list[str]:
        """Return what members there are."""
        members = self.declared if self.shape is ... else self.shape
        return [name for name in members if isinstance(name, str)] if isinstance(members, Mapping) else []

    def _may_have(self, step: Step) -> bool:
        """Whether there may be something: where any member may be, it may be undeclared, but no slip of what is declared."""
        if self.shape is None or (self.shape is ... and isinstance(self.declared, str | int | float)):
            return False
        if step == "*":
            return True
        if isinstance(self.shape, Mapping):
            return self.has(step)
        if isinstance(self.shape, list) or isinstance(self.declared, Sequence):
            return isinstance(step, int)
        if isinstance(self.declared, Mapping):
            return isinstance(step, str) and (self.has(step) or not misspelt(step, self.names()))
        return True


def first_name(path: str) -> str:
    """Return the property that a path begins with."""
    return str(_steps(path)[0])


def _member(declared: Any, step: Any) -> Any:
    """Return what is declared a step further; None if that cannot be seen."""
    if isinstance(declared, Mapping):
        return declared.get(step)
    is_there = isinstance(declared, list | tuple) and isinstance(step, int) and step < len(declared)
    return declared[step] if is_there else None


def _steps(path: str) -> list[Step]:
    """Take a path apart."""
    return [_step(step) for step in _STEP.findall(path)]


def _step(written: str) -> Step:
    if not written.startswith("["):
        return written
    inner = written[1:-1]
    return int(inner) if inner.isdigit() else inner.removeprefix('"').removesuffix('"').replace('\\"', '"')


def _text(steps: Sequence[Step]) -> str:
    """Put a path together, in the normal form."""
    return "".join(map(_written, steps)).removeprefix(".")


def _written(step: Step) -> str:
    if isinstance(step, int) or step == "*":
        return f"[{step}]"
    quoted = step.replace('"', '\\"')
    return f".{step}" if re.fullmatch(_NAME, step) else f'["{quoted}"]'

"""What carries the marker of a stack, by its name as people know it: PROJECT/STACK."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TypeVar

from pulumi_aep_streaming._core import marker, ownership
from pulumi_aep_streaming._core.listed import with_descriptions
from pulumi_aep_streaming.cli._stack import Impossible
from pulumi_aep_streaming.flow_service.collection import Collection
from pulumi_aep_streaming.flow_service.models import Entity

_MOST_NAMED = 10
E = TypeVar("E", bound=Entity)


def parts_of(stack: str) -> tuple[str, str]:
    """Return the project and the stack that PROJECT/STACK names. Raises `Impossible`."""
    project, _, name = stack.partition("/")
    if not project or not name or "/" in name:
        message = f"--stack is {stack!r}, but must be PROJECT/STACK, as markers have it, such as shop/prod"
        raise Impossible(message)
    return project, name


def stack_of(live: Entity) -> str:
    """Return the PROJECT/STACK whose marker an object carries, "" if it carries none."""
    mark = marker.find(live.description)
    return ownership.stack_of(mark.owner) if mark else ""


def marked(collection: Collection[E], stack: str, others: set[str]) -> Iterator[E]:
    """Yield what carries the marker of a stack, and note which other stacks there are."""
    for live in with_descriptions(collection, collection.find()):
        found = stack_of(live)
        if found == stack:
            yield live
        elif found:
            others.add(found)


def none_of(stack: str, others: set[str]) -> Impossible:
    """Return the error for a stack that nothing carries the marker of: most likely, its name is misspelt."""
    named = ", ".join(sorted(others)[:_MOST_NAMED])
    message = f"nothing here carries the marker of {stack}; there are those of {named or 'no stack'}"
    return Impossible(message)

"""What a snapshot says, and what can be asked of it. Pure.

A part that could not be read is None: nothing can be said of it, which is not the same as that there is none.
"""

from __future__ import annotations

import shlex
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import NamedTuple

from pulumi_aep_streaming._core.specs import misspelt, nearest
from pulumi_aep_streaming._core.values import is_own

ARRAY, MAP, OBJECT = "array", "map", "object"
ITEMS, VALUES = "[]", "{}"
"""What stands in a path behind an array or a map, for what is in it: `orders[].sku`, `identityMap{}[].id`."""
_OPEN = frozenset({MAP, OBJECT, None})
"""Types of fields under which there may be anything: keys of a map, members that the schema does not name."""
_NEAR_STEP = 0.7


class Parameter(NamedTuple):
    """A parameter of credentials or of a target: its type as in JSON Schema, None where that is not said."""

    name: str
    type: str | None
    required: bool
    secret: bool


class Authentication(NamedTuple):
    """A kind of authentication; the parameters are None where they are not shown."""

    name: str
    params: tuple[Parameter, ...] | None


class ConnectionSpec(NamedTuple):
    """A kind of destination or source; what it does not show is None."""

    id: str
    name: str
    version: str
    authentications: tuple[Authentication, ...] | None
    target_params: tuple[Parameter, ...] | None


class FlowSpec(NamedTuple):
    """A kind of dataflow."""

    id: str
    name: str
    version: str


class Field(NamedTuple):
    """A field of the profile: its dotted path, and its type in the words of XDM, None where that is not said.

    Objects are named only if they may have members that are not; what is in an array or a map, behind `[]` or `{}`.
    """

    path: str
    type: str | None


class Audience(NamedTuple):
    """An audience. What the service does not show is None."""

    id: str
    """As a selector holds it: of an external audience, what it was uploaded under."""
    name: str | None
    namespace: str | None
    system_segment_id: str
    lifecycle_state: str | None
    evaluation: str | None
    """`streaming`, `edge` or `batch`."""
    merge_policy_id: str | None


@dataclass(frozen=True)
class Snapshot:
    """What a sandbox had when the file was last written."""

    organization: str
    sandbox: str
    date: str
    """When it was first as the file says, in UTC: an unchanged sandbox leaves it as it is."""
    connection_specs: tuple[ConnectionSpec, ...] | None
    flow_specs: tuple[FlowSpec, ...] | None
    fields: tuple[Field, ...] | None
    audiences: tuple[Audience, ...] | None
    """Those that it was asked for: another one may be there all the same."""
    file: str = field(default="", compare=False)
    """Where it was read from."""

    @property
    def origin(self) -> str:
        """The file, and how it is read anew, for the end of a line."""
        return f"{self.file} of {self.date}; to read it anew: {self.command}"

    @property
    def command(self) -> str:
        """The command that reads it anew."""
        return command_for(self.file, self.sandbox)

    def spec(self, id_: str) -> ConnectionSpec | None:
        """Return a connection spec, None if the file has none of this id."""
        return self._specs.get(id_)

    def flow_spec(self, id_: str) -> FlowSpec | None:
        """Return a flow spec, None if the file has none of this id."""
        return next((spec for spec in self.flow_specs or () if spec.id == id_), None)

    def audience(self, id_: str, namespace: str | None = None) -> Audience | None:
        """Return an audience by what tells a selector apart: without a namespace, one of the platform's own."""
        wanted = "" if is_own(namespace) else str(namespace).casefold()
        return next((found for found in self.audiences_with_id(id_) if found.id == id_ and _space(found) == wanted), None)

    def audiences_with_id(self, id_: str) -> tuple[Audience, ...]:
        """Return the audiences with an id, external ones by either of theirs; () if the file has none."""
        return tuple(self._audiences_by_id.get(id_, ()))

    def audiences_named(self, name: str) -> tuple[Audience, ...]:
        """Return the audiences that have exactly this name, by id; () if the file has none."""
        return tuple(self._audiences_by_name.get(name, ()))

    def path_problem(self, path: str) -> str:
        """Return why a path cannot be selected, "" if it can, or if that cannot be told.

        Identities can be told without a snapshot: see `_core/kinds/selector_inputs.py`.
        """
        if self.fields is None or self._types.get("", "") in _OPEN:
            return ""
        if ITEMS in path or VALUES in path:  # copied from the file: what stands for an item or a key is in no path
            array = path.partition(ITEMS)[0]
            return self._within(array) if ITEMS in path and self._types.get(array) == ARRAY else self._unknown(path)
        if path in self._types or path in self._objects:
            return ""
        for above in _prefixes(path):
            if self._types.get(above) == ARRAY:
                return self._within(above)
            if above in self._types and self._types[above] in _OPEN:
                return ""
        return self._unknown(path)

    def _within(self, array: str) -> str:
        line = f"lies in the array {array}, of which nothing can be selected by its path"
        return f"{line} ({self.origin})"

    def _unknown(self, path: str) -> str:
        meant = self._nearest_step_by_step(path) or self._with_the_same_end(path)
        hint = f", did you mean {meant}?" if meant else ""
        line = f"is no field of the profile{hint}"
        return f"{line} ({self.origin})"

    def _nearest_step_by_step(self, path: str) -> str:
        """Return the path whose every step is the one most like that of another path; "" if one of those is like none."""
        found = ""
        for step in path.split("."):
            members = self._members.get(found, ())
            if not members:  # a field that has none, with something behind it
                break
            meant = step if step in members else misspelt(step, members) or nearest(step, members, _NEAR_STEP)
            if not meant:
                return ""
            found = f"{found}.{meant}" if found else meant
        return found

    def _with_the_same_end(self, path: str) -> str:
        """Return the path with the same last step that has most of the others, too; "" if none has more than half of them."""
        steps = set(path.casefold().split("."))
        ranks = [
            (len(steps.intersection(known.casefold().split("."))), -abs(len(known) - len(path)), known)
            for known in self._paths_by_end.get(path.casefold().rpartition(".")[2], ())
        ]
        shared, _, best = max(ranks, default=(0, 0, ""))
        return best if 2 * shared > len(steps) else ""

    @cached_property
    def _types(self) -> Mapping[str, str | None]:
        return dict(self.fields or ())

    @cached_property
    def _objects(self) -> frozenset[str]:
        """The objects that fields are members of."""
        return frozenset(above for path in self._selectable() for above in _prefixes(path))

    @cached_property
    def _members(self) -> Mapping[str, tuple[str, ...]]:
        """The members of each object, and under "" what no other holds."""
        found: dict[str, list[str]] = defaultdict(list)
        for path in dict.fromkeys([*self._objects, *self._selectable()]):
            above, _, name = path.rpartition(".")
            found[above].append(name)
        return {above: tuple(sorted(names)) for above, names in found.items()}

    @cached_property
    def _paths_by_end(self) -> Mapping[str, list[str]]:
        found = defaultdict(list)
        for path in self._selectable():
            found[path.casefold().rpartition(".")[2]].append(path)
        return found

    def _selectable(self) -> Iterator[str]:
        """Yield the fields that are in no array and in no map."""
        return (path for path in self._types if path and ITEMS not in path and VALUES not in path)

    @cached_property
    def _specs(self) -> Mapping[str, ConnectionSpec]:
        return {spec.id: spec for spec in self.connection_specs or ()}

    @cached_property
    def _audiences_by_id(self) -> Mapping[str, list[Audience]]:
        found = defaultdict(list)
        for audience in self.audiences or ():
            for id_ in dict.fromkeys((audience.id, audience.system_segment_id)):
                found[id_].append(audience)
        return found

    @cached_property
    def _audiences_by_name(self) -> Mapping[str, list[Audience]]:
        found = defaultdict(list)
        for audience in self.audiences or ():
            if audience.name is not None:
                found[audience.name].append(audience)
        return found


def command_for(file: str, sandbox: str = "") -> str:
    """Return the command that writes a file, of a sandbox if that is known."""
    where = f" --sandbox {shlex.quote(sandbox)}" if sandbox else ""
    return f"aep-streaming snapshot{where} --out {shlex.quote(file)}"


def _space(audience: Audience) -> str:
    return "" if is_own(audience.namespace) else str(audience.namespace).casefold()


def _prefixes(path: str) -> Iterator[str]:
    """Yield what a path lies in, outermost first."""
    at = path.find(".")
    while at >= 0:
        yield path[:at]
        at = path.find(".", at + 1)

"""The union schema of the profile, from Adobe's Schema Registry: which fields the profiles of a sandbox may have.

Source: `/tenant/unions/{UNION_ID}` of schema-registry.yaml. A union is a JSON Schema that others put together: members are
under `properties`, what a list holds under `items`, the values of a map under `additionalProperties`; the form that is asked
for has references resolved. Whatever else it holds is passed over, and what it leaves open is shown as open.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from pulumi_aep_streaming.flow_service.errors import Unreadable
from pulumi_aep_streaming.flow_service.transport import Transport

_PATH = "/data/foundation/schemaregistry/tenant/unions/_xdm.context.profile__union"
_ACCEPT = "application/vnd.adobe.xed-full+json; version=1"
_COMBINED = ("allOf", "anyOf", "oneOf")
_REFERENCES = ("$ref", "$ref ")  # the examples of the file have a space
_NAME = re.compile(r"[^\s./\[\]{}]+")
"""A name that can stand in a path."""
_ARRAY, _MAP, _OBJECT = "array", "map", "object"
_TYPES = frozenset(
    {_ARRAY, _MAP, _OBJECT, "boolean", "date", "date-time", "string"}
    | {"byte", "double", "float", "int", "integer", "long", "number", "short"}
)
_DEEPEST = 32
"""Steps of a path: no field of XDM has as many."""
_MOST = 50_000
"""Fields: no union has as many, and references can make as many as they like."""


class ProfileSchema:
    """The union schema of the profile, in one sandbox."""

    def __init__(self, transport: Transport, sandbox: str) -> None:
        self._transport, self._sandbox = transport, sandbox

    def fields(self) -> dict[str, str | None]:
        """Return the fields of the profile, see `fields_of`. Raises `NotFound` if the sandbox has no schema of profiles."""
        schema = self._transport.request("GET", _PATH, sandbox=self._sandbox, accept=_ACCEPT).body
        if not isinstance(schema, dict):
            raise Unreadable("the union schema of the profile was answered with something that is no schema")
        return fields_of(schema)


def fields_of(schema: Mapping[str, Any]) -> dict[str, str | None]:
    """Return the paths of all fields of a schema with their types in the words of XDM, None where none is said.

    `orders[].sku` lies in an array, `identityMap{}[].id` in an array in a map. Objects are named, as `object` or `map`,
    only where they may have members that are not: those of recursive schemas, too. "" is the whole.
    """
    found, count = {}, 0
    for count, (path, type_) in enumerate(itertools.islice(_fields("", _node(schema, [schema]), schema), _MOST + 1)):  # noqa: B007
        found[path] = type_
    return {**found, "": _OBJECT} if count >= _MOST or not found else found


@dataclass(frozen=True)
class _Node:
    """The schemas that hold for one value, all at once."""

    schemas: list[Mapping[str, Any]]
    followed: frozenset[str]
    """References that lead to it or to what it is in."""
    is_open: bool
    """Whether one of its references leads back, or to nothing that is shown."""

    def each(self, *members: str) -> Iterator[Any]:
        """Yield these members of the schemas that have them."""
        yield from (schema[member] for member in members for schema in self.schemas if member in schema)

    @property
    def type(self) -> str | None:
        """The type, XDM's own first; None if none of its words is said."""
        said = itertools.chain.from_iterable(
            each if isinstance(each, list) else [each] for each in self.each("meta:xdmType", "type")
        )
        return next((word for word in said if isinstance(word, str) and word in _TYPES), None)

    @property
    def members(self) -> dict[str, list[Any]]:
        """The schemas of what it has members for."""
        found: dict[str, list[Any]] = {}
        for properties in self.each("properties"):
            for name, schema in properties.items() if isinstance(properties, dict) else ():
                found.setdefault(name, []).append(schema)
        return found

    @property
    def items(self) -> list[Any]:
        """The schemas of what it lists."""
        return [each for items in self.each("items") for each in (items if isinstance(items, list) else [items])]

    @property
    def values(self) -> list[Any]:
        """The schemas of members of any name."""
        return [values for values in self.each("additionalProperties") if isinstance(values, dict)]


def _node(root: Mapping[str, Any], schemas: Iterable[Any], followed: frozenset[str] = frozenset()) -> _Node:
    """Gather all that holds for a value, also what is combined with it or referred to."""
    pending, here, is_open = list(schemas), set(), False
    found: list[Mapping[str, Any]] = []
    for schema in pending:  # which grows meanwhile
        if not isinstance(schema, dict):
            continue
        found.append(schema)
        for combined in map(schema.get, _COMBINED):
            pending += combined if isinstance(combined, list) else []
        for reference in filter(None, map(schema.get, _REFERENCES)):
            target = _resolved(root, reference) if isinstance(reference, str) and reference not in followed else None
            is_open = is_open or target is None
            if target is not None and reference not in here:
                here.add(reference)
                pending.append(target)
    return _Node(found, followed | here, is_open)


def _resolved(root: Mapping[str, Any], reference: str) -> Any:
    """Return what a reference inside of the schema leads to, None if it leads elsewhere."""
    found: Any = root
    start, *steps = reference.split("/")
    for step in steps:
        found = found.get(step.replace("~1", "/").replace("~0", "~")) if isinstance(found, dict) else None
    return found if start == "#" and isinstance(found, dict) else None


def _fields(path: str, node: _Node, root: Mapping[str, Any], depth: int = 0) -> Iterator[tuple[str, str | None]]:
    """Yield the fields at and below a path."""
    members = {name: schemas for name, schemas in node.members.items() if _NAME.fullmatch(name)}
    below = [(f"{path}.{name}" if path else name, schemas) for name, schemas in members.items()]
    type_ = node.type
    if type_ == _ARRAY or (type_ is None and node.items):
        yield path, _ARRAY
        below = [(f"{path}[]", node.items)] if node.items else []
    elif type_ == _MAP or node.values:
        yield path, _MAP
        below += [(f"{path}{{}}", node.values)] if node.values else []
    elif node.is_open or (node.members and not members) or (below and depth == _DEEPEST):
        yield path, _OBJECT
    elif not below:
        yield path, type_
    for where, schemas in below if depth < _DEEPEST else ():
        yield from _fields(where, _node(root, schemas, node.followed), root, depth + 1)

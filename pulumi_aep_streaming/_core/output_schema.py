"""What a dataflow puts into its stream: a JSON Schema (2020-12) of one record, and a sample of it. Pure.

A record is one profile: the attributes that are mapped, at their XDM paths; memberships by namespace; all identities
(`amazon-kinesis.md` and `azure-event-hubs.md` of AdobeDocs/experience-platform.en, "Exported data"). Whoever reads the stream
must lose no good record by it, so it refuses only what these pages and a snapshot exclude: any object may have more members.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from pulumi_aep_streaming._core.snapshot.contents import ARRAY, ITEMS, MAP, OBJECT, VALUES, Field, Snapshot
from pulumi_aep_streaming._core.values import is_own

Json = dict[str, Any]

DIALECT = "https://json-schema.org/draft/2020-12/schema"
IDENTITIES, MEMBERSHIPS = "identityMap", "segmentMembership"
_OWN = "ups"
"""Where a record has the memberships of the platform's own audiences."""
_STEP = re.compile(r"\[\]|\{\}|[^.\[\]{}]+")
_SCALARS: Mapping[str | None, Json] = {
    "boolean": {"type": "boolean"},
    "string": {"type": "string"},
    "date": {"type": "string", "format": "date"},
    "date-time": {"type": "string", "format": "date-time"},
    **{word: {"type": "integer"} for word in ("byte", "short", "int", "integer", "long")},
    **{word: {"type": "number"} for word in ("number", "float", "double")},
}
"""By types in the words of XDM; any other may be anything."""

_MEMBERSHIP: Json = {
    "type": "object",
    "properties": {
        "lastQualificationTime": _SCALARS["date-time"],
        # Those of XDM's own schema (segmentmembership of adobe/xdm); Adobe's pages of 2020 show `existing` for `realized`.
        "status": {"enum": ["realized", "exited", "existing"]},
    },
    "required": ["status"],
}
_REFERENCE: Json = {"$ref": "#/$defs/membership"}
_IDENTITY: Json = {"type": "object", "properties": {"id": {"type": "string"}}, "required": ["id"]}

_SOME_TIME = "2026-03-03T21:24:39Z"
_SAMPLES: Mapping[Any, Any] = {
    ("boolean", None): True,
    ("integer", None): 1,
    ("number", None): 1.5,
    ("string", None): "text",
    ("string", "date"): "1990-12-31",
    ("string", "date-time"): _SOME_TIME,
    ("array", None): [],
    ("object", None): {},
}
_UNMAPPED = "00000000-0000-4000-8000-000000000000"
_SOME_IDENTITIES: Json = {"ecid": [{"id": "10000000000000000000000000000000000001"}], "email_lc_sha256": [{"id": "0" * 64}]}


def record_schema(
    paths: Collection[str], segments: Iterable[Mapping[str, Any]], snapshot: Snapshot | None, *, title: str, description: str
) -> Json:
    """Return the schema of the records of a dataflow.

    Args:
        paths: The attributes that are mapped. Of those that the snapshot finds fault with nothing is sent, or said.
        segments: The segments that are mapped, as selectors in their normal form.
        snapshot: What types are taken from. Without it, types of attributes are not asserted.
        title: Of the schema.
        description: Of the schema.
    """
    return {
        "$schema": DIALECT,
        "title": title,
        "description": description,
        "type": "object",
        "properties": {
            **_attributes(paths, snapshot),
            MEMBERSHIPS: _memberships(segments, snapshot),
            IDENTITIES: {
                "description": "All identities of the profile, by namespace. They are always sent, and not mapped.",
                "type": "object",
                "additionalProperties": {"type": "array", "items": _IDENTITY},
            },
        },
        "required": [MEMBERSHIPS, IDENTITIES],
        "$defs": {"membership": _MEMBERSHIP},
    }


def sample(schema: Json) -> Json:
    """Return a record as `record_schema` describes it, with an audience that is not mapped, and with identities."""
    members: Json = schema["properties"]
    attributes = {name: _sample(each) for name, each in members.items() if name not in {MEMBERSHIPS, IDENTITIES}}
    mapped = {space: list(each["properties"]) for space, each in members[MEMBERSHIPS]["properties"].items()}
    memberships: Json = {space: {id_: _membership("realized") for id_ in ids} for space, ids in mapped.items()}
    if memberships[_OWN]:
        memberships[_OWN].setdefault(_UNMAPPED, _membership("exited"))
    return {**attributes, MEMBERSHIPS: memberships, IDENTITIES: _SOME_IDENTITIES}


def _membership(status: str) -> Json:
    return {"lastQualificationTime": _SOME_TIME, "status": status}


def _sample(schema: Json) -> Any:
    """Return a value that a schema of a field allows."""
    if "items" in schema:
        return [_sample(schema["items"])]
    if "properties" in schema or "additionalProperties" in schema:
        values = {"key": schema["additionalProperties"]} if "additionalProperties" in schema else {}
        return {name: _sample(each) for name, each in (values | schema.get("properties", {})).items()}
    return _SAMPLES.get((schema.get("type"), schema.get("format")), "anything")


def _memberships(segments: Iterable[Mapping[str, Any]], snapshot: Snapshot | None) -> Json:
    """Return the schema of memberships; external audiences are under their own namespace, though no page prints one."""
    spaces: dict[str, Json] = {_OWN: {}}
    for segment in sorted(segments, key=lambda segment: str(segment.get("id"))):
        id_, namespace = segment.get("id"), segment.get("namespace")
        if not isinstance(id_, str):
            continue
        known = snapshot.audience(id_, namespace) if snapshot else None
        name = (known and known.name) or segment.get("name")
        titled = {"title": name} if isinstance(name, str) and name else {}
        spaces.setdefault(_OWN if is_own(namespace) else str(namespace), {})[id_] = titled | _REFERENCE
    others = "Audiences that are not named are not mapped, but evaluated by the merge policy of one that is."
    return {
        "description": f"By namespace and id; the platform's own are under {_OWN}. {others}",
        "type": "object",
        "properties": {
            space: {"type": "object", "properties": ids, "additionalProperties": _REFERENCE} for space, ids in spaces.items()
        },
        "additionalProperties": {"type": "object", "additionalProperties": _REFERENCE},
    }


def _attributes(paths: Collection[str], snapshot: Snapshot | None) -> Json:
    """Return the schemas of the first steps of paths, with all that is below them."""
    known = _tree(snapshot.fields) if snapshot and snapshot.fields is not None else None
    root: Json = {}
    for path in _outermost([path for path in paths if not (snapshot and snapshot.path_problem(path))]):
        *above, last = path.split(".")
        found = known.at([*above, last]) if known else None
        here = root
        for step in above:
            below = here.setdefault(step, {})
            if found:
                below["type"] = "object"
            here = below.setdefault("properties", {})
        here[last] = _schema(found) if found else {}
    return root


def _outermost(paths: Iterable[str]) -> Iterator[str]:
    """Yield what is to be copied: what lies in another mapped field comes with that."""
    mapped = set(paths)
    for path in sorted(mapped):
        steps = path.split(".")
        above = (".".join(steps[:length]) for length in range(1, len(steps)))
        if steps[0] not in {MEMBERSHIPS, IDENTITIES} and mapped.isdisjoint(above):
            yield path


@dataclass
class _Field:
    """A field of the profile, and what is known to be in it; an object, unless its type says otherwise."""

    type: str | None = OBJECT
    below: dict[str, _Field] = field(default_factory=dict)

    def at(self, steps: Iterable[str]) -> _Field | None:
        """Return the field that steps lead to, through the keys of maps too; None if the schema does not name it."""
        found: _Field | None = self
        for step in steps:
            found = found and (found.below.get(step) or found.below.get(VALUES))
        return found


@functools.lru_cache(maxsize=8)
def _tree(fields: tuple[Field, ...]) -> _Field:
    root = _Field()
    for path, type_ in fields:
        at = root
        for step in _STEP.findall(path):
            at = at.below.setdefault(step, _Field())
        at.type = type_
    return root


def _schema(found: _Field) -> Json:
    """Return the schema of a field; {} where its type is not said, or what is said of it cannot be."""
    items, values = found.below.get(ITEMS), found.below.get(VALUES)
    members = {name: below for name, below in found.below.items() if name not in {ITEMS, VALUES}}
    if found.type == ARRAY:
        possible = not values and not members
        return {"type": "array", **({"items": _schema(items)} if items else {})} if possible else {}
    if found.type in {MAP, OBJECT}:
        # An object of which nothing is named may be one of which nothing is known: a reference that leads nowhere.
        possible = not items and (found.type == MAP or bool(found.below))
        shown = {"properties": {name: _schema(members[name]) for name in sorted(members)}} if members else {}
        return {"type": "object", **shown, **({"additionalProperties": _schema(values)} if values else {})} if possible else {}
    return {} if found.below else dict(_SCALARS.get(found.type, {}))

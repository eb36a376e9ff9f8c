"""Sample profiles that have the fields of a snapshot, with invented values of their types. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pulumi_aep_streaming.emulator import catalogue
from pulumi_aep_streaming.emulator.kinds import Json
from pulumi_aep_streaming.emulator.profile_schema import schema_of


def profiles_of(fields: Mapping[str, str | None] | None) -> list[Json]:
    """Return as many profiles as are built in, with their identities; they themselves where no field is known.

    What they are members of is said by nobody: an export finds that by a rule of its own.
    """
    if fields is None:
        return catalogue.profiles("current")
    schema = schema_of(fields)
    schema.get("properties", {}).pop("segmentMembership", None)
    identities = [profile["identityMap"] for profile in catalogue.profiles("current")]
    return [{**_members(schema, number), "identityMap": identity} for number, identity in enumerate(identities, start=1)]


def _members(schema: Json, number: int) -> Json:
    return {name: _value(name, member, number) for name, member in schema.get("properties", {}).items()}


def _value(name: str, schema: Json, number: int) -> Any:
    """Return a value of a field; there is one in each list, and one in each map whose values are known."""
    type_ = schema.get("meta:xdmType")
    if type_ == "array":
        return [_value(name, schema["items"], number)] if "items" in schema else []
    if type_ == "map" and "additionalProperties" in schema:
        return {**_members(schema, number), "sample": _value(name, schema["additionalProperties"], number)}
    if type_ in {"map", "object"}:
        return _members(schema, number)
    values = {
        "string": f"{name} {number}",
        "boolean": number % 2 == 1,
        "integer": number,
        "number": number + 0.5,
    }
    dates = {"date": f"2026-03-{number:02d}", "date-time": f"2026-03-{number:02d}T12:00:00Z"}
    return dates.get(str(type_)) or values.get(schema.get("type", ""), values["string"])

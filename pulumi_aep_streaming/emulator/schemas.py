"""The JSON Schemas by which connection specs say what credentials and parameters are: made, and held against values. Pure."""

from __future__ import annotations

from typing import Any

from pulumi_aep_streaming.emulator.kinds import Json

TEXT: Json = {"type": "string"}
SECRET: Json = {"type": "string", "format": "password"}
SWITCH: Json = {"type": "boolean"}
_TYPES: dict[Any, tuple[type, ...]] = {
    "string": (str,),
    "boolean": (bool,),
    "integer": (int,),
    "number": (int, float),
    "object": (dict,),
    "array": (list,),
    "null": (type(None),),
}


def schema(required: dict[str, Json], optional: dict[str, Json] | None = None, *, one_of: tuple[str, ...] = ()) -> Json:
    """Return the schema of an object; of the optional members in `one_of`, at least one is needed."""
    more = {"anyOf": [{"required": [key]} for key in one_of]} if one_of else {}
    return {
        "$schema": "http://json-schema.org/draft-07/schema#",
        "type": "object",
        "properties": {**required, **(optional or {})},
        "required": list(required),
        **more,
    }


def violation(schema: Json, value: Json, where: str) -> str | None:
    """Return what a schema does not allow of an object: a member that is unknown, missing, empty, or of another type."""
    properties = schema["properties"]
    for key, member in value.items():
        if key not in properties:
            return f"Unknown field {where}.{key}"
        if type(member) not in _TYPES.get(properties[key].get("type"), (type(member),)):  # True is an int, too
            return f"Invalid type of field {where}.{key}"
    alternatives = [[option["required"][0] for option in schema.get("anyOf", [])]]
    for keys in ([key] for key in schema["required"]), alternatives:
        missing = next((group for group in keys if group and not any(_given(value, key) for key in group)), None)
        if missing:
            return f"Missing field {where}.{missing[0]}"
    return None


def secret_keys(schema: Json) -> set[str]:
    """Return the members that GET does not show."""
    return {key for key, member in schema["properties"].items() if member.get("format") == "password"}


def _given(value: Json, key: str) -> bool:
    found: Any = value.get(key)
    return found not in (None, "")

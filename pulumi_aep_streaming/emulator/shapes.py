"""Which types the members of objects have, as the schemas of flow-service.yaml and destinations.yaml say. Pure."""

from __future__ import annotations

from typing import Any

from pulumi_aep_streaming.emulator.problems import flow_service

_SPEC = {"id": str, "version": str}
_SELECTORS = {"selectors": [dict]}
_MEMBERS: dict[str, Any] = {
    "name": str,
    "description": str,
    "connectionSpec": _SPEC,
    "flowSpec": _SPEC,
    "auth": {"specName": str, "params": dict},
    "baseConnectionId": str,
    "data": {"format": str},
    "params": dict,
    "sourceConnectionIds": [str],
    "targetConnectionIds": [str],
    "transformations": [
        {"name": str, "params": {"segmentSelectors": _SELECTORS, "profileSelectors": _SELECTORS}},
    ],
}


def check_types(body: Any) -> None:
    """Refuse a body in which a known member is of another type. Unknown members may be anything."""
    wrong = _wrong(body, _MEMBERS, "")
    if wrong is not None:
        raise flow_service(1455, 400, f"Invalid type of field {wrong.lstrip('.')}")


def _wrong(value: Any, wanted: Any, path: str) -> str | None:
    """Return the path of the first value that is of the wrong type."""
    if isinstance(wanted, type):
        return None if isinstance(value, wanted) else path
    if not isinstance(value, type(wanted)):
        return path
    if isinstance(wanted, list):
        parts = [(item, wanted[0], f"{path}[{index}]") for index, item in enumerate(value)]
    else:
        parts = [(value[key], inner, f"{path}.{key}") for key, inner in wanted.items() if key in value]
    return next((found for part in parts if (found := _wrong(*part)) is not None), None)

"""JSON Patch as Flow Service takes it: which operations, on which members, and what it adds to a selector. Pure."""

from __future__ import annotations

import copy
from typing import Any

import jsonpatch
import jsonpointer

from pulumi_aep_streaming.emulator.audiences import OWN
from pulumi_aep_streaming.emulator.kinds import KINDS, Json
from pulumi_aep_streaming.emulator.problems import flow_service


def patched(kind: str, item: Json, operations: Any, *, capitals: bool) -> Json:
    """Return an object after all operations, one after the other as RFC 6902 says; any that is refused changes nothing."""
    if not isinstance(operations, list) or not operations:
        raise flow_service(1405, 400, "Request body is empty")
    lowered: Any = [_operation(kind, operation, capitals=capitals) for operation in operations]
    try:
        result: Json = jsonpatch.apply_patch(copy.deepcopy(item), lowered)
    except (jsonpatch.JsonPatchException, jsonpointer.JsonPointerException) as invalid:
        raise flow_service(1455, 400, f"Invalid patch: {invalid}") from None
    return result


def _operation(kind: str, operation: Any, *, capitals: bool) -> Json:
    if not isinstance(operation, dict) or not isinstance(operation.get("path"), str):
        raise flow_service(1455, 400, "Missing field path")
    name = str(operation.get("op", ""))
    name = name.lower() if capitals else name
    if name not in {"add", "replace", "remove"}:
        raise flow_service(1434, 400, f"Unsupported operation '{operation.get('op')}'")
    if "value" not in operation:
        raise flow_service(1455, 400, "Missing field value")
    path = operation["path"]
    if path.startswith(("/connectionSpec", "/flowSpec")):
        raise flow_service(1414, 400, "Connection spec cannot be changed")
    if not any(path == allowed or path.startswith(allowed + "/") for allowed in KINDS[kind].patchable):
        raise flow_service(1455, 400, f"Path {path} cannot be changed")
    return {**operation, "op": name}


def decorate(flow: Json, now: int) -> None:
    """Add what the service adds to selectors, and refuse those that are not whole."""
    for transformation in flow.get("transformations", []):
        for member, key in (("segmentSelectors", "id"), ("profileSelectors", "path")):
            for selector in transformation.get("params", {}).get(member, {}).get("selectors", []):
                value = selector.get("value") if isinstance(selector, dict) else None
                if not isinstance(value, dict) or not value.get(key):
                    raise flow_service(1455, 400, f"Missing field value.{key}")
                if member == "segmentSelectors":
                    _check_external(value)
                    value.setdefault("createTime", str(now))
                    value["updateTime"] = value.get("updateTime", str(now))


def _check_external(value: Json) -> None:
    """Refuse an external audience that is named by half: in every example, both members come together."""
    for member in ("systemSegmentId", "namespace"):
        if not isinstance(value.get(member) or "", str):
            raise flow_service(1455, 400, f"Invalid type of field value.{member}")
    if value.get("namespace") and value["namespace"] != OWN and not value.get("systemSegmentId"):
        raise flow_service(1455, 400, "Missing field value.systemSegmentId")
    if value.get("systemSegmentId") and not value.get("namespace"):
        raise flow_service(1455, 400, "Missing field value.namespace")

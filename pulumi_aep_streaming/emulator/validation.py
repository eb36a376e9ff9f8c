"""What a create must be like, beyond the types of its members. Pure."""

from __future__ import annotations

from typing import Any

from pulumi_aep_streaming.emulator import catalogue
from pulumi_aep_streaming.emulator.kinds import Json
from pulumi_aep_streaming.emulator.problems import Problem, flow_service

_ENTERPRISE = frozenset({"Amazon Kinesis", "Azure Event Hubs", "HTTP API"})
"""The destinations that need a licence of their own, by the names of their specs."""


def spec_in(specs: list[Json], reference: Any) -> Json:
    """Return the spec that is referred to, if there is one."""
    if not isinstance(reference, dict) or not reference.get("version"):
        raise Problem(422, {"message": "connectionSpec.version 'version' is required for spec info"})
    found = next((spec for spec in specs if spec["id"] == reference.get("id")), None)
    if found is None:
        raise Problem(400, {"errorCode": "1413-400", "message": "Please provide a valid spec id"})
    return found


def check_entitlement(spec: Json) -> None:
    """Refuse an account at a destination that the licence does not have."""
    if spec["name"] in _ENTERPRISE:
        raise flow_service(1100, 400, f"Not entitled to {spec['name']}")


def check_auth(spec: Json, auth: Any) -> None:
    """Refuse credentials that a connection spec does not have."""
    if not spec["authSpec"]:
        if auth:
            raise flow_service(1415, 400, f"{spec['name']} takes no authentication")
        return
    name = auth.get("specName") if isinstance(auth, dict) else None
    found = next((known for known in spec["authSpec"] if known["name"] == name), None)
    if found is None:
        raise flow_service(1415, 400, f"Auth spec {name} is not found for connection spec {spec['name']}")
    params = auth.get("params") or {}
    for key in found["spec"]["required"]:
        if not params.get(key):
            raise flow_service(1455, 400, f"Missing field auth.params.{key}")


def secret_keys(spec_id: str, auth_name: str) -> set[str]:
    """Return the members of credentials that GET does not show."""
    for spec in catalogue.CONNECTION_SPECS:
        for known in spec["authSpec"]:
            if (spec["id"], known["name"]) == (spec_id, auth_name):
                properties = known["spec"]["properties"]
                return {key for key, schema in properties.items() if schema.get("format") == "password"}
    return set()


def check_empty_selectors(transformations: Any) -> None:
    """Refuse a new dataflow that activates something: the documents demand empty lists."""
    for transformation in transformations:
        params = transformation.get("params") or {}
        for member in ("profileSelectors", "segmentSelectors"):
            if params.get(member, {}).get("selectors"):
                raise flow_service(1455, 400, f"{member} must be empty in a create request")

"""What an object must be like, beyond the types of its members: as its spec says, and as those that it is built upon. Pure."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from pulumi_aep_streaming.emulator import schemas
from pulumi_aep_streaming.emulator.catalogue import PROFILE_STORE
from pulumi_aep_streaming.emulator.contents import Contents
from pulumi_aep_streaming.emulator.inheritance import Load
from pulumi_aep_streaming.emulator.kinds import KINDS, Json
from pulumi_aep_streaming.emulator.problems import Problem, flow_service
from pulumi_aep_streaming.emulator.shapes import check_types

_ENDS = {"sourceConnectionIds": "sourceConnections", "targetConnectionIds": "targetConnections"}


def check_new(kind: str, body: Json, contents: Contents, load: Load) -> None:
    """Refuse a create request that cannot be."""
    if "state" in body:
        raise flow_service(1410, 400, "state is not allowed in a create request")
    for member in KINDS[kind].required:
        if body.get(member) in (None, "", []):
            raise flow_service(1455, 400, f"Missing field {member}")
    check_types(body)
    if kind == "flows":
        _check_ends(spec_in(contents.flow_specs, body["flowSpec"]), body, load)
        _check_empty_selectors(body["transformations"])
        return
    spec = spec_in(contents.connection_specs, body["connectionSpec"])
    if kind == "connections":
        check_auth(spec, body.get("auth"))
        return
    base = _parent(load, "connections", body["baseConnectionId"])
    if base["connectionSpec"]["id"] != spec["id"]:
        raise flow_service(1455, 400, f"connectionSpec.id {spec['id']} is not that of base connection {base['id']}")
    if kind == "targetConnections":
        _check_params(spec, body)


def check_changed(kind: str, before: Json, after: Json, contents: Contents, load: Load) -> None:
    """Refuse a patch that makes of an object what could not be created; what it leaves as it is may be anything."""
    check_types(after)
    if kind == "flows":
        if after["sourceConnectionIds"] != before["sourceConnectionIds"]:
            _check_ends(spec_in(contents.flow_specs, after["flowSpec"]), after, load)
        return
    spec = spec_in(contents.connection_specs, after["connectionSpec"])
    if after.get("auth") != before.get("auth"):
        check_auth(spec, after["auth"])
    if kind == "targetConnections" and after.get("params") != before.get("params"):
        _check_params(spec, after)


_ENTERPRISE = frozenset({"Amazon Kinesis", "Azure Event Hubs", "HTTP API"})
"""The destinations that need a licence of their own, by the names of their specs."""


def spec_in(specs: list[Json] | None, reference: Any) -> Json:
    """Return the spec that is referred to, if there is one; of specs that may not be read, one of which nothing is known."""
    if not isinstance(reference, dict) or not reference.get("version"):
        raise Problem(422, {"message": "connectionSpec.version 'version' is required for spec info"})
    if specs is None:
        return {"id": reference.get("id"), "name": ""}
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
    kinds = spec.get("authSpec")
    if kinds is None or (spec["id"] == PROFILE_STORE and not auth):  # which takes none, whatever it shows
        return
    if not kinds:
        if auth:
            raise flow_service(1415, 400, f"{spec['name']} takes no authentication")
        return
    name = auth.get("specName") if isinstance(auth, dict) else None
    kind = next((kind for kind in kinds if kind["name"] == name), None)
    if kind is None:
        raise flow_service(1415, 400, f"Auth spec {name} is not found for connection spec {spec['name']}")
    if "spec" in kind:
        _check(kind["spec"], auth.get("params") or {}, "auth.params")


def secret_keys(kind: str, item: Json, specs: list[Json] | None) -> tuple[str, set[str]] | None:
    """Return the member of an object that holds secrets, and the keys in it that GET does not show.

    Of credentials those are all keys, where no spec says which.
    """
    spec = next((spec for spec in specs or () if spec["id"] == item.get("connectionSpec", {}).get("id")), {})
    if kind == "connections" and item.get("auth"):
        kinds = {kind["name"]: kind.get("spec") for kind in spec.get("authSpec", ())}
        found = kinds.get(item["auth"].get("specName"))
        return "auth", schemas.secret_keys(found) if found else set(item["auth"].get("params", {}))
    if kind == "targetConnections" and "targetSpec" in spec:
        return "params", schemas.secret_keys(spec["targetSpec"]["spec"])
    return None


def _check_params(spec: Json, target: Json) -> None:
    if "targetSpec" in spec:
        _check(spec["targetSpec"]["spec"], target.get("params", {}), "params")


def _check(schema: Json, value: Json, where: str) -> None:
    wrong = schemas.violation(schema, value, where)
    if wrong:
        raise flow_service(1455, 400, wrong)


def _check_ends(spec: Json, flow: Json, load: Load) -> None:
    """Refuse sources and targets that are not there, or between which a flow spec does not flow."""
    ends = {member: {id_: _parent(load, kind, id_) for id_ in flow[member]} for member, kind in _ENDS.items()}
    for member, found in ends.items():
        allowed: Collection[str] | None = spec.get(member.replace("Ids", "SpecIds"))
        for id_, connection in found.items():
            end = connection["connectionSpec"]["id"]
            if allowed is not None and end not in allowed:
                raise flow_service(
                    1455, 400, f"Connection spec {end} of {id_} is none of the {member} of flow spec {spec['name']}"
                )


def _parent(load: Load, kind: str, id_: str) -> Json:
    try:
        return load(kind, id_)
    except Problem:
        raise flow_service(1439, 400, f"requested {kind} resource {id_} is not found") from None


def _check_empty_selectors(transformations: Any) -> None:
    """Refuse a new dataflow that activates something: the documents demand empty lists."""
    for transformation in transformations:
        params = transformation.get("params") or {}
        for member in ("profileSelectors", "segmentSelectors"):
            if params.get(member, {}).get("selectors"):
                raise flow_service(1455, 400, f"{member} must be empty in a create request")

"""The union schema of the profile, as Schema Registry answers it: made of a table of fields.

Source: `/tenant/unions` of schema-registry.yaml, the errors included. A union has one shape only here, with all references
resolved: the forms of `Accept` without `-full` are refused, as they would be nothing but references to what is not there.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from starlette.requests import Request

from pulumi_aep_streaming.emulator.kinds import Json
from pulumi_aep_streaming.emulator.problems import Problem

UNIONS = "/data/foundation/schemaregistry/tenant/unions"
_ID, _ALT_ID = "https://ns.adobe.com/xdm/context/profile__union", "_xdm.context.profile__union"
_LOOK_UP = re.compile(r"application/vnd\.adobe\.xed-full(-notext|-desc)?\+json; ?version=1(\.0)?")
_LISTING = re.compile(r"application/vnd\.adobe\.xed(-id)?\+json")
_STEP = re.compile(r"\[\]|\{\}|[^.\[\]{}]+")
_JSON_TYPES = {
    "date": "string",
    "date-time": "string",
    "map": "object",
    "int": "integer",
    "long": "integer",
    "short": "integer",
}
_JSON_TYPES |= {"byte": "integer", "double": "number", "float": "number"}

_NAMES = ("firstName", "lastName", "middleName", "fullName", "courtesyTitle")
_ADDRESS = ("street1", "city", "postalCode", "stateProvince", "country", "countryCode")
FIELDS: dict[str, str | None] = {
    **{f"person.name.{name}": "string" for name in _NAMES},
    "person.birthDate": "date",
    "person.gender": "string",
    "personalEmail.address": "string",
    "personalEmail.primary": "boolean",
    **{f"{which}Address.{name}": "string" for which in ("home", "work") for name in _ADDRESS},
    "mobilePhone.number": "string",
    "homePhone.number": "string",
    "loyalty.tier": "string",
    "loyalty.points": "number",
    "loyalty.joinDate": "date-time",
    **{f"consents.marketing.{channel}.val": "string" for channel in ("any", "call", "email", "push", "sms")},
    "consents.collect.val": "string",
    "consents.metadata.time": "date-time",
    "identityMap": "map",
    "identityMap{}": "array",
    "identityMap{}[].id": "string",
    "identityMap{}[].authenticatedState": "string",
    "identityMap{}[].primary": "boolean",
    "segmentMembership": "map",
    "segmentMembership{}": "map",
    "segmentMembership{}{}.lastQualificationTime": "date-time",
    "segmentMembership{}{}.status": "string",
    "orders": "array",
    "orders[].orderId": "string",
    "orders[].total": "double",
    "orders[].lines": "array",
    "orders[].lines[].sku": "string",
    "interests": "array",
    "interests[]": "string",
    "_emulator.favouriteColour": "string",
    "_emulator.visits": "integer",
}
"""Fields of the sample profiles and others that most profiles have, by path: `[]` is in an array, `{}` in a map."""


class Unions:
    """The handlers of union schemas, of which there is that of the profile only."""

    def __init__(self, fields: Mapping[str, str | None] | None) -> None:
        """Fields that are None may not be read."""
        self._schema = None if fields is None else schema_of(fields)

    def list_unions(self, request: Request, place: str) -> Json:
        """Answer `GET /tenant/unions`."""
        del place
        self._read()
        _check_accept(request, _LISTING, 1006, "application/vnd.adobe.'{xed|xdm'}+json")
        return {"results": [{"$id": _ID, "meta:altId": _ALT_ID, "version": "1.0", "title": "XDM Individual Profile"}]}

    def get_union(self, request: Request, place: str) -> Json:
        """Answer `GET /tenant/unions/{UNION_ID}`, by its `meta:altId` or its URL-encoded `$id`."""
        schema = self._read()
        example = "application/vnd.adobe.'{xed|xdm'}+json; version=1 (Version should be specified)"
        _check_accept(request, _LOOK_UP, 1007, example)
        id_ = request.path_params["id"]
        if id_ not in {_ID, _ALT_ID}:
            raise _problem(404, 1012, "Resource Not Found", f"Requested resource {id_} with version 1 is not found")
        org, sandbox = place.split("/", 1)
        head = {"$id": _ID, "meta:altId": _ALT_ID, "meta:resourceType": "unions", "version": "1.0"}
        tail = {"imsOrg": org, "meta:class": _ID.removesuffix("__union"), "meta:sandboxName": sandbox}
        return {**head, "title": "XDM Individual Profile", **schema, **tail}

    def _read(self) -> Json:
        if self._schema is None:  # schema-registry.yaml describes no body
            raise Problem(403, {"title": "Forbidden", "status": 403, "detail": "no permission to view schemas"})
        return self._schema


def schema_of(fields: Mapping[str, str | None]) -> Json:
    """Return the JSON Schema of fields, given by their paths and the types of XDM; None is any type, "" the whole."""
    root: Json = {}
    for path, type_ in fields.items():
        schema = root
        for step in _STEP.findall(path):
            schema = _below(schema, step)
        _set_type(schema, type_)
    return root


def _below(schema: Json, step: str) -> Json:
    if step == "[]":
        found = schema.setdefault("items", {})
    elif step == "{}":
        found = schema.setdefault("additionalProperties", {})
    else:
        schema.setdefault("type", "object")
        schema.setdefault("meta:xdmType", "object")
        found = schema.setdefault("properties", {}).setdefault(step, {})
    return found


def _set_type(schema: Json, type_: str | None) -> None:
    if type_ == "object":  # it may hold more than is shown
        schema["allOf"] = [{"$ref": "https://ns.adobe.com/xdm/common/extensible"}]
    if type_ is None:
        return
    schema["type"], schema["meta:xdmType"] = _JSON_TYPES.get(type_, type_), type_
    if type_ in {"date", "date-time"}:
        schema["format"] = type_


def _check_accept(request: Request, form: re.Pattern[str], code: int, example: str) -> None:
    accept = request.headers.get("accept", "")
    if not form.fullmatch(accept):
        detail = f"The supplied Accept header is not valid: {accept} - A valid Accept value should look like {example}"
        raise _problem(400, code, "Accept header invalid", detail)


def _problem(status: int, code: int, title: str, detail: str) -> Problem:
    report = {"registryRequestId": "", "timestamp": "", "detailed-message": detail, "sub-errors": []}
    type_ = f"http://ns.adobe.com/aep/errors/XDM-{code}-{status}"
    return Problem(status, {"type": type_, "title": title, "status": status, "report": report, "detail": detail})

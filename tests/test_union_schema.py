"""Which fields a profile has: the union schema, as it is read and as the emulator answers it."""

from __future__ import annotations

import random

import pytest
import requests
from hypothesis import given
from hypothesis import strategies as st
from support.curl import Api

from pulumi_aep_streaming.emulator import Fault, catalogue
from pulumi_aep_streaming.emulator.profile_schema import FIELDS, UNIONS, schema_of
from pulumi_aep_streaming.flow_service.errors import NotFound, Refused, Unreadable
from pulumi_aep_streaming.flow_service.union_schema import fields_of

LOOK_UP = "application/vnd.adobe.xed-full+json; version=1"
TYPES = ["array", "boolean", "date", "date-time", "integer", "map", "number", "object", "string", None, 5, ["string", "null"]]
WORDS = ["a", "b", "_c", "properties", "items", "type", "x y", "", "$ref", "allOf"]
ODD = st.recursive(
    st.none() | st.booleans() | st.integers() | st.sampled_from(WORDS),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(WORDS), inner, max_size=3),
    max_leaves=6,
)
SCHEMAS = st.recursive(
    ODD,
    lambda inner: st.fixed_dictionaries(
        {},
        optional={
            "properties": ODD | st.dictionaries(st.sampled_from(WORDS), inner, max_size=3),
            "items": ODD | inner | st.lists(inner, max_size=2),
            "additionalProperties": ODD | inner,
            "allOf": ODD | st.lists(inner, max_size=3),
            "anyOf": ODD | st.lists(inner, max_size=2),
            "$ref": ODD | st.sampled_from(["#", "#/properties/a", "#/properties/b/items", "https://ns.adobe.com/x"]),
            "type": ODD | st.sampled_from(TYPES),
            "meta:xdmType": ODD | st.sampled_from(TYPES),
        },
    ),
    max_leaves=12,
)


@given(st.dictionaries(st.text(max_size=5) | st.sampled_from(["properties", "allOf", "$ref", "items"]), SCHEMAS, max_size=4))
def test_no_schema_is_too_odd(schema):
    found = fields_of(schema)
    assert found
    assert {type(type_) for type_ in found.values()} <= {str, type(None)}


NAMES = st.sampled_from(["a", "b", "lastName", "_shop", "x-y"])
SCALARS = st.sampled_from(["boolean", "date", "date-time", "double", "int", "long", "number", "string", None])


def trees(path):
    """Fields below a path, as a schema can have them."""
    inside = st.deferred(lambda: st.sampled_from(["leaf", "leaf", "object", "array", "map", "open"]))

    def grown(kind, name, type_, more):
        at = f"{path}.{name}" if path else name
        if kind == "leaf":
            return {at: type_}
        if kind == "object":
            return {f"{at}.{key}": value for key, value in more.items()}
        if kind == "open":
            return {at: "object", **{f"{at}.{key}": value for key, value in more.items()}}
        mark = "[]" if kind == "array" else "{}"
        return {at: kind, **{f"{at}{mark}.{key}": value for key, value in more.items()}}

    return st.builds(grown, inside, NAMES, SCALARS, st.dictionaries(NAMES, SCALARS, min_size=1, max_size=3))


@given(st.lists(st.deferred(lambda: trees("")), min_size=1, max_size=5))
def test_the_fields_that_a_schema_was_made_of_are_found(grown):
    fields = {}
    for tree in grown:
        if not {path.partition(".")[0].rstrip("[]{}") for path in tree} & {p.partition(".")[0].rstrip("[]{}") for p in fields}:
            fields |= tree
    assert fields_of(schema_of(fields)) == fields


def test_a_schema_of_realistic_size_is_read_whole():
    chance = random.Random(1)
    fields = {f"_shop.group{n % 97}.part{n % 11}.field{n}": chance.choice(["string", "integer", "date"]) for n in range(4_000)}
    fields |= {f"_shop.lists{n}": "array" for n in range(200)}
    fields |= {f"_shop.lists{n}[].item{m}": "string" for n in range(200) for m in range(5)}
    assert fields_of(schema_of(fields)) == fields
    assert len(fields) > 5_000


def field(**more):
    return {"properties": more}


def test_what_is_combined_and_referred_to_is_one():
    schema = {
        "allOf": [field(a={"type": "string"}), {"$ref ": "#/definitions/more"}],
        "definitions": {
            "more": field(a={"meta:xdmType": "date"}, b={"$ref": "#/definitions/c~1d"}),
            "c/d": {"type": ["null", "integer"]},
        },
    }
    assert fields_of(schema) == {"a": "date", "b": "integer"}


def test_what_is_not_shown_is_open():
    assert fields_of(field(a={"$ref": "https://ns.adobe.com/xdm/x"})) == {"a": "object"}
    assert fields_of({"allOf": [{"$ref": "elsewhere"}], **field(a={})}) == {"": "object", "a": None}
    assert fields_of(field(a={"type": "object"})) == {"a": "object"}
    assert fields_of({}) == fields_of({"properties": {}}) == {"": None}


def test_a_recursive_schema_ends_where_it_begins_again():
    person = field(
        name={"type": "string"}, manager={"$ref": "#/definitions/person"}, team={"items": {"$ref": "#/definitions/person"}}
    )
    schema = {"definitions": {"person": person}, **field(who={"$ref": "#/definitions/person"})}
    assert fields_of(schema) == {
        "who.name": "string",
        "who.manager": "object",
        "who.team": "array",
        "who.team[]": "object",
    }
    assert fields_of(field(x={"$ref": "#"}, y={"type": "string"}))["y"] == "string"


def test_a_deep_schema_ends_and_so_does_one_that_multiplies():
    schema = {"type": "string"}
    for _ in range(400):
        schema = field(a=schema)
    (path,) = fields_of(schema)
    assert path.count(".") == 31
    definitions = {f"d{n}": field(a={"$ref": f"#/d{n + 1}"}, b={"$ref": f"#/d{n + 1}"}) for n in range(40)}
    assert fields_of({**definitions, "$ref": "#/d0"})[""] == "object"


def test_names_that_no_path_can_hold_are_left_out():
    assert fields_of(field(**{"a.b": {}, "c d": {}, "e[]": {}, "": {}, "f": {"type": "string"}})) == {"f": "string"}
    assert fields_of(field(x=field(**{"a.b": {}}))) == {"x": "object"}


def test_the_profile_of_a_sandbox_is_read(service):
    found = service.profile_schema.fields()
    assert found == FIELDS
    assert found["identityMap{}[].id"] == found["person.name.lastName"] == "string"


def paths_in(value, path=""):
    if isinstance(value, dict) and path not in {"identityMap", "segmentMembership"}:
        return {found for key, member in value.items() for found in paths_in(member, f"{path}.{key}".lstrip("."))}
    return {path}


def test_the_schema_has_what_the_sample_profiles_have():
    held = {path for profile in catalogue.profiles("current") for path in paths_in(profile)}
    assert held <= FIELDS.keys()


def get(emulator, path, accept):
    return requests.get(emulator.url + path, headers={**Api(emulator).headers, "Accept": accept}, timeout=5)


@pytest.mark.parametrize("id_", ["_xdm.context.profile__union", "https%3A%2F%2Fns.adobe.com%2Fxdm%2Fcontext%2Fprofile__union"])
def test_the_emulator_has_it_under_both_ids(emulator, id_):
    answer = get(emulator, f"{UNIONS}/{id_}", LOOK_UP)
    assert (answer.status_code, answer.json()["meta:altId"]) == (200, "_xdm.context.profile__union")


@pytest.mark.parametrize(
    "accept",
    ["application/json", "*/*", "", "application/vnd.adobe.xed-full+json", "application/vnd.adobe.xed-id+json"],
)
def test_the_emulator_refuses_a_look_up_without_a_form_and_a_version(emulator, accept):
    answer = get(emulator, f"{UNIONS}/_xdm.context.profile__union", accept)
    assert answer.status_code == 400
    assert answer.json()["type"].endswith("XDM-1007-400")
    assert answer.json()["detail"].startswith(f"The supplied Accept header is not valid: {accept} - ")


def test_the_emulator_lists_unions_in_a_form_of_lists_and_has_no_other(emulator):
    assert get(emulator, UNIONS, LOOK_UP).json()["type"].endswith("XDM-1006-400")
    listed = get(emulator, UNIONS, "application/vnd.adobe.xed-id+json").json()["results"]
    assert [union["meta:altId"] for union in listed] == ["_xdm.context.profile__union"]
    assert get(emulator, f"{UNIONS}/_xdm.context.experienceevent__union", LOOK_UP).json()["type"].endswith("XDM-1012-404")


@pytest.mark.parametrize(
    ("fault", "error"),
    [
        ({"status": 403}, Refused),
        (
            {"status": 404, "body": {"type": "http://ns.adobe.com/aep/errors/XDM-1012-404", "title": "Resource Not Found"}},
            NotFound,
        ),
        ({"status": 200, "raw": "[]"}, Unreadable),
    ],
)
def test_what_is_no_schema_is_an_error(emulator, service, fault, error):
    emulator.misbehave()
    emulator.order(Fault(path="/tenant/unions", **fault))
    with pytest.raises(error):
        service.profile_schema.fields()

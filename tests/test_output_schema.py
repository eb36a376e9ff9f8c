"""`aep-streaming output-schema`: a schema by which whoever reads a stream can tell a good record from a bad one."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import requests
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator
from support.command import aep_streaming, as_json, pulumi_is
from support.curl import SEGMENTS
from support.plain import HTTP, MEN
from support.surroundings import PROFILES

from pulumi_aep_streaming._core.output_schema import record_schema, sample
from pulumi_aep_streaming._core.snapshot.contents import Audience, Field, Snapshot
from pulumi_aep_streaming.emulator.exports import exported
from pulumi_aep_streaming.emulator.profile_schema import FIELDS

SUMMER = {"id": "7841ba61-23c1-4bb3-a495-00d695fe1e93"}
LOYAL = {
    "id": "loyalty-members-2026",
    "systemSegmentId": "32a83b5d-a118-4bd6-b3cb-3aee2f4c30a1",
    "namespace": "CustomerAudienceUpload",
}
# One of each type that the sample profiles have, a whole object, a member of that, and what no union schema has.
PATHS = ["personalEmail", "personalEmail.address", "person.birthDate", "loyalty.joinDate", "loyalty.points", "person.email"]
FLOW = "pulumi-python:dynamic/aep:Dataflow"
TARGET = "pulumi-python:dynamic/aep:TargetConnection"
SECRET = {"4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270", "ciphertext": "v1:x"}


def problems(schema, record) -> list[str]:
    Draft202012Validator.check_schema(schema)
    validator = Draft202012Validator(schema, format_checker=Draft202012Validator.FORMAT_CHECKER)
    return [error.json_path for error in validator.iter_errors(record)]


def described(paths=(), segments=(MEN,), fields=None):
    snapshot = Snapshot("o", "prod", "2026-11-26", None, None, tuple(fields), None) if fields is not None else None
    return record_schema(paths, segments, snapshot, title="t", description="d")


def record(**attributes):
    return {**attributes, "segmentMembership": {}, "identityMap": {}}


# What the emulator exports


def in_a_stack(flow: str = "f", *, name: str = "shop-flow", **outputs) -> dict:
    held = {"orgId": "EMULATOR@AdobeOrg", "sandboxName": "prod", "segments": [MEN], "profileAttributes": [], **outputs}
    return {"urn": f"urn:pulumi:dev::shop::{FLOW}::{name}", "type": FLOW, "id": flow, "outputs": held}


@pytest.fixture
def selected(as_environment, monkeypatch):
    """Make a stack the selected one of a project, of a `pulumi` that knows nothing else."""

    def select(*resources: dict, **config: str) -> None:
        Path("Pulumi.yaml").touch()
        Path("config.json").write_text(json.dumps({f"aep:{key}": {"value": value} for key, value in config.items()}))
        Path("stack.json").write_text(json.dumps({"version": 3, "deployment": {"resources": resources}}))

    known = '*" stack export") exec /bin/cat stack.json;; *" config --json --show-secrets") exec /bin/cat config.json;;'
    pulumi_is(f'case "$*" in {known} *) echo "$*" >&2; exit 1;; esac', monkeypatch)
    return select


@pytest.mark.parametrize("emulator", PROFILES, indirect=True)
@pytest.mark.parametrize("snapshot", [True, False])
def test_what_the_emulator_exports_is_valid_whatever_was_not_mapped(emulator, hourglass, by_hand, selected, snapshot):
    flow = by_hand.api.flow()["flow"]
    segments = [MEN, SUMMER, LOYAL]
    by_hand.api.activate(flow, [MEN["id"], SUMMER["id"]], PATHS)
    external = {"op": "add", "path": f"{SEGMENTS}/-", "value": {"type": "PLATFORM_SEGMENT", "value": LOYAL}}
    hourglass.sleep(1)  # until a finalizer is through
    headers = {"If-Match": by_hand.api.etag(f"/flows/{flow}")}
    assert by_hand.api.call("PATCH", f"/flows/{flow}", json=[external], headers=headers).ok
    selected(in_a_stack(flow, segments=segments, profileAttributes=[{"path": path} for path in PATHS]))
    if snapshot:
        aep_streaming("snapshot", "--out", "snapshot.json")
    (found,) = as_json("output-schema", *(["--snapshot", "snapshot.json"] if snapshot else []))
    sent = {}
    for mapped_only in (True, False):
        records = by_hand.api.control("exports", flowId=flow, mappedOnly=mapped_only)["records"]
        assert [problems(found["schema"], each) for each in records] == [[] for _ in records]
        spaces = [each["segmentMembership"] for each in records]
        assert any(LOYAL["id"] in space.get(LOYAL["namespace"], {}) for space in spaces)
        sent[mapped_only] = {id_ for space in spaces for id_ in space["ups"]}
    assert sent[True] == {MEN["id"], SUMMER["id"]} < sent[False]
    assert problems(found["schema"], found["sample"]) == []
    assert set(found["sample"]) == {"personalEmail", "person", "loyalty", "segmentMembership", "identityMap"}


def test_what_an_export_cannot_be_is_refused():
    schema = described(["personalEmail.address", "loyalty", "interests"], fields=map(Field._make, FIELDS.items()))
    good = sample(schema)
    assert problems(schema, good) == []
    member, when = {"status": "realized"}, "lastQualificationTime"
    for change, where in (
        ({"personalEmail": {"address": 5}}, "$.personalEmail.address"),
        ({"personalEmail": "a@example.com"}, "$.personalEmail"),
        ({"loyalty": {"points": "many"}}, "$.loyalty.points"),
        ({"loyalty": {"joinDate": "yesterday"}}, "$.loyalty.joinDate"),
        ({"interests": ["shoes", 5]}, "$.interests[1]"),
        ({"segmentMembership": {"ups": {MEN["id"]: {"status": "perhaps"}}}}, f"$.segmentMembership.ups['{MEN['id']}'].status"),
        ({"segmentMembership": {"ups": {"x": {}}}}, "$.segmentMembership.ups.x"),
        ({"segmentMembership": {"other": {"x": {**member, when: "now"}}}}, f"$.segmentMembership.other.x.{when}"),
        ({"identityMap": {"ecid": [{"id": 5}]}}, "$.identityMap.ecid[0].id"),
        ({"identityMap": {"ecid": {"id": "5"}}}, "$.identityMap.ecid"),
    ):
        assert problems(schema, {**good, **change}) == [where]
    for member in ("segmentMembership", "identityMap"):
        assert problems(schema, {key: value for key, value in good.items() if key != member}) == ["$"]


def test_what_others_may_add_is_no_fault_of_a_record():
    schema = described(["person.name"], fields=[Field("person.name.lastName", "string")])
    more = {"status": "realized", "name": "Men over 50", "createdAt": 1648553325000, "mappingCreatedAt": 1649436770000}
    assert problems(
        schema,
        {
            "person": {"name": {"lastName": "Doe", "suffix": 3}},
            "orders": [],
            "segmentMembership": {"ups": {"anything": more}, "AAMSegments": {"25160734": more}},
            "identityMap": {"ecid": [{"id": "1", "primary": True}]},
        },
    ) == []  # fmt: skip


def test_without_a_snapshot_no_type_of_an_attribute_is_asserted():
    schema = described(["person.name.lastName", "loyalty"])
    for value in ("x", 5, None, [], {"name": 5}):
        assert problems(schema, record(person=value, loyalty=value)) == []
    assert sample(schema)["person"] == {"name": {"lastName": "anything"}}


def test_audiences_are_named_as_the_snapshot_names_them_each_in_its_namespace():
    men = Audience(MEN["id"], "Men over 60", None, MEN["id"], None, None, None)
    snapshot = Snapshot("o", "prod", "2026-11-26", None, None, None, (men,))
    schema = record_schema([], [MEN, {**SUMMER, "name": "Summer"}, LOYAL], snapshot, title="t", description="d")
    spaces = schema["properties"]["segmentMembership"]["properties"]
    titles = {space: {id_: found.get("title") for id_, found in each["properties"].items()} for space, each in spaces.items()}
    assert titles == {
        "ups": {MEN["id"]: "Men over 60", SUMMER["id"]: "Summer"},
        "CustomerAudienceUpload": {LOYAL["id"]: None},
    }


def test_maps_arrays_and_what_lies_in_another_mapped_field():
    fields = [
        Field("tags", "array"),
        Field("tags[]", "string"),
        Field("consents", "map"),
        Field("consents{}.val", "string"),
        Field("open", "object"),
        Field("open.known", "long"),
        Field("vague", "object"),
        Field("any", None),
        Field("newer", "hologram"),
    ]
    paths = ["tags", "tags.length", "consents.email", "consents", "open.known", "open", "open.new", "vague", "any", "newer"]
    text = {"type": "object", "properties": {"val": {"type": "string"}}}
    assert {key: value for key, value in described(paths, fields=fields)["properties"].items() if key in paths} == {
        "tags": {"type": "array", "items": {"type": "string"}},
        "consents": {"type": "object", "additionalProperties": text},
        "open": {"type": "object", "properties": {"known": {"type": "integer"}}},
        "vague": {},
        "any": {},
        "newer": {},
    }
    one = described(["consents.email"], fields=fields)["properties"]["consents"]
    assert one == {"type": "object", "properties": {"email": text}}


# Laws

NAMES = st.sampled_from(["a", "b", "c", "segmentMembership"])
SCALARS = {
    "string": st.text(max_size=3),
    "boolean": st.booleans(),
    "long": st.integers(),
    "double": st.floats(allow_nan=False, allow_infinity=False) | st.integers(),
    "date": st.dates().map(str),
    "date-time": st.datetimes(allow_imaginary=False).map(lambda time: f"{time.isoformat()}Z"),
}
ANYTHING = st.none() | st.booleans() | st.integers() | st.text(max_size=2) | st.just([]) | st.just({"a": 1})
PATHS_OF_ANY = st.lists(NAMES, min_size=1, max_size=4).map(".".join)
SHAPES = st.recursive(
    st.sampled_from([*SCALARS, None]),
    lambda shapes: (
        st.tuples(st.just("array"), shapes)
        | st.tuples(st.just("map"), shapes)
        | st.tuples(st.just("object"), st.dictionaries(NAMES, shapes, max_size=3), st.booleans())
    ),
    max_leaves=8,
)
PROFILES_SHAPE = st.dictionaries(st.sampled_from("abc"), SHAPES, max_size=3)


def fields_of(shape, path=""):
    """The fields of a shape, as the union schema is read."""
    match shape:
        case ("array", of):
            yield Field(path, "array")
            yield from fields_of(of, f"{path}[]")
        case ("map", of):
            yield Field(path, "map")
            yield from fields_of(of, f"{path}{{}}")
        case ("object", members, is_open):
            if is_open or not members:
                yield Field(path, "object")
            for name, of in members.items():
                yield from fields_of(of, f"{path}.{name}" if path else name)
        case type_:
            yield Field(path, type_)


def values_of(shape):
    match shape:
        case ("array", of):
            return st.lists(values_of(of), max_size=2)
        case ("map", of):
            return st.dictionaries(NAMES, values_of(of), max_size=2)
        case ("object", members, is_open):
            known = st.fixed_dictionaries({}, optional={name: values_of(of) for name, of in members.items()})
            more = st.dictionaries(st.just("more"), ANYTHING, max_size=1) if is_open else st.just({})
            return st.tuples(more, known).map(lambda both: both[0] | both[1])
        case None:
            return ANYTHING
        case type_:
            return SCALARS[type_]


def flow_of(paths, segments):
    lists = {"profileSelectors": [{"path": path} for path in paths], "segmentSelectors": segments}
    params = {member: {"selectors": [{"value": value} for value in values]} for member, values in lists.items()}
    return {"transformations": [{"params": params}]}


@settings(suppress_health_check=[HealthCheck.too_slow])
@given(PROFILES_SHAPE, st.lists(PATHS_OF_ANY, unique=True), st.data())
def test_any_export_of_a_profile_that_is_as_the_snapshot_says_is_valid(members, paths, data):
    shape = ("object", members, False)
    membership = {
        space: {id_: {"status": "realized"}} for space, id_ in (("ups", MEN["id"]), (LOYAL["namespace"], LOYAL["id"]))
    }
    profile = {**data.draw(values_of(shape)), "segmentMembership": membership, "identityMap": {"ecid": [{"id": "1"}]}}
    sent = exported(profile, flow_of(paths, [MEN, LOYAL]), "current", [])
    assert problems(described(paths, [MEN, LOYAL], fields_of(shape)), sent) == []
    assert problems(described(paths, [MEN, LOYAL]), sent) == []


FIELD_PATHS = st.lists(st.sampled_from(["a", "b", ".", "[]", "{}"]), max_size=5).map("".join)
SELECTORS = st.sampled_from([MEN, SUMMER, LOYAL, {"id": None}, {"id": "x", "namespace": 5}])


@given(
    st.lists(PATHS_OF_ANY | st.text(max_size=4)),
    st.lists(SELECTORS),
    st.none() | st.lists(st.builds(Field, FIELD_PATHS, st.sampled_from([*SCALARS, "array", "map", "object", None, "odd"]))),
)
def test_any_selectors_and_any_snapshot_give_a_schema_with_a_sample_whatever_their_order(paths, segments, fields):
    schema = described(paths, segments, fields)
    assert problems(schema, sample(schema)) == []
    assert described([*reversed(paths), *paths], segments[::-1], fields) == schema


@given(st.lists(st.sampled_from("abc"), min_size=1, max_size=4), st.sampled_from([*SCALARS]), st.data())
def test_a_value_of_another_type_than_the_field_has_is_refused_where_it_is(steps, type_, data):
    path = ".".join(steps)
    schema = described([path], fields=[Field(path, type_)])

    def holding(value):
        for step in reversed(steps):
            value = {step: value}
        return record(**value)

    assert problems(schema, holding(data.draw(SCALARS[type_]))) == []
    right = {"boolean": bool, "long": int, "double": (int, float)}.get(type_, str)
    wrong = data.draw(ANYTHING.filter(lambda value: not isinstance(value, right) or isinstance(value, bool) != (right is bool)))
    assert problems(schema, holding(wrong)) == [f"$.{path}"]


# The command


def test_it_prints_a_block_a_dataflow_without_a_call_or_credentials(selected, emulator, monkeypatch):
    for name in ("AEP_CLIENT_ID", "AEP_CLIENT_SECRET"):
        monkeypatch.delenv(name)
    selected(in_a_stack("1", name="one"), in_a_stack("2", name="two", segments=[]))
    emulator.forget()
    first, second = aep_streaming("output-schema").split("\n\n")
    head, note, what, *rest = first.split("\n")
    assert (head, what) == ("one (1) in sandbox prod", "schema:")
    assert note == "  note: types of attributes are not known, and not asserted: no snapshot is configured or given"
    schema, _, record = "\n".join(rest).partition("\nsample:\n")
    assert problems(json.loads(schema), json.loads(record)) == []
    assert second.startswith("two (2) in sandbox prod\n")
    assert "  note: no segment is activated, so nothing is sent\n" in second
    assert emulator.calls == []


def test_types_are_those_of_the_snapshot_of_the_dataflows_own_place(selected):
    Path("snapshots").mkdir()
    for sandbox in ("prod", "dev"):
        aep_streaming("snapshot", "--sandbox", sandbox, "--out", f"snapshots/{sandbox}.json")
    held = {"profileAttributes": [{"path": "loyalty.points"}, {"path": "loyalty.tiers"}, {"path": "orders.total"}]}
    given = {"aep:provider": "p", "aep:snapshot": "snapshots/dev.json"}
    provider = {"urn": "urn:p", "id": "1", "type": "pulumi:providers:pulumi-python", "inputs": given}
    selected(
        provider,
        in_a_stack(**held),
        in_a_stack(name="other", sandboxName="stage", **held),
        in_a_stack(name="own", sandboxName="dev", **held) | {"provider": "urn:p::1"},
        snapshot="snapshots",
    )
    found, other, own = as_json("output-schema")
    assert own["schema"]["properties"]["loyalty"] == found["schema"]["properties"]["loyalty"]
    assert found["schema"]["properties"]["loyalty"] == {"type": "object", "properties": {"points": {"type": "number"}}}
    assert "types of the snapshot of 20" in found["schema"]["description"]
    no_field, in_array = found["notes"]
    assert no_field.startswith("loyalty.tiers: is no field of the profile, did you mean loyalty.tier? (snapshots/prod.json of ")
    assert in_array.startswith("orders.total: lies in the array orders, of which nothing can be selected by its path (")
    why = "snapshots is not of sandbox stage of EMULATOR@AdobeOrg, and holds nothing that is"
    assert other["notes"] == [f"types of attributes are not known, and not asserted: {why}"]
    assert "types are not known" in other["schema"]["description"]


def test_a_snapshot_that_was_not_allowed_to_read_fields_asserts_nothing(selected, emulator):
    requests.post(
        f"{emulator.url}/__control/faults", json={"path": "/unions", "status": 403, "times": 9}, timeout=5
    ).raise_for_status()
    aep_streaming("snapshot", "--out", "s.json")
    selected(in_a_stack(profileAttributes=[{"path": "nonsense"}]))
    (found,) = as_json("output-schema", "--snapshot", "s.json")
    assert found["notes"] == ["types of attributes are not known, and not asserted: s.json holds no fields of the profile"]
    assert found["schema"]["properties"]["nonsense"] == {}


def test_files_are_named_after_the_dataflows_and_written_again(selected):
    selected(in_a_stack("../1", name="a/b"), in_a_stack("2", name="A-b"), in_a_stack("3", name="é", segments=[{"id": "é"}]))
    names = ["A-b-2", "a-b-1", "3"]
    for _ in range(2):
        said = aep_streaming("output-schema", "--out", "schemas/streams")
        assert "  schemas/streams/3.schema.json\n" in said
        assert "$schema" not in said
        written = {path.name: json.loads(path.read_text()) for path in Path("schemas/streams").iterdir()}
        assert set(written) == {f"{name}.{kind}.json" for name in names for kind in ("schema", "sample")}
    assert [problems(written[f"{name}.schema.json"], written[f"{name}.sample.json"]) for name in names] == [[], [], []]
    assert as_json("output-schema", "--out", "schemas/streams")[2]["files"][0] == "schemas/streams/3.schema.json"


def test_what_is_secret_in_the_stack_is_left_out_and_named(selected):
    hidden = {"segments": SECRET, "profileAttributes": [{"path": "hush"}], "secretInputs": ["profileAttributes"]}
    selected(in_a_stack(**hidden))
    printed = aep_streaming("output-schema")
    assert "  note: segments: secret in the stack, and left out\n" in printed
    assert "  note: profile_attributes: secret in the stack, and left out\n" in printed
    assert "hush" not in printed
    assert "no segment" not in printed


def test_what_no_document_tells_is_said(selected):
    target = {
        "urn": f"urn:pulumi:dev::shop::{TARGET}::t",
        "type": TARGET,
        "id": "t",
        "outputs": {"connectionSpecId": HTTP["id"]},
    }
    mapped = {"path": "a.b", "mapping": {"sourceType": "text/x.schema-path", "source": "a.b", "destination": "c"}}
    selected(target, in_a_stack(targetConnectionIds=["t", "elsewhere"], profileAttributes=[mapped]))
    (found,) = as_json("output-schema")
    assert found["notes"][1:] == [
        "a.b: is mapped to c, and no document says under which of the two a record has it",
        f"Adobe shows such records of Kinesis, Event Hubs and the HTTP API; its target is of connection spec {HTTP['id']}",
    ]


def test_text_of_others_is_harmless(selected):
    selected(in_a_stack(name="x\x1b[31m", segments=[{**MEN, "name": "y\x1b[31m\u202e"}]))
    printed = aep_streaming("output-schema")
    assert not {"\x1b", "\u202e"} & set(printed)
    assert "\\u202e" in printed


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ([], "the stack has no dataflows to describe: name another one with --stack"),
        (["--stack", "x"], "pulumi config: --non-interactive config --json --show-secrets --stack x"),
        (
            ["--snapshot", "gone.json"],
            "there is no snapshot gone.json: check its path, or write it: "
            "aep-streaming snapshot --sandbox prod --out gone.json",
        ),
        (
            ["--snapshot", "stack.json"],
            "stack.json is a snapshot of version 3: this package knows 1; upgrade pulumi-aep-streaming",
        ),
        (["--out", "stack.json"], "cannot write to stack.json: File exists"),
    ],
)
def test_what_cannot_be_done_is_one_line(selected, arguments, said):
    selected(*([in_a_stack()] if arguments else []))
    printed = aep_streaming("output-schema", *arguments, code=2)
    assert printed.startswith(f"error: {said}")
    assert printed.count("\n") == 1

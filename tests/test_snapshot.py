"""The snapshot of a sandbox as a file: what it says, how it is written, and what is no snapshot."""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pulumi_aep_streaming._core.snapshot.contents import (
    Audience,
    Authentication,
    ConnectionSpec,
    Field,
    FlowSpec,
    Parameter,
    Snapshot,
)
from pulumi_aep_streaming._core.snapshot.differences import differences
from pulumi_aep_streaming._core.snapshot.file import choose, dump, load, loads, salvaged
from pulumi_aep_streaming.flow_service.errors import Misconfigured

KINESIS = ConnectionSpec(
    "86043421",
    "Amazon Kinesis",
    "1.0",
    (Authentication("Aws", (Parameter("secretKey", "string", required=True, secret=True),)),),
    (Parameter("stream", "string", required=True, secret=False), Parameter("odd", None, required=False, secret=False)),
)
MEN = Audience("72ddd79b", "Men over 50", "AEPSegments", "72ddd79b", "published", "streaming", "ef006bbe")
LOYAL = Audience("loyal-1", "Loyal", "CustomerAudienceUpload", "32a83b5d", "published", None, None)
FIELDS = (
    Field("person.name.lastName", "string"),
    Field("orders", "array"),
    Field("orders[].sku", "string"),
    Field("identityMap", "map"),
    Field("identityMap{}[].id", "string"),
    Field("_shop.extra", "object"),
    Field("_shop.extra.known", "string"),
    Field("_shop.whatever", None),
)
SNAPSHOT = Snapshot(
    "EMULATOR@AdobeOrg", "prod", "2026-11-26", (KINESIS,), (FlowSpec("7147", "Profile", "1.0"),), FIELDS, (MEN, LOYAL)
)

TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=8)
MAYBE = st.none() | TEXTS


def some(kind, *forms):
    return st.builds(kind, *forms)


def lists(items):
    return st.none() | st.lists(items, max_size=4, unique_by=lambda each: each[0]).map(tuple)


PARAMETERS = lists(some(Parameter, TEXTS, MAYBE, st.booleans(), st.booleans()))
AUDIENCES = some(Audience, TEXTS, MAYBE, MAYBE, TEXTS, MAYBE, MAYBE, MAYBE)
SNAPSHOTS = some(
    Snapshot,
    TEXTS,
    TEXTS,
    TEXTS,
    lists(some(ConnectionSpec, TEXTS, TEXTS, TEXTS, lists(some(Authentication, TEXTS, PARAMETERS)), PARAMETERS)),
    lists(some(FlowSpec, TEXTS, TEXTS, TEXTS)),
    lists(some(Field, TEXTS, MAYBE)),
    st.none() | st.lists(AUDIENCES, max_size=4, unique_by=lambda audience: audience.system_segment_id).map(tuple),
)


@given(SNAPSHOTS)
def test_what_was_written_is_read_and_written_as_it_was(snapshot):
    content = dump(snapshot)
    assert dump(loads(content, "x")) == content
    assert differences(snapshot, loads(content, "x")) == []


@given(SNAPSHOTS, st.randoms())
def test_the_order_in_which_things_were_read_does_not_show(snapshot, chance):
    def shuffled(part):
        return None if part is None else tuple(chance.sample(part, len(part)))

    parts = {key: shuffled(getattr(snapshot, key)) for key in ("connection_specs", "flow_specs", "fields", "audiences")}
    assert dump(replace(snapshot, **parts)) == dump(snapshot)


@given(SNAPSHOTS, SNAPSHOTS, st.sampled_from(["connection_specs", "flow_specs", "fields", "audiences"]))
def test_two_differ_exactly_if_their_files_do_but_for_the_date(one, other, part):
    changed = replace(one, **{part: getattr(other, part)})
    assert (differences(one, changed) == []) == (dump(one) == dump(changed))
    assert differences(one, replace(one, date="another")) == []


def test_a_renamed_audience_is_one_changed_line_and_one_difference():
    renamed = replace(SNAPSHOT, audiences=(LOYAL, MEN._replace(name="Men\u2028over\n60")))
    before, after = (dump(each).decode().split("\n") for each in (SNAPSHOT, renamed))
    assert len(before) == len(after)
    assert sum(one != other for one, other in zip(before, after, strict=True)) == 1
    line = "audience Men over 50 (72ddd79b): name Men over 50 -> Men\u2028over\n60"
    assert differences(SNAPSHOT, renamed) == [line]


def test_audiences_fields_and_parameters_have_a_line_each():
    lines = dump(SNAPSHOT).decode().splitlines()
    assert sum('"systemSegmentId"' in line for line in lines) == 2
    assert sum('"path"' in line for line in lines) == len(FIELDS)
    assert sum('"required"' in line for line in lines) == 3
    assert lines[1:5] == [
        '  "version": 1,',
        '  "organization": "EMULATOR@AdobeOrg",',
        '  "sandbox": "prod",',
        '  "date": "2026-11-26",',
    ]


def test_differences_are_said_by_name():
    richer = KINESIS._replace(authentications=(*KINESIS.authentications, Authentication("New", KINESIS.target_params)))
    optional = richer._replace(target_params=(KINESIS.target_params[0]._replace(required=False),))
    new = replace(
        SNAPSHOT,
        connection_specs=(optional, ConnectionSpec("9", "Other", "1.0", (Authentication("A", None),), None)),
        fields=(*FIELDS[1:], Field("person.name.firstName", "string")),
        audiences=(MEN._replace(lifecycle_state="inactive"),),
        flow_specs=None,
    )
    assert differences(SNAPSHOT, new) == [
        "connection spec Amazon Kinesis (86043421): targets: parameter odd: gone",
        "connection spec Amazon Kinesis (86043421): targets: parameter stream: required yes -> no",
        "connection spec Amazon Kinesis (86043421): authentication New: new",
        "connection spec Other (9): new",
        "flow specs: could no longer be read",
        "field person.name.firstName: new",
        "field person.name.lastName: gone",
        "audience Loyal (loyal-1): gone",
        "audience Men over 50 (72ddd79b): lifecycle state published -> inactive",
    ]
    assert differences(new, SNAPSHOT)[4] == "flow specs: could now be read"


def test_audiences_are_found_as_selectors_name_them_and_by_any_id():
    assert SNAPSHOT.audience("72ddd79b") is SNAPSHOT.audience("72ddd79b", "aepsegments") is MEN
    assert SNAPSHOT.audience("loyal-1", "customeraudienceupload") is LOYAL
    assert SNAPSHOT.audience("loyal-1") is SNAPSHOT.audience("72ddd79b", "CustomerAudienceUpload") is None
    assert SNAPSHOT.audiences_with_id("32a83b5d") == SNAPSHOT.audiences_named("Loyal") == (LOYAL,)
    assert SNAPSHOT.audiences_named("loyal") == replace(SNAPSHOT, audiences=None).audiences_named("Loyal") == ()
    assert (SNAPSHOT.spec("86043421"), SNAPSHOT.spec("x")) == (KINESIS, None)


@pytest.mark.parametrize(
    "path",
    [
        "person.name.lastName",
        "person.name",  # an object
        "orders",  # as a whole
        "identityMap.ecid",  # maps may have any key
        "_shop.extra.unknown.more",  # an object that shows not all of its members
        "_shop.whatever.x",  # nobody says what it is
    ],
)
def test_paths_that_are_there_or_of_which_nothing_is_known_are_no_problem(path):
    assert SNAPSHOT.path_problem(path) == ""


@pytest.mark.parametrize(
    ("path", "problem"),
    [
        ("person.name.lastname", "is no field of the profile, did you mean person.name.lastName? ("),
        ("person.lastName", "is no field of the profile, did you mean person.name.lastName? ("),
        ("person.name.lastName.x", "is no field of the profile, did you mean person.name.lastName? ("),
        ("zzz", "is no field of the profile ("),
        ("orders.sku", "lies in the array orders, of which nothing can be selected by its path ("),
        ("orders[].sku", "lies in the array orders, of which nothing can be selected by its path ("),  # as the file has it
        ("orders[]", "lies in the array orders, of which nothing can be selected by its path ("),
        ("_shop.extra{}.x", "is no field of the profile ("),
    ],
)
def test_paths_that_are_not_there_or_in_an_array_are_problems_with_what_mends_them(path, problem):
    found = replace(SNAPSHOT, file="a b.json").path_problem(path)
    assert found.startswith(problem)
    assert found.endswith("(a b.json of 2026-11-26; to read it anew: aep-streaming snapshot --sandbox prod --out 'a b.json')")


def test_nothing_is_said_of_paths_that_could_not_be_read():
    assert replace(SNAPSHOT, fields=None).path_problem("zzz") == ""
    assert replace(SNAPSHOT, fields=(Field("", "object"), *FIELDS)).path_problem("zzz") == ""


def saved(path, **changes):
    path.write_bytes(dump(replace(SNAPSHOT, **changes)))
    return path


def test_it_is_read_once_a_process_until_it_changes(tmp_path):
    path = saved(tmp_path / "x.json")
    first = load(path)
    assert load(str(path)) is first
    saved(path, date="2026-11-27-later")
    assert load(path).date == "2026-11-27-later"


def test_a_file_is_chosen_by_organization_and_sandbox(tmp_path):
    saved(tmp_path / "one.json")
    saved(tmp_path / "dev.json", sandbox="dev")
    saved(tmp_path / "two.json", organization="OTHER@AdobeOrg")
    (tmp_path / "README.md").write_text("none of them")
    assert choose(tmp_path, "EMULATOR@AdobeOrg", "prod").file == str(tmp_path / "one.json")
    assert choose(tmp_path, "", "dev").file == str(tmp_path / "dev.json")
    assert choose(tmp_path, "THIRD@AdobeOrg", "prod") is None
    assert choose(tmp_path / "dev.json", "EMULATOR@AdobeOrg", "prod") is None
    assert choose(tmp_path / "dev.json", "EMULATOR@AdobeOrg", "dev").sandbox == "dev"
    for organization in ("", "EMULATOR@AdobeOrg"):
        saved(tmp_path / "twin.json")
        with pytest.raises(Misconfigured, match=r"one\.json and .*twin\.json are both snapshots of sandbox prod: remove one"):
            choose(tmp_path, organization, "prod")


def test_of_two_organizations_none_is_chosen_for_one_that_is_not_known(tmp_path):
    saved(tmp_path / "one.json")
    saved(tmp_path / "two.json", organization="OTHER@AdobeOrg")
    with pytest.raises(Misconfigured, match=r"one\.json and .*two\.json are of two organizations with .* prod: set aep:orgId"):
        choose(tmp_path, "", "prod")


def test_what_editors_and_systems_leave_in_a_folder_is_no_snapshot(tmp_path):
    saved(tmp_path / "one.json")
    (tmp_path / "._one.json").write_bytes(b"\0\5\x16\7")  # of macOS, on a disk that is not its own
    (tmp_path / ".#one.json").symlink_to("me@here.1")  # of Emacs
    assert choose(tmp_path, "EMULATOR@AdobeOrg", "prod").file == str(tmp_path / "one.json")


def spoilt(**changes):
    return json.dumps({**json.loads(dump(SNAPSHOT)), **changes}).encode()


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"", "it is no JSON"),
        (b"{", "it is no JSON"),
        (b"<<<<<<< HEAD\n" + dump(SNAPSHOT), "it is no JSON"),
        (b"\xff\xfe\x00", "it is no JSON"),
        (b"[" * 100_000, "it is no JSON"),
        (b"[" * 5_000 + b"]" * 5_000, "it holds no object"),
        (b"null", "it holds no object"),
        (b"{}", "version is no whole number from 1 on"),
        (spoilt(version=True), "version is no whole number"),
        (spoilt(version=0), "version is no whole number"),
        (spoilt(version="1"), "version is no whole number"),
        (spoilt(version=1).replace(b'"version": 1', b'"version": 1e999'), "version is no whole number"),
        (spoilt(version=1).replace(b'"version": 1', b'"version": ' + b"9" * 5_000), "version is no whole number"),
        (spoilt(extra=1), "it is no object of organization, sandbox, "),
        (spoilt(sandbox=5), "it.sandbox is no text"),
        (spoilt(fields={}), "it.fields is no list or null"),
        (spoilt(fields=[[]]), r"it.fields\[0\] is no object of path, type"),
        (spoilt(fields=[{"path": "a", "type": 5}]), r"it.fields\[0\].type is no text or null"),
        (spoilt(fields=[{"path": "a"}]), r"it.fields\[0\] is no object of path, type"),
        (spoilt(audiences=[None]), r"it.audiences\[0\] is no object"),
    ],
)
def test_what_is_broken_is_one_line_that_says_where(tmp_path, content, why):
    path = tmp_path / "x.json"
    path.write_bytes(content)
    with pytest.raises(Misconfigured, match=f"x.json is no snapshot: {why}.*; read it anew: aep-streaming snapshot") as error:
        load(path)
    assert "\n" not in str(error.value)


def test_a_newer_one_is_refused_whatever_it_holds(tmp_path):
    (tmp_path / "x.json").write_text('{"version": 2, "all": "else"}')
    with pytest.raises(Misconfigured, match="is a snapshot of version 2: this package knows 1; upgrade pulumi-aep-streaming"):
        load(tmp_path / "x.json")


@given(
    st.recursive(st.none() | st.booleans() | st.floats() | TEXTS, lambda inner: st.lists(inner) | st.dictionaries(TEXTS, inner))
)
def test_no_json_is_worse_than_a_line(value):
    for content in (json.dumps(value), json.dumps({"version": 1, "organization": "", "audiences": value})):
        with pytest.raises(Misconfigured):
            loads(content.encode(), "x")


@pytest.mark.parametrize("name", ["missing.json", "no\0name.json", "x" * 5_000, "there.json/x.json"])
def test_what_is_not_there_is_one_line(tmp_path, name):
    saved(tmp_path / "there.json")
    with pytest.raises(Misconfigured, match="there is no snapshot|cannot be read"):
        load(tmp_path / name)


def test_a_line_says_with_which_command_the_file_is_written(tmp_path):
    single, folder = tmp_path / "a b.json", tmp_path / "all"
    written = f"aep-streaming snapshot --sandbox prod --out '{single}'"
    with pytest.raises(Misconfigured, match=f"there is no snapshot .*, or write it: {written}$"):
        choose(single, "", "prod")
    single.write_text("<<<<<<<")
    with pytest.raises(Misconfigured, match=f"it is no JSON; read it anew: {written}$"):
        choose(single, "", "prod")
    folder.mkdir()
    (folder / "x.json").write_text("<<<<<<<")  # which may be another sandbox's
    with pytest.raises(Misconfigured, match=f"read it anew: aep-streaming snapshot --out {folder}/x.json$"):
        choose(folder, "", "prod")


def test_what_is_no_plain_file_is_not_waited_for(tmp_path):
    os.mkfifo(tmp_path / "x.json")
    with pytest.raises(Misconfigured, match="is no plain file, or larger than 64 MB"):
        choose(tmp_path, "", "prod")


def test_audiences_are_saved_from_a_merge_that_failed(tmp_path):
    lines = dump(SNAPSHOT).decode().splitlines(keepends=True)
    place = next(number for number, line in enumerate(lines) if "Men over 50" in line)
    other = lines[place].replace("Men over 50", "Men over 60").replace("72ddd79b", "7841ba61")
    conflict = [*lines[:place], "<<<<<<< ours\n", lines[place], "=======\n", other, ">>>>>>> theirs\n", *lines[place + 1 :]]
    path = tmp_path / "x.json"
    path.write_text("".join(conflict))
    assert [audience.id for audience in salvaged(path, "EMULATOR@AdobeOrg", "prod")] == ["72ddd79b", "7841ba61", "loyal-1"]
    assert salvaged(path, "EMULATOR@AdobeOrg", "dev") is None
    path.write_text("".join(conflict).replace('"version": 1,', '"version": 2,'))
    assert salvaged(path, "EMULATOR@AdobeOrg", "prod") is None
    path.write_text('{"name": "a package"}')
    assert salvaged(path, "EMULATOR@AdobeOrg", "prod") is None


def large():
    chance = random.Random(1)
    fields = tuple(Field(f"_shop.group{n // 50}.field{n}{chance.randrange(10**6)}", "string") for n in range(5_000))
    audiences = tuple(MEN._replace(id=f"{n:08x}", system_segment_id=f"{n:08x}", name=f"Audience {n}") for n in range(10_000))
    return replace(SNAPSHOT, fields=fields, audiences=audiences)


def test_a_large_one_is_read_whole_and_without_pydantic_or_requests(tmp_path):
    (tmp_path / "x.json").write_bytes(dump(large()))
    program = (
        "import sys\nfrom pulumi_aep_streaming._core.snapshot.file import choose\n"
        f"found = choose({str(tmp_path)!r}, '', 'prod')\n"
        "assert len(found.audiences) == 10_000 and found.audiences_named('Audience 5') and found.path_problem('x')\n"
        "assert not {'pydantic', 'requests', 'urllib3', 'pulumi'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", program], check=True)

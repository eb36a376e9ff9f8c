"""Look-ups from a snapshot: what it holds needs no call, and is what the service would have said."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import asdict, replace
from pathlib import Path

import pulumi
import pytest
from hypothesis import given
from hypothesis import strategies as st
from support import under_mocks
from support.curl import Api

import pulumi_aep_streaming as aep
from pulumi_aep_streaming import connection_spec
from pulumi_aep_streaming._core.snapshot.contents import Audience, Authentication, ConnectionSpec, Parameter
from pulumi_aep_streaming._core.snapshot.file import dump, load
from pulumi_aep_streaming.cli.snapshot import snapshot
from pulumi_aep_streaming.emulator import Fault

KINESIS = aep.ConnectionSpecId.AMAZON_KINESIS
MEN = "72ddd79b-6b0a-4e97-a8d2-112ccd81bd02"
WINTER = "5b7b2c07-6a55-4e4f-8d6b-6a3f6c2c9f11"
LOYAL = "loyalty-members-2026"
CREDENTIALS = ("AEP_CLIENT_ID", "AEP_CLIENT_SECRET")
ENDS = {"source_connection_ids": ["s"], "target_connection_ids": ["t"]}
TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=3)

pytestmark = pytest.mark.usefixtures("as_environment")
WRITTEN = "aep-streaming snapshot --sandbox prod --out snapshots/prod.json"


@pytest.fixture
def read(service, emulator, tmp_path, monkeypatch):
    """Reads the sandbox into the file that is configured, and forgets the calls."""
    (tmp_path / "Pulumi.yaml").write_text("name: shop\n")
    file = tmp_path / "snapshots" / "prod.json"
    file.parent.mkdir()

    def read_anew(*add, everything=True):
        organization, options = emulator.organization.id, {"check": False, "all_audiences": everything}
        snapshot(service, organization, "prod", file, lambda _: None, **options, add=list(add))
        monkeypatch.setenv("AEP_SNAPSHOT", "snapshots/prod.json")
        emulator.forget()
        return file

    return read_anew


@pytest.fixture
def held(read):
    """The file, with all that the sandbox has."""
    return read(WINTER)


@pytest.fixture
def fork(held, monkeypatch):
    """The file, where there are no credentials."""
    for name in CREDENTIALS:
        monkeypatch.delenv(name)
    return held


def seed(emulator, *audiences):
    made = Api(emulator).control("segments", sandbox="prod", segments=list(audiences))["segments"]
    emulator.forget()
    return made


def change(file, **parts):
    """Write another content of a snapshot; a part is what it becomes, or how."""
    old = load(file)
    found = {key: part(getattr(old, key)) if callable(part) else part for key, part in parts.items()}
    file.write_bytes(dump(replace(old, **found)))


def answers():
    """What each look-up by name or id says of all that there is to know."""
    ids = [MEN, LOYAL, WINTER, "32a83b5d-a118-4bd6-b3cb-3aee2f4c30a1"]
    names = ["Men over 50", "Loyalty members", "Summer campaign"]
    specs = ["Amazon Kinesis", "Azure Event Hubs"]
    return [
        *(aep.get_audience(id=id_) for id_ in ids),
        *(aep.get_audience(name=name) for name in names),
        *(aep.get_audiences(name=name) for name in names),
        aep.get_audiences(id=LOYAL, name="Loyalty members"),
        aep.get_segment(id=MEN),
        aep.get_segment(name="Summer campaign"),
        aep.get_segments(name="Men over 50"),
        *(aep.get_connection_spec(name=name) for name in specs),
        *(aep.get_connection_spec(id=id_) for id_ in aep.ConnectionSpecId),
        aep.get_connection_specs(),
    ]


def test_what_the_snapshot_holds_is_what_the_service_says_and_makes_no_call(read, emulator, monkeypatch):
    seed(emulator, {"name": "Described", "description": "by others"})
    file = read(WINTER)
    told = answers()
    assert emulator.calls == []
    change(file, audiences=(), connection_specs=None)
    assert answers() == told
    assert emulator.calls
    monkeypatch.delenv("AEP_SNAPSHOT")
    without_facts = [{**asdict(found), "description": "", "origin_name": None} for found in answers()[:7]]
    assert without_facts == [asdict(found) for found in told[:7]]
    assert answers()[-7:] == told[-7:]


def test_nothing_is_needed_to_look_into_a_snapshot_but_the_place(fork, monkeypatch, emulator):
    del fork
    told = answers()
    monkeypatch.delenv("AEP_ORG_ID")
    monkeypatch.delenv("AEP_ENDPOINT")
    assert answers() == told
    assert emulator.calls == []


@given(st.data())
def test_a_spec_shows_the_same_in_whatever_order_the_file_has_it(data):
    params = st.lists(st.builds(Parameter, TEXTS, st.none() | TEXTS, st.booleans(), st.booleans()), max_size=3).map(tuple)
    kinds = st.lists(st.builds(Authentication, TEXTS, st.none() | params), max_size=3).map(tuple)
    found = data.draw(st.builds(ConnectionSpec, TEXTS, TEXTS, TEXTS, st.none() | kinds, st.none() | params))
    reordered = found._replace(
        authentications=found.authentications and tuple(data.draw(st.permutations(found.authentications))),
        target_params=found.target_params and tuple(data.draw(st.permutations(found.target_params))),
    )
    assert connection_spec.held(reordered) == connection_spec.held(found)


@pytest.mark.parametrize(
    "odd",
    [
        {},
        {"authSpec": [{"name": "b"}, {"name": "a", "spec": {"properties": {"z": True, "y": {"type": 5}}}}, 5]},
        {"authSpec": [{"name": "a"}, {"name": "a", "spec": {"properties": {}}}], "targetSpec": {"spec": 5}},
        {"targetSpec": {"spec": {"properties": {"b": {}, "<{%a": {"format": "password"}}, "required": ["b"]}}},
    ],
    ids=str,
)
def test_an_odd_spec_shows_the_same_whoever_answers(read, emulator, odd):
    emulator.misbehave()
    body = {"items": [{"id": "x", "name": None, "version": 2, **odd}]}
    emulator.order(Fault(method="GET", path="/connectionSpecs", status=200, body=body))
    file = read()
    told = aep.get_connection_spec(id="x")
    assert emulator.calls == []
    change(file, connection_specs=())
    emulator.order(Fault(method="GET", path="/connectionSpecs", status=200, body=body))
    assert aep.get_connection_spec(id="x") == told
    assert emulator.calls


def test_what_the_snapshot_lacks_is_asked_for_with_nothing_that_no_snapshot_holds(held, emulator):
    del held
    (new,) = seed(emulator, {"name": "New", "description": "of today"})
    found = aep.get_audience(name="New")
    assert (found.id, found.description, found.origin_name) == (new["id"], "", None)
    assert aep.get_segment(id=new["id"]).description == ""
    with pytest.raises(pulumi.RunError, match=r"^no audience is named 'Newer' in sandbox prod, did you mean New\?$"):
        aep.get_audience(name="Newer")
    with pytest.raises(pulumi.RunError, match=r"^no connection spec has the id x in sandbox prod$"):
        aep.get_connection_spec(id="x")
    assert aep.get_audiences(id="x") == aep.get_connection_specs(name="x") == []


def test_all_audiences_and_dataflows_are_listed_by_the_service_and_all_specs_by_the_snapshot(held, emulator):
    del held
    seed(emulator, {"name": "New", "description": "of today"})
    assert aep.get_connection_specs()
    assert emulator.calls == []
    assert "of today" in {found.description for found in aep.get_audiences()}
    assert "New" in {found.name for found in aep.get_segments()}
    assert aep.get_dataflows() == []
    assert len([call for call in emulator.calls if "ims" not in call.path]) >= 3


def test_a_part_that_the_snapshot_could_not_read_is_asked_for(held, emulator):
    change(held, audiences=None, connection_specs=None)
    assert aep.get_audience(name="Men over 50").id == MEN
    assert aep.get_connection_spec(id=KINESIS).name == "Amazon Kinesis"
    assert aep.get_connection_specs()
    assert emulator.calls


def test_the_snapshot_answers_what_the_service_has_renamed_or_has_twice_since(held, emulator):
    del held
    seed(emulator, {"id": MEN, "name": "Men over 60"}, {"name": "Loyalty members"})
    assert aep.get_audience(id=MEN).name == aep.get_audience(name="Men over 50").name == "Men over 50"
    assert aep.get_audience(name="Loyalty members").id == LOYAL
    assert emulator.calls == []


def test_several_in_the_snapshot_are_refused_with_ids_that_it_can_be_looked_up_by(fork):
    twins = tuple(Audience("t", "Twin", space, f"{space}-1", "published", None, None) for space in ("X", "Y"))
    change(fork, audiences=twins)
    for sought, line in (({"name": "Twin"}, "are named 'Twin'"), ({"id": "t"}, "have the id t")):
        with pytest.raises(pulumi.RunError) as refused:
            aep.get_audience(**sought)
        assert str(refused.value) == f"2 audiences {line} in sandbox prod: X-1, Y-1; look it up by its id"
    assert aep.get_audience(id="Y-1").namespace == "Y"
    assert [found.namespace for found in aep.get_audiences(name="Twin")] == ["X", "Y"]


def test_an_id_of_one_that_is_the_uuid_of_another_is_that_of_the_one(fork):
    change(fork, audiences=lambda old: (*old, Audience(MEN, "Uploaded", "X", "u", "published", None, None)))
    assert [found.name for found in aep.get_audiences(id=MEN)] == ["Men over 50", "Uploaded"]
    change(
        fork, audiences=(Audience("u", "One", "X", "v", None, None, None), Audience("w", "Other", "X", "u", None, None, None))
    )
    assert aep.get_audience(id="u").name == "One"


def test_an_inactive_audience_in_the_snapshot_is_found_by_its_id_only(fork):
    del fork
    assert aep.get_audience(id=WINTER).lifecycle_state == "inactive"
    with pytest.raises(pulumi.RunError, match=r"cannot look up 'Winter sale 2024': the snapshot lacks it \("):
        aep.get_audience(name="Winter sale 2024")


@pytest.mark.parametrize("sought", [{"name": "Loyalty members"}, {"id": LOYAL}, {"id": WINTER}])
def test_what_is_no_segment_definition_for_sure_is_no_segment_of_the_snapshot(held, emulator, sought):
    del held
    with pytest.raises(pulumi.RunError, match="^no segment "):
        aep.get_segment(**sought)
    assert emulator.calls


def test_without_credentials_the_plain_form_says_what_the_snapshot_lacks(fork):
    with pytest.raises(pulumi.RunError) as refused:
        aep.get_audience(name="Men over 5")
    assert str(refused.value) == (
        "cannot look up 'Men over 5': the snapshot lacks it, did you mean Men over 50? (snapshots/prod.json of "
        f"{load(fork).date}; to read it anew: aep-streaming snapshot --sandbox prod --out snapshots/prod.json --add 'Men over "
        "5'); no credentials: set aep:clientId (or AEP_CLIENT_ID), and aep:clientSecret or aep:accessToken; a program with "
        "look-ups needs them in previews too: use the _output form, or ids from config"
    )
    with pytest.raises(pulumi.RunError, match=r"lacks it, did you mean Amazon Kinesis\? \([^()]* --out \S*prod\.json\); no cr"):
        aep.get_connection_spec(name="Amazon kinesis")
    with pytest.raises(pulumi.RunError, match="^cannot look up all: no credentials"):
        aep.get_audiences()


def in_preview(program):
    under_mocks.run(program, under_mocks.Engine(), preview=True)


def test_without_credentials_each_that_the_snapshot_lacks_is_one_warning_and_unknown(fork, caplog):
    del fork
    found = []

    def program():
        for name in ("Men over 50", "Men over 5", "Men over 5", "Lojalty members"):
            aep.get_audience_output(name=name).apply(lambda audience: found.append(audience.name))
        aep.get_dataflows_output().apply(found.append)
        aep.get_dataflow_output(name="f").apply(found.append)

    in_preview(program)
    assert found == ["Men over 50"]
    warned = [line for line in caplog.messages if "look-ups stay unknown in this preview" in line]
    assert len(warned) == 3
    assert sum("did you mean Men over 50?" in line for line in warned) == 1
    assert sum("did you mean Loyalty members?" in line for line in warned) == 1


def test_a_name_that_is_secret_is_in_no_warning(fork, caplog):
    del fork
    in_preview(lambda: aep.get_audience_output(name=pulumi.Output.secret("very-secret")).apply(print))
    assert "cannot look up '[secret]': the snapshot lacks it" in caplog.text
    assert "very-secret" not in caplog.text


@pytest.mark.parametrize(
    ("content", "line"),
    [
        (
            None,
            f"there is no snapshot snapshots/prod.json: check its path, or write it: {WRITTEN}$",
        ),
        ("<<<<<<<", f"prod.json is no snapshot: it is no JSON; read it anew: {WRITTEN}$"),
        ('{"version": 2}', "prod.json is a snapshot of version 2: this package knows 1; upgrade pulumi-aep-streaming$"),
    ],
)
def test_a_snapshot_that_cannot_be_used_is_one_line_to_those_that_need_it(held, content, line):
    held.unlink() if content is None else held.write_text(content)
    with pytest.raises(pulumi.RunError, match=f"^cannot look up 'Men over 50': .*{line}") as refused:
        aep.get_audience(name="Men over 50")
    assert "\n" not in str(refused.value)
    assert aep.get_dataflows() == []

    def later():
        aep.get_segment_output(name="Men over 50").apply(print)

    with pytest.raises(pulumi.RunError, match=line):
        under_mocks.run(later, under_mocks.Engine())


def test_another_place_is_asked(held, emulator, monkeypatch, capfd):
    seed(emulator, {"id": MEN, "name": "Men over 60"})
    assert aep.get_audience(name="Men over 50", sandbox_name="dev").id
    assert emulator.calls
    emulator.forget()
    change(held, organization="OTHER@AdobeOrg")
    assert aep.get_audience(id=MEN).name == "Men over 60"
    assert emulator.calls
    monkeypatch.setenv("AEP_SNAPSHOT", str(held.parent))
    change(held, organization=emulator.organization.id)
    assert aep.get_audience(id=MEN).name == "Men over 50"
    assert capfd.readouterr().err == ""


def test_an_explicit_provider_has_its_own_snapshot(held, emulator, monkeypatch):
    monkeypatch.delenv("AEP_SNAPSHOT")
    seen, place = [], {"org_id": emulator.organization.id, "sandbox_name": "prod"}

    def program():
        plain = aep.Provider("plain", **place, snapshot="snapshots/prod.json")
        later = aep.Provider("later", **place, snapshot=pulumi.Output.from_input(str(held)))
        seen.append(aep.get_audience(name="Men over 50", provider=plain).id)
        aep.get_segment_output(name="Men over 50", provider=later).apply(lambda found: seen.append(found.id))
        (Path.cwd() / "Pulumi.yaml").unlink()
        with pytest.raises(
            pulumi.RunError, match=r"'x': snapshot of the provider plain is snapshots/prod.json, and there is no "
        ):
            aep.get_segment(name="x", provider=plain)

    under_mocks.run(program, under_mocks.Engine())
    assert seen == [MEN, MEN]
    assert emulator.calls == []


def test_what_was_found_in_a_snapshot_is_a_segment_as_it_is(fork):
    change(fork, audiences=lambda old: (*old, Audience("vip", "VIP", "AEPSegments", "vip", "published", None, None)))
    said = []

    def program():
        found = [aep.get_audience(name="Loyalty members"), aep.get_audience(id=MEN), aep.get_segment(name="Summer campaign")]
        vip = aep.get_audience(name="VIP").id
        aep.Dataflow("f", **ENDS, segments=[*found, vip, aep.get_audience_output(id=LOYAL)]).segments.apply(said.append)

    under_mocks.run(program, under_mocks.Engine())
    uploaded = {
        "id": LOYAL,
        "systemSegmentId": "32a83b5d-a118-4bd6-b3cb-3aee2f4c30a1",
        "namespace": "CustomerAudienceUpload",
    }
    campaign = {"id": "7841ba61-23c1-4bb3-a495-00d695fe1e93", "name": "Summer campaign"}
    assert said == [[uploaded, {"id": MEN}, campaign, {"id": "vip", "lookedUp": True}, uploaded]]


def test_under_mocks_no_snapshot_is_read(monkeypatch):
    monkeypatch.setenv("AEP_SNAPSHOT", "/nowhere/x.json")

    class Answering(under_mocks.Echo):
        def call(self, args):
            return {"id": args.token}

    seen = []
    under_mocks.run(lambda: seen.append(aep.get_audience(name="x").id), mocks=Answering())
    assert seen == ["aep:index:getAudience"]


def test_a_look_up_in_a_snapshot_loads_neither_pydantic_nor_requests(fork):
    del fork
    program = (
        "import sys\nimport pulumi_aep_streaming as aep\n"
        "assert aep.get_audience(name='Men over 50').id and aep.get_segment(id=sys.argv[1]).name\n"
        "assert aep.get_connection_spec(name='Amazon Kinesis').target_params\n"
        "assert not {'pydantic', 'requests', 'urllib3'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", program, MEN], check=True)


def test_a_program_without_look_ups_does_not_look_for_a_snapshot(monkeypatch):
    monkeypatch.setenv("AEP_SNAPSHOT", "/nowhere/x.json")
    under_mocks.run(lambda: aep.Dataflow("f", **ENDS), under_mocks.Engine())

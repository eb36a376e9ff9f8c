"""`aep-streaming snapshot`: a sandbox becomes a file."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
import requests
from support.blocks import ROOT, all_blocks
from support.command import aep_streaming, as_json
from support.plain import MEN
from support.providing import live_flow

from pulumi_aep_streaming._core.snapshot.file import load
from pulumi_aep_streaming.emulator import Fault
from pulumi_aep_streaming.emulator.profile_schema import FIELDS

pytestmark = pytest.mark.usefixtures("as_environment")

FILE = Path("aep-snapshot.prod.json")
SUMMER = "7841ba61-23c1-4bb3-a495-00d695fe1e93"
LOYAL = {
    "id": "loyalty-members-2026",
    "systemSegmentId": "32a83b5d-a118-4bd6-b3cb-3aee2f4c30a1",
    "namespace": "CustomerAudienceUpload",
}
DENIED = {"status": 403, "body": {"errorCode": "2120-403", "errorMessage": "no permission"}}


@pytest.fixture
def activated(by_hand):
    """A dataflow that activates an audience of the platform's own, and an uploaded one."""
    target = by_hand.stream("t", by_hand.account())
    return by_hand.flow("Shop", by_hand.profiles(), target, [MEN, LOYAL], ["person.name.lastName"])


def names():
    return [audience.name for audience in load(FILE).audiences]


def files():
    return [path.name for path in Path().iterdir()]


def more_audiences(emulator, *segments):
    body = {"sandbox": "prod", "segments": list(segments)}
    requests.post(f"{emulator.url}/__control/segments", json=body, timeout=5).raise_for_status()


def test_it_holds_what_the_sandbox_has_and_what_its_dataflows_activate(activated):
    printed = aep_streaming("snapshot", "--sandbox", "prod")
    found = load(FILE)
    assert (found.organization, found.sandbox) == ("EMULATOR@AdobeOrg", "prod")
    assert dict(found.fields) == FIELDS
    assert names() == ["Men over 50", "Loyalty members"]
    assert found.audience(MEN["id"]).evaluation == "streaming"
    assert found.audience(LOYAL["id"], "CustomerAudienceUpload").system_segment_id == LOYAL["systemSegmentId"]
    kinesis = found.spec("86043421-563b-46ec-8e6c-e23184711bf6")
    (kind,) = kinesis.authentications
    assert {param.name: (param.required, param.secret) for param in kind.params}["secretKey"] == (True, True)
    assert {param.name: param.type for param in kinesis.target_params}["stream"] == "string"
    assert "Profile based destination" in [spec.name for spec in found.flow_specs]
    counts = f"connection specs: 5, flow specs: 2, fields of the profile: {len(FIELDS)}, audiences: 2"
    assert f"aep-snapshot.prod.json: written; {counts}" in printed
    assert not {"TOPSECRET", "emulator-secret", "Sample"} & set(FILE.read_text().split('"'))


def test_an_unchanged_sandbox_leaves_the_file_as_it_is(activated):
    aep_streaming("snapshot")
    content = FILE.read_text().replace(load(FILE).date, "2020-01-01T00:00:00Z")
    FILE.write_text(content)
    assert "unchanged" in aep_streaming("snapshot")
    assert "unchanged" in aep_streaming("snapshot", "--check")
    assert FILE.read_text() == content


def test_a_renamed_audience_is_one_line_of_the_file_besides_the_date_and_one_of_the_check(activated, emulator):
    aep_streaming("snapshot")
    before = FILE.read_text()
    more_audiences(emulator, {"id": MEN["id"], "name": "Men over 60"})
    renamed = f"audience Men over 50 ({MEN['id']}): name Men over 50 -> Men over 60"
    assert renamed in aep_streaming("snapshot", "--check", code=1)
    assert FILE.read_text() == before
    assert renamed in aep_streaming("snapshot")
    changed = [line for line, old in zip(FILE.read_text().split("\n"), before.split("\n"), strict=True) if line != old]
    assert [line for line in changed if '"date"' not in line] == [line for line in changed if "Men over 60" in line]
    assert len(changed) <= 2


def test_what_was_added_stays_and_what_is_gone_goes(activated, emulator):
    aep_streaming("snapshot", "--add", "Summer campaign", "--add", "5b7b2c07-6a55-4e4f-8d6b-6a3f6c2c9f11")
    assert set(names()) == {"Men over 50", "Loyalty members", "Summer campaign", "Winter sale 2024"}
    assert load(FILE).audiences_named("Winter sale 2024")[0].lifecycle_state == "inactive"
    aep_streaming("snapshot")
    assert len(names()) == 4
    FILE.write_text(FILE.read_text().replace(SUMMER, "00000000-23c1-4bb3-a495-00d695fe1e93"))
    found = as_json("snapshot", "--check", code=1)
    assert found["differences"] == ["audience Summer campaign (00000000-23c1-4bb3-a495-00d695fe1e93): gone"]
    aep_streaming("snapshot")
    assert len(names()) == 3


def test_all_audiences_are_read_by_the_page(activated, emulator):
    more_audiences(emulator, *({"id": f"{n:08x}-23c1-4bb3-a495-00d695fe1e93", "name": f"Audience {n}"} for n in range(250)))
    aep_streaming("snapshot", "--all-audiences")
    assert len(names()) == 256  # of the emulator's seven, the inactive one is in no list
    emulator.forget()
    assert "unchanged" in aep_streaming("snapshot")
    assert len([call for call in emulator.calls if call.path.endswith("/audiences")]) == 3


def test_nothing_that_is_no_audience_is_added():
    assert "error: no audience has the name or the id Sumer" in aep_streaming("snapshot", "--add", "Sumer", code=2)
    assert not FILE.exists()


@pytest.mark.parametrize(
    ("path", "part", "said"),
    [
        ("/connectionSpecs", "connection_specs", "connection specs may not be read: no permission"),
        ("/flowSpecs", "flow_specs", "flow specs may not be read: no permission"),
        ("/tenant/unions", "fields", "fields of the profile may not be read: no permission"),
        ("/audiences", "audiences", "audiences may not be read: no permission"),
    ],
)
def test_a_part_that_may_not_be_read_is_null_and_said(activated, emulator, path, part, said):
    emulator.misbehave()
    emulator.order(Fault(method="GET", path=path, times=9, **DENIED))
    assert said in aep_streaming("snapshot")
    parts = ("connection_specs", "flow_specs", "fields", "audiences")
    assert [each for each in parts if getattr(load(FILE), each) is None] == [part]
    emulator.service.faults.clear()
    assert "could now be read" in aep_streaming("snapshot", "--check", code=1)


def test_dataflows_that_may_not_be_read_leave_what_was_added(activated, emulator):
    emulator.misbehave()
    emulator.order(Fault(method="GET", path=r"/flows\?", times=9, **DENIED))
    printed = aep_streaming("snapshot", "--add", SUMMER)
    assert "dataflows may not be read: no permission" in printed
    assert names() == ["Summer campaign"]


def test_a_sandbox_without_a_schema_of_profiles_is_said(emulator):
    emulator.misbehave()
    body = {"type": "http://ns.adobe.com/aep/errors/XDM-1012-404", "title": "Resource Not Found", "status": 404}
    emulator.order(Fault(method="GET", path="/tenant/unions", status=404, body=body))
    assert "fields of the profile: Resource Not Found" in aep_streaming("snapshot")
    assert load(FILE).fields is None


def test_credentials_that_may_read_nothing_write_nothing(emulator):
    emulator.misbehave()
    emulator.order(Fault(method="GET", path=".", times=99, **DENIED))
    assert "error: no permission (HTTP 403" in aep_streaming("snapshot", code=2)
    assert not FILE.exists()


def test_a_service_that_breaks_leaves_the_file_as_it_is(activated, emulator, monkeypatch):
    aep_streaming("snapshot")
    before = FILE.read_bytes()
    monkeypatch.setenv("AEP_MAX_RETRIES", "0")
    emulator.order(Fault(method="GET", path="/audiences", status=500))
    aep_streaming("snapshot", code=2)
    assert (FILE.read_bytes(), files()) == (before, [FILE.name])


def test_a_merge_that_failed_is_read_anew_with_the_audiences_of_both_sides(activated):
    aep_streaming("snapshot", "--add", SUMMER)
    lines = FILE.read_text().splitlines(keepends=True)
    place = next(number for number, line in enumerate(lines) if SUMMER in line)
    lines[place:place] = ["<<<<<<< ours\n", "=======\n"]
    FILE.write_text("".join(lines))
    assert f"error: {FILE} is no snapshot: it is no JSON" in aep_streaming("snapshot", "--check", code=2)
    assert f"{FILE} is broken, and read anew, with the 3 audiences on its lines" in aep_streaming("snapshot")
    assert len(names()) == 3


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ('{"name": "a package of somebody"}', "is no snapshot: version is no whole number"),
        ('{"version": 2}', "is a snapshot of version 2: this package knows 1; upgrade"),
        ("no JSON", "is no snapshot: it is no JSON"),
    ],
)
def test_what_is_something_else_is_not_written_over(content, said):
    Path("x.json").write_text(content)
    assert said in aep_streaming("snapshot", "--out", "x.json", code=2)
    assert Path("x.json").read_text() == content


def test_the_snapshot_of_another_place_is_not_written_over():
    aep_streaming("snapshot", "--out", "x.json")
    before = Path("x.json").read_bytes()
    line = "error: x.json is of sandbox prod of EMULATOR@AdobeOrg: name another file with --out"
    assert line in aep_streaming("snapshot", "--sandbox", "dev", "--out", "x.json", code=2)
    assert line in aep_streaming("snapshot", "--sandbox", "dev", "--out", "x.json", "--check", code=2)
    assert Path("x.json").read_bytes() == before


@pytest.mark.parametrize("out", ["missing/x.json", "folder", "/proc/x.json"])
def test_a_place_that_cannot_be_written_to_is_one_line(out):
    Path("folder").mkdir()
    printed = aep_streaming("snapshot", "--out", out, code=2)
    assert f"error: cannot write to {out}: " in printed or "error: folder is no snapshot: it is no plain file" in printed
    assert files() == ["folder"]


def test_what_can_be_the_id_of_nothing_does_not_keep_the_rest_from_being_read(activated, emulator):
    flow = live_flow(emulator, activated)
    for transformation in flow["transformations"]:
        for selector in transformation["params"].get("segmentSelectors", {}).get("selectors", ()):
            selector["value"] = {**selector["value"], "id": ".."}
    emulator.store.put("flows", "EMULATOR@AdobeOrg/prod", flow)
    assert "left out: '..' cannot be the id of an object, so nothing was sent" in aep_streaming("snapshot")
    assert names() == ["Loyalty members"]
    assert "no audience has the name or the id .." in aep_streaming("snapshot", "--add", "..", code=2)


def test_a_pipe_is_not_waited_for():
    os.mkfifo("pipe.json")
    assert "error: pipe.json is no snapshot: it is no plain file" in aep_streaming("snapshot", "--out", "pipe.json", code=2)


def test_a_link_that_leads_nowhere_and_a_name_that_is_too_long_are_no_traceback():
    Path("loop.json").symlink_to("loop.json")
    aep_streaming("snapshot", "--out", "loop.json")
    assert load("loop.json").sandbox == "prod"
    assert "error: cannot write to xxx" in aep_streaming("snapshot", "--out", "x" * 300, code=2)


def test_a_check_needs_a_file_and_writes_none():
    assert f"error: there is no snapshot {FILE}" in aep_streaming("snapshot", "--check", code=2)
    assert files() == []


def test_whoever_is_killed_before_the_file_is_in_place_leaves_the_old_one(activated, emulator):
    aep_streaming("snapshot")
    before = FILE.read_bytes()
    more_audiences(emulator, {"id": MEN["id"], "name": "Men over 60"})
    program = (
        "import os, signal\nos.fsync = lambda _: os.kill(os.getpid(), signal.SIGKILL)\n"
        "from pulumi_aep_streaming.cli import main\nimport sys\nsys.argv[1:] = ['snapshot']\nmain()"
    )
    killed = subprocess.run(
        [sys.executable, "-c", program], check=False, env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    )
    assert killed.returncode == -9
    assert FILE.read_bytes() == before
    assert "Men over 60" in aep_streaming("snapshot")
    assert "Men over 60" in names()


def test_machines_read_json(activated):
    found = as_json("snapshot")
    assert (found["file"], found["changed"], found["differences"], found["notes"]) == (str(FILE), True, [], [])
    assert found["counts"]["audiences"] == 2
    assert json.loads(FILE.read_text())["version"] == 1


def test_names_of_others_stay_text_in_the_file_and_on_the_screen(activated, emulator):
    aep_streaming("snapshot")
    more_audiences(emulator, {"id": MEN["id"], "name": 'a", "id": "x\x1b[31m\u202e\n<{%reset%}>'})
    printed = aep_streaming("snapshot")
    assert not {"\x1b", "\u202e"} & set(printed + FILE.read_text())
    assert 'a", "id": "x\x1b[31m\u202e\n<{%reset%}>' in names()


def test_a_conflict_is_mended_as_the_guide_says_with_the_audiences_of_both_sides(tmp_path):
    commands = next(block.text for block in all_blocks() if "git show :2:" in block.text)
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    environment = {**os.environ, "PATH": path, "HOME": str(tmp_path), "GIT_CONFIG_NOSYSTEM": "1"}

    def git(*arguments, code=0):
        command = ["git", "-c", "user.name=Ann", "-c", "user.email=ann@example.com", *arguments]
        assert subprocess.run(command, check=False, env=environment, stdout=subprocess.DEVNULL).returncode == code

    git("init", "--quiet", "--initial-branch", "ours")
    Path(".gitattributes").write_text((ROOT / "examples/ci_preview/.gitattributes").read_text())
    aep_streaming("snapshot")
    git("add", "--all")
    git("commit", "--quiet", "--message", "none")
    git("branch", "theirs")
    for branch, name in (("ours", "Men over 50"), ("theirs", "Summer campaign")):
        git("checkout", "--quiet", branch)
        aep_streaming("snapshot", "--add", name)
        git("commit", "--quiet", "--all", "--message", name)
    git("merge", "ours", code=1)
    assert names() == ["Summer campaign"]  # a whole file, whatever the other side says
    subprocess.run(["bash", "-e", "-c", commands], check=True, env=environment, stdout=subprocess.DEVNULL)
    assert names() == ["Men over 50", "Summer campaign"]
    git("commit", "--quiet", "--message", "merged")

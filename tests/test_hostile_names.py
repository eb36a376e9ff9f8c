"""Whatever others write, into names or anywhere else: commands go on; what they write compiles, parses, and is one line."""

from __future__ import annotations

import contextlib
import copy
import itertools
import json
import os
import re
import shlex
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import pulumi
import pytest
import yaml
from google.protobuf.struct_pb2 import Struct
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from support import under_mocks
from support.command import aep_streaming, pulumi_is
from support.plain import MEN
from support.providing import PLACE, live_flow
from typer.testing import CliRunner

import pulumi_aep_streaming as aep
from pulumi_aep_streaming._core.settings import load
from pulumi_aep_streaming._dynamic.call import Foreseen
from pulumi_aep_streaming.base_connection import BaseConnectionProvider
from pulumi_aep_streaming.cli._stack import Impossible
from pulumi_aep_streaming.cli.adopt import adopt
from pulumi_aep_streaming.cli.app import app
from pulumi_aep_streaming.dataflow import DataflowProvider
from pulumi_aep_streaming.emulator import Fault
from pulumi_aep_streaming.source_connection import SourceConnectionProvider
from pulumi_aep_streaming.target_connection import TargetConnectionProvider

PROFILES, KINESIS = "8a9c3494-9708-43d7-ae3f-cda01e5030e1", "86043421-563b-46ec-8e6c-e23184711bf6"
AUTH = {
    "specName": "Aws Kinesis authentication credentials",
    "params": {"accessKeyId": "a", "secretKey": "TOPSECRET", "region": "r"},
}
SELECTORS = {
    "segmentSelectors": {
        "selectors": [{"type": "PLATFORM_SEGMENT", "value": {"id": "seg", "name": "Men", "description": "all"}}]
    },
    "profileSelectors": {"selectors": [{"type": "JSON_PATH", "value": {"path": "a.b", "operator": "EXISTS"}}]},
}
STREAM = {"data": {"format": "json"}, "etag": '"1"'}
DUMP: dict[str, list[dict[str, Any]]] = {
    "connections": [
        {"id": "b1", "name": "shop-profile", "connectionSpec": {"id": PROFILES, "version": "1.0"}, "imsOrgId": "o@AdobeOrg"},
        {"id": "b2", "name": "shop-base", "connectionSpec": {"id": KINESIS, "version": "1.0"}, "auth": AUTH},
    ],
    "sourceConnections": [
        {"id": "s1", "name": "shop-source", "baseConnectionId": "b1", "connectionSpec": {"id": PROFILES, "version": "1.0"}}
        | STREAM
        | {"params": {}},
    ],
    "targetConnections": [
        {"id": "t1", "name": "shop-target", "baseConnectionId": "b2", "connectionSpec": {"id": KINESIS, "version": "1.0"}}
        | STREAM
        | {"params": {"stream": "s", "region": "r"}},
    ],
    "flows": [
        {
            "id": id_,
            "name": name,
            "description": "Hi",
            "flowSpec": {"id": "71471eba-b620-49e4-90fd-23f1fa0174d8", "version": "1.0"},
            "state": "enabled",
            "createdAt": 5,
            "sourceConnectionIds": ["s1"],
            "targetConnectionIds": ["t1"],
            "transformations": [{"name": "GeneralTransform", "params": SELECTORS}],
        }
        for id_, name in (("f1", "shop"), ("f2", "second"))
    ],
}
PIECES = ['"', "'", '"""', "\\", "\n", "\r", "\t", "\0", "\x1b]0;x\7", "\x1b[2J", "{", "}}", "${x}", "$(touch pwned)", "`id`"]
PIECES += [
    ";",
    "#",
    "\u202e",
    "\u2066",
    "\u2028",
    "\x85",
    "\x9b",
    "\x7f",
    "\ufeff",
    "\ud800",
    "é",
    "\uff21",
    "🐛",
    "%s",
    "[red]",
]
PIECES += ["a", "flow", "import os", "class", "9", " ", "_", "-", "x" * 300, ")", "null", "2024", "~", "yes", "../", "<{%x%}>"]
NAMES = st.lists(st.sampled_from(PIECES), min_size=1, max_size=6).map("".join) | st.text()
ODD = st.sampled_from([None, 0, -1, 1.5, True, [], {}, [1], {"a": 1}, "", 10**400, [[]], {"": ""}, "y" * 5000, [None], [{}]])
DEEP = st.integers(1, 200).map(lambda levels: json.loads("[" * levels + "]" * levels))
DIRECTORIES = st.sampled_from(["null", "2024", "-x", "~", "yes", "a b", "0x1F", "1e5", "é", "$(id)", "-", "x" * 200]) | st.text(
    st.characters(exclude_characters="/\0", exclude_categories=["Cs"]), min_size=1, max_size=30
).map(lambda name: name if name.strip(".") else "dots")
# By the names of Unicode: controls but for line feeds, halves of characters, separators of lines, and turns of direction.
ACTED_UPON = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\ud800-\udfff\u2028\u2029\u200e\u200f\u061c\u202a-\u202e\u2066-\u2069]")
LENIENT = [HealthCheck.function_scoped_fixture, HealthCheck.too_slow]


def places(value, at=()):
    """The paths of all members, at any depth."""
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [at] * bool(at) + [path for key, member in inner for path in places(member, (*at, key))]


def changes(value):
    """Some members that are replaced: by a hostile name, most often, else by what nobody expects there."""
    return st.lists(st.tuples(st.sampled_from(places(value)), NAMES | NAMES | ODD | DEEP), min_size=1, max_size=4)


def changed(value, changes):
    """The value with members replaced, as far as they are still there."""
    value = copy.deepcopy(value)
    for path, new in changes:
        with contextlib.suppress(KeyError, IndexError, TypeError):
            holder = value
            for step in path[:-1]:
                holder = holder[step]
            holder[path[-1]] = copy.deepcopy(new)  # a later change may be of what is in it
    return value


def check_program(text: str, keys: list[str]) -> None:
    """It is text that can be shown, compiles, and declares its resources."""
    assert all(character.isprintable() or character == "\n" for character in text)
    code = compile(text, "__main__.py", "exec")
    pulumi.runtime.set_all_config({f"shop:{key}": "x" for key in keys})
    try:
        under_mocks.run(lambda: exec(code, {"__name__": "__main__"}))
    finally:
        pulumi.runtime.set_all_config({})


def check_import_file(text: str) -> None:
    """It parses, and refers to what is in it, by names that are unique."""
    resources = json.loads(text)["resources"]
    names = [(resource["type"], resource["name"]) for resource in resources]
    assert len(names) == len(set(names))
    assert {resource["parent"] for resource in resources if "parent" in resource} <= {name for _, name in names}


def check_commands(lines: list[str], out: Path, sandbox: str) -> list[str]:
    """A shell hands each over as it was meant; return the keys of config that they ask for."""
    words = [shlex.split(line) for line in lines]
    assert words[0][-1] == str(out)
    assert words[1] == ["pulumi", "stack", "init", *(["--"] if sandbox.startswith("-") else []), sandbox]
    return [each[-1] for each in words if each[:3] == ["pulumi", "config", "set"] and not each[3].startswith("aep:")]


def adopt_whatever(max_examples: int) -> None:
    @given(changes(DUMP), DIRECTORIES, st.just("prod") | NAMES, st.booleans())
    @settings(max_examples=max_examples, suppress_health_check=LENIENT)
    def call(changes, directory, sandbox, with_credentials):
        with tempfile.TemporaryDirectory() as place:
            dump, out = Path(place) / "dump.json", Path(place) / "out" / directory
            dump.write_text(json.dumps(changed(DUMP, changes)))
            places = load({}, {"AEP_ORG_ID": "o@AdobeOrg"})
            try:
                report = adopt(
                    places, sandbox, out, lambda _: None, ids=[], name="", dump=dump, with_credentials=with_credentials
                )
            except Impossible:
                return
            if not report["commands"]:
                assert report["leftAlone"] or not changed(DUMP, changes)["flows"]
                return
            texts = {name: (out / name).read_text() for name in ("Pulumi.yaml", "__main__.py", "import.json")}
            assert isinstance(yaml.safe_load(texts["Pulumi.yaml"])["name"], str)
            check_program(texts["__main__.py"], check_commands(report["commands"], out, sandbox))
            check_import_file(texts["import.json"])
            assert "TOPSECRET" not in "".join(texts.values())

    call()


def test_a_dump_of_a_few_odd_objects_becomes_a_program_that_runs():
    adopt_whatever(max_examples=150)


@pytest.mark.slow
def test_a_dump_of_whatever_becomes_a_program_that_runs():
    adopt_whatever(max_examples=1000)


@pytest.fixture
def without_pulumi(monkeypatch):
    """Nobody is asked for a version, which takes longer than all else."""
    monkeypatch.setenv("PATH", "")


def show_whatever(max_examples: int, emulator, by_hand) -> None:
    emulator.misbehave()
    flow = by_hand.flow("f", by_hand.profiles(), by_hand.stream("t", by_hand.account()), [MEN], [])
    good = live_flow(emulator, flow)
    Path("empty.json").write_text('{"deployment": {"resources": []}}')
    commands = [
        ["verify", "--flow", flow],
        ["compare", "--from", "prod", "--to", "dev"],
        ["orphans", "--stack-export", "empty.json"],
        ["adopt", "--flow", flow],
    ]
    directories = map(str, itertools.count())

    @given(NAMES, st.sampled_from(commands))
    @settings(max_examples=max_examples, suppress_health_check=LENIENT)
    def call(name, command):
        marked = f"{name} [pulumi:shop/dev/{name}#0a0b0c0d.01020304]"
        transformations = json.dumps(good["transformations"]).replace(json.dumps(MEN["name"]), json.dumps(name))
        odd = {**good, "name": name, "description": marked, "transformations": json.loads(transformations)}
        answer = json.dumps({"items": [odd]})
        emulator.service.faults[:] = [Fault(method="GET", path=r"/flows[?/]", status=200, raw=answer, times=9)]
        text = CliRunner().invoke(app, [*command, *(["--out", next(directories)] if "adopt" in command else [])])
        assert text.exception is None or isinstance(text.exception, SystemExit)
        assert not ACTED_UPON.search(text.output)
        assert not re.search(r"<\{%", text.output)
        command = [*command, *(["--out", next(directories)] if "adopt" in command else []), "--json"]
        machine = CliRunner().invoke(app, command).stdout
        assert not ACTED_UPON.search(machine)
        json.loads(machine)

    call()


@pytest.mark.usefixtures("as_environment")
def test_a_few_odd_names_are_shown_on_lines_of_their_own(emulator, by_hand, without_pulumi):
    show_whatever(25, emulator, by_hand)


@pytest.mark.slow
@pytest.mark.usefixtures("as_environment")
def test_any_name_is_shown_on_a_line_of_its_own(emulator, by_hand, without_pulumi):
    show_whatever(500, emulator, by_hand)


def list_whatever(max_examples: int, emulator, by_hand) -> None:
    emulator.misbehave()
    source, target = by_hand.profiles(), by_hand.stream("t", by_hand.account())
    good = live_flow(emulator, by_hand.flow("good", source, target, [MEN], []))
    other = live_flow(emulator, by_hand.flow("other", source, target, [MEN], ["a.b"]))

    said = ""

    @given(changes(other))
    @settings(max_examples=max_examples, suppress_health_check=LENIENT)
    def call(changes):
        nonlocal said
        odd = changed(other, changes)
        answer = json.dumps({"items": [odd, good]})
        emulator.service.faults[:] = [Fault(method="GET", path=r"/flows\?", status=200, raw=answer)]
        with tempfile.TemporaryDirectory() as place:
            result = CliRunner().invoke(app, ["adopt", "--json", "--out", f"{place}/out"])
        assert result.exit_code == 0, result.output
        report = json.loads(result.stdout)
        said += result.stderr  # once a process
        listed = report["adopted"]["Dataflow"] + len(report["leftAlone"]) >= 2
        assert listed or "it is left out" in said

    call()


@pytest.mark.usefixtures("as_environment")
def test_an_odd_object_in_a_list_leaves_the_others_as_they_are(emulator, by_hand, without_pulumi):
    list_whatever(25, emulator, by_hand)


@pytest.mark.slow
@pytest.mark.usefixtures("as_environment")
def test_whatever_is_in_a_list_leaves_the_others_as_they_are(emulator, by_hand, without_pulumi):
    list_whatever(500, emulator, by_hand)


KINDS = {
    "flows": DataflowProvider,
    "connections": BaseConnectionProvider,
    "sourceConnections": SourceConnectionProvider,
    "targetConnections": TargetConnectionProvider,
}


def refresh_whatever(max_examples: int, kind: str, emulator, by_hand, provide) -> None:
    emulator.misbehave()
    by_hand.flow("f", by_hand.profiles(), by_hand.stream("t", by_hand.account()), [MEN], ["a.b"])
    live = emulator.store.find(PLACE, kind, [], None)[0]
    reference = {"sandboxName": "prod"}
    state = provide(KINDS[kind]).read(live["id"], reference).outs
    state = {**state, "name": "f", "managedBy": "shop/prod/f#0a0b0c0d", "nonce": "01020304"}

    @given(changes(live), st.booleans())
    @settings(max_examples=max_examples, suppress_health_check=LENIENT)
    def call(changes, managed):
        answer = json.dumps({"items": [changed(live, changes)]})
        emulator.service.faults[:] = [Fault(method="GET", path=f"/{kind}/", status=200, raw=answer)]
        provider = provide(KINDS[kind])
        try:
            read = provider.read(live["id"], state if managed else reference)
        except Foreseen:
            return
        for bag in (read.outs, read.inputs):  # as the SDK hands them to the engine
            holder = Struct()
            holder.update(bag)
            assert holder.SerializeToString()
        provider.diff(live["id"], read.outs, state)

    call()


@pytest.mark.parametrize("kind", KINDS)
def test_a_refresh_bears_a_few_odd_answers(kind, emulator, by_hand, provide):
    refresh_whatever(40, kind, emulator, by_hand, provide)


@pytest.mark.slow
@pytest.mark.parametrize("kind", KINDS)
def test_a_refresh_bears_any_answer(kind, emulator, by_hand, provide):
    refresh_whatever(500, kind, emulator, by_hand, provide)


@pytest.mark.usefixtures("as_environment")
@pytest.mark.parametrize(
    "content", [b"[" * 100_000, b'{"flows": ' + b"[" * 5000 + b"]" * 5000 + b"}", b"\xff\xfe\x00", b"\x80", b"null", b'""']
)
def test_a_file_that_cannot_be_read_is_one_line(content):
    Path("odd.json").write_bytes(content)
    for command in (
        ["adopt", "--out", "out", "--from-dump", "odd.json"],
        ["adopt", "--out", "out", "--from-dump", "."],
        ["orphans", "--stack-export", "odd.json"],
        ["orphans", "--stack-export", "."],
    ):
        said = aep_streaming(*command, code=2)
        assert said.startswith("error: ")
        assert said.count("\n") == 1


@pytest.mark.usefixtures("as_environment")
@pytest.mark.parametrize("project", ["Pulumi.yaml", "Pulumi.yml", "Pulumi.json"])
def test_a_pulumi_that_cannot_be_run_is_one_line(monkeypatch, project):
    Path(project).touch()
    pulumi_is("echo hi", monkeypatch, mode=0o644)
    assert aep_streaming("verify", "--flow", "x", code=2) == "error: pulumi cannot be run: Permission denied\n"


@pytest.mark.usefixtures("as_environment")
@pytest.mark.parametrize("printed", ["[]", "{}", '{"deployment": {"resources": [{"type": 5}]}}'])
def test_what_pulumi_prints_and_is_no_export_is_one_line(monkeypatch, printed):
    Path("Pulumi.yaml").touch()
    pulumi_is(f"""case "$*" in *config*) echo '{{}}';; *) echo '{printed}';; esac""", monkeypatch)
    text = aep_streaming("verify", code=2)
    assert text.startswith("error: pulumi printed something that is no export: ")
    assert text.count("\n") == 1


@pytest.mark.usefixtures("as_environment")
def test_a_directory_that_is_gone_is_one_line(monkeypatch, without_pulumi):
    Path("gone").mkdir()
    monkeypatch.chdir("gone")
    Path("../gone").rmdir()
    for command in (["verify", "--flow", "x"], ["adopt", "--out", "out"]):
        assert aep_streaming(*command, code=2) == "error: this directory is not there any more: go to another one\n"


def test_a_dump_in_the_encoding_of_powershell_is_read(emulator, monkeypatch, tmp_path):
    monkeypatch.setenv("AEP_ORG_ID", "o@AdobeOrg")
    monkeypatch.chdir(tmp_path)
    Path("dump.json").write_text(json.dumps(DUMP), encoding="utf-16")
    assert "2 Dataflow" in aep_streaming("adopt", "--out", "out", "--from-dump", "dump.json", "--sandbox", "prod")


@pytest.mark.usefixtures("as_environment")
def test_look_ups_bear_odd_answers(emulator, by_hand):
    emulator.misbehave()
    flow = by_hand.flow("f", by_hand.profiles(), by_hand.stream("t", by_hand.account()), [MEN], ["a.b"])
    live = live_flow(emulator, flow)

    @given(changes(live))
    @settings(max_examples=60, suppress_health_check=LENIENT)
    def call(changes):
        answer = json.dumps({key: [changed(live, changes)] for key in ("items", "segments", "children")})
        emulator.service.faults[:] = [Fault(method="GET", path="/(flows|segment|audiences)", status=200, raw=answer, times=3)]
        for look in (
            lambda: aep.get_dataflow(id=flow),
            lambda: aep.get_dataflows(name="f"),
            aep.get_segments,
            aep.get_audiences,
        ):
            with contextlib.suppress(pulumi.RunError):
                json.dumps(look(), default=vars).encode()

    call()


@pytest.mark.usefixtures("as_environment")
def test_a_terminal_that_lacks_a_character_is_shown_its_number(by_hand):
    flow = by_hand.flow("夏", by_hand.profiles(), by_hand.stream("t", by_hand.account()), [MEN], [])
    command = [Path(sys.executable).with_name("aep-streaming"), "verify", "--flow", flow]
    environment = {**os.environ, "PYTHONIOENCODING": "ascii"}
    done = subprocess.run(command, env=environment, check=False, capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")
    assert "\\u590f" in done.stdout

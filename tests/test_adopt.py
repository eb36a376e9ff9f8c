"""`aep-streaming adopt`: what is left alone and why, bad input, a thousand dataflows, code that checkers accept."""

from __future__ import annotations

import ast
import json
import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st
from support.command import aep_streaming, pulumi_is
from support.curl import PROFILE
from support.plain import HTTP, HUBS, MEN
from support.surroundings import environment_of, methods

from pulumi_aep_streaming.cli._names import comment, literal
from pulumi_aep_streaming.emulator import Fault

pytestmark = pytest.mark.usefixtures("as_environment")


def adopt(*arguments: str, code: int = 0) -> str:
    return aep_streaming("adopt", *arguments, code=code)


def report(*arguments: str, code: int = 0) -> dict:
    return json.loads(adopt("--out", "out", "--json", *arguments, code=code))


def put(emulator, kind: str, id_: str, **changes) -> None:
    """Change an object in a way that the service itself does not allow, as if others had made it so."""
    place = f"{emulator.organization.id}/prod"
    item = {**emulator.store.load(place, kind, id_), **changes}
    emulator.store.put(kind, place, item)


def test_what_cannot_be_expressed_is_listed_with_the_reason_and_not_guessed(emulator, by_hand):
    source, account = by_hand.profiles(), by_hand.account()

    def flow(name: str, target: str | None = None, **more) -> str:
        return by_hand.flow(name, source, target or by_hand.stream(name, account), [MEN], ["a"], **more)

    flow("good")
    put(emulator, "flows", flow("batch"), flowSpec={"id": "another", "version": "1.0"})
    flow("web", by_hand.end("target", "web", by_hand.web(), HTTP, {"url": "https://u:TOPSECRET@x"}))
    put(emulator, "flows", flow("dangling"), targetConnectionIds=["gone"])
    orphan = by_hand.stream("orphan", account)
    flow("orphan", orphan)
    put(emulator, "targetConnections", orphan, baseConnectionId="gone")
    flow("managed", description="Hi [pulumi:shop/prod/x#00000000.11111111]")
    odd = flow("operator")
    transformations = emulator.store.load(f"{emulator.organization.id}/prod", "flows", odd)["transformations"]
    transformations[0]["params"]["profileSelectors"]["selectors"][0]["value"]["operator"] = "NOT_EXISTS"
    put(emulator, "flows", odd, transformations=transformations)
    nowhere = by_hand.stream("no region", account)
    flow("no region", nowhere)
    put(emulator, "targetConnections", nowhere, params={"stream": "s"})
    found = report()
    assert found["adopted"] == {"BaseConnection": 2, "SourceConnection": 1, "TargetConnection": 1, "Dataflow": 1}
    reasons = {left["name"]: left["reason"] for left in found["leftAlone"]}
    assert reasons.pop("batch") == "it is no dataflow of the profile-based destination"
    assert "of a kind that this package does not know, and may hold secrets" in reasons.pop("web")
    assert reasons.pop("dangling") == "its target connection gone does not exist"
    assert reasons.pop("orphan").endswith("is in a base connection that does not exist: gone")
    assert reasons.pop("managed") == "it belongs to shop/prod/x#00000000 already"
    assert reasons.pop("operator") == "an attribute of it has the operator NOT_EXISTS"
    assert reasons.pop("no region").endswith("params.region: required")
    assert reasons == {}
    assert "TOPSECRET" not in Path("out/__main__.py").read_text() + Path("out/import.json").read_text()


def test_more_transformations_than_one_stay_and_are_said(emulator, by_hand):
    flow = by_hand.flow("f", by_hand.profiles(), by_hand.stream("t", by_hand.account()), [MEN], [])
    one = emulator.store.load(f"{emulator.organization.id}/prod", "flows", flow)["transformations"][0]
    put(emulator, "flows", flow, transformations=[one, {"name": "Mapping", "params": {}}])
    assert report()["notes"] == [f"f ({flow}) carries more transformations than one; they stay as they are"]


def test_a_target_that_two_dataflows_share_and_a_source_of_another_stack(emulator, by_hand):
    source = by_hand.profiles(description="[pulumi:shop/prod/x#00000000.11111111]")
    target = by_hand.stream("t", by_hand.account())
    by_hand.flow("a", source, target, [MEN], [])
    by_hand.flow("b", source, target, [MEN], [])
    assert report()["adopted"] == {"BaseConnection": 1, "SourceConnection": 0, "TargetConnection": 1, "Dataflow": 2}
    text = Path("out/__main__.py").read_text()
    assert text.count(f'source_connection_ids=["{source}"]') == 2
    assert text.count("target_connection_ids=[t_target.id]") == 2


def test_some_can_be_chosen_by_id_and_by_name(by_hand):
    source, target = by_hand.profiles(), by_hand.stream("t", by_hand.account())
    ids = [by_hand.flow(name, source, target, [MEN], []) for name in ("summer one", "summer two", "winter")]
    assert report("--name", "summer*")["adopted"]["Dataflow"] == 2
    result = json.loads(adopt("--out", "other", "--json", "--flow", ids[0], "--flow", ids[2]))
    assert result["adopted"]["Dataflow"] == 2
    assert "left alone:  (nonsense): it does not exist" in adopt("--out", "third", "--flow", "nonsense", code=1)


def test_a_dump_is_read_without_the_service(emulator, by_hand, monkeypatch):
    by_hand.flow("f", by_hand.profiles(), by_hand.stream("t", by_hand.account()), [MEN], [])
    kinds = ("connections", "sourceConnections", "targetConnections", "flows")
    dump = {kind: by_hand.api.call("GET", f"/{kind}").json()["items"] for kind in kinds}
    Path("dump.json").write_text(json.dumps(dump))
    for name in environment_of(emulator):
        monkeypatch.delenv(name)
    emulator.forget()
    assert report("--from-dump", "dump.json", "--sandbox", "prod")["adopted"]["Dataflow"] == 1
    assert emulator.calls == []
    assert "EMULATOR@AdobeOrg" in Path("out/import.json").read_text()
    for text in ("[]", "{", '{"flows": 3}', '{"flows": [{}]}'):
        Path("dump.json").write_text(text)
        assert "dump.json is no dump" in adopt("--out", "other", "--from-dump", "dump.json", "--sandbox", "prod", code=2)


def test_a_directory_that_is_not_empty_is_refused_before_any_call(emulator):
    Path("out").mkdir()
    Path("out/file").write_text("mine")
    assert "out is not an empty directory: name a new one" in adopt("--out", "out", code=2)
    assert emulator.calls == []


def test_an_empty_sandbox_writes_nothing(emulator):
    assert report(code=1)["adopted"]["Dataflow"] == 0
    assert not Path("out").exists()


def test_missing_permission_and_unknown_sandbox_are_one_line(emulator):
    emulator.order(Fault(method="GET", path="/flows", status=403, body={"code": "2118-403", "message": "no permission"}))
    assert re.search(r"^error: .*Manage Destinations", adopt("--out", "out", code=2))
    assert re.search(r"^error: .*aep:sandboxName", adopt("--out", "out", "--sandbox", "nowhere", code=2))


@pytest.mark.slow
def test_a_thousand_dataflows_in_pages_as_code_that_ruff_and_mypy_accept(emulator, by_hand):
    source, account, hubs = by_hand.profiles(), by_hand.account(), by_hand.hubs()
    names = [
        'say "hi"',
        "it's",
        "a, b",
        "ünïcode ☃",
        "x" * 300,
        "line\nbreak",
        "class",
        "123",
        "—",
        "back\\slash",
        "both ' and \"",
    ]
    for number in range(1000):
        name = f"{names[number % len(names)]}{'' if number < len(names) else number}"
        target = (
            by_hand.stream(name, account)
            if number % 2
            else by_hand.end("target", name, hubs, HUBS, {"eventHubName": f"h{number}"})
        )
        by_hand.flow(name, source, target, [MEN] if number % 3 == 0 else [], [f"a.b{number}"] if number % 5 == 0 else [])
    emulator.forget()
    found = report()
    assert found["adopted"] == {"BaseConnection": 3, "SourceConnection": 1, "TargetConnection": 1000, "Dataflow": 1000}
    lists = [call for call in emulator.calls if call.method == "GET" and call.path.partition("?")[0].endswith("/flows")]
    assert len(lists) == 10
    probes = 8 + 8 + 3 + 1  # whether the lists show descriptions as a read does
    assert len(methods(emulator)) <= 10 + 10 + 1 + 1 + probes
    text = Path("out/__main__.py").read_text()
    tool = Path(sys.executable).parent
    subprocess.run([tool / "ruff", "format", "--check", "--isolated", "out"], check=True)
    subprocess.run([tool / "ruff", "check", "--isolated", "out"], check=True)
    subprocess.run([tool / "mypy", "--strict", "out/__main__.py"], check=True)
    assert len(set(re.findall(r"^(\w+) = aep", text, re.MULTILINE))) == 2004


@given(st.text())
def test_a_literal_is_the_text_and_a_comment_is_one_line(text):
    assert eval(literal(text)) == text
    assert "\n" not in literal(text)
    assert len(comment(text).splitlines()) <= 1


def test_a_profile_store_is_shared_and_named_once(by_hand):
    source = by_hand.profiles()
    for name in ("a", "b"):
        by_hand.flow(name, source, by_hand.stream(name, by_hand.account(name)), [MEN], [])
    report()
    text = Path("out/__main__.py").read_text()
    assert (text.count("aep.BaseConnection("), text.count("aep.SourceConnection(")) == (3, 1)
    assert text.count("UNIFIED_PROFILE") == 1
    assert PROFILE["id"] not in text


def test_a_flow_in_a_transient_state_is_adopted_like_any_other(emulator, by_hand):
    flow = by_hand.flow("f", by_hand.profiles(), by_hand.stream("t", by_hand.account()), [MEN], [])
    put(emulator, "flows", flow, state="updating")
    assert report()["adopted"]["Dataflow"] == 1
    assert "enabled=" not in Path("out/__main__.py").read_text()


def test_accounts_of_similar_names_have_their_own_config_keys_and_an_address_is_kept(emulator, by_hand):
    source = by_hand.profiles()
    for name in ("team 1", "team1"):
        by_hand.flow(name, source, by_hand.stream(name, by_hand.account(name)), [MEN], [])
    address = by_hand.account("vpc")
    by_hand.flow("vpc", source, by_hand.stream("vpc", address), [MEN], [])
    live = emulator.store.load(f"{emulator.organization.id}/prod", "connections", address)
    params = {"accessKeyId": "a", "secretKey": "TOPSECRET", "connectionUrl": "https://vpce.example.com"}
    put(emulator, "connections", address, auth={**live["auth"], "params": params})
    commands = [line for line in report("--with-credentials")["commands"] if "config set" in line]
    assert len(commands) == len(set(commands)) == 4 + 3 * 3
    text = Path("out/__main__.py").read_text()
    assert 'connection_url=config.require("vpc_account_connection_url")' in text
    assert text.count("region=config.require(") == 2
    assert max(map(len, text.splitlines())) <= 88


def hub(emulator, by_hand, name, auth):
    """A destination in an event hub, whose objects have the names that a component would give them."""
    account = by_hand.hubs(f"{name}-base")
    put(emulator, "connections", account, auth=auth)
    target = by_hand.end("target", f"{name}-target", account, HUBS, {"eventHubName": "h"})
    by_hand.flow(name, by_hand.profiles(name), target, [MEN], [])


PRINCIPAL = {"tenantId": "t", "clientId": "c", "clientSecretValue": "TOPSECRET", "namespace": "s"}
POLICY = {"sasKeyName": "n", "sasKey": "TOPSECRET", "namespace": "s"}


@pytest.mark.parametrize(
    ("name", "params", "class_", "secret"),
    [
        ("Event Hub Azure Active Directory Auth", PRINCIPAL, "EventHubsEntraAuthArgs", "client_secret"),
        (
            "Event Hub Scoped Azure Active Directory Auth",
            {**PRINCIPAL, "eventHubName": "h"},
            "EventHubsScopedEntraAuthArgs",
            "client_secret",
        ),
        ("Azure EventHub authentication credentials", {**POLICY, "eventHubName": "h"}, "EventHubsAuthArgs", "sas_key"),
    ],
)
def test_credentials_that_a_component_does_not_spell_out_are_those_of_an_account_on_its_own(
    emulator, by_hand, name, params, class_, secret
):
    hub(emulator, by_hand, "orders", {"specName": name, "params": params})
    commands = [line for line in report("--with-credentials")["commands"] if "config set" in line]
    text = Path("out/__main__.py").read_text()
    assert f"auth=aep.{class_}(" in text
    assert f'{secret}=config.require_secret("orders_base_account_{secret}")' in text
    assert ("event_hub_name=config.require(" in text) == ("eventHubName" in params)
    assert "base_connection=orders_base_account" in text
    assert sum(f"--secret orders_base_account_{secret}" in line for line in commands) == 1


def test_credentials_of_an_authentication_that_is_not_known_stay_as_they_are(emulator, by_hand):
    hub(emulator, by_hand, "orders", {"specName": "Service principal based", "params": PRINCIPAL})
    assert not any("orders_base" in line for line in report("--with-credentials")["commands"])
    text = Path("out/__main__.py").read_text()
    assert "auth=" not in text
    assert "connection_spec_id=aep.ConnectionSpecId.AZURE_EVENT_HUBS" in text


def test_an_endpoint_of_an_account_is_an_argument_of_the_component(emulator, by_hand):
    account = by_hand.account("orders-base")
    live = emulator.store.load(f"{emulator.organization.id}/prod", "connections", account)
    params = {"accessKeyId": "a", "secretKey": "TOPSECRET", "connectionUrl": "https://vpce.example.com"}
    put(emulator, "connections", account, auth={**live["auth"], "params": params})
    by_hand.flow("orders", by_hand.profiles("orders"), by_hand.stream("orders-target", account), [MEN], [])
    report("--with-credentials")
    text = Path("out/__main__.py").read_text()
    assert "destination=aep.KinesisDestinationArgs(" in text
    assert 'connection_url=config.require("orders_connection_url")' in text
    assert "AMAZON_KINESIS" not in text


@pytest.mark.parametrize("stream", [5, "a\nb"])
def test_a_stream_that_is_no_text_is_listed(emulator, by_hand, stream):
    target = by_hand.stream("t", by_hand.account())
    by_hand.flow("f", by_hand.profiles(), target, [MEN], [])
    put(emulator, "targetConnections", target, params={"stream": stream, "region": "r"})
    (left,) = report(code=1)["leftAlone"]
    assert left["reason"] == f"its target connection {target} has no text as stream"


def test_a_target_in_the_profile_store_leads_to_no_stream(emulator, by_hand):
    source = by_hand.profiles()
    target = by_hand.end("target", "t", by_hand.api.make("/connections", name="b", connectionSpec=PROFILE)["id"], PROFILE, {})
    put(
        emulator,
        "flows",
        by_hand.flow("f", source, by_hand.stream("s", by_hand.account()), [MEN], []),
        targetConnectionIds=[target],
    )
    (left,) = report(code=1)["leftAlone"]
    assert left["reason"] == f"its target connection {target} leads to no stream"


@pytest.mark.parametrize(("directory", "name"), [("my+dir", "my-dir"), ("проект", "adopted"), ("a(b).c_d", "a-b-.c_d")])
def test_the_project_has_a_name_that_pulumi_allows(by_hand, directory, name):
    by_hand.flow("f", by_hand.profiles(), by_hand.stream("t", by_hand.account()), [MEN], [])
    adopt("--out", directory)
    assert (Path(directory) / "Pulumi.yaml").read_text().startswith(f"name: {name}\n")


@pytest.mark.parametrize("name", ["null", "2024", "0x1F", "1e5", "yes", "Off", "~", "2024-11-26", "x" * 200])
def test_what_yaml_or_a_shell_would_read_otherwise_is_quoted(by_hand, name):
    by_hand.flow(name, by_hand.profiles(), by_hand.stream(name, by_hand.account(name)), [{**MEN, "name": name}], [])
    commands = json.loads(adopt("--out", f"below/{name}", "--json"))["commands"]
    text = (Path("below") / name / "Pulumi.yaml").read_text()
    project = yaml.safe_load(text)["name"]
    assert re.fullmatch(r"[A-Za-z0-9._-]{1,100}", project)
    assert text.startswith((f'name: "{project}"\n', "name: adopted\n", "name: xxx"))
    assert shlex.split(commands[0]) == ["cd", f"below/{name}"]


def test_a_directory_that_looks_like_an_option_is_none(by_hand):
    by_hand.flow("f", by_hand.profiles(), by_hand.stream("t", by_hand.account()), [MEN], [])
    assert json.loads(adopt("--out=-x", "--json"))["commands"][0] == "cd -- -x"


@pytest.mark.parametrize(
    ("directory", "shells"),
    [
        ("o  x", ["sh", "bash"]),
        (" o'x ", ["sh", "bash"]),
        ("-x", ["sh", "bash"]),
        ("$(touch pwned)`id`", ["sh", "bash"]),
        ("o\nx\ty", ["bash"]),
        ("o\x1b[2Jx'\\7", ["bash"]),
        ("\u202eo\u3000x\x859", ["bash"]),
        ("<{%x%}>", ["bash"]),
        ("\udcff", ["bash"]),
    ],
)
def test_a_command_that_is_shown_means_what_was_given_and_holds_nothing_raw(by_hand, monkeypatch, directory, shells):
    pulumi_is("echo v9.0.0", monkeypatch)
    by_hand.flow("f", by_hand.profiles(), by_hand.stream("t", by_hand.account()), [MEN], [])
    (shown,) = re.findall("^  cd (.*)$", adopt(f"--out={directory}"), re.MULTILINE)
    assert all(character.isprintable() for character in shown)
    assert "<{%" not in shown
    for shell in shells:
        done = subprocess.run(
            [f"/bin/{shell}", "-c", f"printf '%s' {shown.removeprefix('-- ')}"], check=True, capture_output=True
        )
        assert done.stdout == os.fsencode(directory)


def test_settings_that_cannot_be_used_are_one_line_without_what_they_hold(monkeypatch):
    monkeypatch.setenv("AEP_ENDPOINT", "https://me:TOPSECRET@platform.example")
    Path("dump.json").write_text('{"flows": []}')
    text = adopt("--out", "out", "--from-dump", "dump.json", code=2)
    assert text == "error: aep:endpoint holds a user or a password (what stands before @): take it out\n"
    assert not Path("out").exists()


def test_a_sandbox_of_any_name_ends_no_heading(by_hand):
    by_hand.flow("f", by_hand.profiles(), by_hand.stream("t", by_hand.account()), [MEN], [])
    kinds = ("connections", "sourceConnections", "targetConnections", "flows")
    Path("dump.json").write_text(json.dumps({kind: by_hand.api.call("GET", f"/{kind}").json()["items"] for kind in kinds}))
    for number, sandbox in enumerate(['"""', "\\", 'x"', "x\\", '"""+exit()+"""', "'''"]):
        adopt("--out", f"out{number}", "--from-dump", "dump.json", "--sandbox", sandbox)
        tree = ast.parse(Path(f"out{number}/__main__.py").read_text())
        assert ast.get_docstring(tree) == f"Streaming destinations of sandbox {sandbox}."


def test_a_place_that_cannot_be_written_to_is_one_line(by_hand):
    by_hand.flow("f", by_hand.profiles(), by_hand.stream("t", by_hand.account()), [MEN], [])
    Path("file").write_text("mine")
    assert adopt("--out", "file/x", code=2).startswith("error: file/x is not an empty directory")


def test_a_dump_without_an_organization_needs_one(emulator, monkeypatch):
    monkeypatch.delenv("AEP_ORG_ID")
    Path("dump.json").write_text('{"flows": []}')
    text = adopt("--out", "out", "--from-dump", "dump.json", "--sandbox", "prod", code=2)
    assert text == "error: dump.json names no imsOrgId: set AEP_ORG_ID\n"


EXTERNAL = {
    "id": 'loyal "2026"',
    "systemSegmentId": "32a83b5d-a118-4bd6-b3cb-3aee2f4c30a1",
    "namespace": "CustomerAudienceUpload",
}


def test_an_external_audience_is_declared_with_all_that_it_takes_and_named_for_people(by_hand):
    selectors = [{**EXTERNAL, "name": "Loyalty members"}, {**MEN, "namespace": "AEPSegments"}]
    by_hand.flow("shop", by_hand.profiles(), by_hand.stream("t", by_hand.account()), selectors, ["a"])
    assert report()["notes"] == []
    text = Path("out/__main__.py").read_text()
    assert (
        f"""        aep.SegmentSelectorArgs(
            id='loyal "2026"',
            system_segment_id="{EXTERNAL["systemSegmentId"]}",
            namespace="CustomerAudienceUpload",
        ),  # Loyalty members
        "{MEN["id"]}",  # Men over 50
"""
        in text
    )
    resources = json.loads(Path("out/import.json").read_text())["resources"]
    (imported,) = [each["inputs"]["segments"] for each in resources if "segments" in each["inputs"]]
    assert imported == [EXTERNAL, {"id": MEN["id"]}]

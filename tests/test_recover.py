"""`aep-streaming recover`: a lost state's import file, of what the markers tell for sure."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from support.command import aep_streaming, as_json
from support.curl import KINESIS
from support.plain import HTTP, MEN

from pulumi_aep_streaming._core import marker

pytestmark = pytest.mark.usefixtures("as_environment")
RECOVER = ("recover", "--stack", "shop/dev", "--sandbox", "prod", "--out", "lost.json")
STREAM = {"stream": "s", "region": "us-west-2"}
TYPE = "pulumi-python:dynamic/aep:"


def signed(kind: str, name: str, *, parent: str = "", nonce: str = "11111111", stack: str = "dev", text: str = "") -> str:
    chain = f"{parent}${TYPE}{kind}" if parent else TYPE + kind
    owner = marker.owner("organization", f"urn:pulumi:{stack}::shop::{chain}::{name}")
    return marker.sign(text, marker.Mark(owner, nonce))


@pytest.fixture
def chain(by_hand):
    """A target and a dataflow of the stack, upon an account and a source that nobody marked."""
    account = by_hand.account()
    target = by_hand.end(
        "target", "T", account, KINESIS, STREAM, description=signed("TargetConnection", "purchases", text="Hi")
    )
    source = by_hand.profiles()
    flow = by_hand.flow("F", source, target, [MEN], ["a.b"], description=signed("Dataflow", "purchases"))
    return {"account": account, "target": target, "source": source, "flow": flow}


def test_what_a_list_shows_in_short_with_its_marker_is_read(chain, emulator):
    find = emulator.store.find
    emulator.misbehave()
    emulator.store.find = lambda *arguments: [
        {key: item[key] for key in ("id", "name", "description", "etag", "createdAt") if key in item}
        for item in find(*arguments)
    ]
    assert as_json(*RECOVER)["recovered"] == {"BaseConnection": 0, "SourceConnection": 0, "TargetConnection": 1, "Dataflow": 1}


def recovered() -> dict[str, dict]:
    return {each["name"]: each for each in json.loads(Path("lost.json").read_text())["resources"]}


def test_what_carries_the_marker_is_in_the_file_with_its_ids_and_its_nonce(chain):
    report = as_json(*RECOVER)
    assert report["recovered"] == {"BaseConnection": 0, "SourceConnection": 0, "TargetConnection": 1, "Dataflow": 1}
    target, flow = recovered().values()
    assert (target["logicalName"], target["type"], target["id"]) == (
        "purchases",
        f"{TYPE}TargetConnection",
        chain["target"],
    )
    assert target["inputs"].items() >= {"name": "T", "description": "Hi", "baseConnectionId": chain["account"]}.items()
    assert target["outputs"] == {**target["inputs"], "nonce": "11111111"}
    assert "adoptId" not in target["inputs"]
    assert flow["inputs"]["segments"] == [{"id": MEN["id"]}]
    assert flow["inputs"]["targetConnectionIds"] == [chain["target"]]
    assert "enabled" not in flow["inputs"]
    assert report["commands"][0] == "pulumi stack select --create dev"


def test_children_of_a_component_are_told_by_their_key_and_not_by_their_name(by_hand):
    component = "aep:index:StreamingDestination"
    by_hand.account("inside", description=signed("BaseConnection", "shop-base", parent=component))
    by_hand.account("outside", description=signed("BaseConnection", "other-base"))
    as_json(*RECOVER)
    found = recovered()
    assert found["shop"] == {"type": component, "name": "shop", "component": True}
    assert {name: each.get("parent") for name, each in found.items() if "id" in each} == {
        "BaseConnection shop-base": "shop",
        "BaseConnection other-base": None,
    }


def test_twins_under_one_key_are_named_and_left_out_and_the_rest_is_recovered(chain, by_hand):
    one, other = (by_hand.account(f"K{n}", description=signed("BaseConnection", "k", nonce=n * 8)) for n in "12")
    report = as_json(*RECOVER, code=1)
    reasons = {left["id"]: left["reason"] for left in report["leftOut"]}
    assert reasons == {
        one: f"the marker of k is also carried by {other}, and nobody can tell which is meant",
        other: f"the marker of k is also carried by {one}, and nobody can tell which is meant",
    }
    assert recovered().keys() == {"TargetConnection purchases", "Dataflow purchases"}


@pytest.mark.parametrize(
    "description",
    [
        signed("BaseConnection", "k", parent="my:index:Component"),
        signed("Dataflow", "purchases"),
        "[pulumi:shop/dev/k#00000000.11111111]",
    ],
    ids=["in a component of one's own", "a copy of another kind's description", "edited"],
)
def test_what_no_resource_of_ours_makes_the_key_of_is_named_and_left_out(chain, by_hand, description):
    account = by_hand.account("K", description=description)
    said = aep_streaming(*RECOVER, code=1)
    assert f"  left out: BaseConnection K ({account}): its marker is of neither a resource by itself" in said
    assert recovered().keys() == {"TargetConnection purchases", "Dataflow purchases"}


def test_what_is_another_stacks_or_nobodys_is_not_looked_at(chain, by_hand):
    by_hand.account("other", description=signed("BaseConnection", "k", stack="prod"))
    assert as_json(*RECOVER)["leftOut"] == []
    assert recovered().keys() == {"TargetConnection purchases", "Dataflow purchases"}


def test_a_stack_of_pulumi_cloud_is_of_an_organization(by_hand):
    owner = marker.owner("acme", f"urn:pulumi:dev::shop::{TYPE}BaseConnection::k")
    by_hand.account("K", description=marker.sign("", marker.Mark(owner, "11111111")))
    assert "nothing to recover" in aep_streaming(*RECOVER, code=1)
    assert not Path("lost.json").exists()
    assert as_json(*RECOVER, "--pulumi-org", "acme")["commands"][0] == "pulumi stack select --create acme/dev"


def test_what_may_be_secret_is_not_in_the_file(by_hand):
    web = by_hand.web()
    described = signed("TargetConnection", "web")
    by_hand.end("target", "Web", web, HTTP, {"url": "https://TOPSECRET-url"}, description=described)
    by_hand.account("K", description=signed("BaseConnection", "k"))
    as_json(*RECOVER)
    assert recovered()["TargetConnection web"]["inputs"]["params"] == {}
    assert "auth" not in recovered()["BaseConnection k"]["inputs"]
    assert "TOPSECRET" not in Path("lost.json").read_text()


def test_nothing_is_written_to_the_service_and_no_file_is_overwritten(chain, emulator):
    emulator.forget()
    as_json(*RECOVER)
    assert {call.method for call in emulator.calls if "ims" not in call.path} == {"GET"}
    assert "lost.json is there already" in aep_streaming(*RECOVER, code=2)


def test_a_misspelt_stack_is_an_error_that_names_those_that_are_there(chain):
    said = aep_streaming("recover", "--stack", "shop/de", "--sandbox", "prod", "--out", "x.json", code=2)
    assert "nothing here carries the marker of shop/de; there are those of shop/dev" in said


def test_hostile_names_are_harmless_in_what_is_printed_and_in_the_file(by_hand):
    text = "\x1b[31m\u202ered"
    by_hand.account(text, description=signed("BaseConnection", "k", text=text))
    by_hand.account(text, description=f"[pulumi:shop/dev/{text}#00000000.11111111]")
    said = aep_streaming(*RECOVER, code=1)
    assert said.count("left out: ") == 1
    for shown in (said, Path("lost.json").read_text()):
        assert "\x1b" not in shown
        assert "\u202e" not in shown
    assert recovered()["BaseConnection k"]["inputs"]["name"] == text

"""Programs that make the stream as well: what Pulumi's own cloud packages and ours tell the engine, without a cloud."""

from __future__ import annotations

import json
import subprocess
from dataclasses import dataclass
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[1]
# Not in .venv itself: the engine fetches the plugin of each Pulumi package that it finds beside a program.
PYTHON = ROOT / ".venv/cloud/bin/python"
SECRET = "4dabf18193072939515e22adb298388d"  # how the engine marks one


@dataclass(frozen=True)
class Secret:
    value: object


@dataclass
class Registered:
    """What a program told the engine, by `Kind::name`; names are those of the program."""

    inputs: dict[str, dict]
    depends_on: dict[str, set[str]]
    parent: dict[str, str]


def short(urn: str) -> str:
    kind, name = urn.split("::")[-2:]
    return f"{kind.rpartition(':')[2]}::{name}"


def run(example: str, **config: str) -> Registered:
    command = [PYTHON, ROOT / "tests/support/mocked.py", ROOT / "examples" / example, json.dumps(config)]
    done = subprocess.run(command, check=False, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    resources = json.loads(done.stdout, object_hook=lambda bag: Secret(bag["value"]) if SECRET in bag else bag)
    return Registered(
        {short(resource["urn"]): resource["inputs"] for resource in resources},
        {short(resource["urn"]): set(map(short, resource["dependencies"])) for resource in resources},
        {short(resource["urn"]): short(resource["parent"]) for resource in resources if resource["parent"]},
    )


@pytest.fixture(scope="module")
def kinesis():
    return run("kinesis", **{"aws:region": "us-west-2"})


@pytest.fixture(scope="module")
def event_hub():
    return run("event_hub")


def test_the_stream_and_the_key_of_its_user_reach_the_connections(kinesis):
    assert kinesis.inputs["TargetConnection::purchases-target"]["params"] == {"stream": "purchases-made", "region": "us-west-2"}
    assert kinesis.inputs["BaseConnection::purchases-base"]["auth"].value["params"] == {
        "accessKeyId": "adobe-id",
        "secretKey": "TOPSECRET-aws",
        "region": "us-west-2",
    }
    assert kinesis.inputs["AccessKey::adobe"] == {"user": "adobe-made"}


def test_the_user_may_do_what_adobe_documents_and_nothing_else(kinesis):
    policy = kinesis.inputs["UserPolicy::may-write-purchases"]
    assert policy["user"] == "adobe-made"
    allowed = {}
    for statement in json.loads(policy["policy"])["Statement"]:
        assert statement.pop("Effect") == "Allow"
        actions = statement["Action"] if isinstance(statement["Action"], list) else [statement["Action"]]
        allowed.update(dict.fromkeys(actions, statement["Resource"]))
    assert allowed == {"kinesis:ListStreams": "*", "kinesis:PutRecord": "arn:purchases", "kinesis:PutRecords": "arn:purchases"}


def test_the_hub_and_the_key_of_its_policy_reach_the_connections(event_hub):
    assert event_hub.inputs["TargetConnection::purchases-target"]["params"] == {"eventHubName": "purchases-made"}
    assert event_hub.inputs["BaseConnection::purchases-base"]["auth"].value["params"] == {
        "sasKeyName": "adobe-made",
        "sasKey": "TOPSECRET-azure",
        "namespace": "streaming-made",
    }
    assert set(event_hub.inputs["NamespaceAuthorizationRule::adobe"]["rights"]) == {"Manage", "Send", "Listen"}


@pytest.mark.parametrize(
    ("example", "needs"),
    [
        (
            "kinesis",
            {
                "Dataflow::purchases-flow": {"SourceConnection::purchases-source", "TargetConnection::purchases-target"},
                "TargetConnection::purchases-target": {"BaseConnection::purchases-base", "Stream::purchases"},
                "BaseConnection::purchases-base": {"AccessKey::adobe"},
                "StreamingDestination::purchases": {"UserPolicy::may-write-purchases"},
                "UserPolicy::may-write-purchases": {"Stream::purchases", "User::adobe"},
            },
        ),
        (
            "event_hub",
            {
                "Dataflow::purchases-flow": {"SourceConnection::purchases-source", "TargetConnection::purchases-target"},
                "TargetConnection::purchases-target": {"BaseConnection::purchases-base", "EventHub::purchases"},
                "BaseConnection::purchases-base": {"Namespace::streaming", "NamespaceAuthorizationRule::adobe"},
            },
        ),
    ],
)
def test_nothing_is_made_before_or_deleted_after_what_it_needs(example, needs, request):
    registered = request.getfixturevalue(example)
    for resource, others in needs.items():
        assert others <= registered.depends_on[resource]
    for role in ("BaseConnection::purchases-base", "TargetConnection::purchases-target", "Dataflow::purchases-flow"):
        assert registered.parent[role] == "StreamingDestination::purchases"


@pytest.mark.parametrize("example", ["kinesis", "event_hub"])
def test_keys_are_secret_wherever_they_are_and_names_are_not(example, request):
    registered = request.getfixturevalue(example)
    found = {key: value for bag in registered.inputs.values() for key, value in bag.items() if isinstance(value, Secret)}
    assert set(found) == {"auth"}
    plain = [{key: value for key, value in bag.items() if not isinstance(value, Secret)} for bag in registered.inputs.values()]
    assert "TOPSECRET" not in str(plain)

"""From a stream that `pulumi up` makes to the records in it: a real Kinesis API, a destination, and what Adobe would send.

Only the sending itself is ours: the emulator answers what a dataflow exports, and the test puts it into the stream.
"""

from __future__ import annotations

import json
import re

import pytest
import requests
from engine.project import command
from jsonschema import Draft202012Validator, validate

pytestmark = [pytest.mark.engine, pytest.mark.slow]
boto3 = pytest.importorskip("boto3")

OVER_50, SUMMER = "72ddd79b-6b0a-4e97-a8d2-112ccd81bd02", "7841ba61-23c1-4bb3-a495-00d695fe1e93"
PROGRAM = """
import boto3
from pulumi import dynamic

KINESIS = {kinesis}

class StreamProvider(dynamic.ResourceProvider):
    def create(self, props):
        name = props["prefix"] + "-4f2a"
        boto3.client("kinesis", **KINESIS).create_stream(StreamName=name, ShardCount=1)
        return dynamic.CreateResult(name, {{**props, "name": name}})

    def delete(self, id, props):
        boto3.client("kinesis", **KINESIS).delete_stream(StreamName=id)

class Stream(dynamic.Resource):
    name: pulumi.Output[str]

    def __init__(self, name):
        super().__init__(StreamProvider(), name, {{"prefix": name, "name": None}})

stream = Stream("purchases")
destination = aep.StreamingDestination(
    "purchases",
    destination=aep.KinesisDestinationArgs(
        stream=stream.name,
        region=KINESIS["region_name"],
        access_key_id=KINESIS["aws_access_key_id"],
        secret_key=KINESIS["aws_secret_access_key"],
    ),
    segments=["{over_50}", "{summer}"],
    profile_attributes=["personalEmail.address"],
)
pulumi.export("flow", destination.dataflow_id)
pulumi.export("target", destination.target_connection.params)
"""


@pytest.fixture
def kinesis():
    """Where a Kinesis answers, as arguments of boto3."""
    server = pytest.importorskip("moto.server").ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    yield {
        "endpoint_url": f"http://{host}:{port}",
        "region_name": "us-west-2",
        "aws_access_key_id": "AKIAIOSFODNN7EXAMPLE",
        "aws_secret_access_key": "TOPSECRET-key",
    }
    server.stop()


def everything_in(stream: str, client) -> list[dict]:
    (shard,) = client.list_shards(StreamName=stream)["Shards"]
    iterator = client.get_shard_iterator(StreamName=stream, ShardId=shard["ShardId"], ShardIteratorType="TRIM_HORIZON")
    return [json.loads(record["Data"]) for record in client.get_records(ShardIterator=iterator["ShardIterator"])["Records"]]


def assert_is_shaped_as_in_the_tutorial(record: dict) -> None:
    assert set(record) == {"personalEmail", "segmentMembership", "identityMap"}  # of all attributes, the mapped one only
    assert set(record["personalEmail"]) == {"address"}
    assert set(record["segmentMembership"]) == {"ups"}
    memberships = record["segmentMembership"]["ups"]
    assert memberships.keys() <= {OVER_50, SUMMER}
    for membership in memberships.values():
        assert set(membership) == {"lastQualificationTime", "status"}
        assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", membership["lastQualificationTime"])
        assert membership["status"] in {"realized", "exited"}  # "realized" is what the tutorial of 2020 calls "existing"
    assert set(record["identityMap"]) == {"ecid", "email_lc_sha256"}
    assert all(set(identity) == {"id"} for identities in record["identityMap"].values() for identity in identities)


def test_records_of_a_destination_arrive_in_the_stream_that_the_same_program_made(project, kinesis):
    project.write(PROGRAM.format(kinesis=kinesis, over_50=OVER_50, summer=SUMMER))
    assert project.preview().text.count("+ pulumi-python:dynamic") == 6
    project.up()
    client, outputs = boto3.client("kinesis", **kinesis), project.outputs()
    stream = outputs["target"]["stream"]
    assert client.list_streams()["StreamNames"] == [stream] == ["purchases-4f2a"]

    order = {"flowId": outputs["flow"], "profiles": 4, "mappedOnly": True}
    exported = requests.post(f"{project.emulator.url}/__control/exports", json=order, timeout=5).json()["records"]
    assert exported
    for record in exported:
        data, partition = json.dumps(record).encode(), record["identityMap"]["ecid"][0]["id"]
        client.put_record(StreamName=stream, Data=data, PartitionKey=partition)
    arrived = everything_in(stream, client)
    assert arrived == exported
    for record in arrived:
        assert_is_shaped_as_in_the_tutorial(record)
    assert {id_ for record in arrived for id_ in record["segmentMembership"]["ups"]} == {OVER_50, SUMMER}
    (described,) = json.loads(command(project, "output-schema", "--json"))
    for record in [*arrived, described["sample"]]:
        validate(record, described["schema"], Draft202012Validator)

    project.up("--expect-no-changes")
    project.destroy()
    assert client.list_streams()["StreamNames"] == []
    assert project.live("flows") == []
    deleted = [call.path for call in project.emulator.calls if call.method == "DELETE"]
    assert "flows" in deleted[0]

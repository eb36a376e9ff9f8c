"""The six steps of Adobe's tutorial, as a script takes them; ids go to ids.json."""

import json
from pathlib import Path
from typing import Any

import requests

URL = "http://127.0.0.1:8710"
PROFILE_STORE = "8a9c3494-9708-43d7-ae3f-cda01e5030e1"
KINESIS = "86043421-563b-46ec-8e6c-e23184711bf6"

form = {
    "grant_type": "client_credentials",
    "client_id": "emulator-client",
    "client_secret": "emulator-secret",
    "scope": "openid",
}
answer = requests.post(f"{URL}/ims/token/v3", data=form, timeout=10)
token = answer.json()["access_token"]
session = requests.Session()
session.headers.update(
    {
        "Authorization": f"Bearer {token}",
        "x-api-key": "emulator-client",
        "x-gw-ims-org-id": "EMULATOR@AdobeOrg",
        "x-sandbox-name": "dev",
    }
)


def post(kind: str, **body: Any) -> str:
    """Make an object, and return its id."""
    answer = session.post(
        f"{URL}/data/foundation/flowservice/{kind}", json=body, timeout=10
    )
    answer.raise_for_status()
    return str(answer.json()["id"])


# What the steps have in common.
store, kinesis = (
    {"id": PROFILE_STORE, "version": "1.0"},
    {"id": KINESIS, "version": "1.0"},
)
key = {
    "accessKeyId": "AKIAIOSFODNN7EXAMPLE",
    "secretKey": "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
    "region": "us-west-2",
}
auth = {"specName": "Aws Kinesis authentication credentials", "params": key}
json_format = {"format": "json"}

ids = {}
# 1: the base connection to the profile store.
ids["profiles"] = post("connections", name="Profile store", connectionSpec=store)
# 2: the source connection, in which the profiles are.
ids["source"] = post(
    "sourceConnections",
    name="Profiles",
    connectionSpec=store,
    baseConnectionId=ids["profiles"],
    data=json_format,
    params={},
)
# 3: the base connection to Kinesis.
ids["account"] = post(
    "connections", name="Kinesis", connectionSpec=kinesis, auth=auth
)
# 4: the target connection, which is the stream.
ids["target"] = post(
    "targetConnections",
    name="Orders stream",
    connectionSpec=kinesis,
    baseConnectionId=ids["account"],
    data=json_format,
    params={"stream": "orders", "region": "us-west-2"},
)
# 5: the dataflow from the source to the target, still empty.
selectors: dict[str, Any] = {
    "segmentSelectors": {"selectors": []},
    "profileSelectors": {"selectors": []},
}
ids["flow"] = post(
    "flows",
    name="Orders",
    description="Customers who ordered",
    flowSpec={"id": "71471eba-b620-49e4-90fd-23f1fa0174d8", "version": "1.0"},
    sourceConnectionIds=[ids["source"]],
    targetConnectionIds=[ids["target"]],
    transformations=[{"name": "GeneralTransform", "params": selectors}],
)

# 6: activate a segment and an attribute, in the version of the dataflow just read.
flow = f"{URL}/data/foundation/flowservice/flows/{ids['flow']}"
etag = session.get(flow, timeout=10).json()["items"][0]["etag"]
segment = {"id": "7841ba61-23c1-4bb3-a495-00d695fe1e93", "name": "Summer campaign"}
attribute = {"operator": "EXISTS", "path": "personalEmail.address"}
change = [
    {
        "op": "add",
        "path": "/transformations/0/params/segmentSelectors/selectors/-",
        "value": {"type": "PLATFORM_SEGMENT", "value": segment},
    },
    {
        "op": "add",
        "path": "/transformations/0/params/profileSelectors/selectors/-",
        "value": {"type": "JSON_PATH", "value": attribute},
    },
]
session.patch(
    flow, headers={"If-Match": etag}, json=change, timeout=10
).raise_for_status()
Path("ids.json").write_text(json.dumps(ids))

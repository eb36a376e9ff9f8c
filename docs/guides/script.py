"""The six steps of Adobe's tutorial, as a script; the ids go into ids.json."""

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


store = {"id": PROFILE_STORE, "version": "1.0"}
kinesis = {"id": KINESIS, "version": "1.0"}
key = {
    "accessKeyId": "AKIAIOSFODNN7EXAMPLE",
    "secretKey": "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
    "region": "us-west-2",
}
auth = {"specName": "Aws Kinesis authentication credentials", "params": key}
json_format = {"format": "json"}

ids = {}
ids["profiles"] = post("connections", name="Profile store", connectionSpec=store)
ids["source"] = post(
    "sourceConnections",
    name="Profiles",
    connectionSpec=store,
    baseConnectionId=ids["profiles"],
    data=json_format,
    params={},
)
ids["account"] = post(
    "connections", name="Kinesis", connectionSpec=kinesis, auth=auth
)
ids["target"] = post(
    "targetConnections",
    name="Orders stream",
    connectionSpec=kinesis,
    baseConnectionId=ids["account"],
    data=json_format,
    params={"stream": "orders", "region": "us-west-2"},
)
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
Path("ids.json").write_text(json.dumps(ids))

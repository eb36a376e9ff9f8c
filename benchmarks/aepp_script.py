"""Destinations by a script on aepp, as people write them: `aepp_script.py create N | change | destroy`. Ids go to ids.json."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

import aepp
from aepp import flowservice

IDS = Path("ids.json")
PROFILES = {"id": "8a9c3494-9708-43d7-ae3f-cda01e5030e1", "version": "1.0"}
KINESIS = {"id": "86043421-563b-46ec-8e6c-e23184711bf6", "version": "1.0"}
FLOW_SPEC = {"id": "71471eba-b620-49e4-90fd-23f1fa0174d8", "version": "1.0"}
AUTH = {
    "specName": "Aws Kinesis authentication credentials",
    "params": {"accessKeyId": "a", "secretKey": "s", "region": "us-west-2"},
}
EMPTY = {member: {"selectors": []} for member in ("profileSelectors", "segmentSelectors")}


def client() -> flowservice.FlowService:
    aepp.configure(
        org_id=os.environ["AEP_ORG_ID"],
        client_id=os.environ["AEP_CLIENT_ID"],
        secret=os.environ["AEP_CLIENT_SECRET"],
        scopes="openid",
        sandbox=os.environ["AEP_SANDBOX_NAME"],
        environment="prod",
    )
    aepp.config.config_object["oauthTokenEndpointV2"] = f"{os.environ['AEP_IMS_ENDPOINT']}/ims/token/v3"
    aepp.config.endpoints["global"] = os.environ["AEP_ENDPOINT"]
    return flowservice.FlowService()


def connection(name: str, spec: dict[str, str], base: str, **params: str) -> dict[str, object]:
    return {"name": name, "connectionSpec": spec, "baseConnectionId": base, "data": {"format": "json"}, "params": params}


def activate(service: flowservice.FlowService, flow: str, segment: str) -> None:
    selector = {"type": "PLATFORM_SEGMENT", "value": {"id": segment}}
    path = "/transformations/0/params/segmentSelectors/selectors/-"
    service.updateFlow(flow, service.getFlow(flow)["etag"], [{"op": "add", "path": path, "value": selector}])


def create(count: int) -> None:
    service = client()
    profiles = service.createConnection(name="profiles", connectionSpec=PROFILES)["id"]
    source = service.createSourceConnection(connection("source", PROFILES, profiles))["id"]
    account = service.createConnection(name="account", connectionSpec=KINESIS, auth=AUTH)["id"]
    targets, flows = [], []
    for number in range(count):
        body = connection(f"t{number}", KINESIS, account, stream=f"t{number}", region="us-west-2")
        targets.append(service.createTargetConnection(data=body)["id"])
        flow = {
            "name": f"f{number}",
            "flowSpec": FLOW_SPEC,
            "sourceConnectionIds": [source],
            "targetConnectionIds": [targets[-1]],
            "transformations": [{"name": "GeneralTransform", "params": EMPTY}],
        }
        flows.append(service.createFlow(FLOW_SPEC["id"], obj=flow)["id"])
        activate(service, flows[-1], "s0")
    ids = {"connections": [profiles, account], "source": source, "targets": targets, "flows": flows}
    IDS.write_text(json.dumps(ids))


def change() -> None:
    activate(client(), json.loads(IDS.read_text())["flows"][0], "s1")


def destroy() -> None:
    service, ids = client(), json.loads(IDS.read_text())
    for flow in ids["flows"]:
        service.deleteFlow(flow)
    for target in ids["targets"]:
        service.deleteTargetConnection(target)
    service.deleteSourceConnection(ids["source"])
    for account in ids["connections"]:
        service.deleteConnection(account)


if __name__ == "__main__":
    step, *counts = sys.argv[1:]
    {"create": create, "change": change, "destroy": destroy}[step](*map(int, counts))

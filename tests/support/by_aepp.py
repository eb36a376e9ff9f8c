"""What aepp, the SDK that people use for this platform, makes and sends: unmodified but for the two addresses."""

from __future__ import annotations

import aepp
from aepp import flowservice
from support.curl import FLOW_SPEC, PROFILE

PARAMS = "/transformations/0/params"
SEGMENT = {"type": "PLATFORM_SEGMENT", "value": {"id": "72ddd79b-6b0a-4e97-a8d2-112ccd81bd02", "name": "Men over 50"}}
ATTRIBUTE = {"type": "JSON_PATH", "value": {"operator": "EXISTS", "path": "person.lastName"}}


def client_of(emulator, sandbox="prod"):
    """As its README says, but for the two addresses. It keeps all of it in module variables."""
    organization = emulator.organization
    aepp.configure(
        org_id=organization.id,
        client_id=organization.client_id,
        secret=organization.client_secret,
        scopes="openid",
        sandbox=sandbox,
        environment="prod",
    )
    aepp.config.config_object.update(oauthTokenEndpointV2=f"{emulator.url}/ims/token/v3", token="", date_limit=0)
    aepp.config.endpoints["global"] = emulator.url
    return flowservice.FlowService()


def connection(name, spec, base, **params):
    return {"name": name, "connectionSpec": spec, "baseConnectionId": base, "data": {"format": "json"}, "params": params}


def dataflow(name, source, target):
    params = {member: {"selectors": []} for member in ("profileSelectors", "segmentSelectors")}
    return {
        "name": name,
        "flowSpec": FLOW_SPEC,
        "sourceConnectionIds": [source],
        "targetConnectionIds": [target],
        "transformations": [{"name": "GeneralTransform", "params": params}],
    }


def make_tutorial(client):
    """Steps 2 to 4 of the tutorial; the ids by kind."""
    kinesis = client.getConnectionSpecIdFromName("Amazon Kinesis")
    spec = {"id": kinesis, "version": "1.0"}
    auth = {
        "specName": "Aws Kinesis authentication credentials",
        "params": {"accessKeyId": "AKIAIOSFODNN7EXAMPLE", "secretKey": "TOPSECRET", "region": "us-west-2"},
    }
    profiles = client.createConnectionToUPS(name="Profile store")["id"]
    source = client.createSourceConnection(connection("Profiles", PROFILE, profiles))["id"]
    account = client.createConnection(name="Kinesis", connectionSpec=spec, auth=auth)["id"]
    target = client.createTargetConnection(data=connection("Stream", spec, account, stream="summer", region="us-west-2"))["id"]
    flow = client.createFlow(FLOW_SPEC["id"], obj=dataflow("Summer", source, target))["id"]
    return {"profiles": profiles, "source": source, "account": account, "target": target, "flow": flow}


def adding(member, selector):
    return {"op": "add", "path": f"{PARAMS}/{member}/selectors/-", "value": selector}

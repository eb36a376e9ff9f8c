"""A client that we did not write: aepp, the SDK that people use for this platform, does the tutorial against the emulator."""

from __future__ import annotations

import pytest

aepp = pytest.importorskip("aepp", reason="aepp is installed with the development group")

from aepp import flowservice  # noqa: E402 (only where it is installed)

PROFILE = {"id": "8a9c3494-9708-43d7-ae3f-cda01e5030e1", "version": "1.0"}
FLOW_SPEC = {"id": "71471eba-b620-49e4-90fd-23f1fa0174d8", "version": "1.0"}
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


@pytest.fixture
def client(emulator):
    return client_of(emulator)


@pytest.fixture
def tutorial(client):
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


def selected(client, flow, member):
    return client.getFlow(flow)["transformations"][0]["params"][member]["selectors"]


def test_aepp_does_the_tutorial_and_undoes_it(client, tutorial):
    flow = tutorial["flow"]
    for operation in (adding("segmentSelectors", SEGMENT), adding("profileSelectors", ATTRIBUTE)):
        answer = client.updateFlow(flow, client.getFlow(flow)["etag"], [operation])
        assert answer == {"id": flow, "etag": client.getFlow(flow)["etag"]}
    assert [found["value"]["id"] for found in selected(client, flow, "segmentSelectors")] == [SEGMENT["value"]["id"]]
    assert selected(client, flow, "profileSelectors")[0]["value"]["path"] == "person.lastName"
    assert client.getRuns(prop=f"flowId=={flow}") == []

    assert client.deleteConnection(tutorial["account"])["errorCode"] == "1418-400"
    assert client.deleteFlow(flow) == 204
    assert client.getFlow(flow) == {}
    assert client.deleteTargetConnection(tutorial["target"]) == 204
    assert client.deleteSourceConnection(tutorial["source"]) == 204
    assert [client.deleteConnection(tutorial[key]) for key in ("account", "profiles")] == [204, 204]
    assert client.getConnections() == []


def test_aepp_patches_every_kind(client, tutorial):
    def described(text):
        return [{"op": "Add", "path": "/description", "value": text}]

    client.patchConnection(tutorial["account"], described("an account"))
    assert client.getConnection(tutorial["account"])["description"] == "an account"
    source = client.getSourceConnection(tutorial["source"])
    client.updateSourceConnection(source["id"], source["etag"], described("a source"))
    assert client.getSourceConnection(source["id"])["description"] == "a source"
    target = client.getTargetConnection(tutorial["target"])
    client.updateTargetConnection(target["id"], target["etag"], described("a target"))
    assert client.getTargetConnection(target["id"])["description"] == "a target"
    client.postFlowAction(tutorial["flow"], "disable")
    assert client.getFlow(tutorial["flow"])["state"] == "disabled"


def test_aepp_is_refused_as_documented_when_its_version_is_stale_or_bare(client, tutorial):
    flow, etag = tutorial["flow"], client.getFlow(tutorial["flow"])["etag"]
    client.updateFlow(flow, etag, [adding("segmentSelectors", SEGMENT)])
    for wrong in (etag, client.getFlow(flow)["etag"].strip('"')):
        refused = client.updateFlow(flow, wrong, [adding("segmentSelectors", SEGMENT)])
        assert refused["errorMessage"].startswith("Supplied version=[")
    assert len(selected(client, flow, "segmentSelectors")) == 1


def test_aepp_follows_all_pages_in_each_of_its_ways(client, tutorial):
    names = {f"twin {number}" for number in range(5)}
    for name in names:
        client.createConnectionToUPS(name=name)
        client.createSourceConnection(connection(name, PROFILE, tutorial["profiles"]))
        client.createTargetConnection(data=connection(name, PROFILE, tutorial["profiles"]))
        client.createFlow(FLOW_SPEC["id"], obj=dataflow(name, tutorial["source"], tutorial["target"]))

    def named(items):
        return sorted(item["name"] for item in items)

    assert named(client.getConnections(limit=2, n_results="inf")) == sorted({*names, "Profile store", "Kinesis"})
    assert named(client.getFlows(limit=2, n_results="inf", onlyDestinations=True)) == sorted({*names, "Summer"})
    assert named(client.getSourceConnections(limit=4, n_results="inf")) == sorted({*names, "Profiles"})
    assert named(client.getTargetConnections(limit=1, n_results="inf")) == sorted({*names, "Stream"})
    assert named(client.getFlows(limit=2, n_results="inf", prop="name==twin 3,twin 4")) == ["twin 3", "twin 4"]


def test_aepp_asks_for_a_count_with_a_limit_which_the_documents_forbid(client):
    assert client.getConnections(count=True)["errorCode"] == "1401-400"


def test_aepp_sees_its_own_sandbox_only(emulator, client, tutorial):
    assert client_of(emulator, "dev").getFlow(tutorial["flow"]) == {}

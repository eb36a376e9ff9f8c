"""A client that we did not write: aepp, the SDK that people use for this platform, does the tutorial against the emulator."""

from __future__ import annotations

import pytest
from support.curl import FLOW_SPEC, PROFILE

aepp = pytest.importorskip("aepp", reason="aepp is installed with the development group")

from support.by_aepp import ATTRIBUTE, SEGMENT, adding, client_of, connection, dataflow, make_tutorial  # noqa: E402 (only where it is installed)


@pytest.fixture
def client(emulator):
    return client_of(emulator)


@pytest.fixture
def tutorial(client):
    return make_tutorial(client)


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

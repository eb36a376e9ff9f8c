"""Writes that harm nobody: none for an engine that is dead, none taken for done that the service never saw."""

from __future__ import annotations

import pytest
from support.surroundings import methods

from pulumi_aep_streaming.emulator import Fault
from pulumi_aep_streaming.flow_service.auth import ClientCredentials
from pulumi_aep_streaming.flow_service.client import FlowService
from pulumi_aep_streaming.flow_service.errors import Cancelled, FlowServiceError, Refused, TimedOut, Unreadable
from pulumi_aep_streaming.flow_service.transport import Transport

KINESIS = {"id": "86043421-563b-46ec-8e6c-e23184711bf6", "version": "1.0"}
AUTH = {
    "specName": "Aws Kinesis authentication credentials",
    "params": {"accessKeyId": "a", "secretKey": "TOPSECRET-1", "region": "r"},
}
ROTATED = {**AUTH["params"], "secretKey": "TOPSECRET-2"}
ROTATION = [{"op": "replace", "path": "/auth/params", "value": ROTATED}]
UNSEEN = frozenset({"/auth/params"})
PLACE = "EMULATOR@AdobeOrg/prod"


@pytest.fixture
def said():
    return []


@pytest.fixture
def engine():
    """Whether the engine still lives: a test lets it die."""
    return {"dead": False}


@pytest.fixture
def service(emulator, hourglass, engine, said):
    organization = emulator.organization
    transport = Transport(
        endpoint=emulator.url,
        ims_endpoint=emulator.url,
        org_id=organization.id,
        client_id=organization.client_id,
        credentials=ClientCredentials(organization.client_id, organization.client_secret, "openid"),
        clock=hourglass.clock(),
        cancelled=lambda: engine["dead"],
        say=said.append,
    )
    return FlowService(transport, "prod")


@pytest.fixture
def account(service):
    return service.connections.create({"name": "x", "connectionSpec": KINESIS, "auth": AUTH}).id


def live_key(emulator, id_):
    return emulator.store.load(PLACE, "connections", id_)["auth"]["params"]["secretKey"]


VERBS = {
    "create": lambda service, id_: service.connections.create({"name": "y", "connectionSpec": KINESIS, "auth": AUTH}),
    "modify": lambda service, id_: service.connections.modify(id_, lambda _: ROTATION, unseen=UNSEEN),
    "delete": lambda service, id_: service.connections.delete(id_),
}


@pytest.mark.parametrize("verb", VERBS)
def test_for_a_dead_engine_nothing_is_written(service, emulator, account, engine, verb):
    engine["dead"] = True
    emulator.forget()
    with pytest.raises(Cancelled, match="the engine that waited for this has died, so nothing more is sent"):
        VERBS[verb](service, account)
    assert set(methods(emulator)) <= {"GET connections"}


@pytest.mark.parametrize("verb", VERBS)
@pytest.mark.parametrize("weather", [{"status": 429, "headers": {"Retry-After": "20"}}, {"status": 429}, {"status": 503}])
def test_an_engine_that_dies_while_a_write_waits_gets_no_second_send(
    service, emulator, account, engine, verb, weather, hourglass
):
    method = {"create": "POST", "modify": "PATCH", "delete": "DELETE"}[verb]
    emulator.order(Fault(method=method, path="/connections", times=99, **weather))
    hourglass.asleep = lambda: engine.update(dead=True)
    emulator.forget()
    with pytest.raises((Cancelled, Refused)):
        VERBS[verb](service, account)
    assert [call.method for call in emulator.calls].count(method) == 1


def test_a_dead_engines_flow_is_not_switched(service, emulator, engine, by_hand):
    flow = by_hand.flow("f", by_hand.profiles(), by_hand.stream("t", by_hand.account()), [], [])
    engine["dead"] = True
    with pytest.raises(Cancelled):
        service.flows.switch(flow, on=False)
    assert emulator.store.get(PLACE, "flows", flow)["state"] == "enabled"


def test_what_gives_way_to_the_next_up_is_deleted_although_nobody_waits(service, emulator, account, engine):
    engine["dead"] = True
    service.connections.delete(account, unattended=True)
    assert emulator.store.find(PLACE, "connections", [], None) == []


@pytest.mark.parametrize(("headers", "seconds"), [({"Retry-After": "20"}, "20.0"), ({}, "0.5")])
def test_a_limit_that_is_waited_out_is_said(service, emulator, said, headers, seconds):
    emulator.order(Fault(method="GET", path="/connections", status=429, headers=headers))
    list(service.connections.find())
    assert said == [f"{emulator.url} answers HTTP 429: waiting {seconds} s before the GET is sent again"]


STRAY = [
    {"status": 200, "raw": "<html>blocked by policy</html>"},
    {"status": 202, "raw": "<html>blocked by policy</html>"},
    {"status": 201, "raw": "{"},
    {"status": 300, "raw": ""},
    {"status": 300, "body": {"items": []}},
    {"status": 304, "raw": ""},
]


@pytest.mark.parametrize("verb", VERBS)
@pytest.mark.parametrize("answer", STRAY, ids=lambda answer: f"{answer['status']} {answer.get('raw', 'JSON')}")
def test_what_is_no_answer_of_the_service_is_no_success(service, emulator, account, verb, answer):
    method = {"create": "POST", "modify": "PATCH", "delete": "DELETE"}[verb]
    emulator.misbehave()
    emulator.order(Fault(method=method, path="/connections", times=9, **answer))
    with pytest.raises(Unreadable, match=f"answered HTTP {answer['status']}.*so the service may not have seen this"):
        VERBS[verb](service, account)
    assert live_key(emulator, account) == "TOPSECRET-1"
    assert len(emulator.store.find(PLACE, "connections", [], None)) == 1


@pytest.mark.parametrize(
    "answer", [*STRAY, {"status": 204, "raw": ""}], ids=lambda answer: f"{answer['status']} {answer.get('raw', 'JSON')}"
)
def test_what_is_no_answer_of_the_service_is_nothing_read(service, emulator, account, answer):
    emulator.misbehave()
    emulator.order(Fault(method="GET", path="/connections", times=9, **answer))
    with pytest.raises(FlowServiceError):
        service.connections.get(account)


@pytest.mark.parametrize("status", [200, 201, 202, 204])
def test_a_success_without_a_body_is_one(service, emulator, account, status):
    emulator.order(Fault(method="DELETE", path="/connections", status=status, raw=""))
    service.connections.delete(account)


def test_a_block_page_in_front_of_a_change_that_was_made_is_found_out_by_reading(service, emulator, account):
    emulator.misbehave()
    emulator.order(Fault(method="PATCH", path="/connections", when="after", status=200, raw="<html>"))
    live = service.connections.modify(
        account, lambda live: [] if live.name == "y" else [{"op": "replace", "path": "/name", "value": "y"}]
    )
    assert live.name == "y"


def test_credentials_that_were_written_are_confirmed_by_an_etag_that_moved(service, emulator, account):
    emulator.order(Fault(method="PATCH", path="/connections", status=200, body={"id": account}))
    with pytest.raises(TimedOut, match="accepted, but the etag is what it was before, so nothing was written, after 60 s"):
        service.connections.modify(account, lambda _: ROTATION, missing=lambda _: [], unseen=UNSEEN)
    assert live_key(emulator, account) == "TOPSECRET-1"
    service.connections.modify(account, lambda _: ROTATION, missing=lambda _: [], unseen=UNSEEN)
    assert live_key(emulator, account) == "TOPSECRET-2"

"""Who may order what of the emulator: its controls and its page are for this machine alone, and no odd order breaks it."""

from __future__ import annotations

import pytest
import requests
from support.curl import Api


@pytest.fixture
def api(emulator):
    return Api(emulator)


@pytest.mark.parametrize(
    ("host", "status"),
    [
        ("127.0.0.1:{port}", 200),
        ("localhost:{port}", 200),
        ("rebound.example:{port}", 400),
        ("127.0.0.1.rebound.example", 400),
        ("0.0.0.0:{port}", 400),
        ("", 400),
    ],
)
@pytest.mark.parametrize("path", ["/", "/__control/journal", "/__control/health"])
def test_only_who_calls_it_by_a_loopback_name_is_answered(emulator, host, status, path):
    headers = {"Host": host.format(port=emulator.url.rpartition(":")[2])}
    answer = requests.get(emulator.url + path, headers=headers, timeout=5)
    assert answer.status_code == status
    assert status == 200 or "EMULATOR@AdobeOrg" not in answer.text


@pytest.mark.parametrize("control", ["faults", "segments", "credentials", "exports"])
@pytest.mark.parametrize("declared", [None, "text/plain", "application/x-www-form-urlencoded", "multipart/form-data"])
def test_a_control_takes_nothing_that_a_form_of_another_site_can_send(emulator, control, declared):
    answer = requests.post(
        f"{emulator.url}/__control/{control}",
        data='{"method": "GET", "status": 503}',
        headers={"Content-Type": declared} if declared else {},
        timeout=5,
    )
    assert answer.status_code == 400
    assert emulator.service.faults == []


ODD_ORDERS = [
    ("faults", {"colour": "red"}, "colour"),
    ("faults", {"times": -1}, "times"),
    ("faults", {"times": True}, "times"),
    ("faults", {"skip": "2"}, "skip"),
    ("faults", {"delay_seconds": -0.5}, "delay_seconds"),
    ("faults", {"delay_seconds": 10**400}, "delay_seconds"),
    ("faults", {"status": 42}, "status"),
    ("faults", {"status": "503"}, "status"),
    ("faults", {"method": "("}, "method"),
    ("faults", {"path": 5}, "path"),
    ("faults", {"when": "later"}, "when"),
    ("faults", {"when": []}, "when"),
    ("faults", {"headers": ["a"]}, "headers"),
    ("faults", {"headers": {"a": "b\r\nc: d"}}, "headers"),
    ("faults", {"headers": {"bad name:": "b"}}, "headers"),
    ("faults", {"headers": {"": "b"}}, "headers"),
    ("faults", {"headers": {"Content-Length": "5"}}, "headers"),
    ("faults", {"headers": {"transfer-encoding": "chunked"}}, "headers"),
    ("faults", {"raw": {}}, "raw"),
    ("faults", {"hold": 1}, "hold"),
    ("faults", {"reached": True}, "reached"),
    ("faults", [], "object"),
    ("faults", "x", "object"),
    ("segments", {"sandbox": ["prod"], "segments": []}, "sandbox"),
    ("segments", {"sandbox": "prod", "segments": {}}, "segments"),
    ("segments", {"sandbox": "prod", "segments": ["x"]}, "object"),
    ("segments", {"sandbox": "prod", "segments": [{"name": 5}]}, "name"),
    ("segments", {"sandbox": "prod", "segments": [{"name": "x", "id": []}]}, "id"),
    ("segments", {"sandbox": "prod", "segments": [{"name": "x", "description": 5}]}, "description"),
    ("credentials", {"connectionId": {}, "valid": True}, "connectionId"),
    ("credentials", {"connectionId": "x", "valid": "no"}, "valid"),
    ("exports", {"flowId": "x", "profiles": -1}, "profiles"),
    ("exports", {"flowId": "x", "profiles": True}, "profiles"),
    ("exports", {"flowId": "x", "profiles": ["x"]}, "profiles"),
    ("exports", {"flowId": "x", "error": "x"}, "error"),
    ("exports", {"flowId": "x", "error": {"code": 5}}, "code"),
    ("exports", {"flowId": "x", "speed": 5}, "speed"),
]


@pytest.mark.parametrize(("control", "body", "named"), ODD_ORDERS)
def test_an_order_that_cannot_be_carried_out_is_refused_by_the_member_that_is_wrong(emulator, control, body, named):
    answer = requests.post(f"{emulator.url}/__control/{control}", json=body, timeout=5)
    assert answer.status_code == 400
    assert named in answer.json()["message"]
    assert emulator.service.faults == []


@pytest.mark.parametrize("body", [b"", b"{", b"[" * 100_000, b'{"method": "\\ud800"}', b'{"times": 1e999}', b"\xff"])
def test_an_order_that_is_no_json_is_refused(emulator, body):
    declared = {"Content-Type": "application/json; charset=utf-8"}
    answer = requests.post(f"{emulator.url}/__control/faults", data=body, headers=declared, timeout=5)
    assert answer.status_code == 400
    assert emulator.service.faults == []


@pytest.mark.parametrize("membership", [5, {"ups": 5}, {"ups": {"72ddd79b-6b0a-4e97-a8d2-112ccd81bd02": "realized"}}])
def test_odd_profiles_are_exported_as_if_they_were_in_no_segment(api, membership):
    flow = api.flow()["flow"]
    api.activate(flow, ["72ddd79b-6b0a-4e97-a8d2-112ccd81bd02"])
    order = {"flowId": flow, "profiles": [{"segmentMembership": membership, "identityMap": 5}]}
    assert api.control("exports", **order)["records"] == []

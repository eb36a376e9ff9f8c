"""The emulator's page: what it says, to whom, and what it never shows. In a real Chromium where it matters."""

from __future__ import annotations

import itertools
import os
import re
import time

import pytest
import requests
from support.browsing import beyond_the_window, texts
from support.curl import AUTH, KINESIS, PROFILE, Api
from support.surroundings import Emulator

from pulumi_aep_streaming.emulator import Fault, Switches

EVENT_HUBS = {"id": "bf9f5905-92b7-48bf-bf20-455bc6b60a4e", "version": "1.0"}
HTTP = {"id": "0e7b5c0a-4f6d-4f0e-9d53-6a1c2b7d8e90", "version": "1.0"}
SAS = {
    "specName": "Azure EventHub authentication credentials",
    "params": {"sasKeyName": "send", "sasKey": "TOPSECRET-SAS", "namespace": "crm-events"},
}
OVER_50 = "72ddd79b-6b0a-4e97-a8d2-112ccd81bd02"
LAPSED = "0d2f1d9a-6a0c-4d5c-9c7e-4d7a3e6f7b10"
SCREEN = {"height": 900, "deviceScaleFactor": 1, "mobile": False}
EDGES = """
    const style = getComputedStyle(arguments[0], arguments[1]), top = parseFloat(style.top);
    return {top: top, bottom: top + parseFloat(style.height)};
"""
INJECTION = "<script>document.title = 'owned'</script><img src=x onerror=\"document.title = 'owned'\">"


@pytest.fixture
def api(emulator):
    return Api(emulator)


def page(api, query=""):
    return requests.get(f"{api.url}/{query}", timeout=5)


def profile_source(api, name="Customer profiles"):
    base = api.make("/connections", name="Unified profile", connectionSpec=PROFILE)["id"]
    return api.make(
        "/sourceConnections",
        name=name,
        connectionSpec=PROFILE,
        baseConnectionId=base,
        data={"format": "json"},
    )["id"]


def destination(api, source, name, spec, auth, params):
    account = api.make("/connections", name=f"{name} account", connectionSpec=spec, auth=auth)["id"]
    target = api.make(
        "/targetConnections",
        name=f"{name} target",
        connectionSpec=spec,
        baseConnectionId=account,
        data={"format": "json"},
        params=params,
    )["id"]
    return flow(api, source, target, name)


def flow(api, source, target, name):
    empty = {member: {"selectors": []} for member in ("profileSelectors", "segmentSelectors")}
    return api.make(
        "/flows",
        name=name,
        flowSpec={"id": "71471eba-b620-49e4-90fd-23f1fa0174d8", "version": "1.0"},
        sourceConnectionIds=[source],
        targetConnectionIds=[target],
        transformations=[{"name": "GeneralTransform", "params": empty}],
    )["id"]


@pytest.fixture
def two_destinations(api):
    """An org with a Kinesis stream that works and an event hub that is switched off."""
    source = profile_source(api)
    stream = {"stream": "profile-updates", "region": "eu-west-1"}
    keys = {**AUTH, "params": {**AUTH["params"], "region": "eu-west-1"}}
    clicks = destination(api, source, "Web personalisation", KINESIS, keys, stream)
    hub = destination(api, source, "Call centre", EVENT_HUBS, SAS, {"eventHubName": "crm-profiles"})
    api.control("segments", sandbox="prod", segments=[{"id": "5d6f1c0e-basket", "name": "Left a full basket"}])
    api.activate(clicks, [OVER_50, "5d6f1c0e-basket"], ["personalEmail.address", "person.name.lastName", "loyalty.tier"])
    api.activate(hub, [LAPSED], ["personalEmail.address", "mobilePhone.number"])
    api.control("exports", flowId=clicks)
    api.call("POST", f"/flows/{hub}/action?op=disable")
    return {"clicks": clicks, "hub": hub}


def test_an_empty_emulator_says_so(api):
    text = page(api).text
    assert text.count("Empty.") == 2
    assert "None yet." not in text  # the token that the fixture asked for is a call
    assert "/ims/token/v3" in text


def test_the_page_loads_nothing_and_runs_nothing(api, two_destinations):
    answer = page(api)
    policy = answer.headers["Content-Security-Policy"]
    assert policy.startswith("default-src 'none'; style-src 'sha256-")
    assert "unsafe" not in policy
    assert answer.headers["Content-Type"] == "text/html; charset=utf-8"
    assert not re.search(r"<script|<link|\ssrc=|\sstyle=|\son\w+=|url\(|@import", answer.text)
    assert "http-equiv" not in answer.text
    assert '<meta http-equiv="refresh"' in page(api, "?follow").text


@pytest.mark.parametrize("view", ["masked", "omitted", "echoed"])
def test_no_secret_is_on_the_page_however_the_service_shows_it(view):
    with Emulator(switches=Switches(secrets=view)) as emulator:
        api = Api(emulator)
        source = profile_source(api)
        destination(api, source, "k", KINESIS, AUTH, {"stream": "visible-stream", "region": "r"})
        bearer = {"specName": "Bearer Token", "params": {"bearerToken": "TOPSECRET-TOKEN"}}
        params = {"url": "https://u:TOPSECRET@x", "headers": "Authorization: TOPSECRET-PARAM"}
        destination(api, source, "w", HTTP, bearer, params)
        destination(api, source, "e", EVENT_HUBS, SAS, {"eventHubName": "h"})
        requests.post(f"{api.url}/ims/token/v2?client_secret=TOPSECRET-QUERY", timeout=5)
        text = page(api).text
    assert "visible-stream" in text
    assert "crm-events" in text
    assert "TOPSECRET" not in text
    assert "emulator-secret" not in text
    assert ("secretKey <b>xxxx</b>" in text) == (view != "omitted")


def test_names_are_text_and_never_markup(api):
    source = profile_source(api, name=INJECTION)
    made = destination(api, source, INJECTION, KINESIS, AUTH, {"stream": INJECTION, "region": INJECTION})
    api.control("segments", sandbox="prod", segments=[{"id": "odd", "name": INJECTION}])
    api.activate(made, ["odd", INJECTION], [INJECTION])
    requests.get(f"{api.url}/{INJECTION}", timeout=5)
    text = page(api).text
    assert text.count("&lt;script&gt;") >= 8
    assert "<script" not in text
    assert "<img" not in text


def test_a_name_turns_no_text_around_and_takes_no_more_than_its_room(api):
    odd = "a\u202eb\x1b[2Kc\x9b" + "y" * 100_000
    destination(api, profile_source(api, name=odd), odd, KINESIS, AUTH, {"stream": odd, "region": "r"})
    api.control("segments", sandbox="prod", segments=[{"id": "odd", "name": odd}])
    answer = page(api)
    assert answer.status_code == 200
    assert not re.search("[\x1b\x9b\u202e]", answer.text)
    assert len(answer.text) < 50_000


def test_a_missing_object_leaves_a_gap_in_the_chain_and_not_an_error(emulator, api, two_destinations):
    place = "EMULATOR@AdobeOrg/prod"
    for kind in ("targetConnections", "connections", "sourceConnections"):
        for item in emulator.store.find(place, kind, [], None):
            emulator.store.drop(item["id"])
    text = page(api).text
    assert "Web personalisation" in text
    assert text.count("missing</p>") == 6


def test_connections_without_a_dataflow_are_shown_apart(api, two_destinations):
    assert "In no dataflow" not in page(api).text
    api.make("/connections", name="left over", connectionSpec=PROFILE)
    assert "left over" in page(api).text.split("In no dataflow")[1]


def test_only_the_last_twenty_calls_are_shown_newest_first_and_the_page_is_none(emulator, api):
    for number in range(25):
        api.call("GET", f"/flows/number-{number}")
    emulator.order(Fault(path="number-99", reset=True))
    with pytest.raises(requests.ConnectionError):
        api.call("GET", "/flows/number-99")
    found = re.findall(r'number-(\d+)</td>\s*<td class="status s\d">([\w ]+)<', page(api).text)
    assert found[:2] == [("99", "no answer"), ("24", "404")]
    assert len(found) == 20
    assert page(api).text == page(api).text


def test_parameters_have_one_order_however_they_were_sent(api):
    for turn in (iter, reversed):
        auth = {**SAS, "params": {key: SAS["params"][key] for key in turn(sorted(SAS["params"]))}}
        destination(api, profile_source(api), "d", EVENT_HUBS, auth, {"eventHubName": "h"})
    found = re.findall(r'<p class="detail">(\w+) <b>', page(api).text)
    assert found == ["namespace", "sasKeyName", "sasKey"] * 2


def test_an_account_that_several_dataflows_share_says_so_in_each_of_them(api, two_destinations):
    assert "shared by" not in page(api).text
    (account,) = (item for item in api.call("GET", "/connections").json()["items"] if item["name"] == "Call centre account")
    ends = {"connectionSpec": EVENT_HUBS, "baseConnectionId": account["id"], "data": {"format": "json"}}
    target = api.make("/targetConnections", name="second", params={"eventHubName": "second"}, **ends)["id"]
    flow(api, profile_source(api), target, "Second")
    assert page(api).text.count("shared by 2") == 2


def test_a_call_has_its_time_and_its_sandbox(emulator, api):
    emulator.store.clock = lambda: 1_900_000_000.0
    api.call("GET", "/flows")
    row = page(api).text.partition("<tbody>")[2].partition("</tr>")[0]
    assert re.findall(r'class="(?:time|place)">([^<]*)<', row) == [time.strftime("%H:%M:%S", time.localtime(1.9e9)), "prod"]
    assert emulator.calls[-1].at == 1.9e9


@pytest.mark.slow
@pytest.mark.parametrize("browser", [True, False], ids=["scripts", "no-scripts"], indirect=True)
def test_a_browser_shows_the_chain_from_profile_store_to_stream(api, two_destinations, browser, request):
    scripts = "no-scripts" not in request.node.name
    browser.get("data:text/html,<title>off</title><script>document.title = 'on'</script>")
    assert browser.title == ("on" if scripts else "off")
    browser.get(api.url)
    assert texts(browser, ".origin .name") == ["Unified profile", "Customer profiles"]
    clicks, hub = browser.find_elements("css selector", ".flow")
    assert texts(clicks, ".dataflow .name") == ["Web personalisation"]
    assert texts(clicks, ".chips li") == [
        "Men over 50",
        "Left a full basket",
        "personalEmail.address",
        "person.name.lastName",
        "loyalty.tier",
    ]
    assert texts(clicks, ".end .name") == ["Web personalisation target", "Web personalisation account", "profile-updates"]
    assert texts(clicks, ".state") == ["enabled"]
    assert texts(clicks, ".run-success") == ["success"]
    assert texts(hub, ".chips li")[0] == "Lapsed customers"
    assert texts(hub, ".end .name")[-1] == "crm-profiles"
    assert texts(hub, ".state") == ["disabled"]
    assert float(hub.find_element("css selector", ".end .box").value_of_css_property("opacity")) < 1
    assert texts(browser, "tbody .method")[0] == "POST"
    assert texts(browser, "tbody .place")[0] == "prod"
    assert "TOPSECRET" not in browser.page_source
    assert browser.get_log("browser") == []
    # In the order of the chain, from left to right, each with some room in between.
    boxes = [browser.find_element("css selector", ".origin .box"), *clicks.find_elements("css selector", ".box")]
    edges = [(box.rect["x"], box.rect["x"] + box.rect["width"]) for box in boxes]
    assert all(right < next_left for (_, right), (next_left, _) in itertools.pairwise(edges))
    if os.environ.get("SCREENSHOT") and scripts:
        browser.set_window_size(1280, browser.find_element("css selector", ".calls").rect["y"] + 330)
        browser.save_screenshot(os.environ["SCREENSHOT"])


@pytest.mark.slow
def test_a_script_in_a_name_is_inert_in_a_browser(api, browser):
    source = profile_source(api, name=INJECTION)
    destination(api, source, INJECTION, KINESIS, AUTH, {"stream": INJECTION, "region": "r"})
    browser.get(api.url)
    assert browser.title == "Experience Platform emulator"
    assert texts(browser, ".dataflow .name") == [INJECTION]
    assert browser.find_elements("css selector", "script, img") == []
    assert browser.get_log("browser") == []


@pytest.mark.slow
@pytest.mark.parametrize("count", [0, 1, 3, 40])
def test_any_number_of_dataflows_fits_a_wide_and_a_narrow_window(api, browser, count):
    source = profile_source(api)
    for number in range(count):
        name = f"Destination-{number:02d}-" + "long" * 30
        made = destination(api, source, name, KINESIS, AUTH, {"stream": "s" * 128, "region": "r"})
        api.activate(made, [f"segment-{index}" for index in range(number)], ["a." * 60 + "b"])
    for width in (1280, 400):
        browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", {**SCREEN, "width": width})  # no window is so narrow
        browser.get(api.url)
        flows = browser.find_elements("css selector", ".flow")
        assert len(flows) == count
        assert beyond_the_window(browser) <= 0
        for flow_ in flows[-2:]:
            boxes = [box.rect for box in flow_.find_elements("css selector", ".box")]
            assert not any(overlap(*pair) for pair in itertools.combinations(boxes, 2))
    if count:  # on a phone, the line from the source ends at the branch to the last dataflow
        trunk, branch = (browser.execute_script(EDGES, flows[-1], part) for part in ("::before", "::after"))
        assert abs(trunk["bottom"] - branch["top"]) <= 2


def overlap(one, other):
    beside = one["x"] + one["width"] <= other["x"] or other["x"] + other["width"] <= one["x"]
    above = one["y"] + one["height"] <= other["y"] or other["y"] + other["height"] <= one["y"]
    return not (beside or above)

"""The emulator against what Adobe documents, over HTTP, without our client."""

from __future__ import annotations

import subprocess
import sys
from types import SimpleNamespace

import pytest
import requests
from support.curl import AUTH, BASE, FLOW_SPEC, KINESIS, PROFILE, SEGMENTS, SELECTORS, Api
from support.surroundings import Emulator

from pulumi_aep_streaming.emulator import Organization, Switches


@pytest.fixture
def api(emulator):
    return Api(emulator)


@pytest.mark.parametrize(
    ("headers", "status", "code"),
    [
        ({"Authorization": None}, 403, "403010"),
        ({"Authorization": "Bearer wrong"}, 401, "401013"),
        ({"x-api-key": None}, 403, "403000"),
        ({"x-api-key": "wrong"}, 403, "403003"),
        ({"x-gw-ims-org-id": None}, 400, "400003"),
        ({"x-gw-ims-org-id": "OTHER@AdobeOrg"}, 403, "403025"),
        ({"x-sandbox-name": None}, 400, "2105-400"),
        ({"x-sandbox-name": "nowhere"}, 404, "2100-404"),
    ],
)
def test_every_documented_header_is_required(api, headers, status, code):
    answer = api.call("GET", "/flows", headers=headers)
    assert answer.status_code == status
    assert code in (answer.json().get("error_code"), answer.json().get("errorCode"))


def test_tokens_are_for_the_right_secret_and_end(emulator):
    form = {"grant_type": "client_credentials", "client_id": "emulator-client", "client_secret": "x", "scope": "openid"}
    assert requests.post(f"{emulator.url}/ims/token/v3", data=form, timeout=5).status_code == 401
    with Emulator(token_seconds=0.0) as hasty:
        assert Api(hasty).call("GET", "/flows").status_code == 401


def test_an_object_is_read_inside_items_with_what_the_service_adds(api):
    made = api.make("/connections", name="k", connectionSpec=KINESIS, auth=AUTH)
    (item,) = api.call("GET", f"/connections/{made['id']}").json()["items"]
    assert item["etag"] == item["version"] == made["etag"]
    assert item["etag"].startswith('"')
    assert item["etag"].endswith('"')
    assert item["sandboxName"] == "prod"
    assert item["imsOrgId"] == "EMULATOR@AdobeOrg"
    assert item["state"] == "enabled"
    assert isinstance(item["createdAt"], int)
    assert item["auth"]["params"] == {"accessKeyId": "a", "secretKey": "xxxx", "region": "r"}


@pytest.mark.parametrize(("view", "shown"), [("omitted", None), ("echoed", "TOPSECRET")])
def test_how_secrets_are_shown_is_a_switch(view, shown):
    with Emulator(switches=Switches(secrets=view)) as emulator:
        api = Api(emulator)
        id_ = api.make("/connections", name="k", connectionSpec=KINESIS, auth=AUTH)["id"]
        assert api.call("GET", f"/connections/{id_}").json()["items"][0]["auth"]["params"].get("secretKey") == shown


@pytest.mark.parametrize(
    ("path", "body", "status", "code"),
    [
        ("/connections", {"name": "x", "connectionSpec": {"id": "nope", "version": "1.0"}}, 400, "1413-400"),
        ("/connections", {"name": "x", "connectionSpec": {"id": PROFILE["id"]}}, 422, None),
        ("/connections", {"name": "x", "connectionSpec": PROFILE, "state": "enabled"}, 400, "1410-400"),
        ("/connections", {"name": "x", "connectionSpec": KINESIS, "auth": {**AUTH, "specName": "wrong"}}, 400, "1415-400"),
        ("/connections", {"name": "x", "connectionSpec": KINESIS}, 400, "1415-400"),
        ("/connections", {"name": "x", "connectionSpec": KINESIS, "auth": {**AUTH, "params": {}}}, 400, "1455-400"),
        ("/connections", {"connectionSpec": PROFILE}, 400, "1455-400"),
        (
            "/sourceConnections",
            {"name": "x", "connectionSpec": PROFILE, "data": {"format": "json"}, "baseConnectionId": "absent"},
            400,
            "1439-400",
        ),
        ("/flows", {"name": "x"}, 400, "1455-400"),
    ],
)
def test_a_create_that_the_documents_forbid_is_refused_as_they_say(api, path, body, status, code):
    answer = api.call("POST", path, json=body)
    assert (answer.status_code, answer.json().get("errorCode")) == (status, code)


def test_a_flow_must_be_created_without_selectors(api):
    ids = api.flow()
    params = {**SELECTORS, "segmentSelectors": {"selectors": [{"type": "PLATFORM_SEGMENT", "value": {"id": "s"}}]}}
    body = {
        "name": "x",
        "flowSpec": FLOW_SPEC,
        "sourceConnectionIds": [ids["source"]],
        "targetConnectionIds": [ids["target"]],
        "transformations": [{"name": "GeneralTransform", "params": params}],
    }
    assert api.call("POST", "/flows", json=body).status_code == 400


def add(id_, **more):
    value = {"type": "PLATFORM_SEGMENT", "value": {"id": id_}}
    return {"op": "add", "path": f"{SEGMENTS}/-", "value": value, **more}


def test_a_patch_needs_the_current_version_in_quotes(api):
    path = f"/flows/{api.flow()['flow']}"
    etag = api.etag(path)
    missing = api.call("PATCH", path, json=[add("s")])
    assert (missing.status_code, missing.json()["errorCode"]) == (400, "1403-400")
    assert api.call("PATCH", path, json=[add("s")], headers={"If-Match": etag.strip('"')}).status_code == 412
    assert api.call("PATCH", path, json=[add("s")], headers={"If-Match": etag}).status_code == 200
    stale = api.call("PATCH", path, json=[add("s")], headers={"If-Match": etag})
    assert stale.status_code == 412
    assert stale.json()["errorMessage"].startswith("Supplied version=[")


@pytest.mark.parametrize(
    ("operations", "code"),
    [
        ([], "1405-400"),
        ([{"op": "move", "from": "/name", "path": "/description", "value": 1}], "1434-400"),
        ([{"op": "remove", "path": f"{SEGMENTS}/0"}], "1455-400"),
        ([{"op": "remove", "path": f"{SEGMENTS}/7", "value": {}}], "1455-400"),
        ([{"op": "replace", "path": "/flowSpec/id", "value": "x"}], "1414-400"),
        ([{"op": "replace", "path": "/state", "value": "disabled"}], "1455-400"),
        ([{"op": "replace", "path": "/sourceConnectionIds", "value": ["absent"]}], "1439-400"),
        ([add("")], "1455-400"),
    ],
)
def test_a_patch_that_the_documents_forbid_changes_nothing(api, operations, code):
    path = f"/flows/{api.flow()['flow']}"
    etag = api.etag(path)
    answer = api.call("PATCH", path, json=operations, headers={"If-Match": etag})
    assert (answer.status_code, answer.json()["errorCode"]) == (400, code)
    assert api.etag(path) == etag


def test_operations_are_applied_one_after_the_other(api):
    path = f"/flows/{api.flow()['flow']}"
    api.call("PATCH", path, json=[add("a"), add("b"), add("c")], headers={"If-Match": api.etag(path)})
    removals = [{"op": "REMOVE", "path": f"{SEGMENTS}/{index}", "value": {}} for index in (0, 1)]
    api.call("PATCH", path, json=removals, headers={"If-Match": api.etag(path)})
    (flow,) = api.call("GET", path).json()["items"]
    (left,) = flow["transformations"][0]["params"]["segmentSelectors"]["selectors"]
    assert left["value"]["id"] == "b"
    assert left["value"]["createTime"].isdecimal()


def test_the_tutorials_edition_answers_a_patch_with_202_and_no_body():
    with Emulator(switches=Switches(edition="2020")) as emulator:
        api = Api(emulator)
        path = f"/flows/{api.flow()['flow']}"
        answer = api.call("PATCH", path, json=[add("s")], headers={"If-Match": api.etag(path)})
        assert (answer.status_code, answer.content) == (202, b"")


def test_deleting_goes_from_flow_to_connections(api):
    ids = api.flow()
    for used in ("base", "account"):
        refused = api.call("DELETE", f"/connections/{ids[used]}")
        assert (refused.status_code, refused.json()["errorCode"]) == (400, "1418-400")
    refused = api.call("DELETE", f"/targetConnections/{ids['target']}")
    assert (refused.status_code, refused.json()["errorCode"]) == (400, "1447-400")
    for path in (
        "/flows/{flow}",
        "/targetConnections/{target}",
        "/sourceConnections/{source}",
        "/connections/{base}",
        "/connections/{account}",
    ):
        assert api.call("DELETE", path.format(**ids)).status_code == 204
        gone = api.call("GET", path.format(**ids))
        assert gone.status_code == 404
        assert "not found with id = [" in gone.json()["errorMessage"]


def test_sandboxes_do_not_see_each_other(emulator, api):
    id_ = api.make("/connections", name="x", connectionSpec=PROFILE)["id"]
    elsewhere = Api(emulator, sandbox="dev")
    assert elsewhere.call("GET", f"/connections/{id_}").status_code == 404
    assert elsewhere.call("GET", "/connections").json()["items"] == []
    assert elsewhere.call("DELETE", f"/connections/{id_}").status_code == 404


def test_lists_are_newest_first_in_pages_that_lead_on(api):
    ids = [api.make("/connections", name=f"c{number}", connectionSpec=PROFILE)["id"] for number in range(5)]
    found, path = [], "/connections?limit=2"
    while path:
        page = api.call("GET", path).json()
        found += [item["id"] for item in page["items"]]
        path = page["_links"].get("next", {}).get("href")
    assert found == ids[::-1]


@pytest.mark.parametrize(
    ("query", "status", "code"),
    [
        ("start=0", 400, "1451-400"),
        ("continuationToken=nonsense", 400, "1454-400"),
        ("limit=101", 400, "1454-400"),
        ("limit=0", 400, "1454-400"),
        ("limit=5&count=true", 400, "1401-400"),
        ("property=name~x", 400, "1440-400"),
        ("property=name==", 400, "1453-400"),
        ("property=nonsense", 400, "1449-400"),
        ("property=id>=x", 400, "1448-400"),
        ("property=name<=a,b", 400, "1443-400"),
    ],
)
def test_a_list_that_the_documents_forbid_is_refused_as_they_say(api, query, status, code):
    answer = api.call("GET", f"/flows?{query}")
    assert (answer.status_code, answer.json()["errorCode"]) == (status, code)


def test_lists_are_filtered_ordered_and_counted(api):
    ids = api.flow()
    names = [f"n{number}" for number in (2, 1, 3)]
    for name in names:
        api.make("/connections", name=name, connectionSpec=PROFILE)

    def listed(query):
        return [item["name"] for item in api.call("GET", f"/connections?{query}").json()["items"]]

    assert listed("property=name==n1") == ["n1"]
    assert sorted(listed("property=name==n1,n2")) == ["n1", "n2"]
    assert listed("property=name==n1&property=name==n2") == []
    assert listed("orderby=name&property=connectionSpec.id==" + PROFILE["id"]) == ["base", "n1", "n2", "n3"]
    assert listed("orderby=-name")[0] == "n3"
    assert api.call("GET", "/connections?count=true").json() == {"count": 5}
    flows = api.call("GET", f"/flows?property=targetConnectionIds[]=={ids['target']}").json()["items"]
    assert [flow["id"] for flow in flows] == [ids["flow"]]


def test_specs_and_segments_can_be_looked_up(api):
    specs = {spec["name"]: spec["id"] for spec in api.call("GET", "/connectionSpecs").json()["items"]}
    assert specs["Amazon Kinesis"] == KINESIS["id"]
    assert api.call("GET", f"/connectionSpecs/{KINESIS['id']}").json()["items"][0]["name"] == "Amazon Kinesis"
    assert len(api.call("GET", "/connectionSpecs?property=name==Amazon Kinesis").json()["items"]) == 1
    assert api.call("GET", "/flowSpecs").json()["items"][0]["id"] == FLOW_SPEC["id"]
    assert api.call("GET", "/flowSpecs/absent").status_code == 404
    url = f"{api.url}/data/core/ups/segment/definitions"
    segments = requests.get(url, headers=api.headers, timeout=5).json()["segments"]
    one = requests.get(f"{url}/{segments[0]['id']}", headers=api.headers, timeout=5).json()
    assert one["name"] == "Men over 50"
    assert requests.get(f"{url}/absent", headers=api.headers, timeout=5).status_code == 404
    assert api.call("GET", "/nonsense").status_code == 404


def test_a_body_must_be_declared_as_json(api):
    answer = api.call("POST", "/connections", data="{}", headers={"Content-Type": "text/plain"})
    assert (answer.status_code, answer.json()["title"]) == (400, "BadRequestError")
    answer = api.call("POST", "/connections", data="{", headers={"Content-Type": "application/json"})
    assert answer.status_code == 400


def test_a_flow_is_disabled_and_enabled_by_its_action(api):
    path = f"/flows/{api.flow()['flow']}"
    assert api.call("POST", f"{path}/action?op=disable").status_code == 200
    assert api.call("GET", path).json()["items"][0]["state"] == "disabled"
    assert api.call("POST", f"{path}/action?op=disable").json()["errorCode"] == "1409-400"
    assert api.call("POST", f"{path}/action?op=explode").json()["errorCode"] == "1402-400"


def test_neither_journal_nor_controls_show_a_secret(emulator, api):
    id_ = api.make("/connections", name="k", connectionSpec=KINESIS, auth=AUTH)["id"]
    path = f"/connections/{id_}"
    operation = {"op": "replace", "path": "/auth/params", "value": {"secretKey": "TOPSECRET-2"}}
    api.call("PATCH", path, json=[operation], headers={"If-Match": api.etag(path)})
    requests.post(f"{emulator.url}/ims/token/v2", params={"client_secret": "TOPSECRET-3"}, timeout=5)
    seen = requests.get(f"{emulator.url}/__control/journal", timeout=5).text
    assert "TOPSECRET" not in seen
    assert "emulator-secret" not in seen
    assert "Aws Kinesis authentication credentials" in seen


def test_weather_is_ordered_and_cleared_over_http(emulator, api):
    control = f"{emulator.url}/__control/faults"
    requests.post(control, json={"method": "GET", "status": 503, "times": 2}, timeout=5)
    assert api.call("GET", "/flows").status_code == 503
    requests.delete(control, timeout=5)
    assert api.call("GET", "/flows").status_code == 200
    requests.post(control, json={"method": "POST", "reset": True, "when": "after"}, timeout=5)
    with pytest.raises(requests.ConnectionError):
        api.call("POST", "/connections", json={"name": "x", "connectionSpec": PROFILE})
    assert len(api.call("GET", "/connections").json()["items"]) == 1
    requests.delete(f"{emulator.url}/__control/objects", timeout=5)
    assert api.call("GET", "/connections").json()["items"] == []
    requests.delete(f"{emulator.url}/__control/tokens", timeout=5)
    assert api.call("GET", "/flows").status_code == 401
    requests.delete(f"{emulator.url}/__control/journal", timeout=5)
    assert requests.get(f"{emulator.url}/__control/journal", timeout=5).json() == []


def test_state_survives_a_restart(tmp_path):
    with Emulator(state=tmp_path / "state") as emulator:
        id_ = Api(emulator).make("/connections", name="x", connectionSpec=PROFILE)["id"]
    with Emulator(state=tmp_path / "state") as emulator:
        assert Api(emulator).call("GET", f"/connections/{id_}").status_code == 200


def test_other_organizations_can_be_emulated():
    organization = Organization(id="SHOP@AdobeOrg", sandboxes=("only",))
    with Emulator(organization=organization) as emulator:
        api = Api(emulator, sandbox="only")
        assert api.call("GET", "/flows", headers={"x-gw-ims-org-id": "SHOP@AdobeOrg"}).status_code == 200


def test_the_command_serves_until_it_is_told_to_end():
    command = [sys.executable, "-m", "pulumi_aep_streaming.emulator", "--port", "0", "--edition", "2020"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        line = process.stdout.readline()
        url = line.split()[2].rstrip(",")
        assert url.startswith("http://127.0.0.1:")
        assert requests.get(f"{url}/__control/health", timeout=5).json() == {"ok": True}
        process.terminate()
        assert process.wait(timeout=10) == 0


def test_the_journal_keeps_nothing_of_a_body_that_it_cannot_read(emulator):
    api = Api(emulator)
    headers = {**api.headers, "Content-Type": "application/json"}
    bodies = ['{"auth": {"params": {"sasKey": "TOPSECRET="', '[[{"auth": {"params": {"sasKey": "TOPSECRET="}}}]]']
    for body in bodies:
        requests.post(emulator.url + BASE + "/connections", data=body, headers=headers, timeout=5)
    journal = requests.get(f"{emulator.url}/__control/journal", timeout=5).text
    assert journal.count("/connections") == 2
    assert "TOPSECRET" not in journal


def test_half_a_character_is_refused(emulator):
    api = Api(emulator)
    headers = {**api.headers, "Content-Type": "application/json"}
    answer = requests.post(emulator.url + BASE + "/connections", data='{"name": "\\ud800"}', headers=headers, timeout=5)
    assert (answer.status_code, answer.json()["errorCode"]) == (400, "1405-400")


@pytest.mark.parametrize("body", ['{"x": 1e999}', '{"x": "\\ud800"}', '{"x": ' + "[" * 900 + "]" * 900 + "}"])
@pytest.mark.parametrize("path", ["/ims/token/v3", f"{BASE}/connections"])
def test_what_cannot_be_answered_again_is_refused_and_the_journal_goes_on_without_it(emulator, path, body):
    emulator.misbehave()  # nor has a specification such a body
    headers = {**Api(emulator).headers, "Content-Type": "application/json"}
    assert requests.post(emulator.url + path, data=body, headers=headers, timeout=5).status_code == 400
    journal = requests.get(f"{emulator.url}/__control/journal", timeout=5)
    assert (journal.status_code, journal.json()[-1]["status"]) == (200, 400)


def test_an_object_with_a_member_as_deep_as_no_object_is_refused(emulator, api):
    emulator.misbehave()  # nor has a specification such a body
    deep: list = []
    for _ in range(900):
        deep = [deep]
    answer = api.call("POST", "/connections", json={"name": "x", "connectionSpec": PROFILE, "deep": deep})
    assert (answer.status_code, answer.json()["errorCode"]) == (400, "1405-400")
    assert api.call("GET", "/connections").json()["items"] == []


def test_a_token_is_refused_to_a_form_that_is_no_text(emulator):
    answer = requests.post(f"{emulator.url}/ims/token/v3", data=b"\xff", timeout=5)
    assert (answer.status_code, answer.json()) == (400, {"error": "invalid_request"})


def test_an_old_page_and_a_file_are_followed_where_that_is_asked_for():
    """If-Match without quotes is taken, and an `op` in capitals is not; by default it is the other way round."""
    with Emulator(switches=Switches(if_match="any", patch_case="lower")) as lenient:
        api = Api(lenient)
        path = "/connections/" + api.make("/connections", name="p", connectionSpec=PROFILE)["id"]
        rename = {"op": "replace", "path": "/name", "value": "q"}
        bare = {"If-Match": api.etag(path).strip('"')}
        refused = api.call("PATCH", path, json=[{**rename, "op": "REPLACE"}], headers=bare)
        assert (refused.status_code, refused.json()["errorCode"]) == (400, "1434-400")
        assert api.call("PATCH", path, json=[rename], headers=bare).status_code == 200


def test_an_etag_can_be_made_stale(emulator, api):
    path = "/connections/" + api.make("/connections", name="p", connectionSpec=PROFILE)["id"]
    requests.post(f"{emulator.url}/__control/faults", json={"method": "PATCH", "stale_etag": True}, timeout=5)
    rename = [{"op": "replace", "path": "/name", "value": "q"}]
    for status in (412, 200):
        assert api.call("PATCH", path, json=rename, headers={"If-Match": api.etag(path)}).status_code == status


def test_an_etag_is_made_stale_by_a_call_for_one_object_and_by_no_other(emulator, api):
    path = "/connections/" + api.make("/connections", name="p", connectionSpec=PROFILE)["id"]
    etag = api.etag(path)
    requests.post(f"{emulator.url}/__control/faults", json={"stale_etag": True}, timeout=5)
    Api(emulator)
    for other in ("/connections", "/connectionSpecs", "/flowSpecs/x", "/x/y"):
        assert api.call("GET", other).status_code in {200, 404}
    assert api.etag(path) != etag


def test_an_etag_of_what_is_not_there_cannot_be_made_stale(emulator, api):
    requests.post(f"{emulator.url}/__control/faults", json={"stale_etag": True}, timeout=5)
    assert api.call("GET", "/flows/absent").status_code == 404


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--port", "{taken}"], "port {taken}: "),
        (["--port", "99999"], "port 99999: "),
        (["--state", "/"], "/: unable to open"),
    ],
)
def test_the_command_says_in_one_line_why_it_cannot_start(emulator, options, said):
    taken = emulator.url.rpartition(":")[2]
    command = [sys.executable, "-m", "pulumi_aep_streaming.emulator", "--port", "0"]
    done = subprocess.run(
        [*command, *(option.format(taken=taken) for option in options)], capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 1
    assert done.stderr.startswith(f"error: {said.format(taken=taken)}")
    assert done.stderr.count("\n") == 1


def test_lists_may_lag_behind(hourglass):
    with Emulator(switches=Switches(list_lag_seconds=2), clock=lambda: hourglass.time) as emulator:
        api = Api(emulator)
        made = api.make("/connections", name="x", connectionSpec=PROFILE)["id"]
        assert api.call("GET", f"/connections/{made}").status_code == 200
        assert api.call("GET", "/connections").json()["items"] == []
        hourglass.sleep(2)
        assert [item["id"] for item in api.call("GET", "/connections").json()["items"]] == [made]


@pytest.mark.parametrize("edition", ["2020", "current"])
@pytest.mark.parametrize("status", [None, 200, 202])
def test_what_a_patch_answers_is_the_editions_unless_said(edition, status):
    with Emulator(switches=Switches(edition=edition, patch_status=status)) as emulator:
        api = Api(emulator)
        path = "/connections/" + api.make("/connections", name="p", connectionSpec=PROFILE)["id"]
        rename = [{"op": "replace", "path": "/name", "value": "q"}]
        answer = api.call("PATCH", path, json=rename, headers={"If-Match": api.etag(path)})
        assert answer.status_code == (status or {"2020": 202, "current": 200}[edition])
        assert bool(answer.content) is (answer.status_code == 200)
        assert api.call("GET", path).json()["items"][0]["name"] == "q"


def test_so_many_destinations_a_sandbox_may_have_and_dataflows_to_one_are_no_more():
    with Emulator(switches=Switches(most_destinations=1)) as emulator:
        api = Api(emulator)
        ids = api.flow()
        target = {"name": "t", "connectionSpec": PROFILE, "data": {"format": "json"}, "params": {}}
        refused = api.call("POST", "/targetConnections", json={**target, "baseConnectionId": ids["base"]})
        assert (refused.status_code, refused.json()["errorMessage"]) == (
            400,
            "The maximum number of destinations, 1 per sandbox, is reached",
        )
        ends = {"sourceConnectionIds": [ids["source"]], "targetConnectionIds": [ids["target"]]}
        transformations = [{"name": "GeneralTransform", "params": SELECTORS}]
        api.make("/flows", name="another", flowSpec=FLOW_SPEC, transformations=transformations, **ends)
        Api(emulator, "dev").flow()


@pytest.mark.parametrize("spec", [KINESIS, {"id": "bf9f5905-92b7-48bf-bf20-455bc6b60a4e", "version": "1.0"}])
def test_an_organization_may_lack_the_licence_of_the_enterprise_destinations(spec):
    with Emulator(switches=Switches(entitled=False)) as emulator:
        api = Api(emulator)
        refused = api.call("POST", "/connections", json={"name": "x", "connectionSpec": spec, "auth": AUTH})
        assert (refused.status_code, refused.json()["errorCode"]) == (400, "1100-400")
        api.make("/connections", name="profiles", connectionSpec=PROFILE)


def test_the_command_has_every_switch():
    command = [sys.executable, "-m", "pulumi_aep_streaming.emulator", "--port", "0"]
    command += ["--patch-status", "202", "--most-destinations", "1", "--not-entitled"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        url = process.stdout.readline().split()[2].rstrip(",")
        api = Api(SimpleNamespace(url=url))
        base = api.make("/connections", name="p", connectionSpec=PROFILE)["id"]
        rename = [{"op": "replace", "path": "/name", "value": "q"}]
        path = f"/connections/{base}"
        assert api.call("PATCH", path, json=rename, headers={"If-Match": api.etag(path)}).status_code == 202
        assert api.call("POST", "/connections", json={"name": "k", "connectionSpec": KINESIS, "auth": AUTH}).status_code == 400
        target = {"name": "t", "connectionSpec": PROFILE, "data": {"format": "json"}, "params": {}, "baseConnectionId": base}
        assert [api.call("POST", "/targetConnections", json=target).status_code for _ in range(2)] == [201, 400]
        process.terminate()
        assert process.wait(timeout=10) == 0

"""The comparison with Adobe's OpenAPI files itself; what it compares is the whole run: see conformance/plugin.py."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from conformance.exchanges import BASE, FOLDER, Exchange, recorded
from conformance.table import SPECIFICATIONS, TABLE, rendered
from support.surroundings import transport_to

from pulumi_aep_streaming.flow_service.client import FlowService
from pulumi_aep_streaming.flow_service.errors import Refused

DOCUMENT = Path(__file__).resolve().parents[1] / "docs/conformance.md"
HEADERS = {"authorization": "Bearer x", "x-api-key": "x", "x-gw-ims-org-id": "x", "x-sandbox-name": "x"}
READ = Exchange("GET", f"{BASE}/flows/x", [], HEADERS, "", 200, "application/json", "{}", ours=True)


@pytest.fixture
def judge():
    if not SPECIFICATIONS.exists():
        pytest.skip("Adobe's OpenAPI files are not at hand")
    pytest.importorskip("openapi_core")
    from conformance import judge  # noqa: PLC0415 (only where there is openapi_core)

    return judge


def test_the_document_is_the_table():
    assert DOCUMENT.read_text() == rendered()
    assert [row.number for row in TABLE] == list(range(1, len(TABLE) + 1))


@pytest.mark.parametrize(
    ("change", "deviation"),
    [
        (
            {"answer": '{"items": [{"id": 5}]}'},
            "flow-service.yaml: GET /flows/{id}, answer 200: body.items[].id: must be string",
        ),
        ({"answer": "{", "content_type": "text/html"}, "answer 200: content for the following mimetype not found"),
        ({"status": 418}, "flow-service.yaml: GET /flows/{id}, answer 418: status not described"),
        ({"headers": {}}, "flow-service.yaml: GET /flows/{id}, request: missing required header parameter: authorization"),
        ({"method": "POST"}, "flow-service.yaml: POST /flows/{id}, answer 200: method not described"),
        ({"path": f"{BASE}/nonsense"}, "flow-service.yaml: GET /nonsense, answer 200: path not described"),
    ],
)
def test_what_no_file_allows_is_found(judge, change, deviation):
    found = judge.unlisted([replace(READ, **change)])
    assert any(deviation in str(each) for each in found), found


def test_what_the_tests_send_to_be_refused_is_not_held_against_the_package(judge):
    assert judge.unlisted([replace(READ, headers={}, ours=False)]) == []


def test_an_id_that_is_the_name_of_a_collection_is_an_id(judge):
    refused = {"status": 400, "answer": '{"message": "Please provide a valid spec id"}', "ours": False}
    assert judge.unlisted([replace(READ, path=f"{BASE}/connectionSpecs/sourceConnections", **refused)]) == []


def test_rows_that_no_exchange_needs_are_outdated(judge):
    assert judge.outdated([]) == TABLE
    refused = replace(READ, status=404, answer='{"errorMessage": "x"}')
    outdated = judge.outdated([refused])
    assert [row.number for row in TABLE if row not in outdated] == [8]


def test_a_body_counts_also_where_the_call_is_refused_before_it_is_read(tmp_path, monkeypatch, emulator, hourglass):
    monkeypatch.setenv(FOLDER, str(tmp_path))
    service = FlowService(transport_to(emulator, hourglass, org_id="OTHER@AdobeOrg"), "prod")
    with pytest.raises(Refused):
        service.connections.create({"name": "x", "connectionSpec": {"id": "a kind of its own"}, "only": "here"})
    (exchange,) = recorded(tmp_path)
    assert (exchange.status, '"only"' in exchange.body) == (403, True)

"""Whatever a service answers: the client returns something, or raises an error of its own, and asks only so often."""

from __future__ import annotations

import contextlib
import itertools
import json
import socket

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from support.hostile import Hostile, answer, client_of
from support.surroundings import Hourglass

from pulumi_aep_streaming.flow_service.auth import ClientCredentials
from pulumi_aep_streaming.flow_service.errors import FlowServiceError

ID = "x"
MOST_CALLS = 1_500
"""Of one verb: the pages that a list may have, and some."""

NAMES = st.sampled_from(
    [
        *["id", "name", "etag", "version", "state", "createdAt", "updatedAt", "items", "_links", "next", "href", "segments"],
        *["page", "totalCount", "totalPages", "transformations", "params", "selectors", "segmentSelectors", "value"],
        *["connectionSpec", "sourceConnectionIds", "inheritedAttributes", "baseConnection", "auth", "specName", "metrics"],
        *["message", "errorCode", "error_code", "errors", "requestId", "title", "type", "400", "result", "access_token"],
        *["expires_in", "recordSummary", "statusSummary", "durationSummary", "startedAtUTC"],
        *["children", "_page", "audienceId", "namespace", "lifecycleState", "evaluationInfo", "continuous", "enabled"],
    ]
)
NUMBERS = st.one_of(
    st.integers(),
    st.floats(),
    st.sampled_from([1e308, 10**400, -(10**400), 2**63, float("inf"), float("nan"), 1e-400]),
)
TEXTS = st.one_of(
    st.sampled_from(
        [ID, "", "..", "enabled", "updating", "delete-finalizing", "1439-400", "1418-400", "1416-400", "/flows?a=1"]
    ),
    st.text(max_size=8),
    st.text(st.characters(categories=["Cs", "Cc", "Cf", "Zl"]), max_size=4),
    st.just("x" * 20_000),
)
VALUES = st.recursive(
    st.none() | st.booleans() | NUMBERS | TEXTS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES | st.text(max_size=3), inner, max_size=5),
    max_leaves=12,
)
OBJECTS = st.dictionaries(NAMES, VALUES, max_size=6).map(lambda members: {"id": ID, **members})
PAGES = st.builds(
    lambda kind, items, href, more: {kind: items, "_links": {"next": {"href": href}}, **more},
    st.sampled_from(["items", "segments", "children"]),
    st.lists(OBJECTS | VALUES, max_size=3),
    st.sampled_from(
        ["/flows?continuationToken=a", "?b", "//[::1", "http://[", "\x00", "", "#", "?a=%zz&&=", "/flows?" + "a" * 5_000]
    )
    | VALUES,
    st.dictionaries(NAMES, VALUES, max_size=2),
)
BODIES = st.one_of(
    (VALUES | OBJECTS | PAGES).map(lambda value: json.dumps(value).encode()),
    st.binary(max_size=40),
    st.sampled_from(
        [b"", b"[" * 100_000, b'{"items":' * 900 + b"1" + b"}" * 900, b'{"id":"x","version":' + b"9" * 5_000 + b"}"]
    ),
)
HEADERS = st.dictionaries(
    st.sampled_from(
        ["Retry-After", "Location", "x-request-id", "Content-Encoding", "Content-Type", "Set-Cookie", "Connection"]
    ),
    st.text(st.characters(max_codepoint=255, exclude_characters="\r\n"), max_size=20)
    | st.sampled_from(["gzip", "deflate", "120", "close"]),
    max_size=3,
)
STATUSES = st.sampled_from([200, 200, 200, 201, 202, 204, 302, 304, 400, 401, 403, 404, 409, 412, 429, 500, 503, 600, 999])
ANSWERS = st.builds(lambda body, status, headers: answer(body, status, **headers), BODIES, STATUSES, HEADERS)
TORN = st.builds(
    lambda start, rest: start + rest, st.sampled_from([b"", b"HTTP/1.1 200 OK\r\n", b"HTTP/1.1 "]), st.binary(max_size=60)
)
"""No answers, after which the connection is closed."""
SENT = st.tuples(ANSWERS, st.sampled_from([True])) | st.tuples(TORN, st.sampled_from([False]))


def change(live):
    return [{"op": "add", "path": "/name", "value": live.name}, {"op": "add", "path": "/params", "value": live.model_extra}]


VERBS = {
    "create": lambda client: client.flows.create({"name": "x"}),
    "get": lambda client: client.flows.get(ID),
    "get an account": lambda client: client.connections.get(ID),
    "get a target": lambda client: client.target_connections.get(ID),
    "get a run": lambda client: [client.runs.get(ID).errors, client.runs.get(ID).metrics.record_summary.written_record_count],
    "get from a page": lambda client: [client.flows.get_from_page(ID) for _ in range(9)],
    "find": lambda client: list(client.flows.find("name==x")),
    "find by first": lambda client: list(client.runs.find_by_first("flowId==x")),
    "users": lambda client: client.flows.using(target=ID),
    "modify": lambda client: client.flows.modify(ID, change, appearing=True),
    "switch": lambda client: client.flows.switch(ID, on=True),
    "delete": lambda client: client.target_connections.delete(ID, lambda: client.flows.using(target=ID)),
    "selectors": lambda client: client.flows.get(ID).selected("segmentSelectors"),
    "test": lambda client: client.test_connection(ID),
    "get a segment": lambda client: client.segments.get(ID),
    "find segments": lambda client: list(client.segments.find()),
    "get an audience": lambda client: [audience.evaluation for audience in client.audiences.with_id(ID)],
    "find audiences": lambda client: list(client.audiences.find("name==x")),
}


def try_any(answers, verb, *, tokens):
    """Answer with these in turn, again and again, to a client whose clock needs no time."""
    turns = itertools.cycle(answers)

    class Any(Hostile):
        def _answer(self, heard, connection):
            if "/ims/" in heard.path and not tokens:
                return super()._answer(heard, connection)
            self.heard.append(heard)
            sent, whole = next(turns)
            connection.sendall(sent)
            if not whole:
                connection.shutdown(socket.SHUT_RDWR)
            return b""

    with Any(lambda heard, connection: None) as service:
        credentials = ClientCredentials("c", "secret", "openid")
        client = client_of(service.url, Hourglass(), seconds=0.5, retries=1, credentials=credentials)
        with contextlib.suppress(FlowServiceError):
            VERBS[verb](client)
        assert len(service.heard) <= MOST_CALLS


def fuzz(verb, *, tokens=False, **how):
    @settings(suppress_health_check=list(HealthCheck), **how)
    @given(st.lists(SENT, min_size=1, max_size=4))
    def any_answer(answers):
        try_any(answers, verb, tokens=tokens)

    any_answer()


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")  # urllib3 leaves bad answers to the collector
@pytest.mark.parametrize("verb", VERBS)
def test_a_few_answers_of_any_kind_end_in_a_result_or_an_error_of_ours(verb):
    fuzz(verb, max_examples=50)


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")  # likewise
def test_a_few_answers_of_any_kind_to_a_request_for_a_token_end_in_a_result_or_an_error_of_ours():
    fuzz("get", tokens=True, max_examples=50)


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")  # likewise
@pytest.mark.parametrize("verb", VERBS)
def test_no_answer_of_any_kind_ends_in_anything_else(verb):
    fuzz(verb, max_examples=300)


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")  # likewise
def test_no_answer_to_a_request_for_a_token_ends_in_anything_else():
    """Whatever it is that the token is for: it is asked for in one place."""
    fuzz("get", tokens=True, max_examples=500)

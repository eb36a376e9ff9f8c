"""Sending, repeating, giving up: the client in all weathers, with a clock that needs no time."""

from __future__ import annotations

import datetime as dt
import http.server
import threading

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.surroundings import Emulator

from pulumi_aep_streaming.emulator import Fault
from pulumi_aep_streaming.flow_service.attempts import Clock
from pulumi_aep_streaming.flow_service.auth import AccessToken, ClientCredentials
from pulumi_aep_streaming.flow_service.errors import (
    Misconfigured,
    NoAnswer,
    NotFound,
    Refused,
    Unreadable,
    VersionConflict,
    refusal,
    without,
)
from pulumi_aep_streaming.flow_service.models import quoted
from pulumi_aep_streaming.flow_service.transport import Transport, may_repeat, seconds_asked, wait_seconds

PROFILE = {"name": "x", "connectionSpec": {"id": "8a9c3494-9708-43d7-ae3f-cda01e5030e1", "version": "1.0"}}


@pytest.mark.parametrize("etag", ["abc-1", '"abc-1"', '\\"abc-1\\"', '""abc-1""', ' "abc-1" ', 'W/"abc-1"'])
def test_an_etag_gets_exactly_one_pair_of_quotes_whatever_came(etag):
    assert quoted(etag) == '"abc-1"'


def test_all_documented_headers_are_on_every_call(emulator, service):
    seen = []
    admit = emulator.service.gateway.admit

    def watch(headers):
        seen.append(dict(headers))
        return admit(headers)

    emulator.service.gateway.admit = watch
    id_ = service.connections.create(PROFILE).id
    service.connections.modify(id_, lambda live: [] if live.name == "y" else [{"op": "replace", "path": "/name", "value": "y"}])
    list(service.connections.find("name==y"))
    service.connections.delete(id_)
    assert len(seen) == 6
    for headers in seen:
        assert headers["authorization"].startswith("Bearer ")
        assert headers["x-api-key"] == "emulator-client"
        assert headers["x-gw-ims-org-id"] == "EMULATOR@AdobeOrg"
        assert headers["x-sandbox-name"] == "prod"
    assert [headers.get("content-type") for headers in seen].count("application/json") == 2


def test_one_token_serves_all_calls(emulator, service):
    for _ in range(3):
        list(service.connections.find("name==x"))
    assert [call.path for call in emulator.calls].count("/ims/token/v3") == 1


def test_a_token_is_renewed_before_it_ends(hourglass):
    fetched = []

    def fetch(form):
        fetched.append(form)
        return {"access_token": f"t{len(fetched)}", "expires_in": 1000}

    credentials = ClientCredentials("id", "secret", "scope")
    assert credentials.token(fetch, 0) == "t1"
    assert credentials.token(fetch, 799) == "t1"
    assert credentials.token(fetch, 800) == "t2"


@pytest.mark.parametrize(("expires_in", "good"), [(86_399, 86_000), (86_399_000, 86_000), (None, 10**9), ("odd", 10**9)])
def test_the_life_of_a_token_may_be_in_seconds_milliseconds_or_unknown(expires_in, good):
    answers = iter([{"access_token": "t1", "expires_in": expires_in}, {"access_token": "t2"}])
    credentials = ClientCredentials("id", "secret", "scope")
    assert credentials.token(lambda form: next(answers), 0) == "t1"
    assert credentials.token(lambda form: next(answers), good) == "t1"


def test_a_token_that_the_service_refuses_is_renewed_once(emulator, service):
    list(service.connections.find("name==x"))
    emulator.service.gateway.revoke()
    emulator.forget()
    list(service.connections.find("name==x"))
    assert [(call.path.split("/")[-1], call.status) for call in emulator.calls] == [
        ("connections", 401),
        ("v3", 200),
        ("connections", 200),
    ]


def test_a_token_of_the_users_own_that_is_refused_is_an_error(emulator, hourglass):
    transport = Transport(
        endpoint=emulator.url,
        ims_endpoint=emulator.url,
        org_id=emulator.organization.id,
        client_id=emulator.organization.client_id,
        credentials=AccessToken("TOPSECRET"),
        clock=hourglass.clock(),
    )
    with pytest.raises(Refused, match="not valid") as refused:
        transport.request("GET", "/data/foundation/flowservice/flows", sandbox="prod")
    assert "TOPSECRET" not in str(refused.value)
    assert len(emulator.calls) == 1


@pytest.mark.parametrize("status", [429, 500, 502, 503, 504])
def test_a_read_is_repeated_with_growing_pauses(emulator, service, hourglass, status):
    emulator.order(Fault(method="GET", status=status, times=2))
    assert list(service.connections.find("name==x")) == []
    assert hourglass.naps == [0.5, 1.0]


def test_a_read_gives_up_and_says_after_how_long(emulator, service):
    emulator.order(Fault(method="GET", status=503, body={"message": "Service unavailable"}, times=9))
    with pytest.raises(Refused, match=r"Service unavailable \(HTTP 503, 4 tries in 4 s\)"):
        list(service.connections.find("name==x"))


@pytest.mark.parametrize("status", [500, 502, 503, 504])
def test_a_post_that_may_have_succeeded_is_never_repeated(emulator, service, status):
    emulator.order(Fault(method="POST", path="/connections", status=status, when="after"))
    with pytest.raises(Refused) as refused:
        service.connections.create(PROFILE)
    assert refused.value.ambiguous
    assert len(list(service.connections.find("name==x"))) == 1


def test_a_post_that_was_refused_for_its_rate_is_repeated(emulator, service):
    emulator.order(Fault(method="POST", path="/connections", status=429, times=2))
    service.connections.create(PROFILE)
    assert len(list(service.connections.find("name==x"))) == 1


@pytest.mark.parametrize("when", ["before", "after"])
def test_a_post_whose_connection_broke_is_never_repeated(emulator, service, when):
    emulator.order(Fault(method="POST", path="/connections", reset=True, when=when))
    with pytest.raises(NoAnswer) as lost:
        service.connections.create(PROFILE)
    assert lost.value.sent
    assert len(list(service.connections.find("name==x"))) == (when == "after")


def test_a_delete_whose_answer_was_lost_is_repeated_and_done(emulator, service):
    id_ = service.connections.create(PROFILE).id
    emulator.order(Fault(method="DELETE", reset=True, when="after"))
    service.connections.delete(id_)
    with pytest.raises(NotFound):
        service.connections.get(id_)


def test_retry_after_in_seconds_is_obeyed(emulator, service, hourglass):
    emulator.order(Fault(method="GET", status=429, headers={"Retry-After": "7"}))
    list(service.connections.find("name==x"))
    assert hourglass.naps == [7]


def test_retry_after_as_a_date_is_obeyed():
    later = dt.datetime.now(dt.timezone.utc) + dt.timedelta(seconds=30)
    asked = seconds_asked(later.strftime("%a, %d %b %Y %H:%M:%S GMT"))
    assert asked is not None
    assert 25 <= asked <= 30


@pytest.mark.parametrize("header", [None, "", "soon"])
def test_an_unreadable_retry_after_asks_nothing(header):
    assert seconds_asked(header) is None


def test_a_wait_that_nobody_would_sit_through_is_said_instead(emulator, service, hourglass):
    emulator.order(Fault(method="GET", status=429, headers={"Retry-After": "3600"}))
    with pytest.raises(Refused, match="asks to wait 3600 s"):
        list(service.connections.find("name==x"))
    assert hourglass.naps == []


def test_what_may_be_repeated():
    assert may_repeat(safe_twice=False, sent=False)
    assert not may_repeat(safe_twice=False, sent=True)
    assert may_repeat(safe_twice=False, status=429)
    assert not may_repeat(safe_twice=False, status=503)
    assert may_repeat(safe_twice=True, status=503)
    assert not may_repeat(safe_twice=True, status=404)


def test_pauses_grow_up_to_a_limit_and_jitter_only_shortens_them():
    assert [wait_seconds(attempt, None, 1.0) for attempt in range(8)] == [0.5, 1, 2, 4, 8, 16, 30, 30]
    assert wait_seconds(3, None, 0.0) == 2


@given(st.integers(0, 7), st.floats(0, 120), st.floats(0, 1))
def test_what_the_service_asks_is_waited_and_never_nothing(attempt, asked, jitter):
    """A date that has passed asks for nothing, by a clock that is ahead of the service's."""
    assert wait_seconds(attempt, asked, jitter) == (asked or wait_seconds(attempt, None, jitter)) > 0


def test_a_hung_service_is_left_after_the_timeout(emulator, hourglass):
    credentials = ClientCredentials("emulator-client", "emulator-secret", "openid")
    transport = Transport(
        endpoint=emulator.url,
        ims_endpoint=emulator.url,
        org_id="EMULATOR@AdobeOrg",
        client_id="emulator-client",
        credentials=credentials,
        timeout_seconds=0.2,
        max_retries=1,
        clock=hourglass.clock(),
    )
    emulator.order(Fault(method="GET", delay_seconds=1.0, times=2))
    with pytest.raises(NoAnswer, match="longer than aep:timeoutSeconds"):
        transport.request("GET", "/data/foundation/flowservice/flows", sandbox="prod")


@pytest.mark.parametrize(
    ("endpoint", "text"),
    [
        ("http://127.0.0.1:9", "connection refused: check aep:endpoint, aep:imsEndpoint and the network"),
        ("https://nowhere.invalid", "cannot be resolved"),
        ("https://127.0.0.1:{port}", "TLS failure"),
    ],
)
def test_a_service_that_cannot_be_reached_is_told_apart(emulator, hourglass, endpoint, text):
    transport = Transport(
        endpoint=endpoint.format(port=emulator.url.rpartition(":")[2]),
        ims_endpoint=emulator.url,
        org_id="o",
        client_id="c",
        credentials=AccessToken("t"),
        max_retries=1,
        clock=hourglass.clock(),
    )
    with pytest.raises(NoAnswer, match=text) as lost:
        transport.request("POST", "/x", sandbox="prod", body={})
    assert not lost.value.sent


def test_a_redirect_is_not_followed_with_the_token(emulator, service):
    with Emulator() as elsewhere:
        emulator.order(Fault(method="GET", status=307, headers={"Location": f"{elsewhere.url}/data"}))
        with pytest.raises(Unreadable, match="redirects elsewhere"):
            list(service.connections.find("name==x"))
        assert elsewhere.calls == []


def test_a_netrc_file_does_not_replace_the_token(emulator, service, tmp_path, monkeypatch):
    netrc = tmp_path / "netrc"
    netrc.write_text("machine 127.0.0.1 login somebody password else\n")
    monkeypatch.setenv("NETRC", str(netrc))
    assert list(service.connections.find("name==x")) == []


@pytest.mark.parametrize(
    ("status", "body", "code", "text", "kind"),
    [
        (401, {"error_code": "401013", "message": "Oauth token is not valid"}, "401013", "Oauth token is not valid", Refused),
        (401, {"error_code": 401013, "message": "Oauth token is not valid"}, "401013", "Oauth token is not valid", Refused),
        (400, {"message": "The requested flows resource x is not found."}, "1439", "resource x", NotFound),
        (400, {"message": "the base connection is being used in one or more flows"}, "1418", "used", Refused),
        (400, {"message": "Found active flows containing id x"}, "1447", "active", Refused),
        (404, {"errorMessage": "flows not found with id = [x]", "errorDetails": "d"}, "", "flows not found", NotFound),
        (400, {"errorCode": "1439-400", "message": "gone"}, "1439", "gone", NotFound),
        (404, {"errorCode": "2100-404", "message": "no sandbox"}, "2100", "no sandbox", Refused),
        (412, {"errorMessage": "Supplied version"}, "", "Supplied version", VersionConflict),
        (400, {"type": "/placeholder/type/uri", "title": "BadRequestError", "detail": "why"}, "", "why", Refused),
        (
            400,
            {
                "type": "https://ns.adobe.com/aep/errors/UPAPI-113434-400",
                "errors": {"400": [{"code": "1415-400", "message": "m"}]},
            },
            "1415",
            "m",
            Refused,
        ),
        (404, {"error_code": "404040", "message": "Requested resource not found"}, "404040", "not found", Refused),
        (404, {"message": "Sandbox foo not found"}, "", "not found", Refused),
        (400, {"type": "https://ns.adobe.com/aep/errors/1439-400", "title": "gone"}, "1439", "gone", NotFound),
        (400, {"errors": [{"code": "1418-400", "message": "in use"}]}, "1418", "in use", Refused),
        (400, {"requestId": "req-1", "message": "m"}, "", "m (HTTP 400, request req-1)", Refused),
        (500, ["odd", "TOPSECRET"], "", "the service gave no reason", Refused),
        (500, {"stack": "TOPSECRET"}, "", "the service gave no reason", Refused),
    ],
)
def test_every_documented_error_body_is_understood_and_no_other_is_shown(status, body, code, text, kind):
    error = refusal(status, body)
    assert type(error) is kind
    assert error.code == code
    assert text in str(error)
    assert "TOPSECRET" not in str(error)


@pytest.mark.parametrize("quoted_as", ["abc123", "line one\nline two", "line one line two", "line two"])
def test_secrets_that_an_error_quotes_are_masked_also_in_part_or_folded(quoted_as):
    error = refusal(400, {"message": f"token {quoted_as} is bad"}, secrets=["abc123", "line one\nline two", ""])
    assert str(error) == "token [secret] is bad (HTTP 400)"


def test_the_clock_of_production_is_the_real_one():
    clock = Clock()
    assert clock.now() <= clock.now()
    assert 0 <= clock.jitter() < 1
    clock.sleep(0)


def test_a_token_endpoint_that_answers_without_a_token_is_said_so():
    credentials = ClientCredentials("id", "secret", "scope")
    for answer in ({}, [], {"access_token": 5}, {"access_token": ""}):
        with pytest.raises(Unreadable, match="without access_token"):
            credentials.token(lambda form, answer=answer: answer, 0)
    assert issubclass(Misconfigured, Exception)


class Proxy(http.server.BaseHTTPRequestHandler):
    """Answers every request itself, and remembers the absolute addresses that it was asked for."""

    asked: list[str] = []

    def do_GET(self):
        self.asked.append(self.path)
        body = b'{"items": []}'
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *arguments):
        pass


def behind_a_proxy(hourglass):
    return Transport(
        endpoint="http://platform.invalid",
        ims_endpoint="http://ims.invalid",
        org_id="o",
        client_id="c",
        credentials=AccessToken("t"),
        max_retries=0,
        clock=hourglass.clock(),
    )


def test_a_proxy_is_taken_from_the_usual_variable(hourglass, monkeypatch):
    with http.server.HTTPServer(("127.0.0.1", 0), Proxy) as proxy:
        threading.Thread(target=proxy.handle_request).start()
        monkeypatch.setenv("HTTP_PROXY", f"http://127.0.0.1:{proxy.server_port}")
        assert behind_a_proxy(hourglass).request("GET", "/flows", sandbox="prod").body == {"items": []}
        assert Proxy.asked == ["http://platform.invalid/flows"]


def test_a_proxy_that_cannot_be_reached_is_said_so(hourglass, monkeypatch):
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    with pytest.raises(NoAnswer, match="the proxy cannot be reached: check HTTPS_PROXY") as lost:
        behind_a_proxy(hourglass).request("GET", "/flows", sandbox="prod")
    assert not lost.value.sent


@pytest.mark.parametrize(
    "quoted",
    ['a/b"c<d', "a%2Fb%22c%3Cd", "a/b%22c%3Cd", 'a\\/b\\"c<d', "a/b&quot;c&lt;d", 'A/B"C<D'],
    ids=lambda quoted: quoted,
)
def test_a_secret_is_masked_however_it_is_quoted(quoted):
    assert without(['a/b"c<d'], f"the key {quoted} does not fit") == "the key [secret] does not fit"

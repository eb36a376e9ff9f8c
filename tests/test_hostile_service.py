"""A hostile surrounding: whatever a service, a proxy or a variable does, it ends, in one line, and no credential leaves."""

from __future__ import annotations

import json
import threading
import traceback

import pytest
from support.hostile import TOKEN, Hostile, answer, client_of

from pulumi_aep_streaming.flow_service.auth import ClientCredentials
from pulumi_aep_streaming.flow_service.errors import (
    FlowServiceError,
    InUse,
    Malformed,
    Misconfigured,
    NoAnswer,
    NotFound,
    Refused,
    TimedOut,
    Unreadable,
)
from pulumi_aep_streaming.flow_service.json_of_others import parsed

SECRET = "secret-TOPSECRET"
FLOW = {"items": [{"id": "x", "name": "n", "etag": "e", "state": "enabled"}]}


def bought():
    """Credentials that buy tokens: their secret, and what they bought, may be in no line."""
    return ClientCredentials("c", SECRET, "openid")


def renamed(live):
    return [{"op": "add", "path": "/name", "value": "other"}]


# Refused tokens.


@pytest.mark.parametrize(("refusals", "status"), [(1, 200), (2, 200), (3, 401)])
def test_a_refused_token_is_renewed_up_to_twice_a_request(refusals, status, hourglass):
    """Another thread may send with a token that is revoked while it is renewed."""

    def behave(heard, connection):
        return answer({}, 401) if len(service.heard) <= refusals else answer({"id": "x"}, 201)

    with Hostile(behave) as service:
        flows = client_of(service.url, hourglass, seconds=5, credentials=bought()).flows
        if status == 200:
            assert flows.create({}).id == "x"
        else:
            with pytest.raises(Refused, match="HTTP 401"):
                flows.create({})
        assert len(service.heard) == min(refusals, 2) + 1


def test_before_a_write_is_sent_with_a_renewed_token_it_is_asked_whether_anybody_waits(hourglass):
    with Hostile(lambda heard, connection: answer({}, 401)) as service:
        asked = iter([False, True])
        client = client_of(service.url, hourglass, seconds=5, credentials=bought(), cancelled=lambda: next(asked))
        with pytest.raises(FlowServiceError, match="nothing more is sent"):
            client.flows.create({})
        assert len(service.heard) == 1


# Waits.


@pytest.mark.parametrize(
    ("asks", "naps", "says"),
    [("120", [120, 120], "it asks to wait 120 s, 3 tries in 240 s"), ("60", [60] * 5, "6 tries in 300 s")],
)
def test_the_pauses_of_a_request_have_a_sum(asks, naps, says, hourglass):
    with Hostile(lambda heard, connection: answer({}, 503, Retry_After=asks)) as service:
        with pytest.raises(Refused, match=says):
            client_of(service.url, hourglass, seconds=5, retries=100).flows.get("x")
        assert hourglass.naps == naps


def test_many_tries_without_an_answer_end_too(hourglass):
    with pytest.raises(NoAnswer, match=r"connection refused.* \(15 tries in 272 s\)"):
        client_of("http://127.0.0.1:9", hourglass, retries=100).flows.get("x")


def test_a_change_that_is_in_the_way_of_others_for_minutes_says_how_often_and_how_long(hourglass):
    def behave(heard, connection):
        hourglass.time += 30
        return answer(FLOW) if heard.method == "GET" else answer({}, 412)

    with (
        Hostile(behave) as service,
        pytest.raises(Refused, match=r"\(HTTP 412\); somebody keeps .*: try again \(5 tries in 304 s\)"),
    ):
        client_of(service.url, hourglass, seconds=5).flows.modify("x", renamed)


@pytest.mark.parametrize("status", [500, 502, 503, 504])
def test_a_change_that_met_server_errors_says_how_often_and_how_long(status, hourglass):
    def behave(heard, connection):
        return answer(FLOW) if heard.method == "GET" else answer({"message": "down"}, status)

    with Hostile(behave) as service, pytest.raises(Refused, match=rf"down \(HTTP {status}, 8 tries in 18 s\)"):
        client_of(service.url, hourglass, seconds=5).flows.modify("x", renamed)


def test_a_change_that_was_never_answered_says_how_often_and_how_long(hourglass):
    def behave(heard, connection):
        return answer(FLOW) if heard.method == "GET" else None

    with Hostile(behave) as service, pytest.raises(NoAnswer, match=r"the connection broke \(8 tries in 18 s\)") as lost:
        client_of(service.url, hourglass, seconds=5).flows.modify("x", renamed)
    assert lost.value.sent


def test_a_switch_and_a_delete_say_how_often_and_how_long(hourglass):
    busy = answer({"errorCode": "1416-400", "errorMessage": "busy"}, 400)
    off = answer({"items": [{"id": "x", "name": "n", "state": "disabled"}]})
    with Hostile(lambda heard, connection: off if heard.method == "GET" else busy) as service:
        flows = client_of(service.url, hourglass, seconds=5).flows
        with pytest.raises(Refused, match=r"busy \(HTTP 400, code 1416, 8 tries in 18 s\)"):
            flows.switch("x", on=True)
        with pytest.raises(Refused, match=r"busy \(HTTP 400, code 1416, 17 tries in 63 s\)"):
            flows.delete("x")


# Lists and ids.


def test_lists_end(hourglass):
    def behave(heard, connection):
        return answer({"items": [], "_links": {"next": {"href": f"/flows?continuationToken={len(service.heard)}"}}})

    with Hostile(behave) as service:
        with pytest.raises(Unreadable, match="the pages of flows do not end: 1000 were read in 0 s"):
            list(client_of(service.url, hourglass, seconds=5).flows.find())
        assert len(service.heard) == 1000


@pytest.mark.parametrize("href", ["//[::1", "http://[x]/flows", 5, None, "", "?", "#?a=1", "/flows?#a"])
def test_a_next_page_without_a_query_is_none(href, hourglass):
    with Hostile(lambda heard, connection: answer({**FLOW, "_links": {"next": {"href": href}}})) as service:
        assert [flow.id for flow in client_of(service.url, hourglass, seconds=5).flows.find()] == ["x"]
        assert len(service.heard) == 1


@pytest.mark.parametrize("page", [{}, {"totalPages": 10**9}, {"totalCount": 10**9}])
def test_lists_of_segments_end(page, hourglass):
    def behave(heard, connection):
        return answer({"segments": [{"id": f"s{len(service.heard)}"}], "page": page})

    ended = pytest.raises(Unreadable, match="the pages of segment definitions do not end: 1000 were read in 0 s")
    with Hostile(behave) as service, ended:
        list(client_of(service.url, hourglass, seconds=5).segments.find())


@pytest.mark.parametrize("id_", ["", ".", ".."])
def test_what_names_another_place_is_no_id(id_, service, emulator):
    for call in (service.flows.get, service.flows.delete, service.segments.get, service.test_connection):
        with pytest.raises(Malformed, match=f"'{id_}' cannot be the id of an object, so nothing was sent"):
            call(id_)
    assert emulator.calls == []


@pytest.mark.parametrize("id_", ["a/b", "../x", "?a=1", "#", "%2e%2e", "a b", "ü", "\ud83d", "\r\nX-Evil: 1", "//x", "a\\b"])
def test_an_id_is_one_part_of_a_path_whatever_it_holds(id_, hourglass):
    gone = answer({"message": "not found"}, 404)
    with Hostile(lambda heard, connection: gone) as service:
        client = client_of(service.url, hourglass, seconds=5)
        for get, depth in ((client.flows.get, 5), (client.segments.get, 6), (client.test_connection, 6)):
            with pytest.raises(NotFound):
                get(id_)
            assert service.heard[-1].path.count("/") == depth
            assert "?" not in service.heard[-1].path
            assert "x-evil" not in service.heard[-1].headers


# Credentials stay at home.


def shown(error: BaseException) -> str:
    """All that could be printed of an error, with the traceback."""
    return "".join(traceback.format_exception(error))


@pytest.mark.parametrize(
    "token",
    ["TOPSECRET\n", "TOPSECRET\r\nX: 1", "TOP SECRET", "TOPSECRET\u20ac", "TOPSECRET\xe9", "TOPSECRET\x00", "\ud83dTOPSECRET"],
)
def test_a_token_that_no_header_can_carry_is_an_error_that_does_not_show_it(token, hourglass):
    with Hostile(lambda heard, connection: answer(FLOW), token=token) as service:
        with pytest.raises(Unreadable, match="answered an access_token that no HTTP header can carry") as refused:
            client_of(service.url, hourglass, seconds=5, credentials=bought()).flows.get("x")
        assert service.heard == []
    assert "SECRET" not in shown(refused.value)


@pytest.mark.parametrize("life", ["1e999", "NaN", "-1e999", "9" * 400, "9" * 5000, "null", "[]", "true", '"soon"'])
def test_a_token_of_any_life_can_be_used(life, hourglass):
    def behave(heard, connection):
        return answer(FLOW)

    class Clockmaker(Hostile):
        def _answer(self, heard, connection):
            token = f'{{"access_token": "t", "expires_in": {life}}}'.encode()
            return answer(token) if "/ims/" in heard.path else super()._answer(heard, connection)

    with Clockmaker(behave) as service:
        assert client_of(service.url, hourglass, seconds=5, credentials=bought()).flows.get("x").id == "x"


def echoes(secret):
    """Calls, and answers that quote a credential where a line could show it."""
    flow = {"id": "x", "name": "n", "etag": "e"}
    used = {"errorCode": "1418-400", "message": "used"}
    return {
        "message": (lambda flows: flows.get("x"), {"*": answer({"message": f"bad {secret}"}, 400)}),
        "x-request-id": (lambda flows: flows.get("x"), {"*": answer({"message": "m"}, 400, x_request_id=secret)}),
        "requestId": (lambda flows: flows.get("x"), {"*": answer({"message": "m", "requestId": secret}, 400)}),
        "nested": (
            lambda flows: flows.get("x"),
            {"*": answer({"errors": {"400": [{"message": secret, "requestId": secret}]}}, 400)},
        ),
        "another object": (lambda flows: flows.get("x"), {"*": answer({"items": [{"id": secret}]})}),
        "what pydantic finds": (lambda flows: flows.get("x"), {"*": answer({"items": [{"id": secret, "name": 5, secret: 1}]})}),
        "a state": (
            lambda flows: flows.switch("x", on=True),
            {"GET": answer({"items": [{**flow, "state": secret}]}), "POST": answer()},
        ),
        "a user": (
            lambda flows: flows.delete("x", lambda: [flows.get("x")]),
            {"GET": answer({"items": [{**flow, "name": secret}]}), "DELETE": answer(used, 400)},
        ),
        "a body that is not understood": (lambda flows: flows.get("x"), {"*": answer(secret.encode(), 400)}),
    }


@pytest.mark.parametrize("secret", [TOKEN, SECRET, f"Bearer {TOKEN}", TOKEN.upper()])
@pytest.mark.parametrize("place", echoes(""))
def test_a_service_that_echoes_a_credential_has_it_in_no_line(place, secret, hourglass):
    call, answers = echoes(secret)[place]
    with Hostile(lambda heard, connection: answers.get(heard.method) or answers["*"]) as service:
        flows = client_of(service.url, hourglass, seconds=5, credentials=bought()).flows
        with pytest.raises((Refused, Unreadable, InUse, TimedOut)) as shown:
            call(flows)
    assert "TOPSECRET" not in str(shown.value).upper()


def test_a_token_that_was_renewed_meanwhile_is_masked_too(hourglass):
    """Two threads: the answer to the one quotes a token that the other has renewed by then."""
    sent, renewed_by_another = threading.Event(), threading.Event()
    errors = []

    def behave(heard, connection):
        sent.set()
        renewed_by_another.wait(5)
        return answer({"message": heard.headers["authorization"]}, 400)

    def call():
        try:
            client.flows.get("x")
        except Refused as refused:
            errors.append(str(refused))

    with Hostile(behave) as service:
        credentials = bought()
        client = client_of(service.url, hourglass, seconds=9, credentials=credentials)
        thread = threading.Thread(target=call)
        thread.start()
        sent.wait(5)
        credentials.renew(TOKEN)
        credentials.token(lambda form: {"access_token": "another"}, 0)
        renewed_by_another.set()
        thread.join()
    assert errors == ["Bearer [secret] (HTTP 400)"]


def test_a_reason_of_megabytes_is_shown_in_part_and_soon(hourglass):
    hostile = Hostile(lambda heard, connection: answer({"message": "requested a resource " * 1_000_000}, 400))
    with hostile as service, pytest.raises(Refused) as refused:
        client_of(service.url, hourglass, seconds=5).flows.get("x")
    assert len(str(refused.value)) < 1_100


@pytest.mark.parametrize("variable", ["HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"])
@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
def test_no_proxy_sees_what_is_sent_in_clear_to_this_machine(variable, host, hourglass, monkeypatch):
    with Hostile(lambda heard, connection: None) as proxy, Hostile(lambda heard, connection: answer(FLOW)) as service:
        monkeypatch.setenv(variable, proxy.url)
        assert client_of(f"http://{host}:{service.port}", hourglass, seconds=5).flows.get("x").id == "x"
        assert proxy.heard == []


# Words.


PROXIES = {
    "socks5://127.0.0.1:9": "is a SOCKS proxy, which cannot be used: set HTTPS_PROXY to an HTTP proxy",
    "socks4a://user:PASSWORD@127.0.0.1:9": "is a SOCKS proxy, which cannot be used",
    "SOCKS5h://127.0.0.1": "is a SOCKS proxy, which cannot be used",
    "http://": "has no address that can be used: check HTTPS_PROXY",
    "foo:bar:baz": "has no address that can be used",
    "ftp://user:PASSWORD@127.0.0.1:9": "has no address that can be used",
    "http://user:PASSWORD@127.0.0.1:99999999": "has no address that can be used",
    "http://[::1": "has no address that can be used",
    "http://user:PASSWORD@127.0.0.1:9": "the proxy cannot be reached: check HTTPS_PROXY",
    f"http://user:PASSWORD@{'a' * 300}.invalid:1": "the proxy cannot be reached: check HTTPS_PROXY",
    "http://user:PASSWORD@nowhere.invalid:1": "the proxy cannot be reached: check HTTPS_PROXY",
}


@pytest.mark.parametrize("proxy", PROXIES)
def test_a_proxy_that_cannot_be_used_is_named_for_what_it_is_without_its_password(proxy, hourglass, monkeypatch):
    monkeypatch.setenv("HTTPS_PROXY", proxy)
    with pytest.raises((Misconfigured, NoAnswer), match=PROXIES[proxy]) as refused:
        client_of("https://platform.invalid", hourglass).flows.create({})
    assert "PASSWORD" not in shown(refused.value)
    assert not getattr(refused.value, "sent", False)


def test_a_proxy_that_refuses_is_told_from_one_that_is_not_there(hourglass, monkeypatch):
    with Hostile(lambda heard, connection: answer(status=407)) as proxy:
        monkeypatch.setenv("HTTPS_PROXY", proxy.url)
        with pytest.raises(
            NoAnswer, match="the proxy refuses to connect to it: check HTTPS_PROXY, and the credentials"
        ) as lost:
            client_of("https://platform.invalid", hourglass, seconds=5).flows.create({})
        assert not lost.value.sent


@pytest.mark.parametrize("variable", ["REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"])
@pytest.mark.parametrize("bundle", ["/nonexistent/ca.pem", "x" * 5000])
def test_a_certificate_bundle_that_is_not_there_is_said_so_once(variable, bundle, hourglass, monkeypatch):
    monkeypatch.delenv("REQUESTS_CA_BUNDLE", raising=False)
    monkeypatch.setenv(variable, bundle)
    with pytest.raises(Misconfigured, match="names a certificate bundle that is not there"):
        client_of("https://platform.invalid", hourglass, retries=3).flows.get("x")
    assert hourglass.naps == []


def test_a_certificate_bundle_that_is_none_is_a_tls_failure(hourglass, monkeypatch, tmp_path):
    (tmp_path / "none.pem").write_text("hello")
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(tmp_path / "none.pem"))
    with Hostile(lambda heard, connection: None) as service:
        with pytest.raises(NoAnswer, match="TLS failure, .*: check the host, REQUESTS_CA_BUNDLE") as lost:
            client_of(service.url.replace("http", "https"), hourglass, seconds=5, retries=3).flows.create({})
        assert not lost.value.sent
    assert hourglass.naps == []


def test_numbers_that_are_none_are_text_and_no_times(hourglass):
    body = b'{"items": [{"id": "x", "name": "n", "createdAt": 1e999, "updatedAt": NaN, "odd": [-Infinity, %s]}]}' % (
        b"9" * 5000
    )
    with Hostile(lambda heard, connection: answer(body)) as service:
        live = client_of(service.url, hourglass, seconds=5).flows.get("x")
    assert (live.created_at, live.updated_at, live.model_extra["odd"]) == (None, None, ["-Infinity", "9" * 5000])
    json.dumps(live.model_dump(), allow_nan=False)


def test_a_chunk_of_a_negative_length_does_not_get_round_the_limit(hourglass):
    def behave(heard, connection):
        del heard
        connection.sendall(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n-1\r\n")
        for _ in range(80):
            connection.sendall(b"x" * 2**20)

    with (
        Hostile(behave) as service,
        pytest.raises(NoAnswer, match="it answers more than 64 MB: check aep:endpoint|the connection broke"),
    ):
        client_of(service.url, hourglass, seconds=5).flows.get("x")


def test_what_an_answer_sets_as_cookies_is_not_sent_again(hourglass):
    item = {"items": [{"id": "x", "name": "n"}]}
    with Hostile(lambda heard, connection: answer(item, Set_Cookie="a=b")) as service:
        client = client_of(service.url, hourglass, seconds=5)
        client.flows.get("x")
        client.flows.get("x")
        assert [heard.headers.get("cookie") for heard in service.heard] == [None, None]


def test_another_object_is_about_that_object_only(hourglass):
    other = answer({"items": [{"id": "y"}]})
    with Hostile(lambda heard, connection: other) as service, pytest.raises(Malformed, match="another object, y"):
        client_of(service.url, hourglass, seconds=5).flows.get("x")


def test_another_segment_is_not_taken_for_the_one_that_was_asked_for(hourglass):
    with (
        Hostile(lambda heard, connection: answer({"id": "y", "name": "n"})) as service,
        pytest.raises(Malformed, match="another, y"),
    ):
        client_of(service.url, hourglass, seconds=5).segments.get("x")


def test_a_pause_that_no_number_holds_is_none(hourglass):
    with Hostile(lambda heard, connection: answer({}, 429, Retry_After="9" * 400)) as service, pytest.raises(Refused):
        client_of(service.url, hourglass, seconds=5).flows.get("x")


def test_a_deep_answer_with_a_string_that_does_not_end_is_read_in_linear_time():
    for length in (1_000, 100_000):
        with pytest.raises(ValueError):
            parsed(b"[" * 3_000 + b'"' + b'\\"' * length)

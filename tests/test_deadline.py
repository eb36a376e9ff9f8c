"""One deadline for each request, over all its bytes; a size for each answer. In real time, so they are short."""

from __future__ import annotations

import gc
import gzip
import shutil
import socket
import ssl
import subprocess
import threading
import time

import pytest
from support.hostile import SECONDS, Hostile, answer, client_of

from pulumi_aep_streaming.flow_service.errors import NoAnswer, Unreadable

FOREVER = 10
"""What these services do without end has ended long before, even on a machine that is busy."""
FLOW = {"items": [{"id": "x", "name": "n"}]}


@pytest.fixture
def stopwatch():
    started = time.monotonic()
    return lambda: time.monotonic() - started


DRIPS = {
    "of the body": (b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n", b" "),
    "of a body in chunks": (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", b"1\r\n \r\n"),
    "of a body without end": (b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n", b" "),
    "of a refusal": (b"HTTP/1.1 400 OK\r\nContent-Length: 100000\r\n\r\n", b" "),
    "of a header": (b"HTTP/1.1 200 OK\r\nX: ", b"a"),
    "of headers": (b"HTTP/1.1 200 OK\r\n", b"X: a\r\n"),
    "of the status": (b"", b"H"),
    "of provisional answers": (b"", b"HTTP/1.1 100 Continue\r\n\r\n"),
}


@pytest.mark.parametrize("drip", DRIPS)
def test_a_drip_does_not_outlast_the_deadline_and_may_have_been_acted_upon(drip, hourglass, stopwatch):
    with Hostile(lambda heard, connection: service.drip(connection, *DRIPS[drip])) as service:
        with pytest.raises(NoAnswer, match=r"longer than aep:timeoutSeconds|the connection broke") as lost:
            client_of(service.url, hourglass).flows.create({})
        assert lost.value.sent
        assert stopwatch() < FOREVER
        assert len(service.heard) == 1


def test_a_read_that_drips_is_tried_again_and_each_try_has_its_own_deadline(hourglass, stopwatch):
    slow = iter([True, False])

    def behave(heard, connection):
        return service.drip(connection, *DRIPS["of the body"]) if next(slow) else answer(FLOW)

    with Hostile(behave) as service:
        assert client_of(service.url, hourglass, retries=1).flows.get("x").name == "n"
        assert SECONDS <= stopwatch() < FOREVER


def test_a_connection_that_is_used_again_has_a_new_deadline(hourglass, stopwatch):
    def behave(heard, connection):
        time.sleep(SECONDS / 2)
        return answer(FLOW)

    with Hostile(behave) as service:
        client = client_of(service.url, hourglass)
        for _ in range(4):
            client.flows.get("x")
        assert stopwatch() > SECONDS


def test_sending_to_a_service_that_does_not_read_ends_at_the_deadline(hourglass, stopwatch):
    """Nobody reads what is more than the buffers hold."""
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"http://127.0.0.1:{silent.getsockname()[1]}"
        with pytest.raises(NoAnswer, match="it took longer than aep:timeoutSeconds") as lost:
            client_of(url, hourglass).flows.create({"name": "x" * 50_000_000})
    assert lost.value.sent
    assert stopwatch() < FOREVER


def test_tls_that_is_never_agreed_on_ends_at_the_deadline_and_nothing_was_sent(hourglass, stopwatch):
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"https://127.0.0.1:{silent.getsockname()[1]}"
        with pytest.raises(NoAnswer, match="connecting took longer than aep:timeoutSeconds") as lost:
            client_of(url, hourglass).flows.create({})
    assert not lost.value.sent
    assert stopwatch() < FOREVER


def test_a_proxy_that_drips_its_consent_ends_at_the_deadline_and_nothing_was_sent(hourglass, stopwatch, monkeypatch):
    with Hostile(lambda heard, connection: proxy.drip(connection, b"HTTP/1.1 200 OK\r\nX: ")) as proxy:
        monkeypatch.setenv("HTTPS_PROXY", proxy.url)
        with pytest.raises(NoAnswer, match="connecting took longer|the proxy cannot be reached") as lost:
            client_of("https://platform.invalid", hourglass).flows.create({})
        assert [heard.method for heard in proxy.heard] == ["CONNECT"]
    assert not lost.value.sent
    assert stopwatch() < FOREVER


def test_all_addresses_of_a_host_share_the_deadline(hourglass, stopwatch, monkeypatch):
    """Two that nobody answers at: a queue that is full lets nobody in."""
    with socket.create_server(("127.0.0.1", 0), backlog=0) as full:
        port = full.getsockname()[1]
        waiting = [socket.socket() for _ in range(4)]
        for each in waiting:
            each.settimeout(0)
            each.connect_ex(("127.0.0.1", port))
        found = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", port))] * 3
        monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: found)
        with pytest.raises(NoAnswer, match="connecting took longer") as lost:
            client_of(f"https://platform.invalid:{port}", hourglass).flows.create({})
        for each in waiting:
            each.close()
    assert not lost.value.sent
    assert SECONDS * 0.9 <= stopwatch() < SECONDS * 2.9  # each with all of it would take three


def test_an_address_that_refuses_leaves_its_time_to_the_next(hourglass, monkeypatch):
    with Hostile(lambda heard, connection: answer(FLOW)) as service:
        resolve = socket.getaddrinfo
        dead = (socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.2", service.port))
        two = lambda host, *more, **named: [dead, *resolve("127.0.0.1", *more, **named)]  # noqa: E731
        monkeypatch.setattr(
            socket, "getaddrinfo", lambda host, *more, **named: (two if host == "localhost" else resolve)(host, *more, **named)
        )
        assert client_of(f"http://localhost:{service.port}", hourglass).flows.get("x").id == "x"


@pytest.fixture(scope="module")
def certificate(tmp_path_factory):
    """A certificate for 127.0.0.1, and its key."""
    if not shutil.which("openssl"):
        pytest.skip("no openssl on this machine")
    folder = tmp_path_factory.mktemp("tls")
    names = ["-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1"]
    files = ["-keyout", folder / "key.pem", "-out", folder / "cert.pem"]
    command = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", *names, *files]
    subprocess.run(command, check=True, capture_output=True)
    return folder


@pytest.fixture
def tls(certificate, monkeypatch):
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(certificate / "cert.pem"))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate / "cert.pem", certificate / "key.pem")
    return context


def test_https_works_and_keeps_its_connection(tls, hourglass):
    ports = set()

    def behave(heard, connection):
        ports.add(connection.getpeername()[1])
        return answer(FLOW)

    with Hostile(behave, tls=tls) as service:
        client = client_of(service.url, hourglass, seconds=5)
        assert [client.flows.get("x").id for _ in range(3)] == ["x"] * 3
        assert len(ports) == 1


@pytest.mark.parametrize("drip", ["of the body", "of a header"])
def test_a_drip_through_tls_does_not_outlast_the_deadline(drip, tls, hourglass, stopwatch):
    with Hostile(lambda heard, connection: service.drip(connection, *DRIPS[drip]), tls=tls) as service:
        with pytest.raises(NoAnswer, match="it took longer than aep:timeoutSeconds") as lost:
            client_of(service.url, hourglass, seconds=2).flows.create({})
        assert lost.value.sent
        assert stopwatch() < FOREVER


def test_tls_that_breaks_after_a_write_was_sent_says_nothing_about_the_write(tls, hourglass):
    """Not a failed handshake, after which a write could be sent again."""

    def behave(heard, connection):
        with socket.socket(fileno=connection.detach()) as raw:
            raw.sendall(b"\x17\x03\x03\x00\x20" + b"no record of TLS, though it says so")

    with Hostile(behave, tls=tls) as service:
        with pytest.raises(NoAnswer, match="the connection broke") as lost:
            client_of(service.url, hourglass, seconds=5, retries=3).flows.create({})
        assert lost.value.sent
        assert len(service.heard) == 1


def test_sending_through_tls_to_a_service_that_does_not_read_ends_at_the_deadline(tls, hourglass, stopwatch):
    over = threading.Event()
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def serve():
            connection, _ = listening.accept()
            with tls.wrap_socket(connection, server_side=True):
                over.wait(2 * FOREVER)

        threading.Thread(target=serve, daemon=True).start()
        with pytest.raises(NoAnswer, match="it took longer than aep:timeoutSeconds") as lost:
            client_of(f"https://127.0.0.1:{listening.getsockname()[1]}", hourglass, seconds=2).flows.create(
                {"name": "x" * 30_000_000}
            )
        over.set()
    assert lost.value.sent
    assert stopwatch() < FOREVER


BOMB = gzip.compress(b" " * 300_000_000, 9)
CODINGS = {
    "as it is": (b" " * 70_000_000, {}),
    "packed": (BOMB, {"Content-Encoding": "gzip"}),
    "packed, of a redirect": (BOMB, {"Content-Encoding": "gzip", "Location": "/x", "status": 302}),
    "packed, of a refusal": (BOMB, {"Content-Encoding": "gzip", "status": 400}),
}


@pytest.mark.parametrize("coding", CODINGS)
def test_an_answer_that_is_too_large_is_read_no_further_and_not_asked_for_again(coding, hourglass):
    body, headers = CODINGS[coding]
    with Hostile(lambda heard, connection: answer(body, **headers)) as service:
        client = client_of(service.url, hourglass, seconds=30, retries=3)
        with pytest.raises(Unreadable, match=r"answered HTTP \d0\d with more than 64 MB \(after \d+ s\): check aep:endpoint"):
            client.flows.get("x")
        assert len(service.heard) == 1


def test_what_is_packed_twice_is_not_unpacked(hourglass):
    twice = gzip.compress(gzip.compress(b" " * 2**27, 9), 9)
    assert len(twice) < 10_000
    hostile = Hostile(lambda heard, connection: answer(twice, Content_Encoding="gzip, gzip"))
    with hostile as service, pytest.raises(Unreadable, match="with something that is no JSON"):
        client_of(service.url, hourglass, seconds=5).flows.get("x")


def test_answers_may_be_packed(hourglass):
    packed = gzip.compress(b'{"items": [{"id": "x", "name": "n"}]}')
    with Hostile(lambda heard, connection: answer(packed, Content_Encoding="gzip")) as service:
        assert client_of(service.url, hourglass, seconds=5).flows.get("x").name == "n"
        assert "gzip" in service.heard[0].headers["accept-encoding"]


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")  # urllib3 leaves such an answer to the collector
@pytest.mark.parametrize("headers", ["Content-Length: 5\r\nContent-Length: 6", "Content-Length: x", "Transfer-Encoding: x"])
def test_headers_that_contradict_each_other_are_the_services_fault_not_a_settings(headers, hourglass):
    raw = f"HTTP/1.1 200 OK\r\n{headers}\r\nConnection: close\r\n\r\n{{}}".encode()

    def behave(heard, connection):
        connection.sendall(raw)

    with Hostile(behave) as service:
        with pytest.raises((NoAnswer, Unreadable)) as lost:
            client_of(service.url, hourglass, seconds=5, retries=2).flows.create({})
        assert lost.value.ambiguous
        assert len(service.heard) == 1
    del lost  # it holds the answer, which must not be collected while another test runs
    gc.collect()

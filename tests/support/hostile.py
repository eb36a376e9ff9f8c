"""A service that does what it likes, down to the bytes: what no emulator would do."""

from __future__ import annotations

import contextlib
import json
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from support.surroundings import Hourglass

from pulumi_aep_streaming.flow_service.auth import AccessToken
from pulumi_aep_streaming.flow_service.client import FlowService
from pulumi_aep_streaming.flow_service.transport import Transport

TOKEN = "tok-TOPSECRET"
SECONDS = 1.0
"""That a request may take: short, but longer than a busy machine takes for an answer at once."""


@dataclass
class Heard:
    """One request."""

    method: str
    path: str
    headers: dict[str, str]


@dataclass
class Hostile:
    """Calls `behave(heard, connection)` for each request but those for tokens, and sends what it returns; None ends it."""

    behave: Callable[[Heard, socket.socket], bytes | None]
    tls: ssl.SSLContext | None = None
    heard: list[Heard] = field(default_factory=list)
    token: str = TOKEN

    def __enter__(self):
        self._listening = socket.create_server(("127.0.0.1", 0), backlog=64)
        self._over = threading.Event()
        threading.Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(self, *_) -> None:
        self._over.set()
        self._listening.close()

    @property
    def port(self) -> int:
        return self._listening.getsockname()[1]

    @property
    def url(self) -> str:
        return f"{'https' if self.tls else 'http'}://127.0.0.1:{self.port}"

    def drip(self, connection: socket.socket, before: bytes = b"", piece: bytes = b" ") -> None:
        """Send a piece now and then, for as long as anybody listens."""
        connection.sendall(before)
        while not self._over.wait(0.02):
            connection.sendall(piece)

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                connection, _ = self._listening.accept()
                threading.Thread(target=self._serve, args=[connection], daemon=True).start()

    def _serve(self, connection: socket.socket) -> None:
        with contextlib.suppress(OSError, ValueError), connection:
            if self.tls:
                connection = self.tls.wrap_socket(connection, server_side=True)
            with connection, connection.makefile("rb") as incoming:
                for heard in requests_of(incoming):
                    connection.sendall(self._answer(heard, connection))

    def _answer(self, heard: Heard, connection: socket.socket) -> bytes:
        if heard.path.endswith("/ims/token/v3"):
            return answer({"access_token": self.token, "expires_in": 3600})
        self.heard.append(heard)
        sent = self.behave(heard, connection)
        if sent is None:
            connection.shutdown(socket.SHUT_RDWR)
        return sent or b""


def requests_of(incoming) -> Iterator[Heard]:
    while line := incoming.readline():
        method, path, _ = line.decode("latin-1").split(" ", 2)
        headers = {}
        while (header := incoming.readline().decode("latin-1").strip()) != "":
            name, _, value = header.partition(":")
            headers[name.lower()] = value.strip()
        incoming.read(int(headers.get("content-length", 0)))
        yield Heard(method, path, headers)


def answer(body: object = b"", status: int = 200, **headers: str) -> bytes:
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    lines = [f"HTTP/1.1 {status} X", f"Content-Length: {len(content)}"]
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    return "\r\n".join([*lines, "", ""]).encode("latin-1") + content


def client_of(url: str, hourglass: Hourglass, *, seconds: float = SECONDS, retries: int = 0, **options) -> FlowService:
    settings = {"org_id": "o", "client_id": "c", "credentials": AccessToken(TOKEN), "clock": hourglass.clock()}
    bounds = {"timeout_seconds": seconds, "max_retries": retries}
    return FlowService(Transport(endpoint=url, ims_endpoint=url, **{**settings, **bounds, **options}), "prod")

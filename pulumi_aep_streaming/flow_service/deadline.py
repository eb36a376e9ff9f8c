"""One deadline for a whole request: connecting, TLS, sending, the headers and the body of the answer.

Timeouts of sockets, and so those of requests and urllib3, are for each piece: a service that drips a byte now and then outlasts
them. A `Deadline` is a timeout that knows when it ends. requests and urllib3 hand it down as it is; the connections here give
each piece what is left of it. Only the look-up of a name is the system's own, and takes what that takes.
"""

from __future__ import annotations

import io
import socket
import time
from typing import TYPE_CHECKING, Any, Literal

from requests.adapters import HTTPAdapter
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.exceptions import ConnectTimeoutError, NewConnectionError
from urllib3.util.connection import create_connection

if TYPE_CHECKING:
    from collections.abc import Callable

    from urllib3.poolmanager import PoolManager, ProxyManager

MOST_MEGABYTES = 64
"""More is no answer: a page of a hundred dataflows at Adobe's guardrails has less than ten."""
MOST_BYTES = (MOST_MEGABYTES + 1) * 2**20
"""Of an answer with all that frames it."""
_SOON = 0.001  # seconds: to a socket, 0 would mean never to wait


class TooMuch(OSError):
    """More comes in than any answer has."""


class Deadline(float):
    """So many seconds from now on, for one request."""

    sent: bool
    """Whether any of the request may have left this machine."""
    received: int
    """How many bytes have come in."""

    def __init__(self, seconds: float) -> None:
        del seconds  # the number itself
        self._ends = time.monotonic() + self
        self.sent, self.received = False, 0

    @property
    def left(self) -> float:
        """How many seconds are left; none or less when it is met."""
        return self._ends - time.monotonic()


class _Socket:
    """A connected socket: whatever goes through it has the time that its deadline leaves."""

    def __init__(self, connected: socket.socket, deadline: Deadline) -> None:
        self._connected, self._deadline = connected, deadline
        self.carries_requests = False
        """False as long as a proxy is spoken to, or TLS is agreed on."""

    def __getattr__(self, name: str) -> Any:
        return getattr(self._connected, name)

    def settimeout(self, deadline: float) -> None:
        """Begin the next request; the plain seconds that TLS inside of TLS asks for are those that are left anyway."""
        if isinstance(deadline, Deadline):
            self._deadline = deadline

    def gettimeout(self) -> float:
        """Return what is left: a TLS handshake asks for it, and takes no longer. It cannot bear an error here."""
        return max(self._deadline.left, _SOON)

    def in_time(self, piece: Callable[..., Any], *arguments: Any) -> Any:
        """Send or receive one piece. Raises `TimeoutError` once the deadline is met."""
        left = self._deadline.left
        if left <= 0:
            raise TimeoutError
        self._connected.settimeout(left)
        return piece(*arguments)

    def sendall(self, data: bytes) -> None:
        """Send in pieces: one call of a TLS socket's own would begin its timeout again with each record."""
        rest = memoryview(data)
        while rest:
            self._deadline.sent = self._deadline.sent or self.carries_requests
            rest = rest[self.in_time(self._connected.send, rest) :]

    def recv(self, *arguments: Any) -> bytes:
        """Receive one piece: of TLS to a proxy, inside of which there is TLS to the service."""
        received: bytes = self.in_time(self._connected.recv, *arguments)
        return received

    def note_received(self, count: int) -> None:
        """Count what comes in, whatever its framing says of it. Raises `TooMuch`."""
        self._deadline.received += count
        if self._deadline.received > MOST_BYTES:
            raise TooMuch

    def makefile(self, mode: Literal["rb"]) -> io.BufferedReader:
        """Return what http.client reads an answer from."""
        return io.BufferedReader(_Incoming(self, self._connected.makefile(mode, buffering=0)))


class _Incoming(io.RawIOBase):
    """What comes in through a socket."""

    def __init__(self, through: _Socket, raw: Any) -> None:
        self._through, self._raw = through, raw

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        count: int = self._through.in_time(self._raw.readinto, buffer)
        self._through.note_received(count or 0)
        return count

    def close(self) -> None:
        self._raw.close()
        super().close()


class _Bounded:
    """A connection of urllib3 that keeps the deadline of the request that it carries."""

    host: str
    port: int
    timeout: Any
    socket_options: Any
    _socket: _Socket | None = None

    @property
    def sock(self) -> _Socket | None:
        """The socket: first a plain one, then perhaps one of TLS to a proxy, and one of TLS to the service."""
        return self._socket

    @sock.setter
    def sock(self, connected: Any) -> None:
        bare = connected is not None and not isinstance(connected, _Socket)
        self._socket = _Socket(connected, self.timeout) if bare else connected

    def putrequest(self, *arguments: Any, **options: Any) -> None:
        """Begin a request under its own deadline: old releases of urllib3 do not tell a socket that is used again."""
        if self._socket:
            self._socket.settimeout(self.timeout)
        super().putrequest(*arguments, **options)  # type: ignore[misc]  # of http.client's connection

    def _connect_tls_proxy(self, *arguments: Any) -> _Socket:
        return _Socket(super()._connect_tls_proxy(*arguments), self.timeout)  # type: ignore[misc]  # of urllib3's connection

    def connect(self) -> None:
        """Connect; what is sent after that is the request."""
        super().connect()  # type: ignore[misc]  # of urllib3's connection
        if self._socket:
            self._socket.carries_requests = True

    def _new_conn(self) -> _Socket:
        try:
            return _Socket(_connected(self.host, self.port, self.timeout, self.socket_options), self.timeout)
        except TimeoutError as late:
            raise ConnectTimeoutError(self, str(late)) from late
        except (OSError, UnicodeError) as failure:  # the latter: of a name that cannot be one
            raise NewConnectionError(self, str(failure)) from failure  # type: ignore[arg-type]


def _connected(host: str, port: int, deadline: Deadline, options: Any) -> socket.socket:
    """Connect to the first address of a host that answers. They share the deadline: urllib3 would give each the whole of it."""
    addresses = [found[4][0] for found in socket.getaddrinfo(host.strip("[]"), port, type=socket.SOCK_STREAM)]
    while True:
        address = str(addresses.pop(0))
        try:
            seconds = max(deadline.left, _SOON) / (len(addresses) + 1)
            return create_connection((address, port), seconds, socket_options=options)
        except OSError:
            if not addresses:
                raise


class _HTTPConnection(_Bounded, HTTPConnection):  # type: ignore[misc]
    pass


class _HTTPSConnection(_Bounded, HTTPSConnection):  # type: ignore[misc]
    pass


class _HTTPPool(HTTPConnectionPool):
    ConnectionCls = _HTTPConnection


class _HTTPSPool(HTTPSConnectionPool):
    ConnectionCls = _HTTPSConnection


class DeadlineAdapter(HTTPAdapter):
    """Sends what requests has prepared; its `timeout` has to be a `Deadline`."""

    def init_poolmanager(self, *arguments: Any, **options: Any) -> None:
        """Take connections that keep deadlines."""
        super().init_poolmanager(*arguments, **options)
        _bound(self.poolmanager)

    def proxy_manager_for(self, proxy: str, **options: Any) -> ProxyManager:
        """Likewise through a proxy."""
        manager = super().proxy_manager_for(proxy, **options)
        _bound(manager)
        return manager


def _bound(manager: PoolManager) -> None:
    manager.pool_classes_by_scheme = {"http": _HTTPPool, "https": _HTTPSPool}

"""An emulator of the parts of Adobe Experience Platform that streaming destinations touch.

It imports nothing else of this package, so that it cannot agree with the client by accident. Needs the extra `emulator`.

    with Emulator() as emulator:
        ...  # emulator.url is the endpoint and the IMS endpoint
"""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from types import TracebackType
from typing import Any

import uvicorn
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.types import ASGIApp
from typing_extensions import Self  # a dependency of uvicorn and starlette on 3.10; typing has it from 3.11 on

from pulumi_aep_streaming.emulator.faults import Fault
from pulumi_aep_streaming.emulator.gateway import Call, Gateway, Organization
from pulumi_aep_streaming.emulator.server import Service
from pulumi_aep_streaming.emulator.snapshot import read
from pulumi_aep_streaming.emulator.store import Store
from pulumi_aep_streaming.emulator.switches import Switches

__all__ = ["Call", "Emulator", "Fault", "Organization", "Switches"]

_HOST = "127.0.0.1"
_LOOPBACK = [_HOST, "localhost"]


class Emulator:
    """An emulator in this process, on a free port of the loopback interface, until the `with` block ends."""

    def __init__(
        self,
        *,
        port: int = 0,
        state: str | Path = ":memory:",
        switches: Switches | None = None,
        organization: Organization | None = None,
        token_seconds: float = 86_399.0,
        snapshot: str | Path | None = None,
        clock: Callable[[], float] = time.time,
        wrap: Callable[[ASGIApp], ASGIApp] = lambda application: application,
    ) -> None:
        """`clock` tells the time in seconds since 1970; `wrap` is ASGI middleware around the emulated services.

        `snapshot` is a file of `aep-streaming snapshot`: there is its sandbox only, in its organization, with what it says and
        nothing built in; of `organization` the credentials count. Raises `ValueError` if it is no such file.
        """
        self.organization = organization or Organization()
        switches = switches or Switches()
        contents = None
        if snapshot is not None:
            found = read(snapshot)
            contents, sandboxes = found.contents, (found.sandbox,)
            self.organization = replace(self.organization, id=found.organization, sandboxes=sandboxes)
            switches = replace(switches, selectors=switches.selectors or "known")
        self.store = Store(state, switches, clock, contents)
        self.service = Service(self.store, Gateway(self.organization, token_seconds), wrap=wrap)
        # The protocol must be said: asyncio turns off Nagle's algorithm for IPPROTO_TCP only, which saves 40 ms an answer.
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self._socket.bind((_HOST, port))
        self.url = f"http://{_HOST}:{self._socket.getsockname()[1]}"

    def __enter__(self) -> Self:
        """Start serving; returns once it answers."""
        # A page whose name is made to resolve to this machine would be of the same origin, and might order and read all.
        guarded = TrustedHostMiddleware(self.service, _LOOPBACK, www_redirect=False)
        self._server = uvicorn.Server(uvicorn.Config(guarded, log_level="warning", lifespan="off", access_log=False))
        started = threading.Event()
        arguments: dict[str, Any] = {"sockets": [self._socket]}
        self._thread = threading.Thread(target=self._server.run, kwargs=arguments, daemon=True)
        self._thread.start()
        while not self._server.started and self._thread.is_alive():
            started.wait(0.005)  # uvicorn offers a flag, and no event
        if not self._server.started:
            message = "the emulator did not start"
            raise RuntimeError(message)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Stop serving."""
        self._server.should_exit = True
        self._thread.join()
        self.store.close()

    @property
    def calls(self) -> list[Call]:
        """All calls since the start, or since `forget`, oldest first."""
        return self.service.journal.calls

    def forget(self) -> None:
        """Empty the journal."""
        self.service.journal.calls.clear()

    def order(self, fault: Fault) -> None:
        """Order weather."""
        self.service.faults.append(fault)

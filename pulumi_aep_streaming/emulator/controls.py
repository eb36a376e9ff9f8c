"""The controls under `/__control/`: weather, the journal, and what happens at Adobe's without a call to its API."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from pulumi_aep_streaming.emulator.exports import export
from pulumi_aep_streaming.emulator.faults import Fault
from pulumi_aep_streaming.emulator.gateway import Gateway, Journal
from pulumi_aep_streaming.emulator.kinds import Json
from pulumi_aep_streaming.emulator.problems import Problem
from pulumi_aep_streaming.emulator.store import Store

PREFIX = "/__control/"


@dataclass
class Controls:
    """What each control does with the body of its call."""

    store: Store
    gateway: Gateway
    journal: Journal
    faults: list[Fault]

    def routes(self) -> list[Route]:
        """Return the routes, one a line."""
        return [
            Route(PREFIX + "health", _serving(lambda _: {"ok": True})),
            Route(PREFIX + "journal", _serving(lambda _: [asdict(call) for call in self.journal.calls])),
            Route(PREFIX + "journal", _serving(lambda _: self.journal.calls.clear()), methods=["DELETE"]),
            Route(PREFIX + "faults", _serving(self._add_fault), methods=["POST"]),
            Route(PREFIX + "faults", _serving(self._clear_faults), methods=["DELETE"]),
            Route(PREFIX + "tokens", _serving(lambda _: self.gateway.revoke()), methods=["DELETE"]),
            Route(PREFIX + "objects", _serving(lambda _: self.store.reset()), methods=["DELETE"]),
            Route(PREFIX + "segments", _serving(self._seed), methods=["POST"]),
            Route(PREFIX + "credentials", _serving(self._judge), methods=["POST"]),
            Route(PREFIX + "exports", _serving(self._export), methods=["POST"]),
        ]

    def _add_fault(self, body: Json) -> None:
        try:
            self.faults.append(Fault(**body))
        except TypeError as unknown:
            raise Problem(400, {"message": str(unknown)}) from None

    def _clear_faults(self, _: Json) -> None:
        for fault in self.faults:
            fault.released.set()
        self.faults.clear()

    def _seed(self, body: Json) -> Json:
        """Add segments to a sandbox; those without an id are given one."""
        sandbox = _member(body, "sandbox", str)
        place = self.gateway.place(sandbox)
        segments = [
            {"name": _member(segment, "name", str), "id": str(uuid.uuid4()), "creationTime": self.store.now(), **segment}
            for segment in _member(body, "segments", list)
        ]
        self.store.seed(place, segments)
        return {"segments": segments}

    def _judge(self, body: Json) -> None:
        """Say whether a connection's credentials are good."""
        id_ = _member(body, "connectionId", str)
        self.store.judge(self.store.place_of("connections", id_), id_, valid=_member(body, "valid", bool))

    def _export(self, body: Json) -> Json:
        """Export profiles through a dataflow, or let its run fail with an error."""
        error = _member(body, "error", dict) if "error" in body else None
        if error is not None:
            error = {"code": _member(error, "code", str), "message": error.get("message", "")}
        return export(self.store, _member(body, "flowId", str), body.get("profiles"), error)


def _serving(control: Callable[[Json], Any]) -> Callable[[Request], Any]:
    """Hand the body of a call to a control; answer what it returns, or 204 for nothing."""

    async def serve(request: Request) -> Response:
        try:
            body = await request.json() if request.method == "POST" else {}
        except ValueError:
            raise Problem(400, {"message": "the body is not JSON"}) from None
        answer = control(body)
        return Response(status_code=204) if answer is None else JSONResponse(answer)

    return serve


def _member(body: Any, name: str, type_: type) -> Any:
    value = body.get(name) if isinstance(body, dict) else None
    if not isinstance(value, type_):
        raise Problem(400, {"message": f"{name} is needed, as a {type_.__name__}"})
    return value

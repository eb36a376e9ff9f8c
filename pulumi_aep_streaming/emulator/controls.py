"""The controls under `/__control/`: weather, the journal, and what happens at Adobe's without a call to its API."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from pulumi_aep_streaming.emulator import orders
from pulumi_aep_streaming.emulator.bodies import json_body
from pulumi_aep_streaming.emulator.exports import export
from pulumi_aep_streaming.emulator.faults import Fault
from pulumi_aep_streaming.emulator.gateway import Gateway, Journal
from pulumi_aep_streaming.emulator.kinds import Json
from pulumi_aep_streaming.emulator.orders import checked
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
            Route(PREFIX + "health", _serving(lambda: {"ok": True})),
            Route(PREFIX + "journal", _serving(lambda: [asdict(call) for call in self.journal.calls])),
            Route(PREFIX + "journal", _serving(self.journal.calls.clear), methods=["DELETE"]),
            Route(PREFIX + "faults", _ordered(self._add_fault), methods=["POST"]),
            Route(PREFIX + "faults", _serving(self._clear_faults), methods=["DELETE"]),
            Route(PREFIX + "tokens", _serving(self.gateway.revoke), methods=["DELETE"]),
            Route(PREFIX + "objects", _serving(self.store.reset), methods=["DELETE"]),
            Route(PREFIX + "segments", _ordered(self._seed), methods=["POST"]),
            Route(PREFIX + "credentials", _ordered(self._judge), methods=["POST"]),
            Route(PREFIX + "authentication", _ordered(self._move), methods=["POST"]),
            Route(PREFIX + "exports", _ordered(self._export), methods=["POST"]),
        ]

    def _add_fault(self, body: Any) -> None:
        self.faults.append(Fault(**checked(body, orders.FAULT)))

    def _clear_faults(self) -> None:
        for fault in self.faults:
            fault.released.set()
        self.faults.clear()

    def _seed(self, body: Any) -> Json:
        """Add segments to a sandbox; those without an id are given one, and all may have more members."""
        order = checked(body, orders.SEEDS)
        place = self.gateway.place(order["sandbox"])
        segments = [
            {"id": str(uuid.uuid4()), "creationTime": self.store.now(), **checked(segment, orders.SEED, others=True)}
            for segment in order["segments"]
        ]
        self.store.seed(place, segments)
        return {"segments": segments}

    def _judge(self, body: Any) -> None:
        """Say whether a connection's credentials are good."""
        order = checked(body, orders.JUDGEMENT)
        id_ = order["connectionId"]
        self.store.judge(self.store.place_of("connections", id_), id_, valid=order["valid"])

    def _move(self, body: Any) -> None:
        """Move a connection to another kind of authentication."""
        order = checked(body, orders.MOVE)
        id_ = order["connectionId"]
        self.store.move(self.store.place_of("connections", id_), id_, order["auth"])

    def _export(self, body: Any) -> Json:
        """Export profiles through a dataflow, or let its run fail with an error."""
        order = checked(body, orders.EXPORT)
        error = {"message": "", **checked(order["error"], orders.ERROR)} if "error" in order else None
        return export(self.store, order["flowId"], order.get("profiles"), error, mapped_only=order.get("mappedOnly", False))


def _serving(control: Callable[[], Any]) -> Callable[[Request], Any]:
    """Answer what a control returns."""

    async def serve(_: Request) -> Response:
        return _answer(control())

    return serve


def _ordered(control: Callable[[Any], Any]) -> Callable[[Request], Any]:
    """Hand the body of a call to a control, and answer what it returns."""

    async def serve(request: Request) -> Response:
        return _answer(control(await json_body(request)))

    return serve


def _answer(found: Any) -> Response:
    """Answer 204 for nothing."""
    return Response(status_code=204) if found is None else JSONResponse(found)

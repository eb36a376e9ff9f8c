"""The emulated services over HTTP: IMS tokens, Flow Service, audiences, union schemas, and the controls under `/__control/`."""

from __future__ import annotations

import asyncio
import base64
import contextlib
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl, urlencode

from starlette.applications import Starlette
from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp, Receive, Scope, Send

from pulumi_aep_streaming.emulator import page
from pulumi_aep_streaming.emulator.bodies import json_body, parsed
from pulumi_aep_streaming.emulator.controls import PREFIX, Controls
from pulumi_aep_streaming.emulator.faults import Fault
from pulumi_aep_streaming.emulator.gateway import Gateway, Journal, masked_form
from pulumi_aep_streaming.emulator.kinds import KINDS
from pulumi_aep_streaming.emulator.problems import Problem, flow_service, not_found
from pulumi_aep_streaming.emulator.profile_schema import UNIONS, Unions
from pulumi_aep_streaming.emulator.segments import AUDIENCES, DEFINITIONS, MOST_DIGITS, Segmentation
from pulumi_aep_streaming.emulator.specs import Specs
from pulumi_aep_streaming.emulator.store import LARGEST_PAGE, MASK, Store

BASE = "/data/foundation/flowservice"
_DEFAULT_PAGE = 20
_LIST_PARAMETERS = frozenset({"property", "limit", "orderby", "count", "continuationToken"})
_ONE_OBJECT = re.compile(rf"{BASE}/(?P<kind>{'|'.join(KINDS)})/(?P<id>[^/]+)")
_WRITING = frozenset({"POST", "PATCH", "DELETE"})

Handler = Callable[[Request, str], Any]


@dataclass
class Service:
    """The whole emulated platform. An ASGI application."""

    store: Store
    gateway: Gateway
    journal: Journal = field(default_factory=Journal)
    faults: list[Fault] = field(default_factory=list)
    wrap: Callable[[ASGIApp], ASGIApp] = lambda application: application
    """ASGI middleware around it: it sees what the weather has let through."""

    def __post_init__(self) -> None:
        """Build the routes, one a line."""
        one, action = BASE + "/{kind}/{id}", BASE + "/flows/{id}/action"
        contents = self.store.contents
        connection_specs = Specs("connectionSpecs", contents.connection_specs)
        flow_specs = Specs("flowSpecs", contents.flow_specs)
        segmentation, unions = Segmentation(self.store), Unions(contents.fields)
        application = Starlette(
            exception_handlers={Problem: _answer},
            routes=[
                Route("/", self._page),
                Route("/ims/token/v3", self._token, methods=["POST"]),
                Route(BASE + "/connectionSpecs", self._guarded(connection_specs.list_specs)),
                Route(BASE + "/connectionSpecs/{id}", self._guarded(connection_specs.get_spec)),
                Route(BASE + "/flowSpecs", self._guarded(flow_specs.list_specs)),
                Route(BASE + "/flowSpecs/{id}", self._guarded(flow_specs.get_spec)),
                Route(BASE + "/connections/{id}/test", self._guarded(self._test)),
                Route(action, self._guarded(self._act), methods=["POST"]),
                Route(BASE + "/{kind}", self._guarded(self._list)),
                Route(BASE + "/{kind}", self._guarded(self._create), methods=["POST"]),
                Route(one, self._guarded(self._get)),
                Route(one, self._guarded(self._patch), methods=["PATCH"]),
                Route(one, self._guarded(self._delete), methods=["DELETE"]),
                Route(one + "/", self._guarded(self._patch), methods=["PATCH"]),  # as flow-service.yaml writes these two
                Route(one + "/", self._guarded(self._delete), methods=["DELETE"]),
                Route(DEFINITIONS, self._guarded(segmentation.list_definitions)),
                Route(DEFINITIONS + "/{id}", self._guarded(segmentation.get_definition)),
                Route(AUDIENCES, self._guarded(segmentation.list_audiences)),
                Route(AUDIENCES + "/{id}", self._guarded(segmentation.get_audience)),
                Route(UNIONS, self._guarded(unions.list_unions)),
                Route(UNIONS + "/{id:path}", self._guarded(unions.get_union)),
                *Controls(self.store, self.gateway, self.journal, self.faults).routes(),
            ],
        )
        self._application = self.wrap(application)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one call, through the ordered weather and into the journal."""
        if scope["type"] != "http" or scope["path"].startswith(PREFIX) or scope["path"] == "/":
            await self._application(scope, receive, send)
            return
        one = _ONE_OBJECT.match(scope["path"])
        fault = self._due(scope, of_one_object=one is not None)
        if fault and fault.when == "before":
            await _hold(fault)
            if fault.spoils_the_answer:
                self._write(scope, fault.status or 0, b"")  # before it is sent: who has the answer may read the journal
                await _spoil(fault, scope, receive, send)
                return
            if fault.stale_etag and one:
                with contextlib.suppress(Problem):  # it is not there, as the call is going to be told
                    self.store.touch(one["kind"], one["id"])
        await self._serve(scope, receive, send, fault if fault and fault.when == "after" else None)

    async def _serve(self, scope: Scope, receive: Receive, send: Send, fault: Fault | None) -> None:
        request_body, answer = bytearray(), []

        async def listen() -> Any:
            message = await receive()
            request_body.extend(message.get("body", b""))
            return message

        async def collect(message: Any) -> None:
            answer.append(message)

        await self._application(scope, listen, collect)
        self._write(scope, answer[0]["status"], bytes(request_body))
        if fault:
            await _hold(fault)
            if fault.spoils_the_answer:
                await _spoil(fault, scope, receive, send)
                return
        for message in answer:
            await send(message)

    def _due(self, scope: Scope, *, of_one_object: bool) -> Fault | None:
        target = f"{scope['path']}?{_query(scope)}"
        possible = (fault for fault in self.faults if of_one_object or not fault.stale_etag)
        return next((fault for fault in possible if fault.matches(scope["method"], target)), None)

    def _write(self, scope: Scope, status: int, body: bytes) -> None:
        try:
            content = parsed(body) if body else None
        except ValueError:
            is_form = scope["path"].startswith("/ims/")
            content = masked_form(body.decode(errors="replace")) if is_form else MASK
        sandbox, at = Headers(scope=scope).get("x-sandbox-name", ""), self.store.clock()
        self.journal.write(scope["method"], scope["path"], _query(scope), status, content, sandbox=sandbox, at=at)

    def _guarded(self, handler: Handler) -> Callable[[Request], Any]:
        """Admit the call through the gateway."""

        async def serve(request: Request) -> Response:
            place = self.gateway.admit(request.headers)
            kinds = KINDS if request.method in _WRITING else (*KINDS, "runs")
            if request.path_params.get("kind", "flows") not in kinds:
                raise not_found("resource", request.url.path)
            answer = handler(request, place)
            answer = await answer if asyncio.iscoroutine(answer) else answer
            return answer if isinstance(answer, Response) else JSONResponse(answer)

        return serve

    async def _page(self, request: Request) -> Response:
        follow = "follow" in request.query_params
        content = page.render(self.store, self.gateway.organization, self.journal.calls, follow=follow)
        return HTMLResponse(content, headers=page.HEADERS)

    async def _token(self, request: Request) -> Response:
        try:
            form = (await request.body()).decode()
        except UnicodeDecodeError:
            raise Problem(400, {"error": "invalid_request"}) from None
        return JSONResponse(self.gateway.issue(dict(parse_qsl(form))))

    def _list(self, request: Request, place: str) -> Any:
        query = request.query_params
        for name in query:
            if name not in _LIST_PARAMETERS:
                raise flow_service(1451, 400, f"Unknown query parameter {name}")
        query_items = _position(query["continuationToken"]) if "continuationToken" in query else query.multi_items()
        given = dict(query_items)
        kind = request.path_params["kind"]
        conditions = [value for name, value in query_items if name == "property"]
        items = self.store.find(place, kind, conditions, given.get("orderby"))
        if self.store.switches.list_lag_seconds:
            listed_until = self.store.now() - 1000 * self.store.switches.list_lag_seconds
            items = [item for item in items if item["createdAt"] <= listed_until]
        if given.get("count", "").lower() == "true":
            if "limit" in given:
                raise flow_service(1401, 400, "limit and count cannot be combined")
            return {"count": len(items)}
        limit, start = _limit(given.get("limit", str(_DEFAULT_PAGE))), int(given.get("start", "0"))
        links = {}
        if start + limit < len(items):
            rest = [(name, value) for name, value in query_items if name not in {"start", "limit"}]
            token = _token_of([*rest, ("limit", str(limit)), ("start", str(start + limit))])
            links = {"next": {"href": f"/{kind}?continuationToken={token}"}}
        return {"items": items[start : start + limit], "_links": links}

    async def _create(self, request: Request, place: str) -> Response:
        body = await json_body(request)
        if not isinstance(body, dict):
            raise flow_service(1405, 400, "Request body is empty")
        created = self.store.create(place, request.path_params["kind"], body, request.headers["x-api-key"])
        return JSONResponse(created, 201)

    def _get(self, request: Request, place: str) -> Any:
        return {"items": [self.store.get(place, request.path_params["kind"], request.path_params["id"])]}

    async def _patch(self, request: Request, place: str) -> Response:
        operations = await json_body(request)
        path, headers = request.path_params, request.headers
        answer = self.store.patch(place, path["kind"], path["id"], operations, headers.get("if-match"), headers["x-api-key"])
        return Response(status_code=202) if answer is None else JSONResponse(answer)

    def _delete(self, request: Request, place: str) -> Response:
        self.store.delete(place, request.path_params["kind"], request.path_params["id"])
        return Response(status_code=self.store.switches.delete_status)

    def _act(self, request: Request, place: str) -> Any:
        action = request.query_params.get("op", "")
        return self.store.act(place, request.path_params["id"], action, request.headers["x-api-key"])

    def _test(self, request: Request, place: str) -> Any:
        return {"result": self.store.test(place, request.path_params["id"])}


async def _answer(request: Request, problem: Exception) -> Response:
    """Turn a problem, wherever it was raised, into the answer that it is."""
    del request
    assert isinstance(problem, Problem)  # noqa: S101 (it is registered for nothing else)
    return JSONResponse(problem.body, problem.status)


def _query(scope: Scope) -> str:
    return str(scope["query_string"].decode(errors="replace"))


async def _hold(fault: Fault) -> None:
    """Let time pass, as a fault asks."""
    await asyncio.sleep(fault.delay_seconds)
    fault.reached.set()
    if fault.hold:
        await asyncio.to_thread(fault.released.wait)


async def _spoil(fault: Fault, scope: Scope, receive: Receive, send: Send) -> None:
    """Break the connection, or answer what the fault says."""
    if fault.reset:
        # uvicorn hands its cycle's method over as `send`; nothing in ASGI itself can break a connection.
        send.__self__.transport.abort()  # type: ignore[attr-defined]  # see above
        while (await receive())["type"] != "http.disconnect":
            pass
        return
    status = fault.status or 200
    if fault.raw is None:
        answer: Response = JSONResponse(fault.body or {}, status, fault.headers)
    else:
        answer = Response(fault.raw, status, fault.headers)
    await answer(scope, receive, send)


def _token_of(query: list[tuple[str, str]]) -> str:
    """Return an opaque position in a list: letters, digits, - and _ only, so that it needs no encoding in a link."""
    return base64.urlsafe_b64encode(urlencode(query).encode()).decode().rstrip("=")


def _position(token: str) -> list[tuple[str, str]]:
    try:
        query = parse_qsl(base64.urlsafe_b64decode(token + "==").decode())
    except ValueError:
        query = []
    start = dict(query).get("start", "")
    if not start.isdecimal() or len(start) > MOST_DIGITS:
        raise flow_service(1454, 400, "Invalid continuationToken")
    return query


def _limit(text: str) -> int:
    limit = int(text) if text.isdecimal() and len(text) <= MOST_DIGITS else 0
    if not 1 <= limit <= LARGEST_PAGE:
        raise flow_service(1454, 400, f"limit must be between 1 and {LARGEST_PAGE}")
    return limit

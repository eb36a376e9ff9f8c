"""What goes over the wire while the tests run: each kind of exchange once, written down as it happens."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

BASE = "/data/foundation/flowservice"
FOLDER = "EXCHANGES"  # the environment variable that says where this run writes them
OURS = "pulumi-aep-streaming"
_DESCRIBED_HEADERS = {"accept", "authorization", "content-type", "if-match", "x-api-key", "x-gw-ims-org-id", "x-sandbox-name"}
_WORDS = {"op", "operator", "state", "status", "type"}  # members that take one of a few values


@dataclass(frozen=True)
class Exchange:
    """A request and its answer."""

    method: str
    path: str
    query: list[list[str]]
    headers: dict[str, str]
    body: str
    status: int
    content_type: str
    answer: str
    ours: bool
    """Whether the package sent it; other clients of the tests also send what is forbidden."""

    @property
    def operation(self) -> str:
        """Method and path, without ids: `PATCH /flows/{id}`."""
        kind, *rest = self.path.removeprefix(BASE).strip("/").split("/")
        return f"{self.method} /" + "/".join([kind, *("{id}" for _ in rest[:1]), *rest[1:]])

    @property
    def kind(self) -> str:
        """What two exchanges share that are equal but for ids, names and numbers."""
        query = sorted({name for name, _ in self.query})
        shapes = [json.dumps(shape(_parsed(text)), sort_keys=True) for text in (self.body, self.answer)]
        return repr((self.operation, query, sorted(self.headers), self.status, self.content_type, self.ours, shapes))


class Recorder:
    """ASGI middleware that writes down each kind of exchange once. Errors of the tests' own making never pass here."""

    seen: set[str] = set()  # of this process, as a run has many emulators

    def __init__(self, application: Any) -> None:
        self._application = application
        self.stopped = False

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        request = await _whole(receive)  # also where the gateway refuses a call before its body is read
        left, answer = list(request), []

        async def listen() -> Any:
            return left.pop(0) if left else await receive()

        async def watch(message: Any) -> None:
            answer.append(message)
            await send(message)

        await self._application(scope, listen, watch)
        arrived = request[-1]["type"] == "http.request"
        if scope["path"].startswith(f"{BASE}/") and arrived and not self.stopped:
            self._write(_exchange(scope, b"".join(message["body"] for message in request), answer))

    def _write(self, exchange: Exchange) -> None:
        folder = os.environ.get(FOLDER)
        if folder and exchange.kind not in self.seen:
            self.seen.add(exchange.kind)
            with (Path(folder) / f"{os.getpid()}.jsonl").open("a") as file:
                file.write(json.dumps(asdict(exchange)) + "\n")


def recorded(folder: Path) -> Iterator[Exchange]:
    """All kinds of exchanges of a run, by whichever worker."""
    found = {}
    for file in sorted(folder.glob("*.jsonl")):
        for line in file.read_text().splitlines():
            exchange = Exchange(**json.loads(line))
            found.setdefault(exchange.kind, exchange)
    yield from found.values()


def shape(value: Any) -> Any:
    """A JSON value with its leaves replaced by their types, but for words, and lists by the shapes of their elements."""
    if isinstance(value, dict):
        return {key: item if key in _WORDS and isinstance(item, str) else shape(item) for key, item in value.items()}
    if isinstance(value, list):
        return sorted({json.dumps(shape(item), sort_keys=True) for item in value})
    return type(value).__name__


async def _whole(receive: Any) -> list[Any]:
    """All messages of a request, up to its end or that of the connection."""
    messages = [await receive()]
    while messages[-1].get("more_body"):
        messages.append(await receive())
    return messages


def _parsed(text: str) -> Any:
    try:
        return json.loads(text) if text else None
    except (ValueError, RecursionError):
        return "no JSON"


def _exchange(scope: Any, request: bytes, answer: list[Any]) -> Exchange:
    headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
    start, *parts = answer
    types = [value.decode() for name, value in start["headers"] if name == b"content-type"]
    return Exchange(
        method=scope["method"],
        path=scope["path"].rstrip("/"),
        query=[list(pair) for pair in parse_qsl(scope["query_string"].decode("latin-1"), keep_blank_values=True)],
        headers={name: value for name, value in headers.items() if name in _DESCRIBED_HEADERS},
        body=request.decode(errors="replace"),
        status=start["status"],
        content_type=types[0] if types else "",
        answer=b"".join(part.get("body", b"") for part in parts).decode(errors="replace"),
        ours=headers.get("user-agent", "").startswith(OURS),
    )

"""The JSON bodies of calls: what is no JSON, is not declared as such, or could not be answered again is refused."""

from __future__ import annotations

import json
from typing import Any

from starlette.requests import Request

from pulumi_aep_streaming.emulator.problems import Problem, flow_service

_DEEPEST = 100  # an object has about 10 levels


async def json_body(request: Request) -> Any:
    """Return the body of a call. Only a page of the same origin can send one that is declared as JSON unasked."""
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != "application/json":
        raise Problem(
            400,
            {
                "type": "/placeholder/type/uri",
                "status": 400,
                "title": "BadRequestError",
                "detail": "A valid content-type must be specified",
            },
        )
    try:
        return parsed(await request.body())
    except ValueError:
        raise flow_service(1405, 400, "Request body is not JSON") from None


def parsed(content: bytes) -> Any:
    """Return a value that can be answered again. Raises `ValueError` for any other JSON: halves of characters, 1e999."""
    try:
        value = json.loads(content)
        json.dumps(value, ensure_ascii=False, allow_nan=False).encode()
    except RecursionError:
        raise ValueError from None
    if _is_deep(value):
        raise ValueError
    return value


def _is_deep(value: Any) -> bool:
    level = [value]
    for _ in range(_DEEPEST):
        members = [each.values() if isinstance(each, dict) else each for each in level if isinstance(each, dict | list)]
        level = [inner for each in members for inner in each]
    return bool(level)

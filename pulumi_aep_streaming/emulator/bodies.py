"""The JSON bodies of calls: what is no JSON, is not declared as such, or could not be answered again is refused."""

from __future__ import annotations

import json
from typing import Any

from starlette.requests import Request

from pulumi_aep_streaming.emulator.problems import Problem, flow_service


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
        body = await request.json()
        json.dumps(body, ensure_ascii=False, allow_nan=False).encode()  # JSON can escape half of a character, or write 1e999
    except (ValueError, RecursionError):
        raise flow_service(1405, 400, "Request body is not JSON") from None
    return body

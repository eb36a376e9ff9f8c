"""What is sent in a PATCH: operations as RFC 6902 has them."""

from __future__ import annotations

from typing import Any, Literal, TypedDict


class Operation(TypedDict):
    """One operation. Flow Service wants a `value` also for `remove` (Adobe's examples of updating destination dataflows)."""

    op: Literal["add", "replace", "remove"]
    path: str
    value: Any

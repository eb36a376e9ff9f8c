"""The kinds of objects of Flow Service, in one table: under which path, what a create needs, what a patch may change."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

Json = dict[str, Any]
"""A JSON object, as it is sent, kept and answered."""


@dataclass(frozen=True)
class Kind:
    """One kind of object."""

    required: tuple[str, ...]
    patchable: tuple[str, ...]


_LABELS = ("/name", "/description")
_INSIDE = Kind(("name", "connectionSpec", "data", "baseConnectionId"), (*_LABELS, "/params"))
KINDS = {
    "connections": Kind(("name", "connectionSpec"), (*_LABELS, "/auth/params")),
    "sourceConnections": _INSIDE,
    "targetConnections": _INSIDE,
    "flows": Kind(
        ("name", "flowSpec", "sourceConnectionIds", "targetConnectionIds", "transformations"),
        (*_LABELS, "/sourceConnectionIds", "/scheduleParams", "/transformations", "/policy"),
    ),
}
"""By the last part of their path, each built upon earlier ones."""

"""How a declared value compares with what the service shows of it."""

from __future__ import annotations

from typing import Any


def covers(live: Any, declared: Any) -> bool:
    """Whether a live value holds all that is declared of it; the service may have added members of its own."""
    if isinstance(live, dict) and isinstance(declared, dict):
        return all(key in live and covers(live[key], value) for key, value in declared.items())
    return bool(live == declared)

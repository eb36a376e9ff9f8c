"""`make demo` and `make demo-down`."""

from __future__ import annotations


class Stop(Exception):
    """The demo cannot go on; the text says why, and what to do if it knows."""

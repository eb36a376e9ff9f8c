"""Addresses: which hosts are this machine, and where an object lies. Pure, and light: settings are checked with it."""

from __future__ import annotations

import ipaddress
from urllib.parse import quote, urlsplit

from pulumi_aep_streaming.flow_service.errors import Malformed

_NO_IDS = frozenset({"", ".", ".."})
"""As parts of a path they name another place (RFC 3986, section 5.2.4), and quoting does not change that."""


def is_loopback(host: str) -> bool:
    """Whether what is sent to a host never leaves this machine."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def origin(url: str) -> str:
    """Return scheme and host of a URL: what may be shown of it."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}"


def path_of(collection: str, *ids: str) -> str:
    """Return the path of what lies in a collection: each id is one part of it, whatever it holds.

    Raises `Malformed` for what can be no id.
    """
    for id_ in ids:
        if id_ in _NO_IDS:
            raise Malformed(f"'{id_}' cannot be the id of an object, so nothing was sent")
    return "/".join([collection, *(quote(id_, safe="", errors="replace") for id_ in ids)])

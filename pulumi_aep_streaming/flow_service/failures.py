"""Why no answer came, in words: what the errors of requests, urllib3, TLS and sockets mean."""

from __future__ import annotations

import socket
import ssl
from collections.abc import Sequence

import requests
from urllib3.exceptions import HTTPError, LocationValueError, NewConnectionError

from pulumi_aep_streaming.flow_service.deadline import MOST_MEGABYTES, TooMuch

FAILURES = (requests.RequestException, HTTPError, OSError, ValueError)
"""All that sending raises. ValueError: for a name or an address that cannot be one."""


def explain(failure: BaseException, *, sent: bool) -> tuple[str, bool]:  # noqa: PLR0911 (a table, in the order of precedence)
    """Say in words what went wrong, and whether it lasts: certificates and addresses do not mend themselves.

    `sent`: whether the request may have reached the service.
    """
    chain = _causes(failure)
    certificate = next((cause for cause in chain if isinstance(cause, ssl.SSLError)), None)
    if (certificate or _one_of(chain, requests.exceptions.SSLError)) and not sent:
        reason = getattr(certificate, "verify_message", "") or getattr(certificate, "reason", "") or "handshake failed"
        return f"TLS failure, {reason}: check the host, REQUESTS_CA_BUNDLE and the proxy", True
    if _one_of(chain, TooMuch):
        return f"it answers more than {MOST_MEGABYTES} MB: check aep:endpoint and aep:imsEndpoint", True
    if _one_of(chain, requests.exceptions.InvalidJSONError, requests.exceptions.InvalidHeader):
        return "nothing was sent, as it holds what JSON or HTTP cannot carry", True
    if any("Tunnel connection failed" in str(cause) for cause in chain):
        return "the proxy refuses to connect to it: check HTTPS_PROXY, and the credentials in it", False
    if _one_of(chain, requests.exceptions.ProxyError):
        return "the proxy cannot be reached: check HTTPS_PROXY", False
    if _one_of(chain, LocationValueError, UnicodeError, requests.exceptions.InvalidURL, requests.exceptions.InvalidSchema):
        return "this is not a web address: check aep:endpoint and aep:imsEndpoint", True
    if _one_of(chain, socket.gaierror):
        return "its name cannot be resolved: check aep:endpoint, aep:imsEndpoint and the network", False
    if _one_of(chain, TimeoutError):
        connecting = "it" if sent else "connecting"
        return f"{connecting} took longer than aep:timeoutSeconds", False
    if _one_of(chain, NewConnectionError):
        return "connection refused: check aep:endpoint, aep:imsEndpoint and the network", False
    return "the connection broke", False


def _one_of(chain: Sequence[BaseException], *kinds: type[BaseException]) -> bool:
    return any(isinstance(cause, kinds) for cause in chain)


def _causes(failure: BaseException) -> Sequence[BaseException]:
    """Return a failure and all that it wraps: requests keeps urllib3's errors in `args`, urllib3 in `reason`."""
    found: list[BaseException] = [failure]
    for cause in found:  # grows while it is walked
        inner = [cause.__cause__, cause.__context__, getattr(cause, "reason", None), *cause.args]
        found += [error for error in inner if isinstance(error, BaseException) and error not in found]
    return found

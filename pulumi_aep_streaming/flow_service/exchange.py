"""One request and its answer, on the network that the environment describes: within one deadline, and a size."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from http.cookiejar import DefaultCookiePolicy
from typing import Any
from urllib.parse import urlsplit

import requests
from requests.utils import select_proxy
from urllib3.exceptions import LocationParseError
from urllib3.util import parse_url

from pulumi_aep_streaming.flow_service.addresses import is_loopback, origin
from pulumi_aep_streaming.flow_service.deadline import MOST_MEGABYTES, Deadline, DeadlineAdapter
from pulumi_aep_streaming.flow_service.errors import Misconfigured
from pulumi_aep_streaming.flow_service.failures import FAILURES, explain

_MOST_BYTES = MOST_MEGABYTES * 2**20
_PIECE_BYTES = 2**14  # read, so that what it unpacks to, a thousand times as much at most, is small too
_PACKED = frozenset({"gzip", "deflate"})
_REDIRECTION = range(300, 400)
_SENDABLE = re.compile(r"(?![ \x85\xa0])[ -~\x80-\xff]*")
_UNSENDABLE = "a setting or an id holds a character that HTTP cannot carry: check the configuration under aep:"


class Unanswered(Exception):
    """No answer came."""

    def __init__(self, what: str, *, sent: bool, lasts: bool) -> None:
        super().__init__(what)
        self.what, self.sent, self.lasts = what, sent, lasts


@dataclass(frozen=True)
class Received:
    """An answer as it came."""

    status: int
    headers: Mapping[str, str]
    content: bytes
    """What it holds, unpacked; cut off if that is too much."""

    @property
    def is_too_large(self) -> bool:
        """Whether it holds more than is read."""
        return len(self.content) > _MOST_BYTES

    @property
    def is_redirect(self) -> bool:
        """Whether it sends us elsewhere."""
        return self.status in _REDIRECTION and "Location" in self.headers


@dataclass
class _Authorization(requests.auth.AuthBase):
    """Sets the bearer token, if any. An auth object also keeps requests from taking credentials out of a .netrc file."""

    token: str = field(repr=False)

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        if self.token:
            request.headers["Authorization"] = f"Bearer {self.token}"
        return request


class _Session(requests.Session):
    """Follows no redirect, and does not look where it leads: for that, requests would read the whole of it."""

    def get_redirect_target(self, resp: requests.Response) -> None:
        """Return that there is none."""


class Exchange:
    """Sends requests, each once. Safe to share among threads.

    Proxies and certificate bundles come from the usual environment variables; redirects are never followed, so that a token
    cannot be led to another host.
    """

    def __init__(self, timeout_seconds: float, user_agent: str) -> None:
        self._timeout_seconds = timeout_seconds
        self._session = _Session()
        # The service sets none that it would miss, and whatever stands between would see them again with each request.
        self._session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
        accepted = {"Accept": "application/json", "Accept-Encoding": ", ".join(sorted(_PACKED, reverse=True))}
        self._session.headers.update({**accepted, "User-Agent": user_agent})
        for scheme in ("https://", "http://"):
            self._session.mount(scheme, DeadlineAdapter(pool_maxsize=8))

    def __call__(
        self, method: str, url: str, *, token: str = "", headers: Mapping[str, str] | None = None, **parts: Any
    ) -> Received:
        """Send a request, with the params, and the data or json in `parts`, and return what is answered.

        Raises `Unanswered`, or `Misconfigured` if it cannot be sent.
        """
        if not all(map(_SENDABLE.fullmatch, [token, *(headers or {}).values()])):
            raise Misconfigured(_UNSENDABLE)  # what requests and http.client say of it would show it
        deadline = Deadline(self._timeout_seconds)
        try:
            unprepared = requests.Request(method, url, headers, auth=_Authorization(token), **parts)
            request, options = self._session.prepare_request(unprepared), self._surroundings(url)
            with self._session.send(request, timeout=deadline, stream=True, allow_redirects=False, **options) as response:
                return Received(response.status_code, response.headers, _content(response))
        except FAILURES as failure:
            what, lasts = explain(failure, sent=deadline.sent)
            raise Unanswered(what, sent=deadline.sent, lasts=lasts) from None

    def _surroundings(self, url: str) -> dict[str, Any]:
        """Return what the environment says of proxies and certificates; raises `Misconfigured` if that cannot be used."""
        target = urlsplit(url)
        if target.scheme == "http" and is_loopback(target.hostname or ""):
            return {"proxies": {}}  # in clear, credentials never leave the machine, not to a proxy either
        found = self._session.merge_environment_settings(url, {}, None, None, None)
        _check_proxy(url, found["proxies"])
        bundle = found["verify"]
        if isinstance(bundle, str) and not os.path.exists(bundle):  # noqa: PTH110 (Path.exists raises for some names)
            raise Misconfigured("REQUESTS_CA_BUNDLE (or CURL_CA_BUNDLE) names a certificate bundle that is not there")
        return {"proxies": found["proxies"], "verify": bundle}


def _check_proxy(url: str, proxies: Mapping[str, str]) -> None:
    proxy = select_proxy(url, dict(proxies))
    if not proxy:
        return
    try:
        address = parse_url(proxy)
    except LocationParseError:
        address = parse_url("")
    if (address.scheme or "").startswith("socks"):
        raise Misconfigured(
            f"the proxy for {origin(url)} is a SOCKS proxy, which cannot be used: set HTTPS_PROXY to an HTTP proxy"
        )
    if not address.host or address.scheme not in {None, "http", "https"}:
        raise Misconfigured(
            f"the proxy for {origin(url)} has no address that can be used: check HTTPS_PROXY, such as http://proxy.example:8080"
        )


def _content(response: requests.Response) -> bytes:
    """Read what an answer holds, but no more than is allowed. What is packed as nobody asked for stays packed."""
    packed = response.headers.get("Content-Encoding", "").lower() in _PACKED
    content = bytearray()
    for piece in response.raw.stream(_PIECE_BYTES, decode_content=packed):
        content += piece
        if len(content) > _MOST_BYTES:
            response.raw.close()
            break
    return bytes(content)

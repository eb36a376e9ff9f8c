"""Access tokens: one a process, renewed before they end, shared by all threads.

Source: OAuth server-to-server credentials, `POST /ims/token/v3` with grant_type=client_credentials.
"""

from __future__ import annotations

import math
import re
import threading
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Protocol

from pulumi_aep_streaming.flow_service.errors import NoCredentials, Unreadable

Fetch = Callable[[dict[str, str]], Any]
"""Posts a form to the token endpoint and returns the JSON answer."""

_RENEW_SECONDS_EARLY = 300.0
_RENEW_EARLY_SHARE = 0.2
_LONGEST_LIFE_SECONDS = 400_000.0
_SENDABLE = re.compile(r"[!-~]+")
_TOKENS_KNOWN = 4


class Credentials(Protocol):
    """Where the access token comes from."""

    def token(self, fetch: Fetch, now: float) -> str:
        """Return a token that is good at `now`, a monotonic time in seconds."""

    def renew(self, refused: str) -> bool:
        """Forget a token that the service refused; False if there is no way to get another."""

    def secrets(self) -> list[str]:
        """Return what must never be printed."""


@dataclass
class AccessToken:
    """A token that the user supplies; it cannot be renewed."""

    value: str = field(repr=False)

    def token(self, fetch: Fetch, now: float) -> str:
        """Return the token."""
        del fetch, now
        return self.value

    def renew(self, refused: str) -> bool:
        """Refuse: only the user can supply another."""
        del refused
        return False

    def secrets(self) -> list[str]:
        """Return the token."""
        return [self.value]


@dataclass
class ClientCredentials:
    """OAuth server-to-server: a client id and secret that buy tokens of limited life."""

    client_id: str
    client_secret: str = field(repr=False)
    scopes: str
    _token: str = field(default="", init=False, repr=False)
    _known: deque[str] = field(default_factory=lambda: deque(maxlen=_TOKENS_KNOWN), init=False, repr=False)
    """The last tokens: one that was renewed meanwhile may still be quoted by an answer."""
    _good_until: float = field(default=0.0, init=False)
    _lock: threading.Lock = field(default_factory=threading.Lock, init=False, repr=False)

    def token(self, fetch: Fetch, now: float) -> str:
        """Return the current token, or fetch one; other threads wait for it instead of fetching their own."""
        with self._lock:
            if not self._token or now >= self._good_until:
                answer = fetch(self._form())
                token = _text(answer, "access_token")
                self._known.append(token)
                if not _SENDABLE.fullmatch(token):
                    raise Unreadable(
                        "the token endpoint answered an access_token that no HTTP header can carry: check aep:imsEndpoint"
                    )
                life = _seconds(answer.get("expires_in"))
                self._good_until = now + life - min(_RENEW_SECONDS_EARLY, life * _RENEW_EARLY_SHARE)
                self._token = token
            return self._token

    def renew(self, refused: str) -> bool:
        """Drop the token if it is still the refused one; another thread may have renewed it already."""
        with self._lock:
            if self._token == refused:
                self._token = ""
            return True

    def secrets(self) -> list[str]:
        """Return the client secret and the last tokens."""
        return [self.client_secret, *self._known]

    def _form(self) -> dict[str, str]:
        return {
            "grant_type": "client_credentials",
            "client_id": self.client_id,
            "client_secret": self.client_secret,
            "scope": self.scopes,
        }


def credentials(client_id: str, client_secret: str, access_token: str, scopes: str) -> Credentials:
    """Choose by what was configured; a token wins over a secret, as it can only have been set on purpose."""
    if not client_id:
        message = "no credentials: set aep:clientId (or AEP_CLIENT_ID), and aep:clientSecret or aep:accessToken"
        raise NoCredentials(message)
    if access_token:
        return AccessToken(access_token)
    if not client_secret:
        message = "no credentials: set aep:clientSecret (or AEP_CLIENT_SECRET), or aep:accessToken (or AEP_ACCESS_TOKEN)"
        raise NoCredentials(message)
    return ClientCredentials(client_id, client_secret, scopes)


def _text(answer: Any, key: str) -> str:
    value = answer.get(key) if isinstance(answer, dict) else None
    if not isinstance(value, str) or not value:
        message = f"the token endpoint answered without {key}: check aep:imsEndpoint"
        raise Unreadable(message)
    return value


def _seconds(expires_in: Any) -> float:
    """Return the life of a token. The older exchange answered milliseconds; no token lives for 400,000 seconds."""
    try:
        life = float(expires_in)
    except (TypeError, ValueError, OverflowError):
        return math.inf  # unknown: use it until the service refuses it
    if math.isnan(life):
        return math.inf
    return life / 1000 if life > _LONGEST_LIFE_SECONDS else life

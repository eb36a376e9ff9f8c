"""What stands in front of every call: tokens, API key, organization, sandbox. And what is written down of a call: no secret."""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl, urlencode

from pulumi_aep_streaming.emulator.problems import Problem, flow_service, gateway
from pulumi_aep_streaming.emulator.store import MASK

_SECRET_MEMBERS = frozenset({"auth", "client_secret", "access_token", "params"})
_JOURNAL_LENGTH = 10_000


@dataclass
class Organization:
    """Who may call, and which sandboxes there are. The defaults are the ones that the README names."""

    id: str = "EMULATOR@AdobeOrg"
    client_id: str = "emulator-client"
    client_secret: str = field(default="emulator-secret", repr=False)
    sandboxes: tuple[str, ...] = ("prod", "dev")


@dataclass
class Gateway:
    """Issues tokens and refuses calls that lack a documented header."""

    organization: Organization
    token_seconds: float = 86_399.0
    now: Callable[[], float] = time.monotonic
    _tokens: dict[str, float] = field(default_factory=dict, repr=False)

    def issue(self, form: Mapping[str, str]) -> dict[str, Any]:
        """Answer `POST /ims/token/v3`."""
        if form.get("grant_type") != "client_credentials":
            raise Problem(400, {"error": "unsupported_grant_type"})
        if form.get("client_id") != self.organization.client_id:
            raise Problem(400, {"error": "invalid_client", "error_description": "invalid client_id parameter"})
        if form.get("client_secret") != self.organization.client_secret:
            raise Problem(401, {"error": "invalid_client", "error_description": "invalid client_secret parameter"})
        if not form.get("scope"):
            raise Problem(400, {"error": "invalid_scope"})
        token = secrets.token_urlsafe(24)
        self._tokens[token] = self.now() + self.token_seconds
        return {"access_token": token, "token_type": "bearer", "expires_in": int(self.token_seconds)}

    def revoke(self) -> None:
        """Make all tokens invalid."""
        self._tokens.clear()

    def admit(self, headers: Mapping[str, str]) -> str:
        """Return the place, `organization/sandbox`, that a call is for, or raise what the gateway answers."""
        scheme, _, token = headers.get("authorization", "").partition(" ")
        if scheme != "Bearer" or not token:
            raise gateway(403, "403010", "Oauth token is missing")
        if self._tokens.get(token, 0.0) <= self.now():
            raise gateway(401, "401013", "Oauth token is not valid")
        if not headers.get("x-api-key"):
            raise gateway(403, "403000", "Api Key is required")
        if headers["x-api-key"] != self.organization.client_id:
            raise gateway(403, "403003", "Api Key is invalid")
        org = headers.get("x-gw-ims-org-id")
        if not org:
            raise gateway(400, "400003", "x-gw-ims-org-id header is missing")
        if org != self.organization.id:
            raise gateway(403, "403025", "Profile is not valid")
        sandbox = headers.get("x-sandbox-name")
        if not sandbox:
            raise flow_service(2105, 400, "x-sandbox-name header is missing")
        return self.place(sandbox)

    def place(self, sandbox: str) -> str:
        """Return the place of a sandbox, if there is one of this name."""
        if sandbox not in self.organization.sandboxes:
            raise flow_service(2100, 404, f"Sandbox {sandbox} is not found")
        return f"{self.organization.id}/{sandbox}"


@dataclass
class Call:
    """One line of the journal; `at` is in seconds since 1970, `sandbox` what its header said."""

    method: str
    path: str
    query: str
    status: int
    body: Any = None
    sandbox: str = ""
    at: float = 0.0


@dataclass
class Journal:
    """The last calls, with no header but that of the sandbox, with secrets masked."""

    calls: list[Call] = field(default_factory=list)

    def write(self, method: str, path: str, query: str, status: int, body: Any, *, sandbox: str, at: float) -> None:
        """Add a call."""
        if _SECRET_MEMBERS & dict(parse_qsl(query)).keys():
            query = masked_form(query)
        self.calls.append(Call(method, path, query, status, masked(body), sandbox, at))
        del self.calls[:-_JOURNAL_LENGTH]


def masked(body: Any) -> Any:
    """Return a body with the values of all members that may be secret masked; which are is not for the journal to guess."""
    if isinstance(body, list):
        return [masked(item) for item in body]
    if not isinstance(body, dict):
        return body
    if str(body.get("path", "")).startswith(("/auth", "/params")):  # an operation of a JSON Patch
        return {**body, "value": _all_masked(body.get("value"))}
    return {key: _all_masked(value) if key in _SECRET_MEMBERS else masked(value) for key, value in body.items()}


def masked_form(text: str) -> str:
    """Return a form with its secret fields masked."""
    return urlencode([(key, MASK if key in _SECRET_MEMBERS else value) for key, value in parse_qsl(text)])


def _all_masked(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: item if key == "specName" else _all_masked(item) for key, item in value.items()}
    return MASK

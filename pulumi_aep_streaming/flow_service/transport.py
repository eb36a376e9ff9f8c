"""The one seam to the network: sends a request, repeats it where that is safe, and returns what was answered.

What may be repeated: anything that cannot have been acted upon (no connection, 429), and, of a request that changes nothing
when done twice, also what got no answer or a server error. How long to wait, and what Retry-After asks, are pure functions.
Before a write is sent, for the first time or again, it is asked whether anybody still waits for the outcome: while a request
was waiting, the person who made it may have decided otherwise.
"""

from __future__ import annotations

import socket
import ssl
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

import requests
from requests.adapters import HTTPAdapter
from urllib3.exceptions import ConnectTimeoutError, InvalidHeader, NewConnectionError
from urllib3.util import Retry

from pulumi_aep_streaming.flow_service.attempts import Attempt, Backoff, Clock, attempts
from pulumi_aep_streaming.flow_service.auth import Credentials
from pulumi_aep_streaming.flow_service.errors import Cancelled, Malformed, Misconfigured, NoAnswer, Refused, Unreadable, refusal
from pulumi_aep_streaming.flow_service.json_of_others import parsed

TOKEN_PATH = "/ims/token/v3"  # noqa: S105 (a path, not a password)
LONGEST_WAIT_SECONDS = 120.0
_BACKOFF = Backoff(first_seconds=0.5, longest_seconds=30.0)
_OK = 200
_REDIRECTION = 300
_RATE_LIMITED = 429
_UNAUTHORIZED = 401
_TRANSIENT_STATUSES = frozenset({500, 502, 503, 504})
_CONNECTIONS_KEPT = 8
_UNSENDABLE = "a setting or an id holds a character that HTTP cannot carry: check the configuration under aep:"


@dataclass(frozen=True)
class Answer:
    """A successful answer: its status and its JSON body, None if there was no (readable) body."""

    status: int
    body: Any


@dataclass
class _Authorization(requests.auth.AuthBase):
    """Sets the bearer token. An auth object also keeps requests from taking credentials out of a .netrc file."""

    token: str = field(repr=False)

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        request.headers["Authorization"] = f"Bearer {self.token}"
        return request


class Transport:
    """Sends requests for one organization and one set of credentials. Safe to share among threads.

    Proxies and certificate bundles come from the usual environment variables; redirects are never followed, so that a token
    cannot be led to another host.
    """

    def __init__(
        self,
        *,
        endpoint: str,
        ims_endpoint: str,
        org_id: str,
        client_id: str,
        credentials: Credentials,
        timeout_seconds: float = 30.0,
        max_retries: int = 5,
        user_agent: str = "pulumi-aep-streaming",
        clock: Clock | None = None,
        cancelled: Callable[[], bool] = lambda: False,
        say: Callable[[str], None] = lambda _: None,
    ) -> None:
        """`cancelled`: whether nobody waits for what this thread does any more. `say`: shows a line of progress."""
        self.clock = clock or Clock()
        self._cancelled, self._say = cancelled, say
        self._left_out: set[str] = set()
        self._endpoint = endpoint.rstrip("/")
        self._ims_endpoint = ims_endpoint.rstrip("/")
        self._credentials = credentials
        self._timeout_seconds = timeout_seconds
        self._max_retries = max_retries
        self._headers = {"x-api-key": client_id, "x-gw-ims-org-id": org_id}
        self._session = requests.Session()
        self._session.headers.update({"Accept": "application/json", "User-Agent": user_agent})
        adapter = HTTPAdapter(pool_maxsize=_CONNECTIONS_KEPT)
        self._session.mount("https://", adapter)
        self._session.mount("http://", adapter)

    def request(
        self,
        method: str,
        path: str,
        *,
        sandbox: str,
        params: Sequence[tuple[str, str]] = (),
        body: Any = None,
        if_match: str | None = None,
        unattended: bool = False,
    ) -> Answer:
        """Send one request with all documented headers; a 401 renews the token and repeats it once.

        `unattended`: send a write although nobody waits for its outcome.

        Raises `Refused` for an error status, `NoAnswer` if none came, `Unreadable` for anything else that is no success of the
        service (a block page, a redirect), `Cancelled` before a write that nobody waits for.
        """
        headers = {**self._headers, "x-sandbox-name": sandbox}
        if if_match:
            headers["If-Match"] = if_match
        for last in (False, True):
            token = self._credentials.token(self._fetch_token, self.clock.now())
            response, spent = self._send(
                method,
                self._endpoint + path,
                guarded=method != "GET" and not unattended,
                headers=headers,
                params=list(params),
                json=body,
                auth=_Authorization(token),
            )
            if response.status_code != _UNAUTHORIZED or last or not self._credentials.renew(token):
                break
        return self._answer(response, spent, needs_body=method == "GET")

    def leave_out(self, odd: Malformed) -> None:
        """Say, once, that a listing goes on without an object."""
        line = f"{odd}: it is left out"
        if line not in self._left_out:
            self._left_out.add(line)
            self._say(line)

    def _fetch_token(self, form: dict[str, str]) -> Any:
        url = self._ims_endpoint + TOKEN_PATH
        response, spent = self._send("POST", url, data=form, auth=lambda request: request, repeatable=True)
        try:
            return self._answer(response, spent, needs_body=True).body
        except Refused as refused:
            text = f"no access token from {_origin(url)}: {refused.text}"
            raise Refused(refused.status, refused.code, text, refused.request_id, spent) from None

    def _send(
        self, method: str, url: str, *, repeatable: bool | None = None, guarded: bool = False, **parts: Any
    ) -> tuple[requests.Response, str]:
        """Send, and send again as long as that is safe and allowed; return the last answer and what it took.

        `guarded`: ask before each attempt whether anybody still waits for the outcome.
        """
        safe_twice = method in {"GET", "DELETE"} if repeatable is None else repeatable
        for attempt in attempts(self.clock, _BACKOFF, most=self._max_retries + 1):
            if guarded and self._cancelled():
                raise Cancelled("the engine that waited for this has died, so nothing more is sent")
            try:
                response = self._session.request(method, url, timeout=self._timeout_seconds, allow_redirects=False, **parts)
            except (requests.exceptions.InvalidHeader, UnicodeError) as invalid:
                raise Misconfigured(_UNSENDABLE) from invalid
            except requests.RequestException as failure:
                trouble = _no_answer(url, failure, _spent(attempt))
                if attempt.is_last or not may_repeat(safe_twice=safe_twice, sent=trouble.sent) or _is_lasting(failure):
                    raise trouble from None
                asked, limited = None, ""
            else:
                if attempt.is_last or not may_repeat(safe_twice=safe_twice, status=response.status_code):
                    return response, _spent(attempt) if attempt.number else ""
                asked = seconds_asked(response.headers.get("Retry-After"))
                if asked is not None and asked > LONGEST_WAIT_SECONDS:
                    return response, f"it asks to wait {asked:.0f} s"
                limited = f"HTTP {response.status_code}" if asked or response.status_code == _RATE_LIMITED else ""
            attempt.pause = wait_seconds(attempt.number, asked, self.clock.jitter())
            if limited:
                pause = f"waiting {attempt.pause:.1f} s before the {method} is sent again"
                self._say(f"{_origin(url)} answers {limited}: {pause}")
        raise AssertionError  # the loop ends by return or raise

    def _answer(self, response: requests.Response, spent: str, *, needs_body: bool) -> Answer:
        try:
            # Not response.json(): JSON is UTF-8 (RFC 8259), whatever the charset of a Content-Type says.
            body = parsed(response.content) if response.content else None
        except ValueError:
            body = None
        if response.is_redirect:
            message = f"{_origin(response.url)} redirects elsewhere; set aep:endpoint to the host that answers itself"
            raise Unreadable(message)
        if not response.ok and body is None and response.content:
            # Not even a 404 of this kind is an absence: it is not the service that says so.
            raise Refused(response.status_code, "", _no_service(response), spent=spent)
        if not response.ok:
            request_id = response.headers.get("x-request-id", "")
            secrets = self._credentials.secrets()
            raise refusal(response.status_code, body, request_id=request_id, spent=spent, secrets=secrets)
        if not _OK <= response.status_code < _REDIRECTION or (response.content and body is None):
            raise Unreadable(_no_service(response))
        if needs_body and body is None:
            message = f"{_origin(response.url)} answered {response.status_code} without JSON: check aep:endpoint"
            raise Unreadable(message)
        return Answer(response.status_code, body)


def _no_service(response: requests.Response) -> str:
    """Say that an answer is not the service's own: a success of it is 2xx, with an empty or a JSON body."""
    content = " with something that is no JSON" if response.content else ""
    where = f"{_origin(response.url)} answered HTTP {response.status_code}{content}"
    return f"{where}, so the service may not have seen this: check aep:endpoint, and what stands between"


def may_repeat(*, safe_twice: bool, status: int | None = None, sent: bool = True) -> bool:
    """Decide whether a request may be sent again, after an answer with `status` or after no answer."""
    if status is None:
        return safe_twice or not sent
    return status == _RATE_LIMITED or (safe_twice and status in _TRANSIENT_STATUSES)


def seconds_asked(retry_after: str | None) -> float | None:
    """Return how long a Retry-After header asks to wait, in seconds or as a date; None if it says nothing readable."""
    if not retry_after:
        return None
    try:
        return Retry().parse_retry_after(retry_after)
    except (InvalidHeader, ValueError, OverflowError):  # the last two: dates that no calendar has
        return None


def wait_seconds(attempt: int, asked: float | None, jitter: float) -> float:
    """Return how long to wait after the attempt with this number: what the service asked, else exponential with jitter."""
    return _BACKOFF.seconds(attempt, jitter) if asked is None else asked


def _spent(attempt: Attempt) -> str:
    seconds = f"{attempt.spent:.0f} s"
    return f"{attempt.number + 1} tries in {seconds}" if attempt.number else f"after {seconds}"


def _no_answer(url: str, failure: Exception, spent: str) -> NoAnswer:
    what, sent = _explain(failure)
    return NoAnswer(f"no answer from {_origin(url)}: {what} ({spent})", sent=sent)


def _explain(failure: Exception) -> tuple[str, bool]:  # noqa: PLR0911 (a table, in the order of precedence)
    """Say in words what went wrong, and whether the request may have reached the service."""
    chain = list(_causes(failure))
    certificate = next((cause for cause in chain if isinstance(cause, ssl.SSLError)), None)
    if certificate is not None or isinstance(failure, requests.exceptions.SSLError):
        reason = getattr(certificate, "verify_message", "") or getattr(certificate, "reason", "") or "handshake failed"
        return f"TLS failure, {reason}: check the host, REQUESTS_CA_BUNDLE and the proxy", False
    if any(isinstance(cause, socket.gaierror) for cause in chain):
        return "its name cannot be resolved: check aep:endpoint, aep:imsEndpoint and the network", False
    if isinstance(failure, requests.exceptions.ProxyError):
        return "the proxy cannot be reached: check HTTPS_PROXY", False
    if any(isinstance(cause, NewConnectionError) for cause in chain):
        return "connection refused: check aep:endpoint and the network", False
    if any(isinstance(cause, ConnectTimeoutError) for cause in chain):
        return "connecting took longer than aep:timeoutSeconds", False
    if isinstance(failure, requests.exceptions.Timeout):
        return "it took longer than aep:timeoutSeconds", True
    if isinstance(failure, requests.exceptions.InvalidURL | requests.exceptions.InvalidSchema):
        return "this is not a web address: check aep:endpoint and aep:imsEndpoint", False
    return "the connection broke", True


def _is_lasting(failure: Exception) -> bool:
    """Whether waiting cannot help: certificates and addresses do not mend themselves."""
    return isinstance(
        failure,
        requests.exceptions.SSLError | requests.exceptions.InvalidURL | requests.exceptions.InvalidSchema,
    )


def _causes(failure: BaseException) -> Sequence[BaseException]:
    """Return a failure and all that it wraps: requests keeps urllib3's errors in `args`, urllib3 in `reason`."""
    found: list[BaseException] = [failure]
    for cause in found:  # grows while it is walked
        inner = [cause.__cause__, cause.__context__, getattr(cause, "reason", None), *cause.args]
        found += [error for error in inner if isinstance(error, BaseException) and error not in found]
    return found


def _origin(url: str) -> str:
    """Return scheme and host of a URL: what may be shown of it."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}"

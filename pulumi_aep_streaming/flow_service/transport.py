"""The one seam to the network: sends a request, repeats it where that is safe, and returns what was answered.

What may be repeated: anything that cannot have been acted upon (no connection, 429), and, of a request that changes nothing
when done twice, also what got no answer or a server error. How long to wait, and what Retry-After asks, are pure functions.
Before a write is sent, for the first time or again, it is asked whether anybody still waits for the outcome: while a request
was waiting, the person who made it may have decided otherwise.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from urllib3.exceptions import InvalidHeader
from urllib3.util import Retry

from pulumi_aep_streaming.flow_service.addresses import origin
from pulumi_aep_streaming.flow_service.attempts import Attempt, Backoff, Clock, attempts
from pulumi_aep_streaming.flow_service.auth import Credentials
from pulumi_aep_streaming.flow_service.deadline import MOST_MEGABYTES
from pulumi_aep_streaming.flow_service.errors import (
    Cancelled,
    Malformed,
    NoAnswer,
    NoToken,
    Refused,
    Unreadable,
    refusal,
    without,
)
from pulumi_aep_streaming.flow_service.exchange import Exchange, Received, Unanswered
from pulumi_aep_streaming.flow_service.json_of_others import parsed

TOKEN_PATH = "/ims/token/v3"  # noqa: S105 (a path, not a password)
LONGEST_WAIT_SECONDS = 120.0
MOST_SECONDS_WAITED = 300.0
"""The sum of the pauses between the attempts of one request."""
_MOST_RENEWALS = 2  # a token can be revoked between its renewal by one thread and its use by another
_BACKOFF = Backoff(first_seconds=0.5, longest_seconds=30.0)
_OK = 200
_REDIRECTION = 300
_ERRORS = 400
_RATE_LIMITED = 429
_UNAUTHORIZED = 401
_TRANSIENT_STATUSES = frozenset({500, 502, 503, 504})


@dataclass(frozen=True)
class Answer:
    """A successful answer: its status and its JSON body, None if there was no (readable) body."""

    status: int
    body: Any


class Transport:
    """Sends requests for one organization and one set of credentials. Safe to share among threads."""

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
        self.clock, self.timeout_seconds = clock or Clock(), timeout_seconds
        self._cancelled, self._say = cancelled, say
        self._said: set[str] = set()
        self._endpoint = endpoint.rstrip("/")
        self._ims_endpoint = ims_endpoint.rstrip("/")
        self._credentials = credentials
        self._max_retries = max_retries
        self._headers = {"x-api-key": client_id, "x-gw-ims-org-id": org_id}
        self._exchange = Exchange(timeout_seconds, user_agent)

    def request(
        self,
        method: str,
        path: str,
        *,
        sandbox: str,
        params: Sequence[tuple[str, str]] = (),
        body: Any = None,
        if_match: str | None = None,
        accept: str | None = None,
        unattended: bool = False,
        once: bool = False,
        allowed: Callable[[], None] = lambda: None,
    ) -> Answer:
        """Send one request with all documented headers; a 401 renews the token and repeats it, twice at most.

        `accept`: the form of the answer, where a service has more than plain JSON.
        `unattended`: send a write although nobody waits for its outcome. `once`: do not repeat it, but for a 401. `allowed` is
        called before each attempt, and raises if it must not be sent any more.

        Raises `Refused` for an error status, `NoAnswer` if none came, `Unreadable` for anything else that is no success of the
        service (a block page, a redirect), `Cancelled` before a write that nobody waits for.
        """
        headers = {**self._headers, "x-sandbox-name": sandbox}
        if if_match:
            headers["If-Match"] = if_match
        if accept:
            headers["Accept"] = accept
        url, guarded = self._endpoint + path, method != "GET" and not unattended
        for renewals in range(_MOST_RENEWALS + 1):
            token = self._credentials.token(self._fetch_token, self.clock.now())
            received, spent = self._send(
                method,
                url,
                guarded=guarded,
                once=once,
                allowed=allowed,
                headers=headers,
                params=list(params),
                json=body,
                token=token,
            )
            if received.status != _UNAUTHORIZED or renewals == _MOST_RENEWALS or not self._credentials.renew(token):
                break
        return self._answer(url, received, spent, needs_body=method == "GET")

    def masked(self, text: str) -> str:
        """Return a text of the service without the credentials that it may quote."""
        return without(self._credentials.secrets(), text)

    def leave_out(self, odd: Malformed) -> None:
        """Say, once, that a listing goes on without an object."""
        self.say_once(f"{odd}: it is left out")

    def say_once(self, text: str) -> None:
        """Show a line, unless it has been shown."""
        line = self.masked(text)
        if line not in self._said:
            self._said.add(line)
            self._say(line)

    def _fetch_token(self, form: dict[str, str]) -> Any:
        url = self._ims_endpoint + TOKEN_PATH
        received, spent = self._send("POST", url, data=form, repeatable=True)
        try:
            return self._answer(url, received, spent, needs_body=True).body
        except Refused as refused:
            text = f"no access token from {origin(url)}: {refused.text}"
            class_ = Refused if refused.ambiguous else NoToken
            raise class_(refused.status, refused.code, text, refused.request_id, spent) from None

    def _send(
        self,
        method: str,
        url: str,
        *,
        repeatable: bool | None = None,
        guarded: bool = False,
        once: bool = False,
        allowed: Callable[[], None] = lambda: None,
        **parts: Any,
    ) -> tuple[Received, str]:
        """Send, and send again as long as that is safe and allowed; return the last answer and what it took.

        `guarded`: ask before each attempt whether anybody still waits for the outcome.
        """
        safe_twice = method in {"GET", "DELETE"} if repeatable is None else repeatable
        for attempt in attempts(self.clock, _BACKOFF, most=1 if once else self._max_retries + 1):
            if guarded and self._cancelled():
                raise Cancelled("the engine that waited for this has died, so nothing more is sent")
            allowed()
            try:
                received = self._exchange(method, url, **parts)
            except Unanswered as lost:
                again = may_repeat(safe_twice=safe_twice, sent=lost.sent) and not lost.lasts
                attempt.pause = self._pause(attempt, None) if again else None
                if attempt.pause is None:
                    text = f"no answer from {origin(url)}: {lost.what}"
                    raise NoAnswer(text, sent=lost.sent, took=attempt.took) from None
                continue
            if received.is_too_large:
                where = f"{origin(url)} answered HTTP {received.status}"
                raise Unreadable(f"{where} with more than {MOST_MEGABYTES} MB ({attempt.took}): check aep:endpoint")
            again = may_repeat(safe_twice=safe_twice, status=received.status)
            asked = seconds_asked(received.headers.get("Retry-After")) if again else None
            attempt.pause = self._pause(attempt, asked) if again else None
            if attempt.pause is None:
                return received, _spent(attempt, asked)
            if asked or received.status == _RATE_LIMITED:
                pause = f"waiting {attempt.pause:.1f} s before the {method} is sent again"
                self._say(f"{origin(url)} answers HTTP {received.status}: {pause}")
        raise AssertionError  # the loop ends by return or raise

    def _pause(self, attempt: Attempt, asked: float | None) -> float | None:
        """Return how long to wait before another attempt, None if there is to be none."""
        pause = wait_seconds(attempt.number, asked, self.clock.jitter())
        too_long = (asked or 0) > LONGEST_WAIT_SECONDS or attempt.waited + pause > MOST_SECONDS_WAITED
        return None if attempt.is_last or too_long else pause

    def _answer(self, url: str, received: Received, spent: str, *, needs_body: bool) -> Answer:
        status, content = received.status, received.content
        body = _json(content)
        if received.is_redirect:
            message = f"{origin(url)} redirects elsewhere; set aep:endpoint to the host that answers itself"
            raise Unreadable(message)
        if status >= _ERRORS and body is None and content:
            # Not even a 404 of this kind is an absence: it is not the service that says so.
            raise Refused(status, "", _no_service(url, received), spent=spent)
        if status >= _ERRORS:
            request_id = received.headers.get("x-request-id", "")
            raise refusal(status, body, request_id=request_id, spent=spent, secrets=self._credentials.secrets())
        if not _OK <= status < _REDIRECTION or (content and body is None):
            raise Unreadable(_no_service(url, received))
        if needs_body and body is None:
            message = f"{origin(url)} answered {status} without JSON: check aep:endpoint"
            raise Unreadable(message)
        return Answer(status, body)


def _json(content: bytes) -> Any:
    """Return what a body says, None if it is no JSON, which is UTF-8 (RFC 8259), whatever a Content-Type says."""
    try:
        return parsed(content) if content else None
    except ValueError:
        return None


def _no_service(url: str, received: Received) -> str:
    """Say that an answer is not the service's own: a success of it is 2xx, with an empty or a JSON body."""
    content = " with something that is no JSON" if received.content else ""
    where = f"{origin(url)} answered HTTP {received.status}{content}"
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
        return float(Retry().parse_retry_after(retry_after))
    except (InvalidHeader, ValueError, OverflowError):  # the last two: dates that no calendar has
        return None


def wait_seconds(attempt: int, asked: float | None, jitter: float) -> float:
    """Return how long to wait after the attempt with this number: what the service asked, else exponential with jitter.

    A clock that is ahead of the service's makes nothing of each date that it asks for.
    """
    return asked or _BACKOFF.seconds(attempt, jitter)


def _spent(attempt: Attempt, asked: float | None) -> str:
    """Say how often it was tried, if more than once, and what the service asks that is too long."""
    in_vain = [f"it asks to wait {asked:.0f} s"] if asked and not attempt.is_last else []
    return ", ".join(in_vain + ([attempt.took] if attempt.number else []))

"""Everything that can go wrong between this package and Flow Service.

FlowServiceError            str() is one line for a person, without secrets
├── Misconfigured           settings are missing or wrong; nothing was sent
│   └── NoCredentials       there are none, or no organization: a preview may do without
├── NoAnswer                no answer came; `sent` says whether the service may have acted
├── Unreadable              an answer came that is not what the service documents
│   └── Malformed           of the service, but one object in it is not as documented
├── Cancelled               nobody waits for the outcome any more
├── InUse                   dataflows keep the object from being deleted; names them
├── Missing                 what the program refers to is not there
├── Mismatch                what the program refers to is there, and cannot belong to this
├── OwnedElsewhere          the object carries a marker that is not this state's
├── Conflict                we and somebody else changed the same thing differently
├── TimedOut                accepted, but not seen in the time that we wait
└── Refused                 an answer with an error status; carries status, code, request id
    ├── NoToken             of the token endpoint: the credentials are wrong
    ├── NotFound            404, or 400 with code 1439
    └── VersionConflict     412: somebody changed the object since it was read
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from typing import Any, ClassVar
from urllib.parse import quote, quote_plus

# What to do, by Flow Service error code. Codes: Adobe's catalogue of Flow Service errors; 40xxxx: its gateway.
_PERMISSIONS = (
    "grant the integration the permissions View Destinations, Manage Destinations, Activate Destinations, View Profiles and "
    "View Segments"
)
ADVICE = {
    "1100": "Amazon Kinesis, Azure Event Hubs and the HTTP API destination need the licence Real-Time CDP Ultimate: ask Adobe "
    "for it, or check aep:orgId",
    "1413": "use the id of a spec that GET /connectionSpecs or GET /flowSpecs lists",
    "1415": "use an authentication spec name of this connection spec, in its exact spelling",
    "1418": "delete the dataflows that use it first",
    "1445": "the organization is not entitled to change connections in place",
    "2000": "check aep:orgId",
    "2001": "check aep:orgId",
    "2002": "check aep:orgId",
    "2100": "check aep:sandboxName: no such sandbox in this organization",
    "2101": "check aep:sandboxName: no such sandbox in this organization",
    "2103": "check aep:sandboxName: no such sandbox in this organization",
    "2118": _PERMISSIONS,
    "2120": _PERMISSIONS,
    "2121": _PERMISSIONS,
    "401013": "the access token is not valid: check aep:accessToken, or the client id and secret",
    "403000": "check aep:clientId: it is sent as the API key",
    "403003": "check aep:clientId: it is sent as the API key",
    "403025": "check aep:orgId, and that the integration has the Experience Platform API in that organization",
}
_ADVICE_BY_STATUS = {
    401: "check the credentials aep:clientId and aep:clientSecret",
    403: "check the permissions of the integration, and aep:orgId",
    412: "somebody keeps changing the object: try again",
    429: "the service is limiting requests: try again later",
}
_CODE_KEYS = ("error_code", "errorCode", "code", "type")
_TEXT_KEYS = ("message", "errorMessage", "detail", "errorDetails", "error_description", "title", "error")
# A 404 is an absence only if it is the object that is missing: not the sandbox, and not a page of the gateway.
_ABSENT_CODES = frozenset({"", "1012", "1101", "1439", "113430"})  # 1012 is of Schema Registry, the last of an audience
_ABOUT_A_PLACE = re.compile(r"\b(sandbox|organi[sz]ation)\b", re.IGNORECASE)
# Of errors without a code (of which Adobe's references show several shapes), the text of the catalogue tells which it is.
_CODE_BY_TEXT = (
    (re.compile(r"requested \w+ resource .*not found", re.IGNORECASE), "1439"),
    (re.compile(r"used in one or more flows", re.IGNORECASE), "1418"),
    (re.compile(r"found active flows", re.IGNORECASE), "1447"),
)
_SERVER_ERRORS = 500
_ABOUT_US = frozenset({401, 403, 407, 429})
_SHORTEST_SECRET = 4
_LONGEST_TEXT, _LONGEST_QUOTATION = 10_000, 1_000  # that are looked at, and that are shown
# Not html.escape: a user's folder, which comes first where a provider runs, may have a module html.
_AS_HTML = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;"})
_QUOTES_AS_HTML = str.maketrans({'"': "&quot;", "'": "&#x27;"})


class FlowServiceError(Exception):
    """Base of all foreseen failures. Its text is one line, fit to be shown as it is."""

    def after(self, took: str) -> FlowServiceError:
        """Return this error as the end of several tries, which took so long."""
        del took
        return self


class Misconfigured(FlowServiceError):
    """A setting is missing, malformed, or contradicts what is stored."""


class NoCredentials(Misconfigured):
    """There are no credentials, or there is no organization that they are for."""


class NoAnswer(FlowServiceError):
    """No answer came: `sent` is False only if the request cannot have reached the service."""

    def __init__(self, text: str, *, sent: bool, took: str) -> None:
        super().__init__(f"{text} ({took})")
        self.text, self.sent = text, sent

    def after(self, took: str) -> NoAnswer:
        """Return this error as the end of several tries, of which this was the last."""
        return NoAnswer(self.text, sent=self.sent, took=took)

    @property
    def ambiguous(self) -> bool:
        """Whether the service may have acted all the same."""
        return self.sent


class Unreadable(FlowServiceError):
    """The service answered something that its documents do not describe: it may have acted all the same."""

    ambiguous = True


class Malformed(Unreadable):
    """The service showed an object that is not as documented; all others can be read."""


class TimedOut(FlowServiceError):
    """The service accepted a change that did not show, or a state did not end, in the time that we wait."""


class Cancelled(FlowServiceError):
    """Nobody waits for the outcome any more, so nothing more was done."""


class InUse(FlowServiceError):
    """The object cannot be deleted as long as dataflows use it; `descriptions` are theirs."""

    def __init__(self, text: str, descriptions: Iterable[str]) -> None:
        super().__init__(text)
        self.descriptions = list(descriptions)


class Missing(FlowServiceError):
    """What the program refers to by its id is not there, or not in this sandbox."""


class Mismatch(FlowServiceError):
    """What the program refers to by its id is of another kind, or of another connection spec, than it can be."""


class OwnedElsewhere(FlowServiceError):
    """The object carries a marker that is not this state's, or may be another's: it is left as it is."""


class Conflict(FlowServiceError):
    """The program and somebody else changed the same thing differently since the last update or refresh."""


class Refused(FlowServiceError):
    """The service answered with an error status."""

    _advice: ClassVar[str] = ""
    """What to do where neither code nor status says it."""

    def __init__(self, status: int, code: str, text: str, request_id: str = "", spent: str = "") -> None:
        self.status, self.code, self.text, self.request_id, self.spent = status, code, text, request_id, spent
        super().__init__(self._line(spent))

    def after(self, took: str) -> Refused:
        """Return this error as the end of several tries, unless it says already what it took."""
        return self if self.spent else type(self)(self.status, self.code, self.text, self.request_id, took)

    @property
    def ambiguous(self) -> bool:
        """Whether the service may have acted all the same: a server error says nothing about that."""
        return self.status >= _SERVER_ERRORS

    @property
    def is_about_the_object(self) -> bool:
        """Whether others may be answered: not so where credentials, limits or the server are the cause."""
        return self.status < _SERVER_ERRORS and self.status not in _ABOUT_US

    def _line(self, spent: str) -> str:
        marks = [f"HTTP {self.status}"]
        marks += [f"code {self.code}"] if self.code else []
        marks += [f"request {self.request_id}"] if self.request_id else []
        marks += [spent] if spent else []
        advice = ADVICE.get(self.code) or _ADVICE_BY_STATUS.get(self.status) or self._advice
        return f"{self.text} ({', '.join(marks)})" + (f"; {advice}" if advice else "")


class NoToken(Refused):
    """The token endpoint refused the credentials: a wrong client id as 400, a wrong secret as 401."""

    _advice = _ADVICE_BY_STATUS[401]


class NotFound(Refused):
    """The object does not exist, in this sandbox of this organization."""


class VersionConflict(Refused):
    """The If-Match header named a version that is no longer the current one."""

    def _line(self, spent: str) -> str:
        # What matters is who is in the way; how often it was tried comes last.
        return super()._line("") + (f" ({spent})" if spent else "")


def refusal(status: int, body: Any, *, request_id: str = "", spent: str = "", secrets: Iterable[str] = ()) -> Refused:
    """Return the error for an answer, in any of the body shapes that Adobe's services use.

    Only texts under documented keys are taken over, less the secrets that they may quote: a body that is not understood is
    never shown. `spent` says how many tries it took.
    """
    members = _members(body)
    text = next((members[key] for key in _TEXT_KEYS if isinstance(members.get(key), str)), "")[:_LONGEST_TEXT]
    code = _code(members) or next((code for pattern, code in _CODE_BY_TEXT if pattern.search(text)), "")
    text = _quotation(secrets, text) or "the service gave no reason"
    request_id = _quotation(secrets, request_id or _plain(members.get("requestId")))
    class_ = Refused
    if (status, code) == (400, "1439") or (status == 404 and code in _ABSENT_CODES and not _ABOUT_A_PLACE.search(text)):
        class_ = NotFound
    elif status == 412:
        class_ = VersionConflict
    return class_(status, code, text, request_id, spent)


def _quotation(secrets: Iterable[str], text: str) -> str:
    """Return the beginning of a text of the service, on one line, without secrets."""
    # Masked before it is cut, lest half a secret stays.
    return " ".join(without(secrets, text[:_LONGEST_TEXT]).split())[:_LONGEST_QUOTATION]


def _plain(value: Any) -> str:
    return str(value) if isinstance(value, str | int) else ""


def without(secrets: Iterable[str], text: str) -> str:
    """Return the text with every secret in it masked, also one that was quoted in another way, or a line of one.

    Values too short to be a secret would only garble it.
    """
    forms = {form for secret in secrets for form in _forms(secret)}
    found = sorted((form for form in forms if len(form) >= _SHORTEST_SECRET), key=len, reverse=True)
    return re.sub("|".join(map(re.escape, found)), "[secret]", text, flags=re.IGNORECASE) if found else text


def _forms(secret: str) -> Iterator[str]:
    """Return what a secret may look like in a message: with line breaks folded, as JSON, in a URL, in HTML, in Python."""
    yield from (secret, " ".join(secret.split()), *secret.splitlines())
    as_json = json.dumps(secret)[1:-1]
    yield from (as_json, as_json.replace("/", "\\/"), json.dumps(secret, ensure_ascii=False)[1:-1], repr(secret)[1:-1])
    yield from (
        quote(secret),
        quote(secret, safe=""),
        quote_plus(secret),
        secret.translate(_AS_HTML),
        secret.translate(_AS_HTML).translate(_QUOTES_AS_HTML),
    )


def _members(body: Any) -> dict[str, Any]:
    """Return the members that describe the error; AEP's newer shape nests them: errors -> status -> [{code, message}]."""
    if not isinstance(body, dict):
        return {}
    nested = body.get("errors")
    for entries in nested.values() if isinstance(nested, dict) else [nested]:
        if isinstance(entries, list) and entries and isinstance(entries[0], dict):
            return {**body, **entries[0]}
    return body


def _code(members: dict[str, Any]) -> str:
    """Return the bare number of a code such as 1415, "1415-400", or .../errors/UPAPI-1415-400; "" if there is none."""
    for key in _CODE_KEYS:
        found = re.search(r"(?:^|[-/])(\d{4,6})(?:-\d{3})?$", _plain(members.get(key)))
        if found:
            return found[1]
    return ""

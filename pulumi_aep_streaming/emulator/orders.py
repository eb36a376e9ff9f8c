"""What each control may be ordered: which members the body of its call has, and what each must be. Pure."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import Any

from pulumi_aep_streaming.emulator.kinds import Json
from pulumi_aep_streaming.emulator.problems import Problem


@dataclass(frozen=True)
class Member:
    """One member of a body: what it must be, in words, and whether a value is that."""

    what: str
    holds: Callable[[Any], bool]
    needed: bool = False


def checked(body: Any, members: dict[str, Member], *, others: bool = False) -> Json:
    """Return a body that holds what is needed, and nothing else unless there may be `others`; refuse any other."""
    if not isinstance(body, dict):
        raise _refusal("the body must be an object")
    for name, member in members.items():
        if member.needed and name not in body:
            raise _refusal(f"{name} is needed, as {member.what}")
        if name in body and not member.holds(body[name]):
            raise _refusal(f"{name} must be {member.what}")
    unknown = sorted(body.keys() - members.keys())
    if unknown and not others:
        raise _refusal(f"there is no {unknown[0]}: it takes {', '.join(members)}")
    return body


def _refusal(message: str) -> Problem:
    return Problem(400, {"message": message})


def _is(*types: type) -> Callable[[Any], bool]:
    return lambda value: type(value) in types  # True is an int, too


def _is_one_of(values: Collection[Any]) -> Callable[[Any], bool]:
    return lambda value: isinstance(value, str) and value in values


def _is_pattern(value: Any) -> bool:
    try:
        re.compile(value)
    except (TypeError, re.error, RecursionError, OverflowError):
        return False
    return isinstance(value, str)


def _is_count(value: Any) -> bool:
    return type(value) is int and value >= 0


def _is_seconds(value: Any) -> bool:
    return type(value) in {int, float} and 0 <= value <= _LONGEST_SECONDS


def _is_status(value: Any) -> bool:
    return value is None or (type(value) is int and 200 <= value <= 599)


def _is_headers(value: Any) -> bool:
    return isinstance(value, dict) and all(map(_is_header, value.keys(), value.values()))


def _is_header(name: str, value: Any) -> bool:
    is_field = re.fullmatch(r"[A-Za-z0-9!#$%&'*+.^_`|~-]+", name) and isinstance(value, str) and re.fullmatch("[ -~]+", value)
    return bool(is_field) and name.lower() not in _FRAMING


def _is_auth(value: Any) -> bool:
    return isinstance(value, dict) and isinstance(value.get("specName"), str) and isinstance(value.get("params"), dict)


def _is_profiles(value: Any) -> bool:
    return value is None or _is_count(value) or (isinstance(value, list) and all(map(_is(dict), value)))


_FRAMING = frozenset({"content-length", "transfer-encoding"})
"""Header fields that are the server's own: with another value, the connection breaks."""
_LONGEST_SECONDS = 86_400.0
_SWITCH = Member("true or false", _is(bool))
_TEXT = Member("text", _is(str))
_NEEDED_TEXT = Member("text", _is(str), needed=True)
_COUNT = Member("a whole number, 0 or more", _is_count)
_PATTERN = Member("a regular expression", _is_pattern)
FAULT = {
    "method": _PATTERN,
    "path": _PATTERN,
    "when": Member('"before" or "after"', _is_one_of({"before", "after"})),
    "status": Member("a status from 200 to 599", _is_status),
    "headers": Member("an object of header fields, but for content-length and transfer-encoding", _is_headers),
    "body": Member("JSON", lambda _: True),
    "raw": Member("text", _is(str, type(None))),
    "reset": _SWITCH,
    "stale_etag": _SWITCH,
    "delay_seconds": Member("a number of seconds, 0 or more", _is_seconds),
    "hold": _SWITCH,
    "skip": _COUNT,
    "times": _COUNT,
}
SEEDS = {"sandbox": _NEEDED_TEXT, "segments": Member("a list", _is(list), needed=True)}
SEED = {
    **dict.fromkeys(("id", "description", "audienceId", "namespace", "originName", "lifecycleState", "mergePolicyId"), _TEXT),
    "name": _NEEDED_TEXT,
    "creationTime": _COUNT,
}
JUDGEMENT = {"connectionId": _NEEDED_TEXT, "valid": Member("true or false", _is(bool), needed=True)}
MOVE = {
    "connectionId": _NEEDED_TEXT,
    "auth": Member("an object of specName and params", _is_auth, needed=True),
}
EXPORT = {
    "flowId": _NEEDED_TEXT,
    "profiles": Member("a number, or a list of XDM objects", _is_profiles),
    "mappedOnly": _SWITCH,
    "error": Member("an object", _is(dict)),
}
ERROR = {"code": _NEEDED_TEXT, "message": _TEXT}

"""Exchanges against Adobe's OpenAPI files: what of them the files do not allow."""

from __future__ import annotations

import copy
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any

import yaml
from conformance.exchanges import BASE, Exchange
from conformance.table import SPECIFICATIONS, TABLE, Disagreement
from openapi_core import OpenAPI
from openapi_core.exceptions import OpenAPIError
from openapi_core.templating.paths.exceptions import OperationNotFound, PathNotFound, ServerNotFound
from openapi_core.templating.responses.exceptions import ResponseNotFound
from openapi_core.testing import MockRequest, MockResponse

FILES = ("flow-service.yaml", "destinations.yaml")
_HOST = "http://localhost"
_UNKNOWN, _NOT_DONE = "path not described", "method not described"
_RIGHTLY_REFUSED = [[_UNKNOWN], [_NOT_DONE]]


@dataclass(frozen=True, order=True)
class Deviation:
    """Something that a file does not allow: in which operation, in its request or in which answer, and what."""

    file: str
    operation: str
    part: str
    problem: str

    def __str__(self) -> str:
        return f"{self.file}: {self.operation}, {self.part}: {self.problem}"


def unlisted(exchanges: Iterable[Exchange]) -> list[Deviation]:
    """What deviates from the files, and is not in the table."""
    return [found for found in _all_deviations(list(exchanges)) if not any(row.covers(found) for row in TABLE)]


def outdated(exchanges: Iterable[Exchange]) -> list[Disagreement]:
    """What is in the table, and does not happen: no deviation is of this kind, or none appears without this mend."""
    known = list(exchanges)
    found = _all_deviations(known)
    return [row for row in TABLE if not (_is_needed(row, known, found) if row.mend else any(map(row.covers, found)))]


def _all_deviations(exchanges: list[Exchange]) -> list[Deviation]:
    """Return what deviates from any file; a file need not describe the whole service, but one of them must."""
    found = {deviation for file in FILES for deviation in _deviations(file, exchanges, TABLE)}
    unknown = [{each.operation for each in found if each.file == file and each.problem == _UNKNOWN} for file in FILES]
    nowhere = set.intersection(*unknown)
    return sorted(each for each in found if each.problem != _UNKNOWN or each.operation in nowhere)


def _is_needed(row: Disagreement, exchanges: list[Exchange], found: list[Deviation]) -> bool:
    others = [other for other in TABLE if other is not row]
    return not _deviations(row.file, exchanges, others) <= set(found)


def _deviations(file: str, exchanges: list[Exchange], rows: Iterable[Disagreement]) -> set[Deviation]:
    api = OpenAPI.from_dict(mended(file, rows))
    return {Deviation(file, exchange.operation, *found) for exchange in exchanges for found in _judge(api, exchange)}


def mended(file: str, rows: Iterable[Disagreement] = TABLE) -> dict[str, Any]:
    """Return a file, put right."""
    specification = copy.deepcopy(_loaded(file))
    for row in rows:
        if row.mend and row.file == file:
            row.mend(specification)
    return specification


@cache
def _loaded(file: str) -> dict[str, Any]:
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    with (SPECIFICATIONS / file).open(encoding="utf-8") as text:
        return {**yaml.load(text, Loader=loader), "servers": [{"url": _HOST + BASE}]}


def _judge(api: OpenAPI, exchange: Exchange) -> Iterator[tuple[str, str]]:
    request = MockRequest(
        _HOST,
        exchange.method,
        exchange.path,
        args=[(name, value) for name, value in exchange.query],
        headers=exchange.headers,
        data=exchange.body.encode(),
        content_type=exchange.headers.get("content-type", "").partition(";")[0],
    )
    content_type = exchange.content_type.partition(";")[0] or "application/json"
    answer = MockResponse(exchange.answer.encode(), exchange.status, content_type=content_type)
    if exchange.ours:
        yield from (("request", problem) for error in api.iter_request_errors(request) for problem in _problems(error))
    problems = [problem for error in api.iter_response_errors(request, answer) for problem in _problems(error)]
    if problems not in _RIGHTLY_REFUSED or exchange.status not in {404, 405}:
        yield from ((f"answer {exchange.status}", problem) for problem in problems)


def _problems(error: OpenAPIError) -> Iterator[str]:
    """Say where which rule of the file is broken; without a rule, what is missing in the file."""
    cause: BaseException = error
    while cause.__cause__ and not hasattr(cause, "schema_errors"):
        cause = cause.__cause__
    if isinstance(error, PathNotFound | ServerNotFound):  # no server: only the end of the path is a path of the file
        yield _UNKNOWN
    elif isinstance(error, OperationNotFound):
        yield _NOT_DONE
    elif isinstance(error, ResponseNotFound):
        yield "status not described"
    elif hasattr(cause, "schema_errors"):
        yield from (f"{_place(rule.absolute_path)}: {_rule(rule)}" for rule in cause.schema_errors)
    else:
        yield str(cause).lower().partition(".")[0]


def _place(path: Iterable[Any]) -> str:
    return "body" + "".join("[]" if isinstance(step, int) else f".{step}" for step in path)


def _rule(rule: Any) -> str:
    if rule.validator == "required":
        return f"{rule.message.split(chr(39))[1]} is required"
    return f"must be {rule.validator_value}" if rule.validator == "type" else rule.validator

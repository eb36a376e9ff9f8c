"""Segment definitions and audiences, as Segmentation Service lists them: two views of what the store calls segments.

External audiences, of another namespace than the platform's own, are no segment definitions. Nor are drafts and inactive ones
here: whether they are at Adobe is not said.
"""

from __future__ import annotations

from starlette.requests import Request

from pulumi_aep_streaming.emulator import filters
from pulumi_aep_streaming.emulator.audiences import OWN, is_external, is_published, merge_policy
from pulumi_aep_streaming.emulator.kinds import Json
from pulumi_aep_streaming.emulator.problems import Problem, not_found
from pulumi_aep_streaming.emulator.store import LARGEST_PAGE, Store

DEFINITIONS = "/data/core/ups/segment/definitions"
AUDIENCES = "/data/core/ups/audiences"
_NEWEST_FIRST = "creationTime:desc"
MOST_DIGITS = 9
"""Of a number in a query: no list is longer."""


class Segmentation:
    """The handlers of both lists. Pages are counted from 0, as the API reference's example is."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def list_definitions(self, request: Request, place: str) -> Json:
        """Answer `GET /segment/definitions`: there is no filter by name."""
        query = request.query_params
        limit = _number(query.get("limit"), LARGEST_PAGE)
        start = _number(query.get("start"), _number(query.get("page"), 0) * limit)
        sort = query.get("sort", _NEWEST_FIRST)
        found = _sorted([_definition(segment, place) for segment in self._definitions(place)], sort)
        shown = found[start : start + limit]
        field, _, direction = sort.partition(":")
        page = {
            "totalCount": len(found),
            "totalPages": -(-len(found) // limit),
            "sortField": field,
            "sort": direction or "asc",
            "pageSize": len(shown),
            "limit": limit,
        }
        return {"segments": shown, "page": page, "link": {}}

    def get_definition(self, request: Request, place: str) -> Json:
        """Answer `GET /segment/definitions/{id}`."""
        id_ = request.path_params["id"]
        found = next((segment for segment in self._definitions(place) if segment["id"] == id_), None)
        if found is None:
            raise not_found("segment definition", id_)
        return _definition(found, place)

    def _definitions(self, place: str) -> list[Json]:
        return [found for found in self._segments(place) if is_published(found) and not is_external(found)]

    def _segments(self, place: str) -> list[Json]:
        if self._store.contents.audiences is None:
            message = "Permission denied on some resources."
            type_ = "https://ns.adobe.com/aep/errors/UPAPI-113752-403"
            errors = {"403": [{"code": "UPAPI-113752-403", "message": message}]}
            raise Problem(403, {"requestId": "", "errors": errors, "type": type_, "title": message, "status": 403})
        return self._store.segments(place)

    def get_audience(self, request: Request, place: str) -> Json:
        """Answer `GET /audiences/{id}`, which takes the `id` of an external audience, and not its `audienceId`."""
        id_ = request.path_params["id"]
        found = next((segment for segment in self._segments(place) if segment["id"] == id_), None)
        if found is None:
            message = f"The audience entity {id_} is not found. Use a valid entity and try again."
            errors = {"404": [{"code": 404, "message": message}]}
            type_ = "https://ns.adobe.com/aep/errors/UPAPI-113430-404"
            raise Problem(404, {"requestId": "", "errors": errors, "type": type_, "title": message, "status": 404})
        return _audience(found, place)

    def list_audiences(self, request: Request, place: str) -> Json:
        """Answer `GET /audiences`: `property` compares exactly, `name` and `description` look for a part in any case.

        Inactive audiences are listed only where one `audienceId` is asked for.
        """
        query = request.query_params
        limit, start = _number(query.get("limit"), LARGEST_PAGE), _number(query.get("start"), 0)
        found = [_audience(segment, place) for segment in self._segments(place)]
        conditions = query.getlist("property")
        if not any(condition.startswith("audienceId==") for condition in conditions):
            found = [audience for audience in found if audience.get("lifecycleState") != "inactive"]
        for condition in conditions:
            path, _, wanted = condition.partition("==")
            found = [audience for audience in found if wanted in map(str, filters.values(audience, path))]
        for field in ("name", "description"):
            part = query.get(field, "").lower()
            found = [audience for audience in found if part in audience.get(field, "").lower()]
        found = _sorted(found, query.get("sort", _NEWEST_FIRST))
        shown, end = found[start : start + limit], start + limit
        page = {"totalCount": len(found), "totalPages": -(-len(found) // limit), "pageSize": len(shown)}
        if end >= len(found):
            return {"children": shown, "_page": page, "_links": {}}
        href = f"@/audiences?start={end}&limit={limit}&totalCount={len(found)}"
        return {"children": shown, "_page": {**page, "next": str(end)}, "_links": {"next": {"href": href}}}


def _definition(segment: Json, place: str) -> Json:
    return _shown(segment, place, _rules(segment))


def _audience(segment: Json, place: str) -> Json:
    common = {"audienceId": segment["id"], "isSystem": False, "lifecycleState": "published", "namespace": OWN}
    if is_external(segment):
        return _shown(segment, place, {**common, "type": "ExternalSegment", "originName": "CUSTOM_UPLOAD"})
    own = {"type": "SegmentDefinition", "originName": "REAL_TIME_CUSTOMER_PROFILE"}
    return _shown(segment, place, {**common, **own, **_rules(segment)})


def _rules(segment: Json) -> Json:
    """Return how a segment of the platform's own is evaluated."""
    return {
        "schema": {"name": "_xdm.context.profile"},
        "expression": {"type": "PQL", "format": "pql/text", "value": "personalEmail.address.isNotNull()"},
        "evaluationInfo": {way: {"enabled": way == "continuous"} for way in ("batch", "continuous", "synchronous")},
        "mergePolicyId": merge_policy(segment),
    }


def _shown(segment: Json, place: str, members: Json) -> Json:
    """Return what is shown of a segment besides what it says itself: not what a snapshot has as null."""
    org, sandbox = place.split("/", 1)
    common = {"imsOrgId": org, "sandbox": {"sandboxName": sandbox}, "description": "", "creationTime": 0}
    return {key: value for key, value in {**members, **common, **segment}.items() if value is not None}


def _sorted(items: list[Json], sort: str) -> list[Json]:
    """Sort by `field:asc,field:desc`."""
    fields = [field.partition(":")[::2] for field in sort.split(",")]
    return filters.ordered(items, ",".join(f"{'-' if direction == 'desc' else ''}{field}" for field, direction in fields))


def _number(text: str | None, default: int) -> int:
    """Return a paging parameter; a limit beyond the largest page is refused like any that is no number."""
    if text is None:
        return default
    if not text.isdecimal() or len(text) > MOST_DIGITS or (default == LARGEST_PAGE and not 1 <= int(text) <= LARGEST_PAGE):
        raise Problem(400, {"status": 400, "title": "BadRequestError", "detail": f"{text} is not a page that can be listed"})
    return int(text)

"""What a dataflow sends to its stream, as the tutorial prints it under "exported data", and the run that tells of it.

The emulator sends nothing anywhere: who asks for an export is given the records, and may put them into a stream.
"""

from __future__ import annotations

import json
import math
import zlib
from typing import Any

from pulumi_aep_streaming.emulator import filters
from pulumi_aep_streaming.emulator.audiences import OWN, evaluated_alike
from pulumi_aep_streaming.emulator.kinds import Json
from pulumi_aep_streaming.emulator.selections import selected, selectors
from pulumi_aep_streaming.emulator.store import Store

_ALWAYS_EXPORTED = ("segmentMembership", "identityMap")
_OWN_MEMBERSHIP = "ups"
"""Where a profile holds the memberships of the platform's own segments."""
_MEMBER = {"2020": "existing", "current": "realized"}


def export(
    store: Store,
    flow_id: str,
    profiles: int | list[Json] | None = None,
    error: Json | None = None,
    failed: Json | None = None,
    *,
    mapped_only: bool = False,
) -> Json:
    """Export profiles through a flow, and keep a run of it; return the records that are sent and the run's id.

    `profiles` are a number of sample profiles, or profiles as XDM objects. With an `error` the run fails and nothing is sent.
    With `failed` the run succeeds, as runs of streaming destinations do, and its last records fail: `{code, message}` and
    how many, as `records` or as `percent`; without either, all. Unless `mapped_only`, or the
    target says so, a record tells of all audiences that share a merge policy with a mapped one.
    """
    place = store.place_of("flows", flow_id)
    flow = store.get(place, "flows", flow_id)
    if flow["state"] == "disabled":
        return {"records": [], "runId": None}
    targets = [store.load(place, "targetConnections", id_) for id_ in flow["targetConnectionIds"]]
    mapped_only = mapped_only or any(map(_maps_only, targets))
    mapped = {id_ for namespace, id_ in activated(flow) if namespace == _OWN_MEMBERSHIP}
    unmapped = [] if mapped_only else evaluated_alike(store.segments(place), mapped)
    records = [
        exported(profile, flow, store.switches.edition, unmapped)
        for profile in (profiles if isinstance(profiles, list) else store.contents.profiles)
        if any(_membership(profile, *audience) for audience in activated(flow))
    ]
    if isinstance(profiles, int):
        records = records[:profiles]
    sent = [] if error else records[: len(records) - _failing(len(records), failed)]
    run = store.record(place, run_of(flow, records, len(sent), error, failed, now=store.now()))
    return {"records": sent, "runId": run["id"]}


def exported(profile: Json, flow: Json, edition: str, unmapped: list[str]) -> Json:
    """Return one record: the mapped attributes that the profile has, its activated and `unmapped` segments, all its identities.

    External audiences are under their own namespace: no document prints one.
    """
    record: Json = {}
    for path in selected(flow, "profileSelectors", "path"):
        steps = path.split(".")
        if steps[0] not in _ALWAYS_EXPORTED:
            _copy(profile, record, steps)
    memberships: Json = {_OWN_MEMBERSHIP: {}}
    for namespace, id_ in [*activated(flow), *((_OWN_MEMBERSHIP, id_) for id_ in unmapped)]:
        membership = _membership(profile, namespace, id_)
        if membership:
            status = "exited" if membership.get("status") == "exited" else _MEMBER[edition]
            memberships.setdefault(namespace, {})[id_] = {**membership, "status": status}
    return {**record, "segmentMembership": memberships, "identityMap": profile.get("identityMap", {})}


def _failing(records: int, failed: Json | None) -> int:
    """Return how many of so many records fail."""
    if failed is None:
        return 0
    share = math.ceil(records * failed.get("percent", 100) / 100)
    return min(records, failed.get("records", share))


def run_of(flow: Json, records: list[Json], sent: int, error: Json | None, failed: Json | None, *, now: int) -> Json:
    """Return the run that an export leaves, with the members that the API reference prints for destinations.

    The first records are `sent`, and the others fail. Times are epoch milliseconds.
    """
    written = dict.fromkeys(("createdRecordCount", "outputRecordCount"), sent)
    reason = error or {key: value for key, value in (failed or {}).items() if key in {"code", "message"}}
    lost = len(records) - sent
    counts = {
        f"segment:{id_}": [id_ in record["segmentMembership"].get(namespace, {}) for record in records]
        for namespace, id_ in activated(flow)
    }
    sources = [{"id": id_, "inputRecordCount": sum(members)} for id_, members in counts.items()]
    targets = [dict.fromkeys(written, sum(members[:sent])) | {"id": id_} for id_, members in counts.items()]
    taken = {"inputRecordCount": len(records)}
    return {
        "flowId": flow["id"],
        "flowSpec": flow["flowSpec"],
        "metrics": {
            "durationSummary": {"startedAtUTC": now, "completedAtUTC": now},
            "sizeSummary": {"inputBytes": _size(records), "outputBytes": _size(records[:sent])},
            "recordSummary": {
                **taken,
                **written,
                "skippedRecordCount": 0,
                "failedRecordCount": lost,
                "sourceSummaries": [{"id": id_, **taken, "entitySummaries": sources} for id_ in flow["sourceConnectionIds"]],
                "targetSummaries": [{"id": id_, **written, "entitySummaries": targets} for id_ in flow["targetConnectionIds"]],
                **({"failedInfo": [{**reason, "count": lost}]} if error or lost else {}),
            },
            "statusSummary": {"status": "failed", "errors": [error]} if error else {"status": "success"},
        },
    }


def _maps_only(target: Json) -> bool:
    """Whether a target connection has the toggle of July 2026 on."""
    return target["params"].get("includeMappedAudiencesOnly") is True


def _size(records: list[Json]) -> int:
    return sum(len(json.dumps(record)) for record in records)


def activated(flow: Json) -> list[tuple[str, str]]:
    """Return what a flow's selectors activate: where a profile holds its memberships, and the id there."""
    found = [(value.get("namespace") or OWN, value["id"]) for value in selectors(flow, "segmentSelectors")]
    return [(_OWN_MEMBERSHIP if namespace == OWN else namespace, id_) for namespace, id_ in found]


def _membership(profile: Json, namespace: str, segment_id: str) -> Json | None:
    """Return what a profile says of a segment; one that speaks of none is a member, was one, or never was, by a fixed rule."""
    if "segmentMembership" in profile:
        held = filters.values(profile, "segmentMembership")
        spaces = [space.get(namespace) for space in held if isinstance(space, dict)]
        found = [space.get(segment_id) for space in spaces if isinstance(space, dict)]
        return next((membership for membership in found if isinstance(membership, dict)), None)
    number = zlib.crc32((json.dumps(profile.get("identityMap"), sort_keys=True) + segment_id).encode())
    status = ("realized", "exited", "")[number % 3]
    if not status:
        return None
    return {"lastQualificationTime": f"2026-03-{number % 28 + 1:02d}T21:24:39Z", "status": status}


def _copy(profile: Json, record: Json, steps: list[str]) -> None:
    """Copy what is under a path; nothing where the profile lacks it."""
    found: Any = profile
    for step in steps:
        if not isinstance(found, dict) or step not in found:
            return
        found = found[step]
    for step in steps[:-1]:
        record = record.setdefault(step, {})
    record[steps[-1]] = found

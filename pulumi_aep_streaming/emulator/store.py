"""The state machine of the emulated Flow Service: objects, versions, references, states. No HTTP.

Where Adobe's documents are silent it is strict: a client that gets along with it makes no assumption.
"""

from __future__ import annotations

import json
import sqlite3
import time
import uuid
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

from pulumi_aep_streaming.emulator import filters
from pulumi_aep_streaming.emulator.contents import Contents, built_in
from pulumi_aep_streaming.emulator.inheritance import inherited
from pulumi_aep_streaming.emulator.kinds import Json
from pulumi_aep_streaming.emulator.patches import decorate, patched
from pulumi_aep_streaming.emulator.problems import flow_service, not_found, stale, too_many_destinations
from pulumi_aep_streaming.emulator.selections import check_selectors
from pulumi_aep_streaming.emulator.switches import Switches
from pulumi_aep_streaming.emulator.validation import (
    check_auth,
    check_changed,
    check_entitlement,
    check_new,
    secret_keys,
    spec_in,
)

MASK = "xxxx"
LARGEST_PAGE = 100
FINALIZER = "acp_foundation_connectors"
"""The client by which the service itself makes and changes things."""
_RESTING_STATES = frozenset({"enabled", "disabled"})
_UNSEEN = frozenset({"restsAt", "stateBefore", "credentialsValid"})


class Store:
    """All objects of all sandboxes, in one SQLite file."""

    def __init__(
        self,
        path: str | Path = ":memory:",
        switches: Switches | None = None,
        clock: Callable[[], float] = time.time,
        contents: Contents | None = None,
    ) -> None:
        """`clock` tells the time in seconds since 1970; `contents` is what all sandboxes have, by default what is built in."""
        self.switches, self.clock = switches or Switches(), clock
        self.contents = contents or built_in(self.switches.edition)
        self._database = sqlite3.connect(path, check_same_thread=False, isolation_level=None)
        self._database.execute("PRAGMA journal_mode=WAL")
        self._database.execute(
            "CREATE TABLE IF NOT EXISTS objects (id TEXT PRIMARY KEY, kind TEXT, place TEXT, turn INTEGER, body TEXT)"
        )
        self._database.execute("CREATE INDEX IF NOT EXISTS by_place ON objects (place, kind, turn)")
        self._database.execute("CREATE INDEX IF NOT EXISTS by_turn ON objects (turn)")
        self._database.execute(
            "CREATE TABLE IF NOT EXISTS segments (place TEXT, id TEXT, body TEXT, PRIMARY KEY (place, id) ON CONFLICT REPLACE)"
        )

    def now(self) -> int:
        """Return the time in milliseconds since 1970, as the service tells it."""
        return int(self.clock() * 1000)

    def close(self) -> None:
        """Close the file."""
        self._database.close()

    def reset(self) -> None:
        """Forget all objects, and all segments but the built-in ones."""
        self._database.execute("DELETE FROM objects")
        self._database.execute("DELETE FROM segments")

    def create(self, place: str, kind: str, body: Json, client: str) -> Json:
        """Validate and keep a new object; return what POST answers."""
        self._check_limits(place, kind, body)
        check_new(kind, body, self.contents, partial(self.load, place))
        item = {**body, **self._new(place, client), "state": "enabled"}
        item |= inherited(kind, item, partial(self.load, place))
        self.put(kind, place, item)
        if self.switches.edition == "2020":
            return {"id": item["id"], "etag": item["id"]} if kind == "flows" else {"id": item["id"]}
        return {"id": item["id"], "etag": item["etag"]}

    def get(self, place: str, kind: str, id_: str) -> Json:
        """Return one object as GET shows it."""
        return self.shown(kind, self.load(place, kind, id_))

    def find(self, place: str, kind: str, conditions: list[str], orderby: str | None) -> list[Json]:
        """Return all objects that match, newest change first unless ordered."""
        tests = [filters.matcher(condition) for condition in conditions]
        rows = self._database.execute("SELECT body FROM objects WHERE place = ? AND kind = ? ORDER BY turn DESC", (place, kind))
        items = [self.shown(kind, self._settled(kind, place, json.loads(row[0]))) for row in rows]
        matching = [item for item in items if all(test(item) for test in tests)]
        return filters.ordered(matching, orderby) if orderby else matching

    def patch(self, place: str, kind: str, id_: str, operations: Any, if_match: str | None, client: str) -> Json | None:
        """Apply a JSON Patch under a version; return what PATCH answers, None for an empty 202."""
        if not if_match:
            raise flow_service(1403, 400, "If-Match header is missing")
        item = self.load(place, kind, id_)
        if if_match != item["etag"] and (self.switches.if_match == "quoted" or f'"{if_match}"' != item["etag"]):
            raise stale(if_match, item["etag"])
        if item["state"] not in _RESTING_STATES:
            raise flow_service(1420, 400, f"{kind} cannot be updated in state {item['state']}")
        changed = patched(kind, item, operations, capitals=self.switches.patch_case == "any")
        check_changed(kind, item, changed, self.contents, partial(self.load, place))
        if kind == "flows":
            decorate(changed, self.now())
            if self.switches.selectors == "known":
                known = None if self.contents.audiences is None else self.segments(place)
                check_selectors(item, changed, known, self.contents.fields)
            changed |= inherited(kind, changed, partial(self.load, place))
        self._bump(kind, place, changed, client)
        if self.switches.finalizer_seconds:
            changed["stateBefore"], changed["state"] = changed["state"], "updating"
            changed["restsAt"] = self.clock() + self.switches.finalizer_seconds
            self.put(kind, place, changed)
        return {"id": id_, "etag": changed["etag"]} if self.switches.patch_has_body else None

    def touch(self, kind: str, id_: str) -> None:
        """Let somebody else change an object: its etag is another then."""
        place = self.place_of(kind, id_)
        self._bump(kind, place, self.load(place, kind, id_), FINALIZER)

    def act(self, place: str, id_: str, action: str, client: str) -> Json:
        """Enable or disable a flow."""
        item = self.load(place, "flows", id_)
        wanted = {"enable": "enabled", "disable": "disabled"}.get(action.lower())
        if wanted is None:
            raise flow_service(1402, 400, f"Operation {action} is not allowed")
        if item["state"] not in _RESTING_STATES or item["state"] == wanted:
            raise flow_service(1409, 400, f"Operation {action} is not allowed in state {item['state']}")
        item["state"] = wanted
        self._bump("flows", place, item, client)
        return {"id": id_, "etag": item["etag"]}

    def delete(self, place: str, kind: str, id_: str) -> None:
        """Delete an object that nothing depends on."""
        item = self.load(place, kind, id_)
        if item["state"] not in _RESTING_STATES:
            raise flow_service(1416, 400, f"{kind} cannot be deleted in state {item['state']}")
        flows = self.find(place, "flows", [], None)
        if kind == "connections":
            children = {
                child["id"]
                for kind_ in ("sourceConnections", "targetConnections")
                for child in self.find(place, kind_, [f"baseConnectionId=={id_}"], None)
            }
            if any(children & {*flow["sourceConnectionIds"], *flow["targetConnectionIds"]} for flow in flows):
                message = f"Connection {id_} cannot be deleted because it is being used in one or more flows"
                raise flow_service(1418, 400, message)
        elif any(id_ in {*flow["sourceConnectionIds"], *flow["targetConnectionIds"]} for flow in flows):
            raise flow_service(1447, 400, f"Found active flows containing id {id_}")
        self.drop(id_)

    def drop(self, id_: str) -> None:
        """Remove an object, whatever depends on it."""
        self._database.execute("DELETE FROM objects WHERE id = ?", (id_,))

    def record(self, place: str, run: Json) -> Json:
        """Keep a run of a flow, as the service itself does after an export; the flow names its last one."""
        item = {**self._new(place, FINALIZER), **run}
        self.put("runs", place, item)
        metrics = run["metrics"]
        flow = self.load(place, "flows", run["flowId"])
        flow["lastRunDetails"] = {"id": item["id"], "state": metrics["statusSummary"]["status"], **metrics["durationSummary"]}
        self.put("flows", place, flow)
        return item

    def test(self, place: str, id_: str) -> bool:
        """Whether a connection's credentials are good: they are, unless `judge` has said otherwise."""
        return bool(self.load(place, "connections", id_).get("credentialsValid", True))

    def judge(self, place: str, id_: str, *, valid: bool) -> None:
        """Say what a test of a connection finds from now on."""
        self.put("connections", place, {**self.load(place, "connections", id_), "credentialsValid": valid})

    def move(self, place: str, id_: str, auth: Json) -> None:
        """Let somebody move an account to another kind of authentication, as Adobe's UI does."""
        item = self.load(place, "connections", id_)
        check_auth(spec_in(self.contents.connection_specs, item["connectionSpec"]), auth)
        self._bump("connections", place, {**item, "auth": auth}, FINALIZER)

    def place_of(self, kind: str, id_: str) -> str:
        """Return the place of an object, for those who know only its id."""
        row = self._database.execute("SELECT place FROM objects WHERE id = ? AND kind = ?", (id_, kind)).fetchone()
        if row is None:
            raise not_found(kind, id_)
        return str(row[0])

    def seed(self, place: str, segments: list[Json]) -> None:
        """Add segments to a sandbox; one with a known id takes its place."""
        rows = [(place, segment["id"], json.dumps(segment)) for segment in segments]
        self._database.executemany("INSERT INTO segments VALUES (?, ?, ?)", rows)

    def segments(self, place: str) -> list[Json]:
        """Return the audiences of a sandbox: its own, newest first, and those that every sandbox has."""
        rows = self._database.execute("SELECT body FROM segments WHERE place = ? ORDER BY rowid DESC", (place,))
        own = [json.loads(row[0]) for row in rows]
        ids = {segment["id"] for segment in own}
        return [*own, *(segment for segment in self.contents.audiences or () if segment["id"] not in ids)]

    def _check_limits(self, place: str, kind: str, body: Json) -> None:
        if kind == "connections" and not self.switches.entitled:
            check_entitlement(spec_in(self.contents.connection_specs, body.get("connectionSpec")))
        most = self.switches.most_destinations
        if kind == "targetConnections" and most is not None and len(self.find(place, kind, [], None)) >= most:
            raise too_many_destinations(most)

    # Rows

    def load(self, place: str, kind: str, id_: str) -> Json:
        """Return one object as it is kept, secrets included."""
        row = self._database.execute(
            "SELECT body FROM objects WHERE id = ? AND place = ? AND kind = ?", (id_, place, kind)
        ).fetchone()
        if row is None:
            raise not_found(kind, id_)
        return self._settled(kind, place, json.loads(row[0]))

    def _settled(self, kind: str, place: str, item: Json) -> Json:
        """Let the finalizer run, if its time has come: the state ends and the etag moves once more."""
        if "restsAt" in item and self.clock() >= item["restsAt"]:
            del item["restsAt"]
            item["state"] = item.pop("stateBefore")
            self._bump(kind, place, item, FINALIZER)
        return item

    def _new(self, place: str, client: str) -> Json:
        """What every object has from its first day."""
        now, etag = self.now(), f'"{uuid.uuid4()}"'
        org, sandbox = place.split("/", 1)
        return {
            "id": str(uuid.uuid4()),
            "createdAt": now,
            "updatedAt": now,
            "createdBy": client,
            "updatedBy": client,
            "createdClient": client,
            "updatedClient": client,
            "sandboxId": str(uuid.uuid5(uuid.NAMESPACE_URL, place)),
            "sandboxName": sandbox,
            "imsOrgId": org,
            "version": etag,
            "etag": etag,
        }

    def _bump(self, kind: str, place: str, item: Json, client: str) -> None:
        item["etag"] = item["version"] = f'"{uuid.uuid4()}"'
        item["updatedAt"] = self.now()
        item["updatedBy"] = item["updatedClient"] = client
        self.put(kind, place, item)

    def put(self, kind: str, place: str, item: Json) -> None:
        """Keep an object as it is, unchecked."""
        self._database.execute(
            "INSERT INTO objects VALUES (?, ?, ?, (SELECT COALESCE(MAX(turn), 0) + 1 FROM objects), ?) "
            "ON CONFLICT (id) DO UPDATE SET turn = excluded.turn, body = excluded.body",
            (item["id"], kind, place, json.dumps(item)),
        )

    def shown(self, kind: str, item: Json) -> Json:
        """Return an object as GET shows it."""
        shown = {key: value for key, value in item.items() if key not in _UNSEEN}
        found = None if self.switches.secrets == "echoed" else secret_keys(kind, shown, self.contents.connection_specs)
        if found is None:
            return shown
        member, secret = found
        holder = shown["auth"] if member == "auth" else shown
        params = {key: MASK if key in secret else value for key, value in holder.get("params", {}).items()}
        if self.switches.secrets == "omitted":
            params = {key: value for key, value in params.items() if key not in secret}
        return {**shown, **({"auth": {**holder, "params": params}} if member == "auth" else {"params": params})}

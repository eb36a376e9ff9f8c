"""The page at `/`: each chain of objects from the profile store to its stream, and the last calls. No script, no secret.

Of parameters only those known to be plain are shown; what else is in them may be secret, whatever the API shows of it.
"""

from __future__ import annotations

import base64
import hashlib
import re
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import groupby
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from pulumi_aep_streaming.emulator.gateway import Call, Organization
from pulumi_aep_streaming.emulator.kinds import Json
from pulumi_aep_streaming.emulator.selections import selected
from pulumi_aep_streaming.emulator.store import MASK, Store

CALLS_SHOWN = 20
_FOLDER = Path(__file__).parent
_LONGEST_TEXT = 500
# Controls, and what turns the direction of all that follows.
_UNSHOWABLE = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")


def _shown(value: object) -> object:
    """Return a value of the template as it is shown: of text that others wrote, no more than a page can bear."""
    if not isinstance(value, str) or isinstance(value, Markup):
        return value
    text = value if len(value) <= _LONGEST_TEXT else f"{value[:_LONGEST_TEXT]}..."
    return _UNSHOWABLE.sub("\N{REPLACEMENT CHARACTER}", text)


def _clock_time(seconds: float) -> str:
    """Return a time of day, here; whoever looks at the page sits at this machine."""
    return time.strftime("%H:%M:%S", time.localtime(seconds))


_ENVIRONMENT = Environment(
    loader=FileSystemLoader(_FOLDER),
    autoescape=True,
    finalize=_shown,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)
_ENVIRONMENT.filters["clock_time"] = _clock_time
_TEMPLATE = _ENVIRONMENT.get_template("page.html")
_STYLE = (_FOLDER / "page.css").read_text()
_STYLE_HASH = base64.b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode()
HEADERS = {
    "Content-Security-Policy": f"default-src 'none'; style-src 'sha256-{_STYLE_HASH}'; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'none'",
    "Cache-Control": "no-store",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}
_PLAIN = ("stream", "eventHubName", "region", "namespace")
_COLOURS = 4


def render(store: Store, organization: Organization, calls: list[Call], *, follow: bool) -> str:
    """Return the page as it is now; `follow` makes the browser ask again every few seconds."""
    sandboxes = [Sandbox.of(store, organization.id, name) for name in organization.sandboxes]
    return _TEMPLATE.render(
        style=_STYLE,
        organization=organization.id,
        edition=store.switches.edition,
        sandboxes=sorted(sandboxes, key=lambda sandbox: not sandbox.objects),
        calls=calls[: -CALLS_SHOWN - 1 : -1],
        follow=follow,
    )


@dataclass(frozen=True)
class Box:
    """One object of a chain; `caption` says what it is. If `shared` by several dataflows, it has a `colour`, from 1."""

    caption: str
    name: str
    id: str = ""
    details: tuple[tuple[str, str], ...] = ()
    missing: bool = False
    shared: int = 1
    colour: int = 0


@dataclass(frozen=True)
class Flow:
    """A dataflow with what it is activated for, and the boxes of each end: target connection, account, stream."""

    name: str
    id: str
    state: str
    segments: list[tuple[str, str]]
    attributes: list[tuple[str, str]]
    last_run: str
    ends: list[list[Box]]


@dataclass(frozen=True)
class Source:
    """Where dataflows begin: base and source connection, usually one pair, and the dataflows that share them."""

    pairs: list[tuple[Box, Box]]
    flows: list[Flow]


@dataclass(frozen=True)
class Sandbox:
    """What one sandbox holds."""

    name: str
    objects: int
    flows: int
    sources: list[Source]
    loose: list[Box]

    @classmethod
    def of(cls, store: Store, org: str, name: str) -> Sandbox:
        """Read a sandbox from the store."""
        place = f"{org}/{name}"
        chains = _Chains(
            flows=store.find(place, "flows", [], "createdAt"),
            targets=_by_id(store.find(place, "targetConnections", [], "createdAt")),
            sources=_by_id(store.find(place, "sourceConnections", [], "createdAt")),
            bases=_by_id(store.find(place, "connections", [], "createdAt")),
            segments={str(each.get("audienceId", each["id"])): each["name"] or each["id"] for each in store.segments(place)},
            spec_names={spec["id"]: spec["name"] for spec in store.contents.connection_specs or ()},
        )
        objects = len(chains.flows) + len(chains.targets) + len(chains.sources) + len(chains.bases)
        return cls(name, objects, len(chains.flows), list(chains.by_source()), list(chains.loose()))


@dataclass(frozen=True)
class _Chains:
    """The objects of a sandbox, and how they hang together."""

    flows: list[Json]
    targets: dict[str, Json]
    sources: dict[str, Json]
    bases: dict[str, Json]
    segments: dict[str, str]
    spec_names: dict[str, str]

    def by_source(self) -> Iterator[Source]:
        """Yield the dataflows together that have the same source connections."""
        shared = self._shared_accounts()
        for ids, flows in groupby(sorted(self.flows, key=_source_ids), _source_ids):
            yield Source([self._pair(self.sources.get(id_)) for id_ in ids], [self._flow(flow, shared) for flow in flows])

    def loose(self) -> Iterator[Box]:
        """Yield what no dataflow leads to: connections that are left over, or whose dataflow is yet to come."""
        used = {id_ for flow in self.flows for id_ in (*flow["sourceConnectionIds"], *flow["targetConnectionIds"])}
        ends = {**self.sources, **self.targets}
        used |= {ends[id_]["baseConnectionId"] for id_ in used if id_ in ends}
        for word, items in (("Base", self.bases), ("Source", self.sources), ("Target", self.targets)):
            yield from (Box(f"{word} connection", item["name"], id_) for id_, item in items.items() if id_ not in used)

    def _shared_accounts(self) -> dict[str, tuple[int, int]]:
        """Return the accounts that several dataflows go through: how many do, and a colour to know it by."""
        targets = [self.targets.get(id_) for flow in self.flows for id_ in flow["targetConnectionIds"]]
        uses = Counter(target["baseConnectionId"] for target in targets if target)
        shared = [id_ for id_ in self.bases if uses[id_] > 1]
        return {id_: (uses[id_], number % _COLOURS + 1) for number, id_ in enumerate(shared)}

    def _pair(self, source: Json | None) -> tuple[Box, Box]:
        return _box("Profile store", self._base(source)), _box("Source connection", source)

    def _flow(self, flow: Json, shared: dict[str, tuple[int, int]]) -> Flow:
        return Flow(
            name=flow["name"],
            id=flow["id"],
            state=flow["state"],
            segments=[(id_, self.segments.get(id_, id_)) for id_ in selected(flow, "segmentSelectors", "id")],
            attributes=[(path, path) for path in selected(flow, "profileSelectors", "path")],
            last_run=flow.get("lastRunDetails", {}).get("state", ""),
            ends=[self._end(self.targets.get(id_), shared) for id_ in flow["targetConnectionIds"]],
        )

    def _end(self, target: Json | None, shared: dict[str, tuple[int, int]]) -> list[Box]:
        account, params = self._base(target), (target or {}).get("params", {})
        uses, colour = shared.get((account or {}).get("id", ""), (1, 0))
        stream = params.get("stream") or params.get("eventHubName") or MASK
        spec = self.spec_names.get((target or {}).get("connectionSpec", {}).get("id"), "Stream")
        region = (("region", str(params["region"])),) if "region" in params else ()
        auth = (account or {}).get("auth", {}).get("params", {})
        held = replace(_box("Account", account, auth), shared=uses, colour=colour)
        return [_box("Target connection", target), held, Box(spec, str(stream), details=region)]

    def _base(self, child: Json | None) -> Json | None:
        return self.bases.get(child["baseConnectionId"]) if child else None


def _box(caption: str, item: Json | None, params: Json | None = None) -> Box:
    if item is None:
        return Box(caption, "missing", missing=True)
    ordered = sorted((params or {}).items(), key=lambda item: _turn(item[0]))
    details = tuple((key, str(value) if key in _PLAIN else MASK) for key, value in ordered)
    return Box(caption, item["name"], item["id"], details)


def _turn(key: str) -> tuple[bool, bool, str]:
    """Return what orders parameters, in whatever order a client sent them: what is shown, then whose, then the secrets."""
    return key not in _PLAIN, not key.endswith(("Id", "Name")), key


def _by_id(items: list[Json]) -> dict[str, Json]:
    return {item["id"]: item for item in items}


def _source_ids(flow: Json) -> list[str]:
    ids: list[str] = flow["sourceConnectionIds"]
    return ids

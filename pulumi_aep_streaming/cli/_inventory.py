"""What is there: the dataflows of a sandbox and the connections that they use, and which of them the package can express.

What it cannot express is named, with the reason, and left alone: nothing is guessed.
"""

from __future__ import annotations

import fnmatch
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

from pulumi_aep_streaming import base_connection, target_connection
from pulumi_aep_streaming._core import marker
from pulumi_aep_streaming._core.inputs import check
from pulumi_aep_streaming._core.kinds.kind import Kind
from pulumi_aep_streaming._core.kinds.table import KINDS
from pulumi_aep_streaming._core.listed import with_descriptions
from pulumi_aep_streaming._core.merges.selectors import SEGMENTS, Identity
from pulumi_aep_streaming._core.specs import FlowSpecId, Keys, KnownSpecs
from pulumi_aep_streaming._core.values import Bag
from pulumi_aep_streaming.flow_service.client import FlowService
from pulumi_aep_streaming.flow_service.collection import Collection
from pulumi_aep_streaming.flow_service.errors import Malformed, NotFound, Refused, Unreadable
from pulumi_aep_streaming.flow_service.models import (
    Connection,
    Entity,
    Flow,
    SourceConnection,
    StreamConnection,
    TargetConnection,
    id_shown,
    read_as,
)

_MANY_FLOWS = 25  # from so many on, listing all connections costs fewer calls than reading those that are used
Progress = Callable[[str], None]
E = TypeVar("E", bound=Entity)


@dataclass
class Objects:
    """Objects of one sandbox as the service shows them, by id."""

    flows: dict[str, Flow] = field(default_factory=dict)
    sources: dict[str, SourceConnection] = field(default_factory=dict)
    targets: dict[str, TargetConnection] = field(default_factory=dict)
    connections: dict[str, Connection] = field(default_factory=dict)
    absent: list[str] = field(default_factory=list)
    """Ids of dataflows that were asked for, and are not there."""
    unreadable: dict[str, str] = field(default_factory=dict)
    """Why objects cannot be read, by id."""

    def read(self, collection: Collection[E], id_: str) -> E | None:
        """Return an object; None if it is absent, or cannot be read."""
        try:
            return collection.get(id_)
        except NotFound:
            return None
        except Unreadable as odd:
            why = str(odd)
        except Refused as refused:  # whatever it is that others refer to as an id
            if not refused.is_about_the_object:
                raise
            why = f"{collection.path} {id_!r}: {refused}"
        self.unreadable[id_] = why
        return None


@dataclass(frozen=True)
class Adoptable:
    """One object that can be expressed: its inputs in normal form, as state holds them."""

    id: str
    type_name: str
    """The kind, by the name of its resource class, such as `Dataflow`."""
    inputs: Bag
    warnings: list[str]
    auth_keys: frozenset[str] = frozenset()
    """Which parameters the credentials of an account have, as far as they are shown."""
    authentication: str = ""
    """The name of an account's authentication, "" if it is not shown."""

    @property
    def name(self) -> str:
        return str(self.inputs["name"])


@dataclass(frozen=True)
class LeftAlone:
    """One dataflow, or an object that cannot be read, that is not adopted, and why."""

    id: str
    name: str
    reason: str


@dataclass
class Inventory:
    """What can be expressed, by id, in the order of creation; what is left alone; what else there is to know."""

    adoptable: dict[str, Adoptable] = field(default_factory=dict)
    left_alone: list[LeftAlone] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    segment_names: dict[Identity, str] = field(default_factory=dict)

    def of(self, type_name: str) -> list[Adoptable]:
        """Return what there is of a kind."""
        return [adoptable for adoptable in self.adoptable.values() if adoptable.type_name == type_name]


KNOWN = KnownSpecs(base_connection.KNOWN.authentications, target_connection.KNOWN.targets)
"""The connection specs that the package knows by heart."""


def scan(service: FlowService, progress: Progress, *, ids: Sequence[str] = (), name: str = "") -> Objects:
    """Read dataflows (all, or those with an id, or whose name matches a pattern) and the connections that they use."""
    found = Objects()
    for flow in (found.read(service.flows, id_) for id_ in ids) if ids else listed(service, found):
        if flow and (not name or fnmatch.fnmatchcase(flow.name or "", name)):
            found.flows[flow.id] = flow
        progress(f"dataflows: {len(found.flows)}")
    found.absent = [] if name else [id_ for id_ in ids if id_ not in found.flows.keys() | found.unreadable.keys()]
    many = len(found.flows) >= _MANY_FLOWS
    used = [id_ for flow in found.flows.values() for id_ in flow.source_connection_ids]
    found.sources = _read(found, service.source_connections, used, progress, "source connections", listed=many)
    used = [id_ for flow in found.flows.values() for id_ in flow.target_connection_ids]
    found.targets = _read(found, service.target_connections, used, progress, "target connections", listed=many)
    streams = [*found.sources.values(), *found.targets.values()]
    used = [stream.base_connection_id for stream in streams if stream.base_connection_id]
    found.connections = _read(found, service.connections, used, progress, "base connections", listed=many)
    return found


def listed(service: FlowService, found: Objects) -> Iterator[Flow | None]:
    """List all; destinations that the list shows in short are read, also those whose description is."""
    flows = list(service.flows.find())
    whole = {flow.id: flow for flow in with_descriptions(service.flows, [flow for flow in flows if flow.is_whole])}
    for flow in flows:
        elsewhere = flow.flow_spec is not None and flow.flow_spec.id != FlowSpecId.PROFILE_BASED_DESTINATION.value
        yield whole.get(flow.id) or (flow if elsewhere else found.read(service.flows, flow.id))


def from_dump(dump: dict[str, Any]) -> Objects:
    """Take objects from a dump: under each collection's name, a list of what GET answers.

    Raises `TypeError` if there is something else than a list, `ValueError` if nothing in them can be read.
    """
    found = Objects()
    found.flows = _by_id(Flow, "flows", dump, found.unreadable)
    found.sources = _by_id(SourceConnection, "sourceConnections", dump, found.unreadable)
    found.targets = _by_id(TargetConnection, "targetConnections", dump, found.unreadable)
    found.connections = _by_id(Connection, "connections", dump, found.unreadable)
    if found.unreadable and not (found.flows or found.sources or found.targets or found.connections):
        raise ValueError(next(iter(found.unreadable.values())))
    return found


def sort_out(found: Objects, sandbox: str, org_id: str) -> Inventory:
    """Tell what can be expressed from what cannot. Pure."""
    inventory = Inventory(left_alone=[LeftAlone(id_, "", "it does not exist") for id_ in found.absent])
    inventory.left_alone += [LeftAlone(id_, "", why) for id_, why in found.unreadable.items()]
    place = {"sandboxName": sandbox, "orgId": org_id}
    for flow in reversed(found.flows.values()):  # lists come newest first
        reason = next(_obstacles(flow, found), "")
        chain = [] if reason else list(_chain(flow, found, place))
        problems = [problem for _, lines in chain for problem in lines]
        if reason or problems:
            inventory.left_alone.append(LeftAlone(flow.id, flow.name or "", reason or problems[0]))
            continue
        inventory.adoptable.update({adoptable.id: adoptable for adoptable, _ in chain})
        inventory.notes += [
            f"{adoptable.name} ({adoptable.id}): {line}" for adoptable, _ in chain for line in adoptable.warnings
        ]
        texts = [(SEGMENTS.of(segment), segment.get("name")) for segment in flow.selected("segmentSelectors")]
        named = {identity: name for identity, name in texts if isinstance(identity[0], str) and isinstance(name, str)}
        inventory.segment_names.update(named)
        if len(flow.transformations) > 1:
            inventory.notes.append(f"{flow.name} ({flow.id}) carries more transformations than one; they stay as they are")
    return inventory


def _read(
    found: Objects, collection: Collection[E], used: list[str], progress: Progress, label: str, *, listed: bool
) -> dict[str, E]:
    """Return the objects with the given ids, from pages or one by one; what is not listed is read, to be sure."""
    wanted = dict.fromkeys(used)
    many = (live for live in collection.find() if live.id in wanted and live.is_whole) if listed else ()
    by_id = {live.id: live for live in with_descriptions(collection, many)}
    for id_ in wanted:
        live = by_id.get(id_) or found.read(collection, id_)
        if live:
            by_id[id_] = live
        progress(f"{label}: {len(by_id)}")
    return by_id


def _by_id(model: type[E], name: str, dump: dict[str, Any], unreadable: dict[str, str]) -> dict[str, E]:
    found, listed = {}, dump.get(name, [])
    if not isinstance(listed, list):
        raise TypeError(name)
    for item in listed:
        id_ = id_shown(item)
        try:
            found[id_] = read_as(model, item, f"{name} {id_}")
        except Malformed as odd:
            unreadable[id_] = str(odd)
    return found


def _obstacles(flow: Flow, found: Objects) -> Iterator[str]:
    """Yield what keeps a dataflow from being expressed."""
    if flow.flow_spec is None or flow.flow_spec.id != FlowSpecId.PROFILE_BASED_DESTINATION.value:
        yield "it is no dataflow of the profile-based destination"
    for label, ids, streams in (
        ("source connection", flow.source_connection_ids, found.sources),
        ("target connection", flow.target_connection_ids, found.targets),
    ):
        for id_ in ids:
            stream = streams.get(id_)
            problem = _obstacle(label, stream, found) if stream else _why_absent(id_, found)
            if problem:
                yield f"its {label} {id_} {problem}"
    mark = marker.find(flow.description)
    if mark is not None:
        yield f"it belongs to {mark.owner} already"
    operators = {str(attribute.get("operator") or "EXISTS") for attribute in flow.selected("profileSelectors")}
    for operator in sorted(operators - {"EXISTS"}):
        yield f"an attribute of it has the operator {operator}"


def _why_absent(id_: str | None, found: Objects) -> str:
    return "cannot be read" if id_ in found.unreadable else "does not exist"


def _obstacle(label: str, stream: StreamConnection, found: Objects) -> str:
    """Return what keeps one of its connections from being expressed, "" if nothing does."""
    if not _is_known(stream):
        return "is of a kind that this package does not know, and may hold secrets"
    base = found.connections.get(stream.base_connection_id or "")
    if base is None:
        return f"is in a base connection that {_why_absent(stream.base_connection_id, found)}: {stream.base_connection_id}"
    if not _is_known(base):
        return f"is in a base connection of a kind that this package does not know: {base.id}"
    return _unusable(stream) if label == "target connection" else ""


def _unusable(stream: StreamConnection) -> str:
    """Return what is wrong with a target's parameters: there may be none that name a stream, or not as text."""
    keys = KNOWN.targets[str(stream.connection_spec and stream.connection_spec.id)]
    params = stream.params or {}
    wrong = [key for key in keys.required if key in params and not _is_text(params[key])]
    return f"has no text as {wrong[0]}" if wrong else "" if keys.required else "leads to no stream"


def _is_text(value: Any) -> bool:
    """Whether a value is text that a file can hold: JSON can write half of a character."""
    return isinstance(value, str) and value.isprintable()


def _is_known(live: Connection | StreamConnection) -> bool:
    return live.connection_spec is not None and live.connection_spec.id in (KNOWN.targets.keys() & KNOWN.authentications.keys())


def _chain(flow: Flow, found: Objects, place: Bag) -> Iterator[tuple[Adoptable, list[str]]]:
    """Yield a dataflow and all that it uses, parents first, each with its problems.

    What another stack manages already is left to it, and referred to by its id.
    """
    sources = [source for id_ in flow.source_connection_ids if _is_free(source := found.sources[id_])]
    targets = [target for id_ in flow.target_connection_ids if _is_free(target := found.targets[id_])]
    accounts = [found.connections[str(stream.base_connection_id)] for stream in [*sources, *targets]]
    objects: list[Sequence[Entity]] = [accounts, sources, targets, [flow]]
    for kind, used in zip(KINDS, objects, strict=True):
        for live in filter(_is_free, used):
            yield as_declared(kind(KNOWN), live, place)


def _is_free(live: Entity) -> bool:
    return marker.find(live.description) is None


def as_declared(kind: Kind[Any], live: Entity, place: Bag) -> tuple[Adoptable, list[str]]:
    """Return an object as it would be declared, and what is wrong with that."""
    description = marker.bare(live.description)
    shown = kind.live_inputs({}, live)
    if isinstance(live, TargetConnection):
        keys = KNOWN.targets.get(shown["connectionSpecId"], Keys())
        shown["params"] = {key: shown["params"][key] for key in keys.known if key in shown["params"]}
    if isinstance(live, SourceConnection):
        shown["params"] = {}  # of the profile store, there are none to declare
    if isinstance(live, Flow):
        shown.pop("enabled", None)  # a flow that was paused stays paused
        told_by = ("id", *SEGMENTS.external)
        shown["segments"] = [{key: segment[key] for key in told_by if key in segment} for segment in shown["segments"]]
        shown["profileAttributes"] = [{"path": attribute["path"]} for attribute in shown["profileAttributes"]]
    # Nothing is declared of credentials; `adoptId` tells `check` that there are some.
    labels = {"name": live.name, **({"description": description} if description else {}), "adoptId": live.id}
    checked = check(kind.inputs, KNOWN, {**shown, **labels, **place}, {})
    auth = live.auth if isinstance(live, Connection) else None
    problems = [f"{kind.type_name} {live.id}: {problem}" for problem in checked.problems]
    shown_of_auth = (frozenset((auth and auth.params) or {}), (auth and auth.spec_name) or "")
    return Adoptable(live.id, kind.type_name, checked.inputs, checked.warnings, *shown_of_auth), problems

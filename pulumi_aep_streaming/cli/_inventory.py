"""What is there: the dataflows of a sandbox and the connections that they use, and which of them the package can express.

What it cannot express is named, with the reason, and left alone: nothing is guessed.
"""

from __future__ import annotations

import fnmatch
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from pulumi_aep_streaming import _marker
from pulumi_aep_streaming._declared import check
from pulumi_aep_streaming._inputs import Bag
from pulumi_aep_streaming._provider import FlowServiceProvider
from pulumi_aep_streaming._specs import KNOWN_SPECS, ConnectionSpecId, FlowSpecId
from pulumi_aep_streaming.base_connection import BaseConnectionProvider
from pulumi_aep_streaming.dataflow import DataflowProvider
from pulumi_aep_streaming.flow_service.client import FlowService
from pulumi_aep_streaming.flow_service.errors import NotFound
from pulumi_aep_streaming.flow_service.models import Connection, Entity, Flow, StreamConnection
from pulumi_aep_streaming.source_connection import SourceConnectionProvider
from pulumi_aep_streaming.target_connection import TargetConnectionProvider

# From this many flows on, listing all connections in pages costs fewer calls than reading those that are used.
_MANY_FLOWS = 25
_PROFILE_STORE = ConnectionSpecId.UNIFIED_PROFILE.value
Progress = Callable[[str], None]


@dataclass
class Objects:
    """Objects of one sandbox as the service shows them, by id."""

    flows: dict[str, Flow] = field(default_factory=dict)
    sources: dict[str, StreamConnection] = field(default_factory=dict)
    targets: dict[str, StreamConnection] = field(default_factory=dict)
    connections: dict[str, Connection] = field(default_factory=dict)
    absent: list[str] = field(default_factory=list)
    """Ids of dataflows that were asked for, and are not there."""


@dataclass(frozen=True)
class Declared:
    """One object that can be expressed: its inputs in normal form, as state holds them."""

    id: str
    kind: str
    """The resource class, such as `Dataflow`."""
    inputs: Bag
    auth_keys: frozenset[str] = frozenset()
    """Which parameters the credentials of an account have, as far as they are shown."""

    @property
    def name(self) -> str:
        return str(self.inputs["name"])


@dataclass(frozen=True)
class LeftAlone:
    """One dataflow that is not adopted, and why."""

    id: str
    name: str
    reason: str


@dataclass
class Inventory:
    """What can be expressed, by id, in the order of creation; what is left alone; what else there is to know."""

    declared: dict[str, Declared] = field(default_factory=dict)
    left_alone: list[LeftAlone] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    segment_names: dict[str, str] = field(default_factory=dict)

    def of(self, kind: str) -> list[Declared]:
        """Return what there is of a kind."""
        return [declared for declared in self.declared.values() if declared.kind == kind]


PROVIDERS: dict[str, FlowServiceProvider] = {
    "BaseConnection": BaseConnectionProvider(),
    "SourceConnection": SourceConnectionProvider(),
    "TargetConnection": TargetConnectionProvider(),
    "Dataflow": DataflowProvider(),
}


def scan(service: FlowService, progress: Progress, *, ids: Collection[str] = (), name: str = "") -> Objects:
    """Read dataflows (all, or those with an id, or whose name matches a pattern) and the connections that they use."""
    found = Objects()
    for flow in _chosen(service, ids) if ids else _listed(service):
        if not name or fnmatch.fnmatchcase(flow.name or "", name):
            found.flows[flow.id] = flow
        progress(f"dataflows: {len(found.flows)}")
    found.absent = [] if name else [id_ for id_ in ids if id_ not in found.flows]
    many = len(found.flows) >= _MANY_FLOWS
    used = [id_ for flow in found.flows.values() for id_ in flow.source_connection_ids]
    found.sources = _read(service.source_connections, used, progress, "source connections", listed=many)
    used = [id_ for flow in found.flows.values() for id_ in flow.target_connection_ids]
    found.targets = _read(service.target_connections, used, progress, "target connections", listed=many)
    streams = [*found.sources.values(), *found.targets.values()]
    used = [stream.base_connection_id for stream in streams if stream.base_connection_id]
    found.connections = _read(service.connections, used, progress, "base connections", listed=many)
    return found


def _chosen(service: FlowService, ids: Collection[str]) -> Iterator[Flow]:
    for id_ in ids:
        try:
            yield service.flows.get(id_)
        except NotFound:
            continue


def _listed(service: FlowService) -> Iterator[Flow]:
    """List all; destinations that the list shows in short are read."""
    for flow in service.flows.find():
        elsewhere = flow.flow_spec is not None and flow.flow_spec.id != FlowSpecId.PROFILE_BASED_DESTINATION.value
        yield flow if flow.is_whole or elsewhere else service.flows.get(flow.id)


def from_dump(dump: dict[str, Any]) -> Objects:
    """Take objects from a dump: under each collection's name, a list of what GET answers."""
    return Objects(
        _by_id(Flow, dump.get("flows", [])),
        _by_id(StreamConnection, dump.get("sourceConnections", [])),
        _by_id(StreamConnection, dump.get("targetConnections", [])),
        _by_id(Connection, dump.get("connections", [])),
    )


def sort_out(found: Objects, sandbox: str, org_id: str) -> Inventory:
    """Tell what can be expressed from what cannot. Pure."""
    inventory = Inventory(left_alone=[LeftAlone(id_, "", "it does not exist") for id_ in found.absent])
    place = {"sandboxName": sandbox, "orgId": org_id}
    for flow in reversed(found.flows.values()):  # lists come newest first
        reason = next(_obstacles(flow, found), "")
        chain = [] if reason else list(_chain(flow, found, place))
        problems = [problem for declared, lines in chain for problem in lines]
        if reason or problems:
            inventory.left_alone.append(LeftAlone(flow.id, flow.name or "", reason or problems[0]))
            continue
        inventory.declared.update({declared.id: declared for declared, _ in chain})
        segments = flow.selected("segmentSelectors")
        inventory.segment_names.update({segment.get("id", ""): segment.get("name") or "" for segment in segments})
        if len(flow.transformations) > 1:
            inventory.notes.append(f"{flow.name} ({flow.id}) carries more transformations than one; they stay as they are")
    return inventory


def _read(collection: Any, used: list[str], progress: Progress, label: str, *, listed: bool) -> dict[str, Any]:
    """Return the objects with the given ids, from pages or one by one; what is not listed is read, to be sure."""
    wanted = dict.fromkeys(used)
    found = {live.id: live for live in collection.find() if live.id in wanted and live.is_whole} if listed else {}
    for id_ in wanted:
        if id_ not in found:
            try:
                found[id_] = collection.get(id_)
            except NotFound:
                continue
        progress(f"{label}: {len(found)}")
    return found


def _by_id(model: type[Any], items: list[Any]) -> dict[str, Any]:
    return {live.id: live for live in map(model.model_validate, items)}


def _obstacles(flow: Flow, found: Objects) -> Iterator[str]:
    """Yield what keeps a dataflow from being expressed."""
    if flow.flow_spec is None or flow.flow_spec.id != FlowSpecId.PROFILE_BASED_DESTINATION.value:
        yield "it is no dataflow of the profile-based destination"
    for label, ids, streams in (
        ("source connection", flow.source_connection_ids, found.sources),
        ("target connection", flow.target_connection_ids, found.targets),
    ):
        for id_ in ids:
            problem = _obstacle(label, streams.get(id_), found)
            if problem:
                yield f"its {label} {id_} {problem}"
    mark = _marker.split(flow.description)[1]
    if mark is not None:
        yield f"it belongs to {mark.owner} already"
    operators = {str(attribute.get("operator") or "EXISTS") for attribute in flow.selected("profileSelectors")}
    for operator in sorted(operators - {"EXISTS"}):
        yield f"an attribute of it has the operator {operator}"


def _obstacle(label: str, stream: StreamConnection | None, found: Objects) -> str:
    """Return what keeps one of its connections from being expressed, "" if nothing does."""
    if stream is None:
        return "does not exist"
    if not _is_known(stream):
        return "is of a kind that this package does not know, and may hold secrets"
    base = found.connections.get(stream.base_connection_id or "")
    if base is None:
        return f"is in a base connection that does not exist: {stream.base_connection_id}"
    if not _is_known(base):
        return f"is in a base connection of a kind that this package does not know: {base.id}"
    return _unusable(stream) if label == "target connection" else ""


def _unusable(stream: StreamConnection) -> str:
    """Return what is wrong with a target's parameters: there may be none that name a stream, or not as text."""
    known = KNOWN_SPECS[str(stream.connection_spec and stream.connection_spec.id)].target
    params = stream.params or {}
    wrong = [key for key in known.required if key in params and not _is_text(params[key])]
    return f"has no text as {wrong[0]}" if wrong else "" if known.required else "leads to no stream"


def _is_text(value: Any) -> bool:
    """Whether a value is text that a file can hold: JSON can write half of a character."""
    return isinstance(value, str) and value.isprintable()


def _is_known(live: Connection | StreamConnection) -> bool:
    return live.connection_spec is not None and live.connection_spec.id in KNOWN_SPECS


def _chain(flow: Flow, found: Objects, place: Bag) -> Iterator[tuple[Declared, list[str]]]:
    """Yield a dataflow and all that it uses, parents first, each with its problems.

    What another stack manages already is left to it, and referred to by its id.
    """
    sources = [source for id_ in flow.source_connection_ids if _is_free(source := found.sources[id_])]
    targets = [target for id_ in flow.target_connection_ids if _is_free(target := found.targets[id_])]
    accounts = [found.connections[str(stream.base_connection_id)] for stream in [*sources, *targets]]
    kinds: list[tuple[str, Sequence[Entity]]] = [
        ("BaseConnection", accounts),
        ("SourceConnection", sources),
        ("TargetConnection", targets),
        ("Dataflow", [flow]),
    ]
    for kind, objects in kinds:
        for live in filter(_is_free, objects):
            yield _declared(kind, live, place)


def _is_free(live: Entity) -> bool:
    return _marker.split(live.description)[1] is None


def _declared(kind: str, live: Entity, place: Bag) -> tuple[Declared, list[str]]:
    """Return an object as it would be declared, and what is wrong with that."""
    provider = PROVIDERS[kind]
    description = _marker.split(live.description)[0]
    shown = provider.live_inputs(live, {})
    if kind == "TargetConnection":
        known = KNOWN_SPECS[shown["connectionSpecId"]].target
        shown["params"] = {key: shown["params"][key] for key in (*known.required, *known.one_of) if key in shown["params"]}
    if kind == "SourceConnection":
        shown["params"] = {}  # of the profile store, there are none to declare
    if kind == "Dataflow":
        shown.pop("enabled", None)  # a flow that was paused stays paused
        shown["segments"] = [{"id": segment["id"]} for segment in shown["segments"]]
        shown["profileAttributes"] = [{"path": attribute["path"]} for attribute in shown["profileAttributes"]]
    # Nothing is declared of credentials; `adoptId` tells `check` that there are some.
    labels = {"name": live.name, **({"description": description} if description else {}), "adoptId": live.id}
    normal, problems = check(provider.inputs, {}, {**shown, **labels, **place})
    auth = live.auth.params if isinstance(live, Connection) and live.auth else None
    return Declared(live.id, kind, normal, frozenset(auth or {})), [f"{kind} {live.id}: {problem}" for problem in problems]

"""`aep-streaming recover`: for a state that is lost, a file for `pulumi import` of all that carries the stack's marker.

The marker says which resource an object is, by name; its key, a hash of the URN, says whether the resource stood by itself or
in a `StreamingDestination`. What the service does not show (credentials, secret parameters), and what only the program knows
(how much of a selector it declares), is not in the file: the next preview shows it.
"""

from __future__ import annotations

import shlex
from collections import Counter
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from pulumi_aep_streaming._core import marker
from pulumi_aep_streaming._core.kinds.table import KINDS
from pulumi_aep_streaming._program.options import PACKAGE
from pulumi_aep_streaming.cli._import_file import COMPONENT, entry_of, entry_of_component
from pulumi_aep_streaming.cli._inventory import KNOWN, Objects, Progress, as_declared
from pulumi_aep_streaming.cli._marked import marked, none_of, parts_of
from pulumi_aep_streaming.flow_service.client import FlowService
from pulumi_aep_streaming.flow_service.models import Entity

FILE_BACKENDS = "organization"
"""The organization of stacks that are in no Pulumi Cloud, as the engine tells programs."""
CHILDREN = {
    "BaseConnection": ("base", "profile"),
    "SourceConnection": ("source",),
    "TargetConnection": ("target",),
    "Dataflow": ("flow",),
}
"""How the children of a component are called, behind its name."""


@dataclass(frozen=True)
class LeftOut:
    """An object that carries the stack's marker, and why it is not in the file."""

    kind: str
    id: str
    name: str
    reason: str


@dataclass
class Recovered:
    """What is in the file, and what is not."""

    entries: list[dict[str, Any]] = field(default_factory=list)
    counts: Counter[str] = field(default_factory=Counter)
    components: set[str] = field(default_factory=set)
    left_out: list[LeftOut] = field(default_factory=list)

    @property
    def content(self) -> dict[str, Any]:
        """What is to be written: components first, then parents before children."""
        return {"resources": [*map(entry_of_component, sorted(self.components)), *self.entries]}


@dataclass(frozen=True)
class Marked:
    """An object of the stack: which resource it is, and in which component."""

    type_name: str
    live: Entity
    mark: marker.Mark
    component: str | None
    """"" if it stood by itself; None if its key tells of neither."""

    @property
    def resource(self) -> str:
        """The Pulumi name."""
        return _resource_of(self.mark)


def recover(service: FlowService, stack: str, pulumi_org: str, place: dict[str, str], progress: Progress) -> Recovered:
    """Read what carries the marker of a stack. Raises `Impossible` if nothing does."""
    found, objects = Recovered(), Objects()
    listed = list(_marked(service, stack, pulumi_org, objects, progress))
    found.left_out += [LeftOut("object", id_, "", why) for id_, why in objects.unreadable.items()]
    ids: dict[str, list[str]] = {}
    for each in listed:
        if each.component is not None:
            ids.setdefault(each.mark.key, []).append(each.live.id)
    for each in listed:
        twins = [id_ for id_ in ids.get(each.mark.key, []) if id_ != each.live.id]
        reason = _obstacle(each, twins) or _add(found, each, place)
        if reason:
            found.left_out.append(LeftOut(each.type_name, each.live.id, each.live.name or "", reason))
    return found


def _marked(service: FlowService, stack: str, pulumi_org: str, objects: Objects, progress: Progress) -> Iterator[Marked]:
    """Yield what carries the marker of a stack, parents first."""
    others: set[str] = set()
    seen = 0
    for class_ in KINDS:
        collection = class_().collection(service)
        for live in marked(collection, stack, others):
            seen += 1
            progress(f"objects: {seen}")
            whole = live if live.is_whole else objects.read(collection, live.id)
            mark = marker.find(live.description)
            if whole and mark:
                yield Marked(class_.type_name, whole, mark, _component(mark, class_.type_name, stack, pulumi_org))
    if not seen:
        raise none_of(stack, others)


def _resource_of(mark: marker.Mark) -> str:
    return mark.owner.rpartition("#")[0].split("/", 2)[2]


def _component(mark: marker.Mark, type_name: str, stack: str, pulumi_org: str) -> str | None:
    """Return the component that a resource was in, "" if in none: whichever makes the key of its marker."""
    resource, (project, name) = _resource_of(mark), parts_of(stack)
    token = f"{PACKAGE}:dynamic/aep:{type_name}"
    parents = [resource.removesuffix(f"-{role}") for role in CHILDREN[type_name] if resource.endswith(f"-{role}")]
    for component, chain in (("", token), *((parent, f"{COMPONENT}${token}") for parent in parents if parent)):
        if marker.owner(pulumi_org, f"urn:pulumi:{name}::{project}::{chain}::{resource}") == mark.owner:
            return component
    return None


def _obstacle(found: Marked, twins: list[str]) -> str:
    """Return what keeps an object out of the file, "" if nothing does."""
    if found.component is None:
        where = "neither a resource by itself nor one in a StreamingDestination"
        return (
            f"its marker is of {where} ({found.mark.owner}): it is in another component, or of another --pulumi-org, or a copy"
        )
    if twins:
        return f"the marker of {found.resource} is also carried by {', '.join(twins)}, and nobody can tell which is meant"
    return ""


def _add(found: Recovered, marked_: Marked, place: dict[str, str]) -> str:
    """Add an object to what is recovered; return why it cannot be, "" if it could."""
    kind = next(class_ for class_ in KINDS if class_.type_name == marked_.type_name)
    declared, problems = as_declared(kind(KNOWN), marked_.live, place)
    if problems:
        return problems[0]
    inputs = {key: value for key, value in declared.inputs.items() if key != "adoptId"} | {"managedBy": marked_.mark.owner}
    found.entries.append(
        entry_of(
            marked_.type_name,
            f"{marked_.type_name} {marked_.resource}",
            marked_.live.id,
            inputs,
            outputs={"nonce": marked_.mark.nonce},
            parent=marked_.component or "",
            logical_name=marked_.resource,
        )
    )
    found.counts[marked_.type_name] += 1
    found.components |= {marked_.component} if marked_.component else set()
    return ""


def report(found: Recovered, stack: str, pulumi_org: str, out: Path) -> dict[str, Any]:
    """Return what was found, and the commands that lead back to a state."""
    name = parts_of(stack)[1]
    selected = name if pulumi_org == FILE_BACKENDS else f"{pulumi_org}/{name}"
    commands = [
        f"pulumi stack select --create {shlex.quote(selected)}",
        f"pulumi import --file {shlex.quote(str(out.resolve()))} --generate-code=false --protect=false --yes",
        "pulumi preview --diff",
    ]
    return {
        "recovered": {kind.type_name: found.counts[kind.type_name] for kind in KINDS},
        "components": len(found.components),
        "leftOut": [asdict(left) for left in found.left_out],
        "commands": commands if found.entries else [],
    }

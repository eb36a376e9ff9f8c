"""`aep-streaming snapshot`: what a sandbox has becomes a file, that previews and look-ups read instead of calling."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timezone
from pathlib import Path
from typing import TypeVar

from pulumi_aep_streaming import connection_spec
from pulumi_aep_streaming._core.snapshot.contents import (
    Audience,
    Authentication,
    ConnectionSpec,
    Field,
    FlowSpec,
    Parameter,
    Snapshot,
)
from pulumi_aep_streaming._core.snapshot.differences import AUDIENCES, FIELDS, FLOW_SPECS, SPECS, differences
from pulumi_aep_streaming._core.snapshot.file import dump, load, salvaged
from pulumi_aep_streaming.cli._files import write_whole
from pulumi_aep_streaming.cli._inventory import Objects, Progress, listed
from pulumi_aep_streaming.cli._stack import Impossible
from pulumi_aep_streaming.flow_service.audiences import Audience as LiveAudience
from pulumi_aep_streaming.flow_service.client import FlowService
from pulumi_aep_streaming.flow_service.errors import Malformed, Misconfigured, NotFound, Refused
from pulumi_aep_streaming.flow_service.models import Entity

# From this many audiences on, listing them in pages costs fewer calls than asking for those that are wanted.
_MANY_AUDIENCES = 50
_FORBIDDEN = 403
_UNSAFE = re.compile(r"[^A-Za-z0-9._-]+")

T = TypeVar("T")
E = TypeVar("E", bound=Entity)


@dataclass
class Report:
    """What the file says by now, or would say, and what is new about that."""

    file: str
    counts: dict[str, int | None]
    """How many there are of each part, None if it could not be read."""
    changed: bool
    differences: list[str]
    """From what the file said before, by name."""
    notes: list[str]


def snapshot(
    service: FlowService,
    organization: str,
    sandbox: str,
    out: Path | None,
    progress: Progress,
    *,
    check: bool,
    all_audiences: bool,
    add: list[str],
) -> Report:
    """Read a sandbox, and write the file unless it says so already; with `check`, write nothing."""
    path = out or Path(f"aep-snapshot.{_UNSAFE.sub('-', sandbox)}.json")
    reading = Reading(service, progress)
    old = load(path, sandbox=sandbox) if check else _existing(path, organization, sandbox, reading)
    if old and (old.organization, old.sandbox) != (organization, sandbox):
        message = f"{path} is of sandbox {old.sandbox} of {old.organization}: name another file with --out"
        raise Impossible(message)
    reading.wanted += [audience.system_segment_id for audience in (old and old.audiences) or ()]
    new = Snapshot(
        organization,
        sandbox,
        datetime.now(timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ"),
        reading.part(SPECS, reading.connection_specs),
        reading.part(FLOW_SPECS, reading.flow_specs),
        reading.part(FIELDS, reading.fields),
        reading.part(AUDIENCES, lambda: reading.audiences(add, everything=all_audiences)),
    )
    reading.require_any(new)
    found = differences(old, new) if old else []
    if old and not found:
        return Report(str(path), _counts(old), changed=False, differences=[], notes=reading.notes)
    if not check:
        write_whole(path, dump(new))
    return Report(str(path), _counts(new), changed=True, differences=found, notes=reading.notes)


@dataclass
class Reading:
    """Reads the parts of a sandbox. One that it may not read is None, and said."""

    service: FlowService
    progress: Progress
    wanted: list[str] = field(default_factory=list)
    """Ids of audiences that are asked for whatever a dataflow activates."""
    notes: list[str] = field(default_factory=list)
    forbidden: list[Refused] = field(default_factory=list)

    def part(self, what: str, read: Callable[[], Iterable[T]]) -> tuple[T, ...] | None:
        """Return a part, None if it may not be read, or if there is none."""
        self.progress(what)
        try:
            return tuple(read())
        except NotFound as absent:
            self.notes.append(f"{what}: {absent}; null in the file, and nothing is checked against it")
        except Refused as refused:
            if refused.status != _FORBIDDEN:
                raise
            self.forbidden.append(refused)
            self.notes.append(f"{what} may not be read: {refused}; null in the file, and nothing is checked against it")
        return None

    def require_any(self, found: Snapshot) -> None:
        """Raise the first refusal if there is nothing else: it is about the credentials, and no part of the sandbox."""
        if self.forbidden and not any(_counts(found).values()):
            raise self.forbidden[0]

    def connection_specs(self) -> Iterator[ConnectionSpec]:
        """Read how accounts of each spec authenticate, and what its targets take."""
        for found in _each(self.service.connection_specs.find(limit=None)):
            shown = connection_spec.result(found)
            kinds = shown.authentications
            yield ConnectionSpec(
                shown.id,
                shown.name,
                shown.version,
                None if kinds is None else tuple(Authentication(kind.spec_name, _params(kind.params)) for kind in kinds),
                _params(shown.target_params),
            )

    def flow_specs(self) -> Iterator[FlowSpec]:
        """Read kinds of dataflows."""
        for found in _each(self.service.flow_specs.find(limit=None)):
            yield FlowSpec(found.id, found.name or "", found.version or "")

    def fields(self) -> Iterator[Field]:
        """Read what profiles may have."""
        for path, type_ in self.service.profile_schema.fields().items():
            yield Field(path, type_)

    def audiences(self, add: list[str], *, everything: bool) -> Iterator[Audience]:
        """Read the audiences that are wanted, activated by a dataflow, or to be added; or all, and inactive ones of those."""
        wanted = dict.fromkeys([*self.wanted, *self._activated()])
        found: dict[str, LiveAudience] = {}
        if everything or len(wanted) > _MANY_AUDIENCES:
            for audience in self.service.audiences.find():
                if everything or not wanted.keys().isdisjoint({audience.id, audience.audience_id}):
                    found[audience.id] = audience
                self.progress(f"audiences: {len(found)}")
        listed_ids = {id_ for audience in found.values() for id_ in (audience.id, audience.audience_id)}
        for id_ in wanted:
            if id_ not in listed_ids:
                found |= {audience.id: audience for audience in self._with_id(id_)}
            self.progress(f"audiences: {len(found)}")
        for text in add:
            found |= {audience.id: audience for audience in self._added(text)}
        yield from map(_audience, found.values())

    def _activated(self) -> Iterator[str]:
        """Yield the ids of audiences that dataflows activate."""
        objects = Objects()
        try:
            for number, flow in enumerate(listed(self.service, objects), 1):
                self.progress(f"dataflows: {number}")
                for selector in flow.selected("segmentSelectors") if flow else ():
                    id_ = selector.get("systemSegmentId") or selector.get("id")
                    if isinstance(id_, str) and id_:
                        yield id_
        except Refused as refused:
            if refused.status != _FORBIDDEN:
                raise
            self.notes.append(f"dataflows may not be read: {refused}; the audiences that they activate are not looked for")
        self.notes += [f"left out: {why}" for why in objects.unreadable.values()]

    def _with_id(self, id_: str) -> list[LiveAudience]:
        """Return the audiences with an id, none if others wrote something as an id that is none."""
        try:
            return self.service.audiences.with_id(id_)
        except Refused as refused:
            if refused.status == _FORBIDDEN or not refused.is_about_the_object:
                raise
        except Malformed as odd:
            self.notes.append(f"left out: {odd}")
        return []

    def _added(self, text: str) -> list[LiveAudience]:
        found = list(self.service.audiences.find(f"name=={text}")) or self._with_id(text)
        if not found:
            message = f"no audience has the name or the id {text}"
            raise Impossible(message)
        return found


def _counts(found: Snapshot) -> dict[str, int | None]:
    parts = {SPECS: found.connection_specs, FLOW_SPECS: found.flow_specs, FIELDS: found.fields, AUDIENCES: found.audiences}
    return {what: None if part is None else len(part) for what, part in parts.items()}


def _each(found: Iterable[E]) -> Iterable[E]:
    """Return what a list shows, each once, as pages may overlap."""
    return {each.id: each for each in found}.values()


def _params(shown: list[connection_spec.ParameterSpec] | None) -> tuple[Parameter, ...] | None:
    return None if shown is None else tuple(Parameter(each.name, each.type, each.required, each.secret) for each in shown)


def _audience(found: LiveAudience) -> Audience:
    return Audience(
        found.audience_id or found.id,
        found.name,
        found.namespace,
        found.id,
        found.lifecycle_state,
        found.evaluation,
        found.merge_policy_id,
    )


def _existing(path: Path, organization: str, sandbox: str, reading: Reading) -> Snapshot | None:
    """Return what the file says so far. One that a merge has broken is read anew, with the audiences that it held."""
    if not os.path.exists(path):  # noqa: PTH110 (a path may be any text)
        return None
    try:
        return load(path)
    except Misconfigured:
        kept = salvaged(path, organization, sandbox)
        if kept is None:
            raise
        reading.notes.append(f"{path} is broken, and read anew, with the {len(kept)} audiences on its lines")
        reading.wanted += [audience.system_segment_id for audience in kept]
        return None

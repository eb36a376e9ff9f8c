"""What two snapshots of a place disagree about, by name. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

from pulumi_aep_streaming._core.snapshot.contents import Audience, ConnectionSpec, Field, FlowSpec, Parameter, Snapshot

SPECS, FLOW_SPECS, FIELDS, AUDIENCES = "connection specs", "flow specs", "fields of the profile", "audiences"


class _Thing(NamedTuple):
    label: str
    facts: dict[str, Any]


_Things = dict[tuple[str, ...], _Thing]
"""Things by what tells them apart; what is inside of another begins with the key of that."""


def differences(old: Snapshot, new: Snapshot) -> list[str]:
    """Return a line for each thing that is new, gone, or not as it was, whatever the dates; [] if nothing is."""
    return [
        *_part(SPECS, old.connection_specs, new.connection_specs, _spec),
        *_part(FLOW_SPECS, old.flow_specs, new.flow_specs, _flow_spec),
        *_part(FIELDS, old.fields, new.fields, _field),
        *_part(AUDIENCES, old.audiences, new.audiences, _audience),
    ]


def _part(what: str, old: Any, new: Any, things: Any) -> Iterator[str]:
    if old is None or new is None:
        if old is not None or new is not None:
            yield f"{what}: could {'now ' if old is None else 'no longer '}be read"
        return
    yield from _changes(*({key: thing for each in side for key, thing in things(each).items()} for side in (old, new)))


def _changes(old: _Things, new: _Things) -> Iterator[str]:
    for key in sorted(old.keys() | new.keys()):
        before, after = old.get(key), new.get(key)
        if before and after:
            for fact, value in after.facts.items():
                if before.facts[fact] != value:
                    yield f"{before.label}: {fact} {_shown(before.facts[fact])} -> {_shown(value)}"
            continue
        there = old if before else new
        if key[:-1] in there and not (key[:-1] in old and key[:-1] in new):
            continue  # it comes and goes with what it is in
        if before:
            yield f"{before.label}: gone"
        elif after:
            yield f"{after.label}: new"


def _spec(spec: ConnectionSpec) -> _Things:
    key, label = (spec.id,), f"connection spec {spec.name} ({spec.id})"
    shown = "not shown" if spec.authentications is None else "shown"
    found: _Things = {key: _Thing(label, {"name": spec.name, "version": spec.version, "authentications": shown})}
    kinds = [(kind.name, f"authentication {kind.name}", kind.params) for kind in spec.authentications or ()]
    targets = [] if spec.target_params is None else [("", "targets", spec.target_params)]
    for name, what, params in kinds + targets:
        found[(*key, name)] = _Thing(f"{label}: {what}", {"parameters": "not shown" if params is None else "shown"})
        found |= _parameters((*key, name), f"{label}: {what}: parameter", params)
    return found


def _parameters(key: tuple[str, ...], label: str, params: tuple[Parameter, ...] | None) -> _Things:
    return {
        (*key, param.name): _Thing(
            f"{label} {param.name}", {"type": param.type, "required": param.required, "secret": param.secret}
        )
        for param in params or ()
    }


def _flow_spec(spec: FlowSpec) -> _Things:
    return {(spec.id,): _Thing(f"flow spec {spec.name} ({spec.id})", {"name": spec.name, "version": spec.version})}


def _field(field: Field) -> _Things:
    return {(field.path,): _Thing(f"field {field.path}", {"type": field.type})}


def _audience(audience: Audience) -> _Things:
    facts = {key: value for key, value in audience._asdict().items() if key not in {"id", "system_segment_id"}}
    label = f"audience {audience.name or 'without a name'} ({audience.id})"
    return {(audience.system_segment_id,): _Thing(label, {key.replace("_", " "): value for key, value in facts.items()})}


def _shown(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return "none" if value is None else str(value)

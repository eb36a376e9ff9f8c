"""What a declaration is checked against: what is known by heart, and the snapshot of its place, if there is one. Pure."""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from pulumi_aep_streaming._core.snapshot.contents import Authentication, ConnectionSpec, Parameter, Snapshot
from pulumi_aep_streaming._core.specs import Keys, KnownSpecs, label_of
from pulumi_aep_streaming._core.values import is_uuid

_NOT_EVALUATED = frozenset({"draft", "inactive"})


@dataclass(frozen=True)
class Knowledge:
    """What is known. A text says what is wrong with a value: it is "" if nothing is, or if that cannot be told."""

    specs: KnownSpecs
    snapshot: Snapshot | None = None

    @classmethod
    def of(cls, by_heart: KnownSpecs, snapshot: Snapshot | None, spec_id: Any) -> Knowledge:
        """Return what is known where objects are of a connection spec: that spec as the snapshot shows it."""
        spec = snapshot.spec(spec_id) if snapshot else None
        return cls(_as_shown(by_heart, spec, _source(snapshot)) if snapshot and spec else by_heart, snapshot)

    @property
    def source(self) -> str:
        """What says so, as the end of a line; "" for what is known by heart."""
        return _source(self.snapshot) if self.snapshot else ""

    def label_of(self, spec_id: str) -> str:
        """Return what people call a connection spec."""
        spec = self.snapshot.spec(spec_id) if self.snapshot else None
        return (spec and spec.name) or label_of(spec_id)

    def flow_spec_instead(self, id_: Any) -> str:
        """Say that what should be the id of a connection spec is that of a flow spec."""
        found = self.snapshot.flow_spec(id_) if self.snapshot else None
        line = f"is the flow spec {found and found.name}; give the id of a connection spec"
        return f"{line}{self.source}" if found else ""

    def connection_spec_instead(self, id_: Any) -> str:
        """Say the reverse."""
        found = self.snapshot.spec(id_) if self.snapshot else None
        line = f"is the connection spec {found and found.name}; give the id of a flow spec"
        return f"{line}{self.source}" if found else ""

    def no_connection_spec(self, id_: Any) -> str:
        """Say that the sandbox has no such connection spec."""
        shown = self.snapshot.connection_specs if self.snapshot else None
        line = f"{id_} is no connection spec that the sandbox has; it is sent as it is"
        return f"{line}{self.source}" if _is_missing(id_, shown) else ""

    def no_flow_spec(self, id_: Any) -> str:
        """Say that the sandbox has no such flow spec."""
        shown = self.snapshot.flow_specs if self.snapshot else None
        line = f"{id_} is no flow spec that the sandbox has; it is sent as it is"
        return f"{line}{self.source}" if _is_missing(id_, shown) else ""

    def path_problem(self, path: str) -> str:
        """Say that a path cannot be selected. An identity is warned of without a snapshot."""
        if self.snapshot is None or path.partition(".")[0] == "identityMap":
            return ""
        problem = self.snapshot.path_problem(path)
        return f"{path} {problem}" if problem else ""

    def name_instead(self, id_: Any) -> str:
        """Say that what should be the id of an audience is the name of one."""
        if self.snapshot is None or not isinstance(id_, str) or self.snapshot.audiences_with_id(id_):
            return ""
        ids = ", ".join(audience.id for audience in self.snapshot.audiences_named(id_))
        line = f"is the name of {ids}, and an id is wanted: get_audience(name=...)"
        return f"{line}{self.source}" if ids else ""

    def audience_doubt(self, id_: Any, namespace: Any) -> str:
        """Say that an audience is not evaluated, or is not shown as a selector names it."""
        if self.snapshot is None or self.snapshot.audiences is None or not isinstance(id_, str):
            return ""
        found = self.snapshot.audience(id_, namespace)
        if found is not None:
            state = str(found.lifecycle_state).casefold()
            line = f"the audience {found.name or id_} is {state}, and not evaluated as long as it is so"
            return f"{line}{self.source}" if state in _NOT_EVALUATED else ""
        others = self.snapshot.audiences_with_id(id_)
        if others:
            namespace = others[0].namespace or "AEPSegments"
            line = f"{id_} is an audience of the namespace {namespace}; get_audience returns all that activates it"
            return f"{line}{self.source}"
        line = f"{id_} is not in {self.snapshot.file}, up will ask"
        return f"{line} (of {self.snapshot.date}; to add it: {self.snapshot.command} --add {shlex.quote(id_)})"


def _source(snapshot: Snapshot) -> str:
    return f" ({snapshot.origin})"


def _is_missing(id_: Any, shown: Any) -> bool:
    """Whether an id is not among what is shown. What is no UUID is most likely a name, and said to be."""
    return shown is not None and isinstance(id_, str) and is_uuid(id_) and all(spec.id != id_ for spec in shown)


def _as_shown(by_heart: KnownSpecs, spec: ConnectionSpec, source: str) -> KnownSpecs:
    """Return what is known, with one connection spec as it is shown.

    That a spec takes no credentials is known by heart only: of one that shows no kind of authentication, nothing is told.
    """
    kinds, targets = by_heart.authentications.get(spec.id), by_heart.targets.get(spec.id)
    if spec.authentications and kinds != {}:
        kinds = {kind.name: _keys_of(kind, (kinds or {}).get(kind.name), source) for kind in spec.authentications}
    if spec.target_params is not None:
        targets = _keys(targets or Keys(), spec.target_params, source)
    return KnownSpecs(_with(by_heart.authentications, spec.id, kinds), _with(by_heart.targets, spec.id, targets), source=source)


def _with(known: Mapping[str, Any], id_: str, found: Any) -> Mapping[str, Any]:
    return known if found is None else {**known, id_: found}


def _keys_of(kind: Authentication, by_heart: Keys | None, source: str) -> Keys:
    if kind.params is None:
        return by_heart or Keys(complete=False)
    return _keys(by_heart or Keys(), kind.params, source)


def _keys(by_heart: Keys, shown: tuple[Parameter, ...], source: str) -> Keys:
    """Return the members that are shown, with what is known of them by heart besides."""
    names = [param.name for param in shown]
    required = tuple(param.name for param in shown if param.required or param.name in by_heart.required)
    one_of = tuple(name for name in by_heart.one_of if name in names)
    if len(one_of) == 1 or set(one_of) & set(required):
        one_of = ()
    anything = {name for name in names if name in by_heart.other_types or name not in by_heart.known}
    return replace(
        by_heart,
        required=required,
        one_of=one_of,
        optional=tuple(name for name in names if name not in {*required, *one_of}),
        secrets=tuple(param.name for param in shown if param.secret),
        types={param.name: param.type or (None if param.name in anything else "string") for param in shown},
        opaque=tuple(name for name in names if name not in by_heart.known),
        source=source,
    )

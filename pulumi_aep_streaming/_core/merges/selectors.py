"""What a dataflow activates, as a pure three-way merge: desired, state, live -> the fewest JSON Patch operations.

    desired   what the program says
    state     what the engine holds: the last program, or what the last refresh showed
    live      what the service holds, in its own shape and order, with members that it added

A selector is told apart by namespace and id of its segment, or by its profile path; order means nothing. What others changed
since is left alone.
Operations are sequential (RFC 6902): replacements by index first, then removals from the highest index down, then additions
at the end. `remove` carries the redundant `value` that Adobe's examples show.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from pulumi_aep_streaming._core.changes import is_unknown
from pulumi_aep_streaming._core.values import covers, is_own, leaves_out, overlaid, same
from pulumi_aep_streaming.flow_service.errors import Conflict
from pulumi_aep_streaming.flow_service.json_patch import Operation

Selector = dict[str, Any]
"""A selector in its normal form: `{id[, name][, description][, systemSegmentId][, namespace]}`, the last two of external
audiences only, or `{path, operator[, mapping][, identity]}`."""

Identity = tuple[str, str]
"""What tells a selector apart: its id or path, and the namespace of an external audience, "" for all else."""


@dataclass(frozen=True)
class SelectorType:
    """One of the two lists of selectors in a profile-based destination's transformation."""

    noun: str
    member: str
    type: str
    identity: str
    label: str
    decorative: tuple[str, ...] = ()
    external: tuple[str, ...] = ()
    """Members that only a selector of another namespace has."""
    meaningful: tuple[str, ...] = ()
    defaults: tuple[tuple[str, Any], ...] = ()

    @property
    def path(self) -> str:
        """Where the list's holder is in a flow."""
        return f"/transformations/0/params/{self.member}"

    def of(self, value: Selector) -> Any:
        """Return the identity of a selector, as `Identity`; UNKNOWN if a part of it is not known yet."""
        identity, namespace = value.get(self.identity), value.get("namespace") if self.external else None
        if is_unknown(identity):
            return identity
        if namespace is None:
            return identity, ""
        if is_unknown(namespace):
            return namespace
        if is_own(namespace):
            return identity, ""
        return identity, namespace.casefold()  # Adobe's own files write AAMSegments and aamSegments


SEGMENTS = SelectorType(
    "segment",
    "segmentSelectors",
    "PLATFORM_SEGMENT",
    "id",
    "name",
    decorative=("name", "description", "systemSegmentId"),  # a service may keep its own, or none
    external=("systemSegmentId", "namespace"),
)
ATTRIBUTES = SelectorType(
    "attribute",
    "profileSelectors",
    "JSON_PATH",
    "path",
    "path",
    meaningful=("operator", "mapping", "identity"),
    defaults=(("operator", "EXISTS"),),
)


@dataclass
class Merge:
    """The result. `foreign` was added by others and is left; `withdrawn` was removed by others and is not added again."""

    operations: list[Operation] = field(default_factory=list)
    foreign: list[Selector] = field(default_factory=list)
    withdrawn: list[Selector] = field(default_factory=list)


def merge(
    type_: SelectorType,
    desired: Sequence[Selector],
    state: Sequence[Selector] | None,
    live: Sequence[Any] | None,
    *,
    titles: bool = True,
) -> Merge:
    """Return what makes the live list agree with the program.

    `state` is None when there is no history (a flow that an interrupted create made): nothing is removed and the
    program's values win. `live` is None when the flow has no such list yet. Without `titles`, names and descriptions, and the
    UUIDs of external audiences, are not looked at: a service may keep its own.

    Raises `Conflict` if the program and somebody else changed the same selector differently.
    """
    result = Merge()
    stored = {type_.of(selector): selector for selector in state or []}
    wanted = {type_.of(selector): selector for selector in desired}
    present: dict[Identity | None, list[int]] = {}
    for index, identity in enumerate(_identities(type_, live or [], stored, wanted)):
        present.setdefault(identity, []).append(index)
    removed: list[int] = []
    for identity, indexes in present.items():
        wire = (live or [])[indexes[0]]
        if identity in wanted:
            changed = _changed(type_, wanted[identity], stored.get(identity), wire, history=state is not None)
            if changed is not None and (titles or _differs(type_, wire, changed)):
                path = f"{type_.path}/selectors/{indexes[0]}"
                result.operations.append({"op": "replace", "path": path, "value": changed})
        elif identity in stored:
            removed += indexes
        elif identity:
            result.foreign.append(normal(type_, wire))
    for index in sorted(removed, reverse=True):
        path = f"{type_.path}/selectors/{index}"
        result.operations.append({"op": "remove", "path": path, "value": (live or [])[index]})
    absent = {identity: selector for identity, selector in wanted.items() if identity not in present}
    result.withdrawn = [selector for identity, selector in absent.items() if stored.get(identity) == selector]
    wanting = [selector for identity, selector in absent.items() if stored.get(identity) != selector]
    result.operations += _additions(type_, wanting, absent=live is None)
    return result


def normal(type_: SelectorType, wire: Selector) -> Selector:
    """Return a live selector in normal form, with all that a program could declare of it."""
    value = _shown(type_, wire)
    keys = dict.fromkeys((type_.identity, *type_.decorative, *type_.meaningful, *type_.external))
    if is_own(value.get("namespace")):
        keys = {key: None for key in keys if key not in type_.external}
    return {key: value[key] for key in keys if value.get(key) not in (None, "")}


def observed(
    type_: SelectorType, state: Sequence[Selector], live: Sequence[Any] | None, *, with_foreign: bool
) -> list[Selector]:
    """Return the live list as the program would have to declare it: only declared keys, in the old order, new ones last."""
    stored = [type_.of(selector) for selector in state]
    found = dict(zip(_identities(type_, live or [], stored), live or [], strict=True))
    result = []
    for identity, selector in zip(stored, state, strict=True):
        wire = found.pop(identity, None)
        if wire is not None:
            result.append(_as_declared(type_, selector, wire))
    if with_foreign:
        result += [_recognizable(type_, wire) for identity, wire in found.items() if identity]
    return result


def lines(operation: Operation) -> list[str]:
    """Return an operation on selectors as a person would say it, a line for each: `+ segment Men over 50 (72ddd79b-...)`."""
    sign = {"add": "+", "remove": "-"}.get(operation["op"], "~")
    for type_ in (SEGMENTS, ATTRIBUTES):
        if operation["path"].startswith(type_.path):
            wires = operation["value"].get("selectors", [operation["value"]])
            return [f"{sign} {describe(type_, wire['value'])}" for wire in wires]
    return []


def _as_declared(type_: SelectorType, declared: Selector, wire: Selector) -> Selector:
    """Return the declared keys with their live values; a name or description that the service does not show is believed."""
    live = _shown(type_, wire)
    result = {}
    for key, value in declared.items():
        identifies = key in {type_.identity, "namespace"}
        if identifies or covers(value, live.get(key)) or (key in type_.decorative and not live.get(key)):
            result[key] = value
        elif key in live:
            result[key] = live[key]
    return result


def describe(type_: SelectorType, value: Selector) -> str:
    """Return how a person would call a selector: `segment Men over 50 (72ddd79b-...)`, `segment vip in AAMSegments`."""
    identity, label = value.get(type_.identity, "?"), value.get(type_.label)
    if type_.external and not is_own(value.get("namespace")):
        identity = f"{identity} in {value['namespace']}"
    return f"{type_.noun} {label} ({identity})" if label and label != identity else f"{type_.noun} {identity}"


def _identities(type_: SelectorType, live: Sequence[Any], *declared: Iterable[Identity]) -> list[Identity | None]:
    """Return what tells each live selector apart, None for one that is not of this kind and is left alone.

    The first of what is declared is state: what it has without a namespace, as all had before there were any, also means the
    only live selector with that id in one, unless that is declared itself.
    """
    found = [_identity(type_, wire) for wire in live]
    absent = {identity for identity in set(declared[0]).difference(found) if not identity[1]}
    if not absent:
        return found
    known = {identity for identities in declared for identity in identities}
    strange = Counter(identity[0] for identity in found if identity and identity not in known)
    meant = {id_ for id_, _ in absent if strange[id_] == 1}
    return [
        (identity[0], "") if identity and identity not in known and identity[0] in meant else identity for identity in found
    ]


def _identity(type_: SelectorType, wire: Any) -> Identity | None:
    value = wire.get("value") if isinstance(wire, dict) else None
    if not isinstance(value, dict) or (wire.get("type") or type_.type) != type_.type:
        return None
    identity = value.get(type_.identity)
    return type_.of(value) if isinstance(identity, str) and identity else None


def _shown(type_: SelectorType, wire: Selector) -> Selector:
    """Return what a live selector says, defaults included; null says nothing."""
    return {**dict(type_.defaults), **{key: value for key, value in wire.get("value", {}).items() if value is not None}}


def _changed(
    type_: SelectorType, desired: Selector, state: Selector | None, wire: Selector, *, history: bool
) -> Selector | None:
    """Return the live selector with the program's changes, None if there are none."""
    value = wire["value"]
    live = _shown(type_, wire)
    changes = {key: desired[key] for key in type_.decorative if key in desired and _retitled(key, desired, state, live)}
    for key in type_.meaningful:
        stored = state.get(key) if state else None
        if key not in desired:
            continue
        if covers(desired[key], live.get(key)) and not leaves_out(desired[key], stored, live.get(key)):
            continue
        if state is not None and same(stored, desired[key]):
            continue  # somebody else's change, that no refresh has shown yet
        theirs = state is None or (key in state and not covers(state[key], live.get(key)))
        if history and theirs:
            raise Conflict(
                f"{describe(type_, desired)}: {key} is {live.get(key)!r} in the service and {desired[key]!r} in the program; "
                "declare it as the service has it, then change it"
            )
        changes[key] = overlaid(desired[key], stored, live.get(key))
    return {**wire, "value": {**value, **changes}} if changes else None


def _differs(type_: SelectorType, wire: Selector, changed: Selector) -> bool:
    """Whether a changed selector differs in more than name and description."""
    return any(wire["value"].get(key) != changed["value"].get(key) for key in type_.meaningful)


def _retitled(key: str, desired: Selector, state: Selector | None, live: Selector) -> bool:
    """Whether a name or description must be sent: the program wins, but is not repeated to a service that does not keep it."""
    if key not in live and state is not None and state.get(key) == desired[key]:
        return False
    return (live.get(key) or "") != desired[key]


def _additions(type_: SelectorType, selectors: list[Selector], *, absent: bool) -> list[Operation]:
    wires = as_wire(type_, selectors)
    if absent and wires:
        return [{"op": "add", "path": type_.path, "value": {"selectors": wires}}]
    return [{"op": "add", "path": f"{type_.path}/selectors/-", "value": wire} for wire in wires]


def as_wire(type_: SelectorType, declared: Sequence[Selector]) -> list[Any]:
    """Return selectors as they are sent."""
    return [{"type": type_.type, "value": dict(selector)} for selector in declared]


def _recognizable(type_: SelectorType, wire: Selector) -> Selector:
    """Return a selector that no program declared, with just enough for a person and for declaring it."""
    return {key: value for key, value in normal(type_, wire).items() if key != "description"}

"""What a dataflow activates, as a pure three-way merge: last declared, now declared, live -> the fewest JSON Patch operations.

    last declared   what state holds: the last program, or what the last refresh showed
    now declared    what the program says
    live            what the service holds, in its own shape and order, with members that it added

A selector is told apart by its segment id or profile path; order means nothing. What others changed since is left alone.
Operations are sequential (RFC 6902): replacements by index first, then removals from the highest index down, then additions
at the end. `remove` carries the redundant `value` that Adobe's examples show.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from pulumi_aep_streaming._values import covers, overlaid
from pulumi_aep_streaming.flow_service.errors import Contested

Selector = dict[str, Any]
"""A selector in its normal form, `{id[, name][, description]}` or `{path, operator[, mapping][, identity]}`."""


@dataclass(frozen=True)
class Kind:
    """One of the two lists of selectors in a profile-based destination's transformation."""

    noun: str
    member: str
    type: str
    identity: str
    label: str
    decorative: tuple[str, ...] = ()
    meaningful: tuple[str, ...] = ()
    defaults: tuple[tuple[str, Any], ...] = ()

    @property
    def path(self) -> str:
        """Where the list's holder is in a flow."""
        return f"/transformations/0/params/{self.member}"


SEGMENTS = Kind("segment", "segmentSelectors", "PLATFORM_SEGMENT", "id", "name", decorative=("name", "description"))
ATTRIBUTES = Kind(
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

    operations: list[dict[str, Any]] = field(default_factory=list)
    foreign: list[Selector] = field(default_factory=list)
    withdrawn: list[Selector] = field(default_factory=list)


def merge(
    kind: Kind,
    last: Sequence[Selector] | None,
    now: Sequence[Selector],
    live: Sequence[Any] | None,
    *,
    titles: bool = True,
) -> Merge:
    """Return what makes the live list agree with the program.

    `last` is None when there is no history (a flow that an interrupted create left behind): nothing is removed and the
    program's values win. `live` is None when the flow has no such list yet. Without `titles`, names and descriptions are not
    looked at: a service may keep its own.

    Raises `Contested` if the program and somebody else changed the same selector differently.
    """
    result = Merge()
    before = {selector[kind.identity]: selector for selector in last or []}
    wanted = {selector[kind.identity]: selector for selector in now}
    present: dict[str, list[int]] = {}
    for index, wire in enumerate(live or []):
        present.setdefault(_identity(kind, wire), []).append(index)
    removed: list[int] = []
    for identity, indexes in present.items():
        wire = (live or [])[indexes[0]]
        if identity in wanted:
            changed = _changed(kind, before.get(identity), wanted[identity], wire, history=last is not None)
            if changed is not None and (titles or _differs(kind, wire, changed)):
                path = f"{kind.path}/selectors/{indexes[0]}"
                result.operations.append({"op": "replace", "path": path, "value": changed})
        elif identity in before:
            removed += indexes
        elif identity:
            result.foreign.append(normal(kind, wire))
    for index in sorted(removed, reverse=True):
        path = f"{kind.path}/selectors/{index}"
        result.operations.append({"op": "remove", "path": path, "value": (live or [])[index]})
    added = [selector for identity, selector in wanted.items() if identity not in present]
    result.withdrawn = [selector for selector in added if before.get(selector[kind.identity]) == selector]
    wanting = [selector for selector in added if before.get(selector[kind.identity]) != selector]
    result.operations += _additions(kind, wanting, absent=live is None)
    return result


def normal(kind: Kind, wire: Selector) -> Selector:
    """Return a live selector in normal form, with all that a program could declare of it."""
    value = _shown(kind, wire)
    keys = (kind.identity, *kind.decorative, *kind.meaningful)
    return {key: value[key] for key in keys if value.get(key) not in (None, "")}


def observed(kind: Kind, last: Sequence[Selector], live: Sequence[Any] | None, *, with_foreign: bool) -> list[Selector]:
    """Return the live list as the program would have to declare it: only declared keys, in the old order, new ones last."""
    found = {_identity(kind, wire): wire for wire in live or []}
    result = []
    for selector in last:
        wire = found.pop(selector[kind.identity], None)
        if wire is not None:
            result.append(_as_declared(kind, selector, wire))
    if with_foreign:
        result += [_recognizable(kind, wire) for identity, wire in found.items() if identity]
    return result


def lines(operation: dict[str, Any]) -> list[str]:
    """Return an operation as a person would say it, a line for each selector: `+ segment Men over 50 (72ddd79b-...)`."""
    sign = {"add": "+", "remove": "-"}.get(operation["op"], "~")
    for kind in (SEGMENTS, ATTRIBUTES):
        if operation["path"].startswith(kind.path):
            wires = operation["value"].get("selectors", [operation["value"]])
            return [f"{sign} {describe(kind, wire['value'])}" for wire in wires]
    return [f"{sign} {operation['path'].lstrip('/')}"]


def _as_declared(kind: Kind, declared: Selector, wire: Selector) -> Selector:
    """Return the declared keys with their live values; a name or description that the service does not show is believed."""
    live = _shown(kind, wire)
    result = {}
    for key, value in declared.items():
        if covers(live.get(key), value) or (key in kind.decorative and not live.get(key)):
            result[key] = value
        elif key in live:
            result[key] = live[key]
    return result


def describe(kind: Kind, value: Selector) -> str:
    """Return how a person would call a selector: `segment Men over 50 (72ddd79b-...)`."""
    identity, label = value.get(kind.identity, "?"), value.get(kind.label)
    return f"{kind.noun} {label} ({identity})" if label and label != identity else f"{kind.noun} {identity}"


def _identity(kind: Kind, wire: Any) -> str:
    """Return what tells a live selector apart, "" for one that is not of this kind and is left alone."""
    value = wire.get("value") if isinstance(wire, dict) else None
    identity = value.get(kind.identity) if isinstance(value, dict) and (wire.get("type") or kind.type) == kind.type else None
    return identity if isinstance(identity, str) else ""


def _shown(kind: Kind, wire: Selector) -> Selector:
    """Return what a live selector says, defaults included; null says nothing."""
    return {**dict(kind.defaults), **{key: value for key, value in wire.get("value", {}).items() if value is not None}}


def _changed(kind: Kind, last: Selector | None, now: Selector, wire: Selector, *, history: bool) -> Selector | None:
    """Return the live selector with the program's changes, None if there are none."""
    value = wire["value"]
    live = _shown(kind, wire)
    changes = {key: now[key] for key in kind.decorative if key in now and _retitled(key, last, now, live)}
    for key in kind.meaningful:
        if key not in now or covers(live.get(key), now[key]):
            continue
        if last is not None and last.get(key) == now[key]:
            continue  # somebody else's change, that no refresh has shown yet
        theirs = last is None or (key in last and not covers(live.get(key), last[key]))
        if history and theirs:
            raise Contested(
                f"{describe(kind, now)}: {key} is {live.get(key)!r} in the service and {now[key]!r} in the program; "
                "declare it as the service has it, then change it"
            )
        changes[key] = overlaid(live.get(key), last.get(key) if last else None, now[key])
    return {**wire, "value": {**value, **changes}} if changes else None


def _differs(kind: Kind, wire: Selector, changed: Selector) -> bool:
    """Whether a changed selector differs in more than name and description."""
    return any(wire["value"].get(key) != changed["value"].get(key) for key in kind.meaningful)


def _retitled(key: str, last: Selector | None, now: Selector, live: Selector) -> bool:
    """Whether a name or description must be sent: the program wins, but is not repeated to a service that does not keep it."""
    if key not in live and last is not None and last.get(key) == now[key]:
        return False
    return (live.get(key) or "") != now[key]


def _additions(kind: Kind, selectors: list[Selector], *, absent: bool) -> list[dict[str, Any]]:
    wires = [{"type": kind.type, "value": dict(selector)} for selector in selectors]
    if absent and wires:
        return [{"op": "add", "path": kind.path, "value": {"selectors": wires}}]
    return [{"op": "add", "path": f"{kind.path}/selectors/-", "value": wire} for wire in wires]


def _recognizable(kind: Kind, wire: Selector) -> Selector:
    """Return a selector that no program declared, with just enough for a person and for declaring it."""
    return {key: value for key, value in normal(kind, wire).items() if key != "description"}

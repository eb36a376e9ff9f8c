"""Parameters of source and target connections: merged three ways, key by key. Pure."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from typing import TYPE_CHECKING, Any

from pulumi_aep_streaming._core.values import Bag, covers, leaves_out, members_of, overlaid, same
from pulumi_aep_streaming.flow_service.errors import Conflict
from pulumi_aep_streaming.flow_service.json_patch import Operation

if TYPE_CHECKING:
    from pulumi_aep_streaming.flow_service.models import StreamConnection

NOT_SHOWN = "the service does not show its parameters, so that nothing can be changed safely: try again"
_MASK = re.compile(r"[*x\u2022]{3,}|\W*(secret|masked|redacted|hidden)\W*", re.IGNORECASE)
"""What stands for a value that is not shown. Nothing documents how secret parameters are."""


def param_operations(desired: Bag, state: Bag | None, live: Bag | None, masked: Collection[str] = ()) -> list[Operation]:
    """Merge declared parameters, as RFC 6902 operations on `/params/<key>`.

    Keys that others added stay, at any depth; a key that only they changed since stays as well, until a refresh has shown it.
    The live values of `masked` keys mean nothing.
    """
    if live is None and state:
        raise Conflict(NOT_SHOWN)
    if live is None:
        return [{"op": "add", "path": "/params", "value": dict(desired)}] if desired else []
    shown = {key: value for key, value in live.items() if key not in masked}
    return [*_removals(desired, state or {}, live), *_settings(desired, state, shown)]


def taken_away(nowhere: list[list[str]], desired: Bag, state: Bag) -> Iterator[str]:
    """Yield a line for each parameter that is None, or resolved to it, where state has one.

    `nowhere` are lists of keys; the empty one stands for all that are not desired.
    """
    for place in nowhere:
        if not place and state.keys() - desired.keys():
            yield "params: None; give {} for none"
        elif place and _at(desired, place) is None and _at(state, place) is not None:
            yield f"params.{'.'.join(place)}: None; leave it out if it is none of the parameters"


def _at(params: Bag, place: list[str]) -> Any:
    value: Any = params
    for key in place:
        value = members_of(value).get(key)
    return value


def _removals(desired: Bag, state: Bag, live: Bag) -> Iterator[Operation]:
    for key in state:
        if key not in desired and key in live:
            yield {"op": "remove", "path": param_path(key), "value": live[key]}


def _settings(desired: Bag, state: Bag | None, live: Bag) -> Iterator[Operation]:
    for key, value in desired.items():
        stored = (state or {}).get(key)
        if state is not None and key in state and same(stored, value):
            continue
        if key not in live or not covers(value, live[key]) or leaves_out(value, stored, live[key]):
            kept = overlaid(value, stored, live.get(key))
            yield {"op": "replace" if key in live else "add", "path": param_path(key), "value": kept}


def secret_operations(desired: Bag, state: Bag, live: Bag | None) -> Iterator[Operation]:
    """Send what the declaration changed; `add` also replaces (RFC 6902), which suits values that may not be shown."""
    for key in state:
        if key not in desired and key in (live or {}):
            yield {"op": "remove", "path": param_path(key), "value": (live or {})[key]}
    for key, value in desired.items():
        if not same(state.get(key), value):
            yield {"op": "add", "path": param_path(key), "value": value}


def param_path(key: str) -> str:
    """Return the JSON Pointer of a parameter."""
    return "/params/" + key.replace("~", "~0").replace("/", "~1")


def live_params(state: Bag | None, live: Bag | None) -> Bag:
    """Return, as `params`, the live values of the parameters in state; of all, if there is no state.

    Nothing is returned where the service does not show them.
    """
    if live is None and state:
        return {}
    shown = live or {}
    return {"params": dict(shown) if state is None else {key: shown[key] for key in state if key in shown}}


def params_of_others(live: StreamConnection, *bags: Bag) -> dict[str, Any]:
    """Return the live parameters that none of these bags has."""
    known = {key for bag in bags for member in ("params", "secretParams") for key in bag.get(member, {})}
    return {key: value for key, value in (live.params or {}).items() if key not in known}


def masked(params: Mapping[str, Any]) -> list[str]:
    """Return the keys of parameters whose value is shown as a mask."""
    return [key for key, value in params.items() if _MASK.fullmatch(str(value))]

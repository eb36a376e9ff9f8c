"""What source and target connections share: properties, parameters changed key by key, how the service shows them."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from typing import Any

import pulumi

from pulumi_aep_streaming._resource import FlowServiceResource
from pulumi_aep_streaming._values import covers, overlaid, shown_only
from pulumi_aep_streaming.flow_service.errors import Contested

_NOT_SHOWN = "the service does not show its parameters, so that nothing can be changed safely: try again"
_MASK = re.compile(r"[*x\u2022]{3,}|\W*(secret|masked|redacted|hidden)\W*", re.IGNORECASE)
"""What stands for a value that is not shown. Nothing documents how secret parameters are."""


class StreamConnectionResource(FlowServiceResource):
    """Base of source and target connections: the properties that both have."""

    @property
    @pulumi.getter(name="baseConnectionId")
    def base_connection_id(self) -> pulumi.Output[str]:
        """The base connection."""
        return pulumi.get(self, "baseConnectionId")

    @property
    @pulumi.getter(name="connectionSpecId")
    def connection_spec_id(self) -> pulumi.Output[str]:
        """The connection spec."""
        return pulumi.get(self, "connectionSpecId")

    @property
    @pulumi.getter(name="connectionSpecVersion")
    def connection_spec_version(self) -> pulumi.Output[str]:
        """The version of the connection spec."""
        return pulumi.get(self, "connectionSpecVersion")

    @property
    @pulumi.getter(name="dataFormat")
    def data_format(self) -> pulumi.Output[str]:
        """The format of the data."""
        return pulumi.get(self, "dataFormat")

    @property
    @pulumi.getter
    def params(self) -> pulumi.Output[dict[str, Any]]:
        """The parameters as declared."""
        return pulumi.get(self, "params")


def param_operations(
    last: Mapping[str, Any] | None,
    goal: Mapping[str, Any],
    live: Mapping[str, Any] | None,
    masked: Collection[str] = (),
) -> list[dict[str, Any]]:
    """Merge declared parameters three ways, as RFC 6902 operations on `/params/<key>`.

    Keys that others added stay, at any depth; a key that only they changed since stays as well, until a refresh has shown it.
    The live values of `masked` keys mean nothing.
    """
    if live is None and last:
        raise Contested(_NOT_SHOWN)
    if live is None:
        return [{"op": "add", "path": "/params", "value": dict(goal)}] if goal else []
    shown = {key: value for key, value in live.items() if key not in masked}
    return [*_removals(last or {}, goal, live), *_settings(last, goal, shown)]


def _removals(last: Mapping[str, Any], goal: Mapping[str, Any], live: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    for key in last:
        if key not in goal and key in live:
            yield {"op": "remove", "path": param_path(key), "value": live[key]}


def _settings(last: Mapping[str, Any] | None, goal: Mapping[str, Any], live: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    for key, value in goal.items():
        unchanged = last is not None and key in last and last[key] == value
        if not unchanged and not (key in live and covers(live[key], value)):
            kept = overlaid(live.get(key), (last or {}).get(key), value)
            yield {"op": "replace" if key in live else "add", "path": param_path(key), "value": kept}


def param_path(key: str) -> str:
    """Return the JSON Pointer of a parameter."""
    return "/params/" + key.replace("~", "~0").replace("/", "~1")


def live_params(live: Mapping[str, Any] | None, declared: Mapping[str, Any] | None) -> dict[str, Any]:
    """Return, as `params`, the live values of declared parameters; of all, if there is no declaration.

    Nothing is returned where the service does not show them.
    """
    if live is None and declared:
        return {}
    shown = live or {}
    return {"params": dict(shown) if declared is None else {key: shown[key] for key in declared if key in shown}}


def params_of_others(live: Any, *declared: Mapping[str, Any]) -> dict[str, Any]:
    """Return the live parameters that none of these bags declares."""
    known = {key for bag in declared for member in ("params", "secretParams") for key in bag.get(member, {})}
    return {key: value for key, value in (live.params or {}).items() if key not in known}


def with_params_of_others(kind: str, live: Any, state: Mapping[str, Any], desired: Mapping[str, Any]) -> dict[str, Any]:
    """Return the desired replacement of a connection with the parameters that others set; another spec has none of them."""
    if live.params is None and state.get("params"):
        raise Contested(_NOT_SHOWN)
    if state.get("secretParams") and "secretParams" not in desired:
        message = "its replacement would lack the secret parameters: declare secret_params, or {} to remove them"
        raise Contested(message)
    others = params_of_others(live, state, desired)
    if not others:
        return {**desired}
    masked = [key for key, value in others.items() if _MASK.fullmatch(str(value))]
    if masked:
        message = f"its replacement would lack {', '.join(masked)}, which the service does not show: declare secret_params"
        raise Contested(message)
    same = state.get("connectionSpecId") == desired.get("connectionSpecId")
    fate = "are carried over to the replacement" if same else "go with it: the replacement is of another connection spec"
    pulumi.log.warn(f"{kind} {desired['name']}: parameters that others set, {', '.join(others)}, {fate}")
    return {**desired, "params": {**desired.get("params", {}), **(others if same else {})}}


def live_connection(live: Any) -> dict[str, Any]:
    """Return what the service shows of base connection, spec and format; what it leaves out is not known."""
    spec = live.connection_spec
    return shown_only(
        {
            "baseConnectionId": live.base_connection_id,
            "connectionSpecId": spec and spec.id,
            "connectionSpecVersion": spec and spec.version,
            "dataFormat": live.data and live.data.format,
        }
    )

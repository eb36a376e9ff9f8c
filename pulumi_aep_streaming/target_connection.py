"""TargetConnection: the stream or hub, inside of an account, that a dataflow delivers to.

Source: `/targetConnections` of the Flow Service API; step "specify storage location and data format" of Adobe's streaming
destinations tutorial.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import pulumi

from pulumi_aep_streaming._inputs import Bag
from pulumi_aep_streaming._provider import FlowServiceProvider
from pulumi_aep_streaming._resource import defaulted, refuse_unsendable, then, without_nothing
from pulumi_aep_streaming._slice import Operation
from pulumi_aep_streaming._specs import ConnectionSpecId
from pulumi_aep_streaming._stream_connection import (
    StreamConnectionResource,
    live_connection,
    live_params,
    param_operations,
    param_path,
    params_of_others,
    with_params_of_others,
)
from pulumi_aep_streaming._values import texts_in
from pulumi_aep_streaming.flow_service.errors import Contested


@dataclass(frozen=True, kw_only=True)
class KinesisTargetArgs:
    """An Amazon Kinesis data stream.

    Attributes:
        stream: The name of the stream, not its ARN.
        region: The region that it is in.
    """

    stream: pulumi.Input[str]
    region: pulumi.Input[str]


@dataclass(frozen=True, kw_only=True)
class EventHubsTargetArgs:
    """An Azure event hub.

    Attributes:
        event_hub_name: The name of the hub, in the namespace of the base connection.
    """

    event_hub_name: pulumi.Input[str]


AnyParams = KinesisTargetArgs | EventHubsTargetArgs | Mapping[str, Any]


class TargetConnectionProvider(FlowServiceProvider):
    """Target connections. Secret parameters travel among the others and are never read back."""

    kind = "target connection"
    declared = "TargetConnectionInputs"
    unread = ("secretParams",)

    def objects(self, service: Any) -> Any:
        """Return the collection of target connections."""
        return service.target_connections

    def body(self, goal: Bag) -> Bag:
        """Return base connection, spec, format and all parameters."""
        return {
            "connectionSpec": {"id": goal["connectionSpecId"], "version": goal["connectionSpecVersion"]},
            "baseConnectionId": goal["baseConnectionId"],
            "data": {"format": goal["dataFormat"]},
            "params": {**goal.get("params", {}), **goal.get("secretParams", {})},
        }

    def operations(self, last: Bag | None, goal: Bag, live: Any) -> list[Operation]:
        """Return one operation for each changed parameter; a secret one is changed if the declaration is."""
        before, secret = (last or {}).get("secretParams", {}), goal.get("secretParams", {})
        # A parameter that becomes secret is not removed in between; one that ceases to be so is sent, as it may be masked.
        params = {key: value for key, value in (last or {}).get("params", {}).items() if key not in secret}
        plain = param_operations(None if last is None else params, goal.get("params", {}), live.params, masked=before.keys())
        # Without any, they are not managed: a config key that is missing must not take credentials away.
        managed = before if "secretParams" in goal else {}
        withdrawn = {key: value for key, value in managed.items() if key not in goal.get("params", {})}
        return [*plain, *_secret_operations(withdrawn, secret, live.params)]

    def unseen(self, last: Bag, goal: Bag) -> frozenset[str]:
        """Return the paths of the secret parameters, also of those that were secret until now."""
        return frozenset(map(param_path, last.get("secretParams", {}).keys() | goal.get("secretParams", {}).keys()))

    def live_inputs(self, live: Any, state: Bag) -> Bag:
        """Return all that is declared, but for secret parameters."""
        return {**live_connection(live), **live_params(live.params, state.get("params"))}

    def users(self, service: Any, id_: str) -> list[Any]:
        """Return the dataflows that deliver to this connection."""
        return service.flows.using(target=id_)

    def parents(self, service: Any, live: Any, desired: Bag) -> list[tuple[Any, str]]:
        """Return its base connection."""
        return [(service.connections, live.base_connection_id or desired["baseConnectionId"])]

    def built_upon(self, service: Any, id_: str) -> list[Any]:
        """Return the dataflows that deliver to this connection."""
        return service.flows.using(target=id_, changing=True)

    def carried(self, live: Any, state: Bag, desired: Bag) -> Bag:
        """Return the desired replacement with the parameters of others."""
        return with_params_of_others(self.kind, live, state, desired)

    def notice(self, live: Any, state: Bag) -> None:
        """Name the parameters that the program does not declare: a PATCH keeps them."""
        undeclared = params_of_others(live, state)
        if undeclared:
            pulumi.log.info(f"target connection {state['name']} has parameters that are not declared: {', '.join(undeclared)}")

    def before_delete(self, live: Any, state: Bag) -> None:
        """Stop if the connection is deleted before its replacement is made: parameters of others could not be taken along."""
        successor = self.memory.successor(live.id)
        others = params_of_others(live, state, successor or {})
        if others and successor is not None:
            message = (
                f"others set {', '.join(others)} on it, which delete_before_replace would lose: declare it in an up before"
            )
            raise Contested(message)

    def narrow_filter(self, goal: Bag) -> str:
        """Filter by base connection."""
        return f"baseConnectionId=={goal['baseConnectionId']}"

    def secrets_in(self, bags: list[Bag]) -> list[str]:
        """Return the secret parameters."""
        return [text for bag in bags for text in texts_in(bag.get("secretParams", {}))]


class TargetConnection(StreamConnectionResource, module="aep", name="TargetConnection"):
    """The stream or hub that a dataflow delivers to.

    Example:
        ```python
        target = aep.TargetConnection(
            "purchases",
            base_connection_id=account.id,
            params=aep.KinesisTargetArgs(stream=stream.name, region="us-west-2"),
        )
        ```

    Adopting an existing object: give its id as `adopt_id`. Nothing but the ownership marker is written to it.
    """

    def __init__(
        self,
        resource_name: str,
        *,
        base_connection_id: pulumi.Input[str],
        params: pulumi.Input[AnyParams],
        connection_spec_id: pulumi.Input[str] | None = None,
        data_format: pulumi.Input[str] = "json",
        secret_params: pulumi.Input[Mapping[str, Any]] | None = None,
        name: pulumi.Input[str] | None = None,
        description: pulumi.Input[str] | None = None,
        connection_spec_version: pulumi.Input[str] = "1.0",
        sandbox_name: pulumi.Input[str] | None = None,
        adopt_id: pulumi.Input[str] | None = None,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        """Declare a target connection.

        Args:
            resource_name: The Pulumi name.
            base_connection_id: The id of a base connection to the account that holds the stream. Replaces.
            params: `KinesisTargetArgs`, `EventHubsTargetArgs`, or a dict in the spelling of the connection spec, sent as it is.
                Updated in place, key by key; keys that the service adds are left alone.
            connection_spec_id: Default: the one that typed `params` imply. Replaces.
            data_format: Replaces.
            secret_params: More parameters, all secret, merged into `params` when sent and never read back. Default: not
                managed; those that were declared before stay, {} removes them. Updated in place.
            name: The name of the object. Default: `resource_name`. Updated in place.
            description: A text for people. Default: not managed. Updated in place.
            connection_spec_version: Replaces.
            sandbox_name: Default: `aep:sandboxName`. Replaces.
            adopt_id: The id of an existing object to take over instead of making one. Looked at by `create` only.
            opts: Resource options; property names in them may be in snake_case.

        Raises:
            pulumi.RunError: A value can be in no property, a dict spells out no arguments, or an option cannot work. All else
                that is wrong is said by `check` in the preview, with the path to it.
        """
        where = f"{resource_name}: secret_params"
        refuse_unsendable(where, secret_params)
        super().__init__(
            TargetConnectionProvider(),
            resource_name,
            {
                "baseConnectionId": base_connection_id,
                "connectionSpecId": defaulted(connection_spec_id, then(params, _implied_spec)),
                "connectionSpecVersion": connection_spec_version,
                "dataFormat": data_format,
                "params": then(params, _wire_params),
                "secretParams": None if secret_params is None else pulumi.Output.secret(without_nothing(where, secret_params)),
                "name": name,
                "description": description,
                "sandboxName": sandbox_name,
                "adoptId": adopt_id,
            },
            opts,
        )

    @staticmethod
    def get(
        resource_name: str,
        id: pulumi.Input[str],  # noqa: A002 (Pulumi's own name for it)
        *,
        sandbox_name: pulumi.Input[str] | None = None,
        opts: pulumi.ResourceOptions | None = None,
    ) -> TargetConnection:
        """Return a read-only reference to an existing object. Needs credentials, in previews too.

        Its `params` are secret as a whole: which of them are is known to the one who declared them only.

        Args:
            resource_name: The Pulumi name of the reference.
            id: The id of the object.
            sandbox_name: Where it lives. Default: `aep:sandboxName`.
            opts: Resource options.
        """
        opts = pulumi.ResourceOptions.merge(opts, pulumi.ResourceOptions(additional_secret_outputs=["params"]))
        return TargetConnection._reference(TargetConnectionProvider(), resource_name, id, sandbox_name, opts)

    @property
    @pulumi.getter(name="secretParams")
    def secret_params(self) -> pulumi.Output[dict[str, Any] | None]:
        """The secret parameters as declared."""
        return pulumi.get(self, "secretParams")


def _wire_params(params: AnyParams) -> Any:
    """Return parameters as they are sent; `check` refuses what is no dictionary."""
    if isinstance(params, KinesisTargetArgs):
        return {"stream": params.stream, "region": params.region}
    if isinstance(params, EventHubsTargetArgs):
        return {"eventHubName": params.event_hub_name}
    return params


def _implied_spec(params: AnyParams) -> str | None:
    if isinstance(params, KinesisTargetArgs):
        return ConnectionSpecId.AMAZON_KINESIS.value
    return ConnectionSpecId.AZURE_EVENT_HUBS.value if isinstance(params, EventHubsTargetArgs) else None


def _secret_operations(last: Bag, goal: Bag, live: Bag | None) -> Iterator[Operation]:
    """Send what the declaration changed; `add` also replaces (RFC 6902), which suits values that may not be shown."""
    for key in last:
        if key not in goal and key in (live or {}):
            yield {"op": "remove", "path": param_path(key), "value": (live or {})[key]}
    for key, value in goal.items():
        if last.get(key) != value:
            yield {"op": "add", "path": param_path(key), "value": value}

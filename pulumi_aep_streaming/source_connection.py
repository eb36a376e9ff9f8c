"""SourceConnection: the profiles that a dataflow takes its data from.

Source: `/sourceConnections` of the Flow Service API; step "connect to your Experience Platform data" of Adobe's streaming
destinations tutorial.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

import pulumi

from pulumi_aep_streaming._inputs import Bag
from pulumi_aep_streaming._provider import FlowServiceProvider
from pulumi_aep_streaming._resource import defaulted
from pulumi_aep_streaming._slice import Operation
from pulumi_aep_streaming._specs import ConnectionSpecId
from pulumi_aep_streaming._stream_connection import (
    StreamConnectionResource,
    live_connection,
    live_params,
    param_operations,
    with_params_of_others,
)

_NO_PARAMS: Mapping[str, Any] = MappingProxyType({})


class SourceConnectionProvider(FlowServiceProvider):
    """Source connections."""

    kind = "source connection"
    declared = "SourceConnectionInputs"

    def objects(self, service: Any) -> Any:
        """Return the collection of source connections."""
        return service.source_connections

    def body(self, goal: Bag) -> Bag:
        """Return base connection, spec, format and parameters."""
        return {
            "connectionSpec": {"id": goal["connectionSpecId"], "version": goal["connectionSpecVersion"]},
            "baseConnectionId": goal["baseConnectionId"],
            "data": {"format": goal["dataFormat"]},
            "params": goal.get("params", {}),
        }

    def operations(self, last: Bag | None, goal: Bag, live: Any) -> list[Operation]:
        """Return one operation for each changed parameter."""
        return param_operations((last or {}).get("params"), goal.get("params", {}), live.params)

    def live_inputs(self, live: Any, state: Bag) -> Bag:
        """Return all that is declared."""
        return {**live_connection(live), **live_params(live.params, state.get("params"))}

    def users(self, service: Any, id_: str) -> list[Any]:
        """Return the dataflows that take their data from this connection."""
        return service.flows.using(source=id_)

    def parents(self, service: Any, live: Any, desired: Bag) -> list[tuple[Any, str]]:
        """Return its base connection."""
        return [(service.connections, live.base_connection_id or desired["baseConnectionId"])]

    def built_upon(self, service: Any, id_: str) -> list[Any]:
        """Return the dataflows that take their data from this connection."""
        return service.flows.using(source=id_, changing=True)

    def carried(self, live: Any, state: Bag, desired: Bag) -> Bag:
        """Return the desired replacement with the parameters of others."""
        return with_params_of_others(self.kind, live, state, desired)

    def narrow_filter(self, goal: Bag) -> str:
        """Filter by base connection."""
        return f"baseConnectionId=={goal['baseConnectionId']}"


class SourceConnection(StreamConnectionResource, module="aep", name="SourceConnection"):
    """The profile store, as the source of dataflows. One serves any number of them.

    Example:
        ```python
        profiles = aep.BaseConnection("profiles", connection_spec_id=aep.ConnectionSpecId.UNIFIED_PROFILE)
        source = aep.SourceConnection("profiles", base_connection_id=profiles.id)
        ```

    Adopting an existing object: give its id as `adopt_id`. Nothing but the ownership marker is written to it.
    """

    def __init__(
        self,
        resource_name: str,
        *,
        base_connection_id: pulumi.Input[str],
        connection_spec_id: pulumi.Input[str] = ConnectionSpecId.UNIFIED_PROFILE,
        data_format: pulumi.Input[str] = "json",
        params: pulumi.Input[Mapping[str, Any]] = _NO_PARAMS,
        name: pulumi.Input[str] | None = None,
        description: pulumi.Input[str] | None = None,
        connection_spec_version: pulumi.Input[str] = "1.0",
        sandbox_name: pulumi.Input[str] | None = None,
        adopt_id: pulumi.Input[str] | None = None,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        """Declare a source connection.

        Args:
            resource_name: The Pulumi name.
            base_connection_id: The id of a base connection to the profile store. Replaces.
            connection_spec_id: Default: the unified profile service. Replaces.
            data_format: Replaces.
            params: Parameters in the spelling of the connection spec, sent as they are. Default: {}. None, also in an Output,
                is refused where it would remove some. Updated in place.
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
        super().__init__(
            SourceConnectionProvider(),
            resource_name,
            {
                "baseConnectionId": base_connection_id,
                "connectionSpecId": defaulted(connection_spec_id, ConnectionSpecId.UNIFIED_PROFILE),
                "connectionSpecVersion": connection_spec_version,
                "dataFormat": data_format,
                "params": dict(params) if isinstance(params, Mapping) else params,
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
    ) -> SourceConnection:
        """Return a read-only reference to an existing object. Needs credentials, in previews too.

        Args:
            resource_name: The Pulumi name of the reference.
            id: The id of the object.
            sandbox_name: Where it lives. Default: `aep:sandboxName`.
            opts: Resource options.
        """
        return SourceConnection._reference(SourceConnectionProvider(), resource_name, id, sandbox_name, opts)

"""SourceConnection: the profiles that a dataflow takes its data from.

Source: `/sourceConnections` of the Flow Service API; step "connect to your Experience Platform data" of Adobe's streaming
destinations tutorial.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import pulumi

from pulumi_aep_streaming._core.specs import ConnectionSpecId
from pulumi_aep_streaming._dynamic.provider import FlowServiceProvider
from pulumi_aep_streaming._program.outputs import defaulted, none_params
from pulumi_aep_streaming._program.resource import StreamConnectionResource

if TYPE_CHECKING:
    from pulumi_aep_streaming._core.kinds.source_connection import SourceConnectionKind

_NO_PARAMS: Mapping[str, Any] = MappingProxyType({})


class SourceConnectionProvider(FlowServiceProvider):
    """Source connections, in the provider's process. Its path is in every state: it can never move."""

    @property
    def kind(self) -> SourceConnectionKind:
        """The kind."""
        from pulumi_aep_streaming._core.kinds.source_connection import SourceConnectionKind  # noqa: PLC0415 (see the base class)

        return SourceConnectionKind()


class SourceConnection(StreamConnectionResource, module="aep", name="SourceConnection"):
    """The profile store, as the source of dataflows. One serves any number of them.

    Example:
        ```python
        profiles = aep.BaseConnection(
            "profiles", connection_spec_id=aep.ConnectionSpecId.UNIFIED_PROFILE
        )
        source = aep.SourceConnection("profiles", base_connection_id=profiles.id)
        ```

    To take over an existing object, give its id as `adopt_id`: nothing but the ownership marker is written to it.
    """

    _provider_class = SourceConnectionProvider

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
        """Declare a source connection. "Updated in place" is one PATCH; "replaces" makes a new object instead of this one.

        Args:
            resource_name: The Pulumi name.
            base_connection_id: The id of a base connection to the profile store. Replaces.
            connection_spec_id: The id of the connection spec. Default: the unified profile service. Replaces.
            data_format: The format of the data, as the connection spec names it. Default: "json". Replaces.
            params: Parameters in the spelling of the connection spec, sent as they are. Default: {}. None, also in an Output,
                is refused where it would remove some. Updated in place.
            name: The name of the object. Default: `resource_name`. Updated in place.
            description: A text for people. Default: not managed. Updated in place.
            connection_spec_version: The version of the connection spec. Default: "1.0". Replaces.
            sandbox_name: The sandbox that it is in. Default: `aep:sandboxName`. Replaces.
            adopt_id: The id of an existing object to take over instead of making one. Read when this is created only.
            opts: Resource options; property names in them may be in snake_case.

        Raises:
            pulumi.RunError: A value cannot be sent, a dict has the arguments of none of the Args, or an option cannot work. All
                else that is wrong is reported by the preview, with the path to it.
        """
        super().__init__(
            resource_name,
            {
                "baseConnectionId": base_connection_id,
                "connectionSpecId": connection_spec_id,
                "connectionSpecVersion": connection_spec_version,
                "dataFormat": data_format,
                "params": dict(params) if isinstance(params, Mapping) else params,
                "noneParams": none_params(defaulted(params, {})),
                "name": name,
                "description": description,
                "sandboxName": sandbox_name,
                "adoptId": adopt_id,
            },
            opts,
        )

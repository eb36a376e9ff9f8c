"""Source connections: the profiles that dataflows take their data from.

Source: `/sourceConnections` of the Flow Service API.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated

from pulumi_aep_streaming._core.changes import Explicit, OnChange, is_unknown
from pulumi_aep_streaming._core.inputs import Id, Params
from pulumi_aep_streaming._core.kinds.stream_connection import StreamConnectionInputs, StreamConnectionKind
from pulumi_aep_streaming._core.merges.params import param_operations
from pulumi_aep_streaming._core.specs import ConnectionSpecId
from pulumi_aep_streaming._core.values import Bag
from pulumi_aep_streaming.flow_service.json_patch import Operation
from pulumi_aep_streaming.flow_service.models import Entity, Flow, SourceConnection

if TYPE_CHECKING:
    from pulumi_aep_streaming.flow_service.client import FlowService
    from pulumi_aep_streaming.flow_service.collection import Collection


_PROFILE_STORE = Explicit("give ConnectionSpecId.UNIFIED_PROFILE for the default", always=False)


class SourceConnectionInputs(StreamConnectionInputs):
    """What is declared of a source connection."""

    connection_spec_id: Annotated[Id, OnChange.REPLACE, _PROFILE_STORE] = ConnectionSpecId.UNIFIED_PROFILE.value
    params: Annotated[Params, Explicit("give {} for none", always=False)] = {}

    @property
    def declared_params(self) -> Bag | None:
        """All parameters; None if they are not known yet."""
        return None if is_unknown(self.params) else self.params


class SourceConnectionKind(StreamConnectionKind[SourceConnection]):
    """Source connections."""

    noun = "source connection"
    type_name = "SourceConnection"
    model = SourceConnection
    inputs = SourceConnectionInputs

    def collection(self, service: FlowService) -> Collection[SourceConnection]:
        """Return the collection of source connections."""
        return service.source_connections

    def operations(self, desired: Bag, state: Bag | None, live: SourceConnection) -> list[Operation]:
        """Return one operation for each changed parameter."""
        return param_operations(desired.get("params", {}), (state or {}).get("params"), live.params)

    def children(self, service: FlowService, id_: str) -> Iterator[Entity]:
        """Yield the dataflows that take their data from this connection."""
        yield from service.flows.using(source=id_, changing=True)

    def users(self, service: FlowService, id_: str) -> list[Flow]:
        """Return the dataflows that take their data from this connection, and are not in between states."""
        return service.flows.using(source=id_)

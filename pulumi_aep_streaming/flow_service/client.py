"""The client of one sandbox."""

from __future__ import annotations

from pulumi_aep_streaming.flow_service.addresses import path_of
from pulumi_aep_streaming.flow_service.audiences import Audiences
from pulumi_aep_streaming.flow_service.collection import BASE_PATH, Collection
from pulumi_aep_streaming.flow_service.flows import Flows
from pulumi_aep_streaming.flow_service.models import (
    Connection,
    ConnectionSpec,
    Flow,
    FlowSpec,
    SourceConnection,
    TargetConnection,
)
from pulumi_aep_streaming.flow_service.pages import Ledger
from pulumi_aep_streaming.flow_service.runs import Run
from pulumi_aep_streaming.flow_service.segment_definitions import SegmentDefinitions
from pulumi_aep_streaming.flow_service.transport import Transport
from pulumi_aep_streaming.flow_service.union_schema import ProfileSchema


class FlowService:
    """The collections of one sandbox, its audiences, and the fields of its profiles. Safe to share among threads."""

    def __init__(self, transport: Transport, sandbox: str) -> None:
        self._transport, self._sandbox = transport, sandbox
        ledger = Ledger()
        self.connections = Collection(transport, sandbox, "connections", Connection, ledger)
        self.source_connections = Collection(transport, sandbox, "sourceConnections", SourceConnection, ledger)
        self.target_connections = Collection(transport, sandbox, "targetConnections", TargetConnection, ledger)
        self.flows = Flows(transport, sandbox, "flows", Flow, ledger)
        self.connection_specs = Collection(transport, sandbox, "connectionSpecs", ConnectionSpec)
        self.flow_specs = Collection(transport, sandbox, "flowSpecs", FlowSpec)
        self.runs = Collection(transport, sandbox, "runs", Run)
        self.segments = SegmentDefinitions(transport, sandbox)
        self.audiences = Audiences(transport, sandbox)
        self.profile_schema = ProfileSchema(transport, sandbox)

    def masked(self, text: str) -> str:
        """Return a text of the service without the credentials that it may quote."""
        return self._transport.masked(text)

    def test_connection(self, id_: str) -> bool:
        """Return whether the credentials of a base connection work, as the service finds out by using them."""
        body = self._transport.request("GET", path_of(f"{BASE_PATH}/connections", id_, "test"), sandbox=self._sandbox).body
        return bool(isinstance(body, dict) and body.get("result"))

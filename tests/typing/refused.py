"""Checked by mypy, never run: each line is wrong, and mypy says so; an ignore that is not needed is an error of its own."""

from __future__ import annotations

import pulumi

import pulumi_aep_streaming as aep

text: pulumi.Output[str] = pulumi.Output.from_input("x")
stream = aep.KinesisDestinationArgs(stream="s", region="r")
made = aep.StreamingDestination("d", destination=stream)

aep.KinesisDestinationArgs(stream="s")  # type: ignore[call-arg]
aep.KinesisDestinationArgs("s", "r")  # type: ignore[call-arg]
aep.KinesisDestinationArgs(stream=5, region="r")  # type: ignore[arg-type]
aep.EventHubsDestinationArgs(event_hub="e")  # type: ignore[call-arg]
aep.DestinationArgs(connection_spec_id="id")  # type: ignore[call-arg]
aep.DestinationArgs(connection_spec_id="id", params={}, auth="s")  # type: ignore[arg-type]
aep.EventHubsEntraAuthArgs(tenant_id="t", client_id="c", client_secret="s")  # type: ignore[call-arg]
aep.EventHubsDestinationArgs(event_hub_name="e", auth="s")  # type: ignore[arg-type]
aep.KinesisAuthArgs(access_key_id="a")  # type: ignore[call-arg]
aep.SegmentSelectorArgs(name="n")  # type: ignore[call-arg]
stream.region = "other"  # type: ignore[misc]

aep.StreamingDestination("d")  # type: ignore[call-arg]
aep.StreamingDestination("d", stream)  # type: ignore[call-arg]
aep.StreamingDestination("d", destination="s")  # type: ignore[arg-type]
aep.StreamingDestination("d", destination=aep.KinesisAuthArgs(access_key_id="a", secret_key="b"))  # type: ignore[arg-type]
aep.StreamingDestination("d", destination=stream, segmets=[])  # type: ignore[call-arg]
aep.StreamingDestination("d", destination=stream, segments=[5])  # type: ignore[list-item]
aep.StreamingDestination("d", destination=stream, enabled="yes")  # type: ignore[arg-type]
aep.StreamingDestination("d", destination=stream, selector_ownership="exclusiv")  # type: ignore[arg-type]
aep.StreamingDestination("d", destination=stream, base_connection=made.target_connection)  # type: ignore[arg-type]
aep.StreamingDestination("d", destination=stream, source_connection=made.base_connection)  # type: ignore[arg-type]
aep.BaseConnection("b", auth=stream)  # type: ignore[arg-type]
aep.SourceConnection("s")  # type: ignore[call-arg]
aep.TargetConnection("t", base_connection_id=made.dataflow_id, params="s")  # type: ignore[arg-type]
aep.Dataflow("f", source_connection_ids=["s"])  # type: ignore[call-arg]
aep.Dataflow("f", source_connection_ids=[made.source_connection], target_connection_ids=["t"])  # type: ignore[list-item]

aep.Provider("p", organization="o")  # type: ignore[call-arg]
aep.Provider("p", timeout_seconds="9")  # type: ignore[arg-type]
aep.Provider("p", ownership_marker="true")  # type: ignore[arg-type]

aep.get_segment("n")  # type: ignore[call-arg]
aep.get_segment(name=text)  # type: ignore[arg-type]
aep.get_segment(name="n", provider="p")  # type: ignore[arg-type]
aep.get_segment_output(name=5)  # type: ignore[arg-type]
aep.get_dataflow_runs()  # type: ignore[call-arg]
aep.get_dataflow_runs("i", limit="5")  # type: ignore[arg-type]
aep.get_segment(name="n").nam  # type: ignore[attr-defined]
aep.get_audience(name=text)  # type: ignore[arg-type]
aep.get_audience(name="n").system_id  # type: ignore[attr-defined]
aep.SegmentSelectorArgs(id="i", name_space="n")  # type: ignore[call-arg]

made.dataflow_i  # type: ignore[attr-defined]
made.dataflow.segmnts  # type: ignore[attr-defined]
made.base_connection.id  # type: ignore[union-attr]
aep.get_segmnt(name="n")  # type: ignore[attr-defined]

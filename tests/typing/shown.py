"""Checked by mypy, never run: outputs and answers have the types that users expect."""

from __future__ import annotations

from typing import Any

import pulumi
from typing_extensions import assert_type

import pulumi_aep_streaming as aep

made = aep.StreamingDestination("d", destination=aep.KinesisDestinationArgs(stream="s", region="r"))
assert_type(made.dataflow_id, pulumi.Output[str])
assert_type(made.target_connection_id, pulumi.Output[str])
assert_type(made.source_connection_id, pulumi.Output[str])
assert_type(made.base_connection_id, pulumi.Output[str])
assert_type(made.profile_base_connection, aep.BaseConnection | None)
assert_type(made.source_connection, aep.SourceConnection | None)
assert_type(made.base_connection, aep.BaseConnection | None)
assert_type(made.target_connection, aep.TargetConnection)
assert_type(made.target_connection.params, pulumi.Output[dict[str, Any]])
assert_type(made.dataflow, aep.Dataflow)
assert_type(made.dataflow.name, pulumi.Output[str])
assert_type(made.dataflow.description, pulumi.Output[str | None])
assert_type(made.dataflow.enabled, pulumi.Output[bool | None])
assert_type(made.dataflow.segments, pulumi.Output[list[dict[str, Any]]])
assert_type(made.dataflow.profile_attributes, pulumi.Output[list[dict[str, Any]]])
assert_type(made.dataflow.source_connection_ids, pulumi.Output[list[str]])

segment = aep.get_segment(name="n")
assert_type(segment.id, str)
assert_type(segment.description, str)
assert_type([found.name for found in aep.get_segments()], list[str])
assert_type(aep.get_audience(name="n").system_segment_id, str)
assert_type([found.lifecycle_state for found in aep.get_audiences()], list[str | None])
assert_type(aep.get_connection_spec(name="n").version, str)
assert_type(aep.get_dataflow(id="i").updated_at, int | None)
assert_type(aep.get_dataflow(id="i").segments, list[dict[str, Any]])
assert_type(aep.get_dataflow_runs("i")[0].failed_records, int | None)
assert_type(aep.get_dataflow_runs("i")[0].errors, list[str])
assert_type(aep.get_segment_output(name="n").apply(lambda found: found.id), pulumi.Output[str])
assert_type(aep.get_dataflows_output().apply(lambda found: found[0].state), pulumi.Output[str])
assert_type(aep.get_dataflow_runs_output(made.dataflow_id).apply(lambda runs: runs[0].status), pulumi.Output[str])

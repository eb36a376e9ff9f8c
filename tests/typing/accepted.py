"""Checked by mypy, never run: the public names accept what users pass."""

from __future__ import annotations

import pulumi

import pulumi_aep_streaming as aep

text: pulumi.Output[str] = pulumi.Output.from_input("x")

account = aep.BaseConnection(
    "a",
    auth=aep.KinesisAuthArgs(access_key_id=text, secret_key=text, region="us-west-2"),
    opts=pulumi.ResourceOptions(ignore_changes=["auth"]),
)
aep.BaseConnection("b", auth={"sas_key_name": "x", "sas_key": text, "namespace": "n"})
aep.BaseConnection("c", connection_spec_id="id", auth=aep.AuthArgs(spec_name="s", params={"k": text}))
aep.BaseConnection("d", auth=pulumi.Output.secret(aep.EventHubsAuthArgs(sas_key_name="x", sas_key="y", namespace="z")))
source = aep.SourceConnection("a", base_connection_id=account.id)
target = aep.TargetConnection("a", base_connection_id=account.id, params=aep.KinesisTargetArgs(stream=text, region="r"))
aep.TargetConnection("b", base_connection_id="x", params={"k": 1}, connection_spec_id="id", secret_params={"s": text})
flow = aep.Dataflow(
    "a",
    source_connection_ids=[source.id],
    target_connection_ids=[target.id, "literal"],
    segments=["id", aep.SegmentSelectorArgs(id=text), {"id": "x"}, text],
    profile_attributes=text.apply(lambda path: [path]),
    enabled=True,
)
read_only: aep.Dataflow = aep.Dataflow.get("r", flow.id, sandbox_name="dev")
name: pulumi.Output[str] = flow.name

stream = aep.KinesisDestinationArgs(stream=text, region="r", access_key_id=text, secret_key=text)
hub = aep.EventHubsDestinationArgs(event_hub_name=text, namespace="n", sas_key_name=text, sas_key=text)
other = aep.DestinationArgs(connection_spec_id="id", params={"k": text}, auth=aep.AuthArgs(spec_name="s", params={"k": text}))
aep.StreamingDestination("a", destination=stream, segments=["id", text], profile_attributes=["a.b"], enabled=False)
aep.StreamingDestination("b", destination=hub, segments=text.apply(lambda id_: [id_]), selector_ownership="additive")
aep.StreamingDestination("c", destination=other, base_connection=account, source_connection=source)
aep.StreamingDestination("d", destination={"stream": text, "region": "r"}, base_connection=account.id, source_connection="id")
aep.StreamingDestination("e", destination=pulumi.Output.from_input(stream), name=text, description="d", sandbox_name=text)
provider = aep.Provider("p", org_id=text, client_id="c", client_secret=text, sandbox_name="prod", timeout_seconds=9.5)
aep.StreamingDestination("f", destination=stream, opts=pulumi.ResourceOptions(provider=provider))
aep.StreamingDestination("g", destination=stream, segments=[aep.get_segment(name="n").id, aep.get_segment_output(name=text).id])
aep.StreamingDestination("h", destination=stream, segments=[aep.get_segment(name="n"), aep.get_segment_output(name=text)])
aep.StreamingDestination("i", destination=stream, segments=[aep.get_audience(name="n"), aep.get_audience_output(name=text)])
external = aep.SegmentSelectorArgs(id=text, system_segment_id=text, namespace="n")
aep.StreamingDestination("j", destination=stream, segments=[external, *aep.get_audiences(sandbox_name="dev")])
aep.get_dataflow_output(id=flow.id, provider=provider)
aep.get_dataflow_runs(aep.get_dataflow(name="n", sandbox_name="dev").id, limit=5, provider=provider)

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

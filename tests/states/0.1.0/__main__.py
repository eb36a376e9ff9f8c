"""All that version 0.1.0 could put into a state."""

import pulumi

import pulumi_aep_streaming as aep

config = pulumi.Config()
key = config.require_secret("key")

profiles = aep.BaseConnection("profiles", connection_spec_id=aep.ConnectionSpecId.UNIFIED_PROFILE)
source = aep.SourceConnection("profiles", base_connection_id=profiles.id)
hubs = aep.BaseConnection(
    "hubs",
    auth=aep.EventHubsAuthArgs(sas_key_name="root", sas_key=key, namespace="n"),
    description="The hubs",
)
hub = aep.TargetConnection("hub", base_connection_id=hubs.id, params=aep.EventHubsTargetArgs(event_hub_name="h"))
aep.Dataflow(
    "hub",
    source_connection_ids=[source.id],
    target_connection_ids=[hub.id],
    segments=[aep.SegmentSelectorArgs(id="s1", name="One"), "s2"],
    profile_attributes=["a.b"],
    enabled=False,
    selector_ownership="additive",
    force_destroy=True,
)
files = aep.BaseConnection(
    "files",
    connection_spec_id="4fce964d-3f37-408f-9778-e597338a21ee",
    auth=aep.AuthArgs(spec_name="Access Key", params={"s3AccessKey": "a", "s3SecretKey": key}),
)
aep.TargetConnection(
    "files",
    base_connection_id=files.id,
    connection_spec_id="4fce964d-3f37-408f-9778-e597338a21ee",
    params={"bucketName": "b"},
    secret_params={"token": key},
)
aep.StreamingDestination(
    "kinesis",
    destination=aep.KinesisDestinationArgs(stream="s", region="r", access_key_id="a", secret_key=key),
    segments=["s1"],
    profile_attributes=["a.b", "c"],
)

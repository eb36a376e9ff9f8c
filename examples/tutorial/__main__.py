"""Adobe's tutorial "connect to streaming destinations and activate data".

The values are its own, but for one: it selects `person.lastName`, which is no field
of the standard profile; today's pages have `person.name.lastName`.

The names are the tutorial's, too: its dataflow is called Azure Event Hubs, whatever
the destination.

Config: `destination` is amazon_kinesis (default) or azure_event_hubs; the secret of
the stream's account is `streamSecret`.
"""

from __future__ import annotations

import pulumi

import pulumi_aep_streaming as aep

config = pulumi.Config()
secret = config.require_secret("streamSecret")

auth: aep.KinesisAuthArgs | aep.EventHubsAuthArgs
params: aep.KinesisTargetArgs | aep.EventHubsTargetArgs
if config.get("destination") == "azure_event_hubs":
    auth = aep.EventHubsAuthArgs(
        sas_key_name="RootManageSharedAccessKey",
        sas_key=secret,
        namespace="campaigns",
    )
    params = aep.EventHubsTargetArgs(event_hub_name="summer-campaign")
else:
    auth = aep.KinesisAuthArgs(
        access_key_id="AKIAIOSFODNN7EXAMPLE", secret_key=secret, region="us-west-2"
    )
    params = aep.KinesisTargetArgs(stream="summer-campaign", region="us-west-2")

profiles = aep.BaseConnection(
    "profiles",
    connection_spec_id=aep.ConnectionSpecId.UNIFIED_PROFILE,
    name="Base connection to Experience Platform",
    description="This call establishes the connection to Experience Platform data",
)
source = aep.SourceConnection(
    "profiles",
    base_connection_id=profiles.id,
    name="Connecting to Unified Profile Service",
    description="Optional",
)
account = aep.BaseConnection(
    "stream",
    auth=auth,
    name="Connection for Amazon Kinesis/ Azure Event Hubs",
    description="summer advertising campaign",
)
target = aep.TargetConnection(
    "stream",
    base_connection_id=account.id,
    params=params,
    name="Amazon Kinesis/ Azure Event Hubs target connection",
    description="Connection to Amazon Kinesis/ Azure Event Hubs",
)
flow = aep.Dataflow(
    "activation",
    source_connection_ids=[source.id],
    target_connection_ids=[target.id],
    segments=[
        aep.SegmentSelectorArgs(
            id="72ddd79b-6b0a-4e97-a8d2-112ccd81bd02",
            name="Men over 50",
            description="",
        )
    ],
    profile_attributes=["personalEmail.address", "person.name.lastName"],
    name="Azure Event Hubs",
    description="Azure Event Hubs",
)

pulumi.export("profileBaseConnectionId", profiles.id)
pulumi.export("sourceConnectionId", source.id)
pulumi.export("baseConnectionId", account.id)
pulumi.export("targetConnectionId", target.id)
pulumi.export("dataflowId", flow.id)

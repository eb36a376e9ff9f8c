"""A destination for a Kinesis stream of another stack, whose outputs name it.

The other stack exports `streamName`, `region`, `accessKeyId` and `secretKey`; what
is secret there is secret here.
"""

from __future__ import annotations

import pulumi

import pulumi_aep_streaming as aep

streams = pulumi.StackReference(pulumi.Config().require("streamStack"))

purchases = aep.StreamingDestination(
    "purchases",
    destination=aep.KinesisDestinationArgs(
        stream=streams.require_output("streamName"),
        region=streams.require_output("region"),
        access_key_id=streams.require_output("accessKeyId"),
        secret_key=streams.require_output("secretKey"),
    ),
    segments=[
        "72ddd79b-6b0a-4e97-a8d2-112ccd81bd02",  # Men over 50
        aep.SegmentSelectorArgs(
            id="7841ba61-23c1-4bb3-a495-00d695fe1e93", name="Summer campaign"
        ),
    ],
    profile_attributes=["personalEmail.address", "person.name.lastName"],
)
pulumi.export("dataflowId", purchases.dataflow_id)

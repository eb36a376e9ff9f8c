"""One program for every sandbox; Pulumi.dev.yaml and Pulumi.prod.yaml differ.

Segments have an id of their own in each sandbox; their names are what both have in
common.
"""

from __future__ import annotations

import pulumi

import pulumi_aep_streaming as aep

config = pulumi.Config()

purchases = aep.StreamingDestination(
    "purchases",
    destination=aep.KinesisDestinationArgs(
        stream=config.require("stream"),
        region=config.require("region"),
        access_key_id=config.require("accessKeyId"),
        secret_key=config.require_secret("secretKey"),
    ),
    segments=[
        aep.get_audience_output(name=name)
        for name in ("Lapsed customers", "Summer campaign")
    ],
    profile_attributes=["personalEmail.address"],
)
pulumi.export("segments", purchases.dataflow.segments)

"""A destination whose changes are reviewed in pull requests.

See .github/workflows/aep.yml.

Segments are ids in the stack's config, and what the sandbox has is in a snapshot:
so a preview checks, calls nothing, and needs no credentials of Adobe's.
"""

from __future__ import annotations

import pulumi

import pulumi_aep_streaming as aep

config = pulumi.Config()

purchases = aep.StreamingDestination(
    "purchases",
    destination=aep.KinesisDestinationArgs(
        stream="purchases",
        region="us-west-2",
        access_key_id=config.require("accessKeyId"),
        secret_key=config.require_secret("secretKey"),
    ),
    segments=config.require_object("segments"),
    profile_attributes=["personalEmail.address"],
)
pulumi.export("dataflowId", purchases.dataflow_id)

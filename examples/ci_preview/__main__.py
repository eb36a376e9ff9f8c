"""A destination whose changes are reviewed in pull requests; see .github/workflows/aep.yml.

Segments are ids in the stack's config, or look-ups by names that the snapshot holds: so a preview calls nothing and needs no
credentials of Adobe's. What the sandbox has is in the snapshot, against which each preview checks.
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

"""The same destination in two organizations: the stack's, and another."""

from __future__ import annotations

import pulumi

import pulumi_aep_streaming as aep

config = pulumi.Config()

stream = aep.KinesisDestinationArgs(
    stream="purchases",
    region="us-west-2",
    access_key_id=config.require("accessKeyId"),
    secret_key=config.require_secret("secretKey"),
)

# An explicit provider reads neither the stack's `aep:` config nor the environment.
europe = aep.Provider(
    "europe",
    org_id=config.require("europeOrgId"),
    client_id=config.require("europeClientId"),
    client_secret=config.require_secret("europeClientSecret"),
    sandbox_name="prod",
)

aep.StreamingDestination(
    "purchases",
    destination=stream,
    segments=["72ddd79b-6b0a-4e97-a8d2-112ccd81bd02"],
)
aep.StreamingDestination(
    "purchases-europe",
    destination=stream,
    segments=["7841ba61-23c1-4bb3-a495-00d695fe1e93"],
    opts=pulumi.ResourceOptions(provider=europe),
)

"""A destination at an HTTP endpoint: one that the package does not know by heart.

The id of its connection spec, and what the spec calls its authentications and
parameters, are in no document of Adobe's. So the spec is found by its name, and the
program is told the rest: `pulumi stack output demands` says what the spec wants.
"""

from __future__ import annotations

import pulumi

import pulumi_aep_streaming as aep

config = pulumi.Config()
http = aep.get_connection_spec(name="HTTP API")
pulumi.export(
    "demands",
    {"authentications": http.authentications, "params": http.target_params},
)

purchases = aep.StreamingDestination(
    "purchases",
    destination=aep.DestinationArgs(
        connection_spec_id=http.id,
        auth=aep.AuthArgs(
            spec_name=config.require("authentication"),
            params=config.require_secret_object("credentials"),
        ),
        params=config.require_object("parameters"),
    ),
    segments=["72ddd79b-6b0a-4e97-a8d2-112ccd81bd02"],
    profile_attributes=["personalEmail.address", "person.name.lastName"],
)
pulumi.export("dataflowId", purchases.dataflow_id)

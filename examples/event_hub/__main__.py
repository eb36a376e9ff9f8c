"""An Azure event hub, a policy of its namespace, and the destination."""

from __future__ import annotations

import pulumi
from pulumi_azure_native import eventhub, resources

import pulumi_aep_streaming as aep

group = resources.ResourceGroup("streaming")
namespace = eventhub.Namespace(
    "streaming",
    resource_group_name=group.name,
    sku={"name": eventhub.SkuName.STANDARD},
)
hub = eventhub.EventHub(
    "purchases",
    resource_group_name=group.name,
    namespace_name=namespace.name,
    partition_count=2,
)

# Adobe's page on Azure Event Hubs asks for Manage; Azure grants that only together
# with the other two.
policy = eventhub.NamespaceAuthorizationRule(
    "adobe",
    resource_group_name=group.name,
    namespace_name=namespace.name,
    rights=[
        eventhub.AccessRights.MANAGE,
        eventhub.AccessRights.SEND,
        eventhub.AccessRights.LISTEN,
    ],
)
keys = eventhub.list_namespace_keys_output(
    resource_group_name=group.name,
    namespace_name=namespace.name,
    authorization_rule_name=policy.name,
)

purchases = aep.StreamingDestination(
    "purchases",
    destination=aep.EventHubsDestinationArgs(
        event_hub_name=hub.name,
        namespace=namespace.name,
        sas_key_name=policy.name,
        sas_key=keys.primary_key,
    ),
    segments=["72ddd79b-6b0a-4e97-a8d2-112ccd81bd02"],
    profile_attributes=["personalEmail.address", "person.name.lastName"],
)
pulumi.export("dataflowId", purchases.dataflow_id)

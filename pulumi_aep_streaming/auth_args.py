"""The credentials of accounts at destinations, as a program gives them: Args for each known authentication, and for any other.

Source: Adobe's streaming destinations tutorial; for Microsoft Entra, Adobe's page on Azure Event Hubs as a source.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import Field, dataclass, field, replace
from typing import Any, ClassVar

import pulumi

from pulumi_aep_streaming._core.specs import ConnectionSpecId
from pulumi_aep_streaming._core.values import without_none
from pulumi_aep_streaming._program.args import NAME, NO_MEMBER, ONE_OF, REGION, SECRET, as_members, required_of, sent_as
from pulumi_aep_streaming._program.outputs import defaulted, given, is_later, without_nothing


class KnownAuthArgs:
    """Base of the credentials of a known authentication: each field is a parameter of it, but for `spec_name`."""

    connection_spec: ClassVar[ConnectionSpecId]
    """The connection spec that has the authentication."""
    authentication: ClassVar[str]
    """The name of the authentication in that spec, as far as it is known."""
    __dataclass_fields__: ClassVar[dict[str, Field[Any]]]

    @property
    def spec_name(self) -> pulumi.Input[str]:
        """What the program calls the authentication. A field where it may be called otherwise than is known."""
        return self.authentication

    def as_auth(self, where: str) -> dict[str, Any]:
        """Return `auth` in its normal form, with what is secret marked; `where` is what an error names."""
        name, args = defaulted(self.spec_name, self.authentication), self
        if is_later(name) or name != self.authentication:  # `check` may not know it, and what it needs
            needed = {field: given(f"{where}.{field}", getattr(self, field)) for field in required_of(type(self))}
            args = replace(self, **needed)
        return {"specName": name, "params": as_members(args)}


@dataclass(frozen=True, kw_only=True)
class KinesisAuthArgs(KnownAuthArgs):
    """Credentials of an Amazon Kinesis account. One of `region` and `connection_url` is needed.

    The IAM user needs ListStreams, PutRecord and PutRecords.

    Attributes:
        access_key_id: The access key of the IAM user.
        secret_key: Its secret. Secret.
        region: The region of the account's streams.
        connection_url: The endpoint of the account's streams, instead of the region.
    """

    connection_spec: ClassVar = ConnectionSpecId.AMAZON_KINESIS
    authentication: ClassVar = "Aws Kinesis authentication credentials"

    access_key_id: pulumi.Input[str]
    secret_key: pulumi.Input[str] = field(repr=False, metadata=SECRET)
    region: pulumi.Input[str] | None = field(default=None, metadata=ONE_OF | REGION)
    connection_url: pulumi.Input[str] | None = field(default=None, metadata=ONE_OF)


@dataclass(frozen=True, kw_only=True)
class EventHubsAuthArgs(KnownAuthArgs):
    """Credentials of an Azure Event Hubs namespace: the name and key of a shared access policy.

    Attributes:
        sas_key_name: The name of the policy (the authorization rule).
        sas_key: Its key. Secret.
        namespace: The namespace that the policy and the hubs are in.
        event_hub_name: The hub that the policy is for, if it is none of the namespace. Default: none.
    """

    connection_spec: ClassVar = ConnectionSpecId.AZURE_EVENT_HUBS
    authentication: ClassVar = "Azure EventHub authentication credentials"

    sas_key_name: pulumi.Input[str] = field(metadata=NAME)
    sas_key: pulumi.Input[str] = field(repr=False, metadata=SECRET)
    namespace: pulumi.Input[str] = field(metadata=NAME)
    event_hub_name: pulumi.Input[str] | None = field(default=None, metadata=NAME)


@dataclass(frozen=True, kw_only=True)
class EventHubsEntraAuthArgs(KnownAuthArgs):
    """Credentials of an Azure Event Hubs namespace: a service principal of Microsoft Entra ID, formerly Azure Active Directory.

    Attributes:
        tenant_id: The id of the directory (tenant) that the application is registered in.
        client_id: The id of the application (client).
        client_secret: A secret of the application; it expires. Secret.
        namespace: The namespace that the hubs are in.
        spec_name: The name of the authentication. Default: the one of Adobe's page on Event Hubs as a source, which has the
            same connection spec. Give the one that GET /connectionSpecs shows if it is another. Another one replaces.
    """

    connection_spec: ClassVar = ConnectionSpecId.AZURE_EVENT_HUBS
    authentication: ClassVar = "Event Hub Azure Active Directory Auth"

    tenant_id: pulumi.Input[str]
    client_id: pulumi.Input[str]
    client_secret: pulumi.Input[str] = field(repr=False, metadata=SECRET | sent_as("clientSecretValue"))
    namespace: pulumi.Input[str] = field(metadata=NAME)
    spec_name: pulumi.Input[str] = field(default=authentication, metadata=NO_MEMBER)


@dataclass(frozen=True, kw_only=True)
class EventHubsScopedEntraAuthArgs(KnownAuthArgs):
    """Credentials of one Azure event hub: a service principal of Microsoft Entra ID that may write to it.

    Another kind of authentication than `EventHubsEntraAuthArgs`: changing from one to the other replaces.

    Attributes:
        tenant_id: The id of the directory (tenant) that the application is registered in.
        client_id: The id of the application (client).
        client_secret: A secret of the application; it expires. Secret.
        namespace: The namespace that the hub is in.
        event_hub_name: The hub that it may write to.
        spec_name: The name of the authentication. Default: the one of Adobe's page on Event Hubs as a source, which has the
            same connection spec. Give the one that GET /connectionSpecs shows if it is another. Another one replaces.
    """

    connection_spec: ClassVar = ConnectionSpecId.AZURE_EVENT_HUBS
    authentication: ClassVar = "Event Hub Scoped Azure Active Directory Auth"

    tenant_id: pulumi.Input[str]
    client_id: pulumi.Input[str]
    client_secret: pulumi.Input[str] = field(repr=False, metadata=SECRET | sent_as("clientSecretValue"))
    namespace: pulumi.Input[str] = field(metadata=NAME)
    event_hub_name: pulumi.Input[str] = field(metadata=NAME)
    spec_name: pulumi.Input[str] = field(default=authentication, metadata=NO_MEMBER)


@dataclass(frozen=True, kw_only=True)
class AuthArgs:
    """Credentials of any other destination, in the spelling of its connection spec.

    `params` and `plain_params` are sent as one object.

    Attributes:
        spec_name: The name of one of the spec's kinds of authentication, in its exact spelling. Another one replaces.
        params: What it needs. Secret as a whole.
        plain_params: More of what it needs, shown in previews.
    """

    spec_name: pulumi.Input[str]
    params: pulumi.Input[Mapping[str, Any]] = field(repr=False)
    plain_params: pulumi.Input[Mapping[str, Any]] | None = None

    connection_spec: ClassVar = None

    def as_auth(self, where: str) -> dict[str, Any]:
        """Return `auth` in its normal form; `where` is what an error names."""
        params: Any = pulumi.Output.secret(without_nothing(f"{where}.params", self.params))
        plain = without_nothing(f"{where}.plain_params", self.plain_params)
        return without_none({"specName": self.spec_name, "params": params, "plainParams": plain})


AnyAuth = KnownAuthArgs | AuthArgs | Mapping[str, Any]
KNOWN_AUTHS: tuple[type[KnownAuthArgs], ...] = (
    KinesisAuthArgs,
    EventHubsAuthArgs,
    EventHubsEntraAuthArgs,
    EventHubsScopedEntraAuthArgs,
)
"""The Args of authentications that the package knows by heart. Several may be for one connection spec, the usual one first."""

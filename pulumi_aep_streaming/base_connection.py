"""BaseConnection: an account at the destination, or the access to the profile store.

Source: `/connections` of the Flow Service API; steps "authorize access" of Adobe's streaming destinations tutorial.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import Field, dataclass, field, replace
from typing import TYPE_CHECKING, Any, ClassVar

import pulumi

from pulumi_aep_streaming._core.specs import ConnectionSpecId, KnownSpecs
from pulumi_aep_streaming._core.values import without_none
from pulumi_aep_streaming._dynamic.provider import FlowServiceProvider
from pulumi_aep_streaming._program.args import (
    NAME,
    NO_MEMBER,
    ONE_OF,
    REGION,
    SECRET,
    as_members,
    keys_of,
    of_spec,
    required_of,
    sent_as,
    spellings_of,
)
from pulumi_aep_streaming._program.outputs import (
    defaulted,
    given,
    in_clear,
    is_later,
    refuse_unsendable,
    spelled_out,
    then,
    without_nothing,
)
from pulumi_aep_streaming._program.resource import FlowServiceResource

if TYPE_CHECKING:
    from pulumi_aep_streaming._core.kinds.base_connection import BaseConnectionKind


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
        tenant_id: The directory (tenant) that the application is registered in.
        client_id: The application (client).
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
        tenant_id: The directory (tenant) that the application is registered in.
        client_id: The application (client).
        client_secret: A secret of the application; it expires. Secret.
        namespace: The namespace that the hub is in.
        event_hub_name: The hub.
        spec_name: The name of the authentication, as for `EventHubsEntraAuthArgs`.
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
KNOWN = KnownSpecs(
    authentications={
        spec.value: {args.authentication: keys_of(args) for args in of_spec(KNOWN_AUTHS, spec.value)}
        for spec in ConnectionSpecId
    }
)
_ANY_AUTHS = (*KNOWN_AUTHS, AuthArgs)


class BaseConnectionProvider(FlowServiceProvider):
    """Base connections, in the provider's process. Its path is in every state: it can never move."""

    @property
    def kind(self) -> BaseConnectionKind:
        """The kind."""
        from pulumi_aep_streaming._core.kinds.base_connection import BaseConnectionKind  # noqa: PLC0415 (see the base class)

        return BaseConnectionKind(KNOWN)


class BaseConnection(FlowServiceResource, module="aep", name="BaseConnection"):
    """An account at a destination, or the access to the profile store.

    Example:
        ```python
        account = aep.BaseConnection(
            "kinesis",
            auth=aep.KinesisAuthArgs(
                access_key_id=key.id,
                secret_key=key.secret,
                region="us-west-2",
            ),
        )
        ```

    Adopting an existing object: give its id as `adopt_id`. Nothing but the ownership marker is written to it.
    """

    _provider_class = BaseConnectionProvider
    _always_secret = ("auth",)
    _argument_paths = {
        **{f"auth.{name}": f"auth.params.{sent}" for class_ in KNOWN_AUTHS for name, sent in spellings_of(class_).items()},
        **{
            f"auth.params.{name}": f"auth.params.{sent}"
            for class_ in KNOWN_AUTHS
            for name, sent in spellings_of(class_).items()
        },
        "auth.spec_name": "auth.specName",
        "auth.plain_params": "auth.plainParams",
    }
    _members = {"auth": ("specName", "params", "plainParams")}

    def __init__(
        self,
        resource_name: str,
        *,
        connection_spec_id: pulumi.Input[str] | None = None,
        auth: pulumi.Input[AnyAuth] | None = None,
        name: pulumi.Input[str] | None = None,
        description: pulumi.Input[str] | None = None,
        connection_spec_version: pulumi.Input[str] = "1.0",
        sandbox_name: pulumi.Input[str] | None = None,
        adopt_id: pulumi.Input[str] | None = None,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        """Declare a base connection.

        Args:
            resource_name: The Pulumi name.
            connection_spec_id: A `ConnectionSpecId` or another id that GET /connectionSpecs lists. Default: the one that
                typed `auth` implies. Replaces.
            auth: `KinesisAuthArgs`, `EventHubsAuthArgs`, `EventHubsEntraAuthArgs`, `EventHubsScopedEntraAuthArgs`, `AuthArgs`,
                or a dict with the arguments of one of them. Default: none; credentials are then not managed. Secret:
                `secret_key`, `sas_key`, `client_secret`, `AuthArgs.params`, and the whole of it if it is an Output or a dict.
                Updated in place, always as a whole; another kind of authentication (`spec_name`) replaces, unless a refresh
                has shown that the account was moved to it in Adobe's UI.
            name: The name of the object. Default: `resource_name`. Updated in place.
            description: A text for people. Default: not managed. Updated in place.
            connection_spec_version: Replaces.
            sandbox_name: Default: `aep:sandboxName`. Replaces.
            adopt_id: The id of an existing object to take over instead of making one. Looked at by `create` only.
            opts: Resource options; property names in them may be in snake_case.

        Raises:
            pulumi.RunError: A value can be in no property, a dict spells out no arguments, or an option cannot work. All else
                that is wrong is said by `check` in the preview, with the path to it.
        """
        where = f"{resource_name}: auth"
        super().__init__(
            resource_name,
            {
                "connectionSpecId": defaulted(connection_spec_id, in_clear(auth, lambda known: _implied_spec(where, known))),
                "connectionSpecVersion": connection_spec_version,
                "auth": _auth_bag(where, auth),
                "name": name,
                "description": description,
                "sandboxName": sandbox_name,
                "adoptId": adopt_id,
            },
            opts,
        )

    @property
    @pulumi.getter(name="connectionSpecId")
    def connection_spec_id(self) -> pulumi.Output[str]:
        """The connection spec."""
        return pulumi.get(self, "connectionSpecId")

    @property
    @pulumi.getter(name="connectionSpecVersion")
    def connection_spec_version(self) -> pulumi.Output[str]:
        """The version of the connection spec."""
        return pulumi.get(self, "connectionSpecVersion")

    @property
    @pulumi.getter
    def auth(self) -> pulumi.Output[dict[str, Any] | None]:
        """The credentials as declared, in normal form: `{specName, params[, plainParams]}`."""
        return pulumi.get(self, "auth")


def _auth_bag(where: str, auth: pulumi.Input[AnyAuth] | None) -> Any:
    """Return the normal form of credentials, with what is secret marked: in a dict or an Output, all of it."""
    members = then(auth, lambda known: _auth_members(where, known))
    return members if auth is None or isinstance(auth, KnownAuthArgs | AuthArgs) else pulumi.Output.secret(members)


def _auth_members(where: str, auth: AnyAuth) -> Any:
    """Return the normal form; `check` refuses what is none of the Args."""
    typed = spelled_out(where, auth, _ANY_AUTHS)
    if not isinstance(typed, KnownAuthArgs | AuthArgs):
        refuse_unsendable(where, typed)
        return typed
    refuse_unsendable(where, vars(typed))
    return typed.as_auth(where)


def _implied_spec(where: str, auth: AnyAuth) -> str | None:
    """Return the connection spec that known credentials imply."""
    spec: ConnectionSpecId | None = getattr(spelled_out(where, auth, _ANY_AUTHS), "connection_spec", None)
    return spec and spec.value

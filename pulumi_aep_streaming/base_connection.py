"""BaseConnection: an account at the destination, or the access to the profile store.

Source: `/connections` of the Flow Service API; steps "authorize access" of Adobe's streaming destinations tutorial.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import pulumi

from pulumi_aep_streaming._core.specs import ConnectionSpecId, KnownSpecs
from pulumi_aep_streaming._dynamic.provider import FlowServiceProvider
from pulumi_aep_streaming._program.args import keys_of, of_spec, spellings_of
from pulumi_aep_streaming._program.outputs import defaulted, in_clear, refuse_unsendable, spelled_out, then
from pulumi_aep_streaming._program.resource import FlowServiceResource
from pulumi_aep_streaming.auth_args import KNOWN_AUTHS, AnyAuth, AuthArgs, KnownAuthArgs

if TYPE_CHECKING:
    from pulumi_aep_streaming._core.kinds.base_connection import BaseConnectionKind


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

    To take over an existing object, give its id as `adopt_id`: nothing but the ownership marker is written to it.
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
    }
    _inside = {"auth": {"specName": None, "params": ..., "plainParams": ...}}

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
        """Declare a base connection. "Updated in place" is one PATCH; "replaces" makes a new object instead of this one.

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
            connection_spec_version: The version of the connection spec. Default: "1.0". Replaces.
            sandbox_name: The sandbox that it is in. Default: `aep:sandboxName`. Replaces.
            adopt_id: The id of an existing object to take over instead of making one. Read when this is created only.
            opts: Resource options; property names in them may be in snake_case.

        Raises:
            pulumi.RunError: A value cannot be sent, a dict has the arguments of none of the Args, or an option cannot work. All
                else that is wrong is reported by the preview, with the path to it.
        """
        where = f"{resource_name}: auth"
        members = then(auth, lambda known: _auth_members(where, known))
        is_marked = auth is None or isinstance(auth, KnownAuthArgs | AuthArgs)
        super().__init__(
            resource_name,
            {
                "connectionSpecId": defaulted(connection_spec_id, in_clear(auth, lambda known: _implied_spec(where, known))),
                "connectionSpecVersion": connection_spec_version,
                # What is secret is marked; in a dict or an Output, that is all of it.
                "auth": members if is_marked else pulumi.Output.secret(members),
                "name": name,
                "description": description,
                "sandboxName": sandbox_name,
                "adoptId": adopt_id,
            },
            opts,
            in_sight={"auth": _in_sight(auth, members)},
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


def _in_sight(auth: Any, members: Any) -> Any:
    """Return the normal form of credentials as far as it can be seen by now, for options that name members of it."""
    if not isinstance(members, Mapping):
        return members
    params = auth.get("params") if isinstance(auth, Mapping) else getattr(auth, "params", None)
    return members if params is None else {**members, "params": params}  # of AuthArgs, it is secret as a whole


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

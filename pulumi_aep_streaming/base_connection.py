"""BaseConnection: an account at the destination, or the access to the profile store.

Source: `/connections` of the Flow Service API; steps "authorize access" of Adobe's streaming destinations tutorial.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import pulumi
from pulumi.dynamic import DiffResult

from pulumi_aep_streaming._inputs import AUTH_KIND, Bag
from pulumi_aep_streaming._provider import FlowServiceProvider
from pulumi_aep_streaming._resource import (
    FlowServiceResource,
    defaulted,
    in_clear,
    refuse_unsendable,
    spelled_out,
    then,
    without_none,
    without_nothing,
)
from pulumi_aep_streaming._slice import Operation
from pulumi_aep_streaming._specs import KNOWN_SPECS, ConnectionSpecId
from pulumi_aep_streaming._values import shown_only, texts_in
from pulumi_aep_streaming.flow_service.errors import Contested


@dataclass(frozen=True, kw_only=True)
class KinesisAuthArgs:
    """Credentials of an Amazon Kinesis account. One of `region` and `connection_url` is needed.

    The IAM user needs ListStreams, PutRecord and PutRecords.

    Attributes:
        access_key_id: The access key of the IAM user.
        secret_key: Its secret. Secret.
        region: The region of the account's streams.
        connection_url: The endpoint of the account's streams, instead of the region.
    """

    access_key_id: pulumi.Input[str]
    secret_key: pulumi.Input[str] = field(repr=False)
    region: pulumi.Input[str] | None = None
    connection_url: pulumi.Input[str] | None = None


@dataclass(frozen=True, kw_only=True)
class EventHubsAuthArgs:
    """Credentials of an Azure Event Hubs namespace: the name and key of a shared access policy.

    Attributes:
        sas_key_name: The name of the policy (the authorization rule).
        sas_key: Its key. Secret.
        namespace: The namespace that the policy and the hubs are in.
    """

    sas_key_name: pulumi.Input[str]
    sas_key: pulumi.Input[str] = field(repr=False)
    namespace: pulumi.Input[str]


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


AnyAuth = KinesisAuthArgs | EventHubsAuthArgs | AuthArgs | Mapping[str, Any]


class BaseConnectionProvider(FlowServiceProvider):
    """Base connections. The credentials are never read back: what the service shows of them may be masked."""

    kind = "base connection"
    declared = "BaseConnectionInputs"
    unread = ("auth",)

    def objects(self, service: Any) -> Any:
        """Return the collection of base connections."""
        return service.connections

    def body(self, goal: Bag) -> Bag:
        """Return connectionSpec and auth."""
        spec = {"id": goal["connectionSpecId"], "version": goal["connectionSpecVersion"]}
        auth = goal.get("auth")
        wire = {"specName": auth["specName"], "params": _auth_params(goal)} if auth else None
        return without_none({"connectionSpec": spec, "auth": wire})

    def operations(self, last: Bag | None, goal: Bag, live: Any) -> list[Operation]:
        """Return one operation for changed credentials: the service replaces all of `params`, so all of it is sent."""
        wanted = _auth_params(goal)
        if not wanted or (
            last is not None and (wanted == _auth_params(last) or AUTH_KIND.is_left_behind(last.get("auth"), goal.get("auth")))
        ):
            return []
        kind = live.auth and live.auth.spec_name
        if kind and kind != goal["auth"]["specName"]:
            raise Contested(f"its authentication was changed to {kind!r} in Adobe's UI: run pulumi refresh, then declare that")
        shown = live.auth and live.auth.params is not None
        return [{"op": "replace" if shown else "add", "path": "/auth/params", "value": wanted}]

    def unseen(self, last: Bag, goal: Bag) -> frozenset[str]:
        """Return the path of the credentials."""
        del last, goal
        return frozenset({"/auth/params"})

    def live_inputs(self, live: Any, state: Bag) -> Bag:
        """Return the connection spec, and which authentication is in use, but no credentials."""
        spec = live.connection_spec
        shown = shown_only({"connectionSpecId": spec and spec.id, "connectionSpecVersion": spec and spec.version})
        kind = live.auth and live.auth.spec_name
        if kind and "auth" in state:
            shown["auth"] = state["auth"] if kind == state["auth"]["specName"] else {"specName": kind}
        return shown

    def misfits(self, live: Any, desired: Bag) -> list[str]:
        """Return the keys in which it can never become what is desired, the kind of authentication included."""
        kind, declared = live.auth and live.auth.spec_name, desired.get("auth", {}).get("specName")
        return [*super().misfits(live, desired), *(["auth.specName"] if kind and declared and kind != declared else [])]

    def notice(self, live: Any, state: Bag) -> None:
        """Say that the account was moved to another kind of authentication."""
        kind = live.auth and live.auth.spec_name
        if kind and kind != state.get("auth", {}).get("specName", kind):
            consequence = "nothing is replaced; declare it, with its credentials, to manage them again"
            pulumi.log.warn(
                f"base connection {state['name']}: its authentication was changed to {kind!r} by others: {consequence}"
            )

    def diff(self, _id: str, _olds: Bag, _news: Bag) -> DiffResult:
        """Compare declared inputs with state; credentials of a kind that the account was moved away from are left be."""
        if AUTH_KIND.is_left_behind(_olds.get("auth"), _news.get("auth")):
            kind, name = _olds["auth"]["specName"], _news.get("name")
            pulumi.log.warn(f"base connection {name}: its authentication is {kind!r} by now: other credentials are not sent")
        return super().diff(_id, _olds, _news)

    def withheld(self, state: Bag, desired: Bag) -> Bag:
        """Return the kind of authentication that the account was moved to, as long as the program declares another."""
        return {"auth": state["auth"]} if AUTH_KIND.is_left_behind(state.get("auth"), desired.get("auth")) else {}

    def carried(self, live: Any, state: Bag, desired: Bag) -> Bag:
        """Return what is desired; raise `Contested` if the account was moved to just the authentication that is declared."""
        kind, declared = live.auth and live.auth.spec_name, desired.get("auth", {}).get("specName")
        if kind and kind == declared != state.get("auth", {}).get("specName"):
            message = f"its authentication was changed to {kind!r} by others: run pulumi refresh, then up updates it in place"
            raise Contested(message)
        return desired

    def built_upon(self, service: Any, id_: str) -> list[Any]:
        """Return the source and target connections inside of this connection."""
        found = [*service.source_connections.find_by_first(inside := f"baseConnectionId=={id_}")]
        found += service.target_connections.find_by_first(inside)
        return [stream for stream in found if stream.base_connection_id in {id_, None}]

    def narrow_filter(self, goal: Bag) -> str:
        """Filter by connection spec."""
        return f"connectionSpec.id=={goal['connectionSpecId']}"

    def users(self, service: Any, id_: str) -> list[Any]:
        """Return the dataflows whose source or target is inside of this connection, also those made in the UI."""
        inside = f"baseConnectionId=={id_}"
        flows = [flow for source in service.source_connections.find(inside) for flow in service.flows.using(source=source.id)]
        flows += [flow for target in service.target_connections.find(inside) for flow in service.flows.using(target=target.id)]
        return list({flow.id: flow for flow in flows}.values())

    def secrets_in(self, bags: list[Bag]) -> list[str]:
        """Return the credentials. Only a region is known to be none: of a dict or an Output, all else is secret."""
        params = [(bag.get("auth") or {}).get("params", {}) for bag in bags]
        return texts_in([{key: value for key, value in each.items() if key != "region"} for each in params])


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
            auth: `KinesisAuthArgs`, `EventHubsAuthArgs`, `AuthArgs`, or a dict with the arguments of one of them. Default:
                none; credentials are then not managed. Secret: `secret_key`, `sas_key`, `AuthArgs.params`, and the whole of
                it if it is an Output or a dict. Updated in place, always as a whole; another `spec_name` replaces.
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
        super().__init__(
            BaseConnectionProvider(),
            resource_name,
            {
                "connectionSpecId": defaulted(connection_spec_id, in_clear(auth, _implied_spec)),
                "connectionSpecVersion": connection_spec_version,
                "auth": _auth_bag(auth),
                "name": name,
                "description": description,
                "sandboxName": sandbox_name,
                "adoptId": adopt_id,
            },
            opts,
        )

    @staticmethod
    def get(
        resource_name: str,
        id: pulumi.Input[str],  # noqa: A002 (Pulumi's own name for it)
        *,
        sandbox_name: pulumi.Input[str] | None = None,
        opts: pulumi.ResourceOptions | None = None,
    ) -> BaseConnection:
        """Return a read-only reference to an existing object. Needs credentials, in previews too.

        Args:
            resource_name: The Pulumi name of the reference.
            id: The id of the object.
            sandbox_name: Where it lives. Default: `aep:sandboxName`.
            opts: Resource options.
        """
        return BaseConnection._reference(BaseConnectionProvider(), resource_name, id, sandbox_name, opts)

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


_KINESIS = KNOWN_SPECS[ConnectionSpecId.AMAZON_KINESIS.value]
_EVENT_HUBS = KNOWN_SPECS[ConnectionSpecId.AZURE_EVENT_HUBS.value]
_KINDS = (KinesisAuthArgs, EventHubsAuthArgs, AuthArgs)


def _auth_bag(auth: pulumi.Input[AnyAuth] | None) -> Any:
    """Return the normal form of credentials, with what is secret marked: in a dict or an Output, all of it."""
    members = then(auth, _auth_members)
    return members if auth is None or isinstance(auth, _KINDS) else pulumi.Output.secret(members)


def _auth_members(auth: AnyAuth) -> Any:
    """Return the normal form; `check` refuses what is none of the kinds."""
    typed = spelled_out("auth", auth, _KINDS)
    refuse_unsendable("auth", vars(typed) if isinstance(typed, _KINDS) else typed)
    if isinstance(typed, KinesisAuthArgs):
        members = {
            "accessKeyId": typed.access_key_id,
            "secretKey": pulumi.Output.secret(typed.secret_key),
            "region": typed.region,
            "connectionUrl": typed.connection_url,
        }
        return {"specName": _KINESIS.auth_spec_name, "params": without_none(members)}
    if isinstance(typed, EventHubsAuthArgs):
        members = {
            "sasKeyName": typed.sas_key_name,
            "sasKey": pulumi.Output.secret(typed.sas_key),
            "namespace": typed.namespace,
        }
        return {"specName": _EVENT_HUBS.auth_spec_name, "params": members}
    if not isinstance(typed, AuthArgs):
        return typed
    params: Any = pulumi.Output.secret(without_nothing("auth.params", typed.params))
    plain = without_nothing("auth.plain_params", typed.plain_params)
    return without_none({"specName": typed.spec_name, "params": params, "plainParams": plain})


def _implied_spec(auth: AnyAuth) -> str | None:
    """Return the connection spec that typed credentials imply."""
    typed = spelled_out("auth", auth, _KINDS)
    if isinstance(typed, KinesisAuthArgs):
        return ConnectionSpecId.AMAZON_KINESIS.value
    return ConnectionSpecId.AZURE_EVENT_HUBS.value if isinstance(typed, EventHubsAuthArgs) else None


def _auth_params(bag: Bag) -> dict[str, Any]:
    """Return all parameters of the credentials, as one object."""
    auth = bag.get("auth") or {}
    return {**auth.get("plainParams", {}), **auth.get("params", {})}

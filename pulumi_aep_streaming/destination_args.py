"""What a `StreamingDestination` delivers to: the arguments of a target and of its account, in one.

Source: Adobe's pages on Amazon Kinesis and Azure Event Hubs as destinations.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, ClassVar

import pulumi

from pulumi_aep_streaming._core.specs import for_another_hub
from pulumi_aep_streaming._program.args import as_members, picked, spellings_of
from pulumi_aep_streaming._program.outputs import (
    agreeing,
    defaulted,
    in_clear,
    is_later,
    refuse_unsendable,
    spelled_out,
    then,
)
from pulumi_aep_streaming.auth_args import AnyAuth, EventHubsAuthArgs, KinesisAuthArgs, KnownAuthArgs
from pulumi_aep_streaming.target_connection import AnyParams, EventHubsTargetArgs, KinesisTargetArgs, KnownTargetArgs, NoFurther


class KnownDestinationArgs:
    """Base of the known destinations: each field is one of its target's, or one of its credentials'; and further `params`."""

    auth_class: ClassVar[type[KnownAuthArgs]]
    target_class: ClassVar[type[KnownTargetArgs]]
    flow_spec_id: ClassVar[str | None] = None
    secret_params: ClassVar[Mapping[str, Any] | None] = None
    params: pulumi.Input[Mapping[str, Any]] | None

    @property
    def connection_spec_id(self) -> str:
        """The connection spec."""
        return self.target_class.connection_spec.value

    def target_params(self, where: str) -> pulumi.Input[AnyParams]:
        """Return the parameters of the target connection; `where` is what an error names.

        Raises `pulumi.RunError` for a further one that is an argument, also once an Output is known.
        """
        typed = self.target_class(**picked(self.target_class, vars(self)))
        arguments = {sent: name for name, sent in spellings_of(self.target_class).items()}

        def joined(further: Any) -> Any:
            if not isinstance(further, Mapping):
                return further  # there are none, or `check` refuses it
            for key in further.keys() & arguments.keys():
                message = f"{where}: params.{key} is the argument {arguments[key]}; declare it there"
                raise pulumi.RunError(message)
            return {**as_members(typed), **further}

        return then(defaulted(self.params, NoFurther(typed)), joined)

    @property
    def credentials(self) -> pulumi.Input[AnyAuth]:
        """The credentials; `check` says what is missing of them."""
        raise NotImplementedError

    def of_account(self) -> Iterator[str]:
        """Yield the arguments that belong to the account, and were given."""
        for name, value in vars(self).items():
            if value is not None and name not in {*self.target_class.__dataclass_fields__, "params"}:
                yield name


@dataclass(frozen=True, kw_only=True)
class KinesisDestinationArgs(KnownDestinationArgs):
    """An Amazon Kinesis data stream, and the key of an IAM user that may write to it.

    The key is left out where a base connection is shared. The user needs kinesis:ListStreams, PutRecord and PutRecords.

    Attributes:
        stream: The name of the stream, not its ARN.
        region: The region that it is in.
        access_key_id: The access key of the IAM user.
        secret_key: The secret of that access key. Secret.
        connection_url: The endpoint of the account's streams; the credentials then have it instead of the region.
        params: Further parameters of the target, in the spelling of the connection spec: toggles, say. Sent as they are.
            None, also in an Output, is refused where it would remove some; {} removes them.
    """

    auth_class: ClassVar = KinesisAuthArgs
    target_class: ClassVar = KinesisTargetArgs

    stream: pulumi.Input[str]
    region: pulumi.Input[str]
    access_key_id: pulumi.Input[str] | None = None
    secret_key: pulumi.Input[str] | None = field(default=None, repr=False)
    connection_url: pulumi.Input[str] | None = None
    params: pulumi.Input[Mapping[str, Any]] | None = None

    @property
    def credentials(self) -> pulumi.Input[AnyAuth]:
        """The credentials, for the region or the endpoint."""
        of_region = KinesisAuthArgs(**picked(KinesisAuthArgs, vars(self)))  # `check` says what is missing
        return of_region if self.connection_url is None else replace(of_region, region=None)


@dataclass(frozen=True, kw_only=True)
class EventHubsDestinationArgs(KnownDestinationArgs):
    """An Azure event hub, and a shared access policy of its namespace, or other credentials.

    The credentials, and the namespace, are left out where a base connection is shared.

    Attributes:
        event_hub_name: The name of the hub.
        namespace: The namespace that it is in.
        sas_key_name: The name of a shared access policy (authorization rule) of the namespace.
        sas_key: The key of the policy. Secret.
        auth: Other credentials instead of these three: `EventHubsEntraAuthArgs`, `EventHubsScopedEntraAuthArgs`,
            `EventHubsAuthArgs` for a policy of the hub, `AuthArgs`, or a dict with the arguments of one of them.
        params: Further parameters of the target, in the spelling of the connection spec: toggles, say. Sent as they are.
            None, also in an Output, is refused where it would remove some; {} removes them.
    """

    auth_class: ClassVar = EventHubsAuthArgs
    target_class: ClassVar = EventHubsTargetArgs

    event_hub_name: pulumi.Input[str]
    namespace: pulumi.Input[str] | None = None
    sas_key_name: pulumi.Input[str] | None = None
    sas_key: pulumi.Input[str] | None = field(default=None, repr=False)
    auth: pulumi.Input[AnyAuth] | None = field(default=None, repr=False)
    params: pulumi.Input[Mapping[str, Any]] | None = None

    @property
    def credentials(self) -> pulumi.Input[AnyAuth]:
        """Those that were given, or the policy of the namespace."""
        if self.auth is not None:
            return self.auth
        arguments = {"namespace": self.namespace, "sas_key_name": self.sas_key_name, "sas_key": self.sas_key}
        return EventHubsAuthArgs(**arguments)  # type: ignore[arg-type]  # `check` says what is missing


@dataclass(frozen=True, kw_only=True)
class DestinationArgs:
    """Any other destination: its connection spec, and parameters in the spelling of that.

    `auth` is left out where a base connection is shared.

    Attributes:
        connection_spec_id: The id of the connection spec. Replaces.
        params: The parameters of the target connection, sent as they are.
        auth: The credentials: most often `AuthArgs`.
        flow_spec_id: The id of the flow spec. Default: that of profile-based destinations. Replaces.
        secret_params: More parameters of the target connection, all secret: merged into `params` when sent, and never read
            back. Default: not managed; those that were declared before stay, {} removes them.
    """

    connection_spec_id: pulumi.Input[str]
    params: pulumi.Input[Mapping[str, Any]]
    auth: pulumi.Input[AnyAuth] | None = field(default=None, repr=False)
    flow_spec_id: pulumi.Input[str] | None = None
    secret_params: pulumi.Input[Mapping[str, Any]] | None = field(default=None, repr=False)

    def target_params(self, where: str) -> pulumi.Input[AnyParams]:
        """Return the parameters of the target connection."""
        del where
        return self.params

    @property
    def credentials(self) -> pulumi.Input[AnyAuth] | None:
        """The credentials."""
        return self.auth

    def of_account(self) -> Iterator[str]:
        """Yield the arguments that belong to the account, and were given."""
        if self.auth is not None:
            yield "auth"


AnyDestination = KnownDestinationArgs | DestinationArgs | Mapping[str, Any]
KNOWN_DESTINATIONS: tuple[type[KnownDestinationArgs], ...] = (KinesisDestinationArgs, EventHubsDestinationArgs)
"""The Args of destinations that the package knows by heart."""
_ANY_DESTINATIONS = (*KNOWN_DESTINATIONS, DestinationArgs)


def as_destination(where: str, declared: AnyDestination, *, shared: bool) -> Any:
    """Return the Args, also of a dict.

    Raises `pulumi.RunError` for what is none, for what no property can hold, for credentials beside a shared account, and for
    two kinds of them.
    """
    args = spelled_out(where, declared, _ANY_DESTINATIONS)
    if not isinstance(args, KnownDestinationArgs | DestinationArgs):
        classes = ", ".join(class_.__name__ for class_ in _ANY_DESTINATIONS)
        message = f"{where}: must be one of {classes}, or a dict; not {type(declared).__name__}"
        raise pulumi.RunError(message)
    of_account = list(args.of_account())
    if shared and of_account:
        belong, them = ("belongs", "it") if len(of_account) == 1 else ("belong", "them")
        message = f"{where}: {', '.join(of_account)} {belong} to the shared base connection; declare {them} there"
        raise pulumi.RunError(message)
    if "auth" in of_account and len(of_account) > 1:
        message = f"{where}: {of_account[0]} stands beside auth; give one of the two"
        raise pulumi.RunError(message)
    for name, value in vars(args).items():
        if name != "auth":  # Args of their own, which the account looks at
            refuse_unsendable(f"{where}.{name}", value)
    return to_one_hub(where, args, hub_of(args.credentials))


def to_one_hub(where: str, args: Any, hub: pulumi.Input[str] | None) -> Any:
    """Return the Args of a destination as they are.

    Raises `pulumi.RunError` if the credentials are for another event hub than the target, also once Outputs are known.
    """
    params = getattr(args, "params", None)
    if hub is None:
        return args
    if isinstance(args, EventHubsDestinationArgs):
        return replace(args, event_hub_name=_agreed(where, args.event_hub_name, hub))
    if isinstance(params, Mapping) and "eventHubName" in params:
        return replace(args, params={**params, "eventHubName": _agreed(where, params["eventHubName"], hub)})
    return args


def _agreed(where: str, own: Any, hub: Any) -> Any:
    """Return the hub of a target, known if it is."""

    def agree(target: Any, account: Any) -> None:
        if for_another_hub(account, target):
            message = f"{where}: event_hub_name is another hub than the one that the credentials are for (their event_hub_name)"
            raise pulumi.RunError(message)

    if is_later(own) or is_later(hub):
        return agreeing(own, pulumi.Output.from_input(hub), agree)
    agree(own, hub)
    return own


def hub_of(auth: Any) -> Any:
    """Return the event hub that credentials are for, however they are written; None if they are for none."""
    return in_clear(auth, _hub_in)


def _hub_in(auth: Any) -> Any:
    members = auth if isinstance(auth, Mapping) else vars(auth) if hasattr(auth, "__dict__") else {}
    places = [in_clear(members.get(key), _hub_among) for key in ("params", "plain_params", "plainParams")]
    return next((hub for hub in sorted([members.get("event_hub_name"), *places], key=is_later) if hub is not None), None)


def _hub_among(params: Any) -> Any:
    return params.get("eventHubName") if isinstance(params, Mapping) else None

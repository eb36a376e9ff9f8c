"""What a `StreamingDestination` delivers to: the arguments of a target and of its account, in one.

Source: Adobe's pages on Amazon Kinesis and Azure Event Hubs as destinations.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar

import pulumi

from pulumi_aep_streaming._program.args import picked
from pulumi_aep_streaming._program.outputs import refuse_unsendable, spelled_out
from pulumi_aep_streaming.base_connection import AnyAuth, EventHubsAuthArgs, KinesisAuthArgs, KnownAuthArgs
from pulumi_aep_streaming.target_connection import AnyParams, EventHubsTargetArgs, KinesisTargetArgs, KnownTargetArgs


class KnownDestinationArgs:
    """Base of the known destinations: each field is one of its target's, or one of its credentials'."""

    auth_class: ClassVar[type[KnownAuthArgs]]
    target_class: ClassVar[type[KnownTargetArgs]]
    flow_spec_id: ClassVar[str | None] = None

    @property
    def connection_spec_id(self) -> str:
        """The connection spec."""
        return self.target_class.connection_spec.value

    @property
    def params(self) -> AnyParams:
        """The parameters of the target connection."""
        return self.target_class(**picked(self.target_class, vars(self)))

    @property
    def auth(self) -> AnyAuth:
        """The credentials; `check` says what is missing of them."""
        arguments = {**dict.fromkeys(self.auth_class.__dataclass_fields__), **vars(self)}
        return self.auth_class(**picked(self.auth_class, arguments))

    def credentials(self) -> Iterator[str]:
        """Yield the arguments that belong to the account, and were given."""
        for name, value in vars(self).items():
            if value is not None and name not in self.target_class.__dataclass_fields__:
                yield name


@dataclass(frozen=True, kw_only=True)
class KinesisDestinationArgs(KnownDestinationArgs):
    """An Amazon Kinesis data stream, and the key of an IAM user that may write to it.

    The key is left out where a base connection is shared. The user needs kinesis:ListStreams, PutRecord and PutRecords.

    Attributes:
        stream: The name of the stream, not its ARN.
        region: The region that it is in.
        access_key_id: The access key of the IAM user.
        secret_key: Its secret. Secret.
    """

    auth_class: ClassVar = KinesisAuthArgs
    target_class: ClassVar = KinesisTargetArgs

    stream: pulumi.Input[str]
    region: pulumi.Input[str]
    access_key_id: pulumi.Input[str] | None = None
    secret_key: pulumi.Input[str] | None = field(default=None, repr=False)


@dataclass(frozen=True, kw_only=True)
class EventHubsDestinationArgs(KnownDestinationArgs):
    """An Azure event hub, and a shared access policy of its namespace.

    Namespace and policy are left out where a base connection is shared.

    Attributes:
        event_hub_name: The name of the hub.
        namespace: The namespace that it is in.
        sas_key_name: The name of a shared access policy (authorization rule) of the namespace.
        sas_key: The key of the policy. Secret.
    """

    auth_class: ClassVar = EventHubsAuthArgs
    target_class: ClassVar = EventHubsTargetArgs

    event_hub_name: pulumi.Input[str]
    namespace: pulumi.Input[str] | None = None
    sas_key_name: pulumi.Input[str] | None = None
    sas_key: pulumi.Input[str] | None = field(default=None, repr=False)


@dataclass(frozen=True, kw_only=True)
class DestinationArgs:
    """Any other destination: its connection spec, and parameters in the spelling of that.

    `auth` is left out where a base connection is shared.

    Attributes:
        connection_spec_id: The id of the connection spec. Replaces.
        params: The parameters of the target connection.
        auth: The credentials: most often `AuthArgs`.
        flow_spec_id: Default: profile-based destination. Replaces.
    """

    connection_spec_id: pulumi.Input[str]
    params: pulumi.Input[Mapping[str, Any]]
    auth: pulumi.Input[AnyAuth] | None = field(default=None, repr=False)
    flow_spec_id: pulumi.Input[str] | None = None

    def credentials(self) -> Iterator[str]:
        """Yield the arguments that belong to the account, and were given."""
        if self.auth is not None:
            yield "auth"


AnyDestination = KnownDestinationArgs | DestinationArgs | Mapping[str, Any]
KNOWN_DESTINATIONS: tuple[type[KnownDestinationArgs], ...] = (KinesisDestinationArgs, EventHubsDestinationArgs)
"""The Args of destinations that the package knows by heart."""
_ANY_DESTINATIONS = (*KNOWN_DESTINATIONS, DestinationArgs)


def as_destination(where: str, declared: AnyDestination, *, shared: bool) -> Any:
    """Return the Args, also of a dict.

    Raises `pulumi.RunError` for what is none, for what no property can hold, and for credentials beside a shared account.
    """
    args = spelled_out(where, declared, _ANY_DESTINATIONS)
    if not isinstance(args, KnownDestinationArgs | DestinationArgs):
        classes = ", ".join(class_.__name__ for class_ in _ANY_DESTINATIONS)
        message = f"{where}: must be one of {classes}, or a dict; not {type(declared).__name__}"
        raise pulumi.RunError(message)
    unused = list(args.credentials()) if shared else []
    if unused:
        message = f"{where}: {unused[0]} belongs to the shared base connection; declare it there"
        raise pulumi.RunError(message)
    for name, value in vars(args).items():
        if name != "auth":  # Args of their own, which the account looks at
            refuse_unsendable(f"{where}.{name}", value)
    return args

"""TargetConnection: the stream or hub, inside of an account, that a dataflow delivers to.

Source: `/targetConnections` of the Flow Service API; step "specify storage location and data format" of Adobe's streaming
destinations tutorial.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import Field, dataclass, field
from typing import TYPE_CHECKING, Any, ClassVar

import pulumi

from pulumi_aep_streaming._core.specs import ConnectionSpecId, Keys, KnownSpecs
from pulumi_aep_streaming._dynamic.provider import FlowServiceProvider
from pulumi_aep_streaming._program.args import NAME, REGION, as_members, keys_of, spellings_of
from pulumi_aep_streaming._program.outputs import defaulted, none_params, refuse_unsendable, then, without_nothing
from pulumi_aep_streaming._program.resource import StreamConnectionResource

if TYPE_CHECKING:
    from pulumi_aep_streaming._core.kinds.target_connection import TargetConnectionKind


class KnownTargetArgs:
    """Base of the parameters of a known target: each field is one."""

    connection_spec: ClassVar[ConnectionSpecId]
    """The connection spec that has the parameters."""
    __dataclass_fields__: ClassVar[dict[str, Field[Any]]]


@dataclass(frozen=True, kw_only=True)
class KinesisTargetArgs(KnownTargetArgs):
    """An Amazon Kinesis data stream.

    Attributes:
        stream: The name of the stream, not its ARN.
        region: The region that it is in.
    """

    connection_spec: ClassVar = ConnectionSpecId.AMAZON_KINESIS

    stream: pulumi.Input[str] = field(metadata=NAME)
    region: pulumi.Input[str] = field(metadata=REGION)


@dataclass(frozen=True, kw_only=True)
class EventHubsTargetArgs(KnownTargetArgs):
    """An Azure event hub.

    Attributes:
        event_hub_name: The name of the hub, in the namespace of the base connection.
    """

    connection_spec: ClassVar = ConnectionSpecId.AZURE_EVENT_HUBS

    event_hub_name: pulumi.Input[str] = field(metadata=NAME)


@dataclass(frozen=True)
class NoFurther:
    """The parameters of a known target where further ones could be given, and are None: that is to take none away."""

    known: KnownTargetArgs


AnyParams = KnownTargetArgs | Mapping[str, Any]
KNOWN_TARGETS: tuple[type[KnownTargetArgs], ...] = (KinesisTargetArgs, EventHubsTargetArgs)
"""The Args of targets that the package knows by heart."""
KNOWN = KnownSpecs(
    targets={
        ConnectionSpecId.UNIFIED_PROFILE.value: Keys(),
        **{args.connection_spec.value: keys_of(args) for args in KNOWN_TARGETS},
    }
)


class TargetConnectionProvider(FlowServiceProvider):
    """Target connections, in the provider's process. Its path is in every state: it can never move."""

    @property
    def kind(self) -> TargetConnectionKind:
        """The kind."""
        from pulumi_aep_streaming._core.kinds.target_connection import TargetConnectionKind  # noqa: PLC0415 (see the base class)

        return TargetConnectionKind(KNOWN)


class TargetConnection(StreamConnectionResource, module="aep", name="TargetConnection"):
    """The stream or hub that a dataflow delivers to.

    Example:
        ```python
        target = aep.TargetConnection(
            "purchases",
            base_connection_id=account.id,
            params=aep.KinesisTargetArgs(stream=stream.name, region="us-west-2"),
        )
        ```

    To take over an existing object, give its id as `adopt_id`: nothing but the ownership marker is written to it.

    The `params` of a reference (`get`) are secret as a whole: which of them are is known to the one who declared them only.
    """

    _provider_class = TargetConnectionProvider
    _secret_in_references = ("params",)
    _always_secret = ("secretParams",)
    _inside = {"params": ..., "secretParams": ...}
    _argument_paths = {
        f"params.{name}": f"params.{sent}" for class_ in KNOWN_TARGETS for name, sent in spellings_of(class_).items()
    }

    def __init__(
        self,
        resource_name: str,
        *,
        base_connection_id: pulumi.Input[str],
        params: pulumi.Input[AnyParams],
        connection_spec_id: pulumi.Input[str] | None = None,
        data_format: pulumi.Input[str] = "json",
        secret_params: pulumi.Input[Mapping[str, Any]] | None = None,
        name: pulumi.Input[str] | None = None,
        description: pulumi.Input[str] | None = None,
        connection_spec_version: pulumi.Input[str] = "1.0",
        sandbox_name: pulumi.Input[str] | None = None,
        adopt_id: pulumi.Input[str] | None = None,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        """Declare a target connection. "Updated in place" is one PATCH; "replaces" makes a new object instead of this one.

        Args:
            resource_name: The Pulumi name.
            base_connection_id: The id of a base connection to the account that holds the stream. Replaces.
            params: `KinesisTargetArgs`, `EventHubsTargetArgs`, or a dict in the spelling of the connection spec, sent as it is.
                Updated in place, key by key; keys that the service adds are left alone. A member that is None, also in an
                Output, is refused where it would remove one; to remove it, leave it out.
            connection_spec_id: The id of the connection spec. Default: the one that typed `params` imply. Replaces.
            data_format: The format of the data, as the connection spec names it. Default: "json". Replaces.
            secret_params: More parameters, all secret, merged into `params` when sent and never read back. Default: not
                managed; those that were declared before stay, {} removes them. Updated in place.
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
        where = f"{resource_name}: secret_params"
        refuse_unsendable(where, secret_params)
        super().__init__(
            resource_name,
            {
                "baseConnectionId": base_connection_id,
                "connectionSpecId": defaulted(connection_spec_id, then(params, _implied_spec)),
                "connectionSpecVersion": connection_spec_version,
                "dataFormat": data_format,
                "params": then(params, _wire_params),
                "noneParams": none_params(then(params, _further)),
                "secretParams": None if secret_params is None else pulumi.Output.secret(without_nothing(where, secret_params)),
                "name": name,
                "description": description,
                "sandboxName": sandbox_name,
                "adoptId": adopt_id,
            },
            opts,
            in_sight={"secretParams": secret_params},
        )

    @property
    @pulumi.getter(name="secretParams")
    def secret_params(self) -> pulumi.Output[dict[str, Any] | None]:
        """The secret parameters as declared."""
        return pulumi.get(self, "secretParams")


def _wire_params(params: AnyParams | NoFurther) -> Any:
    """Return parameters as they are sent; `check` refuses what is no dictionary."""
    known = params.known if isinstance(params, NoFurther) else params
    return as_members(known) if isinstance(known, KnownTargetArgs) else known


def _further(params: AnyParams | NoFurther) -> Any:
    """Return the parameters that are no arguments of their own; None if the program gives None for them."""
    if isinstance(params, NoFurther):
        return None
    return {} if isinstance(params, KnownTargetArgs) else params


def _implied_spec(params: AnyParams) -> str | None:
    return params.connection_spec.value if isinstance(params, KnownTargetArgs) else None

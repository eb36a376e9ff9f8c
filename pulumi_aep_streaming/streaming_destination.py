"""StreamingDestination: all of Adobe's tutorial as one component, from the profile store to the stream.

Source: Adobe's streaming destinations tutorial, and Adobe's pages on Amazon Kinesis and Azure Event Hubs.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar, TypeVar

import pulumi

from pulumi_aep_streaming._core.specs import ConnectionSpecId, FlowSpecId
from pulumi_aep_streaming._program.args import picked
from pulumi_aep_streaming._program.options import for_child, refuse_import, refuse_lost_providers
from pulumi_aep_streaming._program.outputs import defaulted, given, in_clear, refuse_none, spelled_out, then
from pulumi_aep_streaming._program.run import this_run
from pulumi_aep_streaming.base_connection import AnyAuth, BaseConnection, EventHubsAuthArgs, KinesisAuthArgs, KnownAuthArgs
from pulumi_aep_streaming.dataflow import ACTIVATE_NONE, AnyAttribute, AnySegment, Dataflow, Ownership
from pulumi_aep_streaming.source_connection import SourceConnection
from pulumi_aep_streaming.target_connection import (
    AnyParams,
    EventHubsTargetArgs,
    KinesisTargetArgs,
    KnownTargetArgs,
    TargetConnection,
)


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
_IGNORABLE = ("segments", "profile_attributes", "enabled", "selector_ownership", "force_destroy", "name", "description")
"""What `ignore_changes` of the component can name: properties of its dataflow."""
_ANY_DESTINATIONS = (*KNOWN_DESTINATIONS, DestinationArgs)

R = TypeVar("R", bound=pulumi.CustomResource)


class StreamingDestination(pulumi.ComponentResource):
    """A destination with all that it needs: access to the profile store, the account, the stream, and the dataflow.

    Its children are named `<name>-profile`, `<name>-source`, `<name>-base`, `<name>-target` and `<name>-flow`.

    Example:
        ```python
        purchases = aep.StreamingDestination(
            "purchases",
            destination=aep.KinesisDestinationArgs(
                stream=stream.name,
                region="us-west-2",
                access_key_id=key.id,
                secret_key=key.secret,
            ),
            segments=["72ddd79b-6b0a-4e97-a8d2-112ccd81bd02"],
            profile_attributes=["personalEmail.address", "person.name.lastName"],
        )
        ```

    Moving resources into it that were written out by hand: those that have the names of its children are taken over as they
    are; for others, say in `opts` which is which, with a transformation that adds aliases (see the guide on moving).
    """

    def __init__(
        self,
        resource_name: str,
        *,
        destination: pulumi.Input[AnyDestination],
        segments: pulumi.Input[Sequence[pulumi.Input[AnySegment]]] = (),
        profile_attributes: pulumi.Input[Sequence[pulumi.Input[AnyAttribute]]] = (),
        selector_ownership: pulumi.Input[Ownership] = "exclusive",
        enabled: pulumi.Input[bool] | None = None,
        force_destroy: pulumi.Input[bool] = False,
        name: pulumi.Input[str] | None = None,
        description: pulumi.Input[str] | None = None,
        sandbox_name: pulumi.Input[str] | None = None,
        source_connection: SourceConnection | pulumi.Input[str] | None = None,
        base_connection: BaseConnection | pulumi.Input[str] | None = None,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        """Declare a destination.

        Args:
            resource_name: The Pulumi name.
            destination: `KinesisDestinationArgs`, `EventHubsDestinationArgs`, `DestinationArgs`, or a dict with the arguments
                of one of them. Another stream and other credentials are updated in place; another kind of destination replaces.
            segments: As for `Dataflow`; None is refused. Updated in place.
            profile_attributes: As for `Dataflow`; None is refused. Updated in place.
            selector_ownership: "exclusive" or "additive", as for `Dataflow`.
            enabled: As for `Dataflow`. Default: created enabled, then not managed.
            force_destroy: As for `Dataflow`.
            name: The name of the dataflow, which is what Adobe's UI lists; the other objects are called after it. Default:
                `resource_name`. Updated in place.
            description: The description of the dataflow. Default: not managed. Updated in place.
            sandbox_name: Default: `aep:sandboxName`. Replaces.
            source_connection: A `SourceConnection`, or the id of one, to share; one serves any number of destinations.
                Default: makes one. An Output of None is refused, as the component has its children by then.
            base_connection: A `BaseConnection`, or the id of one, to share one account among many destinations. Default:
                makes one. Likewise.
            opts: Resource options.

        Raises:
            pulumi.RunError: `destination` is none, credentials have no use beside a shared base connection, what is shared is
                of another kind, or a resource stands where a child would.
        """
        refuse_lost_providers(opts)
        refuse_import(resource_name, opts, "run aep-streaming adopt, which imports its children")
        ignored = for_child(resource_name, opts, _IGNORABLE)
        # Before there is any child: nothing is half-made.
        refuse_none(resource_name, ACTIVATE_NONE, segments=segments, profile_attributes=profile_attributes)
        where = f"{resource_name}: destination"
        known = then(given(where, destination), lambda args: _known(args, shared=base_connection is not None))
        title = defaulted(name, resource_name)
        super().__init__("aep:index:StreamingDestination", resource_name, None, opts)
        stood_at = pulumi.ROOT_STACK_RESOURCE if opts is None or opts.parent is None else opts.parent

        def child(class_: type[R], role: str, **arguments: Any) -> R:
            """Make a child, or take over the resource of its name that stood where this component stands."""
            child_name = f"{resource_name}-{role}"
            this_run().claim(class_, child_name, None if opts is None else opts.parent, to_take_over=True)
            options = pulumi.ResourceOptions(
                parent=self,
                aliases=[pulumi.Alias(name=child_name, parent=stood_at)],
                ignore_changes=ignored if class_ is Dataflow else None,
            )
            arguments = {"name": then(title, lambda known: f"{known}-{role}"), "sandbox_name": sandbox_name, **arguments}
            return class_(child_name, opts=options, **arguments)

        self.profile_base_connection: BaseConnection | None = None
        self.source_connection: SourceConnection | None = None
        self.base_connection: BaseConnection | None = None
        if source_connection is None:
            profile_store = ConnectionSpecId.UNIFIED_PROFILE
            self.profile_base_connection = child(BaseConnection, "profile", connection_spec_id=profile_store)
            self.source_connection = child(SourceConnection, "source", base_connection_id=self.profile_base_connection.id)
        spec = in_clear(known, lambda args: args.connection_spec_id)
        if base_connection is None:
            self.base_connection = child(
                BaseConnection, "base", connection_spec_id=spec, auth=then(known, lambda args: args.auth)
            )
        shared = f"{resource_name}: source_connection"
        self.source_connection_id = _id_of(shared, SourceConnection, source_connection, self.source_connection)
        shared = f"{resource_name}: base_connection"
        self.base_connection_id = _id_of(shared, BaseConnection, base_connection, self.base_connection)
        self.target_connection = child(
            TargetConnection,
            "target",
            base_connection_id=self.base_connection_id,
            connection_spec_id=spec,
            params=then(known, lambda args: args.params),
        )
        self.dataflow = child(
            Dataflow,
            "flow",
            name=title,
            source_connection_ids=[self.source_connection_id],
            target_connection_ids=[self.target_connection.id],
            segments=segments,
            profile_attributes=profile_attributes,
            selector_ownership=selector_ownership,
            enabled=enabled,
            force_destroy=force_destroy,
            flow_spec_id=in_clear(known, lambda args: defaulted(args.flow_spec_id, FlowSpecId.PROFILE_BASED_DESTINATION)),
            description=description,
        )
        self.target_connection_id = self.target_connection.id
        self.dataflow_id = self.dataflow.id
        self.register_outputs(
            {
                "dataflowId": self.dataflow_id,
                "targetConnectionId": self.target_connection_id,
                "sourceConnectionId": self.source_connection_id,
                "baseConnectionId": self.base_connection_id,
            }
        )


def _known(declared: AnyDestination, *, shared: bool) -> Any:
    """Return the Args, also of a dict. Raises `pulumi.RunError` for what is none, and for credentials without a use."""
    args = spelled_out("destination", declared, _ANY_DESTINATIONS)
    if not isinstance(args, KnownDestinationArgs | DestinationArgs):
        classes = ", ".join(class_.__name__ for class_ in _ANY_DESTINATIONS)
        message = f"destination: must be one of {classes}, or a dict; not {type(declared).__name__}"
        raise pulumi.RunError(message)
    unused = list(args.credentials()) if shared else []
    if unused:
        message = f"destination: {unused[0]} belongs to the shared base connection; declare it there"
        raise pulumi.RunError(message)
    return args


def _id_of(where: str, class_: type[R], shared: R | pulumi.Input[str] | None, made: R | None) -> pulumi.Output[str]:
    """Return the id of what is shared, or else made. Raises `pulumi.RunError` for a resource of another kind, and for no id."""
    resource = shared if made is None else made
    if isinstance(resource, class_):
        return resource.id
    if isinstance(resource, pulumi.Resource):
        message = f"{where}: must be a {class_.__name__} or the id of one, not a {type(resource).__name__}"
        raise pulumi.RunError(message)
    return pulumi.Output.from_input(given(where, resource))

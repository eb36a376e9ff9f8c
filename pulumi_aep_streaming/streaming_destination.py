"""StreamingDestination: all of Adobe's tutorial as one component, from the profile store to the stream.

Source: Adobe's streaming destinations tutorial, and Adobe's pages on Amazon Kinesis and Azure Event Hubs.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, TypeVar

import pulumi

from pulumi_aep_streaming._core.specs import ConnectionSpecId, FlowSpecId, misplaced, no_source
from pulumi_aep_streaming._program.options import for_child, refuse_import, refuse_lost_providers, refuse_reading
from pulumi_aep_streaming._program.outputs import agreeing, defaulted, given, id_of, in_clear, refuse_none, then
from pulumi_aep_streaming._program.property_paths import Spelling
from pulumi_aep_streaming._program.run import this_run
from pulumi_aep_streaming.base_connection import BaseConnection
from pulumi_aep_streaming.dataflow import ACTIVATE_NONE, SELECTORS, AnyAttribute, AnySegment, Dataflow, Ownership
from pulumi_aep_streaming.destination_args import AnyDestination, as_destination, hub_of, to_one_hub
from pulumi_aep_streaming.source_connection import SourceConnection
from pulumi_aep_streaming.target_connection import TargetConnection

_FLOW = Spelling(
    dict.fromkeys(("segments", "profileAttributes", "enabled", "selectorOwnership", "forceDestroy", "name", "description")),
    SELECTORS,
    special=(),
)
"""What options of the component can name: properties of its dataflow."""

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

    Resources that were written out by hand can be moved into it. Those that have the names of its children are taken over as
    they are; for others, a transformation in `opts` adds aliases that say which is which (see the guide on moving).

    Options that name properties, such as `ignore_changes`, are handed on to its dataflow; so is `delete_before_replace`: no two
    dataflows send at a time, while what a dataflow is built on is made before what it replaces is deleted, as ever.
    `custom_timeouts` go to all children.
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
        """Declare a destination. "Updated in place" is a PATCH; "replaces" makes new objects and deletes these.

        Args:
            resource_name: The Pulumi name.
            destination: `KinesisDestinationArgs`, `EventHubsDestinationArgs`, `DestinationArgs`, or a dict with the arguments
                of one of them. Another stream and other credentials are updated in place; another kind of destination replaces.
            segments: What to activate: what `get_audience` or `get_segment` return, ids, `SegmentSelectorArgs`, or dicts with
                the arguments of it. Their order means nothing. [] activates none; None, also in an Output, is refused. Updated
                in place, by the fewest operations.
            profile_attributes: What to send of a profile: XDM paths such as "person.name.lastName", `ProfileSelectorArgs`, or
                dicts with the arguments of it. [] sends none; None, also in an Output, is refused. Updated in place.
            selector_ownership: What becomes of segments and attributes that others add. "exclusive": a refresh shows them as
                drift, and the next `up` removes them. "additive": they are never touched. Default: "exclusive".
            enabled: Whether data is sent. Default: created enabled, then not managed, so that a dataflow that is paused in
                Adobe's UI stays paused. Updated in place.
            force_destroy: Delete it even though others have added to it; needed only with "additive". Default: False.
            name: The name of the dataflow, which is what Adobe's UI lists; the other objects are called after it. Default:
                `resource_name`. Updated in place.
            description: The description of the dataflow. Default: not managed. Updated in place.
            sandbox_name: The sandbox that all of it is in. Default: `aep:sandboxName`. Replaces.
            source_connection: A `SourceConnection`, or the id of one, to share; one serves any number of destinations.
                Default: makes one. An Output of None is refused, as the component has its children by then.
            base_connection: A `BaseConnection`, or the id of one, to share one account among many destinations. Default:
                makes one. An Output of None is refused here, too.
            opts: Resource options.

        Raises:
            pulumi.RunError: `destination` is no destination, there are credentials beside a shared base connection, what is
                shared is of another kind, another resource has the name of a child, or an option cannot work.
        """
        refuse_lost_providers(resource_name, opts)
        refuse_import(resource_name, opts, "run aep-streaming adopt, which imports its children")
        refuse_reading(resource_name, opts)
        handed_on: dict[str, Any] = dict(for_child(resource_name, opts, _FLOW))
        if opts is not None:
            handed_on["delete_before_replace"] = opts.delete_before_replace
        # Before there is any child: nothing is half-made.
        refuse_none(resource_name, ACTIVATE_NONE, segments=segments, profile_attributes=profile_attributes)
        where = f"{resource_name}: destination"
        known = then(given(where, destination), lambda args: as_destination(where, args, shared=base_connection is not None))
        if isinstance(base_connection, BaseConnection):
            hub = hub_of(base_connection.auth)
            known = then(known, lambda args: to_one_hub(where, args, hub))
        source_id = _shared(f"{resource_name}: source_connection", SourceConnection, source_connection)
        account_id = _shared(f"{resource_name}: base_connection", BaseConnection, base_connection)
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
                custom_timeouts=None if opts is None else opts.custom_timeouts,
                **(handed_on if class_ is Dataflow else {}),
            )
            arguments = {"name": then(title, lambda known: f"{known}-{role}"), "sandbox_name": sandbox_name, **arguments}
            return class_(child_name, opts=options, **arguments)

        self.profile_base_connection: BaseConnection | None = None
        self.source_connection: SourceConnection | None = None
        self.base_connection: BaseConnection | None = None
        if source_id is None:
            profile_store = ConnectionSpecId.UNIFIED_PROFILE
            self.profile_base_connection = child(BaseConnection, "profile", connection_spec_id=profile_store)
            self.source_connection = child(SourceConnection, "source", base_connection_id=self.profile_base_connection.id)
            source_id = self.source_connection.id
        spec = in_clear(known, lambda args: args.connection_spec_id)
        if account_id is None:
            self.base_connection = child(
                BaseConnection, "base", connection_spec_id=spec, auth=then(known, lambda args: args.credentials)
            )
            account_id = self.base_connection.id
        self.source_connection_id, self.base_connection_id = source_id, account_id
        spec = _fitting(f"{resource_name}: base_connection", spec, base_connection, misplaced)
        flow_spec = in_clear(known, lambda args: defaulted(args.flow_spec_id, FlowSpecId.PROFILE_BASED_DESTINATION))
        flow_spec = _fitting(f"{resource_name}: source_connection", flow_spec, source_connection, no_source)
        self.target_connection = child(
            TargetConnection,
            "target",
            base_connection_id=self.base_connection_id,
            connection_spec_id=spec,
            params=then(known, lambda args: args.target_params(where)),
            secret_params=then(known, lambda args: args.secret_params),
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
            flow_spec_id=flow_spec,
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


def _shared(where: str, class_: type[pulumi.CustomResource], resource: Any) -> pulumi.Output[str] | None:
    """Return the id of what is shared, None if nothing is.

    Raises `pulumi.RunError` for a resource of another class, and for no id.
    """
    return None if resource is None else id_of(where, class_, resource)


def _fitting(where: str, spec: Any, shared: Any, misfit: Callable[[str, str], str]) -> Any:
    """Return a spec as it is; the program fails with one line if the connection spec of what is shared does not fit it."""
    if not isinstance(shared, BaseConnection | SourceConnection):
        return spec  # of an id, the provider looks it up

    def agree(own: str, others: str) -> None:
        why = others and misfit(others, own)  # what it does not show is left to the service
        if why:
            message = f"{where}: {why}"
            raise pulumi.RunError(message)

    return agreeing(spec, shared.connection_spec_id, agree)

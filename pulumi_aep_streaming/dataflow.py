"""Dataflow: the pipe from the profile store to a stream, and the segments and profile attributes that are sent through it.

Source: `/flows` of the Flow Service API; steps "create a dataflow" and "activate data" of Adobe's streaming destinations
tutorial, and Adobe's guide to updating destination dataflows.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any, Literal, Protocol, runtime_checkable

import pulumi

from pulumi_aep_streaming._core.specs import FlowSpecId
from pulumi_aep_streaming._core.values import Bag, is_own, is_uuid, to_camel, without_none
from pulumi_aep_streaming._dynamic.provider import FlowServiceProvider
from pulumi_aep_streaming._program.outputs import each, refuse_none
from pulumi_aep_streaming._program.property_paths import Shape
from pulumi_aep_streaming._program.resource import FlowServiceResource
from pulumi_aep_streaming._program.run import this_run

if TYPE_CHECKING:
    from pulumi_aep_streaming._core.kinds.dataflow import DataflowKind


@dataclass(frozen=True, kw_only=True)
class SegmentSelectorArgs:
    """A segment to activate. Name and description are for people; leave them out to leave them to others.

    An external audience, one that was uploaded or comes from a partner, needs the last two: `get_audience` returns them.

    Attributes:
        id: The id of the segment; of an external audience, the one that it was uploaded under.
        name: What the dataflow shows as its name. Default: not managed.
        description: What the dataflow shows as its description. Default: not managed.
        system_segment_id: The UUID that Adobe gave an external audience. Default: none.
        namespace: The namespace of an external audience, such as "CustomerAudienceUpload". Default: the platform's own.
    """

    id: pulumi.Input[str]
    name: pulumi.Input[str] | None = None
    description: pulumi.Input[str] | None = None
    system_segment_id: pulumi.Input[str] | None = None
    namespace: pulumi.Input[str] | None = None


@dataclass(frozen=True, kw_only=True)
class ProfileSelectorArgs:
    """A profile attribute to send: an XDM path such as `person.name.lastName`, case-sensitive.

    `mapping` and `identity` are objects in the service's own spelling.

    Attributes:
        path: The path of the attribute in the profile's schema.
        operator: "EXISTS", the only one that Adobe documents.
        mapping: How Adobe's UI maps the attribute. Default: not managed.
        identity: The namespace, if the attribute is an identity. Default: not managed.
    """

    path: pulumi.Input[str]
    operator: pulumi.Input[str] = "EXISTS"
    mapping: pulumi.Input[Mapping[str, Any]] | None = None
    identity: pulumi.Input[Mapping[str, Any]] | None = None


Ownership = Literal["exclusive", "additive"]


@runtime_checkable
class FoundSegment(Protocol):
    """What a look-up of a segment returns: it activates the segment, under the name that was found."""

    @property
    def id(self) -> str:
        """The id of the segment."""

    @property
    def name(self) -> str:
        """Its name."""


@runtime_checkable
class FoundAudience(Protocol):
    """What a look-up of an audience returns: it activates the audience, whatever it is called."""

    @property
    def id(self) -> str:
        """The id of the audience, as a selector holds it."""

    @property
    def system_segment_id(self) -> str:
        """Its UUID."""

    @property
    def namespace(self) -> str | None:
        """Its namespace, None if that is not shown."""


AnySegment = SegmentSelectorArgs | FoundAudience | FoundSegment | Mapping[str, Any] | str
AnyAttribute = ProfileSelectorArgs | Mapping[str, Any] | str

ACTIVATE_NONE = "give [] to activate none"
SELECTORS: Mapping[str, Shape] = {
    "segments": [dict.fromkeys(to_camel(field.name) for field in fields(SegmentSelectorArgs))],
    "profileAttributes": [{"path": None, "operator": None, "mapping": ..., "identity": ...}],
}
"""What is inside of the properties that hold selectors."""


class DataflowProvider(FlowServiceProvider):
    """Dataflows, in the provider's process. Its path is in every state: it can never move."""

    @property
    def kind(self) -> DataflowKind:
        """The kind."""
        from pulumi_aep_streaming._core.kinds.dataflow import DataflowKind  # noqa: PLC0415 (see the base class)

        return DataflowKind()


class Dataflow(FlowServiceResource, module="aep", name="Dataflow"):
    """A dataflow to a streaming destination, with what it sends.

    Example:
        ```python
        flow = aep.Dataflow(
            "purchases",
            source_connection_ids=[source.id],
            target_connection_ids=[target.id],
            segments=["72ddd79b-6b0a-4e97-a8d2-112ccd81bd02"],
            profile_attributes=["personalEmail.address", "person.name.lastName"],
        )
        ```

    To take over an existing object, give its id as `adopt_id`: nothing but the ownership marker is written to it.
    """

    _provider_class = DataflowProvider
    _refers_to = {"sourceConnectionIds": "SourceConnection", "targetConnectionIds": "TargetConnection"}
    _inside = {"sourceConnectionIds": [None], "targetConnectionIds": [None], **SELECTORS}

    def __init__(
        self,
        resource_name: str,
        *,
        source_connection_ids: pulumi.Input[Sequence[pulumi.Input[str]]],
        target_connection_ids: pulumi.Input[Sequence[pulumi.Input[str]]],
        segments: pulumi.Input[Sequence[pulumi.Input[AnySegment]]] = (),
        profile_attributes: pulumi.Input[Sequence[pulumi.Input[AnyAttribute]]] = (),
        enabled: pulumi.Input[bool] | None = None,
        selector_ownership: pulumi.Input[Ownership] = "exclusive",
        force_destroy: pulumi.Input[bool] = False,
        flow_spec_id: pulumi.Input[str] = FlowSpecId.PROFILE_BASED_DESTINATION,
        flow_spec_version: pulumi.Input[str] = "1.0",
        name: pulumi.Input[str] | None = None,
        description: pulumi.Input[str] | None = None,
        sandbox_name: pulumi.Input[str] | None = None,
        adopt_id: pulumi.Input[str] | None = None,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        """Declare a dataflow. "Updated in place" is one PATCH; "replaces" makes a new object instead of this one.

        Args:
            resource_name: The Pulumi name.
            source_connection_ids: Ids of source connections. Updated in place.
            target_connection_ids: Ids of target connections. Replaces.
            segments: What to activate: what `get_audience` or `get_segment` return, ids, `SegmentSelectorArgs`, or dicts with
                the arguments of it. Their order means nothing. [] activates none; None, also in an Output, is refused. Updated
                in place, by the fewest operations.
            profile_attributes: What to send of a profile: XDM paths such as "person.name.lastName", `ProfileSelectorArgs`, or
                dicts with the arguments of it. [] sends none; None, also in an Output, is refused. Updated in place.
            enabled: Whether data is sent. Default: created enabled, then not managed, so that a dataflow that is paused in
                Adobe's UI stays paused. Updated in place.
            selector_ownership: What becomes of segments and attributes that others add. "exclusive": a refresh shows them as
                drift, and the next `up` removes them. "additive": they are never touched. Default: "exclusive".
            force_destroy: Delete it even though others have added to it; needed only with "additive". Default: False.
            flow_spec_id: The id of the flow spec. Default: that of profile-based destinations. Replaces.
            flow_spec_version: The version of the flow spec. Default: "1.0". Replaces.
            name: The name of the object. Default: `resource_name`. Updated in place.
            description: A text for people. Default: not managed. Updated in place.
            sandbox_name: The sandbox that it is in. Default: `aep:sandboxName`. Replaces.
            adopt_id: The id of an existing object to take over instead of making one. Read when this is created only.
            opts: Resource options; property names in them may be in snake_case.

        Raises:
            pulumi.RunError: A value cannot be sent, a dict has the arguments of none of the Args, or an option cannot work. All
                else that is wrong is reported by the preview, with the path to it.
        """
        found = this_run().found
        refuse_none(resource_name, ACTIVATE_NONE, segments=segments, profile_attributes=profile_attributes)
        super().__init__(
            resource_name,
            {
                "sourceConnectionIds": each(source_connection_ids, lambda id_: id_),
                "targetConnectionIds": each(target_connection_ids, lambda id_: id_),
                "segments": each(segments, lambda segment: _segment_bag(segment, found)),
                "profileAttributes": each(profile_attributes, _attribute_bag),
                "enabled": enabled,
                "selectorOwnership": selector_ownership,
                "forceDestroy": force_destroy,
                "flowSpecId": flow_spec_id,
                "flowSpecVersion": flow_spec_version,
                "name": name,
                "description": description,
                "sandboxName": sandbox_name,
                "adoptId": adopt_id,
            },
            opts,
        )

    @property
    @pulumi.getter(name="sourceConnectionIds")
    def source_connection_ids(self) -> pulumi.Output[list[str]]:
        """The source connections."""
        return pulumi.get(self, "sourceConnectionIds")

    @property
    @pulumi.getter(name="targetConnectionIds")
    def target_connection_ids(self) -> pulumi.Output[list[str]]:
        """The target connections."""
        return pulumi.get(self, "targetConnectionIds")

    @property
    @pulumi.getter
    def segments(self) -> pulumi.Output[list[dict[str, Any]]]:
        """The segments in normal form: `{id[, name][, description][, systemSegmentId][, namespace]}`."""
        return pulumi.get(self, "segments")

    @property
    @pulumi.getter(name="profileAttributes")
    def profile_attributes(self) -> pulumi.Output[list[dict[str, Any]]]:
        """The profile attributes in normal form: `{path, operator[, mapping][, identity]}`."""
        return pulumi.get(self, "profileAttributes")

    @property
    @pulumi.getter
    def enabled(self) -> pulumi.Output[bool | None]:
        """Whether the flow is enabled; None if that is not managed."""
        return pulumi.get(self, "enabled")

    @property
    @pulumi.getter(name="selectorOwnership")
    def selector_ownership(self) -> pulumi.Output[str]:
        """Whose the selectors are that others add: "exclusive" or "additive"."""
        return pulumi.get(self, "selectorOwnership")

    @property
    @pulumi.getter(name="forceDestroy")
    def force_destroy(self) -> pulumi.Output[bool]:
        """Whether selectors of others do not keep the flow from being deleted."""
        return pulumi.get(self, "forceDestroy")

    @property
    @pulumi.getter(name="flowSpecId")
    def flow_spec_id(self) -> pulumi.Output[str]:
        """The flow spec."""
        return pulumi.get(self, "flowSpecId")

    @property
    @pulumi.getter(name="flowSpecVersion")
    def flow_spec_version(self) -> pulumi.Output[str]:
        """The version of the flow spec."""
        return pulumi.get(self, "flowSpecVersion")


def _segment_bag(segment: AnySegment, found: Collection[str]) -> Any:
    """Return a segment in its normal form; of an id that is among the `found`, `check` is told that it is no name."""
    if isinstance(segment, SegmentSelectorArgs):
        members = _spelled(vars(segment))
    elif isinstance(segment, Mapping):
        members = _spelled(segment)
    elif isinstance(segment, pulumi.Resource):
        members = {"id": segment}
    elif isinstance(segment, FoundAudience):
        members = _of_audience(segment)
    elif isinstance(segment, FoundSegment):
        members = {"id": segment.id, **({"name": segment.name} if segment.name else {})}
    else:
        members = {"id": segment}
    id_ = members.get("id")
    return {**members, "lookedUp": True} if isinstance(id_, str) and id_ in found and not is_uuid(id_) else members


def _of_audience(found: FoundAudience) -> Bag:
    """Return what tells an audience apart: its name is not declared, so that it may be renamed."""
    if is_own(found.namespace) and found.system_segment_id in {None, found.id}:
        return {"id": found.id}
    return without_none({"id": found.id, "systemSegmentId": found.system_segment_id, "namespace": found.namespace})


def _spelled(segment: Mapping[str, Any]) -> Bag:
    """Return the arguments of a segment as state spells them."""
    return without_none({{"system_segment_id": "systemSegmentId"}.get(key, key): value for key, value in segment.items()})


def _attribute_bag(attribute: AnyAttribute) -> Any:
    if isinstance(attribute, ProfileSelectorArgs):
        return without_none(vars(attribute))
    return {"operator": "EXISTS", **attribute} if isinstance(attribute, Mapping) else {"path": attribute, "operator": "EXISTS"}

"""Dataflow: the pipe from the profile store to a stream, and the segments and profile attributes that are sent through it.

Source: `/flows` of the Flow Service API; steps "create a dataflow" and "activate data" of Adobe's streaming destinations
tutorial, and Adobe's guide to updating destination dataflows.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import pulumi
from pulumi.dynamic import DiffResult

from pulumi_aep_streaming import _activation
from pulumi_aep_streaming._inputs import Bag
from pulumi_aep_streaming._memory import Carried, identity
from pulumi_aep_streaming._provider import FlowServiceProvider
from pulumi_aep_streaming._resource import FlowServiceResource, defaulted, each, refuse_none, without_none
from pulumi_aep_streaming._slice import Operation, Owned
from pulumi_aep_streaming._specs import FlowSpecId
from pulumi_aep_streaming._values import shown_only
from pulumi_aep_streaming.flow_service.errors import Contested


@dataclass(frozen=True, kw_only=True)
class SegmentSelectorArgs:
    """A segment to activate. Name and description are for people; leave them out to leave them to others.

    Attributes:
        id: The id of the segment.
        name: What the dataflow shows as its name. Default: not managed.
        description: What the dataflow shows as its description. Default: not managed.
    """

    id: pulumi.Input[str]
    name: pulumi.Input[str] | None = None
    description: pulumi.Input[str] | None = None


@dataclass(frozen=True, kw_only=True)
class ProfileSelectorArgs:
    """A profile attribute to send: an XDM path such as `person.name.lastName`, case-sensitive.

    `mapping` and `identity` are objects in the service's own spelling.

    Attributes:
        path: The path.
        operator: "EXISTS", the only one that Adobe documents.
        mapping: How Adobe's UI maps the attribute. Default: not managed.
        identity: The namespace, if the attribute is an identity. Default: not managed.
    """

    path: pulumi.Input[str]
    operator: pulumi.Input[str] = "EXISTS"
    mapping: pulumi.Input[Mapping[str, Any]] | None = None
    identity: pulumi.Input[Mapping[str, Any]] | None = None


Ownership = Literal["exclusive", "additive"]
AnySegment = SegmentSelectorArgs | Mapping[str, Any] | str
AnyAttribute = ProfileSelectorArgs | Mapping[str, Any] | str


ACTIVATE_NONE = "give [] to activate none"


class DataflowProvider(FlowServiceProvider):
    """Dataflows. A new one is POSTed without selectors, as Adobe demands, and then activated by one PATCH."""

    kind = "dataflow"
    declared = "DataflowInputs"
    complete_when_posted = False
    sends = True

    def objects(self, service: Any) -> Any:
        """Return the collection of dataflows."""
        return service.flows

    def body(self, goal: Bag) -> Bag:
        """Return flowSpec, connections, and a transformation with empty selectors."""
        return {
            "flowSpec": {"id": goal["flowSpecId"], "version": goal["flowSpecVersion"]},
            "sourceConnectionIds": goal["sourceConnectionIds"],
            "targetConnectionIds": goal["targetConnectionIds"],
            "transformations": _activation.NOTHING_ACTIVATED,
        }

    def operations(self, last: Bag | None, goal: Bag, live: Any) -> list[Operation]:
        """Return the operations for sources and selectors, by a three-way merge."""
        return _activation.operations(last, goal, live)

    def missing(self, last: Bag | None, goal: Bag, live: Any) -> list[Operation]:
        """Return what does not show yet; a service may keep its own names of segments."""
        return _activation.operations(last, goal, live, titles=False)

    def settle(self, objects: Any, id_: str, state: Bag | None, desired: Bag, nonce: str, owned: Owned) -> Any:
        """Patch the flow while it is disabled, if it is to be disabled: nothing leaks out in between."""
        declared = desired.get("enabled")
        decided = declared is not None and (state is None or declared != state.get("enabled"))

        def allowed(live: Any) -> None:
            self.require(live, owned, state or desired)

        if decided and not declared:
            objects.switch(id_, on=False, allowed=allowed, appearing=state is None)
        live = super().settle(objects, id_, state, desired, nonce, owned)
        if decided and declared and live.state != "enabled":
            objects.switch(id_, on=True, allowed=allowed)
        if decided and state is not None:
            pulumi.log.info(f"dataflow {desired['name']}: switched {'on' if declared else 'off'}")
        if declared is None and state is None and live.state == "disabled":
            pulumi.log.warn(f"dataflow {desired['name']} ({id_}) is paused, and stays so: enabled is not declared")
        _warn_of_others(desired["name"], _activation.compare(state, desired, live))
        return live

    def live_inputs(self, live: Any, state: Bag) -> Bag:
        """Return all that is declared; in additive mode, without the selectors of others."""
        foreign_too = state.get("selectorOwnership") != "additive"
        shown = shown_only(
            {
                "sourceConnectionIds": live.source_connection_ids,
                "targetConnectionIds": live.target_connection_ids,
                "flowSpecId": live.flow_spec and live.flow_spec.id,
                "flowSpecVersion": live.flow_spec and live.flow_spec.version,
            }
        )
        if live.state in {"enabled", "disabled"}:
            shown["enabled"] = live.state == "enabled"
        return {**shown, **_activation.observed(state, live, foreign_too=foreign_too)}

    def narrow_filter(self, goal: Bag) -> str:
        """Filter by target connection."""
        return f"targetConnectionIds[]=={goal['targetConnectionIds'][0]}"

    def notice(self, live: Any, state: Bag) -> None:
        """Name the selectors of others that additive mode leaves out of state."""
        if state.get("selectorOwnership") == "additive":
            _warn_of_others(state["name"], _activation.compare(state, state, live))

    def parents(self, service: Any, live: Any, desired: Bag) -> list[tuple[Any, str]]:
        """Return its target and source connections; what is not shown is what the list was filtered by."""
        targets = live.target_connection_ids or desired["targetConnectionIds"]
        sources = [(service.source_connections, id_) for id_ in live.source_connection_ids]
        return [*((service.target_connections, id_) for id_ in targets), *sources]

    def beyond(self, live: Any, desired: Bag) -> str:
        """Return what it takes from other sources, or sends to more segments, than is declared."""
        sources = live.source_connection_ids
        if sources and set(sources) != set(desired["sourceConnectionIds"]):
            return f"takes its data from {', '.join(sources)}"
        foreign = _activation.compare(None, desired, live).foreign
        return f"has activated {', '.join(foreign)}" if foreign else ""

    def carried(self, live: Any, state: Bag, desired: Bag) -> Bag:
        """Return the desired replacement with the selectors of others, and paused if the old flow is and nothing else is said.

        Raises `Contested` if selectors of others must not be lost, and cannot be taken along to another sandbox.
        """
        name, moved = desired["name"], state.get("sandboxName") != desired.get("sandboxName")
        _activation.require_shown(state, live)
        others = _activation.compare(state, desired, live)
        self._refuse_to_lose(live, state, others, stop=moved)
        pulumi.log.warn(f"dataflow {name} is replaced: history is sent again, and until {live.id} is deleted both send")
        carried: Bag = {} if moved else _activation.carried(state, desired, live)
        for selector in others.foreign:
            fate = "goes with the old one" if moved else "is carried over to the replacement"
            pulumi.log.warn(f"dataflow {name}: {selector} was activated by others and {fate}")
        for selector in [] if moved else others.withdrawn:
            pulumi.log.warn(f"dataflow {name}: {selector} was deactivated by others and is left so in the replacement")
        paused = live.state == "disabled"
        if paused:
            if "enabled" not in desired:
                carried["enabled"] = False
            fate = "is switched on, as declared" if desired.get("enabled") else "stays paused"
            pulumi.log.warn(f"dataflow {name} is paused; its replacement {fate}")
        self.memory.carried[live.id] = Carried(frozenset(others.foreign), paused)
        return {**desired, **carried}

    def diff(self, _id: str, _olds: Bag, _news: Bag) -> DiffResult:
        """Compare declared inputs with state; remember whose deletion is forced."""
        if _news.get("forceDestroy") is True:
            self.memory.forced |= {_id, identity(self.kind, _news)}
        return super().diff(_id, _olds, _news)

    def before_delete(self, live: Any, state: Bag) -> None:
        """Stop if the flow carries selectors of others that must not be lost; else name what goes with it."""
        name, carried = state["name"], self.memory.carried.get(live.id)
        successor = self.memory.successor(live.id)
        others = _activation.compare(state, successor or state, live)
        paused = live.state == "disabled" and "enabled" not in state
        if carried is None:
            self._refuse_to_lose(live, state, others, stop=successor is not None)
            if paused and successor is not None and "enabled" not in successor:
                message = "it is paused, which delete_before_replace would lose: declare enabled=False in an up before this one"
                raise Contested(message)
        elsewhere = carried is not None or identity(self.kind, state) in self.memory.places
        if paused and elsewhere and not (carried and carried.paused):
            pulumi.log.warn(f"dataflow {name} ({live.id}) is paused, and the one made in its place is not")
        for selector in others.foreign:
            if carried is None or selector not in carried.selectors:
                pulumi.log.warn(f"dataflow {name}: {selector} was activated by others and goes with it")

    def _refuse_to_lose(self, live: Any, state: Bag, others: _activation.Others, *, stop: bool) -> None:
        """Raise `Contested` for selectors that others changed: in additive mode, and where they are to `stop` us."""
        if state.get("forceDestroy") or {live.id, identity(self.kind, state)} & self.memory.forced:
            return
        _activation.require_shown(state, live)
        if others.foreign and state.get("selectorOwnership") == "additive":
            message = f"others activated on it: {', '.join(others.foreign)}; deactivate them, or set force_destroy=True"
            raise Contested(message)
        for verb, selectors in (("activated", others.foreign), ("deactivated", others.withdrawn)):
            if stop and selectors:
                message = f"others {verb} on it: {', '.join(selectors)}; run pulumi refresh first, or set force_destroy=True"
                raise Contested(message)


class Dataflow(FlowServiceResource, module="aep", name="Dataflow"):
    """A dataflow to a streaming destination, with what it sends.

    Example:
        ```python
        flow = aep.Dataflow(
            "purchases",
            source_connection_ids=[source.id],
            target_connection_ids=[target.id],
            segments=["72ddd79b-6b0a-4e97-a8d2-112ccd81bd02"],
            profile_attributes=["personalEmail.address", "person.lastName"],
        )
        ```

    Adopting an existing object: give its id as `adopt_id`. Nothing but the ownership marker is written to it.
    """

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
        """Declare a dataflow.

        Args:
            resource_name: The Pulumi name.
            source_connection_ids: Ids of source connections. Updated in place.
            target_connection_ids: Ids of target connections. Replaces.
            segments: What to activate: ids, `SegmentSelectorArgs`, or dicts with the arguments of it. Order means nothing.
                None, also in an Output, is refused: [] activates none. Updated in place, by the fewest operations.
            profile_attributes: What to send of a profile: paths, `ProfileSelectorArgs`, or dicts with the arguments of it.
                Likewise.
            enabled: Default: created enabled, then not managed: a flow that is paused in the UI stays paused. Updated in
                place.
            selector_ownership: "exclusive": selectors that others add are drift, and go with the next `up` after a refresh
                has shown them. "additive": they are never touched.
            force_destroy: Delete an additive flow even though it carries selectors of others.
            flow_spec_id: Default: profile-based destination. Replaces.
            flow_spec_version: Replaces.
            name: The name of the object. Default: `resource_name`. Updated in place.
            description: A text for people. Default: not managed. Updated in place.
            sandbox_name: Default: `aep:sandboxName`. Replaces.
            adopt_id: The id of an existing object to take over instead of making one. Looked at by `create` only.
            opts: Resource options; property names in them may be in snake_case.

        Raises:
            pulumi.RunError: A value can be in no property, a dict spells out no arguments, or an option cannot work. All else
                that is wrong is said by `check` in the preview, with the path to it.
        """
        refuse_none(resource_name, ACTIVATE_NONE, segments=segments, profile_attributes=profile_attributes)
        super().__init__(
            DataflowProvider(),
            resource_name,
            {
                "sourceConnectionIds": each(source_connection_ids, lambda id_: id_),
                "targetConnectionIds": each(target_connection_ids, lambda id_: id_),
                "segments": each(segments, _segment_bag),
                "profileAttributes": each(profile_attributes, _attribute_bag),
                "enabled": enabled,
                "selectorOwnership": selector_ownership,
                "forceDestroy": force_destroy,
                "flowSpecId": defaulted(flow_spec_id, FlowSpecId.PROFILE_BASED_DESTINATION),
                "flowSpecVersion": flow_spec_version,
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
    ) -> Dataflow:
        """Return a read-only reference to an existing object. Needs credentials, in previews too.

        Args:
            resource_name: The Pulumi name of the reference.
            id: The id of the object.
            sandbox_name: Where it lives. Default: `aep:sandboxName`.
            opts: Resource options.
        """
        return Dataflow._reference(DataflowProvider(), resource_name, id, sandbox_name, opts)

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
        """The segments in normal form: `{id[, name][, description]}`."""
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


def _segment_bag(segment: AnySegment) -> Any:
    if isinstance(segment, SegmentSelectorArgs):
        return without_none({"id": segment.id, "name": segment.name, "description": segment.description})
    return dict(segment) if isinstance(segment, Mapping) else {"id": segment}


def _attribute_bag(attribute: AnyAttribute) -> Any:
    if isinstance(attribute, ProfileSelectorArgs):
        members = {
            "path": attribute.path,
            "operator": attribute.operator,
            "mapping": attribute.mapping,
            "identity": attribute.identity,
        }
        return without_none(members)
    return {"operator": "EXISTS", **attribute} if isinstance(attribute, Mapping) else {"path": attribute, "operator": "EXISTS"}


def _warn_of_others(name: str, others: _activation.Others) -> None:
    """Name what others changed since the last update or refresh, and what that leads to."""
    for selector in others.foreign:
        pulumi.log.warn(f"dataflow {name}: {selector} was activated by others and is left alone")
    for selector in others.withdrawn:
        consequence = "pulumi refresh, then up, activates it again"
        pulumi.log.warn(f"dataflow {name}: {selector} was deactivated by others and is left so; {consequence}")

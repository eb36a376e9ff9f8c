"""Dataflows: the pipes from the profile store to streams, and what is sent through them.

Source: `/flows` of the Flow Service API, and Adobe's guide to updating destination dataflows.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Annotated, Literal

from pulumi_aep_streaming._core.changes import FIRST_VERSION, Explicit, OnChange, Unordered, is_unknown
from pulumi_aep_streaming._core.effects import Effects, Note
from pulumi_aep_streaming._core.inputs import Flag, Id, Inputs, Known, Text, no_uuid
from pulumi_aep_streaming._core.kinds.kind import Kind, Reference, Replacement
from pulumi_aep_streaming._core.kinds.selector_inputs import AttributeInputs, SegmentInputs, known_selectors
from pulumi_aep_streaming._core.merges import activation
from pulumi_aep_streaming._core.merges.selectors import ATTRIBUTES, SEGMENTS
from pulumi_aep_streaming._core.ownership import Owned, require_owned
from pulumi_aep_streaming._core.process_memory import Carried, Deletion, Met
from pulumi_aep_streaming._core.snapshot.knowledge import Knowledge
from pulumi_aep_streaming._core.specs import ConnectionSpecId, FlowSpecId, label_of, no_source, no_target
from pulumi_aep_streaming._core.values import Bag, members_of, shown_only, to_snake
from pulumi_aep_streaming.flow_service.errors import Conflict
from pulumi_aep_streaming.flow_service.json_patch import Operation
from pulumi_aep_streaming.flow_service.models import Flow

if TYPE_CHECKING:
    from pulumi_aep_streaming.flow_service.client import FlowService
    from pulumi_aep_streaming.flow_service.collection import Collection, Readable

# Adobe's guardrails for one dataflow; soft limits, so a warning.
_MOST_SEGMENTS = 250
_MOST_ATTRIBUTES = 50
_PROFILE_BASED = Explicit("give FlowSpecId.PROFILE_BASED_DESTINATION for the default", always=False)


class DataflowInputs(Inputs):
    """What is declared of a dataflow."""

    source_connection_ids: Annotated[Known[list[Id]], Unordered()]
    target_connection_ids: Annotated[Known[list[Id]], Unordered(), OnChange.REPLACE]
    segments: Annotated[Known[list[SegmentInputs]], Unordered(SEGMENTS.of), Explicit("give [] to activate none")] = []
    profile_attributes: Annotated[
        Known[list[AttributeInputs]], Unordered(ATTRIBUTES.of), Explicit("give [] to activate none")
    ] = []
    enabled: Flag | None = None
    selector_ownership: Annotated[
        Known[Literal["exclusive", "additive"]], Explicit('give "exclusive" or "additive"', always=False)
    ] = "exclusive"
    force_destroy: Flag = False
    flow_spec_id: Annotated[Id, OnChange.REPLACE, _PROFILE_BASED] = FlowSpecId.PROFILE_BASED_DESTINATION.value
    flow_spec_version: Annotated[Text, OnChange.REPLACE, FIRST_VERSION] = "1.0"

    def problems(self, state: Bag, known: Knowledge) -> Iterator[str]:
        """Check that there is something to connect, by a flow spec, and that paths are such."""
        for label, ids in (("source", self.source_connection_ids), ("target", self.target_connection_ids)):
            if not is_unknown(ids) and not ids:
                yield f"{label}_connection_ids: at least one is needed"
        if self.flow_spec_id in {spec.value for spec in ConnectionSpecId} and self.flow_spec_id != state.get("flowSpecId"):
            yield f"flow_spec_id: is the connection spec of {label_of(self.flow_spec_id)}; give a flow spec, or leave it out"
        elif self.flow_spec_id != state.get("flowSpecId") and (why := known.connection_spec_instead(self.flow_spec_id)):
            yield f"flow_spec_id: {why}"
        for position, segment in known_selectors(self.segments):
            yield from segment.problems(f"segments[{position}]", known)
        stored = {members_of(item).get("path") for item in state.get("profileAttributes", [])}
        for position, attribute in known_selectors(self.profile_attributes):
            if attribute.path not in stored:
                yield from attribute.problems(f"profile_attributes[{position}]", known)

    def warnings(self, state: Bag, known: Knowledge) -> Iterator[str]:
        """Warn of more selectors than Adobe's guardrails, of identities, and of what is not there or no id."""
        yield from self._no_uuids(state)
        if self.flow_spec_id != state.get("flowSpecId") and (why := known.no_flow_spec(self.flow_spec_id)):
            yield f"flow_spec_id: {why}"
        for key, selectors, most in (
            ("segments", self.segments, _MOST_SEGMENTS),
            ("profileAttributes", self.profile_attributes, _MOST_ATTRIBUTES),
        ):
            if not is_unknown(selectors) and len(selectors) > max(most, len(state.get(key, []))):
                yield f"{to_snake(key)}: {len(selectors)} are more than Adobe's guardrail of {most} for a dataflow"
        stored = {SEGMENTS.of(members_of(item)) for item in state.get("segments", [])}
        for position, segment in known_selectors(self.segments):
            if segment.identity not in stored:
                yield from segment.warnings(f"segments[{position}]", known)
        mapped = {members_of(item).get("path") for item in state.get("profileAttributes", [])}
        for position, attribute in known_selectors(self.profile_attributes):
            if attribute.path not in mapped:
                yield from attribute.warnings(f"profile_attributes[{position}]")

    def _no_uuids(self, state: Bag) -> Iterator[str]:
        for label, ids in (("source", self.source_connection_ids), ("target", self.target_connection_ids)):
            stored = state.get(f"{label}ConnectionIds", [])
            for position, id_ in enumerate([] if is_unknown(ids) else ids):
                if id_ not in stored:
                    yield from no_uuid(f"{label}_connection_ids[{position}]", id_, None)


class DataflowKind(Kind[Flow]):
    """Dataflows. A new one is POSTed without selectors, as Adobe demands, and then activated by one PATCH."""

    noun = "dataflow"
    type_name = "Dataflow"
    model = Flow
    inputs = DataflowInputs
    cost_of_replacement = "; history is sent again, and until the old one is deleted both send"
    complete_when_posted = False
    sends = True

    def collection(self, service: FlowService) -> Collection[Flow]:
        """Return the collection of dataflows."""
        return service.flows

    def body(self, desired: Bag) -> Bag:
        """Return flowSpec, connections, and a transformation with empty selectors."""
        return {
            "flowSpec": {"id": desired["flowSpecId"], "version": desired["flowSpecVersion"]},
            "sourceConnectionIds": desired["sourceConnectionIds"],
            "targetConnectionIds": desired["targetConnectionIds"],
            "transformations": activation.NOTHING_ACTIVATED,
        }

    def operations(self, desired: Bag, state: Bag | None, live: Flow) -> list[Operation]:
        """Return the operations for sources and selectors, by a three-way merge."""
        return activation.operations(desired, state, live)

    def missing(self, desired: Bag, state: Bag | None, live: Flow) -> list[Operation]:
        """Return what does not show yet; a service may keep its own names of segments."""
        return activation.operations(desired, state, live, titles=False)

    def reconcile(
        self,
        service: FlowService,
        id_: str,
        desired: Bag,
        state: Bag | None,
        nonce: str,
        owned: Owned,
        effects: Effects,
        previewed: Sequence[str] = (),
        posted: Flow | None = None,
    ) -> Flow:
        """Patch the flow while it is disabled, if it is to be disabled: nothing leaks out in between."""
        declared = desired.get("enabled")
        decided = declared is not None and (state is None or declared != state.get("enabled"))
        switched = False

        def allowed(live: Flow) -> None:
            nonlocal switched
            require_owned(owned, state or desired, live)
            switched = True

        if decided and not declared:
            service.flows.switch(id_, on=False, allowed=allowed, appearing=state is None)
            posted = None
        live = super().reconcile(service, id_, desired, state, nonce, owned, effects, previewed, posted)
        if decided and declared and live.state != "enabled":
            service.flows.switch(id_, on=True, allowed=allowed, appearing=state is None)
        if switched and state is not None:
            effects.info(f"dataflow {desired['name']}: switched {'on' if declared else 'off'}")
        if declared is None and state is None and live.state == "disabled":
            effects.warn(f"dataflow {desired['name']} ({id_}) is paused, and stays so: enabled is not declared")
        for line in activation.changes_of_others(desired["name"], activation.compare(desired, state, live)):
            effects.warn(line)
        return live

    def live_inputs(self, state: Bag, live: Flow) -> Bag:
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
        return {**shown, **activation.observed(state, live, foreign_too=foreign_too)}

    def shown(self, state: Bag) -> Bag:
        """Return its sources and selectors."""
        return {"sourceConnectionIds": state.get("sourceConnectionIds", []), "transformations": activation.stored(state)}

    def announced_besides(self, desired: Bag, state: Bag) -> list[str]:
        """Return how it is switched, and what is never sent, but decides what becomes of the selectors of others."""
        new, old = desired.get("enabled"), state.get("enabled")
        switched = [] if new is None or new == old else [f"~ enabled: switched {'on' if new else 'off'}"]
        changed = [key for key in ("selectorOwnership", "forceDestroy") if key in state and desired.get(key) != state[key]]
        return [*switched, *(f"~ {key}: {state.get(key)} -> {desired.get(key)}, which sends nothing" for key in changed)]

    def diff_warnings(self, desired: Bag, state: Bag) -> Iterator[str]:
        """Warn of what a reviewer should not overlook: nothing is sent any more, or a pause is no longer managed."""
        name = desired.get("name")
        if state.get("segments") and desired.get("segments") == []:
            lost = len(state["segments"])
            which = "its only segment" if lost == 1 else f"all of its {lost} segments"
            yield f"dataflow {name}: loses {which}: nothing is sent any more"
        if desired.get("enabled") is False and state.get("enabled") is not False:
            yield f"dataflow {name}: is switched off: nothing is sent until it is switched on again"
        if "enabled" in state and "enabled" not in desired:
            kept = "on" if state["enabled"] else "off"
            yield f"dataflow {name}: enabled is no longer declared: it stays switched {kept}, whatever others do"

    def narrow_filter(self, desired: Bag) -> str:
        """Filter by target connection."""
        return f"targetConnectionIds[]=={self.built_upon(desired)}"

    def built_upon(self, desired: Bag) -> str:
        """Return its target connection."""
        return str(desired["targetConnectionIds"][0])

    def references(self, desired: Bag, state: Bag) -> Iterator[Reference]:
        """Return its source and target connections."""
        same_flow_spec = desired["flowSpecId"] == state.get("flowSpecId")
        for key, type_name, among in (
            ("sourceConnectionIds", "SourceConnection", lambda service: service.source_connections),
            ("targetConnectionIds", "TargetConnection", lambda service: service.target_connections),
        ):
            stored = state.get(key, []) if same_flow_spec else []
            for position, id_ in enumerate([] if is_unknown(desired[key]) else desired[key]):
                if not is_unknown(id_) and id_ not in stored:
                    yield Reference(f"{to_snake(key)}[{position}]", id_, type_name, among)

    def activated(self, desired: Bag, state: Bag) -> list[Bag]:
        """Return its new segments."""
        stored = {SEGMENTS.of(segment) for segment in state.get("segments", [])}
        return [segment for segment in desired["segments"] if SEGMENTS.of(segment) not in stored]

    def misfit(self, desired: Bag, reference: Reference, met: Met) -> str:
        """Say that a source is no source, or a target no destination."""
        misfit = no_source if reference.type_name == "SourceConnection" else no_target
        return misfit(met.connection_spec_id, desired["flowSpecId"])

    def parents(self, service: FlowService, desired: Bag, live: Flow) -> list[tuple[Readable, str]]:
        """Return its target and source connections; what is not shown is what the list was filtered by."""
        targets = live.target_connection_ids or desired["targetConnectionIds"]
        sources: list[tuple[Readable, str]] = [(service.source_connections, id_) for id_ in live.source_connection_ids]
        return [*((service.target_connections, id_) for id_ in targets), *sources]

    def excess(self, desired: Bag, live: Flow) -> str:
        """Return what it takes from other sources, or sends otherwise, than is desired."""
        sources = live.source_connection_ids
        if sources and set(sources) != set(desired["sourceConnectionIds"]):
            return f"takes its data from {', '.join(sources)}"
        return activation.excess(desired, live)

    def drift(self, state: Bag, live: Flow) -> Iterator[Note]:
        """Name the selectors of others that additive mode leaves out of state."""
        if state.get("selectorOwnership") == "additive":
            yield from map(Note, activation.changes_of_others(state["name"], activation.compare(state, state, live)))

    def replacement(self, desired: Bag, state: Bag, live: Flow, *, forced: bool) -> Replacement:
        """Return the desired replacement with the selectors of others, and paused if the old flow is and nothing else is said.

        Raises `Conflict` if selectors of others must not be lost, and cannot be taken along to another sandbox.
        """
        moved = state.get("sandboxName") != desired.get("sandboxName")
        activation.require_shown(state, live)
        others = activation.compare(desired, state, live)
        if not forced:
            activation.refuse_to_lose(state, live, others, stop=moved)
        paused = live.state == "disabled"
        carried: Bag = {} if moved else activation.carried_over(desired, state, live)
        if paused and "enabled" not in desired:
            carried["enabled"] = False
        warnings = tuple(_fates(desired, live, others, moved=moved))
        return Replacement({**desired, **carried}, Carried(frozenset(others.foreign), paused), warnings)

    def before_delete(self, state: Bag, live: Flow, deletion: Deletion) -> Iterator[str]:
        """Stop if the flow carries selectors of others that must not be lost; else name what goes with it."""
        name, carried, successor = state["name"], deletion.carried, deletion.successor
        others = activation.compare(successor or state, state, live)
        paused = live.state == "disabled" and "enabled" not in state
        if carried is None:
            if not deletion.forced:
                activation.refuse_to_lose(state, live, others, stop=successor is not None)
            if paused and successor is not None and "enabled" not in successor:
                message = "it is paused, which delete_before_replace would lose: declare enabled=False in an up before this one"
                raise Conflict(message)
        if paused and (carried is not None or deletion.remade) and not (carried and carried.paused):
            yield f"dataflow {name} ({live.id}) is paused, and the one made in its place is not"
        for selector in others.foreign:
            if carried is None or selector not in carried.selectors:
                yield f"dataflow {name}: {selector} was activated by others and goes with it"


def _fates(desired: Bag, live: Flow, others: activation.Others, *, moved: bool) -> Iterator[str]:
    """Say what becomes of a flow that is replaced, and of what others changed of it."""
    name = desired["name"]
    yield f"dataflow {name} is replaced: history is sent again, and until {live.id} is deleted both send"
    for selector in others.foreign:
        fate = "goes with the old one" if moved else "is carried over to the replacement"
        yield f"dataflow {name}: {selector} was activated by others and {fate}"
    for selector in [] if moved else others.withdrawn:
        yield f"dataflow {name}: {selector} was deactivated by others and is left so in the replacement"
    if live.state == "disabled":
        fate = "is switched on, as declared" if desired.get("enabled") else "stays paused"
        yield f"dataflow {name} is paused; its replacement {fate}"

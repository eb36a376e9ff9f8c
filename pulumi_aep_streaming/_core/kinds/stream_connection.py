"""What source and target connections share: places inside of a base connection, with parameters."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated, Any, TypeVar

from pydantic import Field

from pulumi_aep_streaming._core.changes import FIRST_VERSION, Explicit, OnChange, is_unknown
from pulumi_aep_streaming._core.inputs import Id, Inputs, Known, Text, connection_spec_doubts, no_flow_spec, no_uuid
from pulumi_aep_streaming._core.kinds.kind import Kind, Reference, Replacement
from pulumi_aep_streaming._core.merges.params import NOT_SHOWN, live_params, masked, params_of_others, taken_away
from pulumi_aep_streaming._core.process_memory import Met
from pulumi_aep_streaming._core.snapshot.knowledge import Knowledge
from pulumi_aep_streaming._core.specs import for_another_hub, misplaced
from pulumi_aep_streaming._core.values import Bag, members_of, shown_only
from pulumi_aep_streaming.flow_service.errors import Conflict
from pulumi_aep_streaming.flow_service.models import StreamConnection

if TYPE_CHECKING:
    from pulumi_aep_streaming.flow_service.client import FlowService
    from pulumi_aep_streaming.flow_service.collection import Readable


class StreamConnectionInputs(Inputs):
    """What is declared of both."""

    base_connection_id: Annotated[Id, OnChange.REPLACE]
    connection_spec_id: Annotated[Id, OnChange.REPLACE]
    connection_spec_version: Annotated[Text, OnChange.REPLACE, FIRST_VERSION] = "1.0"
    data_format: Annotated[Text, OnChange.REPLACE, Explicit('give "json" for the default', always=False)] = "json"
    none_params: Annotated[Known[list[list[str]]], Field(exclude=True)] = []
    """Where the program has None among the parameters (see `taken_away`); it is told to `check` only."""

    def problems(self, state: Bag, known: Knowledge) -> Iterator[str]:
        """Refuse the id of a flow spec, and parameters that are None where there are some."""
        yield from no_flow_spec("connection_spec_id", self.connection_spec_id, state.get("connectionSpecId"), known)
        params = self.declared_params
        same_spec = self.connection_spec_id == state.get("connectionSpecId")
        if params is not None and same_spec and not is_unknown(self.none_params):
            yield from taken_away(self.none_params, params, members_of(state.get("params")))

    @property
    def declared_params(self) -> Bag | None:
        """All parameters, also the secret ones; None if they are not known yet."""
        raise NotImplementedError

    def warnings(self, state: Bag, known: Knowledge) -> Iterator[str]:
        """Warn of names where ids are wanted, and of a connection spec that is not there."""
        yield from no_uuid("base_connection_id", self.base_connection_id, state.get("baseConnectionId"))
        yield from connection_spec_doubts("connection_spec_id", self.connection_spec_id, state.get("connectionSpecId"), known)


S = TypeVar("S", bound=StreamConnection)


def all_params(bag: Bag) -> Bag:
    """Return the parameters of a bag as they are sent: the secret ones among the others."""
    return {**members_of(bag.get("params")), **members_of(bag.get("secretParams"))}


def _hub(bag: Bag) -> Any:
    """Return the event hub that a connection leads to; None if it is to none."""
    return all_params(bag).get("eventHubName")


class StreamConnectionKind(Kind[S]):
    """Both of them."""

    def body(self, desired: Bag) -> Bag:
        """Return base connection, spec, format and all parameters, the secret ones among the others."""
        return {
            "connectionSpec": {"id": desired["connectionSpecId"], "version": desired["connectionSpecVersion"]},
            "baseConnectionId": desired["baseConnectionId"],
            "data": {"format": desired["dataFormat"]},
            "params": all_params(desired),
        }

    def shown(self, state: Bag) -> Bag:
        """Return all parameters."""
        return {"params": all_params(state)}

    def live_inputs(self, state: Bag, live: S) -> Bag:
        """Return all that is declared, but for secret parameters; what the service leaves out is not known."""
        spec = live.connection_spec
        shown = {
            "baseConnectionId": live.base_connection_id,
            "connectionSpecId": spec and spec.id,
            "connectionSpecVersion": spec and spec.version,
            "dataFormat": live.data and live.data.format,
        }
        return {**shown_only(shown), **live_params(state.get("params"), live.params)}

    def narrow_filter(self, desired: Bag) -> str:
        """Filter by base connection."""
        return f"baseConnectionId=={self.built_upon(desired)}"

    def built_upon(self, desired: Bag) -> str:
        """Return its base connection."""
        return str(desired["baseConnectionId"])

    def references(self, desired: Bag, state: Bag) -> Iterator[Reference]:
        """Return its base connection."""
        place = ("baseConnectionId", "connectionSpecId")
        changed = any(desired[key] != state.get(key) for key in place) or _hub(desired) != _hub(state)
        if not any(is_unknown(desired[key]) for key in place) and changed:
            id_ = desired["baseConnectionId"]
            yield Reference("base_connection_id", id_, "BaseConnection", lambda service: service.connections)

    def misfit(self, desired: Bag, reference: Reference, met: Met) -> str:
        """Say that the base connection is of another connection spec, or for another event hub."""
        del reference
        return misplaced(met.connection_spec_id, desired["connectionSpecId"]) or for_another_hub(
            met.event_hub_name, _hub(desired)
        )

    def parents(self, service: FlowService, desired: Bag, live: S) -> list[tuple[Readable, str]]:
        """Return its base connection."""
        return [(service.connections, live.base_connection_id or desired["baseConnectionId"])]

    def replacement(self, desired: Bag, state: Bag, live: S, *, forced: bool) -> Replacement:
        """Return the desired replacement with the parameters that others set; another spec has none of them.

        Raises `Conflict` if it would lack what cannot be read.
        """
        del forced
        if live.params is None and state.get("params"):
            raise Conflict(NOT_SHOWN)
        if state.get("secretParams") and "secretParams" not in desired:
            message = "its replacement would lack the secret parameters: declare secret_params, or {} to remove them"
            raise Conflict(message)
        others = params_of_others(live, state, desired)
        if not others:
            return Replacement({**desired})
        unreadable = masked(others)
        if unreadable:
            unread = ", ".join(unreadable)
            message = f"its replacement would lack {unread}, which the service does not show: declare secret_params"
            raise Conflict(message)
        same = state.get("connectionSpecId") == desired.get("connectionSpecId")
        fate = "are carried over to the replacement" if same else "go with it: the replacement is of another connection spec"
        line = f"{self.noun} {desired['name']}: parameters that others set, {', '.join(others)}, {fate}"
        params = {**desired.get("params", {}), **(others if same else {})}
        return Replacement({**desired, "params": params}, warnings=(line,))

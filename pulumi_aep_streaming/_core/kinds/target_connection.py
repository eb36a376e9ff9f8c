"""Target connections: the streams and hubs that dataflows deliver to.

Source: `/targetConnections` of the Flow Service API.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING

from pulumi_aep_streaming._core.changes import is_unknown
from pulumi_aep_streaming._core.effects import Note
from pulumi_aep_streaming._core.inputs import Params
from pulumi_aep_streaming._core.kinds.stream_connection import StreamConnectionInputs, StreamConnectionKind, all_params
from pulumi_aep_streaming._core.merges.params import param_operations, param_path, params_of_others, secret_operations
from pulumi_aep_streaming._core.process_memory import Deletion
from pulumi_aep_streaming._core.snapshot.knowledge import Knowledge
from pulumi_aep_streaming._core.specs import Keys
from pulumi_aep_streaming._core.values import Bag, texts_in
from pulumi_aep_streaming.flow_service.errors import Conflict
from pulumi_aep_streaming.flow_service.json_patch import Operation
from pulumi_aep_streaming.flow_service.models import Entity, Flow, TargetConnection

if TYPE_CHECKING:
    from pulumi_aep_streaming.flow_service.client import FlowService
    from pulumi_aep_streaming.flow_service.collection import Collection


class TargetConnectionInputs(StreamConnectionInputs):
    """What is declared of a target connection."""

    params: Params
    secret_params: Params | None = None

    def problems(self, state: Bag, known: Knowledge) -> Iterator[str]:
        """Check the parameters against the connection spec, if it is one that is known."""
        yield from super().problems(state, known)
        params = self.declared_params
        if params is None:
            return
        for key in sorted(self.params.keys() & (self.secret_params or {}).keys()):
            yield f"params.{key}: also in secret_params; declare it once"
        for keys in self._keys(known):
            yield from keys.problems("params", params, self._stored_params(state))

    def warnings(self, state: Bag, known: Knowledge) -> Iterator[str]:
        """Name regions that are not known."""
        yield from super().warnings(state, known)
        params = self.declared_params
        if params is not None:
            for keys in self._keys(known):
                yield from keys.warnings("params", params, self._stored_params(state))

    def _keys(self, known: Knowledge) -> list[Keys]:
        """Return the parameters that it must and may have, if its connection spec is known."""
        return [keys for spec, keys in known.specs.targets.items() if spec == self.connection_spec_id]

    @property
    def declared_params(self) -> Bag | None:
        """All parameters, also the secret ones; None if they are not known yet."""
        if is_unknown(self.params) or is_unknown(self.secret_params):
            return None
        return {**self.params, **(self.secret_params or {})}

    def _stored_params(self, state: Bag) -> Bag | None:
        """Return all parameters of state; None if it has none of this connection spec."""
        return all_params(state) if state.get("connectionSpecId") == self.connection_spec_id else None


class TargetConnectionKind(StreamConnectionKind[TargetConnection]):
    """Target connections. Secret parameters travel among the others and are never read back."""

    noun = "target connection"
    type_name = "TargetConnection"
    model = TargetConnection
    inputs = TargetConnectionInputs
    unread = ("secretParams",)

    def collection(self, service: FlowService) -> Collection[TargetConnection]:
        """Return the collection of target connections."""
        return service.target_connections

    def operations(self, desired: Bag, state: Bag | None, live: TargetConnection) -> list[Operation]:
        """Return one operation for each changed parameter; a secret one is changed if the declaration is."""
        secret, stored = desired.get("secretParams", {}), (state or {}).get("secretParams", {})
        # A parameter that becomes secret is not removed in between; one that ceases to be so is sent, as it may be masked.
        params = {key: value for key, value in (state or {}).get("params", {}).items() if key not in secret}
        plain = param_operations(
            desired.get("params", {}), None if state is None else params, live.params, masked=stored.keys()
        )
        # Without any, they are not managed: a config key that is missing must not take credentials away.
        managed = stored if "secretParams" in desired else {}
        withdrawn = {key: value for key, value in managed.items() if key not in desired.get("params", {})}
        return [*plain, *secret_operations(secret, withdrawn, live.params)]

    def unseen(self, desired: Bag, state: Bag) -> frozenset[str]:
        """Return the paths of the secret parameters, also of those that were secret until now."""
        return frozenset(map(param_path, state.get("secretParams", {}).keys() | desired.get("secretParams", {}).keys()))

    def secrets_in(self, bags: Sequence[Bag]) -> list[str]:
        """Return also the secret parameters."""
        return [*super().secrets_in(bags), *(text for bag in bags for text in texts_in(bag.get("secretParams", {})))]

    def children(self, service: FlowService, id_: str) -> Iterator[Entity]:
        """Yield the dataflows that deliver to this connection."""
        yield from service.flows.using(target=id_, changing=True)

    def users(self, service: FlowService, id_: str) -> list[Flow]:
        """Return the dataflows that deliver to this connection, and are not in between states."""
        return service.flows.using(target=id_)

    def drift(self, state: Bag, live: TargetConnection) -> Iterator[Note]:
        """Name the parameters that the program does not declare: a PATCH keeps them."""
        others = params_of_others(live, state)
        if others:
            line = f"target connection {state['name']} has parameters that are not declared: {', '.join(others)}"
            yield Note(line, "info")

    def before_delete(self, state: Bag, live: TargetConnection, deletion: Deletion) -> Iterable[str]:
        """Stop if the connection is deleted before its replacement is made: parameters of others could not be taken along."""
        others = params_of_others(live, state, deletion.successor or {})
        if others and deletion.successor is not None:
            message = (
                f"others set {', '.join(others)} on it, which delete_before_replace would lose: declare it in an up before"
            )
            raise Conflict(message)
        return ()

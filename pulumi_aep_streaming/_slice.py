"""What a slice (base_connection.py, ...) says of its own kind of object, and how a live object is brought to what is desired.

The bags of properties are called state (what the engine keeps), desired (what the program declares), live (what the service
holds).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, ClassVar

import pulumi

from pulumi_aep_streaming import _config, _inputs, _marker, _ownership, _selectors
from pulumi_aep_streaming._engine import caller_is_gone
from pulumi_aep_streaming._inputs import Bag
from pulumi_aep_streaming._labels import label_operations
from pulumi_aep_streaming._memory import Memory
from pulumi_aep_streaming.flow_service.errors import Misconfigured, OwnedElsewhere

if TYPE_CHECKING:
    from pulumi_aep_streaming._declared import Inputs
    from pulumi_aep_streaming.flow_service.client import FlowService
    from pulumi_aep_streaming.flow_service.models import Entity, Flow


Operation = dict[str, Any]
Owned = Callable[[_marker.Mark], bool]
"""Whether an object that carries this marker may be changed. One without a marker may."""


class Slice:
    """One kind of object. What raises `NotImplementedError` here has to be said; the rest may be."""

    kind: ClassVar[str]
    declared: ClassVar[str]
    """The name of the class in `_declared` that says what may be declared."""
    complete_when_posted: ClassVar[bool] = True
    sends: ClassVar[bool] = False
    """Whether a second object upon the same parents sends everything twice."""
    unread: ClassVar[tuple[str, ...]] = ()
    """Properties that the service does not show: of an object that is reclaimed, they are not known."""

    settings: _config.Settings
    memory: Memory

    @property
    def inputs(self) -> type[Inputs]:
        """What may be declared. Loaded when it is first needed, which is never in a program."""
        from pulumi_aep_streaming import _declared  # noqa: PLC0415 (pydantic takes longer to load than all of ours)

        return getattr(_declared, self.declared)

    # What a slice says of its own

    def objects(self, service: Any) -> Any:
        """Return the collection that holds the objects of this kind."""
        raise NotImplementedError

    def body(self, goal: Bag) -> Bag:
        """Return what is POSTed, less name and description."""
        raise NotImplementedError

    def operations(self, last: Bag | None, goal: Bag, live: Any) -> list[Operation]:
        """Return the JSON Patch operations for all but name and description. `last` is None without history. Pure."""
        raise NotImplementedError

    def missing(self, last: Bag | None, goal: Bag, live: Any) -> list[Operation]:
        """Return what of an accepted change does not show yet, as operations."""
        return self.operations(last, goal, live)

    def live_inputs(self, live: Any, state: Bag) -> Bag:
        """Return the inputs that the service shows, less name and description. None: not there. A missing key: not shown."""
        raise NotImplementedError

    def narrow_filter(self, goal: Bag) -> str:
        """Return a filter for listing the objects that could be the desired one; never by name, as people rename."""
        raise NotImplementedError

    def secrets_in(self, bags: list[Bag]) -> list[str]:
        """Return the secret values in property bags, so that no error can quote them."""
        del bags
        return []

    def unseen(self, last: Bag, goal: Bag) -> frozenset[str]:
        """Return the JSON Patch paths whose values the service does not show."""
        del last, goal
        return frozenset()

    def parents(self, service: FlowService, live: Any, desired: Bag) -> list[tuple[Any, str]]:
        """Return the objects that an object is built upon: their collections, and their ids."""
        del service, live, desired
        return []

    def built_upon(self, service: FlowService, id_: str) -> list[Entity]:
        """Return the objects that are built upon an object."""
        del service, id_
        return []

    def misfits(self, live: Any, desired: Bag) -> list[str]:
        """Return the keys of inputs in which a live object differs so that it could never become what is desired."""
        return _inputs.differences(self.inputs, self.observe(live, desired), desired).replaced

    def beyond(self, live: Any, desired: Bag) -> str:
        """Return what an object has that the desired one would not have, in words; "" if that is nothing of weight."""
        del live, desired
        return ""

    def carried(self, live: Any, state: Bag, desired: Bag) -> Bag:
        """Return the desired replacement of an object, with what others changed since the last refresh. Raises to stop it."""
        del live, state
        return desired

    def notice(self, live: Any, state: Bag) -> None:
        """Warn of what a refresh finds and inputs do not show."""

    def withheld(self, state: Bag, desired: Bag) -> Bag:
        """Return the properties that an update leaves as state has them, although the program says otherwise."""
        del state, desired
        return {}

    def before_delete(self, live: Any, state: Bag) -> None:
        """Raise if the object must not be deleted."""

    def users(self, service: Any, id_: str) -> list[Flow]:
        """Return the dataflows that use an object, and keep it from being deleted."""
        del service, id_
        return []

    # What all kinds share

    def service(self, bag: Bag) -> FlowService:
        """Return the client of the sandbox that an object lives in. Raises if the settings are for another organization."""
        stored, configured = bag.get("orgId"), self.settings.get("orgId")
        if stored and configured and stored != configured:
            message = f"it lives in organization {stored}, the settings say {configured}: correct aep:orgId (or AEP_ORG_ID)"
            raise Misconfigured(message)
        sandbox = bag.get("sandboxName", "")
        return _config.client_for(self.settings, sandbox, abandoned=caller_is_gone, say=pulumi.log.info)

    def objects_of(self, bag: Bag) -> Any:
        """Return the collection where an object lives."""
        return self.objects(self.service(bag))

    def outputs(self, desired: Bag, nonce: str, state: Bag | None = None) -> Bag:
        """Return the outputs; a nonce that was written once stays, also where objects are no longer marked."""
        marked = {"nonce": nonce} if "managedBy" in desired or (state or {}).get("nonce") else {}
        return {**desired, "orgId": self.settings.get("orgId"), **marked}

    def observe(self, live: Any, state: Bag) -> Bag:
        """Return the properties of state as the service has them now."""
        # The sandbox is not taken from the answer: the request was for the one that state names.
        shown = {"name": live.name, "description": _marker.split(live.description)[0] or None}
        return _inputs.observe(self.inputs, state, {**shown, **self.live_inputs(live, state)})

    def settle(self, objects: Any, id_: str, state: Bag | None, desired: Bag, nonce: str, owned: Owned) -> Any:
        """Bring the live object to what is desired, say what was sent, and return the object as it is then.

        Raises `OwnedElsewhere` if the object is not `owned`, also if it ceases to be so meanwhile.
        """
        sent: list[Operation] = []

        def compute(live: Any) -> list[Operation]:
            self.require(live, owned, state or desired)
            sent[:] = [*label_operations(state, desired, live, nonce), *self.operations(state, desired, live)]
            return list(sent)

        def missing(live: Any) -> list[Operation]:
            return [*label_operations(state, desired, live, nonce), *self.missing(state, desired, live)]

        unseen = self.unseen(state or {}, desired)
        live = objects.modify(id_, compute, missing=missing, unseen=unseen, appearing=state is None)
        said = [line for operation in sent for line in _selectors.lines(operation)]
        if said:
            pulumi.log.info(f"{self.kind} {desired['name']}: " + "".join(f"\n  {line}" for line in said))
        return live

    @staticmethod
    def require(live: Any, owned: Owned, bag: Bag) -> None:
        """Raise `OwnedElsewhere` if the object carries a marker and is not owned."""
        mark = _marker.split(live.description)[1]
        if mark is not None and not owned(mark):
            raise OwnedElsewhere(_ownership.not_ours(live, mark, bag))

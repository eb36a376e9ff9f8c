"""What a kind of object says of its own, so that the lifecycle, which is the same for all kinds, can manage it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, Generic, Protocol, TypeVar

from pulumi_aep_streaming._core import changes, marker
from pulumi_aep_streaming._core.effects import Effects, Note
from pulumi_aep_streaming._core.inputs import Inputs
from pulumi_aep_streaming._core.merges.labels import label_operations, signed
from pulumi_aep_streaming._core.ownership import Owned, require_owned
from pulumi_aep_streaming._core.process_memory import NOTHING_CARRIED, Carried, Deletion, Met
from pulumi_aep_streaming._core.specs import KnownSpecs
from pulumi_aep_streaming._core.values import Bag, secret_paths, texts_in, value_at, without_none
from pulumi_aep_streaming._core.words import said
from pulumi_aep_streaming.flow_service.json_patch import Operation
from pulumi_aep_streaming.flow_service.models import Entity, Flow, SpecReference

if TYPE_CHECKING:
    from pulumi_aep_streaming.flow_service.client import FlowService
    from pulumi_aep_streaming.flow_service.collection import Collection, Readable

L = TypeVar("L", bound=Entity)


@dataclass(frozen=True)
class Replacement:
    """What is made instead of an old object: as desired, with what others changed of the old one."""

    desired: Bag
    carried: Carried = NOTHING_CARRIED
    warnings: tuple[str, ...] = ()


class OfSpec(Protocol):
    """An object of a connection spec."""

    @property
    def connection_spec(self) -> SpecReference | None: ...


class ReadableOfSpec(Protocol):
    """A collection of objects of connection specs."""

    def get(self, id_: str) -> OfSpec: ...


@dataclass(frozen=True)
class Reference:
    """An object that another refers to by its id."""

    where: str
    """The argument, as a message names it: `source_connection_ids[0]`."""
    id: str
    type_name: str
    """The kind that it has to be of."""
    among: Callable[[FlowService], ReadableOfSpec]
    """Where it is read."""


class Kind(Generic[L]):
    """One kind of object.

    A kind must say `noun`, `type_name`, `model`, `inputs`, `collection`, `body`, `operations`, `live_inputs`, `shown` and
    `narrow_filter`. It may say all else.

    Bags of properties are called desired (what the program declares), state (what the engine holds) and live (what the service
    holds), and come in this order. State is None where there is no history.
    """

    noun: ClassVar[str]
    """What people call an object of it."""
    type_name: ClassVar[str]
    """The last part of its type token: the name of its resource class."""
    model: type[L]
    """What the service shows of it."""
    inputs: ClassVar[type[Inputs]]
    """What may be declared, and what a change of it means."""
    complete_when_posted: ClassVar[bool] = True
    sends: ClassVar[bool] = False
    """Whether a second object upon the same parents sends everything twice."""
    unread: ClassVar[tuple[str, ...]] = ()
    """Properties that the service does not show: of an object that is reclaimed, they are not known."""
    cost_of_replacement: ClassVar[str] = ""
    """What a preview adds to the line that an object is replaced."""

    def __init__(self, known: KnownSpecs | None = None) -> None:
        """`known`: what inputs are checked against."""
        self.known = known or KnownSpecs()

    # Its own

    def collection(self, service: FlowService) -> Collection[L]:
        """Return the collection that holds the objects of this kind."""
        raise NotImplementedError

    def body(self, desired: Bag) -> Bag:
        """Return what is POSTed, less name and description."""
        raise NotImplementedError

    def operations(self, desired: Bag, state: Bag | None, live: L) -> list[Operation]:
        """Return the JSON Patch operations for all but name and description. Pure."""
        raise NotImplementedError

    def live_inputs(self, state: Bag, live: L) -> Bag:
        """Return the inputs that the service shows, less name and description. None: not there. A missing key: not shown."""
        raise NotImplementedError

    def shown(self, state: Bag) -> Bag:
        """Return what the service would show of what state describes, as far as `operations` compares it."""
        raise NotImplementedError

    def narrow_filter(self, desired: Bag) -> str:
        """Return a filter for listing the objects that could be the desired one; never by name, as people rename."""
        raise NotImplementedError

    def built_upon(self, desired: Bag) -> str:
        """Return the id of the object that all are built upon that the filter lists; "" if there is none."""
        del desired
        return ""

    def missing(self, desired: Bag, state: Bag | None, live: L) -> list[Operation]:
        """Return what of an accepted change does not show yet, as operations."""
        return self.operations(desired, state, live)

    def unseen(self, desired: Bag, state: Bag) -> frozenset[str]:
        """Return the JSON Patch paths whose values the service does not show."""
        del desired, state
        return frozenset()

    def secrets_in(self, bags: Sequence[Bag]) -> list[str]:
        """Return the secret values in property bags, so that no line can show them."""
        # What one of them marks is secret in all: a state of an older release marks nothing.
        paths = {path for bag in bags for path in secret_paths(bag)}
        return [text for bag in bags for path in paths for text in texts_in(value_at(bag, path))]

    def references(self, desired: Bag, state: Bag) -> Iterable[Reference]:
        """Return what it refers to by ids that are known, and that state does not have for the same use."""
        del desired, state
        return ()

    def misfit(self, desired: Bag, reference: Reference, met: Met) -> str:
        """Return why it cannot refer to an object of which this is known; "" if it can."""
        del desired, reference, met
        return ""

    def activated(self, desired: Bag, state: Bag) -> Iterable[Bag]:
        """Return the audiences that it activates and state does not, as selectors."""
        del desired, state
        return ()

    def parents(self, service: FlowService, desired: Bag, live: L) -> list[tuple[Readable, str]]:
        """Return the objects that an object is built upon: their collections, and their ids."""
        del service, desired, live
        return []

    def children(self, service: FlowService, id_: str) -> Iterator[Entity]:
        """Yield the objects that are built upon an object."""
        del service, id_
        yield from ()

    def users(self, service: FlowService, id_: str) -> list[Flow]:
        """Return the dataflows that use an object, and keep it from being deleted."""
        del service, id_
        return []

    def irreconcilable(self, desired: Bag, live: L) -> list[str]:
        """Return the keys of inputs in which a live object differs so that it could never become what is desired."""
        return changes.differences(self.inputs, desired, self.observe(desired, live)).replaced

    def excess(self, desired: Bag, live: L) -> str:
        """Return what an object has that the desired one would not have, in words; "" if that is nothing of weight."""
        del desired, live
        return ""

    def withheld(self, desired: Bag, state: Bag) -> Bag:
        """Return the properties that an update leaves as state has them, although the program says otherwise."""
        del desired, state
        return {}

    def restated(self, desired: Bag, state: Bag) -> Bag:
        """Return the properties of state that say what is desired in other words, in those of the desired ones."""
        del desired, state
        return {}

    def diff_warnings(self, desired: Bag, state: Bag) -> Iterable[str]:
        """Return what a preview should warn of, although it is no difference."""
        del desired, state
        return ()

    def drift(self, state: Bag, live: L) -> Iterable[Note]:
        """Return what a refresh finds, and inputs do not show."""
        del state, live
        return ()

    def replacement(self, desired: Bag, state: Bag, live: L, *, forced: bool) -> Replacement:
        """Return what is made instead of a live object. Raises `Conflict` if that would lose what others did."""
        del state, live, forced
        return Replacement(desired)

    def before_delete(self, state: Bag, live: L, deletion: Deletion) -> Iterable[str]:
        """Return warnings of what goes with an object. Raises `Conflict` if it must not be deleted."""
        del state, live, deletion
        return ()

    def announced_besides(self, desired: Bag, state: Bag) -> list[str]:
        """Return what a preview should say that is no operation."""
        del desired, state
        return []

    def members_sent(self, path: str, desired: Bag, state: Bag) -> list[str] | None:
        """Return what is said of an operation on a path instead of its values; None for the values."""
        del path, desired, state
        return None

    # What all kinds share

    def stored(self, state: Bag) -> L:
        """Return the live object that state describes."""
        text = state.get("description", "")
        description = signed(text, state, state["nonce"]) if state.get("nonce") else text  # without one, it was imported
        shown = {"id": "", "name": state.get("name"), "description": description or None, **self.shown(state)}
        return self.model.model_validate(without_none(shown))

    def observe(self, state: Bag, live: L) -> Bag:
        """Return the properties of state as the service has them now."""
        # The sandbox is not taken from the answer: the request was for the one that state names.
        shown = {"name": live.name, "description": marker.bare(live.description) or None}
        return changes.observe(self.inputs, state, {**shown, **self.live_inputs(state, live)})

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
        posted: L | None = None,
    ) -> L:
        """Bring the live object to what is desired, say what was sent, and return the object as it is then.

        `previewed` are the lines that a preview has shown; `posted` is the object if it has just been made so. Raises
        `OwnedElsewhere` if the object is not `owned`, also if it ceases to be so meanwhile.
        """
        patches: list[list[Operation]] = []

        def compute(live: L) -> list[Operation]:
            require_owned(owned, state or desired, live)
            return [*label_operations(desired, state, live, nonce), *self.operations(desired, state, live)]

        def missing(live: L) -> list[Operation]:
            return [*label_operations(desired, state, live, nonce), *self.missing(desired, state, live)]

        unseen = self.unseen(desired, state or {})
        live = self.collection(service).modify(
            id_, compute, missing=missing, unseen=unseen, appearing=state is None, posted=posted, sent=patches.append
        )
        lines = said(patches[-1] if patches else [], desired, state, self.members_sent)
        if lines and lines == list(previewed):
            effects.info(f"{self.noun} {desired['name']}: sent as shown")
        elif lines:
            effects.info(f"{self.noun} {desired['name']}:", lines)
        return live

"""What one provider knows while it manages objects of one kind, and hands to all that it does."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import TYPE_CHECKING, Generic, TypeVar

from pulumi_aep_streaming._core.clients import Connect, client_for
from pulumi_aep_streaming._core.effects import Effects
from pulumi_aep_streaming._core.process_memory import Memory, Replaced, identity
from pulumi_aep_streaming._core.settings import Settings
from pulumi_aep_streaming._core.values import Bag
from pulumi_aep_streaming.flow_service.errors import Misconfigured

if TYPE_CHECKING:
    from pulumi_aep_streaming._core.kinds.kind import Kind
    from pulumi_aep_streaming._core.snapshot.contents import Snapshot
    from pulumi_aep_streaming.flow_service.client import FlowService
    from pulumi_aep_streaming.flow_service.models import Entity

L = TypeVar("L", bound="Entity")


class Context(Generic[L]):
    """The kind, the settings, what the process remembers, and whom to talk to."""

    def __init__(
        self,
        type_name: str,
        kind: Callable[[], Kind[L]],
        settings: Settings,
        memory: Memory,
        effects: Effects,
        connect: Connect | None = None,
    ) -> None:
        """`type_name` is the kind's. `kind` is called when it is first needed: never for what did not change.

        `connect` gives the client of a sandbox: by default one of those that the process keeps.
        """
        self.type_name, self._kind, self._connect = type_name, kind, connect or client_for
        self.settings, self.memory, self.effects = settings, memory, effects
        self._process = effects

    @property
    def kind(self) -> Kind[L]:
        """The kind of the objects."""
        return self._kind()

    def about(self, *bags: Bag) -> Context[L]:
        """Return a context that says nothing which is secret in these bags, and no name that is secret elsewhere."""
        found = copy.copy(self)
        self.memory.note_names(bags)
        found.effects = self.effects.masking([*self.kind.secrets_in(bags), *self.memory.secret_names])
        return found

    def service(self, bag: Bag) -> FlowService:
        """Return the client of the sandbox that an object lives in. Raises if the settings are for another organization."""
        stored, configured = bag.get("orgId"), self.settings.get("orgId")
        if stored and configured and stored != configured:
            message = f"it lives in organization {stored}, the settings say {configured}: correct aep:orgId (or AEP_ORG_ID)"
            raise Misconfigured(message)
        return self._connect(self.settings, bag.get("sandboxName", ""), self._process)

    def snapshot(self, bag: Bag) -> Snapshot | None:
        """Return the snapshot of the place of an object, None if there is none, which is said once a process.

        Raises `Misconfigured` if there is one that cannot be read.
        """
        organization, sandbox, path = bag.get("orgId") or "", bag.get("sandboxName"), self.settings.get("snapshot")
        if not path or not isinstance(organization, str) or not isinstance(sandbox, str):  # or not known yet
            return None
        from pulumi_aep_streaming._core.snapshot.configured import elsewhere, snapshot_of  # noqa: PLC0415 (most runs change nothing)

        found = snapshot_of(self.settings, organization, sandbox)
        if found is None and not self.memory.is_told(f"no snapshot of {organization} {sandbox}"):
            wanted, other = f"sandbox {sandbox} of {organization}", elsewhere(self.settings)
            has = f"is a snapshot of {other}, not of {wanted}" if other else f"has no snapshot of {wanted}"
            self.effects.warn(f"{path} {has}: nothing is checked against it")
        return found

    def outputs(self, desired: Bag, nonce: str, state: Bag | None = None) -> Bag:
        """Return the outputs; a nonce that was written once stays, also where objects are no longer marked."""
        marked = {"nonce": nonce} if "managedBy" in desired or (state or {}).get("nonce") else {}
        return {**desired, "orgId": self.settings.get("orgId"), **marked}

    def is_forced(self, id_: str, state: Bag) -> bool:
        """Whether the program deletes an object even though others changed it."""
        return bool(state.get("forceDestroy")) or bool({id_, self.identity(state)} & self.memory.forced)

    def replaced(self, desired: Bag) -> Replaced | None:
        """Return the object that the desired one replaces."""
        return self.memory.replaced.get(self.identity(desired))

    def identity(self, bag: Bag) -> str:
        """Return what tells a resource apart in diff and in the create that follows it."""
        return identity(self.type_name, bag)

    def identities(self, desired: Bag) -> list[str]:
        """Return all identities that an older state may know a resource by: without markers, its name."""
        older = [] if "managedBy" in desired else [self.identity({"name": desired.get("name")})]
        return [self.identity(desired), *older]

    def reclaims(self, *bags: Bag) -> bool:
        """Whether this run reclaims what carries the key of a resource, the one that it has now or the one that it had."""
        return any(self.settings.reclaims(bag.get("managedBy")) for bag in bags)

"""What the process of a provider remembers of objects, for all kinds together.

It relies on this order of the engine: an `up` diffs a resource that is in state before it creates what depends on it. Not so
for what is replaced by force (`--replace`, `taint`, another provider): that is checked without old inputs, created, and
deleted later, perhaps by another process. So nothing that is remembered here may decide that an object is deleted; it may
keep one from being deleted.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import NamedTuple

from pulumi_aep_streaming._core.values import Bag, members_of, secret_paths
from pulumi_aep_streaming._core.words import Announcement


@dataclass(frozen=True)
class Replaced:
    """An object that a diff has found to be replaced, with its state, and what is declared of its replacement."""

    id: str
    desired: Bag
    state: Bag


@dataclass(frozen=True)
class Carried:
    """What a replacement took along of its old dataflow: the selectors of others, in words, and whether it is paused."""

    selectors: frozenset[str] = frozenset()
    paused: bool = False


NOTHING_CARRIED = Carried()


class Met(NamedTuple):
    """What others that refer to an object need to know of it."""

    type_name: str
    connection_spec_id: str = ""
    """"" if it is not known, or there is none."""
    event_hub_name: str = ""
    """The hub that its credentials are for; "" if they are for none, or it is not known."""


@dataclass(frozen=True)
class Deletion:
    """What else there is to know of an object that is to be deleted."""

    forced: bool = False
    """Whether the program deletes it even though others changed it."""
    carried: Carried | None = None
    """What its replacement took along; None if there is no replacement, or not yet."""
    successor: Bag | None = None
    """What is declared of its replacement, if that has yet to be made."""
    remade: bool = False
    """Whether this process has made another object for the same resource."""

    @property
    def is_of_a_replacement(self) -> bool:
        """Whether there is another object for the same resource, or is to be, as far as this process knows."""
        return self.carried is not None or self.successor is not None or self.remade


@dataclass
class Memory:
    """The objects that a process has met, by id. Shared by the threads of a provider."""

    met: dict[str, Met] = field(default_factory=dict)
    """What was made, diffed or read, whosever it is."""
    meeting: dict[str, threading.Lock] = field(default_factory=dict)
    """Held while an object is read to be met, by its id, or an audience is asked for."""
    diffed: dict[str, Bag] = field(default_factory=dict)
    """What state holds of the objects that an `up` has diffed."""
    refreshed: set[str] = field(default_factory=set)
    """Read, and not diffed since: the engine diffs after each read of a refresh, also what it then replaces by force."""
    acquired: set[str] = field(default_factory=set)
    """Created, resumed, reclaimed or adopted by this process: the state of this `up` has them."""
    created: set[str] = field(default_factory=set)
    """Those of them that were created or resumed: whatever is built upon them is of this state, too."""
    making: set[str | None] = field(default_factory=set)
    """The owners of what this process makes, or has made."""
    posted: set[str] = field(default_factory=set)
    """Those that were POSTed, and not found: nothing is built upon them but what this process makes."""
    sandboxes: dict[str, str] = field(default_factory=dict)
    """The sandbox in which this process acquired an object, by the identity of its resource."""
    owners: set[tuple[str | None, str]] = field(default_factory=set)
    """The owners, as markers say them, that have an object in state, each with its sandbox."""
    forced: set[str] = field(default_factory=set)
    """Ids and identities that were diffed with `force_destroy`: their selectors of others do not keep them."""
    carried: dict[str, Carried] = field(default_factory=dict)
    """What the replacements of objects took along."""
    announced: dict[str, Announcement] = field(default_factory=dict)
    """What a diff has shown of what will be sent."""
    replaced: dict[str, Replaced] = field(default_factory=dict)
    """What is to be replaced, by the identity that the new object will have."""
    secret_names: set[str] = field(default_factory=set)
    """Names that the program marked secret: lines about other resources may have them."""
    audiences: dict[str, bool] = field(default_factory=dict)
    """Whether an audience is there, as far as could be told, by its place and ids."""
    told: set[str] = field(default_factory=set)
    """What is said once a process, and has been."""
    telling: threading.Lock = field(default_factory=threading.Lock)
    """Held while that is found out."""

    def in_state(self, id_: str) -> bool:
        """Whether state holds an object, or this process has POSTed it: then no interrupted create is its origin.

        Not what was only refreshed: a forced replacement then creates and deletes it without another diff.
        """
        return id_ in self.diffed or id_ in self.acquired or id_ in self.posted

    def is_told(self, what: str) -> bool:
        """Whether something has been said; from now on it has."""
        with self.telling:
            told = what in self.told
            self.told.add(what)
            return told

    def meet(self, id_: str, type_name: str, state: Bag, desired: Bag | None = None) -> None:
        """Remember of which kind and connection spec an object is, and which hub its credentials are or will be for."""
        auth = members_of((state if desired is None else desired).get("auth"))
        hub = {**members_of(auth.get("plainParams")), **members_of(auth.get("params"))}.get("eventHubName")
        self.met[id_] = Met(type_name, state.get("connectionSpecId") or "", hub if isinstance(hub, str) else "")

    def note_diff(self, id_: str, state: Bag) -> bool:
        """Remember an object that was diffed; False if that was the diff of a refresh, which says nothing of the program."""
        if id_ in self.refreshed:
            self.refreshed.discard(id_)
            return False
        self.diffed[id_] = state
        self.note_names([state])
        self.owners.add((state.get("managedBy"), state.get("sandboxName", "")))
        return True

    def note_names(self, bags: Iterable[Bag]) -> None:
        """Remember the names that are secret."""
        self.secret_names.update(str(bag.get("name")) for bag in bags if "name" in secret_paths(bag))

    def note_acquired(
        self, id_: str, identities: Iterable[str], owner: str | None, sandbox: str, *, created: bool = False
    ) -> None:
        """Remember an object that this process has put into state."""
        self.acquired.add(id_)
        self.owners.add((owner, sandbox))
        self.sandboxes.update(dict.fromkeys(identities, sandbox))
        if created:
            self.created.add(id_)

    def successor(self, id_: str) -> Bag | None:
        """Return what is declared of an object's replacement, if that has yet to be made; None if there is to be none."""
        found = (old.desired for old in list(self.replaced.values()) if old.id == id_ and id_ not in self.carried)
        return next(found, None)

    def deletion(self, id_: str, identity_: str, *, forced: bool) -> Deletion:
        """Return what is known of an object that is to be deleted."""
        return Deletion(forced, self.carried.get(id_), self.successor(id_), identity_ in self.sandboxes)


def identity(type_name: str, bag: Bag) -> str:
    """Return what tells a resource apart in diff and in the create that follows it; a move by an alias changes it in both.

    State that an older release wrote without markers lacks the owner, and has its name; names are not unique.
    """
    return f"{type_name} {bag.get('managedBy') or bag.get('unmarkedOwner') or bag.get('name')}"


process = Memory()
"""That of this process."""

"""What the process of a provider remembers of objects, for all kinds together.

It relies on this order of the engine: an `up` diffs a resource that is in state before it creates what depends on it. Not so
for what is replaced by force (`--replace`, `taint`, another provider): that is checked without old inputs, created, and
deleted later, perhaps by another process. So nothing that is remembered here may decide that an object is deleted; it may
keep one from being deleted.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Replaced:
    """An object that a diff has found to be replaced, with its state, and what is declared of its replacement."""

    id: str
    state: dict[str, Any]
    desired: dict[str, Any]


@dataclass(frozen=True)
class Carried:
    """What a replacement took along of its old dataflow: the selectors of others, in words, and whether it is paused."""

    selectors: frozenset[str] = frozenset()
    paused: bool = False


@dataclass
class Memory:
    """The objects that a process has met, by id. Shared by the threads of a provider."""

    diffed: dict[str, dict[str, Any]] = field(default_factory=dict)
    """What state holds of the objects that an `up` has diffed."""
    refreshed: set[str] = field(default_factory=set)
    """Read, and not diffed since: the engine diffs after each read of a refresh, also what it then replaces by force."""
    made: set[str] = field(default_factory=set)
    """Created, resumed, reclaimed or adopted by this process."""
    born: set[str] = field(default_factory=set)
    """Created or resumed by this process: whatever is built upon them is of this state, too."""
    places: dict[str, str] = field(default_factory=dict)
    """The sandbox in which this process made an object, by the identity of its resource."""
    forced: set[str] = field(default_factory=set)
    """Ids and identities that were diffed with `force_destroy`: their selectors of others do not keep them."""
    carried: dict[str, Carried] = field(default_factory=dict)
    """What the replacements of objects took along."""
    replaced: dict[str, Replaced] = field(default_factory=dict)
    """What is to be replaced, by the identity that the new object will have."""

    def in_state(self, id_: str) -> bool:
        """Whether the state that this process works on holds an object: then nothing interrupted has left it behind.

        Not what was only refreshed: a forced replacement then creates and deletes it without another diff.
        """
        return id_ in self.diffed or id_ in self.made

    def note_diff(self, id_: str, state: dict[str, Any]) -> bool:
        """Remember an object that was diffed; False if that was the diff of a refresh, which says nothing of the program."""
        if id_ in self.refreshed:
            self.refreshed.discard(id_)
            return False
        self.diffed[id_] = state
        return True

    def successor(self, id_: str) -> dict[str, Any] | None:
        """Return what is declared of an object's replacement, if that has yet to be made; None if there is to be none."""
        found = (old.desired for old in list(self.replaced.values()) if old.id == id_ and id_ not in self.carried)
        return next(found, None)


def identity(kind: str, bag: dict[str, Any]) -> str:
    """Return what tells a resource apart in diff and in the create that follows it; a move by an alias changes it in both."""
    return f"{kind} {bag.get('managedBy') or bag.get('name')}"


process = Memory()

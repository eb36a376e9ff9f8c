"""The ownership marker: the end of a description that says which Pulumi resource an object belongs to.

POST has no idempotency key and names are not unique, so this is how a create that was interrupted finds what it had made.

    Summer campaign [pulumi:shop/prod/kinesis#3f9a0c21.77aa01fe]
                            owner: project/stack/resource#key  nonce

The key is a hash of organization and URN; the nonce is fresh for each object made or adopted.
"""

from __future__ import annotations

import hashlib
import os
import re
from dataclasses import dataclass

_MARKER = re.compile(r" ?\[pulumi:(?P<owner>(?:(?!\[pulumi:)[^\n])*#[0-9a-f]{8})\.(?P<nonce>[0-9a-f]{8})\]")
_LONGEST_NAME = 80


@dataclass(frozen=True)
class Mark:
    """A marker that was found, or is to be written."""

    owner: str
    nonce: str

    @property
    def key(self) -> str:
        """What identifies the resource; the rest of the owner is for people."""
        return key_of(self.owner)


def owner(organization: str, urn: str) -> str:
    """Return `project/stack/resource#key` for a resource's URN."""
    stack, project, _, name = [*urn.removeprefix("urn:pulumi:").split("::", 3), "", "", ""][:4]
    digest = hashlib.sha256(f"{organization}\n{urn}".encode()).hexdigest()
    readable = " ".join(name.split())[:_LONGEST_NAME]
    return f"{project}/{stack}/{readable}#{digest[:8]}"


def key_of(owner: str) -> str:
    """Return the key at the end of an owner."""
    return owner.rpartition("#")[2]


def new_nonce() -> str:
    """Return 8 random hex digits."""
    return os.urandom(4).hex()  # not secrets.token_hex: a user's folder, which comes first, may have a module secrets


def sign(text: str, mark: Mark) -> str:
    """Return a description that carries the marker, and only this one."""
    plain = bare(text)
    return f"{plain}{' ' if plain else ''}[pulumi:{mark.owner}.{mark.nonce}]"


def find(description: str | None) -> Mark | None:
    """Return the last marker in a description."""
    found = [Mark(match["owner"], match["nonce"]) for match in _MARKER.finditer(description or "")]
    return found[-1] if found else None


def is_cut(description: str | None) -> bool:
    """Whether a description that holds no marker may be the beginning of one that does."""
    text = (description or "").rstrip()
    return text.endswith(("...", "\u2026")) or "[pulumi" in text


def bare(description: str | None) -> str:
    """Return a description without markers."""
    return _MARKER.sub("", description or "")

"""Names for what is adopted: Pulumi names and Python variables from the names that people gave."""

from __future__ import annotations

import keyword
import re
import unicodedata
from collections.abc import Mapping

from pulumi_aep_streaming._core.specs import ConnectionSpecId
from pulumi_aep_streaming.cli._inventory import Adoptable, Inventory
from pulumi_aep_streaming.flow_service.text_of_others import harmless

_LONGEST = 24  # so that the longest line of a program, which asks config for a secret, stays below 88 characters
_TAKEN = {"aep", "config", "pulumi"}
ROLES = {"SourceConnection": "source", "TargetConnection": "target", "Dataflow": "flow"}


def names_of(inventory: Inventory) -> dict[str, str]:
    """Return a Python name for each object, by id: unique, short, with its role at the end. Its Pulumi name has dashes."""
    taken = set(_TAKEN)
    return {id_: _unique(_slug(adoptable), taken) for id_, adoptable in inventory.adoptable.items()}


def resource_name(variable: str) -> str:
    """Return the Pulumi name that goes with a variable."""
    return variable.strip("_").replace("_", "-")


def shorter(variable: str, others: set[str]) -> str:
    """Return a dataflow's variable without its role, for the component that it is in, where that is a name, and free."""
    stem = variable.removesuffix("_flow")
    return stem if _is_free(stem, others | _TAKEN) else variable


def literal(text: str) -> str:
    """Return a string literal in the quotes that ruff and black choose: the ones that need fewer escapes, else double."""
    quote = "'" if text.count('"') > text.count("'") else '"'
    body = repr(f"{text}'\"")[1:-1]  # both quotes at the end make repr() choose single quotes, and escape these only
    body = body.removesuffix("\\'\"").replace("\\'", "'").replace(quote, f"\\{quote}")
    return f"{quote}{body}{quote}"


def comment(text: str) -> str:
    """Return a text fit for the end of a line of a program, where all can be seen."""
    return "".join(filter(str.isprintable, harmless(text, 2 * _LONGEST)))


def _slug(adoptable: Adoptable) -> str:
    role = ROLES.get(adoptable.type_name) or _account(adoptable.inputs)
    plain = unicodedata.normalize("NFKD", adoptable.name).encode("ascii", "ignore").decode().lower()
    words = [word for word in re.split(r"[^a-z0-9]+", plain) if word]
    while words and words[-1] == role:
        words.pop()
    stem = "_".join(words)[:_LONGEST].strip("_")
    slug = f"{stem}_{role}" if stem else role
    return f"_{slug}" if slug[0].isdigit() else slug


def _is_free(name: str, taken: set[str]) -> bool:
    return name.isidentifier() and not keyword.iskeyword(name) and name not in taken


def _account(inputs: Mapping[str, object]) -> str:
    return "profiles" if inputs["connectionSpecId"] == ConnectionSpecId.UNIFIED_PROFILE.value else "account"


def _unique(slug: str, taken: set[str]) -> str:
    name, number = slug, 1
    while name in taken:
        number += 1
        name = f"{slug}_{number}"
    taken.add(name)
    return name

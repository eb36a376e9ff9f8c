"""The connection specs and flow specs that the package knows by heart, as Adobe's streaming destinations tutorial names them.

Any other spec works as well; only these can be checked before anything is sent. What is known advises: what a known spec needs
must be there, and what is nearly one of its names is a slip; any other name passes with a warning, as Adobe adds them.
"""

from __future__ import annotations

import os
import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import KW_ONLY, dataclass, field
from enum import Enum
from importlib.machinery import PathFinder
from importlib.util import module_from_spec
from itertools import takewhile
from pathlib import Path
from typing import Any, NamedTuple

from typing_extensions import Self  # a dependency of pydantic; typing has it from 3.11 on

from pulumi_aep_streaming._core.regions import REGIONS, could_be_new

_NONE = object()
_CONNECTION_STRING = "Endpoint=sb://"
"""How Azure's connection strings begin, which hold a namespace, the name of a policy, and its key."""
_ACCESS_KEY_ID = re.compile(r"A[KS]IA[A-Z0-9]{16}")
_AZURE_ADDRESS = ".servicebus.windows.net"
_NEAR_REGION = 0.85


class _Type(NamedTuple):
    words: str
    """As a line names it."""
    types: tuple[str, ...]
    """Those of values that are of it."""


_TYPES = {
    "string": _Type("a string", ("string",)),
    "integer": _Type("a whole number", ("integer",)),
    "number": _Type("a number", ("integer", "number")),
    "boolean": _Type("True or False", ("boolean",)),
    "array": _Type("a list", ("array",)),
    "object": _Type("a dictionary", ("object",)),
}
"""Types of JSON Schema."""


class ConnectionSpecId(str, Enum):
    """Ids of connection specs, the same in every organization."""

    label: str

    def __new__(cls, id_: str, label: str) -> Self:
        """Return the id; `label` is what messages call the spec."""
        member = str.__new__(cls, id_)
        member._value_ = id_
        member.label = label
        return member

    UNIFIED_PROFILE = "8a9c3494-9708-43d7-ae3f-cda01e5030e1", "the unified profile service"
    AMAZON_KINESIS = "86043421-563b-46ec-8e6c-e23184711bf6", "Amazon Kinesis"
    AZURE_EVENT_HUBS = "bf9f5905-92b7-48bf-bf20-455bc6b60a4e", "Azure Event Hubs"


class FlowSpecId(str, Enum):
    """Ids of flow specs, the same in every organization."""

    PROFILE_BASED_DESTINATION = "71471eba-b620-49e4-90fd-23f1fa0174d8"


@dataclass(frozen=True)
class Keys:
    """The members that an object of parameters must and may have; of those in `one_of`, at least one is needed.

    All are texts, but for those in `other_types`.
    """

    required: tuple[str, ...] = ()
    one_of: tuple[str, ...] = ()
    optional: tuple[str, ...] = ()
    other_types: tuple[str, ...] = ()
    names: tuple[str, ...] = ()
    """Those that hold the bare name of something in a cloud."""
    regions: tuple[str, ...] = ()
    """Those that hold a region of AWS."""
    secrets: tuple[str, ...] = ()
    """Those that are secret."""
    _: KW_ONLY
    types: Mapping[str, str | None] = field(default_factory=dict)
    """Types of JSON Schema, where they are said; None for any."""
    opaque: tuple[str, ...] = ()
    """Those of which nothing but the type is known: they may be empty, and hold what is wrong elsewhere."""
    complete: bool = True
    """Whether there are no others, as far as is known."""
    source: str = ""
    """What says so, as the end of a line; "" for what is known by heart."""

    @property
    def known(self) -> tuple[str, ...]:
        """All of them."""
        return (*self.required, *self.one_of, *self.optional)

    def problems(self, where: str, given: Mapping[str, Any], state: Mapping[str, Any] | None) -> Iterator[str]:
        """Yield one line for each member that is misspelt, missing, or no text; a value that is not known yet may be one.

        What is as in state, also what is missing there, is let be.
        """
        present, stored = set(given), state or {}
        changed = {key for key in {*given, *self.known} if state is None or given.get(key, _NONE) != stored.get(key, _NONE)}
        for key in sorted(present - {*self.known, *stored} if self.complete else ()):
            if hint := self._hint(key, present):
                yield f"{where}.{key}: unknown key{hint}{self.source}"
        for key in self.required:
            if key not in present and key in changed:
                yield f"{where}.{key}: required{self.source}"
        for key in self.known:
            if key in present & changed:
                yield from self._value_problems(f"{where}.{key}", key, given[key])
        if self.one_of and not present & set(self.one_of) and changed & set(self.one_of):
            yield f"{where}.{self.one_of[0]}: required, or {' or '.join(self.one_of[1:])}{self.source}"

    def match(self, given: Collection[str]) -> bool:
        """Whether these are the keys of such an object, as if it had been declared as one."""
        return set(self.required) <= set(given) <= set(self.known)

    def _hint(self, key: str, present: Collection[str]) -> str:
        """Return what was meant by a key that is not known; "" if it may be one that the spec has got since.

        Where something is missing, which is refused anyway, it is looked for among what is only a little like it.
        """
        missing = [known for known in self.required if known not in present]
        if self.one_of and not set(self.one_of) & set(present):
            missing += self.one_of
        meant = misspelt(key, self.known)
        return f", did you mean {meant}?" if meant else did_you_mean(key, missing)

    def _value_problems(self, where: str, key: str, value: Any) -> Iterator[str]:
        """Yield what is wrong with the value of a known member. No line shows it: it may be secret."""
        type_ = self.types.get(key, None if key in self.other_types else "string")
        if type_ in _TYPES and _type_of(value) not in {"", *_TYPES[type_].types}:
            yield f"{where}: must be {_TYPES[type_].words}{self.source}"
        if not isinstance(value, str) or key in self.opaque:
            return
        if not value.strip():
            yield f"{where}: must not be empty"
        elif value.startswith(_CONNECTION_STRING):
            yield f"{where}: is a whole connection string; give the part of it that is wanted here"
        elif key in self.secrets and _ACCESS_KEY_ID.fullmatch(value):
            yield f"{where}: is the id of an access key of AWS, and the secret of one is wanted"
        elif key in self.names and value != value.strip():
            yield f"{where}: begins or ends with a space"
        elif key in self.names and value.endswith(_AZURE_ADDRESS):
            yield f"{where}: is an address, and the name is wanted: what stands before {_AZURE_ADDRESS}"
        elif key in self.names and (value.startswith("arn:") or "/" in value):
            yield f"{where}: is an ARN or a path, and the name is wanted: what follows the last /"
        elif key in self.regions and (hint := _region_hint(value)):
            yield f"{where}: no region of AWS{hint}"

    def warnings(self, where: str, given: Mapping[str, Any], state: Mapping[str, Any] | None) -> Iterator[str]:
        """Yield one line for each key and region that is not known, and may be one: Adobe and AWS add them."""
        which = "the connection spec has" if self.source else "this package knows here"
        for key in sorted(set(given) - {*self.known, *(state or {})} if self.complete else ()):
            if not self._hint(key, given):
                yield f"{where}.{key}: no key that {which}; it is sent as it is{self.source}"
        for key in self.regions:
            value = given.get(key)
            if isinstance(value, str) and value not in {"", *REGIONS, (state or {}).get(key)} and not _region_hint(value):
                near = did_you_mean(value, REGIONS, cutoff=_NEAR_REGION)
                yield f"{where}.{key}: no region of AWS that this package knows{near}; it is sent as it is"


@dataclass(frozen=True)
class KnownSpecs:
    """What is known of connection specs, by id."""

    authentications: Mapping[str, Mapping[str, Keys]] = field(default_factory=dict)
    """The members of credentials, by the name of the authentication. A spec may take none."""
    targets: Mapping[str, Keys] = field(default_factory=dict)
    """The parameters of target connections."""
    source: str = ""
    """What says so of one of them, as the end of a line; "" if all is known by heart."""


def label_of(spec_id: str) -> str:
    """Return what people call a connection spec: its id, if it is none that we know."""
    return next((spec.label for spec in ConnectionSpecId if spec.value == spec_id), spec_id)


def for_another_hub(account: Any, target: Any) -> str:
    """Return that credentials of an account are for another event hub than the one of a target; "" if they may be for it."""
    line = "has credentials for another hub (auth.eventHubName) than the one of this target (params.eventHubName)"
    hubs = [hub.casefold() for hub in (account, target) if isinstance(hub, str) and hub]
    return line if len(set(hubs)) > 1 else ""


def misplaced(account: str, place: str) -> str:
    """Return that a place of one connection spec cannot be inside of an account of another; "" if they are the same."""
    line = f"is an account of {label_of(account)}, and this is a connection to {label_of(place)}"
    return "" if account == place else line


def no_source(source: str, flow_spec: str) -> str:
    """Return that a dataflow of a flow spec cannot take its data from a connection of this spec; "" if it may."""
    line = f"is a connection to {label_of(source)}, and a profile-based destination takes its data from the profile store"
    odd = flow_spec == FlowSpecId.PROFILE_BASED_DESTINATION and source != ConnectionSpecId.UNIFIED_PROFILE
    return line if odd else ""


def no_target(target: str, flow_spec: str) -> str:
    """Return that a dataflow of a flow spec cannot deliver to a connection of this spec; "" if it may."""
    line = f"is a connection to {label_of(target)}, and that is no destination"
    odd = flow_spec == FlowSpecId.PROFILE_BASED_DESTINATION and target == ConnectionSpecId.UNIFIED_PROFILE
    return line if odd else ""


def did_you_mean(word: str, known: Iterable[str], cutoff: float = 0.6) -> str:
    """Return a suggestion to append to an error, "" if nothing is near; the larger `cutoff` (0 to 1), the nearer."""
    near = nearest(word, known, cutoff)
    return f", did you mean {near}?" if near else ""


def nearest(word: str, known: Iterable[str], cutoff: float = 0.6) -> str:
    """Return the known word that is most like one, "" if none is; the larger `cutoff` (0 to 1), the nearer."""
    near: list[str] = _difflib().get_close_matches(word, list(known), n=1, cutoff=cutoff)
    return near[0] if near else ""


def misspelt(word: str, known: Iterable[str]) -> str:
    """Return the known word that was meant by one that differs from it by no more than a slip; "" if it may be its own.

    A slip is another case, a space or a hyphen, and one letter more, less, other, or exchanged with its neighbour.
    """
    return next((each for each in known if _is_slip(_letters(word), _letters(each))), "")


def _letters(word: str) -> str:
    return "".join(filter(str.isalnum, word.casefold()))


def _length_in_common(one: str, other: str) -> int:
    return len(list(takewhile(lambda pair: pair[0] == pair[1], zip(one, other, strict=False))))


def _is_slip(one: str, other: str) -> bool:
    start = _length_in_common(one, other)
    end = _length_in_common(one[start:][::-1], other[start:][::-1])
    left, right = one[start : len(one) - end], other[start : len(other) - end]
    if any(map(str.isdigit, left + right)):  # a version, say
        return False
    return max(len(left), len(right)) <= 1 or (len(left) == len("ab") and left == right[::-1])


def _type_of(value: Any) -> str:
    """Return the type of a value in the words of JSON Schema; "" for one that is not known yet."""
    if isinstance(value, float):
        return "integer" if value.is_integer() else "number"
    # bool before int, which it is a subclass of
    classes = {str: "string", bool: "boolean", int: "integer", list: "array", dict: "object"}
    return next((type_ for class_, type_ in classes.items() if isinstance(value, class_)), "")


def _region_hint(region: str) -> str:
    """Return what was meant by a text that is nearly a known region; "" if it may be one that is not known."""
    if region in REGIONS or could_be_new(region):
        return ""
    return did_you_mean(region.lower().replace("_", "-"), REGIONS, cutoff=_NEAR_REGION)


def _difflib() -> Any:
    """Return the standard library's difflib, also if a user's folder, which comes first, has a module of that name."""
    spec = PathFinder.find_spec("difflib", [str(Path(os.__file__).parent)])
    assert spec is not None and spec.loader is not None  # noqa: S101, PT018 (it is where os is)
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module

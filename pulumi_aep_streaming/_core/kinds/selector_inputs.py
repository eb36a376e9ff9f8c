"""What may be declared of one selector: types, and what types cannot tell. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Any, Literal, TypeVar

from pydantic import Field, model_validator

from pulumi_aep_streaming._core.changes import is_unknown
from pulumi_aep_streaming._core.inputs import Id, InputModel, Known, Params, Text, is_id, no_uuid
from pulumi_aep_streaming._core.merges.selectors import SEGMENTS
from pulumi_aep_streaming._core.snapshot.knowledge import Knowledge
from pulumi_aep_streaming._core.values import is_own


class SegmentInputs(InputModel):
    """A segment in its normal form. The id of an external audience is whatever those who uploaded it have chosen."""

    id: Known[str]
    name: Known[str] | None = None
    description: Known[str] | None = None
    system_segment_id: Id | None = None
    namespace: Text | None = None
    looked_up: Annotated[bool, Field(exclude=True)] = False
    """Whether a look-up gave the id, in whatever spelling; it is told to `check` only."""

    @model_validator(mode="before")
    @classmethod
    def _without_own_namespace(cls, value: Any) -> Any:
        """Leave out what only external audiences have: the platform's own are told apart by their id alone."""
        namespace = value.get("namespace") if isinstance(value, dict) else None
        if not isinstance(namespace, str) or not namespace or not is_own(namespace):
            return value
        return {key: value[key] for key in value if key not in SEGMENTS.external}

    @property
    def identity(self) -> Any:
        """What tells it apart from others."""
        return SEGMENTS.of({"id": self.id, "namespace": self.namespace})

    def problems(self, where: str, known: Knowledge) -> Iterator[str]:
        """Check that an external audience is named in full, and that the id of any other is one."""
        if self.system_segment_id is not None and self.namespace is None:
            yield f"{where}.namespace: required beside system_segment_id, as it is an external audience's"
        elif not is_unknown(self.id) and not (is_id(self.id) if self.namespace is None else _is_text(self.id)):
            why = known.name_instead(self.id) or "is empty or holds characters that it cannot have"
            yield f"{where}.id: {why}"

    def warnings(self, where: str, known: Knowledge) -> Iterator[str]:
        """Warn of what is not there or no id, and of an external audience without what Adobe's examples have beside it."""
        if self.namespace is not None and self.system_segment_id is None:
            yield f"{where}: namespace without system_segment_id; get_audience(name=...) returns both"
        if self.namespace is None and not self.looked_up:
            yield from no_uuid(f"{where}.id", self.id, None, "get_audience")
        if (
            not is_unknown(self.namespace)
            and not known.name_instead(self.id)
            and (why := known.audience_doubt(self.id, self.namespace))
        ):
            yield f"{where}.id: {why}"


class AttributeInputs(InputModel):
    """A profile attribute in its normal form."""

    path: Text
    operator: Known[Literal["EXISTS"]] = "EXISTS"
    mapping: Params | None = None
    identity: Params | None = None

    def problems(self, where: str, known: Knowledge) -> Iterator[str]:
        """Check that the path is one, and that there is such a field, which can be selected."""
        if is_unknown(self.path):
            return
        if not all(self.path.split(".")) or any(character.isspace() or character == "/" for character in self.path):
            yield f"{where}.path: not an XDM path, such as person.name.lastName"
        elif why := known.path_problem(self.path):
            yield f"{where}.path: {why}"

    def warnings(self, where: str) -> Iterator[str]:
        """Warn of an identity where an attribute is wanted."""
        if isinstance(self.path, str) and self.path.partition(".")[0] == "identityMap":
            sent = "Kinesis, Event Hubs and the HTTP API are always sent identityMap"
            yield f"{where}.path: an identity; {sent}, and nothing maps it"


S = TypeVar("S", bound=InputModel)


def known_selectors(selectors: list[S]) -> Iterator[tuple[int, S]]:
    """Yield the selectors that are known before `up`, with their positions."""
    for position, selector in enumerate([] if is_unknown(selectors) else selectors):
        if not is_unknown(selector):
            yield position, selector


def _is_text(text: str) -> bool:
    return bool(text) and text.isprintable()

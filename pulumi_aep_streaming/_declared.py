"""What may be declared of each kind of object: types, what a change means, what types cannot tell; and `check`.

In a module of its own, as pydantic takes long to load, and a program needs none of it: only the provider's process does.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Annotated, Any, Literal, TypeVar, get_args

import pulumi
from pydantic import (
    BaseModel,
    ConfigDict,
    SerializerFunctionWrapHandler,
    StringConstraints,
    ValidationError,
    WrapValidator,
    model_serializer,
    model_validator,
)

from pulumi_aep_streaming import _marker
from pulumi_aep_streaming._inputs import (
    AUTH_KIND,
    Bag,
    Explicit,
    OnChange,
    Unordered,
    duplicates,
    in_old_order,
    is_unknown,
    not_declared,
    unordered,
    unsendable_numbers,
)
from pulumi_aep_streaming._specs import KNOWN_SPECS, did_you_mean
from pulumi_aep_streaming._values import to_camel, to_snake

# Adobe's guardrails for one dataflow; soft limits, so a warning.
_MOST_SEGMENTS = 250
_MOST_ATTRIBUTES = 50


def _pass_unknown(value: Any, validate: Callable[[Any], Any]) -> Any:
    return value if is_unknown(value) else validate(value)


T = TypeVar("T")
Known = Annotated[T, WrapValidator(_pass_unknown)]
"""A type that an unknown value satisfies as well."""

Text = Known[Annotated[str, StringConstraints(min_length=1)]]
Id = Known[Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9._:-]+$")]]
Place = Known[Annotated[str, StringConstraints(pattern=r"^[!-~]+$")]]
Flag = Known[bool]
Params = Known[dict[str, Any]]


class Declared(BaseModel):
    """Base of all declared objects, also nested ones."""

    model_config = ConfigDict(
        alias_generator=to_camel, extra="forbid", frozen=True, strict=True, defer_build=True, validate_default=False
    )

    @model_validator(mode="wrap")
    @classmethod
    def _unknown_as_a_whole(cls, value: Any, validate: Callable[[Any], Any]) -> Any:
        return _pass_unknown(value, validate)

    @model_serializer(mode="wrap")
    def _unknown_as_it_is(self, serialize: SerializerFunctionWrapHandler) -> Any:
        return _pass_unknown(self, serialize)


class Inputs(Declared):
    """What all four resources take."""

    name: Text
    description: Known[str] | None = None
    sandbox_name: Annotated[Place | None, OnChange.REPLACE] = None
    org_id: Annotated[Place | None, OnChange.IGNORE] = None
    managed_by: Annotated[Known[str] | None, OnChange.COME_LATER] = None
    adopt_id: Annotated[Id | None, OnChange.IGNORE] = None

    def problems(self, olds: Bag) -> Iterator[str]:
        """Yield one line for each thing that the types cannot tell; `olds` is empty if there is no object yet."""
        del olds
        yield from ()


class AuthInputs(Declared):
    """`auth` in its normal form."""

    spec_name: Text
    params: Params
    plain_params: Params | None = None


class BaseConnectionInputs(Inputs):
    """What is declared of a base connection."""

    connection_spec_id: Annotated[Id, OnChange.REPLACE]
    connection_spec_version: Annotated[Text, OnChange.REPLACE] = "1.0"
    auth: Annotated[AuthInputs | None, AUTH_KIND] = None

    def problems(self, olds: Bag) -> Iterator[str]:
        """Check the credentials against the connection spec, if it is one that we know."""
        spec = None if is_unknown(self.connection_spec_id) else KNOWN_SPECS.get(self.connection_spec_id)
        if spec is None or is_unknown(self.auth):
            return
        if self.auth is None:
            if spec.auth_spec_name and not olds and self.adopt_id is None:
                yield f"auth: required for a new connection to {spec.title}"
            return
        if spec.auth_spec_name is None:
            yield f"auth: {spec.title} takes no credentials"
        elif not is_unknown(self.auth.spec_name) and self.auth.spec_name != spec.auth_spec_name:
            near = did_you_mean(self.auth.spec_name, [spec.auth_spec_name], cutoff=0.85)
            others = {known.auth_spec_name for known in KNOWN_SPECS.values()}
            line = f"auth.spec_name: {self.auth.spec_name} is no authentication of {spec.title}"
            if near or self.auth.spec_name in others:
                yield f"{line}{near or f', use {spec.auth_spec_name}'}"
            elif self.auth.spec_name != (olds.get("auth") or {}).get("specName"):
                pulumi.log.warn(f"{line} that this package knows; it is sent as it is")
        elif not is_unknown(self.auth.params):
            plain = {} if self.auth.plain_params is None or is_unknown(self.auth.plain_params) else self.auth.plain_params
            yield from spec.auth.problems("auth", {**self.auth.params, **plain})


class SourceConnectionInputs(Inputs):
    """What is declared of a source connection."""

    base_connection_id: Annotated[Id, OnChange.REPLACE]
    connection_spec_id: Annotated[Id, OnChange.REPLACE]
    connection_spec_version: Annotated[Text, OnChange.REPLACE] = "1.0"
    data_format: Annotated[Text, OnChange.REPLACE] = "json"
    params: Annotated[Params, Explicit("give {} for none", always=False)] = {}


class TargetConnectionInputs(Inputs):
    """What is declared of a target connection."""

    base_connection_id: Annotated[Id, OnChange.REPLACE]
    connection_spec_id: Annotated[Id, OnChange.REPLACE]
    connection_spec_version: Annotated[Text, OnChange.REPLACE] = "1.0"
    data_format: Annotated[Text, OnChange.REPLACE] = "json"
    params: Params
    secret_params: Params | None = None

    def problems(self, olds: Bag) -> Iterator[str]:
        """Check the parameters against the connection spec, if it is one that we know."""
        del olds
        spec = None if is_unknown(self.connection_spec_id) else KNOWN_SPECS.get(self.connection_spec_id)
        if is_unknown(self.params) or is_unknown(self.secret_params):
            return
        for key in sorted(self.params.keys() & (self.secret_params or {}).keys()):
            yield f"params.{key}: also in secret_params; declare it once"
        if spec is not None:
            yield from spec.target.problems("params", {**self.params, **(self.secret_params or {})})


class SegmentInputs(Declared):
    """A segment in its normal form."""

    id: Id
    name: Known[str] | None = None
    description: Known[str] | None = None


class AttributeInputs(Declared):
    """A profile attribute in its normal form."""

    path: Text
    operator: Known[Literal["EXISTS"]] = "EXISTS"
    mapping: Params | None = None
    identity: Params | None = None


class DataflowInputs(Inputs):
    """What is declared of a dataflow."""

    source_connection_ids: Annotated[Known[list[Id]], Unordered()]
    target_connection_ids: Annotated[Known[list[Id]], Unordered(), OnChange.REPLACE]
    segments: Annotated[Known[list[SegmentInputs]], Unordered("id"), Explicit("give [] to activate none")] = []
    profile_attributes: Annotated[Known[list[AttributeInputs]], Unordered("path"), Explicit("give [] to activate none")] = []
    enabled: Flag | None = None
    selector_ownership: Annotated[
        Known[Literal["exclusive", "additive"]], Explicit('give "exclusive" or "additive"', always=False)
    ] = "exclusive"
    force_destroy: Flag = False
    flow_spec_id: Annotated[Id, OnChange.REPLACE]
    flow_spec_version: Annotated[Text, OnChange.REPLACE] = "1.0"

    def problems(self, olds: Bag) -> Iterator[str]:
        """Check that there is something to connect, and the syntax of paths. Too many selectors are a warning."""
        del olds
        for label, ids in (("source", self.source_connection_ids), ("target", self.target_connection_ids)):
            if not is_unknown(ids) and not ids:
                yield f"{label}_connection_ids: at least one is needed"
        attributes = [] if is_unknown(self.profile_attributes) else self.profile_attributes
        for position, attribute in enumerate(attributes):
            path = "x" if is_unknown(attribute) or is_unknown(attribute.path) else attribute.path
            if not all(path.split(".")) or any(character.isspace() or character == "/" for character in path):
                yield f"profile_attributes[{position}].path: not an XDM path, such as person.name.lastName"
        _warn_of_guardrail("segments", self.segments, _MOST_SEGMENTS)
        _warn_of_guardrail("profile_attributes", self.profile_attributes, _MOST_ATTRIBUTES)


def check(model: type[Inputs], olds: Bag, news: Bag) -> tuple[Bag, list[str]]:
    """Return the normal form of new inputs, and a line for each problem. Unknowns pass through. No I/O."""
    lines = [*not_declared(model, olds, news), *unsendable_numbers(olds, news)]
    # What a refresh wrote, and ignore_changes hands back: it is no declaration that anybody could have made.
    moved = {"auth": news["auth"]} if AUTH_KIND.is_moved(olds.get("auth")) and olds["auth"] == news.get("auth") else {}
    try:
        declared = model.model_validate({key: value for key, value in news.items() if key not in moved})
    except ValidationError as invalid:
        found = invalid.errors(include_url=False, include_context=False)
        return news, [*lines, *(_line(model, problem) for problem in found)]
    normal: Bag = {**declared.model_dump(by_alias=True, exclude_none=True, warnings=False), **moved}
    if isinstance(normal.get("description"), str):
        # A text that was copied from Adobe's UI ends in a marker; and the service does not tell an empty text from none.
        normal["description"] = _marker.split(normal["description"])[0]
        if not normal["description"]:
            del normal["description"]
    lines += [*duplicates(model, normal), *declared.problems(olds)]
    for key, order in unordered(model):
        if isinstance(normal.get(key), list) and isinstance(olds.get(key), list):
            normal[key] = in_old_order(order, olds[key], normal[key])
    return normal, lines


def _line(model: type[Inputs], problem: Any) -> str:
    """Turn one of pydantic's findings into a line that names the path, and never the value: it may be a secret."""
    where = ""
    for part in problem["loc"]:
        if isinstance(part, int):
            where += f"[{part}]"
        else:
            where += ("." if where else "") + (part if where else to_snake(part))
    last = str(problem["loc"][-1]) if problem["loc"] else ""
    known = [to_camel(name) for name in _model_at(model, problem["loc"]).model_fields]
    reasons = {
        "missing": "required",
        "extra_forbidden": f"unknown key{did_you_mean(last, known)}",
        "string_type": "must be a string",
        "bool_type": "must be True or False",
        "list_type": "must be a list",
        "dict_type": "must be a dictionary",
        "model_type": "must be a dictionary",
        "model_attributes_type": "must be a dictionary",
        "string_too_short": "must not be empty",
        "string_pattern_mismatch": "is empty or holds characters that it cannot have",
        "literal_error": problem["msg"].replace("Input should be", "must be"),
    }
    return f"{where}: {reasons.get(problem['type'], problem['msg'])}"


def _model_at(model: type[Declared], location: tuple[str | int, ...]) -> type[Declared]:
    """Return the nested model that declares the member at the end of a location."""
    for part in location[:-1]:
        annotations = [declaration.annotation for name, declaration in model.model_fields.items() if to_camel(name) == part]
        while annotations:
            annotation = annotations.pop()
            annotations += get_args(annotation)
            if isinstance(annotation, type) and issubclass(annotation, Declared):
                model = annotation
    return model


def _warn_of_guardrail(label: str, selectors: Any, most: int) -> None:
    if not is_unknown(selectors) and len(selectors) > most:
        pulumi.log.warn(f"{label}: {len(selectors)} are more than Adobe's guardrail of {most} for a dataflow")

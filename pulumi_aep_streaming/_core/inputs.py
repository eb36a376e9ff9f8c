"""What may be declared: types, what types cannot tell, and `check`, which brings inputs into their normal form. Pure.

Apart from `fields`, as pydantic takes long to load, and what did not change needs none of it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Annotated, Any, NamedTuple, TypeVar, get_args, get_origin

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    SerializerFunctionWrapHandler,
    StringConstraints,
    ValidationError,
    ValidationInfo,
    WrapValidator,
    model_serializer,
    model_validator,
)
from pydantic_core import ErrorDetails, PydanticKnownError

from pulumi_aep_streaming._core import marker
from pulumi_aep_streaming._core.changes import (
    AUTHENTICATION,
    OnChange,
    differences,
    duplicates,
    in_stored_order,
    is_unknown,
    not_declared,
    unordered,
)
from pulumi_aep_streaming._core.snapshot.contents import Snapshot
from pulumi_aep_streaming._core.snapshot.knowledge import Knowledge
from pulumi_aep_streaming._core.specs import FlowSpecId, KnownSpecs, did_you_mean
from pulumi_aep_streaming._core.unmeant import unmeant
from pulumi_aep_streaming._core.values import Bag, is_uuid, texts_in, to_camel, to_snake


def _pass_unknown(value: Any, validate: Callable[[Any], Any]) -> Any:
    return value if is_unknown(value) else validate(value)


T = TypeVar("T")
Known = Annotated[T, WrapValidator(_pass_unknown)]
"""A type that an unknown value satisfies as well."""


def _not_blank(text: str, info: ValidationInfo) -> str:
    """Refuse a text of nothing but whitespace as an empty one is, unless it is among the texts of state."""
    empty = PydanticKnownError("string_too_short", {"min_length": 1})
    if not text.strip() and text not in (info.context or ()):
        raise empty
    return text


Text = Known[Annotated[str, StringConstraints(min_length=1), AfterValidator(_not_blank)]]
_ID = r"^[A-Za-z0-9._:-]+$"
Id = Known[Annotated[str, StringConstraints(pattern=_ID)]]
Visible = Known[Annotated[str, StringConstraints(pattern=r"^[!-~]+$")]]
Flag = Known[bool]
Params = Known[dict[str, Any]]


class InputModel(BaseModel):
    """Base of all inputs, also nested ones."""

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


class Inputs(InputModel):
    """What all four resources take."""

    name: Text
    description: Known[str] | None = None
    sandbox_name: Annotated[Visible | None, OnChange.REPLACE] = None
    org_id: Annotated[Visible | None, OnChange.IGNORE] = None
    managed_by: Annotated[Known[str] | None, OnChange.COME_LATER] = None
    adopt_id: Annotated[Id | None, OnChange.IGNORE] = None
    secret_inputs: Annotated[Known[list[str]] | None, OnChange.IGNORE] = None

    def problems(self, state: Bag, known: Knowledge) -> Iterator[str]:
        """Yield one line for each thing that the types cannot tell; state is empty if there is no object yet."""
        del state, known
        yield from ()

    def warnings(self, state: Bag, known: Knowledge) -> Iterator[str]:
        """Yield one line for each thing that may be wrong."""
        del state, known
        yield from ()


class Checked(NamedTuple):
    """Inputs in their normal form, what is wrong with them, and what may be."""

    inputs: Bag
    problems: list[str]
    warnings: list[str]


def check(
    model: type[Inputs],
    known: KnownSpecs,
    desired: Bag,
    state: Bag,
    snapshot: Callable[[], Snapshot | None] = lambda: None,
) -> Checked:
    """Bring inputs into their normal form. Unknowns pass through; state is empty if there is no object yet.

    The snapshot of the place is asked for only if something is to change.
    """
    problems = [*not_declared(model, desired, state), *unmeant(desired, state)]
    # What a refresh wrote, and ignore_changes hands back: it is no declaration that anybody could have made.
    moved = AUTHENTICATION.is_moved(state.get("auth")) and state["auth"] == desired.get("auth")
    kept = {"auth": desired["auth"]} if moved else {}
    try:
        declared = model.model_validate(
            {key: value for key, value in desired.items() if key not in kept}, context=frozenset(texts_in(state))
        )
    except ValidationError as invalid:
        found = invalid.errors(include_url=False, include_context=False)
        return Checked(desired, [*problems, *(_line(model, error) for error in found)], [])
    normal: Bag = {**declared.model_dump(by_alias=True, exclude_none=True, warnings=False), **kept}
    if isinstance(normal.get("description"), str):
        # A text that was copied from Adobe's UI ends in a marker; and the service does not tell an empty text from none.
        normal["description"] = marker.bare(normal["description"])
        if not normal["description"]:
            del normal["description"]
    problems += duplicates(model, normal)
    for key, order in unordered(model):
        if isinstance(normal.get(key), list) and isinstance(state.get(key), list):
            normal[key] = in_stored_order(order, normal[key], state[key])
    changed = not state or differences(model, normal, state).changed
    knowledge = Knowledge.of(known, snapshot() if changed else None, normal.get("connectionSpecId"))
    problems += declared.problems(state, knowledge)
    return Checked(normal, problems, list(declared.warnings(state, knowledge)))


def is_id(text: str) -> bool:
    """Whether a text could be an id of the service."""
    return re.fullmatch(_ID, text) is not None


def no_flow_spec(where: str, id_: Any, state: Any, known: Knowledge) -> Iterator[str]:
    """Yield a line for the id of a flow spec where that of a connection spec is wanted, unless state has it."""
    if id_ == state:
        return
    if id_ in {spec.value for spec in FlowSpecId}:
        yield f"{where}: is a flow spec; give the id of a connection spec, such as one of ConnectionSpecId"
    elif why := known.flow_spec_instead(id_):
        yield f"{where}: {why}"


def connection_spec_doubts(where: str, id_: Any, state: Any, known: Knowledge) -> Iterator[str]:
    """Yield a line for what is no id of a connection spec that the sandbox has, unless state has it."""
    yield from no_uuid(where, id_, state, "get_connection_spec")
    if id_ != state and (why := known.no_connection_spec(id_)):
        yield f"{where}: {why}"


def no_uuid(where: str, id_: Any, state: Any, look_up: str = "") -> Iterator[str]:
    """Yield a line for a text that is most likely a name where an id is wanted, unless state has it.

    Without a function that looks it up by its name, it is the id of a resource, and the name most likely Pulumi's.
    """
    way = f"if it is a name, look it up: {look_up}(name=...)" if look_up else "give the resource itself, or its id"
    if isinstance(id_, str) and id_ != state and not is_uuid(id_):
        yield f"{where}: {id_} is no UUID, as ids are; {way}"


def _line(model: type[Inputs], error: ErrorDetails) -> str:
    """Turn one of pydantic's findings into a line that names the path, and never the value: it may be a secret."""
    where = ""
    for part in error["loc"]:
        if isinstance(part, int):
            where += f"[{part}]"
        else:
            where += ("." if where else "") + (part if where else to_snake(part))
    last = str(error["loc"][-1]) if error["loc"] else ""
    known = [to_camel(name) for name in _model_at(model, error["loc"]).model_fields]
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
        "literal_error": error["msg"].replace("Input should be", "must be"),
    }
    return f"{where}: {reasons.get(error['type'], error['msg'])}"


def _model_at(model: type[InputModel], location: tuple[str | int, ...]) -> type[InputModel]:
    """Return the nested model that declares the member at the end of a location."""
    for part in location[:-1]:
        annotations = [declaration.annotation for name, declaration in model.model_fields.items() if to_camel(name) == part]
        while annotations:
            annotation = annotations.pop()
            annotations += get_args(annotation)
            # Python 3.10 takes list[str] for a class.
            if get_origin(annotation) is None and isinstance(annotation, type) and issubclass(annotation, InputModel):
                model = annotation
    return model

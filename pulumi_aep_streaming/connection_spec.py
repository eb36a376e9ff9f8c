"""What a connection spec says of its kinds of authentication and of the parameters of its targets, as look-ups show it.

Kinds and parameters are in the order of their names, as a snapshot has them: it makes no difference which of the two answers.

Source: `authSpec` and `targetSpec` of `/connectionSpecs` of the Flow Service API, which hold JSON Schemas. Others write them:
what is not as expected is left out, and never an error.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from collections.abc import Iterable

    from pulumi_aep_streaming._core.snapshot import contents
    from pulumi_aep_streaming.flow_service.models import ConnectionSpec

T = TypeVar("T")


@dataclass(frozen=True)
class ParameterSpec:
    """A parameter of credentials or of a target.

    `type` is JSON Schema's ("string", "boolean", ...), None where it is not said. `required` is False also where one of several
    is needed. `secret` is what the spec marks as a password: give those of a target in `secret_params`.
    """

    name: str
    type: str | None
    required: bool
    secret: bool


@dataclass(frozen=True)
class AuthenticationSpec:
    """A kind of authentication: the `spec_name` of `AuthArgs`, and its parameters, None where they are not shown."""

    spec_name: str
    params: list[ParameterSpec] | None = field(metadata={"of": ParameterSpec})


@dataclass(frozen=True)
class GetConnectionSpecResult:
    """A kind of destination or source: how accounts of it authenticate, and which parameters its targets take.

    Either is None where the service does not show it; `authentications` is empty if there is no kind of it.
    """

    id: str
    name: str
    version: str
    authentications: list[AuthenticationSpec] | None = field(default=None, metadata={"of": AuthenticationSpec})
    target_params: list[ParameterSpec] | None = field(default=None, metadata={"of": ParameterSpec})


def result(found: ConnectionSpec) -> GetConnectionSpecResult:
    """Return what a look-up shows of a connection spec."""
    kinds, params = _authentications(found.auth_spec), _target_parameters(found.target_spec)
    return GetConnectionSpecResult(found.id, found.name or "", found.version or "", kinds, params)


def held(found: contents.ConnectionSpec) -> GetConnectionSpecResult:
    """Return what a look-up shows of a connection spec in a snapshot."""
    kinds = found.authentications
    return GetConnectionSpecResult(
        found.id,
        found.name,
        found.version,
        None if kinds is None else _in_order(AuthenticationSpec(kind.name, _held_parameters(kind.params)) for kind in kinds),
        _held_parameters(found.target_params),
    )


def _held_parameters(params: tuple[contents.Parameter, ...] | None) -> list[ParameterSpec] | None:
    return None if params is None else _in_order(ParameterSpec(*param) for param in params)


def _in_order(found: Iterable[T]) -> list[T]:
    """Return kinds or parameters by what they show, which begins with their names."""
    return sorted(found, key=repr)


def _authentications(shown: Any) -> list[AuthenticationSpec] | None:
    """Return the kinds of authentication that an `authSpec` lists, None if it lists nothing that can be read."""
    if not isinstance(shown, list):
        return None
    named = [kind for kind in shown if isinstance(kind, dict) and isinstance(kind.get("name"), str)]
    return _in_order(AuthenticationSpec(kind["name"], _parameters(kind.get("spec"))) for kind in named)


def _target_parameters(shown: Any) -> list[ParameterSpec] | None:
    """Return the parameters that a `targetSpec` demands or allows, None if it shows none."""
    return _parameters(shown.get("spec")) if isinstance(shown, dict) else None


def _parameters(schema: Any) -> list[ParameterSpec] | None:
    properties = schema.get("properties") if isinstance(schema, dict) else None
    if not isinstance(properties, dict):
        return None
    required = schema["required"] if isinstance(schema.get("required"), list) else []
    return _in_order(_parameter(name, about if isinstance(about, dict) else {}, required) for name, about in properties.items())


def _parameter(name: str, about: dict[str, Any], required: list[Any]) -> ParameterSpec:
    type_ = about.get("type")
    return ParameterSpec(name, type_ if isinstance(type_, str) else None, name in required, about.get("format") == "password")

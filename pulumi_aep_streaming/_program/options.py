"""Resource options that could not work as they are meant: completed, or refused."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any

import pulumi

from pulumi_aep_streaming._core.specs import did_you_mean
from pulumi_aep_streaming._core.values import to_camel, to_snake

PACKAGE = "pulumi-python"
"""The package that the engine sees behind every dynamic resource; the key of explicit providers in a `providers` map."""
_OPTIONS_WITH_NAMES = ("ignore_changes", "replace_on_changes", "additional_secret_outputs")
_SPECIAL = ("*", "__provider", "id", "urn")


def refuse_lost_providers(resource_name: str, opts: pulumi.ResourceOptions | None) -> None:
    """Refuse explicit providers that the engine would not use, or would use the last of, without a word.

    Raises `pulumi.RunError`.
    """
    opts = opts or pulumi.ResourceOptions()
    given: Any = opts.providers or []
    inherited = opts.parent._providers if opts.parent else {}  # noqa: SLF001 (the only trace of a wrong key that is left)
    for bag in (given, inherited):
        for key, provider in bag.items() if isinstance(bag, Mapping) else ():
            if provider.package == PACKAGE and key != PACKAGE:
                way = "use provider=, or a list of providers"
                message = f"{resource_name}: providers: the key {key!r} is not looked at for this package; {way}"
                raise pulumi.RunError(message)
    listed = [*([opts.provider] if opts.provider else []), *(given.values() if isinstance(given, Mapping) else given)]
    ours = {id(provider) for provider in listed if provider.package == PACKAGE}
    if len(ours) > 1:
        way = "its children can have only one: give each its own"
        message = f"{resource_name}: providers: two of this package for one resource; {way}"
        raise pulumi.RunError(message)


@dataclass(frozen=True)
class Spelling:
    """How the properties of a resource are spelled in options that name them."""

    properties: Collection[str]
    """What there is, as state spells it."""
    paths: Mapping[str, str] = field(default_factory=dict)
    """Paths as the arguments of Args are spelled, and what they are in state: `auth.secret_key`, `auth.params.secretKey`."""
    members: Mapping[str, Collection[str]] = field(default_factory=dict)
    """The members of properties that have no others."""

    def in_state(self, where: str, path: str) -> str:
        """Return a path as state spells it. Raises `pulumi.RunError` for one that leads nowhere."""
        first, rest = _split(path)
        if path in _SPECIAL or not first:
            return path
        if to_camel(first) not in self.properties:
            message = f"{where}: {path} is no property{did_you_mean(path, self._known())}"
            raise pulumi.RunError(message)
        spelled = to_camel(first) + rest
        written = next((known for known in self.paths if re.match(rf"{re.escape(known)}(?!\w)", spelled)), None)
        if written is not None:
            spelled = self.paths[written] + spelled[len(written) :]
        member = _split(spelled[len(to_camel(first)) :].removeprefix("."))[0]
        if member and member not in self.members.get(to_camel(first), [member]):
            message = f"{where}: {path} is no property{did_you_mean(path, self._known())}"
            raise pulumi.RunError(message)
        return spelled

    def _known(self) -> list[str]:
        return [*map(to_snake, self.properties), *self.paths]


def with_property_names(resource_name: str, opts: pulumi.ResourceOptions | None, spelling: Spelling) -> pulumi.ResourceOptions:
    """Spell property names as state does; the engine ignores a name that it does not know, without a word.

    Raises `pulumi.RunError` for a name that is no property.
    """
    mapped = pulumi.ResourceOptions.merge(None, opts)
    for option in _OPTIONS_WITH_NAMES:
        names = getattr(mapped, option)
        if names is not None:
            setattr(mapped, option, [spelling.in_state(f"{resource_name}: {option}", name) for name in names])
    return mapped


def refuse_import(resource_name: str, opts: pulumi.ResourceOptions | None, instead: str) -> None:
    """Raise `pulumi.RunError` for `import_`, which the engine cannot do for a dynamic resource."""
    if opts is not None and opts.import_ is not None:
        message = f"{resource_name}: import_: the engine cannot import dynamic resources: {instead}"
        raise pulumi.RunError(message)


def for_child(resource_name: str, opts: pulumi.ResourceOptions | None, properties: Collection[str]) -> list[str]:
    """Return what `ignore_changes` of a component means for its child that has these properties.

    Raises `pulumi.RunError` for a name that is none of them: the engine would ignore it, without a word.
    """
    names = (opts and opts.ignore_changes) or []
    for path in names:
        if to_snake(_split(path)[0]) not in properties:
            near = did_you_mean(path, properties)
            message = f"{resource_name}: ignore_changes: {path} is nothing that a StreamingDestination can ignore{near}"
            raise pulumi.RunError(message)
    return [*names]


def first_name(path: str) -> str:
    """Return the property that a path begins with."""
    return _split(path)[0]


def _split(path: str) -> tuple[str, str]:
    """Return the name that a path begins with, and the rest of it."""
    found = re.match(r"[A-Za-z_]\w*", path)
    return (found[0], path[found.end() :]) if found else ("", path)

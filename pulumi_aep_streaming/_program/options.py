"""Resource options that could not work as they are meant: completed, or refused."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import pulumi

from pulumi_aep_streaming._core.values import to_camel

PACKAGE = "pulumi-python"
"""The package that the engine sees behind every dynamic resource; the key of explicit providers in a `providers` map."""
_OPTIONS_WITH_NAMES = ("ignore_changes", "replace_on_changes", "additional_secret_outputs")


def refuse_lost_providers(opts: pulumi.ResourceOptions | None) -> None:
    """Refuse explicit providers that the engine would not use, or would use the last of, without a word.

    Raises `pulumi.RunError`.
    """
    opts = opts or pulumi.ResourceOptions()
    given: Any = opts.providers or []
    inherited = opts.parent._providers if opts.parent else {}  # noqa: SLF001 (the only trace of a wrong key that is left)
    for bag in (given, inherited):
        for key, provider in bag.items() if isinstance(bag, Mapping) else ():
            if provider.package == PACKAGE and key != PACKAGE:
                message = f"providers: the key {key!r} is not looked at for this package; use provider=, or a list of providers"
                raise pulumi.RunError(message)
    listed = [*([opts.provider] if opts.provider else []), *(given.values() if isinstance(given, Mapping) else given)]
    ours = {id(provider) for provider in listed if provider.package == PACKAGE}
    if len(ours) > 1:
        message = "providers: two of this package for one resource; its children can have only one: give each its own"
        raise pulumi.RunError(message)


def with_property_names(opts: pulumi.ResourceOptions | None) -> pulumi.ResourceOptions:
    """Spell property names as state does; the engine ignores a name that it does not know, without a word."""
    mapped = pulumi.ResourceOptions.merge(None, opts)
    for option in _OPTIONS_WITH_NAMES:
        names = getattr(mapped, option)
        if names is not None:
            setattr(mapped, option, [_property_path(name) for name in names])
    return mapped


def _property_path(path: str) -> str:
    """Return `sourceConnectionIds[0]` for `source_connection_ids[0]`; what follows the first name is spelled as in state."""
    first = re.match(r"[a-z_]+", path)
    return to_camel(first[0]) + path[first.end() :] if first and "_" in first[0].strip("_") else path

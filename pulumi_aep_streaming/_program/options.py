"""Resource options that could not work as they are meant: completed, or refused."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

import pulumi

from pulumi_aep_streaming._program.outputs import is_later, then
from pulumi_aep_streaming._program.property_paths import LeadsNowhere, Spelling, first_name

PACKAGE = "pulumi-python"
"""The package that the engine sees behind every dynamic resource; the key of explicit providers in a `providers` map."""
_OPTIONS_WITH_NAMES = ("ignore_changes", "replace_on_changes", "additional_secret_outputs")


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


def with_property_names(resource_name: str, opts: pulumi.ResourceOptions | None, spelling: Spelling) -> pulumi.ResourceOptions:
    """Spell property names as state does; the engine ignores a name that it does not know, without a word.

    Raises `pulumi.RunError` for a name that is no property.
    """
    mapped = _mapped(resource_name, opts, spelling)
    _warn_of_positions(resource_name, mapped.ignore_changes, spelling)
    return mapped


def _mapped(resource_name: str, opts: pulumi.ResourceOptions | None, spelling: Spelling) -> pulumi.ResourceOptions:
    mapped = pulumi.ResourceOptions.merge(None, opts)
    for option in _OPTIONS_WITH_NAMES:
        try:
            setattr(mapped, option, _spelled(resource_name, opts, option, spelling))
        except LeadsNowhere as nowhere:
            message = f"{resource_name}: {option}: {nowhere.path} is no property{nowhere.meant}"
            raise pulumi.RunError(message) from None
    return mapped


def named_when_known(resource_name: str, opts: pulumi.ResourceOptions, spelling: Spelling, name: str, value: Any) -> Any:
    """Return a value of a property; if it is an Output, the names in options are held against it once it is known."""

    def held_against(known: Any) -> Any:
        _mapped(resource_name, opts, replace(spelling, properties={**spelling.properties, name: known}))
        return known

    is_named = any(getattr(opts, option) for option in _OPTIONS_WITH_NAMES)
    return then(value, held_against) if is_named and is_later(value) else value


def refuse_import(resource_name: str, opts: pulumi.ResourceOptions | None, instead: str) -> None:
    """Raise `pulumi.RunError` for `import_`, which the engine cannot do for a dynamic resource."""
    if opts is not None and opts.import_ is not None:
        message = f"{resource_name}: import_: the engine cannot import dynamic resources: {instead}"
        raise pulumi.RunError(message)


def refuse_reading(resource_name: str, opts: pulumi.ResourceOptions | None) -> None:
    """Raise `pulumi.RunError` for `id` and `urn`, by which a component cannot be read: the SDK would show a traceback."""
    for option in ("id", "urn"):
        if opts is not None and getattr(opts, option) is not None:
            message = f"{resource_name}: {option}: a component cannot be read: refer to its dataflow, by Dataflow.get"
            raise pulumi.RunError(message)


def for_child(resource_name: str, opts: pulumi.ResourceOptions | None, spelling: Spelling) -> dict[str, list[str] | None]:
    """Return what the options of a component that name properties are for its child that has these properties.

    Raises `pulumi.RunError` for a name that is none of them: the engine would ignore it, without a word.
    """
    named = {}
    for option in _OPTIONS_WITH_NAMES:
        try:
            named[option] = _spelled(resource_name, opts, option, spelling)
        except LeadsNowhere as nowhere:
            can = "can ignore" if option == "ignore_changes" else "hands on to its dataflow"
            message = f"{resource_name}: {option}: {nowhere.path} is nothing that a StreamingDestination {can}{nowhere.meant}"
            raise pulumi.RunError(message) from None
    return named


def _spelled(resource_name: str, opts: pulumi.ResourceOptions | None, option: str, spelling: Spelling) -> list[str] | None:
    """Return what an option names, spelled as state does. Raises `LeadsNowhere`, and `pulumi.RunError` if it is no list."""
    names: Any = getattr(opts, option, None)
    if names is None:
        return None
    if isinstance(names, str) or not isinstance(names, Iterable):
        message = f"{resource_name}: {option}: must be a list of names of properties, and is {names!r}"
        raise pulumi.RunError(message)
    return [*map(spelling.in_state, names)]


def _warn_of_positions(resource_name: str, ignored: list[str] | None, spelling: Spelling) -> None:
    for path in filter(spelling.is_inside_a_list, ignored or ()):
        pulumi.log.warn(
            f"{resource_name}: ignore_changes: {path} goes by position, and {first_name(path)} has no order: name all of it"
        )

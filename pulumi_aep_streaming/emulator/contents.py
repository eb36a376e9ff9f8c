"""What a sandbox has before anybody makes anything in it: specs, fields of the profile, audiences. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from pulumi_aep_streaming.emulator import catalogue
from pulumi_aep_streaming.emulator.kinds import Json
from pulumi_aep_streaming.emulator.profile_schema import FIELDS


@dataclass(frozen=True)
class Contents:
    """What all sandboxes have. A part that is None may not be read: whoever asks is refused, and nothing is held against it."""

    connection_specs: list[Json] | None
    flow_specs: list[Json] | None
    fields: Mapping[str, str | None] | None
    """The fields of the profile, by path, see `profile_schema.py`."""
    audiences: list[Json] | None
    profiles: list[Json]
    """Sample profiles, for exports."""


def built_in(edition: str) -> Contents:
    """Return what there is without a snapshot: in the edition of 2020, fields with the names that the tutorial has, too."""
    more = dict.fromkeys((f"person.{name}" for name in catalogue.NAMES_IN_2020), "string") if edition == "2020" else {}
    return Contents(
        catalogue.CONNECTION_SPECS,
        catalogue.FLOW_SPECS,
        {**FIELDS, **more},
        [*catalogue.SEGMENTS, *catalogue.AUDIENCES],
        catalogue.profiles(edition),
    )

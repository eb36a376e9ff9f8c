"""What there is to know of an audience, whoever asks: whose it is, and how it is evaluated. Pure."""

from __future__ import annotations

from pulumi_aep_streaming.emulator import catalogue
from pulumi_aep_streaming.emulator.kinds import Json

OWN = "AEPSegments"
"""The platform's own namespace."""


def is_external(segment: Json) -> bool:
    """Whether an audience was made elsewhere: uploaded, or by a partner."""
    return bool((segment.get("namespace") or OWN) != OWN)


def is_published(segment: Json) -> bool:
    """Whether an audience is no draft, and not inactive, as far as it shows."""
    return bool((segment.get("lifecycleState") or "published") == "published")


def merge_policy(segment: Json) -> str | None:
    """Return the merge policy by which an audience is evaluated; external ones are not."""
    return None if is_external(segment) else segment.get("mergePolicyId", catalogue.MERGE_POLICY)


def evaluated_alike(audiences: list[Json], mapped: set[str]) -> list[str]:
    """Return the ids of the published audiences that share a merge policy with a mapped one, and are not mapped themselves."""
    policies = {merge_policy(audience) for audience in audiences if audience["id"] in mapped} - {None}
    published = [audience for audience in audiences if is_published(audience) and audience["id"] not in mapped]
    return [audience["id"] for audience in published if merge_policy(audience) in policies]

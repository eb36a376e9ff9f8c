"""Look-ups of what can be activated: audiences, and those among them that are segment definitions. See `lookups.py`.

Audiences are asked for by name, one call for each: there may be 10,000 of them. Segment definitions are listed, once a run.
What the snapshot holds is not asked for at all; a list of all is, as the snapshot holds no more than it was told to.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import pulumi

from pulumi_aep_streaming._core.snapshot import contents
from pulumi_aep_streaming._core.values import is_own
from pulumi_aep_streaming._program.held import Held
from pulumi_aep_streaming._program.look_up import Subject, later, matching, now, only
from pulumi_aep_streaming.provider import Provider

if TYPE_CHECKING:
    from pulumi_aep_streaming.flow_service.audiences import Audience
    from pulumi_aep_streaming.flow_service.models import Segment


@dataclass(frozen=True)
class GetAudienceResult:
    """An audience. What the service does not show is None.

    Where a snapshot is configured, `description` is "" and `origin_name` is None in what is looked up by id or name, whoever
    answers: no snapshot holds them.

    Attributes:
        id: The id as a selector holds it: of an external audience, the one that it was uploaded under.
        system_segment_id: The UUID. Only of external audiences is it another than `id`.
        name: The name.
        description: The description, "" if there is none.
        namespace: "AEPSegments" for the platform's own.
        lifecycle_state: "published", "draft", "inactive" or "archived", so far.
        evaluation: "streaming" (at once), "edge" (at once, on the edge network) or "batch" (once a day).
        merge_policy_id: The merge policy. External audiences have none.
        origin_name: Where it was made: "REAL_TIME_CUSTOMER_PROFILE", "CUSTOM_UPLOAD", "AUDIENCE_MANAGER", ...
    """

    id: str
    system_segment_id: str
    name: str
    description: str
    namespace: str | None
    lifecycle_state: str | None
    evaluation: str | None
    merge_policy_id: str | None
    origin_name: str | None


@dataclass(frozen=True)
class GetSegmentResult:
    """A segment. Its description is "" if there is none, and where a snapshot is configured, as for an audience."""

    id: str
    name: str
    description: str


def get_audience(
    *, id: str | None = None, name: str | None = None, sandbox_name: str | None = None, provider: Provider | None = None
) -> GetAudienceResult:
    """Return the audience with an id, or the only one with a name, wherever it was made: from the snapshot, if that holds it.

    Pass what it returns, as a whole, to a dataflow: an external audience is activated by more than its id.

    Args:
        id: The id, also of an inactive audience; of an external one, its UUID or the id that it was uploaded under. Give this
            or `name`.
        name: The exact name. An inactive audience is found by its id only.
        sandbox_name: The sandbox to look in. Default: `aep:sandboxName`, or the provider's.
        provider: Whose organization and credentials to use. Default: the stack's.

    Example:
        ```python
        loyal = aep.get_audience(name="Loyalty members")
        flow = aep.Dataflow(
            "winback",
            source_connection_ids=[source.id],
            target_connection_ids=[target.id],
            segments=[loyal],
        )
        ```
    """
    return now(only(_AUDIENCE), provider, id=id, name=name, sandbox_name=sandbox_name)


def get_audience_output(
    *,
    id: pulumi.Input[str] | None = None,
    name: pulumi.Input[str] | None = None,
    sandbox_name: pulumi.Input[str] | None = None,
    provider: Provider | None = None,
) -> pulumi.Output[GetAudienceResult]:
    """Return what `get_audience` finds, as an Output; unknown in a preview without credentials.

    Pass what it returns, as a whole, to a dataflow: an external audience is activated by more than its id.

    Args:
        id: The id, also of an inactive audience; of an external one, its UUID or the id that it was uploaded under. Give
            this or `name`.
        name: The exact name. An inactive audience is found by its id only.
        sandbox_name: The sandbox to look in. Default: `aep:sandboxName`, or the provider's.
        provider: Whose organization and credentials to use. Default: the stack's.
    """
    return later(only(_AUDIENCE), provider, id=id, name=name, sandbox_name=sandbox_name)


def get_audiences(
    *, id: str | None = None, name: str | None = None, sandbox_name: str | None = None, provider: Provider | None = None
) -> list[GetAudienceResult]:
    """Return all audiences that are not inactive, or those with a name or an id.

    Args:
        id: The id. Default: any.
        name: The exact name. Default: any.
        sandbox_name: The sandbox to look in. Default: `aep:sandboxName`, or the provider's.
        provider: Whose organization and credentials to use. Default: the stack's.
    """
    return now(matching(_AUDIENCE), provider, id=id, name=name, sandbox_name=sandbox_name)


def get_audiences_output(
    *,
    id: pulumi.Input[str] | None = None,
    name: pulumi.Input[str] | None = None,
    sandbox_name: pulumi.Input[str] | None = None,
    provider: Provider | None = None,
) -> pulumi.Output[list[GetAudienceResult]]:
    """Return what `get_audiences` finds, as an Output; unknown in a preview without credentials.

    Args:
        id: The id. Default: any.
        name: The exact name. Default: any.
        sandbox_name: The sandbox to look in. Default: `aep:sandboxName`, or the provider's.
        provider: Whose organization and credentials to use. Default: the stack's.
    """
    return later(matching(_AUDIENCE), provider, id=id, name=name, sandbox_name=sandbox_name)


def get_segment(
    *, id: str | None = None, name: str | None = None, sandbox_name: str | None = None, provider: Provider | None = None
) -> GetSegmentResult:
    """Return the segment definition with an id, or the only one with a name.

    External audiences are none: `get_audience` finds those, too.

    Args:
        id: The id. Give this or `name`.
        name: The exact name.
        sandbox_name: The sandbox to look in. Default: `aep:sandboxName`, or the provider's.
        provider: Whose organization and credentials to use. Default: the stack's.

    Example:
        ```python
        lapsed = aep.get_segment(name="Lapsed customers")
        flow = aep.Dataflow(
            "winback",
            source_connection_ids=[source.id],
            target_connection_ids=[target.id],
            segments=[lapsed.id],
        )
        ```
    """
    return now(only(_SEGMENT), provider, id=id, name=name, sandbox_name=sandbox_name)


def get_segment_output(
    *,
    id: pulumi.Input[str] | None = None,
    name: pulumi.Input[str] | None = None,
    sandbox_name: pulumi.Input[str] | None = None,
    provider: Provider | None = None,
) -> pulumi.Output[GetSegmentResult]:
    """Return what `get_segment` finds, as an Output; unknown in a preview without credentials.

    Args:
        id: The id. Give this or `name`.
        name: The exact name.
        sandbox_name: The sandbox to look in. Default: `aep:sandboxName`, or the provider's.
        provider: Whose organization and credentials to use. Default: the stack's.
    """
    return later(only(_SEGMENT), provider, id=id, name=name, sandbox_name=sandbox_name)


def get_segments(
    *, id: str | None = None, name: str | None = None, sandbox_name: str | None = None, provider: Provider | None = None
) -> list[GetSegmentResult]:
    """Return all segment definitions, or those with a name or an id.

    Args:
        id: The id. Default: any.
        name: The exact name. Default: any.
        sandbox_name: The sandbox to look in. Default: `aep:sandboxName`, or the provider's.
        provider: Whose organization and credentials to use. Default: the stack's.
    """
    return now(matching(_SEGMENT), provider, id=id, name=name, sandbox_name=sandbox_name)


def get_segments_output(
    *,
    id: pulumi.Input[str] | None = None,
    name: pulumi.Input[str] | None = None,
    sandbox_name: pulumi.Input[str] | None = None,
    provider: Provider | None = None,
) -> pulumi.Output[list[GetSegmentResult]]:
    """Return what `get_segments` finds, as an Output; unknown in a preview without credentials.

    Args:
        id: The id. Default: any.
        name: The exact name. Default: any.
        sandbox_name: The sandbox to look in. Default: `aep:sandboxName`, or the provider's.
        provider: Whose organization and credentials to use. Default: the stack's.
    """
    return later(matching(_SEGMENT), provider, id=id, name=name, sandbox_name=sandbox_name)


def _audience(found: Audience) -> GetAudienceResult:
    return GetAudienceResult(
        id=found.audience_id or found.id,
        system_segment_id=found.id,
        name=found.name or "",
        description=found.description or "",
        namespace=found.namespace,
        lifecycle_state=found.lifecycle_state,
        evaluation=found.evaluation,
        merge_policy_id=found.merge_policy_id,
        origin_name=found.origin_name,
    )


def _segment(found: Segment) -> GetSegmentResult:
    return GetSegmentResult(found.id, found.name or "", found.description or "")


def _held_audience(found: contents.Audience) -> GetAudienceResult:
    return GetAudienceResult(
        id=found.id,
        system_segment_id=found.system_segment_id,
        name=found.name or "",
        description="",
        namespace=found.namespace,
        lifecycle_state=found.lifecycle_state,
        evaluation=found.evaluation,
        merge_policy_id=found.merge_policy_id,
        origin_name=None,
    )


def _sought(snapshot: contents.Snapshot, id_: str | None, name: str | None) -> Iterable[contents.Audience]:
    """Return the audiences in a snapshot that the service would find: by its name none that is inactive."""
    if id_ is None:
        return filter(_is_listed, () if name is None else snapshot.audiences_named(name))
    found = [audience for audience in snapshot.audiences_with_id(id_) if name in (None, audience.name)]
    return [audience for audience in found if audience.id == id_] or found


def _is_listed(found: contents.Audience) -> bool:
    return found.lifecycle_state != "inactive"


def _is_segment(found: contents.Audience) -> bool:
    """Whether an audience is a segment definition for sure: of drafts it is not documented."""
    return is_own(found.namespace) and found.id == found.system_segment_id and found.lifecycle_state in (None, "published")


_AUDIENCE = Subject(
    "audience",
    GetAudienceResult,
    lambda service, id_: map(_audience, service.audiences.with_id(id_)),
    lambda service: map(_audience, service.audiences.find()),
    lambda service, name: map(_audience, service.audiences.find(f"name=={name}")),
    lambda found: found.system_segment_id,
    Held(
        lambda snapshot, id_, name: map(_held_audience, _sought(snapshot, id_, name)),
        lambda snapshot: [found.name for found in filter(_is_listed, snapshot.audiences or ()) if found.name],
        lambda found: replace(found, description="", origin_name=None),
        may_be_added=True,
    ),
)
_SEGMENT = Subject(
    "segment",
    GetSegmentResult,
    lambda service, id_: [_segment(service.segments.get(id_))],
    lambda service: map(_segment, service.segments.find()),
    held=Held(
        lambda snapshot, id_, name: [
            GetSegmentResult(found.id, found.name or "", "") for found in _sought(snapshot, id_, name) if _is_segment(found)
        ],
        lambda snapshot: [found.name for found in filter(_is_segment, snapshot.audiences or ()) if found.name],
        lambda found: replace(found, description=""),
        may_be_added=True,
    ),
)

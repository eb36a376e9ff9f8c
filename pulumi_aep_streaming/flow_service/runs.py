"""What Flow Service says of a run of a dataflow. A run is a witness: none is left out for how it is written.

A count that is not shown is unknown, and so is one that is no number. Sources: flow-service.yaml and destinations.yaml of
Adobe's API references, whose schemas and examples differ in the names of some members.
"""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import AliasChoices, BeforeValidator, Field

from pulumi_aep_streaming.flow_service.models import Entity, Model, Number


def _count(value: Any) -> Any:
    """What is no number is no count, and neither is what is less than nothing."""
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return int(value) if is_number and value >= 0 else None


def _members(value: Any) -> Any:
    """An object of which nothing is known, where another value stands."""
    return value if isinstance(value, dict) else {}


def _said(value: Any) -> Any:
    """A text, whatever it was written as."""
    return value if value is None else str(value)


def _infos(value: Any) -> Any:
    """A list of objects; what is none says something all the same."""
    listed = value if isinstance(value, list) else [value]
    return [item if isinstance(item, dict) else {"message": item} for item in listed if item not in (None, "", {}, [])]


Count = Annotated[int | None, BeforeValidator(_count)]
"""How many; None if that is not shown."""

Said = Annotated[str | None, BeforeValidator(_said)]


class Info(Model):
    """An error or a warning: its code, what it says, of how many records."""

    code: Said = None
    message: Said = None
    count: Count = None
    type: Said = None
    """`Error` or `Warning`; examples leave it out."""

    @property
    def is_warning(self) -> bool:
        """Whether nothing failed."""
        return (self.type or "").lower() == "warning"

    @property
    def line(self) -> str:
        """Its code, and what it says."""
        return " ".join(filter(None, (self.code, self.message)))


Infos = Annotated[list[Info], BeforeValidator(_infos)]


class Duration(Model):
    """When a run started and ended. Its end has one name in the schema of destinations.yaml, and another in examples."""

    started_at: Annotated[Number, Field(alias="startedAtUTC")] = None
    completed_at: Annotated[Number, Field(validation_alias=AliasChoices("completedAtUTC", "stoppedAtUTC"))] = None


class Records(Model):
    """What a run counted. Of written records, the documents show two names."""

    input_record_count: Count = None
    output_record_count: Count = None
    created_record_count: Count = None
    skipped_record_count: Count = None
    failed_record_count: Count = None
    failed_info: Infos = []
    """Why records failed."""

    @property
    def written_record_count(self) -> int | None:
        """How many records were written, under either name."""
        return self.created_record_count if self.output_record_count is None else self.output_record_count


class Status(Model):
    """How a run ended: `success` or `failed` in examples, capitalised in the files."""

    status: Said = None
    errors: Infos = []


class Metrics(Model):
    """What is known of a run."""

    duration_summary: Annotated[Duration, BeforeValidator(_members)] = Duration()
    record_summary: Annotated[Records, BeforeValidator(_members)] = Records()
    status_summary: Annotated[Status, BeforeValidator(_members)] = Status()


class Run(Entity):
    """One run of a dataflow."""

    metrics: Annotated[Metrics, BeforeValidator(_members)] = Metrics()

    @property
    def errors(self) -> list[str]:
        """Return a line for each error: its code, and what it says."""
        return [error.line for error in self.metrics.status_summary.errors]

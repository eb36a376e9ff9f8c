"""Look-ups: connection specs, dataflows and their runs, by id or by name, while the program runs.

Connection specs, and what can be activated, are looked up in the snapshot first, in previews and in `up` (`aep:snapshot`); what
it lacks, dataflows and runs are asked for. A look-up that asks needs credentials, in every preview. Where there are none (a
pull request from a fork), add it to the snapshot, or keep ids in the stack's config instead.

Each look-up has two forms. The plain one waits, returns what it found, and fails if it cannot ask. The one that ends in
`_output` takes Outputs, and in a preview that cannot ask it is unknown. All that is looked up by name in one run comes from
one listing per sandbox. What can be activated is looked up in `audiences.py`.

In a unit test with `pulumi.runtime.set_mocks` the mocks answer: `call` gets a token such as `aep:index:getDataflow`, and
returns the result as a dict with camelCase keys; for several results, a dict with one list, `{"dataflows": [...]}`.

Errors raised: `pulumi.RunError`, one line, if nothing is found, if several are (with their ids), or if the call fails.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pulumi

from pulumi_aep_streaming import connection_spec
from pulumi_aep_streaming._core import marker
from pulumi_aep_streaming._core.merges import activation
from pulumi_aep_streaming._program.arguments import of_runs, refuse_number_of_runs
from pulumi_aep_streaming._program.held import Held
from pulumi_aep_streaming._program.look_up import Look, Session, Subject, later, matching, now, only
from pulumi_aep_streaming._program.mocked import as_results
from pulumi_aep_streaming.connection_spec import GetConnectionSpecResult
from pulumi_aep_streaming.provider import Provider

if TYPE_CHECKING:
    from pulumi_aep_streaming.flow_service.models import Flow
    from pulumi_aep_streaming.flow_service.runs import Run


@dataclass(frozen=True)
class GetDataflowResult:
    """A dataflow as it is now, with what a resource does not show: state, etag and times (epoch milliseconds)."""

    id: str
    name: str
    description: str
    state: str
    etag: str
    created_at: int | None
    updated_at: int | None
    source_connection_ids: list[str]
    target_connection_ids: list[str]
    segments: list[dict[str, Any]]
    profile_attributes: list[dict[str, Any]]


@dataclass(frozen=True)
class DataflowRun:
    """One run of a dataflow: its status ("success", "failed", ...), times (epoch milliseconds) and numbers of records.

    What the service does not show is None. A streaming run whose records all failed has a good status: look at `failed_records`
    and `failed_info`, which holds `{"code": ..., "message": ..., "count": ...}` for each reason.
    """

    id: str
    status: str
    started_at: int | None
    completed_at: int | None
    input_records: int | None
    output_records: int | None
    skipped_records: int | None
    failed_records: int | None
    errors: list[str]
    failed_info: list[dict[str, Any]]


def get_connection_spec(
    *, id: str | None = None, name: str | None = None, sandbox_name: str | None = None, provider: Provider | None = None
) -> GetConnectionSpecResult:
    """Return the connection spec with an id, or the only one with a name.

    Args:
        id: The id. Give this or `name`.
        name: The exact name.
        sandbox_name: The sandbox to look in. Default: `aep:sandboxName`, or the provider's.
        provider: Whose organization and credentials to use. Default: the stack's.
    """
    return now(only(_CONNECTION_SPEC), provider, id=id, name=name, sandbox_name=sandbox_name)


def get_connection_spec_output(
    *,
    id: pulumi.Input[str] | None = None,
    name: pulumi.Input[str] | None = None,
    sandbox_name: pulumi.Input[str] | None = None,
    provider: Provider | None = None,
) -> pulumi.Output[GetConnectionSpecResult]:
    """Return what `get_connection_spec` finds, as an Output; unknown in a preview without credentials.

    Args:
        id: The id. Give this or `name`.
        name: The exact name.
        sandbox_name: The sandbox to look in. Default: `aep:sandboxName`, or the provider's.
        provider: Whose organization and credentials to use. Default: the stack's.
    """
    return later(only(_CONNECTION_SPEC), provider, id=id, name=name, sandbox_name=sandbox_name)


def get_connection_specs(
    *, id: str | None = None, name: str | None = None, sandbox_name: str | None = None, provider: Provider | None = None
) -> list[GetConnectionSpecResult]:
    """Return all connection specs, or those with a name or an id.

    Args:
        id: The id. Default: any.
        name: The exact name. Default: any.
        sandbox_name: The sandbox to look in. Default: `aep:sandboxName`, or the provider's.
        provider: Whose organization and credentials to use. Default: the stack's.
    """
    return now(matching(_CONNECTION_SPEC), provider, id=id, name=name, sandbox_name=sandbox_name)


def get_connection_specs_output(
    *,
    id: pulumi.Input[str] | None = None,
    name: pulumi.Input[str] | None = None,
    sandbox_name: pulumi.Input[str] | None = None,
    provider: Provider | None = None,
) -> pulumi.Output[list[GetConnectionSpecResult]]:
    """Return what `get_connection_specs` finds, as an Output; unknown in a preview without credentials.

    Args:
        id: The id. Default: any.
        name: The exact name. Default: any.
        sandbox_name: The sandbox to look in. Default: `aep:sandboxName`, or the provider's.
        provider: Whose organization and credentials to use. Default: the stack's.
    """
    return later(matching(_CONNECTION_SPEC), provider, id=id, name=name, sandbox_name=sandbox_name)


def get_dataflow(
    *, id: str | None = None, name: str | None = None, sandbox_name: str | None = None, provider: Provider | None = None
) -> GetDataflowResult:
    """Return the dataflow with an id, or the only one with a name.

    Args:
        id: The id. Give this or `name`.
        name: The exact name.
        sandbox_name: The sandbox to look in. Default: `aep:sandboxName`, or the provider's.
        provider: Whose organization and credentials to use. Default: the stack's.
    """
    return now(only(_DATAFLOW), provider, id=id, name=name, sandbox_name=sandbox_name)


def get_dataflow_output(
    *,
    id: pulumi.Input[str] | None = None,
    name: pulumi.Input[str] | None = None,
    sandbox_name: pulumi.Input[str] | None = None,
    provider: Provider | None = None,
) -> pulumi.Output[GetDataflowResult]:
    """Return what `get_dataflow` finds, as an Output; unknown in a preview without credentials.

    Args:
        id: The id. Give this or `name`.
        name: The exact name.
        sandbox_name: The sandbox to look in. Default: `aep:sandboxName`, or the provider's.
        provider: Whose organization and credentials to use. Default: the stack's.
    """
    return later(only(_DATAFLOW), provider, id=id, name=name, sandbox_name=sandbox_name)


def get_dataflows(
    *, id: str | None = None, name: str | None = None, sandbox_name: str | None = None, provider: Provider | None = None
) -> list[GetDataflowResult]:
    """Return all dataflows, or those with a name or an id.

    Args:
        id: The id. Default: any.
        name: The exact name. Default: any.
        sandbox_name: The sandbox to look in. Default: `aep:sandboxName`, or the provider's.
        provider: Whose organization and credentials to use. Default: the stack's.
    """
    return now(matching(_DATAFLOW), provider, id=id, name=name, sandbox_name=sandbox_name)


def get_dataflows_output(
    *,
    id: pulumi.Input[str] | None = None,
    name: pulumi.Input[str] | None = None,
    sandbox_name: pulumi.Input[str] | None = None,
    provider: Provider | None = None,
) -> pulumi.Output[list[GetDataflowResult]]:
    """Return what `get_dataflows` finds, as an Output; unknown in a preview without credentials.

    Args:
        id: The id. Default: any.
        name: The exact name. Default: any.
        sandbox_name: The sandbox to look in. Default: `aep:sandboxName`, or the provider's.
        provider: Whose organization and credentials to use. Default: the stack's.
    """
    return later(matching(_DATAFLOW), provider, id=id, name=name, sandbox_name=sandbox_name)


def get_dataflow_runs(
    dataflow_id: str, *, limit: int = 1, sandbox_name: str | None = None, provider: Provider | None = None
) -> list[DataflowRun]:
    """Return the latest runs of a dataflow, newest first. Right after an activation there are none.

    Args:
        dataflow_id: The id of the dataflow.
        limit: How many, 1 to 100.
        sandbox_name: The sandbox to look in. Default: `aep:sandboxName`, or the provider's.
        provider: Whose organization and credentials to use. Default: the stack's.
    """
    return now(_latest_runs("get_dataflow_runs", limit), provider, id=dataflow_id, sandbox_name=sandbox_name)


def get_dataflow_runs_output(
    dataflow_id: pulumi.Input[str],
    *,
    limit: int = 1,
    sandbox_name: pulumi.Input[str] | None = None,
    provider: Provider | None = None,
) -> pulumi.Output[list[DataflowRun]]:
    """Return what `get_dataflow_runs` finds, as an Output; unknown in a preview without credentials.

    Args:
        dataflow_id: The id of the dataflow.
        limit: How many, 1 to 100.
        sandbox_name: The sandbox to look in. Default: `aep:sandboxName`, or the provider's.
        provider: Whose organization and credentials to use. Default: the stack's.
    """
    return later(_latest_runs("get_dataflow_runs_output", limit), provider, id=dataflow_id, sandbox_name=sandbox_name)


def _dataflow(found: Flow) -> GetDataflowResult:
    activated = activation.observed({}, found, foreign_too=True)
    return GetDataflowResult(
        id=found.id,
        name=found.name or "",
        description=marker.bare(found.description),
        state=found.state or "",
        etag=found.if_match or "",
        created_at=found.created_at,
        updated_at=found.updated_at,
        source_connection_ids=found.source_connection_ids,
        target_connection_ids=found.target_connection_ids,
        segments=activated["segments"],
        profile_attributes=activated["profileAttributes"],
    )


def _run(found: Run) -> DataflowRun:
    times, records = found.metrics.duration_summary, found.metrics.record_summary
    return DataflowRun(
        id=found.id,
        status=found.metrics.status_summary.status or "",
        started_at=times.started_at,
        completed_at=times.completed_at,
        input_records=records.input_record_count,
        output_records=records.written_record_count,
        skipped_records=records.skipped_record_count,
        failed_records=records.failed_record_count,
        errors=found.errors,
        failed_info=[{"code": info.code, "message": info.message, "count": info.count} for info in records.failed_info],
    )


def _latest_runs(function: str, limit: int) -> Look[list[DataflowRun]]:
    refuse_number_of_runs(function, limit)

    def look(session: Session, *, id: str) -> list[DataflowRun]:
        found = session.service.runs.find(f"flowId=={id}", orderby="-createdAt", limit=limit)
        runs = [_run(run) for run in itertools.islice(found, limit)]
        if not runs:  # as there are, too, where there is no such dataflow
            only(_DATAFLOW).answer(session, id=id, name=None)
        return runs

    return Look("getDataflowRuns", look, lambda answer: as_results(DataflowRun, answer), of_runs)


_CONNECTION_SPEC = Subject(
    "connection spec",
    GetConnectionSpecResult,
    lambda service, id_: [connection_spec.result(service.connection_specs.get(id_))],
    lambda service: map(connection_spec.result, service.connection_specs.find(limit=None)),
    held=Held(
        lambda snapshot, id_, name: [
            connection_spec.held(spec)
            for spec in snapshot.connection_specs or ()
            if id_ in (None, spec.id) and name in (None, spec.name)
        ],
        lambda snapshot: [spec.name for spec in snapshot.connection_specs or ()],
    ),
)
_DATAFLOW = Subject(
    "dataflow",
    GetDataflowResult,
    lambda service, id_: [_dataflow(service.flows.get(id_))],
    lambda service: map(_dataflow, service.flows.find()),
)

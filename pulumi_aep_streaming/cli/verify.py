"""`aep-streaming verify`, the tutorial's last step: is what was deployed there, enabled, activated, and running."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from pulumi_aep_streaming._core.merges import activation
from pulumi_aep_streaming.cli import _runs
from pulumi_aep_streaming.cli._runs import Limits
from pulumi_aep_streaming.cli._stack import Impossible, Resource
from pulumi_aep_streaming.flow_service.client import FlowService
from pulumi_aep_streaming.flow_service.errors import Malformed, NotFound, Refused
from pulumi_aep_streaming.flow_service.models import Flow


@dataclass
class Verdict:
    """What was seen of one dataflow; it is good if there are no problems."""

    id: str
    name: str = ""
    state: str = "absent"
    segments: int = 0
    profile_attributes: int = 0
    last_run: dict[str, Any] | None = None
    runs: list[dict[str, Any]] = field(default_factory=list)
    """Those that were looked at, newest first."""
    problems: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


def verify(
    service: FlowService, id_: str, declared: Resource | None, limits: Limits, *, test_connections: bool, now: float
) -> Verdict:
    """Look at one dataflow: against what a stack declares, if it is in one, and at its runs as of `now`, in seconds since 1970.

    Credentials that the service echoes are masked.
    """
    verdict = Verdict(id_, declared.name if declared else "")
    flow = _flow(service, verdict)
    if flow:
        _look_at_flow(flow, declared, verdict)
        _look_at_runs(service, flow, limits, int(now * 1000), verdict)
        if test_connections:
            verdict.problems += _connection_problems(service, flow)
    return Verdict(**_masked(service, vars(verdict)))


def _flow(service: FlowService, verdict: Verdict) -> Flow | None:
    try:
        return service.flows.get(verdict.id)
    except NotFound:
        verdict.problems.append("it does not exist")
        return None
    except Malformed as odd:
        text = str(odd)
    except Refused as refused:
        if not refused.is_about_the_object:
            raise
        text = f"it cannot be read: {refused}"
    verdict.state = "unreadable"
    verdict.problems.append(text)
    return None


def _look_at_flow(flow: Flow, declared: Resource | None, verdict: Verdict) -> None:
    verdict.name, verdict.state = flow.name or verdict.name, flow.state or ""
    activated = activation.observed({}, flow, foreign_too=True)
    verdict.segments, verdict.profile_attributes = len(activated["segments"]), len(activated["profileAttributes"])
    outputs: dict[str, Any] = dict(declared.outputs) if declared else {}
    verdict.problems += _state_problems(flow, outputs)
    if declared:
        _compare_selectors(outputs, flow, verdict)
    elif not verdict.segments:
        verdict.problems.append("no segment is activated")


def _look_at_runs(service: FlowService, flow: Flow, limits: Limits, now: int, verdict: Verdict) -> None:
    try:
        newest_first = service.runs.find(f"flowId=={verdict.id}", orderby="-createdAt", limit=limits.page_size)
        runs = _runs.looked_at(newest_first, limits, now)
    except Refused as refused:
        if not refused.is_about_the_object:
            raise
        verdict.problems.append(f"its runs cannot be read: {refused}")
        return
    verdict.runs = [_runs.summary(run) for run in runs]
    verdict.last_run = next(iter(verdict.runs), None)
    findings = _runs.judged(runs, flow.created_at, limits, now, silence_too=flow.state != "disabled")
    verdict.problems += findings.problems
    verdict.notes += findings.notes


def _masked(service: FlowService, value: Any) -> Any:
    if isinstance(value, str):
        return service.masked(value)
    if isinstance(value, dict):
        return {key: _masked(service, member) for key, member in value.items()}
    return [_masked(service, item) for item in value] if isinstance(value, list) else value


def chosen(resources: list[Resource], ids: list[str]) -> dict[str, Resource | None]:
    """Return which dataflows to look at: those with the given ids, or all of the stack."""
    flows = {resource.id: resource for resource in resources if resource.type_name == "Dataflow"}
    if not ids and not flows:
        message = "the stack has no dataflows: name one with --flow"
        raise Impossible(message)
    return {id_: flows.get(id_) for id_ in ids} if ids else dict(flows)


def _state_problems(flow: Flow, outputs: dict[str, Any]) -> Iterator[str]:
    wanted = "disabled" if outputs.get("enabled") is False else "enabled"
    if flow.state != wanted:
        yield f"it is {flow.state}" + (", the stack says disabled" if wanted == "disabled" else "")


def _compare_selectors(outputs: dict[str, Any], flow: Flow, verdict: Verdict) -> None:
    """Missing selectors are a problem; others' are one only where the stack claims them all."""
    others = activation.compare(outputs, outputs, flow)
    verdict.problems += [f"not activated: {text}" for text in others.withdrawn]
    exclusive = outputs.get("selectorOwnership") != "additive"
    (verdict.problems if exclusive else verdict.notes).extend(f"activated by others: {text}" for text in others.foreign)


def _connection_problems(service: FlowService, flow: Flow) -> Iterator[str]:
    for id_ in flow.target_connection_ids:
        try:
            base = service.target_connections.get(id_).base_connection_id
            if base is None:
                yield f"its target connection {id_} does not show its base connection, so that was not tested"
            elif not service.test_connection(base):
                yield f"the credentials of base connection {base} do not work"
        except NotFound:
            yield f"its target connection {id_}, or the account of that, does not exist"
        except Malformed as odd:
            yield str(odd)
        except Refused as refused:
            if not refused.is_about_the_object:
                raise
            yield f"its target connection {id_!r} cannot be read: {refused}"

"""`aep-streaming pause` and `resume`: the dataflows of a stack, switched off for an incident, and on again after it.

No dataflow is switched on that was off before. One that fails does not stop the others.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from pulumi_aep_streaming._core.error_advice import advised
from pulumi_aep_streaming.cli._inventory import Progress
from pulumi_aep_streaming.cli._marked import marked, none_of, stack_of
from pulumi_aep_streaming.cli._paused import Paused, PausedFlow
from pulumi_aep_streaming.cli._stack import Impossible
from pulumi_aep_streaming.flow_service.client import FlowService
from pulumi_aep_streaming.flow_service.errors import Conflict, FlowServiceError, NoAnswer, NotFound, TimedOut, Unreadable
from pulumi_aep_streaming.flow_service.models import Flow

OFF, ON = "switched off", "switched on"


@dataclass
class Switch:
    """One dataflow: what is to become of it, and what became of it."""

    id: str
    name: str
    state: str = ""
    """What it was in when it was looked at."""
    plan: str = ""
    to_do: bool = False
    changed: bool = False
    """Whether somebody may have changed it since it was paused."""
    etag: str | None = None
    """Of the version that was looked at."""
    outcome: str = ""
    """`switched off` or `switched on`, once it is."""
    problem: str = ""
    """Why it is not as it should be."""


def running_or_paused(service: FlowService, stack: str, progress: Progress) -> list[Switch]:
    """Return the dataflows that carry the marker of a stack, by name. Raises `Impossible` if there are none."""
    found: list[Switch] = []
    others: set[str] = set()
    for flow in marked(service.flows, stack, others):
        found.append(_to_pause(service, flow))
        progress(f"dataflows: {len(found)}")
    if not found:
        raise none_of(stack, others)
    return sorted(found, key=lambda switch: (switch.name, switch.id))


def _to_pause(service: FlowService, flow: Flow) -> Switch:
    switch = Switch(flow.id, flow.name or "", flow.state or "", "will be switched off", to_do=True)
    if flow.state == "disabled":
        with _problems(switch, "seen to be off"):  # lists lag
            switch.state = service.flows.get(flow.id).state or ""
            if switch.state == "disabled":
                switch.plan = "is off already, and is left to whoever switched it off"
        switch.to_do = switch.state != "disabled"
    return switch


def pause(service: FlowService, found: list[Switch], paused: Paused) -> Iterator[Switch]:
    """Switch off what runs, and yield what became of each; `paused` is written before each, and after."""
    for switch in found:
        if switch.to_do:
            _pause(service, switch, paused)
            yield switch


def _pause(service: FlowService, switch: Switch, paused: Paused) -> None:
    def allowed(live: Flow) -> None:  # it is on
        _require_marker(live, paused.stack)
        paused.note(live)

    with _problems(switch, OFF):
        live = service.flows.switch(switch.id, on=False, allowed=allowed)
        switch.outcome = OFF if switch.id in paused.dataflows else "is off already"
        if switch.id in paused.dataflows:
            paused.note(live, etag=live.if_match)


def to_resume(service: FlowService, paused: Paused, progress: Progress) -> list[Switch]:
    """Return the dataflows that were paused, as they are now, by name."""
    found = []
    for flow in paused.dataflows.values():
        found.append(_to_resume(service, flow, paused.stack))
        progress(f"dataflows: {len(found)}")
    return sorted(found, key=lambda switch: (switch.name, switch.id))


def _to_resume(service: FlowService, flow: PausedFlow, stack: str) -> Switch:
    switch = Switch(flow.id, flow.name)
    with _problems(switch, ON):
        live = service.flows.get(flow.id)
        switch.name, switch.state, switch.etag = live.name or "", live.state or "", live.if_match
        _require_marker(live, stack)
        switch.to_do = live.state != "enabled"
        switch.changed = switch.to_do and (flow.etag is None or flow.etag != live.if_match)
        switch.plan = "will be switched on" if switch.to_do else "is on already"
        if switch.changed:
            switch.plan = "somebody changed it since it was paused: asked for by itself"
    return switch


def resume(service: FlowService, found: list[Switch], paused: Paused, agreed: Callable[[Switch], bool]) -> Iterator[Switch]:
    """Switch on what `pause` switched off, and yield what became of each; what somebody changed since only if `agreed`."""
    for switch in found:
        if switch.to_do:
            if switch.changed and not agreed(switch):
                switch.problem = "not switched on: somebody changed it since it was paused, so it may be off on purpose"
            else:
                _resume(service, switch, paused.stack)
            yield switch


def _resume(service: FlowService, switch: Switch, stack: str) -> None:
    def allowed(live: Flow) -> None:
        _require_marker(live, stack)
        if live.if_match != switch.etag:  # while a person thought about it
            raise Conflict("somebody changed it just now, so it may be off on purpose: resume again")

    with _problems(switch, ON):
        service.flows.switch(switch.id, on=True, allowed=allowed)
        switch.outcome = ON


def _require_marker(live: Flow, stack: str) -> None:
    """Raise `Conflict` if a dataflow is not the stack's any more."""
    found = stack_of(live)
    if found != stack:
        raise Conflict(
            f"it {f'carries the marker of {found}' if found else 'carries no marker'} by now, so it may be somebody's"
        )


@contextmanager
def _problems(switch: Switch, done: str) -> Iterator[None]:
    """Take a failure for what it is: of this dataflow. The others follow."""
    try:
        yield
    except NotFound:
        switch.problem = f"not {done}: it does not exist any more"
    except (NoAnswer, TimedOut, Unreadable) as lost:
        switch.problem = f"perhaps not {done}: {advised(lost)}"
    except FlowServiceError as refused:
        switch.problem = f"not {done}: {advised(refused)}"
    except Impossible as unwritten:
        switch.problem = f"{switch.outcome or f'not {done}'}: {unwritten}"
    switch.plan = switch.problem or switch.plan

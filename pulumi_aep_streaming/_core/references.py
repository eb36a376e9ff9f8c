"""What an object refers to by id must be of the right kind and connection spec, before anything is sent.

What this process has made, diffed or read is known already; of anything else, one read a process tells. In a preview only what
is known counts: nothing is called.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from pulumi_aep_streaming._core.process_memory import Memory, Met
from pulumi_aep_streaming._core.values import Bag
from pulumi_aep_streaming.flow_service.errors import Mismatch, Refused, Unreadable

if TYPE_CHECKING:
    from pulumi_aep_streaming._core.context import Context
    from pulumi_aep_streaming._core.kinds.kind import Kind, Reference
    from pulumi_aep_streaming.flow_service.client import FlowService


def mismatches(kind: Kind[Any], memory: Memory, desired: Bag, state: Bag) -> Iterator[str]:
    """Yield a line for each known object that the desired one cannot be built upon. Calls nothing."""
    for reference in kind.references(desired, state):
        met = memory.met.get(reference.id)
        if met is not None:
            yield from _mismatch(kind, desired, reference, met)


def require_fitting(context: Context[Any], desired: Bag, state: Bag) -> None:
    """Read what is not known yet. Raises `Mismatch` if the desired object cannot be built upon what it refers to."""
    for reference in context.kind.references(desired, state):
        for line in _mismatch(context.kind, desired, reference, _met(context.memory, context.service(desired), reference)):
            raise Mismatch(line)


def _met(memory: Memory, service: FlowService, reference: Reference) -> Met:
    """Return what is known of an object; what cannot be read is left to the service to refuse."""
    if reference.id in memory.met:
        return memory.met[reference.id]
    with memory.meeting.setdefault(reference.id, threading.Lock()):  # others may be about to read the same
        if reference.id in memory.met:
            return memory.met[reference.id]
        try:
            spec = reference.among(service).get(reference.id).connection_spec
        except Refused as refused:
            met = Met(reference.type_name)
            if not refused.is_about_the_object:  # another time it may be shown
                return met
        except Unreadable:
            met = Met(reference.type_name)
        else:
            met = Met(reference.type_name, spec.id if spec else "")
        return memory.met.setdefault(reference.id, met)


def _mismatch(kind: Kind[Any], desired: Bag, reference: Reference, met: Met) -> Iterator[str]:
    if met.type_name != reference.type_name:
        yield f"{reference.where}: {reference.id} is a {met.type_name}, and a {reference.type_name} is wanted"
    elif met.connection_spec_id and (why := kind.misfit(desired, reference, met)):
        yield f"{reference.where}: {reference.id} {why}"

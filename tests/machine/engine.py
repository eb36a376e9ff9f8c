"""What the engine does with dynamic providers, in its own verbs and order, with the states that it keeps.

A resource that is in state is checked and diffed; what is replaced is checked again without old inputs, created, and its old
half deleted at the end, with what is no longer declared. What is replaced by force is not diffed. Old halves that a run could
not delete are deleted at the end of the next.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from google.protobuf import json_format
from machine.process import Process, Refused, explained, struct
from pulumi.dynamic.dynamic import serialize_provider
from pulumi.runtime.proto import provider_pb2
from typing_extensions import Self

from pulumi_aep_streaming.base_connection import BaseConnectionProvider
from pulumi_aep_streaming.dataflow import DataflowProvider
from pulumi_aep_streaming.emulator import Fault
from pulumi_aep_streaming.source_connection import SourceConnectionProvider
from pulumi_aep_streaming.target_connection import TargetConnectionProvider

PROVIDERS = {
    kind: serialize_provider(provider())
    for kind, provider in {
        "connections": BaseConnectionProvider,
        "sourceConnections": SourceConnectionProvider,
        "targetConnections": TargetConnectionProvider,
        "flows": DataflowProvider,
    }.items()
}
SECONDS = 60


class Died(Exception):
    """The engine was killed in the middle of a run."""


@dataclass
class Entry:
    """A resource in state."""

    kind: str
    id: str
    inputs: dict
    outputs: dict


@dataclass(frozen=True)
class Declared:
    """A resource in a program; its inputs may depend on the ids of others."""

    kind: str
    inputs: Callable[[dict[str, str]], dict]


@dataclass
class Kill:
    """When and how a run dies: at the n-th write, before or after the service acts."""

    write: int
    when: str
    who: str

    def faults(self) -> Fault:
        # a look is no write
        methods = "POST|PATCH|DELETE"
        return Fault(method=methods, path="/flowservice/", when=self.when, hold=True, reset=True, skip=self.write)


@dataclass
class Backend:
    """The state of one stack, and the runs on it."""

    folder: Path
    emulator: object
    environment: dict[str, str]
    state: dict[str, Entry] = field(default_factory=dict)
    condemned: list[Entry] = field(default_factory=list)
    """Old halves of replacements, which are still to be deleted."""
    left: list[Process] = field(default_factory=list)
    """Provider processes that outlived their engine."""

    def up(
        self,
        program: dict[str, Declared],
        *,
        replace: frozenset[str] = frozenset(),
        two_processes: bool = False,
        kill: Kill | None = None,
        **environment: str,
    ) -> str:
        """Run `up`; return what was said. Raises `Died`, and `Refused` with all that was said."""
        with self._run(kill, environment) as run:
            ids: dict[str, str] = {}
            for name, declared in program.items():
                ids[name] = self._step(run, name, declared, ids, forced=name in replace)
            if two_processes:
                run.next_process()
            self._delete(run, [name for name in self.state if name not in program])
        return run.said

    def refresh(self) -> str:
        with self._run(None, {}) as run:
            for name, entry in list(self.state.items()):
                found = run.read(entry)
                if found is None:
                    del self.state[name]
                else:
                    entry.inputs, entry.outputs = found
        return run.said

    def destroy(self) -> str:
        return self.up({})

    def end(self) -> None:
        for process in self.left:
            process.kill()

    def _delete(self, run: Run, names: list[str]) -> None:
        """Delete the old halves, and what is no longer declared: what depends on others first."""
        kinds = list(PROVIDERS)
        condemned = [(entry, "") for entry in self.condemned] + [(self.state[name], name) for name in names]
        for entry, name in sorted(condemned, key=lambda each: -kinds.index(each[0].kind)):
            run.delete(entry)
            if name:
                del self.state[name]
            else:
                self.condemned.remove(entry)

    def _step(self, run: Run, name: str, declared: Declared, ids: dict[str, str], *, forced: bool) -> str:
        news, old = declared.inputs(ids), self.state.get(name)
        if old is not None and not forced:
            inputs = run.check(declared.kind, old.inputs, news)
            changes, replaces = run.diff(old, inputs)
            if not replaces:
                if changes:
                    old.outputs = run.update(old, inputs)
                old.inputs = inputs
                return old.id
        inputs = run.check(declared.kind, {}, news)
        id_, outputs = run.create(inputs)
        if old is not None:
            self.condemned.append(old)
        self.state[name] = Entry(declared.kind, id_, inputs, outputs)
        return id_

    def _run(self, kill: Kill | None, environment: dict[str, str]) -> Run:
        return Run(self, kill, {**self.environment, **environment})


class Run:
    """One command: its processes, its verbs, and its death, if it is to die."""

    def __init__(self, backend: Backend, kill: Kill | None, environment: dict[str, str]) -> None:
        self._backend, self._kill, self._environment = backend, kill, environment
        self._processes: list[Process] = []
        self._fault = kill.faults() if kill else None

    def __enter__(self) -> Self:
        self.next_process()
        if self._fault:
            self._backend.emulator.order(self._fault)
        return self

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        if self._fault in self._backend.emulator.service.faults:
            self._backend.emulator.service.faults.remove(self._fault)
        for process in self._processes:
            if isinstance(error, Died) and self._kill.who == "cli" and process is self._processes[-1]:
                self._backend.left.append(process)
            else:
                process.kill()

    def next_process(self) -> None:
        """Serve what comes from now on by another process, as that of another provider resource."""
        self._processes.append(Process(self._backend.folder, self._environment, {}))

    @property
    def said(self) -> str:
        return "\n".join(process.said for process in self._processes)

    def check(self, kind: str, olds: dict, news: dict) -> dict:
        marked = {**news, "__provider": PROVIDERS[kind]}
        answer = self._call("Check", provider_pb2.CheckRequest(olds=struct(olds), news=struct(marked)))
        if answer.failures:
            raise Refused("\n".join(failure.reason for failure in answer.failures))
        return json_format.MessageToDict(answer.inputs)

    def diff(self, entry: Entry, inputs: dict) -> tuple[bool, list[str]]:
        request = provider_pb2.DiffRequest(id=entry.id, olds=struct(entry.outputs), news=struct(inputs))
        answer = self._call("Diff", request)
        return answer.changes == provider_pb2.DiffResponse.DIFF_SOME, list(answer.replaces)

    def create(self, inputs: dict) -> tuple[str, dict]:
        answer = self._call("Create", provider_pb2.CreateRequest(properties=struct(inputs)))
        return answer.id, json_format.MessageToDict(answer.properties)

    def update(self, entry: Entry, inputs: dict) -> dict:
        request = provider_pb2.UpdateRequest(id=entry.id, olds=struct(entry.outputs), news=struct(inputs))
        return json_format.MessageToDict(self._call("Update", request).properties)

    def read(self, entry: Entry) -> tuple[dict, dict] | None:
        request = provider_pb2.ReadRequest(id=entry.id, properties=struct(entry.outputs), inputs=struct(entry.inputs))
        answer = self._call("Read", request)
        return (json_format.MessageToDict(answer.inputs), json_format.MessageToDict(answer.properties)) if answer.id else None

    def delete(self, entry: Entry) -> None:
        self._call("Delete", provider_pb2.DeleteRequest(id=entry.id, properties=struct(entry.outputs)))

    def _call(self, verb: str, request: object) -> object:
        future = self._processes[-1].start(verb, request)
        for _ in _ticks():
            if future.done():
                break
            if self._fault and self._fault.reached.wait(0.002):
                self._die()
            elif not self._fault:
                future.exception()  # waits
        failure = future.exception()
        if failure is not None:
            raise Refused(explained(failure) + self.said)
        return future.result()

    def _die(self) -> None:
        if self._kill.who == "cli":
            self._processes[-1].hang_up()
        else:
            self._processes[-1].kill()
        self._fault.released.set()
        raise Died


def _ticks() -> Iterator[int]:
    yield from itertools.count()

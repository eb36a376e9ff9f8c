"""A state machine that drives the four providers as the engine does, and checks the promises after each command.

People edit the program, interrupt runs, replace by force, and lose answers; marketers change what is live; a second state has
the same names. Whatever the order: nobody's work is lost unsaid, nothing is made twice, what another state owns stays as it is.
"""

from __future__ import annotations

import copy
import hashlib
import re
import shutil
import tempfile
import threading
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule, run_state_machine_as_test
from machine.engine import Backend, Declared, Died, Kill
from machine.process import Refused
from support.surroundings import Emulator, Hourglass, environment_of, transport_to

from pulumi_aep_streaming.cli.orphans import DELETED, delete, orphans
from pulumi_aep_streaming.emulator import Fault, Switches
from pulumi_aep_streaming.flow_service.client import FlowService

PLACE = "EMULATOR@AdobeOrg/prod"
PROFILES = "8a9c3494-9708-43d7-ae3f-cda01e5030e1"
KINESIS = "86043421-563b-46ec-8e6c-e23184711bf6"
FLOW_SPEC = "71471eba-b620-49e4-90fd-23f1fa0174d8"
KINDS = ("connections", "sourceConnections", "targetConnections", "flows")
NAMES = ("profiles", "source", "account", "target", "flow")
MARKER = re.compile(r"\[pulumi:shop/dev/(\w+)#\w{8}\.(\w{8})\]")
TAKEN = re.compile(r"\(([0-9a-f-]{36})\) (?:is reclaimed|was left behind)")
SELECTORS = "/transformations/0/params/segmentSelectors/selectors"
SEGMENTS = ["s1", "s2", "s3"]
MARKETERS = ["m1", "m2"]
LAG = 0.3
"""Seconds for which a new object is missing from lists."""


@dataclass(frozen=True)
class Program:
    """What people edit."""

    stream: str = "s"
    data_format: str = "json"
    segments: tuple[str, ...] = ("s1", "s2")
    enabled: bool | None = None
    ownership: str = "exclusive"
    flow_name: str = "flow"
    account_name: str = "account"
    with_flow: bool = True
    more: int = 0
    """Further targets on the same account, whose creates share a look."""

    def declared(self) -> dict[str, Declared]:
        auth = {
            "specName": "Aws Kinesis authentication credentials",
            "params": {"accessKeyId": "a", "secretKey": "TOPSECRET", "region": "r"},
        }
        flow = {
            "name": self.flow_name,
            "flowSpecId": FLOW_SPEC,
            "segments": [{"id": id_} for id_ in self.segments],
            "profileAttributes": [{"path": "a.b", "operator": "EXISTS"}],
            "selectorOwnership": self.ownership,
            **({} if self.enabled is None else {"enabled": self.enabled}),
        }
        spec = {"connectionSpecId": KINESIS, "dataFormat": self.data_format}
        bags = {
            "profiles": ("connections", lambda ids: {"name": "profiles", "connectionSpecId": PROFILES}),
            "source": (
                "sourceConnections",
                lambda ids: {"name": "source", "connectionSpecId": PROFILES, "baseConnectionId": ids["profiles"]},
            ),
            "account": ("connections", lambda ids: {"name": self.account_name, "connectionSpecId": KINESIS, "auth": auth}),
            "target": (
                "targetConnections",
                lambda ids: {
                    "name": "target",
                    **spec,
                    "baseConnectionId": ids["account"],
                    "params": {"stream": self.stream, "region": "r"},
                },
            ),
            "flow": (
                "flows",
                lambda ids: {**flow, "sourceConnectionIds": [ids["source"]], "targetConnectionIds": [ids["target"]]},
            ),
        }
        names = NAMES if self.with_flow else NAMES[:-1]
        found = {name: Declared(bags[name][0], marked(name, bags[name][1])) for name in names}
        target = bags["target"][1]
        for number in range(self.more):
            inputs = partial(lambda name, ids: {**target(ids), "name": name}, f"more{number}")
            found[f"more{number}"] = Declared("targetConnections", marked(f"more{number}", inputs))
        return found


def marked(name, inputs):
    key = hashlib.sha256(name.encode()).hexdigest()[:8]
    return lambda ids: {**inputs(ids), "managedBy": f"shop/dev/{name}#{key}"}


def segments_of(flow):
    params = flow["transformations"][0].get("params") or {}
    return [entry["value"]["id"] for entry in params.get("segmentSelectors", {}).get("selectors", [])]


class Promises(RuleBasedStateMachine):
    """One sandbox, one program, two states of the same name."""

    @initialize()
    def start(self):
        self.folder = Path(tempfile.mkdtemp(prefix="machine-"))
        self.emulator = Emulator(switches=Switches(list_lag_seconds=LAG)).__enter__()
        self.emulator.misbehave()
        environment = {**environment_of(self.emulator), "PULUMI_PROJECT": "shop"}
        self.ours, self.theirs = (self.backend(name, environment) for name in ("ours", "theirs"))
        self.program = Program()
        self.told = ""
        self.lost = {id(self.ours): set(), id(self.theirs): set()}
        """Of each state: the ids of what the other one has taken over, with a word."""
        self.calm = True
        """Whether an `up` has to succeed: no other state, no edit that replaces, nothing forced, since the last one did."""

    def backend(self, name, environment):
        folder = self.folder / name
        folder.mkdir()
        return Backend(folder, self.emulator, environment)

    def teardown(self):
        if hasattr(self, "emulator"):
            try:
                self.last_words()
            finally:
                self.ours.end()
                self.theirs.end()
                self.emulator.__exit__(None, None, None)
                shutil.rmtree(self.folder)

    def last_words(self):
        """Whatever has happened: the ways on lead to a stack that is as declared, and a destroy that leaves nothing unsaid."""
        if self.theirs.state or self.theirs.condemned:
            return
        self.run(self.ours.up, self.program, AEP_RECLAIM="shop/dev")
        protected = self.foreign_in_additive()
        if self.finish(self.program) is None:
            assert protected, self.last
            return
        self.exactly_as_declared()
        protected = self.foreign_in_additive()
        assert (self.finish(None) is None) == protected, self.last
        if not protected:
            live = self.live()
            for item in live.values():  # what was left behind inside of a deleted account is for `aep-streaming orphans`
                assert not self.parents(item) <= live.keys() or item["id"] in self.told, f"{item['description']} was left"

    def finish(self, program):
        """Run `up`; a dataflow in its way that no state has is named, as left behind, and goes by `aep-streaming orphans`."""
        owned = {entry.id for entry in [*self.ours.state.values(), *self.ours.condemned]}
        said = self.run(self.ours.up, program)
        left = [orphan for orphan in orphans(self.service(), owned, str) if orphan.id in self.last and orphan.kind == "flows"]
        if said is None and left:
            assert "those with a marker of shop/dev that no state has were left behind" in self.last
            assert {outcome for _, outcome in delete(self.service(), left, lambda orphan: True)} == {DELETED}
            said = self.run(self.ours.up, program)
        return said

    def service(self):
        return FlowService(transport_to(self.emulator, Hourglass()), "prod")

    # What people do to the program

    @rule(
        stream=st.sampled_from(["s", "t"]), name=st.sampled_from(["flow", "Summer"]), account=st.sampled_from(["account", "b"])
    )
    def edit(self, stream, name, account):
        self.program = replace(self.program, stream=stream, flow_name=name, account_name=account)

    @rule(segments=st.lists(st.sampled_from(SEGMENTS), unique=True), enabled=st.sampled_from([None, None, True, False]))
    def edit_flow(self, segments, enabled):
        self.program = replace(self.program, segments=tuple(segments), enabled=enabled)

    @rule(data_format=st.sampled_from(["json", "csv"]), ownership=st.sampled_from(["exclusive", "additive"]))
    def edit_what_replaces(self, data_format, ownership):
        self.calm = self.calm and data_format == self.program.data_format
        self.program = replace(self.program, data_format=data_format, ownership=ownership)

    @rule(more=st.integers(0, 3))
    def add_or_remove_more_targets(self, more):
        self.program = replace(self.program, more=more)

    @rule(with_flow=st.booleans())
    def add_or_remove_the_flow(self, with_flow):
        self.program = replace(self.program, with_flow=with_flow)

    # What marketers do

    @property
    def flow(self):
        entry = self.ours.state.get("flow")
        return self.live().get(entry.id) if entry else None

    @precondition(lambda self: self.flow)
    @rule(segment=st.sampled_from(MARKETERS))
    def marketer_activates(self, segment):
        if segment not in segments_of(self.flow):
            value = {"type": "PLATFORM_SEGMENT", "value": {"id": segment}}
            self.patch(self.flow, {"op": "add", "path": f"{SELECTORS}/-", "value": value})

    @precondition(lambda self: self.flow and segments_of(self.flow))
    @rule(at=st.integers(0, 5))
    def marketer_deactivates(self, at):
        at %= len(segments_of(self.flow))
        value = self.flow["transformations"][0]["params"]["segmentSelectors"]["selectors"][at]
        self.patch(self.flow, {"op": "remove", "path": f"{SELECTORS}/{at}", "value": value})

    @precondition(lambda self: self.flow)
    @rule()
    def marketer_switches(self):
        self.emulator.store.act(PLACE, self.flow["id"], "disable" if self.flow["state"] == "enabled" else "enable", "ui")

    @rule(which=st.integers(0, 9), text=st.sampled_from(["Winter", "Please leave alone!"]))
    def marketer_renames_anything(self, which, text):
        objects = [item for item in self.live().values() if item.get("description")]
        if objects:
            item = objects[which % len(objects)]
            described = f"{text} {MARKER.search(item['description'])[0]}"
            self.patch(item, {"op": "replace", "path": "/name", "value": text})
            self.patch(item, {"op": "replace", "path": "/description", "value": described})

    # What the stack's people do

    @rule()
    def up(self):
        self.command(self.ours, self.program)

    @rule(method=st.sampled_from(["POST", "PATCH", "DELETE"]), when=st.sampled_from(["before", "after"]), reset=st.booleans())
    def up_with_a_lost_answer(self, method, when, reset):
        fault = Fault(method=method, path="/flowservice/", when=when, reset=reset, status=None if reset else 503)
        self.emulator.order(fault)
        self.command(self.ours, self.program)
        self.emulator.service.faults.clear()

    @rule(
        write=st.sampled_from([0, 0, 0, 1, 2, 3, 4, 5, 6]),
        when=st.sampled_from(["before", "after"]),
        who=st.sampled_from(["everything", "cli"]),
        fresh=st.booleans(),
        stream=st.sampled_from(["s", "t"]),
    )
    def up_that_is_killed(self, write, when, who, fresh, stream):
        if fresh:
            self.command(self.ours, None)
        self.program = replace(self.program, stream=stream)
        self.command(self.ours, self.program, kill=Kill(write, when, who))

    @rule()
    def destroy(self):
        self.command(self.ours, None)

    @rule(names=st.sets(st.sampled_from(NAMES), min_size=1), two_processes=st.booleans())
    def up_that_replaces_by_force(self, names, two_processes):
        self.calm = False
        self.command(self.ours, self.program, replace=frozenset(names), two_processes=two_processes)

    @rule()
    def up_that_reclaims(self):
        self.command(self.ours, self.program, AEP_RECLAIM="shop/dev")

    @rule()
    def refresh(self):
        before = self.live()
        self.told += self.ours.refresh()
        assert self.live() == before, "a refresh changed something"

    # What the other state's people do

    @rule(stream=st.sampled_from(["theirs"]))
    def the_other_state_goes_up(self, stream):
        self.calm = False
        self.command(self.theirs, replace(self.program, stream=stream))

    @rule()
    def the_other_state_is_destroyed(self):
        self.command(self.theirs, None)

    # The promises

    def command(self, backend, program, **how):
        """Run `up`, and check what no outcome may have done."""
        if backend is not self.at_work or "replace" in how:
            self.at_work = backend
            threading.Event().wait(LAG)  # people are no faster than lists are up to date
        before, owned = self.live(), self.owned(self.ours if backend is self.theirs else self.theirs)
        used = {id_ for item in before.values() for id_ in [*self.parents(item), *item.get("sourceConnectionIds", [])]}
        known = copy.deepcopy(backend.state.get("flow"))
        said = self.run(backend.up, program, **how)
        after, taken = self.live(), set(TAKEN.findall(self.last))
        self.lost[id(backend)] -= taken
        self.lost[id(self.ours if backend is self.theirs else self.theirs)] |= taken
        for id_ in owned:
            changed = before.get(id_) != after.get(id_)
            assert id_ in after, f"{id_}, which is the other state's, was deleted"
            assert not changed or id_ in self.last, f"{id_}, which is the other state's, was changed and not named"
            bare = id_ not in used and "targetConnectionIds" not in before[id_]
            assert not changed or bare or "AEP_RECLAIM" in how, f"{id_}, which the other state uses, was changed"
        if said is not None and program is not None:
            self.nobodys_work_is_lost(backend, program, known, before, after, reclaims="AEP_RECLAIM" in how)
            self.each_is_there_once(backend, program)
        if backend is self.ours and program is not None and not how:
            assert said is not None or not self.calm or self.foreign_in_additive(), self.last
            self.calm = self.calm or said is not None

    def run(self, up, program, **how):
        """Return what was said, None if the run failed or died; `last` is all of it."""
        try:
            said = up(program.declared() if program else {}, **how)
        except Died:
            self.last = "died"
            threading.Event().wait(LAG)  # nobody is back sooner than lists are up to date: the documented limit
            return None
        except Refused as refused:
            self.last = str(refused)
            self.told += self.last
            assert "Traceback" not in self.last.partition("\x12")[0]
            return None
        self.last = said
        self.told += said
        return said

    def nobodys_work_is_lost(self, backend, program, known, before, after, *, reclaims):
        """A flow that was in state, and is declared, has what others activated, and is paused if they paused it."""
        entry, old = backend.state.get("flow"), known and before.get(known.id)
        if entry is None or old is None or not program.with_flow:
            return
        seen = {segment["id"] for segment in known.outputs["segments"]}
        others = set(segments_of(old)) - seen
        now = after[entry.id]
        assert others <= set(segments_of(now)), f"{others} of others were lost: {segments_of(now)}"
        gone = set(segments_of(old)) - set(segments_of(now))
        assert not gone & set(program.segments), f"{gone} were declared and deactivated"
        if old["state"] == "disabled" and program.enabled is None:
            assert now["state"] == "disabled", "a paused flow was switched on"
        if reclaims and entry.id == known.id:
            assert segments_of(now) == segments_of(old), "reclaiming writes the marker only"

    def each_is_there_once(self, backend, program):
        """State holds each declared object, which is live and carries its nonce; any other of the same key has been named.

        But for what was left behind inside of objects that are no longer declared: `aep-streaming orphans` is for that.
        """
        live = self.live()
        for name in program.declared():
            entry = backend.state[name]
            if entry.id in self.lost[id(backend)]:
                continue
            assert entry.id in live, f"{name} is in state, and not live"
            assert MARKER.search(live[entry.id]["description"])[2] == entry.outputs["nonce"]
        mine = {entry.id for entry in backend.state.values()}
        others = {entry.id for other in (self.ours, self.theirs) if other is not backend for entry in other.state.values()}
        for id_, item in live.items():
            mark = MARKER.search(item.get("description") or "")
            if mark and mark[1] in program.declared() and self.parents(item) <= mine and id_ not in mine | others:
                assert id_ in self.told, f"{mark[0]} {id_} is in no state, and was never named"

    def exactly_as_declared(self):
        live, program = self.live(), self.program
        assert live[self.ours.state["target"].id]["params"]["stream"] == program.stream
        if program.with_flow:
            assert set(program.segments) <= set(segments_of(live[self.ours.state["flow"].id])) | self.withdrawn

    @property
    def withdrawn(self):
        """What others deactivated and no refresh has shown is left so."""
        return set(self.program.segments) if "deactivated by others" in self.told else set()

    def foreign_in_additive(self):
        """Whether a flow holds what additive mode protects: it may be neither deleted nor replaced."""
        entry = self.ours.state.get("flow")
        return (
            bool(entry)
            and "additive" in (entry.outputs["selectorOwnership"], self.program.ownership)
            and bool(
                set(segments_of(self.flow or {"transformations": [{}]})) - {each["id"] for each in entry.outputs["segments"]}
            )
        )

    @invariant()
    def no_state_holds_what_is_gone(self):
        """Nobody deletes by hand here: what state holds is live, but for what was taken over, with a word."""
        if hasattr(self, "ours"):
            live = self.live()
            for backend in (self.ours, self.theirs):
                for name, entry in backend.state.items():
                    known = entry.id in live or entry.id in self.lost[id(backend)] or self.last == "died"
                    assert known, f"{name} is in state, and was deleted"

    last = ""
    at_work = None

    @staticmethod
    def parents(item):
        return {item.get("baseConnectionId"), *item.get("targetConnectionIds", [])} - {None}

    def live(self):
        return {item["id"]: item for kind in KINDS for item in self.emulator.store.find(PLACE, kind, [], None)}

    def owned(self, backend):
        """The ids of the objects that a state owns: its nonce is theirs."""
        live = self.live()
        found = [(entry, live.get(entry.id)) for entry in backend.state.values()]
        return [
            entry.id for entry, item in found if item and (entry.outputs.get("nonce") or "-") in (item["description"] or "")
        ]

    def patch(self, item, *operations):
        kind = next(
            kind for kind in KINDS if any(each["id"] == item["id"] for each in self.emulator.store.find(PLACE, kind, [], None))
        )
        etag = self.emulator.store.get(PLACE, kind, item["id"])["etag"]
        self.emulator.store.patch(PLACE, kind, item["id"], list(operations), etag, "ui")


def machine(examples, steps):
    quiet = [HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much]
    run_state_machine_as_test(
        Promises,
        settings=settings(
            max_examples=examples,
            stateful_step_count=steps,
            suppress_health_check=quiet,
            phases=[Phase.generate],  # what fails is shown step by step; to shorten it would take longer than to read it
        ),
    )


def test_a_few_turns_of_events_harm_nobody():
    machine(examples=8, steps=12)


@pytest.mark.slow
def test_no_turn_of_events_harms_anybody():
    machine(examples=30, steps=20)

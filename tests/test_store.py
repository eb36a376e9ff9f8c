"""The emulator's store beside a simple model of it, and under bodies and patches that nobody would write."""

from __future__ import annotations

import contextlib

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from pulumi_aep_streaming.emulator import kinds as emulated
from pulumi_aep_streaming.emulator.problems import Problem
from pulumi_aep_streaming.emulator.store import Store

KINDS = tuple(emulated.KINDS)

PROFILE = {"id": "8a9c3494-9708-43d7-ae3f-cda01e5030e1", "version": "1.0"}
KINESIS = {"id": "86043421-563b-46ec-8e6c-e23184711bf6", "version": "1.0"}
AUTH = {
    "specName": "Aws Kinesis authentication credentials",
    "params": {"accessKeyId": "a", "secretKey": "s", "region": "r"},
}
FLOW_SPEC = {"id": "71471eba-b620-49e4-90fd-23f1fa0174d8", "version": "1.0"}
SELECTORS = {member: {"selectors": []} for member in ("profileSelectors", "segmentSelectors")}
SEGMENTS = "/transformations/0/params/segmentSelectors/selectors"
PLACES = ("ORG/prod", "ORG/dev")
places = st.sampled_from(PLACES)


def body_of(kind, *parents, spec=PROFILE):
    if kind == "connections":
        return {"name": "x", "connectionSpec": spec, **({} if spec is PROFILE else {"auth": AUTH})}
    if kind == "flows":
        transformations = [{"name": "GeneralTransform", "params": SELECTORS}]
        ends = {"sourceConnectionIds": [parents[0]], "targetConnectionIds": [parents[1]]}
        return {"name": "x", "flowSpec": FLOW_SPEC, **ends, "transformations": transformations}
    params = {} if spec is PROFILE else {"stream": "s", "region": "r"}
    return {"name": "x", "connectionSpec": spec, "baseConnectionId": parents[0], "data": {"format": "json"}, "params": params}


def after(*kinds):
    """A rule that needs an object of each of these kinds."""
    return precondition(lambda machine: all(machine.made[kind] for kind in kinds))


class StoreBesideModel(RuleBasedStateMachine):
    """The model: for each place and kind the objects, latest change last, with name, state, segments and parents."""

    def __init__(self):
        super().__init__()
        self.store = Store()
        self.model = {(place, kind): {} for place in PLACES for kind in KINDS}
        self.etags = {}
        self.made = {kind: [] for kind in KINDS}
        self.specs = {}

    def teardown(self):
        self.store.close()

    def create(self, place, kind, *parents, spec=PROFILE):
        made = self.store.create(place, kind, body_of(kind, *parents, spec=spec), "client")
        self.specs[made["id"]] = spec
        self.model[place, kind][made["id"]] = {"name": "x", "state": "enabled", "segments": [], "parents": set(parents)}
        self.etags[made["id"]] = [made["etag"]]
        self.made[kind].append((place, kind, made["id"]))

    def any_of(self, data, *kinds):
        """One of all objects that were ever made."""
        return data.draw(st.sampled_from([item for kind in kinds or KINDS for item in self.made[kind]]))

    def touch(self, place, kind, id_, etag):
        objects = self.model[place, kind]
        objects[id_] = objects.pop(id_)
        self.etags[id_].append(etag)

    def absent(self, item):
        place, kind, id_ = item
        return id_ not in self.model[place, kind]

    def refused(self, status, code, call):
        with pytest.raises(Problem) as problem:
            call()
        assert (problem.value.status, problem.value.body.get("errorCode", "").partition("-")[0]) == (status, code)

    @rule(place=places, spec=st.sampled_from([PROFILE, KINESIS]))
    def connect(self, place, spec):
        self.create(place, "connections", spec=spec)

    @after("connections")
    @rule(data=st.data(), kind=st.sampled_from(KINDS[1:3]))
    def connect_below(self, data, kind):
        base = self.any_of(data, "connections")
        place, _, id_ = base
        spec = self.specs[id_]
        if self.absent(base):
            self.refused(400, "1439", lambda: self.store.create(place, kind, body_of(kind, id_), "client"))
        else:
            other = body_of(kind, id_, spec=KINESIS if spec is PROFILE else PROFILE)
            self.refused(400, "1455", lambda: self.store.create(place, kind, other, "client"))
            self.create(place, kind, id_, spec=spec)

    @after("sourceConnections", "targetConnections")
    @rule(data=st.data())
    def flow(self, data):
        source, end = self.any_of(data, "sourceConnections"), self.any_of(data, "targetConnections")
        place, ends = source[0], (source[2], end[2])
        if self.absent(source) or self.absent(end) or end[0] != place:
            self.refused(400, "1439", lambda: self.store.create(place, "flows", body_of("flows", *ends), "client"))
        elif (self.specs[ends[0]], self.specs[ends[1]]) != (PROFILE, KINESIS):
            self.refused(400, "1455", lambda: self.store.create(place, "flows", body_of("flows", *ends), "client"))
        else:
            self.create(place, "flows", *ends)

    def patch(self, item, operation):
        """Patch under the current version; whether it was done."""
        place, kind, id_ = item
        if self.absent(item):
            self.refused(404, "", lambda: self.store.patch(place, kind, id_, [operation], "any", "client"))
            return False
        answer = self.store.patch(place, kind, id_, [operation], self.etags[id_][-1], "client")
        self.touch(place, kind, id_, answer["etag"])
        return True

    @after("connections")
    @rule(data=st.data(), name=st.text(min_size=1, max_size=3))
    def rename(self, data, name):
        item = self.any_of(data)
        place, kind, id_ = item
        if self.patch(item, {"op": "replace", "path": "/name", "value": name}):
            self.model[place, kind][id_]["name"] = name

    @after("flows")
    @rule(data=st.data(), segment=st.sampled_from("abc"))
    def activate(self, data, segment):
        item = self.any_of(data, "flows")
        place, kind, id_ = item
        value = {"type": "PLATFORM_SEGMENT", "value": {"id": segment}}
        if self.patch(item, {"op": "add", "path": f"{SEGMENTS}/-", "value": value}):
            self.model[place, kind][id_]["segments"].append(segment)

    @after("connections")
    @rule(data=st.data())
    def patch_under_a_version_of_before(self, data):
        item = self.any_of(data)
        place, kind, id_ = item
        old = data.draw(st.sampled_from([*self.etags[id_][:-1], self.etags[id_][-1].strip('"'), "*", ""]))
        operation = {"op": "replace", "path": "/name", "value": "never"}
        refusal = (400, "1403") if not old else (404, "") if self.absent(item) else (412, "")
        self.refused(*refusal, lambda: self.store.patch(place, kind, id_, [operation], old, "client"))

    @after("flows")
    @rule(data=st.data(), action=st.sampled_from(["enable", "disable"]))
    def act(self, data, action):
        item = self.any_of(data, "flows")
        place, kind, id_ = item
        if self.absent(item):
            self.refused(404, "", lambda: self.store.act(place, id_, action, "client"))
        elif self.model[place, kind][id_]["state"] == f"{action}d":
            self.refused(400, "1409", lambda: self.store.act(place, id_, action, "client"))
        else:
            self.model[place, kind][id_]["state"] = f"{action}d"
            self.touch(place, kind, id_, self.store.act(place, id_, action, "client")["etag"])

    @after("connections")
    @rule(data=st.data())
    def delete(self, data):
        item = self.any_of(data)
        place, kind, id_ = item
        used = self.used_by_flows(place)
        if self.absent(item):
            self.refused(404, "", lambda: self.store.delete(place, kind, id_))
        elif id_ in used:
            self.refused(400, "1418" if kind == "connections" else "1447", lambda: self.store.delete(place, kind, id_))
        else:
            self.store.delete(place, kind, id_)
            del self.model[place, kind][id_]

    def used_by_flows(self, place):
        ends = {parent for flow in self.model[place, "flows"].values() for parent in flow["parents"]}
        connections = {**self.model[place, "sourceConnections"], **self.model[place, "targetConnections"]}
        return ends | {base for id_ in ends for base in connections[id_]["parents"]}

    @after("connections")
    @rule(data=st.data())
    def look_from_another_sandbox(self, data):
        item = self.any_of(data)
        place, kind, id_ = item
        elsewhere = next(other for other in PLACES if other != place)
        self.refused(404, "", lambda: self.store.get(elsewhere, kind, id_))
        self.refused(404, "", lambda: self.store.delete(elsewhere, kind, id_))

    @invariant()
    def lists_show_the_same_latest_change_first(self):
        for (place, kind), objects in self.model.items():
            listed = self.store.find(place, kind, [], None)
            assert [item["id"] for item in listed] == list(objects)[::-1]
            for item in listed:
                assert item["etag"] == item["version"] == self.etags[item["id"]][-1]
                assert item == self.store.get(place, kind, item["id"])
                known = objects[item["id"]]
                assert (item["name"], item["state"]) == (known["name"], known["state"])
                assert [entry["value"]["id"] for entry in selectors_of(item)] == known["segments"]


def selectors_of(item):
    return item["transformations"][0]["params"]["segmentSelectors"]["selectors"] if "transformations" in item else []


TestStoreBesideModel = StoreBesideModel.TestCase
TestStoreBesideModel.settings = settings(max_examples=30, stateful_step_count=25)

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-1, 3) | st.floats(allow_nan=False) | st.text(max_size=5) | st.just("enabled"),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["id", "value", "selectors", "params", "version", "specName", "x"]), inner, max_size=3
        )
    ),
    max_leaves=6,
)
STEPS = [
    "",
    "name",
    "description",
    "params",
    "auth",
    "transformations",
    "0",
    "-",
    "-1",
    "01",
    "99",
    "sourceConnectionIds",
    "id",
]
STEPS += ["state", "etag", "segmentSelectors", "profileSelectors", "selectors", "value", "policy", "scheduleParams", "~", "~2"]
PATHS = st.lists(st.sampled_from(STEPS), max_size=6).map(lambda steps: "".join(f"/{step}" for step in steps))
PATHS |= st.sampled_from([SEGMENTS, f"{SEGMENTS}/-", f"{SEGMENTS}/0", "/transformations", "/transformations/0/params"])
OPERATIONS = st.lists(
    st.fixed_dictionaries(
        {},
        optional={
            "op": st.sampled_from(["add", "replace", "remove", "ADD", "move", "copy", "test"]) | VALUES,
            "path": PATHS | VALUES,
            "value": VALUES,
            "from": PATHS,
        },
    ),
    max_size=4,
)
ODD = settings(max_examples=200, suppress_health_check=list(HealthCheck))


@contextlib.contextmanager
def chain():
    """A store with one object of each kind; the ids."""
    place = PLACES[0]
    with contextlib.closing(Store()) as store:
        ends = []
        for kind, spec in zip(KINDS[1:3], (PROFILE, KINESIS), strict=True):
            base = store.create(place, "connections", body_of("connections", spec=spec), "client")["id"]
            ends.append(store.create(place, kind, body_of(kind, base, spec=spec), "client")["id"])
        flow = store.create(place, "flows", body_of("flows", *ends), "client")["id"]
        yield store, dict(zip(KINDS, [base, *ends, flow], strict=True))


@pytest.mark.parametrize("kind", KINDS)
@given(st.one_of(OPERATIONS, VALUES))
@ODD
def test_a_patch_is_applied_or_refused_and_then_nothing_has_changed(kind, operations):
    with chain() as (store, ids):
        before = store.get(PLACES[0], kind, ids[kind])
        done = None
        with contextlib.suppress(Problem):
            done = store.patch(PLACES[0], kind, ids[kind], operations, before["etag"], "client")
        after = store.get(PLACES[0], kind, ids[kind])
        assert after["etag"] == done["etag"] if done else after == before
        usable(store, ids)


@pytest.mark.parametrize("kind", KINDS)
@given(st.data())
@ODD
def test_a_create_is_done_or_refused(kind, data):
    with chain() as (store, ids):
        parents = [ids[parent] for parent in KINDS[:1] if kind != "flows"] or [ids[KINDS[1]], ids[KINDS[2]]]
        good = body_of(kind, *parents, spec=KINESIS)
        odd = data.draw(
            st.dictionaries(st.sampled_from([*good, "auth", "description", "state", "id", "etag"]), VALUES, max_size=3)
        )
        with contextlib.suppress(Problem):
            store.create(PLACES[0], kind, {**good, **odd}, "client")
        usable(store, ids)


def usable(store, ids):
    """What was accepted does not make lists, reads and deletes of others fail."""
    for kind in KINDS:
        for item in store.find(PLACES[0], kind, ["name==x"], "name,-createdAt"):
            assert store.get(PLACES[0], kind, item["id"]) == item
    for kind in KINDS[::-1]:
        with contextlib.suppress(Problem):
            store.delete(PLACES[0], kind, ids[kind])

"""How a provider makes objects: in which order, each once, and what it takes back."""

from __future__ import annotations

import dataclasses

import pytest
from support.providing import (
    AUTH,
    KINESIS,
    PLACE,
    PROFILES,
    bag,
    live_flow,
    owner,
    segments_of,
)
from support.surroundings import methods

from pulumi_aep_streaming._core.process_memory import Memory
from pulumi_aep_streaming._dynamic.call import Foreseen
from pulumi_aep_streaming.base_connection import BaseConnectionProvider
from pulumi_aep_streaming.dataflow import DataflowProvider
from pulumi_aep_streaming.emulator import Fault
from pulumi_aep_streaming.target_connection import TargetConnectionProvider

IN_EVERY_EDITION = True


@pytest.fixture
def patient(provide, service):
    """A fresh provider whose client waits on the hourglass."""
    return lambda kind: provide(kind, connect=lambda *_: service)


def test_outputs_are_the_inputs_and_the_nonce_and_nothing_that_the_service_bumps(account):
    assert set(account.outs) == {
        "name",
        "connectionSpecId",
        "connectionSpecVersion",
        "auth",
        "managedBy",
        "nonce",
        "orgId",
        "sandboxName",
    }


@pytest.mark.editions("current", "2020", "open")
def test_a_flow_is_posted_without_selectors_and_activated_by_one_patch(provide, emulator, ends):
    provider = provide(DataflowProvider)
    emulator.forget()
    made = provider.create(bag(provider, name="f", **ends, segments=[{"id": "s1"}, {"id": "s2"}]))
    calls = [call for call in methods(emulator) if call.endswith(" flows")]
    read = ["GET flows"] if emulator.store.switches.edition == "2020" else []  # there, a POST answers no version
    assert calls == ["POST flows", *read, "PATCH flows", "GET flows"]
    assert segments_of(live_flow(emulator, made.id)) == ["s1", "s2"]


@pytest.mark.editions("current")
@pytest.mark.parametrize("refusal", [{"status": 412, "body": {"message": "stale"}}, {"status": 404, "body": {"message": "no"}}])
def test_a_version_that_ended_right_after_the_post_costs_a_read_and_the_process_learns(provide, emulator, ends, refusal):
    provider = provide(DataflowProvider)
    emulator.misbehave()
    emulator.forget()
    emulator.order(Fault(method="PATCH", path="/flows/", **refusal))
    for name, calls in (("f", "POST PATCH GET PATCH GET"), ("g", "POST GET PATCH GET")):
        emulator.forget()
        made = provider.create(bag(provider, name=name, **ends, segments=[{"id": "s1"}]))
        assert [call.partition(" ")[0] for call in methods(emulator) if call.endswith(" flows")] == calls.split()
        assert segments_of(live_flow(emulator, made.id)) == ["s1"]


@pytest.mark.editions("current")
@pytest.mark.parametrize("more", [{"segments": [{"id": "s1"}]}, {"enabled": True}], ids=["activation", "switched on"])
def test_a_read_that_lags_behind_the_post_is_waited_for(provide, patient, emulator, ends, more):
    del provide
    emulator.misbehave()
    emulator.order(Fault(method="GET", path="/flows/", status=404, body={"message": "flow not found"}, times=3))
    provider = patient(DataflowProvider)
    made = provider.create(bag(provider, name="f", managedBy=owner("f"), **{**ends, **more}))
    assert live_flow(emulator, made.id)["state"] == "enabled"
    assert "DELETE flows" not in methods(emulator)


@pytest.mark.editions("current")
def test_a_change_that_is_refused_after_a_read_too_teaches_nothing(provide, emulator, ends):
    provider = provide(DataflowProvider)
    emulator.misbehave()
    emulator.forget()
    refusal = {"errorCode": "1455-400", "message": "no such segment"}
    emulator.order(Fault(method="PATCH", path="/flows/", status=400, body=refusal, times=2))
    with pytest.raises(Foreseen, match="no such segment"):
        provider.create(bag(provider, name="f", **ends, segments=[{"id": "s1"}]))
    calls = [call.partition(" ")[0] for call in methods(emulator) if call.endswith(" flows")]
    assert calls == ["POST", "PATCH", "GET", "PATCH", "DELETE"]
    emulator.forget()
    provider.create(bag(provider, name="g", **ends, segments=[{"id": "s1"}]))
    assert [call.partition(" ")[0] for call in methods(emulator) if call.endswith(" flows")] == ["POST", "PATCH", "GET"]


@pytest.mark.editions("current")
def test_upon_what_this_process_has_made_nothing_is_looked_for(provide, emulator):
    memory = Memory()
    bases, targets = provide(BaseConnectionProvider, memory=memory), provide(TargetConnectionProvider, memory=memory)
    base = bases.create(bag(bases, name="a", connectionSpecId=KINESIS, auth=AUTH, managedBy=owner("a"))).id
    emulator.forget()
    common = {"connectionSpecId": KINESIS, "baseConnectionId": base, "params": {"stream": "s", "region": "us-west-2"}}
    targets.create(bag(targets, name="t", **common, managedBy=owner("t")))
    assert methods(emulator) == ["POST targetConnections"]


@pytest.mark.editions("current")
def test_upon_what_this_process_has_resumed_what_was_left_behind_is_found(provide, emulator, account, ends):
    def run():
        memory = Memory()
        bases, targets = provide(BaseConnectionProvider, memory=memory), provide(TargetConnectionProvider, memory=memory)
        bases.diff(account.id, account.outs, account.outs)
        common = {"connectionSpecId": KINESIS, "baseConnectionId": account.id, "params": {"stream": "s", "region": "us-west-2"}}
        target = targets.create(bag(targets, name="u", **common, managedBy=owner("u", "0b0b0b0b"))).id
        flows = provide(DataflowProvider, memory=memory)
        goal = bag(flows, name="f", managedBy=owner("f", "0c0c0c0c"), **{**ends, "targetConnectionIds": [target]})
        return target, flows.create(goal).id

    assert run() == run()


def test_a_flow_that_is_to_be_disabled_is_so_before_anything_is_activated(provide, emulator, ends):
    provider = provide(DataflowProvider)
    emulator.forget()
    made = provider.create(bag(provider, name="f", **ends, segments=[{"id": "s1"}], enabled=False))
    writes = [(call.method, call.path.rsplit("/", 1)[-1]) for call in emulator.calls if call.method in {"POST", "PATCH"}]
    assert [(method, path if path == "action" else "") for method, path in writes[-3:]] == [
        ("POST", ""),
        ("POST", "action"),
        ("PATCH", ""),
    ]
    assert live_flow(emulator, made.id)["state"] == "disabled"
    assert provider.read(made.id, made.outs).outs == made.outs


@pytest.mark.parametrize("enabled", [None, True])
def test_a_flow_is_enabled_by_default(provide, emulator, ends, enabled):
    provider = provide(DataflowProvider)
    made = provider.create(bag(provider, name="f", **ends, **({} if enabled is None else {"enabled": enabled})))
    assert live_flow(emulator, made.id)["state"] == "enabled"
    assert not any("/action" in call.path for call in emulator.calls)


def test_a_service_that_keeps_its_own_names_of_segments_does_not_make_an_up_fail(provide, emulator, ends):
    provider = provide(DataflowProvider)
    patch = emulator.store.patch

    def renaming(place, kind, id_, operations, if_match, client):
        for operation in operations:
            if "name" in operation["value"].get("value", {}):
                operation["value"]["value"]["name"] = "The service's own"
        return patch(place, kind, id_, operations, if_match, client)

    emulator.store.patch = renaming
    made = provider.create(bag(provider, name="f", **ends, segments=[{"id": "s1", "name": "Ours"}]))
    assert segments_of(live_flow(emulator, made.id)) == ["s1"]


@pytest.mark.parametrize("transformations", [[], [{"name": "GeneralTransform"}], None])
def test_a_service_that_drops_what_is_empty_gets_it_again(provide, emulator, ends, transformations):
    provider = provide(DataflowProvider)
    emulator.misbehave()
    create = emulator.store.create

    def dropping(place, kind, body, client):
        made = create(place, kind, body, client)
        if kind == "flows":
            item = emulator.store.load(place, kind, made["id"])
            emulator.store.put(kind, place, {**item, "transformations": transformations or []})
        return made

    emulator.store.create = dropping
    made = provider.create(bag(provider, name="f", **ends, segments=[{"id": "s1"}], profileAttributes=[{"path": "a.b"}]))
    assert segments_of(live_flow(emulator, made.id)) == ["s1"]
    assert provider.read(made.id, made.outs).outs == made.outs


def test_a_twin_that_the_service_commits_late_is_removed(patient, emulator):
    """The first POST is answered 504 and committed only when nobody looks any more."""
    provider = patient(BaseConnectionProvider)
    create, kept = emulator.store.create, []

    def late(place, kind, body, client):
        if kept:
            create(place, kind, kept.pop(), client)
        return create(place, kind, body, client)

    emulator.store.create = late
    goal = bag(provider, name="x", connectionSpecId=PROFILES, managedBy=owner("x"))
    post = emulator.service.faults
    post.append(Fault(method="POST", path="/connections", status=504))
    forged = {"name": "x", "connectionSpec": {"id": PROFILES, "version": "1.0"}}
    nonces = []

    def remember(call):
        nonces.append(call)
        kept.append({**forged, "description": call["description"]})

    transport_write = emulator.service.journal.write

    def watch(method, path, query, status, body, **when_and_where):
        if status == 504:
            remember(body)
        transport_write(method, path, query, status, body, **when_and_where)

    emulator.service.journal.write = watch
    provider.create(goal)
    assert len(emulator.store.find(PLACE, "connections", [], None)) == 1


@pytest.mark.parametrize("refused", [1, 2])
def test_a_service_that_refuses_a_filter_is_asked_for_more(provide, emulator, refused):
    goal = bag(provide(BaseConnectionProvider), name="x", connectionSpecId=PROFILES, managedBy=owner("x"))
    made = provide(BaseConnectionProvider).create(goal)
    body = {"errorCode": "1449-400", "message": "Unknown field"}
    emulator.order(Fault(method="GET", path="property=", status=400, body=body, times=refused))
    assert provide(BaseConnectionProvider).create(goal).id == made.id


def test_a_name_with_a_comma_is_found_all_the_same(provide, emulator):
    goal = bag(provide(BaseConnectionProvider), name="one, two & three=x", connectionSpecId=PROFILES, managedBy=owner("x"))
    made = provide(BaseConnectionProvider).create(goal)
    assert provide(BaseConnectionProvider).create(goal).id == made.id


def test_what_was_left_behind_in_another_account_is_not_taken_for_what_is_wanted_now(provide, emulator, account):
    goal = {"name": "t", "params": {"stream": "s", "region": "r"}, "connectionSpecId": KINESIS, "managedBy": owner("t")}
    provider = provide(TargetConnectionProvider)
    left = provider.create(bag(provider, **goal, baseConnectionId=account.id)).id
    bases, following = provide(BaseConnectionProvider), provide(TargetConnectionProvider)
    other = bases.create(bag(bases, name="other", connectionSpecId=KINESIS, auth=AUTH)).id
    assert following.create(bag(following, **goal, baseConnectionId=other)).id != left


READS_IN_VAIN = 8  # of an object that is waited for to appear


def test_what_is_listed_before_it_can_be_read_is_not_made_again(provide, patient, emulator, ends):
    provider = provide(DataflowProvider)
    goal = bag(provider, name="f", managedBy=owner("f"), enabled=False, **ends)
    left = provider.create(goal).id
    absent = {"errorMessage": "flows not found with id = [x]"}
    emulator.order(Fault(method="GET", path=f"/flows/{left}", status=404, body=absent, times=READS_IN_VAIN))
    assert patient(DataflowProvider).create(goal).id == left
    assert len(emulator.store.find(PLACE, "flows", [], None)) == 1


def test_what_is_gone_and_still_listed_is_made_again_when_the_list_has_noticed(provide, patient, emulator, ends):
    provider = provide(DataflowProvider)
    goal = bag(provider, name="f", managedBy=owner("f"), **ends)
    gone = provider.create(goal).id
    stale = {"items": [emulator.store.get(PLACE, "flows", gone)]}
    emulator.store.delete(PLACE, "flows", gone)
    emulator.order(Fault(method="GET", path="/flows\\?", status=200, body=stale))
    made = patient(DataflowProvider).create(goal).id
    assert [flow["id"] for flow in emulator.store.find(PLACE, "flows", [], None)] == [made]
    emulator.store.delete(PLACE, "flows", made)
    emulator.order(Fault(method="GET", path="/flows\\?", status=200, body=stale, times=9))
    with pytest.raises(Foreseen, match=f"{gone} was left behind .* is listed, but cannot be read: run pulumi up later"):
        patient(DataflowProvider).create(goal)


def test_a_new_flow_that_is_late_to_be_read_is_switched_off_all_the_same(patient, emulator, ends):
    provider = patient(DataflowProvider)
    absent = {"errorMessage": "flows not found with id = [x]"}
    emulator.order(Fault(method="GET", path="/flows/", status=404, body=absent, times=3))
    made = provider.create(bag(provider, name="f", enabled=False, **ends)).id
    assert emulator.store.get(PLACE, "flows", made)["state"] == "disabled"


@pytest.mark.parametrize(("status", "left"), [(400, 0), (403, 0), (503, 1)])
def test_a_flow_whose_activation_is_refused_is_taken_back_or_named(patient, emulator, ends, status, left, capfd):
    """State does not know it: destroy could not delete what it uses. An answer that may be wrong takes nothing back."""
    emulator.order(Fault(method="PATCH", status=status, body={"message": "segment s does not exist"}, times=9))
    provider = patient(DataflowProvider)
    with pytest.raises(Foreseen, match=f"cannot create dataflow f: segment s does not exist .HTTP {status}"):
        provider.create(bag(provider, name="f", segments=[{"id": "s"}], **ends))
    found = [flow["id"] for flow in emulator.store.find(PLACE, "flows", [], None)]
    assert len(found) == left
    said = capfd.readouterr().err
    assert [f"dataflow f ({id_}) was made, and is not finished" in said for id_ in found] == [True] * left
    assert ("is not finished" in said) == bool(left)


def test_a_flow_that_cannot_be_taken_back_is_named(patient, emulator, ends, capfd):
    emulator.order(Fault(method="PATCH", status=403, body={"message": "no"}, times=9))
    emulator.order(Fault(method="DELETE", status=403, body={"message": "no"}, times=9))
    provider = patient(DataflowProvider)
    with pytest.raises(Foreseen, match="cannot create dataflow f: no"):
        provider.create(bag(provider, name="f", segments=[{"id": "s"}], **ends))
    (left,) = emulator.store.find(PLACE, "flows", [], None)
    assert f"dataflow f ({left['id']}) was made, and is not finished: the next pulumi up goes on" in capfd.readouterr().err


def test_a_service_that_does_not_show_sources_is_believed(provide, emulator, ends):
    provider = provide(DataflowProvider)
    goal = bag(provider, name="f", **ends)
    made = provider.create(goal)
    shown = {**emulator.store.get(PLACE, "flows", made.id), "sourceConnectionIds": None}
    emulator.misbehave()
    emulator.order(Fault(method="GET", path="/flows/", status=200, body={"items": [shown]}, times=9))
    kind, service = provider.kind, provider.lifecycle.context.service(made.outs)
    live = kind.collection(service).get(made.id)
    assert kind.operations(goal, None, live) == kind.operations(goal, goal, live) == []
    changed = {**goal, "sourceConnectionIds": ["other"]}
    assert [each["path"] for each in kind.operations(changed, goal, live)] == ["/sourceConnectionIds"]


def test_what_is_to_be_adopted_and_is_not_there_is_said_with_what_to_do(provide):
    provider = provide(BaseConnectionProvider)
    with pytest.raises(Foreseen, match="nowhere is not in sandbox prod: check adopt_id and sandbox_name"):
        provider.create(bag(provider, name="x", connectionSpecId=PROFILES, adoptId="nowhere"))


HERE = {"name": "t", "connectionSpecId": KINESIS, "params": {"stream": "s", "region": "us-west-2"}}


def test_without_the_licence_the_line_names_it(provide, emulator):
    emulator.store.switches = dataclasses.replace(emulator.store.switches, entitled=False)
    provider = provide(BaseConnectionProvider)
    with pytest.raises(Foreseen, match=r"Not entitled .* \(HTTP 400, code 1100\); .*licence Real-Time CDP Ultimate"):
        provider.create(bag(provider, name="account", connectionSpecId=KINESIS, auth=AUTH))


def test_one_destination_too_many_is_said_with_what_to_do(provide, emulator, account):
    emulator.store.switches = dataclasses.replace(emulator.store.switches, most_destinations=0)
    provider = provide(TargetConnectionProvider)
    with pytest.raises(Foreseen, match=r"cannot create target connection t: .*; Adobe allows 100 destinations in a sandbox: "):
        provider.create(bag(provider, **HERE, baseConnectionId=account.id))


@pytest.mark.editions("current")
@pytest.mark.parametrize(
    ("text", "advised"),
    [
        ("Limit of 100 destinations exceeded", True),
        ("The number of destinations in this sandbox exceeds what is allowed", True),
        ("The maximum length of a name is 255", False),
        ("No destinations found", False),
    ],
)
def test_that_it_is_the_guardrail_is_told_by_the_text(provide, emulator, account, text, advised):
    emulator.order(Fault(method="POST", path="/targetConnections", status=400, body={"message": text}))
    provider = provide(TargetConnectionProvider)
    with pytest.raises(Foreseen) as failed:
        provider.create(bag(provider, **HERE, baseConnectionId=account.id))
    assert ("Adobe allows 100 destinations" in str(failed.value)) is advised

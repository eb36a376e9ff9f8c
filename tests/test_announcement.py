"""What a preview says will be sent: from desired and state alone, in the words of the `up`."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pulumi
import pytest
from support.providing import AUTH, KINESIS, PLACE, add_segment, bag, owner, somebody_else, updated

from pulumi_aep_streaming.base_connection import BaseConnectionProvider
from pulumi_aep_streaming.dataflow import DataflowProvider
from pulumi_aep_streaming.emulator import Fault
from pulumi_aep_streaming.target_connection import TargetConnectionProvider

IN_EVERY_EDITION = True


def previewed(provider, id_, olds, capfd, **changes):
    """The lines that a preview of these changes shows."""
    news = {key: value for key, value in {**olds, **changes}.items() if key != "nonce" and value is not None}
    checked = provider.check(olds, {"__provider": "p", **news})
    assert [failure.reason for failure in checked.failures] == []
    capfd.readouterr()
    diff = provider.diff(id_, olds, checked.inputs)
    return diff, capfd.readouterr().err


@pytest.fixture
def made(provide, ends):
    """A dataflow, with the provider of the next process, which has not made it."""
    provider = provide(DataflowProvider)
    flow = provider.create(
        bag(
            provider,
            name="f",
            managedBy=owner("f"),
            segments=[{"id": "s1", "name": "Region 05"}, {"id": "s2"}],
            profileAttributes=[{"path": "a.b"}],
            **ends,
        )
    )
    return provide(DataflowProvider), flow


def test_selectors_are_said_one_by_one_without_a_call(made, emulator, capfd):
    provider, flow = made
    emulator.forget()
    segments = [{"id": "s2"}, {"id": "s3", "name": "New"}]
    _, said = previewed(provider, flow.id, flow.outs, capfd, segments=segments, profileAttributes=[{"path": "c.d"}])
    lines = [
        "dataflow f: ",
        "  - segment Region 05 (s1)",
        "  + segment New (s3)",
        "  - attribute a.b",
        "  + attribute c.d",
        "",
        "",
    ]
    assert said == "info: " + "\n".join(lines)
    assert emulator.calls == []


def test_the_up_says_that_it_sent_what_was_shown_and_in_full_what_it_did_not(made, emulator, capfd):
    provider, flow = made
    wanted = [{"id": "s1", "name": "Region 05"}, {"id": "s2"}, {"id": "s3"}]
    previewed(provider, flow.id, flow.outs, capfd, segments=wanted)
    outs = updated(provider, flow.id, flow.outs, segments=wanted)
    said = capfd.readouterr().err
    assert "dataflow f: sent as shown" in said
    assert "+ segment s3" not in said
    wanted = [*wanted, {"id": "s4"}, {"id": "s5"}]
    previewed(provider, flow.id, outs, capfd, segments=wanted)
    somebody_else(emulator, "flows", flow.id, add_segment("s5"))
    updated(provider, flow.id, outs, segments=wanted)
    said = capfd.readouterr().err
    assert "+ segment s4" in said
    assert "+ segment s5" not in said
    assert "sent as shown" not in said


def test_what_was_sent_is_said_although_the_answer_was_lost(made, emulator, capfd):
    provider, flow = made
    wanted = [{"id": "s1", "name": "Region 05"}, {"id": "s2"}, {"id": "s3"}]
    previewed(provider, flow.id, flow.outs, capfd, segments=wanted)
    emulator.misbehave()
    emulator.order(Fault(method="PATCH", path="/flows/", when="after", reset=True))
    updated(provider, flow.id, flow.outs, segments=wanted)
    assert "dataflow f: sent as shown" in capfd.readouterr().err


def test_what_somebody_else_did_just_before_is_not_said_to_be_sent(made, emulator, capfd):
    provider, flow = made
    wanted = [{"id": "s1", "name": "Region 05"}, {"id": "s2"}, {"id": "s3"}]
    previewed(provider, flow.id, flow.outs, capfd, segments=wanted)
    patch = Fault(method="PATCH", path="/flows/", hold=True)
    emulator.order(patch)
    with ThreadPoolExecutor(1) as worker:
        updating = worker.submit(updated, provider, flow.id, flow.outs, segments=wanted)
        assert patch.reached.wait(10)
        somebody_else(emulator, "flows", flow.id, add_segment("s3"))
        patch.released.set()
        updating.result()
    assert "sent" not in capfd.readouterr().err


def test_a_switch_that_others_turned_already_is_not_said_to_be_turned(provide, ends, emulator, capfd):
    provider = provide(DataflowProvider)
    flow = provider.create(bag(provider, name="f", managedBy=owner("f"), enabled=False, **ends))
    emulator.store.act(PLACE, flow.id, "enable", "somebody")
    emulator.forget()
    updated(provide(DataflowProvider), flow.id, flow.outs, enabled=True)
    assert "switched" not in capfd.readouterr().err
    assert {call.method for call in emulator.calls} == {"GET"}


def test_a_preview_says_it_once_a_process(made, capfd):
    provider, flow = made
    wanted = {"segments": [{"id": "s2"}]}
    assert "- segment Region 05" in previewed(provider, flow.id, flow.outs, capfd, **wanted)[1]
    assert "- segment Region 05" not in previewed(provider, flow.id, flow.outs, capfd, **wanted)[1]


def test_what_should_not_be_overlooked_is_a_warning_of_its_own(made, capfd):
    provider, flow = made
    said = previewed(provider, flow.id, flow.outs, capfd, segments=[], enabled=False)[1]
    assert "warning: dataflow f: loses all of its 2 segments: nothing is sent any more" in said
    single = {**flow.outs, "segments": flow.outs["segments"][:1]}
    said_of_one = previewed(provider, flow.id, single, capfd, segments=[])[1]
    assert "warning: dataflow f: loses its only segment: nothing is sent any more" in said_of_one
    assert "warning: dataflow f: is switched off: nothing is sent until it is switched on again" in said
    paused = {**flow.outs, "enabled": False}
    said = previewed(provider, flow.id, paused, capfd, enabled=None)[1]
    assert "warning: dataflow f: enabled is no longer declared: it stays switched off, whatever others do" in said
    assert "~ enabled: switched on" in previewed(provider, flow.id, paused, capfd, enabled=True)[1]


def test_a_rotated_key_is_said_by_its_name_and_never_by_its_value(provide, account, emulator, capfd):
    provider = provide(BaseConnectionProvider)
    rotated = {"auth": {**AUTH, "params": {**AUTH["params"], "secretKey": "ROTATED-1"}}}
    emulator.forget()
    said = previewed(provider, account.id, account.outs, capfd, **rotated)[1]
    assert "base connection account: \n  ~ auth.secretKey\n" in said
    assert "ROTATED" not in said
    assert "TOPSECRET" not in said
    assert emulator.calls == []
    updated(provider, account.id, account.outs, **rotated)
    assert "base connection account: sent as shown" in capfd.readouterr().err


def test_parameters_are_said_with_both_values_and_secret_ones_by_their_name(provide, account, capfd):
    provider = provide(TargetConnectionProvider)
    common = {"baseConnectionId": account.id, "connectionSpecId": KINESIS, "managedBy": owner("t")}
    made = provider.create(bag(provider, name="t", **common, params={"stream": "a", "region": "r"}))
    provider = provide(TargetConnectionProvider)
    params = {"stream": "b", "region": "r"}
    assert (
        "target connection t: \n  ~ params.stream: a -> b\n" in previewed(provider, made.id, made.outs, capfd, params=params)[1]
    )
    hidden = {"params": {"stream": "HIDDEN", "region": "r"}, "secretInputs": ["params.stream"]}
    said = previewed(provide(TargetConnectionProvider), made.id, made.outs, capfd, **hidden)[1]
    assert "target connection t: \n  ~ params.stream\n" in said


def test_what_is_secret_is_so_also_in_a_state_of_a_release_that_did_not_mark_it(provide, emulator, account, capfd):
    provider = provide(TargetConnectionProvider)
    common = {"baseConnectionId": account.id, "connectionSpecId": KINESIS}
    made = provider.create(bag(provider, name="HIDDEN-1", **common, params={"stream": "HIDDEN-2", "region": "r"}))
    hidden = {"name": "HIDDEN-3", "params": {"stream": "HIDDEN-4", "region": "q"}, "secretInputs": ["name", "params.stream"]}
    provider = provide(TargetConnectionProvider)
    _, said = previewed(provider, made.id, made.outs, capfd, **hidden)
    assert said == "info: target connection [secret]: \n  ~ name\n  ~ params.stream\n  ~ params.region: r -> q\n\n"
    updated(provider, made.id, made.outs, **hidden)
    assert "HIDDEN" not in capfd.readouterr().err


def test_a_replacement_is_said_with_what_it_costs(made, capfd):
    provider, flow = made
    diff, said = previewed(provider, flow.id, flow.outs, capfd, flowSpecVersion="2.0")
    assert diff.replaces == ["flowSpecVersion"]
    assert "replaced, as flowSpecVersion changes; history is sent again, and until the old one is deleted both send" in said
    assert "~ flowSpecVersion: 1.0 -> 2.0" in said


def test_what_is_not_known_yet_is_said_to_be_so(made, provide, account, capfd):
    provider, flow = made
    unknown = pulumi.output.Unknown()
    said = previewed(provider, flow.id, flow.outs, capfd, segments=unknown, profileAttributes=[{"path": "c.d"}])[1]
    assert "~ segments: not known before up" in said
    assert "+ attribute c.d" in said
    assert "- segment" not in said
    target = provide(TargetConnectionProvider)
    common = {"baseConnectionId": account.id, "connectionSpecId": KINESIS}
    made_target = target.create(bag(target, name="t", **common, params={"stream": "a", "region": "r"}))
    changed = {"params": {"stream": unknown, "region": "q"}}
    said = previewed(provide(TargetConnectionProvider), made_target.id, made_target.outs, capfd, **changed)[1]
    assert "~ params.stream: not known before up" in said
    assert "~ params.region: r -> q" in said


def test_what_sends_nothing_is_not_said_to_be_sent(made, capfd):
    provider, flow = made
    diff, said = previewed(provider, flow.id, flow.outs, capfd, forceDestroy=True)
    assert diff.changes
    assert said == "info: dataflow f: \n  ~ forceDestroy: False -> True, which sends nothing\n\n"
    updated(provider, flow.id, flow.outs, forceDestroy=True)
    assert "sent" not in capfd.readouterr().err


def test_what_was_imported_gets_its_marker_with_the_next_patch_as_the_preview_says(made, emulator, capfd):
    provider, flow = made
    imported = {key: value for key, value in flow.outs.items() if key != "nonce"}
    live = emulator.store.load("EMULATOR@AdobeOrg/prod", "flows", flow.id)
    emulator.store.put("flows", "EMULATOR@AdobeOrg/prod", {key: value for key, value in live.items() if key != "description"})
    said = previewed(provider, flow.id, imported, capfd, segments=[{"id": "s2"}])[1]
    assert said == "info: dataflow f: \n  + description\n  - segment Region 05 (s1)\n\n"
    updated(provider, flow.id, imported, segments=[{"id": "s2"}])
    assert "dataflow f: sent as shown" in capfd.readouterr().err


def test_a_refresh_announces_nothing(made, capfd):
    provider, flow = made
    provider.read(flow.id, flow.outs)
    capfd.readouterr()
    provider.diff(flow.id, flow.outs, {**flow.outs, "segments": []})
    assert "- segment" not in capfd.readouterr().err

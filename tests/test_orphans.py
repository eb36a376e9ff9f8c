"""`aep-streaming orphans`: what carries a marker and belongs to no stack; deleted only with a person's word for each."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
from support.command import aep_streaming, as_json
from support.plain import MEN
from support.providing import PLACE, live_flow, somebody_else

from pulumi_aep_streaming.cli.orphans import Orphan, delete, orphans
from pulumi_aep_streaming.emulator import Fault

pytestmark = pytest.mark.usefixtures("as_environment")
MARKED = "Hi [pulumi:shop/prod/x#00000000.11111111]"


def export(*ids: str) -> Path:
    """Write what `pulumi stack export` would write of some dataflows."""
    kind = "pulumi-python:dynamic/aep:Dataflow"
    resources = [{"urn": f"urn:pulumi:prod::shop::{kind}::{id_}", "type": kind, "id": id_, "outputs": {}} for id_ in ids]
    path = Path(f"{'-'.join(ids) or 'empty'}.json")
    path.write_text(json.dumps({"version": 3, "deployment": {"resources": resources}}))
    return path


@pytest.fixture
def chain(by_hand):
    """A marked dataflow, on a marked account; the rest carries no marker."""
    account = by_hand.account(description=MARKED)
    flow = by_hand.flow("f", by_hand.profiles(), by_hand.stream("t", account), [MEN], [], description=MARKED)
    return flow, account


def test_orphans_are_marked_and_in_no_stack_dataflows_first(chain):
    flow, account = chain
    found = as_json("orphans", "--stack-export", str(export()), code=1)
    assert [(orphan["kind"], orphan["id"], orphan["owner"]) for orphan in found] == [
        ("flows", flow, "shop/prod/x#00000000"),
        ("connections", account, "shop/prod/x#00000000"),
    ]
    assert flow in aep_streaming("orphans", "--stack-export", str(export()), code=1)


def test_an_orphan_is_found_where_lists_leave_descriptions_out(chain, emulator):
    flow, account = chain
    find = emulator.store.find
    emulator.misbehave()
    emulator.store.find = lambda *arguments: [{**item, "description": None} for item in find(*arguments)]
    assert {orphan["id"] for orphan in as_json("orphans", "--stack-export", str(export()), code=1)} == {flow, account}


def test_what_any_stack_owns_is_no_orphan(chain):
    flow, account = chain
    one, two = export(flow), export(account)
    assert as_json("orphans", "--stack-export", str(one), "--stack-export", str(two)) == []
    assert "no orphans" in aep_streaming("orphans", "--stack-export", str(one), "--stack-export", str(two))


def test_nothing_is_deleted_without_a_person(chain, emulator):
    emulator.forget()
    text = aep_streaming("orphans", "--stack-export", str(export()), "--delete", code=2, said="y\ny\n")
    assert "there is no terminal" in text
    assert emulator.calls == []


def test_each_is_asked_for_and_one_in_use_stays(chain, service):
    flow, account = chain
    found = orphans(service, set(), lambda _: None)
    asked: list[Orphan] = []

    def only_the_account(orphan: Orphan) -> bool:
        asked.append(orphan)
        return orphan.id == account

    kept, refused = delete(service, found, only_the_account)
    assert kept[1] == "kept"
    assert refused[1].startswith("not deleted: ")
    assert [orphan.id for orphan in asked] == [flow, account]
    assert [outcome for _, outcome in delete(service, found, lambda _: True)] == ["deleted", "deleted"]
    assert orphans(service, set(), lambda _: None) == []


@pytest.mark.parametrize("text", ["", "[]", '{"deployment": {"resources": [{}]}}', '{"deployment": []}'])
def test_a_file_that_is_no_export_is_one_line_and_not_an_empty_stack(text):
    Path("x.json").write_text(text)
    result = aep_streaming("orphans", "--stack-export", "x.json", code=2)
    assert "x.json is no file that pulumi stack export wrote" in result
    assert "absent.json is no file" in aep_streaming("orphans", "--stack-export", "absent.json", code=2)


@pytest.mark.parametrize("odd", [{"id": ["x"]}, {"id": 5}, {"urn": {}}, {"outputs": ["x"]}, {"provider": ["x"]}])
def test_an_export_with_an_odd_resource_is_one_line(odd):
    path = export("f")
    content = json.loads(path.read_text())
    content["deployment"]["resources"][0].update(odd)
    path.write_text(json.dumps(content))
    text = aep_streaming("orphans", "--stack-export", str(path), code=2)
    assert text.startswith("error: f.json is no file that pulumi stack export wrote: ")
    assert text.count("\n") == 1


def test_a_person_and_a_machine_are_not_served_at_once(chain):
    text = aep_streaming("orphans", "--stack-export", str(export()), "--delete", "--json", code=2)
    assert "give one of them" in text


def becomes(marked: str) -> dict:
    return {"op": "replace", "path": "/description", "value": marked}


@pytest.mark.parametrize(
    ("meanwhile", "outcome"),
    [
        (becomes("Hi [pulumi:shop/prod/x#00000000.22222222]"), "carries the marker of shop/prod/x#00000000.22222222 by now"),
        (becomes("Hi [pulumi:toys/prod/y#00000001.11111111]"), "carries the marker of toys/prod/y#00000001.11111111 by now"),
        (becomes("Hi"), "carries no marker by now"),
        ({"op": "replace", "path": "/name", "value": "In use"}, "somebody changed it since it was listed"),
    ],
)
def test_what_has_become_somebodys_since_it_was_listed_is_left_alone(chain, service, emulator, meanwhile, outcome):
    flow, _ = chain
    found = orphans(service, set(), lambda _: None)

    def agreed_too_late(orphan: Orphan) -> bool:
        somebody_else(emulator, orphan.kind, orphan.id, meanwhile)
        return True

    (_, refused), _ = delete(service, found, agreed_too_late)
    assert refused.startswith("not deleted: ")
    assert outcome in refused
    assert refused.endswith("list orphans again")
    assert live_flow(emulator, flow)


BUSY = Fault(method="DELETE", status=400, body={"errorCode": "1416-400", "errorMessage": "busy"})


def test_what_becomes_somebodys_while_its_deletion_is_refused_for_a_state_that_ends_is_left_alone(
    chain, service, emulator, hourglass
):
    flow, _ = chain
    found = orphans(service, set(), lambda _: None)[:1]
    emulator.order(replace(BUSY))
    hourglass.asleep = lambda: somebody_else(emulator, "flows", flow, becomes("Hi"))
    ((_, outcome),) = delete(service, found, lambda _: True)
    assert outcome == "not deleted: it carries no marker by now, so it may be somebody's: list orphans again"
    assert live_flow(emulator, flow)


def test_what_goes_while_its_deletion_is_refused_is_said(chain, service, emulator, hourglass):
    flow, _ = chain
    found = orphans(service, set(), lambda _: None)[:1]
    emulator.order(replace(BUSY))
    hourglass.asleep = lambda: emulator.store.drop(flow)
    assert [outcome for _, outcome in delete(service, found, lambda _: True)] == ["it is gone already"]


@pytest.mark.parametrize("odd", [{"reset": True}, {"status": 200, "raw": "<html>"}, {"status": 200, "raw": "{}"}])
def test_one_that_is_not_answered_for_is_named_and_the_others_are_deleted(service, emulator, by_hand, odd):
    silent, other = by_hand.account("silent", description=MARKED), by_hand.account("other", description=MARKED)
    found = sorted(orphans(service, set(), lambda _: None), key=lambda orphan: orphan.id == other)
    emulator.misbehave()
    emulator.order(Fault(method="GET", path=f"/connections/{silent}", times=9, **odd))
    (first, lost), (second, deleted) = delete(service, found, lambda _: True)
    assert ([first.id, second.id], deleted) == ([silent, other], "deleted")
    assert lost.startswith("perhaps not deleted: ")


def test_what_is_gone_meanwhile_is_said_and_what_is_used_meanwhile_stays(service, emulator, by_hand):
    gone, used = by_hand.account("gone", description=MARKED), by_hand.account("used", description=MARKED)
    found = orphans(service, set(), lambda _: None)

    def used_by_now(orphan: Orphan) -> bool:
        if orphan.id == gone:
            emulator.store.drop(gone)
        else:
            by_hand.flow("f", by_hand.profiles(), by_hand.stream("t", used), [MEN], [])
        return True

    said = {orphan.id: outcome for orphan, outcome in delete(service, found, used_by_now)}
    assert said[gone] == "it is gone already"
    assert said[used].startswith("not deleted: dataflows use it: f (")
    assert emulator.store.load(PLACE, "connections", used)


def test_an_object_that_cannot_be_read_is_named_and_the_others_are_listed(chain, emulator):
    flow, account = chain
    emulator.misbehave()
    odd = {"id": 5, "name": "x", "description": MARKED}
    answer = json.dumps({"items": [odd, live_flow(emulator, flow)]})
    emulator.order(Fault(method="GET", path=r"/flows\?", status=200, raw=answer))
    text = aep_streaming("orphans", "--stack-export", str(export()), code=1)
    assert "flows 5 was answered with an unexpected id: it is left out" in text
    assert flow in text
    assert account in text

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from pulumi_aep_streaming._core.marker import Mark, bare, find, key_of, new_nonce, owner, sign

URN = "urn:pulumi:prod::shop::aep:index:StreamingDestination$pulumi-python:dynamic/aep:Dataflow::summer-flow"
NONCE = "77aa01fe"
TEXTS = st.text().filter(lambda text: "[pulumi:" not in text)


def test_an_owner_names_project_stack_and_resource_for_people_and_a_key_for_the_package():
    made = owner("acme", URN)
    assert made.startswith("shop/prod/summer-flow#")
    assert len(key_of(made)) == 8


def test_the_key_tells_organizations_stacks_projects_parents_and_kinds_apart():
    others = [
        URN.replace("prod", "dev"),
        URN.replace("shop", "store"),
        URN.replace("aep:index:StreamingDestination$", ""),
        URN.replace("Dataflow", "BaseConnection"),
        URN.replace("summer-flow", "winter-flow"),
    ]
    keys = {key_of(owner("acme", urn)) for urn in [URN, *others]} | {key_of(owner("other", URN))}
    assert len(keys) == 7


@given(TEXTS, st.text())
def test_a_signed_description_splits_into_what_it_was_made_of(text, name):
    mark = Mark(owner("acme", f"urn:pulumi:prod::shop::kind::{name}"), NONCE)
    signed = sign(text, mark)
    assert (bare(signed), find(signed)) == (text, mark)


@given(TEXTS)
def test_a_description_without_marker_is_itself(text):
    assert (bare(text), find(text)) == (text, None)


def test_signing_again_leaves_one_marker():
    first, second = Mark(owner("acme", URN), NONCE), Mark(owner("acme", URN), "00000000")
    assert sign(sign("text", first), second) == sign("text", second)


def test_a_marker_is_found_when_somebody_wrote_behind_it():
    mark = Mark(owner("acme", URN), NONCE)
    followed = sign("text", mark) + " and more"
    assert (bare(followed), find(followed)) == ("text and more", mark)


def test_nonces_differ():
    assert len({new_nonce() for _ in range(100)}) == 100

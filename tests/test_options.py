"""Options that name properties: spelled as state does, or refused; and those that a component cannot have."""

from __future__ import annotations

import re
from decimal import Decimal

import pulumi
import pytest
from hypothesis import given
from hypothesis import strategies as st
from support import under_mocks

import pulumi_aep_streaming as aep
from pulumi_aep_streaming._program.property_paths import Spelling

KINESIS = aep.KinesisAuthArgs(access_key_id="a", secret_key="TOPSECRET", region="r")


class Monitor(pulumi.runtime.mocks.MockMonitor):
    def __init__(self):
        super().__init__(under_mocks.Echo())
        self.asked = {}

    def RegisterResource(self, request):  # noqa: N802 (a method of the engine's service)
        self.asked[request.name] = request
        return super().RegisterResource(request)


@pytest.fixture
def registered():
    """Run a program under mocks; return what was registered, by name."""

    def run(program):
        monitor = Monitor()
        under_mocks.run(program, monitor)
        return monitor.asked

    return run


def account(**options):
    return aep.BaseConnection("b", auth=KINESIS, opts=pulumi.ResourceOptions(**options))


def spelled_out(**options):
    auth = {"access_key_id": "a", "secret_key": "TOPSECRET", "region": "r"}
    return aep.BaseConnection("b", auth=auth, opts=pulumi.ResourceOptions(**options))


def account_in_an_output(**options):
    return aep.BaseConnection("b", auth=pulumi.Output.secret(KINESIS), opts=pulumi.ResourceOptions(**options))


def account_elsewhere(**options):
    auth = aep.AuthArgs(spec_name="Token", params={"client_secret": "TOPSECRET"})
    return aep.BaseConnection("b", connection_spec_id="another", auth=auth, opts=pulumi.ResourceOptions(**options))


def target(**options):
    params = aep.KinesisTargetArgs(stream="s", region="r")
    return aep.TargetConnection("t", base_connection_id="i", params=params, opts=pulumi.ResourceOptions(**options))


def flow(**options):
    ids = {"source_connection_ids": ["s"], "target_connection_ids": ["t"]}
    return aep.Dataflow("f", **ids, opts=pulumi.ResourceOptions(**options))


def destination(**options):
    args = aep.KinesisDestinationArgs(stream="s", region="r", access_key_id="a", secret_key="k")
    return aep.StreamingDestination("d", destination=args, opts=pulumi.ResourceOptions(**options))


@pytest.mark.parametrize(
    ("declare", "name", "spelled"),
    [
        (flow, "source_connection_ids[0]", "sourceConnectionIds[0]"),
        (flow, "profileAttributes", "profileAttributes"),
        (flow, "segments[1].name", "segments[1].name"),
        (flow, "*", "*"),
        (flow, "__provider", "__provider"),
        (account, "auth", "auth"),
        (account, "auth.secret_key", "auth.params.secretKey"),
        (account, "auth.params.secret_key", "auth.params.secretKey"),
        (account, "auth.params.secretKey", "auth.params.secretKey"),
        (account, "auth.client_secret", "auth.params.clientSecretValue"),
        (account, "auth.params.event_hub_name", "auth.params.eventHubName"),
        (account, "auth.spec_name", "auth.specName"),
        (account, "auth.params", "auth.params"),
        (account, "auth.params.some_key", "auth.params.some_key"),
        (account, 'auth["params"]["secret_key"]', "auth.params.secretKey"),
        (account, "auth.*", "auth[*]"),
        (spelled_out, "auth.secret_key", "auth.params.secretKey"),
        (account_in_an_output, "auth.secret_key", "auth.params.secretKey"),
        (account_elsewhere, "auth.params.client_secret", "auth.params.client_secret"),
        (flow, "segments[*].system_segment_id", "segments[*].systemSegmentId"),
        (flow, "profile_attributes[0].mapping.some_key", "profileAttributes[0].mapping.some_key"),
        (target, 'params["a.b"]', 'params["a.b"]'),
        (target, "params.some_key", "params.some_key"),
        (target, "params.event_hub_name", "params.eventHubName"),
        (target, "sandbox_name", "sandboxName"),
    ],
)
def test_a_name_is_spelled_as_state_does(registered, declare, name, spelled):
    (request,) = [each for each in registered(lambda: declare(ignore_changes=[name])).values() if each.custom]
    assert list(request.ignoreChanges) == [spelled]


@pytest.mark.parametrize(
    ("options", "warned"),
    [
        ({"ignore_changes": ["segments[0].name", "enabled"]}, "segments[0].name"),
        ({"ignore_changes": ["profile_attributes[*].mapping"]}, "profileAttributes[*].mapping"),
        ({"ignore_changes": ["segments", "profile_attributes"]}, ""),
        ({"replace_on_changes": ["segments[*].name"]}, ""),
    ],
)
@pytest.mark.parametrize("declare", [flow, destination])
def test_to_ignore_by_position_what_has_no_order_is_a_warning(registered, caplog, declare, options, warned):
    registered(lambda: declare(**options))
    said = [line for line in caplog.messages if "goes by position" in line]
    assert len(said) == bool(warned)
    assert all(
        f"ignore_changes: {warned} goes by position, and {warned.partition('[')[0]} has no order" in line for line in said
    )


@pytest.mark.parametrize("option", ["ignore_changes", "replace_on_changes", "additional_secret_outputs"])
@pytest.mark.parametrize(
    ("declare", "name", "meant"),
    [
        (account, "auht", "auth"),
        (account, "secret_key", "auth.secret_key"),
        (account, "auth.secretkey", "auth.secret_key"),
        (flow, "segmets", "segments"),
        (flow, "profile_attribute[0]", "profile_attributes"),
        (target, "streams", None),
        (account, "auth.", "auth"),
        (account, " auth", "auth"),
        (account, ".auth", "auth"),
        (account, "auth[0]", "auth"),
        (account, "auth.params.secretKeyy", "auth.params.secretKey"),
        (spelled_out, "auth.params.secretKeyy", "auth.params.secretKey"),
        (account_in_an_output, "auth.params.secretKeyy", "auth.params.secretKey"),
        (account_elsewhere, "auth.params.clientSecret", "auth.params.client_secret"),
        (target, "params.strem", "params.stream"),
        (target, "params.Stream", "params.stream"),
        (target, "params.stream.x", "params.stream"),
        (flow, "segments[0].nme", "segments[0].name"),
        (flow, "segments[*].Name", "segments[*].name"),
        (flow, "segments.name", r"segments[*].name"),
        (flow, "segments[-1]", "segments"),
        (flow, "name.x", "name"),
        (flow, None, None),
    ],
)
def test_a_name_that_is_no_property_is_refused_with_the_one_that_was_meant(registered, declare, name, meant, option):
    near = re.escape(f", did you mean {meant}?") if meant else ""
    with pytest.raises(pulumi.RunError, match=rf"^[bft]: {option}: .* is no property{near}"):
        registered(lambda: declare(**{option: [name]}) and None)


@given(st.text(st.characters(exclude_characters="\\"), min_size=1))
def test_a_declared_key_of_any_spelling_can_be_named_and_is_then_spelled_as_it_will_stay(key):
    spelling = Spelling({"params": {key: "x"}}, {"params": ...})
    spelled = spelling.in_state('params["{}"]'.format(key.replace('"', '\\"')))
    assert spelling.in_state(spelled) == spelled


@pytest.mark.parametrize("declare", [account, destination])
def test_names_that_are_no_list_are_refused(registered, declare):
    with pytest.raises(pulumi.RunError, match="^[bd]: ignore_changes: must be a list of names of properties, and is 'auth'"):
        registered(lambda: declare(ignore_changes="auth"))


@pytest.mark.parametrize("name", ["client_secret", "clientSecret", "aep:clientSecret"])
def test_a_name_of_an_explicit_provider_is_spelled_as_its_state_does(registered, name):
    options = pulumi.ResourceOptions(ignore_changes=[name])
    asked = registered(lambda: aep.Provider("p", client_secret="TOPSECRET", opts=options) and None)
    assert list(asked["p"].ignoreChanges) == ["aep:clientSecret"]


def test_a_name_that_is_none_of_an_explicit_provider_is_refused(registered):
    with pytest.raises(pulumi.RunError, match="p: ignore_changes: client_secrt is no property, did you mean client_secret"):
        registered(lambda: aep.Provider("p", opts=pulumi.ResourceOptions(ignore_changes=["client_secrt"])))


def secret_inputs(request):
    return pulumi.runtime.rpc.deserialize_properties(request.object).get("secretInputs")


def test_what_the_options_mark_as_secret_is_told_to_the_provider_as_what_the_program_marks(registered):
    asked = registered(lambda: account(additional_secret_outputs=["name", "auth", "sandbox_name", "id"]))
    assert secret_inputs(asked["b"]) == ["name", "sandboxName"]
    assert secret_inputs(registered(account)["b"]) is None

    def both():
        ids = {"source_connection_ids": ["s"], "target_connection_ids": [pulumi.Output.secret("t")]}
        aep.Dataflow("f", **ids, opts=pulumi.ResourceOptions(additional_secret_outputs=["segments[0].name"]))

    assert secret_inputs(registered(both)["f"]) == ["segments", "targetConnectionIds"]


@pytest.mark.parametrize(
    ("value", "line"),
    [
        (Decimal(1), ": Decimal is no value that it can have"),
        ([2**2000], r"\[0\]: no number that the engine can carry; pass it as text"),
        ({1: 2}, ": the key 1 must be a string"),
        ({"k": "x\ud800"}, r"\.k: holds half a character \(a lone surrogate\), which cannot be sent"),
        ({"\ud800": "x"}, r": holds half a character \(a lone surrogate\), which cannot be sent"),
    ],
)
@pytest.mark.parametrize("later", [False, True])
def test_what_cannot_be_sent_is_one_line_with_its_path_also_in_an_output(registered, value, line, later):
    def program():
        given = pulumi.Output.secret(1).apply(lambda _: value) if later else value
        aep.TargetConnection("t", base_connection_id="b", connection_spec_id="c", params={"n": given})

    with pytest.raises(pulumi.RunError, match=rf"^t: params\.n{line}$"):
        registered(program)


def test_half_a_character_in_a_name_is_one_line(registered):
    with pytest.raises(pulumi.RunError, match=r"^b: name: holds half a character"):
        registered(lambda: aep.BaseConnection("b", name="\ud800", auth=KINESIS))


@pytest.mark.parametrize(("id_", "line"), [(5, "must be a string, not int"), (None, "required, but it is None")])
def test_a_reference_by_what_is_no_id_is_refused(registered, id_, line):
    for as_input in (lambda: id_, lambda: pulumi.Output.from_input(id_), lambda: pulumi.Output.secret(id_)):
        with pytest.raises(pulumi.RunError, match=f"^x: id: {line}$"):
            registered(lambda as_input=as_input: aep.Dataflow.get("x", as_input()) and None)


def test_what_a_component_is_to_ignore_is_ignored_by_its_dataflow(registered):
    asked = registered(lambda: destination(ignore_changes=["segments", "profile_attributes[0]", "enabled", "name"]))
    assert list(asked["d-flow"].ignoreChanges) == ["segments", "profileAttributes[0]", "enabled", "name"]
    assert [list(asked[f"d-{role}"].ignoreChanges) for role in ("base", "target", "source", "profile")] == [[]] * 4


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("segmets", "segments"),
        ("segments[0].nme", "segments[0].name"),
        ("destination", ""),
        ("auth", ""),
        ("source_connection_ids[0]", ""),
        ("*", ""),
        (None, ""),
    ],
)
def test_what_a_component_cannot_ignore_is_refused_before_it_has_a_child(registered, name, meant):
    near = re.escape(f", did you mean {meant}?") if meant else ""
    with pytest.raises(
        pulumi.RunError, match=f"^d: ignore_changes: .* is nothing that a StreamingDestination can ignore{near}"
    ):
        registered(lambda: destination(ignore_changes=[name]))


@pytest.mark.parametrize("option", ["replace_on_changes", "additional_secret_outputs"])
def test_other_names_of_a_component_go_to_its_dataflow_or_are_refused(registered, option):
    asked = registered(lambda: destination(**{option: ["profile_attributes"]}) and None)
    sent = {"replace_on_changes": "replaceOnChanges", "additional_secret_outputs": "additionalSecretOutputs"}[option]
    assert list(getattr(asked["d-flow"], sent)) == ["profileAttributes"]
    with pytest.raises(pulumi.RunError, match=f"d: {option}: dataflow_id is nothing that .* hands on to its dataflow"):
        registered(lambda: destination(**{option: ["dataflow_id"]}))


def test_of_a_component_only_the_dataflow_is_deleted_before_it_is_replaced(registered):
    asked = registered(lambda: destination(delete_before_replace=True) and None)
    assert [name for name, request in asked.items() if request.custom and request.deleteBeforeReplace] == ["d-flow"]


def test_timeouts_of_a_component_are_those_of_all_its_children(registered):
    asked = registered(lambda: destination(custom_timeouts=pulumi.CustomTimeouts(create="5m")) and None)
    assert {request.customTimeouts.create for request in asked.values() if request.custom} == {"5m"}


@pytest.mark.parametrize("option", ["id", "urn"])
def test_a_component_cannot_be_read(registered, option):
    with pytest.raises(
        pulumi.RunError, match=f"^d: {option}: a component cannot be read: refer to its dataflow, by Dataflow.get"
    ):
        registered(lambda: destination(**{option: "x"}))


def test_neither_a_resource_nor_a_component_can_be_imported_by_an_option(registered):
    with pytest.raises(pulumi.RunError, match="b: import_: .*: give adopt_id='x', or run aep-streaming adopt"):
        registered(lambda: account(import_="x"))
    with pytest.raises(pulumi.RunError, match="d: import_: .*: run aep-streaming adopt, which imports its children"):
        registered(lambda: destination(import_="x"))


def test_options_of_the_program_are_left_as_they_are(registered):
    options = pulumi.ResourceOptions(ignore_changes=["source_connection_ids"])
    ids = {"source_connection_ids": ["s"], "target_connection_ids": ["t"]}
    registered(lambda: aep.Dataflow("f", **ids, opts=options) and None)
    assert options.ignore_changes == ["source_connection_ids"]

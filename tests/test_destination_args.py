"""What a component makes of its destination: the credentials of the account, the parameters of the target."""

from __future__ import annotations

import pulumi
import pytest
from google.protobuf import json_format
from support import under_mocks

import pulumi_aep_streaming as aep

SAS = "Azure EventHub authentication credentials"
ENTRA = "Event Hub Azure Active Directory Auth"
SCOPED = "Event Hub Scoped Azure Active Directory Auth"
PRINCIPAL = {"tenant_id": "t", "client_id": "c", "client_secret": "TOPSECRET", "namespace": "s"}
SENT = {"tenantId": "t", "clientId": "c", "clientSecretValue": "TOPSECRET", "namespace": "s"}
SAS_SENT = {"sasKeyName": "n", "sasKey": "TOPSECRET", "namespace": "s"}
POLICY = {"sas_key_name": "n", "sas_key": "TOPSECRET", "namespace": "s"}
NEW = "Azure Event Hub service principal based"


SECRET = "4dabf18193072939515e22adb298388d"  # what marks a secret in a property bag
# https://www.pulumi.com/docs/iac/guides/building-extending/providers/implementers/ ("special signature values")


class Monitor(pulumi.runtime.mocks.MockMonitor):
    """Keeps the properties of each resource, with what is secret marked."""

    def __init__(self):
        super().__init__(under_mocks.Echo())
        self.bags = {}

    def RegisterResource(self, request):  # noqa: N802 (a method of the engine's service)
        self.bags[request.name] = json_format.MessageToDict(request.object)
        return super().RegisterResource(request)


def registered(program):
    monitor = Monitor()
    under_mocks.run(program, monitor)
    return monitor.bags


def in_clear(value):
    """A value without the marks."""
    if not isinstance(value, dict):
        return value
    return in_clear(value["value"]) if SECRET in value else {key: in_clear(member) for key, member in value.items()}


def secrets(value, path=""):
    """The paths that are marked."""
    if not isinstance(value, dict):
        return set()
    if SECRET in value:
        return {path}
    return {found for key, member in value.items() for found in secrets(member, f"{path}.{key}".lstrip("."))}


def of_component(destination, **arguments):
    """What the account has as credentials, and all of the target."""
    bags = registered(lambda: aep.StreamingDestination("d", destination=destination(), segments=[], **arguments) and None)
    return bags.get("d-base", {}).get("auth"), bags["d-target"]


def later(value):
    return pulumi.Output.from_input(value)


@pytest.mark.parametrize(
    ("auth", "name", "sent", "secret"),
    [
        (aep.EventHubsEntraAuthArgs(**PRINCIPAL), ENTRA, SENT, "clientSecretValue"),
        (aep.EventHubsEntraAuthArgs(**PRINCIPAL, spec_name=NEW), NEW, SENT, "clientSecretValue"),
        (
            aep.EventHubsScopedEntraAuthArgs(**PRINCIPAL, event_hub_name="h"),
            SCOPED,
            {**SENT, "eventHubName": "h"},
            "clientSecretValue",
        ),
        (aep.EventHubsAuthArgs(**POLICY, event_hub_name="h"), SAS, {**SAS_SENT, "eventHubName": "h"}, "sasKey"),
    ],
)
def test_typed_credentials_are_sent_in_the_spelling_of_the_spec_with_what_is_secret_marked(auth, name, sent, secret):
    bag, target = of_component(lambda: aep.EventHubsDestinationArgs(event_hub_name="h", auth=auth))
    assert in_clear(bag) == {"specName": name, "params": sent}
    assert secrets(bag) == {f"params.{secret}"}
    assert target["params"] == {"eventHubName": "h"}
    assert "TOPSECRET" not in repr(auth)


@pytest.mark.parametrize(
    ("arguments", "name"),
    [
        (PRINCIPAL, ENTRA),
        ({**PRINCIPAL, "spec_name": NEW}, NEW),
        ({**PRINCIPAL, "event_hub_name": "h"}, SCOPED),
        ({**POLICY, "event_hub_name": "h"}, SAS),
        (POLICY, SAS),
        ({"spec_name": NEW, "params": {"k": "TOPSECRET"}}, NEW),
    ],
)
@pytest.mark.parametrize("as_given", [dict, later])
def test_a_dict_is_spelled_like_the_args_that_it_stands_for_and_is_secret_as_a_whole(arguments, name, as_given):
    auth, _ = of_component(lambda: {"event_hub_name": "h", "auth": as_given(arguments)})
    assert in_clear(auth)["specName"] == name
    assert secrets(auth) == {""}


def test_what_args_of_an_authentication_that_is_not_known_need_is_asked_for_in_the_program():
    lacking = {**PRINCIPAL, "tenant_id": None}
    with pytest.raises(pulumi.RunError, match="b: auth.tenant_id: required, but it is None"):
        registered(lambda: aep.BaseConnection("b", auth=aep.EventHubsEntraAuthArgs(**lacking, spec_name=NEW)) and None)


def test_a_name_of_an_authentication_that_is_none_is_the_known_one():
    auth = {**PRINCIPAL, "spec_name": None}
    assert in_clear(of_component(lambda: {"event_hub_name": "h", "auth": auth})[0])["specName"] == ENTRA


def test_the_policy_of_the_namespace_is_for_no_hub_in_particular():
    auth, target = of_component(lambda: aep.EventHubsDestinationArgs(event_hub_name="h", **POLICY))
    assert in_clear(auth)["params"] == {"sasKeyName": "n", "sasKey": "TOPSECRET", "namespace": "s"}
    assert target["params"] == {"eventHubName": "h"}


def test_an_endpoint_stands_in_the_credentials_instead_of_the_region():
    common = {"stream": "s", "region": "us-west-2", "access_key_id": "a", "secret_key": "TOPSECRET"}
    auth, target = of_component(lambda: aep.KinesisDestinationArgs(**common, connection_url="https://vpce.example.com"))
    url = {"connectionUrl": "https://vpce.example.com"}
    assert in_clear(auth)["params"] == {"accessKeyId": "a", "secretKey": "TOPSECRET", **url}
    assert target["params"] == {"stream": "s", "region": "us-west-2"}


@pytest.mark.parametrize("as_given", [dict, later], ids=["plain", "output"])
def test_further_parameters_are_sent_as_they_are_beside_those_that_are_arguments(as_given):
    further, at = {"includeSegmentNames": True}, {"stream": "s", "region": "us-west-2"}
    _, target = of_component(lambda: aep.KinesisDestinationArgs(**at, params=as_given(further)), base_connection="b")
    assert target["params"] == {**at, "includeSegmentNames": True}
    _, target = of_component(
        lambda: aep.EventHubsDestinationArgs(event_hub_name="h", params=as_given(further)), base_connection="b"
    )
    assert target["params"] == {"eventHubName": "h", "includeSegmentNames": True}


NOWHERE = {
    "left out": (dict, [[]]),
    "None": (lambda: {"params": None}, [[]]),
    "an Output of None": (lambda: {"params": later(None)}, [[]]),
    "none": (lambda: {"params": {}}, None),
    "a member": (lambda: {"params": {"a": True, "b": None}}, [["b"]]),
    "an Output of a member": (lambda: {"params": {"a": later("x"), "b": later(None)}}, [["b"]]),
    "a member of an Output": (lambda: {"params": later({"a": True, "b": None, "c": {"d": later(None)}})}, [["b"], ["c", "d"]]),
}


@pytest.mark.parametrize("as_given", [lambda args: args, later], ids=["plain", "output"])
@pytest.mark.parametrize("case", NOWHERE)
def test_a_provider_is_told_which_parameters_are_none_in_the_program(case, as_given):
    further, nowhere = NOWHERE[case]
    _, target = of_component(
        lambda: as_given(aep.EventHubsDestinationArgs(event_hub_name="h", **further())), base_connection="b"
    )
    assert target.get("noneParams") == nowhere
    assert target["params"]["eventHubName"] == "h"


def test_what_is_not_known_before_up_is_not_taken_for_none():
    unknown = pulumi.Output.from_input(pulumi.output.UNKNOWN)
    bags = []

    class Cloud(under_mocks.Echo):
        def new_resource(self, args):
            bags.append(args.inputs)
            return super().new_resource(args)

    params = {"a": unknown, "b": {"c": unknown, "d": None}, "e": pulumi.Output.all(unknown, None)}
    program = lambda: aep.TargetConnection("t", base_connection_id="b", connection_spec_id="x", params=params) and None  # noqa: E731
    under_mocks.run(program, mocks=Cloud(), preview=True)
    assert [bag["noneParams"] for bag in bags] == [[["b", "d"]]]


def test_a_further_parameter_that_is_an_argument_is_refused():
    destination = aep.KinesisDestinationArgs(stream="s", region="us-west-2", params={"stream": "t"})
    with pytest.raises(pulumi.RunError, match="d: destination: params.stream is the argument stream; declare it there"):
        destination.target_params("d: destination")


def test_secret_parameters_of_any_other_destination_are_those_of_its_target():
    args = aep.DestinationArgs(connection_spec_id="x", params={"k": 1}, secret_params={"token": "TOPSECRET"})
    _, target = of_component(lambda: args, base_connection="b")
    assert target["params"] == {"k": 1}
    assert in_clear(target["secretParams"]) == {"token": "TOPSECRET"}
    assert secrets(target) == {"secretParams"}
    assert "TOPSECRET" not in repr(args)


@pytest.mark.parametrize("given", ["namespace", "sas_key_name", "sas_key"])
def test_a_policy_beside_other_credentials_is_refused(given):
    auth = aep.EventHubsEntraAuthArgs(**PRINCIPAL)
    with pytest.raises(pulumi.RunError, match=f"d: destination: {given} stands beside auth; give one of the two"):
        of_component(lambda: aep.EventHubsDestinationArgs(event_hub_name="h", auth=auth, **{given: "x"}))


def test_credentials_beside_a_shared_account_are_refused():
    auth = aep.EventHubsEntraAuthArgs(**PRINCIPAL)
    with pytest.raises(pulumi.RunError, match="auth belongs to the shared base connection; declare it there"):
        of_component(lambda: aep.EventHubsDestinationArgs(event_hub_name="h", auth=auth), base_connection="b")


def test_all_credentials_beside_a_shared_account_are_named_at_once():
    key = {"access_key_id": "a", "secret_key": "TOPSECRET"}
    all_of_it = "access_key_id, secret_key belong to the shared base connection; declare them there"
    with pytest.raises(pulumi.RunError, match=all_of_it):
        of_component(lambda: aep.KinesisDestinationArgs(stream="s", region="us-west-2", **key), base_connection="b")


OTHER = "d: destination: event_hub_name is another hub than the one that the credentials are for"
# Each is made anew: an Output is of the program in which it is made.
CREDENTIALS = {
    "args": lambda: aep.EventHubsAuthArgs(**POLICY, event_hub_name="h"),
    "a dict": lambda: {**PRINCIPAL, "event_hub_name": "h"},
    "secret": lambda: aep.AuthArgs(spec_name=SCOPED, params={**SENT, "eventHubName": "h"}),
    "plain": lambda: aep.AuthArgs(spec_name=SCOPED, params=SENT, plain_params={"eventHubName": "h"}),
}
IN_OUTPUTS = {
    "an Output in args": lambda: aep.EventHubsAuthArgs(**POLICY, event_hub_name=later("h")),
    "an Output of a dict": lambda: later({**PRINCIPAL, "event_hub_name": "h"}),
    "an Output of parameters": lambda: aep.AuthArgs(spec_name=SCOPED, params=later({**SENT, "eventHubName": "h"})),
}


@pytest.mark.parametrize("auth", CREDENTIALS.values(), ids=CREDENTIALS)
def test_hubs_of_credentials_and_target_that_disagree_are_refused(auth):
    with pytest.raises(pulumi.RunError, match=OTHER):
        of_component(lambda: aep.EventHubsDestinationArgs(event_hub_name="another", auth=auth()))
    in_the_specs_words = {"connection_spec_id": aep.ConnectionSpecId.AZURE_EVENT_HUBS, "params": {"eventHubName": "another"}}
    with pytest.raises(pulumi.RunError, match=OTHER):
        of_component(lambda: aep.DestinationArgs(**in_the_specs_words, auth=auth()))


@pytest.mark.parametrize("auth", [*CREDENTIALS.values(), *IN_OUTPUTS.values()], ids=[*CREDENTIALS, *IN_OUTPUTS])
@pytest.mark.parametrize("as_given", [str, str.upper, later])
def test_hubs_of_credentials_and_target_that_agree_are_no_word_worth(auth, as_given):
    _, target = of_component(lambda: aep.EventHubsDestinationArgs(event_hub_name=as_given("h"), auth=auth()))
    assert target["params"]["eventHubName"] in {"h", "H"}


@pytest.mark.parametrize("as_given", [lambda args: args, later], ids=["plain", "output"])
def test_a_hub_that_a_shared_account_is_for_is_sent_as_it_is(as_given):
    def program():
        account = aep.BaseConnection("account", auth=CREDENTIALS["args"]())
        destination = as_given(aep.EventHubsDestinationArgs(event_hub_name="h"))
        aep.StreamingDestination("d", destination=destination, base_connection=account, segments=[])

    assert registered(program)["d-target"]["params"] == {"eventHubName": "h"}

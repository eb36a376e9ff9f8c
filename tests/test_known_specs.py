"""What the package knows of connection specs advises: slips and gaps are errors, what may be new passes with one warning."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.providing import KINESIS, KNOWN

from pulumi_aep_streaming._core.changes import UNKNOWN, differences
from pulumi_aep_streaming._core.inputs import check
from pulumi_aep_streaming._core.kinds.base_connection import BaseConnectionInputs, BaseConnectionKind
from pulumi_aep_streaming._core.kinds.target_connection import TargetConnectionInputs
from pulumi_aep_streaming._core.specs import Keys, misspelt

HUBS = "bf9f5905-92b7-48bf-bf20-455bc6b60a4e"
SAS = "Azure EventHub authentication credentials"
ENTRA = "Event Hub Azure Active Directory Auth"
SCOPED = "Event Hub Scoped Azure Active Directory Auth"
NEW = "Azure Event Hub service principal based"
SAS_PARAMS = {"sasKeyName": "n", "sasKey": "TOPSECRET", "namespace": "s"}
ENTRA_PARAMS = {"tenantId": "t", "clientId": "c", "clientSecretValue": "TOPSECRET", "namespace": "s"}
KINESIS_KEYS = KNOWN.targets[KINESIS]
SAS_KEYS = KNOWN.authentications[HUBS][SAS]
KNOWN_WORDS = st.sampled_from(sorted({*KINESIS_KEYS.known, *SAS_KEYS.known}))


def account(name, params, state=None, **more):
    """Check credentials of Event Hubs."""
    auth = {"specName": name, "params": params, **more}
    return check(BaseConnectionInputs, KNOWN, {"name": "b", "connectionSpecId": HUBS, "auth": auth}, state or {})


def stream(params, state=None, spec=KINESIS):
    """Check the parameters of a target."""
    desired = {
        "name": "t",
        "baseConnectionId": "6a0d3b1e-0d2c-4a53-9f0e-2b7f1c5d8e01",
        "connectionSpecId": spec,
        "params": params,
    }
    return check(TargetConnectionInputs, KNOWN, desired, state or {})


@pytest.mark.parametrize(
    ("word", "meant"),
    [
        ("secretkey", "secretKey"),
        ("secret_key", "secretKey"),
        ("SecretKey", "secretKey"),
        ("secretKye", "secretKey"),
        ("sasKeyname", "sasKeyName"),
        ("accesKeyId", "accessKeyId"),
        ("streem", "stream"),
        ("streams", "stream"),
        ("eventhub_name", "eventHubName"),
        ("Azure EventHub authentication credential", SAS),
        ("Azure Event Hub Authentication Credentials", SAS),
        ("Event Hub Azure Active Directory auth", ENTRA),
    ],
)
def test_a_slip_is_told(word, meant):
    known = ("stream", "region", "accessKeyId", "secretKey", *SAS_KEYS.known, *KNOWN.authentications[HUBS])
    assert misspelt(word, known) == meant


@pytest.mark.parametrize(
    "word",
    [
        "includeSegmentNames",
        "includeMappedAudiencesOnly",
        "eventHubPartitionKey",
        "eventHubNamespace",
        "streamName",
        "sasKey2",
        "regionId",
        "",
        NEW,
        "Event Hub Azure Active Directory Authentication",
        "Event Hub Azure Active Directory Auth v2",
    ],
)
def test_what_may_be_a_name_of_its_own_is_no_slip(word):
    known = ("stream", "region", "accessKeyId", "secretKey", *SAS_KEYS.known, *KNOWN.authentications[HUBS])
    assert misspelt(word, known) == ""


@given(KNOWN_WORDS, st.integers(0, 20), st.sampled_from("abcxyz_- "))
def test_one_letter_more_in_whatever_place_is_a_slip(word, position, letter):
    assert misspelt(word[:position] + letter + word[position:], [word]) == word


@given(KNOWN_WORDS, st.text(alphabet="abcdefgh", min_size=2, max_size=8))
def test_two_letters_more_at_the_end_are_none(word, ending):
    assert misspelt(word + ending, [word]) == ""


@pytest.mark.parametrize("key", ["includeSegmentNames", "includeMappedAudiencesOnly", "streamName"])
def test_a_parameter_that_may_be_new_passes_with_one_warning_where_a_change_brings_it(key):
    params = {"stream": "s", "region": "us-west-2", key: True}
    found = stream(params)
    assert (found.problems, found.warnings) == (
        [],
        [f"params.{key}: no key that this package knows here; it is sent as it is"],
    )
    assert found.inputs["params"] == params
    again = stream({**params, key: False, "stream": "t"}, found.inputs)
    assert (again.problems, again.warnings) == ([], [])


def test_a_slip_that_state_has_already_is_let_be():
    params = {"stream": "s", "region": "us-west-2", "streams": "x"}
    assert stream(params).problems == ["params.streams: unknown key, did you mean stream?"]
    state = {"connectionSpecId": KINESIS, "params": params}
    assert stream({**params, "streams": "y"}, state).problems == []


def test_where_a_key_is_missing_what_is_a_little_like_it_is_said_to_be_meant():
    assert stream({"streamName": "s", "region": "us-west-2"}).problems == [
        "params.streamName: unknown key, did you mean stream?",
        "params.stream: required",
    ]


@pytest.mark.parametrize("value", [5, True, ["s"], {"name": "s"}])
def test_a_known_key_of_another_type_is_an_error(value):
    assert stream({"stream": value, "region": "us-west-2"}).problems == ["params.stream: must be a string"]
    assert account(SAS, {**SAS_PARAMS, "eventHubName": value}).problems == ["auth.eventHubName: must be a string"]


def test_a_name_has_no_space_at_its_ends_and_is_no_address():
    region = {"region": "us-west-2"}
    assert stream({"stream": "s ", **region}).problems == ["params.stream: begins or ends with a space"]
    stored = {"connectionSpecId": KINESIS, "params": {"stream": " s", **region}}
    assert stream({"stream": " s", **region}, stored).problems == []
    assert account(SAS, {**SAS_PARAMS, "namespace": "shop.servicebus.windows.net"}).problems == [
        "auth.namespace: is an address, and the name is wanted: what stands before .servicebus.windows.net"
    ]


def test_each_authentication_of_a_spec_has_keys_of_its_own():
    assert account(SAS, SAS_PARAMS).problems == account(ENTRA, ENTRA_PARAMS).problems == []
    assert account(SCOPED, {**ENTRA_PARAMS, "eventHubName": "h"}).problems == []
    assert account(SCOPED, ENTRA_PARAMS).problems == ["auth.eventHubName: required"]
    problems = account(ENTRA, SAS_PARAMS).problems
    assert problems == [f"auth.{key}: required" for key in ("tenantId", "clientId", "clientSecretValue")]
    assert account(ENTRA, {**ENTRA_PARAMS, "clientSecretvalue": "x"}).problems == [
        "auth.clientSecretvalue: unknown key, did you mean clientSecretValue?"
    ]


def test_an_authentication_that_may_be_new_passes_with_one_warning_where_a_change_brings_it():
    line = "auth.spec_name: is no authentication of Azure Event Hubs that this package knows; it is sent as it is"
    found = account(NEW, {"tenantId": "t"})
    assert (found.problems, found.warnings) == ([], [line])
    again = account(NEW, {"tenantId": "u"}, found.inputs)
    assert (again.problems, again.warnings) == ([], [])


def test_credentials_with_the_keys_of_a_known_authentication_are_checked_like_those_whatever_it_is_called():
    assert account(NEW, {**ENTRA_PARAMS, "tenantId": 5}).problems == ["auth.tenantId: must be a string"]
    assert account(NEW, {**ENTRA_PARAMS, "namespace": ""}).problems == ["auth.namespace: must not be empty"]
    assert account(NEW, {**ENTRA_PARAMS, "more": 5}).problems == []


def changed(new, old):
    """What differs, in the eyes of a diff, between credentials and those in state."""
    kind = BaseConnectionKind(KNOWN)
    desired, state = (account(**auth).inputs for auth in (new, old))
    return differences(BaseConnectionInputs, desired, {**state, **kind.restated(desired, state)}).changed


@pytest.mark.parametrize("plain", [(), ("tenantId",), ("tenantId", "clientId", "namespace")])
@pytest.mark.parametrize("name", [ENTRA, NEW])
def test_credentials_that_get_args_of_their_own_are_no_difference(name, plain):
    params = {key: value for key, value in ENTRA_PARAMS.items() if key not in plain}
    apart = {"name": name, "params": params, "plainParams": {key: ENTRA_PARAMS[key] for key in plain}}
    typed = {"name": name, "params": ENTRA_PARAMS}
    assert changed(typed, apart) == changed(apart, typed) == []
    assert changed({**typed, "params": {**ENTRA_PARAMS, "clientSecretValue": "TOPSECRET-2"}}, apart) == ["auth"]
    assert changed({**typed, "params": {**ENTRA_PARAMS, "tenantId": "u"}}, apart) == ["auth"]
    assert changed({**typed, "params": {**ENTRA_PARAMS, "tenantId": UNKNOWN}}, apart) == ["auth"]


def test_a_credential_that_becomes_secret_is_a_difference_as_state_has_to_hide_it():
    params = {key: value for key, value in ENTRA_PARAMS.items() if key != "clientSecretValue"}
    shown = {"name": ENTRA, "params": params, "plainParams": {"clientSecretValue": "TOPSECRET"}}
    assert changed({"name": ENTRA, "params": ENTRA_PARAMS}, shown) == ["auth"]


def test_credentials_of_the_authentication_that_an_account_was_moved_to_must_be_whole():
    state = {"name": "b", "connectionSpecId": HUBS, "connectionSpecVersion": "1.0", "auth": {"specName": ENTRA}}
    assert account(ENTRA, ENTRA_PARAMS, state).problems == []
    assert account(ENTRA, {"tenantId": "t"}, state).problems == [
        f"auth.{key}: required" for key in ("clientId", "clientSecretValue", "namespace")
    ]


@given(st.dictionaries(st.text(max_size=12), st.text(min_size=1, max_size=5), max_size=4))
def test_a_key_is_said_to_be_wrong_or_to_be_new_and_never_both(more):
    keys = Keys(required=("stream",), optional=("connectionUrl",))
    params = {"stream": "s", **more}
    wrong = {line.partition(": unknown key")[0] for line in keys.problems("p", params, None) if "unknown key" in line}
    new = {line.partition(": no key")[0] for line in keys.warnings("p", params, None)}
    assert wrong.isdisjoint(new)
    assert wrong | new == {f"p.{key}" for key in params.keys() - {"stream", "connectionUrl"}}

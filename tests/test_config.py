from __future__ import annotations

import threading

import pytest
from pulumi.dynamic import Config, ConfigureRequest

from pulumi_aep_streaming._core.clients import client_for
from pulumi_aep_streaming._core.settings import CREDENTIALS, KEYS, PLACES, load, unknown
from pulumi_aep_streaming.dataflow import DataflowProvider
from pulumi_aep_streaming.flow_service.errors import Misconfigured


@pytest.mark.parametrize("key", ["clientId", "clientSecret", "accessToken"])
def test_for_credentials_the_environment_wins(key):
    variable = CREDENTIALS[key]
    assert load({f"aep:{key}": "config"}, {variable: "environment"}).get(key) == "environment"
    assert load({f"aep:{key}": "config"}, {}).get(key) == "config"
    assert load({f"aep:{key}": "config"}, {variable: "environment"}).warnings == ()


@pytest.mark.parametrize("key", ["orgId", "sandboxName", "endpoint", "imsEndpoint"])
def test_for_places_the_stack_wins_and_a_contradiction_is_one_warning_that_names_both(key):
    variable = PLACES[key]
    both = load({f"aep:{key}": "config"}, {variable: "environment"})
    assert both.get(key) == "config"
    (warning,) = both.warnings
    assert "config" in warning
    assert "environment" in warning
    assert load({}, {variable: "environment"}).get(key) == "environment"


def test_an_empty_variable_is_an_absent_one():
    assert load({"aep:sandboxName": "dev"}, {"AEP_SANDBOX_NAME": ""}).get("sandboxName") == "dev"


def test_the_documented_defaults():
    settings = load({}, {})
    assert settings.get("endpoint") == "https://platform.adobe.io"
    assert settings.get("imsEndpoint") == "https://ims-na1.adobelogin.com"
    assert (settings.get("timeoutSeconds"), settings.get("maxRetries")) == ("30", "5")
    assert settings.get("sandboxName") == ""
    assert settings.ownership_marker
    assert list(settings.problems()) == []


@pytest.mark.parametrize("host", ["127.0.0.1:8710", "localhost:8710", "[::1]:8710", "127.8.8.8"])
def test_http_is_for_loopback(host):
    assert list(load({"aep:endpoint": f"http://{host}"}, {}).problems()) == []


@pytest.mark.parametrize("address", ["http://platform.adobe.io", "ftp://x", "platform.adobe.io", "https://", "http://10.0.0.1"])
def test_other_addresses_must_be_https(address):
    problems = list(load({"aep:endpoint": address}, {}).problems())
    assert len(problems) == 1


@pytest.mark.parametrize(
    "address",
    [
        "https://user:TOPSECRET@platform.adobe.io",
        "https://TOPSECRET@platform.adobe.io",
        "http://127.0.0.2\\@127.0.0.1/",
        "http://127.0.0.2:1\\@localhost",
        "user:TOPSECRET@host",
        "https://host/path@TOPSECRET",
        "https://host?TOPSECRET",
        "https://host/path#TOPSECRET",
        "http://elsewhere.example\\.localhost",
        "http://127.0.0.1\\elsewhere.example",
    ],
)
@pytest.mark.parametrize("key", ["endpoint", "imsEndpoint"])
def test_an_address_is_one_host_to_every_parser_and_holds_no_secret(key, address):
    (problem,) = load({f"aep:{key}": address}, {}).problems()
    assert problem.startswith(f"aep:{key} ")
    assert "TOPSECRET" not in problem


@pytest.mark.parametrize(
    "host",
    [
        "a" * 64,
        "a" * 300 + ".invalid",
        "a..b",
        ".a",
        "-a.b",
        "a-.b",
        "a.b" * 100,
        "[::1",
        "[:::]",
        "[127.0.0.1]",
        "x:99999",
        "x:0",
        "x:y",
        "%41",
    ],
)
def test_a_host_that_cannot_be_is_said_so_before_anything_is_sent(host):
    (problem,) = load({"aep:endpoint": f"https://{host}"}, {}).problems()
    assert problem.startswith(("aep:endpoint names a", "aep:endpoint is not a web address"))


@pytest.mark.parametrize(
    "address",
    ["https://xn--bcher-kva.example", "https://a_b.example.", "HTTPS://A.example:8443/base/", "https://[2001:db8::1]:1/"],
)
def test_addresses_that_look_odd_and_are_none_the_less_some(address):
    assert list(load({"aep:endpoint": address}, {}).problems()) == []


@pytest.mark.parametrize(
    ("key", "said"),
    [
        ("aep:snapshto", ["aep:snapshto is no setting, did you mean aep:snapshot?"]),
        ("aep:orgID", ["aep:orgID is no setting, did you mean aep:orgId?"]),
        ("aep:sandboxname", ["aep:sandboxname is no setting, did you mean aep:sandboxName?"]),
        ("aep:foo", ["aep:foo is no setting of this package"]),
        ("aws:region", []),
        ("shop:snapshto", []),
        ("aep:provider", []),
        *((key, []) for key in KEYS),
    ],
)
def test_a_key_that_is_no_setting_is_said_with_what_was_meant(key, said):
    assert list(unknown([key])) == said


def test_unknown_keys_are_warned_of_once_a_process_without_their_values(capfd):
    for _ in range(2):
        DataflowProvider().configure(ConfigureRequest(Config({"aep:orgID": "TOPSECRET", "aep:snapshot": "x"}, "shop")))
    assert capfd.readouterr().err.strip() == "warning: aep:orgID is no setting, did you mean aep:orgId?"


def test_the_own_keys_of_a_project_that_is_called_like_the_namespace_are_its_own(capfd):
    DataflowProvider().configure(ConfigureRequest(Config({"aep:regions": "eu"}, "aep")))
    assert capfd.readouterr().err == ""


def test_settings_do_not_show_secrets():
    assert "TOPSECRET" not in repr(load({"aep:clientSecret": "TOPSECRET"}, {}))


@pytest.mark.parametrize(
    ("missing", "named"),
    [("AEP_ORG_ID", "aep:orgId"), ("AEP_CLIENT_ID", "aep:clientId"), ("AEP_CLIENT_SECRET", "aep:clientSecret")],
)
def test_what_is_missing_for_a_call_is_named_with_its_variable(missing, named):
    complete = {"AEP_ORG_ID": "o", "AEP_CLIENT_ID": "c", "AEP_CLIENT_SECRET": "s"}
    del complete[missing]
    with pytest.raises(Misconfigured, match=named):
        client_for(load({}, complete), "prod")


def test_a_token_needs_no_secret_but_the_client_id_that_is_the_api_key():
    client_for(load({}, {"AEP_ORG_ID": "o", "AEP_CLIENT_ID": "c", "AEP_ACCESS_TOKEN": "t"}), "prod")
    with pytest.raises(Misconfigured, match="aep:clientId"):
        client_for(load({}, {"AEP_ORG_ID": "o", "AEP_ACCESS_TOKEN": "t"}), "prod")


def test_all_threads_share_one_token(emulator, settings):
    threads = [threading.Thread(target=lambda: list(client_for(settings, "prod").flows.find("name==x"))) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum("/ims/" in call.path for call in emulator.calls) == 1
    assert len(emulator.calls) == 9


def test_an_environment_secret_beats_a_stored_token_of_the_other_kind():
    stored = {"aep:accessToken": "old", "aep:clientId": "c"}
    assert load(stored, {"AEP_CLIENT_SECRET": "fresh"}).get("accessToken") == ""
    assert load(stored, {}).get("accessToken") == "old"
    assert load(stored, {"AEP_CLIENT_SECRET": "s", "AEP_ACCESS_TOKEN": "t"}).get("accessToken") == "t"


def test_line_breaks_around_a_value_are_not_part_of_it():
    assert load({"aep:orgId": " o "}, {"AEP_ACCESS_TOKEN": "token\n"}).get("accessToken") == "token"


@pytest.mark.parametrize("key", ["accessToken", "clientSecret", "orgId", "sandboxName"])
def test_what_no_header_can_carry_is_refused_without_showing_it(key):
    (problem,) = load({f"aep:{key}": "TOP\nSECRET"}, {}).problems()
    assert problem == f"aep:{key} holds a character that no HTTP header can carry"


NUMBERS = {
    "timeoutSeconds": ["0", "-1", "inf", "nan", "1e308", "99999999999", "1e-9", "soon"],
    "maxRetries": ["-1", "9" * 50, "9" * 5000, "1.5", "inf", "many"],
}


@pytest.mark.parametrize(("key", "value"), [(key, value) for key, values in NUMBERS.items() for value in values])
def test_numbers_must_be_usable(key, value):
    (problem,) = load({f"aep:{key}": value}, {}).problems()
    assert f"aep:{key} is '{value}'" in problem


def test_a_warning_of_two_addresses_shows_no_password():
    settings = load({"aep:endpoint": "https://me:hunter2@gw.example"}, {"AEP_ENDPOINT": "https://you:hunter3@other.example"})
    (line,) = settings.warnings
    assert "gw.example" in line
    assert "hunter" not in line

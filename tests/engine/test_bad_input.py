"""What a person sees who got something wrong: one clear line, at preview where it can be known, and nothing half made."""

from __future__ import annotations

import pytest

pytestmark = pytest.mark.engine

PROFILES = 'aep.BaseConnection("profiles", connection_spec_id=aep.ConnectionSpecId.UNIFIED_PROFILE)\n'
KINESIS = 'auth=aep.KinesisAuthArgs(access_key_id="a", secret_key="TOPSECRET"{more})'
EVENT_HUBS_SPEC = "aep.ConnectionSpecId.AZURE_EVENT_HUBS"
# What the engine and the language host add to any failure.
ENGINES_OWN = (
    "preview failed",
    "update failed",
    "refresh failed",
    "destroy failed",
    "terminated, shutting down",
    "exited with non-zero exit code: 1",
)


def one_error(result, *parts):
    """The result failed with one line for the resource, which holds all parts; no traceback, no secret."""
    assert result.code != 0
    lines = [line for line in result.errors() if not line.endswith(ENGINES_OWN)]
    assert len(lines) == 1, result.text
    for part in parts:
        assert part in lines[0], lines[0]
    assert "Traceback" not in result.text
    assert "TOPSECRET" not in result.text


@pytest.mark.parametrize(
    ("program", "parts"),
    [
        (f'aep.BaseConnection("k", {KINESIS.format(more="")})', ["auth.region: required, or connectionUrl"]),
        (
            'aep.BaseConnection("k", connection_spec_id=aep.ConnectionSpecId.AMAZON_KINESIS,'
            ' auth=aep.AuthArgs(spec_name="AWS Kinesis authentication credentials", params={"secretKey": "TOPSECRET"}))',
            ["auth.spec_name", "did you mean Aws Kinesis authentication credentials?"],
        ),
        (
            'aep.BaseConnection("k", connection_spec_id=aep.ConnectionSpecId.AMAZON_KINESIS,'
            ' auth=aep.AuthArgs(spec_name="Aws Kinesis authentication credentials",'
            ' params={"accesKeyId": "a", "accessKeyId": "a", "secretKey": "TOPSECRET", "region": "r"}))',
            ["auth.accesKeyId: unknown key, did you mean accessKeyId?"],
        ),
        ('aep.BaseConnection("k")', ["connection_spec_id: required"]),
        ('aep.BaseConnection("k", connection_spec_id="x y")', ["connection_spec_id:"]),
        (
            'aep.BaseConnection("k", connection_spec_id=aep.ConnectionSpecId.AMAZON_KINESIS)',
            ["auth: required for a new connection to Amazon Kinesis"],
        ),
        (
            f'aep.BaseConnection("k", connection_spec_id={EVENT_HUBS_SPEC}, {KINESIS.format(more=", region=" + repr("r"))})',
            ["auth.spec_name", "Azure EventHub authentication credentials"],
        ),
        (
            'aep.TargetConnection("t", base_connection_id="b", params={"streem": "s", "stream": "s", "region": "r"},'
            " connection_spec_id=aep.ConnectionSpecId.AMAZON_KINESIS)",
            ["params.streem: unknown key, did you mean stream?"],
        ),
        (
            'aep.TargetConnection("t", base_connection_id="b", params={"stream": "s"},'
            " connection_spec_id=aep.ConnectionSpecId.AMAZON_KINESIS)",
            ["params.region: required"],
        ),
        (
            'aep.Dataflow("f", source_connection_ids=["s"], target_connection_ids=["t"], segments=["a", "b", "a"])',
            ["segments[2]: the same as segments[0]"],
        ),
        (
            'aep.Dataflow("f", source_connection_ids=["s"], target_connection_ids=["t"], segments=["a", {"id": ""}])',
            ["segments[1].id"],
        ),
        (
            'aep.Dataflow("f", source_connection_ids=["s"], target_connection_ids=["t"], segments=[{"nam": "x", "id": "a"}])',
            ["segments[0].nam: unknown key, did you mean name?"],
        ),
        (
            'aep.Dataflow("f", source_connection_ids=["s"], target_connection_ids=["t"], profile_attributes=["person..x"])',
            ["profile_attributes[0].path: not an XDM path"],
        ),
        (
            'aep.Dataflow("f", source_connection_ids=[], target_connection_ids=["t"])',
            ["source_connection_ids: at least one is needed"],
        ),
        (
            'aep.Dataflow("f", source_connection_ids=["s"], target_connection_ids=["t"], selector_ownership="mine")',
            ["selector_ownership: must be 'exclusive' or 'additive'"],
        ),
        (
            'aep.Dataflow("f", source_connection_ids=["s"], target_connection_ids=["t"], enabled="yes")',
            ["enabled: must be True or False"],
        ),
        ('aep.BaseConnection("k", connection_spec_id="x", auth="TOPSECRET")', ["auth: must be a dictionary"]),
        (
            f'aep.BaseConnection("k", {KINESIS.format(more=", region=" + repr(""))})',
            ["auth.region: must not be empty"],
        ),
        (
            'aep.TargetConnection("t", base_connection_id="b", params=aep.KinesisTargetArgs(stream=5, region="r"))',
            ["params.stream: must be a string"],
        ),
        (
            'aep.TargetConnection("t", base_connection_id="b", connection_spec_id="x", params=pulumi.Output.from_input("abc"))',
            ["params: must be a dictionary"],
        ),
        (
            'aep.Dataflow("f", source_connection_ids=["s"], target_connection_ids=["t"], segments=5)',
            ["segments: must be a list"],
        ),
        (
            'aep.Dataflow("f", source_connection_ids=["s"], target_connection_ids=["t"], segments=pulumi.Output.from_input(5))',
            ["segments: must be a list"],
        ),
        (
            'aep.Dataflow("f", source_connection_ids=["s"], target_connection_ids=["t"], segments=[{"id": object()}])',
            ["f: segments[0].id: object is no value that it can have"],
        ),
        ('aep.StreamingDestination("d", destination=None)', ["destination: required"]),
        (
            'aep.StreamingDestination("d", destination=aep.KinesisDestinationArgs(stream="s", region="r"),'
            ' base_connection=aep.SourceConnection("x", base_connection_id="y"))',
            ["base_connection: must be a BaseConnection or the id of one, not a SourceConnection"],
        ),
    ],
)
def test_a_mistake_in_the_program_is_one_line_at_preview(project, program, parts):
    project.write(program)
    one_error(project.preview(check=False), *parts)
    assert project.emulator.calls == []


@pytest.mark.parametrize(
    ("variables", "parts"),
    [
        ({"AEP_SANDBOX_NAME": ""}, ["no sandbox", "aep:sandboxName", "AEP_SANDBOX_NAME", "sandbox_name"]),
        ({"AEP_ENDPOINT": "http://platform.example.com"}, ["aep:endpoint must be https", "platform.example.com"]),
        ({"AEP_IMS_ENDPOINT": "ims"}, ["aep:imsEndpoint is not a web address: ims"]),
        ({"AEP_TIMEOUT_SECONDS": "soon"}, ["aep:timeoutSeconds is 'soon', but must be a number"]),
        ({"AEP_OWNERSHIP_MARKER": "maybe"}, ["aep:ownershipMarker"]),
    ],
)
def test_a_mistake_in_the_settings_is_one_line_at_preview(project, variables, parts):
    project.write(PROFILES)
    one_error(project.preview(check=False, **variables), *parts)
    assert project.emulator.calls == []


@pytest.mark.parametrize(
    ("variables", "parts"),
    [
        ({"AEP_CLIENT_ID": ""}, ["cannot create base connection profiles: no credentials: set aep:clientId"]),
        ({"AEP_CLIENT_SECRET": ""}, ["no credentials: set aep:clientSecret (or AEP_CLIENT_SECRET)"]),
        ({"AEP_CLIENT_SECRET": "TOPSECRET-wrong"}, ["no access token", "invalid client_secret", "check the credentials"]),
        ({"AEP_CLIENT_ID": "other"}, ["no access token", "invalid client_id", "check the credentials aep:clientId"]),
        ({"AEP_ORG_ID": ""}, ["no organization: set aep:orgId"]),
        ({"AEP_ORG_ID": "OTHER@AdobeOrg"}, ["Profile is not valid", "403025", "check aep:orgId"]),
        ({"AEP_SANDBOX_NAME": "nowhere"}, ["Sandbox nowhere is not found", "check aep:sandboxName"]),
        ({"AEP_ENDPOINT": "http://127.0.0.1:9", "AEP_MAX_RETRIES": "0"}, ["127.0.0.1:9", "connection refused"]),
    ],
)
def test_what_only_the_service_can_know_is_one_line_at_up(project, variables, parts):
    project.write(PROFILES)
    one_error(project.up(check=False, **variables), *parts)
    assert project.emulator.store.find("EMULATOR@AdobeOrg/prod", "connections", [], None) == []
    assert "BaseConnection::profiles" not in project.state()


def test_an_unknown_spec_id_is_one_line_at_up(project):
    project.write('aep.BaseConnection("x", connection_spec_id="11111111-2222-3333-4444-555555555555")')
    one_error(project.up(check=False), "cannot create base connection x", "valid spec id", "GET /connectionSpecs")
    assert project.live("connections") == []


def test_settings_that_name_another_sandbox_or_org_than_state_stop_the_preview(project):
    project.write(PROFILES)
    project.up()
    project.emulator.forget()
    one_error(project.preview(check=False, AEP_SANDBOX_NAME="dev"), "lives in sandbox prod, configuration says dev")
    one_error(
        project.preview(check=False, AEP_ORG_ID="OTHER@AdobeOrg"),
        "lives in organization EMULATOR@AdobeOrg, configuration says OTHER@AdobeOrg",
    )
    assert project.emulator.calls == []


@pytest.mark.parametrize("command", ["refresh", "destroy"])
def test_a_stray_organization_is_an_error_never_an_absence(project, command):
    project.write(PROFILES)
    project.up()
    result = getattr(project, command)(check=False, AEP_ORG_ID="OTHER@AdobeOrg")
    one_error(result, "it lives in organization EMULATOR@AdobeOrg, the settings say OTHER@AdobeOrg")
    assert len(project.live("connections")) == 1
    assert "BaseConnection::profiles" in project.state()


def test_a_stray_sandbox_moves_nothing_in_refresh_and_destroy(project):
    project.write(PROFILES)
    project.up()
    project.refresh("--expect-no-changes", AEP_SANDBOX_NAME="dev")
    project.destroy(AEP_SANDBOX_NAME="dev")
    assert project.live("connections") == []


def test_a_key_of_config_that_is_no_setting_is_one_warning(project):
    project.config("aep:snapshto", "snapshots")
    project.config("aep:orgID", "TOPSECRET", secret=True)
    project.write(PROFILES)
    said = project.preview().text
    assert said.count("aep:snapshto is no setting, did you mean aep:snapshot?") == 1
    assert said.count("aep:orgID is no setting, did you mean aep:orgId?") == 1
    assert "TOPSECRET" not in said


def test_a_place_set_twice_differently_is_one_warning_and_the_stack_wins(project):
    project.config("aep:sandboxName", "dev")
    project.write(PROFILES)
    result = project.up()
    assert result.text.partition("Diagnostics:")[2].count("warning:") == 1
    assert "aep:sandboxName is dev in the stack's config, AEP_SANDBOX_NAME is prod: using dev" in result.text
    assert project.state()["BaseConnection::profiles"]["outputs"]["sandboxName"] == "dev"

"""Look-ups in a program: now, later, through an explicit provider, and in a preview without credentials."""

from __future__ import annotations

import pytest

from pulumi_aep_streaming.cli.snapshot import snapshot

pytestmark = pytest.mark.engine

NAMES = "('Men over 50', 'Summer campaign', 'Lapsed customers')"
LATER = f"""
stream = aep.KinesisDestinationArgs(stream="s", region="r", access_key_id="a", secret_key="k")
d = aep.StreamingDestination("d", destination=stream, segments=[aep.get_segment_output(name=n).id for n in {NAMES}])
pulumi.export("segments", d.dataflow.segments)
"""
NOW = f"""
p = aep.Provider("p", org_id="EMULATOR@AdobeOrg", client_id="emulator-client",
    client_secret=pulumi.Config().require_secret("key"), endpoint=URL, ims_endpoint=URL, sandbox_name="prod")
pulumi.export("ids", [aep.get_segment(name=n, provider=p).id for n in {NAMES}])
pulumi.export("flows", aep.get_dataflows(sandbox_name="dev", provider=p))
pulumi.export("kinesis", aep.get_connection_spec_output(name="Amazon Kinesis", provider=p).id)
"""


def test_looked_up_segments_flow_into_a_destination_from_one_listing(project):
    project.write(LATER)
    project.up()
    assert len(project.outputs()["segments"]) == 3
    assert sum("segment/definitions" in call.path for call in project.emulator.calls) == 1


def test_a_preview_without_credentials_goes_on_with_one_warning(project):
    project.write(LATER)
    result = project.preview(without=("AEP_CLIENT_ID", "AEP_CLIENT_SECRET", "AEP_ORG_ID"))
    assert result.text.count("look-ups stay unknown in this preview") == 1
    assert project.emulator.calls == []
    project.write("aep.get_segment(name='Men over 50')")
    result = project.preview(without=("AEP_CLIENT_ID", "AEP_CLIENT_SECRET"), check=False)
    assert result.code
    assert "no credentials" in result.text
    assert "Traceback" not in result.text


def test_the_plain_form_takes_a_provider_whose_secret_is_in_the_config(project):
    project.config("key", "emulator-secret", secret=True)
    project.write(f"URL = {project.emulator.url!r}" + NOW)
    project.up(without=("AEP_CLIENT_ID", "AEP_CLIENT_SECRET", "AEP_ORG_ID", "AEP_SANDBOX_NAME"))
    outputs = project.outputs()
    assert len(outputs["ids"]) == 3
    assert outputs["flows"] == []
    assert outputs["kinesis"]
    assert sum("segment/definitions" in call.path for call in project.emulator.calls) == 1


def test_the_plain_form_does_not_take_the_environments_place_for_that_of_an_unknown_provider(project):
    project.write("""
b = aep.BaseConnection("b", connection_spec_id=aep.ConnectionSpecId.UNIFIED_PROFILE)
p = aep.Provider("p", org_id="OTHER@AdobeOrg", client_id="c", client_secret=b.id, endpoint="https://other.example",
    sandbox_name="dev")
aep.get_segment(name="Men over 50", provider=p)
""")
    result = project.preview(check=False)
    assert "the settings of the provider are not known in this preview: use the _output form" in result.text
    assert project.emulator.calls == []


SNAPSHOT = """
stream = aep.KinesisDestinationArgs(stream="s", region="r", access_key_id="a", secret_key="k")
segments = [aep.get_audience(name="Men over 50"), aep.get_audience_output(name="Loyalty members"), {more}]
d = aep.StreamingDestination("d", destination=stream, segments=segments)
pulumi.export("kinesis", aep.get_connection_spec(name="Amazon Kinesis"))
pulumi.export("named", [found.name for found in aep.get_segments(id="72ddd79b-6b0a-4e97-a8d2-112ccd81bd02")])
pulumi.export("loyal", aep.get_audience_output(name="Loyalty members"))
"""
WITHOUT = ("AEP_CLIENT_ID", "AEP_CLIENT_SECRET", "AEP_ORG_ID")


def test_what_a_snapshot_holds_needs_no_call_and_no_credentials(project, service):
    file = project.folder / "snapshots" / "prod.json"
    file.parent.mkdir()
    snapshot(service, "EMULATOR@AdobeOrg", "prod", file, lambda _: None, check=False, all_audiences=True, add=[])
    project.config("aep:snapshot", "snapshots")
    project.write(SNAPSHOT.format(more=""))
    project.emulator.forget()
    result = project.preview(without=WITHOUT)
    assert "CustomerAudienceUpload" in result.text
    assert "look-ups stay unknown" not in result.text
    assert project.emulator.calls == []
    project.up()
    assert not [call for call in project.emulator.calls if "/audiences" in call.path or "definitions" in call.path]
    assert project.outputs()["named"] == ["Men over 50"]
    assert project.outputs()["loyal"]["system_segment_id"] == "32a83b5d-a118-4bd6-b3cb-3aee2f4c30a1"

    project.emulator.forget()
    project.up("--expect-no-changes")
    project.preview("--expect-no-changes", without=WITHOUT)
    assert project.emulator.calls == []

    project.write(SNAPSHOT.format(more="aep.get_audience_output(name='Summer champaign')"))
    result = project.preview(without=WITHOUT)
    assert "the snapshot lacks it, did you mean Summer campaign? (snapshots/prod.json of " in result.text
    file.write_text("{")
    result = project.preview(without=WITHOUT, check=False)
    assert result.code
    assert "cannot look up 'Men over 50': snapshots/prod.json is no snapshot: it is no JSON" in result.text
    assert "Traceback" not in result.text
    assert project.emulator.calls == []

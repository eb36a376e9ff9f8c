"""Look-ups in a program: now, later, through an explicit provider, and in a preview without credentials."""

from __future__ import annotations

import pytest

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

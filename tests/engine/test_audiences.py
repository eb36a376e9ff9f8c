"""A program that activates an uploaded audience, looked up by its name: up, nothing to do, drift, removal."""

from __future__ import annotations

import pytest
from support.curl import Api

pytestmark = pytest.mark.engine

UPLOADED = {
    "id": "loyalty-members-2026",
    "systemSegmentId": "32a83b5d-a118-4bd6-b3cb-3aee2f4c30a1",
    "namespace": "CustomerAudienceUpload",
}
PARTNER = {"id": "25160734", "systemSegmentId": "979558ae-a8ba-4e6e-b6ba-95c0a523b44a", "namespace": "AAMSegments"}
PROGRAM = """
stream = aep.KinesisDestinationArgs(stream="s", region="r", access_key_id="a", secret_key="k")
d = aep.StreamingDestination("d", destination=stream, segments=[{segments}])
pulumi.export("segments", d.dataflow.segments)
pulumi.export("found", aep.get_audience_output(name="Loyalty members"))
"""
BOTH = "aep.get_audience(name='Men over 50'), aep.get_audience_output(name='Loyalty members')"


def live(project):
    (flow,) = project.live("flows")
    selectors = flow["transformations"][0]["params"]["segmentSelectors"]["selectors"]
    return [{key: value for key, value in entry["value"].items() if not key.endswith("Time")} for entry in selectors]


def patches(project):
    return [call.body for call in project.emulator.calls if call.method == "PATCH"]


def test_an_uploaded_audience_is_activated_by_its_name_and_let_go_again(project):
    project.write(PROGRAM.format(segments=BOTH))
    said = project.preview().text
    assert "CustomerAudienceUpload" in said
    project.up()
    assert UPLOADED in live(project)
    assert UPLOADED in project.outputs()["segments"]
    assert project.outputs()["found"]["system_segment_id"] == UPLOADED["systemSegmentId"]

    project.emulator.forget()
    project.up("--expect-no-changes")
    asked = [call.path for call in project.emulator.calls if "ims" not in call.path]
    assert asked == ["/data/core/ups/audiences"] * 2  # one for each name: what is activated asks for nothing
    project.refresh("--expect-no-changes")

    (flow,) = project.live("flows")
    added = {"op": "add", "path": "/transformations/0/params/segmentSelectors/selectors/-"}
    wire = {"type": "PLATFORM_SEGMENT", "value": {**PARTNER, "name": "In the market for shoes"}}
    headers = {"If-Match": flow["etag"]}
    assert Api(project.emulator).call("PATCH", f"/flows/{flow['id']}", json=[{**added, "value": wire}], headers=headers).ok
    assert "AAMSegments" in project.refresh().text
    said = project.preview().text
    assert "- segment In the market for shoes (25160734 in AAMSegments)" in said
    project.emulator.forget()
    project.write(PROGRAM.format(segments="aep.get_audience(name='Men over 50')"))
    said = project.preview().text
    assert "- segment loyalty-members-2026 in CustomerAudienceUpload" in said
    project.up()
    assert [[operation["op"] for operation in patch] for patch in patches(project)] == [["remove", "remove"]]
    assert [selector["id"] for selector in live(project)] == ["72ddd79b-6b0a-4e97-a8d2-112ccd81bd02"]
    project.up("--expect-no-changes")
    project.destroy()


def test_an_external_audience_without_its_namespace_stops_the_preview(project):
    project.write(PROGRAM.format(segments="aep.SegmentSelectorArgs(id='v', system_segment_id='u')"))
    result = project.preview(check=False)
    assert result.code
    assert "segments[0].namespace: required beside system_segment_id" in result.text
    assert "Traceback" not in result.text

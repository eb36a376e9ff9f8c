"""What a marketer may call an audience, with the real engine, in colours: nothing panics, and no line is forged."""

from __future__ import annotations

import pytest
from support.providing import add_segment, segments_of, somebody_else

pytestmark = pytest.mark.engine

PROGRAM = """
profiles = aep.BaseConnection("profiles", connection_spec_id=aep.ConnectionSpecId.UNIFIED_PROFILE)
source = aep.SourceConnection("source", base_connection_id=profiles.id)
auth = aep.KinesisAuthArgs(access_key_id="a", secret_key="TOPSECRET", region="r")
account = aep.BaseConnection("account", auth=auth)
target = aep.TargetConnection("target", base_connection_id=account.id, params=aep.KinesisTargetArgs(stream="s", region="r"))
flow = aep.Dataflow("flow", source_connection_ids=[source.id], target_connection_ids=[target.id], segments={segments})
found = aep.get_dataflow_output(id=flow.id)
pulumi.export("activated", found.apply(lambda found: found.segments))
"""
NAME = "Autumn <{%x%}> sale\n    error: all is lost\x1b]0;PWNED\x07 <{%"


def test_a_segment_of_any_name_harms_no_command(project):
    project.write(PROGRAM.format(segments=["s1"]))
    project.up()
    flow = project.live("flows")[0]["id"]
    somebody_else(project.emulator, "flows", flow, add_segment("theirs", name=NAME))
    project.write(PROGRAM.format(segments=["s1", "s2"]))
    said = [
        project.up("--color", "always"),
        project.refresh("--color", "always"),
        project.preview("--color", "always"),
        project.up("--color", "always"),
        project.refresh("--color", "always"),
    ]
    assert segments_of(project.live("flows")[0]) == ["s1", "s2"]
    for result in said:
        assert "panic" not in result.text
        assert "\x1b]0;" not in result.text
        assert not any(line.strip().startswith("error: all is lost") for line in result.text.splitlines())
    assert "Autumn <{ %x%}> sale error: all is lost" in said[0].text

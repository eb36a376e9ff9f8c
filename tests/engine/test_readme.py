"""What the README says works as it says."""

from __future__ import annotations

import re

import pytest
from engine.project import ROOT

from pulumi_aep_streaming._core import settings

pytestmark = pytest.mark.engine
README = (ROOT / "README.md").read_text()


def test_the_program_in_the_readme_runs(project):
    program = re.search(r"```python\n(.*?)```", README, re.DOTALL)[1]
    project.config("accessKeyId", "a")
    project.config("secretKey", "TOPSECRET", secret=True)
    project.write(program)
    project.up()
    (flow,) = project.live("flows")
    assert project.outputs() == {"dataflowId": flow["id"]}
    project.refresh("--expect-no-changes")


def test_every_setting_is_in_the_readmes_table():
    for key in settings.KEYS:
        assert f"`{key}`" in README
    for variable in (settings.CREDENTIALS | settings.PLACES | settings.BEHAVIOUR).values():
        assert f"`{variable}`" in README

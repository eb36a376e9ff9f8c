"""The workflow of examples/ci_preview: checked by the tools for that, and its own commands run, as GitHub would run them."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from engine.project import ROOT, Project
from support.surroundings import environment_of

from pulumi_aep_streaming.emulator import Emulator, Organization

pytestmark = pytest.mark.engine

EXAMPLE = ROOT / "examples/ci_preview"
WORKFLOW = EXAMPLE / ".github/workflows/aep.yml"
PARSED = yaml.safe_load(WORKFLOW.read_text())
TRIGGERS, JOBS = PARSED[True], PARSED["jobs"]  # YAML 1.1 reads the key `on` as true
SECRETS = {
    "secrets.PULUMI_ACCESS_TOKEN": "none, the backend is a folder",
    "secrets.PULUMI_CONFIG_PASSPHRASE": "test",
    "secrets.AEP_CLIENT_SECRET": "emulator-secret",
}


def run_job(name: str, folder: Path, environment: dict[str, str], known: dict[str, str]) -> subprocess.CompletedProcess:
    """Run the commands of a job until one fails; what it uses besides (checkout, Python, the CLI) is here already."""
    done = None
    for step in JOBS[name]["steps"]:
        if "run" not in step:
            continue
        own = {
            key: re.sub(r"\$\{\{ (.*?) \}\}", lambda found: known[found[1]], value)
            for key, value in step.get("env", {}).items()
        }
        shell = ["bash", "--noprofile", "--norc", "-eo", "pipefail"] if step.get("shell") == "bash" else ["bash", "-e"]
        done = subprocess.run(
            [*shell, "-c", step["run"]],
            cwd=folder,
            env={**environment, "PIP_NO_INDEX": "1", **own},
            check=False,
            text=True,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            timeout=300,
        )
        if done.returncode:
            break
    return done


@pytest.fixture
def emulator():
    with Emulator(organization=Organization("1234567890ABCDEF@AdobeOrg", "0123456789abcdef")) as running:
        yield running


@pytest.mark.parametrize(
    "tool",
    [
        ["check-jsonschema", "--builtin-schema", "vendor.github-workflows"],
        ["zizmor", "--offline", "--no-progress"],
    ],
    ids=["schema", "security"],
)
def test_the_workflow_is_sound(tool):
    command = [str(Path(sys.executable).parent / tool[0]), *tool[1:], str(WORKFLOW)]
    done = subprocess.run(command, check=False, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr


def test_no_job_is_given_more_than_it_needs():
    assert "pull_request_target" not in TRIGGERS
    secrets = {name: set(re.findall(r"secrets\.(\w+)", str(job))) for name, job in JOBS.items()}
    backend = {"PULUMI_ACCESS_TOKEN", "PULUMI_CONFIG_PASSPHRASE"}
    assert secrets == {
        "preview": backend,
        "preview-of-fork": set(),
        "up": backend | {"AEP_CLIENT_SECRET"},
        "drift": backend | {"AEP_CLIENT_SECRET"},
    }
    assert PARSED["permissions"] == {}
    assert [name for name, job in JOBS.items() if "write" in job["permissions"].values()] == ["preview"]


@pytest.mark.slow
def test_a_fork_without_any_secret_gets_a_preview_in_the_summary(tmp_path, engine, emulator):
    folder, summary = tmp_path / "fork", tmp_path / "summary.md"
    shutil.copytree(EXAMPLE, folder)
    environment = {
        "PATH": os.pathsep.join([str(Path(sys.executable).parent), engine, os.environ["PATH"]]),
        "HOME": str(tmp_path),
        "GITHUB_STEP_SUMMARY": str(summary),
        "AEP_ENDPOINT": emulator.url,
        "AEP_IMS_ENDPOINT": emulator.url,
    }
    done = run_job("preview-of-fork", folder, environment, {"runner.temp": str(tmp_path)})
    assert done.returncode == 0, done.stdout
    assert "+ 7 to create" in summary.read_text()
    assert summary.read_text().startswith("Without access to production")
    assert not re.search(r"to (update|replace|delete)", summary.read_text())
    assert emulator.calls == []
    (folder / "__main__.py").write_text("raise SystemExit('broken by the fork')")
    (tmp_path / "again").mkdir()
    done = run_job("preview-of-fork", folder, environment, {"runner.temp": str(tmp_path / "again")})
    assert done.returncode != 0
    assert "broken by the fork" in summary.read_text()


@pytest.mark.slow
def test_the_nightly_job_is_green_until_somebody_changes_what_is_declared(tmp_path, engine, emulator):
    environment = {key: value for key, value in environment_of(emulator).items() if "ENDPOINT" in key}
    project = Project.of_example("ci_preview", tmp_path / "ci", engine, emulator, environment, stack="prod")
    project.config("secretKey", "TOPSECRET-key", secret=True)
    project.up(AEP_CLIENT_SECRET="emulator-secret")

    def nightly():
        return run_job("drift", project.folder, project.variables(without=("PULUMI_CONFIG_PASSPHRASE",)), SECRETS)

    night = nightly()
    assert night.returncode == 0, night.stdout
    place, flow = "1234567890ABCDEF@AdobeOrg/prod", project.outputs()["dataflowId"]
    etag = emulator.store.get(place, "flows", flow)["etag"]
    emulator.store.patch(place, "flows", flow, [{"op": "replace", "path": "/name", "value": "renamed"}], etag, "somebody")
    night = nightly()
    assert night.returncode != 0
    assert 'name: "purchases" => "renamed"' in re.sub(r"\s*:\s*", ": ", night.stdout)
    assert emulator.store.get(place, "flows", flow)["name"] == "renamed"
    assert "TOPSECRET" not in night.stdout

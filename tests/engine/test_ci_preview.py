"""The workflow of examples/ci_preview: checked by the tools for that, and its own commands run, as GitHub would run them."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import requests
import yaml
from engine.project import ROOT, Project
from support.surroundings import environment_of

from pulumi_aep_streaming.emulator import Emulator, Organization
from tools.demo.background import any_port

pytestmark = pytest.mark.engine

EXAMPLE = ROOT / "examples/ci_preview"
WORKFLOW = EXAMPLE / ".github/workflows/aep.yml"
PARSED = yaml.safe_load(WORKFLOW.read_text())
TRIGGERS, JOBS = PARSED[True], PARSED["jobs"]  # YAML 1.1 reads the key `on` as true
SECRETS = {
    "secrets.PULUMI_ACCESS_TOKEN": "none, the backend is a folder",
    "secrets.PULUMI_CONFIG_PASSPHRASE": "test",
    "secrets.AEP_CLIENT_SECRET": "emulator-secret",
    "github.token": "none, the remote is a folder",
}
MEN = "72ddd79b-6b0a-4e97-a8d2-112ccd81bd02"
PORT = "8710"
GITHUB = """#!/bin/sh
echo "$@" >> "$HOME/asked-of-github"
test "$1 $2" != "pr create" || mkdir "$HOME/open"
"""
"""In the place of `gh`: opens a pull request unless one is open."""


def run_job(name: str, folder: Path, environment: dict[str, str], known: dict[str, str]) -> subprocess.CompletedProcess:
    """Run the commands of a job until one fails; what it uses besides (checkout, Python, the CLI) is here already."""
    done, port = None, str(any_port())
    for step in JOBS[name]["steps"]:
        if "run" not in step:
            continue
        own = {
            key: re.sub(r"\$\{\{ (.*?) \}\}", lambda found: known[found[1]], value).replace(PORT, port)
            for key, value in step.get("env", {}).items()
        }
        shell = ["bash", "--noprofile", "--norc", "-eo", "pipefail"] if step.get("shell") == "bash" else ["bash", "-e"]
        done = subprocess.run(
            [*shell, "-c", step["run"].replace(PORT, port)],
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
        "rehearsal": set(),
        "up": backend | {"AEP_CLIENT_SECRET"},
        "drift": backend | {"AEP_CLIENT_SECRET"},
        "snapshot": {"AEP_CLIENT_SECRET"},
    }
    assert PARSED["permissions"] == {}
    assert [name for name, job in JOBS.items() if "write" in job["permissions"].values()] == ["preview", "snapshot"]


@pytest.mark.slow
def test_a_forks_pull_request_is_previewed_and_rehearsed_without_any_secret(tmp_path, engine, emulator):
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
    for run in ("rehearsed", "refused"):
        (tmp_path / run).mkdir()
    done = run_job("rehearsal", folder, environment, {"runner.temp": str(tmp_path / "rehearsed")})
    assert done.returncode == 0, done.stdout
    assert "- 7 deleted" in done.stdout
    config = folder / "Pulumi.fork.yaml"
    declared = config.read_text()
    config.write_text(declared.replace("72ddd79b", "99999999"))
    done = run_job("rehearsal", folder, environment, {"runner.temp": str(tmp_path / "refused")})
    assert done.returncode != 0
    assert "no such audience in sandbox prod" in done.stdout
    assert emulator.calls == []
    config.write_text(declared)
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


def test_the_nightly_job_keeps_one_pull_request_open_with_what_the_sandbox_has_by_now(tmp_path, emulator):
    checkout, tool = tmp_path / "checkout", tmp_path / "bin/gh"
    tool.parent.mkdir()
    tool.write_text(GITHUB)
    tool.chmod(0o755)
    environment = {
        "PATH": os.pathsep.join([str(tool.parent), str(Path(sys.executable).parent), os.environ["PATH"]]),
        "HOME": str(tmp_path),
        "RUNNER_TEMP": str(tmp_path),
        "GITHUB_WORKSPACE": str(checkout),
        "AEP_ENDPOINT": emulator.url,
        "AEP_IMS_ENDPOINT": emulator.url,
    }

    def git(*arguments, at=tmp_path):
        identity = ("-c", "user.name=Ann", "-c", "user.email=ann@example.com")
        command = ["git", *identity, *arguments]
        return subprocess.run(command, cwd=at, env=environment, check=True, capture_output=True, text=True).stdout

    def nightly():
        shutil.rmtree(checkout, ignore_errors=True)
        git("clone", "--quiet", "origin", str(checkout))
        done = run_job("snapshot", checkout, environment, SECRETS)
        assert done.returncode == 0, done.stdout
        return (tmp_path / "body.md").read_text() if (tmp_path / "body.md").exists() else None

    shutil.copytree(EXAMPLE, checkout)
    place = {"AEP_ORG_ID": emulator.organization.id, "AEP_CLIENT_ID": emulator.organization.client_id}
    read = [Path(sys.executable).with_name("aep-streaming"), "snapshot", "--sandbox", "prod"]
    read += ["--out", checkout / "aep-snapshot.prod.json"]
    subprocess.run(read, cwd=tmp_path, env={**environment, **place, "AEP_CLIENT_SECRET": "emulator-secret"}, check=True)
    git("init", "--quiet", "--initial-branch", "main", at=checkout)
    git("add", "--all", at=checkout)
    git("commit", "--quiet", "--message", "As it is", at=checkout)
    git("clone", "--quiet", "--bare", str(checkout), "origin")
    assert nightly() is None
    assert git("branch", "--list", at=tmp_path / "origin").split() == ["*", "main"]

    for name in ("Men over 60", "Men over 70"):
        body = {"sandbox": "prod", "segments": [{"id": MEN, "name": name}]}
        requests.post(f"{emulator.url}/__control/segments", json=body, timeout=5).raise_for_status()
        assert nightly().startswith(f"      audience Men over 50 ({MEN}): name Men over 50 -> {name}\n")
    changed = git("diff", "--numstat", "main", "aep-snapshot", at=tmp_path / "origin")
    assert changed == "2\t2\taep-snapshot.prod.json\n"  # the audience, and the date
    asked = (tmp_path / "asked-of-github").read_text().splitlines()
    assert [" ".join(line.split()[:2]) for line in asked if line.startswith("pr")] == ["pr create", "pr create", "pr edit"]

"""A Pulumi project of a test's own: a folder, a file backend, an emulator, and the real CLI."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path

from support.surroundings import Emulator

ROOT = Path(__file__).resolve().parents[2]
TUTORIAL = (ROOT / "examples/tutorial/__main__.py").read_text().replace("from __future__ import annotations\n", "")


@dataclass
class Result:
    code: int
    text: str

    def errors(self) -> list[str]:
        """The lines that the CLI marks as errors."""
        return [line.strip() for line in self.text.splitlines() if line.strip().startswith("error:")]


@dataclass
class Project:
    folder: Path
    engine: str
    emulator: Emulator
    environment: dict[str, str]
    name: str = "shop"
    stack: str = "dev"
    written: list[str] = field(default_factory=list)

    def __post_init__(self):
        if not (self.folder / "Pulumi.yaml").exists():
            self.folder.mkdir(parents=True, exist_ok=True)
            (self.folder / "Pulumi.yaml").write_text(f"name: {self.name}\nruntime: python\n")
            self.write("")
        self.run("stack", "init", self.stack)

    @classmethod
    def of_example(cls, example: str, folder: Path, *arguments, **more) -> Project:
        """A copy of a folder under examples/."""
        shutil.copytree(ROOT / "examples" / example, folder)
        return cls(folder, *arguments, **more)

    def write(self, program: str) -> None:
        header = "import pulumi\nimport pulumi_aep_streaming as aep\n"
        (self.folder / "__main__.py").write_text(header + program)

    def run(self, *arguments: str, check: bool = True, without: tuple[str, ...] = (), **variables: str) -> Result:
        done = subprocess.run(
            ["pulumi", "--non-interactive", *arguments],
            cwd=self.folder,
            env=self.variables(without, variables),
            check=False,
            text=True,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            timeout=300,
        )
        self.written.append(done.stdout)
        if check:
            assert done.returncode == 0, done.stdout
        return Result(done.returncode, done.stdout)

    def variables(self, without: tuple[str, ...] = (), more: dict[str, str] | None = None) -> dict[str, str]:
        """The environment of a command: the project's own, and nothing of the caller's that could lead elsewhere."""
        inherited = {key: value for key, value in os.environ.items() if not key.startswith(("AEP_", "PULUMI_"))}
        environment = {
            **inherited,
            "PATH": os.pathsep.join([str(Path(sys.executable).parent), self.engine, os.environ["PATH"]]),
            "PULUMI_BACKEND_URL": f"file://{self.folder}",
            "PULUMI_HOME": str(self.folder / ".home"),
            "PULUMI_CONFIG_PASSPHRASE": "test",
            "PULUMI_SKIP_UPDATE_CHECK": "true",
            **self.environment,
            **(more or {}),
        }
        for name in without:
            environment.pop(name, None)
        return environment

    def start(self, *arguments: str) -> subprocess.Popen:
        """Start a command and do not wait for it."""
        command = ["pulumi", "--non-interactive", *arguments]
        quiet = {"stdin": subprocess.DEVNULL, "stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
        return subprocess.Popen(command, cwd=self.folder, env=self.variables(), **quiet)

    def up(self, *arguments: str, **options) -> Result:
        return self.run("up", "--yes", "--skip-preview", *arguments, **options)

    def preview(self, *arguments: str, **options) -> Result:
        return self.run("preview", "--diff", *arguments, **options)

    def refresh(self, *arguments: str, **options) -> Result:
        return self.run("refresh", "--yes", "--skip-preview", "--diff", *arguments, **options)

    def destroy(self, *arguments: str, **options) -> Result:
        return self.run("destroy", "--yes", "--skip-preview", *arguments, **options)

    def config(self, key: str, value: str, *, secret: bool = False) -> None:
        self.run("config", "set", key, "--secret" if secret else "--plaintext", "--", value)

    def export(self) -> str:
        return self.run("stack", "export").text

    def resources(self) -> list[dict]:
        """The resources of the stack, also those that are to be deleted; of the one stack, read where the backend keeps it."""
        checkpoints = list((self.folder / ".pulumi/stacks").rglob("*.json"))
        if len(checkpoints) != 1:
            return json.loads(self.export())["deployment"].get("resources", [])
        return (json.loads(checkpoints[0].read_text())["checkpoint"]["latest"] or {}).get("resources", [])

    def state(self) -> dict[str, dict]:
        """The resources of the stack, by `Kind::name`."""
        found = {}
        for resource in self.resources():
            kind, name = resource["urn"].split("::")[2].rpartition(":")[2], resource["urn"].split("::")[3]
            found[f"{kind}::{name}"] = resource
        return found

    def outputs(self) -> dict:
        return json.loads(self.run("stack", "output", "--json").text)

    def live(self, kind: str) -> list[dict]:
        """All objects of a kind in the service, oldest first."""
        place = f"{self.emulator.organization.id}/{self.environment['AEP_SANDBOX_NAME']}"
        return self.emulator.store.find(place, kind, [], "createdAt")


def command(project: Project, *arguments: str, code: int = 0, without: tuple[str, ...] = (), at: str = ".") -> str:
    """Run `aep-streaming` in the project's directory, and return what it prints; errors come last."""
    done = subprocess.run(
        [str(Path(sys.executable).parent / "aep-streaming"), *arguments],
        check=False,
        capture_output=True,
        text=True,
        env=project.variables(without),
        cwd=project.folder / at,
    )
    assert done.returncode == code, done.stdout + done.stderr
    return done.stdout + done.stderr

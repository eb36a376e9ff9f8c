"""The package where it is installed afresh: other Pythons, the oldest dependencies, a clean clone. Slow: `make test-all`."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tools.demo import background

pytestmark = pytest.mark.slow

ROOT = Path(__file__).resolve().parents[1]
PYPROJECT = (ROOT / "pyproject.toml").read_text()


def run(*command, cwd=ROOT, **environment):
    done = subprocess.run(
        [str(part) for part in command],
        cwd=cwd,
        env={**os.environ, **environment},
        check=False,
        text=True,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    )
    assert done.returncode == 0, done.stdout[-5000:]
    return done.stdout


def interpreter(version):
    """Where a Python of this version is: on the PATH, or among pyenv's."""
    found = shutil.which(f"python{version}")
    if found and subprocess.run([found, "--version"], check=False, capture_output=True).returncode == 0:
        return found
    if shutil.which("pyenv"):
        root = Path(subprocess.run(["pyenv", "root"], check=True, capture_output=True, text=True).stdout.strip())
        return next((str(python) for python in sorted(root.glob(f"versions/{version}.*/bin/python"))), None)
    return None


def environment_with(folder, python, *requirements):
    """A virtual environment with the package, the emulator, the test tools and these requirements; its bin folder."""
    run(python, "-m", "venv", folder)
    binaries = folder / "bin"
    run(binaries / "python", "-m", "pip", "install", "--quiet", "--upgrade", "pip>=25.1")
    install = [binaries / "python", "-m", "pip", "install", "--quiet"]
    run(*install, *requirements, "--editable", ".[emulator,cli]", "--group", "test")
    return binaries


ALIKE = ("test_completion.py", "test_docs.py", "test_emulator_page.py")
"""What looks at texts and pages, which are the same everywhere."""
FUZZED = ("test_any_answer.py", "test_hostile_names.py", "test_machine.py", "test_nonsense.py")
"""What takes long, as it draws many examples: the oldest Python has them, too."""
A_REAL_UP = "tests/engine/test_readme.py"
VERBS = [f"tests/test_{verb}.py" for verb in ("check", "create", "read", "update", "delete", "replacement")]


LEFT_TO_THE_COLLECTOR = ("-W", "ignore::pytest.PytestUnraisableExceptionWarning")
"""urllib3 1.26 leaves sockets of broken answers to it; they would be reported in whichever test runs then."""


def run_suite(binaries, *selection, left_out=(), more=()):
    """Run what may depend on where the package is installed, and one real `up`; all such tests, if none are selected."""
    left_out = [f"--ignore=tests/{name}" for name in (*ALIKE, *left_out)]
    chosen = selection or ["tests", "--deselect=tests/engine", *left_out]
    return run(binaries / "pytest", "-q", "--hypothesis-profile=ci", "-m", "not slow", *more, *chosen, A_REAL_UP)


@pytest.mark.parametrize("version", ["3.11", "3.12", "3.13"])
def test_every_supported_python_passes_the_suite_and_a_real_up(tmp_path, version):
    """The newest passes all that is not drawn; what lies between it and the oldest, the contract and all verbs."""
    if f"{sys.version_info.major}.{sys.version_info.minor}" == version:
        pytest.skip(f"Python {version} is the one that runs the whole suite")
    python = interpreter(version)
    if python is None:
        pytest.skip(f"no Python {version} on this machine")
    between = [] if version == "3.13" else ["tests/contract", "tests/test_public.py", *VERBS]
    run_suite(environment_with(tmp_path / "venv", python), *between, left_out=FUZZED)


def test_the_oldest_python_with_the_oldest_dependencies_passes_the_suite_and_a_real_up(tmp_path):
    declared = re.search(r"^dependencies = \[(.*)\]$", PYPROJECT, re.MULTILINE)[1]
    oldest = [f"{name}=={floor}" for name, floor in re.findall(r'"([a-z]+)>=([\d.]+)', declared)]
    assert [pin.split("==")[0] for pin in oldest] == ["pulumi", "requests", "pydantic"]
    python = interpreter("3.10") or interpreter("3.11") or sys.executable
    run_suite(environment_with(tmp_path / "venv", python, *oldest), more=LEFT_TO_THE_COLLECTOR)


def test_the_wheel_holds_the_package_and_installs_with_three_dependencies(tmp_path):
    run(sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--wheel-dir", tmp_path, ".")
    (wheel,) = tmp_path.glob("*.whl")
    listing = run(sys.executable, ROOT / "tools/check_wheel.py", tmp_path)
    assert wheel.name in listing
    assert "PASSED" in run(sys.executable, "-m", "twine", "check", "--strict", wheel)


def test_a_clean_clone_makes_the_demo_twice_and_undoes_it(tmp_path):
    port = background.any_port()
    clone = tmp_path / "clone"
    run("git", "clone", "--quiet", ROOT, clone)
    first = run("make", "demo", cwd=clone, DEMO_PORT=str(port))
    assert "Sent to the service: 5 POST, 1 PATCH." in first
    assert "Men over 50  72ddd79b-6b0a-4e97-a8d2-112ccd81bd02" in first
    second = run("make", "demo", cwd=clone, DEMO_PORT=str(port))
    assert "6 unchanged" in second
    assert "Nothing changed: no call was made to the service." in second
    last = run("make", "demo-down", cwd=clone, DEMO_PORT=str(port))
    assert "undone: no object, no process and no file is left" in last
    assert run("git", "status", "--porcelain", cwd=clone) == ""
    assert background.is_free(port)

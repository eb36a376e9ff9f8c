"""What the pages tell a reader to type, typed: each page with a console is walked through from top to bottom."""

from __future__ import annotations

import contextlib
import os
import re
import shlex
import signal
import socket
import subprocess
import sys

import pytest
from engine.project import Project
from support.blocks import ROOT, all_blocks

pytestmark = [pytest.mark.engine, pytest.mark.slow]

BLOCKS = [block for block in all_blocks() if block.page.startswith("docs/")]
START = "docs/start.md"
WALKS = sorted({block.page for block in BLOCKS if block.commands})
MARK = "@@@ "
PORT = "8710"
SECONDS_FOR_A_PAGE = 600


def free_port() -> str:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return str(probe.getsockname()[1])


def script(page: str, port: str) -> str:
    """A page as a shell script: its files written, its commands typed, each after a line that counts it."""
    lines, number = [], 0
    for block in BLOCKS:
        if block.page != page:
            continue
        if block.file:
            lines.append(f"cat > {shlex.quote(block.file)} <<'END-OF-FILE'\n{block.text}END-OF-FILE")
        for command, _ in block.commands:
            lines += [f"echo '{MARK}{number}'", command]
            number += 1
    return "\n".join(lines).replace(PORT, port) + "\n"


def walk(page: str, folder, environment) -> None:
    """Do what a page says, and find what it shows in what is printed, in any order within a command."""
    port = environment["PORT"]
    typed = subprocess.Popen(
        ["bash", "-c", script(page, port)],
        cwd=folder,
        env=environment,
        text=True,
        start_new_session=True,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    )
    try:
        output, _ = typed.communicate(timeout=SECONDS_FOR_A_PAGE)
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(typed.pid, signal.SIGKILL)  # whatever a page that went wrong has left running
    printed = dict(part.partition("\n")[::2] for part in ("\n" + output).split(f"\n{MARK}")[1:])
    commands = [command for block in BLOCKS if block.page == page for command in block.commands]
    assert len(printed) == len(commands)
    for number, (command, expected) in enumerate(commands):
        in_the_background = command.endswith("&")
        found = {essence(line) for line in (output if in_the_background else printed[str(number)]).splitlines()}
        found.add("Type Name Plan")  # the head of a table that only a terminal shows
        missing = [line for line in expected if essence(line.replace(PORT, port)) not in found]
        assert missing == [], f"{page}: {command}\n{output}"
        failed = "error:" in printed[str(number)]
        assert failed == any("error:" in line for line in expected), f"{page}: {command}\n{output}"


def essence(line: str) -> str:
    """A line of output without what differs from run to run: ids, durations, and the tree that only a terminal shows."""
    line = re.sub(r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}", "ID", line)
    line = re.sub(r"#[0-9a-f]{8}\.[0-9a-f]{8}", "#KEY.NONCE", line)
    line = re.sub(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", "DATE", line)
    return " ".join(re.sub(r"[│├└─]|\(\d+(?:\.\d+)?s\)", " ", line).split())


@pytest.mark.parametrize("page", [page for page in WALKS if page != START])
def test_a_guide_does_what_it_says_in_the_project_of_the_start_page(page, tmp_path, engine, emulator):
    project = Project(tmp_path / "shop", engine, emulator, {})
    port = emulator.url.rpartition(":")[2]
    plain, secret = [], []
    for block in BLOCKS:
        for command, _ in block.commands if block.page == START else []:
            if command.startswith("pulumi config set "):
                *_, key, value = shlex.split(command.replace(PORT, port))
                (secret if "--secret" in command else plain).append(f"{key}={value}")
    flags = [word for pair in plain for word in ("--plaintext", pair)] + [
        word for pair in secret for word in ("--secret", pair)
    ]
    project.run("config", "set-all", *flags)
    program = next(block.text for block in BLOCKS if block.page == START and block.file == "__main__.py")
    (project.folder / "__main__.py").write_text(program)
    project.up()
    walk(page, project.folder, {**project.variables(), "PORT": port})


def test_the_start_page_leads_from_nothing_to_a_destination(tmp_path, engine):
    """Literally, in a new virtual environment; pip finds the package in a folder instead of on the index."""
    build = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--wheel-dir", tmp_path / "wheels", ROOT]
    subprocess.run(build, check=True, stdin=subprocess.DEVNULL)
    inherited = {key: value for key, value in os.environ.items() if not key.startswith(("AEP_", "PULUMI_"))}
    walk(
        START,
        tmp_path,
        {
            **inherited,
            "PATH": os.pathsep.join([engine, os.environ["PATH"]]),
            "PIP_FIND_LINKS": str(tmp_path / "wheels"),
            "PULUMI_HOME": str(tmp_path / "home"),
            "PULUMI_SKIP_UPDATE_CHECK": "true",
            "PORT": free_port(),
        },
    )


def test_the_programs_in_the_pages_run(project):
    """All in one `up`, under the names that they have."""
    programs = [block for block in BLOCKS if block.is_program and not block.file]
    for number, block in enumerate(programs):
        (project.folder / f"page_{number}.py").write_text(block.text)
    (project.folder / "__main__.py").write_text("".join(f"import page_{number}\n" for number in range(len(programs))))
    for key in ("accessKeyId", "secretKey", "tenantId", "clientId", "clientSecret"):
        project.config(key, "TOPSECRET", secret=key in {"secretKey", "clientSecret"})
    project.up()
    project.refresh("--expect-no-changes")
    assert len(programs) >= 2
    assert project.live("flows")


def test_the_commands_of_pulumi_in_the_pages_exist(project):
    used: dict[str, set[str]] = {}
    for block in all_blocks():
        if block.language in {"bash", "console"}:
            for command, *arguments in block.words:
                if command == "pulumi":
                    name = [argument for argument in arguments if not argument.startswith("-")]
                    nested = name[0] in {"config", "stack", "state"} and len(name) > 1
                    flags = {argument.partition("=")[0] for argument in arguments if argument.startswith("--")}
                    used.setdefault(" ".join(name[: 2 if nested else 1]), set()).update(flags)
    assert len(used) >= 5
    for name, flags in used.items():
        usage = project.run(*name.split(), "--help").text
        assert usage != project.run(*name.split()[:-1], "--help").text, name  # what an unknown command would get
        assert {flag for flag in flags if flag not in usage} == set(), name

"""What the pages tell a reader to type, typed: Start, and all pages with a console that go on from there."""

from __future__ import annotations

import contextlib
import os
import re
import shlex
import signal
import subprocess
from pathlib import Path

import pytest
from support.blocks import ROOT, Block, all_blocks

from tools.demo.background import any_port

pytestmark = [pytest.mark.engine, pytest.mark.slow]

BLOCKS = [block for block in all_blocks() if block.page.startswith("docs/")]
START = "docs/start.md"
MENU = [f"docs/{page}" for page in re.findall(r": (\S+\.md)$", (ROOT / "mkdocs.yml").read_text(), re.MULTILINE)]
WALKS = [page for page in MENU if page != START and any(block.page == page and block.commands for block in BLOCKS)]
MARK = "@@@ "
PORT = "8710"
CLONE = "../pulumi-aep-streaming"
SECONDS_FOR_ALL = 900


def of_page(page: str) -> list[Block]:
    return [block for block in BLOCKS if block.page == page]


def steps_of_start(first: int, last: int) -> list[Block]:
    """The blocks of some steps of the start page, whose headings are numbered."""
    lines = (ROOT / START).read_text().splitlines()
    numbered = [(int(line[3]), number) for number, line in enumerate(lines, 1) if re.match(r"## \d\. ", line)]
    step_of = {block.line: max(step for step, number in numbered if number < block.line) for block in of_page(START)}
    return [block for block in of_page(START) if first <= step_of[block.line] <= last]


def script(blocks: list[Block], port: str, package: str) -> str:
    """Blocks as a shell script: files written, commands typed, each after a line that counts it."""
    lines, number = [], 0
    for block in blocks:
        if block.file:
            lines.append(f"cat > {shlex.quote(block.file)} <<'END-OF-FILE'\n{block.text}END-OF-FILE")
        for command, _ in block.commands:
            lines += [f"echo '{MARK}{number}'", command]
            number += 1
    return "\n".join(lines).replace(PORT, port).replace(CLONE, package) + "\n"


def walk(blocks: list[Block], folder, environment, package: str = CLONE) -> None:
    """Do what blocks say, and find what they show in what is printed, in any order within a command."""
    port = environment["PORT"]
    typed = subprocess.Popen(
        ["bash", "-c", script(blocks, port, package)],
        cwd=folder,
        env=environment,
        text=True,
        start_new_session=True,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    )
    try:
        output, _ = typed.communicate(timeout=SECONDS_FOR_ALL)
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(typed.pid, signal.SIGKILL)  # whatever a page that went wrong has left running
    printed = dict(part.partition("\n")[::2] for part in ("\n" + output).split(f"\n{MARK}")[1:])
    commands = [(block, *command) for block in blocks for command in block.commands]
    assert len(printed) == len(commands), output
    for number, (block, command, expected) in enumerate(commands):
        in_the_background = command.endswith("&")
        found = {essence(line) for line in (output if in_the_background else printed[str(number)]).splitlines()}
        found.add("Type Name Plan")  # the head of a table that only a terminal shows
        missing = [line for line in expected if essence(line.replace(PORT, port)) not in found]
        assert missing == [], f"{block}: {command}\n{printed[str(number)]}"
        failed = "error:" in printed[str(number)]
        assert failed == any("error:" in line for line in expected), f"{block}: {command}\n{printed[str(number)]}"


def essence(line: str) -> str:
    """A line of output without what differs from run to run: ids, durations, and the tree that only a terminal shows."""
    line = re.sub(r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}", "ID", line)
    line = re.sub(r"#[0-9a-f]{8}\.[0-9a-f]{8}", "#KEY.NONCE", line)
    line = re.sub(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", "DATE", line)
    return " ".join(re.sub(r"[│├└─]|\(\d+(?:\.\d+)?s\)", " ", line).split())


def of_a_reader(folder: Path, engine: str) -> dict[str, str]:
    """The variables of a reader's terminal, and a port for the emulator; there is a clone beside the project's folder."""
    (folder / Path(CLONE).name).symlink_to(ROOT)
    inherited = {key: value for key, value in os.environ.items() if not key.startswith(("AEP_", "PULUMI_"))}
    return {
        **inherited,
        "PATH": os.pathsep.join([engine, os.environ["PATH"]]),
        "PULUMI_HOME": str(folder / "home"),
        "PULUMI_SKIP_UPDATE_CHECK": "true",
        **{f"GIT_{who}_{what}": "reader@example.com" for who in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")},
        "PORT": str(any_port()),
    }


def test_a_reader_does_start_and_then_each_guide_in_the_order_of_the_menu(tmp_path, engine):
    """Literally, in one terminal and a new virtual environment, from a clone.

    Each guide begins where step 7 of Start, or the guide before, has led to; step 8 comes last.
    """
    guides = [block for page in WALKS for block in of_page(page)]
    walk([*steps_of_start(1, 7), *guides, *steps_of_start(8, 8)], tmp_path, of_a_reader(tmp_path, engine))


@pytest.mark.skipif("WHEEL" not in os.environ, reason="make build names its wheel in WHEEL, and runs this")
def test_the_wheel_leads_through_the_start_page(tmp_path, engine):
    walk(of_page(START), tmp_path, of_a_reader(tmp_path, engine), os.environ["WHEEL"])


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

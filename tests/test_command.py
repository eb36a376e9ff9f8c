"""The command `aep-streaming` as programs meet it: nothing is wrapped or cut, and each command says how it ends."""

from __future__ import annotations

import re
import subprocess
import sys
from importlib.metadata import version

import pytest
from support.command import aep_streaming
from support.plain import MEN

LONG = "Customers who bought in summer, in all countries where that is a season " * 2
MARKED = "[pulumi:shop/prod/x#00000000.11111111]"
COMMANDS = ["adopt", "verify", "orphans", "compare", "snapshot", "pause", "resume", "recover"]


@pytest.fixture(params=[None, "20"], ids=["COLUMNS unset", "COLUMNS=20"])
def in_a_pipe(request, monkeypatch):
    monkeypatch.delenv("COLUMNS", raising=False)
    if request.param:
        monkeypatch.setenv("COLUMNS", request.param)


def test_without_a_terminal_a_row_is_a_line_and_ids_stay_whole(in_a_pipe, as_environment, by_hand, emulator, tmp_path):
    (tmp_path / "empty.json").write_text('{"deployment": {"resources": []}}')
    flow = by_hand.flow(LONG, by_hand.profiles(), by_hand.stream("t", by_hand.account()), [], [], description=MARKED)
    (row,) = [line for line in aep_streaming("orphans", "--stack-export", "empty.json", code=1).splitlines() if flow in line]
    assert row == f"flows  {LONG}  {flow}  shop/prod/x#00000000".replace(LONG, LONG.strip())
    (row,) = [line for line in aep_streaming("verify", "--flow", flow, code=1).splitlines() if LONG.strip() in line]
    assert row.endswith("no segment is activated; no run yet")
    by_hand.flow(LONG, by_hand.profiles(), by_hand.stream("t", by_hand.account()), [MEN], [])
    assert f"  {LONG.strip()} (2)\n" in aep_streaming("compare", "--from", "dev", "--to", "prod", code=1)


def test_help_is_not_cut_however_narrow(in_a_pipe):
    said = aep_streaming("--help")
    for name in COMMANDS:
        own = aep_streaming(name, "--help")
        assert not re.search(r"\w\.\.\.$|…", said + own, re.MULTILINE)
        assert {f"--{option}" for option in re.findall(r"^  --([a-z-]+)", own, re.MULTILINE)} >= {"--json", "--help"}
    assert "--max-failed-percent" in aep_streaming("verify", "--help")
    assert "Nothing is changed in the service." in " ".join(said.split())


@pytest.mark.parametrize("name", COMMANDS)
def test_each_command_says_what_its_exit_status_means(name):
    said = " ".join(aep_streaming(name, "--help").split())
    assert re.search(r"Exit status: 0 all is well; 1 [^;]+; 2 it could not be done\.$", said)


@pytest.mark.parametrize("missing", ["typer", "rich"])
def test_without_the_extra_one_line_says_how_to_install_it(missing):
    program = f"import sys; sys.modules[{missing!r}] = None; from pulumi_aep_streaming.cli import main; main()"
    done = subprocess.run([sys.executable, "-c", program], check=False, capture_output=True, text=True)
    line = "aep-streaming needs typer and rich: pip install 'path/to/the/clone[cli]' (the package is on no index yet)\n"
    assert (done.returncode, done.stdout, done.stderr) == (2, "", line)


def test_it_says_which_version_it_is():
    assert aep_streaming("--version") == f"aep-streaming {version('pulumi-aep-streaming')}\n"

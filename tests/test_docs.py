"""The documentation: no code block escapes a check, every error that the package can print is explained, the site builds."""

from __future__ import annotations

import ast
import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pytest
import yaml
from support import under_mocks
from support.blocks import MODULES, ROOT, all_blocks
from support.browsing import beyond_the_window

import pulumi_aep_streaming as aep
from pulumi_aep_streaming._core import settings
from pulumi_aep_streaming.flow_service.errors import ADVICE

BLOCKS = all_blocks()
PYTHON = [block for block in BLOCKS if block.language == "python"]
TROUBLESHOOTING = (ROOT / "docs/troubleshooting.md").read_text()
# What a fragment may take for granted.
PRELUDE = """
from collections.abc import Mapping, Sequence
import pulumi
import pulumi_aep_streaming as aep
config: pulumi.Config
profiles: aep.BaseConnection
account: aep.BaseConnection
source: aep.SourceConnection
target: aep.TargetConnection
flow: aep.Dataflow
purchases: aep.StreamingDestination
europe: aep.Provider
class Stream:  # aws.kinesis.Stream
    name: pulumi.Output[str]
class Key:  # aws.iam.AccessKey
    id: pulumi.Output[str]
    secret: pulumi.Output[str]
stream: Stream
key: Key
"""
WIDE = {**os.environ, "COLUMNS": "200"}
OTHER_COMMANDS = {"cd", "cp", "curl", "diff", "export", "find", "git", "sed", "kill", "mkdir", "pip", "python3", "rm", "source"}
OTHER_COMMANDS |= {"echo", "fold", "mv"}


def test_every_block_is_of_a_kind_that_is_checked():
    checked = {"python", "console", "bash", "yaml", "json"}
    assert [f"{block}: {block.language or 'no language'}" for block in BLOCKS if block.language not in checked] == []


def test_no_block_escapes():
    """An independent count: lines that look like a fence, in whatever indentation."""
    texts = [page.read_text() for page in [ROOT / "README.md", *(ROOT / "docs").rglob("*.md"), *MODULES]]
    fences = sum(len(re.findall(r"^\s*(?:```|~~~)", text, re.MULTILINE)) for text in texts)
    assert fences == 2 * len(BLOCKS)
    assert len(BLOCKS) >= 60


def test_code_fits_a_page_without_scrolling():
    """What is shown of a command's output is as wide as it is printed."""
    typed = {
        block: [line for command, _ in block.commands for line in f"$ {command}".splitlines()] or block.text.splitlines()
        for block in BLOCKS
        if block.page != "README.md"
    }
    assert [f"{block}: {line}" for block, lines in typed.items() for line in lines if len(line) > 84] == []


@pytest.mark.parametrize("block", [block for block in BLOCKS if block.included], ids=str)
def test_what_is_included_is_there(block):
    assert block.included.is_file()


@pytest.mark.parametrize("block", [block for block in BLOCKS if block.language in {"yaml", "json"}], ids=str)
def test_data_can_be_parsed_and_names_settings_that_exist(block):
    parsed = json.loads(block.text) if block.language == "json" else yaml.safe_load(block.text)
    assert parsed
    for key in re.findall(r"\baep:[A-Za-z]+", block.text):
        assert key in settings.KEYS


def test_every_setting_named_in_the_pages_exists():
    variables = {*settings.CREDENTIALS.values(), *settings.PLACES.values(), *settings.BEHAVIOUR.values(), settings.RECLAIM}
    for page in (ROOT / "docs").rglob("*.md"):
        text = page.read_text()
        assert set(re.findall(r"\baep:[a-z][A-Za-z]+", text)) - {"aep:index"} <= set(settings.KEYS), page
        assert {name for name in re.findall(r"\bAEP_[A-Z_]+\b", text) if "_CONTRACT_" not in name} <= variables, page


def test_every_setting_and_every_public_name_is_in_the_pages():
    text = "".join(page.read_text() for page in (ROOT / "docs").rglob("*.md"))
    assert [key for key in settings.KEYS if f"`{key}`" not in text] == []
    assert [name for name in aep.__all__ if not re.search(rf"\b{name}\b", text)] == []


@pytest.mark.parametrize("block", [block for block in BLOCKS if block.language in {"bash", "console"}], ids=str)
def test_commands_exist(block):
    targets = set(re.findall(r"^([a-z./-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    for command, *arguments in block.words:
        if command == "make":
            assert {argument for argument in arguments if "=" not in argument} <= targets
        elif command == "python" and arguments[:2] == ["-m", "pulumi_aep_streaming.emulator"]:
            help_ = subprocess.run(
                [sys.executable, *arguments[:2], "--help"], check=True, capture_output=True, text=True
            ).stdout
            assert [flag for flag in arguments if flag.startswith("--") and flag not in help_] == []
        elif command == "aep-streaming":
            pytest.importorskip("typer")
            usage = [Path(sys.executable).with_name(command), *arguments[:1], "--help"]
            help_ = subprocess.run(usage, check=True, capture_output=True, text=True, env=WIDE).stdout
            assert [flag for flag in arguments if flag.startswith("--") and flag not in help_] == []
        elif command == "python" and arguments[:2] == ["-m", "unittest"]:
            assert arguments[2] in {written.file for written in BLOCKS if written.page == block.page}
        elif command in {"python", ".venv/bin/pytest"}:
            assert (ROOT / arguments[0]).exists() or arguments[0].endswith(".py")
        else:
            assert command in OTHER_COMMANDS | {"pulumi"}  # flags of pulumi: tests/engine/test_docs.py


@pytest.mark.parametrize("guide", sorted((ROOT / "docs/guides").glob("*.md")), ids=lambda guide: guide.stem)
def test_each_guide_says_from_which_step_of_start_it_goes_on(guide):
    """Those with commands are typed after step 7 by tests/engine/test_docs.py."""
    _, _, first, *_ = guide.read_text().splitlines()
    said = re.match(r"\*\*From \[step (\d) of Start\]\(\.\./start\.md#\1-", first)
    assert said
    assert said[1] == "7" or "```console" not in guide.read_text()


def test_what_the_readme_shows_of_a_run_is_shown_by_a_page_that_is_run():
    shown: dict[bool, set[tuple[str, str]]] = {True: set(), False: set()}
    for block in BLOCKS:
        shown[block.page == "README.md"] |= {(command, line) for command, lines in block.commands for line in lines}
    assert len(shown[True]) >= 20
    assert shown[True] - shown[False] == set()


def test_the_mocks_shown_for_look_ups_answer_them():
    (block,) = (block for block in PYTHON if block.page == "docs/resources/look-ups.md" and "class Mocks" in block.text)
    shown: dict[str, Any] = {}
    exec(block.text, shown)
    found = []

    def program():
        found.extend([aep.get_audience(name="Lapsed customers"), *aep.get_audiences()])

    under_mocks.run(program, mocks=shown["Mocks"]())
    assert [audience.name for audience in found] == ["Lapsed customers"] * 2


@pytest.mark.slow
def test_every_python_block_passes_the_type_checker(tmp_path):
    for number, block in enumerate(PYTHON):
        if block.included and "examples" in block.included.parts:
            continue  # make check
        prelude = PRELUDE if not re.search(r"^(import|from) ", block.text, re.MULTILINE) else ""
        (tmp_path / f"block_{number}.py").write_text(prelude + block.text)
    command = [
        sys.executable,
        "-m",
        "mypy",
        "--config-file",
        ROOT / "pyproject.toml",
        "--allow-untyped-decorators",  # pulumi.runtime.test is one
        "--cache-dir",
        tmp_path / "cache",
        tmp_path,
    ]
    done = subprocess.run(command, check=False, capture_output=True, text=True, cwd=ROOT)
    where = re.sub(r"\S*block_(\d+)\.py", lambda found: str(PYTHON[int(found[1])]), done.stdout)
    assert done.returncode == 0, where + done.stderr


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    """The site, built without a warning."""
    folder = tmp_path_factory.mktemp("site")
    command = [sys.executable, "-m", "mkdocs", "build", "--strict", "--quiet", "--site-dir", folder]
    environment = {**os.environ, "NO_MKDOCS_2_WARNING": "1"}
    done = subprocess.run(command, check=False, capture_output=True, text=True, cwd=ROOT, env=environment)
    assert (done.returncode, done.stdout + done.stderr) == (0, "")
    return folder


@pytest.mark.slow
def test_the_site_links_types_and_fetches_nothing_from_elsewhere(site):
    for page in site.rglob("*.html"):
        text = page.read_text()
        fetched = re.findall(
            r"<(?:script|img|iframe|link rel=\"(?:stylesheet|icon|preconnect)\")[^>]*(?:src|href)=\"?(http[^\" >]*)", text
        )
        assert fetched == [], page
        assert 'data-md-component="source"' not in text, page  # asks the repository's host for stars
    for name in ("streaming-destination", "base-connection", "target-connection", "dataflow"):
        signature = (site / f"resources/{name}.html").read_text().partition("<h2 ")[2].partition("</pre>")[0]
        assert re.search(r'<a class="autorefs[^>]*href="?[\w.-]*#pulumi_aep_streaming\.', signature), name
    for sheet in site.rglob("*.css"):
        assert not re.search(r"url\(['\"]?http|@import", sheet.read_text()), sheet


@pytest.mark.slow
def test_a_page_on_a_phone_keeps_names_whole_and_says_which_release_it_is_of(site, browser):
    from selenium.webdriver.support.ui import WebDriverWait  # noqa: PLC0415  (only slow tests need it)

    browser.execute_cdp_cmd(
        "Emulation.setDeviceMetricsOverride", {"width": 400, "height": 900, "deviceScaleFactor": 1, "mobile": True}
    )
    browser.get((site / "resources/configuration.html").as_uri())
    assert browser.title.endswith(f"pulumi-aep-streaming {version('pulumi-aep-streaming')}")
    assert beyond_the_window(browser) <= 0
    names = browser.find_elements("css selector", "table code")
    assert len(names) > 20
    assert [name.text for name in names if lines_of(browser, name) != 1] == []
    table = browser.find_element("css selector", ".md-typeset__scrollwrap")
    assert table.get_property("scrollWidth") > table.get_property("clientWidth")
    assert table.value_of_css_property("background-image").count("gradient") == 4  # shows that there is more
    assert len(browser.find_elements("css selector", ".md-footer__link")) == 2  # the page before, and the next
    body = browser.find_element("css selector", "body")
    for media, scheme in ((": light)", "default"), (": dark)", "slate"), ("scheme)", "default")):  # the system is light
        (toggle,) = (label for label in browser.find_elements("css selector", "form > label") if label.is_displayed())
        toggle.click()
        WebDriverWait(browser, 10).until(lambda _, media=media: body.get_attribute("data-md-color-media").endswith(media))
        assert body.get_attribute("data-md-color-scheme") == scheme


def lines_of(browser, element):
    return browser.execute_script("return arguments[0].getClientRects().length", element)


# Errors: what the code can print, and what the page explains.


def printed() -> Iterator[tuple[str, str]]:
    """Every line that the package raises, yields as a problem, or warns of: where, and as a pattern."""
    for module in MODULES:
        if "emulator" in module.parts or module.name in {"__init__.py", "_generated.py"}:  # another's, none, a program
            continue
        tree = ast.parse(module.read_text())
        for node in ast.walk(tree):
            for text in texts_of(node):
                pattern = pattern_of(text)
                if len(re.sub(r"\W", "", pattern)) >= 10 and not re.match(r"pulumi\\ (stack|config|import)", pattern):
                    yield f"{module.name}:{node.lineno}", pattern


def texts_of(node: ast.AST) -> list[ast.expr]:
    """The texts that a statement shows to the user: of errors, of problems that are yielded, of warnings."""
    shown: list[ast.expr] = []
    match node:
        case ast.Raise(exc=ast.Call(args=shown)) | ast.Return(value=ast.Call(func=ast.Name(id="NoAnswer"), args=shown)):
            pass
        case ast.Call(func=ast.Name(id="Note"), args=shown):  # yielded by a kind, or said
            pass
        case ast.Return(value=ast.Tuple(elts=[text, ast.Constant(value=bool())])):  # what went wrong, and whether it was sent
            shown = [text]
        case ast.Assign(targets=[ast.Name(id="message" | "line" | "text" | "_UNSENDABLE")], value=text):
            shown = [text]
        case ast.Expr(value=ast.Yield(value=ast.expr() as text)):
            shown = [text]
        case ast.Expr(value=ast.Call(func=ast.Attribute(attr="warn" | "append"), args=shown)):
            pass
    return [text for text in shown if isinstance(text, ast.JoinedStr) or _is_text(text)]


def _is_text(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and isinstance(node.value, str)


def pattern_of(text: ast.expr) -> str:
    """A text as a pattern: what is filled in may be anything."""
    parts = text.values if isinstance(text, ast.JoinedStr) else [text]
    return "".join(re.escape(str(part.value)) if isinstance(part, ast.Constant) else ".*?" for part in parts)


PRINTED = sorted(set(printed()))
EXPLAINED = [line.replace("\\", "") for line in re.findall(r"^#{3} `(.*)`$", TROUBLESHOOTING, re.MULTILINE)]


def test_every_line_that_the_package_prints_is_explained():
    missing = [f"{where}: {pattern}" for where, pattern in PRINTED if not any(re.search(pattern, line) for line in EXPLAINED)]
    assert missing == []


def test_every_code_that_has_advice_is_explained():
    table = TROUBLESHOOTING.partition("| code |")[2].partition("\n\n")[0]
    assert set(re.findall(r"\d{4,6}", table)) == {*ADVICE, "1439"}  # an absence, which `advised` explains beside a plain 404


def test_every_line_that_is_explained_is_printed_by_something():
    engines_own = TROUBLESHOOTING.partition("## The engine's own")[2]
    source = "".join(module.read_text() for module in MODULES)
    unknown = []
    for line in EXPLAINED:
        by_the_code = any(re.search(pattern, line) for _, pattern in PRINTED)
        literal = re.sub(r"^.*?: |<.*?>.*", "", line)
        adobes_own = line.startswith("<reason> (HTTP")
        if not by_the_code and not (literal and literal in source) and not adobes_own and f"`{line}`" not in engines_own:
            unknown.append(line)
    assert unknown == []

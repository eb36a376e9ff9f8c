"""The code blocks of the documentation: pages under docs/, the README, and the examples in docstrings."""

from __future__ import annotations

import ast
import inspect
import re
import shlex
import textwrap
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
MODULES = sorted((ROOT / "pulumi_aep_streaming").rglob("*.py"))
_FENCE = re.compile(r"^(?P<indent> *)(?P<ticks>`{3,})(?P<info>.*)\n(?P<body>(?:.*\n)*?)(?P=indent)(?P=ticks) *$", re.MULTILINE)
_TITLE = re.compile(r'title="([^"]+)"')
_SNIPPET = re.compile(r"^--8<--\n(.*)\n--8<--$")


@dataclass(frozen=True)
class Block:
    """A fenced block: where it stands, its language, what else its fence says, what is written in it."""

    page: str
    line: int
    language: str
    attributes: str
    written: str

    def __str__(self) -> str:
        return f"{self.page}:{self.line}"

    @property
    def file(self) -> str | None:
        """The file that a reader is to write this into."""
        title = _TITLE.search(self.attributes)
        return title[1] if title else None

    @property
    def included(self) -> Path | None:
        """The file of the repository that stands here as a whole."""
        snippet = _SNIPPET.match(self.written.strip())
        return ROOT / snippet[1] if snippet else None

    @property
    def text(self) -> str:
        """What a reader sees."""
        return self.included.read_text() if self.included else self.written

    @property
    def is_program(self) -> bool:
        """Whether it is a whole Pulumi program, rather than a part of one."""
        return self.language == "python" and self.text.startswith("import pulumi\n")

    @cached_property
    def commands(self) -> list[tuple[str, list[str]]]:
        """The commands of a `console` block, each with the lines that it is to print; a block of another kind has none."""
        found: list[tuple[str, list[str]]] = []
        for line in self.text.splitlines() if self.language == "console" else []:
            if line.startswith("$ "):
                found.append((line[2:], []))
            elif found and not found[-1][1] and found[-1][0].endswith("\\"):
                found[-1] = (f"{found[-1][0]}\n{line}", [])
            elif line.strip() not in {"", "..."}:
                found[-1][1].append(line)
        return found

    @property
    def words(self) -> Iterator[list[str]]:
        """The commands of a `bash` or `console` block, each as its words."""
        commands = [command for command, _ in self.commands] or re.split(r"(?<!\\)\n", self.text)
        for line in commands:
            lexer = shlex.shlex(line.replace("\\\n", ""), posix=True, punctuation_chars=True)
            lexer.whitespace_split = True
            command: list[str] = []
            for word in [*lexer, ";"]:
                if word in {"&&", "|", ";", "&", "||"}:
                    yield from [command] if command else []
                    command = []
                else:
                    command.append(word)


def all_blocks() -> list[Block]:
    """Every block there is."""
    written = [block for page in PAGES for block in _blocks_in(page, page.read_text())]
    return written + [block for module in MODULES for text in _docstrings(module) for block in _blocks_in(module, text)]


def _blocks_in(file: Path, text: str) -> list[Block]:
    found = []
    for fence in _FENCE.finditer(text):
        language, _, attributes = fence["info"].strip().partition(" ")
        line = text.count("\n", 0, fence.start()) + 1
        found.append(Block(str(file.relative_to(ROOT)), line, language, attributes, textwrap.dedent(fence["body"])))
    return found


def _docstrings(module: Path) -> list[str]:
    nodes = [node for node in ast.walk(ast.parse(module.read_text())) if isinstance(node, ast.ClassDef | ast.FunctionDef)]
    return [inspect.cleandoc(text) + "\n" for text in map(ast.get_docstring, nodes) if text]

"""What the commands print. Names and the like are text of others: each line, cell and question goes through `harmless`."""

from __future__ import annotations

import json
import os
import shlex
import sys
from collections.abc import Iterable
from typing import Any, NoReturn

import typer
from rich.console import Console
from rich.table import Table

from pulumi_aep_streaming._core.effects import Effects, Note
from pulumi_aep_streaming.cli import compare as comparing
from pulumi_aep_streaming.cli import orphans as finding
from pulumi_aep_streaming.cli import output_schema as describing
from pulumi_aep_streaming.cli import pause as pausing
from pulumi_aep_streaming.cli import snapshot as reading
from pulumi_aep_streaming.cli import verify as verifying
from pulumi_aep_streaming.flow_service.text_of_others import harmless

_LONGEST_IN_QUESTION = 120
_NO_WIDTH = 100_000
_PLAIN = frozenset(b" -./0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ_abcdefghijklmnopqrstuvwxyz")
# What is in brackets, or between colons, is a part of a name.
_out = Console(soft_wrap=True, highlight=False, markup=False, emoji=False)
progress = Console(stderr=True, soft_wrap=True, highlight=False, markup=False, emoji=False)


def line(text: str, indent: str = "") -> None:
    """Print a line."""
    _out.print(indent + harmless(text))


def note(text: str) -> None:
    """Say something that is no part of the output."""
    progress.print(harmless(text))


def _say(said: Note) -> None:
    note(said.text)


EFFECTS = Effects(_say)
"""Shows what the client says: that it waits, or leaves out what it cannot read."""


def give_up(text: str) -> NoReturn:
    """End with one line that says why the command could not be carried out."""
    typer.echo(f"error: {harmless(text)}", err=True)
    raise typer.Exit(2)


def agreed(orphan: finding.Orphan) -> bool:
    """Ask a person whether an orphan may be deleted."""
    name, id_, owner = (harmless(text, _LONGEST_IN_QUESTION) for text in (orphan.name, orphan.id, orphan.owner))
    return typer.confirm(f"Delete {orphan.kind} {name} ({id_}), made by {owner}?")


def agreed_to_switch_on(switch: pausing.Switch) -> bool:
    """Ask a person whether a dataflow may be switched on that somebody changed since it was paused."""
    name, id_ = (harmless(text, _LONGEST_IN_QUESTION) for text in (switch.name, switch.id))
    return typer.confirm(f"Switch on {name} ({id_}), which somebody changed since it was paused?")


def confirmed(question: str) -> bool:
    """Ask a person."""
    return typer.confirm(harmless(question))


def as_json(value: Any) -> None:
    """Print JSON, with all escaped in it that a terminal might act upon."""
    text = json.dumps(value, indent=2, ensure_ascii=False, default=str)
    typer.echo("".join(each if each.isprintable() or each == "\n" else json.dumps(each)[1:-1] for each in text))


def adopted(report: dict[str, Any], sandbox: str) -> None:
    """Print what was adopted, what was not, and what to do next."""
    counts = ", ".join(f"{count} {kind}" for kind, count in report["adopted"].items())
    line(f"sandbox {sandbox}: {counts}; {report['components']} of the dataflows as a StreamingDestination")
    for left in report["leftAlone"]:
        _out.print("  left alone: {} ({}): {}".format(*_cells(left["name"], left["id"], left["reason"])))
    for each in report["notes"]:
        line(f"note: {each}", indent="  ")
    if not report["commands"]:
        line("nothing to adopt")
        return
    if report["pulumi"]:
        line(report["pulumi"], indent="\n")
        return
    _out.print("\nRead the program, then:\n")
    for command in report["commands"]:
        _out.print("  " + " ".join(map(_word, shlex.split(command))))


def verdicts(found: list[verifying.Verdict]) -> None:
    """Print what was seen of dataflows."""
    table = _table("dataflow", "state", "segments", "attributes", "last run", "records", "verdict")
    for verdict in found:
        run = verdict.last_run or {}
        row = [verdict.name or verdict.id, verdict.state, str(verdict.segments), str(verdict.profile_attributes)]
        said = ("\n" if sys.stdout.isatty() else "; ").join(map(harmless, [*verdict.problems, *verdict.notes]))
        cells = [*_cells(*row, run.get("status", ""), _records(verdict.runs)), said or "ok"]
        table.add_row(*cells, style="red" if verdict.problems else "")
    _print(table)


def orphans(found: list[finding.Orphan]) -> None:
    """Print orphans."""
    if not found:
        line("no orphans")
        return
    table = _table("kind", "name", "id", "made by")
    for orphan in found:
        table.add_row(*_cells(orphan.kind, orphan.name, orphan.id, orphan.owner))
    _print(table)


def differences(found: list[comparing.Difference], first: str, second: str, ignored: list[str]) -> None:
    """Print how two places differ: what is only in one of them, then what differs in both, as a diff shows it."""
    if not found:
        line("no differences" + (f"; ignored: {', '.join(ignored)}" if ignored else ""))
    for heading, what in ((f"only in {first}", comparing.MISSING), (f"only in {second}", comparing.EXTRA)):
        names = [difference.name for difference in found if difference.what == what]
        _list(heading, names)
    changed = [difference for difference in found if difference.what not in {comparing.MISSING, comparing.EXTRA}]
    if changed:
        line(f"changed from {first} to {second}")
    for name in dict.fromkeys(difference.name for difference in changed):
        line(name, indent="  ")
        for difference in (each for each in changed if each.name == name):
            for text in comparing.lines(difference):
                line(text, indent="    ")


def _list(heading: str, names: list[str]) -> None:
    if names:
        line(heading)
    for name in names:
        line(name, indent="  ")


def switches(found: list[pausing.Switch]) -> None:
    """Print what will become of dataflows."""
    table = _table("dataflow", "id", "state", "")
    for switch in found:
        table.add_row(*_cells(switch.name, switch.id, switch.state, switch.plan))
    _print(table)


def switched(switch: pausing.Switch) -> None:
    """Print what became of one dataflow."""
    line(f"{switch.name} ({switch.id}): {switch.problem or switch.outcome}")


def paused(file: str | None) -> None:
    """Print how to go on after a pause, and what Pulumi will show meanwhile."""
    if not file:
        line("nothing was switched off")
        return
    line(f"to switch on again what is in {file}, and nothing else:")
    _out.print(f"  aep-streaming resume --from {_word(file)}")
    line(
        "Meanwhile: pulumi up alone leaves them off. Where the program declares enabled=True, pulumi refresh shows enabled as "
        "drift, and the up after it switches on: hold both until resume. Where it declares no enabled, nothing shows."
    )


def resumed() -> None:
    """Print what Pulumi will show after a pause."""
    line("What a pulumi refresh took into state meanwhile (enabled: false) is mended by the next one, or by up.")


def recovered(report: dict[str, Any], sandbox: str, stack: str) -> None:
    """Print what is in an import file, what is not, and what to do next."""
    counts = ", ".join(f"{count} {kind}" for kind, count in report["recovered"].items())
    line(f"sandbox {sandbox}, stack {stack}: {counts}; {report['components']} StreamingDestination")
    for left in report["leftOut"]:
        _out.print("  left out: {} {} ({}): {}".format(*_cells(*(left[key] for key in ("kind", "name", "id", "reason")))))
    if not report["commands"]:
        line("nothing to recover")
        return
    if report["pulumi"]:
        line(report["pulumi"], indent="\n")
        return
    _out.print("\nWhere the program is:\n")
    for command in report["commands"]:
        _out.print("  " + " ".join(map(_word, shlex.split(command))))
    line(
        "Read that preview. Credentials are shown as updates, as nobody can read them back, and so is what a program may "
        "declare beyond ids and paths (names of segments, enabled, selector_ownership). A segment or attribute with a - was "
        "activated by others: put it into the program, or up removes it.",
        indent="\n",
    )


def snapshot(report: reading.Report, *, check: bool) -> None:
    """Print what a snapshot holds, and what is new about it."""
    for each in report.notes:
        note(each)
    for each in report.differences:
        line(each, indent="  ")
    counts = ", ".join(f"{part}: {'unknown' if count is None else count}" for part, count in report.counts.items())
    outcome = "unchanged" if not report.changed else "differs" if check else "written"
    line(f"{report.file}: {outcome}; {counts}")


def output_schemas(found: list[describing.Description]) -> None:
    """Print what dataflows send, or where that was written to."""
    for number, each in enumerate(found):
        line(f"{each.name} ({each.id}) in sandbox {each.sandbox}", indent="\n" if number else "")
        for text in each.notes:
            line(f"note: {text}", indent="  ")
        for file in each.files:
            line(file, indent="  ")
        for what, value in (("schema", each.schema), ("sample", each.sample)) if not each.files else ():
            line(f"{what}:")
            as_json(value)


def _print(table: Table) -> None:
    """Print a table: as wide as the terminal or, where there is none, as wide as it is, for programs that read lines."""
    if sys.stdout.isatty():
        _out.print(table)
        return
    wide = Console(width=_NO_WIDTH, force_terminal=False, highlight=False, markup=False, emoji=False)
    with wide.capture() as captured:
        wide.print(table)
    for row in captured.get().splitlines():
        _out.print(row.rstrip())


def _table(*columns: str) -> Table:
    table = Table(box=None, pad_edge=False)
    for column in _cells(*columns):
        table.add_column(column, overflow="fold")
    return table


def _records(runs: list[dict[str, Any]]) -> str:
    """Return how many records these runs had, a question mark where none of them shows it."""
    words = {"inputRecords": "in", "outputRecords": "out", "skippedRecords": "skipped", "failedRecords": "failed"}
    shown = {word: [run[key] for run in runs if run[key] is not None] for key, word in words.items()}
    counts = [f"{sum(of) if of else '?'} {word}" for word, of in shown.items() if word != "skipped" or any(of)]
    of_runs = f" of {len(runs)} runs" if len(runs) > 1 else ""
    return ", ".join(counts) + of_runs if runs else ""


def _word(word: str) -> str:
    """Return a word of a command for a shell: with escapes, as bash and zsh read them, if a terminal may act upon it."""
    if all(harmless(part, len(part)) == part for part in word.split(" ")):
        return shlex.quote(word)
    return "$'" + "".join(chr(byte) if byte in _PLAIN else f"\\{byte:03o}" for byte in os.fsencode(word)) + "'"


def _cells(*texts: str) -> Iterable[str]:
    return map(harmless, texts)

"""The commands: what they take, what they print, how they end.

Exit status: 0 all is well; 1 something was found that should not be; 2 the command could not be carried out.
"""

from __future__ import annotations

import functools
import json
import sys
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any, NoReturn, TypeVar

import typer
from rich.console import Console
from rich.table import Table

from pulumi_aep_streaming._core.clients import client_for
from pulumi_aep_streaming._core.error_advice import advised
from pulumi_aep_streaming._core.settings import Settings
from pulumi_aep_streaming.cli import _stack
from pulumi_aep_streaming.cli import adopt as adopting
from pulumi_aep_streaming.cli import compare as comparing
from pulumi_aep_streaming.cli import orphans as finding
from pulumi_aep_streaming.cli import verify as verifying
from pulumi_aep_streaming.cli._inventory import Objects, scan
from pulumi_aep_streaming.flow_service.errors import FlowServiceError

app = typer.Typer(
    help="Adopt, verify and compare Adobe Experience Platform streaming destinations. Credentials and places come from the "
    "environment (AEP_...) and, in a Pulumi project, from the stack's config, as for pulumi up.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
_out = Console(soft_wrap=True, highlight=False)
_progress = Console(stderr=True)
Command = TypeVar("Command", bound=Callable[..., Any])
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON instead of text.")]
Sandbox = Annotated[str, typer.Option("--sandbox", help="The sandbox to look at. Default: aep:sandboxName.")]
Stack = Annotated[str, typer.Option("--stack", help="The stack of the project in this directory. Default: the selected one.")]


def command(name: str) -> Callable[[Command], Command]:
    """Register a command whose foreseen errors are one line, with exit status 2."""

    def decorate(function: Command) -> Command:
        @functools.wraps(function)
        def call(*arguments: Any, **options: Any) -> Any:
            try:
                return function(*arguments, **options)
            except FlowServiceError as error:
                _give_up(advised(error))
            except _stack.Impossible as error:
                _give_up(str(error))

        app.command(name)(call)
        return function

    return decorate


@command("adopt")
def adopt(
    out: Annotated[Path, typer.Option("--out", help="A new directory, for the program and the import file.")],
    sandbox: Sandbox = "",
    flow: Annotated[list[str], typer.Option("--flow", help="The id of a dataflow; may be repeated. Default: all.")] = [],  # noqa: B006 (typer copies it)
    name: Annotated[str, typer.Option("--name", help="Only dataflows whose name matches this pattern (* and ?).")] = "",
    from_dump: Annotated[
        Path | None, typer.Option("--from-dump", help="Read objects from a JSON file, not from the service.")
    ] = None,
    *,
    with_credentials: Annotated[
        bool, typer.Option(help="Manage credentials, too: the program takes them from config.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Turn destinations that exist into a program and an import file. Nothing is changed in the service."""
    too_old = adopting.too_old()
    settings = _settings()
    place = _place(settings, sandbox)
    with _progress.status("reading") as status:
        report = adopting.adopt(
            settings,
            place,
            out,
            status.update,
            ids=flow,
            name=name,
            dump=from_dump,
            with_credentials=with_credentials,
        )
    report["pulumi"] = too_old
    if as_json:
        _print_json(report)
    else:
        _show_adopted(report, place)
    if not report["commands"]:
        raise typer.Exit(1)


@command("verify")
def verify(
    stack: Stack = "",
    flow: Annotated[list[str], typer.Option("--flow", help="The id of a dataflow; may be repeated.")] = [],  # noqa: B006 (typer copies it)
    sandbox: Sandbox = "",
    *,
    test_connections: Annotated[bool, typer.Option("--test-connections", help="Also try the accounts' credentials.")] = False,
    as_json: AsJson = False,
) -> None:
    """Check that dataflows are there, enabled, activated as the stack says, and that their last run did not fail."""
    settings = _settings(stack)
    resources = [] if flow and not stack else _stack.exported(stack)
    verdicts = []
    for id_, declared in verifying.chosen(resources, flow).items():
        place = str(declared.outputs.get("sandboxName")) if declared else _place(settings, sandbox)
        service = client_for(declared.own_settings or settings if declared else settings, place)
        verdicts.append(verifying.verify(service, id_, declared, test_connections=test_connections))
    if as_json:
        _print_json([asdict(verdict) for verdict in verdicts])
    else:
        _show_verdicts(verdicts)
    if any(verdict.problems for verdict in verdicts):
        raise typer.Exit(1)


@command("orphans")
def orphans(
    stack_export: Annotated[
        list[Path], typer.Option("--stack-export", help="What pulumi stack export wrote; one for each stack.")
    ],
    sandbox: Sandbox = "",
    *,
    delete: Annotated[
        bool, typer.Option("--delete", help="Ask for each, and delete it. Needs a person at a terminal.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """List objects that carry the ownership marker of a stack, and that none of the given stacks owns."""
    if delete and as_json:
        _give_up("--delete asks a person, and --json is for machines: give one of them")
    if delete and not sys.stdin.isatty():
        _give_up("--delete asks a person for each object, and there is no terminal")
    settings = _settings()
    service = client_for(settings, _place(settings, sandbox))
    owned = {resource.id for path in stack_export for resource in _stack.from_file(path)}
    with _progress.status("reading") as status:
        found = finding.orphans(service, owned, status.update)
    if as_json:
        _print_json([asdict(orphan) for orphan in found])
    else:
        _show_orphans(found)
    left = len(found)
    for orphan, outcome in finding.delete(service, found, _agreed) if delete else ():
        left -= outcome == finding.DELETED
        _out.print(f"{orphan.kind} {orphan.name} ({orphan.id}): {outcome}", markup=False)
    if left:
        raise typer.Exit(1)


@command("compare")
def compare(
    first: Annotated[str, typer.Option("--from", help="A sandbox, or stack:NAME.")],
    second: Annotated[str, typer.Option("--to", help="A sandbox, or stack:NAME.")],
    *,
    as_json: AsJson = False,
) -> None:
    """Compare the dataflows of two sandboxes or stacks by their names. Nothing is written."""
    with _progress.status("reading") as status:
        found = comparing.differences(_side(first, status.update), _side(second, status.update))
    if as_json:
        _print_json([asdict(difference) for difference in found])
    else:
        _show_differences(found, first, second)
    if found:
        raise typer.Exit(1)


def _side(text: str, progress: Callable[[str], None]) -> comparing.Side:
    kind, _, stack = text.partition(":")
    if kind != "stack" or not stack:
        service = client_for(_settings(), text)
        found = scan(service, progress)
    else:
        resources = _stack.exported(stack)
        places = _stack.places(resources)
        if len(places) != 1:
            named = " and ".join(sorted({place for place, _ in places}))
            _give_up(f"stack {stack} is in {named or 'no sandbox'}: compare sandboxes instead")
        place, own_settings = places.pop()
        service = client_for(own_settings or _settings(stack), place)
        flows = [resource.id for resource in resources if resource.type_name == "Dataflow"]
        found = scan(service, progress, ids=flows) if flows else Objects()
    return comparing.Side(found, {segment.id: segment.name or "" for segment in service.segments.find()})


def _settings(stack: str = "") -> Settings:
    """Return the settings; what is odd about them is said, and is no part of the output."""
    settings = _stack.settings(stack)
    for warning in settings.warnings:
        typer.echo(f"warning: {warning}", err=True)
    return settings


def _place(settings: Settings, sandbox: str) -> str:
    place = sandbox or settings.get("sandboxName")
    if not place:
        _give_up("no sandbox: give --sandbox, or set aep:sandboxName (or AEP_SANDBOX_NAME)")
    return place


def _agreed(orphan: finding.Orphan) -> bool:
    return typer.confirm(f"Delete {orphan.kind} {orphan.name} ({orphan.id}), made by {orphan.owner}?")


def _give_up(line: str) -> NoReturn:
    typer.echo(f"error: {line}", err=True)
    raise typer.Exit(2)


def _print_json(value: Any) -> None:
    typer.echo(json.dumps(value, indent=2, ensure_ascii=False, default=str))


def _show_adopted(report: dict[str, Any], sandbox: str) -> None:
    counts = ", ".join(f"{count} {kind}" for kind, count in report["adopted"].items())
    _out.print(f"sandbox {sandbox}: {counts}; {report['components']} of the dataflows as a StreamingDestination", markup=False)
    for left in report["leftAlone"]:
        _out.print(f"  left alone: {left['name']} ({left['id']}): {left['reason']}", markup=False)
    for note in report["notes"]:
        _out.print(f"  note: {note}", markup=False)
    if not report["commands"]:
        _out.print("nothing to adopt")
        return
    if report["pulumi"]:
        _out.print(f"\n{report['pulumi']}", markup=False)
        return
    _out.print("\nRead the program, then:\n")
    for line in report["commands"]:
        _out.print(f"  {line}", markup=False)


def _show_verdicts(verdicts: list[verifying.Verdict]) -> None:
    table = _table("dataflow", "state", "segments", "attributes", "last run", "records", "verdict")
    for verdict in verdicts:
        run = verdict.last_run or {}
        records = "" if not run else f"{run['outputRecords']} out, {run['failedRecords']} failed"
        said = [*verdict.problems, *verdict.notes]
        row = [verdict.name or verdict.id, verdict.state, str(verdict.segments), str(verdict.profile_attributes)]
        table.add_row(*row, run.get("status", ""), records, "\n".join(said) or "ok", style="red" if verdict.problems else "")
    _out.print(table, markup=False)


def _show_orphans(found: list[finding.Orphan]) -> None:
    if not found:
        _out.print("no orphans")
        return
    table = _table("kind", "name", "id", "made by")
    for orphan in found:
        table.add_row(orphan.kind, orphan.name, orphan.id, orphan.owner)
    _out.print(table, markup=False)


def _show_differences(found: list[comparing.Difference], first: str, second: str) -> None:
    if not found:
        _out.print("no differences")
        return
    table = _table("dataflow", "what", first, second)
    for difference in found:
        table.add_row(difference.name, difference.what, _text(difference.first), _text(difference.second))
    _out.print(table, markup=False)


def _table(*columns: str) -> Table:
    table = Table(box=None, pad_edge=False)
    for column in columns:
        table.add_column(column, overflow="fold")
    return table


def _text(value: Any) -> str:
    if value is None:
        return ""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)

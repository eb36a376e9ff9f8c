"""The commands that look at sandboxes: what they take, what they print, how they end."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from pulumi_aep_streaming._core.clients import client_for
from pulumi_aep_streaming._core.settings import Settings
from pulumi_aep_streaming.cli import _by_marker, _runs, _show, _stack
from pulumi_aep_streaming.cli import adopt as adopting
from pulumi_aep_streaming.cli import compare as comparing
from pulumi_aep_streaming.cli import orphans as finding
from pulumi_aep_streaming.cli import output_schema as describing
from pulumi_aep_streaming.cli import snapshot as reading
from pulumi_aep_streaming.cli import verify as verifying
from pulumi_aep_streaming.cli._command import AsJson, Sandbox, Stack, app, command, place_of, settings_of
from pulumi_aep_streaming.cli._inventory import Objects, scan

__all__ = ["app"]


@command("adopt", "there is nothing to adopt")
def adopt(
    out: Annotated[
        Path, typer.Option("--out", metavar="DIRECTORY", help="A new directory, for the program and the import file.")
    ],
    sandbox: Sandbox = "",
    flow: Annotated[
        list[str], typer.Option("--flow", metavar="ID", help="The id of a dataflow; may be repeated. Default: all.")
    ] = [],  # noqa: B006 (typer copies it)
    name: Annotated[
        str, typer.Option("--name", metavar="PATTERN", help="Only dataflows whose name matches this pattern (* and ?).")
    ] = "",
    from_dump: Annotated[
        Path | None, typer.Option("--from-dump", metavar="FILE", help="Read objects from a JSON file, not from the service.")
    ] = None,
    *,
    with_credentials: Annotated[
        bool, typer.Option(help="Manage credentials, too: the program takes them from config.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Turn destinations that exist into a program and an import file. Nothing is changed in the service."""
    too_old = adopting.too_old()
    settings = settings_of()
    place = place_of(settings, sandbox)
    with _show.progress.status("reading") as status:
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
        _show.as_json(report)
    else:
        _show.adopted(report, place)
    if not report["commands"]:
        raise typer.Exit(1)


@command("verify", "a dataflow has problems")
def verify(
    stack: Stack = "",
    flow: Annotated[list[str], typer.Option("--flow", metavar="ID", help="The id of a dataflow; may be repeated.")] = [],  # noqa: B006 (typer copies it)
    sandbox: Sandbox = "",
    max_failed_percent: Annotated[
        str,
        typer.Option(
            metavar="NUMBER",
            help="How many percent of a run's records may fail: of those that came in (inputRecordCount) or, where the run "
            "does not show it, of those sent, skipped and failed.",
        ),
    ] = "0",
    max_age: Annotated[
        str,
        typer.Option(
            metavar="HOURS", help="All runs of the last HOURS are looked at, and there must be one. Default: the last."
        ),
    ] = "",
    min_records: Annotated[
        str, typer.Option(metavar="NUMBER", help="How many records must have been sent by the runs that are looked at.")
    ] = "",
    *,
    test_connections: Annotated[bool, typer.Option("--test-connections", help="Also try the accounts' credentials.")] = False,
    as_json: AsJson = False,
) -> None:
    """Check that dataflows are there, enabled, activated as the stack says, and that their records did not fail."""
    limits = _runs.limits(max_failed_percent, max_age, min_records)
    settings = settings_of(stack)
    resources = [] if flow and not stack else _stack.exported(stack)
    verdicts = []
    for id_, declared in verifying.chosen(resources, flow).items():
        place = str(declared.outputs.get("sandboxName")) if declared else place_of(settings, sandbox)
        service = client_for(declared.own_settings or settings if declared else settings, place, _show.EFFECTS)
        verdicts.append(verifying.verify(service, id_, declared, limits, test_connections=test_connections, now=time.time()))
    if as_json:
        _show.as_json([asdict(verdict) for verdict in verdicts])
    else:
        _show.verdicts(verdicts)
    if any(verdict.problems for verdict in verdicts):
        raise typer.Exit(1)


@command("orphans", "there are orphans")
def orphans(
    stack_export: Annotated[
        list[Path], typer.Option("--stack-export", metavar="FILE", help="What pulumi stack export wrote; one for each stack.")
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
        _show.give_up("--delete asks a person, and --json is for machines: give one of them")
    if delete and not sys.stdin.isatty():
        _show.give_up("--delete asks a person for each object, and there is no terminal")
    settings = settings_of()
    service = client_for(settings, place_of(settings, sandbox), _show.EFFECTS)
    owned = {resource.id for path in stack_export for resource in _stack.from_file(path)}
    with _show.progress.status("reading") as status:
        found = finding.orphans(service, owned, status.update)
    if as_json:
        _show.as_json([asdict(orphan) for orphan in found])
    else:
        _show.orphans(found)
    left = len(found)
    for orphan, outcome in finding.delete(service, found, _show.agreed) if delete else ():
        left -= outcome == finding.DELETED
        _show.line(f"{orphan.kind} {orphan.name} ({orphan.id}): {outcome}")
    if left:
        raise typer.Exit(1)


@command("compare", "the two differ")
def compare(
    first: Annotated[str, typer.Option("--from", metavar="PLACE", help="A sandbox, or stack:NAME.")],
    second: Annotated[str, typer.Option("--to", metavar="PLACE", help="A sandbox, or stack:NAME.")],
    ignore: Annotated[
        list[comparing.Ignored],
        typer.Option("--ignore", help="What may differ; may be repeated. targets: streams and accounts."),
    ] = [],  # noqa: B006 (typer copies it)
    *,
    as_json: AsJson = False,
) -> None:
    """Show how the dataflows of two sandboxes or stacks differ, by their names. Nothing is written."""
    with _show.progress.status("reading") as status:
        found = comparing.differences(_side(first, status.update), _side(second, status.update), ignore)
    if as_json:
        _show.as_json([asdict(difference) for difference in found])
    else:
        _show.differences(found, first, second, [each.value for each in ignore])
    if found:
        raise typer.Exit(1)


@command("snapshot", "with --check, the file says something else")
def snapshot(
    sandbox: Sandbox = "",
    out: Annotated[
        Path | None, typer.Option("--out", metavar="FILE", help="The file. Default: aep-snapshot.NAME.json.")
    ] = None,
    add: Annotated[
        list[str], typer.Option("--add", metavar="AUDIENCE", help="An audience, by name or id; may be repeated.")
    ] = [],  # noqa: B006 (typer copies it)
    *,
    check: Annotated[bool, typer.Option("--check", help="Write nothing; list what differs from the file.")] = False,
    all_audiences: Annotated[bool, typer.Option("--all-audiences", help="Also those that no dataflow activates.")] = False,
    as_json: AsJson = False,
) -> None:
    """Write what a sandbox has (specs, fields of the profile, audiences) to a file, for previews that call nothing."""
    settings = settings_of()
    place = place_of(settings, sandbox)
    service = client_for(settings, place, _show.EFFECTS)
    with _show.progress.status("reading") as status:
        report = reading.snapshot(
            service,
            settings.get("orgId"),
            place,
            out,
            status.update,
            check=check,
            all_audiences=all_audiences,
            add=add,
        )
    if as_json:
        _show.as_json(asdict(report))
    else:
        _show.snapshot(report, check=check)
    if check and report.changed:
        raise typer.Exit(1)


@command("output-schema")
def output_schema(
    stack: Stack = "",
    snapshot: Annotated[
        Path | None,
        typer.Option("--snapshot", help="A file of aep-streaming snapshot, or a folder of them. Default: aep:snapshot."),
    ] = None,
    out: Annotated[Path | None, typer.Option("--out", help="A directory, for two files a dataflow instead of text.")] = None,
    *,
    as_json: AsJson = False,
) -> None:
    """Describe what each dataflow of a stack puts into its stream: a JSON Schema of its records, and a sample."""
    settings = Settings() if snapshot else settings_of(stack)
    found = list(describing.described(_stack.exported(stack, with_secrets=False), settings, snapshot))
    if out:
        describing.write(found, out)
    if as_json:
        _show.as_json([asdict(each) for each in found])
    else:
        _show.output_schemas(found)


def _side(text: str, progress: Callable[[str], None]) -> comparing.Side:
    kind, _, stack = text.partition(":")
    if kind != "stack" or not stack:
        service = client_for(settings_of(), text, _show.EFFECTS)
        found = scan(service, progress)
    else:
        resources = _stack.exported(stack)
        places = _stack.places(resources)
        if len(places) != 1:
            named = " and ".join(sorted({place for place, _ in places}))
            _show.give_up(f"stack {stack} is in {named or 'no sandbox'}: compare sandboxes instead")
        place, own_settings = places.pop()
        service = client_for(own_settings or settings_of(stack), place, _show.EFFECTS)
        flows = [resource.id for resource in resources if resource.type_name == "Dataflow"]
        found = scan(service, progress, ids=flows) if flows else Objects()
    for why in found.unreadable.values():
        _show.note(f"left out: {why}")
    return comparing.named(service, found)


command("pause", "a dataflow is not switched off")(_by_marker.pause)
command("resume", "a dataflow is not switched on")(_by_marker.resume)
command("recover", "something is left out")(_by_marker.recover)

"""The commands that find a stack's objects by their markers: in an incident, and where its state is lost."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any

import typer

from pulumi_aep_streaming._core.clients import client_for
from pulumi_aep_streaming.cli import _paused, _show
from pulumi_aep_streaming.cli import adopt as adopting
from pulumi_aep_streaming.cli import pause as pausing
from pulumi_aep_streaming.cli import recover as recovering
from pulumi_aep_streaming.cli._command import AsJson, Sandbox, place_of, settings_of
from pulumi_aep_streaming.cli._files import make_new, require_new, write_whole
from pulumi_aep_streaming.cli._marked import parts_of
from pulumi_aep_streaming.cli._stack import Impossible

Marked = Annotated[str, typer.Option("--stack", metavar="PROJECT/STACK", help="Whose markers to look for, such as shop/prod.")]
Yes = Annotated[bool, typer.Option("--yes", help="Do not ask.")]


def pause(
    stack: Marked,
    sandbox: Sandbox = "",
    out: Annotated[
        Path | None,
        typer.Option("--out", metavar="FILE", help="The file for resume. Default: aep-paused.PROJECT.STACK.TIME.json."),
    ] = None,
    *,
    yes: Yes = False,
    as_json: AsJson = False,
) -> None:
    """Switch off all running dataflows that carry a stack's marker, and write down which, for resume."""
    _refuse_questions_to_machines(yes=yes, as_json=as_json)
    parts_of(stack)
    file = out or _paused.default_file(stack, time.time())
    require_new(file)
    settings = settings_of()
    place = place_of(settings, sandbox)
    service = client_for(settings, place, _show.EFFECTS)
    with _show.progress.status("reading") as status:
        found = pausing.running_or_paused(service, stack, status.update)
    running = _planned(found, as_json=as_json)
    paused = _paused.Paused(file, settings.get("orgId"), place, stack)
    if running:
        _require_consent(f"Switch off {_dataflows(running)} of {stack} in sandbox {place}?", yes=yes)
        make_new(file)  # or nothing is switched off at all
        paused.write()
        if not as_json:
            _show.line(f"what is switched off is written to {file}")  # whoever is cut off knows where to go on
        _carry_out(pausing.pause(service, found, paused), as_json=as_json)
        if not paused.dataflows:
            file.unlink(missing_ok=True)
    written = str(file) if paused.dataflows else None
    if not as_json:
        _show.paused(written)
    _end(found, {"file": written}, as_json=as_json)


def resume(
    from_file: Annotated[Path, typer.Option("--from", metavar="FILE", help="The file that pause wrote.")],
    *,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask; leave off what somebody changed since.")] = False,
    as_json: AsJson = False,
) -> None:
    """Switch on again what pause switched off, and nothing else."""
    _refuse_questions_to_machines(yes=yes, as_json=as_json)
    paused = _paused.load(from_file)
    settings = settings_of()
    if settings.get("orgId") != paused.organization:
        now = settings.get("orgId") or "none"
        message = f"{from_file} is of {paused.organization}, and the settings say {now}: correct AEP_ORG_ID"
        raise Impossible(message)
    service = client_for(settings, paused.sandbox, _show.EFFECTS)
    with _show.progress.status("reading") as status:
        found = pausing.to_resume(service, paused, status.update)
    if _planned(found, as_json=as_json):
        as_left = sum(switch.to_do and not switch.changed for switch in found)
        if as_left:
            _require_consent(f"Switch on {_dataflows(as_left)} of {paused.stack} in sandbox {paused.sandbox}?", yes=yes)
        asked = sys.stdin.isatty() and not yes
        agreed = _show.agreed_to_switch_on if asked else lambda _: False
        _carry_out(pausing.resume(service, found, paused, agreed), as_json=as_json)
    if not as_json:
        _show.resumed()
    _end(found, {}, as_json=as_json)


def recover(
    stack: Marked,
    out: Annotated[Path, typer.Option("--out", metavar="FILE", help="A new file, for pulumi import.")],
    sandbox: Sandbox = "",
    pulumi_org: Annotated[
        str,
        typer.Option(
            "--pulumi-org", metavar="NAME", help="The stack's organization in Pulumi Cloud. Default: as of any other backend."
        ),
    ] = recovering.FILE_BACKENDS,
    *,
    as_json: AsJson = False,
) -> None:
    """For a lost state, write an import file of all that carries a stack's marker. Nothing is changed in the service."""
    parts_of(stack)
    require_new(out)
    too_old = adopting.too_old()
    settings = settings_of()
    place = place_of(settings, sandbox)
    service = client_for(settings, place, _show.EFFECTS)
    where = {"sandboxName": place, "orgId": settings.get("orgId")}
    with _show.progress.status("reading") as status:
        found = recovering.recover(service, stack, pulumi_org, where, status.update)
    if found.entries:
        write_whole(out, json.dumps(found.content, indent=2).encode() + b"\n")
    report = recovering.report(found, stack, pulumi_org, out) | {"pulumi": too_old}
    if as_json:
        _show.as_json(report)
    else:
        _show.recovered(report, place, stack)
    if found.left_out:
        raise typer.Exit(1)


def _refuse_questions_to_machines(*, yes: bool, as_json: bool) -> None:
    if as_json and not yes:
        _show.give_up("a person is asked, and --json is for machines: add --yes, or leave out --json")


def _planned(found: list[pausing.Switch], *, as_json: bool) -> int:
    """Show what will be done, and return to how many."""
    if not as_json:
        _show.switches(found)
    return sum(switch.to_do for switch in found)


def _dataflows(count: int) -> str:
    return f"{count} dataflow{'' if count == 1 else 's'}"


def _require_consent(question: str, *, yes: bool) -> None:
    """End the command, unless a person agrees."""
    if yes:
        return
    if not sys.stdin.isatty():
        _show.give_up("a person is asked, and there is no terminal: nothing was changed; add --yes")
    if not _show.confirmed(question):
        _show.give_up("nothing was changed")


def _carry_out(switched: Iterator[pausing.Switch], *, as_json: bool) -> None:
    for switch in switched:
        if not as_json:
            _show.switched(switch)


def _end(found: list[pausing.Switch], report: dict[str, Any], *, as_json: bool) -> None:
    """Print what became of all, for machines, and end with 1 if one is not as it should be."""
    if as_json:
        shown = ("id", "name", "state", "outcome", "problem")
        _show.as_json({**report, "dataflows": [{key: vars(switch)[key] for key in shown} for switch in found]})
    if any(switch.problem for switch in found):
        raise typer.Exit(1)

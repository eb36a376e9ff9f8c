"""How commands are declared: the options that they share, the errors that they foresee, and how they end.

Exit status: 0 all is well; 1 something was found that should not be; 2 the command could not be carried out.
"""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable
from typing import Annotated, Any, TypeVar

import typer

from pulumi_aep_streaming._core.clients import own_version
from pulumi_aep_streaming._core.error_advice import advised
from pulumi_aep_streaming._core.settings import Settings
from pulumi_aep_streaming.cli import _show, _stack
from pulumi_aep_streaming.flow_service.errors import FlowServiceError

app = typer.Typer(
    help="Adopt, verify, compare, pause and recover Adobe Experience Platform streaming destinations. Credentials and places "
    "come from the environment (AEP_...) and, in a Pulumi project, from the stack's config, as for pulumi up.",
    epilog="Exit status of all commands: 0 all is well; 1 something was found; 2 it could not be done.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,  # its panels cut names and texts where a terminal is narrow, or where there is none
)
Command = TypeVar("Command", bound=Callable[..., Any])
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON instead of text.")]
Sandbox = Annotated[str, typer.Option("--sandbox", metavar="NAME", help="The sandbox to look at. Default: aep:sandboxName.")]
Stack = Annotated[
    str, typer.Option("--stack", metavar="NAME", help="The stack of the project in this directory. Default: the selected one.")
]


def _print_version(wanted: bool) -> None:  # noqa: FBT001 (typer hands over the value of the flag)
    if wanted:
        typer.echo(f"aep-streaming {own_version()}")
        raise typer.Exit


@app.callback()
def _all_commands(
    *,
    version: Annotated[
        bool, typer.Option("--version", help="Print the version.", callback=_print_version, is_eager=True)
    ] = False,
) -> None:
    del version


def command(name: str, found: str = "") -> Callable[[Command], Command]:
    """Register a command whose foreseen errors are one line, with exit status 2; `found` says what 1 means, if it is one."""

    def decorate(function: Command) -> Command:
        @functools.wraps(function)
        def call(*arguments: Any, **options: Any) -> Any:
            try:
                return function(*arguments, **options)
            except FlowServiceError as error:
                _show.give_up(advised(error))
            except _stack.Impossible as error:
                _show.give_up(str(error))

        # A short help of its own is never cut.
        short = (inspect.getdoc(function) or "").partition("\n")[0]
        one = f"1 {found}; " if found else ""
        ends = f"Exit status: 0 all is well; {one}2 it could not be done."
        app.command(name, short_help=short, epilog=ends)(call)
        return function

    return decorate


def settings_of(stack: str = "") -> Settings:
    """Return the settings; what is odd about them is said, and is no part of the output."""
    settings = _stack.settings(stack)
    for warning in settings.warnings:
        _show.note(f"warning: {warning}")
    return settings


def place_of(settings: Settings, sandbox: str) -> str:
    """Return the sandbox that is meant; ends the command if there is none."""
    place = sandbox or settings.get("sandboxName")
    if not place:
        _show.give_up("no sandbox: give --sandbox, or set aep:sandboxName (or AEP_SANDBOX_NAME)")
    return place

"""What to do in Pulumi about errors of the client, which does not know of it."""

from __future__ import annotations

import re

from pulumi_aep_streaming._core import marker
from pulumi_aep_streaming._core.ownership import stack_of
from pulumi_aep_streaming.flow_service.errors import Cancelled, FlowServiceError, InUse, NotFound, Refused, TimedOut

_BAD_REQUEST, _RATE_LIMITED = 400, 429
_TOO_MANY = re.compile(r"(?=.*\b(maximum|limit|guardrail|exceed\w*)\b).*\bdestinations\b", re.IGNORECASE)
"""Adobe documents no code, and no text, for the refusal of one destination too many."""
_ROOM = "Adobe allows 100 destinations in a sandbox: delete those that nobody uses, or use another sandbox"
_GONE = "it was deleted outside of this program, or is in another sandbox: run pulumi refresh"
_NEVER_THERE = (
    "what it refers to by id is not in this sandbox: check the ids that the program gives it, and sandbox_name; after a "
    "destroy that was interrupted, run pulumi refresh"
)


def advised(error: FlowServiceError, verb: str = "") -> str:
    """Return the line of an error, with what to do; `verb` is what a provider could not do with an object, "" elsewhere."""
    line = str(error)
    if isinstance(error, TimedOut):
        line = f"{error}; look at it in the UI{', then run pulumi refresh' if verb else ''}"
    elif isinstance(error, Cancelled):
        line = f"{error}; run pulumi up again"
    elif isinstance(error, NotFound) and verb:
        line = f"{error}; {_NEVER_THERE if verb == 'create' else _GONE}"
    elif isinstance(error, InUse) and verb and (stacks := _stacks_of(error)):
        line = f"{error}; those with a marker of {stacks} that no state has were left behind by a pulumi up that failed or "
        line += "was interrupted: aep-streaming orphans names them"
    elif isinstance(error, Refused) and error.status == _RATE_LIMITED and verb:
        line = f"{error}, or with --parallel 1"
    elif isinstance(error, Refused) and error.status == _BAD_REQUEST and _TOO_MANY.match(error.text):
        line = f"{error}; {_ROOM}"
    return line


def _stacks_of(error: InUse) -> str:
    """Return the stacks in the markers of the dataflows that use an object."""
    return ", ".join(sorted({stack_of(mark.owner) for text in error.descriptions if (mark := marker.find(text))}))

"""What to do in Pulumi about errors of the client, which does not know of it."""

from __future__ import annotations

from pulumi_aep_streaming.flow_service.errors import Cancelled, FlowServiceError, Refused, TimedOut

_RATE_LIMITED = 429
BY_CODE = {
    "1439": "it was deleted outside of this program, or is in another sandbox: run pulumi refresh",
}


def advised(error: FlowServiceError) -> str:
    """Return the line of an error, with what to do."""
    line = str(error)
    if isinstance(error, TimedOut):
        line = f"{error}; look at it in the UI, then run pulumi refresh"
    elif isinstance(error, Cancelled):
        line = f"{error}; run pulumi up again"
    elif isinstance(error, Refused) and error.code in BY_CODE:
        line = f"{error}; {BY_CODE[error.code]}"
    elif isinstance(error, Refused) and error.status == _RATE_LIMITED:
        line = f"{error}, or with --parallel 1"
    return line

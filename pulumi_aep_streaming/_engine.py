"""The one place that knows an internal of Pulumi's dynamic provider server: how to fail with a single line.

The server answers every exception with its whole traceback. A status in the trailing metadata takes precedence over that
text in the engine, and concerns this one call only; `sys.tracebacklimit`, the known remedy, would silence other packages'
providers too. Without it (should the server change) a foreseen error is shown with its traceback: longer, not wrong.
"""

from __future__ import annotations

import sys
from types import FrameType

import grpc
from pulumi.runtime.proto import status_pb2

_UNKNOWN = 2


class Foreseen(Exception):
    """A failure that was explained in one line."""


def answer_in_one_line(line: str) -> None:
    """Have the gRPC call that is being served fail with this text alone, if there is one."""
    frame: FrameType | None = sys._getframe()  # noqa: SLF001 (the server passes its context to nobody)
    while frame is not None:
        context = frame.f_locals.get("context")
        if isinstance(context, grpc.ServicerContext):
            status = status_pb2.Status(code=_UNKNOWN, message=line)
            context.set_trailing_metadata((("grpc-status-details-bin", status.SerializeToString()),))
            return
        frame = frame.f_back

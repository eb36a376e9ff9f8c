"""The one place that knows internals of Pulumi's dynamic provider server: the call that is being served.

How to fail with a single line: the server answers every exception with its whole traceback. A status in the trailing metadata
takes precedence over that text in the engine, and concerns this one call only; `sys.tracebacklimit`, the known remedy, would
silence other packages' providers too. Without it (should the server change) a foreseen error is shown with its traceback:
longer, not wrong.
"""

from __future__ import annotations

import functools
import sys
from collections.abc import Callable
from types import FrameType
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

import grpc
import pulumi
from pulumi.runtime.proto import status_pb2

from pulumi_aep_streaming._core.error_advice import advised
from pulumi_aep_streaming.flow_service.errors import FlowServiceError
from pulumi_aep_streaming.flow_service.text_of_others import harmless

if TYPE_CHECKING:
    from pulumi_aep_streaming._core.kinds.kind import Kind
    from pulumi_aep_streaming._core.lifecycle import Lifecycle

_UNKNOWN = 2

Method = TypeVar("Method", bound=Callable[..., Any])


class Serving(Protocol):
    """What a provider has while it serves a call."""

    lifecycle: Lifecycle[Any]

    @property
    def kind(self) -> Kind[Any]: ...


def caller_is_gone() -> bool:
    """Whether the engine that waits for this call has died; the provider process outlives it, and must make nothing more."""
    context = _context()
    return context is not None and not context.is_active()


class Foreseen(Exception):
    """A failure that was explained in one line."""


def answer_in_one_line(line: str) -> None:
    """Have the gRPC call that is being served fail with this text alone, if there is one."""
    context = _context()
    if context is not None:
        status = status_pb2.Status(code=_UNKNOWN, message=line)
        context.set_trailing_metadata((("grpc-status-details-bin", status.SerializeToString()),))


def foreseen(verb: str) -> Callable[[Method], Method]:
    """Decorate a provider method: a foreseen error becomes one line that says verb, kind, name, what happened, what to do."""

    def decorate(method: Method) -> Method:
        @functools.wraps(method)
        def call(self: Serving, *arguments: Any) -> Any:
            bags = [argument for argument in arguments if isinstance(argument, dict)]
            try:
                return method(self, *arguments)
            except FlowServiceError as error:
                name = bags[-1].get("name") or arguments[0]
                said = self.lifecycle.settings.in_its_words(advised(error, verb))
                effects = self.lifecycle.context.about(*bags).effects
                line = harmless(effects.masked(f"cannot {verb} {self.kind.noun} {name}: {said}"))
                answer_in_one_line(line)
                raise Foreseen(line) from None
            except Exception:
                pulumi.log.warn(f"unforeseen failure to {verb} a {self.kind.noun}: please report it, with the traceback")
                raise

        return call  # type: ignore[return-value]  # functools.wraps keeps the signature, which mypy cannot see

    return decorate


def _context() -> grpc.ServicerContext | None:
    """Return the gRPC call that this thread is serving. The server passes it to nobody, so it is found on the stack."""
    frame: FrameType | None = sys._getframe()  # noqa: SLF001 (see above)
    while frame is not None:
        context = frame.f_locals.get("context")
        if isinstance(context, grpc.ServicerContext):
            return context
        frame = frame.f_back
    return None

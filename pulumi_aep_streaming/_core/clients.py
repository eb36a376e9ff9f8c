"""Clients of Flow Service by settings and sandbox: one connection pool and one token for equal settings."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import TYPE_CHECKING

from pulumi_aep_streaming._core.effects import Effects
from pulumi_aep_streaming._core.settings import Settings
from pulumi_aep_streaming.flow_service.errors import Misconfigured, NoCredentials

if TYPE_CHECKING:
    from pulumi_aep_streaming.flow_service.client import FlowService
    from pulumi_aep_streaming.flow_service.transport import Transport

Connect = Callable[[Settings, str, Effects], "FlowService"]
"""Returns the client of a sandbox."""

_transports: dict[Settings, Transport] = {}
_clients: dict[tuple[Settings, str], FlowService] = {}
_lock = threading.Lock()


def client_for(settings: Settings, sandbox: str, effects: Effects | None = None) -> FlowService:
    """Return the client of a sandbox, the same for equal settings, whatever the thread. The effects are the first call's.

    Raises `Misconfigured` if the settings cannot be used for a call.
    """
    # Imported when it is needed: most runs of a provider call nothing, and requests takes longer to load than all of ours.
    from pulumi_aep_streaming.flow_service.client import FlowService  # noqa: PLC0415

    if not sandbox:
        message = "no sandbox: set aep:sandboxName (or AEP_SANDBOX_NAME), or the argument sandbox_name"
        raise Misconfigured(message)
    with _lock:
        if settings not in _transports:
            _transports[settings] = _transport(settings, effects or Effects())
        if (settings, sandbox) not in _clients:
            _clients[settings, sandbox] = FlowService(_transports[settings], sandbox)
        return _clients[settings, sandbox]


def _transport(settings: Settings, effects: Effects) -> Transport:
    from pulumi_aep_streaming.flow_service.auth import credentials  # noqa: PLC0415 (see client_for)
    from pulumi_aep_streaming.flow_service.transport import Transport  # noqa: PLC0415 (see client_for)

    for problem in settings.problems():
        raise Misconfigured(problem)
    if not settings.get("orgId"):
        message = "no organization: set aep:orgId (or AEP_ORG_ID)"
        raise NoCredentials(message)
    return Transport(
        endpoint=settings.get("endpoint"),
        ims_endpoint=settings.get("imsEndpoint"),
        org_id=settings.get("orgId"),
        client_id=settings.get("clientId"),
        credentials=credentials(
            settings.get("clientId"),
            settings.get("clientSecret"),
            settings.get("accessToken"),
            settings.get("scopes"),
        ),
        timeout_seconds=float(settings.get("timeoutSeconds")),
        max_retries=int(settings.get("maxRetries")),
        user_agent=f"pulumi-aep-streaming/{own_version()}",
        cancelled=effects.cancelled,
        say=effects.info,
    )


def own_version() -> str:
    """Return the version of this package."""
    from importlib.metadata import PackageNotFoundError, version  # noqa: PLC0415 (see client_for)

    try:
        return version("pulumi-aep-streaming")
    except PackageNotFoundError:  # run from a source tree that is not installed
        return "source"

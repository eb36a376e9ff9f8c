"""The world around a test: an emulator that is watched, its variables, its journal in short, a clock that needs no time."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from conformance.exchanges import Recorder

from pulumi_aep_streaming import emulator
from pulumi_aep_streaming.emulator import Switches
from pulumi_aep_streaming.flow_service.attempts import Clock
from pulumi_aep_streaming.flow_service.auth import ClientCredentials
from pulumi_aep_streaming.flow_service.transport import Transport


class Emulator(emulator.Emulator):
    """An emulator whose exchanges are compared with Adobe's specifications when the run ends."""

    def __init__(self, **options):
        super().__init__(wrap=self._watched, **options)

    def _watched(self, application):
        self._recorder = Recorder(application)
        return self._recorder

    def misbehave(self):
        """From now on its answers are of a test's own making, and not compared."""
        self._recorder.stopped = True


PROFILES = {
    "current": Switches(),
    "2020": Switches(edition="2020", delete_status=202),
    "odd": Switches(secrets="omitted", finalizer_seconds=0.05),
    "open": Switches(secrets="echoed", patch_status=202),
}
"""Services that the documents allow: editions, and what they contradict each other about."""


@dataclass
class Hourglass:
    """A clock that runs only while somebody sleeps."""

    time: float = 0.0
    naps: list[float] = field(default_factory=list)
    asleep: Callable[[], None] = lambda: None
    """Called whenever somebody goes to sleep."""

    def clock(self) -> Clock:
        return Clock(now=lambda: self.time, sleep=self.sleep, jitter=lambda: 1.0)

    def sleep(self, seconds: float) -> None:
        self.asleep()
        self.naps.append(seconds)
        self.time += seconds


def transport_to(emulator: emulator.Emulator, hourglass: Hourglass, **options) -> Transport:
    organization = emulator.organization
    credentials = ClientCredentials(organization.client_id, organization.client_secret, "openid")
    return Transport(
        **{
            "endpoint": emulator.url,
            "ims_endpoint": emulator.url,
            "org_id": organization.id,
            "client_id": organization.client_id,
            "credentials": credentials,
            "timeout_seconds": 5,
            "max_retries": 3,
            "clock": hourglass.clock(),
            **options,
        }
    )


def environment_of(emulator: Emulator, sandbox: str = "prod") -> dict[str, str]:
    return {
        "AEP_ENDPOINT": emulator.url,
        "AEP_IMS_ENDPOINT": emulator.url,
        "AEP_ORG_ID": emulator.organization.id,
        "AEP_CLIENT_ID": emulator.organization.client_id,
        "AEP_CLIENT_SECRET": emulator.organization.client_secret,
        "AEP_SANDBOX_NAME": sandbox,
    }


def methods(emulator: Emulator) -> list[str]:
    """The calls so far, as `POST flows`, without tokens."""
    found = []
    for call in emulator.calls:
        parts = call.path.removeprefix("/data/foundation/flowservice/").split("/")
        if "ims" not in call.path:
            found.append(f"{call.method} {parts[0]}")
    return found

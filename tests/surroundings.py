"""The world around a test: an emulator's variables, its journal in short, and a clock that needs no time."""

from __future__ import annotations

from dataclasses import dataclass, field

from pulumi_aep_streaming.emulator import Emulator
from pulumi_aep_streaming.flow_service.transport import Clock


@dataclass
class Hourglass:
    """A clock that runs only while somebody sleeps."""

    time: float = 0.0
    naps: list[float] = field(default_factory=list)

    def clock(self) -> Clock:
        return Clock(now=lambda: self.time, sleep=self.sleep, jitter=lambda: 1.0)

    def sleep(self, seconds: float) -> None:
        self.naps.append(seconds)
        self.time += seconds


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

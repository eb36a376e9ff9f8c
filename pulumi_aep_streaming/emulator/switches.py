"""What differs between editions, organizations and documents of the service, as switches of the emulator. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True)
class Switches:
    """What differs between editions of the service, and what its documents contradict each other about."""

    edition: Literal["2020", "current"] = "current"
    secrets: Literal["masked", "omitted", "echoed"] = "masked"
    delete_status: Literal[202, 204] = 204
    finalizer_seconds: float = 0.0
    """How long after a PATCH the object stays `updating`, until a finalizer bumps its etag once more. 0: no finalizer."""
    if_match: Literal["quoted", "any"] = "quoted"
    """Whether an If-Match header without quotes is taken; the documents demand them, and an old page leaves them out."""
    patch_case: Literal["any", "lower"] = "any"
    """Whether the `op` of a patch may be in capitals, as flow-service.yaml writes it, and the guides do not."""
    list_lag_seconds: float = 0.0
    """How long a new object is missing from lists. Nothing documents that lists are up to date."""
    selectors: Literal["any", "known"] | None = None
    """Whether segments and paths must be there to be selected. Nothing documents whether the service checks them; None: they
    must in an emulator that starts from a snapshot, and need not in any other."""
    patch_status: Literal[200, 202] | None = None
    """What PATCH answers: 200 with a body, or 202 without. The documents have both, of today; None: as the edition."""
    most_destinations: int | None = None
    """How many target connections a sandbox may have; Adobe's guardrail is 100 destinations (guardrails.md), and which object
    counts as one is in no document. A dataflow does not: several may lead to one destination. None: any number."""
    entitled: bool = True
    """Whether the organization has the licence that the enterprise destinations need (Real-Time CDP Ultimate)."""

    @property
    def patch_has_body(self) -> bool:
        """Whether PATCH answers with a body."""
        return self.edition != "2020" if self.patch_status is None else self.patch_status == 200

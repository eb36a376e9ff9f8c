"""Weather, ordered through `/__control/faults`: answers that never come, come late, or come wrong."""

from __future__ import annotations

import re
import threading
from dataclasses import dataclass, field
from typing import Any, Literal


@dataclass
class Fault:
    """What happens to calls of a method whose path and query match a pattern, the next `times` times.

    `when` is "before": the service does nothing; or "after": it acts, and only the answer suffers.
    """

    method: str = ".*"
    path: str = ".*"
    when: Literal["before", "after"] = "before"
    status: int | None = None
    headers: dict[str, str] = field(default_factory=dict)
    body: Any = None
    """The JSON body of an answer with `status`."""
    raw: str | None = None
    """The body of an answer with `status`, where it is not JSON."""
    reset: bool = False
    stale_etag: bool = False
    """Somebody else changes the object just before, so that the etag that the call names is stale.
    Calls for no object in particular pass it by."""
    delay_seconds: float = 0.0
    hold: bool = False
    """Wait, until `released` is set (or all faults are cleared); `reached` says that the call has come."""
    skip: int = 0
    times: int = 1
    reached: threading.Event = field(default_factory=threading.Event, init=False, repr=False)
    released: threading.Event = field(default_factory=threading.Event, init=False, repr=False)

    @property
    def spoils_the_answer(self) -> bool:
        """Whether the service's own answer is not sent."""
        return self.reset or self.status is not None

    def matches(self, method: str, target: str) -> bool:
        """Whether this fault is due; counts the call if so."""
        if self.times <= 0 or not re.fullmatch(self.method, method) or not re.search(self.path, target):
            return False
        if self.skip > 0:
            self.skip -= 1
            return False
        self.times -= 1
        return True

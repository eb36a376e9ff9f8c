"""Dataflows: objects that can also be switched, and that use others."""

from __future__ import annotations

import itertools
from collections.abc import Callable

from pulumi_aep_streaming.flow_service.collection import Collection
from pulumi_aep_streaming.flow_service.conflicts import given_up, may_retry, write_attempts
from pulumi_aep_streaming.flow_service.errors import NoAnswer, Refused, Unreadable
from pulumi_aep_streaming.flow_service.models import LEAVING, TRANSIENT_STATES, Flow


class Flows(Collection[Flow]):
    """Dataflows, which can be switched on and off."""

    def switch(self, id_: str, *, on: bool, allowed: Callable[[Flow], None] = lambda _: None, appearing: bool = False) -> Flow:
        """Enable or disable a flow, unless it is so already, and return it once it is. `appearing`: see `modify`.

        `allowed` raises if the flow, as it is then, must not be switched: asked before each time that is sent.
        """
        self.note_write(id_)
        wanted, action = ("enabled", "enable") if on else ("disabled", "disable")
        for attempt in write_attempts(self.clock):
            live = self._resting(id_, appearing=appearing)
            if live.state == wanted:
                return live
            try:
                self._act(live, action, allowed)
                break
            except (NoAnswer, Refused, Unreadable) as failure:
                if not may_retry(failure, attempt):
                    raise given_up(failure, attempt) from None
            finally:
                self.note_write(id_)  # a page that was read meanwhile may show it as it was
        return self._wait(id_, lambda live: "" if live.state == wanted else f"it stays {live.state}")

    def _act(self, live: Flow, action: str, allowed: Callable[[Flow], None]) -> None:
        looks = itertools.chain([live], iter(lambda: self.get(live.id), None))  # the first was a moment ago

        def still_allowed() -> None:
            allowed(next(looks))

        url = self._url(live.id, "action")
        self._transport.request("POST", url, sandbox=self._sandbox, params=[("op", action)], allowed=still_allowed)

    def using(self, *, source: str = "", target: str = "", changing: bool = False) -> list[Flow]:
        """Return the dataflows that use a source or a target connection; `changing`: also those in between states."""
        condition = f"sourceConnectionIds[]=={source}" if source else f"targetConnectionIds[]=={target}"
        return [flow for flow in self.find_by_first(condition) if self._uses(flow, source or target, changing=changing)]

    def _uses(self, listed: Flow, connection: str, *, changing: bool) -> bool:
        """Whether a flow that is listed is really there, and not on its way out: lists lag, and deletes take their time."""

        def counts(live: Flow) -> bool:
            leaving = live.state == LEAVING if changing else live.state in TRANSIENT_STATES
            return not leaving and _may_use(live, connection)

        return _may_use(listed, connection) and self.is_there(listed, counts)


def _may_use(flow: Flow, connection: str) -> bool:
    """Whether a flow uses a connection, or does not show what it uses."""
    used = [*flow.source_connection_ids, *flow.target_connection_ids]
    return connection in used or not used

"""Dataflows: objects that can also be switched, and that use others."""

from __future__ import annotations

import itertools
from collections.abc import Callable

from pulumi_aep_streaming.flow_service.collection import Collection
from pulumi_aep_streaming.flow_service.conflicts import given_up, may_retry, write_attempts
from pulumi_aep_streaming.flow_service.errors import Malformed, NoAnswer, NotFound, Refused, Unreadable
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
            looks = itertools.chain([live], iter(lambda: self.get(id_), None))  # the first as it was read just now
            try:
                self._transport.request(
                    "POST",
                    self._url(id_, "action"),
                    sandbox=self._sandbox,
                    params=[("op", action)],
                    allowed=lambda: allowed(next(looks)),  # noqa: B023 (called before the loop goes on)
                )
                break
            except (NoAnswer, Refused, Unreadable) as failure:
                if not may_retry(failure, attempt):
                    raise given_up(failure, attempt) from None
            finally:
                self.note_write(id_)  # a page that was read meanwhile may show it as it was
        return self._wait(id_, lambda live: "" if live.state == wanted else f"it stays {live.state}")

    def using(self, *, source: str = "", target: str = "", changing: bool = False) -> list[Flow]:
        """Return the dataflows that use a source or a target connection; `changing`: also those in between states."""
        condition = f"sourceConnectionIds[]=={source}" if source else f"targetConnectionIds[]=={target}"
        return [flow for flow in self.find_by_first(condition) if self._uses(flow, source or target, changing=changing)]

    def _uses(self, listed: Flow, connection: str, *, changing: bool) -> bool:
        """Whether a flow that is listed is really there, and not on its way out: lists lag, and deletes take their time."""
        if listed.id in self._deleted or not _may_use(listed, connection):  # a read may lag, too
            return False
        try:
            live = self.get(listed.id)
        except NotFound as missing:
            self.confirm_absence(listed.id, missing)
            return False
        except Malformed:  # what cannot be read is there
            return True
        leaving = live.state == LEAVING if changing else live.state in TRANSIENT_STATES
        return not leaving and _may_use(live, connection)


def _may_use(flow: Flow, connection: str) -> bool:
    """Whether a flow uses a connection, or does not show what it uses."""
    used = [*flow.source_connection_ids, *flow.target_connection_ids]
    return connection in used or not used

"""What an object shows of those that it refers to, as the examples of destinations.yaml have it. Pure."""

from __future__ import annotations

from collections.abc import Callable

from pulumi_aep_streaming.emulator.catalogue import PROFILE_STORE
from pulumi_aep_streaming.emulator.kinds import Json

Load = Callable[[str, str], Json]
"""From kind and id to the object."""


def inherited(kind: str, item: Json, load: Load) -> Json:
    """Return the members that the service derives from an object's parents."""
    if kind == "connections":
        return {}
    if kind == "flows":
        sources = [_summary(load("sourceConnections", id_)) for id_ in item["sourceConnectionIds"]]
        targets = [_summary(load("targetConnections", id_)) for id_ in item["targetConnectionIds"]]
        destination = {"isDestinationFlow": True}
        return {"inheritedAttributes": {"properties": destination, "sourceConnections": sources, "targetConnections": targets}}
    base = load("connections", item["baseConnectionId"])
    shown: Json = {"inheritedAttributes": {"baseConnection": {key: base[key] for key in ("id", "connectionSpec")}}}
    if kind == "sourceConnections" and item["connectionSpec"]["id"] == PROFILE_STORE:
        shown["typeInfo"] = {"type": "ProfileFragments", "id": "ups"}
    return shown


def _summary(connection: Json) -> Json:
    own = {key: connection[key] for key in ("id", "connectionSpec", "typeInfo") if key in connection}
    return {**own, **connection["inheritedAttributes"]}

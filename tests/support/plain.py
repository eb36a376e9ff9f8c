"""Destinations made by hand: plain HTTP calls, no marker, as a person or a script would have left them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from support.curl import AUTH, FLOW_SPEC, KINESIS, PROFILE, SELECTORS, Api

HTTP = {"id": "0e7b5c0a-4f6d-4f0e-9d53-6a1c2b7d8e90", "version": "1.0"}
HUBS = {"id": "bf9f5905-92b7-48bf-bf20-455bc6b60a4e", "version": "1.0"}
MEN = {"id": "72ddd79b-6b0a-4e97-a8d2-112ccd81bd02", "name": "Men over 50"}


@dataclass
class ByHand:
    """Makes objects in a sandbox."""

    api: Api

    def profiles(self, name: str = "Profiles", **more: Any) -> str:
        """Make the profile store's two connections; return the id of the source connection."""
        base = self.api.make("/connections", name=name, connectionSpec=PROFILE)["id"]
        return self.end("source", f"{name} source", base, PROFILE, {}, **more)

    def account(self, name: str = "Kinesis", **more: Any) -> str:
        return self.api.make("/connections", name=name, connectionSpec=KINESIS, auth=AUTH, **more)["id"]

    def hubs(self, name: str = "Hubs") -> str:
        params = {"sasKeyName": "root", "sasKey": "TOPSECRET", "namespace": "n"}
        auth = {"specName": "Azure EventHub authentication credentials", "params": params}
        return self.api.make("/connections", name=name, connectionSpec=HUBS, auth=auth)["id"]

    def web(self, name: str = "Web") -> str:
        auth = {"specName": "Bearer Token", "params": {"bearerToken": "TOPSECRET"}}
        return self.api.make("/connections", name=name, connectionSpec=HTTP, auth=auth)["id"]

    def end(self, kind: str, name: str, base: str, spec: dict[str, str], params: dict[str, Any], **more: Any) -> str:
        body = {"name": name, "baseConnectionId": base, "connectionSpec": spec, "data": {"format": "json"}, "params": params}
        return self.api.make(f"/{kind}Connections", **{**body, **more})["id"]

    def stream(self, name: str, account: str, **params: Any) -> str:
        return self.end("target", name, account, KINESIS, {"stream": "s", "region": "us-west-2", **params})

    def flow(self, name: str, source: str, target: str, segments: list[dict[str, Any]], paths: list[str], **more: Any) -> str:
        made = self.api.make(
            "/flows",
            **{
                "name": name,
                "flowSpec": FLOW_SPEC,
                "sourceConnectionIds": [source],
                "targetConnectionIds": [target],
                "transformations": [{"name": "GeneralTransform", "params": SELECTORS}],
                **more,
            },
        )
        at = "/transformations/0/params"
        operations = [
            {"op": "add", "path": f"{at}/segmentSelectors/selectors/-", "value": {"type": "PLATFORM_SEGMENT", "value": segment}}
            for segment in segments
        ]
        operations += [
            {"op": "add", "path": f"{at}/profileSelectors/selectors/-", "value": {"type": "JSON_PATH", "value": {"path": path}}}
            for path in paths
        ]
        if operations:
            etag = self.api.call("GET", f"/flows/{made['id']}").json()["items"][0]["etag"]
            answer = self.api.call("PATCH", f"/flows/{made['id']}", json=operations, headers={"If-Match": etag})
            assert answer.status_code == 200, answer.text
        return made["id"]

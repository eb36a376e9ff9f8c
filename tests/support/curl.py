"""Calls to the emulator as curl would make them, without our client."""

from __future__ import annotations

import requests

BASE = "/data/foundation/flowservice"
PROFILE = {"id": "8a9c3494-9708-43d7-ae3f-cda01e5030e1", "version": "1.0"}
KINESIS = {"id": "86043421-563b-46ec-8e6c-e23184711bf6", "version": "1.0"}
FLOW_SPEC = {"id": "71471eba-b620-49e4-90fd-23f1fa0174d8", "version": "1.0"}
AUTH = {
    "specName": "Aws Kinesis authentication credentials",
    "params": {"accessKeyId": "a", "secretKey": "TOPSECRET", "region": "r"},
}
STREAM = {"stream": "s", "region": "r"}
SELECTORS = {member: {"selectors": []} for member in ("profileSelectors", "segmentSelectors")}
SEGMENTS = "/transformations/0/params/segmentSelectors/selectors"


def end(name, spec, base, params):
    """Return the body of a source or target connection."""
    return {"name": name, "connectionSpec": spec, "baseConnectionId": base, "data": {"format": "json"}, "params": params}


class Api:
    """A session with all headers, as curl would have them."""

    def __init__(self, emulator, sandbox="prod"):
        self.url = emulator.url
        form = {
            "grant_type": "client_credentials",
            "client_id": "emulator-client",
            "client_secret": "emulator-secret",
            "scope": "openid",
        }
        token = requests.post(f"{self.url}/ims/token/v3", data=form, timeout=5).json()
        self.headers = {
            "Authorization": f"Bearer {token['access_token']}",
            "x-api-key": "emulator-client",
            "x-gw-ims-org-id": "EMULATOR@AdobeOrg",
            "x-sandbox-name": sandbox,
        }

    def call(self, method, path, json=None, headers=None, **parts):
        headers = {key: value for key, value in {**self.headers, **(headers or {})}.items() if value is not None}
        return requests.request(method, self.url + BASE + path, json=json, headers=headers, timeout=5, **parts)

    def make(self, path, **body):
        """Make an object, or fail; return what POST answers."""
        answer = self.call("POST", path, json=body)
        assert answer.status_code == 201, answer.text
        return answer.json()

    def flow(self):
        """Make a chain that ends in a dataflow; return the ids."""
        base = self.make("/connections", name="base", connectionSpec=PROFILE)["id"]
        account = self.make("/connections", name="account", connectionSpec=KINESIS, auth=AUTH)["id"]
        source = self.make("/sourceConnections", **end("s", PROFILE, base, {}))["id"]
        target = self.make("/targetConnections", **end("t", KINESIS, account, STREAM))["id"]
        made = self.make(
            "/flows",
            name="flow",
            flowSpec=FLOW_SPEC,
            sourceConnectionIds=[source],
            targetConnectionIds=[target],
            transformations=[{"name": "GeneralTransform", "params": SELECTORS}],
        )
        return {"flow": made["id"], "base": base, "account": account, "source": source, "target": target}

    def etag(self, path):
        """Return the current version of an object."""
        return self.call("GET", path).json()["items"][0]["etag"]

    def activate(self, flow, segments=(), attributes=()):
        """Add selectors to a dataflow."""
        params = "/transformations/0/params"
        selectors = [("segmentSelectors", {"type": "PLATFORM_SEGMENT", "value": {"id": id_}}) for id_ in segments]
        selectors += [("profileSelectors", {"type": "JSON_PATH", "value": {"path": path}}) for path in attributes]
        operations = [{"op": "add", "path": f"{params}/{member}/selectors/-", "value": value} for member, value in selectors]
        path = f"/flows/{flow}"
        answer = self.call("PATCH", path, json=operations, headers={"If-Match": self.etag(path)})
        assert answer.ok, answer.text

    def control(self, name, **body):
        """Use a control, or fail; return what it answers."""
        answer = requests.post(f"{self.url}/__control/{name}", json=body, timeout=5)
        assert answer.ok, answer.text
        return answer.json() if answer.content else None

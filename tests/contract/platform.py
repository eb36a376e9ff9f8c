"""The service that the contract is checked with: the emulator, or a sandbox that the environment names; what was seen there."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import requests

BASE = "/data/foundation/flowservice"
PREFIX = "pulumi-aep-streaming contract "
SECONDS_TO_SETTLE = 120
_RESTING = {"enabled", "disabled", None}
_GONE = {202, 204, 404}
_WORDS = {"op", "operator", "state", "type", "errorCode", "error_code", "code", "status", "specName", "format"}
_WORD = re.compile(r"[\w .-]{1,60}")


@dataclass
class Platform:
    """A sandbox, reached by plain HTTP; every call is noted without values."""

    endpoint: str
    headers: dict[str, str] = field(repr=False)
    seen: list[dict[str, Any]] = field(default_factory=list)
    made: list[str] = field(default_factory=list)
    """The paths of all objects, oldest first."""

    @classmethod
    def of(cls, environment: Mapping[str, str], sandbox: str) -> Platform:
        """Reach a sandbox with the variables that the package itself reads."""
        client = environment["AEP_CLIENT_ID"]
        token = environment.get("AEP_ACCESS_TOKEN") or _token(environment, client)
        headers = {
            "Authorization": f"Bearer {token}",
            "x-api-key": client,
            "x-gw-ims-org-id": environment["AEP_ORG_ID"],
            "x-sandbox-name": sandbox,
        }
        return cls(environment.get("AEP_ENDPOINT", "https://platform.adobe.io"), headers)

    def call(self, method: str, path: str, body: Any = None, *, base: str = BASE, **headers: str) -> requests.Response:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        answer = requests.request(method, self.endpoint + base + path, json=body, headers={**self.headers, **named}, timeout=60)
        self.seen.append(_noted(method, base + path, sorted(named), body, answer))
        return answer

    def make(self, kind: str, **body: Any) -> str:
        """Make an object whose name says where it comes from; return its id."""
        answer = self.call("POST", f"/{kind}", {**body, "name": PREFIX + body.get("name", kind)})
        assert answer.status_code == 201, answer.text
        self.made.append(f"/{kind}/{answer.json()['id']}")
        return answer.json()["id"]

    def clean_up(self) -> None:
        """Delete all that was made, the latest first; the service may need a while to notice that a user is gone."""
        deadline = time.monotonic() + SECONDS_TO_SETTLE
        while self.made:
            self.made = [path for path in reversed(self.made) if self.call("DELETE", path).status_code not in _GONE][::-1]
            assert not self.made or time.monotonic() < deadline, f"left behind: {self.made}; delete them by hand"
            time.sleep(1 if self.made else 0)

    def read(self, path: str) -> dict[str, Any]:
        """Read one object, when it has come to rest."""
        deadline = time.monotonic() + SECONDS_TO_SETTLE
        while True:
            answer = self.call("GET", path)
            assert answer.status_code == 200, answer.text
            (item,) = answer.json()["items"]
            if item.get("state") in _RESTING or time.monotonic() > deadline:
                return item
            time.sleep(1)

    def patch(self, path: str, *operations: dict[str, Any]) -> requests.Response:
        """Patch under the current version."""
        return self.call("PATCH", path, list(operations), If_Match=self.read(path)["etag"])

    def report(self, file: Path) -> None:
        """Write down what was seen, each kind of call once."""
        kinds = {json.dumps(seen, sort_keys=True): seen for seen in self.seen}
        file.write_text(json.dumps(list(kinds.values()), indent=2) + "\n")


def code_of(answer: requests.Response) -> str:
    """Return the number of an error, without the status after it."""
    body = answer.json()
    return str(body.get("errorCode") or body.get("error_code") or body.get("code") or "").partition("-")[0]


def _token(environment: Mapping[str, str], client: str) -> str:
    form = {
        "grant_type": "client_credentials",
        "client_id": client,
        "client_secret": environment["AEP_CLIENT_SECRET"],
        "scope": environment.get(
            "AEP_SCOPES", "openid,AdobeID,read_organizations,additional_info.projectedProductContext,session"
        ),
    }
    host = environment.get("AEP_IMS_ENDPOINT", "https://ims-na1.adobelogin.com")
    answer = requests.post(f"{host}/ims/token/v3", data=form, timeout=60)
    assert answer.ok, f"no token: HTTP {answer.status_code}"
    return answer.json()["access_token"]


def _noted(method: str, path: str, headers: list[str], body: Any, answer: requests.Response) -> dict[str, Any]:
    try:
        content = answer.json() if answer.content else None
    except ValueError:
        content = "no JSON"
    place, _, query = path.partition("?")
    place = re.sub(r"(?i)(/(?:flows|connections|sourceConnections|targetConnections)/)[^/]+", r"\1{id}", place)
    parameters = sorted({part.partition("=")[0] for part in query.split("&") if part})
    call = f"{method} {place}" + (f"?{'&'.join(parameters)}" if parameters else "")
    return {"call": call, "headers": headers, "sent": scrubbed(body), "status": answer.status_code, "answer": scrubbed(content)}


def scrubbed(value: Any) -> Any:
    """Replace values by their types, but for the words and codes that Adobe documents; a list shows its kinds of elements."""
    if isinstance(value, dict):
        return {
            key: item if key in _WORDS and isinstance(item, str) and _WORD.fullmatch(item) else scrubbed(item)
            for key, item in value.items()
        }
    if isinstance(value, list):
        kinds = {json.dumps(scrubbed(item), sort_keys=True): scrubbed(item) for item in value}
        return list(kinds.values())
    return type(value).__name__

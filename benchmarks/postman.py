"""Postman collections that make, change and delete destinations, one request after the other, for newman to run."""

from __future__ import annotations

import json
from typing import Any

from aepp_script import AUTH, EMPTY, FLOW_SPEC, KINESIS, PROFILES, connection

Item = dict[str, Any]
_SERVICE = "{{AEP_ENDPOINT}}/data/foundation/flowservice"
_HEADERS = {
    "Authorization": "Bearer {{token}}",
    "x-api-key": "{{AEP_CLIENT_ID}}",
    "x-gw-ims-org-id": "{{AEP_ORG_ID}}",
    "x-sandbox-name": "{{AEP_SANDBOX_NAME}}",
    "Content-Type": "application/json",
}


def create(count: int) -> str:
    items = [
        _made("connections", "profiles", {"name": "profiles", "connectionSpec": PROFILES}),
        _made("sourceConnections", "source", connection("source", PROFILES, "{{profiles}}")),
        _made("connections", "account", {"name": "account", "connectionSpec": KINESIS, "auth": AUTH}),
    ]
    for number in range(count):
        target, flow = f"t{number}", f"f{number}"
        items.append(
            _made("targetConnections", target, connection(target, KINESIS, "{{account}}", stream=target, region="us-west-2"))
        )
        body = {
            "name": flow,
            "flowSpec": FLOW_SPEC,
            "sourceConnectionIds": ["{{source}}"],
            "targetConnectionIds": [f"{{{{{target}}}}}"],
            "transformations": [{"name": "GeneralTransform", "params": EMPTY}],
        }
        items += [_made("flows", flow, body), *_activated(flow, "s0")]
    return _collection(items)


def change() -> str:
    return _collection(_activated("f0", "s1"))


def destroy(count: int) -> str:
    doomed = [("flows", f"f{number}") for number in range(count)]
    doomed += [("targetConnections", f"t{number}") for number in range(count)]
    doomed += [("sourceConnections", "source"), ("connections", "profiles"), ("connections", "account")]
    return _collection([_item("DELETE", f"{kind}/{{{{{name}}}}}", 204) for kind, name in doomed])


def _made(kind: str, name: str, body: Item) -> Item:
    return _item("POST", kind, 201, body, keep=(name, "id"))


def _activated(flow: str, segment: str) -> list[Item]:
    selector = {"type": "PLATFORM_SEGMENT", "value": {"id": segment}}
    body = [{"op": "add", "path": "/transformations/0/params/segmentSelectors/selectors/-", "value": selector}]
    path = f"flows/{{{{{flow}}}}}"
    return [_item("GET", path, 200, keep=("etag", "items[0].etag")), _item("PATCH", path, 200, body, if_match="{{etag}}")]


def _item(
    method: str,
    path: str,
    status: int,
    body: Any = None,
    *,
    keep: tuple[str, str] | None = None,
    if_match: str | None = None,
) -> Item:
    headers = _HEADERS | ({"If-Match": if_match} if if_match else {})
    request: Item = {"method": method, "url": f"{_SERVICE}/{path}"}
    request["header"] = [{"key": key, "value": value} for key, value in headers.items()]
    if body is not None:
        request["body"] = {"mode": "raw", "raw": json.dumps(body)}
    return _with_script({"name": path, "request": request}, status, keep)


def _with_script(item: Item, status: int, keep: tuple[str, str] | None) -> Item:
    lines = [f"pm.test('answers {status}', () => pm.response.to.have.status({status}));"]
    if keep:
        lines.append(f"pm.environment.set('{keep[0]}', pm.response.json().{keep[1]});")
    return {**item, "event": [{"listen": "test", "script": {"type": "text/javascript", "exec": lines}}]}


def _collection(items: list[Item]) -> str:
    form = {"grant_type": "client_credentials", "scope": "openid"}
    form |= {"client_id": "{{AEP_CLIENT_ID}}", "client_secret": "{{AEP_CLIENT_SECRET}}"}
    fields = [{"key": key, "value": value} for key, value in form.items()]
    request = {
        "method": "POST",
        "url": "{{AEP_IMS_ENDPOINT}}/ims/token/v3",
        "body": {"mode": "urlencoded", "urlencoded": fields},
    }
    token = _with_script({"name": "token", "request": request}, 200, ("token", "access_token"))
    schema = "https://schema.getpostman.com/json/collection/v2.1.0/collection.json"
    return json.dumps({"info": {"name": "destinations", "schema": schema}, "item": [token, *items]})

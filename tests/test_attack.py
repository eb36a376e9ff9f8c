"""Calls that nobody would write, made up by schemathesis from Adobe's OpenAPI files: the emulator never fails.

That it answers as documented is checked when the run ends, as of all calls: see conformance/plugin.py.
"""

from __future__ import annotations

import pytest
from conformance.table import SPECIFICATIONS
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from support.curl import BASE, Api
from support.surroundings import Emulator

schemathesis = pytest.importorskip("schemathesis", reason="schemathesis is installed with the development group")
pytest.importorskip("openapi_core")
if not SPECIFICATIONS.exists():
    pytest.skip("Adobe's OpenAPI files are not at hand", allow_module_level=True)

from conformance.judge import mended  # noqa: E402 (only where there is openapi_core)

SERVED = r"^/(connections|sourceConnections|targetConnections|flows)(/\{\w+\}(/action)?)?/?$"
LOOKED_UP = r"^/(connectionSpecs|flowSpecs|runs)(/\{\w+\})?$"
KINDS = {"connections": "base", "sourceConnections": "source", "targetConnections": "target", "flows": "flow"}
MODES = list(schemathesis.GenerationMode)


def operations(file):
    schema = schemathesis.openapi.from_dict(mended(file))
    served = schema.include(path_regex=SERVED).include(path_regex=LOOKED_UP, method="GET")
    found = [operation.ok() for operation in served.get_all_operations()]
    return [pytest.param(operation, id=f"{file} {operation.label}") for operation in found]


@pytest.fixture(scope="module")
def api():
    with Emulator() as emulator:
        yield Api(emulator)


def attack(operation, api, **how):
    """Call with good headers, and, where an id is asked for, with that of an object that is there."""
    headers, kind = dict(api.headers), operation.path.split("/")[1]
    id_ = api.flow()[KINDS[kind]] if kind in KINDS and "{" in operation.path else ""

    @settings(database=None, suppress_health_check=list(HealthCheck), **how)
    @given(st.sampled_from(MODES).flatmap(lambda mode: operation.as_strategy(generation_mode=mode)))
    def call(case):
        if id_:
            case.path_parameters = dict.fromkeys(case.path_parameters, id_)
        read = api.call("GET", f"/{kind}/{id_}") if case.method == "PATCH" else None
        if read and read.ok:
            headers["If-Match"] = read.json()["items"][0]["etag"]
        answer = case.call(base_url=api.url + BASE, headers=headers)
        assert answer.status_code < 500, case.as_curl_command()

    call()


@pytest.mark.parametrize("operation", operations("flow-service.yaml"))
def test_a_few_odd_calls_never_fail(operation, api):
    attack(operation, api, max_examples=10, derandomize=True)


@pytest.mark.slow
@pytest.mark.parametrize("operation", [*operations("flow-service.yaml"), *operations("destinations.yaml")])
def test_no_odd_call_ever_fails(operation, api):
    attack(operation, api, max_examples=50)

"""What all tests share: an emulator, settings that lead to it, a client with a clock that needs no time."""

from __future__ import annotations

import pytest
from surroundings import Hourglass, environment_of

from pulumi_aep_streaming import _config
from pulumi_aep_streaming.emulator import Emulator
from pulumi_aep_streaming.flow_service.auth import ClientCredentials
from pulumi_aep_streaming.flow_service.client import FlowService
from pulumi_aep_streaming.flow_service.transport import Transport


@pytest.fixture
def emulator():
    with Emulator() as running:
        yield running


@pytest.fixture
def hourglass():
    return Hourglass()


@pytest.fixture
def environment(emulator):
    return environment_of(emulator)


@pytest.fixture
def settings(environment):
    return _config.load({}, environment)


@pytest.fixture
def transport(emulator, hourglass):
    organization = emulator.organization
    return Transport(
        endpoint=emulator.url,
        ims_endpoint=emulator.url,
        org_id=organization.id,
        client_id=organization.client_id,
        credentials=ClientCredentials(organization.client_id, organization.client_secret, "openid"),
        timeout_seconds=5,
        max_retries=3,
        clock=hourglass.clock(),
    )


@pytest.fixture
def service(transport):
    return FlowService(transport, "prod")

"""Explicit providers: two organizations in one program, through components, with default providers disabled."""

from __future__ import annotations

import pytest
from support.surroundings import Emulator, environment_of

from pulumi_aep_streaming.emulator import Organization

pytestmark = pytest.mark.engine

PROVIDER = """
def provider(name, url, org="OTHER@AdobeOrg", secret="TOPSECRET-other", **more):
    return aep.Provider(name, org_id=org, client_id="other", client_secret=secret, endpoint=url, ims_endpoint=url,
        sandbox_name="prod", **more)
"""
DESTINATION = """
aep.StreamingDestination("{name}", destination=aep.KinesisDestinationArgs(stream="s", region="r", access_key_id="a",
    secret_key="TOPSECRET-key"), segments=["s1"], opts={opts})
"""
OTHERS = ("AEP_CLIENT_ID", "AEP_CLIENT_SECRET", "AEP_ORG_ID", "AEP_SANDBOX_NAME", "AEP_ENDPOINT", "AEP_IMS_ENDPOINT")


@pytest.fixture
def other():
    organization = Organization("OTHER@AdobeOrg", "other", "TOPSECRET-other", ("prod",))
    with Emulator(organization=organization) as running:
        yield running


def flows(emulator) -> list[str]:
    return [flow["name"] for flow in emulator.store.find(f"{emulator.organization.id}/prod", "flows", [], "name")]


def test_two_organizations_in_one_program(project, other):
    own = DESTINATION.format(name="here", opts="None")
    there = DESTINATION.format(name="there", opts="pulumi.ResourceOptions(provider=p)")
    listed = DESTINATION.format(name="listed", opts="pulumi.ResourceOptions(providers=[p])")
    component = (
        """
class Shop(pulumi.ComponentResource):
    def __init__(self, name, opts):
        super().__init__("shop:index:Shop", name, None, opts)
        aep.BaseConnection("inner", connection_spec_id=aep.ConnectionSpecId.UNIFIED_PROFILE,
            opts=pulumi.ResourceOptions(parent=self))
"""
        'Shop("shop", pulumi.ResourceOptions(providers={"pulumi-python": p}))'
    )
    project.write(PROVIDER + f'p = provider("p", "{other.url}")' + own + there + listed + component)
    project.up()
    assert flows(project.emulator) == ["here"]
    assert flows(other) == ["listed", "there"]
    assert other.store.find("OTHER@AdobeOrg/prod", "connections", ["name==inner"], None)
    assert "TOPSECRET" not in project.export()
    project.refresh("--expect-no-changes")
    project.up("--expect-no-changes")
    project.destroy()
    assert flows(project.emulator) == flows(other) == []


def test_changed_credentials_of_a_provider_touch_no_resource(project, other):
    program = PROVIDER + DESTINATION.format(name="d", opts='pulumi.ResourceOptions(provider=provider("p", URL, **MORE))')
    project.config("pulumi:disable-default-providers", '["*"]')
    project.write(f"URL, MORE = '{other.url}', {{}}" + program)
    project.up(without=OTHERS)
    other.forget()
    other.organization.client_secret = "TOPSECRET-rotated"
    project.write(f"URL, MORE = '{other.url}', dict(secret='TOPSECRET-rotated', max_retries=2, timeout_seconds=9.5)" + program)
    project.up(without=OTHERS)
    assert other.calls == []
    other.service.gateway.revoke()
    project.refresh("--expect-no-changes", without=OTHERS)
    assert "TOPSECRET" not in project.export() + "".join(project.written)
    project.destroy(without=OTHERS)
    assert flows(other) == []


def test_an_explicit_provider_reads_neither_environment_nor_stack_config(project, other):
    project.config("aep:sandboxName", "dev")
    provider = f'aep.Provider("p", org_id="OTHER@AdobeOrg", endpoint="{other.url}", ims_endpoint="{other.url}"%s)'
    resource = """
aep.BaseConnection("b", connection_spec_id=aep.ConnectionSpecId.UNIFIED_PROFILE, opts=pulumi.ResourceOptions(provider=%s))"""
    project.write(resource % (provider % ""))
    assert "no sandbox: set sandbox_name of the provider p, or the argument sandbox_name" in project.preview(check=False).text
    project.write(resource % (provider % ', sandbox_name="prod"'))
    project.preview()
    result = project.up(check=False)
    assert "no credentials: set client_id of the provider p" in result.text
    assert "AEP_" not in result.text
    assert project.emulator.calls == other.calls == []


@pytest.mark.parametrize(
    ("opts", "line"),
    [
        ('providers={"aep": p}', "providers: the key 'aep' is not looked at for this package"),
        ("providers=[p, q]", "providers: two of this package for one resource"),
        ("provider=p, providers=[q]", "providers: two of this package for one resource"),
    ],
)
@pytest.mark.parametrize("program", ["component", "resource"])
def test_a_provider_that_would_not_be_used_is_refused(project, other, opts, line, program):
    opts = f"pulumi.ResourceOptions({opts})"
    resource = f'aep.BaseConnection("b", connection_spec_id="x", opts={opts})'
    declared = DESTINATION.format(name="d", opts=opts) if program == "component" else resource
    project.write(PROVIDER + f'p, q = provider("p", "{other.url}"), provider("q", "{other.url}")\n' + declared)
    result = project.preview(check=False)
    assert result.code
    assert line in result.text
    assert "Traceback" not in result.text


def test_a_wrong_key_on_a_component_of_the_users_own_is_refused_as_well(project, other):
    project.write(
        PROVIDER
        + f"""
class Shop(pulumi.ComponentResource):
    def __init__(self, name, opts):
        super().__init__("shop:index:Shop", name, None, opts)
        aep.BaseConnection("b", connection_spec_id="x", opts=pulumi.ResourceOptions(parent=self))

Shop("shop", pulumi.ResourceOptions(providers={{"aep": provider("p", "{other.url}")}}))
"""
    )
    result = project.preview(check=False)
    assert "providers: the key 'aep' is not looked at for this package" in result.text


def test_an_unknown_setting_of_a_provider_waits_for_up(project, other):
    """The account's secret may be made in the same program; preview then knows no configuration at all."""
    project.write(
        PROVIDER
        + """
b = aep.BaseConnection("b", connection_spec_id=aep.ConnectionSpecId.UNIFIED_PROFILE)
secret = b.name.apply(lambda _: "TOPSECRET-other")
"""
        + f'p = provider("p", "{other.url}", secret=secret)'
        + DESTINATION.format(name="d", opts="pulumi.ResourceOptions(provider=p)")
    )
    project.preview()
    project.up()
    assert flows(other) == ["d"]
    assert environment_of(other)["AEP_CLIENT_SECRET"] not in project.export()

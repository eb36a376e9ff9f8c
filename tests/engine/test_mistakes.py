"""Mistakes that a newcomer makes: each is refused, or warned of, by one line that mends it, in the preview where it can be."""

from __future__ import annotations

import pytest

pytestmark = pytest.mark.engine

PROFILES = 'profiles = aep.BaseConnection("profiles", connection_spec_id=aep.ConnectionSpecId.UNIFIED_PROFILE)\n'
SOURCE = PROFILES + 'source = aep.SourceConnection("source", base_connection_id=profiles.id)\n'
AUTH = 'aep.KinesisAuthArgs(access_key_id="a", secret_key="TOPSECRET", region="us-west-2")'
ACCOUNT = f'account = aep.BaseConnection("account", auth={AUTH})\n'
HUBS = 'aep.EventHubsAuthArgs(sas_key_name="n", sas_key="TOPSECRET", namespace="s")'
ENTRA = 'aep.EventHubsEntraAuthArgs(tenant_id="t", client_id="c", client_secret="TOPSECRET", namespace="s")'
OF_ONE_HUB = HUBS.replace(")", ', event_hub_name="orders")')
WORDS = 'words = pulumi.Output.from_input("orders")\n'


def target(stream='"s"', region='"us-west-2"', account="account.id"):
    params = f"aep.KinesisTargetArgs(stream={stream}, region={region})"
    return f'target = aep.TargetConnection("target", base_connection_id={account}, params={params})\n'


def flow(segments="[]", more="", source="source.id", target="target.id"):
    ids = f"source_connection_ids=[{source}], target_connection_ids=[{target}]"
    return f'flow = aep.Dataflow("flow", {ids}, segments={segments}, {more})\n'


def destination(more="", stream='"s"', keys='access_key_id="a", secret_key="TOPSECRET"'):
    args = f'aep.KinesisDestinationArgs(stream={stream}, region="us-west-2", {keys})'
    return f'aep.StreamingDestination("d", destination={args}, {more})\n'


ODD = 'odd = aep.SourceConnection("odd", base_connection_id=account.id, connection_spec_id=account.connection_spec_id)\n'
ALL = SOURCE + ACCOUNT + target()
UUID = "72ddd79b-6b0a-4e97-a8d2-112ccd81bd02"

REFUSED = {
    "an Output in an f-string, as a stream": (
        WORDS + ACCOUNT + target('f"x-{words}"'),
        "params.stream: holds what Python prints of an Output, and not its value: use pulumi.Output.concat, or apply",
    ),
    "an Output in an f-string, as a name": (
        WORDS + ACCOUNT + 'aep.BaseConnection("b", name=f"{account.name}", connection_spec_id=account.connection_spec_id)',
        "name: holds what Python prints of an Output",
    ),
    "the ARN of a stream": (
        ACCOUNT + target('"arn:aws:kinesis:us-west-2:1:stream/s"'),
        "params.stream: is an ARN or a path, and the name is wanted: what follows the last /",
    ),
    "a connection string as a key": (
        f'aep.BaseConnection("b", auth={HUBS.replace("TOPSECRET", "Endpoint=sb://s.servicebus.windows.net/;Key=TOPSECRET")})',
        "auth.sasKey: is a whole connection string; give the part of it that is wanted here",
    ),
    "the id of an access key as its secret": (
        ACCOUNT.replace("TOPSECRET", "AKIAIOSFODNN7EXAMPLE"),
        "auth.secretKey: is the id of an access key of AWS, and the secret of one is wanted",
    ),
    "an availability zone": (
        ACCOUNT + target(region='"us-west-2a"'),
        "params.region: no region of AWS, did you mean us-west-2?",
    ),
    "a misspelt region of an account": (
        ACCOUNT.replace("us-west-2", "us-wset-2"),
        "auth.region: no region of AWS, did you mean us-west-2?",
    ),
    "a resource instead of its name": (
        ACCOUNT + target("account"),
        "target: params.stream: a text is wanted, and this is a resource (BaseConnection): pass a property of it",
    ),
    "a resource instead of its name, in the component": (
        ACCOUNT + destination(stream="account"),
        "d: destination.stream: a text is wanted, and this is a resource (BaseConnection)",
    ),
    "a source as an account": (
        SOURCE + target(account="source"),
        "target: base_connection_id: must be a BaseConnection or the id of one, not a SourceConnection",
    ),
    "a component on an account of another kind": (
        f'hubs = aep.BaseConnection("hubs", auth={HUBS})\n' + destination("base_connection=hubs", keys=""),
        "d: base_connection: is an account of Azure Event Hubs, and this is a connection to Amazon Kinesis",
    ),
    "a hub that the credentials are not for": (
        WORDS.replace("orders", "returns")
        + f'aep.StreamingDestination("d", destination={{"event_hub_name": words, "auth": {OF_ONE_HUB}}})',
        "d: destination: event_hub_name is another hub than the one that the credentials are for (their event_hub_name)",
    ),
    "a hub that the shared account is not for": (
        f'hubs = aep.BaseConnection("hubs", auth={OF_ONE_HUB})\n'
        'aep.StreamingDestination("d", destination={"event_hub_name": "returns"}, base_connection=hubs)',
        "d: destination: event_hub_name is another hub than the one that the credentials are for (their event_hub_name)",
    ),
    "a further parameter that is an argument": (
        destination(keys='params=pulumi.Output.from_input({"region": "us-east-1"})'),
        "d: destination: params.region is the argument region; declare it there",
    ),
    "credentials of a service principal without one of them": (
        ENTRA.replace('"t"', "None").join(('aep.BaseConnection("b", auth=', ")")),
        "auth.tenantId: required",
    ),
    "a component that takes its data from a stream": (
        ACCOUNT + ODD + destination("source_connection=odd"),
        "d: source_connection: is a connection to Amazon Kinesis, and a profile-based destination takes its data from the",
    ),
    "a connection spec as a flow spec": (
        ALL + flow(more="flow_spec_id=aep.ConnectionSpecId.AMAZON_KINESIS"),
        "flow_spec_id: is the connection spec of Amazon Kinesis; give a flow spec, or leave it out",
    ),
    "no list of segments": (ALL + flow(segments="None"), "flow: segments: None; give [] to activate none"),
    "a misspelt parameter": (
        ACCOUNT + 'aep.TargetConnection("t", base_connection_id=account.id, params={"streem": "s", "region": "us-west-2"},'
        " connection_spec_id=account.connection_spec_id)",
        "params.streem: unknown key, did you mean stream?",
    ),
    "a misspelt authentication": (
        'aep.BaseConnection("b", connection_spec_id=aep.ConnectionSpecId.AMAZON_KINESIS, auth=aep.AuthArgs('
        'spec_name="AWS Kinesis authentication credentials", params={"secretKey": "TOPSECRET"}))',
        "did you mean Aws Kinesis authentication credentials?",
    ),
    "an option that names no property": (
        ACCOUNT.replace(")\n", ', opts=pulumi.ResourceOptions(ignore_changes=["auth.secretkey"]))\n'),
        "account: ignore_changes: auth.secretkey is no property, did you mean auth.secret_key?",
    ),
    "an import": (destination('opts=pulumi.ResourceOptions(import_="x")'), "d: import_: the engine cannot import dynamic"),
    "a segment twice": (ALL + flow(f'["{UUID}", "{UUID}"]'), "segments[1]: the same as segments[0]"),
    "a path with slashes": (
        ALL + flow(more='profile_attributes=["person/name"]'),
        "profile_attributes[0].path: not an XDM path",
    ),
    "a new account without credentials": (
        'aep.BaseConnection("b", connection_spec_id=aep.ConnectionSpecId.AMAZON_KINESIS)',
        "auth: required for a new connection to Amazon Kinesis",
    ),
}
WARNED = {
    "a region that is not known": (
        ACCOUNT + target(region='"mars-north-1"'),
        "params.region: no region of AWS that this package knows; it is sent as it is",
    ),
    "the name of a segment": (
        ALL + flow('["VIP"]'),
        "segments[0].id: VIP is no UUID, as ids are; if it is a name, look it up: get_audience(name=...)",
    ),
}


def lines(result):
    return [line.strip() for line in result.text.splitlines()]


@pytest.mark.parametrize(("program", "line"), REFUSED.values(), ids=REFUSED)
def test_what_cannot_be_meant_is_refused_in_the_preview_without_a_call(project, program, line):
    project.write(program)
    result = project.preview(check=False)
    assert result.code != 0
    assert any(line in said for said in lines(result)), result.text
    assert "Traceback" not in result.text
    assert "TOPSECRET" not in result.text
    assert project.emulator.calls == []


@pytest.mark.parametrize(("program", "line"), WARNED.values(), ids=WARNED)
def test_what_may_be_meant_is_warned_of_in_the_preview_and_only_while_it_is_new(project, program, line):
    project.write(program)
    assert any(line in said for said in lines(project.preview()))
    project.up()
    assert not any(line in said for said in lines(project.preview()))


NEWER = {
    "a parameter that is not known": (
        ACCOUNT + 'aep.TargetConnection("t", base_connection_id=account.id, connection_spec_id=account.connection_spec_id,'
        ' params={"stream": "s", "region": "us-west-2", "includeSegmentNames": True})',
        "params.includeSegmentNames: no key that this package knows here; it is sent as it is",
    ),
    "a parameter that is not known, in the component": (
        destination(keys='access_key_id="a", secret_key="TOPSECRET", params={"includeSegmentNames": True}'),
        "params.includeSegmentNames: no key that this package knows here; it is sent as it is",
    ),
    "an authentication that is not known": (
        ENTRA.replace(")", ', spec_name="Service principal based")').join(('aep.BaseConnection("b", auth=', ")")),
        "auth.spec_name: is no authentication of Azure Event Hubs that this package knows; it is sent as it is",
    ),
}


@pytest.mark.parametrize(("program", "line"), NEWER.values(), ids=NEWER)
def test_what_adobe_may_have_added_passes_the_preview_with_one_warning(project, program, line):
    project.write(program)
    assert [line in said for said in lines(project.preview())].count(True) == 1


def test_a_setting_of_another_sandbox_is_refused_and_says_what_to_set(project):
    project.write(PROFILES)
    project.up()
    result = project.run("preview", check=False, AEP_SANDBOX_NAME="dev")
    assert any("lives in sandbox prod, configuration says dev: set aep:sandboxName" in line for line in lines(result)), (
        result.text
    )


TOGETHER = {
    "a stream in an account of another kind": (
        f'hubs = aep.BaseConnection("hubs", auth={HUBS})\n' + target(account="hubs.id"),
        "base_connection_id: ",
        " is an account of Azure Event Hubs, and this is a connection to Amazon Kinesis",
    ),
    "a dataflow that takes its data from a stream": (
        ALL
        + 'odd = aep.SourceConnection("odd", base_connection_id=account.id, connection_spec_id=account.connection_spec_id)\n'
        + flow(source="odd.id"),
        "source_connection_ids[0]: ",
        " is a connection to Amazon Kinesis, and a profile-based destination takes its data from the profile store",
    ),
    "source and target exchanged": (
        ALL + flow(source="target.id.apply(str)", target="source.id.apply(str)"),
        "source_connection_ids[0]: ",
        " is a TargetConnection, and a SourceConnection is wanted",
    ),
}


@pytest.mark.parametrize(("program", "first", "last"), TOGETHER.values(), ids=TOGETHER)
def test_what_cannot_belong_together_is_refused_before_it_is_sent_and_in_a_preview_once_the_ids_are_known(
    project, program, first, last
):
    project.write(program)
    result = project.up(check=False)
    assert any(first in line and line.endswith(last) for line in lines(result)), result.text
    refused = "flows" if "Dataflow" in program else "targetConnections"
    assert f"POST {refused}" not in [f"{call.method} {call.path.rpartition('/')[2]}" for call in project.emulator.calls]
    project.emulator.forget()
    result = project.preview(check=False)
    assert any(first in line and line.endswith(last) for line in lines(result)), result.text
    assert project.emulator.calls == []

"""What the engine does to a dynamic provider that one would not expect, each with a test."""

from __future__ import annotations

import json

import pytest
from support.surroundings import methods

pytestmark = pytest.mark.engine

PROFILES = 'profiles = aep.BaseConnection("profiles", connection_spec_id=aep.ConnectionSpecId.UNIFIED_PROFILE)\n'
CHAIN = (
    PROFILES
    + """
source = aep.SourceConnection("source", base_connection_id=profiles.id)
account = aep.BaseConnection("account", auth=aep.KinesisAuthArgs(access_key_id="a", secret_key="TOPSECRET", region="r"{auth}))
target = aep.TargetConnection("target", base_connection_id=account.id, {target})
flow = aep.Dataflow("flow", source_connection_ids=[source.id], target_connection_ids=[target.id], {flow})
"""
)


def chain(*, auth="", target='params=aep.KinesisTargetArgs(stream="s", region="r")', flow=""):
    return CHAIN.replace("{auth}", auth).replace("{target}", target).replace("{flow}", flow)


def test_whole_numbers_reach_the_service_as_integers(project):
    spec = "4fce964d-3f37-408f-9778-e597338a21ee"
    auth = 'aep.AuthArgs(spec_name="Access Key", params={"s3AccessKey": "a", "s3SecretKey": "TOPSECRET"})'
    project.write(
        f'account = aep.BaseConnection("a", connection_spec_id="{spec}", auth={auth})\n'
        f'aep.TargetConnection("t", base_connection_id=account.id, connection_spec_id="{spec}",'
        ' params={"retries": 3, "deep": [{"share": 0.5, "port": 8080}]})\n'
    )
    project.up()
    (target,) = project.live("targetConnections")
    assert json.dumps(target["params"], sort_keys=True) == '{"deep": [{"port": 8080, "share": 0.5}], "retries": 3}'
    project.refresh("--expect-no-changes")
    project.up("--expect-no-changes")


def test_the_engine_looks_for_no_plugin_of_this_package(project):
    """It takes every installed pulumi-* for one that has a plugin, unless its pulumi-plugin.json says otherwise."""
    project.write(PROFILES)
    log = project.preview("--logtostderr", "--verbose=7").text
    assert "gathering plugins from language host" in log
    assert "downloading" not in log
    assert "GetPluginPath(resource, aep-streaming" not in log


def test_an_update_keeps_all_outputs(project):
    project.write(PROFILES)
    project.up()
    before = project.state()["BaseConnection::profiles"]["outputs"]
    project.write(PROFILES.replace(")\n", ', description="now with a text")\n'))
    project.up()
    after = project.state()["BaseConnection::profiles"]["outputs"]
    assert after == {**before, "description": "now with a text"}


def test_credentials_passed_as_plain_strings_are_secret_in_state(project):
    project.write(chain())
    project.up()
    account = project.state()["BaseConnection::account"]
    assert "TOPSECRET" not in project.export()
    for bag in (account["inputs"], account["outputs"]):
        assert "ciphertext" in bag["auth"]["params"]["secretKey"]
        assert bag["auth"]["params"]["accessKeyId"] == "a"


@pytest.mark.parametrize(
    "auth",
    [
        '{"access_key_id": "TOPSECRET-id", "secret_key": "TOPSECRET", "region": "r"}',
        'pulumi.Output.from_input(aep.KinesisAuthArgs(access_key_id="TOPSECRET-id", secret_key="TOPSECRET", region="r"))',
        'pulumi.Output.from_input({"access_key_id": "TOPSECRET-id", "secret_key": "TOPSECRET", "region": "r"})',
        'pulumi.Output.secret({"spec_name": "Aws Kinesis authentication credentials",'
        ' "params": {"accessKeyId": "TOPSECRET-id", "secretKey": "TOPSECRET", "region": "r"}})',
    ],
)
def test_credentials_as_a_dict_or_an_output_are_secret_as_a_whole(project, auth):
    spec = "connection_spec_id=aep.ConnectionSpecId.AMAZON_KINESIS"
    project.write(f'aep.BaseConnection("account", auth={auth}, {spec})')
    project.up()
    export = project.export()
    assert "TOPSECRET" not in export
    account = project.state()["BaseConnection::account"]
    assert "ciphertext" in account["inputs"]["auth"]
    assert "ciphertext" in account["outputs"]["auth"]
    live = project.emulator.store.load("EMULATOR@AdobeOrg/prod", "connections", account["id"])
    assert live["auth"]["params"] == {"accessKeyId": "TOPSECRET-id", "secretKey": "TOPSECRET", "region": "r"}
    project.refresh("--expect-no-changes")
    assert "TOPSECRET" not in project.export()
    project.up("--expect-no-changes")


def test_typed_credentials_in_an_output_imply_the_spec(project):
    project.write(
        'auth = aep.EventHubsAuthArgs(sas_key_name="n", sas_key="TOPSECRET", namespace="s")\n'
        'aep.BaseConnection("account", auth=pulumi.Output.secret(auth))'
    )
    project.up()
    account = project.state()["BaseConnection::account"]
    assert account["outputs"]["connectionSpecId"] == "bf9f5905-92b7-48bf-bf20-455bc6b60a4e"


def test_selectors_may_be_outputs_as_a_whole_or_one_by_one(project):
    project.write(
        chain(
            flow='segments=[pulumi.Output.from_input("s1"), aep.SegmentSelectorArgs(id=pulumi.Output.from_input("s2"))],'
            'profile_attributes=pulumi.Output.from_input(["a.b", {"path": "c.d"}, aep.ProfileSelectorArgs(path="e.f")])'
        )
    )
    project.up()
    outputs = project.state()["Dataflow::flow"]["outputs"]
    assert outputs["segments"] == [{"id": "s1"}, {"id": "s2"}]
    assert outputs["profileAttributes"] == [{"operator": "EXISTS", "path": path} for path in ("a.b", "c.d", "e.f")]


def test_snake_case_names_in_ignore_changes_are_understood(project):
    options = "opts=pulumi.ResourceOptions(ignore_changes=['profile_attributes'])"
    project.write(chain(flow=f"profile_attributes=['a.b'], {options}"))
    project.up()
    project.write(chain(flow=f"profile_attributes=['c.d'], {options}"))
    project.up("--expect-no-changes")


def test_snake_case_attributes_are_outputs(project):
    names = ["sandbox_name", "org_id", "base_connection_id", "connection_spec_id", "data_format", "params", "name"]
    project.write(chain() + "".join(f"pulumi.export('{name}', target.{name})\n" for name in names))
    project.up()
    outputs = project.outputs()
    assert outputs["sandbox_name"] == "prod"
    assert outputs["org_id"] == "EMULATOR@AdobeOrg"
    assert outputs["base_connection_id"] == project.state()["BaseConnection::account"]["id"]
    assert outputs["params"] == {"stream": "s", "region": "r"}


def test_an_unknown_in_a_replace_field_previews_as_replace(project):
    project.write(chain())
    project.up()
    project.write(chain().replace('"account", auth', '"account2", auth'))
    preview = project.preview().text
    assert "TargetConnection: (replace)" in preview
    assert "Dataflow: (replace)" in preview


def test_a_replacement_makes_the_new_before_it_deletes_the_old_and_leaves_one(project):
    project.write(chain())
    project.up()
    before = {key: resource["id"] for key, resource in project.state().items() if "id" in resource}
    project.write(chain().replace('"target", base', '"target", data_format="csv", base'))
    project.emulator.forget()
    project.up()
    after = project.state()
    assert after["TargetConnection::target"]["id"] != before["TargetConnection::target"]
    assert after["Dataflow::flow"]["id"] != before["Dataflow::flow"]
    assert after["BaseConnection::account"]["id"] == before["BaseConnection::account"]
    assert [len(project.live(kind)) for kind in ("connections", "targetConnections", "flows")] == [2, 1, 1]
    order = [call for call in methods(project.emulator) if call.startswith(("POST", "DELETE"))]
    assert order == ["POST targetConnections", "POST flows", "DELETE flows", "DELETE targetConnections"]
    project.refresh("--expect-no-changes")


def test_a_reference_by_id_reads_and_never_writes(project):
    project.write(PROFILES)
    project.up()
    id_ = project.state()["BaseConnection::profiles"]["id"]
    project.emulator.forget()
    seen = [f'aep.BaseConnection.get("{name}", {given}).name' for name, given in (("a", repr(id_)), ("b", f"SECRET({id_!r})"))]
    project.write(f'SECRET = pulumi.Output.secret\n{PROFILES}pulumi.export("found", [{", ".join(seen)}])\n')
    project.up()
    assert project.outputs()["found"] == ["profiles", "profiles"]
    assert {call.split()[0] for call in methods(project.emulator)} == {"GET"}
    project.write(PROFILES)
    project.up()
    assert len(project.live("connections")) == 1


def test_the_provider_needs_no_secret_encryption_and_is_pickled_by_reference(project):
    project.write(PROFILES)
    project.up()
    provider = project.state()["BaseConnection::profiles"]["inputs"]["__provider"]
    assert isinstance(provider, str)
    assert len(provider) < 150


def test_an_existing_object_is_adopted_without_a_change_but_the_marker(project):
    project.write(PROFILES)
    project.up()
    id_ = project.state()["BaseConnection::profiles"]["id"]
    project.run("state", "delete", project.state()["BaseConnection::profiles"]["urn"], "--yes")
    project.emulator.forget()
    project.write(PROFILES.replace(")\n", f', adopt_id="{id_}")\n'))
    project.up()
    assert project.state()["BaseConnection::profiles"]["id"] == id_
    written, settled = (
        ["GET", "GET", "PATCH", "GET"],
        ["GET"] * 3,
    )  # it carried another marker, so lists have to show the new one
    assert [call.split()[0] for call in methods(project.emulator)] == written + settled
    project.write(PROFILES)
    project.up("--expect-no-changes")

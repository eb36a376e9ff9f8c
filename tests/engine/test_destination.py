"""The component: one destination in ten lines, many on one account, and resources that move into it."""

from __future__ import annotations

import pytest
from support.surroundings import methods

pytestmark = pytest.mark.engine

KINDS = ["connections", "sourceConnections", "targetConnections", "flows"]
ROLES = ("profile", "source", "base", "target", "flow")
KINESIS = """
stream = aep.KinesisDestinationArgs(stream="s", region="r", access_key_id="a", secret_key="TOPSECRET-1")
d = aep.StreamingDestination("shop", destination=stream, segments=pulumi.Output.from_input(["s1", "s2"]),
    profile_attributes=["a.b"], enabled={enabled}, opts={opts})
for name in ("dataflow_id", "target_connection_id", "source_connection_id", "base_connection_id"):
    pulumi.export(name, getattr(d, name))
"""
BY_HAND = """
profiles = aep.BaseConnection("{profile}", connection_spec_id=aep.ConnectionSpecId.UNIFIED_PROFILE)
source = aep.SourceConnection("{source}", base_connection_id=profiles.id)
account = aep.BaseConnection("{base}", auth=aep.KinesisAuthArgs(access_key_id="a", secret_key="TOPSECRET-1", region="r"))
target = aep.TargetConnection("{target}", base_connection_id=account.id,
    params=aep.KinesisTargetArgs(stream="s", region="r"))
aep.Dataflow("{flow}", source_connection_ids=[source.id], target_connection_ids=[target.id],
    segments=["s1", "s2"], profile_attributes=["a.b"], enabled=True)
"""
MOVING = """
BEFORE = {"shop-profile": "profiles", "shop-source": "store", "shop-base": "account", "shop-target": "stream",
    "shop-flow": "flow"}

def moved(args):
    if args.name not in BEFORE:
        return None
    alias = pulumi.Alias(name=BEFORE[args.name], parent=pulumi.ROOT_STACK_RESOURCE)
    opts = pulumi.ResourceOptions.merge(args.opts, pulumi.ResourceOptions(aliases=[alias]))
    return pulumi.ResourceTransformationResult(args.props, opts)
"""
FORTY = """
source = aep.SourceConnection("store", base_connection_id=aep.BaseConnection("profiles",
    connection_spec_id=aep.ConnectionSpecId.UNIFIED_PROFILE).id)
account = aep.BaseConnection("account",
    auth=aep.KinesisAuthArgs(access_key_id="a", secret_key="TOPSECRET-{key}", region="r"))
for n in range(40):
    aep.StreamingDestination(f"d{{n}}", destination={{"stream": f"s{{n}}", "region": "r"}},
        source_connection={source}, base_connection={account}, segments=["s1"])
"""


def ids(project) -> set[str]:
    return {item["id"] for kind in KINDS for item in project.live(kind)}


def test_one_destination_is_five_children_and_leaves_nothing(project):
    project.write(KINESIS.format(enabled=False, opts=None))
    project.up()
    children = {key for key, resource in project.state().items() if "StreamingDestination::shop" in resource.get("parent", "")}
    assert children == {
        "BaseConnection::shop-profile",
        "SourceConnection::shop-source",
        "BaseConnection::shop-base",
        "TargetConnection::shop-target",
        "Dataflow::shop-flow",
    }
    (flow,) = project.live("flows")
    outputs = project.outputs()
    assert (flow["name"], flow["state"], flow["id"]) == ("shop", "disabled", outputs["dataflow_id"])
    assert flow["sourceConnectionIds"] == [outputs["source_connection_id"]]
    assert flow["targetConnectionIds"] == [outputs["target_connection_id"]]
    assert project.live("targetConnections")[0]["baseConnectionId"] == outputs["base_connection_id"]
    assert "TOPSECRET" not in project.export()
    project.refresh("--expect-no-changes")
    project.up("--expect-no-changes")
    project.destroy()
    assert ids(project) == set()
    deletes = [call.path.split("/")[-2] for call in project.emulator.calls if call.method == "DELETE"]
    assert (
        deletes.index("flows")
        < deletes.index("targetConnections")
        < max(position for position, kind in enumerate(deletes) if kind == "connections")
    )


@pytest.mark.parametrize(
    ("names", "opts"),
    [
        ({role: f"shop-{role}" for role in ROLES}, "None"),
        (
            dict(zip(ROLES, ("profiles", "store", "account", "stream", "flow"), strict=True)),
            "pulumi.ResourceOptions(transformations=[moved])",
        ),
    ],
    ids=["of the same names", "of other names"],
)
def test_resources_written_by_hand_move_into_the_component_in_place(project, names, opts):
    project.write(BY_HAND.format(**names))
    project.up()
    before = ids(project)
    project.emulator.forget()
    project.write(MOVING + KINESIS.format(enabled=True, opts=opts))
    project.up()
    assert ids(project) == before
    assert {method for method in methods(project.emulator) if method.startswith(("POST", "DELETE"))} == set()
    project.up("--expect-no-changes")
    project.refresh("--expect-no-changes")
    project.destroy()
    assert ids(project) == set()


@pytest.mark.parametrize("first", ["by hand", "component"])
def test_a_resource_beside_the_component_is_not_taken_over_but_refused(project, first):
    by_hand = BY_HAND.format(profile="p", source="s", base="b", target="shop-target", flow="f")
    project.write(by_hand)
    project.up()
    before = ids(project)
    component = KINESIS.format(enabled=True, opts=None)
    project.write(by_hand + component if first == "by hand" else component + by_hand)
    result = project.up(check=False)
    assert "shop-target: a resource of this name stands beside a StreamingDestination" in result.text
    assert "Traceback" not in result.text
    assert before <= ids(project)


ENTRA = """
auth = {auth}
aep.StreamingDestination("shop", destination=aep.EventHubsDestinationArgs(event_hub_name="h", auth=auth), segments=["s1"])
"""
POLICY = 'aep.EventHubsAuthArgs(sas_key_name="n", sas_key="TOPSECRET-1", namespace="s")'
PRINCIPAL = """aep.EventHubsEntraAuthArgs(tenant_id="t", client_id="c", client_secret="TOPSECRET-2", namespace="s")"""
AS_ANY_OTHER = """aep.AuthArgs(spec_name="Event Hub Azure Active Directory Auth", params={"clientSecretValue": "TOPSECRET-2"},
    plain_params={"tenantId": "t", "clientId": "c", "namespace": "s"})"""
IN_THE_UI = {
    "specName": "Event Hub Azure Active Directory Auth",
    "params": {"tenantId": "t", "clientId": "c", "clientSecretValue": "TOPSECRET-9", "namespace": "s"},
}


def test_an_account_that_is_moved_to_entra_in_the_ui_is_updated_in_place_after_a_refresh(project):
    project.write(ENTRA.format(auth=POLICY))
    project.up()
    before = ids(project)
    project.write(ENTRA.format(auth=PRINCIPAL))
    said = project.preview().text
    assert (
        "~ auth.specName: Azure EventHub authentication credentials -> Event Hub Azure Active Directory Auth: another kind"
        in said
    )
    assert "run pulumi refresh first, and nothing is replaced" in said
    (account,) = [item for item in project.live("connections") if item["name"] == "shop-base"]
    place = f"{project.emulator.organization.id}/prod"
    moved = {**project.emulator.store.load(place, "connections", account["id"]), "auth": IN_THE_UI}
    project.emulator.store.put("connections", place, moved)
    project.emulator.store.touch("connections", account["id"])
    assert "its authentication was changed to 'Event Hub Azure Active Directory Auth' by others" in project.refresh().text
    project.up()
    assert ids(project) == before
    live = project.emulator.store.load(place, "connections", account["id"])["auth"]
    assert live["params"]["clientSecretValue"] == "TOPSECRET-2"
    project.up("--expect-no-changes")
    assert "TOPSECRET" not in project.export()
    assert "TOPSECRET" not in "".join(project.written)


def test_a_destination_that_becomes_an_output_is_no_change(project):
    project.write(KINESIS.format(enabled=True, opts=None))
    project.up()
    project.emulator.forget()
    later = KINESIS.replace("destination=stream", "destination=pulumi.Output.from_input(stream)")
    project.write(later.format(enabled=True, opts=None))
    project.up("--expect-no-changes")
    assert methods(project.emulator) == []


def test_auth_args_that_become_args_of_their_own_are_no_change(project):
    project.write(ENTRA.format(auth=AS_ANY_OTHER))
    project.up()
    project.emulator.forget()
    project.write(ENTRA.format(auth=PRINCIPAL))
    project.up("--expect-no-changes")
    project.write(ENTRA.format(auth=AS_ANY_OTHER))
    project.up("--expect-no-changes")
    assert methods(project.emulator) == []
    assert "TOPSECRET" not in project.export()


@pytest.mark.slow
@pytest.mark.parametrize(("source", "account"), [("source", "account"), ("source.id", "account.id")], ids=["resources", "ids"])
def test_forty_destinations_on_one_account_are_83_objects_and_a_rotated_key_is_one_patch(project, source, account):
    project.write(FORTY.format(key=1, source=source, account=account))
    project.up()
    assert len(ids(project)) == 83
    project.emulator.forget()
    project.write(FORTY.format(key=2, source=source, account=account))
    project.up()
    assert sorted(methods(project.emulator)) == ["GET connections", "GET connections", "PATCH connections"]
    project.up("--expect-no-changes")
    project.destroy()
    assert ids(project) == set()


@pytest.mark.parametrize(
    ("arguments", "line"),
    [
        ('destination={"stream": "s", "region": "r"}', "auth.accessKeyId: required"),
        ('destination={"stream": "s", "region": "r"}', "auth.secretKey: required"),
        ('destination={"streem": "s", "region": "r"}', "destination: unknown key streem, did you mean stream?"),
        ('destination={"stream": "s"}', "destination: missing 1 required keyword-only argument: 'region'"),
        ('destination="s"', "destination: must be one of KinesisDestinationArgs, EventHubsDestinationArgs, DestinationArgs"),
        (
            'destination={"stream": "s", "region": "r", "secret_key": "TOPSECRET"}, base_connection="x"',
            "destination: secret_key belongs to the shared base connection; declare it there",
        ),
    ],
)
def test_what_cannot_work_is_one_line_at_preview(project, arguments, line):
    project.write(f'aep.StreamingDestination("d", {arguments})')
    result = project.preview(check=False)
    assert result.code
    assert line in result.text
    assert "Traceback" not in result.text
    assert "TOPSECRET" not in result.text

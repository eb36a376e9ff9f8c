"""The examples that need no cloud, as they are, run by the real engine against the emulator."""

from __future__ import annotations

import json

import pytest
from engine.project import Project
from support.surroundings import environment_of, methods

from pulumi_aep_streaming.emulator import Emulator, Organization

pytestmark = [pytest.mark.engine, pytest.mark.slow]

LIST = "destinations.yaml"
COMMITTED = Organization("1234567890ABCDEF@AdobeOrg", "0123456789abcdef", "emulator-secret", ("dev", "prod"))
SUMMER_IN_PROD = "c2a7d3b4-1e57-4d0b-8a6c-6f3e9d2b7a02"
"""As the example's snapshot of prod has it."""


@pytest.fixture
def example(tmp_path, engine, emulator, environment):
    def copied(name, **config):
        project = Project.of_example(name, tmp_path / name, engine, emulator, environment)
        for key, value in config.items():
            project.config(key, value, secret=value.startswith("TOPSECRET"))
        return project

    return copied


@pytest.fixture
def many(example):
    return example("many", region="us-west-2", accessKeyId="a", secretKey="TOPSECRET-key")


def activated(flow) -> list[str]:
    return [selector["value"]["id"] for selector in flow["transformations"][0]["params"]["segmentSelectors"]["selectors"]]


def test_many_share_an_account_and_the_profile_store_and_one_more_is_a_target_and_a_dataflow(many):
    many.up()
    flows, targets = many.live("flows"), many.live("targetConnections")
    assert {flow["name"] for flow in flows} == {"purchases", "summer-campaign", "winback"}
    assert len(many.live("connections")) == 2
    assert len(many.live("sourceConnections")) == 1
    assert {target["params"]["stream"] for target in targets} == {"purchases", "summer-campaign", "winback"}
    assert len({flow["sourceConnectionIds"][0] for flow in flows}) == 1
    assert len({target["baseConnectionId"] for target in targets}) == 1
    many.refresh("--expect-no-changes")
    many.emulator.forget()
    with (many.folder / LIST).open("a") as file:
        file.write("\n- name: loyalty\n  stream: loyalty\n  segments: [72ddd79b-6b0a-4e97-a8d2-112ccd81bd02]\n")
    many.up()
    written = [call for call in methods(many.emulator) if not call.startswith("GET")]
    assert sorted(written) == ["PATCH flows", "POST flows", "POST targetConnections"]


def test_each_mistake_in_the_list_of_many_is_one_line(many):
    entries = "{name: a, stream: a, segmets: [x]}", "{name: a, segments: [x]}", "{name: 5, stream: a, segments: x}"
    (many.folder / LIST).write_text("".join(f"- {entry}\n" for entry in entries))
    result = many.preview(check=False)
    assert result.code
    assert [line.strip().removeprefix("error: ") for line in result.text.splitlines() if LIST in line] == [
        "destinations.yaml: 0.segments: Field required",
        "destinations.yaml: 0.segmets: Extra inputs are not permitted",
        "destinations.yaml: 1.stream: Field required",
        "destinations.yaml: 2.name: Input should be a valid string",
        "destinations.yaml: 2.segments: Input should be a valid list",
    ]
    assert "Traceback" not in result.text


def test_the_stream_of_another_stack_is_used_with_its_secret(example, tmp_path, engine, emulator, environment):
    streams = Project(tmp_path / "streams", engine, emulator, environment, name="streams")
    streams.write(
        'for key, value in (("streamName", "made-elsewhere"), ("region", "eu-west-1"), ("accessKeyId", "a")):\n'
        "    pulumi.export(key, value)\n"
        'pulumi.export("secretKey", pulumi.Output.secret("TOPSECRET-elsewhere"))\n'
    )
    streams.up()
    environment["PULUMI_BACKEND_URL"] = f"file://{streams.folder}"
    project = example("stack_reference", streamStack="organization/streams/dev")
    project.up()
    (target,) = project.live("targetConnections")
    assert target["params"] == {"stream": "made-elsewhere", "region": "eu-west-1"}
    account = project.state()["BaseConnection::purchases-base"]["id"]
    assert emulator.store.load("EMULATOR@AdobeOrg/prod", "connections", account)["auth"]["params"] == {
        "accessKeyId": "a",
        "secretKey": "TOPSECRET-elsewhere",
        "region": "eu-west-1",
    }
    assert "TOPSECRET" not in project.export() + "".join(project.written)
    project.refresh("--expect-no-changes")


def test_two_organizations_get_a_destination_each(example):
    other = Organization("OTHER@AdobeOrg", "other", "TOPSECRET-other", ("prod",))
    with Emulator(organization=other) as europe:
        project = example(
            "two_orgs",
            accessKeyId="a",
            secretKey="TOPSECRET-key",
            europeOrgId=other.id,
            europeClientId=other.client_id,
            europeClientSecret=other.client_secret,
        )
        program = project.folder / "__main__.py"
        here = f'sandbox_name="prod", endpoint="{europe.url}", ims_endpoint="{europe.url}",'
        assert program.read_text().count('sandbox_name="prod",') == 1
        program.write_text(program.read_text().replace('sandbox_name="prod",', here))
        project.up()
        (there,) = europe.store.find("OTHER@AdobeOrg/prod", "flows", [], None)
        (flow,) = project.live("flows")
        assert (flow["name"], activated(flow)) == ("purchases", ["72ddd79b-6b0a-4e97-a8d2-112ccd81bd02"])
        assert (there["name"], activated(there)) == ("purchases-europe", ["7841ba61-23c1-4bb3-a495-00d695fe1e93"])
        assert "TOPSECRET" not in project.export()
        project.refresh("--expect-no-changes")


def test_promotion_finds_the_segments_of_each_sandbox_by_their_names(tmp_path, engine):
    with Emulator(organization=COMMITTED) as emulator:
        summer = "7841ba61-23c1-4bb3-a495-00d695fe1e93"
        renamed, made_anew = {"id": summer, "name": "Summer of last year"}, {"id": SUMMER_IN_PROD, "name": "Summer campaign"}
        emulator.store.seed(f"{COMMITTED.id}/prod", [renamed, made_anew])
        only_secrets = {key: value for key, value in environment_of(emulator).items() if "ENDPOINT" in key or "SECRET" in key}
        project = Project.of_example("promotion", tmp_path / "promotion", engine, emulator, only_secrets)
        for stack in ("dev", "prod"):
            if stack == "prod":
                project.run("stack", "init", "prod")
            project.config("secretKey", "TOPSECRET-key", secret=True)
            project.up()
            (flow,) = emulator.store.find(f"{COMMITTED.id}/{stack}", "flows", [], None)
            lapsed = "0d2f1d9a-6a0c-4d5c-9c7e-4d7a3e6f7b10"
            assert set(activated(flow)) == {lapsed, {"dev": summer, "prod": SUMMER_IN_PROD}[stack]}
            (target,) = emulator.store.find(f"{COMMITTED.id}/{stack}", "targetConnections", [], None)
            assert target["params"]["stream"] == {"dev": "purchases-dev", "prod": "purchases"}[stack]
            project.refresh("--expect-no-changes")
            assert not [call for call in emulator.calls if "/audiences" in call.path]  # the snapshots have told


def test_an_http_endpoint_is_found_by_name_and_says_what_it_wants(example):
    project = example("http_api", authentication="OAuth 2 Client Credentials")
    for key, value in (
        ("credentials.accessTokenUrl", "https://login.example.com/token"),
        ("credentials.clientId", "shop"),
        ("credentials.clientSecret", "TOPSECRET-client"),
        ("parameters.url", "https://orders.example.com/profiles"),
    ):
        project.run("config", "set", "--path", key, value, "--secret" if value.startswith("TOPSECRET") else "--plaintext")
    project.up()
    (target,) = project.live("targetConnections")
    assert target["params"] == {"url": "https://orders.example.com/profiles"}
    account = next(connection for connection in project.live("connections") if "auth" in connection)
    assert account["auth"]["specName"] == "OAuth 2 Client Credentials"
    assert account["auth"]["params"]["clientSecret"] == "xxxx"
    assert target["connectionSpec"]["id"] == account["connectionSpec"]["id"]
    demands = json.loads(project.run("stack", "output", "demands", "--json").text)
    assert {"name": "url", "type": "string", "required": True, "secret": False} in demands["params"]
    assert {"name": "headers", "type": "string", "required": False, "secret": True} in demands["params"]
    bearer = next(kind for kind in demands["authentications"] if kind["spec_name"] == "Bearer Token")
    assert bearer["params"] == [{"name": "bearerToken", "type": "string", "required": True, "secret": True}]
    assert "TOPSECRET" not in project.export() + "".join(project.written)
    project.refresh("--expect-no-changes")
    project.up("--expect-no-changes")

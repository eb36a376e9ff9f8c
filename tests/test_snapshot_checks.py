"""What a preview finds with a snapshot of the sandbox, and for what an `up` asks because the snapshot lacks it."""

from __future__ import annotations

import concurrent.futures
import shutil
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.providing import AUTH, FLOW_SPEC, KINESIS, KNOWN, PROFILES, bag, owner
from support.surroundings import methods

from pulumi_aep_streaming._core.changes import UNKNOWN
from pulumi_aep_streaming._core.inputs import check
from pulumi_aep_streaming._core.kinds.base_connection import BaseConnectionInputs
from pulumi_aep_streaming._core.kinds.dataflow import DataflowInputs
from pulumi_aep_streaming._core.kinds.source_connection import SourceConnectionInputs
from pulumi_aep_streaming._core.kinds.target_connection import TargetConnectionInputs
from pulumi_aep_streaming._core.process_memory import Memory
from pulumi_aep_streaming._core.snapshot.contents import (
    Audience,
    Authentication,
    ConnectionSpec,
    Field,
    FlowSpec,
    Parameter,
    Snapshot,
)
from pulumi_aep_streaming._core.snapshot.file import dump
from pulumi_aep_streaming._dynamic.call import Foreseen
from pulumi_aep_streaming.base_connection import BaseConnectionProvider
from pulumi_aep_streaming.dataflow import DataflowProvider
from pulumi_aep_streaming.emulator import Fault
from pulumi_aep_streaming.source_connection import SourceConnectionProvider
from pulumi_aep_streaming.target_connection import TargetConnectionProvider

SPEC = "0e7b5c0a-4f6d-4f0e-9d53-6a1c2b7d8e90"
OTHER = "11111111-2222-4333-8444-555555555555"
MEN, SUMMER, NEW = ("72ddd79b-6b0a-4e97-a8d2-112ccd81bd02", "7841ba61-23c1-4bb3-a495-00d695fe1e93", OTHER)
DRAFT = "c0c7a9a4-3a0c-4b38-9d0e-7f5f1f0f8e22"
LOYAL = {
    "id": "loyalty-members-2026",
    "systemSegmentId": "32a83b5d-a118-4bd6-b3cb-3aee2f4c30a1",
    "namespace": "CustomerAudienceUpload",
}
PARAMS = (
    Parameter("url", "string", required=True, secret=False),
    Parameter("limit", "integer", required=False, secret=False),
    Parameter("rate", "number", required=False, secret=False),
    Parameter("exact", "boolean", required=False, secret=False),
    Parameter("labels", "array", required=False, secret=False),
    Parameter("headers", "object", required=False, secret=True),
    Parameter("odd", None, required=False, secret=False),
)
BEARER = Authentication("Bearer Token", (Parameter("bearerToken", "string", required=True, secret=True),))
BASIC = Authentication("Basic", None)
FIELDS = (
    Field("person.name.lastName", "string"),
    Field("person.birthDate", "date"),
    Field("homeAddress.city", "string"),
    Field("workAddress.city", "string"),
    Field("orders", "array"),
    Field("orders[].sku", "string"),
    Field("identityMap", "map"),
)
SNAPSHOT = Snapshot(
    "EMULATOR@AdobeOrg",
    "prod",
    "2026-11-26",
    (
        ConnectionSpec(SPEC, "HTTP API", "1.0", (BEARER, BASIC), PARAMS),
        ConnectionSpec(PROFILES, "Unified Profile Service", "1.0", (), None),
        ConnectionSpec(
            KINESIS,
            "Amazon Kinesis",
            "1.0",
            None,
            (
                Parameter("stream", "string", required=False, secret=False),
                Parameter("newToggle", "boolean", required=False, secret=False),
            ),
        ),
    ),
    (FlowSpec(FLOW_SPEC, "Profile based destination", "1.0"),),
    FIELDS,
    (
        Audience(MEN, "Men over 50", "AEPSegments", MEN, "published", "streaming", None),
        Audience(LOYAL["id"], "Loyal", LOYAL["namespace"], LOYAL["systemSegmentId"], "published", None, None),
        Audience(DRAFT, "Autumn", "AEPSegments", DRAFT, "draft", None, None),
    ),
    file="aep-snapshot.prod.json",
)
COMMAND = "aep-streaming snapshot --sandbox prod --out aep-snapshot.prod.json"
SOURCE = f" (aep-snapshot.prod.json of 2026-11-26; to read it anew: {COMMAND})"
FLOW = {"name": "f", "sourceConnectionIds": ["s"], "targetConnectionIds": ["t"], "flowSpecId": FLOW_SPEC}
FLOW |= {"segments": [], "profileAttributes": []}


def checked(model, desired, state=None, snapshot=SNAPSHOT):
    """Problems and warnings that say the snapshot is what they are from, without that end of theirs."""
    found = check(model, KNOWN, desired, state or {}, lambda: snapshot)
    return tuple([line.removesuffix(SOURCE) for line in lines if "aep-snapshot" in line] for lines in found[1:])


def account(auth, state=None, snapshot=SNAPSHOT, **more):
    desired = {"name": "b", "connectionSpecId": SPEC, **({"auth": auth} if auth else {}), **more}
    return checked(BaseConnectionInputs, desired, state, snapshot)


def target(params, state=None, snapshot=SNAPSHOT, **more):
    desired = {"name": "t", "baseConnectionId": "b", "connectionSpecId": SPEC, "params": params, **more}
    return checked(TargetConnectionInputs, desired, state and {**desired, "params": state}, snapshot)


def flow(state=None, snapshot=SNAPSHOT, **changes):
    return checked(DataflowInputs, {**FLOW, **changes}, state and {**FLOW, **state}, snapshot)


def attributes(*paths):
    return [{"path": path, "operator": "EXISTS"} for path in paths]


@pytest.mark.parametrize(
    ("params", "problems"),
    [
        ({"url": "u"}, []),
        ({}, ["params.url: required"]),
        ({"url": 5}, ["params.url: must be a string"]),
        ({"url": "u", "limit": "5"}, ["params.limit: must be a whole number"]),
        ({"url": "u", "limit": True}, ["params.limit: must be a whole number"]),
        ({"url": "u", "limit": 5}, []),
        ({"url": "u", "rate": 5}, []),
        ({"url": "u", "rate": 5.5}, []),
        ({"url": "u", "rate": "fast"}, ["params.rate: must be a number"]),
        ({"url": "u", "exact": "yes"}, ["params.exact: must be True or False"]),
        ({"url": "u", "labels": "a"}, ["params.labels: must be a list"]),
        ({"url": "u", "headers": []}, ["params.headers: must be a dictionary"]),
        ({"url": "u", "odd": [{}]}, []),
        ({"url": "u", "Limit": 5}, ["params.Limit: unknown key, did you mean limit?"]),
        ({"url": UNKNOWN, "limit": UNKNOWN}, []),
        ({"url": ""}, []),  # JSON Schema's "required" says no more than that it is there
        ({"url": "Endpoint=sb://x"}, []),
    ],
)
def test_parameters_are_held_against_the_spec_of_the_sandbox(params, problems):
    assert target(params) == (problems, [])


def test_secret_parameters_count_and_no_line_shows_one():
    assert target({}, secretParams={"url": "u", "limit": "TOPSECRET"}) == (["params.limit: must be a whole number"], [])


def test_an_unknown_parameter_is_a_warning():
    assert target({"url": "u", "brandNew": 1}) == (
        [],
        ["params.brandNew: no key that the connection spec has; it is sent as it is"],
    )


def test_what_is_known_by_heart_of_a_spec_that_the_snapshot_shows_holds_for_what_it_shows():
    found = check(
        TargetConnectionInputs,
        KNOWN,
        {
            "name": "t",
            "baseConnectionId": "6a0d3b1e-0d2c-4a53-9f0e-2b7f1c5d8e01",
            "connectionSpecId": KINESIS,
            "params": {"stream": "arn:aws:kinesis:x:stream/s", "newToggle": "on"},
        },
        {},
        lambda: SNAPSHOT,
    )
    # `stream` is required by heart, and a name; `region` is no parameter any more; `newToggle` is one by now.
    assert [line.removesuffix(SOURCE) for line in found.problems] == [
        "params.stream: is an ARN or a path, and the name is wanted: what follows the last /",
        "params.newToggle: must be True or False",
    ]
    assert found.warnings == []
    assert target({}, connectionSpecId=KINESIS) == (["params.stream: required"], [])


@pytest.mark.parametrize(
    ("auth", "problems", "warnings"),
    [
        ({"specName": "Bearer Token", "params": {"bearerToken": "x"}}, [], []),
        ({"specName": "Bearer Token", "params": {}}, ["auth.bearerToken: required"], []),
        (
            {"specName": "Bearer Token", "params": {"bearertoken": "x"}},
            ["auth.bearertoken: unknown key, did you mean bearerToken?", "auth.bearerToken: required"],
            [],
        ),
        ({"specName": "Bearer Token", "params": {"bearerToken": 5}}, ["auth.bearerToken: must be a string"], []),
        ({"specName": "Basic", "params": {"whatever": 5}}, [], []),  # its parameters are not shown
        (
            {"specName": "bearer token", "params": {"bearerToken": "x"}},
            ["auth.spec_name: is no authentication of HTTP API, did you mean Bearer Token?"],
            [],
        ),
        (
            {"specName": "OAuth", "params": {"a": "x"}},
            [],
            ["auth.spec_name: is no authentication of HTTP API that the sandbox has; it is sent as it is"],
        ),
        ({"specName": UNKNOWN, "params": UNKNOWN}, [], []),
    ],
)
def test_credentials_are_held_against_the_spec_of_the_sandbox(auth, problems, warnings):
    assert account(auth) == (problems, warnings)


def test_credentials_are_needed_if_all_kinds_of_them_need_something():
    only_bearer = replace(SNAPSHOT, connection_specs=(SNAPSHOT.connection_specs[0]._replace(authentications=(BEARER,)),))
    line = "auth: required for a new connection to HTTP API"
    for snapshot, lines in ((only_bearer, [line]), (SNAPSHOT, [])):
        bare = {"name": "b", "connectionSpecId": SPEC}
        assert check(BaseConnectionInputs, KNOWN, bare, {}, lambda snapshot=snapshot: snapshot).problems == lines
    profiles = {"name": "b", "connectionSpecId": PROFILES}
    assert check(BaseConnectionInputs, KNOWN, profiles, {}, lambda: SNAPSHOT)[1:] == ([], [])


@pytest.mark.parametrize("model", [BaseConnectionInputs, SourceConnectionInputs, TargetConnectionInputs])
def test_specs_that_the_sandbox_lacks_are_warned_of_and_exchanged_ids_refused(model):
    def lines(id_, state=None):
        desired = {"name": "x", "connectionSpecId": id_}
        desired |= {} if model is BaseConnectionInputs else {"baseConnectionId": "b", "params": {}}
        return checked(model, {**desired, "description": "new"}, state and {**desired, "connectionSpecId": state})

    lacking = f"connection_spec_id: {OTHER} is no connection spec that the sandbox has; it is sent as it is"
    assert lines(OTHER) == ([], [lacking])
    assert lines(OTHER, OTHER) == lines(UNKNOWN) == ([], [])
    renamed = replace(SNAPSHOT, flow_specs=(FlowSpec(OTHER, "Another", "1.0"),))
    desired = {"name": "x", "connectionSpecId": OTHER, "baseConnectionId": "b", "params": {}}
    desired = {key: value for key, value in desired.items() if model is not BaseConnectionInputs or key[0] in "nc"}
    exchanged = "connection_spec_id: is the flow spec Another; give the id of a connection spec"
    assert checked(model, desired, snapshot=renamed)[0] == [exchanged]


def test_flow_specs_that_the_sandbox_lacks_are_warned_of_and_exchanged_ids_refused():
    lacking = f"flow_spec_id: {OTHER} is no flow spec that the sandbox has; it is sent as it is"
    assert flow(flowSpecId=OTHER) == ([], [lacking])
    assert flow(flowSpecId=SPEC)[0] == ["flow_spec_id: is the connection spec HTTP API; give the id of a flow spec"]
    assert flow({"flowSpecId": OTHER}, flowSpecId=OTHER, description="new") == ([], [])


@pytest.mark.parametrize(
    ("path", "problem"),
    [
        ("person.name.lastname", "is no field of the profile, did you mean person.name.lastName?"),
        ("person.nam.lastNme", "is no field of the profile, did you mean person.name.lastName?"),
        ("person.lastName", "is no field of the profile, did you mean person.name.lastName?"),
        ("lastName", "is no field of the profile, did you mean person.name.lastName?"),
        ("person.name.lastName.first", "is no field of the profile, did you mean person.name.lastName?"),
        ("home.city", "is no field of the profile"),
        ("zzz", "is no field of the profile"),
        ("orders.sku", "lies in the array orders, of which nothing can be selected by its path"),
    ],
)
def test_paths_that_are_not_there_or_in_an_array_are_refused_with_what_mends_them(path, problem):
    wanted = attributes("person.birthDate", path)
    assert flow(profileAttributes=wanted) == ([f"profile_attributes[1].path: {path} {problem}"], [])


@pytest.mark.parametrize("path", ["person.name", "person.birthDate", "orders", "identityMap.email", UNKNOWN])
def test_paths_that_are_there_identities_and_unknown_ones_are_not_refused(path):
    without_identities = replace(SNAPSHOT, fields=FIELDS[:-1])
    assert flow(profileAttributes=[{"path": path}], snapshot=without_identities) == ([], [])


def test_the_name_of_an_audience_instead_of_its_id_is_refused_with_the_id():
    refused = [f"segments[0].id: is the name of {MEN}, and an id is wanted: get_audience(name=...)"]
    assert flow(segments=[{"id": "Men over 50"}]) == (refused, [])


def test_an_audience_that_is_not_evaluated_or_lacking_or_external_is_a_warning():
    lines = flow(segments=[{"id": id_} for id_ in (MEN, DRAFT, NEW, LOYAL["id"], LOYAL["systemSegmentId"])])
    external = f"is an audience of the namespace {LOYAL['namespace']}; get_audience returns all that activates it"
    add = f"(of 2026-11-26; to add it: {COMMAND} --add {NEW})"
    assert lines == (
        [],
        [
            "segments[1].id: the audience Autumn is draft, and not evaluated as long as it is so",
            f"segments[2].id: {NEW} is not in aep-snapshot.prod.json, up will ask {add}",
            f"segments[3].id: {LOYAL['id']} {external}",
            f"segments[4].id: {LOYAL['systemSegmentId']} {external}",
        ],
    )


@pytest.mark.parametrize(
    "segments", [UNKNOWN, [UNKNOWN], [{"id": UNKNOWN}], [{**LOYAL, "namespace": UNKNOWN}], [LOYAL, {"id": MEN}]]
)
def test_audiences_that_are_there_or_not_known_yet_draw_no_word(segments):
    assert flow(segments=segments) == ([], [])


def test_what_could_not_be_read_is_not_checked():
    nothing = replace(SNAPSHOT, connection_specs=None, flow_specs=None, fields=None, audiences=None)
    wrong = {"segments": [{"id": NEW}], "profileAttributes": attributes("zzz"), "flowSpecId": OTHER}
    assert flow(snapshot=nothing, **wrong) == ([], [])
    assert target({"Url": 5}, snapshot=nothing) == account({"specName": "x", "params": {}}, snapshot=nothing) == ([], [])
    assert target({"Url": 5}, snapshot=None) == ([], [])


WRONG_PARAMS = {"Url": "u", "limit": "5", "brandNew": 1}
WRONG_AUTH = {"specName": "bearer token", "params": {"bearertoken": 5}}
WRONG_FLOW = {
    "segments": [{"id": NEW}, {"id": DRAFT}],
    "profileAttributes": attributes("zzz", "orders.sku"),
    "flowSpecId": OTHER,
}


def test_what_equals_state_draws_no_word_whatever_else_changes():
    assert target(WRONG_PARAMS)[0] != [] != flow(**WRONG_FLOW)[0]
    assert account(WRONG_AUTH)[0] != []
    assert target(WRONG_PARAMS, state=WRONG_PARAMS, description="new") == ([], [])
    assert account(WRONG_AUTH, {"name": "b", "connectionSpecId": SPEC, "auth": WRONG_AUTH}, description="n") == ([], [])
    assert flow(WRONG_FLOW, **WRONG_FLOW, description="new") == ([], [])


SOME_PATHS = st.lists(st.sampled_from(["person.birthDate", "orders.sku", "zzz", "person.name.lastname"]), unique=True)
SOME_IDS = st.lists(st.sampled_from([MEN, NEW, DRAFT, SUMMER]), unique=True)


@given(SOME_PATHS, SOME_PATHS, SOME_IDS, SOME_IDS)
def test_lines_are_about_what_a_change_brings(paths, stored_paths, ids, stored_ids):
    """Those of a new object, less those about what state has."""

    def inputs(paths, ids):
        return {"profileAttributes": attributes(*paths), "segments": [{"id": id_} for id_ in ids]}

    problems, warnings = flow(inputs(stored_paths, stored_ids), description="new", **inputs(paths, ids))
    as_new = flow(description="new", **inputs(paths, ids))
    about = [f"profile_attributes[{n}]" for n, path in enumerate(paths) if path not in stored_paths]
    about += [f"segments[{n}]" for n, id_ in enumerate(ids) if id_ not in stored_ids]
    assert problems == [line for line in as_new[0] if line.split(".")[0] in about]
    assert warnings == [line for line in as_new[1] if line.split(".")[0] in about]


def test_the_snapshot_is_asked_for_only_if_something_changes():
    def never():
        raise AssertionError

    reordered = {**FLOW, "segments": [{"id": MEN}, {"id": NEW, "lookedUp": True}]}
    state = {**check(DataflowInputs, KNOWN, reordered, {}).inputs, "segments": [{"id": NEW}, {"id": MEN}], "nonce": "n"}
    assert check(DataflowInputs, KNOWN, {**reordered, "managedBy": "m"}, state, never)[1:] == ([], [])


# The provider, with the file


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "aep-snapshot.prod.json"
    path.write_bytes(dump(SNAPSHOT))
    return path


@pytest.fixture
def flows(provide, file):
    def make(kind=DataflowProvider, **settings):
        return provide(kind, memory=settings.pop("memory", None), **{"aep:snapshot": str(file), **settings})

    return make


def lines_of(provider, news, olds=None):
    return [failure.reason for failure in provider.check(olds or {}, news).failures]


def asked(emulator):
    return [call for call in emulator.calls if "/audiences" in call.path]


def writes(emulator):
    return [call for call in methods(emulator) if not call.startswith("GET")]


def test_a_preview_calls_nothing_and_refuses_what_cannot_be(flows, emulator, file):
    emulator.forget()
    (line,) = lines_of(flows(), {**FLOW, "profileAttributes": attributes("person.name.lastname")})
    assert line == (
        "profile_attributes[0].path: person.name.lastname is no field of the profile, did you mean person.name.lastName? "
        f"({file} of 2026-11-26; to read it anew: aep-streaming snapshot --sandbox prod --out {file})"
    )
    assert methods(emulator) == []


def test_a_line_names_the_file_as_it_is_typed_where_the_project_is(flows, tmp_path, monkeypatch):
    (tmp_path / "Pulumi.yaml").write_text("name: shop\nruntime: python\nmain: program\n")
    (tmp_path / "program").mkdir()
    monkeypatch.chdir(tmp_path / "program")
    (line,) = lines_of(flows(**{"aep:snapshot": "aep-snapshot.prod.json"}), {**FLOW, "profileAttributes": attributes("zzz")})
    assert line.endswith(SOURCE)


@pytest.mark.parametrize("content", [None, b"{", b'{"version": 2}'])
def test_a_file_that_cannot_be_used_is_one_line_for_what_changes_and_none_for_what_does_not(flows, ends, file, content):
    old = {**FLOW, **ends, "name": "f", "profileAttributes": attributes("person.birthDate")}
    provider = flows()
    made = provider.create(bag(provider, **old))
    file.unlink()
    if content is not None:
        file.write_bytes(content)
    (line,) = lines_of(provider, {**old, "description": "new"}, made.outs)
    assert "there is no snapshot" in line or "is no snapshot" in line or "is a snapshot of version 2" in line
    assert lines_of(provider, old, made.outs) == []
    assert provider.read(made.id, made.outs).outs["name"] == "f"
    provider.delete(made.id, made.outs)


def test_an_explicit_provider_is_told_of_its_argument(flows, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    provider = flows(**{"aep:snapshot": "x.json", "aep:provider": "europe"})
    (line,) = lines_of(provider, FLOW)
    assert line.startswith("snapshot of the provider europe is x.json, and there is no Pulumi.yaml that it could begin at")


def test_a_place_without_a_snapshot_is_warned_of_once_a_process(flows, file, capfd):
    memory = Memory()
    wrong = {**FLOW, "sandboxName": "dev", "profileAttributes": attributes("zzz")}
    for provider in (flows(memory=memory), flows(memory=memory), flows(TargetConnectionProvider, memory=memory)):
        provider.check({}, wrong)
    other = "a snapshot of sandbox prod of EMULATOR@AdobeOrg, not of sandbox dev of EMULATOR@AdobeOrg"
    assert capfd.readouterr().err.count(f"{file} is {other}: nothing is checked against it") == 1
    assert lines_of(flows(memory=memory), {**wrong, "sandboxName": UNKNOWN}) == []
    flows(**{"aep:snapshot": str(file.parent)}).check({}, wrong)
    lacking = f"{file.parent} has no snapshot of sandbox dev of EMULATOR@AdobeOrg: nothing is checked against it"
    assert lacking in capfd.readouterr().err


def test_a_folder_is_looked_through_for_the_place(flows, file, tmp_path):
    shutil.move(file, tmp_path / "one.json")
    (tmp_path / "two.json").write_bytes(dump(replace(SNAPSHOT, sandbox="dev", fields=())))
    provider = flows(**{"aep:snapshot": str(tmp_path)})
    assert lines_of(provider, {**FLOW, "profileAttributes": attributes("person.birthDate")}) == []
    (line,) = lines_of(provider, {**FLOW, "sandboxName": "dev", "profileAttributes": attributes("person.birthDate")})
    assert f"({tmp_path / 'two.json'} of" in line


def test_what_is_adopted_is_as_the_service_has_taken_it(flows):
    wrong = {**FLOW, "profileAttributes": attributes("zzz"), "adoptId": "x"}
    assert lines_of(flows(), wrong) == []
    assert lines_of(flows(), {**wrong, "description": "new"}, {**wrong, "sandboxName": "prod"}) == []


def test_what_is_reclaimed_is_as_the_service_holds_it(flows, ends, emulator):
    goal = {**FLOW, **ends, "managedBy": owner("f"), "segments": [{"id": NEW}], "profileAttributes": attributes("zzz")}
    provider = flows(reclaim="shop/prod")
    assert provider.create(bag(provider, **goal)).id
    assert asked(emulator) == []


def test_what_is_replaced_was_checked_against_its_old_inputs(flows, ends):
    provider = flows()
    old = {**FLOW, **ends, "managedBy": owner("f"), "sandboxName": "prod", "profileAttributes": attributes("zzz")}
    new = {**old, "targetConnectionIds": [UNKNOWN]}
    provider.diff("1", old, new)
    assert lines_of(provider, new) == []  # as the engine checks it once more, without what was


def test_up_asks_once_for_what_the_file_lacks(flows, ends, emulator):
    provider = flows()
    goals = [
        bag(
            provider,
            **{
                **FLOW,
                **ends,
                "name": f"f{n}",
                "managedBy": owner(f"f{n}", f"0000000{n}"),
                "segments": [{"id": SUMMER}, {"id": MEN}],
            },
        )
        for n in range(4)
    ]
    emulator.forget()
    with concurrent.futures.ThreadPoolExecutor(4) as pool:
        made = list(pool.map(provider.create, goals))
    assert len(asked(emulator)) == 1
    news = {**made[0].outs, "segments": [{"id": SUMMER}]}
    provider.update(made[0].id, made[0].outs, {key: value for key, value in news.items() if key != "nonce"})
    assert len(asked(emulator)) == 1


def test_an_audience_that_is_nowhere_stops_a_new_dataflow_before_anything_is_written(flows, ends, emulator):
    provider = flows()
    goal = bag(provider, **{**FLOW, **ends, "segments": [{"id": MEN}, {"id": NEW}, {"id": "nowhere"}]})
    emulator.forget()
    message = rf"segments: {NEW}, nowhere: no such audience in sandbox prod, which was asked as"
    with pytest.raises(Foreseen, match=message):
        provider.create(goal)
    assert writes(emulator) == []
    with pytest.raises(Foreseen, match=message):
        provider.create(goal)
    assert len(asked(emulator)) == 4  # two for each: by its audienceId, and as an id


def test_an_audience_that_is_nowhere_stops_an_update_before_anything_is_written(flows, ends, emulator):
    provider = flows()
    made = provider.create(bag(provider, **{**FLOW, **ends, "segments": [{"id": MEN}]}))
    goal = {**{key: value for key, value in made.outs.items() if key != "nonce"}, "segments": [{"id": MEN}, {"id": NEW}]}
    emulator.forget()
    with pytest.raises(Foreseen, match="no such audience in sandbox prod"):
        provider.update(made.id, made.outs, goal)
    assert writes(emulator) == []


def test_inactive_and_external_audiences_that_the_file_lacks_are_found(flows, ends, emulator):
    provider = flows()
    inactive = {"id": "5b7b2c07-6a55-4e4f-8d6b-6a3f6c2c9f11"}
    partner = {"id": "25160734", "systemSegmentId": "979558ae-a8ba-4e6e-b6ba-95c0a523b44a", "namespace": "AAMSegments"}
    assert provider.create(bag(provider, **{**FLOW, **ends, "segments": [inactive, partner, LOYAL]})).id
    assert len(asked(emulator)) == 2


@pytest.mark.parametrize(
    ("status", "calls", "warning"),
    [
        (403, 1, "audiences may not be asked for: no (HTTP 403)"),
        (400, 2, f"audience {NEW} could not be asked for: no (HTTP 400)"),
    ],
)
def test_what_cannot_be_asked_for_is_said_and_left_to_the_service(flows, ends, emulator, capfd, status, calls, warning):
    emulator.order(Fault(method="GET", path="/audiences", status=status, body={"message": "no"}, times=99))
    provider = flows()
    assert provider.create(bag(provider, **{**FLOW, **ends, "segments": [{"id": NEW}, {"id": SUMMER}]})).id
    assert len(asked(emulator)) == calls
    assert capfd.readouterr().err.count(warning) == 1


@pytest.mark.parametrize("fault", [{"status": 500, "body": {"message": "no"}}, {"status": 503}, {"reset": True}])
def test_a_service_of_audiences_that_is_down_does_not_stand_in_the_way(flows, ends, emulator, capfd, fault):
    emulator.order(Fault(method="GET", path="/audiences", times=99, **fault))
    provider = flows(**{"aep:maxRetries": "0"})
    assert provider.create(bag(provider, **{**FLOW, **ends, "segments": [{"id": NEW}, {"id": SUMMER}]})).id
    said = capfd.readouterr().err
    assert said.count("could not be asked for") == 2
    assert f"{NEW} could not be asked for: " in said


def test_nothing_is_asked_without_a_snapshot_or_if_it_holds_no_audiences(provide, flows, ends, emulator, file):
    file.write_bytes(dump(replace(SNAPSHOT, audiences=None)))
    for provider in (provide(DataflowProvider), flows()):
        provider.create(bag(provider, **{**FLOW, **ends, "managedBy": owner("f"), "segments": [{"id": NEW}]}))
    assert asked(emulator) == []


def test_all_kinds_are_checked(flows):
    assert (
        "auth.secretKye: unknown key"
        in lines_of(
            flows(BaseConnectionProvider),
            {"name": "b", "connectionSpecId": KINESIS, "auth": {**AUTH, "params": {**AUTH["params"], "secretKye": "x"}}},
        )[0]
    )
    for kind in (SourceConnectionProvider, TargetConnectionProvider):
        wrong = {"name": "b", "connectionSpecId": FLOW_SPEC, "baseConnectionId": "b", "params": {}}
        assert "connection_spec_id: is a flow spec" in lines_of(flows(kind), wrong)[0]

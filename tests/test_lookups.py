"""Look-ups against the emulator: by id, by name, through all pages, refusing none and several."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

import pulumi
import pytest
from support import curl, under_mocks
from support.surroundings import methods

import pulumi_aep_streaming as aep
from pulumi_aep_streaming._core.settings import Settings
from pulumi_aep_streaming._program.run import Run
from pulumi_aep_streaming.connection_spec import AuthenticationSpec, ParameterSpec
from pulumi_aep_streaming.emulator import Fault

KINESIS = aep.ConnectionSpecId.AMAZON_KINESIS.value
MEN = "72ddd79b-6b0a-4e97-a8d2-112ccd81bd02"


pytestmark = pytest.mark.usefixtures("as_environment")


def make_flow(service, name="flow") -> str:
    base = service.connections.create({"name": name, "connectionSpec": curl.PROFILE}).id
    account = service.connections.create({"name": name, "connectionSpec": curl.KINESIS, "auth": curl.AUTH}).id
    source = service.source_connections.create(curl.end(name, curl.PROFILE, base, {})).id
    target = service.target_connections.create(curl.end(name, curl.KINESIS, account, curl.STREAM)).id
    selectors = {"segmentSelectors": {"selectors": []}, "profileSelectors": {"selectors": []}}
    return service.flows.create(
        {
            "name": name,
            "flowSpec": {"id": aep.FlowSpecId.PROFILE_BASED_DESTINATION.value, "version": "1.0"},
            "sourceConnectionIds": [source],
            "targetConnectionIds": [target],
            "transformations": [{"name": "GeneralTransform", "params": selectors}],
        }
    ).id


def test_a_spec_is_found_by_id_and_by_name():
    assert aep.get_connection_spec(id=KINESIS) == aep.get_connection_spec(name="Amazon Kinesis")
    assert KINESIS in {spec.id for spec in aep.get_connection_specs()}


def test_a_spec_shows_its_authentications_and_the_parameters_of_its_targets():
    spec = aep.get_connection_spec(name="Azure Event Hubs")
    policy, entra, scoped = spec.authentications
    assert policy.spec_name == "Azure EventHub authentication credentials"
    assert {param.name: param.secret for param in policy.params if param.required} == {
        "sasKeyName": False,
        "sasKey": True,
        "namespace": False,
    }
    assert {param.name for param in scoped.params} - {param.name for param in entra.params} == {"eventHubName"}
    assert ParameterSpec("eventHubName", "string", required=True, secret=False) in spec.target_params
    assert ParameterSpec("includeSegmentNames", "boolean", required=False, secret=False) in spec.target_params
    profiles = aep.get_connection_spec(id=aep.ConnectionSpecId.UNIFIED_PROFILE)
    assert (profiles.authentications, profiles.target_params) == ([], None)


@pytest.mark.parametrize(
    ("shown", "authentications", "target_params"),
    [
        ({}, None, None),
        ({"authSpec": None, "targetSpec": None}, None, None),
        ({"authSpec": {"name": "x"}, "targetSpec": []}, None, None),
        ({"authSpec": [5, {"name": 5}, {"name": "x"}], "targetSpec": {"spec": 5}}, [AuthenticationSpec("x", None)], None),
        ({"targetSpec": {"spec": {"properties": []}}}, None, None),
        ({"targetSpec": {"spec": {"properties": {}}}}, None, []),
        (
            {"targetSpec": {"spec": {"properties": {"a": True, "b": {"type": ["string", "null"]}}, "required": "a"}}},
            None,
            [ParameterSpec(name, None, required=False, secret=False) for name in ("a", "b")],
        ),
        (
            {"targetSpec": {"spec": {"properties": {"<{%a": {"type": "<{%b", "format": {}}}, "required": [{}, "<{%a"]}}},
            None,
            [ParameterSpec("<{ %a", "<{ %b", required=True, secret=False)],
        ),
    ],
)
def test_an_odd_schema_of_a_spec_is_left_out_and_never_an_error(emulator, shown, authentications, target_params):
    emulator.misbehave()
    emulator.order(Fault(method="GET", path="/connectionSpecs/x", status=200, body={"items": [{"id": "x", **shown}]}))
    found = aep.get_connection_spec(id="x")
    assert (found.authentications, found.target_params) == (authentications, target_params)


def test_a_segment_is_found_by_id_and_by_name():
    assert aep.get_segment(id=MEN).name == "Men over 50"
    assert aep.get_segment(name="Men over 50").id == MEN
    assert len(aep.get_segments()) >= 3


def test_segments_are_found_through_all_pages(emulator):
    for number in range(3):
        page = {"segments": [{"id": f"{number}", "name": f"s{number}"}], "page": {"totalCount": 3, "totalPages": 3}}
        emulator.order(Fault(method="GET", path="/segment/definitions", status=200, body=page))
    assert aep.get_segment(name="s2").id == "2"
    assert [call.query for call in emulator.calls if "segment" in call.path] == [
        "limit=100",
        "limit=100&page=1",
        "limit=100&page=2",
    ]


def test_dataflows_are_found_through_all_pages_and_show_what_is_live(service, emulator):
    ids = [make_flow(service, f"flow {number}") for number in range(101)]
    emulator.forget()
    found = aep.get_dataflow(name="flow 0")
    assert (found.id, found.state, found.segments) == (ids[0], "enabled", [])
    assert found.etag
    assert found.created_at > 0
    assert methods(emulator) == ["GET flows", "GET flows"]
    assert len(aep.get_dataflows()) == 101


def test_none_is_refused_with_a_suggestion():
    with pytest.raises(pulumi.RunError, match=r"^no segment is named 'Men over 5' in sandbox prod, did you mean Men over 50\?"):
        aep.get_segment(name="Men over 5")
    with pytest.raises(pulumi.RunError, match=r"^no segment has the id x in sandbox prod$"):
        aep.get_segment(id="x")
    assert aep.get_segments(id="x") == aep.get_segments(name="x") == []


def test_several_are_refused_with_their_ids(service):
    ids = sorted([make_flow(service), make_flow(service)])
    with pytest.raises(pulumi.RunError) as refused:
        aep.get_dataflow(name="flow")
    assert str(refused.value) == f"2 dataflows are named 'flow' in sandbox prod: {ids[0]}, {ids[1]}; look it up by its id"
    assert [flow.id for flow in aep.get_dataflows(id=ids[0])] == [ids[0]]


@pytest.mark.parametrize("given", [{}, {"id": "x", "name": "y"}])
def test_one_of_id_and_name_is_needed(given):
    with pytest.raises(pulumi.RunError, match="give one of them"):
        aep.get_segment(**given)


def test_another_sandbox(service):
    make_flow(service)
    assert aep.get_dataflows(sandbox_name="dev") == []
    with pytest.raises(pulumi.RunError, match=r"^cannot look up all: .*aep:sandboxName"):
        aep.get_dataflows(sandbox_name="nowhere")


def test_without_credentials_the_plain_form_says_what_is_needed(monkeypatch):
    monkeypatch.delenv("AEP_CLIENT_SECRET")
    with pytest.raises(pulumi.RunError, match=r"no credentials: set aep:clientSecret .*_output form, or ids from config"):
        aep.get_segment(name="Men over 50")


def test_runs_come_newest_first_with_counts_and_errors(emulator):
    body = {
        "items": [
            {
                "id": "r1",
                "flowId": "f",
                "metrics": {
                    "durationSummary": {"startedAtUTC": 1, "completedAtUTC": 2},
                    "recordSummary": {
                        "inputRecordCount": 5,
                        "createdRecordCount": 4,
                        "failedRecordCount": 1,
                        "failedInfo": [{"code": "A-1-400"}],
                    },
                    "statusSummary": {"status": "failed", "errors": [{"code": "CONNECTOR-2001-500", "message": "no"}]},
                },
            },
            {"id": "r0", "metrics": {"recordSummary": {"inputRecordCount": "many"}}},
        ],
        "_links": {},
    }
    emulator.order(Fault(method="GET", path="/runs", status=200, body=body))
    run, earlier = aep.get_dataflow_runs("f", limit=2)
    assert (run.status, run.started_at, run.completed_at) == ("failed", 1, 2)
    assert (run.input_records, run.output_records, run.skipped_records, run.failed_records) == (5, 4, None, 1)
    assert run.errors == ["CONNECTOR-2001-500 no"]
    assert run.failed_info == [{"code": "A-1-400", "message": None, "count": None}]
    assert earlier.failed_info == []
    assert (earlier.status, earlier.input_records) == ("", None)
    assert emulator.calls[-1].query == "property=flowId%3D%3Df&orderby=-createdAt&limit=2"


def test_a_dataflow_without_runs_has_none_and_one_that_is_not_there_is_said_to_be_so(service, emulator):
    flow = make_flow(service)
    emulator.forget()
    assert aep.get_dataflow_runs(flow) == []
    assert methods(emulator) == ["GET runs", "GET flows"]
    with pytest.raises(pulumi.RunError, match=r"^no dataflow has the id x in sandbox prod$"):
        aep.get_dataflow_runs("x")


@pytest.mark.parametrize(
    ("function", "arguments", "line"),
    [
        ("get_dataflow_runs", {"dataflow_id": None}, "dataflow_id: required, but it is None"),
        ("get_dataflow_runs", {"dataflow_id": ""}, "dataflow_id: required, but it is ''"),
        ("get_dataflow_runs", {"dataflow_id": 5}, "dataflow_id: must be a string, not int"),
        ("get_connection_spec", {"name": 5}, "name: must be a string, not int"),
        ("get_segment", {"id": "x", "sandbox_name": 5}, "sandbox_name: must be a string, not int"),
        ("get_audience", {"name": None}, "looks up by id or by name: give one of them"),
        ("get_segments", {"name": ["x"]}, "name: must be a string, not list"),
    ],
)
def test_an_argument_that_cannot_be_meant_is_refused_by_its_name_without_a_call(emulator, function, arguments, line):
    with pytest.raises(pulumi.RunError, match=f"^{function}: {line}$"):
        getattr(aep, function)(**arguments)
    later = {name: pulumi.Output.from_input(value) for name, value in arguments.items()}
    with pytest.raises(pulumi.RunError, match=f"^{function}_output: {line}$"):
        under_mocks.run(lambda: getattr(aep, f"{function}_output")(**later) and None, under_mocks.Engine())
    assert emulator.calls == []


@pytest.mark.parametrize("limit", [0, -1, 101, 1.5, True, "5", None])
def test_runs_are_asked_for_in_numbers_that_a_page_holds(emulator, limit):
    for function in (aep.get_dataflow_runs, aep.get_dataflow_runs_output):
        with pytest.raises(pulumi.RunError, match=f"^{function.__name__}: limit: must be a whole number from 1 to 100$"):
            function("f", limit=limit)
    assert emulator.calls == []


@pytest.mark.parametrize("look_up", [aep.get_dataflow, aep.get_segment, aep.get_audience, aep.get_connection_spec])
def test_nothing_has_an_id_with_a_slash(emulator, look_up):
    emulator.misbehave()  # the path that it is sent to is no documented one
    with pytest.raises(pulumi.RunError, match=r"^no [a-z ]+ has the id \.\./x in sandbox prod$"):
        look_up(id="../x")


@pytest.mark.parametrize("metrics", [None, [], "none", {"recordSummary": [5], "statusSummary": {"status": 5, "errors": "bad"}}])
def test_an_odd_run_is_one_all_the_same(emulator, metrics):
    body = {"items": [{"id": "r", "metrics": metrics}], "_links": {}}
    emulator.order(Fault(method="GET", path="/runs", status=200, body=body))
    (run,) = aep.get_dataflow_runs("f")
    assert (run.id, run.input_records, run.output_records, run.failed_records) == ("r", None, None, None)


def test_what_was_found_is_a_segment_as_it_is(emulator):
    found = aep.get_segment(name="Men over 50")
    said = []

    def program():
        ends = {"source_connection_ids": ["s"], "target_connection_ids": ["t"]}
        flow = aep.Dataflow("f", **ends, segments=[found, pulumi.Output.from_input("x").apply(lambda _: found)])
        flow.segments.apply(said.append)

    under_mocks.run(program)
    assert said == [[{"id": "72ddd79b-6b0a-4e97-a8d2-112ccd81bd02", "name": "Men over 50"}] * 2]


@pytest.mark.parametrize("by_name", [True, False])
def test_an_id_that_a_look_up_gave_is_told_to_check_if_it_is_no_uuid(emulator, by_name):
    page = {"segments": [{"id": "vip", "name": "VIP"}], "page": {"totalCount": 1}}
    emulator.order(Fault(method="GET", path="/segment/definitions", status=200, body=page if by_name else page["segments"][0]))
    said = []

    def program():
        found = aep.get_segment(name="VIP") if by_name else aep.get_segment(id="vip")
        ends = {"source_connection_ids": ["s"], "target_connection_ids": ["t"]}
        flow = aep.Dataflow("f", **ends, segments=[found.id, "vap", MEN, pulumi.Output.from_input(found.id)])
        flow.segments.apply(said.append)

    under_mocks.run(program, under_mocks.Engine())
    assert said == [[{"id": "vip", "lookedUp": True}, {"id": "vap"}, {"id": MEN}, {"id": "vip", "lookedUp": True}]]


class Answering(under_mocks.Echo):
    """Mocks of a unit test that answer look-ups as a provider would."""

    def __init__(self):
        self.asked = []

    def call(self, args):
        self.asked.append((args.token, args.args))
        one = {"id": "72ddd79b-0000-4000-8000-000000000000", "name": "VIP", "sourceConnectionIds": ["s"], "createdAt": 5}
        return {"results": [one, one]} if args.token.endswith("s") else one


def test_under_mocks_look_ups_are_answered_by_the_mocks(emulator):
    mocks, said = Answering(), []

    def program():
        account = aep.Provider("eu", org_id="x")
        assert aep.get_segment(name="VIP").name == "VIP"
        assert aep.get_dataflow(id="f", sandbox_name="dev", provider=account).source_connection_ids == ["s"]
        assert aep.get_dataflow(id="f").created_at == 5
        assert aep.get_dataflow(id="f").etag is None
        assert [spec.name for spec in aep.get_connection_specs()] == ["VIP", "VIP"]
        assert [run.status for run in aep.get_dataflow_runs("f")] == [None, None]
        found = aep.get_segment_output(name=pulumi.Output.from_input("VIP"))
        ends = {"source_connection_ids": ["s"], "target_connection_ids": ["t"]}
        aep.Dataflow("f", **ends, segments=[found]).segments.apply(said.append)

    under_mocks.run(program, mocks=mocks)
    assert mocks.asked[:2] == [
        ("aep:index:getSegment", {"name": "VIP"}),
        ("aep:index:getDataflow", {"id": "f", "sandboxName": "dev"}),
    ]
    assert {token.rpartition(":")[2] for token, _ in mocks.asked} == {
        "getSegment",
        "getDataflow",
        "getConnectionSpecs",
        "getDataflowRuns",
    }
    assert said == [[{"id": "72ddd79b-0000-4000-8000-000000000000", "name": "VIP"}]]
    assert emulator.calls == []


class Specifying(under_mocks.Echo):
    """Mocks of a unit test that answer the look-up of a spec."""

    def call(self, args):
        del args
        params = [{"name": "token", "type": "string", "required": True, "secret": True}]
        return {"id": "x", "name": "HTTP API", "authentications": [{"specName": "Bearer Token", "params": params}]}


def test_under_mocks_what_a_spec_demands_is_of_the_same_classes(emulator):
    del emulator

    def program():
        (kind,) = aep.get_connection_spec(name="HTTP API").authentications
        assert kind.spec_name == "Bearer Token"
        assert kind.params == [ParameterSpec("token", "string", required=True, secret=True)]
        assert aep.get_connection_spec(name="HTTP API").target_params is None

    under_mocks.run(program, mocks=Specifying())


def test_a_name_that_is_secret_is_in_no_error(emulator):
    del emulator

    def program():
        aep.get_segment_output(name=pulumi.Output.secret("very-secret-audience")).apply(print)

    with pytest.raises(pulumi.RunError, match=r"no segment is named '\[secret\]'"):
        under_mocks.run(program, under_mocks.Engine())


def test_what_a_listing_leaves_out_is_said(emulator, capfd):
    emulator.misbehave()
    page = {"segments": [{"id": 5, "name": "Men"}], "page": {"totalCount": 1}}
    emulator.order(Fault(method="GET", path="/segment/definitions", status=200, body=page))
    with pytest.raises(pulumi.RunError, match="no segment is named 'Men'"):
        aep.get_segment(name="Men")
    assert "segment 5 was answered with an unexpected id: it is left out" in capfd.readouterr().err


def test_a_listing_that_fails_is_not_tried_again_in_the_same_run(emulator):
    emulator.order(Fault(method="GET", path="/segment/definitions", status=403, body={"message": "no"}, times=99))

    def program():
        for name in ("a", "b", "c"):
            with pytest.raises(pulumi.RunError, match="cannot look up"):
                aep.get_segment(name=name)

    under_mocks.run(program, under_mocks.Engine())
    assert sum("segment" in call.path for call in emulator.calls) == 1


def test_different_look_ups_do_not_wait_for_each_other_and_the_same_is_made_once():
    run, both, listed = Run(), threading.Barrier(2, timeout=10), []

    def look_up(name):
        def list_all():
            listed.append(name)
            both.wait()
            return [name]

        return run.listed(Settings(), "prod", f"audience {name}", list_all)

    with ThreadPoolExecutor(4) as workers:
        assert list(workers.map(look_up, ["a", "b", "a", "b"])) == [["a"], ["b"], ["a"], ["b"]]
    assert sorted(listed) == ["a", "b"]


def test_pages_may_count_from_one(emulator):
    pages = [{"segments": [{"id": f"{number}", "name": f"s{number}"}], "page": {"totalPages": 2}} for number in (1, 1, 2)]
    for page in pages:
        emulator.order(Fault(method="GET", path="/segment/definitions", status=200, body=page))
    assert [segment.id for segment in aep.get_segments()] == ["1", "2"]

"""What runs tell, whatever they are like: failed records and silence. Laws of the judgement, and odd runs through it."""

from __future__ import annotations

import dataclasses
from fractions import Fraction

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from pulumi_aep_streaming.cli import _runs
from pulumi_aep_streaming.cli._runs import Limits, failed_of, judged, looked_at, summary
from pulumi_aep_streaming.cli._stack import Impossible
from pulumi_aep_streaming.flow_service.models import read_as
from pulumi_aep_streaming.flow_service.runs import Run

NOW = 1_795_680_000_000
HOUR = 3_600_000
COUNTS = st.integers(0, 10**6) | st.integers(0, 10**300)
NO_COUNTS = st.sampled_from([None, "many", "7", "", [], {}, [3], {"a": 1}, True, -1, -(10**300), -0.5])
ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["code", "message", "count", "type"]), inner),
    max_leaves=6,
)
PERCENTS = st.integers(0, 10_000).map(lambda number: Fraction(number, 100))


def run_of(records=None, *, status="success", id_="r", ended=None, **more):
    metrics = {
        "recordSummary": records or {},
        "statusSummary": {"status": status},
        "durationSummary": {"completedAtUTC": ended},
    }
    return read_as(Run, {"id": id_, "metrics": metrics, **more}, "a run")


def problems_of(*runs, now=NOW, created=None, silence_too=True, **limits):
    return judged(list(runs), created, Limits(**limits), now, silence_too=silence_too).problems


@given(failed=COUNTS, sent=COUNTS, skipped=COUNTS, shows_input=st.booleans(), percent=PERCENTS)
def test_a_run_is_a_problem_if_and_only_if_more_of_it_failed_than_may(failed, sent, skipped, shows_input, percent):
    whole = failed + sent + skipped
    records = {"outputRecordCount": sent, "skippedRecordCount": skipped, "failedRecordCount": failed}
    records |= {"inputRecordCount": whole} if shows_input else {}
    is_too_much = failed * 100 > percent * whole
    assert bool(problems_of(run_of(records), max_failed_percent=percent)) is is_too_much


@given(
    failed=st.integers(1, 10**9), others=st.dictionaries(st.sampled_from(["input", "output", "skipped"]), COUNTS | NO_COUNTS)
)
def test_any_failed_record_is_a_problem_by_default_and_none_is_where_all_may_fail(failed, others):
    run = run_of({"failedRecordCount": failed, **{f"{name}RecordCount": count for name, count in others.items()}})
    (line,) = problems_of(run)
    assert line.startswith(f"the last run: {failed} of ")
    assert problems_of(run, max_failed_percent=Fraction(100)) == []


@given(
    counts=st.dictionaries(st.sampled_from(["input", "output", "created", "skipped", "failed"]), NO_COUNTS),
    summary_=st.sampled_from([None, [], "none", 5]) | st.none(),
)
def test_a_count_that_is_unknown_is_never_a_problem(counts, summary_):
    run = run_of({f"{name}RecordCount": count for name, count in counts.items()})
    missing = read_as(Run, {"id": "r", "metrics": summary_}, "a run")
    assert problems_of(run, min_records=5) == problems_of(missing, min_records=5) == []
    shown = summary(run)
    assert {shown[f"{name}Records"] for name in ("input", "output", "skipped", "failed")} == {None}


@given(info=ANYTHING, errors=ANYTHING, status=ANYTHING, counts=st.dictionaries(st.sampled_from(["input", "failed"]), ANYTHING))
def test_no_run_is_left_out_for_what_it_says(info, errors, status, counts):
    records = {"failedInfo": info, **{f"{name}RecordCount": count for name, count in counts.items()}}
    status_summary = {"status": status, "errors": errors}
    run = read_as(Run, {"id": "r", "metrics": {"recordSummary": records, "statusSummary": status_summary}}, "a run")
    assert all(isinstance(line, str) for line in problems_of(run))
    failed, whole = failed_of(run)
    assert failed is None or 0 <= failed <= whole
    assert {type(member) for each in summary(run)["failedInfo"] for member in each.values()} <= {str, int, type(None)}


@pytest.mark.parametrize(
    ("info", "said"),
    [
        ([{"code": "A-1-400", "message": "no", "count": 3}], "3 of 3 records failed (100 %): A-1-400 no"),
        ([{"code": "A-1-400", "count": 1}, {"code": "B-1-400", "count": 2}], "3 of 3 records failed (100 %): A-1-400; B-1-400"),
        ([{"code": "A-1-400", "message": "no"}], " records failed, and it does not say how many: A-1-400 no"),
        ("no", " records failed, and it does not say how many: no"),
        ({"message": 5}, " records failed, and it does not say how many: 5"),
        ([{"type": "Warning", "message": "slow", "count": 3}], ""),
        ([], ""),
        (None, ""),
        ([None, {}, ""], ""),
    ],
)
def test_where_there_is_no_number_the_reasons_tell(info, said):
    found = "".join(problems_of(run_of({"failedInfo": info})))
    assert found.removeprefix("the last run:").strip() == said.strip()


def test_a_number_that_is_shown_counts_more_than_reasons():
    info = [{"code": "A-1-400", "message": "no", "count": 3}]
    assert problems_of(run_of({"failedRecordCount": 0, "failedInfo": info})) == []


def test_reasons_without_a_number_are_worth_a_word_where_some_may_fail():
    found = judged([run_of({"failedInfo": ["no"]})], None, Limits(Fraction(1)), NOW, silence_too=True)
    assert found.problems == []
    assert found.notes == ["the last run: records failed, and it does not say how many: no"]


def test_a_failed_run_is_a_problem_whatever_may_fail():
    run = run_of({"failedInfo": [{"message": "no"}]}, status="Failed")
    assert problems_of(run, max_failed_percent=Fraction(100)) == ["the last run has the status failed: no"]


def test_a_share_is_said_with_its_reason():
    info = [{"code": "A-1-400", "message": "no", "count": 1}]
    run = run_of({"inputRecordCount": 3, "outputRecordCount": 2, "failedRecordCount": 1, "failedInfo": info})
    assert problems_of(run) == ["the last run: 1 of 3 records failed (33.3 %): A-1-400 no"]


def test_of_many_runs_with_failed_records_some_are_named_and_all_are_counted():
    runs = [run_of({"failedRecordCount": 1}, id_=f"r{number}") for number in range(24)]
    named = problems_of(*runs)
    assert [line.partition(":")[0] for line in named[:3]] == ["the last run", "run r1", "run r2"]
    assert named[3:] == ["of its other runs, 21 failed or have failed records, too"]


# Which runs


@given(st.lists(st.sampled_from(["success", "Processing", "waiting", "failed", ""]), max_size=8))
def test_without_an_age_it_is_the_newest_finished_run_and_what_came_after_it(statuses):
    runs = [run_of(status=status, id_=str(number), ended=NOW) for number, status in enumerate(statuses)]
    found = looked_at(runs, Limits(), NOW)
    finished = [status.lower() not in {"processing", "waiting"} for status in statuses]
    assert len(found) == (finished.index(True) + 1 if True in finished else len(statuses))


@given(ages=st.lists(st.integers(0, 100), min_size=1, max_size=8).map(sorted), hours=st.integers(1, 99))
def test_with_an_age_it_is_all_of_it_and_at_least_the_newest(ages, hours):
    runs = [run_of(id_=str(age), ended=NOW - age * HOUR) for age in ages]
    found = looked_at(runs, Limits(max_age_hours=Fraction(hours)), NOW)
    assert [int(run.id) for run in found] == ([age for age in ages if age <= hours] or ages[:1])


def test_runs_without_end_are_not_read_without_end():
    def endless():
        while True:
            yield run_of(status="Processing")

    assert len(looked_at(endless(), Limits(), NOW)) == 1_000


# Silence


@given(age=st.integers(0, 200), hours=st.integers(1, 100), in_seconds=st.booleans())
def test_silence_is_a_problem_if_and_only_if_it_is_longer_than_it_may_be(age, hours, in_seconds):
    ended = NOW - age * HOUR
    found = problems_of(run_of(ended=ended // 1000 if in_seconds else ended), max_age_hours=Fraction(hours))
    assert found == ([f"no run was seen in the last {hours} h: the last one was {age}.0 h ago"] if age > hours else [])
    assert problems_of(run_of(ended=ended)) == []


@pytest.mark.parametrize("ended", [None, 0, -5, "yesterday", [], {}, True])
def test_a_run_without_a_time_is_worth_a_word_and_no_problem(ended):
    found = judged([run_of(ended=ended)], None, Limits(max_age_hours=Fraction(1)), NOW, silence_too=True)
    assert (found.problems, found.notes) == ([], ["its runs show no time, so nobody knows how old they are"])


@pytest.mark.parametrize(
    "more",
    [
        {"createdAt": NOW},
        {"metrics": {"durationSummary": {"startedAtUTC": NOW}}},
        {"metrics": {"durationSummary": {"stoppedAtUTC": NOW}}},
    ],
)
def test_the_time_of_a_run_is_the_last_that_it_shows(more):
    run = read_as(Run, {"id": "r", **more}, "a run")
    assert problems_of(run, max_age_hours=Fraction(1)) == []
    assert len(problems_of(run, max_age_hours=Fraction(1), now=NOW + 2 * HOUR)) == 1


@pytest.mark.parametrize("ended", [10**300, NOW + HOUR])
def test_a_run_of_the_future_is_no_silence(ended):
    assert problems_of(run_of(ended=ended), max_age_hours=Fraction(1)) == []


def test_a_flow_without_a_run_is_silent_once_it_is_older_than_silence_may_be():
    limits = {"max_age_hours": Fraction(24), "min_records": 1}
    assert problems_of(created=NOW - 23 * HOUR, **limits) == []
    for created in (NOW - 25 * HOUR, None):
        assert problems_of(created=created, **limits) == ["no run was seen in the last 24 h: there is none"]
    assert judged([], NOW, Limits(), NOW, silence_too=True).notes == ["no run yet"]


@given(counts=st.lists(st.integers(0, 50), min_size=1, max_size=5), wanted=st.integers(0, 200))
def test_too_few_records_are_those_of_all_runs_that_are_looked_at(counts, wanted):
    runs = [run_of({"outputRecordCount": count}, ended=NOW) for count in counts]
    found = problems_of(*runs, min_records=wanted, max_age_hours=Fraction(24))
    sent = sum(counts)
    said = [f"{sent} records sent in the last 24 h, and at least {wanted} are wanted"]
    assert found == (said if sent < wanted else [])


def test_a_run_that_is_too_old_sends_nothing_now():
    old, new = run_of({"outputRecordCount": 9}, ended=NOW - 9 * HOUR), run_of({"createdRecordCount": 0}, ended=NOW)
    assert problems_of(new, old, min_records=1, max_age_hours=Fraction(1)) == [
        "0 records sent in the last 1 h, and at least 1 are wanted"
    ]


def test_records_of_which_some_are_unknown_are_worth_a_word():
    runs = [run_of({"outputRecordCount": 1}), run_of()]
    found = judged(runs, None, Limits(min_records=5), NOW, silence_too=True)
    assert (found.problems, found.notes) == ([], ["its runs do not show how many records were sent in the last run"])


def test_a_flow_that_is_to_be_silent_may_be():
    assert problems_of(silence_too=False, max_age_hours=Fraction(1), min_records=1) == []


# What may be asked for


@pytest.mark.parametrize(
    "text", ["", "-1", "100.1", "1e2", "nan", "inf", "5 %", "5%", " 5", "1_0", "\u0665", "0x5", ".", "5.", "9" * 400]
)
def test_a_percent_that_is_none_is_refused(text):
    with pytest.raises(Impossible, match=r"^--max-failed-percent is .*, but must be a number from 0 to 100$"):
        _runs.limits(text, "", "")


@pytest.mark.parametrize("text", ["0", "-1", "8761", "nan", "a day", "24h", "0.0"])
def test_hours_that_are_none_are_refused(text):
    with pytest.raises(Impossible, match=r"^--max-age is .*, but must be a number of hours, more than 0 and at most 8760$"):
        _runs.limits("0", text, "")


@pytest.mark.parametrize("text", ["-1", "1.5", "all", "1e3"])
def test_a_number_of_records_that_is_none_is_refused(text):
    with pytest.raises(Impossible, match=r"^--min-records is .*, but must be a whole number, 0 or more$"):
        _runs.limits("0", "", text)


def test_what_is_not_given_is_not_looked_at():
    assert _runs.limits("0", "", "") == Limits()
    assert dataclasses.astuple(_runs.limits("2.5", "0.5", "3.0")) == (Fraction(5, 2), Fraction(1, 2), 3)


@given(st.text(max_size=12))
def test_whatever_is_asked_for_is_a_number_or_one_line(text):
    for given_ in ((text, "", ""), ("0", text, ""), ("0", "", text)):
        try:
            found = _runs.limits(*given_)
        except Impossible:
            continue
        assume(text)
        assert 0 <= found.max_failed_percent <= 100

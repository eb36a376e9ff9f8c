"""What the runs of a dataflow tell: records that failed, and silence. Pure.

A streaming run is Completed or Processing, and one of which all records failed is Completed, too (monitor-destinations.md of
AdobeDocs/experience-platform.en, @02785cee): failures are counts. One that is not shown is unknown: neither 0 nor a failure.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

from pulumi_aep_streaming.cli._stack import Impossible
from pulumi_aep_streaming.flow_service.runs import Run

_MOST_RUNS = 1_000
_MOST_LINES = 3
_UNFINISHED = frozenset({"processing", "waiting"})
_HOUR = 3_600_000
_FIRST_MILLISECONDS = 10**11
"""A time below this is in seconds: as milliseconds it would be of 1973. The documents show runs in milliseconds."""
_MOST_HOURS = 8_760
_LONGEST_NUMBER = 15


@dataclass(frozen=True)
class Limits:
    """What runs are held against; None is not looked at."""

    max_failed_percent: Fraction = Fraction(0)
    max_age_hours: Fraction | None = None
    min_records: int | None = None

    @property
    def page_size(self) -> int:
        """How many runs to ask for at once: the newest, and the one before, should it not be finished."""
        return 2 if self.max_age_hours is None else 100

    @property
    def period(self) -> str:
        """Which runs are looked at, in words."""
        hours = self.max_age_hours
        return "in the last run" if hours is None else f"in the last {float(hours):g} h"


@dataclass
class Findings:
    """What is wrong, and what is only worth a word."""

    problems: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


def limits(max_failed_percent: str, max_age: str, min_records: str) -> Limits:
    """Return what the options say; an empty one is not given. Raises `Impossible`."""
    percent, hours = _number(max_failed_percent), _number(max_age)
    if percent is None or percent > 100:
        raise Impossible(f"--max-failed-percent is {max_failed_percent!r}, but must be a number from 0 to 100")
    if max_age and (hours is None or not 0 < hours <= _MOST_HOURS):
        raise Impossible(f"--max-age is {max_age!r}, but must be a number of hours, more than 0 and at most {_MOST_HOURS}")
    records = _number(min_records)
    if min_records and (records is None or records.denominator != 1):
        raise Impossible(f"--min-records is {min_records!r}, but must be a whole number, 0 or more")
    return Limits(percent, hours, None if records is None else int(records))


def _number(text: str) -> Fraction | None:
    is_number = len(text) <= _LONGEST_NUMBER and re.fullmatch(r"[0-9]+(\.[0-9]+)?", text)
    return Fraction(text) if is_number else None


def looked_at(newest_first: Iterable[Run], limits: Limits, now: int) -> list[Run]:
    """Return the runs to look at: the newest finished one and what came after it, and all that are not too old."""
    found: list[Run] = []
    for run in newest_first:
        is_enough = limits.max_age_hours is None or _is_recent(run, limits, now) is False
        if len(found) == _MOST_RUNS or (is_enough and any(map(_is_finished, found))):
            break
        found.append(run)
    return found


def judged(runs: list[Run], flow_created_at: int | None, limits: Limits, now: int, *, silence_too: bool) -> Findings:
    """Judge the runs of one dataflow, newest first; `now` is in milliseconds since 1970."""
    findings = Findings()
    for number, run in enumerate(runs):
        _look_for_failures(run, "the last run" if number == 0 else f"run {run.id}", limits, findings)
    more = len(findings.problems) - _MOST_LINES
    if more > 0:
        findings.problems[_MOST_LINES:] = [f"of its other runs, {more} failed or have failed records, too"]
    if not runs:
        findings.notes.append("no run yet")
    if silence_too:
        _look_for_silence(runs, flow_created_at, limits, now, findings)
    return findings


def _look_for_failures(run: Run, which: str, limits: Limits, findings: Findings) -> None:
    reported = [info.line for info in run.metrics.record_summary.failed_info if not info.is_warning]
    reasons = "; ".join(dict.fromkeys(filter(None, [*run.errors, *reported]))) or "no error is given"
    failed, whole = failed_of(run)
    percent = Fraction(100 * failed, whole) if failed else 0
    if _status(run) == "failed":
        findings.problems.append(f"{which} has the status failed: {reasons}")
    elif failed and percent > limits.max_failed_percent:
        findings.problems.append(f"{which}: {failed} of {whole} records failed ({float(percent):.3g} %): {reasons}")
    elif failed is None and reported:  # any number is more than none
        line = f"{which}: records failed, and it does not say how many: {reasons}"
        (findings.notes if limits.max_failed_percent else findings.problems).append(line)


def failed_of(run: Run) -> tuple[int | None, int]:
    """Return how many records of a run failed, None if that is unknown, and of how many.

    Those are what came in; where the run does not show it, or shows less, what was sent, skipped and failed (in Adobe's own
    example, what came in is just that).
    """
    records = run.metrics.record_summary
    failed = records.failed_record_count
    if failed is None:
        counts = [info.count for info in records.failed_info if info.count is not None and not info.is_warning]
        failed = sum(counts) if counts else None
    parts = (records.written_record_count or 0) + (records.skipped_record_count or 0) + (failed or 0)
    return failed, max(records.input_record_count or 0, parts)


def _look_for_silence(runs: list[Run], flow_created_at: int | None, limits: Limits, now: int, findings: Findings) -> None:
    if limits.max_age_hours is not None:
        if not runs and flow_created_at and _is_within(flow_created_at, limits, now):
            return  # as is normal right after an activation
        newest = max((time for run in runs if (time := _time(run)) is not None), default=None)
        if runs and newest is None:
            findings.notes.append("its runs show no time, so nobody knows how old they are")
        elif newest is None or not _is_within(newest, limits, now):
            last = "there is none" if newest is None else f"the last one was {(now - newest) / _HOUR:.1f} h ago"
            findings.problems.append(f"no run was seen {limits.period}: {last}")
            return
    if limits.min_records is not None:
        _count_records(runs, limits, now, findings)


def _count_records(runs: list[Run], limits: Limits, now: int, findings: Findings) -> None:
    counted = runs if limits.max_age_hours is None else [run for run in runs if _is_recent(run, limits, now) is not False]
    counts = [run.metrics.record_summary.written_record_count for run in counted]
    sent, wanted = sum(filter(None, counts)), limits.min_records or 0
    if sent >= wanted:
        return
    if None in counts:
        findings.notes.append(f"its runs do not show how many records were sent {limits.period}")
    else:
        findings.problems.append(f"{sent} records sent {limits.period}, and at least {wanted} are wanted")


def _status(run: Run) -> str:
    return (run.metrics.status_summary.status or "").lower()


def _is_finished(run: Run) -> bool:
    return _status(run) not in _UNFINISHED


def _is_recent(run: Run, limits: Limits, now: int) -> bool | None:
    """Whether a run is not too old; None if it shows no time."""
    time = _time(run)
    return None if time is None else _is_within(time, limits, now)


def _is_within(time: int, limits: Limits, now: int) -> bool:
    return limits.max_age_hours is not None and now - time <= limits.max_age_hours * _HOUR


def _time(run: Run) -> int | None:
    """Return when a run was last heard of, in milliseconds; 0 stands for a time that was not."""
    times = run.metrics.duration_summary
    shown = [time for time in (times.completed_at, times.started_at, run.created_at) if time is not None and time > 0]
    return max((time if time >= _FIRST_MILLISECONDS else time * 1000 for time in shown), default=None)


def summary(run: Run) -> dict[str, Any]:
    """Return what a run shows, for JSON; None is unknown."""
    times, records = run.metrics.duration_summary, run.metrics.record_summary
    return {
        "id": run.id,
        "status": run.metrics.status_summary.status or "",
        "startedAt": times.started_at,
        "completedAt": times.completed_at,
        "inputRecords": records.input_record_count,
        "outputRecords": records.written_record_count,
        "skippedRecords": records.skipped_record_count,
        "failedRecords": failed_of(run)[0],
        "errors": run.errors,
        "failedInfo": [{"code": info.code, "message": info.message, "count": info.count} for info in records.failed_info],
    }

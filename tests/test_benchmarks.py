"""The tables that `make bench` writes are those of its results; nobody edits them by hand."""

from __future__ import annotations

import copy
import json
import sys
from pathlib import Path

import pytest

BENCHMARKS = Path(__file__).resolve().parents[1] / "benchmarks"


@pytest.fixture(scope="module")
def report():
    sys.path.insert(0, str(BENCHMARKS))
    try:
        import report  # noqa: PLC0415 (only now can it be found)
    finally:
        sys.path.remove(str(BENCHMARKS))
    return report


@pytest.fixture
def results(report):
    return json.loads(report.RESULTS.read_text())


def test_the_comparison_in_the_readme_is_that_of_the_results(report, results):
    section = report.README.read_text().partition(report.BEGIN)[2].partition(report.END)[0]
    assert section.strip() == report.comparison(results).strip()
    assert section.count("\n| ") == 7


def test_the_tables_are_those_of_the_results(report, results):
    assert report.TABLES.read_text() == report.tables(results)


def test_a_budget_that_is_missed_is_told_from_one_that_is_met(report, results):
    results = copy.deepcopy(results)
    results["budgets"][:3] = [
        {"case": "kept", "found": "1", "budget": "2", "met": True},
        {"case": "missed", "found": "3", "budget": "2", "met": False},
        {"case": "told", "found": "3", "budget": "", "met": None},
    ]
    written = report.tables(results)
    assert "| kept | 1 | 2 | yes |" in written
    assert "| missed | 3 | 2 | **no** |" in written
    assert "| told | 3 |  |  |" in written


def test_a_road_without_a_notion_of_a_step_has_words_instead_of_a_number(report, results):
    for line in report.comparison(results).splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if cells[0] in {"nothing changed", "refresh"}:
            assert "call" in cells[1]
            assert all(cell.startswith("no notion") for cell in cells[2:])

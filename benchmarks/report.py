"""The tables: from results.json to benchmarks/README.md, and to the comparison in README.md.

It measures nothing; run by itself, it writes them anew.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
RESULTS, TABLES, README = HERE / "results.json", HERE / "README.md", HERE.parent / "README.md"
BEGIN, END = "<!-- comparison: written by make bench -->", "<!-- end of comparison -->"
TITLES = {"ours": "this package", "idle": "idle dynamic resources", "aepp": "aepp script", "newman": "newman"}
NO_NOTION = {
    "no-op": "no notion of it: makes everything again",
    "refresh": "no notion of it",
}
_NAMES = {
    "create": "create",
    "no-op": "nothing changed",
    "one change": "one segment more",
    "refresh": "refresh",
    "destroy": "destroy",
}

Results = dict[str, Any]


def write(results: Results) -> None:
    RESULTS.write_text(json.dumps(results, indent=1) + "\n")
    TABLES.write_text(tables(results))
    before, _, rest = README.read_text().partition(BEGIN)
    README.write_text(before + BEGIN + "\n" + comparison(results) + END + rest.partition(END)[2])


def comparison(results: Results) -> str:
    """The small table of README.md: ten destinations, or as many as were measured, far from the service."""
    rows = [row for row in results["rivals"] if row["latency_ms"]]
    chosen = next((row for row in rows if row["destinations"] == 10), rows[-1])
    title = f"{_several(chosen['destinations'], 'destination')}, {chosen['latency_ms']} ms from the service"
    names = ("ours", "aepp", "newman")
    body = [[_NAMES[step], *(_cell(chosen[step].get(name), step) for name in names)] for step in _NAMES]
    return _table([title, *(TITLES[name] for name in names)], body)


def tables(results: Results) -> str:
    parts = ["# Benchmarks\n", _introduction(results["machine"])]
    many = [budget for row in results["growth"] for budget in row.get("budgets", [])]
    parts += ["## Budgets\n", _budgets([*results["budgets"], *many]), _NO_OP]
    parts += ["## Side by side\n", _RIVALS, *map(_rivals, results["rivals"])]
    parts += ["## Growth\n", _GROWTH, _section("growth", _growth(results["growth"]))]
    parts += ["## At scale\n", _section("scale", _scale(results["scale"]))]
    return "\n".join(parts)


_NO_OP = """An `up` without changes is compared with two idle resources: one of three properties, and one with as many as ours.
The budget for many is beside the second: the difference is what the engine and its SDK take for each property, in the program,
in the messages and in the checkpoint. Ours has seven in the state: the spec and its version, name, sandbox, organization, owner
and nonce. Drift, moves and interrupted runs need them, so none is saved.
"""
_RIVALS = """A destination is a target connection and a dataflow with one segment; account, profile store and source are shared.
Calls are those to the service, without the one for a token. Seconds are those of the whole command, start included.
The calls that `create` makes more than the others look for what an interrupted run left behind.
Upon an account that the same `up` makes there is nothing to look for; upon one that is there, destinations share a look.
Idle dynamic resources, as many as there are objects, do nothing: they show what the engine takes for itself.
"""
_GROWTH = """All dataflows share one source and one target. The emulator runs on the same machine: it is part of the seconds.
"""


def _introduction(machine: dict[str, Any]) -> str:
    where = f"{machine['cores']} cores, Python {machine['python']}, Pulumi {machine['pulumi']}"
    return (
        f"Written by `make bench`, in {machine['minutes']} minutes on {where}; against the emulator, over loopback.\n"
        "What is compared is run in turns, and medians are taken; of an `up` without changes and of a merge, which wait for\n"
        "nothing, the fastest turn, as what makes one longer is something else's. Ratios are of one run on one machine.\n"
        "Parts of it may be of different days (`make bench PART=...`); each row is of one run.\n"
    )


def _budgets(rows: Iterable[dict[str, Any]]) -> str:
    verdicts = {True: "yes", False: "**no**", None: ""}
    return _table(
        ["case", "found", "budget", "met"], [[row["case"], row["found"], row["budget"], verdicts[row["met"]]] for row in rows]
    )


def _rivals(row: dict[str, Any]) -> str:
    names = [name for name in TITLES if name in row["create"]]
    title = f"{_several(row['destinations'], 'destination')}, {row['latency_ms']} ms"
    body = [[_NAMES[step], *(_cell(row[step].get(name), step) for name in names)] for step in _NAMES]
    return _table([title, *(TITLES[name] for name in names)], body) + f"\n{_several(row['runs'], 'run')}.\n"


def _growth(rows: list[dict[str, Any]]) -> str:
    def line(label: str, values: Iterable[str]) -> list[str]:
        return [label, *values]

    def costs(step: str, *, memory: bool = False) -> list[str]:
        more = [f", {row[step]['megabytes']} MB" if memory else "" for row in rows]
        return [f"{row[step]['calls']:,} calls, {row[step]['seconds']} s{extra}" for row, extra in zip(rows, more, strict=True)]

    body = [
        line("first up; provider's memory", costs("up", memory=True)),
        line("first up, idle resources", [f"{row['idle_up']['seconds']} s" for row in rows]),
        line("no-op up; provider's memory", costs("no_op", memory=True)),
        line("no-op up, idle resources", [f"{row['idle_no_op']['seconds']} s" for row in rows]),
        line("refresh; provider's memory", costs("refresh", memory=True)),
        line("size of the state", [f"{row['state_kilobytes']:,} kB" for row in rows]),
        line("merge of as many selectors", [f"{row['merge_milliseconds']} ms" for row in rows]),
    ]
    return _table(["dataflows", *(f"{row['dataflows']:,}" for row in rows)], body)


def _scale(rows: list[dict[str, Any]]) -> str:
    return _table(["case", "how", "seconds"], [[row["case"], row["way"], f"{row['seconds']}"] for row in rows])


def _section(name: str, table: str) -> str:
    """A table that pages of the documentation include by name."""
    return f"<!-- --8<-- [start:{name}] -->\n\n{table}\n<!-- --8<-- [end:{name}] -->\n"


def _cell(cost: dict[str, Any] | None, step: str) -> str:
    return NO_NOTION[step] if cost is None else f"{_several(cost['calls'], 'call')}, {cost['seconds']:.1f} s"


def _several(count: int, what: str) -> str:
    return f"{count:,} {what}" if count == 1 else f"{count:,} {what}s"


def _table(titles: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [titles, ["---"] * len(titles), *rows]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


if __name__ == "__main__":
    write(json.loads(RESULTS.read_text()))

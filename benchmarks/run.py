"""`make bench`: what things cost, as ratios within one run, and calls. Writes the table in benchmarks/README.md.

Each pair is run in turns, several times; the ratio is that of the medians. Absolute times say more about the machine.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from pulumi_aep_streaming._selectors import SEGMENTS, merge
from pulumi_aep_streaming.emulator import Emulator, Fault

HERE = Path(__file__).resolve().parent
PAIRS = 5

IDLE_MODULE = """
import pulumi.dynamic
class IdleProvider(pulumi.dynamic.ResourceProvider):
    serialize_as_secret_always = False
    def check(self, olds, news): return pulumi.dynamic.CheckResult(news, [])
    def diff(self, id_, olds, news): return pulumi.dynamic.DiffResult(changes=False)
    def create(self, props): return pulumi.dynamic.CreateResult("x", props)
    def read(self, id_, props): return pulumi.dynamic.ReadResult(id_, props)
    def update(self, id_, olds, news): return pulumi.dynamic.UpdateResult(news)
    def delete(self, id_, props): pass
class Idle(pulumi.dynamic.Resource, module="idle", name="Idle"):
    def __init__(self, name): super().__init__(IdleProvider(), name, {"name": name, "spec": "x", "version": "1.0"})
"""
IDLE = "from idle import Idle\nfor n in range({count}): Idle(f'r{{n}}')\n"
OURS = (
    "import pulumi_aep_streaming as aep\n"
    "for n in range({count}): aep.BaseConnection(f'r{{n}}', connection_spec_id=aep.ConnectionSpecId.UNIFIED_PROFILE)\n"
)
FLOW = """
import pulumi_aep_streaming as aep
profiles = aep.BaseConnection("p", connection_spec_id=aep.ConnectionSpecId.UNIFIED_PROFILE)
source = aep.SourceConnection("s", base_connection_id=profiles.id)
account = aep.BaseConnection("a", auth=aep.KinesisAuthArgs(access_key_id="a", secret_key="s", region="r"))
target = aep.TargetConnection("t", base_connection_id=account.id, params=aep.KinesisTargetArgs(stream="s", region="r"))
aep.Dataflow("f", source_connection_ids=[source.id], target_connection_ids=[target.id],
             segments=[f"s{{n}}" for n in range({count})])
"""


class Project:
    """A Pulumi project in a folder, with a stack in a file backend."""

    def __init__(self, folder: Path, emulator: Emulator) -> None:
        self.folder, self.emulator = folder, emulator
        folder.mkdir()
        (folder / "Pulumi.yaml").write_text("name: bench\nruntime: python\n")
        (folder / "idle.py").write_text(IDLE_MODULE)
        self.pulumi("stack", "init", "bench")

    def write(self, program: str) -> None:
        (self.folder / "__main__.py").write_text(program)

    def pulumi(self, *arguments: str) -> float:
        """Run the CLI and return the seconds it took."""
        organization = self.emulator.organization
        environment = {
            **os.environ,
            "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
            "PULUMI_BACKEND_URL": f"file://{self.folder}",
            "PULUMI_HOME": str(self.folder / ".home"),
            "PULUMI_CONFIG_PASSPHRASE": "bench",
            "PULUMI_SKIP_UPDATE_CHECK": "true",
            "AEP_ENDPOINT": self.emulator.url,
            "AEP_IMS_ENDPOINT": self.emulator.url,
            "AEP_ORG_ID": organization.id,
            "AEP_CLIENT_ID": organization.client_id,
            "AEP_CLIENT_SECRET": organization.client_secret,
            "AEP_SANDBOX_NAME": "prod",
        }
        started = time.perf_counter()
        subprocess.run(
            ["pulumi", "--non-interactive", *arguments], cwd=self.folder, env=environment, check=True, capture_output=True
        )
        return time.perf_counter() - started

    def up(self) -> float:
        return self.pulumi("up", "--yes", "--skip-preview")


def no_op(folder: Path, emulator: Emulator, count: int) -> tuple[str, str, str]:
    ours, idle = Project(folder / f"ours{count}", emulator), Project(folder / f"idle{count}", emulator)
    ours.write(OURS.format(count=count))
    idle.write(IDLE.format(count=count))
    ours.up()
    idle.up()
    emulator.forget()
    pairs = [(ours.up(), idle.up()) for _ in range(PAIRS)]
    budget = "1.15" if count == 1 else "1.05"
    return f"no-op up of {count}, to an idle dynamic resource", ratio(pairs), f"at most {budget}; {len(emulator.calls)} calls"


def calls(folder: Path, emulator: Emulator) -> list[tuple[str, str, str]]:
    project = Project(folder / "calls", emulator)
    rows = []
    for label, count, budget in (
        ("first up of the tutorial", 1, "13 and a token"),
        ("one segment more", 2, "3 and a token"),
        ("250 segments more", 252, "3 and a token"),
    ):
        emulator.forget()
        project.write(FLOW.format(count=count))
        project.up()
        tokens = sum("/ims/" in call.path for call in emulator.calls)
        rows.append((f"calls: {label}", f"{len(emulator.calls) - tokens} and {tokens} token", budget))
    emulator.forget()
    project.pulumi("refresh", "--yes", "--skip-preview")
    rows.append(("calls: refresh of 5 objects", f"{len(emulator.calls) - 1} and a token", "5 and a token"))
    return rows


def latency(folder: Path, emulator: Emulator, count: int, seconds: float) -> tuple[str, str, str]:
    project = Project(folder / "latency", emulator)
    project.write(OURS.format(count=count))
    project.up()
    emulator.forget()
    base = statistics.median(project.pulumi("refresh", "--yes", "--skip-preview") for _ in range(3))
    emulator.order(Fault(delay_seconds=seconds, times=10**9))
    slow = statistics.median(project.pulumi("refresh", "--yes", "--skip-preview") for _ in range(3))
    emulator.service.faults.clear()
    found = (slow - base) / (count * seconds / 4)
    label = f"refresh of {count} at {seconds * 1000:.0f} ms: added time, to calls x latency / 4 workers"
    return label, f"{found:.2f}", "at most 1.10"


def imports() -> tuple[str, str, str]:
    def load(statement: str) -> float:
        started = time.perf_counter()
        subprocess.run([sys.executable, "-c", statement], check=True)
        return time.perf_counter() - started

    ours = "import pulumi_aep_streaming as aep; aep.Dataflow"
    pairs = [(load(ours), load("import pulumi")) for _ in range(4 * PAIRS)]
    return "import of the package and one resource, to `import pulumi`", ratio(pairs), "at most 1.35"


def merging() -> list[tuple[str, str, str]]:
    def seconds(count: int) -> float:
        last = [{"id": f"s{number}"} for number in range(count)]
        live = [{"type": "PLATFORM_SEGMENT", "value": entry} for entry in last]
        now = [{"id": f"s{number}"} for number in range(count // 2, count + count // 2)]
        times = []
        for _ in range(PAIRS):
            started = time.perf_counter()
            merge(SEGMENTS, last, now, live)
            times.append(time.perf_counter() - started)
        return statistics.median(times)

    small, large = seconds(1_000), seconds(10_000)
    return [
        ("merge of 10,000 selectors, half of them changed", f"{large * 1000:.0f} ms", "under 50 ms"),
        ("merge of 10,000 to merge of 1,000", f"{large / small:.1f}", "linear: about 10"),
    ]


def ratio(pairs: list[tuple[float, float]]) -> str:
    ours, other = (statistics.median(column) for column in zip(*pairs, strict=True))
    return f"{ours / other:.2f}"


def main() -> None:
    rows = []

    def add(*found: tuple[str, str, str]) -> None:
        for row in found:
            print(f"  {row[0]:<80} {row[1]:>14}   {row[2]}", flush=True)
            rows.append(row)

    with tempfile.TemporaryDirectory() as name, Emulator() as emulator:
        folder = Path(name)
        add(imports())
        add(*merging())
        add(*calls(folder, emulator))
        for count in (1, 100):
            add(no_op(folder, emulator, count))
        add(latency(folder, emulator, 40, 0.1))
    table = "\n".join(f"| {case} | {found} | {budget} |" for case, found, budget in rows)
    title = "# Benchmarks\n\nWritten by `make bench`; medians of runs in turns, ratios within one run.\n"
    text = f"{title}\n| case | found | budget |\n|---|---|---|\n{table}\n"
    (HERE / "README.md").write_text(text)


if __name__ == "__main__":
    main()

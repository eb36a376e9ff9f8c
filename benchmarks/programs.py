"""The programs that are measured: ours, and one whose dynamic resources do nothing."""

from __future__ import annotations

IDLE_MODULE = """
import pulumi.dynamic

class IdleProvider(pulumi.dynamic.ResourceProvider):
    serialize_as_secret_always = False
    def check(self, olds, news): return pulumi.dynamic.CheckResult(news, [])
    def diff(self, id_, olds, news): return pulumi.dynamic.DiffResult(changes=olds["version"] != news["version"])
    def create(self, props): return pulumi.dynamic.CreateResult("x", props)
    def read(self, id_, props): return pulumi.dynamic.ReadResult(id_, props)
    def update(self, id_, olds, news): return pulumi.dynamic.UpdateResult(news)
    def delete(self, id_, props): pass

class Idle(pulumi.dynamic.Resource, module="idle", name="Idle"):
    def __init__(self, name, version, **more):
        super().__init__(IdleProvider(), name, {"name": name, "spec": "x", "version": version, **more})
"""

_WHAT_OURS_HAVE_MORE = {
    "connectionSpecId": "8a9c3494-9708-43d7-ae3f-cda01e5030e1",
    "managedBy": "bench/bench/r#00000000",
    "sandboxName": "prod",
    "orgId": "EMULATOR@AdobeOrg",
    "nonce": "00000000",
    **dict.fromkeys(("auth", "description", "adoptId")),
}
_SHARED = """
import pulumi_aep_streaming as aep
profiles = aep.BaseConnection("profiles", connection_spec_id=aep.ConnectionSpecId.UNIFIED_PROFILE)
source = aep.SourceConnection("source", base_connection_id=profiles.id)
account = aep.BaseConnection("account", auth=aep.KinesisAuthArgs(access_key_id="a", secret_key="s", region="us-west-2"))
def target(name):
    params = aep.KinesisTargetArgs(stream=name, region="us-west-2")
    return aep.TargetConnection(name, base_connection_id=account.id, params=params)
def flow(name, target, segments, **more):
    return aep.Dataflow(name, source_connection_ids=[source.id], target_connection_ids=[target.id],
                        segments=[f"s{n}" for n in range(segments)], **more)
"""


def idle(count: int, *, changed: bool = False, as_large_as_ours: bool = False) -> str:
    """As many idle resources, of three properties each, or with what `connections` has as well; the first of them changed."""
    more = _WHAT_OURS_HAVE_MORE if as_large_as_ours else {}
    lines = ["from idle import Idle", f"for n in range({count}):"]
    return "\n".join([*lines, f"    Idle(f'r{{n}}', '2' if {changed} and n == 0 else '1', **{more})"])


def connections(count: int) -> str:
    """Independent objects, the simplest there are."""
    spec = "connection_spec_id=aep.ConnectionSpecId.UNIFIED_PROFILE"
    return f"import pulumi_aep_streaming as aep\nfor n in range({count}): aep.BaseConnection(f'r{{n}}', {spec})\n"


def flows(count: int, segments: int = 1) -> str:
    """Four objects that all share, and dataflows from the one source to the one target."""
    return f"{_SHARED}\nshared = target('target')\nfor n in range({count}): flow(f'f{{n}}', shared, {segments})\n"


def selecting(path: str) -> str:
    """A dataflow that selects a segment and a profile attribute."""
    return f"{_SHARED}\nflow('flow', target('target'), 1, profile_attributes=[{path!r}])\n"


def destinations(count: int, *, changed: bool = False) -> str:
    """Three objects that all share, and a target and a dataflow for each destination; the first with one segment more."""
    return f"{_SHARED}\nfor n in range({count}): flow(f'f{{n}}', target(f't{{n}}'), 2 if {changed} and n == 0 else 1)\n"

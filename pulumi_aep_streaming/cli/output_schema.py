"""`aep-streaming output-schema`: what each dataflow of a stack puts into its stream. It reads the stack, and calls nothing."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pulumi_aep_streaming._core.output_schema import record_schema, sample
from pulumi_aep_streaming._core.settings import Settings
from pulumi_aep_streaming._core.snapshot.configured import snapshot_of
from pulumi_aep_streaming._core.snapshot.contents import Snapshot
from pulumi_aep_streaming._core.snapshot.file import choose
from pulumi_aep_streaming._core.specs import ConnectionSpecId
from pulumi_aep_streaming._core.values import members_of, secret_paths, to_snake
from pulumi_aep_streaming.cli._stack import Impossible, Resource

_UNSAFE = re.compile(r"[^A-Za-z0-9._-]+")
_DOCUMENTED = {spec.value for spec in (ConnectionSpecId.AMAZON_KINESIS, ConnectionSpecId.AZURE_EVENT_HUBS)}
"""Destinations whose records Adobe's pages show; the HTTP API is another, of which no document has the id."""
_SEGMENTS, _ATTRIBUTES = "segments", "profileAttributes"


@dataclass
class Description:
    """What a dataflow puts into its stream."""

    id: str
    name: str
    """The Pulumi name."""
    sandbox: str
    schema: dict[str, Any]
    """Of one record: a JSON Schema of 2020-12."""
    sample: dict[str, Any]
    notes: list[str]
    """What the schema cannot say, and why."""
    files: list[str] = field(default_factory=list)
    """Where they were written to."""


def described(resources: list[Resource], settings: Settings, given: Path | None) -> Iterator[Description]:
    """Yield a description of each dataflow of a stack, with types of the snapshot that is given, or else configured."""
    flows = [resource for resource in resources if resource.type_name == "Dataflow"]
    if not flows:
        message = "the stack has no dataflows to describe: name another one with --stack"
        raise Impossible(message)
    specs = {each.id: str(each.outputs.get("connectionSpecId")) for each in resources if each.type_name == "TargetConnection"}
    for flow in flows:
        organization, sandbox = (str(flow.outputs.get(key) or "") for key in ("orgId", "sandboxName"))
        own = flow.own_settings or settings
        snapshot = choose(given, organization, sandbox) if given else snapshot_of(own, organization, sandbox)
        segments, attributes = _shown(flow, _SEGMENTS), _shown(flow, _ATTRIBUTES)
        untyped = list(_untyped(str(given or own.get("snapshot")), snapshot, organization, sandbox))
        types = f"types of the snapshot of {snapshot.date}" if snapshot and not untyped else "types are not known"
        schema = record_schema(
            [attribute["path"] for attribute in attributes if isinstance(attribute.get("path"), str)],
            segments,
            snapshot,
            title=flow.name,
            description=f"A record of dataflow {flow.id} in sandbox {sandbox}; {types}",
        )
        notes = [
            *untyped,
            *_about_selectors(flow, segments, attributes, snapshot),
            *_about_targets(flow, specs),
        ]
        yield Description(flow.id, flow.name, sandbox, schema, sample(schema), notes)


def write(descriptions: list[Description], out: Path) -> None:
    """Write schemas and samples into a directory, a file each, under the names of their dataflows."""
    ids = [_file_name(each.id) for each in descriptions]
    stems = [_file_name(each.name) or id_ for each, id_ in zip(descriptions, ids, strict=True)]
    taken = Counter(stem.casefold() for stem in stems)
    try:
        out.mkdir(parents=True, exist_ok=True)
        for each, stem, id_ in zip(descriptions, stems, ids, strict=True):
            unique = stem if taken[stem.casefold()] == 1 else f"{stem}-{id_}"
            for kind, value in (("schema", each.schema), ("sample", each.sample)):
                path = out / f"{unique}.{kind}.json"
                path.write_text(json.dumps(value, indent=2) + "\n")
                each.files.append(str(path))
    except OSError as refused:
        message = f"cannot write to {out}: {refused.strerror}"
        raise Impossible(message) from None


def _file_name(text: str) -> str:
    return _UNSAFE.sub("-", text).strip("-.")


def _shown(flow: Resource, key: str) -> list[dict[str, Any]]:
    """Return the selectors that a stack holds under a key, none if they are secret there."""
    listed = [] if _is_secret(flow, key) else flow.outputs[key]
    return [members_of(item) for item in listed]


def _is_secret(flow: Resource, key: str) -> bool:
    roots = {path.partition(".")[0] for path in secret_paths(dict(flow.outputs))}
    return key in roots or not isinstance(flow.outputs.get(key), list)


def _untyped(configured: str, snapshot: Snapshot | None, organization: str, sandbox: str) -> Iterator[str]:
    if snapshot and snapshot.fields is not None:
        return
    if snapshot:
        why = f"{snapshot.file} holds no fields of the profile"
    elif configured:
        why = f"{configured} is not of sandbox {sandbox} of {organization}, and holds nothing that is"
    else:
        why = "no snapshot is configured or given"
    yield f"types of attributes are not known, and not asserted: {why}"


def _about_selectors(
    flow: Resource, segments: list[dict[str, Any]], attributes: list[dict[str, Any]], snapshot: Snapshot | None
) -> Iterator[str]:
    for key in (_SEGMENTS, _ATTRIBUTES):
        if _is_secret(flow, key):
            yield f"{to_snake(key)}: secret in the stack, and left out"
    if not segments and not _is_secret(flow, _SEGMENTS):
        yield "no segment is activated, so nothing is sent"
    for attribute in attributes:
        path = str(attribute.get("path"))
        problem = snapshot.path_problem(path) if snapshot else ""
        if problem:
            yield f"{path}: {problem}"
        mapped_to = _destination(members_of(attribute.get("mapping")))
        if mapped_to not in {"", path}:
            yield f"{path}: is mapped to {mapped_to}, and no document says under which of the two a record has it"


def _destination(mapping: Mapping[str, Any]) -> str:
    """Return the path that the mapping of a selector leads to, "" if it names none."""
    named = (mapping.get(key) for key in ("destinationXdmPath", "destination"))
    return next((path for path in named if isinstance(path, str) and path), "")


def _about_targets(flow: Resource, specs: Mapping[str, str]) -> Iterator[str]:
    for id_ in flow.outputs.get("targetConnectionIds") or ():
        if specs.get(id_) not in {None, *_DOCUMENTED}:
            documented = "Adobe shows such records of Kinesis, Event Hubs and the HTTP API"
            yield f"{documented}; its target is of connection spec {specs[id_]}"

"""The file that `aep-streaming snapshot` writes, read as what an emulated sandbox has.

The file says less than the service shows, and what it does not say is not held against anything: which of several parameters is
needed, and between which connection specs a flow spec flows.
"""

from __future__ import annotations

import re
import shlex
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pulumi_aep_streaming.emulator.bodies import parsed
from pulumi_aep_streaming.emulator.contents import Contents
from pulumi_aep_streaming.emulator.kinds import Json
from pulumi_aep_streaming.emulator.samples import profiles_of
from pulumi_aep_streaming.emulator.schemas import schema

VERSION = 1
_MOST_BYTES = 64 * 2**20
_DEEPEST = 64
_NAMEABLE = re.compile("[!-.0-~]+")
"""What a header can name, and what tells an organization from its sandbox in a place."""
_WAYS = {"streaming": "continuous", "edge": "synchronous", "batch": "batch"}
"""Kinds of evaluation in the words of the file and in those of the service."""

_TEXT, _TEXT_OR_NULL, _FLAG = (str,), (str, type(None)), (bool,)
_PARAMETERS = [{"name": _TEXT, "type": _TEXT_OR_NULL, "required": _FLAG, "secret": _FLAG}]
_SPEC = {"id": _TEXT, "name": _TEXT, "version": _TEXT}
_FORM: Any = {
    "organization": _TEXT,
    "sandbox": _TEXT,
    "date": _TEXT,
    "connectionSpecs": [
        {**_SPEC, "authentications": [{"name": _TEXT, "params": _PARAMETERS}], "targetParams": _PARAMETERS},
    ],
    "flowSpecs": [_SPEC],
    "fields": [{"path": _TEXT, "type": _TEXT_OR_NULL}],
    "audiences": [
        {
            **dict.fromkeys(("id", "systemSegmentId"), _TEXT),
            **dict.fromkeys(("name", "namespace", "lifecycleState", "evaluation", "mergePolicyId"), _TEXT_OR_NULL),
        }
    ],
}
"""What is where: a value of one of some types, an object of exactly these members, or a list of such, or null for a list."""
_WORDS = {str: "text", type(None): "null", bool: "true or false"}


class Unusable(ValueError):
    """A file from which no emulator can start; the text is one line that says why, and what to do."""


@dataclass(frozen=True)
class Snapshot:
    """A place, and what it has."""

    organization: str
    sandbox: str
    contents: Contents


def read(path: str | Path) -> Snapshot:
    """Return what a file says. Raises `Unusable` if it is missing, cannot be read, is broken, or newer than this package."""
    try:
        status = Path(path).stat()
        if not stat.S_ISREG(status.st_mode) or status.st_size > _MOST_BYTES:
            raise Unusable(f"{path} is no snapshot: it is no plain file, or larger than {_MOST_BYTES >> 20} MB")
        content = Path(path).read_bytes()
    except FileNotFoundError:
        raise Unusable(f"there is no snapshot {path}: check its path, or write it: {_command(path)}") from None
    except OSError as refused:
        raise Unusable(f"the snapshot {path} cannot be read: {refused.strerror}") from None
    try:
        found = parsed(content)
    except ValueError:
        raise _broken(path, "it is no JSON") from None
    if not isinstance(found, dict):
        raise _broken(path, "it holds no object")
    version = found.pop("version", None)
    if type(version) is not int or version < 1:
        raise _broken(path, "version is no whole number from 1 on")
    if version > VERSION:
        raise Unusable(f"{path} is a snapshot of version {version}: this package knows {VERSION}; upgrade pulumi-aep-streaming")
    why = _wrong(found, _FORM, "it") or next(_nonsense(found), "")
    if why:
        raise _broken(path, why)
    return _snapshot(found)


def _broken(path: str | Path, why: str) -> Unusable:
    return Unusable(f"{path} is no snapshot: {why}; read it anew: {_command(path)}")


def _command(path: str | Path) -> str:
    return f"aep-streaming snapshot --out {shlex.quote(str(path))}"


def _wrong(value: Any, form: Any, where: str) -> str:
    """Return what is not as the form of the file has it."""
    if isinstance(form, tuple):
        return "" if type(value) in form else f"{where} is no {' or '.join(_WORDS[type_] for type_ in form)}"
    if isinstance(form, dict):
        if type(value) is not dict or value.keys() != form.keys():
            return f"{where} is no object of {', '.join(form)}"
        parts = [(value[key], inner, f"{where}.{key}") for key, inner in form.items()]
    elif type(value) in {list, type(None)}:
        parts = [(each, form[0], f"{where}[{number}]") for number, each in enumerate(value or ())]
    else:
        return f"{where} is no list or null"
    return next((wrong for part in parts if (wrong := _wrong(*part))), "")


def _nonsense(found: Json) -> Iterator[str]:
    """Yield what is of the right form, and can be nothing that a service has."""
    yield from (
        f"it.{key} is none that a call could name" for key in ("organization", "sandbox") if not _is_nameable(found[key])
    )
    for number, field in enumerate(found["fields"] or ()):
        if sum(map(field["path"].count, ".[{")) > _DEEPEST:
            yield f"it.fields[{number}].path is deeper than any field of a profile"
    for number, audience in enumerate(found["audiences"] or ()):
        if audience["evaluation"] not in {*_WAYS, None}:
            yield f"it.audiences[{number}].evaluation is none of {', '.join(_WAYS)}"


def _is_nameable(name: str) -> bool:
    return _NAMEABLE.fullmatch(name) is not None


def _snapshot(found: Json) -> Snapshot:
    fields = None if found["fields"] is None else {field["path"]: field["type"] for field in found["fields"]}
    return Snapshot(
        found["organization"],
        found["sandbox"],
        Contents(
            _each(_connection_spec, found["connectionSpecs"]),
            found["flowSpecs"],
            fields,
            _each(_audience, found["audiences"]),
            profiles_of(fields),
        ),
    )


def _each(make: Any, part: list[Json] | None) -> list[Json] | None:
    return None if part is None else [make(each) for each in part]


def _connection_spec(spec: Json) -> Json:
    """Return a spec as the service shows it: without what the file does not say."""
    shown = {key: spec[key] for key in _SPEC}
    if spec["authentications"] is not None:
        shown["authSpec"] = [
            {"name": kind["name"], "type": "KeyBased", **_schema(kind["params"])} for kind in spec["authentications"]
        ]
    if spec["targetParams"] is not None:
        shown["targetSpec"] = {"name": spec["name"], **_schema(spec["targetParams"])}
    return shown


def _schema(params: list[Json] | None) -> Json:
    if params is None:
        return {}
    shown: list[dict[str, Json]] = [{}, {}]
    for param in params:
        type_ = {} if param["type"] is None else {"type": param["type"]}
        shown[not param["required"]][param["name"]] = {**type_, **({"format": "password"} if param["secret"] else {})}
    return {"spec": schema(*shown)}


def _audience(audience: Json) -> Json:
    """Return an audience as the store keeps it: what is None is not shown."""
    way = _WAYS.get(audience["evaluation"])
    return {
        "id": audience["systemSegmentId"],
        "audienceId": audience["id"],
        "evaluationInfo": way and {each: {"enabled": each == way} for each in _WAYS.values()},
        **{key: audience[key] for key in ("name", "namespace", "lifecycleState", "mergePolicyId")},
    }

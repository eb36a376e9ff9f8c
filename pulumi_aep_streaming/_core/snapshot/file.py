"""The file: how a snapshot is written and read, and how one is chosen for a place.

One JSON object, made for reviews: sorted by id, and each audience, field and parameter, as anything that holds nothing in turn,
on a line of its own. Others write the names in it: what is not printable is escaped.
"""

from __future__ import annotations

import json
import os
import stat
import threading
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from pulumi_aep_streaming._core.snapshot.contents import (
    Audience,
    Authentication,
    ConnectionSpec,
    Field,
    FlowSpec,
    Parameter,
    Snapshot,
    command_for,
)
from pulumi_aep_streaming._core.values import to_snake
from pulumi_aep_streaming.flow_service.errors import Misconfigured
from pulumi_aep_streaming.flow_service.json_of_others import parsed

VERSION = 1
_MOST_BYTES = 64 * 2**20
_TEXT, _TEXT_OR_NULL, _FLAG = (str,), (str, type(None)), (bool,)
_MEMBERS: Mapping[type, Mapping[str, Any]] = {
    Parameter: {"name": _TEXT, "type": _TEXT_OR_NULL, "required": _FLAG, "secret": _FLAG},
    Authentication: {"name": _TEXT, "params": Parameter},
    ConnectionSpec: {
        "id": _TEXT,
        "name": _TEXT,
        "version": _TEXT,
        "authentications": Authentication,
        "targetParams": Parameter,
    },
    FlowSpec: {"id": _TEXT, "name": _TEXT, "version": _TEXT},
    Field: {"path": _TEXT, "type": _TEXT_OR_NULL},
    Audience: {
        "id": _TEXT,
        "name": _TEXT_OR_NULL,
        "namespace": _TEXT_OR_NULL,
        "systemSegmentId": _TEXT,
        "lifecycleState": _TEXT_OR_NULL,
        "evaluation": _TEXT_OR_NULL,
        "mergePolicyId": _TEXT_OR_NULL,
    },
    Snapshot: {
        "organization": _TEXT,
        "sandbox": _TEXT,
        "date": _TEXT,
        "connectionSpecs": ConnectionSpec,
        "flowSpecs": FlowSpec,
        "fields": Field,
        "audiences": Audience,
    },
}
"""What each object in the file holds, in this order: a value of one of these types, or null or a list of such objects."""

_loaded: dict[tuple[str, str], tuple[tuple[int, ...], Snapshot]] = {}
"""What this process has read, by folder and file, with what told that version of the file apart."""
_lock = threading.Lock()


class _Broken(ValueError):
    """The content is none of a snapshot; the text says where."""


def dump(snapshot: Snapshot) -> bytes:
    """Return the content of the file, whatever the order in which things were read."""
    return (_laid_out({"version": VERSION, **_plain(snapshot)}, "") + "\n").encode()


def loads(content: bytes, file: str, sandbox: str = "") -> Snapshot:
    """Return what a file says. Raises `Misconfigured` if it is broken, or newer than this package.

    The sandbox that it should be of, if that is known, is for lines.
    """
    try:
        found = parsed(content)
        if not isinstance(found, dict):
            raise _Broken("it holds no object")
        version = found.pop("version", None)
        if not isinstance(version, int) or isinstance(version, bool) or version < 1:
            raise _Broken("version is no whole number from 1 on")
        if version > VERSION:
            message = f"{file} is a snapshot of version {version}: this package knows {VERSION}; upgrade pulumi-aep-streaming"
            raise Misconfigured(message)
        return replace(_object(Snapshot, found, "it"), file=file)
    except ValueError as broken:
        why = str(broken) if isinstance(broken, _Broken) else "it is no JSON"
        message = f"{file} is no snapshot: {why}; read it anew: {command_for(file, sandbox)}"
        raise Misconfigured(message) from None


def load(path: str | Path, folder: str = "", sandbox: str = "") -> Snapshot:
    """Return what a file says, read once a process as long as it stays as it is. A relative path begins at the folder.

    The sandbox, if it is known, is for lines: how to write the file that is missing or broken.
    Raises `Misconfigured` if it is missing, cannot be read, is broken, or newer than this package.
    """
    place = os.path.join(folder, path)  # noqa: PTH118 (a path may be any text)
    try:
        status = os.stat(place)  # noqa: PTH116 (likewise)
        if not stat.S_ISREG(status.st_mode) or status.st_size > _MOST_BYTES:
            message = f"{path} is no snapshot: it is no plain file, or larger than {_MOST_BYTES >> 20} MB"
            raise Misconfigured(message)
        version = (status.st_mtime_ns, status.st_size, status.st_ino)
        with _lock:
            if _loaded.get((folder, str(path)), ((),))[0] != version:
                _loaded[folder, str(path)] = version, loads(Path(place).read_bytes(), str(path), sandbox)
            return _loaded[folder, str(path)][1]
    except FileNotFoundError:
        message = f"there is no snapshot {path}: check its path, or write it: {command_for(str(path), sandbox)}"
        raise Misconfigured(message) from None
    except (OSError, ValueError) as refused:  # the latter: a name that no file can have
        message = f"the snapshot {path} cannot be read: {getattr(refused, 'strerror', None) or refused}"
        raise Misconfigured(message) from None


def choose(path: str | Path, organization: str, sandbox: str, folder: str = "") -> Snapshot | None:
    """Return the snapshot of a place: the file, or the one in a folder of them, that is of it; None if none is.

    A relative path begins at `folder`, and lines show it as it is given. In a folder of snapshots, all files that end in
    `.json` are snapshots, but for hidden ones, which editors and systems leave. An organization that is not known, "", may
    be any.
    Raises `Misconfigured` as `load`, and if two files of a folder are of the place, or may be.
    """
    files = _files(path, folder)
    of = sandbox if files == [str(path)] else ""  # in a folder, a broken file may be another sandbox's
    found: dict[str, Snapshot] = {}
    for snapshot in (load(file, folder, of) for file in files):
        if snapshot.sandbox != sandbox or organization not in {"", snapshot.organization}:
            continue
        other = found.setdefault(snapshot.organization, snapshot)
        if other is not snapshot:
            message = f"{other.file} and {snapshot.file} are both snapshots of sandbox {sandbox}: remove one of them"
            raise Misconfigured(message)
    if len(found) > 1:
        one, another, *_ = [snapshot.file for snapshot in found.values()]
        message = f"{one} and {another} are of two organizations with a sandbox {sandbox}: set aep:orgId (or AEP_ORG_ID)"
        raise Misconfigured(message)
    return next(iter(found.values()), None)


def single(path: str | Path, folder: str = "") -> Snapshot | None:
    """Return what a file says, whatever place it is of; None for a folder of them. Raises `Misconfigured` as `load`."""
    return load(path, folder) if _files(path, folder) == [str(path)] else None


def salvaged(path: str | Path, organization: str, sandbox: str) -> list[Audience] | None:
    """Return the audiences in a file that is broken, as by a merge; None unless it is one of the place, as far as it shows."""
    if not Path(path).is_file():  # a pipe would be waited for
        return None
    try:
        text = Path(path).read_text(errors="replace")
    except OSError:
        return None
    head = ((f'"{key}"', value) for key, value in (("version", VERSION), ("organization", organization), ("sandbox", sandbox)))
    if not all(f"{key}: {json.dumps(value)}," in text for key, value in head):
        return None
    return list(_audiences_in(text))


def _audiences_in(text: str) -> Iterator[Audience]:
    for line in text.split("\n"):
        try:
            yield _object(Audience, parsed(line.strip().rstrip(",").encode()), "")
        except ValueError:
            continue


def _files(path: str | Path, folder: str) -> list[str]:
    place = os.path.join(folder, path)  # noqa: PTH118 (likewise)
    try:
        if not os.path.isdir(place):  # noqa: PTH112 (likewise)
            return [str(path)]
        names = [name for name in os.listdir(place) if name.endswith(".json") and not name.startswith(".")]  # noqa: PTH208
        return sorted(os.path.join(path, name) for name in names)  # noqa: PTH118 (likewise)
    except OSError as refused:
        message = f"the folder of snapshots {path} cannot be read: {refused.strerror}"
        raise Misconfigured(message) from None


def _object(kind: Any, found: Any, where: str) -> Any:
    """Return an object of the file. Raises `_Broken` if it holds anything else than such an object does."""
    members = _MEMBERS[kind]
    if type(found) is not dict or found.keys() != members.keys():
        raise _Broken(f"{where} is no object of {', '.join(members)}")
    values = []
    for (key, form), value in zip(members.items(), map(found.get, members), strict=True):
        if not isinstance(form, tuple):
            values.append(_objects(form, value, f"{where}.{key}"))
        elif isinstance(value, form):
            values.append(value)
        else:
            raise _Broken(f"{where}.{key} is no {' or '.join(_NAMES[type_] for type_ in form)}")
    return kind(*values)


_NAMES = {str: "text", type(None): "null", bool: "true or false"}


def _objects(kind: Any, found: Any, where: str) -> Any:
    if found is None:
        return None
    if type(found) is not list:
        raise _Broken(f"{where} is no list or null")
    return tuple(_object(kind, each, f"{where}[{number}]") for number, each in enumerate(found))


def _plain(found: Any) -> dict[str, Any]:
    """Return an object as JSON has it, with all lists sorted."""
    members = _MEMBERS[type(found)]
    values = {key: getattr(found, to_snake(key)) for key in members}
    return {
        key: value if isinstance(members[key], tuple) or value is None else [_plain(each) for each in sorted(value, key=_rank)]
        for key, value in values.items()
    }


def _rank(found: Any) -> tuple[str, str, str]:
    """Return where an object stands in its list: by id, name or path, of which all but audiences have one each."""
    space = (found.namespace or "") + found.system_segment_id if isinstance(found, Audience) else ""
    return found[0], space, repr(found)


def _laid_out(value: Any, indent: str) -> str:
    """Return a value as JSON: one that holds objects or lists over several lines, any other on one."""
    inner, end = f"\n{indent}  ", f"\n{indent}"
    if isinstance(value, list) and value:
        return f"[{inner}{f',{inner}'.join(_laid_out(each, f'{indent}  ') for each in value)}{end}]"
    if isinstance(value, dict) and any(isinstance(member, list) for member in value.values()):
        members = (f"{json.dumps(key)}: {_laid_out(member, f'{indent}  ')}" for key, member in value.items())
        return f"{{{inner}{f',{inner}'.join(members)}{end}}}"
    line = json.dumps(value, ensure_ascii=False)
    return line if line.isprintable() else "".join(each if each.isprintable() else json.dumps(each)[1:-1] for each in line)

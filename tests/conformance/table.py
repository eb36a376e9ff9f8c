"""Where the package or the emulator disagrees with Adobe's OpenAPI files, by number, and the defect of the file behind it.

`python tests/conformance/table.py` prints it as docs/conformance.md has it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

Specification = dict[str, Any]
SPECIFICATIONS = Path(__file__).resolve().parents[3] / "shared/specs"  # beside the checkout, where somebody has put them
FLOW_SERVICE, DESTINATIONS = "flow-service.yaml", "destinations.yaml"


@dataclass(frozen=True)
class Disagreement:
    """A row. Either the file is mended before it is asked, so that all else in it counts; or deviations are expected."""

    number: int
    file: str
    where: str
    what: str
    """What the file says, and what its own examples, Adobe's guides or both say instead."""
    mend: Callable[[Specification], None] | None = None
    expected: str = ""
    """A pattern of `operation, part: problem`."""

    def covers(self, deviation: Any) -> bool:
        """Whether this row expects a deviation."""
        text = f"{deviation.operation}, {deviation.part}: {deviation.problem}"
        return deviation.file == self.file and bool(self.expected) and re.fullmatch(self.expected, text) is not None


def _merge_paths_with_a_slash(file: Specification) -> None:
    for path in [path for path in file["paths"] if path.endswith("/")]:
        file["paths"].setdefault(path.rstrip("/"), {}).update(file["paths"].pop(path))


def _take_any_operation(file: Specification) -> None:
    properties = file["components"]["schemas"]["PatchInstruction"]["properties"]
    properties["op"]["enum"] = ["add", "replace", "remove"]
    properties["value"] = {}


def _take_a_list_of_operations(file: Specification) -> None:
    for path, item in file["paths"].items():
        if re.fullmatch(r"/connections/{[^/]*}/?", path) and "patch" in item:
            content = item["patch"]["requestBody"]["content"]["application/json"]
            content["schema"] = {"type": "array", "items": content["schema"]}


def _act_without_sub_operation(file: Specification) -> None:
    for parameter in file["paths"]["/flows/{FLOW_ID}/action"]["post"]["parameters"]:
        if parameter["name"] == "subOp":
            parameter["required"] = False
        if parameter["name"] == "op":
            parameter["schema"]["enum"] = [action.lower() for action in parameter["schema"]["enum"]]


def _wrap_items(file: Specification) -> None:
    for path in ("/connections", "/sourceConnections", "/targetConnections"):
        for place in (path, f"{path}/{{id}}"):
            content = _read(file, place)
            content["schema"] = {"type": "object", "properties": {"items": {"type": "array", "items": content["schema"]}}}


def _read_streaming_flows(file: Specification) -> None:
    for path in ("/flows", "/flows/{id}"):
        _read(file, path)["schema"] = {"$ref": "#/components/schemas/Streaming_Flow"}
    file["components"]["schemas"]["BaseFlowItem"]["required"].remove("description")


def _take_objects_for_objects(file: Specification) -> None:
    for schema in _schemas(file["components"]["schemas"]):
        if "properties" in schema and schema.get("type") == "string":
            schema["type"] = "object"
    inherited = file["components"]["schemas"]["BaseFlowItem"]["properties"]["inheritedAttributes"]["properties"]
    for member in ("sourceConnections", "targetConnections"):
        inherited[member] = {"type": "array", "items": inherited[member]}
    for kind in ("SourceConnectionItem", "TargetConnectionItem"):
        inherited = file["components"]["schemas"][kind]["properties"]["inheritedAttributes"]["properties"]
        inherited["baseConnection"] = {"type": "object"}


def _know_more_than_file_destinations(file: Specification) -> None:
    schemas = file["components"]["schemas"]
    schemas["ConnectionItem"]["required"].remove("auth")
    schemas["ConnectionItem"]["properties"]["auth"] = {"type": "object"}
    schemas["TargetConnectionItem"]["properties"]["params"] = {"type": "object"}


def _read(file: Specification, path: str) -> Specification:
    return file["paths"][path]["get"]["responses"]["200"]["content"]["application/json"]


def _schemas(node: Any) -> Iterator[Specification]:
    if isinstance(node, dict):
        yield node
        for child in node.values():
            yield from _schemas(child)


TABLE = [
    Disagreement(
        1,
        FLOW_SERVICE,
        "PATCH, DELETE /connections/{id}",
        "has them under `/connections/{id}/`, and GET under `/connections/{id}`; they are one",
        mend=_merge_paths_with_a_slash,
    ),
    Disagreement(
        2,
        FLOW_SERVICE,
        "PATCH",
        "spells operations in upper case and wants an object as value; the guides write lower case, and strings for names",
        mend=_take_any_operation,
    ),
    Disagreement(
        3,
        FLOW_SERVICE,
        "PATCH /connections/{id}",
        "takes one operation; the examples send a list of them",
        mend=_take_a_list_of_operations,
    ),
    Disagreement(
        4,
        FLOW_SERVICE,
        "POST /flows/{id}/action",
        "requires `subOp`, and wants `op` in upper case; the guides send `op=enable` alone",
        mend=_act_without_sub_operation,
    ),
    Disagreement(
        5,
        FLOW_SERVICE,
        "DELETE",
        "describes content for 204, which has none",
        expected=r"DELETE .*, answer 204: missing response data",
    ),
    Disagreement(
        6,
        FLOW_SERVICE,
        "DELETE",
        "answers 204, where destinations.yaml and the guides also have 202",
        expected=r"DELETE .*, answer 202: status not described",
    ),
    Disagreement(
        7,
        FLOW_SERVICE,
        "PATCH",
        "answers 200 with id and etag; the tutorial shows 202 and no body",
        expected=r"PATCH .*, answer 202: status not described",
    ),
    Disagreement(
        8,
        FLOW_SERVICE,
        "all",
        "describes few errors (403, 503, here and there 400, 401, 500); the error catalogue and the other file have more",
        expected=r".*, answer (400|401|403|404|412|422): status not described",
    ),
    Disagreement(
        9,
        FLOW_SERVICE,
        "all",
        "says of an error's body that it has none of any type; the guides and the other file print JSON",
        expected=r".*, answer (401|403): content for the following mimetype not found: application/json",
    ),
    Disagreement(
        10,
        DESTINATIONS,
        "GET of connections, source and target connections",
        "answers the bare object; all its examples wrap it in `items`",
        mend=_wrap_items,
    ),
    Disagreement(
        11,
        DESTINATIONS,
        "GET of flows",
        "wants exactly one of two schemas that both fit, and a description, which a create may omit",
        mend=_read_streaming_flows,
    ),
    Disagreement(
        12,
        DESTINATIONS,
        "GET: inheritedAttributes",
        "types objects as strings and lists as objects; its examples do not",
        mend=_take_objects_for_objects,
    ),
    Disagreement(
        13,
        DESTINATIONS,
        "GET of connections and target connections",
        "knows credentials and parameters of S3 and SFTP only, and requires credentials, which the profile store has none of",
        mend=_know_more_than_file_destinations,
    ),
    Disagreement(
        14,
        DESTINATIONS,
        "PATCH /connections/{id}",
        "takes one operation; the examples send a list of them",
        mend=_take_a_list_of_operations,
    ),
    Disagreement(
        15,
        DESTINATIONS,
        "PATCH /connections/{id}",
        "allows credentials of S3 and SFTP as values only, not even a name",
        expected=r"PATCH /connections/{id}, request: body\[\]\.value: oneOf",
    ),
    Disagreement(
        16,
        DESTINATIONS,
        "PATCH /flows/{id}",
        "wants a value to fit exactly one of several schemas that overlap; no segment selector does, nor a name",
        expected=r"PATCH /flows/{id}, request: body\[\]\.value: oneOf",
    ),
    Disagreement(
        17,
        DESTINATIONS,
        "POST /connections, /targetConnections",
        "allows bodies of S3 and SFTP only; the guides create Kinesis and Event Hubs with them",
        expected=r"POST /(connections|targetConnections), request: body: oneOf",
    ),
    Disagreement(
        18,
        DESTINATIONS,
        "POST /flows",
        "types the transformations of a streaming flow as a string; the guides send a list",
        expected=r"POST /flows, request: body: oneOf",
    ),
    Disagreement(
        19,
        DESTINATIONS,
        "PATCH of source and target connections",
        "does not describe them; flow-service.yaml and the guides do",
        expected=r"PATCH /(source|target)Connections/{id}, .*: method not described",
    ),
    Disagreement(
        20,
        DESTINATIONS,
        "DELETE",
        "answers 202, where flow-service.yaml and the guides also have 204",
        expected=r"DELETE .*, answer 204: status not described",
    ),
    Disagreement(
        21,
        DESTINATIONS,
        "PATCH",
        "answers 200 with id and etag; the tutorial shows 202 and no body",
        expected=r"PATCH .*, answer 202: status not described",
    ),
    Disagreement(
        22,
        DESTINATIONS,
        "all",
        "describes 401, 403 and 500, and 400, 404, 412, 422 here and there only; the error catalogue has them throughout",
        expected=r".*, answer (400|404|422): status not described",
    ),
    Disagreement(
        23,
        DESTINATIONS,
        "GET /runs",
        "allows Success, Processing, Waiting and Failed as the status of a run; its examples have `success`",
        expected=r"GET /runs, answer 200: body\.items\[\]\.metrics\.statusSummary\.status: enum",
    ),
    Disagreement(
        24,
        DESTINATIONS,
        "GET",
        "allows enabled and disabled as states; flow-service.yaml has those in between, such as updating",
        expected=r"GET .*, answer 200: body\.items\[\]\.state: enum",
    ),
]


def rendered() -> str:
    """The table, as Markdown."""
    lines = [
        "# Conformance to Adobe's OpenAPI files",
        "",
        "While the tests run, every kind of request that the package sends, and of answer that the emulator gives, is compared",
        "with `flow-service.yaml` and `destinations.yaml` of AdobeDocs/experience-platform-apis, where they are at hand. The",
        "files contradict their own examples, Adobe's guides and each other in places. These are all disagreements: one that",
        "is not listed fails the run, and so does one that no longer happens. *Mended*: the file is put right first, and the",
        "rest of it counts. *Expected*: this much is let pass.",
        "",
        "Written by `python tests/conformance/table.py > docs/conformance.md`.",
        "",
        "| | file | where | what the file says | |",
        "|---|---|---|---|---|",
    ]
    lines += [
        f"| {row.number} | {row.file} | {row.where} | {row.what} | {'mended' if row.mend else 'expected'} |" for row in TABLE
    ]
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    print(rendered(), end="")  # noqa: T201 (a command prints)

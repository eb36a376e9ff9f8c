"""The program that declares what was adopted: readable, formatted, without a secret in it."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Iterator

from pulumi_aep_streaming._core.merges.selectors import SEGMENTS
from pulumi_aep_streaming._core.specs import ConnectionSpecId, FlowSpecId
from pulumi_aep_streaming._core.values import Bag, to_snake
from pulumi_aep_streaming._program.args import Members, keys_of, of_spec, secrets_of
from pulumi_aep_streaming.base_connection import KNOWN_AUTHS
from pulumi_aep_streaming.cli._inventory import Adoptable
from pulumi_aep_streaming.cli._names import comment, literal, resource_name
from pulumi_aep_streaming.cli._plan import Component, Plan
from pulumi_aep_streaming.destination_args import KNOWN_DESTINATIONS, KnownDestinationArgs
from pulumi_aep_streaming.target_connection import KNOWN_TARGETS

_SPECS = {spec.value: f"aep.ConnectionSpecId.{spec.name}" for spec in ConnectionSpecId}
_SECRETS = {secret for class_ in KNOWN_AUTHS for secret in secrets_of(class_)}


def program(plan: Plan, sandbox: str, *, with_credentials: bool) -> str:
    """Return the text of `__main__.py`."""
    writer = _Writer(plan, with_credentials=with_credentials)
    sections = [
        *(
            _section(title, [write(writer, adoptable) for adoptable in plan.standing_alone(type_name)])
            for type_name, (title, write) in SECTIONS.items()
        ),
        _section("Destinations", map(writer.component, plan.components)),
    ]
    uses_config = any("config.require" in section for section in sections)
    config = "\nconfig = pulumi.Config()\n" if uses_config else ""
    imports = "import pulumi\nimport pulumi_aep_streaming as aep\n" if uses_config else "import pulumi_aep_streaming as aep\n"
    head = f'"""{_docstring(sandbox)}"""\n\nfrom __future__ import annotations\n\n{imports}{config}'
    return head + "".join(sections)


def config_keys(plan: Plan) -> list[tuple[str, bool]]:
    """Return the config keys that credentials are taken from, and whether each is secret."""
    settings = [
        (plan.variables[base.id], argument) for base in plan.standing_alone("BaseConnection") for argument in _arguments(base)
    ]
    for component in plan.components:
        if "base" in component.children:
            settings += [(component.variable, argument) for argument in _of_component(component.children["base"])]
    return [(_key(variable, argument), argument in _SECRETS) for variable, argument in settings]


class _Writer:
    """Writes one resource at a time."""

    def __init__(self, plan: Plan, *, with_credentials: bool) -> None:
        self._plan, self._with_credentials = plan, with_credentials

    def base(self, adoptable: Adoptable) -> str:
        spec = adoptable.inputs["connectionSpecId"]
        classes = of_spec(KNOWN_AUTHS, spec)
        if self._with_credentials and classes:
            variable = self._plan.variables[adoptable.id]
            settings = [_setting(variable, argument) for argument in _arguments(adoptable)]
            what = [f"auth={_call(f'aep.{classes[0].__name__}', settings)}"]
        else:
            what = [f"connection_spec_id={_SPECS[spec]}"]
        return self._resource("BaseConnection", adoptable, [*what, *_version(adoptable.inputs, "connectionSpec")])

    def source(self, adoptable: Adoptable) -> str:
        inputs = adoptable.inputs
        usual = inputs["connectionSpecId"] == ConnectionSpecId.UNIFIED_PROFILE.value
        spec = [] if usual else [f"connection_spec_id={_SPECS[inputs['connectionSpecId']]}"]
        where = f"base_connection_id={self._reference(inputs['baseConnectionId'])}"
        return self._resource("SourceConnection", adoptable, [where, *spec, *_format(inputs)])

    def target(self, adoptable: Adoptable) -> str:
        inputs = adoptable.inputs
        where = f"base_connection_id={self._reference(inputs['baseConnectionId'])}"
        class_ = of_spec(KNOWN_TARGETS, inputs["connectionSpecId"])[0]
        params = f"params={_call(f'aep.{class_.__name__}', _members(class_, inputs['params']))}"
        return self._resource("TargetConnection", adoptable, [where, params, *_format(inputs)])

    def flow(self, adoptable: Adoptable) -> str:
        inputs = adoptable.inputs
        sources = _list([self._reference(id_) for id_ in inputs["sourceConnectionIds"]])
        targets = _list([self._reference(id_) for id_ in inputs["targetConnectionIds"]])
        spec = inputs["flowSpecId"]
        flow_spec = [] if spec == FlowSpecId.PROFILE_BASED_DESTINATION.value else [f"flow_spec_id={literal(spec)}"]
        connections = [f"source_connection_ids={sources}", f"target_connection_ids={targets}"]
        selectors = [*flow_spec, *_version(inputs, "flowSpec"), *self._selectors(inputs)]
        return self._resource("Dataflow", adoptable, [*connections, *selectors])

    def component(self, component: Component) -> str:
        flow, target = component.children["flow"].inputs, component.children["target"].inputs
        credentials: list[str] = []
        shared: list[str] = []
        if "base" in component.children:
            base = component.children["base"]
            credentials = [_setting(component.variable, argument) for argument in _of_component(base)]
        else:
            shared.append(f"base_connection={self._shared(target['baseConnectionId'])}")
        if "source" not in component.children:
            shared.append(f"source_connection={self._shared(flow['sourceConnectionIds'][0])}")
        class_ = _destination_of(target["connectionSpecId"])
        arguments = [*_members(class_.target_class, target["params"]), *credentials]
        what = f"destination={_call(f'aep.{class_.__name__}', arguments)}"
        written = [literal(component.name), *_labels(component.name, flow), what, *shared, *self._selectors(flow)]
        return f"{component.variable} = {_call('aep.StreamingDestination', written)}\n"

    def _resource(self, kind: str, adoptable: Adoptable, arguments: list[str]) -> str:
        variable = self._plan.variables[adoptable.id]
        name = resource_name(variable)
        arguments = [literal(name), *_labels(name, adoptable.inputs), *arguments]
        return f"{variable} = {_call(f'aep.{kind}', arguments)}\n"

    def _reference(self, id_: str) -> str:
        """Refer to another resource; to one that another stack manages, by its id."""
        variable = self._plan.variables.get(id_)
        return f"{variable}.id" if variable else literal(id_)

    def _shared(self, id_: str) -> str:
        return self._plan.variables.get(id_) or literal(id_)

    def _selectors(self, inputs: Bag) -> Iterator[str]:
        names = self._plan.inventory.segment_names
        if inputs["segments"]:
            items = [(_segment(segment), comment(names.get(SEGMENTS.of(segment), ""))) for segment in inputs["segments"]]
            yield f"segments={_lines(items)}"
        if inputs["profileAttributes"]:
            yield f"profile_attributes={_lines([(literal(each['path']), '') for each in inputs['profileAttributes']])}"


SECTIONS = {
    "BaseConnection": ("Profile store and accounts", _Writer.base),
    "SourceConnection": ("What is sent", _Writer.source),
    "TargetConnection": ("Streams", _Writer.target),
    "Dataflow": ("Dataflows", _Writer.flow),
}
"""The title above the resources of each kind, and how one is written down."""


def _docstring(sandbox: str) -> str:
    text = f"Streaming destinations of sandbox {comment(sandbox)}."
    return text.replace("\\", "\\\\").replace('"', '\\"')


def _section(title: str, resources: Iterable[str]) -> str:
    text = "".join(resources)
    return f"\n# {title}\n{text}" if text else ""


def _labels(resource: str, inputs: Bag) -> Iterator[str]:
    if inputs["name"] != resource:
        yield f"name={literal(inputs['name'])}"
    if "description" in inputs:
        yield f"description={literal(inputs['description'])}"


def _version(inputs: Bag, spec: str) -> Iterator[str]:
    if inputs[f"{spec}Version"] != "1.0":
        label = "connection_spec_version" if spec == "connectionSpec" else "flow_spec_version"
        yield f"{label}={literal(inputs[f'{spec}Version'])}"


def _format(inputs: Bag) -> Iterator[str]:
    if inputs["dataFormat"] != "json":
        yield f"data_format={literal(inputs['dataFormat'])}"
    yield from _version(inputs, "connectionSpec")


def _destination_of(spec_id: str) -> type[KnownDestinationArgs]:
    return next(class_ for class_ in KNOWN_DESTINATIONS if class_.target_class.connection_spec.value == spec_id)


def _members(class_: type[Members], params: Bag) -> list[str]:
    return [f"{to_snake(key)}={literal(params[key])}" for key in keys_of(class_).known if key in params]


def _arguments(account: Adoptable) -> list[str]:
    """Return the arguments of an account's credentials: of those of which one is needed, the ones that it has, or the first.

    All of it is taken from config, also what is no secret: it may have been shown masked.
    """
    for class_ in of_spec(KNOWN_AUTHS, account.inputs["connectionSpecId"])[:1]:
        keys = keys_of(class_)
        chosen = [key for key in keys.one_of if key in account.auth_keys] or list(keys.one_of[:1])
        return [to_snake(key) for key in (*keys.required, *chosen)]
    return []


def _of_component(account: Adoptable) -> list[str]:
    """Return those that a component asks for: what the stream has, too, is said once."""
    targets = of_spec(KNOWN_TARGETS, account.inputs["connectionSpecId"])
    of_stream = {to_snake(key) for class_ in targets for key in keys_of(class_).known}
    return [argument for argument in _arguments(account) if argument not in of_stream]


def _setting(variable: str, argument: str) -> str:
    require = "require_secret" if argument in _SECRETS else "require"
    return f"{argument}=config.{require}({literal(_key(variable, argument))})"


def _key(variable: str, argument: str) -> str:
    return f"{variable.strip('_')}_{argument}"


def _segment(segment: Bag) -> str:
    """Return how a segment is declared: an external audience by more than its id."""
    if segment.keys() == {"id"}:
        return literal(segment["id"])
    return _call("aep.SegmentSelectorArgs", [f"{to_snake(key)}={literal(value)}" for key, value in segment.items()])


def _list(items: list[str]) -> str:
    return f"[{items[0]}]" if len(items) == 1 else _lines([(item, "") for item in items])


def _lines(items: list[tuple[str, str]]) -> str:
    return "[\n" + "".join(textwrap.indent(f"{item},{f'  # {said}' if said else ''}\n", "    ") for item, said in items) + "]"


def _call(function: str, arguments: Iterable[str]) -> str:
    return f"{function}(\n" + "".join(textwrap.indent(argument, "    ") + ",\n" for argument in arguments) + ")"

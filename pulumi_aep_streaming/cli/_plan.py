"""Which resources an adopted sandbox becomes: what goes into a component, what each is called, what is shared."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

from pulumi_aep_streaming._core.specs import ConnectionSpecId
from pulumi_aep_streaming._program.args import of_spec
from pulumi_aep_streaming.auth_args import KNOWN_AUTHS, KnownAuthArgs
from pulumi_aep_streaming.cli._inventory import Adoptable, Inventory
from pulumi_aep_streaming.cli._names import names_of, resource_name, shorter
from pulumi_aep_streaming.destination_args import KNOWN_DESTINATIONS


@dataclass(frozen=True)
class Component:
    """A StreamingDestination: its variable, and its children by role (`profile`, `source`, `base`, `target`, `flow`)."""

    variable: str
    children: dict[str, Adoptable]

    @property
    def name(self) -> str:
        """Its Pulumi name."""
        return resource_name(self.variable)


@dataclass
class Plan:
    """Variables of resources that stand alone, by id; and components. What is shared stands alone."""

    inventory: Inventory
    variables: dict[str, str] = field(default_factory=dict)
    components: list[Component] = field(default_factory=list)

    def standing_alone(self, type_name: str) -> list[Adoptable]:
        """Return the resources of a kind that are in no component."""
        return [adoptable for adoptable in self.inventory.of(type_name) if adoptable.id in self.variables]


def plan(inventory: Inventory, *, with_credentials: bool) -> Plan:
    """Put chains that a component would name as they are named into components; the rest stands alone."""
    variables = names_of(inventory)
    result = Plan(inventory, dict(variables))
    uses = Counter(_references(inventory))
    for flow in inventory.of("Dataflow"):
        children = dict(_children(flow, inventory, uses, with_credentials=with_credentials))
        if "target" in children:
            result.components.append(Component(shorter(variables[flow.id], set(variables.values())), children))
            for child in children.values():
                del result.variables[child.id]
    return result


def _references(inventory: Inventory) -> Iterator[str]:
    """Yield an id each time that something refers to it."""
    for adoptable in inventory.adoptable.values():
        yield adoptable.inputs.get("baseConnectionId", "")
        yield from adoptable.inputs.get("sourceConnectionIds", [])
        yield from adoptable.inputs.get("targetConnectionIds", [])


def _children(
    flow: Adoptable, inventory: Inventory, uses: Counter[str], *, with_credentials: bool
) -> Iterator[tuple[str, Adoptable]]:
    """Yield what a component would make for a dataflow: used by nothing else, and called as it would call it."""
    sources, targets = flow.inputs["sourceConnectionIds"], flow.inputs["targetConnectionIds"]
    if len(sources) > 1 or len(targets) > 1 or not _is_plain(flow, but={"description"}):
        return
    target = _own(inventory, uses, targets[0], f"{flow.name}-target")
    if target is None:
        return
    yield "flow", flow
    yield "target", target
    base = _own(inventory, uses, target.inputs["baseConnectionId"], f"{flow.name}-base")
    if base is not None and with_credentials and _is_of_component(base):
        yield "base", base
    source = _own(inventory, uses, sources[0], f"{flow.name}-source")
    profile = _own(inventory, uses, source.inputs["baseConnectionId"], f"{flow.name}-profile") if source else None
    if source and profile:
        yield "profile", profile
        yield "source", source


def _own(inventory: Inventory, uses: Counter[str], id_: str, name: str) -> Adoptable | None:
    found = inventory.adoptable.get(id_)
    usual = found is not None and found.name == name and uses[id_] == 1
    return found if found and usual and _is_plain(found) else None


def credentials_of(account: Adoptable) -> type[KnownAuthArgs] | None:
    """Return the Args of an account's credentials, the usual ones if it does not show which; None if they are not known."""
    classes = of_spec(KNOWN_AUTHS, account.inputs["connectionSpecId"])
    name = account.authentication
    return next((class_ for class_ in classes if name in {"", class_.authentication}), None)


def _is_of_component(account: Adoptable) -> bool:
    """Whether a component spells out such credentials: others are for an account that stands alone."""
    of_one_hub = "eventHubName" in account.auth_keys
    return credentials_of(account) in {class_.auth_class for class_ in KNOWN_DESTINATIONS} and not of_one_hub


def _is_plain(adoptable: Adoptable, but: frozenset[str] | set[str] = frozenset()) -> bool:
    """Whether a component could declare an object: it takes no description of it, no version and no format."""
    usual = {"connectionSpecVersion": "1.0", "flowSpecVersion": "1.0", "dataFormat": "json", "description": None}
    inputs = adoptable.inputs
    return all(inputs.get(key, value) == value for key, value in usual.items() if key not in but) and (
        adoptable.type_name != "SourceConnection" or inputs["connectionSpecId"] == ConnectionSpecId.UNIFIED_PROFILE.value
    )

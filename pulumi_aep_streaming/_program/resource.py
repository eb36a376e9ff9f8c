"""The program's side of a resource: from Python arguments to the property bag that the engine keeps."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

import pulumi
import pulumi.dynamic
from typing_extensions import Self  # a dependency of pydantic; typing has it from 3.11 on

from pulumi_aep_streaming._core import marker
from pulumi_aep_streaming._core.values import to_camel, to_snake
from pulumi_aep_streaming._dynamic.provider import FlowServiceProvider
from pulumi_aep_streaming._program.options import (
    PACKAGE,
    named_when_known,
    refuse_import,
    refuse_lost_providers,
    with_property_names,
)
from pulumi_aep_streaming._program.outputs import defaulted, id_to_read, refuse_unsendable, secret_inputs, sendable
from pulumi_aep_streaming._program.property_paths import Shape, Spelling, first_name
from pulumi_aep_streaming._program.run import this_run


class FlowServiceResource(pulumi.dynamic.Resource):
    """Base of the four resources: property names, the ownership marker, and the options that name properties."""

    _provider_class: ClassVar[type[FlowServiceProvider]]
    _secret_in_references: ClassVar[tuple[str, ...]] = ()
    _always_secret: ClassVar[tuple[str, ...]] = ()
    _argument_paths: ClassVar[Mapping[str, str]] = {}
    _inside: ClassVar[Mapping[str, Shape]] = {}
    _refers_to: ClassVar[Mapping[str, str]] = {}
    """The properties that hold ids of our resources, and of which class."""

    def __init__(
        self,
        resource_name: str,
        properties: Mapping[str, Any],
        opts: pulumi.ResourceOptions | None,
        in_sight: Mapping[str, Any] | None = None,
    ) -> None:
        """Register it; `in_sight` is what is declared of properties that are secret as a whole, as far as that can be seen."""
        refuse_lost_providers(resource_name, opts)
        refuse_import(resource_name, opts, f"give adopt_id={opts and opts.import_!r}, or run aep-streaming adopt")
        # A property becomes an attribute only if it is in the bag, if only as None.
        bag: dict[str, Any] = {**dict.fromkeys(("orgId", "managedBy", "nonce")), **properties}
        spelling = Spelling({**bag, **(in_sight or {})}, self._inside, self._argument_paths)
        opts = with_property_names(resource_name, opts, spelling)
        for key in self._inside:
            bag[key] = named_when_known(resource_name, opts, spelling, key, bag[key])
        if opts.id is None:
            this_run().claim(type(self), resource_name, opts.parent)
            bag["name"] = defaulted(bag["name"], resource_name)
            bag["managedBy"] = self._owner(resource_name, opts)
        for key, value in bag.items():
            refuse_unsendable(f"{resource_name}: {to_snake(key)}", value, self._refers_to.get(key, ""))
        for key in properties:
            if key not in self._refers_to:  # most are ids of resources, and Outputs take their time
                bag[key] = sendable(f"{resource_name}: {to_snake(key)}", bag[key])
        bag["secretInputs"] = self._secret_inputs(bag, opts)
        super().__init__(self._provider_class(), resource_name, bag, opts)

    @property
    @pulumi.getter
    def name(self) -> pulumi.Output[str]:
        """The name of the object in Flow Service. Updated in place."""
        return pulumi.get(self, "name")

    @property
    @pulumi.getter
    def description(self) -> pulumi.Output[str | None]:
        """The description, without the ownership marker. Updated in place."""
        return pulumi.get(self, "description")

    @property
    @pulumi.getter(name="sandboxName")
    def sandbox_name(self) -> pulumi.Output[str]:
        """The sandbox that the object lives in. A changed argument replaces the object."""
        return pulumi.get(self, "sandboxName")

    @property
    @pulumi.getter(name="orgId")
    def org_id(self) -> pulumi.Output[str]:
        """The organization that the object lives in, `...@AdobeOrg`."""
        return pulumi.get(self, "orgId")

    @classmethod
    def get(
        cls,
        resource_name: str,
        id: pulumi.Input[str],  # noqa: A002 (Pulumi's own name for it)
        *,
        sandbox_name: pulumi.Input[str] | None = None,
        opts: pulumi.ResourceOptions | None = None,
    ) -> Self:
        """Return a read-only reference to an existing object: the engine reads it, and never updates or deletes it.

        Needs credentials, in previews too.

        Args:
            resource_name: The Pulumi name of the reference.
            id: The id of the object.
            sandbox_name: Where it lives. Default: `aep:sandboxName`.
            opts: Resource options.
        """
        reference = cls.__new__(cls)
        mine = pulumi.ResourceOptions(
            id=id_to_read(f"{resource_name}: id", id), additional_secret_outputs=[*cls._secret_in_references] or None
        )
        names = map(to_camel, cls._provider_class().kind.inputs.model_fields)
        properties = {**dict.fromkeys(names), "sandboxName": sandbox_name}
        opts = pulumi.ResourceOptions.merge(opts, mine)
        FlowServiceResource.__init__(reference, resource_name, properties, opts)
        return reference

    def _secret_inputs(self, bag: Mapping[str, Any], opts: pulumi.ResourceOptions) -> Any:
        named = opts.additional_secret_outputs or [] if opts.id is None else []
        declared = {key: value for key, value in bag.items() if key not in self._always_secret}
        return secret_inputs(declared, (path for path in named if first_name(path) in declared))

    def _owner(self, resource_name: str, opts: pulumi.ResourceOptions) -> pulumi.Input[str]:
        organization, token = pulumi.get_organization(), f"{PACKAGE}:{self._resource_type_name}"
        if opts.parent is None:  # no Output is needed, and many of them take their time
            urn = f"urn:pulumi:{pulumi.get_stack()}::{pulumi.get_project()}::{token}::{resource_name}"
            return marker.owner(organization, urn)
        owner = pulumi.create_urn(resource_name, token, opts.parent).apply(lambda known: marker.owner(organization, known))
        # A URN depends on the parent's; as an input, it would make a component depend on its own child.
        return pulumi.Output(set(), owner.future(), owner.is_known())  # type: ignore[arg-type]  # None only if unknown


class StreamConnectionResource(FlowServiceResource):
    """Base of source and target connections: the properties that both have."""

    _refers_to = {"baseConnectionId": "BaseConnection"}
    _inside = {"params": ...}

    @property
    @pulumi.getter(name="baseConnectionId")
    def base_connection_id(self) -> pulumi.Output[str]:
        """The base connection."""
        return pulumi.get(self, "baseConnectionId")

    @property
    @pulumi.getter(name="connectionSpecId")
    def connection_spec_id(self) -> pulumi.Output[str]:
        """The connection spec."""
        return pulumi.get(self, "connectionSpecId")

    @property
    @pulumi.getter(name="connectionSpecVersion")
    def connection_spec_version(self) -> pulumi.Output[str]:
        """The version of the connection spec."""
        return pulumi.get(self, "connectionSpecVersion")

    @property
    @pulumi.getter(name="dataFormat")
    def data_format(self) -> pulumi.Output[str]:
        """The format of the data."""
        return pulumi.get(self, "dataFormat")

    @property
    @pulumi.getter
    def params(self) -> pulumi.Output[dict[str, Any]]:
        """The parameters as declared."""
        return pulumi.get(self, "params")

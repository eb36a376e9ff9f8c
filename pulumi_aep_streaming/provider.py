"""Provider: another organization, other credentials or another sandbox than the stack's config names.

The engine knows all dynamic resources as one package, `pulumi-python`; so it hands an explicit provider to every dynamic
resource below a component that has it, also to those of other packages, which then run in a process of their own with this
configuration instead of the stack's.
"""

from __future__ import annotations

from typing import Any

import pulumi

from pulumi_aep_streaming._core.settings import EXPLICIT, NAMESPACE
from pulumi_aep_streaming._core.values import to_camel, without_none
from pulumi_aep_streaming._program.options import PACKAGE, with_property_names
from pulumi_aep_streaming._program.outputs import then
from pulumi_aep_streaming._program.property_paths import Spelling


class Provider(pulumi.ProviderResource):
    """An explicit provider, for `ResourceOptions(provider=...)`. It reads neither stack config nor environment.

    Changing it touches no resource. `pulumi refresh` and `pulumi destroy` run on what the last `up` stored: after rotating its
    secret, run `up` first, or give them `--run-program`.

    Example:
        ```python
        europe = aep.Provider(
            "europe",
            org_id="0123456789ABCDEF@AdobeOrg",
            client_id=config.require("europeClientId"),
            client_secret=config.require_secret("europeClientSecret"),
            sandbox_name="prod",
        )
        profiles = aep.BaseConnection(
            "profiles-in-europe",
            connection_spec_id=aep.ConnectionSpecId.UNIFIED_PROFILE,
            opts=pulumi.ResourceOptions(provider=europe),
        )
        ```
    """

    def __init__(
        self,
        resource_name: str,
        *,
        org_id: pulumi.Input[str] | None = None,
        client_id: pulumi.Input[str] | None = None,
        client_secret: pulumi.Input[str] | None = None,
        access_token: pulumi.Input[str] | None = None,
        sandbox_name: pulumi.Input[str] | None = None,
        endpoint: pulumi.Input[str] | None = None,
        ims_endpoint: pulumi.Input[str] | None = None,
        scopes: pulumi.Input[str] | None = None,
        timeout_seconds: pulumi.Input[float] | None = None,
        max_retries: pulumi.Input[int] | None = None,
        ownership_marker: pulumi.Input[bool] | None = None,
        snapshot: pulumi.Input[str] | None = None,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        """Declare a provider. Nothing of it is needed until a call is made; the defaults are those of the config keys.

        Args:
            resource_name: The Pulumi name.
            org_id: The organization, `...@AdobeOrg`.
            client_id: The client id of OAuth server-to-server credentials; also the API key.
            client_secret: The secret of the client. Secret.
            access_token: A token of your own, instead of `client_secret`. Secret.
            sandbox_name: Where new objects go. Default: none, so that each resource has to say.
            endpoint: The address of Adobe's services. Default: `https://platform.adobe.io`.
            ims_endpoint: The address that tokens come from. Default: `https://ims-na1.adobelogin.com`.
            scopes: What a token is asked for, separated by commas. Default: the scopes that Adobe documents.
            timeout_seconds: The time for the whole of each request, to the last byte of its answer. Default: 30.
            max_retries: How often to repeat a request that may be sent twice. Default: 5.
            ownership_marker: Whether descriptions end in a marker that says whose the object is. Default: True.
            snapshot: A file of `aep-streaming snapshot`, or a folder of them, that checks and look-ups read; relative to the
                nearest Pulumi.yaml at or above the working folder. Default: none.
            opts: Resource options.
        """
        given = {
            "org_id": org_id,
            "client_id": client_id,
            "client_secret": None if client_secret is None else pulumi.Output.secret(client_secret),
            "access_token": None if access_token is None else pulumi.Output.secret(access_token),
            "sandbox_name": sandbox_name,
            "endpoint": endpoint,
            "ims_endpoint": ims_endpoint,
            "scopes": scopes,
            "timeout_seconds": then(timeout_seconds, str),
            "max_retries": then(max_retries, str),
            "ownership_marker": then(ownership_marker, str),
            "snapshot": snapshot,
        }
        settings = {f"{NAMESPACE}:{to_camel(name)}": value for name, value in without_none(given).items()}
        # The engine prefixes keys without a namespace with the project's name.
        self.config: dict[str, Any] = {**settings, EXPLICIT: resource_name}
        names = Spelling({to_camel(name): value for name, value in given.items()}, namespace=f"{NAMESPACE}:")
        super().__init__(PACKAGE, resource_name, dict(self.config), with_property_names(resource_name, opts, names))

"""Settings: where and as whom to call Flow Service. Stack config under `aep:`, environment variables under `AEP_`.

Credentials: the environment wins, since `refresh` and `destroy` run on the config that the last `up` stored and could not see a
rotated secret otherwise. Places: stack config wins, so that a stray variable cannot move anything.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from pulumi_aep_streaming._core.specs import nearest
from pulumi_aep_streaming._core.values import to_snake
from pulumi_aep_streaming.flow_service.addresses import is_loopback

NAMESPACE = "aep"
CREDENTIALS = {
    "clientId": "AEP_CLIENT_ID",
    "clientSecret": "AEP_CLIENT_SECRET",
    "accessToken": "AEP_ACCESS_TOKEN",
}
"""Config keys and environment variables; of these, the environment wins."""
PLACES = {
    "orgId": "AEP_ORG_ID",
    "sandboxName": "AEP_SANDBOX_NAME",
    "endpoint": "AEP_ENDPOINT",
    "imsEndpoint": "AEP_IMS_ENDPOINT",
}
"""Of these, stack config wins."""
BEHAVIOUR = {
    "scopes": "AEP_SCOPES",
    "timeoutSeconds": "AEP_TIMEOUT_SECONDS",
    "maxRetries": "AEP_MAX_RETRIES",
    "ownershipMarker": "AEP_OWNERSHIP_MARKER",
    "snapshot": "AEP_SNAPSHOT",
}
"""Likewise."""
RECLAIM = "AEP_RECLAIM"
"""The variable that names a stack, `PROJECT/STACK`, whose objects one run takes over from another state. No key, on purpose."""
_STACK = re.compile(r"[^/\s]+/[^/\s]+")
EXPLICIT = f"{NAMESPACE}:provider"
"""The key under which an explicit provider gives its own name, and by which it is known."""
KEYS = tuple(f"{NAMESPACE}:{key}" for key in (CREDENTIALS | PLACES | BEHAVIOUR))
"""Every config key that the provider reads, with its namespace."""
_KEY = re.compile(rf"{NAMESPACE}:([A-Za-z]+)( \(or AEP_[A-Z_]+\))?")
_PROJECT_FILES = ("Pulumi.yaml", "Pulumi.yml", "Pulumi.json")
_VISIBLE = re.compile(r"[!-~]*")
_ADDRESS = re.compile(
    r"(?P<scheme>https?)://(?P<host>\[[^\]]*\]|[^:/?#\\\[\]]+)(:(?P<port>\d{1,5}))?(/[^?#\\]*)?", re.IGNORECASE
)
"""Nothing that two parsers could read in two ways: no user, no query, no backslash."""
_LABEL = re.compile(r"(?!-)[A-Za-z0-9_-]{1,63}(?<!-)")
_LONGEST_HOST = 253
_LARGEST_PORT = 65_535
_NUMBERS = (("timeoutSeconds", float, 0.001, 3_600), ("maxRetries", int, 0, 100))
"""Keys, and from what to what they may be."""
DEFAULTS = {
    "endpoint": "https://platform.adobe.io",
    "imsEndpoint": "https://ims-na1.adobelogin.com",
    "scopes": "openid,AdobeID,read_organizations,additional_info.projectedProductContext,session",
    "timeoutSeconds": "30",
    "maxRetries": "5",
    "ownershipMarker": "true",
}


@dataclass(frozen=True)
class Settings:
    """What was configured, as it was written. Never fails: `problems` says what is wrong with it."""

    values: tuple[tuple[str, str], ...] = field(default=(), repr=False)
    warnings: tuple[str, ...] = ()
    provider: str = ""
    """The name of the explicit provider that they come from, "" if they are the stack's."""
    reclaim: str = ""
    """The stack whose objects this run reclaims, `PROJECT/STACK`, whatever the provider; "" for none."""

    def reclaims(self, owner: object) -> bool:
        """Whether this run reclaims the objects of an owner, `project/stack/resource#key`."""
        return bool(_STACK.fullmatch(self.reclaim)) and str(owner).startswith(f"{self.reclaim}/")

    def reclaim_problems(self) -> Iterator[str]:
        """Yield a line if the stack to reclaim cannot be one. It stops an `up`; `refresh` and `destroy` never look at it."""
        if self.reclaim and not _STACK.fullmatch(self.reclaim):
            yield f"{RECLAIM} is {self.reclaim!r}, but must be PROJECT/STACK"

    def in_its_words(self, line: str) -> str:
        """Return a message that names config keys (`aep:orgId (or AEP_ORG_ID)`), as arguments of the explicit provider."""
        if not self.provider:
            return line
        return _KEY.sub(lambda found: f"{to_snake(found[1])} of the provider {self.provider}", line)

    def get(self, key: str) -> str:
        """Return a setting by its config key, "" if it is not set."""
        return dict(self.values).get(key, "")

    @property
    def ownership_marker(self) -> bool:
        """Whether objects get the ownership marker."""
        return self.get("ownershipMarker").lower() != "false"

    def problems(self) -> Iterator[str]:
        """Yield one line for each setting that cannot be used; no I/O, and nothing is missing yet."""
        for key in ("endpoint", "imsEndpoint"):
            yield from _address_problems(key, self.get(key))
        for key in CREDENTIALS | PLACES:
            if not _VISIBLE.fullmatch(self.get(key)):
                yield f"aep:{key} holds a character that no HTTP header can carry"
        for key, number, least, most in _NUMBERS:
            try:
                usable = least <= number(self.get(key)) <= most
            except ValueError:
                usable = False
            if not usable:
                yield f"aep:{key} is {self.get(key)!r}, but must be a number from {least} to {most}"
        if self.get("ownershipMarker").lower() not in {"true", "false"}:
            yield f"aep:ownershipMarker is {self.get('ownershipMarker')!r}, but must be true or false"


def project_folder() -> Path | None:
    """Return the folder of the project that `pulumi` would work on: the nearest, from the working folder upwards."""
    here = Path.cwd()
    return next((each for each in (here, *here.parents) if any((each / name).is_file() for name in _PROJECT_FILES)), None)


def load(config: Mapping[str, str | None], environ: Mapping[str, str]) -> Settings:
    """Combine config (keys with namespace) and environment; the config of an explicit provider stands alone."""
    values, warnings = dict(DEFAULTS), []
    provider, reclaim = config.get(EXPLICIT) or "", environ.get(RECLAIM, "").strip()
    if reclaim:
        warnings.append(f"{RECLAIM}={reclaim}: an up takes over the objects with markers of that stack, from any state")
    if provider:
        environ = {}
    for key, variable in (CREDENTIALS | PLACES | BEHAVIOUR).items():
        # Secrets that come from files often end in a line break.
        configured = str(config.get(f"{NAMESPACE}:{key}") or "").strip()
        from_environment = environ.get(variable, "").strip()
        chosen = from_environment or configured if key in CREDENTIALS else configured or from_environment
        if chosen:
            values[key] = chosen
        if key in PLACES and configured and from_environment and configured != from_environment:
            used, other = (_shown(key, value) for value in (configured, from_environment))
            warnings.append(f"aep:{key} is {used} in the stack's config, {variable} is {other}: using {used}")
    if environ.get("AEP_CLIENT_SECRET") and not environ.get("AEP_ACCESS_TOKEN"):
        values.pop("accessToken", None)  # the environment wins, also over the other kind of credentials
    return Settings(tuple(sorted(values.items())), tuple(warnings), provider, reclaim)


def unknown(keys: Iterable[str]) -> Iterator[str]:
    """Yield a line for each config key in the provider's namespace that is none of its settings."""
    for key in sorted(keys):
        if not key.startswith(f"{NAMESPACE}:") or key in {*KEYS, EXPLICIT}:
            continue
        meant = nearest(key.partition(":")[2], CREDENTIALS | PLACES | BEHAVIOUR)
        if meant:
            yield f"{key} is no setting, did you mean {NAMESPACE}:{meant}?"
        else:
            yield f"{key} is no setting of this package"


def _shown(key: str, value: str) -> str:
    """Return a setting as a line may show it: an address without a user and a password, which it is refused for later."""
    return value.rpartition("@")[2] if key in {"endpoint", "imsEndpoint"} else value


def _address_problems(key: str, address: str) -> Iterator[str]:
    parts = _ADDRESS.fullmatch(address)
    if not _VISIBLE.fullmatch(address):
        return  # said of all settings
    if "@" in address:
        yield f"aep:{key} holds a user or a password (what stands before @): take it out"
    elif not parts:
        yield f"aep:{key} is not a web address: {re.split(r'[?#]', address)[0]}"
    elif not _may_be_host(parts["host"]):
        yield f"aep:{key} names a host that cannot be: between dots are 1 to 63 letters, digits and hyphens"
    elif not 0 < int(parts["port"] or 1) <= _LARGEST_PORT:
        yield f"aep:{key} names a port that cannot be: they are from 1 to {_LARGEST_PORT}"
    elif parts["scheme"].lower() == "http" and not is_loopback(parts["host"].lower().strip("[]")):
        yield f"aep:{key} must be https: credentials would travel to {parts['host']} in clear"


def _may_be_host(host: str) -> bool:
    if host.startswith("["):
        return _is_ipv6(host.strip("[]"))
    labels = host.removesuffix(".").split(".")
    return len(host) <= _LONGEST_HOST and all(map(_LABEL.fullmatch, labels))


def _is_ipv6(host: str) -> bool:
    try:
        return bool(ipaddress.IPv6Address(host))
    except ValueError:
        return False

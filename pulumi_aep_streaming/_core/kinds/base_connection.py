"""Base connections: accounts at destinations, or the access to the profile store.

Source: `/connections` of the Flow Service API.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Annotated, Any, TypeVar

from pulumi_aep_streaming._core.changes import AUTHENTICATION, FIRST_VERSION, OnChange, has_unknown, is_unknown
from pulumi_aep_streaming._core.effects import Note
from pulumi_aep_streaming._core.inputs import Id, InputModel, Inputs, Params, Text, connection_spec_doubts, no_flow_spec
from pulumi_aep_streaming._core.kinds.kind import Kind, Replacement
from pulumi_aep_streaming._core.snapshot.knowledge import Knowledge
from pulumi_aep_streaming._core.specs import Keys, KnownSpecs, misspelt
from pulumi_aep_streaming._core.values import Bag, members_of, shown_only, texts_in, without_none
from pulumi_aep_streaming.flow_service.errors import Conflict
from pulumi_aep_streaming.flow_service.json_patch import Operation
from pulumi_aep_streaming.flow_service.models import Connection, Entity, Flow, StreamConnection

if TYPE_CHECKING:
    from pulumi_aep_streaming.flow_service.client import FlowService
    from pulumi_aep_streaming.flow_service.collection import Collection

S = TypeVar("S", bound=StreamConnection)


class AuthInputs(InputModel):
    """`auth` in its normal form."""

    spec_name: Text
    params: Params
    plain_params: Params | None = None


class BaseConnectionInputs(Inputs):
    """What is declared of a base connection."""

    connection_spec_id: Annotated[Id, OnChange.REPLACE]
    connection_spec_version: Annotated[Text, OnChange.REPLACE, FIRST_VERSION] = "1.0"
    auth: Annotated[AuthInputs | None, AUTHENTICATION] = None

    def problems(self, state: Bag, known: Knowledge) -> Iterator[str]:
        """Check the credentials against the connection spec, if it is one that is known."""
        yield from no_flow_spec("connection_spec_id", self.connection_spec_id, state.get("connectionSpecId"), known)
        names = self._authentications(known)
        if names is None or is_unknown(self.auth):
            return
        label = known.label_of(self.connection_spec_id)
        stored = members_of(state.get("auth"))
        if self.auth is None:
            needed = names and all(keys.required or keys.one_of for keys in names.values())
            if needed and not state and self.adopt_id is None:
                yield f"auth: required for a new connection to {label}"
        elif not names:
            if not stored:
                yield f"auth: {label} takes no credentials"
        else:
            name = self.auth.spec_name
            for keys in self._keys(names):
                yield from keys.problems("auth", _plain_and_secret(self.auth), _stored_members(self.auth, stored))
            if not is_unknown(name) and name != stored.get("specName") and (hint := _hint(name, names, known.specs)):
                yield f"{self._unknown_name(known)}{hint}{known.specs.source}"

    def warnings(self, state: Bag, known: Knowledge) -> Iterator[str]:
        """Name what is not known of authentications, keys and regions: Adobe and AWS add them."""
        yield from connection_spec_doubts("connection_spec_id", self.connection_spec_id, state.get("connectionSpecId"), known)
        names = self._authentications(known)
        if not names or self.auth is None or is_unknown(self.auth):
            return
        name, stored = self.auth.spec_name, members_of(state.get("auth"))
        for keys in self._keys(names):
            yield from keys.warnings("auth", _plain_and_secret(self.auth), _stored_members(self.auth, stored))
        if not is_unknown(name) and name not in {*names, stored.get("specName")} and not _hint(name, names, known.specs):
            which = "the sandbox has" if known.specs.source else "this package knows"
            yield f"{self._unknown_name(known)} that {which}; it is sent as it is{known.specs.source}"

    def _authentications(self, known: Knowledge) -> Mapping[str, Keys] | None:
        return None if is_unknown(self.connection_spec_id) else known.specs.authentications.get(self.connection_spec_id)

    def _keys(self, names: Mapping[str, Keys]) -> list[Keys]:
        if self.auth is None or is_unknown(self.auth.params):
            return []
        return _keys_of(self.auth.spec_name, _plain_and_secret(self.auth), names)

    def _unknown_name(self, known: Knowledge) -> str:
        message = f"auth.spec_name: is no authentication of {known.label_of(self.connection_spec_id)}"
        return message  # noqa: RET504 (what is shown is called so: the documentation's test looks for it)


def _plain_and_secret(auth: AuthInputs) -> dict[str, Any]:
    """Return all members of credentials."""
    return {**members_of(auth.plain_params), **members_of(auth.params)}


def _stored_members(auth: AuthInputs, stored: Bag) -> Bag | None:
    """Return all members of stored credentials; None if none were declared of this authentication."""
    if stored.get("specName") != auth.spec_name or AUTHENTICATION.is_moved(stored):
        return None
    return {**members_of(stored.get("plainParams")), **members_of(stored.get("params"))}


def _keys_of(spec_name: Any, members: Bag, names: Mapping[str, Keys]) -> list[Keys]:
    """Return the keys that credentials must have: none for a name that is not known, unless theirs say which."""
    if not is_unknown(spec_name) and spec_name in names:
        return [names[spec_name]]
    return [keys for keys in names.values() if keys.match(members)][:1]


def _hint(name: str, names: Mapping[str, Keys], known: KnownSpecs) -> str:
    """Return what was meant by a name that is nearly one of this spec, or one of another spec; else ""."""
    others = {other for authentications in known.authentications.values() for other in authentications}
    if name in names:
        return ""
    if meant := misspelt(name, names):
        return f", did you mean {meant}?"
    return f", use {' or '.join(names)}" if name in others else ""


class BaseConnectionKind(Kind[Connection]):
    """Base connections. The credentials are never read back: what the service shows of them may be masked."""

    noun = "base connection"
    type_name = "BaseConnection"
    model = Connection
    inputs = BaseConnectionInputs
    unread = ("auth",)

    def collection(self, service: FlowService) -> Collection[Connection]:
        """Return the collection of base connections."""
        return service.connections

    def body(self, desired: Bag) -> Bag:
        """Return connectionSpec and auth."""
        spec = {"id": desired["connectionSpecId"], "version": desired["connectionSpecVersion"]}
        auth = desired.get("auth")
        wire = {"specName": auth["specName"], "params": _auth_params(desired)} if auth else None
        return without_none({"connectionSpec": spec, "auth": wire})

    def operations(self, desired: Bag, state: Bag | None, live: Connection) -> list[Operation]:
        """Return one operation for changed credentials: the service replaces all of `params`, so all of it is sent."""
        params = _auth_params(desired)
        if not params or (
            state is not None
            and (params == _auth_params(state) or AUTHENTICATION.is_outdated(desired.get("auth"), state.get("auth")))
        ):
            return []
        name = live.auth_spec_name
        if name and name != desired["auth"]["specName"]:
            raise Conflict(f"its authentication was changed to {name!r} in Adobe's UI: run pulumi refresh, then declare that")
        shown = live.auth is not None and live.auth.params is not None
        return [{"op": "replace" if shown else "add", "path": "/auth/params", "value": params}]

    def live_inputs(self, state: Bag, live: Connection) -> Bag:
        """Return the connection spec, and which authentication is in use, but no credentials."""
        spec = live.connection_spec
        shown = shown_only({"connectionSpecId": spec and spec.id, "connectionSpecVersion": spec and spec.version})
        name = live.auth_spec_name
        if name and "auth" in state:
            shown["auth"] = state["auth"] if name == state["auth"]["specName"] else {"specName": name}
        return shown

    def shown(self, state: Bag) -> Bag:
        """Return its credentials."""
        auth = members_of(state.get("auth"))
        return {"auth": {"specName": auth.get("specName"), "params": _auth_params(state)} if auth else None}

    def restated(self, desired: Bag, state: Bag) -> Bag:
        """Return the credentials of state as desired, if only plain ones stand among the others now, or the reverse.

        So it is when `AuthArgs` become Args of their own. One that has become secret is a change: state has to hide it.
        """
        new, old = members_of(desired.get("auth")), members_of(state.get("auth"))
        same = new.get("specName") == old.get("specName") and _auth_params(desired) == _auth_params(state)
        if not same or has_unknown(new) or AUTHENTICATION.is_moved(old):
            return {}
        moved = members_of(new.get("plainParams")).keys() ^ members_of(old.get("plainParams")).keys()
        names = self.known.authentications.get(desired["connectionSpecId"], {})
        plain = [set(keys.known) - set(keys.secrets) for keys in _keys_of(new.get("specName"), _auth_params(desired), names)]
        return {"auth": new} if any(moved <= each for each in plain) else {}

    def announced_besides(self, desired: Bag, state: Bag) -> list[str]:
        """Return what another kind of authentication leads to, and what to do if the account has it already."""
        new, old = (members_of(bag.get("auth")).get("specName") for bag in (desired, state))
        if not new or not old or new == old or AUTHENTICATION.is_moved(state["auth"]):
            return []
        cost = "is a new account, and all that is built on it is replaced; if the account was moved to it in Adobe's UI, run"
        return [f"~ auth.specName: {old} -> {new}: another kind {cost} pulumi refresh first, and nothing is replaced"]

    def members_sent(self, path: str, desired: Bag, state: Bag) -> list[str] | None:
        """Return which credentials differ, and never a value."""
        if path != "/auth/params":
            return None
        new, old = _auth_params(desired), _auth_params(state)
        changed = [key for key in sorted({**old, **new}) if old.get(key) != new.get(key)]
        return [f"auth.{key}" for key in changed] or ["auth"]

    def narrow_filter(self, desired: Bag) -> str:
        """Filter by connection spec."""
        return f"connectionSpec.id=={desired['connectionSpecId']}"

    def unseen(self, desired: Bag, state: Bag) -> frozenset[str]:
        """Return the path of the credentials."""
        del desired, state
        return frozenset({"/auth/params"})

    def secrets_in(self, bags: Sequence[Bag]) -> list[str]:
        """Return also the credentials. Only a region is known to be none: of a dict or an Output, all else is secret."""
        params = [members_of(members_of(bag.get("auth")).get("params")) for bag in bags]
        credentials = texts_in([{key: value for key, value in each.items() if key != "region"} for each in params])
        return [*super().secrets_in(bags), *credentials]

    def children(self, service: FlowService, id_: str) -> Iterator[Entity]:
        """Yield the source and target connections inside of this connection."""
        yield from filter(service.source_connections.is_there, _inside(id_, service.source_connections))
        yield from filter(service.target_connections.is_there, _inside(id_, service.target_connections))

    def users(self, service: FlowService, id_: str) -> list[Flow]:
        """Return the dataflows whose source or target is inside of this connection, also those made in the UI."""
        sources, targets = _inside(id_, service.source_connections), _inside(id_, service.target_connections)
        flows = [flow for source in sources for flow in service.flows.using(source=source.id)]
        flows += [flow for target in targets for flow in service.flows.using(target=target.id)]
        return list({flow.id: flow for flow in flows}.values())

    def irreconcilable(self, desired: Bag, live: Connection) -> list[str]:
        """Return the keys in which it can never become what is desired, the authentication included."""
        name, declared = live.auth_spec_name, desired.get("auth", {}).get("specName")
        return [*super().irreconcilable(desired, live), *(["auth.specName"] if name and declared and name != declared else [])]

    def withheld(self, desired: Bag, state: Bag) -> Bag:
        """Return the authentication that the account was moved to, as long as the program declares another."""
        outdated = AUTHENTICATION.is_outdated(desired.get("auth"), state.get("auth"))
        return {"auth": state["auth"]} if outdated else {}

    def diff_warnings(self, desired: Bag, state: Bag) -> Iterator[str]:
        """Say that credentials of an authentication that the account was moved away from are not sent."""
        if AUTHENTICATION.is_outdated(desired.get("auth"), state.get("auth")):
            name, spec_name = desired.get("name"), state["auth"]["specName"]
            yield f"base connection {name}: its authentication is {spec_name!r} by now: other credentials are not sent"

    def drift(self, state: Bag, live: Connection) -> Iterator[Note]:
        """Say that the account was moved to another authentication."""
        name = live.auth_spec_name
        if name and name != state.get("auth", {}).get("specName", name):
            consequence = "nothing is replaced; declare it, with its credentials, to manage them again"
            yield Note(f"base connection {state['name']}: its authentication was changed to {name!r} by others: {consequence}")

    def replacement(self, desired: Bag, state: Bag, live: Connection, *, forced: bool) -> Replacement:
        """Return what is desired; raise `Conflict` if the account was moved to just the authentication that is declared."""
        del forced
        name, declared = live.auth_spec_name, desired.get("auth", {}).get("specName")
        if name and name == declared != state.get("auth", {}).get("specName"):
            message = f"its authentication was changed to {name!r} by others: run pulumi refresh, then up updates it in place"
            raise Conflict(message)
        return Replacement(desired)


def _auth_params(bag: Bag) -> dict[str, Any]:
    """Return all parameters of the credentials, as one object."""
    auth = members_of(bag.get("auth"))
    return {**members_of(auth.get("plainParams")), **members_of(auth.get("params"))}


def _inside(id_: str, streams: Collection[S]) -> list[S]:
    """Return the source or target connections inside of a base connection."""
    listed = streams.find_by_first(f"baseConnectionId=={id_}")
    return [stream for stream in listed if stream.base_connection_id in {id_, None}]

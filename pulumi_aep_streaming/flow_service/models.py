"""What Flow Service answers, as tolerant types: unknown members are kept, missing ones are empty.

Sources: flow-service.yaml and destinations.yaml of Adobe's API references, and the destinations guides, which show members
that the files lack.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Annotated, Any, ClassVar, TypeVar

from pydantic import BaseModel, BeforeValidator, ConfigDict, ValidationError, model_validator
from pydantic.alias_generators import to_camel

from pulumi_aep_streaming.flow_service.errors import Malformed
from pulumi_aep_streaming.flow_service.json_of_others import is_deep

LEAVING = "delete-finalizing"
"""The state of what is deleted, and goes on to be there for a while."""
# States in which the service still works on an object and refuses changes (error codes 1416, 1420, 1421, 1457).
TRANSIENT_STATES = frozenset(
    {
        "inProgress",
        "updating",
        "enabling",
        "disabling",
        "initializing",
        LEAVING,
        "enabled-finalizing",
    }
)


class Model(BaseModel):
    """A JSON object of the service."""

    model_config = ConfigDict(extra="allow", frozen=True, alias_generator=to_camel, populate_by_name=True, defer_build=True)


def _text(value: Any) -> Any:
    """A version may be written as a number."""
    return str(value) if isinstance(value, int | float) else value


def _list(value: Any) -> Any:
    """A list without items may be written as null."""
    return [] if value is None else value


def _object(value: Any) -> Any:
    """An object that is not shown may be written as null, as a mask, or as a list without members."""
    return value if isinstance(value, dict) else None


def _number(value: Any) -> Any:
    """A count or a time that is none is as good as absent."""
    return int(value) if isinstance(value, int | float) and not isinstance(value, bool) else None


JsonObject = Annotated[dict[str, Any] | None, BeforeValidator(_object)]

Number = Annotated[int | None, BeforeValidator(_number)]
"""A count, or epoch milliseconds."""


class SpecReference(Model):
    """A reference to a connection spec or a flow spec."""

    id: str = ""
    version: Annotated[str | None, BeforeValidator(_text)] = None


class Auth(Model):
    """The credentials of a connection. The values of `params` may be masked or left out: nothing documents which."""

    spec_name: str | None = None
    params: JsonObject = None


class Entity(Model):
    """What the four kinds of objects share."""

    id: str
    name: str | None = None
    description: str | None = None
    state: str | None = None
    etag: str | None = None
    version: Annotated[str | None, BeforeValidator(_text)] = None
    created_at: Number = None
    updated_at: Number = None

    whole: ClassVar[str] = "name"
    """A member that tells an object that is shown in full from one that is shown in short, as a list might."""

    @property
    def is_whole(self) -> bool:
        """Whether an object of a list can stand for a read of it."""
        return self.whole in self.model_fields_set

    @property
    def if_match(self) -> str | None:
        """The version of this object as an If-Match header wants it, or None if the service named none."""
        found = self.etag or self.version
        return quoted(found) if found else None


class Connection(Entity):
    """A base connection: an account, or the profile store."""

    whole = "connection_spec"

    connection_spec: SpecReference | None = None
    auth: Annotated[Auth | None, BeforeValidator(_object)] = None

    @property
    def auth_spec_name(self) -> str | None:
        """The name of its authentication, None if it is not shown."""
        return self.auth.spec_name if self.auth else None


class Data(Model):
    """The format of what is read or written."""

    format: str | None = None


class StreamConnection(Entity):
    """A source connection or a target connection: a place inside of a base connection."""

    whole = "params"

    base_connection_id: str | None = None
    """Left out in Adobe's examples of source connections, which name it among the inherited attributes only."""
    connection_spec: SpecReference | None = None
    data: Annotated[Data | None, BeforeValidator(_object)] = None
    params: JsonObject = None

    @model_validator(mode="before")
    @classmethod
    def _inherit(cls, shown: Any) -> Any:
        inherited = shown.get("inheritedAttributes") if isinstance(shown, dict) else None
        base = inherited.get("baseConnection") if isinstance(inherited, dict) else None
        if not isinstance(base, dict) or shown.get("baseConnectionId") is not None:
            return shown
        return {**shown, "baseConnectionId": base.get("id")}


class SourceConnection(StreamConnection):
    """Where dataflows take their data from."""


class TargetConnection(StreamConnection):
    """What dataflows deliver to."""


class Transformation(Model):
    """One step of a dataflow. A profile-based destination has one, GeneralTransform."""

    name: str | None = None
    params: JsonObject = None


class Flow(Entity):
    """A dataflow."""

    whole = "transformations"

    flow_spec: SpecReference | None = None
    source_connection_ids: Annotated[list[str], BeforeValidator(_list)] = []
    target_connection_ids: Annotated[list[str], BeforeValidator(_list)] = []
    transformations: Annotated[list[Transformation], BeforeValidator(_list)] = []

    @property
    def shows_selectors(self) -> bool:
        """Whether the lists of selectors are shown, if only as absent for being empty; a flow in short shows none."""
        return bool(self.transformations) and self.transformations[0].params is not None

    def selectors(self, member: str) -> list[Any] | None:
        """Return the list under "segmentSelectors" or "profileSelectors", as the service has it; None if it has none."""
        params = (self.transformations[0].params if self.transformations else None) or {}
        holder = params.get(member)
        found = holder.get("selectors") if isinstance(holder, dict) else None
        return found if isinstance(found, list) else None

    def selected(self, member: str) -> list[dict[str, Any]]:
        """Return the values of that list: `{id, name, ...}` of segments, `{path, ...}` of attributes."""
        values = [selector.get("value") for selector in self.selectors(member) or [] if isinstance(selector, dict)]
        return [value for value in values if isinstance(value, dict)]


class ConnectionSpec(Entity):
    """A kind of destination or source. Its `version` is the spec's own, and no etag; its schemas may be anything."""

    auth_spec: Any = None
    target_spec: Any = None


class FlowSpec(Entity):
    """A kind of dataflow. Its `version` is the spec's own, and no etag."""


class Segment(Model):
    """A segment definition."""

    id: str
    name: str | None = None
    description: str | None = None


M = TypeVar("M", bound=Model)


def read_as(model: type[M], shown: Any, what: str, masked: Callable[[str], str] = str) -> M:
    """Return what the service shows as an object.

    Raises `Malformed`, which says `what` it is and where it is wrong, `masked`, as names of members may be anything.
    """
    if is_deep(shown):
        raise Malformed(f"{what} was answered with members inside of members without end")
    try:
        return model.model_validate(shown)
    except ValidationError as invalid:
        where = ".".join(map(str, invalid.errors()[0]["loc"])) or "value"
        message = f"{what} was answered with an unexpected {where}"
        raise Malformed(masked(message)) from None


def readable(model: type[M], listed: Iterable[Any], noun: str, leave_out: Callable[[Malformed], None]) -> Iterator[M]:
    """Yield the objects of a list that can be read, and hand the errors of the others to `leave_out`."""
    for item in listed:
        try:
            yield read_as(model, item, f"{noun} {id_shown(item)}")
        except Malformed as odd:
            leave_out(odd)


def id_shown(item: Any) -> str:
    """Return what stands as the id of an object, whatever it is."""
    return str(item.get("id", "without id")) if isinstance(item, dict) else "without id"


def quoted(etag: str) -> str:
    """Return an etag with exactly one pair of quotes.

    Bodies carry it with literal quotes, without any (the tutorial), or escaped once more; If-Match wants one pair, and compares
    strongly (RFC 9110, 13.1.1), so that a weak one would never match.
    """
    bare = etag.strip().removeprefix("W/").strip('\\"')
    return f'"{bare}"'

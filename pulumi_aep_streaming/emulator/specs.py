"""Connection specs and flow specs, as Flow Service lists them."""

from __future__ import annotations

from dataclasses import dataclass

from starlette.requests import Request

from pulumi_aep_streaming.emulator.kinds import Json
from pulumi_aep_streaming.emulator.problems import flow_service, not_found


@dataclass(frozen=True)
class Specs:
    """The handlers of one kind of specs; None may not be read."""

    kind: str
    specs: list[Json] | None

    def list_specs(self, request: Request, place: str) -> Json:
        """Answer the list; `property` compares exactly."""
        del place
        wanted = dict(condition.partition("==")[::2] for condition in request.query_params.getlist("property"))
        return {"items": [spec for spec in self._read() if all(str(spec.get(key)) == value for key, value in wanted.items())]}

    def get_spec(self, request: Request, place: str) -> Json:
        """Answer one, by its id."""
        del place
        id_ = request.path_params["id"]
        found = [spec for spec in self._read() if spec["id"] == id_]
        if not found:
            raise not_found(self.kind, id_)
        return {"items": found}

    def _read(self) -> list[Json]:
        if self.specs is None:
            raise flow_service(2120, 403, f"no permission to view {self.kind}")
        return self.specs

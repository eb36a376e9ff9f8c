"""As many destinations as destinations.yaml lists, on one account."""

from __future__ import annotations

from pathlib import Path

import pulumi
import pydantic
import yaml

import pulumi_aep_streaming as aep

LIST = Path("destinations.yaml")


class Entry(pydantic.BaseModel, extra="forbid"):
    """One destination of the list."""

    name: str
    stream: str
    segments: list[str]
    attributes: list[str] = []


def entries() -> list[Entry]:
    """Read the list. Raises `pulumi.RunError`, one line for each mistake in it."""
    try:
        return pydantic.TypeAdapter(list[Entry]).validate_python(
            yaml.safe_load(LIST.read_text())
        )
    except pydantic.ValidationError as mistakes:
        lines = [
            f"{LIST}: {'.'.join(map(str, mistake['loc']))}: {mistake['msg']}"
            for mistake in mistakes.errors()
        ]
        raise pulumi.RunError("\n".join(lines)) from None


config = pulumi.Config()
region = config.require("region")

account = aep.BaseConnection(
    "account",
    auth=aep.KinesisAuthArgs(
        access_key_id=config.require("accessKeyId"),
        secret_key=config.require_secret("secretKey"),
        region=region,
    ),
)
profile_store = aep.BaseConnection(
    "profile-store", connection_spec_id=aep.ConnectionSpecId.UNIFIED_PROFILE
)
profiles = aep.SourceConnection("profiles", base_connection_id=profile_store.id)

for entry in entries():
    aep.StreamingDestination(
        entry.name,
        destination=aep.KinesisDestinationArgs(stream=entry.stream, region=region),
        segments=entry.segments,
        profile_attributes=entry.attributes,
        base_connection=account,
        source_connection=profiles,
    )

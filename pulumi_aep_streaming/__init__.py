"""Adobe Experience Platform streaming destinations as Pulumi resources.

Names are loaded when they are first used (PEP 562), so that importing a part does not load the rest.
"""

import importlib as _importlib  # underscored, as what an editor offers after `aep.` is for the program
import typing as _typing

if _typing.TYPE_CHECKING:
    from pulumi_aep_streaming._core.specs import ConnectionSpecId, FlowSpecId
    from pulumi_aep_streaming.audiences import (
        get_audience,
        get_audience_output,
        get_audiences,
        get_audiences_output,
        get_segment,
        get_segment_output,
        get_segments,
        get_segments_output,
    )
    from pulumi_aep_streaming.auth_args import (
        AuthArgs,
        EventHubsAuthArgs,
        EventHubsEntraAuthArgs,
        EventHubsScopedEntraAuthArgs,
        KinesisAuthArgs,
    )
    from pulumi_aep_streaming.base_connection import BaseConnection
    from pulumi_aep_streaming.dataflow import Dataflow, ProfileSelectorArgs, SegmentSelectorArgs
    from pulumi_aep_streaming.destination_args import DestinationArgs, EventHubsDestinationArgs, KinesisDestinationArgs
    from pulumi_aep_streaming.lookups import (
        get_connection_spec,
        get_connection_spec_output,
        get_connection_specs,
        get_connection_specs_output,
        get_dataflow,
        get_dataflow_output,
        get_dataflow_runs,
        get_dataflow_runs_output,
        get_dataflows,
        get_dataflows_output,
    )
    from pulumi_aep_streaming.provider import Provider
    from pulumi_aep_streaming.source_connection import SourceConnection
    from pulumi_aep_streaming.streaming_destination import StreamingDestination
    from pulumi_aep_streaming.target_connection import EventHubsTargetArgs, KinesisTargetArgs, TargetConnection

__all__ = [
    "AuthArgs",
    "BaseConnection",
    "ConnectionSpecId",
    "Dataflow",
    "DestinationArgs",
    "EventHubsAuthArgs",
    "EventHubsDestinationArgs",
    "EventHubsEntraAuthArgs",
    "EventHubsScopedEntraAuthArgs",
    "EventHubsTargetArgs",
    "FlowSpecId",
    "KinesisAuthArgs",
    "KinesisDestinationArgs",
    "KinesisTargetArgs",
    "ProfileSelectorArgs",
    "Provider",
    "SegmentSelectorArgs",
    "SourceConnection",
    "StreamingDestination",
    "TargetConnection",
    "get_audience",
    "get_audience_output",
    "get_audiences",
    "get_audiences_output",
    "get_connection_spec",
    "get_connection_spec_output",
    "get_connection_specs",
    "get_connection_specs_output",
    "get_dataflow",
    "get_dataflow_output",
    "get_dataflow_runs",
    "get_dataflow_runs_output",
    "get_dataflows",
    "get_dataflows_output",
    "get_segment",
    "get_segment_output",
    "get_segments",
    "get_segments_output",
]

_HOMES = {
    "_core.specs": ("ConnectionSpecId", "FlowSpecId"),
    "audiences": (
        "get_audience",
        "get_audience_output",
        "get_audiences",
        "get_audiences_output",
        "get_segment",
        "get_segment_output",
        "get_segments",
        "get_segments_output",
    ),
    "auth_args": (
        "AuthArgs",
        "EventHubsAuthArgs",
        "EventHubsEntraAuthArgs",
        "EventHubsScopedEntraAuthArgs",
        "KinesisAuthArgs",
    ),
    "base_connection": ("BaseConnection",),
    "dataflow": ("Dataflow", "ProfileSelectorArgs", "SegmentSelectorArgs"),
    "destination_args": ("DestinationArgs", "EventHubsDestinationArgs", "KinesisDestinationArgs"),
    "lookups": (
        "get_connection_spec",
        "get_connection_spec_output",
        "get_connection_specs",
        "get_connection_specs_output",
        "get_dataflow",
        "get_dataflow_output",
        "get_dataflow_runs",
        "get_dataflow_runs_output",
        "get_dataflows",
        "get_dataflows_output",
    ),
    "provider": ("Provider",),
    "source_connection": ("SourceConnection",),
    "streaming_destination": ("StreamingDestination",),
    "target_connection": ("EventHubsTargetArgs", "KinesisTargetArgs", "TargetConnection"),
}


if not _typing.TYPE_CHECKING:  # a type checker that sees it takes every name for one of the package's

    def __getattr__(name: str) -> object:
        for module, names in _HOMES.items():
            if name in names:
                return getattr(_importlib.import_module(f"{__name__}.{module}"), name)
        message = f"module {__name__!r} has no attribute {name!r}"
        raise AttributeError(message)


def __dir__() -> list[str]:
    return __all__

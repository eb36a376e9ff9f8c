"""All kinds, in one ordered table from which every list of kinds derives."""

from __future__ import annotations

from typing import Any

from pulumi_aep_streaming._core.kinds.base_connection import BaseConnectionKind
from pulumi_aep_streaming._core.kinds.dataflow import DataflowKind
from pulumi_aep_streaming._core.kinds.kind import Kind
from pulumi_aep_streaming._core.kinds.source_connection import SourceConnectionKind
from pulumi_aep_streaming._core.kinds.target_connection import TargetConnectionKind

KINDS: tuple[type[Kind[Any]], ...] = (BaseConnectionKind, SourceConnectionKind, TargetConnectionKind, DataflowKind)
"""In the order in which objects can be created: each is built upon earlier ones, and deleted before them."""

"""The kinds of objects that the package manages, one file each: what may be declared of one, and how it is sent and read back.

Here belongs what holds for one kind only; what holds for all is in the modules beside this folder. A kind is pure but for the
calls that it makes through the client that it is handed; it talks to nobody.
"""

from __future__ import annotations

from typing import Any

from pulumi_aep_streaming._core.kinds.base_connection import BaseConnectionKind
from pulumi_aep_streaming._core.kinds.dataflow import DataflowKind
from pulumi_aep_streaming._core.kinds.kind import Kind
from pulumi_aep_streaming._core.kinds.source_connection import SourceConnectionKind
from pulumi_aep_streaming._core.kinds.target_connection import TargetConnectionKind

KINDS: tuple[type[Kind[Any]], ...] = (BaseConnectionKind, SourceConnectionKind, TargetConnectionKind, DataflowKind)
"""All kinds, in the order in which objects can be created: each is built upon earlier ones, and deleted before them."""

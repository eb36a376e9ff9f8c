"""A provider's process, served by Pulumi's own dynamic provider server, as the engine would start it; only sooner.

It is forked from a process that has loaded all modules, and by nothing else differs from `python -u -m pulumi.dynamic`.
"""

from __future__ import annotations

import io
import multiprocessing
import os
import runpy
import sys
from multiprocessing.connection import Connection
from pathlib import Path

import grpc
from google.protobuf import json_format, struct_pb2
from pulumi.runtime.proto import provider_pb2, provider_pb2_grpc

FORK = multiprocessing.get_context("forkserver")
FORK.set_forkserver_preload(["machine.process", "pulumi.dynamic", "pydantic", "requests", "pulumi_aep_streaming.dataflow"])


def serve(port: Connection, said: str, environment: dict[str, str]) -> None:
    """What a child does: never returns."""
    os.environ.clear()
    os.environ.update(environment)
    os.dup2(os.open(said, os.O_WRONLY | os.O_CREAT | os.O_APPEND), 2)
    sys.stdout = io.TextIOWrapper(io.FileIO(port.fileno(), "wb", closefd=False), write_through=True)
    sys.argv = ["pulumi.dynamic"]
    runpy.run_module("pulumi.dynamic", run_name="__main__")


def struct(bag: dict) -> struct_pb2.Struct:
    return json_format.ParseDict(bag, struct_pb2.Struct())


class Refused(Exception):
    """A verb failed; the text is all that it said."""


class Process:
    """One provider's process, and the engine's side of the wire to it."""

    def __init__(self, folder: Path, environment: dict[str, str], config: dict[str, str]) -> None:
        reader, writer = FORK.Pipe(duplex=False)
        self.log = folder / f"said-{len(list(folder.iterdir()))}"
        self.log.touch()
        inherited = {key: value for key, value in os.environ.items() if not key.startswith(("AEP_", "PULUMI_"))}
        self._child = FORK.Process(target=serve, args=(writer, str(self.log), {**inherited, **environment}), daemon=True)
        self._child.start()
        writer.close()
        with reader:
            self._channel = grpc.insecure_channel(f"127.0.0.1:{int(os.read(reader.fileno(), 16))}")
        self._stub = provider_pb2_grpc.ResourceProviderStub(self._channel)
        self._stub.Configure(provider_pb2.ConfigureRequest(args=struct(config)), timeout=30)

    @property
    def said(self) -> str:
        return self.log.read_text()

    def start(self, verb: str, request: object) -> grpc.Future:
        return getattr(self._stub, verb).future(request, timeout=120)

    def hang_up(self) -> None:
        """What the death of the engine looks like."""
        self._channel.close()

    def kill(self) -> None:
        self._child.kill()
        self._child.join()
        self._channel.close()


def explained(failure: grpc.RpcError) -> str:
    """All that a failed call said: the line for people, and the server's own traceback."""
    metadata = dict(failure.trailing_metadata() or ())
    line = metadata.get("grpc-status-details-bin", b"")
    return line.decode(errors="replace") + (failure.details() or "")

"""A program in this process, under the SDK's mocks."""

from __future__ import annotations

import pulumi


class Echo(pulumi.runtime.Mocks):
    """A cloud in which everything is made as it was declared, and that answers no call."""

    def new_resource(self, args):
        return args.name, args.inputs

    def call(self, args):
        raise NotImplementedError(args.token)


def run(program, monitor=None):
    """Run a program to its end; `monitor` is what its resources are registered with."""
    pulumi.runtime.set_mocks(Echo(), project="shop", stack="dev", preview=False, monitor=monitor)
    try:
        pulumi.runtime.test(program)()
    finally:
        pulumi.runtime.settings.reset_options()  # or all later tests of this process would talk to the mocks

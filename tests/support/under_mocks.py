"""A program in this process, under the SDK's mocks."""

from __future__ import annotations

import asyncio

import pulumi


class Echo(pulumi.runtime.Mocks):
    """A cloud in which everything is made as it was declared, and that answers no call."""

    def new_resource(self, args):
        return args.name, args.inputs

    def call(self, args):
        raise NotImplementedError(args.token)


class Engine:
    """Makes everything as it was declared, and leaves look-ups to the program, as the real engine does."""

    def __init__(self):
        self._monitor = pulumi.runtime.mocks.MockMonitor(Echo())

    def __getattr__(self, name):
        return getattr(self._monitor, name)


def run(program, monitor=None, mocks=None, *, preview=False):
    """Run a program to its end; `monitor` is what its resources are registered with."""

    def quiet():
        # What fails is raised. asyncio would print it again for each Output that failed with it, in the midst of other tests.
        asyncio.get_running_loop().set_exception_handler(lambda loop, context: None)
        return program()

    pulumi.runtime.set_mocks(mocks or Echo(), project="shop", stack="dev", preview=preview, monitor=monitor)
    try:
        pulumi.runtime.test(quiet)()
    finally:
        pulumi.runtime.settings.reset_options()  # or all later tests of this process would talk to the mocks

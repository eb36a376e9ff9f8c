"""Run a Pulumi program under the SDK's mocks, and print what it registers, in the words that the engine would be told.

`python tests/support/mocked.py PROGRAM CONFIG`: the config is a JSON object; the answer is a JSON list of resources.
"""

from __future__ import annotations

import json
import runpy
import sys

import pulumi
from pulumi.runtime import mocks, rpc


class Cloud(mocks.Mocks):
    """Names and keys that a cloud would make up. What Pulumi's AWS package marks as secret is, as the engine would do."""

    def new_resource(self, args):
        made = {"arn": f"arn:{args.name}", "name": f"{args.name}-made"}
        if args.typ == "aws:iam/accessKey:AccessKey":
            made["secret"] = pulumi.Output.secret("TOPSECRET-aws")
        return f"{args.name}-id", {**made, **args.inputs}

    def call(self, args):
        assert args.token == "azure-native:eventhub:listNamespaceKeys", args.token
        return {"keyName": args.args["authorizationRuleName"], "primaryKey": "TOPSECRET-azure"}


class Monitor(mocks.MockMonitor):
    """Keeps each request for a resource."""

    registered: list[dict] = []

    def RegisterResource(self, request):  # noqa: N802 (a method of the engine's service)
        answer = super().RegisterResource(request)
        self.registered.append(
            {
                "urn": answer.urn,
                "inputs": rpc.deserialize_properties(request.object),
                "dependencies": list(request.dependencies),
                "parent": request.parent,
            }
        )
        return answer


def main() -> None:
    program, config = sys.argv[1:]
    cloud = Cloud()
    pulumi.runtime.set_mocks(cloud, project="shop", stack="dev", preview=False, monitor=Monitor(cloud))
    pulumi.runtime.set_all_config(json.loads(config))
    pulumi.runtime.test(lambda: runpy.run_path(program, run_name="__main__") and None)()
    json.dump(Monitor.registered, sys.stdout)


if __name__ == "__main__":
    main()

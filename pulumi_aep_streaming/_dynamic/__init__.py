"""The provider's process: between the verbs of Pulumi's dynamic providers and the lifecycle.

Here, and nowhere else, belongs what is known of `pulumi.dynamic` and its gRPC server: how the engine spells bags, which call is
being served, how a line reaches the person. Nothing here decides what Flow Service needs.
"""

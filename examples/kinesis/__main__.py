"""An Amazon Kinesis stream, a user that may write to it, and the destination."""

from __future__ import annotations

import pulumi
import pulumi_aws as aws

import pulumi_aep_streaming as aep

region = pulumi.Config("aws").require("region")

stream = aws.kinesis.Stream(
    "purchases", stream_mode_details={"stream_mode": "ON_DEMAND"}
)

# What Adobe's page on Amazon Kinesis asks for. ListStreams cannot be narrowed.
writer = aws.iam.User("adobe")
may_write = aws.iam.UserPolicy(
    "may-write-purchases",
    user=writer.name,
    policy=pulumi.Output.json_dumps(
        {
            "Version": "2012-10-17",
            "Statement": [
                {
                    "Effect": "Allow",
                    "Action": ["kinesis:PutRecord", "kinesis:PutRecords"],
                    "Resource": stream.arn,
                },
                {
                    "Effect": "Allow",
                    "Action": "kinesis:ListStreams",
                    "Resource": "*",
                },
            ],
        }
    ),
)
key = aws.iam.AccessKey("adobe", user=writer.name)

purchases = aep.StreamingDestination(
    "purchases",
    destination=aep.KinesisDestinationArgs(
        stream=stream.name,
        region=region,
        access_key_id=key.id,
        secret_key=key.secret,
    ),
    segments=["72ddd79b-6b0a-4e97-a8d2-112ccd81bd02"],
    profile_attributes=["personalEmail.address", "person.name.lastName"],
    # None of its arguments names the policy: without this, Adobe might send before
    # it may.
    opts=pulumi.ResourceOptions(depends_on=[may_write]),
)
pulumi.export("dataflowId", purchases.dataflow_id)

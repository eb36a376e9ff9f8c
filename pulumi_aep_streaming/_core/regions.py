"""The regions of AWS, as far as this package knows them: a new one must not need a new release. Pure.

Source: the AWS documentation on regions, and the endpoints that its SDKs ship.
"""

from __future__ import annotations

import re

REGIONS = (
    *("us-east-1", "us-east-2", "us-west-1", "us-west-2", "us-gov-east-1", "us-gov-west-1", "ca-central-1", "ca-west-1"),
    *("mx-central-1", "sa-east-1", "af-south-1", "il-central-1", "me-central-1", "me-south-1", "cn-north-1", "cn-northwest-1"),
    *("eu-central-1", "eu-central-2", "eu-north-1", "eu-south-1", "eu-south-2", "eu-west-1", "eu-west-2", "eu-west-3"),
    *("eusc-de-east-1", "ap-east-1", "ap-east-2", "ap-northeast-1", "ap-northeast-2", "ap-northeast-3"),
    *("ap-south-1", "ap-south-2", "ap-southeast-1", "ap-southeast-2", "ap-southeast-3", "ap-southeast-4", "ap-southeast-5"),
    *("ap-southeast-6", "ap-southeast-7", "us-iso-east-1", "us-iso-west-1", "us-isob-east-1", "us-isob-west-1"),
    *("us-isof-east-1", "us-isof-south-1", "eu-isoe-west-1"),
)
_WORDS = {word for region in REGIONS for word in region.split("-")[1:-1]}
_SHAPE = re.compile(r"[a-z]{2,4}(-[a-z]+)+-[1-9]\d?")


def could_be_new(region: str) -> bool:
    """Whether a text reads like a region that AWS has added: of any country, else with the words of known ones."""
    return _SHAPE.fullmatch(region) is not None and set(region.split("-")[1:-1]) <= _WORDS

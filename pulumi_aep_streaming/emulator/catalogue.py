"""What a new organization holds: specs and a few segments, with the ids that Adobe's documents print, and invented profiles."""

from __future__ import annotations

import hashlib

from pulumi_aep_streaming.emulator.kinds import Json
from pulumi_aep_streaming.emulator.schemas import SECRET, SWITCH, TEXT, schema

PROFILE_STORE = "8a9c3494-9708-43d7-ae3f-cda01e5030e1"
_KINESIS = "86043421-563b-46ec-8e6c-e23184711bf6"
_EVENT_HUBS = "bf9f5905-92b7-48bf-bf20-455bc6b60a4e"
_HTTP = "0e7b5c0a-4f6d-4f0e-9d53-6a1c2b7d8e90"  # invented: Adobe's is in no document
_S3 = "4fce964d-3f37-408f-9778-e597338a21ee"


def _spec(id_: str, name: str, category: str, auth: dict[str, Json], target: Json | None = None, *, source: bool) -> Json:
    """Return a connection spec; without a schema of its target, the parameters of that may be anything."""
    shown = {"targetSpec": {"name": category, "type": category, "spec": target}} if target else {}
    return {
        "id": id_,
        "name": name,
        "version": "1.0",
        "authSpec": [{"name": kind, "type": "KeyBased", "spec": spec} for kind, spec in auth.items()],
        **shown,
        "attributes": {
            "category": category,
            "connectorName": name,
            "isSource": source,
            "uiAttributes": {"apiFeatures": {"explorePaginationSupported": False}},
        },
    }


_ENTRA = {"tenantId": TEXT, "clientId": TEXT, "clientSecretValue": SECRET, "namespace": TEXT}
_OAUTH = {"accessTokenUrl": TEXT, "clientId": TEXT, "clientSecret": SECRET}
# "Include Segment Names", "Include Segment Timestamps", "Include mapped audiences only": the names on the wire are invented.
_TOGGLES = dict.fromkeys(("includeSegmentNames", "includeSegmentTimestamps", "includeMappedAudiencesOnly"), SWITCH)

CONNECTION_SPECS: list[Json] = [
    _spec(PROFILE_STORE, "Unified Profile Service", "Profile", {}, source=True),
    _spec(
        _KINESIS,
        "Amazon Kinesis",
        "Cloud Storage",
        {
            "Aws Kinesis authentication credentials": schema(
                {"accessKeyId": TEXT, "secretKey": SECRET},
                {"region": TEXT, "connectionUrl": TEXT},
                one_of=("region", "connectionUrl"),
            )
        },
        schema({"stream": TEXT, "region": TEXT}, _TOGGLES),
        source=True,
    ),
    _spec(
        _EVENT_HUBS,
        "Azure Event Hubs",
        "Cloud Storage",
        {
            "Azure EventHub authentication credentials": schema(
                {"sasKeyName": TEXT, "sasKey": SECRET, "namespace": TEXT}, {"eventHubName": TEXT}
            ),
            # As Adobe's page on the source of this spec prints them; the destination's own page may differ.
            "Event Hub Azure Active Directory Auth": schema(_ENTRA),
            "Event Hub Scoped Azure Active Directory Auth": schema({**_ENTRA, "eventHubName": TEXT}),
        },
        schema({"eventHubName": TEXT}, _TOGGLES),
        source=True,
    ),
    _spec(
        _HTTP,
        "HTTP API",
        "Streaming",
        {  # the kinds are documented; their names on the wire, and those of all parameters, are invented
            "None": schema({}),
            "Bearer Token": schema({"bearerToken": SECRET}),
            "OAuth 2 Password": schema({**_OAUTH, "username": TEXT, "password": SECRET}),
            "OAuth 2 Client Credentials": schema(_OAUTH),
        },
        schema({"url": TEXT}, {"headers": SECRET, "queryParameters": SECRET, **_TOGGLES}),
        source=False,
    ),
    _spec(
        _S3,
        "Amazon S3",
        "Cloud Storage",
        {
            "Access Key": schema({"s3AccessKey": TEXT, "s3SecretKey": SECRET}),
            "Assumed Role": schema({"role": SECRET}),  # its names on the wire are invented
        },
        source=True,
    ),
]

FLOW_SPECS: list[Json] = [
    {
        "id": "71471eba-b620-49e4-90fd-23f1fa0174d8",
        "name": "Profile based destination",
        "version": "1.0",
        "sourceConnectionSpecIds": [PROFILE_STORE],
        "targetConnectionSpecIds": [_KINESIS, _EVENT_HUBS, _HTTP],
    },
    {
        "id": "1a0514a6-33d4-4c7f-aff8-594799c47549",
        "name": "Amazon S3 - Segment",
        "version": "1.0",
        "sourceConnectionSpecIds": [PROFILE_STORE],
        "targetConnectionSpecIds": [_S3],
    },
]

SEGMENTS: list[Json] = [
    {"id": "72ddd79b-6b0a-4e97-a8d2-112ccd81bd02", "name": "Men over 50", "description": ""},
    {"id": "7841ba61-23c1-4bb3-a495-00d695fe1e93", "name": "Summer campaign", "description": "Clicked in June or later"},
    {"id": "0d2f1d9a-6a0c-4d5c-9c7e-4d7a3e6f7b10", "name": "Lapsed customers", "description": "No order for a year"},
]

MERGE_POLICY = "ef006bbe-750e-4e81-85f0-0c6902192dcc"
"""Of all segments that say no other, as the default of a sandbox would be."""

AUDIENCES: list[Json] = [
    {
        "id": "32a83b5d-a118-4bd6-b3cb-3aee2f4c30a1",
        "audienceId": "loyalty-members-2026",
        "name": "Loyalty members",
        "namespace": "CustomerAudienceUpload",
        "originName": "CUSTOM_UPLOAD",
        "description": "From a file",
    },
    {
        "id": "979558ae-a8ba-4e6e-b6ba-95c0a523b44a",
        "audienceId": "25160734",
        "name": "In the market for shoes",
        "namespace": "AAMSegments",
        "originName": "AUDIENCE_MANAGER",
        "description": "From a data partner",
    },
    {
        "id": "5b7b2c07-6a55-4e4f-8d6b-6a3f6c2c9f11",
        "name": "Winter sale 2024",
        "description": "Clicked in winter",
        "lifecycleState": "inactive",
    },
    {
        "id": "c0c7a9a4-3a0c-4b38-9d0e-7f5f1f0f8e22",
        "name": "Autumn campaign",
        "description": "To be agreed upon",
        "lifecycleState": "draft",
    },
]
"""What is an audience, and no segment definition: external ones, and such that are not published."""


def _profile(number: int, word: str, **more: Json) -> Json:
    """Return an invented profile: what all have, and what only some do."""
    address = f"sample.{word.lower()}@example.com"
    return {
        "person": {
            "name": {"firstName": "Sample", "lastName": word, "fullName": f"Sample {word}"},
            "birthDate": f"{1950 + 7 * number}-0{number}-1{number}",
        },
        "personalEmail": {"address": address, "primary": True},
        "consents": {"marketing": {"email": {"val": "y" if number % 2 else "n"}}},
        **more,
        "identityMap": {
            "ecid": [{"id": f"{number:038d}"}],
            "email_lc_sha256": [{"id": hashlib.sha256(address.encode()).hexdigest()}],
        },
    }


_PROFILES: list[Json] = [
    _profile(
        1,
        "One",
        homeAddress={"street1": "1 Example Street", "city": "Springfield", "postalCode": "00001", "countryCode": "US"},
        mobilePhone={"number": "+1 555 0101"},
        loyalty={"tier": "gold", "points": 4200, "joinDate": "2019-05-01T00:00:00Z"},
    ),
    _profile(2, "Two", homeAddress={"city": "Musterstadt", "countryCode": "DE"}, loyalty={"tier": "silver", "points": 900}),
    _profile(3, "Three", mobilePhone={"number": "+1 555 0103"}),
    _profile(4, "Four", homeAddress={"city": "Springfield", "countryCode": "US"}, _emulator={"favouriteColour": "green"}),
    _profile(5, "Five", loyalty={"tier": "bronze", "points": 0}, mobilePhone={"number": "+1 555 0105"}),
    _profile(6, "Six", homeAddress={"street1": "6 Example Road", "countryCode": "GB"}, _emulator={"favouriteColour": "blue"}),
]


NAMES_IN_2020 = ("email", "firstName", "lastName")
"""Of a person, in the tutorial."""


def profiles(edition: str) -> list[Json]:
    """Return the sample profiles; in the edition of 2020 with the names of fields that the tutorial has, too."""
    return [_as_in_2020(profile) for profile in _PROFILES] if edition == "2020" else _PROFILES


def _as_in_2020(profile: Json) -> Json:
    name = profile["person"]["name"]
    names = (profile["personalEmail"]["address"], name["firstName"], name["lastName"])
    return {**profile, "person": {**dict(zip(NAMES_IN_2020, names, strict=True)), **profile["person"]}}

"""What the strict KMS answers to each operation that it knows."""

from __future__ import annotations

import base64
import bisect
import json
from collections.abc import Callable, Sequence
from typing import Final

from tests.kms.strict import faults
from tests.kms.strict.contents import CREATED, Contents, Record

Handler = Callable[["Request"], Record]
POLICY: Final = json.dumps({"Version": "2012-10-17", "Statement": []})


class Request:
    """One call as a handler sees it.

    Attributes:
        params: as botocore's model allows them.
        most: items on a page whatever the Limit, since KMS may return fewer.
    """

    def __init__(self, operation: str, params: Record, contents: Contents, most: int) -> None:
        self.operation = operation
        self.params = params
        self.contents = contents
        self.most = most

    def key(self) -> str:
        """The id of the key that KeyId names.

        Raises:
            ClientError: NotFoundException, also for an ARN of another Region.
        """
        named: str = self.params["KeyId"]
        region = self.contents.region
        if named.startswith("arn:") and named.split(":")[3] != region:
            raise faults.not_found(self.operation, f"Invalid arn {region}")
        found: str = named.rsplit(":key/", 1)[-1]
        if (at := found.find("alias/")) >= 0:
            found = self.contents.aliases.get(found[at:]) or found
        if found not in self.contents.keys or found in self.contents.listed_only:
            raise faults.not_found(self.operation, f"Key '{named}' does not exist")
        return found

    def page(self, names: Sequence[str], default: int, most: int) -> tuple[list[str], Record]:
        """Names in order behind the marker, and what tells of the next page.

        Raises:
            ClientError: ValidationException, InvalidMarkerException.
        """
        limit = self.params.get("Limit", default)
        if limit > most:
            words = f"Value '{limit}' at 'limit' must be less than or equal to {most}"
            raise faults.invalid(self.operation, f"1 validation error detected: {words}")
        about = f"{self.operation} {self.params.get('KeyId', '')}"
        start = 0
        if "Marker" in self.params:
            start = bisect.bisect_right(names, self._behind(about))
        size = min(limit, self.most)
        found = list(names[start : start + size])
        if start + size >= len(names):
            return found, {"Truncated": False}
        marker = base64.b64encode(json.dumps([about, found[-1]]).encode()).decode()
        return found, {"Truncated": True, "NextMarker": marker}

    def _behind(self, about: str) -> str:
        try:
            marked, last = json.loads(base64.b64decode(self.params["Marker"], validate=True))
        except ValueError as error:
            raise faults.invalid_marker(self.operation) from error
        if marked != about:
            raise faults.invalid_marker(self.operation)
        return str(last)


def list_keys(request: Request) -> Record:
    """ListKeys: 100 by default, 1,000 at most."""
    found, more = request.page(sorted(request.contents.keys), 100, 1000)
    known = request.contents
    return {
        "Keys": [{"KeyId": key, "KeyArn": known.metadata(key)["Arn"]} for key in found],
        **more,
    }


def list_aliases(request: Request) -> Record:
    """ListAliases, of one key or of all: 50 by default, 100 at most."""
    names = sorted(request.contents.aliases)
    if "KeyId" in request.params:
        key = request.key()
        names = [name for name in names if request.contents.aliases[name] == key]
    found, more = request.page(names, 50, 100)
    return {"Aliases": [request.contents.alias(name) for name in found], **more}


def describe_key(request: Request) -> Record:
    """DescribeKey."""
    return {"KeyMetadata": request.contents.metadata(request.key())}


def get_key_rotation_status(request: Request) -> Record:
    """GetKeyRotationStatus; refused for what KMS never rotates."""
    metadata = request.contents.metadata(request.key())
    if metadata["KeySpec"] != "SYMMETRIC_DEFAULT":
        raise faults.fault(request.operation, "UnsupportedOperationException")
    return {
        "KeyId": metadata["Arn"],
        "KeyRotationEnabled": True,
        "RotationPeriodInDays": 365,
        "NextRotationDate": CREATED.replace(year=CREATED.year + 1),
    }


def get_key_policy(request: Request) -> Record:
    """GetKeyPolicy: a policy that says nothing."""
    request.key()
    return {"Policy": POLICY, "PolicyName": "default"}


def nothing(member: str) -> Handler:
    """A list of a key that is empty."""

    def answer(request: Request) -> Record:
        request.key()
        return {member: [], "Truncated": False}

    return answer


def change_state(state: str) -> Handler:
    """An operation that puts a key in another state."""

    def answer(request: Request) -> Record:
        request.contents.keys[request.key()]["KeyState"] = state
        return {}

    return answer


def update_alias(request: Request) -> Record:
    """UpdateAlias and CreateAlias, without their many refusals."""
    request.contents.aliases[request.params["AliasName"]] = request.params["TargetKeyId"]
    return {}


ANSWERS: Final[dict[str, Handler]] = {
    "ListKeys": list_keys,
    "ListAliases": list_aliases,
    "DescribeKey": describe_key,
    "GetKeyRotationStatus": get_key_rotation_status,
    "GetKeyPolicy": get_key_policy,
    "ListResourceTags": nothing("Tags"),
    "ListGrants": nothing("Grants"),
    "ListKeyRotations": nothing("Rotations"),
    "DisableKey": change_state("Disabled"),
    "EnableKey": change_state("Enabled"),
    "CreateAlias": update_alias,
    "UpdateAlias": update_alias,
}

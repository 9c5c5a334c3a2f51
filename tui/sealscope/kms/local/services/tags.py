"""TagResource, UntagResource, ListResourceTags."""

from __future__ import annotations

import re
from typing import Final

from sealscope.kms.local import rows
from sealscope.kms.local.call import Call, Params
from sealscope.kms.local.faults import Fault
from sealscope.kms.local.paging import page

MAX_TAGS: Final = 50
_ALLOWED = re.compile(r"[\w\s.:/=+\-@]*")


def tag_resource(call: Call, params: Params) -> None:
    """TagResource."""
    tags = checked_tags(params["Tags"])
    with call.writing() as connection:
        key = call.key_by_id(connection, params["KeyId"])
        call.require_not(key, "PendingDeletion")
        rows.put_tags(connection, key.id, tags)
        count = connection.execute("SELECT count(*) FROM tag WHERE key_id = ?", (key.id,))
        if count.fetchone()[0] > MAX_TAGS:
            raise _too_many()


def untag_resource(call: Call, params: Params) -> None:
    """UntagResource; names that are not there are no error."""
    for name in params["TagKeys"]:
        _check_name(name)
    with call.writing() as connection:
        key = call.key_by_id(connection, params["KeyId"])
        call.require_not(key, "PendingDeletion")
        connection.executemany(
            "DELETE FROM tag WHERE key_id = ? AND name = ?",
            [(key.id, name) for name in params["TagKeys"]],
        )


def list_resource_tags(call: Call, params: Params) -> Params:
    """ListResourceTags."""
    with call.reading() as connection:
        key = call.key_by_id(connection, params["KeyId"])

        def fetch(after: str, count: int) -> list[tuple[str, str]]:
            found = connection.execute(
                "SELECT name, value FROM tag WHERE key_id = ? AND name > ? ORDER BY name LIMIT ?",
                (key.id, after, count),
            )
            return [(row["name"], row["value"]) for row in found]

        tags, more = page(
            params,
            f"ListResourceTags {key.id}",
            default=50,
            maximum=50,
            fetch=fetch,
            name=lambda tag: tag[0],
        )
    return {"Tags": [{"TagKey": name, "TagValue": value} for name, value in tags], **more}


def checked_tags(tags: list[dict[str, str]]) -> list[tuple[str, str]]:
    """Tags that KMS would take.

    Raises:
        Fault: TagException, or LimitExceededException for more than 50.
    """
    pairs = [(tag["TagKey"], tag["TagValue"]) for tag in tags]
    for name, value in pairs:
        _check_name(name)
        if not _ALLOWED.fullmatch(value):
            raise Fault("TagException", f"The tag value '{value}' has characters not allowed")
    if len({name for name, _ in pairs}) != len(pairs):
        raise Fault("TagException", "Duplicate tag keys are not allowed")
    if len(pairs) > MAX_TAGS:
        raise _too_many()
    return pairs


def _check_name(name: str) -> None:
    if name.lower().startswith("aws:"):
        raise Fault("TagException", "aws: prefixed tag key names are not allowed for external use.")
    if not _ALLOWED.fullmatch(name):
        raise Fault("TagException", f"The tag key '{name}' has characters not allowed")


def _too_many() -> Fault:
    return Fault("LimitExceededException", f"A key has at most {MAX_TAGS} tags")

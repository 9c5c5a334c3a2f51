"""GetKeyLastUsage, and which operations count as a use."""

from __future__ import annotations

from typing import Final

from sealscope.kms.local.call import Call, Params
from sealscope.kms.local.records import LastUseRecord, to_seconds

USES: Final = frozenset(
    {
        "Decrypt",
        "Encrypt",
        "GenerateDataKey",
        "GenerateDataKeyPair",
        "GenerateDataKeyPairWithoutPlaintext",
        "GenerateDataKeyWithoutPlaintext",
        "GenerateMac",
        "ReEncrypt",
        "Sign",
        "Verify",
        "VerifyMac",
    }
)
_NAMES_A_KEY: Final = ("KeyId", "SourceKeyId")


def get_key_last_usage(call: Call, params: Params) -> Params:
    """GetKeyLastUsage; there is no CloudTrail here, so no event of it."""
    with call.reading() as connection:
        key = call.key_by_id(connection, params["KeyId"])
        since = call.store.tracking_since(connection)
        use = call.store.last_uses.of(connection, key.id)
    usage: Params = {}
    if use is not None:
        usage = {"Operation": use.operation, "Timestamp": to_seconds(use.at)}
        if use.request_id:
            usage["KmsRequestId"] = use.request_id
    return {
        "KeyId": call.arn(key),
        "KeyLastUsage": usage,
        "TrackingStartDate": to_seconds(max(since, key.created)),
        "KeyCreationDate": to_seconds(key.created),
    }


def note_uses(call: Call, answer: Params, request_id: str) -> None:
    """Note the keys that an operation's answer names, if it is one that counts."""
    if call.action not in USES:
        return
    for name in _NAMES_A_KEY:
        if name in answer:
            key_id = str(answer[name]).rpartition("/")[2]
            call.store.last_uses.note(LastUseRecord(key_id, call.action, call.now, request_id))

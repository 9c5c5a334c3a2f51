"""Calls of every kind that the call log tells apart."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from sealscope.kms.call_log import REFUSED, CallLog, CallRecord
from sealscope.kms.call_parameters import without_secrets
from tests.app.fakes import ACCOUNT, NOW, REGION, key_id

ARN = f"arn:aws:kms:{REGION}:{ACCOUNT}:key/{key_id(1)}"


def record(operation: str, result: str = "ok", at: int = 0, **parameters: Any) -> CallRecord:
    """A call, `at` seconds after the start."""
    return CallRecord(
        at=NOW + timedelta(seconds=at),
        operation=operation,
        key=str(parameters.get("KeyId", "")),
        region=REGION,
        result=result,
        milliseconds=12.25 * (at + 1),
        request_id="" if result == REFUSED else f"{at:08d}-aaaa-4bbb-8ccc-0123456789ab",
        parameters=without_secrets(parameters),
        profile="prod",
    )


def log() -> CallLog:
    """A few calls."""
    made = CallLog()
    calls: tuple[tuple[str, str, dict[str, Any]], ...] = (
        ("GetCallerIdentity", "ok", {}),
        ("ListKeys", "ok", {"Limit": 1000}),
        ("ListAliases", "ok", {"Limit": 100}),
        ("DescribeKey", "ok", {"KeyId": ARN}),
        ("DescribeKey", "AccessDenied", {"KeyId": key_id(9)}),
        ("Decrypt", "DryRunSucceeded", {"KeyId": ARN, "DryRun": True}),
        ("DisableKey", REFUSED, {"KeyId": key_id(2)}),
        ("GenerateDataKeyWithoutPlaintext", "ok", {"KeyId": "alias/pay", "NumberOfBytes": 32}),
        (
            "Decrypt",
            "InvalidCiphertext",
            {
                "KeyId": ARN,
                "CiphertextBlob": b"\1" * 184,
                "EncryptionContext": {"purpose": "nightly run"},
            },
        ),
    )
    for number, (operation, result, parameters) in enumerate(calls):
        made.add(record(operation, result, number, **parameters))
    return made

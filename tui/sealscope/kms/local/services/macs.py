"""GenerateMac, VerifyMac."""

from __future__ import annotations

import hmac

from sealscope.kms.local.call import Call, Params
from sealscope.kms.local.faults import Fault, dry_run
from sealscope.kms.local.records import KeyRecord
from sealscope.kms.local.specs import SPECS


def generate_mac(call: Call, params: Params) -> Params:
    """GenerateMac."""
    key, mac = _mac(call, params)
    if params.get("DryRun"):
        dry_run()
    return {"KeyId": call.arn(key), "Mac": mac, "MacAlgorithm": params["MacAlgorithm"]}


def verify_mac(call: Call, params: Params) -> Params:
    """VerifyMac; a wrong MAC is an exception, as on AWS, never MacValid false."""
    key, mac = _mac(call, params)
    if not hmac.compare_digest(mac, params["Mac"]):
        raise Fault("KMSInvalidMacException")
    if params.get("DryRun"):
        dry_run()
    return {"KeyId": call.arn(key), "MacValid": True, "MacAlgorithm": params["MacAlgorithm"]}


def _mac(call: Call, params: Params) -> tuple[KeyRecord, bytes]:
    algorithm = params["MacAlgorithm"]
    with call.reading() as connection:
        key = call.key(connection, params["KeyId"])
        call.require_usage(key, "GENERATE_VERIFY_MAC")
        if algorithm not in SPECS[key.spec].usages["GENERATE_VERIFY_MAC"]:
            raise Fault(
                "InvalidKeyUsageException",
                f"Algorithm {algorithm} is incompatible with key spec {key.spec}.",
            )
        call.require_enabled(key)
        _, secret = call.current(connection, key)
    digest = f"sha{algorithm.removeprefix('HMAC_SHA_')}"
    return key, hmac.digest(secret.reveal(), params["Message"], digest)

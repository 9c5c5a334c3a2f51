"""Which operations the local KMS knows, the function that answers each, and how it is called."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from sealscope.kms.local import due
from sealscope.kms.local.call import Call, Params
from sealscope.kms.local.records import to_ms
from sealscope.kms.local.services import (
    aliases,
    data_keys,
    encryption,
    grants,
    importing,
    keys,
    last_usage,
    macs,
    policies,
    rotation,
    signing,
    states,
    tags,
)
from sealscope.kms.local.services.grants import token_grant
from sealscope.kms.local.store import LocalStore

Operation = Callable[[Call, Params], Params | None]

OPERATIONS: Final[dict[str, Operation]] = {
    "CancelKeyDeletion": states.cancel_key_deletion,
    "CreateAlias": aliases.create_alias,
    "CreateGrant": grants.create_grant,
    "CreateKey": keys.create_key,
    "Decrypt": encryption.decrypt,
    "DeleteAlias": aliases.delete_alias,
    "DeleteImportedKeyMaterial": importing.delete_imported_key_material,
    "DescribeKey": keys.describe_key,
    "DisableKey": states.disable_key,
    "DisableKeyRotation": rotation.disable_key_rotation,
    "EnableKey": states.enable_key,
    "EnableKeyRotation": rotation.enable_key_rotation,
    "Encrypt": encryption.encrypt,
    "GenerateDataKey": data_keys.generate_data_key,
    "GenerateDataKeyPair": data_keys.generate_data_key_pair,
    "GenerateDataKeyPairWithoutPlaintext": data_keys.generate_data_key_pair_without_plaintext,
    "GenerateDataKeyWithoutPlaintext": data_keys.generate_data_key_without_plaintext,
    "GenerateMac": macs.generate_mac,
    "GenerateRandom": data_keys.generate_random,
    "GetKeyLastUsage": last_usage.get_key_last_usage,
    "GetKeyPolicy": policies.get_key_policy,
    "GetKeyRotationStatus": rotation.get_key_rotation_status,
    "GetParametersForImport": importing.get_parameters_for_import,
    "GetPublicKey": signing.get_public_key,
    "ImportKeyMaterial": importing.import_key_material,
    "ListAliases": aliases.list_aliases,
    "ListGrants": grants.list_grants,
    "ListKeyPolicies": policies.list_key_policies,
    "ListKeyRotations": rotation.list_key_rotations,
    "ListKeys": keys.list_keys,
    "ListResourceTags": tags.list_resource_tags,
    "ListRetirableGrants": grants.list_retirable_grants,
    "PutKeyPolicy": policies.put_key_policy,
    "ReEncrypt": encryption.re_encrypt,
    "RetireGrant": grants.retire_grant,
    "RevokeGrant": grants.revoke_grant,
    "RotateKeyOnDemand": rotation.rotate_key_on_demand,
    "ScheduleKeyDeletion": states.schedule_key_deletion,
    "Sign": signing.sign,
    "TagResource": tags.tag_resource,
    "UntagResource": tags.untag_resource,
    "UpdateAlias": aliases.update_alias,
    "UpdateKeyDescription": keys.update_key_description,
    "Verify": signing.verify,
    "VerifyMac": macs.verify_mac,
}


def perform(
    store: LocalStore, region: str, action: str, params: Params, *, request_id: str
) -> Params | None:
    """Do what is due in the store, then an operation.

    Args:
        store: where the keys are.
        region: the Region that ARNs carry.
        action: a name in `OPERATIONS`.
        params: checked against the service model; blobs are bytes.
        request_id: of this request.

    Raises:
        Fault: the refusal, in AWS's words.
        StoreError, sqlite3.Error: the store is damaged, or fails.
    """
    call = Call(store, region, action, to_ms(store.clock()))
    for token in params.get("GrantTokens", []):
        token_grant(token)
    due.catch_up(store, call.now)
    answer = OPERATIONS[action](call, params)
    if answer is not None:
        last_usage.note_uses(call, answer, request_id)
    return answer

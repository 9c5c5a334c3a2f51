"""Which operations the local KMS knows, and the function that answers each."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from sealscope.kms.local.call import Call, Params
from sealscope.kms.local.services import (
    aliases,
    data_keys,
    encryption,
    keys,
    policies,
    states,
    tags,
)

Operation = Callable[[Call, Params], Params | None]

OPERATIONS: Final[dict[str, Operation]] = {
    "CancelKeyDeletion": states.cancel_key_deletion,
    "CreateAlias": aliases.create_alias,
    "CreateKey": keys.create_key,
    "Decrypt": encryption.decrypt,
    "DeleteAlias": aliases.delete_alias,
    "DescribeKey": keys.describe_key,
    "DisableKey": states.disable_key,
    "EnableKey": states.enable_key,
    "Encrypt": encryption.encrypt,
    "GenerateDataKey": data_keys.generate_data_key,
    "GenerateDataKeyPair": data_keys.generate_data_key_pair,
    "GenerateDataKeyPairWithoutPlaintext": data_keys.generate_data_key_pair_without_plaintext,
    "GenerateDataKeyWithoutPlaintext": data_keys.generate_data_key_without_plaintext,
    "GenerateRandom": data_keys.generate_random,
    "GetKeyPolicy": policies.get_key_policy,
    "ListAliases": aliases.list_aliases,
    "ListKeyPolicies": policies.list_key_policies,
    "ListKeys": keys.list_keys,
    "ListResourceTags": tags.list_resource_tags,
    "PutKeyPolicy": policies.put_key_policy,
    "ReEncrypt": encryption.re_encrypt,
    "ScheduleKeyDeletion": states.schedule_key_deletion,
    "TagResource": tags.tag_resource,
    "UntagResource": tags.untag_resource,
    "UpdateAlias": aliases.update_alias,
    "UpdateKeyDescription": keys.update_key_description,
}

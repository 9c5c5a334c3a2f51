"""GenerateDataKey, its kin for pairs and without plaintext, and GenerateRandom."""

from __future__ import annotations

import sqlite3

from sealscope.kms.local import new_keys
from sealscope.kms.local.call import Call, Params
from sealscope.kms.local.faults import Fault, dry_run, invalid, unsupported
from sealscope.kms.local.records import KeyRecord
from sealscope.kms.local.services.encryption import Sealed, refuse_recipient, seal_symmetric
from sealscope.kms.local.specs import SPECS
from sealscope.secret import SecretBytes

_DATA_KEY_BYTES = {"AES_128": 16, "AES_256": 32}


def generate_data_key(call: Call, params: Params) -> Params:
    """GenerateDataKey."""
    sealed, plaintext = _data_key(call, params)
    return {**_wrapped(call, sealed), "Plaintext": plaintext.reveal()}


def generate_data_key_without_plaintext(call: Call, params: Params) -> Params:
    """GenerateDataKeyWithoutPlaintext."""
    sealed, _ = _data_key(call, params)
    return _wrapped(call, sealed)


def generate_data_key_pair(call: Call, params: Params) -> Params:
    """GenerateDataKeyPair."""
    out, private = _pair(call, params)
    return {**out, "PrivateKeyPlaintext": private.reveal()}


def generate_data_key_pair_without_plaintext(call: Call, params: Params) -> Params:
    """GenerateDataKeyPairWithoutPlaintext."""
    out, _ = _pair(call, params)
    return out


def generate_random(call: Call, params: Params) -> Params:
    """GenerateRandom."""
    refuse_recipient(params)
    if "CustomKeyStoreId" in params:
        raise Fault("CustomKeyStoreNotFoundException")
    if "NumberOfBytes" not in params:
        raise invalid("NumberOfBytes is required.")
    return {"Plaintext": call.entropy(int(params["NumberOfBytes"]))}


def _data_key(call: Call, params: Params) -> tuple[Sealed, SecretBytes]:
    refuse_recipient(params)
    if ("KeySpec" in params) == ("NumberOfBytes" in params):
        raise invalid("Please specify either number of bytes or key spec.")
    length = _DATA_KEY_BYTES.get(params.get("KeySpec", ""), 0) or int(params["NumberOfBytes"])
    with call.reading() as connection:
        key = _wrapping_key(call, connection, params["KeyId"])
        plaintext = SecretBytes(call.entropy(length))
        context = params.get("EncryptionContext", {})
        sealed = seal_symmetric(call, connection, key, context, plaintext)
    if params.get("DryRun"):
        dry_run()
    return sealed, plaintext


def _pair(call: Call, params: Params) -> tuple[Params, SecretBytes]:
    refuse_recipient(params)
    spec = SPECS.get(params["KeyPairSpec"])
    if spec is None:
        raise unsupported(f"The local KMS makes no key pairs of spec {params['KeyPairSpec']}.")
    with call.reading() as connection:
        key = _wrapping_key(call, connection, params["KeyId"])
        call.current(connection, key)
    if params.get("DryRun"):
        dry_run()
    pair = new_keys.generate_pair(spec, call.entropy)
    private = SecretBytes(new_keys.private_der(pair))
    with call.reading() as connection:
        # Making the pair takes long; the key may have been disabled meanwhile.
        key = _wrapping_key(call, connection, params["KeyId"])
        context = params.get("EncryptionContext", {})
        sealed = seal_symmetric(call, connection, key, context, private)
    out: Params = {
        "PrivateKeyCiphertextBlob": sealed.ciphertext,
        "PublicKey": new_keys.public_der(pair),
        "KeyId": call.arn(key),
        "KeyPairSpec": params["KeyPairSpec"],
        "KeyMaterialId": sealed.material_id,
    }
    return out, private


def _wrapping_key(call: Call, connection: sqlite3.Connection, reference: str) -> KeyRecord:
    key = call.key(connection, reference)
    call.require_usage(key, "ENCRYPT_DECRYPT")
    if not key.is_symmetric:
        raise Fault(
            "InvalidKeyUsageException",
            f"{call.arn(key)} key spec is {key.spec} which is not valid for {call.action}.",
        )
    call.require_enabled(key)
    return key


def _wrapped(call: Call, sealed: Sealed) -> Params:
    return {
        "CiphertextBlob": sealed.ciphertext,
        "KeyId": call.arn(sealed.key),
        "KeyMaterialId": sealed.material_id,
    }

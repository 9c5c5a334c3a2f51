"""Encrypt, Decrypt, ReEncrypt."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass

from cryptography.exceptions import InvalidTag

from sealscope.kms.local import blob, rows, rsa_encryption
from sealscope.kms.local.call import Call, Params
from sealscope.kms.local.faults import Fault, dry_run, invalid, unsupported
from sealscope.kms.local.records import KeyRecord
from sealscope.kms.local.specs import SPECS
from sealscope.secret import SecretBytes

_IGNORE = "IGNORE_CIPHERTEXT"


@dataclass(frozen=True)
class Opened:
    """What decrypting gave; `plaintext` is None when the ciphertext was to be ignored."""

    key: KeyRecord
    plaintext: SecretBytes | None
    material_id: str | None


@dataclass(frozen=True)
class Sealed:
    """What encrypting gave."""

    key: KeyRecord
    ciphertext: bytes
    material_id: str | None


def encrypt(call: Call, params: Params) -> Params:
    """Encrypt."""
    algorithm = params.get("EncryptionAlgorithm", "SYMMETRIC_DEFAULT")
    context = params.get("EncryptionContext", {})
    with call.reading() as connection:
        plaintext = SecretBytes(params["Plaintext"])
        sealed = seal(
            call,
            connection,
            params["KeyId"],
            algorithm=algorithm,
            context=context,
            plaintext=plaintext,
        )
    if params.get("DryRun"):
        dry_run()
    return {
        "CiphertextBlob": sealed.ciphertext,
        "KeyId": call.arn(sealed.key),
        "EncryptionAlgorithm": algorithm,
    }


def decrypt(call: Call, params: Params) -> Params:
    """Decrypt."""
    algorithm = params.get("EncryptionAlgorithm", "SYMMETRIC_DEFAULT")
    refuse_recipient(params)
    with call.reading() as connection:
        opened = _open(call, connection, params, params.get("KeyId"), algorithm)
    if params.get("DryRun"):
        dry_run()
    out: Params = {"KeyId": call.arn(opened.key), "EncryptionAlgorithm": algorithm}
    if opened.plaintext is not None:
        out["Plaintext"] = opened.plaintext.reveal()
    if opened.material_id is not None:
        out["KeyMaterialId"] = opened.material_id
    return out


def re_encrypt(call: Call, params: Params) -> Params:
    """ReEncrypt."""
    source_algorithm = params.get("SourceEncryptionAlgorithm", "SYMMETRIC_DEFAULT")
    target_algorithm = params.get("DestinationEncryptionAlgorithm", "SYMMETRIC_DEFAULT")
    context = params.get("DestinationEncryptionContext", {})
    with call.reading() as connection:
        source_params = {**params, "EncryptionContext": params.get("SourceEncryptionContext", {})}
        opened = _open(call, connection, source_params, params.get("SourceKeyId"), source_algorithm)
        plaintext = SecretBytes(b"\0") if opened.plaintext is None else opened.plaintext
        if not plaintext:
            # RSA ciphertext made outside may hold nothing; Encrypt takes at least one byte.
            raise invalid("The ciphertext holds an empty plaintext, which cannot be encrypted.")
        sealed = seal(
            call,
            connection,
            params["DestinationKeyId"],
            algorithm=target_algorithm,
            context=context,
            plaintext=plaintext,
        )
    if params.get("DryRun"):
        dry_run()
    out: Params = {
        "CiphertextBlob": sealed.ciphertext,
        "SourceKeyId": call.arn(opened.key),
        "KeyId": call.arn(sealed.key),
        "SourceEncryptionAlgorithm": source_algorithm,
        "DestinationEncryptionAlgorithm": target_algorithm,
    }
    if opened.material_id is not None:
        out["SourceKeyMaterialId"] = opened.material_id
    if sealed.material_id is not None:
        out["DestinationKeyMaterialId"] = sealed.material_id
    return out


def seal(
    call: Call,
    connection: sqlite3.Connection,
    reference: str,
    *,
    algorithm: str,
    context: dict[str, str],
    plaintext: SecretBytes,
) -> Sealed:
    """Encrypt under the named key, as Encrypt and ReEncrypt do.

    Raises:
        Fault: the key, its state, its usage or the algorithm does not allow it.
    """
    key = call.key(connection, reference)
    _require(call, key, algorithm, context)
    if key.is_symmetric:
        return seal_symmetric(call, connection, key, context, plaintext)
    _, secret = call.current(connection, key)
    ciphertext = rsa_encryption.encrypt(secret, key.spec, algorithm, plaintext.reveal())
    return Sealed(key, ciphertext, None)


def seal_symmetric(
    call: Call,
    connection: sqlite3.Connection,
    key: KeyRecord,
    context: dict[str, str],
    plaintext: SecretBytes,
) -> Sealed:
    """Encrypt under a symmetric encryption key's current material.

    Raises:
        Fault: the store is locked, or the material is gone.
    """
    material, secret = call.current(connection, key)
    ciphertext = blob.seal(
        key.id,
        material.id,
        secret,
        plaintext.reveal(),
        context=context,
        entropy=call.entropy,
    )
    return Sealed(key, ciphertext, material.id)


def refuse_recipient(params: Params) -> None:
    """Nitro enclaves attest themselves to AWS only.

    Raises:
        Fault: UnsupportedOperationException.
    """
    if "Recipient" in params:
        raise unsupported("The local KMS cannot answer a Nitro enclave (Recipient).")


def _open(
    call: Call,
    connection: sqlite3.Connection,
    params: Params,
    reference: str | None,
    algorithm: str,
) -> Opened:
    context: dict[str, str] = params.get("EncryptionContext", {})
    named = call.key(connection, reference) if reference is not None else None
    if _IGNORE in params.get("DryRunModifiers", []):
        if not params.get("DryRun"):
            raise invalid("DryRunModifiers needs DryRun.")
        if named is None:
            raise invalid(f"DryRunModifiers {_IGNORE} needs a key id.")
        _require(call, named, algorithm, context)
        call.current(connection, named)
        return Opened(named, None, None)
    if "CiphertextBlob" not in params:
        raise invalid(
            "1 validation error detected: Value at 'ciphertextBlob' failed to satisfy"
            " constraint: Member must not be null"
        )
    ciphertext: bytes = params["CiphertextBlob"]
    if algorithm == "SYMMETRIC_DEFAULT":
        return _open_symmetric(call, connection, ciphertext, named, context)
    if named is None:
        raise invalid(f"KeyId is required with the algorithm {algorithm}.")
    _require(call, named, algorithm, context)
    _, secret = call.current(connection, named)
    plaintext = rsa_encryption.decrypt(secret, algorithm, ciphertext)
    return Opened(named, plaintext, None)


def _open_symmetric(
    call: Call,
    connection: sqlite3.Connection,
    ciphertext: bytes,
    named: KeyRecord | None,
    context: dict[str, str],
) -> Opened:
    try:
        parsed = blob.parse(ciphertext)
    except blob.NotABlob as error:
        raise Fault("InvalidCiphertextException") from error
    if named is not None and named.id != parsed.key_id:
        raise Fault(
            "IncorrectKeyException",
            "The key ID in the request does not identify a CMK that can perform this operation.",
        )
    key = named or rows.key(connection, parsed.key_id)
    if key is None:
        raise Fault(
            "AccessDeniedException",
            "The ciphertext refers to a customer master key that does not exist, does not exist"
            " in this region, or you are not allowed to access.",
        )
    _require(call, key, "SYMMETRIC_DEFAULT", context)
    material = rows.material(connection, key.id, parsed.material_id)
    if material is None:
        raise Fault("InvalidCiphertextException")
    secret = call.secret(connection, key, material)
    try:
        return Opened(key, blob.unseal(parsed, secret, context), material.id)
    except InvalidTag as error:
        raise Fault("InvalidCiphertextException") from error


def _require(call: Call, key: KeyRecord, algorithm: str, context: dict[str, str]) -> None:
    call.require_usage(key, "ENCRYPT_DECRYPT")
    if algorithm not in SPECS[key.spec].usages["ENCRYPT_DECRYPT"]:
        raise Fault(
            "InvalidKeyUsageException",
            f"Algorithm {algorithm} is incompatible with key spec {key.spec}.",
        )
    if context and not key.is_symmetric:
        raise invalid("You cannot specify an encryption context with an asymmetric KMS key.")
    call.require_enabled(key)

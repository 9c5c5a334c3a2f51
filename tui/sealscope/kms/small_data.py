"""KMS's own operations on small data: what it encrypts itself, 4,096 bytes at most.

For anything longer, and for data that is read often, envelope encryption is made: KMS then only
wraps the data key. An encryption context is authenticated with the data, stored nowhere, and seen
in CloudTrail: it is no place for secrets. Keys that are not symmetric take none.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from sealscope.errors import InvalidRequest
from sealscope.kms.answers import member, text
from sealscope.kms.facade import KmsGate
from sealscope.secret import SecretBytes

MAX_PLAINTEXT: Final = 4096
MAX_CIPHERTEXT: Final = 6144
MAX_RANDOM: Final = 1024
"""Bytes that KMS takes, or makes, at most."""

SYMMETRIC: Final = "SYMMETRIC_DEFAULT"
Context = Mapping[str, str]


@dataclass(frozen=True)
class Encrypted:
    """Encrypt's answer.

    Attributes:
        key_arn: of the key that encrypted.
        algorithm: SYMMETRIC_DEFAULT, or that of an RSA key.
    """

    key_arn: str
    ciphertext: bytes
    algorithm: str


@dataclass(frozen=True)
class Decrypted:
    """Decrypt's answer.

    Attributes:
        key_arn: of the key that opened it.
        key_material_id: the generation that opened it; empty where KMS does not say.
    """

    key_arn: str
    plaintext: SecretBytes
    algorithm: str
    key_material_id: str


@dataclass(frozen=True)
class ReEncrypted:
    """ReEncrypt's answer; the plaintext never left KMS.

    Attributes:
        key_arn: of the key that the ciphertext is under now.
        source_key_arn: of the key that it was under.
    """

    key_arn: str
    ciphertext: bytes
    algorithm: str
    key_material_id: str
    source_key_arn: str
    source_algorithm: str
    source_key_material_id: str


@dataclass(frozen=True)
class DataKey:
    """GenerateDataKey's and GenerateDataKeyWithoutPlaintext's answer.

    Attributes:
        key_arn: of the key that wrapped it.
        plaintext: None when none was asked for.
        ciphertext: the encrypted data key.
    """

    key_arn: str
    plaintext: SecretBytes | None
    ciphertext: bytes
    key_material_id: str


def encrypt(
    gate: KmsGate,
    key_id: str,
    plaintext: SecretBytes,
    *,
    context: Context | None = None,
    algorithm: str = SYMMETRIC,
) -> Encrypted:
    """Encrypt (needs kms:Encrypt).

    Args:
        gate: the KMS gate.
        key_id: id, ARN, alias or alias ARN.
        plaintext: 1 to 4,096 bytes; RSA keys take less.
        context: needed again to decrypt, exactly the same.
        algorithm: RSAES_OAEP_SHA_256 or RSAES_OAEP_SHA_1 for RSA keys.

    Raises:
        InvalidRequest: the plaintext is empty or too long; nothing was sent.
        KmsError: KMS refused.
    """
    check_plaintext(plaintext)
    answer = gate.call(
        "Encrypt",
        KeyId=key_id,
        Plaintext=plaintext.reveal(),
        **_under(context),
        **_by("EncryptionAlgorithm", algorithm),
    )
    return Encrypted(
        key_arn=member(answer, "KeyId", str),
        ciphertext=member(answer, "CiphertextBlob", bytes),
        algorithm=text(answer, "EncryptionAlgorithm") or algorithm,
    )


def decrypt(
    gate: KmsGate,
    ciphertext: bytes,
    *,
    key_id: str = "",
    context: Context | None = None,
    algorithm: str = SYMMETRIC,
) -> Decrypted:
    """Decrypt (needs kms:Decrypt).

    Args:
        gate: the KMS gate.
        ciphertext: what Encrypt, GenerateDataKey or ReEncrypt answered.
        key_id: id, ARN, alias or alias ARN. Without one KMS takes the key that a symmetric
            ciphertext names, whosever it is; naming the key refuses any other. RSA keys must be
            named.
        context: the same as when it was encrypted.
        algorithm: the same as when it was encrypted.

    Raises:
        InvalidRequest: the ciphertext is empty or too long; nothing was sent.
        InvalidCiphertext: it is damaged, or the context differs.
        IncorrectKey: another key than the named one made it.
        KmsError: KMS refused.
    """
    check_ciphertext(ciphertext)
    named: dict[str, Any] = {"KeyId": key_id} if key_id else {}
    answer = gate.call(
        "Decrypt",
        CiphertextBlob=ciphertext,
        **named,
        **_under(context),
        **_by("EncryptionAlgorithm", algorithm),
    )
    return Decrypted(
        key_arn=member(answer, "KeyId", str),
        plaintext=SecretBytes(member(answer, "Plaintext", bytes)),
        algorithm=text(answer, "EncryptionAlgorithm") or algorithm,
        key_material_id=text(answer, "KeyMaterialId"),
    )


def re_encrypt(
    gate: KmsGate,
    ciphertext: bytes,
    key_id: str,
    *,
    context: Context | None = None,
    algorithm: str = SYMMETRIC,
    source_key_id: str = "",
    source_context: Context | None = None,
    source_algorithm: str = SYMMETRIC,
) -> ReEncrypted:
    """ReEncrypt, inside KMS (needs kms:ReEncryptFrom on the one key, kms:ReEncryptTo on the other).

    Args:
        gate: the KMS gate.
        ciphertext: what Encrypt, GenerateDataKey or ReEncrypt answered.
        key_id: the key that it is to be under; the same key gives it another context, or its
            newest material.
        context: of the new ciphertext; none when not given, whatever the source had.
        algorithm: of the new ciphertext.
        source_key_id: the key that it is under, as in `decrypt`.
        source_context: the same as when it was encrypted.
        source_algorithm: the same as when it was encrypted.

    Raises:
        InvalidRequest: the ciphertext is empty or too long; nothing was sent.
        InvalidCiphertext: it is damaged, or its context differs.
        KmsError: KMS refused.
    """
    check_ciphertext(ciphertext)
    named: dict[str, Any] = {"SourceKeyId": source_key_id} if source_key_id else {}
    answer = gate.call(
        "ReEncrypt",
        CiphertextBlob=ciphertext,
        DestinationKeyId=key_id,
        **named,
        **_under(source_context, "SourceEncryptionContext"),
        **_under(context, "DestinationEncryptionContext"),
        **_by("SourceEncryptionAlgorithm", source_algorithm),
        **_by("DestinationEncryptionAlgorithm", algorithm),
    )
    return ReEncrypted(
        key_arn=member(answer, "KeyId", str),
        ciphertext=member(answer, "CiphertextBlob", bytes),
        algorithm=text(answer, "DestinationEncryptionAlgorithm") or algorithm,
        key_material_id=text(answer, "DestinationKeyMaterialId"),
        source_key_arn=text(answer, "SourceKeyId"),
        source_algorithm=text(answer, "SourceEncryptionAlgorithm") or source_algorithm,
        source_key_material_id=text(answer, "SourceKeyMaterialId"),
    )


def generate_data_key(
    gate: KmsGate, key_id: str, *, number_of_bytes: int = 32, context: Context | None = None
) -> DataKey:
    """GenerateDataKey (needs kms:GenerateDataKey).

    Args:
        gate: the KMS gate.
        key_id: id, ARN, alias or alias ARN of a symmetric encryption key.
        number_of_bytes: 1 to 1,024; 32 is a key for AES-256.
        context: needed again to decrypt the data key, exactly the same.

    Raises:
        InvalidRequest: the length is out of bounds; nothing was sent.
        KmsError: KMS refused.
    """
    return _data_key(gate, "GenerateDataKey", key_id, number_of_bytes, context)


def generate_data_key_without_plaintext(
    gate: KmsGate, key_id: str, *, number_of_bytes: int = 32, context: Context | None = None
) -> DataKey:
    """GenerateDataKeyWithoutPlaintext (needs kms:GenerateDataKeyWithoutPlaintext).

    For a system that is to store data keys and must not know them. Arguments and errors as in
    `generate_data_key`.
    """
    return _data_key(gate, "GenerateDataKeyWithoutPlaintext", key_id, number_of_bytes, context)


def generate_random(gate: KmsGate, number_of_bytes: int) -> SecretBytes:
    """GenerateRandom: bytes from KMS's generator, 1 to 1,024 (needs kms:GenerateRandom).

    Raises:
        InvalidRequest: the length is out of bounds; nothing was sent.
        KmsError: KMS refused.
    """
    _check_length(number_of_bytes)
    answer = gate.call("GenerateRandom", NumberOfBytes=number_of_bytes)
    return SecretBytes(member(answer, "Plaintext", bytes))


def check_plaintext(plaintext: SecretBytes) -> None:
    """Refuse what KMS does not encrypt itself, before it is sent.

    Raises:
        InvalidRequest: it is empty, or longer than 4,096 bytes.
    """
    if not len(plaintext):
        raise InvalidRequest(
            "There is nothing to encrypt", "0 bytes", "KMS encrypts 1 to 4,096 bytes."
        )
    if len(plaintext) > MAX_PLAINTEXT:
        raise too_long(f"{len(plaintext):,} bytes; at most {MAX_PLAINTEXT:,}")


def too_long(detail: str) -> InvalidRequest:
    """What to say of a plaintext that KMS does not encrypt itself."""
    return InvalidRequest(
        "This is more than KMS encrypts itself",
        detail,
        "Use envelope encryption, which takes any length: `sealscope encrypt`, or Encrypt in"
        " Envelopes.",
    )


def check_ciphertext(ciphertext: bytes) -> None:
    """Refuse what cannot be a ciphertext of KMS, before it is sent.

    Raises:
        InvalidRequest: it is empty, or longer than 6,144 bytes.
    """
    if not ciphertext:
        raise InvalidRequest("There is nothing to decrypt", "0 bytes", "Look at the input.")
    if len(ciphertext) > MAX_CIPHERTEXT:
        raise InvalidRequest(
            "This is no ciphertext of KMS itself",
            f"{len(ciphertext):,} bytes; at most {MAX_CIPHERTEXT:,}",
            "It may be an envelope: `sealscope inspect` shows what it is, and `sealscope decrypt`"
            " opens messages.",
        )


def _data_key(
    gate: KmsGate, operation: str, key_id: str, number_of_bytes: int, context: Context | None
) -> DataKey:
    _check_length(number_of_bytes)
    answer = gate.call(operation, KeyId=key_id, NumberOfBytes=number_of_bytes, **_under(context))
    plaintext = None
    if operation == "GenerateDataKey":
        plaintext = SecretBytes(member(answer, "Plaintext", bytes))
    return DataKey(
        key_arn=member(answer, "KeyId", str),
        plaintext=plaintext,
        ciphertext=member(answer, "CiphertextBlob", bytes),
        key_material_id=text(answer, "KeyMaterialId"),
    )


def _check_length(number_of_bytes: int) -> None:
    if not 1 <= number_of_bytes <= MAX_RANDOM:
        raise InvalidRequest(
            "KMS does not make so many bytes",
            f"{number_of_bytes:,}; from 1 to {MAX_RANDOM:,}",
            "Ask for fewer at a time.",
        )


def _under(context: Context | None, name: str = "EncryptionContext") -> dict[str, Any]:
    return {name: dict(context)} if context else {}


def _by(name: str, algorithm: str) -> dict[str, str]:
    """The parameter for an algorithm; KMS takes the symmetric one by itself."""
    return {} if algorithm == SYMMETRIC else {name: algorithm}

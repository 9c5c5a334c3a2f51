"""Importing key material, for keys whose origin is EXTERNAL.

The material is wrapped here, under a public key that KMS made for this one import, and leaves the
machine only so. KMS gives no copy back: who imports material must keep it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from sealscope.errors import UsageError
from sealscope.files import open_source
from sealscope.kms.answers import member, optional, text
from sealscope.kms.facade import KmsGate
from sealscope.kms.keys import KeyDescription
from sealscope.secret import SecretBytes

WRAPPING_ALGORITHMS: Final = (
    "RSA_AES_KEY_WRAP_SHA_256",
    "RSAES_OAEP_SHA_256",
    "RSA_AES_KEY_WRAP_SHA_1",
    "RSAES_OAEP_SHA_1",
)
"""Best first. Private keys are too long for RSAES_OAEP."""

WRAPPING_KEY_SPECS: Final = ("RSA_4096", "RSA_3072", "RSA_2048")
MAX_MATERIAL_BYTES: Final = 4096
"""More than any private key in DER; the file of an RSA_4096 key has 2,400 bytes."""

_LENGTHS: Final = {
    "SYMMETRIC_DEFAULT": 32,
    "HMAC_224": 28,
    "HMAC_256": 32,
    "HMAC_384": 48,
    "HMAC_512": 64,
}


@dataclass(frozen=True)
class ImportParameters:
    """GetParametersForImport's answer: good for one key, and for 24 hours.

    Attributes:
        token: goes back to KMS with the wrapped material.
        public_key: SubjectPublicKeyInfo in DER.
        algorithm: one of `WRAPPING_ALGORITHMS`.
    """

    key_arn: str
    token: bytes
    public_key: bytes
    algorithm: str
    valid_to: datetime | None


@dataclass(frozen=True)
class ImportedMaterial:
    """ImportKeyMaterial's or DeleteImportedKeyMaterial's answer.

    Attributes:
        material_id: empty for keys other than symmetric encryption keys.
    """

    key_arn: str
    material_id: str


def read_material(path: Path, key: KeyDescription) -> SecretBytes:
    """Key material from a file of bytes: 32 for a symmetric key, a private key in DER for a pair.

    Raises:
        SourceUnreadable: the file cannot be read.
        UsageError: it does not hold material for such a key.
    """
    with open_source(path) as source:
        content = SecretBytes(source.stream.read(MAX_MATERIAL_BYTES + 1))
        source.verify_unchanged()
    check_material(content, key, str(path))
    return content


def check_material(material: SecretBytes, key: KeyDescription, where: str = "") -> None:
    """Refuse what cannot be this key's material, before anything is asked of KMS.

    Raises:
        UsageError: its length is wrong.
    """
    wanted = _LENGTHS.get(key.spec)
    if wanted is None:
        fits, words = 0 < len(material) <= MAX_MATERIAL_BYTES, "a private key in DER (PKCS #8)"
    else:
        fits, words = len(material) == wanted, f"exactly {wanted} bytes"
    if not fits:
        found = f"{where}: {len(material)} bytes" if where else f"{len(material)} bytes"
        raise UsageError(
            f"This is no key material for a key of spec {key.spec}",
            found,
            f"It must be {words}, not a text of them: decode Base64 or hexadecimal first.",
        )


def import_parameters(
    gate: KmsGate,
    key_id: str,
    *,
    algorithm: str = WRAPPING_ALGORITHMS[0],
    wrapping_key_spec: str = WRAPPING_KEY_SPECS[0],
) -> ImportParameters:
    """GetParametersForImport (needs kms:GetParametersForImport). AWS answers one a second.

    Args:
        gate: the KMS gate; a read-only one refuses, as this serves a change only.
        key_id: id or ARN of a key whose origin is EXTERNAL.
        algorithm: one of `WRAPPING_ALGORITHMS`.
        wrapping_key_spec: one of `WRAPPING_KEY_SPECS`.

    Raises:
        ReadOnly: the connection is read-only.
        UnsupportedOperation: the key's origin is not EXTERNAL.
        KmsError: KMS refused.
    """
    answer = gate.call(
        "GetParametersForImport",
        KeyId=key_id,
        WrappingAlgorithm=algorithm,
        WrappingKeySpec=wrapping_key_spec,
    )
    return ImportParameters(
        key_arn=text(answer, "KeyId"),
        token=member(answer, "ImportToken", bytes),
        public_key=member(answer, "PublicKey", bytes),
        algorithm=algorithm,
        valid_to=optional(answer, "ParametersValidTo", datetime),
    )


def import_material(
    gate: KmsGate,
    key: KeyDescription,
    material: SecretBytes,
    *,
    valid_to: datetime | None = None,
    is_new: bool | None = None,
    description: str = "",
    algorithm: str = WRAPPING_ALGORITHMS[0],
) -> ImportedMaterial:
    """GetParametersForImport and ImportKeyMaterial (needs the kms: permission of each).

    Args:
        gate: the KMS gate.
        key: a key whose origin is EXTERNAL.
        material: see `read_material`.
        valid_to: when KMS is to forget it, at most 365 days from now; None for never.
        is_new: True to add material that the next rotation on demand makes current, False to
            bring back what expired or was deleted; None leaves it to KMS, which takes the first
            material as new and any later as known. For symmetric keys only.
        description: of the material; for symmetric keys only.
        algorithm: one of `WRAPPING_ALGORITHMS`.

    Raises:
        UsageError: this is no material for such a key.
        ReadOnly: the connection is read-only.
        InvalidRequest: it is not the material that KMS knows, or a parameter is wrong.
        UnsupportedOperation: the key's origin is not EXTERNAL.
        KmsError: KMS refused.
    """
    from sealscope.kms.material_wrapping import wrap_material

    check_material(material, key)
    parameters = import_parameters(gate, key.arn, algorithm=algorithm)
    options: dict[str, Any] = {"ExpirationModel": "KEY_MATERIAL_DOES_NOT_EXPIRE"}
    if valid_to is not None:
        options = {"ExpirationModel": "KEY_MATERIAL_EXPIRES", "ValidTo": valid_to}
    if is_new is not None:
        options["ImportType"] = "NEW_KEY_MATERIAL" if is_new else "EXISTING_KEY_MATERIAL"
    if description:
        options["KeyMaterialDescription"] = description
    answer = gate.call(
        "ImportKeyMaterial",
        KeyId=key.arn,
        ImportToken=parameters.token,
        EncryptedKeyMaterial=wrap_material(parameters.public_key, algorithm, material),
        **options,
    )
    return _imported(answer)


def delete_imported_material(
    gate: KmsGate, key_id: str, *, material_id: str | None = None
) -> ImportedMaterial:
    """DeleteImportedKeyMaterial: the key is useless until the same material is imported again.

    Needs kms:DeleteImportedKeyMaterial.

    Args:
        gate: the KMS gate.
        key_id: id or ARN of the key.
        material_id: which generation; the current one by default.

    Raises:
        ReadOnly: the connection is read-only.
        UnsupportedOperation: the key's origin is not EXTERNAL.
        KmsError: KMS refused.
    """
    which: dict[str, Any] = {} if material_id is None else {"KeyMaterialId": material_id}
    return _imported(gate.call("DeleteImportedKeyMaterial", KeyId=key_id, **which))


def _imported(answer: dict[str, Any]) -> ImportedMaterial:
    return ImportedMaterial(text(answer, "KeyId"), text(answer, "KeyMaterialId"))

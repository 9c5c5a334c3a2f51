"""The public half of an asymmetric key."""

from __future__ import annotations

import base64
import textwrap
from dataclasses import dataclass

from sealscope.kms.answers import member, text, texts
from sealscope.kms.facade import KmsGate
from sealscope.kms.keys import KeyDescription
from sealscope.kms.reading import Missing, attempt, not_applicable


@dataclass(frozen=True)
class PublicKey:
    """GetPublicKey's answer.

    Attributes:
        der: the SubjectPublicKeyInfo.
        algorithms: those that the key allows, whatever its usage.
    """

    arn: str
    der: bytes
    spec: str
    usage: str
    algorithms: tuple[str, ...]

    @property
    def pem(self) -> str:
        """The key as other tools read it: `BEGIN PUBLIC KEY`, with a line break at the end."""
        lines = textwrap.wrap(base64.b64encode(self.der).decode(), 64)
        return "\n".join(("-----BEGIN PUBLIC KEY-----", *lines, "-----END PUBLIC KEY-----", ""))

    @property
    def fingerprint(self) -> str:
        """SHA-256 of the DER in hexadecimal, as `openssl dgst -sha256` prints it."""
        import hashlib

        return hashlib.sha256(self.der).hexdigest()


def public_key(gate: KmsGate, key_id: str) -> PublicKey:
    """GetPublicKey (needs kms:GetPublicKey).

    Args:
        gate: the KMS gate.
        key_id: id, ARN, alias or alias ARN of an asymmetric key.

    Raises:
        UnsupportedOperation: the key is symmetric, or the endpoint does not know the operation.
        KmsError: KMS refused.
    """
    answer = gate.call("GetPublicKey", KeyId=key_id)
    groups = ("EncryptionAlgorithms", "SigningAlgorithms", "KeyAgreementAlgorithms")
    return PublicKey(
        arn=text(answer, "KeyId"),
        der=member(answer, "PublicKey", bytes),
        spec=text(answer, "KeySpec") or text(answer, "CustomerMasterKeySpec"),
        usage=text(answer, "KeyUsage"),
        algorithms=tuple(
            name for group in (*groups, "EncapsulationAlgorithms") for name in texts(answer, group)
        ),
    )


def public_key_of(gate: KmsGate, key: KeyDescription) -> PublicKey | Missing:
    """The public key of a described key; nothing is asked for a key that has none."""
    if not key.has_public_key:
        return not_applicable("only key pairs have a public key")
    return attempt(lambda: public_key(gate, key.arn))

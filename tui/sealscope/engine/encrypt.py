"""Encrypting: a stream becomes a message."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import BinaryIO, Final

from sealscope import errors
from sealscope.engine import encryption_context, signing
from sealscope.engine.body_writer import BodyWriter
from sealscope.engine.derivation import derive, header_tag
from sealscope.engine.frames import FrameCipher
from sealscope.engine.header import ContentType
from sealscope.engine.header_writer import build_header
from sealscope.engine.kms import KmsService
from sealscope.engine.kms_keyring import make_data_key
from sealscope.engine.limits import (
    DEFAULT_MAX_ENCRYPTED_DATA_KEYS,
    MAX_FRAME_LENGTH,
)
from sealscope.engine.materials import EncryptionMaterials
from sealscope.engine.policy import DEFAULT_POLICY, CommitmentPolicy
from sealscope.engine.signing import SigningKey
from sealscope.engine.streams import ByteInput, Progress, write_all
from sealscope.engine.suites import DEFAULT_SUITE, IV_BYTES, AlgorithmSuite

DEFAULT_FRAME_LENGTH: Final = 128 * 1024
"""Bytes of plaintext in a frame.

128 KiB, because it is where the AWS Encryption SDK for Python reads fastest and Sealscope is
within 14 % of its own best, while a reader holds next to nothing in memory and a frame adds
32 bytes, 0.024 %. Shorter frames cost a call each; longer ones leave the processor's cache.
Measured on one thread of a 4-core machine, 256 MiB in the page cache, MB/s
(`python -m tests.bench.frame_length`, aws-encryption-sdk 4.0.7):

    ============  ==================  ==================  ====================
    frame length  0478 enc / dec      0578 enc / dec      the SDK, 0478 / 0578
    ============  ==================  ==================  ====================
    4 KiB         2233 / 1827         726 / 675           282 / 210
    16 KiB        3864 / 3847         894 / 867           934 / 483
    64 KiB        6139 / 5522         930 / 938           1881 / 694
    128 KiB       6558 / 5878         954 / 939           2005 / 704
    256 KiB       6679 / 6131         955 / 930           1725 / 695
    1 MiB         6935 / 6789         943 / 939           710 / 441
    4 MiB         5965 / 6226         822 / 901           166 / 147
    ============  ==================  ==================  ====================
"""


@dataclass(frozen=True)
class EncryptResult:
    """A message that was written.

    Attributes:
        recipients: ARN of every wrapping key, in file order.
        encryption_context: as stored, the verification key of a signed message included.
        frames: the final one included.
    """

    suite_id: int
    message_id: bytes
    recipients: tuple[str, ...]
    encryption_context: Mapping[str, str]
    frames: int
    plaintext_bytes: int
    message_bytes: int


def encrypt(
    source: BinaryIO,
    sink: BinaryIO,
    *,
    kms: KmsService,
    keys: Sequence[str],
    context: Mapping[str, str] | None = None,
    suite: AlgorithmSuite = DEFAULT_SUITE,
    frame_length: int = DEFAULT_FRAME_LENGTH,
    max_encrypted_data_keys: int = DEFAULT_MAX_ENCRYPTED_DATA_KEYS,
    commitment_policy: CommitmentPolicy = DEFAULT_POLICY,
    progress: Progress | None = None,
) -> EncryptResult:
    """Encrypt `source` into a framed message.

    Needs kms:GenerateDataKey on the first key and kms:Encrypt on the others. What was written
    is worthless unless this returns: the caller must discard it.

    Args:
        source: may be a pipe.
        sink: may be a pipe.
        kms: where the wrapping keys are.
        keys: key ids, key ARNs, aliases or alias ARNs; the first generates the data key.
        context: authenticated with the message and readable by all.
        suite: algorithm suite; committing, unless the policy says otherwise.
        frame_length: bytes of plaintext in a frame, which readers must hold in memory.
        max_encrypted_data_keys: most wrapping keys, as readers refuse messages with more.
        commitment_policy: what may be written.
        progress: called with the bytes of plaintext done so far.

    Raises:
        UsageError: keys, context or frame length cannot be used.
        CommitmentPolicyError: the policy forbids the suite.
        LimitExceeded: more keys than the limit, or more frames than the format has numbers.
        KmsError: KMS refused.
        OSError: from source or sink, as it came.
        Cancelled: from `progress`.
    """
    commitment_policy.check_encrypt(suite)
    check_limits(keys, frame_length, max_encrypted_data_keys)
    materials = _materials(kms, keys, suite, dict(context or {}))
    return write_message(
        source,
        sink,
        materials=materials,
        message_id=os.urandom(suite.message_id_bytes),
        frame_length=frame_length,
        progress=progress,
    )


def check_limits(keys: Sequence[str], frame_length: int, max_encrypted_data_keys: int) -> None:
    """Refuse to write what readers would not read.

    Raises:
        UsageError: the frame length is out of range.
        LimitExceeded: more keys than the limit.
    """
    if len(keys) > max_encrypted_data_keys:
        raise errors.LimitExceeded(
            "More wrapping keys than the limit",
            f"{len(keys)}; the limit is {max_encrypted_data_keys}",
            "Readers refuse messages with many keys. Raise the limit on both sides, or use fewer.",
        )
    if not 1 <= frame_length <= MAX_FRAME_LENGTH:
        raise errors.UsageError(
            "The frame length is out of range",
            f"{frame_length}; it must be 1 to {MAX_FRAME_LENGTH}",
            f"Leave it out for the default, {DEFAULT_FRAME_LENGTH}.",
        )


def _materials(
    kms: KmsService, keys: Sequence[str], suite: AlgorithmSuite, context: dict[str, str]
) -> EncryptionMaterials:
    encryption_context.check_caller_context(context)
    signing_key = SigningKey(suite.signature) if suite.signature else None
    if signing_key is not None:
        context[encryption_context.PUBLIC_KEY] = signing_key.public_key_text()
        encryption_context.serialize(context)
    data_key, wrapped = make_data_key(kms, keys, suite.key_bytes, context)
    return EncryptionMaterials(suite, data_key, wrapped, context, signing_key)


def write_message(
    source: BinaryIO,
    sink: BinaryIO,
    *,
    materials: EncryptionMaterials,
    message_id: bytes,
    frame_length: int,
    progress: Progress | None = None,
) -> EncryptResult:
    """Write a message with materials at hand.

    Args:
        source: plaintext.
        sink: takes the message.
        materials: the data key, its wrapped copies and the context.
        message_id: random and never used before; it alone separates messages that share a
            data key.
        frame_length: bytes of plaintext in a frame.
        progress: called with the bytes of plaintext done so far.

    Raises:
        UsageError: the context cannot be stored.
        LimitExceeded: more frames than the format has numbers.
    """
    suite = materials.suite
    keys = derive(suite, materials.data_key, message_id)
    header = build_header(
        suite=suite,
        message_id=message_id,
        context=materials.context,
        encrypted_data_keys=materials.encrypted_data_keys,
        content_type=ContentType.FRAMED,
        frame_length=frame_length,
        commit_key=keys.commit_key,
    )
    tag = header_tag(keys, header, b"")
    output = _Output(sink, materials.signing_key)
    output.write(header.raw + (bytes(IV_BYTES) if suite.message_version == 1 else b"") + tag)
    cipher = FrameCipher(keys.content_key, message_id)
    plaintext = ByteInput(source)
    body = BodyWriter(cipher, frame_length, output.write)
    body.copy(plaintext, progress)
    output.write_footer()
    return EncryptResult(
        suite_id=suite.id,
        message_id=message_id,
        recipients=tuple(
            key.provider_info.decode("utf-8", "backslashreplace")
            for key in materials.encrypted_data_keys
        ),
        encryption_context=header.encryption_context,
        frames=body.frames,
        plaintext_bytes=plaintext.offset,
        message_bytes=output.written,
    )


class _Output:
    """The sink, with a count of its bytes and the running hash of a signed message."""

    def __init__(self, sink: BinaryIO, signing_key: SigningKey | None) -> None:
        self._sink = sink
        self._signing_key = signing_key
        self._transcript = signing.transcript(signing_key.algorithm) if signing_key else None
        self.written = 0

    def write(self, data: bytes | memoryview) -> None:
        if self._transcript is not None:
            self._transcript.update(data)
        write_all(self._sink, data)
        self.written += len(data)

    def write_footer(self) -> None:
        if self._signing_key is None or self._transcript is None:
            return
        signature = self._signing_key.sign(self._transcript.digest())
        write_all(self._sink, len(signature).to_bytes(2, "big") + signature)
        self.written += 2 + len(signature)

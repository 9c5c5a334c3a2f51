"""Encrypting: a stream becomes a message."""

from __future__ import annotations

import os
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import BinaryIO, Final

from sealscope import errors
from sealscope.engine import encryption_context, signing
from sealscope.engine.block import BlockCipher, length_of
from sealscope.engine.body_writer import BodyWriter
from sealscope.engine.derivation import derive, header_tag
from sealscope.engine.encryption_context import check_required_context, split_required
from sealscope.engine.frames import FrameCipher
from sealscope.engine.header import ContentType
from sealscope.engine.header_writer import build_header
from sealscope.engine.key_names import full_name
from sealscope.engine.limits import (
    DEFAULT_MAX_BUFFERED_BYTES,
    DEFAULT_MAX_ENCRYPTED_DATA_KEYS,
    MAX_FRAME_LENGTH,
    check_number_of_keys,
)
from sealscope.engine.managers import EncryptionRequest, MaterialsManager
from sealscope.engine.materials import EncryptionMaterials
from sealscope.engine.policy import DEFAULT_POLICY, CommitmentPolicy
from sealscope.engine.signing import SigningKey
from sealscope.engine.streams import ByteInput, ByteOutput, Progress
from sealscope.engine.suites import IV_BYTES, AlgorithmSuite

DEFAULT_FRAME_LENGTH: Final = 128 * 1024
"""Bytes of plaintext in a frame.

128 KiB, because it is where the AWS Encryption SDK for Python reads fastest and Sealscope is
within 14 % of its own best, while a reader holds next to nothing in memory and a frame adds
32 bytes, 0.024 %. Shorter frames cost a call each; longer ones leave the processor's cache.
Measured on one core, 256 MiB in the page cache, MB/s
(`taskset -c 0 python -m tests.bench.frame_length`, aws-encryption-sdk 4.0.7):

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
        recipients: every wrapping key in file order, ARN or namespace/name.
        encryption_context: as stored, the verification key of a signed message included.
        frames: the final one included; 0 when not framed.
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
    materials: MaterialsManager,
    context: Mapping[str, str] | None = None,
    required_context: Collection[str] = (),
    suite: AlgorithmSuite | None = None,
    frame_length: int = DEFAULT_FRAME_LENGTH,
    max_encrypted_data_keys: int = DEFAULT_MAX_ENCRYPTED_DATA_KEYS,
    commitment_policy: CommitmentPolicy = DEFAULT_POLICY,
    plaintext_bytes: int | None = None,
    progress: Progress | None = None,
) -> EncryptResult:
    """Encrypt `source` into a message.

    What was written is worthless unless this returns: the caller must discard it.

    Args:
        source: may be a pipe.
        sink: may be a pipe.
        materials: makes and wraps the data key; with KMS it needs kms:GenerateDataKey on the
            first key and kms:Encrypt on the others.
        context: authenticated with the message and readable by all.
        required_context: keys of `context` whose pairs are authenticated and not stored, so
            that whoever decrypts must know them.
        suite: algorithm suite that the policy allows; None for the policy's default.
        frame_length: bytes of plaintext in a frame, which readers must hold in memory; 0 for
            a message without frames, which readers must hold whole, for programs that read
            nothing else.
        max_encrypted_data_keys: most wrapping keys, as readers refuse messages with more.
        commitment_policy: what may be written.
        plaintext_bytes: most bytes that `source` can have, if that is known; a cache of data
            keys counts them.
        progress: called with the bytes of plaintext done so far.

    Raises:
        UsageError: keys, context or frame length cannot be used.
        CommitmentPolicyError: the policy forbids the suite.
        LimitExceeded: more keys than the limit, more frames than the format has numbers, or
            more plaintext than was said.
        KmsError: KMS refused.
        OSError: from source or sink, as it came.
        Cancelled: from `progress`.
    """
    check_frame_length(frame_length)
    pairs = dict(context or {})
    check_required_context(pairs, required_context)
    request = EncryptionRequest(
        pairs, commitment_policy, suite, plaintext_bytes, max_encrypted_data_keys
    )
    made = materials.for_encryption(request)
    # A shared cache may hold what another caller's policy allowed.
    commitment_policy.check_encrypt(made.suite)
    check_number_of_keys(len(made.encrypted_data_keys), max_encrypted_data_keys)
    bounds = (plaintext_bytes, made.max_plaintext_bytes)
    return write_message(
        source,
        sink,
        materials=made,
        message_id=os.urandom(made.suite.message_id_bytes),
        frame_length=frame_length,
        required_context=required_context,
        max_plaintext_bytes=min((bound for bound in bounds if bound is not None), default=None),
        progress=progress,
    )


def check_frame_length(frame_length: int) -> None:
    """Refuse a frame length that readers would not read.

    Raises:
        UsageError: it is out of range.
    """
    if not 0 <= frame_length <= MAX_FRAME_LENGTH:
        raise errors.UsageError(
            "The frame length is out of range",
            f"{frame_length}; it must be 1 to {MAX_FRAME_LENGTH}, or 0 for no frames",
            f"Leave it out for the default, {DEFAULT_FRAME_LENGTH}.",
        )


def write_message(
    source: BinaryIO,
    sink: BinaryIO,
    *,
    materials: EncryptionMaterials,
    message_id: bytes,
    frame_length: int,
    required_context: Collection[str] = (),
    max_plaintext_bytes: int | None = None,
    progress: Progress | None = None,
) -> EncryptResult:
    """Write a message with materials at hand.

    Args:
        source: plaintext.
        sink: takes the message.
        materials: the data key, its wrapped copies and the context.
        message_id: random and never used before; it alone separates messages that share a
            data key.
        frame_length: bytes of plaintext in a frame; 0 for a message without frames.
        required_context: keys of the context that are authenticated and not stored.
        max_plaintext_bytes: a longer input is refused.
        progress: called with the bytes of plaintext done so far.

    Raises:
        UsageError: the context cannot be stored.
        LimitExceeded: more frames than the format has numbers, or more plaintext than allowed.
    """
    suite = materials.suite
    stored, required = split_required(materials.context, required_context)
    keys = derive(suite, materials.data_key, message_id)
    header = build_header(
        suite=suite,
        message_id=message_id,
        context=stored,
        encrypted_data_keys=materials.encrypted_data_keys,
        content_type=ContentType.FRAMED if frame_length else ContentType.NON_FRAMED,
        frame_length=frame_length,
        commit_key=keys.commit_key,
    )
    tag = header_tag(keys, header, encryption_context.serialize(required))
    output = _Output(sink, materials.signing_key)
    output.write(header.raw + (bytes(IV_BYTES) if suite.message_version == 1 else b"") + tag)
    bounded = _bounded(progress, max_plaintext_bytes)
    plaintext = ByteInput(source)
    if frame_length:
        cipher = FrameCipher(keys.content_key, message_id)
        body = BodyWriter(cipher, frame_length, output.sink, output.observer)
        body.copy(plaintext, bounded)
        frames = body.frames
    else:
        length, plaintext = length_of(source, plaintext, DEFAULT_MAX_BUFFERED_BYTES)
        BlockCipher(keys.content_key, message_id).seal(plaintext, length, output.write, bounded)
        frames = 0
    output.write_footer()
    return EncryptResult(
        suite_id=suite.id,
        message_id=message_id,
        recipients=tuple(full_name(key) for key in materials.encrypted_data_keys),
        encryption_context=header.encryption_context,
        frames=frames,
        plaintext_bytes=plaintext.offset,
        message_bytes=output.sink.written,
    )


def _bounded(progress: Progress | None, maximum: int | None) -> Progress | None:
    if maximum is None:
        return progress

    def bounded(done: int) -> None:
        if done > maximum:
            raise errors.LimitExceeded(
                "The input is longer than was said before",
                f"at least {done} bytes; {maximum} were allowed",
                "It may be growing: wait until nothing writes to it, then try again.",
            )
        if progress is not None:
            progress(done)

    return bounded


class _Output:
    """The sink, and the running hash of a signed message.

    Attributes:
        sink: takes the message.
        observer: takes what is signed, in order; None when nothing is.
    """

    def __init__(self, sink: BinaryIO, signing_key: SigningKey | None) -> None:
        self.sink = ByteOutput(sink)
        self._signing_key = signing_key
        self._transcript = signing.transcript(signing_key.algorithm) if signing_key else None
        self.observer = self._transcript.update if self._transcript else None

    def write(self, data: bytes | memoryview) -> None:
        if self.observer is not None:
            self.observer(data)
        self.sink.write(data)

    def write_footer(self) -> None:
        if self._signing_key is None or self._transcript is None:
            return
        signature = self._signing_key.sign(self._transcript.digest())
        self.sink.write(len(signature).to_bytes(2, "big") + signature)

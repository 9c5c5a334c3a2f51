"""Decrypting: a message becomes a stream again, or nothing but an error."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import BinaryIO

from sealscope import errors
from sealscope.engine import encryption_context, signing
from sealscope.engine.block import BlockCipher
from sealscope.engine.block_reader import read_block
from sealscope.engine.body import read_frames
from sealscope.engine.derivation import (
    MessageKeys,
    check_commitment,
    check_header_tag,
    derive,
    named_cause,
)
from sealscope.engine.frames import FrameCipher
from sealscope.engine.header import ContentType, Header, HeaderAuth, parse_header, parse_header_auth
from sealscope.engine.key_names import full_name
from sealscope.engine.limits import DEFAULT_MAX_ENCRYPTED_DATA_KEYS, ReadLimits
from sealscope.engine.managers import DecryptionRequest, MaterialsManager
from sealscope.engine.materials import Attempt, OpenedDataKey
from sealscope.engine.policy import DEFAULT_POLICY, CommitmentPolicy
from sealscope.engine.signing import VerificationKey
from sealscope.engine.streams import ByteInput, ByteOutput, Progress
from sealscope.engine.suites import AlgorithmSuite


@dataclass(frozen=True)
class DecryptResult:
    """A message that was read to its end and verified.

    Attributes:
        recipients: every wrapping key in file order, ARN or namespace/name.
        encryption_context: the full context, pairs that were only given included.
        opened_by: the wrapping key that opened the data key: key ARN, or namespace/name of a
            raw key.
        key_material_id: which generation of that key, where KMS says so.
        attempts: the fate of every encrypted data key, in message order.
        frames: the final one included; 0 when not framed.
        signature_verified: None when the suite does not sign.
    """

    suite_id: int
    message_id: bytes
    recipients: tuple[str, ...]
    encryption_context: Mapping[str, str]
    opened_by: str
    key_material_id: str | None
    attempts: tuple[Attempt, ...]
    frames: int
    plaintext_bytes: int
    message_bytes: int
    signature_verified: bool | None


def decrypt(
    source: BinaryIO,
    sink: BinaryIO,
    *,
    materials: MaterialsManager,
    expected_context: Mapping[str, str] | None = None,
    required_context: Collection[str] = (),
    commitment_policy: CommitmentPolicy = DEFAULT_POLICY,
    max_encrypted_data_keys: int | None = DEFAULT_MAX_ENCRYPTED_DATA_KEYS,
    limits: ReadLimits | None = None,
    progress: Progress | None = None,
) -> DecryptResult:
    """Decrypt a message.

    A frame is written only after its tag has been verified, and the final one only after the
    signature has been, and the end of the input. Even so, what was written is only the message
    when this returns: if it raises, the caller must discard all of it.

    Args:
        source: may be a pipe.
        sink: may be a pipe.
        materials: opens the data key; with KMS it needs kms:Decrypt.
        expected_context: pairs that the message must have. Those it does not store were
            authenticated with it, or it does not open.
        required_context: keys that `expected_context` must have, also if they are stored.
        commitment_policy: what may be read.
        max_encrypted_data_keys: None for no limit.
        limits: all bounds on what the message may demand; replaces `max_encrypted_data_keys`.
        progress: called with the bytes of the message done so far.

    Raises:
        EnvelopeError: one of its kinds, whatever the bytes.
        UsageError: the expected context cannot be encoded.
        OSError: from source or sink, as it came.
        Cancelled: from `progress`.
    """
    bounds = limits or ReadLimits(max_encrypted_data_keys=max_encrypted_data_keys)
    message = ByteInput(source)
    header = parse_header(message, bounds)
    suite = header.suite
    commitment_policy.check_decrypt(suite)
    full, required = encryption_context.merge_expected(
        header.encryption_context, expected_context or {}
    )
    encryption_context.check_reproduced(expected_context or {}, required_context)
    key_of_signature = verification_key(full, suite)
    opened = materials.for_decryption(
        DecryptionRequest(suite, header.encrypted_data_keys, full, commitment_policy)
    )
    auth = parse_header_auth(message, header)
    keys = _message_keys(header, auth, opened, encryption_context.serialize(required))

    footer = _Footer(key_of_signature, header.raw + auth.raw)
    output = ByteOutput(sink)
    if header.content_type is ContentType.FRAMED:
        end = read_frames(
            message,
            header,
            FrameCipher(keys.content_key, header.message_id),
            output,
            limits=bounds,
            observe=footer.observer,
            progress=progress,
        )
    else:
        end = read_block(
            message,
            BlockCipher(keys.content_key, header.message_id),
            limits=bounds,
            observe=footer.observer,
            progress=progress,
        )
    footer.verify(message)
    _check_end(message)
    end.write_rest(output)
    if progress is not None:
        progress(message.offset)
    return DecryptResult(
        suite_id=suite.id,
        message_id=header.message_id,
        recipients=tuple(full_name(key) for key in header.encrypted_data_keys),
        encryption_context=full,
        opened_by=opened.opened_by,
        key_material_id=opened.key_material_id,
        attempts=opened.attempts,
        frames=end.frames,
        plaintext_bytes=end.plaintext_bytes,
        message_bytes=message.offset,
        signature_verified=True if key_of_signature else None,
    )


def verification_key(context: Mapping[str, str], suite: AlgorithmSuite) -> VerificationKey | None:
    """The key that a message's signature is verified with; None when its suite does not sign.

    Args:
        context: the full encryption context.
        suite: of the message.

    Raises:
        ContextMismatch: a key is missing, or there for a suite that does not sign.
        Malformed: it is no key.
    """
    encryption_context.check_public_key(context, suite)
    if suite.signature is None:
        return None
    return VerificationKey(suite.signature, context[encryption_context.PUBLIC_KEY])


def _message_keys(
    header: Header, auth: HeaderAuth, opened: OpenedDataKey, required_context: bytes
) -> MessageKeys:
    keys = derive(header.suite, opened.data_key, header.message_id)
    try:
        check_commitment(header, keys)
        check_header_tag(keys, header, auth, required_context)
    except errors.CommitmentFailed as failure:
        hint = f"{failure.hint} {opened.doubt}".rstrip()
        raise errors.CommitmentFailed(failure.title, failure.detail, hint) from None
    except errors.HeaderNotAuthentic as failure:
        hint = f"{failure.hint} {opened.doubt}".rstrip()
        cause = named_cause(opened.data_key, header, auth, required_context)
        raise cause or errors.HeaderNotAuthentic(failure.title, failure.detail, hint) from None
    return keys


class _Footer:
    """The signature of a signed message, and the running hash it is checked against.

    Attributes:
        observer: takes the bytes of the body in order; None when nothing is signed.
    """

    def __init__(self, key: VerificationKey | None, header: bytes) -> None:
        self._key = key
        self._transcript = signing.transcript(key.algorithm) if key else None
        self.observer = self._transcript.update if self._transcript else None
        if self.observer is not None:
            self.observer(header)

    def verify(self, message: ByteInput) -> None:
        if self._key is None or self._transcript is None:
            return
        offset = message.offset
        length = int.from_bytes(message.take(2, "the signature's length"), "big")
        signature = message.take(length, "the signature")
        if not signature:
            raise errors.SignatureInvalid(
                "The signature is empty",
                f"at byte {offset}",
                "The message was damaged or tampered with. Get it again from its source.",
            )
        self._key.verify(signature, self._transcript.digest())


def _check_end(message: ByteInput) -> None:
    if message.peek(1):
        raise errors.TrailingData(
            "Bytes follow the end of the message",
            f"from byte {message.offset}",
            "Something was appended to the file, or two files were joined. Nothing of it was"
            " accepted.",
        )

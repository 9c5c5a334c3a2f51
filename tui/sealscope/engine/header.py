"""The header of a message, versions 1 and 2: what is in it, and how it is parsed.

Every length is checked before it is used, and the header as a whole is bounded. What the parser
returns is a claim until the header's tag has been verified over `Header.raw`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from types import MappingProxyType
from typing import Final

from sealscope import errors
from sealscope.engine import encryption_context
from sealscope.engine.limits import ReadLimits
from sealscope.engine.streams import ByteInput
from sealscope.engine.suites import (
    COMMIT_KEY_BYTES,
    IV_BYTES,
    SUITES,
    TAG_BYTES,
    AlgorithmSuite,
)

V1_TYPE: Final = 0x80
# How Base64 spells the first three bytes; no message begins with the letter A itself.
_BASE64_STARTS: Final = (b"AYAA", b"AYAB", b"AYAC", b"AYAD", b"AgR4", b"AgV4")
_DAMAGED: Final = "The file was damaged or was not written by an AWS Encryption SDK."


class ContentType(Enum):
    """How the body is laid out."""

    NON_FRAMED = 1
    FRAMED = 2


@dataclass(frozen=True, slots=True)
class EncryptedDataKey:
    """One wrapped copy of the data key, and who wrapped it.

    Attributes:
        provider_id: "aws-kms", or the namespace of a raw key.
        provider_info: the key ARN for KMS; opaque otherwise.
        ciphertext: the wrapped data key.
    """

    provider_id: str
    provider_info: bytes
    ciphertext: bytes


@dataclass(frozen=True, slots=True)
class Header:
    """A header as it stands in a message.

    Attributes:
        encryption_context: the stored pairs, in file order.
        context_section: the bytes that hold them, without their length field.
        encrypted_data_keys: in file order.
        frame_length: bytes of plaintext in a regular frame; 0 when not framed.
        commit_key: what binds the message to one data key; empty in version 1.
        raw: the header body byte for byte: what the tag is made over.
    """

    suite: AlgorithmSuite
    message_id: bytes
    encryption_context: Mapping[str, str]
    encrypted_data_keys: tuple[EncryptedDataKey, ...]
    content_type: ContentType
    frame_length: int
    commit_key: bytes = b""
    context_section: bytes = field(default=b"", repr=False)
    raw: bytes = field(default=b"", repr=False)

    @property
    def version(self) -> int:
        """Of the message format."""
        return self.suite.message_version

    @property
    def auth_bytes(self) -> int:
        """Bytes of the header authentication that follows."""
        return TAG_BYTES + (IV_BYTES if self.version == 1 else 0)


@dataclass(frozen=True, slots=True)
class HeaderAuth:
    """The header's authentication: its tag, and the IV that only version 1 stores."""

    iv: bytes
    tag: bytes
    raw: bytes = field(repr=False)


def parse_header(source: ByteInput, limits: ReadLimits | None = None) -> Header:
    """Read a header body.

    Raises:
        NotAnEnvelope: the first byte is no version of the format.
        LooksBase64: a Base64 text of a message.
        Unsupported: an unknown type, suite or content type.
        Malformed: the grammar is broken.
        Truncated: the input ends inside the header.
        LimitExceeded: more recipients or bytes than the limits allow.
    """
    return _HeaderParser(source, limits or ReadLimits()).parse()


def parse_header_auth(source: ByteInput, header: Header) -> HeaderAuth:
    """Read the header authentication that follows the header body.

    Raises:
        Truncated: the input ends inside it.
    """
    raw = source.take(header.auth_bytes, "the header authentication")
    iv = raw[:IV_BYTES] if header.version == 1 else bytes(IV_BYTES)
    return HeaderAuth(iv, raw[-TAG_BYTES:], raw)


class _HeaderParser:
    def __init__(self, source: ByteInput, limits: ReadLimits) -> None:
        self._source = source
        self._limits = limits
        self._raw = bytearray()

    def parse(self) -> Header:
        version = self._version()
        suite = self._suite(version)
        message_id = self._take(suite.message_id_bytes, "the message id")
        section = self._take(self._uint16("the context's length"), "the encryption context")
        context = encryption_context.parse(section, self._source.offset - len(section))
        keys = self._encrypted_data_keys()
        content_type = self._content_type()
        if version == 1:
            self._version_1_constants()
        frame_length = self._frame_length(content_type)
        commit_key = self._take(COMMIT_KEY_BYTES, "the commit key") if suite.committing else b""
        return Header(
            suite=suite,
            message_id=message_id,
            encryption_context=MappingProxyType(context),
            encrypted_data_keys=keys,
            content_type=content_type,
            frame_length=frame_length,
            commit_key=commit_key,
            context_section=section,
            raw=bytes(self._raw),
        )

    def _take(self, count: int, what: str) -> bytes:
        if len(self._raw) + count > self._limits.max_header_bytes:
            raise errors.LimitExceeded(
                "The header is larger than the limit",
                f"more than {self._limits.max_header_bytes} bytes, in {what}, at byte"
                f" {self._source.offset}",
                "No ordinary message has such a header. Raise the limit if you trust this file.",
            )
        data = self._source.take(count, what)
        self._raw += data
        return data

    def _uint16(self, what: str) -> int:
        return int.from_bytes(self._take(2, what), "big")

    def _version(self) -> int:
        start = self._source.peek(4)
        if not start:
            raise errors.Truncated(
                "The input is empty", "0 bytes", "An encrypted message is never empty."
            )
        if start in _BASE64_STARTS:
            raise errors.LooksBase64(
                "This looks like the Base64 text of a message",
                f"it starts with {start.decode()}",
                "Decode it first (base64 -d FILE > FILE.bin), then use the decoded file.",
            )
        if start[0] not in (1, 2):
            raise errors.NotAnEnvelope(
                "This is not an AWS Encryption SDK message",
                f"its first byte is 0x{start[0]:02x}, not 0x01 or 0x02",
                "Check that this is the encrypted file.",
            )
        return self._take(1, "the version")[0]

    def _suite(self, version: int) -> AlgorithmSuite:
        if version == 1:
            message_type = self._take(1, "the message type")[0]
            if message_type != V1_TYPE:
                raise errors.Unsupported(
                    "Unknown message type",
                    f"{message_type:02x} at byte 1; version 1 of the format knows only 80",
                    "This may be no AWS Encryption SDK message at all.",
                )
        suite_id = self._uint16("the algorithm suite id")
        suite = SUITES.get(suite_id)
        if suite is None:
            raise errors.Unsupported(
                "Unknown algorithm suite",
                f"{suite_id:04x} at byte {self._source.offset - 2}",
                "The message was damaged, or made by a newer program or for another AWS service.",
            )
        if suite.message_version != version:
            raise errors.Unsupported(
                "The algorithm suite does not belong to this version of the format",
                f"suite {suite.hex_id} in a version {version} header, at byte"
                f" {self._source.offset - 2}",
                _DAMAGED,
            )
        return suite

    def _encrypted_data_keys(self) -> tuple[EncryptedDataKey, ...]:
        count = self._uint16("the number of encrypted data keys")
        at = self._source.offset - 2
        if count == 0:
            raise errors.Malformed("The message has no encrypted data key", f"byte {at}", _DAMAGED)
        limit = self._limits.max_encrypted_data_keys
        if limit is not None and count > limit:
            raise errors.LimitExceeded(
                "The message has more encrypted data keys than the limit",
                f"{count} at byte {at}; the limit is {limit}",
                "Each may cost a call of KMS. Raise the limit if you trust this file"
                " (--max-encrypted-data-keys).",
            )
        return tuple(self._encrypted_data_key(number) for number in range(1, count + 1))

    def _encrypted_data_key(self, number: int) -> EncryptedDataKey:
        what = f"encrypted data key {number}"
        provider = self._take(self._uint16(what), what)
        try:
            provider_id = provider.decode()
        except UnicodeDecodeError:
            raise errors.Malformed(
                "A key provider id is not valid UTF-8",
                f"{what}, before byte {self._source.offset}",
                _DAMAGED,
            ) from None
        info = self._take(self._uint16(what), what)
        return EncryptedDataKey(provider_id, info, self._take(self._uint16(what), what))

    def _content_type(self) -> ContentType:
        value = self._take(1, "the content type")[0]
        if value not in (1, 2):
            raise errors.Unsupported(
                "Unknown content type",
                f"{value:02x} at byte {self._source.offset - 1}; known are 01 and 02",
                _DAMAGED,
            )
        return ContentType(value)

    def _version_1_constants(self) -> None:
        reserved = self._take(4, "the reserved field")
        if any(reserved):
            raise errors.Malformed(
                "The reserved field of the header is not zero",
                f"{reserved.hex()} at byte {self._source.offset - 4}",
                _DAMAGED,
            )
        iv_length = self._take(1, "the IV length")[0]
        if iv_length != IV_BYTES:
            raise errors.Malformed(
                "The header states another IV length than the suite's",
                f"{iv_length} at byte {self._source.offset - 1}; it must be {IV_BYTES}",
                _DAMAGED,
            )

    def _frame_length(self, content_type: ContentType) -> int:
        length = int.from_bytes(self._take(4, "the frame length"), "big")
        framed = content_type is ContentType.FRAMED
        if framed != (length > 0):
            what = "a framed message has" if framed else "a message without frames has"
            raise errors.Malformed(
                "The frame length does not fit the content type",
                f"{what} frame length {length}, at byte {self._source.offset - 4}",
                _DAMAGED,
            )
        maximum = self._limits.max_frame_length
        if maximum is not None and length > maximum:
            raise errors.LimitExceeded(
                "The frames are longer than the limit",
                f"frame length {length}; the limit is {maximum}",
                "A frame is held in memory until it is verified. Raise the limit if you trust"
                " this file.",
            )
        return length

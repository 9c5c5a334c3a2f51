"""From any file to its envelope, or to a clear word on what it is instead."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import BinaryIO, Final

from sealscope import errors
from sealscope.formats import aws_encryption_sdk
from sealscope.formats.envelope import Envelope
from sealscope.formats.file_bytes import FileBytes
from sealscope.formats.telltales import HEAD_BYTES, looks_like

Recogniser = Callable[[FileBytes, bool], Envelope | None]
"""Looks at a file: describes it, with its fields or without, or answers None when it is of another
format."""

RECOGNISERS: Final[tuple[Recogniser, ...]] = (aws_encryption_sdk.recognise,)
"""In the order of their certainty; the first that answers wins."""

_BASE64_MESSAGE: Final = re.compile(rb"(?:AYA[A-D]|AgR4|AgV4)[A-Za-z0-9+/_=\-\s]*")


def describe(stream: BinaryIO, size: int | None = None, *, fields: bool = True) -> Envelope:
    """Describe the envelope in a file; its body is not read.

    Args:
        stream: at its beginning; a pipe is read to its end to learn its size.
        size: in bytes, if the caller knows it.
        fields: also describe it field by field, which takes as long again.

    Raises:
        NotAnEnvelope: of no known format; says what it looks like.
        LooksBase64: the Base64 text of a message.
        EnvelopeError: of a known format, and cut short or malformed where it is described.
        OSError: from the stream, as it came.
    """
    data = FileBytes(stream, size)
    for recogniser in RECOGNISERS:
        envelope = recogniser(data, fields)
        if envelope is not None:
            return envelope
    head = data.head(HEAD_BYTES)
    if _BASE64_MESSAGE.fullmatch(head.removeprefix(b"\xef\xbb\xbf").strip()):
        raise errors.LooksBase64(
            "This looks like the Base64 text of an AWS Encryption SDK message",
            f"{data.size} bytes of text",
            "Decode it first (base64 -d FILE > FILE.bin), then use the decoded file.",
        )
    telltale = looks_like(head, data.size)
    raise errors.NotAnEnvelope(
        "This is no envelope that Sealscope reads",
        f"it looks like {telltale.what}",
        telltale.hint,
    )

"""Messages of the AWS Encryption SDK: described from their header, their size and their end."""

from __future__ import annotations

import functools
from typing import Final

from sealscope.engine.header import ContentType, Header, parse_header, parse_header_auth
from sealscope.engine.limits import ReadLimits
from sealscope.engine.streams import ByteInput
from sealscope.engine.suites import SUITES
from sealscope.formats.aws_encryption_sdk_fields import (
    body_fields,
    footer_fields,
    header_fields,
    recipient,
)
from sealscope.formats.aws_encryption_sdk_layout import Layout, locate
from sealscope.formats.envelope import Certainty, Content, Envelope, Field, Sizes, Suite
from sealscope.formats.file_bytes import FileBytes

NAME: Final = "AWS Encryption SDK message"

# Looking costs no KMS call, so only the size of the header is bounded.
_LIMITS: Final = ReadLimits(max_encrypted_data_keys=None)


def is_message(head: bytes) -> bool:
    """Whether a file that begins with `head` is a message, as far as its first bytes say."""
    if head[:2] == b"\x01\x80":
        return True
    suite_id = int.from_bytes(head[1:3], "big")
    cut = len(head) == 2 and head[1] in (4, 5)
    return head[:1] == b"\x02" and (cut or (len(head) > 2 and suite_id in SUITES))


def recognise(data: FileBytes, fields: bool) -> Envelope | None:
    """The description of a message; None when the file is something else.

    Raises:
        EnvelopeError: it is a message, and its header is cut short or breaks the grammar.
    """
    return describe_message(data, fields=fields) if is_message(data.head(4)) else None


def describe_message(data: FileBytes, *, fields: bool) -> Envelope:
    """Describe a message; its body is not read.

    Raises:
        EnvelopeError: its header is no header, cut short or breaks the grammar.
    """
    source = ByteInput(data.from_start())
    header = parse_header(source, _LIMITS)
    auth = parse_header_auth(source, header)
    start = source.offset
    layout = locate(data, header, start)
    recipients = tuple(map(recipient, header.encrypted_data_keys))
    tree: tuple[Field, ...] = ()
    if fields:
        top = header_fields(header, auth, recipients)
        tree = (top, *_rest_fields(data, header, layout, start))
    return Envelope(
        format=NAME,
        certainty=Certainty.CERTAIN,
        version=str(header.version),
        suite=_suite(header.suite.id),
        message_id=header.message_id,
        encryption_context=header.encryption_context,
        recipients=recipients,
        content=_content(header, layout),
        sizes=Sizes(start, layout.body, layout.footer, data.size, layout.trailing),
        problem=layout.problem,
        fields=tree,
    )


@functools.cache
def _suite(suite_id: int) -> Suite:
    suite = SUITES[suite_id]
    return Suite(suite.hex_id, suite.name, suite.signed, suite.committing)


def _content(header: Header, layout: Layout) -> Content:
    framed = header.content_type is ContentType.FRAMED
    kind = "framed" if framed else "non-framed"
    if layout.last_offset is None:
        return Content(kind, header.frame_length, None, None)
    length = layout.regular_frames * header.frame_length + layout.last_content
    return Content(kind, header.frame_length, layout.regular_frames + 1 if framed else 0, length)


def _rest_fields(data: FileBytes, header: Header, layout: Layout, start: int) -> list[Field]:
    fields = [body_fields(data, header, layout, start)]
    offset = start + layout.body
    if layout.footer and header.suite.signature:
        fields.append(footer_fields(data, layout, offset, header.suite.signature))
        offset += layout.footer
    if layout.trailing:
        meaning = "left over: no part of the message"
        fields.append(Field("trailing bytes", None, meaning, offset, layout.trailing))
    return fields

"""The one description of an envelope, whatever its format.

The inspector's tree, its byte view, `inspect --json` and the reports all render this object.
Everything in it was read from the file without any key, so nothing in it is proven until
`authenticated` says so.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import NamedTuple


class Certainty(Enum):
    """How sure the recognition is."""

    CERTAIN = "certain"
    LIKELY = "likely"


class Field(NamedTuple):
    """One part of the file. A tuple, because an envelope has dozens and a folder thousands.

    Attributes:
        name: the field's standard name ("frame length").
        value: the raw value: a number, text, or bytes. None for a group of fields.
        meaning: the value in words ("framed", "AES-256-GCM ..."); may be empty.
        offset: of the first byte, from the start of the file.
        length: in bytes; 0 for fields that are stored nowhere.
        children: the parts of a group, in file order.
    """

    name: str
    value: int | str | bytes | None
    meaning: str
    offset: int
    length: int
    children: tuple[Field, ...] = ()


@dataclass(frozen=True)
class Recipient:
    """One wrapping key named in the envelope.

    Attributes:
        provider: provider id as stored ("aws-kms", or a namespace).
        key: the key's name: a key ARN for KMS, else the key name.
        encrypted_data_key_bytes: length of the wrapped data key.
        is_kms: whether `key` is the ARN of a KMS key that Decrypt can be asked for.
    """

    provider: str
    key: str
    encrypted_data_key_bytes: int
    is_kms: bool


@dataclass(frozen=True)
class Suite:
    """Algorithm suite: four hex digits and a name in words."""

    id: str
    name: str
    signed: bool
    committing: bool


@dataclass(frozen=True)
class Content:
    """The body.

    Attributes:
        type: "framed" or "non-framed".
        frame_length: bytes of plaintext in a regular frame; 0 when not framed.
        frames: number of frames, the final one included; 0 when not framed; None when it cannot
            be known.
        length: bytes of plaintext; None when it cannot be known (cut short).
    """

    type: str
    frame_length: int
    frames: int | None
    length: int | None


@dataclass(frozen=True)
class Sizes:
    """Bytes of each part; they add up to `total`, the file's size.

    `trailing` counts bytes that are left over and belong to no part: 0 in a sound file.
    """

    header: int
    body: int
    footer: int
    total: int
    trailing: int = 0


@dataclass(frozen=True)
class Envelope:
    """An envelope described.

    Attributes:
        format: "AWS Encryption SDK message".
        certainty: how sure the recognition is.
        version: of the format, as text ("2").
        message_id: as stored; empty when the format has none.
        encryption_context: in file order.
        recipients: in file order.
        authenticated: whether a key has proven all of this.
        problem: what is wrong with the body, in words (cut short, bytes left over); empty if
            nothing is known to be.
        fields: the tree of fields, in file order; top-level lengths add up to the file's size.
            Empty when they were not asked for.
    """

    format: str
    certainty: Certainty
    version: str
    suite: Suite
    message_id: bytes
    encryption_context: Mapping[str, str]
    recipients: tuple[Recipient, ...]
    content: Content
    sizes: Sizes
    authenticated: bool = False
    problem: str = ""
    fields: tuple[Field, ...] = field(default=())

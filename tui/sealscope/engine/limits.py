"""What a message may demand of its reader, and what the format itself allows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from sealscope import errors

MAX_UINT16: Final = 0xFFFF
MAX_FRAME_LENGTH: Final = 2**31 - 1
"""Longest frame written: other readers refuse longer ones, and so does one AES-GCM call."""
MAX_SEQUENCE_NUMBER: Final = 0xFFFFFFFF
"""Of the final frame; a regular frame has at most one less, as this is the end marker."""
MAX_BLOCK_BYTES: Final = 2**36 - 32
"""Longest content of a non-framed message: the limit of AES-GCM itself."""
DEFAULT_MAX_HEADER_BYTES: Final = 1 << 20
DEFAULT_MAX_ENCRYPTED_DATA_KEYS: Final = 10
DEFAULT_MAX_BUFFERED_BYTES: Final = 32 << 20
"""Of a frame, which is in memory twice, sealed and opened, while it is verified."""


@dataclass(frozen=True, slots=True)
class ReadLimits:
    """Bounds on what a header may make its reader hold; the grammar allows 12 GiB.

    Attributes:
        max_header_bytes: of the whole header body.
        max_encrypted_data_keys: also the number of KMS calls that a message can cause; None
            for no limit.
        max_frame_length: as the header states it; None for no limit.
        max_buffered_bytes: of content in one frame or block, which is held until its tag is
            verified. It counts bytes that are really there, not those a header promises.
    """

    max_header_bytes: int = DEFAULT_MAX_HEADER_BYTES
    max_encrypted_data_keys: int | None = DEFAULT_MAX_ENCRYPTED_DATA_KEYS
    max_frame_length: int | None = None
    max_buffered_bytes: int = DEFAULT_MAX_BUFFERED_BYTES


def check_number_of_keys(count: int, maximum: int) -> None:
    """Refuse to write more encrypted data keys than readers would read.

    Raises:
        LimitExceeded: they are more.
    """
    if count > maximum:
        raise errors.LimitExceeded(
            "More wrapping keys than the limit",
            f"{count}; the limit is {maximum}",
            "Readers refuse messages with many keys. Raise the limit on both sides, or use fewer.",
        )

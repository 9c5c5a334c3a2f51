"""Where the parts of a message lie behind its header, found without reading its body.

All regular frames are equally long, so the file's size says where the final frame must begin,
and a look at its header shows whether it does. Where it does not, the frame numbers are searched
by halves for the place where they end.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from sealscope.engine.frames import (
    BLOCK_PREFIX,
    END_MARKER,
    FINAL_OVERHEAD,
    FINAL_PREFIX,
    REGULAR_OVERHEAD,
)
from sealscope.engine.header import ContentType, Header
from sealscope.engine.suites import IV_BYTES, TAG_BYTES
from sealscope.formats.file_bytes import FileBytes


@dataclass(frozen=True)
class Layout:
    """The parts behind the header; their lengths add up to the rest of the file.

    Attributes:
        regular_frames: how many whole ones there are.
        last_offset: of the final frame or the block, from the start of the file; None when it
            is not there.
        last_content: bytes of its content.
        body, footer, trailing: bytes of each part.
        problem: what is wrong, in words; empty if nothing is known to be.
    """

    regular_frames: int
    last_offset: int | None
    last_content: int
    body: int
    footer: int
    trailing: int = 0
    problem: str = ""


def locate(data: FileBytes, header: Header, start: int) -> Layout:
    """Find the parts of a message.

    Args:
        data: the file.
        header: of the message.
        start: offset of the body.
    """
    if header.content_type is ContentType.NON_FRAMED:
        return _locate_block(data, header, start)
    for footer in _possible_footers(data, header):
        found = _from_size(data, header, start, footer)
        if found is not None:
            return found
    return _search(data, header, start)


def _from_size(data: FileBytes, header: Header, start: int, footer: int) -> Layout | None:
    """The layout that the file's size implies, if a final frame is where it says."""
    body = data.size - start - footer
    step = header.frame_length + REGULAR_OVERHEAD
    if body < FINAL_OVERHEAD:
        return None
    frames, content = divmod(body - FINAL_OVERHEAD, step)
    if content > header.frame_length:
        return None
    offset = start + frames * step
    prefix = data.read_at(offset, FINAL_PREFIX)
    # What a pipe did not keep cannot be looked at: then the size alone must do.
    if prefix is not None and _final_content(prefix, frames + 1) != content:
        return None
    return Layout(frames, offset, content, body, footer)


def _possible_footers(data: FileBytes, header: Header) -> Iterator[int]:
    """Lengths that the footer may have, going by its own length field and its DER shape."""
    signature = header.suite.signature
    if signature is None:
        yield 0
        return
    longest = signature.preferred_der_bytes + 1
    tail = data.read_at(max(0, data.size - longest - 2), longest + 2) or b""
    for length in (signature.preferred_der_bytes, *range(longest, 7, -1)):
        at = len(tail) - length - 2
        der = tail[at + 2 :]
        if at >= 0 and tail[at : at + 2] == length.to_bytes(2, "big") and _is_sequence(der):
            yield length + 2


def _is_sequence(der: bytes) -> bool:
    return der[0] == 0x30 and der[1] == len(der) - 2


def _final_content(prefix: bytes, number: int) -> int | None:
    """The content length of a final frame's prefix; None if it is not frame `number`'s."""
    if len(prefix) < FINAL_PREFIX or prefix[:4] != END_MARKER:
        return None
    return int.from_bytes(prefix[20:24], "big") if _number(prefix, 4) == number else None


def _number(prefix: bytes, at: int = 0) -> int:
    return int.from_bytes(prefix[at : at + 4], "big")


def _search(data: FileBytes, header: Header, start: int) -> Layout:
    """The layout of a message that is damaged, or has bytes left over."""
    step = header.frame_length + REGULAR_OVERHEAD
    rest = data.size - start
    whole = _regular_frames(data, start, step, rest // step)
    offset = start + whole * step
    prefix = data.read_at(offset, FINAL_PREFIX)
    if prefix is None:
        return _broken(whole, rest, "it does not end as its size says")
    if prefix[:4] != END_MARKER[: len(prefix)] or not prefix:
        short = data.size - offset < step
        return _broken(whole, rest, _ended(whole) if short else _not_a_frame(whole, offset))
    if len(prefix) < FINAL_PREFIX:
        return _broken(whole, rest, "cut short inside the final frame")
    content = _final_content(prefix, whole + 1)
    if content is None or content > header.frame_length:
        return _broken(whole, rest, _not_a_frame(whole, offset))
    body = whole * step + content + FINAL_OVERHEAD
    if body > rest:
        return _broken(whole, rest, "cut short inside the final frame")
    return _with_footer(data, header, start, Layout(whole, offset, content, body, 0))


def _regular_frames(data: FileBytes, start: int, step: int, most: int) -> int:
    """How many frames in a row, from the first, carry their own number."""
    low, high = 0, most
    while low < high:
        middle = (low + high + 1) // 2
        prefix = data.read_at(start + (middle - 1) * step, 4)
        if prefix is not None and _number(prefix) == middle:
            low = middle
        else:
            high = middle - 1
    return low


def _with_footer(data: FileBytes, header: Header, start: int, found: Layout) -> Layout:
    """Add what follows a complete body: the footer, then bytes that should not be there."""
    rest = data.size - start - found.body
    footer, problem = 0, ""
    if header.suite.signed:
        field = data.read_at(start + found.body, 2) or b""
        footer = 2 + int.from_bytes(field, "big")
        if len(field) < 2 or footer > rest:
            footer, problem = rest, "cut short: the signature is missing or incomplete"
    trailing = rest - footer
    if trailing:
        count = "1 byte is" if trailing == 1 else f"{trailing} bytes are"
        problem = f"{count} left over after the end of the message"
    return Layout(
        found.regular_frames,
        found.last_offset,
        found.last_content,
        found.body,
        footer,
        trailing,
        problem,
    )


def _locate_block(data: FileBytes, header: Header, start: int) -> Layout:
    rest = data.size - start
    prefix = data.read_at(start, BLOCK_PREFIX) or b""
    if len(prefix) < BLOCK_PREFIX:
        return _broken(0, rest, "cut short: the body is missing")
    content = int.from_bytes(prefix[IV_BYTES:], "big")
    body = BLOCK_PREFIX + content + TAG_BYTES
    if body > rest:
        return _broken(0, rest, "cut short inside the body")
    return _with_footer(data, header, start, Layout(0, start, content, body, 0))


def _broken(whole: int, rest: int, problem: str) -> Layout:
    return Layout(whole, None, 0, rest, 0, 0, problem)


def _ended(whole: int) -> str:
    return f"cut short after {whole} frames: the final frame is missing"


def _not_a_frame(whole: int, offset: int) -> str:
    return f"damaged: frame {whole + 1} is not at byte {offset}, where it should be"

"""Messages that open under two data keys, to two plaintexts.

AES-GCM does not bind a ciphertext to one key: its tag is a sum over a finite field, and one
block that can be chosen freely makes the sums of two keys equal. A block of the header is
hidden in an encrypted data key that nobody opens, and a block of the body in its content.
"""

from __future__ import annotations

from dataclasses import dataclass

from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.ciphers.modes import ECB

from sealscope.engine.derivation import derive
from sealscope.engine.suites import AlgorithmSuite
from sealscope.secret import SecretBytes
from tests.engine.forge import FRAME, LABELS, Forge, edk, u

BLOCK = 16


@dataclass(frozen=True)
class TwoMeanings:
    """A message that is right under two data keys, but for a commitment to one of them."""

    message: bytes
    first: bytes
    second: bytes


def two_meanings(suite: AlgorithmSuite) -> TwoMeanings:
    """Make one; if the suite commits, it commits to the first key."""
    first, second = (bytes([fill]) * suite.key_bytes for fill in (1, 2))
    forge = Forge(suite=suite, data_key=first)
    derived = [derive(suite, SecretBytes(key), forge.id) for key in (first, second)]
    keys = [one.content_key.reveal() for one in derived]
    header, tag = _header(forge, keys, derived[0].commit_key)
    iv = bytes(8) + u(1, 4)
    aad = forge.id + LABELS["final"] + u(1, 4) + u(FRAME, 8)
    content, content_tag = _equal_tags(keys, iv, aad, bytes(FRAME), len(_padded(aad)) // BLOCK)
    body = b"\xff" * 4 + u(1, 4) + iv + u(FRAME, 4) + content[1] + content_tag
    header_iv = forge.header_iv if suite.message_version == 1 else b""
    return TwoMeanings(header + header_iv + tag + body, first, second)


def _header(forge: Forge, keys: list[bytes], commit_key: bytes) -> tuple[bytes, bytes]:
    """A header with one block replaced, and its tag under both keys."""
    start = b"never opened:"
    plain = forge.but(edks=(edk(), edk(ciphertext=start + bytes(3 * BLOCK))))
    header = plain._header(None, commit_key)
    free = -(-(header.index(start) + len(start)) // BLOCK)
    (changed, _), tag = _equal_tags(keys, forge.header_iv, header, b"", free)
    return changed, tag


def _equal_tags(
    keys: list[bytes], iv: bytes, aad: bytes, ciphertext: bytes, free: int
) -> tuple[tuple[bytes, bytes], bytes]:
    """Replace block number `free` of the padded input so that both keys give one tag.

    Returns:
        Authenticated data and ciphertext, one of them changed, and the tag.
    """
    padded = _padded(aad) + _padded(ciphertext)
    lengths = u(8 * len(aad), 8) + u(8 * len(ciphertext), 8)
    blocks = [int.from_bytes(padded[at : at + BLOCK], "big") for at in range(0, len(padded), BLOCK)]
    blocks.append(int.from_bytes(lengths, "big"))
    blocks[free] = 0
    sums, weights = [], []
    for key in keys:
        encrypt = Cipher(AES(key), ECB()).encryptor()
        subkey = int.from_bytes(encrypt.update(bytes(BLOCK)), "big")
        total = int.from_bytes(encrypt.update(iv + u(1, 4)), "big")
        weight = subkey
        for number in reversed(range(len(blocks))):
            total ^= _times(blocks[number], weight)
            if number == free:
                weights.append(weight)
            weight = _times(weight, subkey)
        sums.append(total)
    chosen = _times(sums[0] ^ sums[1], _inverse(weights[0] ^ weights[1]))
    tag = sums[0] ^ _times(chosen, weights[0])
    at = free * BLOCK
    changed = padded[:at] + u(chosen, BLOCK) + padded[at + BLOCK :]
    split = len(_padded(aad))
    return (changed[: len(aad)], changed[split : split + len(ciphertext)]), u(tag, BLOCK)


def _padded(data: bytes) -> bytes:
    return data + bytes(-len(data) % BLOCK)


def _times(left: int, right: int) -> int:
    """The product in the field of GCM, whose bits run from the left."""
    product = 0
    for bit in range(127, -1, -1):
        if left >> bit & 1:
            product ^= right
        right = right >> 1 ^ (0xE1 << 120 if right & 1 else 0)
    return product


def _inverse(number: int) -> int:
    """By Fermat: to the power of 2^128 - 2."""
    result, power = 1 << 127, number
    for _ in range(127):
        power = _times(power, power)
        result = _times(result, power)
    return result

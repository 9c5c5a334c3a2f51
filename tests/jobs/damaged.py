"""Messages under a real local KMS that go wrong at a place of one's choice."""

from __future__ import annotations

import hashlib
import io
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Final

from sealscope.engine import signing
from sealscope.engine.encrypt import write_message
from sealscope.engine.encryption_context import PUBLIC_KEY
from sealscope.engine.frames import FINAL_OVERHEAD, REGULAR_OVERHEAD
from sealscope.engine.header import parse_header
from sealscope.engine.kms_keyring import KmsKeyring
from sealscope.engine.managers import DefaultManager, EncryptionRequest
from sealscope.engine.materials import EncryptionMaterials
from sealscope.engine.policy import CommitmentPolicy
from sealscope.engine.signing import SigningKey
from sealscope.engine.streams import ByteInput
from sealscope.engine.suites import SUITES
from sealscope.kms.facade import KmsGate

FIRST_KEY: Final = "alias/getting-started"
FRAMES: Final = 256
SMALL_FRAMES: Final = 64
"""Bytes in a frame of a small message of 256 frames, which one thread reads."""
LARGE_FRAMES: Final = 32 << 10
"""Bytes in a frame of a large message of 256 frames, which several threads read."""


def content_of(size: int) -> bytes:
    return hashlib.shake_128(b"content").digest(size)


def materials(gate: KmsGate, suite_id: int) -> EncryptionMaterials:
    suite = SUITES[suite_id]
    policy = (
        CommitmentPolicy.REQUIRE_ENCRYPT_ALLOW_DECRYPT
        if suite.committing
        else CommitmentPolicy.FORBID_ENCRYPT_ALLOW_DECRYPT
    )
    keyring = KmsKeyring.wrapping(gate, [FIRST_KEY])
    return DefaultManager(keyring).for_encryption(EncryptionRequest({"a": "b"}, policy, suite))


def written(made: EncryptionMaterials, content: bytes, frame_length: int) -> bytes:
    sink = io.BytesIO()
    write_message(
        io.BytesIO(content),
        sink,
        materials=made,
        message_id=os.urandom(made.suite.message_id_bytes),
        frame_length=frame_length,
    )
    return sink.getvalue()


def sealed(gate: KmsGate, content: bytes, frame_length: int, suite_id: int) -> bytes:
    return written(materials(gate, suite_id), content, frame_length)


@dataclass(frozen=True)
class InFrames:
    """A message of 256 frames, to fail in frame k."""

    message: bytes
    frame_length: int

    @classmethod
    def of(cls, gate: KmsGate, frame_length: int, suite_id: int) -> InFrames:
        content = content_of((FRAMES - 1) * frame_length + 5)
        return cls(sealed(gate, content, frame_length, suite_id), frame_length)

    @property
    def content(self) -> bytes:
        return content_of((FRAMES - 1) * self.frame_length + 5)

    @cached_property
    def _body(self) -> int:
        header = parse_header(ByteInput(io.BytesIO(self.message)))
        return len(header.raw) + header.auth_bytes

    def place(self, k: int) -> slice:
        """Where frame k lies."""
        start = self._body + (k - 1) * (self.frame_length + REGULAR_OVERHEAD)
        size = self.frame_length + REGULAR_OVERHEAD if k < FRAMES else 5 + FINAL_OVERHEAD
        return slice(start, start + size)

    def changed(self, k: int) -> bytes:
        """The last byte of frame k's tag flipped."""
        at = self.place(k).stop - 1
        return self.message[:at] + bytes([self.message[at] ^ 1]) + self.message[at + 1 :]

    def dropped(self, k: int) -> bytes:
        place = self.place(k)
        return self.message[: place.start] + self.message[place.stop :]

    def cut(self, k: int) -> bytes:
        """Nothing from frame k on."""
        return self.message[: self.place(k).start]


FAILING: Final[Mapping[str, Callable[[InFrames, int], bytes]]] = {
    "changed": InFrames.changed,
    "dropped": InFrames.dropped,
    "cut": InFrames.cut,
}


@dataclass(frozen=True)
class Signed:
    """A signed message, and what it may be signed by instead."""

    made: EncryptionMaterials
    content: bytes
    frame_length: int
    message: bytes

    @classmethod
    def of(cls, gate: KmsGate, size: int, frame_length: int, suite_id: int) -> Signed:
        made, content = materials(gate, suite_id), content_of(size)
        return cls(made, content, frame_length, written(made, content, frame_length))

    @property
    def _signed(self) -> bytes:
        assert self.made.suite.signature is not None
        return self.message[: -2 - self.made.suite.signature.preferred_der_bytes]

    def broken(self) -> bytes:
        """One bit of the signature flipped."""
        return self.message[:-1] + bytes([self.message[-1] ^ 1])

    def missing(self) -> bytes:
        return self._signed

    def empty(self) -> bytes:
        return self._signed + b"\0\0"

    def by_another_key(self) -> bytes:
        """A right signature over these very bytes, by somebody else."""
        assert self.made.suite.signature is not None
        key = SigningKey(self.made.suite.signature)
        transcript = signing.transcript(key.algorithm)
        transcript.update(self._signed)
        signature = key.sign(transcript.digest())
        return self._signed + len(signature).to_bytes(2, "big") + signature

    def naming_another_key(self) -> bytes:
        """All right but the verification key in the context, which is another one's."""
        assert self.made.signing_key is not None
        other = replace(self.made, signing_key=SigningKey(self.made.signing_key.algorithm))
        assert other.context[PUBLIC_KEY] == self.made.context[PUBLIC_KEY]
        return written(other, self.content, self.frame_length)


BADLY_SIGNED: Final[Mapping[str, Callable[[Signed], bytes]]] = {
    "broken": Signed.broken,
    "missing": Signed.missing,
    "empty": Signed.empty,
    "by another key": Signed.by_another_key,
    "naming another key": Signed.naming_another_key,
}

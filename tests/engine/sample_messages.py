"""Sixteen messages that between them have every suite and every shape, to be changed in every way.

Each is refused by one of the documented errors when anything about it is changed, and what was
let out before the refusal is the beginning of its plaintext and nothing else.
"""

from __future__ import annotations

import hashlib
import io
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO

from sealscope import errors
from sealscope.engine.decrypt import decrypt
from sealscope.engine.header import parse_header
from sealscope.engine.kms_keyring import KmsKeyring
from sealscope.engine.managers import DefaultManager
from sealscope.engine.streams import ByteInput
from sealscope.engine.suites import SUITES, AlgorithmSuite
from tests.engine.fake_kms import FakeKms
from tests.engine.messages import ALLOW, seal

CONTEXTS = {
    0: {},
    1: {"a": "b"},
    3: {"department": "payroll", "": "", "größe": "\U00010348"},
}
DOCUMENTED = {
    name
    for name, kind in vars(errors).items()
    if isinstance(kind, type) and issubclass(kind, errors.EnvelopeError)
}

HEADER_REFUSALS = {
    "CommitmentFailed",
    "CommitmentPolicyError",
    "ContextMismatch",
    "HeaderNotAuthentic",
    "LimitExceeded",
    "Malformed",
    "NoUsableKey",
    "NotAnEnvelope",
    "Truncated",
    "Unsupported",
}
BODY_REFUSALS = {"BodyNotAuthentic", "Malformed", "SequenceError", "Truncated"}
FOOTER_REFUSALS = {"SignatureInvalid", "Truncated"}


@dataclass(frozen=True)
class Sample:
    """The shape of a message.

    Attributes:
        frame_length: 0 for none.
        pairs: of the encryption context.
        size: bytes of plaintext.
    """

    suite_id: int
    frame_length: int
    pairs: int
    recipients: int
    size: int

    def __str__(self) -> str:
        return f"{self.suite_id:04x}-{self.frame_length}-{self.pairs}-{self.recipients}-{self.size}"

    @property
    def suite(self) -> AlgorithmSuite:
        return SUITES[self.suite_id]

    def sealed(self) -> Sealed:
        """A new message of this shape."""
        kms = FakeKms()
        keys = [kms.create_key() for _ in range(self.recipients)]
        plaintext = hashlib.shake_128(str(self).encode()).digest(self.size)
        message, _ = seal(
            kms,
            plaintext,
            keys=keys,
            context=CONTEXTS[self.pairs],
            suite=self.suite,
            frame_length=self.frame_length,
        )
        return Sealed(self, KmsKeyring.strict(kms, keys), plaintext, message)


SAMPLES = (
    Sample(0x0014, 0, 0, 1, 800),
    Sample(0x0046, 16, 1, 1, 300),
    Sample(0x0078, 128, 3, 1, 700),
    Sample(0x0114, 4096, 1, 3, 400),
    Sample(0x0146, 16, 0, 3, 256),
    Sample(0x0178, 4096, 1, 1, 4100),
    Sample(0x0214, 128, 0, 1, 600),
    Sample(0x0346, 0, 3, 1, 500),
    Sample(0x0378, 16, 1, 3, 144),
    Sample(0x0478, 0, 0, 1, 900),
    Sample(0x0478, 16, 3, 3, 200),
    Sample(0x0478, 128, 1, 1, 640),
    Sample(0x0478, 4096, 0, 1, 4096),
    Sample(0x0578, 0, 1, 3, 500),
    Sample(0x0578, 16, 0, 1, 200),
    Sample(0x0578, 128, 3, 3, 300),
)


@dataclass(frozen=True)
class Sealed:
    """A message of a shape, and what opens it."""

    sample: Sample
    keyring: KmsKeyring
    plaintext: bytes
    message: bytes

    def open(self, source: BinaryIO, sink: BinaryIO) -> None:
        """Decrypt what became of it."""
        decrypt(source, sink, materials=DefaultManager(self.keyring), commitment_policy=ALLOW)

    def opens(self) -> bool:
        """Whether it decrypts as it is."""
        sink = io.BytesIO()
        self.open(io.BytesIO(self.message), sink)
        return sink.getvalue() == self.plaintext

    def refusal(self, changed: bytes, what: object) -> str:
        """The name of the error that a change of it ends with; any other ending fails the test."""
        sink = io.BytesIO()
        try:
            self.open(io.BytesIO(changed), sink)
        except errors.EnvelopeError as error:
            refusal = error
        else:
            msg = f"{self.sample}: {what} was accepted: {changed.hex()}"
            raise AssertionError(msg)
        check_told(refusal)
        assert self.plaintext.startswith(sink.getvalue()), what
        return refusal.kind

    def flips(self, first: int = 0, step: int = 1) -> Iterator[tuple[int, bytes]]:
        """Bits of it (8 in a byte) and the message with that bit flipped."""
        changed = bytearray(self.message)
        for bit in range(first, 8 * len(changed), step):
            at, mask = bit // 8, 1 << bit % 8
            changed[at] ^= mask
            yield bit, bytes(changed)
            changed[at] ^= mask

    def allowed(self, bit: int) -> set[str]:
        """The errors that a flip of this bit may end with, by the part that the bit is in."""
        header = parse_header(ByteInput(io.BytesIO(self.message)))
        body = len(header.raw) + header.auth_bytes
        at = bit // 8
        if at < len(header.raw):
            return HEADER_REFUSALS
        if at < body:
            return {"HeaderNotAuthentic"}
        return BODY_REFUSALS if at < self.footer else FOOTER_REFUSALS

    @property
    def footer(self) -> int:
        """Where the footer begins; the end when there is none."""
        signature = self.sample.suite.signature
        return len(self.message) - (2 + signature.preferred_der_bytes if signature else 0)


def check_told(refusal: errors.EnvelopeError) -> None:
    """That an error is a documented one, and says what, where and what to do."""
    assert refusal.kind in DOCUMENTED
    assert refusal.title
    assert refusal.detail
    assert refusal.hint

"""Messages with one thing wrong and everything else right.

Whatever is changed, the tags and the signature are made over the result, as an attacker who has
the data key would. So a test that expects a certain error sees that error and no tag's.
"""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from sealscope import errors
from sealscope.engine import encryption_context, signing
from sealscope.engine.decrypt import DecryptResult, decrypt
from sealscope.engine.derivation import derive
from sealscope.engine.limits import ReadLimits
from sealscope.engine.managers import DefaultManager
from sealscope.engine.signing import SigningKey
from sealscope.engine.suites import SUITES, AlgorithmSuite
from sealscope.secret import SecretBytes
from tests.engine.known_data_key import KnownDataKey
from tests.engine.messages import ALLOW

FRAME = 16
LABELS = {
    "regular": b"AWSKMSEncryptionClient Frame",
    "final": b"AWSKMSEncryptionClient Final Frame",
    "block": b"AWSKMSEncryptionClient Single Block",
}


def u(number: int, size: int) -> bytes:
    return number.to_bytes(size, "big")


def edk(provider: bytes = b"ns", info: bytes = b"kn", ciphertext: bytes = b"wrapped") -> bytes:
    return b"".join(u(len(part), 2) + part for part in (provider, info, ciphertext))


def context_section(*pairs: tuple[bytes, bytes]) -> bytes:
    return u(len(pairs), 2) + b"".join(u(len(text), 2) + text for pair in pairs for text in pair)


@dataclass(frozen=True)
class Forge:
    """The parts of a message; None stands for what is right."""

    suite: AlgorithmSuite = SUITES[0x0478]
    version: int | None = None
    message_type: int = 0x80
    suite_bytes: bytes | None = None
    message_id: bytes | None = None
    context: bytes | None = None
    context_length: int | None = None
    edk_count: int | None = None
    edks: Sequence[bytes] = (edk(),)
    content_type: int = 2
    reserved: bytes = bytes(4)
    iv_length: int = 12
    frame_length: int = FRAME
    commit_key: bytes | None = None
    header_tag: bytes | None = None
    header_iv: bytes = bytes(12)
    parts: Sequence[bytes] = (b"0123456789abcdef", b"ghijklmnopqrstuv", b"end")
    body: bytes | None = None
    public_key: str | None = None
    signature: bytes | None = None
    footer: bytes | None = None
    tail: bytes = b""
    data_key: bytes = field(default=bytes(range(32)))

    def but(self, **changes: Any) -> Forge:
        return replace(self, **changes)

    @property
    def key(self) -> bytes:
        return self.data_key[: self.suite.key_bytes]

    @property
    def id(self) -> bytes:
        return self.message_id or bytes(range(0xA0, 0xA0 + self.suite.message_id_bytes))

    def message(self) -> bytes:
        signer = SigningKey(self.suite.signature) if self.suite.signature else None
        keys = derive(self.suite, SecretBytes(self.key), self.id)
        header = self._header(signer, keys.commit_key)
        cipher = AESGCM(keys.content_key.reveal())
        tag = cipher.encrypt(self.header_iv, b"", header)
        iv = self.header_iv if self.suite.message_version == 1 else b""
        out = header + iv + (tag if self.header_tag is None else self.header_tag)
        out += self.frames() if self.body is None else self.body
        return out + self._footer(signer, out) + self.tail

    def _header(self, signer: SigningKey | None, commit_key: bytes) -> bytes:
        version = self.suite.message_version if self.version is None else self.version
        out = u(version, 1) + (u(self.message_type, 1) if version == 1 else b"")
        out += self.suite_bytes or u(self.suite.id, 2)
        out += self.id
        section = self._context(signer)
        size = len(section) if self.context_length is None else self.context_length
        out += u(size, 2) + section
        count = len(self.edks) if self.edk_count is None else self.edk_count
        out += u(count, 2) + b"".join(self.edks) + u(self.content_type, 1)
        if version == 1:
            out += self.reserved + u(self.iv_length, 1)
        out += u(self.frame_length, 4)
        return out + (commit_key if self.commit_key is None else self.commit_key)

    def _context(self, signer: SigningKey | None) -> bytes:
        if self.context is not None:
            return self.context
        pairs: Mapping[str, str] = {"a": "b"}
        if signer is not None or self.public_key is not None:
            text = self.public_key or (signer.public_key_text() if signer else "")
            pairs = {**pairs, encryption_context.PUBLIC_KEY: text}
        return encryption_context.serialize(pairs)

    def frame(
        self,
        number: int,
        content: bytes,
        kind: str = "regular",
        *,
        label: str | None = None,
        stated_length: int | None = None,
        iv: bytes | None = None,
    ) -> bytes:
        keys = derive(self.suite, SecretBytes(self.key), self.id)
        iv = iv or bytes(8) + u(1 if kind == "block" else number, 4)
        counted = 1 if kind == "block" else number
        aad = self.id + LABELS[label or kind] + u(counted, 4) + u(len(content), 8)
        sealed = AESGCM(keys.content_key.reveal()).encrypt(iv, content, aad)
        length = len(content) if stated_length is None else stated_length
        if kind == "block":
            return iv + u(length, 8) + sealed
        if kind == "final":
            return b"\xff" * 4 + u(number, 4) + iv + u(length, 4) + sealed
        return u(number, 4) + iv + sealed

    def frames(self) -> bytes:
        *regular, last = self.parts
        out = b"".join(self.frame(n, content) for n, content in enumerate(regular, 1))
        return out + self.frame(len(self.parts), last, "final")

    def _footer(self, signer: SigningKey | None, signed: bytes) -> bytes:
        if self.footer is not None:
            return self.footer
        if signer is None:
            return b""
        signature = self.signature
        if signature is None:
            transcript = signing.transcript(signer.algorithm)
            transcript.update(signed)
            signature = signer.sign(transcript.digest())
        return u(len(signature), 2) + signature

    @property
    def plaintext(self) -> bytes:
        return b"".join(self.parts)

    def open(self, **options: Any) -> tuple[bytes, DecryptResult]:
        """Decrypt it with its data key."""
        return self.open_bytes(self.message(), **options)

    def open_bytes(
        self, message: bytes, *, sink: io.BytesIO | None = None, **options: Any
    ) -> tuple[bytes, DecryptResult]:
        """Decrypt what became of it with its data key."""
        sink = sink or io.BytesIO()
        options.setdefault("materials", DefaultManager(KnownDataKey(self.key)))
        options.setdefault("commitment_policy", ALLOW)
        options.setdefault("limits", ReadLimits(max_encrypted_data_keys=10))
        result = decrypt(io.BytesIO(message), sink, **options)
        return sink.getvalue(), result


V1 = Forge(suite=SUITES[0x0178])
V1_SIGNED = Forge(suite=SUITES[0x0378])
V2 = Forge(suite=SUITES[0x0478])
SIGNED = Forge(suite=SUITES[0x0578])


def refused(error: type[errors.EnvelopeError], forge: Forge, **options: Any) -> None:
    with pytest.raises(error) as caught:
        forge.open(**options)
    assert type(caught.value) is error or type(caught.value).__mro__[1] is error
    assert caught.value.title
    assert caught.value.detail

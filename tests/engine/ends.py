"""The two ends of a message in the tests: memory with positions, pipes, and what came of it."""

from __future__ import annotations

import io
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import BinaryIO, Final, cast

import pytest

from sealscope import errors
from sealscope.engine import body, body_writer, crew, encryption_context, pipeline
from sealscope.engine.decrypt import decrypt
from sealscope.engine.encrypt import write_message
from sealscope.engine.header import EncryptedDataKey
from sealscope.engine.managers import DefaultManager
from sealscope.engine.materials import EncryptionMaterials
from sealscope.engine.signing import SigningKey
from sealscope.engine.streams import Progress
from sealscope.engine.suites import AlgorithmSuite
from sealscope.secret import SecretBytes
from tests.engine.known_data_key import KnownDataKey
from tests.engine.messages import ALLOW, Pipe, Trickle

DATA_KEY: Final = bytes(range(32))
BATCH: Final = 256
"""Bytes of a batch in these tests, so that small messages have many."""

Coding = Callable[[BinaryIO, BinaryIO, Progress], object]


class FileInMemory(io.BytesIO):
    """A file that also reads and writes at an offset, as those of the file gate do."""

    def __init__(self, data: bytes = b"") -> None:
        super().__init__(data)
        self._one_at_a_time = threading.Lock()

    def read_at(self, buffer: memoryview, offset: int) -> int:
        with self._one_at_a_time, self.getbuffer() as held, held[offset:] as rest:
            count = min(len(buffer), len(rest))
            buffer[:count] = rest[:count]
        return count

    def write_at(self, data: memoryview, offset: int) -> None:
        with self._one_at_a_time:
            here = self.tell()
            self.seek(offset)
            self.write(data)
            self.seek(here)


SOURCES: Final[dict[str, Callable[[bytes], BinaryIO]]] = {
    "file": FileInMemory,
    "stream": io.BytesIO,
    "pipe": lambda data: Pipe(data, 100).as_source(),
}
SINKS: Final[dict[str, Callable[[], FileInMemory | io.BytesIO | Trickle]]] = {
    "file": FileInMemory,
    "stream": io.BytesIO,
    "pipe": lambda: Trickle(100),
}
ENDS: Final = [("file", "file"), ("file", "pipe"), ("pipe", "file"), ("stream", "stream")]


@dataclass(frozen=True)
class Outcome:
    """What came of coding: all that a caller can see.

    Attributes:
        error: its class and words.
        written: what is in the sink; None after an error, when it is worthless.
        progress: all totals, in order.
    """

    error: tuple[str, ...] | None
    written: bytes | None
    progress: tuple[int, ...]


def outcome(coding: Coding, data: bytes, ends: tuple[str, str] = ("file", "file")) -> Outcome:
    """Code `data` from one kind of end to another; no thread may outlive it."""
    threads = set(threading.enumerate())
    progress: list[int] = []
    written: bytes | None = None
    error: tuple[str, ...] | None = None
    try:
        written = between(coding, data, ends, progress.append)
    except errors.SealscopeError as problem:
        error = (type(problem).__name__, problem.title, problem.detail, problem.hint)
    assert set(threading.enumerate()) == threads
    assert progress == sorted(progress)
    return Outcome(error, written, tuple(progress))


def between(coding: Coding, data: bytes, ends: tuple[str, str], progress: Progress) -> bytes:
    """What is written when `data` is coded from one kind of end to another."""
    sink = SINKS[ends[1]]()
    coding(SOURCES[ends[0]](data), cast("BinaryIO", sink), progress)
    return sink.getvalue()


@pytest.fixture
def small_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    """Batches of 256 bytes, threads after the first of them, and a machine of four cores."""
    for module in (body, body_writer):
        monkeypatch.setattr(module, "BATCH_BYTES", BATCH)
    for module in (body, body_writer, pipeline):
        monkeypatch.setattr(module, "WORTHWHILE_BYTES", 1)
    monkeypatch.setattr(crew, "_cores", lambda: 4)


@contextmanager
def one_after_the_other() -> Iterator[None]:
    """Code without threads: what everything else is compared with."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(pipeline, "crew_for", lambda *_, **__: None)
        yield


class _DigestAsSignature(SigningKey):
    def sign(self, digest: bytes) -> bytes:
        return digest


def sealing(suite: AlgorithmSuite, frame_length: int, *, valid: bool = False) -> Coding:
    """Write messages that are the same for the same plaintext: their footer shows the hash.

    With `valid` it holds a signature, which differs each time.
    """
    kind = SigningKey if valid else _DigestAsSignature
    signer = kind(suite.signature) if suite.signature else None
    context = {encryption_context.PUBLIC_KEY: signer.public_key_text()} if signer else {}
    materials = EncryptionMaterials(
        suite,
        SecretBytes(DATA_KEY[: suite.key_bytes]),
        (EncryptedDataKey("ns", b"kn", b"wrapped"),),
        context,
        signer,
    )

    def seal(source: BinaryIO, sink: BinaryIO, progress: Progress) -> object:
        return write_message(
            source,
            sink,
            materials=materials,
            message_id=bytes(suite.message_id_bytes),
            frame_length=frame_length,
            progress=progress,
        )

    return seal


def opening(suite: AlgorithmSuite) -> Coding:
    """Read messages with their data key."""
    manager = DefaultManager(KnownDataKey(DATA_KEY[: suite.key_bytes]))

    def open_(source: BinaryIO, sink: BinaryIO, progress: Progress) -> object:
        return decrypt(source, sink, materials=manager, commitment_policy=ALLOW, progress=progress)

    return open_

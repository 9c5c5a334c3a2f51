"""Standard streams: nothing comes out before all of it is authenticated."""

from __future__ import annotations

import errno
import hashlib
import io
import os
import tempfile
import tracemalloc
from typing import BinaryIO, cast

import pytest

from sealscope import errors
from sealscope.engine.managers import MaterialsManager
from sealscope.jobs.coding import seal
from sealscope.jobs.materials import Materials
from sealscope.jobs.request import OpenOptions, SealOptions
from sealscope.jobs.stream import IN_MEMORY_BYTES, decrypt_stream
from sealscope.kms.facade import KmsGate

FIRST_KEY = "alias/getting-started"
SEAL = SealOptions(keys=(FIRST_KEY,))
OPEN = OpenOptions(keys=(FIRST_KEY,))


class Pipe(io.RawIOBase):
    """A source that cannot seek and gives little at a time."""

    def __init__(self, data: bytes) -> None:
        self._data = io.BytesIO(data)

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview, /) -> int:  # type: ignore[override]
        piece = self._data.read(min(len(buffer), 1013))
        buffer[: len(piece)] = piece
        return len(piece)


def opening(gate: KmsGate) -> MaterialsManager:
    return Materials(OPEN, gate).manager


def message(
    gate: KmsGate, content: bytes, suite: str = "0578", frame_length: int | None = None
) -> bytes:
    sink = io.BytesIO()
    options = SealOptions(keys=(FIRST_KEY,), suite=suite, frame_length=frame_length)
    seal(io.BytesIO(content), sink, options, Materials(options, gate).manager)
    return sink.getvalue()


def test_a_pipe_is_sealed_and_opened(gate: KmsGate) -> None:
    content = os.urandom(300_000)
    sealed, opened = io.BytesIO(), io.BytesIO()
    seal(io.BufferedReader(Pipe(content)), sealed, SEAL, Materials(SEAL, gate).manager)
    decrypt_stream(io.BufferedReader(Pipe(sealed.getvalue())), opened, OPEN, opening(gate))
    assert opened.getvalue() == content


def test_kms_is_asked_once_for_both_passes(gate: KmsGate) -> None:
    sealed = message(gate, b"content")
    before = len([r for r in gate.log.records() if r.operation == "Decrypt"])
    decrypt_stream(io.BytesIO(sealed), io.BytesIO(), OPEN, opening(gate))
    after = len([r for r in gate.log.records() if r.operation == "Decrypt"])
    assert after - before == 1


def test_what_is_held_back_is_held_encrypted(
    gate: KmsGate, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The copy that waits for verification must not put plaintext on the disk."""
    kept: list[bytes] = []
    real = tempfile.SpooledTemporaryFile

    class Watched(real):  # type: ignore[misc, valid-type]
        def write(self, data: bytes) -> int:
            kept.append(bytes(data))
            return int(super().write(data))

    monkeypatch.setattr(tempfile, "SpooledTemporaryFile", Watched)
    marker = b"MARKER-OF-THE-PLAINTEXT"
    sink = io.BytesIO()
    decrypt_stream(io.BytesIO(message(gate, marker * 1000)), sink, OPEN, opening(gate))
    assert marker in sink.getvalue()
    assert kept
    assert marker not in b"".join(kept)


def test_where_there_is_no_folder_for_temporary_files_it_fails_in_words(
    gate: KmsGate, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A container with a read-only disk: a message too large for memory has no place to wait."""
    monkeypatch.setattr(tempfile, "tempdir", None)
    monkeypatch.setattr(tempfile, "_candidate_tempdir_list", list)
    sink = io.BytesIO()
    large = message(gate, bytes(IN_MEMORY_BYTES))
    with pytest.raises(errors.OutputFailed) as caught:
        decrypt_stream(io.BytesIO(large), sink, OPEN, opening(gate))
    assert "TMPDIR" in caught.value.hint
    assert sink.getvalue() == b""


def test_a_full_disk_is_told_in_words(gate: KmsGate, monkeypatch: pytest.MonkeyPatch) -> None:
    """Also when it is found full only as the last bytes of the copy are written."""

    class Full(tempfile.SpooledTemporaryFile):  # type: ignore[type-arg]
        def flush(self) -> None:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(tempfile, "SpooledTemporaryFile", Full)
    sink = io.BytesIO()
    with pytest.raises(errors.OutputFailed, match="held back"):
        decrypt_stream(io.BytesIO(message(gate, b"content")), sink, OPEN, opening(gate))
    assert sink.getvalue() == b""


@pytest.mark.parametrize("frame_length", [0, 1 << 20])
def test_a_large_message_waits_on_the_disk(gate: KmsGate, frame_length: int) -> None:
    """Also one without frames, of which nothing is verified before its last byte."""
    content = os.urandom(1 << 20) * 24
    source = io.BytesIO(message(gate, content, frame_length=frame_length))
    found = hashlib.sha256()

    class Sink(io.RawIOBase):
        def write(self, data: memoryview, /) -> int:  # type: ignore[override]
            found.update(data)
            return len(data)

    tracemalloc.start()
    try:
        decrypt_stream(source, cast("BinaryIO", Sink()), OPEN, opening(gate))
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert found.digest() == hashlib.sha256(content).digest()
    assert peak < IN_MEMORY_BYTES * 5 // 2


def test_a_large_message_with_a_wrong_signature_releases_nothing(gate: KmsGate) -> None:
    for frame_length in (0, 1 << 20):
        damaged = message(gate, bytes(17 << 20), frame_length=frame_length)[:-1] + b"?"
        sink = io.BytesIO()
        with pytest.raises(errors.SignatureInvalid):
            decrypt_stream(io.BytesIO(damaged), sink, OPEN, opening(gate))
        assert sink.getvalue() == b""

"""Messages without frames: one block, whose length is known before it is written."""

from __future__ import annotations

import io
import tracemalloc
from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO, cast

import aws_encryption_sdk
import pytest
from aws_encryption_sdk.identifiers import Algorithm, CommitmentPolicy

from sealscope import errors
from sealscope.engine.block_reader import IN_MEMORY_BYTES
from sealscope.engine.decrypt import DecryptResult, decrypt
from sealscope.engine.encrypt import EncryptResult, encrypt, write_message
from sealscope.engine.header import ContentType, parse_header
from sealscope.engine.kms_keyring import KmsKeyring
from sealscope.engine.limits import ReadLimits
from sealscope.engine.managers import DefaultManager
from sealscope.engine.materials import EncryptionMaterials
from sealscope.engine.policy import DEFAULT_POLICY
from sealscope.engine.raw_aes_keyring import RawAesKeyring
from sealscope.engine.streams import ByteInput
from sealscope.engine.suites import COMMITTING_SIGNED, SUITES, AlgorithmSuite
from sealscope.files import open_output, open_source
from sealscope.secret import SecretBytes
from tests.engine import known_answers as known
from tests.engine.fake_kms import FakeKms
from tests.engine.messages import FORBID, Pipe, open_with
from tests.engine.peer_keys import raw_aes_provider
from tests.engine.test_known_answers import KEYRING

MEBIBYTE = 1 << 20


def text(length: int) -> bytes:
    return bytes(range(251)) * (length // 251) + bytes(range(length % 251))


def seal_unframed(
    kms: FakeKms, key: str, source: BinaryIO, suite: AlgorithmSuite
) -> tuple[bytes, EncryptResult]:
    sink = io.BytesIO()
    result = encrypt(
        source,
        sink,
        materials=DefaultManager(KmsKeyring.wrapping(kms, [key])),
        suite=suite,
        frame_length=0,
        commitment_policy=DEFAULT_POLICY if suite.committing else FORBID,
    )
    return sink.getvalue(), result


class TestWriting:
    def test_the_same_inputs_give_the_known_bytes(self) -> None:
        m3 = next(message for message in known.MESSAGES if message.name == "M3")
        suite = SUITES[m3.suite_id]
        context = {"a": "b"}
        made = KEYRING.wrap(suite, context, SecretBytes(known.data_key(suite.key_bytes)))
        sink = io.BytesIO()
        write_message(
            io.BytesIO(m3.plaintext),
            sink,
            materials=EncryptionMaterials(
                suite, made.data_key, made.encrypted_data_keys, context, None
            ),
            message_id=known.message_id(suite.message_id_bytes),
            frame_length=0,
        )
        assert sink.getvalue() == m3.message

    @pytest.mark.parametrize("suite", SUITES.values(), ids=lambda suite: suite.hex_id)
    @pytest.mark.parametrize("size", [0, 1, 16, 4099])
    def test_every_suite_reads_back(self, suite: AlgorithmSuite, size: int) -> None:
        kms = FakeKms()
        key = kms.create_key()
        message, result = seal_unframed(kms, key, io.BytesIO(text(size)), suite)
        header = parse_header(ByteInput(io.BytesIO(message)))
        assert (header.content_type, header.frame_length) == (ContentType.NON_FRAMED, 0)
        assert result.frames == 0
        assert (result.plaintext_bytes, result.message_bytes) == (size, len(message))
        plaintext, opened = open_with(kms, message, keys=[key])
        assert plaintext == text(size)
        assert opened.frames == 0

    @pytest.mark.parametrize("size", [MEBIBYTE - 1, MEBIBYTE, MEBIBYTE + 1, 3 * MEBIBYTE + 7])
    def test_pieces_join_to_one_block(self, size: int) -> None:
        kms = FakeKms()
        key = kms.create_key()
        message, _ = seal_unframed(kms, key, io.BytesIO(text(size)), SUITES[0x0578])
        assert open_with(kms, message, keys=[key])[0] == text(size)

    def test_a_source_that_stands_in_its_middle_gives_what_follows(self) -> None:
        kms = FakeKms()
        key = kms.create_key()
        source = io.BytesIO(b"before, after")
        source.seek(8)
        message, _ = seal_unframed(kms, key, source, SUITES[0x0478])
        assert open_with(kms, message, keys=[key])[0] == b"after"

    def test_a_pipe_is_held_until_its_length_is_known(self) -> None:
        kms = FakeKms()
        key = kms.create_key()
        pipe = Pipe(text(5000), 7).as_source()
        message, result = seal_unframed(kms, key, pipe, SUITES[0x0478])
        assert result.plaintext_bytes == 5000
        assert open_with(kms, message, keys=[key])[0] == text(5000)

    def test_a_pipe_is_held_once(self) -> None:
        kms = FakeKms()
        manager = DefaultManager(KmsKeyring.wrapping(kms, [kms.create_key()]))
        length = 16 * MEBIBYTE
        pipe = Pipe(bytes(length), MEBIBYTE).as_source()

        class Nowhere(io.RawIOBase):
            def write(self, data: memoryview, /) -> int:  # type: ignore[override]
                return len(data)

        tracemalloc.start()
        try:
            encrypt(pipe, cast("BinaryIO", Nowhere()), materials=manager, frame_length=0)
            _, peak = tracemalloc.get_traced_memory()
        finally:
            tracemalloc.stop()
        assert peak < 2 * length


class OtherLength(io.BytesIO):
    """Says that it is longer, or shorter, than it is."""

    def __init__(self, data: bytes, said: int) -> None:
        super().__init__(data)
        self._said = said

    def seek(self, offset: int, whence: int = io.SEEK_SET, /) -> int:
        return self._said if whence == io.SEEK_END else super().seek(offset, whence)


@pytest.mark.parametrize("said", [99, 101, 3 * MEBIBYTE])
def test_a_source_whose_length_changes_is_refused(said: int) -> None:
    kms = FakeKms()
    source = OtherLength(text(100), said)
    with pytest.raises(errors.SourceChanged, match=f"{said} bytes at first"):
        seal_unframed(kms, kms.create_key(), source, SUITES[0x0478])


def test_a_length_beyond_the_format_is_refused_before_anything_is_read() -> None:
    kms = FakeKms()
    source = OtherLength(b"", 2**36 - 32)
    with pytest.raises(errors.LimitExceeded, match="cannot be that long"):
        seal_unframed(kms, kms.create_key(), source, SUITES[0x0478])


@pytest.mark.parametrize("suite", SUITES.values(), ids=lambda suite: suite.hex_id)
def test_the_sdk_reads_it(suite: AlgorithmSuite) -> None:
    wrapping_key = bytes(range(32))
    sink = io.BytesIO()
    keyring = RawAesKeyring("peer", "key", SecretBytes(wrapping_key))
    encrypt(
        io.BytesIO(text(5000)),
        sink,
        materials=DefaultManager(keyring),
        suite=suite,
        frame_length=0,
        commitment_policy=DEFAULT_POLICY if suite.committing else FORBID,
    )
    client = aws_encryption_sdk.EncryptionSDKClient(
        commitment_policy=CommitmentPolicy.REQUIRE_ENCRYPT_ALLOW_DECRYPT
    )
    plaintext, header = client.decrypt(
        source=sink.getvalue(), key_provider=raw_aes_provider("peer", "key", wrapping_key)
    )
    assert bytes(plaintext) == text(5000)
    assert header.algorithm == Algorithm.get_by_id(suite.id)


LONG = IN_MEMORY_BYTES + 4321


@pytest.fixture(scope="module")
def sealed() -> tuple[FakeKms, str, bytes]:
    kms = FakeKms()
    key = kms.create_key()
    return kms, key, seal_unframed(kms, key, io.BytesIO(text(LONG)), COMMITTING_SIGNED)[0]


class TestReadingALongOne:
    """A block too long to be held is read twice, if it is in a file."""

    def opened(
        self, sealed: tuple[FakeKms, str, bytes], folder: Path, message: bytes
    ) -> DecryptResult:
        kms, key, _ = sealed
        (folder / "m").write_bytes(message)
        with (
            open_source(folder / "m") as source,
            open_output(folder / "out", source=source) as output,
        ):
            keyring = KmsKeyring.strict(kms, [key])
            result = decrypt(source.stream, output.stream, materials=DefaultManager(keyring))
            output.publish()
        return result

    def test_it_opens(self, sealed: tuple[FakeKms, str, bytes], tmp_path: Path) -> None:
        result = self.opened(sealed, tmp_path, sealed[2])
        assert (tmp_path / "out").read_bytes() == text(LONG)
        assert (result.frames, result.plaintext_bytes) == (0, LONG)
        assert result.message_bytes == len(sealed[2])
        assert result.signature_verified

    def test_it_takes_no_more_memory_than_a_few_pieces(
        self, sealed: tuple[FakeKms, str, bytes], tmp_path: Path
    ) -> None:
        tracemalloc.start()
        try:
            self.opened(sealed, tmp_path, sealed[2])
            _, peak = tracemalloc.get_traced_memory()
        finally:
            tracemalloc.stop()
        assert peak < 3 * LONG // 4

    @pytest.mark.parametrize(
        ("damage", "error"),
        [
            (lambda m: m[:-1], errors.Truncated),
            (lambda m: m[: -2 - 103 - 1], errors.Truncated),
            (lambda m: m[: len(m) // 2], errors.Truncated),
            (lambda m: m + b"x", errors.TrailingData),
            (lambda m: m[:-1] + bytes([m[-1] ^ 1]), errors.SignatureInvalid),
            (lambda m: m[:-200] + bytes([m[-200] ^ 1]) + m[-199:], errors.BodyNotAuthentic),
            (lambda m: m[:-110] + bytes([m[-110] ^ 1]) + m[-109:], errors.BodyNotAuthentic),
        ],
        ids=["signature", "tag", "middle", "longer", "signature bit", "content bit", "tag bit"],
    )
    def test_damage_is_found_before_anything_is_written(
        self,
        sealed: tuple[FakeKms, str, bytes],
        damage: Callable[[bytes], bytes],
        error: type[errors.EnvelopeError],
        tmp_path: Path,
    ) -> None:
        with pytest.raises(error):
            self.opened(sealed, tmp_path, damage(sealed[2]))
        assert [path.name for path in tmp_path.iterdir()] == ["m"]
        kms, key, _ = sealed
        written = io.BytesIO()
        manager = DefaultManager(KmsKeyring.strict(kms, [key]))
        with open_source(tmp_path / "m") as source, pytest.raises(error):
            decrypt(source.stream, written, materials=manager)
        assert written.getvalue() == b""

    def test_a_file_that_changes_between_the_readings_is_found_out(
        self, sealed: tuple[FakeKms, str, bytes], tmp_path: Path
    ) -> None:
        kms, key, message = sealed
        (tmp_path / "m").write_bytes(message)

        class Changing(io.BytesIO):
            """Damages the message while its plaintext is written."""

            def write(self, data: object, /) -> int:
                with (tmp_path / "m").open("r+b") as file:
                    file.seek(len(message) - 5000)
                    file.write(b"changed")
                return super().write(data)  # type: ignore[arg-type]

        manager = DefaultManager(KmsKeyring.strict(kms, [key]))
        with open_source(tmp_path / "m") as source, pytest.raises(errors.BodyNotAuthentic):
            decrypt(source.stream, Changing(), materials=manager)

    def test_from_a_file_it_is_read_under_any_limit(
        self, sealed: tuple[FakeKms, str, bytes], tmp_path: Path
    ) -> None:
        kms, key, _ = sealed
        content = text(5000)
        message, _ = seal_unframed(kms, key, io.BytesIO(content), COMMITTING_SIGNED)
        (tmp_path / "m").write_bytes(message)
        manager = DefaultManager(KmsKeyring.strict(kms, [key]))
        sink = io.BytesIO()
        with open_source(tmp_path / "m") as source:
            limits = ReadLimits(max_buffered_bytes=1000)
            decrypt(source.stream, sink, materials=manager, limits=limits)
        assert sink.getvalue() == content

    def test_from_a_pipe_it_is_held_up_to_the_limit(
        self, sealed: tuple[FakeKms, str, bytes]
    ) -> None:
        kms, key, message = sealed
        manager = DefaultManager(KmsKeyring.strict(kms, [key]))
        sink = io.BytesIO()
        decrypt(Pipe(message, 1 << 20).as_source(), sink, materials=manager)
        assert sink.getvalue() == text(LONG)
        limits = ReadLimits(max_buffered_bytes=IN_MEMORY_BYTES)
        with pytest.raises(errors.LimitExceeded, match="one block"):
            decrypt(
                Pipe(message, 1 << 20).as_source(), io.BytesIO(), materials=manager, limits=limits
            )

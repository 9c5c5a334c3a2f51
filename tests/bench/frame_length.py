"""How the frame length changes the speed: `python -m tests.bench.frame_length [MEBIBYTES]`.

From file to file through the file gate, in memory where the system has a folder there, with the
threads that a user's files get and a KMS in memory; figures are the median of several runs in
megabytes a second. The last column is the AWS Encryption SDK for Python reading the same message;
it is slow, so it reads less.
"""

from __future__ import annotations

import io
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO

import aws_encryption_sdk
from aws_encryption_sdk.identifiers import EncryptionKeyType, WrappingAlgorithm
from aws_encryption_sdk.internal.crypto.wrapping_keys import WrappingKey
from aws_encryption_sdk.key_providers.raw import RawMasterKeyProvider

from sealscope.engine import encryption_context
from sealscope.engine.decrypt import decrypt
from sealscope.engine.encrypt import encrypt, write_message
from sealscope.engine.kms_keyring import KmsKeyring
from sealscope.engine.managers import DefaultManager
from sealscope.engine.materials import EncryptionMaterials
from sealscope.engine.raw_aes_keyring import RawAesKeyring
from sealscope.engine.signing import SigningKey
from sealscope.engine.suites import SUITES, AlgorithmSuite
from sealscope.files import open_output, open_source
from sealscope.secret import SecretBytes
from tests.engine.fake_kms import FakeKms

FRAME_LENGTHS = [4 << 10, 16 << 10, 64 << 10, 128 << 10, 256 << 10, 512 << 10, 1 << 20, 4 << 20]
MEMORY = Path("/dev/shm")
RUNS = 5
PEER_BYTES = 32 << 20
KEY = bytes(32)


class PeerKeys(RawMasterKeyProvider):  # type: ignore[misc] # ships no types
    """One raw AES key, so that no KMS call counts."""

    provider_id = "bench"

    def _get_raw_key(self, _key_id: bytes) -> WrappingKey:
        return WrappingKey(
            wrapping_algorithm=WrappingAlgorithm.AES_256_GCM_IV12_TAG16_NO_PADDING,
            wrapping_key=KEY,
            wrapping_key_type=EncryptionKeyType.SYMMETRIC,
        )


def main() -> None:
    size = int(sys.argv[1]) << 20 if len(sys.argv) > 1 else 256 << 20
    with tempfile.TemporaryDirectory(dir=MEMORY if MEMORY.is_dir() else None) as folder:
        plain, sealed = Path(folder, "plain"), Path(folder, "sealed")
        with plain.open("wb") as file:
            for _ in range(size >> 20):
                file.write(bytes(1 << 20))
        print(f"{size >> 20} MiB, MB/s, median of {RUNS}")
        print(f"{'suite':>6} {'frame':>9} {'encrypt':>9} {'decrypt':>9} {'SDK reads':>10}")
        for suite_id in (0x0478, 0x0578):
            for length in FRAME_LENGTHS:
                measure(SUITES[suite_id], length, size, plain, sealed)


def measure(suite: AlgorithmSuite, frame_length: int, size: int, plain: Path, sealed: Path) -> None:
    kms = FakeKms()
    key = kms.create_key()
    opened = plain.with_name("opened")

    def seal(source: BinaryIO, sink: BinaryIO) -> None:
        encrypt(
            source,
            sink,
            materials=DefaultManager(KmsKeyring.wrapping(kms, [key])),
            suite=suite,
            frame_length=frame_length,
        )

    def open_(source: BinaryIO, sink: BinaryIO) -> None:
        decrypt(source, sink, materials=DefaultManager(KmsKeyring.strict(kms, [key])))

    ours = rate(size, lambda: between(plain, sealed, seal))
    back = rate(size, lambda: between(sealed, opened, open_))
    peer = peer_reads(suite, frame_length)
    print(
        f"{suite.hex_id:>6} {frame_length >> 10:>5} KiB {ours:>9.0f} {back:>9.0f} {peer:>10.0f}",
        flush=True,
    )


def between(origin: Path, target: Path, work: Callable[[BinaryIO, BinaryIO], None]) -> None:
    with (
        open_source(origin) as source,
        open_output(target, source=source, overwrite=True) as output,
    ):
        work(source.stream, output.stream)
        output.publish()


def rate(size: int, work: Callable[[], None]) -> float:
    seconds = []
    work()
    for _ in range(RUNS):
        start = time.perf_counter()
        work()
        seconds.append(time.perf_counter() - start)
    return size / statistics.median(seconds) / 1e6


def peer_reads(suite: AlgorithmSuite, frame_length: int) -> float:
    provider = PeerKeys()
    provider.add_master_key("key")
    signer = SigningKey(suite.signature) if suite.signature else None
    context = {encryption_context.PUBLIC_KEY: signer.public_key_text()} if signer else {}
    keyring = RawAesKeyring("bench", "key", SecretBytes(KEY))
    wrapped = keyring.wrap(suite, context, SecretBytes(bytes(32))).encrypted_data_keys
    message = io.BytesIO()
    write_message(
        io.BytesIO(bytes(PEER_BYTES)),
        message,
        materials=EncryptionMaterials(suite, SecretBytes(bytes(32)), wrapped, context, signer),
        message_id=bytes(32),
        frame_length=frame_length,
    )
    client = aws_encryption_sdk.EncryptionSDKClient()

    def read() -> None:
        message.seek(0)
        with client.stream(mode="d", source=message, key_provider=provider) as plaintext:
            for _ in plaintext:
                pass

    start = time.perf_counter()
    read()
    return PEER_BYTES / (time.perf_counter() - start) / 1e6


if __name__ == "__main__":
    main()

"""Messages made to cost their reader much: each ends quickly and in little memory.

Each is opened and looked at in a process of its own. What counts is its processor time, not the
time that passes, and its greatest memory, those of libraries and threads included.
"""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final

import pytest

from sealscope.engine.encrypt import write_message
from sealscope.engine.encryption_context import PUBLIC_KEY
from sealscope.engine.header import EncryptedDataKey
from sealscope.engine.limits import DEFAULT_MAX_ENCRYPTED_DATA_KEYS
from sealscope.engine.materials import EncryptionMaterials
from sealscope.engine.signing import SigningKey
from sealscope.engine.suites import SUITES
from sealscope.secret import SecretBytes
from tests.engine.bombs import STATUS, Cost, Job
from tests.engine.fake_kms import REGION
from tests.engine.forge import SIGNED, V1, V2, Forge, context_section, edk, u

MEBIBYTE: Final = 1 << 20
MOST_MEMORY: Final = 64 * MEBIBYTE
MOST_SECONDS: Final = 1.0
FULL: Final = bytes(65535)
BLOCK: Final = Forge(suite=SUITES[0x0178], content_type=1, frame_length=0)
HUGE_FRAMES: Final = V2.but(frame_length=2**32 - 1)
HUGE_BLOCK: Final = 2**36 - 32

pytestmark = pytest.mark.skipif(not STATUS.exists(), reason="memory is read from /proc")


def kms_edk(number: int, ciphertext: bytes = b"") -> bytes:
    arn = f"arn:aws:kms:{REGION}:111122223333:key/{number}"
    return edk(b"aws-kms", arn.encode(), ciphertext)


def smallest_pairs() -> bytes:
    """A context of as many pairs as fit 65,535 bytes: keys of two letters, no values."""
    letters = [bytes([letter]) for letter in range(128)]
    keys = (one + other for one in letters for other in letters)
    pairs = [(next(keys), b"") for _ in range((65535 - 2) // 6)]
    return context_section(*pairs)


def deep_der() -> bytes:
    """Sequences in sequences, as deep as a signature's length allows."""
    return b"\x30\x80" * 32767


@dataclass(frozen=True)
class Bomb:
    """A message and what becomes of it.

    Attributes:
        error: what opening it ends with; None if it opens.
        sparse: bytes of zeros behind it, that take no room on the disk.
        limit: most encrypted data keys; None for no limit.
    """

    data: Callable[[], bytes]
    error: str | None
    sparse: int = 0
    limit: int | None = 10


BOMBS: Final = {
    "65,535 recipients": Bomb(
        lambda: V2.but(edks=[edk(b"", b"", b"")] * 65535).message(), "LimitExceeded"
    ),
    "65,535 recipients, no limit": Bomb(
        lambda: V2.but(edks=[edk(b"", b"", b"")] * 65535).message(), None, limit=None
    ),
    "65,535 recipients named after KMS, no limit": Bomb(
        lambda: V2.but(edks=[edk(b"aws-kms", b"", b"")] * 65535).message(), None, limit=None
    ),
    "65,535 recipients that are not there": Bomb(
        lambda: V2.but(edk_count=65535).message(), "Truncated", limit=None
    ),
    "keys of KMS up to the limit": Bomb(
        lambda: V2.but(edks=[kms_edk(number) for number in range(10)]).message(), None
    ),
    "one key of KMS ten times": Bomb(lambda: V2.but(edks=[kms_edk(1)] * 10).message(), None),
    "fields of 64 KiB": Bomb(
        lambda: V2.but(edks=[edk(b"x" * 65535, FULL, FULL)] * 10).message(), "LimitExceeded"
    ),
    "fields of 64 KiB, as many as a header may have": Bomb(
        lambda: V2.but(edks=[edk(b"x" * 65535, FULL, FULL)] * 5).message(), None
    ),
    "keys of KMS with names of 64 KiB": Bomb(
        lambda: V2.but(edks=[edk(b"aws-kms", b":" * 65535, FULL)] * 7).message(), None
    ),
    "a field of 64 KiB that is no text": Bomb(
        lambda: V2.but(edks=[edk(b"x" * 65534 + b"\xff")]).message(), "Malformed"
    ),
    "a context of the smallest pairs": Bomb(
        lambda: V2.but(context=smallest_pairs()).message(), None
    ),
    "a context of one key over and over": Bomb(
        lambda: V2.but(context=context_section(*[(b"", b"")] * 16383)).message(), "Malformed"
    ),
    "a context of pairs that are not there": Bomb(
        lambda: V2.but(context=b"\xff\xff" + bytes(65533)).message(), "Malformed"
    ),
    "a verification key of 64 KiB": Bomb(
        lambda: SIGNED.but(
            context=context_section((b"aws-crypto-public-key", b"A" * 65500))
        ).message(),
        "Malformed",
    ),
    "a frame length of 4 GiB": Bomb(lambda: HUGE_FRAMES.but(parts=(bytes(500),)).message(), None),
    "a frame of 4 GiB that is not there": Bomb(
        lambda: HUGE_FRAMES.but(body=u(1, 4) + bytes(500)).message(), "Truncated"
    ),
    "a final frame of 4 GiB that is not there": Bomb(
        lambda: HUGE_FRAMES.but(
            body=HUGE_FRAMES.frame(1, bytes(500), "final", stated_length=2**32 - 1)
        ).message(),
        "Truncated",
    ),
    "a block of 2^36 - 33 that is not there": Bomb(
        lambda: BLOCK.but(
            body=BLOCK.frame(1, bytes(500), "block", stated_length=HUGE_BLOCK - 1)
        ).message(),
        "Truncated",
    ),
    "a block of 2^36 - 32": Bomb(
        lambda: BLOCK.but(
            body=BLOCK.frame(1, bytes(500), "block", stated_length=HUGE_BLOCK)
        ).message(),
        "Malformed",
    ),
    "a block of 2^64 - 1": Bomb(
        lambda: BLOCK.but(
            body=BLOCK.frame(1, bytes(500), "block", stated_length=2**64 - 1)
        ).message(),
        "Malformed",
    ),
    "a signature of 64 KiB": Bomb(
        lambda: SIGNED.but(footer=u(65534, 2) + deep_der()).message(), "SignatureInvalid"
    ),
    "a signature of 64 KiB that is not there": Bomb(
        lambda: SIGNED.but(footer=u(65535, 2) + b"\x30").message(), "Truncated"
    ),
    "8 GiB of zeros": Bomb(lambda: b"", "NotAnEnvelope", sparse=8 << 30),
    "8 GiB of zeros behind a message": Bomb(V1.message, "TrailingData", sparse=8 << 30),
    "8 GiB of zeros where a message without frames has its length": Bomb(
        lambda: BLOCK.but(body=bytes(12)).message(), "BodyNotAuthentic", sparse=8 << 30
    ),
    "8 GiB of zeros where frames should be": Bomb(
        lambda: V2.but(body=b"").message(), "SequenceError", sparse=8 << 30
    ),
}


def costs(jobs: Sequence[Job]) -> list[Cost]:
    answer = subprocess.run(
        [sys.executable, "-m", "tests.engine.bombs"],
        input="\n".join(json.dumps(asdict(job)) for job in jobs),
        capture_output=True,
        text=True,
        check=False,
        cwd=Path(__file__).resolve().parents[2],
    )
    assert answer.returncode == 0, answer.stderr
    return [Cost(**json.loads(line)) for line in answer.stdout.splitlines()]


def written(path: Path, bomb: Bomb) -> str:
    data = bomb.data()
    path.write_bytes(data)
    if bomb.sparse:
        os.truncate(path, len(data) + bomb.sparse)
    return str(path)


def paid(action: str, folder: Path) -> dict[str, Cost]:
    """What each bomb costs, none of them more than a second, 64 MiB and ten calls of KMS."""
    jobs = [
        Job(action, written(folder / str(number), bomb), bomb.limit)
        for number, bomb in enumerate(BOMBS.values())
    ]
    each = dict(zip(BOMBS, costs(jobs), strict=True))
    for name, cost in each.items():
        assert cost.seconds <= MOST_SECONDS, name
        assert cost.peak_bytes <= MOST_MEMORY, name
        assert cost.kms_calls <= DEFAULT_MAX_ENCRYPTED_DATA_KEYS, name
    return each


def test_bombs_are_opened_or_refused_at_little_cost(tmp_path: Path) -> None:
    each = paid("decrypt", tmp_path)
    assert {name: cost.error for name, cost in each.items()} == {
        name: bomb.error for name, bomb in BOMBS.items()
    }
    assert each["keys of KMS up to the limit"].kms_calls == 10


def test_bombs_are_looked_at_at_little_cost_and_nobody_is_asked(tmp_path: Path) -> None:
    assert {cost.kms_calls for cost in paid("inspect", tmp_path).values()} == {0}


@pytest.mark.exhaustive
@pytest.mark.parametrize("frame_length", [1, 16])
@pytest.mark.parametrize("suite_id", [0x0478, 0x0578])
def test_a_million_frames_cost_microseconds_each(
    suite_id: int, frame_length: int, tmp_path: Path
) -> None:
    """About one, on an idle machine; four are allowed to a busy one."""
    path = tmp_path / "message"
    suite = SUITES[suite_id]
    signing_key = SigningKey(suite.signature) if suite.signature else None
    context = {PUBLIC_KEY: signing_key.public_key_text()} if signing_key else {}
    wrapped = (EncryptedDataKey("ns", b"kn", b""),)
    with path.open("wb") as sink:
        write_message(
            io.BytesIO(bytes(frame_length * 1_000_000)),
            sink,
            materials=EncryptionMaterials(
                suite, SecretBytes(V2.key), wrapped, context, signing_key
            ),
            message_id=bytes(suite.message_id_bytes),
            frame_length=frame_length,
        )
    opened, looked_at = costs([Job(action, str(path), 10) for action in ("decrypt", "inspect")])
    assert opened.error is None
    assert opened.peak_bytes <= MOST_MEMORY
    assert opened.seconds <= 4 * MOST_SECONDS
    assert looked_at.peak_bytes <= MEBIBYTE
    assert looked_at.seconds <= MOST_SECONDS

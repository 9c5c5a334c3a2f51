"""How many headers a second `sealscope inspect` reads: the whole process, all in one command."""

from __future__ import annotations

import io
import os
import random
import subprocess
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

from sealscope.engine.encrypt import encrypt
from sealscope.engine.kms_keyring import KmsKeyring
from sealscope.engine.managers import DefaultManager
from sealscope.engine.suites import SUITES
from tests.bench.figure import Figure
from tests.bench.local_kms import sealscope_command
from tests.bench.rounds import Contender, WrongResultError, command, take_turns
from tests.bench.settings import MEMORY_FOLDER
from tests.engine.fake_kms import FakeKms

RUNS: Final = 7
ENVELOPES: Final = 10_000
GOAL: Final = 5_000
SMALLEST, LARGEST = 1 << 10, 20 << 10
"""Bytes of plaintext; every hundredth file holds a mebibyte."""


def measure(envelopes: int = ENVELOPES, runs: int = RUNS) -> list[Figure]:
    """Inspect a folder's envelopes, in words and in JSON.

    Raises:
        WrongResultError: not every envelope was described.
    """
    base = MEMORY_FOLDER if MEMORY_FOLDER.is_dir() else None
    with tempfile.TemporaryDirectory(prefix="bench-", dir=base) as made:
        folder = Path(made, "e")
        make_envelopes(folder, envelopes)
        paths = [str(path) for path in sorted(folder.iterdir())]
        environment = {"HOME": made, "PATH": os.environ["PATH"], "LANG": "C.UTF-8"}
        program = sealscope_command()
        ways = {"inspect": [program, "inspect"], "inspect --json": [program, "inspect", "--json"]}
        check([*ways["inspect --json"], *paths], environment, envelopes)
        taken = take_turns(
            [
                Contender(name, command([*words, *paths], environment), None, runs)
                for name, words in ways.items()
            ]
        )
    return [figure(name, envelopes, seconds) for name, seconds in taken.items()]


def figure(name: str, envelopes: int, seconds: float) -> Figure:
    """A rate beside its goal."""
    rate = envelopes / seconds
    return Figure(
        f"{name} of {envelopes:,} envelopes",
        f"{rate:,.0f} a second",
        f"at least {GOAL:,} a second",
        rate >= GOAL,
        f"{seconds:.3g} s",
    )


def make_envelopes(folder: Path, count: int) -> None:
    """A new folder of messages: two suites and frame lengths, some with two recipients."""
    folder.mkdir()
    kms, dice = FakeKms(), random.Random(0)
    keys = [kms.create_key(), kms.create_key()]
    for number in range(count):
        size = dice.randint(SMALLEST, LARGEST) if number % 100 else 1 << 20
        sealed = io.BytesIO()
        encrypt(
            io.BytesIO(dice.randbytes(size)),
            sealed,
            materials=DefaultManager(KmsKeyring.wrapping(kms, keys[: 1 + (number % 4 == 0)])),
            context={"purpose": "backup", "tenant": f"customer-{number:05}"},
            suite=SUITES[0x0578 if number % 2 else 0x0478],
            frame_length=4 << 10 if number % 3 else 64 << 10,
        )
        folder.joinpath(f"{number:05}").write_bytes(sealed.getvalue())


def check(words: Sequence[str], environment: Mapping[str, str], count: int) -> None:
    """See that every envelope is described.

    Raises:
        WrongResultError: there are others.
    """
    done = subprocess.run(words, check=True, capture_output=True, env=environment)
    described = done.stdout.count(b"\n")
    if described != count:
        raise WrongResultError(f"{described} of {count} envelopes were described")

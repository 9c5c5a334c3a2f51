"""From file to file, what is held does not grow with the file, whatever the threads."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

MEBIBYTE = 1 << 20
PROGRAM = """
import os, sys
from pathlib import Path
from sealscope.engine.suites import SUITES
from sealscope.files import open_output, open_source
from tests.engine.ends import opening, sealing

folder, size, frame_length = Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3])
suite = SUITES[int(sys.argv[4])]
os.fsync = lambda descriptor: None  # the disk is not what is measured
plain, sealed, opened = (folder / name for name in ("plain", "sealed", "opened"))
with plain.open("wb") as file:
    file.truncate(size)

def through_the_gate(source_path, target, coding):
    with open_source(source_path) as source, open_output(target, source=source) as output:
        coding(source.stream, output.stream, lambda done: None)
        output.publish()

through_the_gate(plain, sealed, sealing(suite, frame_length, valid=True))
through_the_gate(sealed, opened, opening(suite))
assert opened.stat().st_size == size
for path in (sealed, opened):
    path.unlink()
with open("/proc/self/status") as status:
    print(next(line.split()[1] for line in status if line.startswith("VmHWM")))
"""


def peak(folder: Path, size: int, frame_length: int, suite_id: int) -> int:
    """Most bytes that a process held that sealed and opened a file of so many."""
    if not Path("/proc/self/status").exists():
        pytest.skip("peak memory is read from /proc")
    words = [str(folder), str(size), str(frame_length), str(suite_id)]
    answer = subprocess.run(
        [sys.executable, "-c", PROGRAM, *words],
        capture_output=True,
        text=True,
        check=True,
        cwd=Path(__file__).resolve().parents[2],
    )
    return int(answer.stdout) * 1024


@pytest.mark.parametrize("frame_length", [128 << 10, 4 << 20])
def test_64_mebibytes_are_never_held_together(frame_length: int, tmp_path: Path) -> None:
    assert peak(tmp_path, 64 * MEBIBYTE, frame_length, 0x0578) < 100 * MEBIBYTE


@pytest.mark.exhaustive
@pytest.mark.parametrize("suite_id", [0x0478, 0x0578])
@pytest.mark.parametrize("frame_length", [4096, 128 << 10, 1 << 20, 4 << 20, 16 << 20])
def test_a_gibibyte_takes_less_than_150_mebibytes(
    suite_id: int, frame_length: int, tmp_path: Path
) -> None:
    assert peak(tmp_path, 1 << 30, frame_length, suite_id) < 150 * MEBIBYTE

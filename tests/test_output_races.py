"""Writing while others swap what is around, and while the process is killed."""

from __future__ import annotations

import itertools
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import pytest

from sealscope.errors import (
    FileError,
)
from sealscope.files import open_output
from tests.outputs import NEW, OLD, mode, names, write


def race(swap: Callable[[], None], attempt: Callable[[], None], rounds: int) -> int:
    """Swap in one thread while this one tries; answers how many tries got through."""
    stop, swapped, failures = threading.Event(), threading.Event(), list[BaseException]()

    def swap_all_the_time() -> None:
        try:
            while not stop.is_set():
                swap()
                swapped.set()
        except BaseException as error:  # noqa: BLE001 - told by the test's own thread
            failures.append(error)
            swapped.set()

    thread = threading.Thread(target=swap_all_the_time)
    thread.start()
    done = 0
    try:
        assert swapped.wait(30)
        for _ in range(rounds):
            with suppress(FileError):
                attempt()
                done += 1
    finally:
        stop.set()
        thread.join()
    assert failures == []
    return done


class TestSomebodySwapsThingsMeanwhile:
    def test_a_parent_that_becomes_a_link_leads_nowhere(
        self, tmp_path: Path, temporary: str
    ) -> None:
        folder, outside = tmp_path / "folder", tmp_path / "outside"
        folder.mkdir()
        outside.mkdir()
        with open_output(folder / "out") as output:
            output.stream.write(NEW)
            folder.rename(tmp_path / "moved")
            folder.symlink_to(outside)
            output.publish()

        assert names(outside) == []
        assert (tmp_path / "moved" / "out").read_bytes() == NEW

    def race_a_parent(self, tmp_path: Path, rounds: int) -> None:
        root, outside = tmp_path / "root", tmp_path / "outside"
        parent, link = root / "a" / "b", root / "a" / "link"
        parent.mkdir(parents=True)
        outside.mkdir()
        numbers = itertools.count()

        def swap() -> None:
            link.symlink_to(outside)
            with suppress(FileNotFoundError):
                parent.rename(root / "a" / f"old-{next(numbers)}")
            with suppress(IsADirectoryError):  # the other thread made it again
                link.rename(parent)
                parent.unlink()
            link.unlink(missing_ok=True)

        def attempt() -> None:
            with open_output(parent / "out", root=root, overwrite=True) as output:
                output.stream.write(NEW)
                output.publish()

        done = race(swap, attempt, rounds)

        assert names(outside) == []
        assert done, "some rounds must get through, or nothing was tried"

    def race_a_name(self, tmp_path: Path, rounds: int, *, overwrite: bool) -> None:
        folder, victim = tmp_path / "folder", tmp_path / "victim"
        folder.mkdir()
        victim.write_bytes(OLD)
        path, link = folder / "out", folder / "link"

        def swap() -> None:
            link.symlink_to(victim)
            link.rename(path)
            path.unlink(missing_ok=True)

        def attempt() -> None:
            write(path, overwrite=overwrite)

        race(swap, attempt, rounds)

        assert victim.read_bytes() == OLD
        assert {name for name in names(folder) if name.startswith(".sealscope")} == set()

    def test_nothing_is_written_outside_whatever_the_moment(
        self, tmp_path: Path, temporary: str
    ) -> None:
        self.race_a_parent(tmp_path, 300)

    @pytest.mark.parametrize("overwrite", [False, True])
    def test_nothing_is_written_through_a_link_whatever_the_moment(
        self, tmp_path: Path, overwrite: bool, temporary: str
    ) -> None:
        self.race_a_name(tmp_path, 300, overwrite=overwrite)

    @pytest.mark.exhaustive
    def test_nor_in_many_thousand_tries(self, tmp_path: Path, temporary: str) -> None:
        for number, overwrite in enumerate((False, True)):
            folder = tmp_path / str(number)
            folder.mkdir()
            self.race_a_name(folder, 10_000, overwrite=overwrite)
        self.race_a_parent(tmp_path, 10_000)


CHILD = """
import os, sys
from pathlib import Path
if sys.argv[2] == "named" and hasattr(os, "O_TMPFILE"):
    del os.O_TMPFILE
from sealscope.files import open_output
path = Path(sys.argv[1])
"""


WRITES_AND_WAITS = (
    CHILD
    + """
with open_output(path, overwrite=path.exists()) as output:
    for _ in range(3):
        output.stream.write(b"p" * (1 << 20))
    output.stream.flush()
    print("written", flush=True)
    sys.stdin.read()
"""
)


REPLACES_FOR_EVER = (
    CHILD
    + """
count = 0
while True:
    count += 1
    with open_output(path, overwrite=True) as output:
        output.stream.write(bytes([count % 256]) * 200_000)
        output.publish()
    print(count, flush=True)
"""
)


@contextmanager
def child(script: str, path: Path, temporary: str) -> Iterator[subprocess.Popen[str]]:
    with subprocess.Popen(
        [sys.executable, "-c", script, str(path), temporary],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        try:
            yield process
        finally:
            process.kill()


class TestAKilledProcess:
    @pytest.mark.parametrize("exists", [False, True])
    def test_leaves_the_name_as_it_was(self, tmp_path: Path, temporary: str, exists: bool) -> None:
        path = tmp_path / "out"
        if exists:
            path.write_bytes(OLD)
        with child(WRITES_AND_WAITS, path, temporary) as process:
            assert process.stdout is not None
            assert process.stdout.readline() == "written\n"
            process.send_signal(signal.SIGKILL)
            assert process.wait() == -signal.SIGKILL

        left = [name for name in names(tmp_path) if name != "out"]
        assert path.exists() == exists
        assert not exists or path.read_bytes() == OLD
        if temporary == "unnamed":
            assert left == []
        else:
            assert len(left) == 1
            assert left[0].startswith(".sealscope-")
            assert mode(tmp_path / left[0]) == 0o600

    @pytest.mark.parametrize("line", [1, 2, 5, 9])
    def test_while_replacing_leaves_one_whole_file_or_the_other(
        self, tmp_path: Path, temporary: str, line: int
    ) -> None:
        path = tmp_path / "out"
        with child(REPLACES_FOR_EVER, path, temporary) as process:
            assert process.stdout is not None
            for _ in range(line):
                assert process.stdout.readline()
            process.send_signal(signal.SIGKILL)
            process.wait()

        data = path.read_bytes()
        assert len(data) == 200_000
        assert len(set(data)) == 1

    def test_meets_the_size_limit_like_a_full_disk(self, tmp_path: Path, temporary: str) -> None:
        script = (
            "import resource, signal\n"
            "signal.signal(signal.SIGXFSZ, signal.SIG_IGN)\n"
            "resource.setrlimit(resource.RLIMIT_FSIZE, (1 << 20, 1 << 20))\n"
            f"from sealscope.errors import OutputFailed\n{CHILD}"
            "try:\n"
            "    with open_output(path) as output:\n"
            "        output.stream.write(b'p' * (3 << 20))\n"
            "        output.publish()\n"
            "except OutputFailed as error:\n"
            "    print(error.title)\n"
        )
        with child(script, tmp_path / "out", temporary) as process:
            said, _ = process.communicate()

        assert said == "There is no room for the output\n"
        assert names(tmp_path) == []


@pytest.mark.parametrize("step", ["link", "rename"])
def test_an_interrupt_while_a_file_is_replaced_leaves_no_temporary(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    """Ctrl-C is heard as soon as the system's call returns, before anything else is done."""
    (tmp_path / "out").write_bytes(OLD)
    real = getattr(os, step)

    def interrupted(*words: Any, **named: Any) -> None:
        real(*words, **named)
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(os, step, interrupted)
        with pytest.raises(KeyboardInterrupt):
            write(tmp_path / "out", overwrite=True)
    assert names(tmp_path) == ["out"]
    assert (tmp_path / "out").read_bytes() == (OLD if step == "link" else NEW)

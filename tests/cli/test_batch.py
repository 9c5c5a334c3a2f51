"""Many files in one run: side by side where they wait, told in order, each for itself."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from sealscope.cli import batch, jobs
from sealscope.cli.side_by_side import THREADS
from sealscope.jobs.work import perform
from tests.cli.calling import KEY, Here

FILES = 100


class Waiting:
    """The pace of files that wait for KMS."""

    is_waiting = True


@pytest.fixture
def waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(batch, "Pace", Waiting)


@pytest.fixture
def folder(here: Here) -> Here:
    for number in range(FILES):
        here.make(f"d/{number:03}", b"content %d" % number)
    return here


@pytest.fixture
def around(monkeypatch: pytest.MonkeyPatch) -> Callable[[Callable[[str], None]], None]:
    """Does something before the work on each file, in its thread; it gets the file's name."""

    def arrange(before: Callable[[str], None]) -> None:
        def watched(request: Any, gate: Any, **given: Any) -> Any:
            before(request.source.name)
            return perform(request, gate, **given)

        monkeypatch.setattr(jobs, "perform", watched)

    return arrange


def paths(lines: list[dict[str, Any]]) -> list[str]:
    return [Path(line["path"]).name for line in lines]


NAMES = [f"{number:03}" for number in range(FILES)]


@pytest.mark.usefixtures("waiting")
class TestFilesThatWait:
    def test_are_worked_on_side_by_side(self, folder: Here, around: Callable[..., None]) -> None:
        together = threading.Barrier(THREADS, timeout=60)
        met = threading.Semaphore(THREADS)

        def meet(name: str) -> None:
            # The first one is alone; of the others the first eight go on only together.
            if name != "000" and met.acquire(blocking=False):
                together.wait()

        around(meet)
        done = folder.call("encrypt", "-r", "d", "-k", KEY, "--json")
        assert done.status == 0
        assert paths(done.json()) == NAMES

    def test_are_told_in_the_order_of_the_plan(
        self, folder: Here, around: Callable[..., None]
    ) -> None:
        last = threading.Event()

        def hold_back(name: str) -> None:
            if name == "010":
                last.wait(60)
            elif name == "040":
                last.set()

        around(hold_back)
        done = folder.call("encrypt", "-r", "d", "-k", KEY, "--json")
        assert paths(done.json()) == NAMES

    def test_fail_each_for_itself(self, folder: Here) -> None:
        folder.make("d/007.encrypted", b"in the way")
        (folder.folder / "d/050").unlink()
        (folder.folder / "d/050").symlink_to("051")
        done = folder.call("encrypt", "-r", "d", "-k", KEY, "--json")
        assert done.status == 1
        lines = {Path(line["path"]).name: line for line in done.json()}
        assert len(lines) == FILES + 1
        bad = {name for name, line in lines.items() if "error" in line}
        assert bad == {"007"}
        assert {name for name, line in lines.items() if "skipped" in line} == {
            "007.encrypted",
            "050",
        }
        assert "sealscope" not in done.err
        for number in (6, 8, 99):
            opened = folder.call("decrypt", f"d/{number:03}.encrypted", "-k", KEY, "-o", "-")
            assert opened.stdout == b"content %d" % number

    def test_share_data_keys_within_the_limits(self, folder: Here) -> None:
        limits = "max-age=600,max-messages=10"
        done = folder.call("encrypt", "-r", "d", "-k", KEY, "--caching", limits)
        assert "data keys: 10 GenerateDataKey calls for 100 files" in done.err
        assert len({path.stat().st_mode for path in folder.folder.glob("d/*")}) == 1

    def test_are_a_wrong_command_only_because_of_the_first(self, folder: Here) -> None:
        done = folder.call("encrypt", "-r", "d", "-k", KEY, "-c", "aws-crypto-x=1", "--json")
        assert (done.status, done.stdout) == (2, b"")
        assert not list(folder.folder.glob("d/*.encrypted"))

    @pytest.mark.parametrize("granted", [0, 1, 3])
    def test_make_do_with_as_many_threads_as_the_system_grants(
        self, folder: Here, monkeypatch: pytest.MonkeyPatch, granted: int
    ) -> None:
        start = threading.Thread.start
        left = iter(range(granted))

        def start_some(thread: threading.Thread) -> None:
            if thread.name.startswith("item-") and next(left, None) is None:
                raise RuntimeError("can't start new thread")
            start(thread)

        monkeypatch.setattr(threading.Thread, "start", start_some)
        done = folder.call("encrypt", "-r", "d", "-k", KEY, "--json")
        assert done.status == 0
        assert paths(done.json()) == NAMES
        assert not any("error" in line for line in done.json())

    def test_stand_beside_large_ones(self, folder: Here) -> None:
        for number in (0, 30, 31, 99):
            folder.make(f"d/{number:03}", bytes(batch.SMALL + 1))
        done = folder.call("encrypt", "-r", "d", "-k", KEY, "--json")
        assert paths(done.json()) == NAMES
        assert done.status == 0

    def test_with_hostile_names_drive_no_terminal(self, here: Here) -> None:
        for number in range(20):
            here.make(f"\x1b]52;c;eA==\x07\n{number}")
        done = here.call("encrypt", "-r", ".", "-k", KEY)
        assert done.status == 0
        assert "\x1b" not in done.out + done.err
        assert len(done.out.splitlines()) == 20


def test_a_fault_of_ours_in_a_thread_is_told_and_ends_the_run(
    folder: Here, waiting: None, around: Callable[..., None]
) -> None:
    def fail(name: str) -> None:
        if name == "020":
            raise ZeroDivisionError

    around(fail)
    done = folder.call("encrypt", "-r", "d", "-k", KEY, "--json")
    assert done.status == 1
    assert "ZeroDivisionError at test_batch.py" in done.err
    assert paths(done.json()) == NAMES[:20]


HANG = """
import sys, threading
from sealscope.cli import batch
from sealscope.kms.facade import KmsGate

class Waiting:
    is_waiting = True

batch.Pace = Waiting
real, calls, lock = KmsGate.call, iter(range(1 << 30)), threading.Lock()

def call(self, operation, **parameters):
    with lock:
        number = next(calls)
    if number >= {answered}:
        sys.stderr.write("waiting\\n")
        sys.stderr.flush()
        threading.Event().wait()
    return real(self, operation, **parameters)

KmsGate.call = call
{more}
from sealscope.cli.main import main
main()
"""
NAMED = "import os; del os.O_TMPFILE"


@pytest.fixture(params=["", NAMED], ids=["unnamed", "named"])
def temporaries(request: pytest.FixtureRequest) -> str:
    """Both kinds of temporaries: Linux's unnamed one, and the hidden file elsewhere."""
    return str(request.param)


def hanging(here: Here, answered: int, more: str, *words: str) -> subprocess.Popen[bytes]:
    """The command line on a KMS that answers some calls, and no more."""
    code = HANG.format(answered=answered, more=more)
    return subprocess.Popen(
        [sys.executable, "-c", code, "--local-store", str(here.store), *words],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )


def wait_for(process: subprocess.Popen[bytes], times: int) -> None:
    """Until so many threads wait for KMS."""
    assert process.stderr is not None
    for _ in range(times):
        assert process.stderr.readline() == b"waiting\n"


class TestAReaderThatIsGone:
    def test_ends_a_run_without_a_complaint(self, folder: Here) -> None:
        with hanging(folder, 50, "", "encrypt", "-r", "d", "-k", KEY) as process:
            assert process.stdout is not None
            process.stdout.close()
            assert process.wait(60) == 1
            assert process.stderr is not None
            assert process.stderr.read().replace(b"waiting\n", b"") == b""
        assert not list(folder.folder.glob("d/.*"))


class TestASignalWhileFilesWaitForKms:
    @pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
    def test_ends_the_process_and_leaves_nothing_unfinished(
        self, folder: Here, temporaries: str, number: signal.Signals
    ) -> None:
        words = ["encrypt", "-r", "d", "-o", "out/new", "-k", KEY, "--json"]
        with hanging(folder, 20, temporaries, *words) as process:
            wait_for(process, THREADS)
            process.send_signal(number)
            out, err = process.communicate(timeout=60)
        assert process.returncode == 130
        assert b"Traceback" not in err
        lines = [json.loads(line) for line in out.splitlines()]
        done = {Path(line["path"]).name for line in lines if "error" not in line}
        assert len(done) == 20
        left = [line for line in lines if "error" in line]
        assert {line["error"]["class"] for line in left} == {"Cancelled"}
        assert len(left) == THREADS
        # The outputs of what was told as done are there, and nothing else is.
        made = {path.name for path in folder.folder.glob("out/new/*")}
        hidden = {path.name for path in folder.folder.glob("out/new/.*")}
        assert made == {f"{name}.encrypted" for name in done}
        assert hidden == set()

    def test_once_more_ends_it_at_once(self, folder: Here) -> None:
        with hanging(folder, 0, "", "encrypt", "-r", "d", "-k", KEY) as process:
            wait_for(process, 1)
            process.send_signal(signal.SIGINT)
            process.send_signal(signal.SIGTERM)
            process.communicate(timeout=60)
        assert process.returncode == 130
        assert not list(folder.folder.glob("d/*.encrypted"))

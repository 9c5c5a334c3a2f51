"""Threads for KMS calls that never hold up the end of the process."""

from __future__ import annotations

import subprocess
import sys
import threading

import pytest

from sealscope.kms.threads import DaemonThreads

PATIENCE = 20


def test_work_is_done_side_by_side() -> None:
    threads = DaemonThreads(2, "test")
    both = threading.Barrier(3, timeout=PATIENCE)

    def meet() -> None:
        both.wait()

    threads.submit(meet)
    threads.submit(meet)
    both.wait()
    threads.close()


def test_no_more_threads_than_allowed_are_started() -> None:
    threads = DaemonThreads(1, "test")
    seen: list[int] = []
    done = threading.Event()
    for _ in range(5):
        threads.submit(lambda: seen.append(threading.get_ident()))
    threads.submit(done.set)
    assert done.wait(PATIENCE)
    assert len(set(seen)) == 1
    assert len(seen) == 5
    threads.close()


def test_work_waits_for_the_threads_that_the_system_grants(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    start = threading.Thread.start
    threads = DaemonThreads(4, "test")
    done = threading.Event()
    seen: list[int] = []

    def refuse(_: threading.Thread) -> None:
        raise RuntimeError("can't start new thread")

    with monkeypatch.context() as refusing:
        refusing.setattr(threading.Thread, "start", refuse)
        with pytest.raises(RuntimeError):
            threads.submit(lambda: seen.append(0))
        refusing.setattr(threading.Thread, "start", start)
        threads.submit(lambda: seen.append(1))
        refusing.setattr(threading.Thread, "start", refuse)
        threads.submit(done.set)
    assert done.wait(PATIENCE)
    assert seen == [1]
    threads.close()
    assert threads.ended(PATIENCE)


def test_work_after_close_is_dropped() -> None:
    threads = DaemonThreads(1, "test")
    threads.close()
    done: list[bool] = []
    threads.submit(lambda: done.append(True))
    assert done == []


def test_a_hanging_call_does_not_hold_up_the_end_of_the_process() -> None:
    program = (
        "import threading\n"
        "from sealscope.kms.threads import DaemonThreads\n"
        "began = threading.Event()\n"
        "def hang():\n"
        "    began.set()\n"
        "    threading.Event().wait()\n"
        "DaemonThreads(1, 'test').submit(hang)\n"
        "began.wait()\n"
    )
    ended = subprocess.run([sys.executable, "-c", program], timeout=60, check=False)
    assert ended.returncode == 0


def test_after_close_it_says_whether_all_has_ended() -> None:
    threads = DaemonThreads(1, "t")
    go, begun = threading.Event(), threading.Event()

    def held() -> None:
        begun.set()
        go.wait()

    threads.submit(held)
    assert begun.wait(PATIENCE)
    threads.close()
    assert not threads.ended(0.01)
    go.set()
    assert threads.ended(PATIENCE)

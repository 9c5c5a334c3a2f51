"""When files are worked on side by side: when they wait, not when they compute."""

from __future__ import annotations

import pytest

from sealscope.cli.pace import LOOKED_AT, SLOW, Pace


class Files:
    """Files that take as long as a test says."""

    def __init__(self) -> None:
        self.wall = self.busy = 0.0
        self.pace = Pace(lambda: self.wall, lambda: self.busy)

    def one(self, *, wall: float, busy: float) -> None:
        with self.pace.measured():
            self.wall += wall
            self.busy += busy

    def one_that_fails(self) -> None:
        with self.pace.measured():
            self.wall += 1
            raise OSError("slow")


@pytest.fixture
def files() -> Files:
    return Files()


def test_is_waiting_when_nearly_all_files_wait(files: Files) -> None:
    for _ in range(LOOKED_AT - 1):
        assert not files.pace.is_waiting
        files.one(wall=SLOW, busy=SLOW / 3)
    assert files.pace.is_waiting


@pytest.mark.parametrize(
    ("wall", "busy"), [(SLOW / 2, 0), (SLOW * 10, SLOW * 9)], ids=["quick", "busy"]
)
def test_is_not_waiting_when_files_are_quick_or_compute(
    files: Files, wall: float, busy: float
) -> None:
    for _ in range(100):
        files.one(wall=wall, busy=busy)
    assert not files.pace.is_waiting


def test_is_not_waiting_for_one_data_key_among_many_files(files: Files) -> None:
    for number in range(100):
        slow = number % LOOKED_AT == 0
        files.one(wall=SLOW * 20 if slow else SLOW / 10, busy=0)
        assert not files.pace.is_waiting


def test_does_not_count_a_file_that_fails(files: Files) -> None:
    for _ in range(10):
        with pytest.raises(OSError, match="slow"):
            files.one_that_fails()
    assert not files.pace.is_waiting

"""How many threads a message gets, and how much memory they may take together."""

from __future__ import annotations

import os

import pytest

from sealscope.engine import crew
from sealscope.engine.crew import MEMORY_BYTES, crew_for


@pytest.fixture(autouse=True)
def cores(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(crew, "_cores", lambda: 8)


@pytest.mark.parametrize("exponent", range(10, 31))
def test_memory_is_bounded_for_every_length_of_frames(exponent: int) -> None:
    batch = 2 << exponent
    members = crew_for(batch, 1 << exponent)
    if members is None:
        assert batch > MEMORY_BYTES // 2
    else:
        assert members.batches * batch <= MEMORY_BYTES
        assert 2 <= members.threads <= members.batches


def test_one_core_does_one_batch_after_the_other(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(crew, "_cores", lambda: 1)
    assert crew_for(2 << 20, 128 << 10) is None


def test_frames_that_cost_more_python_than_aes_take_turns() -> None:
    short, long = (crew_for(2 << 20, length) for length in (4096, 128 << 10))
    assert short is not None
    assert short.takes_turns
    assert long is not None
    assert not long.takes_turns


def test_the_cores_are_those_this_process_may_use(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.undo()
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: {1, 5, 6}, raising=False)
    assert crew._cores() == 3
    monkeypatch.delattr(os, "sched_getaffinity")
    monkeypatch.setattr(os, "cpu_count", lambda: None)
    assert crew._cores() == 1

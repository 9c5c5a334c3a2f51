"""The jobs strip says how many jobs there are and how far the newest one is."""

from __future__ import annotations

from pathlib import Path

import pytest

from sealscope.app.chrome.jobs_strip import strip_content
from sealscope.jobs.request import EncryptRequest, Kind, SealOptions
from sealscope.jobs.runner import JobState, JobView
from tests.hostile import HOSTILE, HOSTILE_IDS, leaks


def view(state: JobState, name: str = "nightly.tar", done: int = 43, total: int = 100) -> JobView:
    source, destination = Path("/data") / name, Path("/data/out")
    return JobView(
        id=1,
        kind=Kind.ENCRYPT,
        source=source,
        destination=destination,
        request=EncryptRequest(source, destination, SealOptions(("key",))),
        state=state,
        done=done,
        total=total,
        seconds=10.0,
        rate=118.0 * 1024**2,
        seconds_left=72.0 if state is JobState.RUNNING else None,
        outcome=None,
        error=None,
    )


def test_says_that_there_are_none() -> None:
    assert strip_content([], 80).plain.strip() == "Jobs: none"


def test_counts_jobs_by_state_in_words() -> None:
    states = [JobState.DONE, JobState.DONE, JobState.FAILED, JobState.CANCELLED, JobState.WAITING]
    text = strip_content([view(state) for state in states], 120).plain
    assert text.strip() == "Jobs: 1 waiting 2 done 1 failed 1 cancelled"


@pytest.mark.parametrize("width", [80, 120])
def test_shows_the_newest_running_job_with_percent_rate_and_time_left(width: int) -> None:
    views = [view(JobState.RUNNING, "old.tar"), view(JobState.RUNNING), view(JobState.WAITING)]
    text = strip_content(views, width).plain
    assert "nightly.tar" in text
    assert "old.tar" not in text
    assert "43% 118.0 MiB/s 1:12 left" in text
    assert len(text) <= width
    assert ("━" in text) is (width == 120)


def test_an_empty_file_is_no_division_by_nought() -> None:
    assert "0%" in strip_content([view(JobState.RUNNING, done=0, total=0)], 120).plain


@pytest.mark.parametrize("text", HOSTILE, ids=HOSTILE_IDS)
def test_a_hostile_file_name_does_nothing(text: str) -> None:
    name = text.replace("\0", "\\0").replace("/", "_") or "x"
    shown = strip_content([view(JobState.RUNNING, name)], 80)
    assert leaks(shown.plain) == []
    assert shown.cell_length <= 80

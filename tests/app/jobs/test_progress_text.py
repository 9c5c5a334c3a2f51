"""How far a job is, said in words and figures."""

from pathlib import Path

from sealscope.app.jobs.progress_text import (
    bar_text,
    percent,
    rate_text,
    time_text,
)
from sealscope.jobs.request import EncryptRequest, Kind, SealOptions
from sealscope.jobs.runner import JobState, JobView


def view(
    state: JobState = JobState.RUNNING,
    *,
    done: int = 0,
    total: int = 100,
    seconds: float = 1.0,
    rate: float = 0.0,
    left: float | None = None,
) -> JobView:
    source, destination = Path("a"), Path("a.encrypted")
    request = EncryptRequest(source, destination, SealOptions(keys=("k",)))
    return JobView(
        id=1,
        kind=Kind.ENCRYPT,
        source=source,
        destination=destination,
        request=request,
        state=state,
        done=done,
        total=total,
        seconds=seconds,
        rate=rate,
        seconds_left=left,
        outcome=None,
        error=None,
    )


def test_a_job_is_at_100_percent_only_when_it_is_done() -> None:
    assert percent(view(done=100)) == 99
    assert percent(view(JobState.DONE, done=100)) == 100


def test_an_empty_source_counts_as_nothing_done_until_it_is_done() -> None:
    assert percent(view(total=0)) == 0
    assert percent(view(JobState.DONE, total=0)) == 100


def test_the_bar_has_always_the_same_width() -> None:
    assert bar_text(view(done=43), 10) == "━━━━──────"
    assert len(bar_text(view(JobState.DONE), 7)) == 7


def test_time_left_while_it_runs_time_taken_after() -> None:
    assert time_text(view(left=72)) == "1:12 left"
    assert time_text(view(JobState.DONE, seconds=2.5)) == "2.5 s"
    assert time_text(view()) == ""


def test_no_rate_is_claimed_before_the_first_bytes() -> None:
    assert rate_text(view()) == ""
    assert rate_text(view(rate=118 << 20)) == "118.0 MiB/s"

"""The envelopes under a key that have been seen since the app started."""

from __future__ import annotations

from collections.abc import Iterable

from sealscope.jobs.request import Kind
from sealscope.jobs.runner import JobView


def envelopes_seen(jobs: Iterable[JobView], arn: str) -> tuple[str, ...]:
    """The paths of the messages, of jobs that are done, that name a key by its ARN.

    That is all that Sealscope knows: there may be any number of others.
    """
    found: dict[str, None] = {}
    for job in jobs:
        outcome = job.outcome
        if outcome is None or not (arn in outcome.recipients or arn == outcome.opened_by):
            continue
        found[outcome.destination if outcome.kind is Kind.ENCRYPT else outcome.source] = None
    return tuple(found)

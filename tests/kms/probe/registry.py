"""The register of probes: what each states, and where that is written."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from tests.kms.probe.lab import Lab

Run = Callable[[Lab], None]


@dataclass(frozen=True)
class Probe:
    """One behaviour of AWS KMS.

    Attributes:
        name: subject and function, the id of its test.
        states: the behaviour, one sentence.
        source: where AWS says so, or where its answer was recorded.
        safe: asks AWS for nothing but answers: creates and changes nothing, costs nothing to
            speak of. The others need `--create` to run against an account.
        bulk: creates so much, or waits so long, that it is not for an account at all.
        run: asserts it.
    """

    name: str
    states: str
    source: str
    safe: bool
    bulk: bool
    run: Run


PROBES: dict[str, Probe] = {}


def probe(
    *,
    source: str,
    safe: bool = False,
    bulk: bool = False,
    states: str = "",
    name: str = "",
) -> Callable[[Run], Run]:
    """Register a function as a probe; its docstring is the sentence it states.

    Args:
        source: where the behaviour is written.
        safe: see `Probe`.
        bulk: see `Probe`.
        states: the sentence, for probes made from a table.
        name: the name, for probes made from a table.
    """

    def register(run: Run) -> Run:
        sentence = " ".join((states or run.__doc__ or "").split())
        subject = run.__module__.rsplit(".", 1)[-1]
        full_name = f"{subject}.{name or run.__name__}"
        if full_name in PROBES:
            raise ValueError(f"two probes are called {full_name}")
        PROBES[full_name] = Probe(full_name, sentence, source, safe, bulk, run)
        return run

    return register

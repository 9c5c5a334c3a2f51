"""Collecting garbage: put off while a command loads, as always while it works."""

from __future__ import annotations

import gc
import subprocess
import sys
from collections.abc import Iterator

import pytest

from sealscope.cli import garbage
from tests.cli.calling import KEY, Here

# Runs a command as the program does; prints the settings before it and after it.
RUN = """
import gc, sys
print(gc.get_threshold())
from sealscope.cli.main import main
try:
    main(sys.argv[1:])
except SystemExit as end:
    print(gc.get_threshold(), file=sys.stdout)
    raise
"""


@pytest.fixture(autouse=True)
def as_it_was() -> Iterator[None]:
    before = gc.get_threshold()
    yield
    gc.unfreeze()
    gc.set_threshold(*before)


class TestPostponed:
    def test_it_still_happens_to_a_command_that_makes_garbage_for_ever(self) -> None:
        garbage.postpone()
        assert gc.isenabled()
        assert 100_000 <= gc.get_threshold()[0] <= 500_000

    def test_it_is_resumed_for_all_that_is_new(self) -> None:
        usual = gc.get_threshold()
        garbage.postpone()
        garbage.resume()
        assert gc.get_threshold() == usual
        assert gc.get_freeze_count() > 0


def test_a_program_that_did_not_postpone_it_keeps_its_own_settings() -> None:
    gc.set_threshold(1234)
    garbage.resume()
    assert gc.get_threshold()[0] == 1234
    assert gc.get_freeze_count() == 0


@pytest.mark.parametrize("words", [["keys"], ["encrypt", "f", "-k", KEY]], ids=" ".join)
def test_a_command_that_works_with_keys_collects_as_always(here: Here, words: list[str]) -> None:
    here.make("f")
    done = subprocess.run(
        [sys.executable, "-c", RUN, "--local-store", str(here.store), *words],
        capture_output=True,
        check=True,
        text=True,
    )
    before, *_, after = done.stdout.splitlines()
    assert after == before

"""The README's commands are the ones that are tested and that exist."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from sealscope.cli.main import COMMANDS

ROOT = Path(__file__).resolve().parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")
RUN = "python3 -m venv .venv && .venv/bin/pip install -q . && .venv/bin/sealscope"
TEST = "python3 -m venv .venv && .venv/bin/pip install -q -e '.[dev]' && .venv/bin/pytest -q"


def test_the_two_commands_stand_in_the_readme_word_for_word() -> None:
    assert f"\n{RUN}\n" in README
    assert f"\n{TEST}\n" in README


def test_the_gate_ends_with_the_readmes_test_command() -> None:
    lines = (ROOT / ".ci" / "run").read_text(encoding="utf-8").splitlines()
    assert lines[-1] == TEST


@pytest.mark.parametrize("target", sorted(set(re.findall(r"\]\((?!http)([^)#]+)\)", README))))
def test_every_picture_and_file_it_points_to_is_there(target: str) -> None:
    assert (ROOT / target).is_file()


def test_every_command_it_shows_exists() -> None:
    shown = set(re.findall(r"^(?:.*\| )?sealscope ([a-z]+)", README, re.MULTILINE))
    assert shown
    assert shown <= set(COMMANDS)

"""The pictures in `screenshots/` show the app as it is now.

When one differs on purpose: `python -m tests.screenshots`, look at it, commit it.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.screenshots.files import is_made_from, png_path, svg_path
from tests.screenshots.pictures import PICTURES, Picture, take


@pytest.mark.parametrize("picture", PICTURES, ids=lambda picture: picture.name)
def test_a_picture_is_what_the_app_draws(
    picture: Picture, empty_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(empty_home)
    assert take(picture, empty_home) == svg_path(picture.name).read_text(encoding="utf-8")


@pytest.mark.parametrize("picture", PICTURES, ids=lambda picture: picture.name)
def test_its_png_was_made_from_it(picture: Picture) -> None:
    svg = svg_path(picture.name).read_text(encoding="utf-8")
    assert is_made_from(png_path(picture.name).read_bytes(), svg)

"""Makes the pictures: `python -m tests.screenshots`."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

from tests.screenshots.files import svg_path, write
from tests.screenshots.pictures import PICTURES, take


def main() -> None:
    """Take every picture in a folder of its own, as on a new machine."""
    os.environ["TEXTUAL_ANIMATIONS"] = "none"
    os.environ["TERM"] = "xterm-256color"
    os.environ.pop("NO_COLOR", None)
    start = Path.cwd()
    for picture in PICTURES:
        with tempfile.TemporaryDirectory() as home:
            os.environ["HOME"] = home
            write(picture.name, take(picture, Path(home)))
            os.chdir(start)
        print(svg_path(picture.name))


if __name__ == "__main__":
    main()

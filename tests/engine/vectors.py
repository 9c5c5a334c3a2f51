"""Public test vectors, when they are at hand: they are large, so the repository has no copy.

They are looked for in the folder named by SEALSCOPE_VECTORS, else beside the repository.
"""

from __future__ import annotations

import json
import os
import zipfile
from pathlib import Path
from typing import Any, Self

import pytest

_BESIDE = Path(__file__).resolve().parents[3] / "shared" / "vectors"


def path(name: str) -> Path:
    """A vector file of the AWS Encryption SDK; skips the test when it is not there."""
    folder = Path(os.environ.get("SEALSCOPE_VECTORS") or _BESIDE)
    found = folder / "aws-encryption-sdk" / name
    if not found.is_file():
        pytest.skip(f"no test vectors at {found}; set SEALSCOPE_VECTORS")
    return found


def load_json(name: str) -> Any:
    return json.loads(path(name).read_text())


class Archive:
    """A zip of vectors with its manifest."""

    def __init__(self, name: str) -> None:
        self._zip = zipfile.ZipFile(path(name))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._zip.close()

    def read(self, uri: str) -> bytes:
        return self._zip.read(uri.removeprefix("file://"))

    def json(self, uri: str) -> Any:
        return json.loads(self.read(uri))

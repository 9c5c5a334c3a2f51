"""A gate on a real local KMS."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from sealscope.kms.connection import Target, connect
from sealscope.kms.facade import KmsGate


@pytest.fixture
def gate(tmp_path: Path) -> Iterator[KmsGate]:
    connection = connect(Target(local_store=tmp_path / "store" / "kms.sqlite3"))
    yield KmsGate(connection)
    connection.close()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Where files are worked on; nothing else is in it."""
    made = tmp_path / "files"
    made.mkdir()
    return made

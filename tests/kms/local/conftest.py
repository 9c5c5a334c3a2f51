"""A fresh local KMS for each test, with a clock that the test moves."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from sealscope.kms.local import LocalStore, local_session
from tests.kms.local.tools import Clock


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "keys" / "local-kms.sqlite3"


@pytest.fixture
def store(path: Path, clock: Clock) -> Iterator[LocalStore]:
    opened = LocalStore.open(path, clock=clock)
    yield opened
    opened.close()


@pytest.fixture
def kms(store: LocalStore) -> Any:
    return local_session(store).client("kms")


@pytest.fixture
def key(kms: Any) -> str:
    """The id of a new symmetric key."""
    return str(kms.create_key()["KeyMetadata"]["KeyId"])

"""The command line on a real local KMS."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from sealscope.kms.local import LocalStore
from tests.cli.calling import Here


@pytest.fixture(scope="session")
def first_store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store as the first run makes it; copied, because making one flushes the disk often."""
    path = tmp_path_factory.mktemp("first") / "kms.sqlite3"
    LocalStore.open(path).close()
    return path


@pytest.fixture
def here(tmp_path: Path, first_store: Path, monkeypatch: pytest.MonkeyPatch) -> Here:
    store = tmp_path / "store" / "kms.sqlite3"
    store.parent.mkdir(mode=0o700)
    shutil.copyfile(first_store, store)
    store.chmod(0o600)
    folder = tmp_path / "files"
    folder.mkdir()
    monkeypatch.chdir(folder)
    return Here(store, folder)

"""The command line on a real local KMS."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from botocore import loaders

from sealscope.kms.local import LocalStore
from tests.cli.calling import Here


@pytest.fixture(scope="session")
def first_store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store as the first run makes it; copied, because making one flushes the disk often."""
    path = tmp_path_factory.mktemp("first") / "kms.sqlite3"
    LocalStore.open(path).close()
    return path


@pytest.fixture(autouse=True, scope="session")
def botocore_data_read_once() -> Iterator[None]:
    """Each call of the command line makes a client of its own, and most of that is JSON.

    A process reads the same data once; these tests make a thousand calls in one process.
    """
    with pytest.MonkeyPatch.context() as patch:
        for owner, name in (
            (loaders.JSONFileLoader, "load_file"),
            (loaders.Loader, "list_available_services"),
        ):
            patch.setattr(owner, name, _once(getattr(owner, name)))
        yield


def _once(method: Callable[..., Any]) -> Callable[..., Any]:
    answers: dict[tuple[Any, ...], Any] = {}

    def cached(_: object, *names: Any) -> Any:
        if names not in answers:
            answers[names] = method(_, *names)
        return answers[names]

    return cached


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

"""A folder with files and a real local KMS, for tests that seal and open."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from sealscope.app.options import AppOptions
from sealscope.jobs.request import EncryptRequest, SealOptions, encrypted_name
from sealscope.jobs.work import perform
from sealscope.kms.connection import Target, connect
from sealscope.kms.facade import KmsGate

GETTING_STARTED = "alias/getting-started"


class Desk:
    """The working folder of one test.

    Attributes:
        folder: the working directory; holds only what the test puts there.
        store: of the local KMS, outside of that folder.
    """

    def __init__(self, folder: Path, store: Path) -> None:
        self.folder = folder
        self.store = store

    def options(self, path: Path | None = None) -> AppOptions:
        """The app on this folder's KMS."""
        return AppOptions(target=Target(local_store=self.store), path=path)

    def write(self, name: str, data: bytes = b"attack at dawn") -> Path:
        """Put a file into the folder."""
        path = self.folder / name
        path.write_bytes(data)
        return path

    @contextmanager
    def gate(self) -> Iterator[KmsGate]:
        """The KMS, before or after the app."""
        connection = connect(Target(local_store=self.store))
        try:
            yield KmsGate(connection)
        finally:
            connection.close()

    def seal(
        self,
        source: Path,
        *keys: str,
        context: tuple[tuple[str, str], ...] = (),
        suite: str = "0578",
    ) -> Path:
        """Encrypt a file; the envelope's path."""
        destination = encrypted_name(source)
        options = SealOptions(keys=keys or (GETTING_STARTED,), context=context, suite=suite)
        with self.gate() as gate:
            perform(EncryptRequest(source, destination, options), gate)
        return destination

    def names(self) -> list[str]:
        """What is in the folder."""
        return sorted(path.name for path in self.folder.iterdir())


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Desk:
    """An empty folder, which is the working directory, and a new local KMS."""
    folder = tmp_path / "work"
    folder.mkdir()
    monkeypatch.chdir(folder)
    return Desk(folder, tmp_path / "kms.sqlite3")

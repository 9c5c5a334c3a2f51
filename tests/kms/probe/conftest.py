"""The places the probes run against in the tests."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.kms.probe.lab import Lab
from tests.kms.probe.places import LocalPlace


@pytest.fixture(scope="session")
def local_place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalPlace]:
    """A local KMS for all probes of this process."""
    place = LocalPlace(tmp_path_factory.mktemp("probe") / "local-kms.sqlite3")
    yield place
    place.close()


@pytest.fixture(scope="session")
def local_lab(local_place: LocalPlace) -> Iterator[Lab]:
    """The lab on it; clearing up at the end is part of what is tested."""
    lab = Lab(local_place)
    yield lab
    lab.close()

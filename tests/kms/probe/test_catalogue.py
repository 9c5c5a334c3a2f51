"""The catalogue itself: every probe says what it states and where that is written."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.kms.probe.__main__ import main
from tests.kms.probe.catalogue import PROBES
from tests.kms.probe.lab import Lab, NothingMayBeCreatedError
from tests.kms.probe.places import LocalPlace
from tests.kms.probe.registry import probe

WORKS = (
    "KMS API Reference, ",
    "KMS Developer Guide, ",
    "STS API Reference, ",
    "Boto3 guide, ",
    "KMS Cryptographic Details, ",
    "botocore ",
    "AWS's answer as recorded in ",
    "AWS's answer as quoted in ",
)
SAFE = [found.name for found in PROBES.values() if found.safe]


class TestEveryProbe:
    def test_states_a_behaviour_in_a_sentence(self) -> None:
        unsaid = [
            name
            for name, found in PROBES.items()
            if not re.fullmatch(r"[A-Za-z0-9].{15,}\.", found.states)
        ]
        assert unsaid == []

    def test_names_where_that_is_written(self) -> None:
        unfounded = [name for name, found in PROBES.items() if not found.source.startswith(WORKS)]
        assert unfounded == []

    def test_is_one_of_many(self) -> None:
        assert len(PROBES) >= 400

    def test_states_something_of_its_own(self) -> None:
        sentences = [found.states for found in PROBES.values()]
        assert sorted(sentences) == sorted(set(sentences))

    def test_has_a_name_of_its_own(self) -> None:
        taken = next(iter(PROBES))
        function = PROBES[taken].run
        with pytest.raises(ValueError, match="two probes are called"):
            probe(source="x", name=taken.partition(".")[2])(function)


class TestASafeProbe:
    def test_is_there_at_all(self) -> None:
        assert len(SAFE) >= 40

    def test_creates_and_changes_nothing(self, tmp_path: Path) -> None:
        """Safe probes run where nothing may be created, and leave the store as it was."""
        place = LocalPlace(tmp_path / "store.sqlite3")
        lab = Lab(place, create=False)

        def everything() -> list[object]:
            keys = lab.kms.list_keys()["Keys"]
            details = [lab.kms.describe_key(KeyId=key["KeyId"])["KeyMetadata"] for key in keys]
            return [details, lab.kms.list_aliases()["Aliases"]]

        before = everything()
        for name in SAFE:
            PROBES[name].run(lab)
        assert everything() == before
        place.close()

    def test_is_stopped_when_it_asks_for_a_key(self, tmp_path: Path) -> None:
        place = LocalPlace(tmp_path / "store.sqlite3")
        with pytest.raises(NothingMayBeCreatedError):
            Lab(place, create=False).key()
        place.close()


class TestTheCommand:
    def test_prints_every_behaviour_beside_its_source(
        self, capsys: pytest.CaptureFixture[str]
    ) -> None:
        assert main([]) == 0
        *rows, total = capsys.readouterr().out.splitlines()
        cells = [[cell.strip() for cell in row.split(" | ")] for row in rows]
        assert cells == [[found.states, found.source] for found in PROBES.values()]
        assert total == f"{len(PROBES)} behaviours"

"""Peers are found where they are said to be, and named when they are not there."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.bench import peers
from tests.bench.peers import ENCRYPTION_CLI, PEERS_VARIABLE, Peers


def program(folder: Path, name: str, says: str = "1.0") -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / name
    path.write_text(f"#!/bin/sh\necho '{says}'\necho more\n", encoding="utf-8")
    path.chmod(0o755)
    return path


@pytest.fixture
def nothing_installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder that is the whole of PATH."""
    folder = tmp_path / "path"
    folder.mkdir()
    monkeypatch.setenv("PATH", str(folder))
    monkeypatch.delenv(PEERS_VARIABLE, raising=False)
    return folder


class TestFinding:
    def test_on_an_empty_machine_finds_nothing_and_names_all(self, nothing_installed: Path) -> None:
        found = peers.find()
        assert found == Peers()
        assert found.absent() == {
            name: f"{name} is not installed" for name in (ENCRYPTION_CLI, "age", "openssl", "cp")
        }
        assert set(found.versions().values()) == {"not installed"}

    def test_looks_on_the_path(self, nothing_installed: Path) -> None:
        cli = program(nothing_installed, ENCRYPTION_CLI)
        assert peers.find().encryption_cli == cli

    def test_prefers_the_folder_that_the_environment_names(
        self, nothing_installed: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        program(nothing_installed, ENCRYPTION_CLI)
        cli = program(tmp_path / "made" / "bin", ENCRYPTION_CLI)
        monkeypatch.setenv(PEERS_VARIABLE, str(tmp_path / "made"))
        assert peers.find().encryption_cli == cli

    def test_prefers_the_folder_that_is_named_to_all(
        self, nothing_installed: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv(PEERS_VARIABLE, str(nothing_installed))
        cli = program(tmp_path / "made" / "bin", ENCRYPTION_CLI)
        assert peers.find(tmp_path / "made").encryption_cli == cli

    @pytest.mark.usefixtures("nothing_installed")
    def test_a_named_folder_without_the_peer_is_an_error_that_says_how_to_make_it(
        self, tmp_path: Path
    ) -> None:
        with pytest.raises(FileNotFoundError, match="--make-peers"):
            peers.find(tmp_path)

    def test_age_needs_its_key_maker(self, nothing_installed: Path) -> None:
        program(nothing_installed, "age")
        assert "age" in peers.find().absent()
        program(nothing_installed, "age-keygen")
        assert "age" not in peers.find().absent()


def test_a_version_is_the_first_line(nothing_installed: Path) -> None:
    program(nothing_installed, "cp", "cp (GNU coreutils) 9.1")
    assert peers.find().versions()["cp"] == "cp (GNU coreutils) 9.1"

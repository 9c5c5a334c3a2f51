"""A protected local store asks for its passphrase, and works without it as far as it can."""

from __future__ import annotations

from pathlib import Path

import pytest

from sealscope.app.chrome.unlock import UnlockDialog
from sealscope.kms.local import LocalStore
from sealscope.secret import SecretBytes
from tests.app.driver import NARROW, WIDE, Session, local_options, run

SIZES = pytest.mark.parametrize("size", [NARROW, WIDE], ids=["80x24", "120x40"])
RIGHT = "correct horse"


@pytest.fixture
def protected(tmp_path: Path) -> Path:
    path = tmp_path / "store.sqlite3"
    LocalStore.open(path, passphrase=SecretBytes(RIGHT.encode())).close()
    return path


@SIZES
class TestAProtectedStore:
    def test_asks_at_the_start_and_says_when_the_passphrase_is_wrong(
        self, protected: Path, size: tuple[int, int]
    ) -> None:
        async def script(app: Session) -> None:
            await app.see("Unlock the local KMS")
            await app.until(lambda: app.app.standing.is_locked)
            await app.type("wrong")
            assert "wrong" not in app.text
            await app.press("enter")
            await app.see("passphrase of the local key store is wrong")
            await app.type(RIGHT)
            await app.press("enter")
            await app.see_no("Unlock the local KMS")
            await app.see("LOCAL KMS", "getting-started")
            await app.see_no("LOCKED")
            services = app.app.standing.services
            assert services is not None
            made = services.gate.call(
                "GenerateDataKey", KeyId="alias/getting-started", KeySpec="AES_256"
            )
            assert made["CiphertextBlob"]
            await app.press("U")
            await app.see("Unlock: No local key store is locked")

        run(script, start=local_options(protected), size=size)

    def test_stays_locked_after_escape_until_asked_again(
        self, protected: Path, size: tuple[int, int]
    ) -> None:
        async def script(app: Session) -> None:
            await app.see("Unlock the local KMS")
            await app.press("escape")
            await app.see("LOCAL KMS, LOCKED", "getting-started")
            await app.press("U")
            await app.see("Unlock the local KMS")
            await app.type(RIGHT)
            await app.press("enter")
            await app.see_no("LOCKED")

        run(script, start=local_options(protected), size=size)


def test_the_passphrase_is_not_copied_and_not_kept_in_the_field(protected: Path) -> None:
    async def script(app: Session) -> None:
        await app.see("Unlock the local KMS")
        await app.type("wrong")
        await app.press("ctrl+a", "ctrl+c", "ctrl+x")
        assert app.app.clipboard == ""
        await app.type("wrong")
        await app.press("enter")
        await app.see("passphrase of the local key store is wrong")
        dialog = app.app.screen
        assert isinstance(dialog, UnlockDialog)
        assert dialog.query_one("#passphrase").value == ""  # type: ignore[attr-defined]

    run(script, start=local_options(protected))


def test_a_passphrase_file_leaves_nothing_to_ask(
    protected: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    named = tmp_path / "passphrase"
    named.write_text(RIGHT)
    monkeypatch.setenv("SEALSCOPE_LOCAL_PASSPHRASE_FILE", str(named))

    async def script(app: Session) -> None:
        await app.see("LOCAL KMS", "getting-started")
        assert "LOCKED" not in app.text
        assert "Unlock" not in app.text

    run(script, start=local_options(protected))

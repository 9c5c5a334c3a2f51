"""Copying and exporting keys, from the keyboard."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pytest
from textual.containers import Vertical

from sealscope.app.keys.copy_menu import CopyMenu
from sealscope.app.keys.export_dialog import ExportDialog
from tests.app.desk import Desk
from tests.app.driver import NARROW, WIDE, Session, local_options, run
from tests.app.fakes import ACCOUNT, REGION, FakeKey, FakeKms, key_id
from tests.app.snapshot import assert_snapshot
from tests.app.test_hostile_text import assert_harmless
from tests.hostile import HOSTILE

SIZES = pytest.mark.parametrize("size", [NARROW, WIDE], ids=["80x24", "120x40"])
ARN = f"arn:aws:kms:{REGION}:{ACCOUNT}:key/{key_id(1)}"
CONSOLE = f"https://{REGION}.console.aws.amazon.com/kms/home?region={REGION}#/kms/keys/{key_id(1)}"
FILE = "keys-prod-eu-central-1-2026-11-23.json"


async def choose_payments(app: Session) -> None:
    """Rest on `payments/prod`, with all keys described."""
    await app.see("READ-ONLY", "▌backup/nightly")
    await app.until(lambda: app.described() == 10)
    if app.app.size.width >= WIDE[0]:
        await app.see("Auditor")
    await app.press("slash")
    await app.type("alias:payments/prod")
    await app.press("enter")
    await app.see("▌payments/prod")


def dialog_lines(app: Session) -> list[str]:
    """The dialog alone: what lies behind it has pictures of its own."""
    box = app.app.screen.query_one(Vertical).region
    return [line[box.x : box.right] for line in app.lines[box.y : box.bottom]]


@SIZES
class TestTheCopyMenu:
    def test_looks_as_agreed(self, size: tuple[int, int]) -> None:
        async def script(app: Session) -> None:
            await choose_payments(app)
            await app.press("c")
            await app.see("aws command")
            assert_snapshot(f"copy-{size[0]}x{size[1]}", dialog_lines(app))

        run(script, size=size)

    @pytest.mark.parametrize(
        ("number", "text"),
        [
            (1, "alias/payments/prod"),
            (2, "alias/pay"),
            (3, key_id(1)),
            (4, ARN),
            (6, f"aws kms describe-key --key-id {ARN} --profile prod --region {REGION}"),
            (7, CONSOLE),
        ],
    )
    def test_copies_by_number(self, size: tuple[int, int], number: int, text: str) -> None:
        async def script(app: Session) -> None:
            await choose_payments(app)
            await app.press("c")
            await app.until(lambda: isinstance(app.app.screen, CopyMenu))
            await app.press(str(number))
            await app.until(lambda: app.app.clipboard == text, text)
            await app.see("Sent the")

        run(script, size=size)

    def test_copies_what_is_known_as_json(self, size: tuple[int, int]) -> None:
        async def script(app: Session) -> None:
            await choose_payments(app)
            await app.press("c")
            await app.until(lambda: isinstance(app.app.screen, CopyMenu))
            await app.press("j", "j", "j", "j", "enter")
            await app.until(lambda: app.app.clipboard)
            found = json.loads(app.app.clipboard)
            assert (found["arn"], found["state"]) == (ARN, "Enabled")
            assert found["rotation"]["period_days"] == 365

        run(script, size=size)

    def test_is_there_on_the_page_of_a_key_and_leaves_by_escape(
        self, size: tuple[int, int]
    ) -> None:
        async def script(app: Session) -> None:
            await choose_payments(app)
            await app.press("enter", "c")
            await app.until(lambda: isinstance(app.app.screen, CopyMenu))
            await app.press("escape")
            await app.until(lambda: not isinstance(app.app.screen, CopyMenu))
            assert app.app.clipboard == ""

        run(script, size=size)


class TestTheConsole:
    def test_address_is_copied_and_shown(self) -> None:
        async def script(app: Session) -> None:
            await choose_payments(app)
            await app.press("x")
            await app.see("Sent the console address", "console.aws.amazon.com")
            assert app.app.clipboard.startswith(f"https://{REGION}.console.aws.amazon.com/")

        run(script)

    def test_is_none_for_the_local_kms(self, tmp_path: Path) -> None:
        async def script(app: Session) -> None:
            await app.see("▌getting-started")
            await app.press("x")
            await app.see("The local KMS has no web console")
            await app.press("c")
            await app.see("aws kms describe-key")
            assert "console.aws" not in app.text
            assert "--region" not in app.text

        run(script, start=local_options(tmp_path / "store.sqlite3"))


@SIZES
class TestExporting:
    def test_looks_as_agreed(self, desk: Desk, size: tuple[int, int]) -> None:
        async def script(app: Session) -> None:
            await choose_payments(app)
            await app.press("ctrl+s")
            await app.see(FILE)
            assert_snapshot(f"export-{size[0]}x{size[1]}", dialog_lines(app))

        run(script, size=size)

    def test_writes_the_keys_that_the_filter_shows(self, desk: Desk, size: tuple[int, int]) -> None:
        async def script(app: Session) -> None:
            await choose_payments(app)
            await app.press("ctrl+s")
            await app.see(FILE)
            await app.press("enter")
            await app.see("Wrote 1 key to")

        run(script, size=size)
        (found,) = json.loads((desk.folder / FILE).read_text("ascii"))
        assert found["aliases"] == ["alias/pay", "alias/payments/prod"]
        assert (desk.folder / FILE).stat().st_mode & 0o777 == 0o600

    def test_writes_csv_in_the_order_of_the_list(self, desk: Desk, size: tuple[int, int]) -> None:
        async def script(app: Session) -> None:
            await app.see("READ-ONLY", "▌backup/nightly")
            await app.until(lambda: app.described() == 10)
            await app.press("ctrl+s")
            await app.see(FILE)
            await app.press("tab", "right")
            await app.see(FILE.replace(".json", ".csv"))
            await app.press("ctrl+j")
            await app.see("Wrote 10 keys to")

        run(script, size=size)
        with (desk.folder / FILE.replace(".json", ".csv")).open(newline="") as file:
            rows = list(csv.DictReader(file))
        assert [row["aliases"] for row in rows][:2] == [
            "alias/backup/nightly",
            "alias/imported/hsm",
        ]
        assert next(row for row in rows if row["key_id"] == key_id(9))["error"] == (
            "KMS denied access"
        )

    def test_asks_before_it_replaces_a_file(self, desk: Desk, size: tuple[int, int]) -> None:
        desk.write(FILE, b"mine")

        async def script(app: Session) -> None:
            await choose_payments(app)
            await app.press("ctrl+s")
            await app.see(FILE)
            await app.press("enter")
            await app.see("Replace the file?")
            await app.press("enter")
            await app.see_no("Replace the file?")
            assert (desk.folder / FILE).read_bytes() == b"mine"
            await app.press("enter")
            await app.see("Replace the file?")
            await app.press("y")
            await app.see("Wrote 1 key to")

        run(script, size=size)
        assert json.loads((desk.folder / FILE).read_text("ascii"))[0]["key_id"] == key_id(1)

    def test_never_follows_a_link(self, desk: Desk, size: tuple[int, int]) -> None:
        precious = desk.write("precious", b"mine")
        (desk.folder / FILE).symlink_to(precious)

        async def script(app: Session) -> None:
            await choose_payments(app)
            await app.press("ctrl+s")
            await app.see(FILE)
            await app.press("enter")
            await app.see("Error:")
            await app.press("escape")
            await app.until(lambda: not isinstance(app.app.screen, ExportDialog))

        run(script, size=size)
        assert precious.read_bytes() == b"mine"

    def test_says_why_a_file_cannot_be_written(self, desk: Desk, size: tuple[int, int]) -> None:
        async def script(app: Session) -> None:
            await choose_payments(app)
            await app.press("ctrl+s")
            await app.see(FILE)
            await app.press("ctrl+u")
            await app.press("enter")
            await app.see("The file is not named")
            await app.type("nowhere/x.json")
            await app.press("enter")
            await app.see("The output's folder does not exist")

        run(script, size=size)


def test_an_empty_list_has_nothing_to_export() -> None:
    async def script(app: Session) -> None:
        await app.see("READ-ONLY", "There are no keys yet")
        await app.press("ctrl+s")
        await app.see("The list shows no key")

    run(script, kms=FakeKms(keys=[]))


def test_hostile_text_does_nothing_in_menu_toast_and_dialog(desk: Desk) -> None:
    texts = [text[:200] for text in HOSTILE[::4]]
    keys = [FakeKey(f"{text}{n}", (text,), description=text) for n, text in enumerate(texts)]
    kms = FakeKms(keys=keys, profile=texts[0])

    async def script(app: Session) -> None:
        await app.until(lambda: app.described() == len(texts))
        await app.see("▌")
        for _ in texts:
            await app.press("c")
            assert_harmless(app)
            await app.press("escape", "x")
            assert_harmless(app)
            await app.press("j")
        await app.press("ctrl+s")
        await app.see("Export")
        assert_harmless(app)
        await app.press("enter")
        await app.see("Wrote")
        assert_harmless(app)

    run(script, kms=kms)

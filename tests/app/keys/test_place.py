"""The Keys place, as its user meets it."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.app.driver import NARROW, WIDE, Session, run
from tests.app.fakes import FakeKey, FakeKms, fleet, key_id
from tests.app.snapshot import assert_snapshot

SIZES = pytest.mark.parametrize("size", [NARROW, WIDE], ids=["80x24", "120x40"])


@SIZES
class TestTheList:
    def test_shows_alias_state_spec_use_and_rotation_of_each_key(
        self, size: tuple[int, int]
    ) -> None:
        async def script(app: Session) -> None:
            await app.see("payments/prod (+1)", "SYMMETRIC", "encrypt", "365 d", "PendingDel")
            await app.see("signing/release", "ECC_NIST_P256", "sign")

        run(script, size=size)

    def test_keeps_keys_that_may_not_be_described_and_says_so(self, size: tuple[int, int]) -> None:
        async def script(app: Session) -> None:
            await app.see("aws/ebs", "no access")

        run(script, size=size)

    def test_looks_as_agreed(self, size: tuple[int, int]) -> None:
        async def script(app: Session) -> None:
            await app.see("no access", "HMAC_256", "365 d", "READ-ONLY")
            if size == WIDE:
                await app.see("Auditor@111122223333", "every 90 days")
            assert_snapshot(f"keys-{size[0]}x{size[1]}", app.lines)

        run(script, size=size)

    def test_filters_by_words_fields_and_their_opposite(self, size: tuple[int, int]) -> None:
        async def script(app: Session) -> None:
            await app.see("HMAC_256", "no access")
            await app.press("slash")
            await app.type("pay")
            await app.see("Keys 2 of 10", "payments/stage")
            await app.see_no("signing/release")
            await app.type(" !stage")
            await app.see("Keys 1 of 10")
            await app.press("enter", "escape")
            await app.see("Keys 10", "signing/release")

        run(script, size=size)

    def test_filters_by_state_once_the_keys_are_described(self, size: tuple[int, int]) -> None:
        async def script(app: Session) -> None:
            await app.press("slash")
            await app.type("state:pending")
            await app.see("Keys 2 of 10", "legacy/etl", "imported/hsm")
            await app.see_no("not described yet")

        run(script, size=size)

    def test_goes_up_and_down_by_arrows_and_letters(self, size: tuple[int, int]) -> None:
        async def script(app: Session) -> None:
            await app.see("▌backup/nightly")
            await app.press("j", "down")
            await app.see("▌legacy/etl")
            await app.press("k")
            await app.see("▌imported/hsm")
            await app.press("G")
            await app.see("▌aws/ebs")
            await app.press("g")
            await app.see("▌backup/nightly")

        run(script, size=size)

    def test_says_what_to_do_when_there_is_no_key(self, size: tuple[int, int]) -> None:
        async def script(app: Session) -> None:
            await app.see("There are no keys yet")

        run(script, kms=FakeKms(keys=[]), size=size)


class TestLoading:
    def test_follows_every_page(self) -> None:
        keys = [FakeKey(key_id(n), (f"team/{n:04}",)) for n in range(250)]

        async def script(app: Session) -> None:
            await app.see("Keys 250 ")
            await app.press("G")
            await app.see("▌team/0249")

        run(script, kms=FakeKms(keys=keys, page=50))

    def test_describes_only_what_is_near_the_screen(self) -> None:
        keys = [FakeKey(key_id(n), (f"team/{n:04}",)) for n in range(2000)]
        kms = FakeKms(keys=keys)

        async def script(app: Session) -> None:
            await app.see("Keys 2,000 ", "team/0010")
            await app.until(lambda: app.text.count("Enabled") > 30)
            assert kms.calls.count("DescribeKey") < 150

        run(script, kms=kms)

    def test_says_when_a_list_broke_off(self) -> None:
        kms = FakeKms(fail={"ListAliases": ("AccessDeniedException", "no ListAliases for you")})

        async def script(app: Session) -> None:
            await app.see("not all could be listed", "no ListAliases for you", "(no alias)")

        run(script, kms=kms)

    def test_one_reason_for_both_lists_is_said_once_and_f5_connects_again(self) -> None:
        kms = FakeKms(
            fail=dict.fromkeys(("ListKeys", "ListAliases"), ("KMSInternalException", "down"))
        )

        async def script(app: Session) -> None:
            await app.see("F5 connects again", "KMS failed inside")
            services = app.app.standing.services
            assert services is not None
            await app.until(lambda: kms.calls.count("ListAliases") >= 1)
            await app.until(lambda: "loading" not in app.text)
            assert app.text.count("KMS failed inside") == 1
            kms.fail.clear()
            await app.press("f5")
            await app.see("backup/nightly", "READ-ONLY")
            await app.see_no("KMS failed inside")
            assert kms.calls.count("Connect") == 2
            assert app.app.standing.services is services
            await app.press("f5")
            await app.see("Connect again: The connection is open")

        run(script, kms=kms)

    def test_the_keyboard_answers_while_kms_hangs(self) -> None:
        kms = FakeKms()
        kms.opened.clear()

        async def script(app: Session) -> None:
            await app.see("Connecting to KMS")
            await app.press("question_mark")
            await app.see("This page")
            await app.press("escape")
            await app.press("slash")
            await app.type("abc")
            await app.see("abc")
            kms.opened.set()
            await app.see("READ-ONLY", "No key matches")

        run(script, kms=kms)

    def test_refresh_keeps_the_cursor_on_its_key(self) -> None:
        kms = FakeKms()

        async def script(app: Session) -> None:
            await app.see("▌backup/nightly", "HMAC_256")
            await app.press("j", "j", "j")
            await app.see("▌mac/tokens")
            kms.keys.insert(0, FakeKey(key_id(77), ("a/new/one",)))
            await app.press("r")
            await app.see("a/new/one", "▌mac/tokens")

        run(script, kms=kms)


class TestTheDetail:
    def test_lies_beside_the_list_on_a_wide_screen(self) -> None:
        async def script(app: Session) -> None:
            await app.see("every 90 days", "Next", key_id(3), "Key id")

        run(script)

    def test_is_a_page_of_its_own_on_a_narrow_screen(self) -> None:
        async def script(app: Session) -> None:
            await app.see("▌backup/nightly")
            await app.press("d")
            await app.see("every 90 days", "Esc Back", "Key id")
            assert_snapshot("key-80x24", app.lines)
            await app.press("escape")
            await app.see("▌backup/nightly")
            await app.press("enter")
            await app.see("every 90 days")

        run(script, size=NARROW)

    def test_says_when_a_key_will_be_deleted(self) -> None:
        async def script(app: Session) -> None:
            await app.see("2026-12-03", "in 10 d", "Deleted on")

        keys = [
            FakeKey(key_id(1), ("old",), state="PendingDeletion", deleted_in=timedelta(days=10))
        ]
        run(script, kms=FakeKms(keys=keys))

    def test_says_why_a_key_may_not_be_described(self) -> None:
        async def script(app: Session) -> None:
            await app.see("Error: KMS denied access", "the boss said no", "What to do:", "9d2b8a2e")

        run(script, kms=FakeKms(keys=[FakeKey(key_id(1), denied="the boss said no")]))

    def test_follows_the_size_of_the_screen(self) -> None:
        async def script(app: Session) -> None:
            await app.see("╭─ backup/nightly")
            await app.pilot.resize_terminal(80, 24)
            await app.see_no("╭─ backup/nightly")
            await app.pilot.resize_terminal(60, 16)
            await app.see("▌backup/nightly")
            await app.pilot.resize_terminal(120, 40)
            await app.see("╭─ backup/nightly", "▌backup/nightly")

        run(script)


class TestActing:
    def test_copies_id_and_arn(self) -> None:
        async def script(app: Session) -> None:
            await app.see("▌backup/nightly")
            await app.press("y")
            await app.see("Sent the key id to the terminal's clipboard")
            assert app.app.clipboard == key_id(3)
            await app.press("Y")
            await app.until(lambda: app.app.clipboard.startswith("arn:aws:kms:"))

        run(script)

    def test_creating_a_key_is_greyed_and_says_why_on_a_read_only_connection(self) -> None:
        kms = FakeKms()

        async def script(app: Session) -> None:
            await app.see("READ-ONLY", "▌backup/nightly")
            await app.press("n")
            await app.see("New key: This connection is read-only", "--write")
            assert "CreateKey" not in kms.calls

        run(script, kms=kms)

    @SIZES
    def test_creates_a_key_with_an_alias_and_shows_it(self, size: tuple[int, int]) -> None:
        kms = FakeKms(is_local=True)

        async def script(app: Session) -> None:
            await app.see("LOCAL KMS", "▌backup/nightly")
            await app.press("n")
            await app.see("New key", "Description")
            await app.type("zoo/lions")
            await app.press("enter")
            await app.type("for the lions")
            await app.press("ctrl+j")
            await app.see("▌zoo/lions", "Keys 11")

        run(script, kms=kms, size=size)
        assert kms.keys[-1].aliases == ("zoo/lions",)
        assert kms.keys[-1].description == "for the lions"

    def test_shows_in_the_form_why_a_key_was_not_created(self) -> None:
        kms = FakeKms(is_local=True, fail={"CreateAlias": ("AlreadyExistsException", "taken")})

        async def script(app: Session) -> None:
            await app.see("▌backup/nightly")
            await app.press("n")
            await app.see("Description")
            await app.press("ctrl+j")
            await app.see("A key needs an alias here")
            await app.type("payments/prod")
            await app.press("ctrl+j")
            await app.see("Error: The name is taken")
            await app.press("escape")
            await app.see("▌backup/nightly")

        run(script, kms=kms)

    def test_a_key_of_another_account_is_shown_on_a_page_of_its_own(self) -> None:
        foreign = f"arn:aws:kms:us-east-1:999988887777:key/{key_id(3)}"

        async def script(app: Session) -> None:
            await app.see("▌backup/nightly")
            app.app.navigator.open_key(foreign)
            await app.see("KMS knows no such key", "us-east-1")
            await app.press("escape")
            app.app.navigator.open_key(fleet()[5].arn)
            await app.see("▌signing/release")

        run(script)

"""The context line always says who, where, and whether changes are allowed."""

from __future__ import annotations

from pathlib import Path

import pytest

from sealscope.errors import CredentialsMissing
from sealscope.kms.connection import Connection, Target
from tests.app.driver import NARROW, WIDE, Session, local_options, options, run
from tests.app.fakes import FakeKms

SIZES = pytest.mark.parametrize("size", [NARROW, WIDE], ids=["80x24", "120x40"])


@SIZES
class TestTheContextLine:
    def test_says_region_and_read_only_by_default(self, size: tuple[int, int]) -> None:
        async def script(app: Session) -> None:
            await app.see("eu-central-1", "READ-ONLY")

        run(script, size=size)

    def test_says_when_changes_are_allowed(self, size: tuple[int, int]) -> None:
        async def script(app: Session) -> None:
            await app.see("eu-central-1", " WRITE ")
            await app.see_no("READ-ONLY")

        run(script, start=options(write=True), size=size)

    def test_says_that_the_kms_is_local(self, size: tuple[int, int], tmp_path: Path) -> None:
        async def script(app: Session) -> None:
            await app.see("LOCAL KMS", "getting-started")
            await app.see_no("READ-ONLY")

        run(script, start=local_options(tmp_path / "store.sqlite3"), size=size)

    def test_says_connecting_until_the_connection_is_open(self, size: tuple[int, int]) -> None:
        kms = FakeKms()
        kms.opened.clear()

        async def script(app: Session) -> None:
            await app.see("connecting", "Connecting to KMS")
            kms.opened.set()
            await app.see("READ-ONLY")
            await app.see_no("connecting")

        run(script, kms=kms, size=size)


def test_says_role_account_and_profile_where_there_is_room() -> None:
    async def script(app: Session) -> None:
        await app.see("Auditor@111122223333 · prod · eu-central-1")

    run(script)


def test_says_when_it_is_not_known_who_calls() -> None:
    kms = FakeKms(fail={"GetCallerIdentity": ("ExpiredToken", "")})

    async def script(app: Session) -> None:
        await app.see("who: not known", "READ-ONLY")

    run(script, kms=kms)


def test_places_can_be_clicked() -> None:
    async def script(app: Session) -> None:
        await app.see("READ-ONLY")
        await app.pilot.click("ContextLine", offset=(12, 0))
        await app.until(lambda: app.app.current_mode == "envelopes")
        await app.pilot.click("ContextLine", offset=(27, 0))
        await app.until(lambda: app.app.current_mode == "jobs")
        await app.pilot.click("ContextLine", offset=(3, 0))
        await app.until(lambda: app.app.current_mode == "keys")

    run(script)


@SIZES
class TestFailingToConnect:
    def test_is_shown_in_place_with_its_hint_and_can_be_tried_again(
        self, size: tuple[int, int]
    ) -> None:
        kms = FakeKms()
        tries: list[Target] = []

        def connect(target: Target) -> Connection:
            tries.append(target)
            if len(tries) < 3:
                raise CredentialsMissing("No AWS region is set", "profile x", "Name one.")
            return kms.connect(target)

        async def script(app: Session) -> None:
            await app.see("not connected", "No AWS region is set", "Name one.", "r tries again")
            await app.press("y")
            await app.see("Copy id: There is no")
            await app.press("r")
            await app.until(lambda: len(tries) == 2)
            await app.see("not connected")
            await app.press("f5")
            await app.see("READ-ONLY", "backup/nightly")
            await app.see_no("No AWS region is set")

        run(script, start=options(connect=connect), size=size)

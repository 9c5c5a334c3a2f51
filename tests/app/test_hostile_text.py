"""Text from outside does nothing on the screen, whatever it is and wherever it stands."""

from __future__ import annotations

from dataclasses import replace

import pytest
from textual import events

from sealscope.app.keys.create import KeyNotCreated
from sealscope.errors import KmsError
from sealscope.kms.connection import Identity
from tests.app.driver import NARROW, WIDE, Session, run
from tests.app.fakes import FakeKey, FakeKms, key_id
from tests.hostile import HOSTILE, LOOK_ALIKES, leaks

PER_SCREEN = 34
"""Strings at once: as many keys as a 120x40 screen shows."""

BATCHES = [HOSTILE[start : start + PER_SCREEN] for start in range(0, len(HOSTILE), PER_SCREEN)]
SIZES = pytest.mark.parametrize("size", [NARROW, WIDE], ids=["80x24", "120x40"])
ALL = pytest.mark.parametrize("texts", BATCHES, ids=range(len(BATCHES)))


def assert_harmless(app: Session) -> None:
    """Nothing on the screen is obeyed by a terminal, hidden, or acted on by Textual."""
    for strip in app.app.screen._compositor.render_strips():
        for segment in strip:
            assert leaks(segment.text) == []
            assert segment.style is None or not segment.style.link
            actions = segment.style.meta if segment.style else {}
            assert "@click" not in actions


def keys_full_of(texts: tuple[str, ...]) -> list[FakeKey]:
    """Keys that carry these texts in every field, as long as AWS lets them be."""
    return [
        FakeKey(
            f"{text[:200]}{number}",
            (text[:256],),
            description=text[:8192],
            state=text[:64] if number % 3 == 0 else "Enabled",
            spec=text[:64] if number % 3 == 0 else "RSA_2048",
            usage=text[:64],
            origin=text[:64],
            manager=text[:64],
            multi_region=text[:64],
            denied=text[:8192] if number % 3 == 1 else None,
            arn=f"arn:aws:kms:eu-central-1:111122223333:key/{text[:200]}{number}",
        )
        for number, text in enumerate(texts)
    ]


@ALL
class TestKeys:
    def test_in_aliases_ids_descriptions_and_refusals_beside_the_list(
        self, texts: tuple[str, ...]
    ) -> None:
        async def script(app: Session) -> None:
            await app.until(lambda: app.described() == len(texts))
            for _ in texts:
                assert_harmless(app)
                await app.press("j")
            await app.press("y")
            await app.see("Sent the key id")
            assert_harmless(app)

        run(script, kms=FakeKms(keys=keys_full_of(texts)), size=WIDE)

    def test_in_aliases_ids_descriptions_and_refusals_on_a_page_of_its_own(
        self, texts: tuple[str, ...]
    ) -> None:
        async def script(app: Session) -> None:
            await app.until(lambda: app.described() == len(texts))
            for _ in texts[::5]:
                await app.press("d")
                assert_harmless(app)
                await app.press("escape", "j", "j", "j", "j", "j")
                assert_harmless(app)

        run(script, kms=FakeKms(keys=keys_full_of(texts)), size=NARROW)


@SIZES
@ALL
def test_in_role_account_profile_and_region(texts: tuple[str, ...], size: tuple[int, int]) -> None:
    async def script(app: Session) -> None:
        await app.see("READ-ONLY")
        await app.until(lambda: app.app.standing.identity)
        services = app.app.standing.services
        assert services is not None
        for text in texts:
            services.gate.region = services.gate.profile = text
            app.app.standing = replace(
                app.app.standing, identity=Identity(text, f"arn:aws:iam::1:role/{text}")
            )
            await app.pilot.pause()
            assert_harmless(app)
            assert "READ-ONLY" in app.lines[0]

    run(script, size=size)


@ALL
def test_in_errors_of_the_service_and_of_forms(texts: tuple[str, ...]) -> None:
    kms = FakeKms(is_local=True, fail={"ListKeys": ("AccessDeniedException", texts[0])})

    async def script(app: Session) -> None:
        await app.see("KMS denied access")
        assert_harmless(app)
        await app.press("n")
        await app.see("Description")
        for text in texts:
            page = app.app.screen
            page.post_message(KeyNotCreated(KmsError(text, text, text, request_id=text)))
            await app.pilot.pause()
            assert_harmless(app)

    run(script, kms=kms)


@pytest.mark.parametrize(("one", "other"), LOOK_ALIKES)
def test_look_alikes_look_different_in_the_list(one: str, other: str) -> None:
    from sealscope.app.keys.rows import alias_text
    from sealscope.kms.inventory import KeyEntry
    from sealscope.kms.keys import Alias

    def shown(name: str) -> str:
        alias = Alias(name, "", key_id(1), None, None)
        return alias_text(KeyEntry(key_id(1), "", (alias,)))[0]

    assert shown(one) != shown(other)


@pytest.mark.parametrize("key", ["colon", "slash"])
@ALL
def test_pasted_into_a_field(texts: tuple[str, ...], key: str) -> None:
    async def script(app: Session) -> None:
        await app.see("READ-ONLY", "backup/nightly")
        await app.press(key)
        await app.pilot.pause()
        for text in texts:
            app.app.post_message(events.Paste(text[:500]))
            await app.pilot.pause()
            assert_harmless(app)

    run(script)

"""Text from files and services does nothing on the Envelopes screens, whatever it is."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from sealscope.app.envelopes.inspector import FileRead, Inspector, KeyAnswered, Outline
from sealscope.app.envelopes.key_lookup import LiveKey
from sealscope.app.envelopes.reading import Reading
from sealscope.errors import KmsError, Malformed
from sealscope.formats.envelope import (
    Certainty,
    Content,
    Envelope,
    Field,
    Recipient,
    Sizes,
    Suite,
)
from tests.app.desk import Desk
from tests.app.driver import NARROW, WIDE, Session, run
from tests.app.test_hostile_text import assert_harmless
from tests.hostile import HOSTILE, HOSTILE_BYTES, HOSTILE_NAMES

SIZES = pytest.mark.parametrize("size", [NARROW, WIDE], ids=["80x24", "120x40"])


BATCH = 20
BATCHES = [HOSTILE[start : start + BATCH] for start in range(0, len(HOSTILE), BATCH)]


def hostile_envelope(texts: tuple[str, ...]) -> Envelope:
    """An envelope whose every text is hostile."""
    first, last = texts[0], texts[-1]
    fields = tuple(
        Field(text, text, text, 0, 10, (Field(text, text.encode("utf-8", "replace"), text, 0, 5),))
        for text in texts
    )
    return Envelope(
        format=first,
        certainty=Certainty.LIKELY,
        version=last,
        suite=Suite(first, last, signed=True, committing=True),
        message_id=b"\x1b]0;x\x07",
        encryption_context={text: text for text in texts},
        recipients=tuple(_recipient(text, number) for number, text in enumerate(texts)),
        content=Content(first, 10, None, None),
        sizes=Sizes(1, 2, 3, 6),
        problem=last,
        fields=fields,
    )


def _recipient(text: str, number: int) -> Recipient:
    if number % 2:
        return Recipient(text, text, 10, is_kms=False)
    return Recipient("aws-kms", f"arn:aws:kms:{text}:{text}:key/{text}", 10, is_kms=True)


class TestTheInspector:
    @pytest.mark.parametrize("batch", range(len(BATCHES)))
    def test_shows_hostile_envelopes_and_errors_harmlessly(self, desk: Desk, batch: int) -> None:
        path = desk.write("a.txt")
        texts = BATCHES[batch]
        size = WIDE if batch % 2 else NARROW

        async def script(app: Session) -> None:
            await app.see("a.txt", "looks like", "LOCAL")
            inspector = app.app.screen.query_one(Inspector)
            envelope = hostile_envelope(texts)
            await _show(app, inspector, Reading(Path(texts[0]), 6, envelope, None))
            for index, recipient in enumerate(envelope.recipients):
                text = texts[index]
                error = KmsError(text, text, text, request_id=text)
                live = LiveKey(recipient, aliases=(f"alias/{text}",), error=error)
                inspector.post_message(KeyAnswered(inspector._generation, index, live))
            inspector.post_message(Outline.Unfolded((0,), is_open=True))
            inspector.focus_content()
            for _ in range(2 if size == WIDE else 4):
                assert_harmless(app)
                await app.press("pagedown")
            assert_harmless(app)
            for text in texts[:: 2 if size == WIDE else 3]:
                problem = Malformed(text, text, text)
                await _show(app, inspector, Reading(Path(text), 6, None, problem))
                assert_harmless(app)

        run(script, start=desk.options(path), size=size)


@SIZES
class TestTheBrowser:
    def test_shows_hostile_names_harmlessly_and_opens_them(
        self, desk: Desk, size: tuple[int, int]
    ) -> None:
        folder = os.fsencode(desk.folder)
        names = {os.fsencode(name) for name in HOSTILE_NAMES} | set(HOSTILE_BYTES)
        for name in names:
            with open(os.path.join(folder, name), "wb") as file:
                file.write(b"text")

        async def script(app: Session) -> None:
            await app.press("2")
            await app.see("B", "envelopes")
            await app.press("full_stop", "g")
            for _ in range(len(names) // 10 + 2):
                assert_harmless(app)
                await app.press("pagedown")
            assert_harmless(app)
            for _ in range(6):
                await app.press("enter")
                await app.see("looks like")
                assert_harmless(app)
                await app.press("escape" if size == NARROW else "backspace")
                await app.press("up", "up", "up")

        run(script, start=desk.options(), size=size)

    def test_shows_hostile_folders_harmlessly(self, desk: Desk, size: tuple[int, int]) -> None:
        for number, name in enumerate(HOSTILE_NAMES):
            if number % 12 == 0 and len(os.fsencode(name)) < 240:
                (desk.folder / f"{number}-{name}").mkdir()

        async def script(app: Session) -> None:
            await app.press("2")
            await app.see("0-")
            for _ in range(4):
                await app.press("l")
                await app.see("../", "0 envelopes")
                assert_harmless(app)
                await app.press("h", "down")
                assert_harmless(app)

        run(script, start=desk.options(), size=size)


async def _show(app: Session, inspector: Inspector, reading: Reading) -> None:
    inspector.path = reading.path
    inspector.post_message(FileRead(inspector._generation, reading))
    await app.pilot.pause()

"""KMS's own operations from the keyboard, on a real local KMS."""

from __future__ import annotations

import base64

import pytest
from textual.containers import VerticalScroll

from sealscope.kms import small_data
from sealscope.secret import SecretBytes
from tests.app.desk import GETTING_STARTED, Desk
from tests.app.driver import NARROW, WIDE, Session, options, run
from tests.app.fakes import FakeKms
from tests.app.snapshot import assert_snapshot

SIZES = pytest.mark.parametrize("size", [NARROW, WIDE], ids=["80x24", "120x40"])
PLAINTEXT = "attack at dawn"


async def opened(app: Session, operation: str = "") -> None:
    """Open the panel on the key under the cursor."""
    await app.see("▌")
    await app.press("K")
    await app.see("Small data, with KMS itself")
    if operation:
        from sealscope.app.widgets.choice import Choice

        app.app.screen.query_one("#operation", Choice).choose(operation)
        await app.see("Operation")
        await app.pilot.pause()


async def fill(app: Session, field: str, text: str) -> None:
    """Type into a field."""
    app.app.screen.query_one(f"#{field}").focus()
    await app.type(text)


def sealed(desk: Desk, plaintext: bytes = PLAINTEXT.encode(), **context: str) -> bytes:
    """A ciphertext of KMS."""
    with desk.gate() as gate:
        made = small_data.encrypt(gate, GETTING_STARTED, SecretBytes(plaintext), context=context)
        return made.ciphertext


class TestEncrypt:
    def test_gives_base64_that_opens_again(self, desk: Desk) -> None:
        async def script(app: Session) -> None:
            await opened(app)
            await fill(app, "input", "attack at dawn")
            await fill(app, "context", "a=b")
            assert PLAINTEXT not in app.text
            await app.press("ctrl+j")
            await app.see("Ciphertext")
            await app.press("f8")
            await app.until(lambda: app.app.clipboard)
            ciphertexts.append(base64.b64decode(app.app.clipboard))

        ciphertexts: list[bytes] = []
        run(script, start=desk.options())
        with desk.gate() as gate:
            back = small_data.decrypt(gate, ciphertexts[0], context={"a": "b"})
            assert back.plaintext == SecretBytes(PLAINTEXT.encode())

    def test_shows_what_was_typed_only_when_asked_to(self, desk: Desk) -> None:
        async def script(app: Session) -> None:
            await opened(app)
            await fill(app, "input", "attack at dawn")
            assert PLAINTEXT not in app.text
            await app.press("f7")
            await app.see(PLAINTEXT)
            await app.press("f7")
            await app.see_no(PLAINTEXT)

        run(script, start=desk.options())

    def test_a_file_that_is_too_long_is_offered_an_envelope(self, desk: Desk) -> None:
        desk.write("long", b"x" * 4097)

        async def script(app: Session) -> None:
            from sealscope.app.widgets.choice import Choice

            await opened(app)
            app.app.screen.query_one("#form", Choice).choose("file")
            await fill(app, "input", "long")
            await app.press("ctrl+j")
            await app.see("Encrypt the file as an envelope?")
            services = app.app.standing.services
            assert services is not None
            assert "Encrypt" not in [call.operation for call in services.gate.log.records()]
            await app.press("y")
            await app.see("Preflight", "long.encrypted")

        run(script, start=desk.options())

    def test_what_is_no_base64_is_said_without_quoting_it(self, desk: Desk) -> None:
        async def script(app: Session) -> None:
            from sealscope.app.widgets.choice import Choice

            await opened(app)
            app.app.screen.query_one("#form", Choice).choose("BASE64")
            await fill(app, "input", "se!cret")
            await app.press("ctrl+j")
            await app.see("This is not Base64", "character 3")
            assert "se!cret" not in app.text

        run(script, start=desk.options())

    def test_a_key_must_be_named(self, desk: Desk) -> None:
        async def script(app: Session) -> None:
            await opened(app)
            await fill(app, "key", "")
            await app.press("ctrl+u", "ctrl+j")
            await app.see("No key is named")

        run(script, start=desk.options())


class TestDecrypt:
    @pytest.mark.parametrize("named", [True, False])
    def test_hides_the_plaintext_until_asked(self, desk: Desk, named: bool) -> None:
        desk.write("c", sealed(desk))

        async def script(app: Session) -> None:
            from sealscope.app.widgets.choice import Choice

            await opened(app, "DECRYPT")
            app.app.screen.query_one("#form", Choice).choose("file")
            if not named:
                app.app.screen.query_one("#key").focus()
                await app.press("end", "ctrl+u")
            await fill(app, "input", "c")
            await app.press("ctrl+j")
            await app.see("14 bytes, hidden", "Material")
            assert PLAINTEXT not in app.text
            await app.press("f7")
            await app.see(PLAINTEXT, base64.b64encode(PLAINTEXT.encode()).decode())
            await app.press("escape")
            await app.see_no(PLAINTEXT)
            await app.press("K")
            await app.see("Small data, with KMS itself")
            assert PLAINTEXT not in app.text

        run(script, start=desk.options())

    def test_shows_a_hostile_plaintext_harmless(self, desk: Desk) -> None:
        desk.write("c", sealed(desk, "\x1b]52;c;x\a[red]\u202egpj".encode()))

        async def script(app: Session) -> None:
            from sealscope.app.widgets.choice import Choice

            await opened(app, "DECRYPT")
            app.app.screen.query_one("#form", Choice).choose("file")
            await fill(app, "input", "c")
            await app.press("ctrl+j")
            await app.see("bytes, hidden")
            await app.press("f7")
            await app.see("As text", "[red]")
            assert "\x1b" not in app.text
            assert "\u202e" not in app.text

        run(script, start=desk.options())

    def test_copies_the_plaintext_by_its_own_key_and_keeps_none(self, desk: Desk) -> None:
        desk.write("c", sealed(desk))

        async def script(app: Session) -> None:
            from sealscope.app.widgets.choice import Choice

            await opened(app, "DECRYPT")
            app.app.screen.query_one("#form", Choice).choose("file")
            await fill(app, "input", "c")
            await app.press("ctrl+j")
            await app.see("bytes, hidden")
            await app.press("f6")
            await app.until(
                lambda: any("others may read" in n.message for n in app.app._notifications)
            )
            assert app.app.clipboard == ""
            assert base64.b64encode(PLAINTEXT.encode()).decode() not in app.text

        run(script, start=desk.options())


class TestTheOthers:
    @pytest.mark.parametrize(
        ("operation", "shown"),
        [
            ("DATA_KEY", ("Ciphertext", "32 bytes, hidden")),
            ("DATA_KEY_ENCRYPTED", ("Ciphertext",)),
            ("RANDOM", ("32 bytes, hidden",)),
        ],
    )
    def test_make_what_they_say(self, desk: Desk, operation: str, shown: tuple[str, ...]) -> None:
        async def script(app: Session) -> None:
            await opened(app, operation)
            await app.press("ctrl+j")
            await app.see(*shown)

        run(script, start=desk.options())

    def test_re_encrypting_gives_another_context(self, desk: Desk) -> None:
        desk.write("c", sealed(desk, a="b"))

        async def script(app: Session) -> None:
            from sealscope.app.widgets.choice import Choice

            await opened(app, "RE_ENCRYPT")
            app.app.screen.query_one("#form", Choice).choose("file")
            await fill(app, "input", "c")
            await fill(app, "source-context", "a=b")
            await fill(app, "context", "c=d")
            await app.press("ctrl+j")
            await app.see("Was under", "Ciphertext")

        run(script, start=desk.options())

    def test_more_bytes_than_kms_makes_are_refused_before_the_call(self, desk: Desk) -> None:
        async def script(app: Session) -> None:
            await opened(app, "RANDOM")
            await fill(app, "bytes", "99")
            await app.press("ctrl+j")
            await app.see("out of bounds")

        run(script, start=desk.options())


class TestTheCommand:
    def test_never_holds_the_plaintext(self, desk: Desk) -> None:
        async def script(app: Session) -> None:
            await opened(app)
            await fill(app, "input", "dawn")
            await app.press("f2")
            await app.see("sealscope kms encrypt", "--key-id=alias/getting-started")
            assert "dawn" not in app.text

        run(script, start=desk.options())


@SIZES
class TestPictures:
    def test_the_panel_looks_as_agreed(self, size: tuple[int, int]) -> None:
        async def script(app: Session) -> None:
            await app.see("▌backup/nightly", "READ-ONLY")
            await opened(app)
            await fill(app, "input", "dawn")
            await app.pilot.pause()
            box = app.app.screen.query_one("#panel", VerticalScroll).region
            lines = [line[box.x : box.right] for line in app.lines[box.y : box.bottom]]
            assert_snapshot(f"small-data-{size[0]}x{size[1]}", lines)

        run(script, start=options(FakeKms()), size=size)

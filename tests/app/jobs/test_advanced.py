"""The folded part of the forms: what it offers, what it says at its fields, what it makes."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from sealscope.app.jobs.advanced import Advanced
from sealscope.app.jobs.decrypt_form import DecryptForm
from sealscope.app.jobs.encrypt_form import EncryptForm
from sealscope.app.jobs.form import JobForm
from sealscope.app.jobs.option_field import OptionField
from sealscope.app.jobs.suite_choice import offered_suites, suite_help
from sealscope.app.widgets.choice import Choice
from sealscope.app.widgets.typed import TypedLine, TypedText
from sealscope.engine.policy import CommitmentPolicy
from sealscope.engine.suites import SUITES, KeyDerivation
from sealscope.jobs.request import (
    Caching,
    DecryptRequest,
    EncryptRequest,
    RawAesKey,
    RawRsaKey,
    SealOptions,
)
from tests.app.desk import GETTING_STARTED, Desk
from tests.app.driver import NARROW, WIDE, Session, run

SIZES = pytest.mark.parametrize("size", [NARROW, WIDE], ids=["80x24", "120x40"])
FORMS = pytest.mark.parametrize("key", ["E", "D"], ids=["encrypt", "decrypt"])
Step = Callable[[Session, JobForm], Awaitable[None]]


def fill(app: Session, selector: str, text: str) -> None:
    """Put text into a field, or choose it."""
    widget = app.app.screen.query_one(selector)
    if isinstance(widget, TypedText):
        widget.text = text
    elif isinstance(widget, TypedLine):
        widget.value = text
    elif isinstance(widget, Choice):
        widget.choose(text)


def in_form(desk: Desk, key: str, step: Step, size: tuple[int, int] = WIDE) -> None:
    """Open a form on a file of the desk and do something in it."""
    plain = desk.write("a.txt")
    path = plain if key == "E" else desk.seal(plain)

    async def script(app: Session) -> None:
        await app.until(lambda: app.app.standing.services, "the connection")
        if key == "E":
            app.app.navigator.open_encrypt_form(path, GETTING_STARTED)
        else:
            app.app.navigator.open_decrypt_form(path)
        await app.see("Destination", "▸ Advanced")
        page = app.app.screen
        assert isinstance(page, JobForm)
        await step(app, page)

    run(script, start=desk.options(), size=size)


async def unfold(app: Session) -> None:
    """Open the advanced part."""
    await app.press("f4")
    await app.until(lambda: app.app.screen.query("#base64"), "the fields")


@SIZES
@FORMS
class TestTheFold:
    def test_hides_everything_at_first_and_f4_shows_it_and_hides_it_again(
        self, desk: Desk, key: str, size: tuple[int, int]
    ) -> None:
        async def step(app: Session, page: JobForm) -> None:
            assert "Raw AES key" not in app.text
            await app.press("f4")
            await app.see("▾ Advanced", "Raw AES key", "NAMESPACE/NAME=FILE")
            assert page.focused is page.query_one("#raw-aes")
            await app.press("f4")
            await app.see("▸ Advanced")
            await app.see_no("Raw AES key")
            assert page.focused is page.query_one("#advanced-head")

        in_form(desk, key, step, size)

    @pytest.mark.parametrize("press", ["enter", "space", "right"])
    def test_opens_by_its_head(
        self, desk: Desk, key: str, size: tuple[int, int], press: str
    ) -> None:
        async def step(app: Session, page: JobForm) -> None:
            page.query_one("#advanced-head").focus()
            await app.press(press)
            await app.see("▾ Advanced", "Raw AES key")
            await app.press("tab")
            await app.until(lambda: page.focused is page.query_one("#raw-aes"), "the first field")

        in_form(desk, key, step, size)

    def test_opens_by_a_click(self, desk: Desk, key: str, size: tuple[int, int]) -> None:
        async def step(app: Session, page: JobForm) -> None:
            await app.pilot.click("#advanced-head")
            await app.see("▾ Advanced", "Raw AES key")

        in_form(desk, key, step, size)

    def test_says_when_to_use_each_field(self, desk: Desk, key: str, size: tuple[int, int]) -> None:
        async def step(app: Session, page: JobForm) -> None:
            await app.press("f4")
            fill(app, "#caching", "on")
            fill(app, "#raw-rsa", "a/b=c")
            await app.see("▾ Advanced")
            for field in page.query_one(Advanced).fields:
                assert field.display
                field.editor.focus()
                await app.pilot.pause()
                field.found(None)
                await app.until(lambda field=field: help_of(field).endswith("."))  # type: ignore[misc]

        in_form(desk, key, step, size)

    def test_shows_every_field_on_the_way_through_by_tab(
        self, desk: Desk, key: str, size: tuple[int, int]
    ) -> None:
        async def step(app: Session, page: JobForm) -> None:
            await app.press("f4")
            for field in page.query_one(Advanced).fields:
                if field.display:
                    await app.until(lambda field=field: page.focused is field.editor)  # type: ignore[misc]
                    await app.see(field.label.strip())
                    await app.press("tab")

        in_form(desk, key, step, size)


def help_of(field: OptionField[object]) -> str:
    return str(field._below.content)


class TestTheHead:
    def test_says_what_is_set_while_it_is_closed(self, desk: Desk) -> None:
        async def step(app: Session, page: JobForm) -> None:
            await app.see("▸ Advanced    raw keys, policy, frames, caching")
            await unfold(app)
            fill(app, "#frame-length", "4096")
            fill(app, "#policy", "forbid-encrypt-allow-decrypt")
            await app.press("f4")
            await app.see("▸ Advanced    set: Policy, Frame length")

        in_form(desk, "E", step)

    def test_says_what_is_wrong_while_it_is_closed_and_nothing_runs(self, desk: Desk) -> None:
        async def step(app: Session, page: JobForm) -> None:
            await unfold(app)
            fill(app, "#frame-length", "many")
            await app.press("f4")
            await app.see("▸ Advanced    ✗ to correct: Frame length")
            await app.press("ctrl+j", "ctrl+j")
            await app.see("✗ failed fields", "This is not a whole number", "from 0 to")
            assert app.text.count("Frame length") == 2
            assert app.app.screen is page

        in_form(desk, "E", step)
        assert desk.names() == ["a.txt"]


WRONG = [
    ("E", "#frame-length", "x", "This is not a whole number"),
    ("E", "#frame-length", "2147483648", "from 0 to 2,147,483,647"),
    ("E", "#max-keys", "0", "from 1 to 65,535"),
    ("D", "#max-keys", "65536", "from 1 to 65,535"),
    ("D", "#max-length", "0", "from 1 to 2,147,483,647"),
    ("E", "#raw-aes", "k.key", "A raw key has no file"),
    ("D", "#raw-rsa", "k=k.pem", "A raw key lacks its namespace or its name"),
    ("E", "#raw-aes", "a/b=none.key", "There is no such file"),
    ("D", "#raw-rsa", "a/b=none.pem", "There is no such file"),
    ("E", "#raw-aes", "a/b=.", "cannot be used"),
    ("E", "#raw-aes", "a/b=a.txt", "16, 24 or 32 bytes"),
    ("E", "#raw-rsa", "a/b=a.txt", "PEM"),
    ("E", "#not-stored", "purpose", "A required key is not in the encryption context"),
]


class TestWhatIsWrong:
    @pytest.mark.parametrize("wrong", WRONG, ids=lambda wrong: f"{wrong[1]} {wrong[2]}")
    def test_is_said_at_the_field(self, desk: Desk, wrong: tuple[str, str, str, str]) -> None:
        key, selector, text, words = wrong

        async def step(app: Session, page: JobForm) -> None:
            await app.press("f4")
            field = next(
                f for f in page.query_one(Advanced).fields if f"#{f.editor.id}" == selector
            )
            field.editor.focus()
            fill(app, selector, text)
            await app.until(lambda: help_of(field).startswith("✗"), "an error at the field")
            assert words in help_of(field)
            fill(app, selector, "")
            await app.until(lambda: not help_of(field).startswith("✗"), "the help again")

        in_form(desk, key, step, NARROW)

    def test_of_caching_is_said_only_while_it_is_on(self, desk: Desk) -> None:
        async def step(app: Session, page: JobForm) -> None:
            assert isinstance(page, EncryptForm)
            await app.press("f4")
            fill(app, "#caching", "on")
            fill(app, "#max-age", "soon")
            await app.see("This is not a number of seconds")
            fill(app, "#caching", "off")
            await app.see_no("max age")
            assert page.request().options.caching is None

        in_form(desk, "E", step)

    def test_found_for_an_older_text_is_not_shown(self, desk: Desk) -> None:
        async def step(app: Session, page: JobForm) -> None:
            from sealscope.app.jobs.advanced import FilesLooked
            from sealscope.errors import UsageError

            await app.press("f4")
            fill(app, "#raw-aes", "a/b=c")
            await app.see("There is no such file")
            part = page.query_one(Advanced)
            key = RawAesKey("a", "b", Path("c"))
            part.post_message(FilesLooked(part._generation - 1, {key: UsageError("of yesterday")}))
            await app.pilot.pause()
            assert "of yesterday" not in app.text

        in_form(desk, "E", step)


class TestWhatTheFormMakes:
    def test_without_a_touch_has_the_defaults(self, desk: Desk) -> None:
        async def step(app: Session, page: JobForm) -> None:
            assert isinstance(page, EncryptForm)
            before = page.request()
            await app.press("f4")
            await app.press("f4")
            assert page.request() == before
            assert before.options == SealOptions(keys=(GETTING_STARTED,))

        in_form(desk, "E", step)

    def test_to_encrypt_holds_every_option(self, desk: Desk) -> None:
        async def step(app: Session, page: JobForm) -> None:
            assert isinstance(page, EncryptForm)
            await unfold(app)
            for selector, text in (
                ("#context", "purpose=nightly\ntenant=acme"),
                ("#raw-aes", "me/aes=k.key"),
                ("#raw-rsa", "me/rsa=k.pem\nme/other=o.pem"),
                ("#rsa-padding", "pkcs1"),
                ("#not-stored", "tenant"),
                ("#policy", "forbid-encrypt-allow-decrypt"),
                ("#frame-length", "0"),
                ("#caching", "on"),
                ("#max-age", "0.5"),
                ("#max-bytes", "1,000"),
                ("#max-messages", "5"),
                ("#max-keys", "20"),
                ("#base64", "on"),
            ):
                fill(app, selector, text)
                await app.pilot.pause()
            fill(app, "#suite", "0178")
            request = page.request()
            assert isinstance(request, EncryptRequest)
            options = request.options
            assert options.keys == (GETTING_STARTED,)
            assert options.raw_keys == (
                RawAesKey("me", "aes", Path("k.key")),
                RawRsaKey("me", "rsa", Path("k.pem"), "pkcs1"),
                RawRsaKey("me", "other", Path("o.pem"), "pkcs1"),
            )
            assert options.context == (("purpose", "nightly"), ("tenant", "acme"))
            assert options.required_context == ("tenant",)
            assert (options.suite, options.frame_length) == ("0178", 0)
            assert options.commitment_policy == "forbid-encrypt-allow-decrypt"
            assert options.caching == Caching(0.5, 1000, 5)
            assert (options.max_encrypted_data_keys, options.encode) == (20, True)

        in_form(desk, "E", step)

    def test_to_decrypt_holds_every_option(self, desk: Desk) -> None:
        async def step(app: Session, page: JobForm) -> None:
            assert isinstance(page, DecryptForm)
            await unfold(app)
            for selector, text in (
                ("#mode", "discovery"),
                ("#raw-aes", "me/aes=k.key"),
                ("#policy", "require-encrypt-allow-decrypt"),
                ("#caching", "on"),
                ("#max-keys", "20"),
                ("#max-length", "67,108,864"),
                ("#base64", "on"),
            ):
                fill(app, selector, text)
                await app.pilot.pause()
            request = page.request()
            assert isinstance(request, DecryptRequest)
            options = request.options
            assert options.discovery is not None
            assert options.raw_keys == (RawAesKey("me", "aes", Path("k.key")),)
            assert options.commitment_policy == "require-encrypt-allow-decrypt"
            assert options.caching == Caching(300.0)
            assert (options.max_encrypted_data_keys, options.decode) == (20, True)
            assert options.max_length == 64 << 20

        in_form(desk, "D", step)


class TestSuites:
    @pytest.mark.parametrize("policy", list(CommitmentPolicy))
    def test_are_those_that_the_policy_lets_be_written(self, policy: CommitmentPolicy) -> None:
        offered = {value for value, _ in offered_suites(policy.value)}
        allowed = {
            suite.hex_id
            for suite in SUITES.values()
            if suite.committing is (policy is not CommitmentPolicy.FORBID_ENCRYPT_ALLOW_DECRYPT)
            and suite.derivation is not KeyDerivation.IDENTITY
        }
        assert offered == allowed
        assert offered_suites(policy.value)[0][0] == policy.default_suite.hex_id
        assert all(suite_help(suite).endswith(".") for suite in offered)

    def test_change_with_the_policy_and_stay_signed_or_not(self, desk: Desk) -> None:
        async def step(app: Session, page: JobForm) -> None:
            await unfold(app)
            fill(app, "#suite", "0478")
            fill(app, "#policy", "forbid-encrypt-allow-decrypt")
            await app.press("f4")
            await app.see("(•) 0178 not signed", "( ) 0378 signed", "( ) 0114")
            fill(app, "#policy", "require-encrypt-allow-decrypt")
            await app.see("(•) 0478 not signed", "( ) 0578 signed")

        in_form(desk, "E", step)


@SIZES
class TestPickingAKeyFile:
    def test_names_it_in_the_field_and_leaves_the_names_to_be_typed(
        self, desk: Desk, size: tuple[int, int]
    ) -> None:
        desk.write("0.key", bytes(range(32)))

        async def step(app: Session, page: JobForm) -> None:
            await app.press("f6")
            await app.see("0.key", "⏎ takes the key file")
            await app.press("g", "down", "enter")
            await app.see("▾ Advanced", "=0.key")
            field = page.query_one("#raw-aes", TypedText)
            assert page.focused is field
            await app.type("me/k")
            await app.until(lambda: field.text == "me/k=0.key", field.text)
            await app.see("▾ Advanced    set: Raw AES key")

        in_form(desk, "E", step, size)

    def test_takes_a_pem_file_for_an_rsa_key(self, desk: Desk, size: tuple[int, int]) -> None:
        desk.write("0.pem", b"-----BEGIN")

        async def step(app: Session, page: JobForm) -> None:
            await app.press("f6")
            await app.see("0.pem", "⏎ takes the key file")
            await app.press("g", "down", "enter")
            await app.until(lambda: page.query_one("#raw-rsa", TypedText).text == "=0.pem")

        in_form(desk, "E", step, size)

    def test_can_be_left(self, desk: Desk, size: tuple[int, int]) -> None:
        async def step(app: Session, page: JobForm) -> None:
            await app.press("f6")
            await app.see("⏎ takes the key file")
            await app.press("escape")
            await app.see("▸ Advanced")
            assert app.app.screen is page

        in_form(desk, "E", step, size)


def rsa_files(desk: Desk) -> tuple[Path, Path]:
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    public = key.public_key().public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    private = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    secret = desk.write("private.pem", private)
    secret.chmod(0o600)
    return desk.write("public.pem", public), secret


@SIZES
class TestTheWholeWay:
    def test_a_file_for_raw_keys_alone_comes_back_by_either_of_them(
        self, desk: Desk, size: tuple[int, int]
    ) -> None:
        desk.write("a.txt")
        desk.write("k.key", bytes(range(32))).chmod(0o600)
        rsa_files(desk)

        async def script(app: Session) -> None:
            await app.until(lambda: app.app.standing.services, "the connection")
            app.app.navigator.open_encrypt_form(Path("a.txt"), None)
            await app.see("▸ Advanced")
            await app.until(lambda: app.app.screen.query_one("#keys", TypedLine).value, "a key")
            fill(app, "#keys", "")
            await unfold(app)
            fill(app, "#raw-aes", "me/aes=k.key")
            fill(app, "#raw-rsa", "me/rsa=public.pem")
            fill(app, "#context", "tenant=acme")
            fill(app, "#not-stored", "tenant")
            await app.press("ctrl+j")
            await app.see("all finished", "1 done")
            for number, (selector, text) in enumerate(
                (("#raw-aes", "me/aes=k.key"), ("#raw-rsa", "me/rsa=private.pem")), start=2
            ):
                app.app.navigator.open_decrypt_form(Path("a.txt.encrypted"))
                await app.see("▸ Advanced")
                fill(app, "#destination", f"{number}.txt")
                fill(app, "#context", "tenant=acme")
                await unfold(app)
                fill(app, selector, text)
                await app.press("ctrl+j")
                await app.see("all finished", f"{number} done")

        run(script, start=desk.options(), size=size)

        assert (desk.folder / "2.txt").read_bytes() == b"attack at dawn"
        assert (desk.folder / "3.txt").read_bytes() == b"attack at dawn"

"""The hostile corpus through every text slot of every command, in words and in JSON."""

from __future__ import annotations

import io
import re
import shlex
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path

import pytest

from sealscope.cli import output, progress
from sealscope.cli.errors_view import tell_error
from sealscope.errors import AccessDenied, SealscopeError
from sealscope.kms.facade import KmsGate
from sealscope.kms.keys import Alias, KeyDescription
from tests.cli.calling import KEY, Here, Printed, call
from tests.cli.headers import header
from tests.hostile import HOSTILE, HOSTILE_IDS, HOSTILE_NAMES, leaks

SENDABLE = tuple(text for text in HOSTILE if not re.search("[\ud800-\udfff]", text))
"""Those that UTF-8, and so a message, can hold."""

SHORT = tuple(text for text in SENDABLE if 0 < len(text.encode()) < 300)


def assert_clean(printed: Printed) -> None:
    """Nothing that a terminal obeys or that nobody sees is in the bytes that were written."""
    assert leaks(printed.out, allowed="\n") == []
    assert leaks(printed.err, allowed="\n") == []
    assert "Traceback" not in printed.err
    assert "failed inside" not in printed.err


def assert_plain_json(printed: Printed) -> None:
    assert printed.stdout.isascii()
    assert all(byte == 0x0A or 0x20 <= byte < 0x7F for byte in printed.stdout)


class TestFileNames:
    @pytest.fixture
    def names(self, here: Here) -> list[str]:
        made = []
        for number, name in enumerate(HOSTILE_NAMES):
            with suppress(OSError):  # too long once `.encrypted` is added, for one
                here.make(f"d/{name}", str(number).encode())
                made.append(name)
        return made

    def test_of_files_that_are_sealed_and_opened(self, here: Here, names: list[str]) -> None:
        sealed = here.call("encrypt", "-r", "d", "-k", KEY, "-o", "out")
        assert_clean(sealed)
        assert_clean(here.call("decrypt", "-r", "out", "-k", KEY, "-o", "back"))
        found = here.listing()
        back = [name for name in names if f"back/{name}" in found]
        assert len(back) > len(names) * 0.9
        assert all(found[f"back/{name}"] == found[f"d/{name}"] for name in back)

    def test_in_json(self, here: Here, names: list[str]) -> None:
        sealed = here.call("encrypt", "-r", "d", "-k", KEY, "-o", "out", "--json")
        assert_plain_json(sealed)
        assert sorted(line["path"] for line in sealed.json()) == sorted(f"d/{n}" for n in names)

    def test_of_files_that_are_inspected(self, here: Here, names: list[str]) -> None:
        paths = [f"d/{name}" for name in names]
        for name in names[::2]:
            here.make(f"d/{name}", header())
        assert_clean(call("inspect", *paths))
        told = call("inspect", *paths, "--json")
        assert_plain_json(told)
        assert [line["path"] for line in told.json()] == paths

    def test_of_links_that_are_skipped(self, here: Here) -> None:
        (here.folder / "d").mkdir()
        for name in HOSTILE_NAMES:
            (here.folder / "d" / name).symlink_to("nowhere")
        assert_clean(here.call("encrypt", "-r", "d", "-k", KEY))

    def test_that_do_not_exist(self, here: Here) -> None:
        for command in (["inspect"], ["encrypt", "-k", KEY], ["decrypt", "-k", KEY]):
            done = here.call(*command, "--", *filter(None, HOSTILE))
            assert done.status == 1
            assert_clean(done)

    def test_of_a_line_break_do_not_make_one_error_look_like_two(self, here: Here) -> None:
        done = call("inspect", "x\nsealscope: y")
        assert len([line for line in done.err.splitlines() if line.startswith("sealscope:")]) == 1


class TestWhatAFileSays:
    @pytest.fixture
    def hostile_files(self, here: Here) -> list[str]:
        for number, text in enumerate(SHORT):
            context = {text: "value", f"name {number}": text}
            recipients = [(text, text), ("aws-kms", f"arn:aws:kms:local:000000000000:key/{text}")]
            here.make(f"m{number}", header(context=context, recipients=recipients))
        return [f"m{number}" for number in range(len(SHORT))]

    def test_in_its_context_and_recipients(self, hostile_files: list[str]) -> None:
        done = call("inspect", *hostile_files)
        assert done.out.count("UNAUTHENTICATED") == len(hostile_files)
        assert_clean(done)

    def test_in_json(self, hostile_files: list[str]) -> None:
        done = call("inspect", *hostile_files, "--json")
        assert_plain_json(done)
        for line, text in zip(done.json(), SHORT, strict=True):
            assert line["encryption_context"][text] == "value"
            assert line["recipients"][0]["key"] == text

    def test_of_its_recipients_when_no_key_was_named(self, hostile_files: list[str]) -> None:
        for name in hostile_files:
            done = call("decrypt", name)
            assert done.status == 2
            assert "-k" in done.err
            assert_clean(done)

    def test_of_its_recipients_is_quoted_where_it_may_be_pasted_into_a_shell(
        self, here: Here
    ) -> None:
        arn = "arn:aws:kms:local:000000000000:key/1"
        bad = f"{arn}; touch 'pwned' $(touch pwned) `touch pwned`"
        recipients = [("aws-kms", arn), ("raw", "no KMS key; touch pwned"), ("aws-kms", bad)]
        here.make("m", header(recipients=recipients))
        told = here.call("decrypt", "m").err.splitlines()
        suggested = [line.strip() for line in told if line.startswith("  -k ")]
        assert suggested[0] == f"-k {arn}"
        assert [shlex.split(line) for line in suggested] == [["-k", arn], ["-k", bad]]

    def test_of_its_recipients_when_none_of_them_opens(
        self, here: Here, hostile_files: list[str]
    ) -> None:
        for words in (["--discovery"], ["-k", KEY], ["-k", KEY, "-c", "name 1=x"]):
            assert_clean(here.call("decrypt", *hostile_files, *words))
            assert_plain_json(here.call("decrypt", *hostile_files, *words, "--json"))

    def test_in_a_context_that_was_really_sealed(self, here: Here) -> None:
        pairs = [f"name {number}={text}" for number, text in enumerate(SENDABLE) if len(text) < 300]
        options = [word for pair in pairs for word in ("-c", pair)]
        here.make("f")
        sealed = here.call("encrypt", "f", "-k", KEY, *options, "--json")
        assert sealed.status == 0
        assert_plain_json(sealed)
        assert_clean(call("inspect", "f.encrypted"))
        wrong = here.call("decrypt", "f.encrypted", "-k", KEY, "-c", "name 3=\x1b[2J")
        assert wrong.status == 1
        assert_clean(wrong)


class TestWhatKmsSays:
    @pytest.fixture
    def hostile_kms(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """A KMS in which everything that is text is hostile."""
        real_describe, real_aliases = KmsGate.describe_key, KmsGate.alias_pages

        def aliases(gate: KmsGate) -> Iterator[tuple[Alias, ...]]:
            for page in real_aliases(gate):
                for alias in page:
                    yield tuple(replace(alias, name=f"alias/{text}") for text in HOSTILE)

        def describe(gate: KmsGate, key_id: str) -> KeyDescription:
            texts = iter(HOSTILE * 2)
            key = real_describe(gate, key_id)
            return replace(
                key,
                key_id=next(texts),
                state=next(texts),
                spec=next(texts),
                usage=next(texts),
                description=next(texts),
            )

        monkeypatch.setattr(KmsGate, "alias_pages", aliases)
        monkeypatch.setattr(KmsGate, "describe_key", describe)

    @pytest.mark.usefixtures("hostile_kms")
    def test_of_its_keys(self, here: Here) -> None:
        assert_clean(here.call("keys"))
        told = here.call("keys", "--json")
        assert_plain_json(told)
        assert len(told.json()[0]["aliases"]) == len(HOSTILE)

    def test_of_why_it_refuses(self, here: Here, monkeypatch: pytest.MonkeyPatch) -> None:
        everything = "".join(HOSTILE)

        def refuse(gate: KmsGate, key_id: str) -> KeyDescription:
            raise AccessDenied(everything, everything, everything, request_id=everything)

        monkeypatch.setattr(KmsGate, "describe_key", refuse)
        assert_clean(here.call("keys"))
        assert_plain_json(here.call("keys", "--json"))

    def test_of_keys_that_are_none(self, here: Here) -> None:
        here.make("f")
        for text in HOSTILE[::8]:
            done = here.call("encrypt", "f", "-k", text)
            assert done.status == 1
            assert_clean(done)


class TestWhatTheUserTypes:
    @pytest.mark.parametrize("text", HOSTILE, ids=HOSTILE_IDS)
    def test_into_a_wrong_command(self, here: Here, text: str) -> None:
        for words in (
            [f"--x{text}"],
            ["--", text],
            [text, text],
            ["keys", f"--x{text}"],
            ["keys", "--", text],
            ["encrypt", "f", "-k", "k", "--suite", text],
            ["encrypt", "f", "-k", "k", "-c", text.replace("=", "")],
            ["encrypt", "f", "-k", "k", "-c", f"{text}=1", "-c", f"{text}=2"],
            ["local", text or "x"],
            ["local", "serve", "--port", text],
        ):
            done = call(*words)
            assert done.status == 2
            assert_clean(done)

    @pytest.mark.parametrize("text", HOSTILE_NAMES[::6])
    def test_as_a_path_of_the_store_or_a_backup(self, here: Here, text: str) -> None:
        store = here.folder / text / "kms.sqlite3"
        assert_clean(call("--local-store", str(store), "local", "info"))
        done = here.call("local", "backup", "--", f"b{text}")
        assert_clean(done)

    @pytest.mark.parametrize("text", HOSTILE[::10])
    def test_as_a_profile_or_a_passphrase_file(
        self, here: Here, text: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        assert_clean(call("--profile", f"x{text}", "keys"))
        if "\0" not in text:
            monkeypatch.setenv("SEALSCOPE_LOCAL_PASSPHRASE_FILE", f"x{text}")
            done = here.call("keys")
            assert done.status == 1
            assert_clean(done)


class FakeTerminal(io.StringIO):
    """Where a terminal would be; keeps what is drawn."""

    def isatty(self) -> bool:
        return True

    def drawn(self) -> str:
        """What was drawn, without the sequences that are Rich's own."""
        return re.sub("\x1b\\[[0-9;?]*[A-Za-z]|\r", "", self.getvalue())


@contextmanager
def terminal() -> Iterator[FakeTerminal]:
    """Both streams are a terminal. No fixture: pytest's capturing would take its place."""
    fake = FakeTerminal()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sys, "stdout", fake)
        patch.setattr(sys, "stderr", fake)
        yield fake


class TestWhatIsDrawnOnATerminal:
    def test_in_a_table(self) -> None:
        with terminal() as screen:
            output.table(("name", "value"), [(text, text) for text in HOSTILE])
        assert len(screen.drawn().splitlines()) > len(HOSTILE)
        assert leaks(screen.drawn(), allowed="\n") == []

    def test_in_a_table_is_never_markup(self) -> None:
        with terminal() as screen:
            output.table(("name",), [("[@click=app.quit]x[/]",), (":smile:",)])
        for text in ("[@click=app.quit]x[/]", ":smile:"):
            assert text in screen.drawn()

    @pytest.mark.parametrize("text", HOSTILE, ids=HOSTILE_IDS)
    def test_in_an_error(self, text: str) -> None:
        with terminal() as screen:
            tell_error(SealscopeError(text, text, text, request_id=text), text)
        assert screen.getvalue().startswith("sealscope: ")
        assert leaks(screen.getvalue(), allowed="\n") == []

    def test_in_a_progress_bar(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(progress, "DELAY", 0.0)
        with terminal() as screen:
            for text in HOSTILE:
                with progress.FileBar(text, 100, "1/2") as bar:
                    bar.update(50)
        assert screen.drawn().count("1/2") >= len(HOSTILE)
        assert leaks(screen.drawn(), allowed="\n") == []


def test_the_corpus_reaches_a_file_that_the_system_can_name(tmp_path: Path) -> None:
    assert len(HOSTILE_NAMES) > 60

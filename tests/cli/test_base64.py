"""`--encode` and `--decode`: messages as Base64 text, strictly read."""

from __future__ import annotations

import base64
import os
import subprocess
from collections.abc import Callable

import pytest

from tests.cli.calling import KEY, PROGRAM, Here

OPEN = ("-k", KEY)
CONTENT = os.urandom(300_000)


@pytest.fixture
def text(here: Here) -> bytes:
    """A message in lines of Base64, in the file `t`."""
    content = base64.encodebytes(here.sealed(CONTENT, "-c", "purpose=test"))
    here.make("t", content)
    return content


class TestAMessageInBase64:
    @pytest.mark.parametrize("command", ["decrypt", "verify"])
    def test_is_refused_with_the_option_that_reads_it(
        self, here: Here, text: bytes, command: str
    ) -> None:
        done = here.call(command, "t", *OPEN)
        assert done.status == 1
        assert "--decode" in done.err
        (line,) = here.call(command, "t", *OPEN, "--json").json()
        assert (line["error"]["class"], "--decode" in line["error"]["hint"]) == (
            "LooksBase64",
            True,
        )

    def test_is_refused_by_inspect_in_the_same_words(self, here: Here, text: bytes) -> None:
        assert "--decode" in here.call("inspect", "t").err
        (line,) = here.call("inspect", "t", "--json").json()
        assert "--decode" in line["error"]["hint"]

    def test_on_its_way_to_standard_output_is_refused_too(self, here: Here, text: bytes) -> None:
        done = here.call("decrypt", "-", *OPEN, stdin=text)
        assert (done.status, done.stdout) == (1, b"")
        assert "--decode" in done.err

    def test_is_read_with_the_option(self, here: Here, text: bytes) -> None:
        done = here.call("decrypt", "t", *OPEN, "--decode", "-o", "f", "--json")
        (line,) = done.json()
        assert here.listing()["f"] == CONTENT
        assert line["message_bytes"] == len(base64.b64decode(text))
        assert here.call("verify", "t", *OPEN, "--decode").status == 0

    def test_is_read_from_standard_input(self, here: Here, text: bytes) -> None:
        for options in ((), ("--allow-unverified-stream",)):
            done = here.call("decrypt", "-", *OPEN, "--decode", *options, stdin=text)
            assert done.stdout == CONTENT
        assert here.call("verify", "-", *OPEN, "--decode", stdin=text).status == 0
        assert here.call("decrypt", "-", *OPEN, "--decode", "-o", "f", stdin=text).status == 0
        assert here.listing()["f"] == CONTENT

    def test_is_described_as_the_message_itself(self, here: Here, text: bytes) -> None:
        here.make("m", base64.b64decode(text))
        (plain,) = here.call("inspect", "m", "--json").json()
        (decoded,) = here.call("inspect", "t", "--decode", "--json").json()
        (piped,) = here.call("inspect", "-", "--decode", "--json", stdin=text).json()
        for other in (decoded, piped):
            assert {**other, "path": "m"} == plain

    def test_is_looked_into_for_the_keys_it_names(self, here: Here, text: bytes) -> None:
        done = here.call("decrypt", "t", "--decode")
        assert done.status == 2
        assert "-k arn:aws:kms:" in done.err

    def test_through_a_pipe_is_read(self, here: Here, text: bytes) -> None:
        words = [*PROGRAM, "--local-store", str(here.store), "decrypt", "-", *OPEN, "--decode"]
        done = subprocess.run(words, input=text, capture_output=True, check=True)
        assert done.stdout == CONTENT


class TestATextThatIsNoneOrBroken:
    @pytest.mark.parametrize(
        ("damage", "kind"),
        [
            (lambda text: text.replace(b"\n", b"*\n", 1), "Malformed"),
            (lambda text: text + b"!", "Malformed"),
            (lambda text: text[: len(text) // 2] + b"=" + text[len(text) // 2 :], "Malformed"),
            (lambda text: base64.b64encode(base64.b64decode(text)[:-3]), "Truncated"),
            (lambda text: base64.b64encode(base64.b64decode(text) + b"\0"), "TrailingData"),
            (base64.b64decode, "Malformed"),
            (lambda text: b"", "Truncated"),
            (lambda text: b"AAAA", "NotAnEnvelope"),
        ],
    )
    def test_is_refused_and_nothing_is_written(
        self, here: Here, text: bytes, damage: Callable[[bytes], bytes], kind: str
    ) -> None:
        here.make("t", damage(text))
        before = here.listing()
        for command in ("decrypt", "verify"):
            (line,) = here.call(command, "t", *OPEN, "--decode", "--json").json()
            assert line["error"]["class"] == kind
        piped = here.call("decrypt", "-", *OPEN, "--decode", stdin=damage(text))
        assert (piped.status, piped.stdout) == (1, b"")
        assert here.listing() == before


class TestEncoding:
    @pytest.mark.parametrize("size", [0, 1, 2, 3, 300_000])
    def test_writes_one_line_of_the_standard_alphabet(self, here: Here, size: int) -> None:
        here.make("f", CONTENT[:size])
        assert here.call("encrypt", "f", *OPEN, "--encode").status == 0
        text = here.listing()["f.encrypted"]
        assert isinstance(text, bytes)
        assert base64.b64encode(base64.b64decode(text, validate=True)) == text
        done = here.call("decrypt", "f.encrypted", *OPEN, "--decode", "-o", "-")
        assert done.stdout == CONTENT[:size]

    def test_goes_through_pipes(self, here: Here) -> None:
        text = here.sealed(CONTENT, "--encode")
        assert text.isascii()
        assert here.call("decrypt", "-", *OPEN, "--decode", stdin=text).stdout == CONTENT

    def test_tells_the_bytes_of_the_message_not_of_the_text(self, here: Here) -> None:
        here.make("f")
        (line,) = here.call("encrypt", "f", *OPEN, "--encode", "--json").json()
        text = here.listing()["f.encrypted"]
        assert line["message_bytes"] == len(base64.b64decode(text))

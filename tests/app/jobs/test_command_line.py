"""The command a form shows is the command that does the same, down to the last odd byte."""

import os
import shlex
import shutil
import subprocess
from pathlib import Path

import click
import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

from sealscope.app.jobs.command_line import headless_command
from sealscope.app.jobs.message_fields import ALLOW, FORBID, REQUIRE
from sealscope.app.jobs.raw_key_fields import RSA_PADDINGS
from sealscope.app.jobs.suite_choice import default_suite, offered_suites
from sealscope.cli import decrypt, encrypt
from sealscope.jobs.request import (
    Caching,
    DecryptRequest,
    Discovery,
    EncryptRequest,
    OpenOptions,
    RawAesKey,
    RawKey,
    RawRsaKey,
    SealOptions,
)

BASH = shutil.which("bash")


def words(command: str) -> list[str]:
    """What a shell makes of a command line."""
    assert BASH is not None
    script = f"printf '%s\\0' {command}"
    done = subprocess.run([BASH, "-c", script], capture_output=True, check=True)
    return [os.fsdecode(word) for word in done.stdout.split(b"\0")[:-1]]


class TestEncrypting:
    def test_the_defaults_are_left_out(self) -> None:
        request = EncryptRequest(
            Path("a.tar"), Path("a.tar.encrypted"), SealOptions(keys=("alias/x",))
        )
        assert headless_command(request) == "sealscope encrypt a.tar -k alias/x -o a.tar.encrypted"

    @pytest.mark.parametrize(
        ("seconds", "said"),
        [(600.0, "600"), (0.5, "0.5"), (1e6, "1000000"), (1.25e9, "1250000000")],
    )
    def test_seconds_are_written_out(self, seconds: float, said: str) -> None:
        options = SealOptions(keys=("k",), caching=Caching(seconds))
        command = headless_command(EncryptRequest(Path("a"), Path("b"), options))
        assert f" --caching max-age={said} " in command

    def test_everything_else_is_said(self) -> None:
        options = SealOptions(
            keys=("alias/x", "alias/y"), context=(("purpose", "nightly run"),), suite="0478"
        )
        request = EncryptRequest(Path("a"), Path("b"), options, overwrite=True)
        assert headless_command(request, ("--local-store", "/tmp/s")) == (
            "sealscope --local-store /tmp/s encrypt a -k alias/x -k alias/y "
            "-c 'purpose=nightly run' --suite 0478 -o b --overwrite"
        )


class TestDecrypting:
    def test_discovery_is_said_with_its_filter(self) -> None:
        options = OpenOptions(discovery=Discovery(("111122223333",), "aws"))
        request = DecryptRequest(Path("a.encrypted"), Path("a"), options)
        assert headless_command(request) == (
            "sealscope decrypt a.encrypted --discovery --account 111122223333 --partition aws -o a"
        )


@pytest.mark.skipif(BASH is None, reason="no bash to ask")
class TestOddNames:
    @pytest.mark.parametrize(
        "name",
        [
            "two words",
            "it's",
            "$HOME `id` \\n",
            "-k",
            "esc\x1b]52;c;eA==\x07",
            "c1\x9b2J",
            "bidi\u202egpj",
            "zero\u200bwidth",
            os.fsdecode(b"not utf-8 \xff\xfe"),
            "back\\slash\x1b'quote",
        ],
    )
    def test_a_shell_turns_the_command_back_into_the_very_same_names(self, name: str) -> None:
        request = EncryptRequest(Path(name), Path("out"), SealOptions(keys=("k",)))
        source = words(headless_command(request))[2]
        assert Path(source) == Path(name)
        assert headless_command(request).isprintable()


def understood(command: click.Command, words_: list[str]) -> object:
    """The options that the real command line makes of its words."""
    caught: list[object] = []

    def catch(kind: object, ends: object, options: object, *_: object, **__: object) -> int:
        caught.append(options)
        return 0

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("sealscope.cli.jobs.run_jobs", catch)
        done = CliRunner().invoke(command, words_, catch_exceptions=False, standalone_mode=False)
    assert done.exception is None
    (options,) = caught
    return options


NAMES = st.text(st.characters(codec="utf-8", exclude_characters="\0=/"), min_size=1, max_size=8)
FILES = st.sampled_from([Path("k.key"), Path("my key's.pem"), Path("/tmp/a=b"), Path("-k")])
POLICIES = st.sampled_from([REQUIRE, ALLOW, FORBID])
CACHING = st.none() | st.builds(
    Caching,
    st.floats(0.001, 1e9),
    st.none() | st.integers(1, 2**63 - 1),
    st.none() | st.integers(1, 2**32),
)
CONTEXT = st.dictionaries(NAMES, NAMES, max_size=3)
MOST = st.integers(1, 65535)


@st.composite
def raw_keys(draw: st.DrawFn) -> tuple[RawKey, ...]:
    """AES before RSA, with one padding, as forms and commands have them."""
    padding = draw(st.sampled_from(RSA_PADDINGS))
    aes = draw(st.lists(st.builds(RawAesKey, NAMES, NAMES, FILES), max_size=2))
    rsa = draw(st.lists(st.builds(RawRsaKey, NAMES, NAMES, FILES, st.just(padding)), max_size=2))
    return (*aes, *rsa)


@st.composite
def seal_options(draw: st.DrawFn) -> SealOptions:
    """What the encrypt form can make."""
    policy = draw(POLICIES)
    suite = draw(st.sampled_from([value for value, _ in offered_suites(policy)]))
    context = draw(CONTEXT)
    return SealOptions(
        keys=("alias/x", *draw(st.sampled_from([(), ("alias/y",)]))),
        raw_keys=draw(raw_keys()),
        context=tuple(context.items()),
        required_context=tuple(name for name in context if draw(st.booleans())),
        suite=None if suite == default_suite(policy) else suite,
        frame_length=draw(st.none() | st.integers(0, 2**31 - 1)),
        commitment_policy=policy,
        max_encrypted_data_keys=draw(MOST),
        caching=draw(CACHING),
        encode=draw(st.booleans()),
    )


@st.composite
def open_options(draw: st.DrawFn) -> OpenOptions:
    """What the decrypt form can make."""
    is_discovery = draw(st.booleans())
    return OpenOptions(
        keys=() if is_discovery else ("alias/x",),
        discovery=Discovery() if is_discovery else None,
        raw_keys=draw(raw_keys()),
        context=tuple(draw(CONTEXT).items()),
        commitment_policy=draw(POLICIES),
        max_encrypted_data_keys=draw(MOST),
        max_length=draw(st.integers(1, 2**31 - 1)),
        caching=draw(CACHING),
        decode=draw(st.booleans()),
    )


@pytest.mark.skipif(BASH is None, reason="no bash to ask")
class TestTheRealCommands:
    @pytest.mark.parametrize("context", [{"a b": "it's", "esc\x1b": "\u202e=\u200b"}])
    def test_understand_odd_words_as_they_were_meant(self, context: dict[str, str]) -> None:
        options = SealOptions(
            keys=("k",),
            raw_keys=(RawAesKey("my \x1b[2J", "n\u202e'x", Path("-\x07 =.key")),),
            context=tuple(context.items()),
            required_context=tuple(context),
        )
        command = headless_command(EncryptRequest(Path("a"), Path("b"), options))
        assert command.isprintable()
        assert understood(encrypt.command, words(command)[2:]) == options

    @given(seal_options())
    def test_understand_what_the_encrypt_form_says(self, options: SealOptions) -> None:
        command = headless_command(EncryptRequest(Path("a"), Path("b"), options))
        assert understood(encrypt.command, split(command)[2:]) == options

    @given(open_options())
    def test_understand_what_the_decrypt_form_says(self, options: OpenOptions) -> None:
        command = headless_command(DecryptRequest(Path("a"), Path("b"), options))
        assert understood(decrypt.command, split(command)[2:]) == options


def split(command: str) -> list[str]:
    """The words of a command; a shell is asked only where it has to undo escapes."""
    return words(command) if "$'" in command else shlex.split(command)

"""The command a form shows is the command that does the same, down to the last odd byte."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from sealscope.app.jobs.command_line import headless_command
from sealscope.jobs.request import (
    DecryptRequest,
    Discovery,
    EncryptRequest,
    OpenOptions,
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

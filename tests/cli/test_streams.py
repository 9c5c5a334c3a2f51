"""`-`: standard input and output, and what their other ends may do."""

from __future__ import annotations

import os
import subprocess

import pytest

from tests.cli.calling import KEY, PROGRAM, Here, call


class TestADash:
    def test_goes_both_ways(self, here: Here) -> None:
        content = os.urandom(300_000)
        sealed = here.process("encrypt", "-", "-k", KEY, stdin=content)
        assert (sealed.status, sealed.stderr) == (0, b"")
        opened = here.process("decrypt", "-", "-k", KEY, stdin=sealed.stdout)
        assert (opened.status, opened.stderr) == (0, b"")
        assert opened.stdout == content

    @pytest.mark.parametrize("content", [b"", b"x"])
    def test_carries_little_and_nothing(self, here: Here, content: bytes) -> None:
        sealed = here.sealed(content)
        assert here.call("decrypt", "-", "-k", KEY, stdin=sealed).stdout == content

    def test_may_be_the_input_of_a_file(self, here: Here) -> None:
        done = here.call("encrypt", "-", "-k", KEY, "-o", "sealed", stdin=b"content")
        assert done.status == 0
        done = here.call("decrypt", "-", "-k", KEY, "-o", "opened", stdin=here.listing()["sealed"])  # type: ignore[arg-type]
        assert done.status == 0
        assert here.listing()["opened"] == b"content"
        assert (here.folder / "opened").stat().st_mode & 0o777 == 0o600

    def test_may_be_the_output_of_a_file(self, here: Here) -> None:
        here.make("f", b"content")
        sealed = here.call("encrypt", "f", "-k", KEY, "-o", "-")
        here.make("m", sealed.stdout)
        assert here.call("decrypt", "m", "-k", KEY, "-o", "-").stdout == b"content"
        assert set(here.listing()) == {"f", "m"}

    def test_as_input_of_a_file_is_told_in_json(self, here: Here) -> None:
        done = here.call("encrypt", "-", "-k", KEY, "-o", "sealed", "--json", stdin=b"content")
        (line,) = done.json()
        assert (line["path"], line["output"]) == ("-", "sealed")

    @pytest.mark.parametrize(
        "words",
        [
            ["encrypt", "-", "f", "-k", KEY],
            ["encrypt", "f", "g", "-o", "-", "-k", KEY],
            ["encrypt", "-", "-k", KEY, "--json"],
            ["encrypt", "f", "-o", "-", "-k", KEY, "--json"],
            ["decrypt", "-", "-o", "out", "-k", KEY, "--allow-unverified-stream"],
            ["decrypt", "-"],
        ],
        ids=" ".join,
    )
    def test_that_cannot_be_is_a_wrong_command(self, here: Here, words: list[str]) -> None:
        here.make("f")
        here.make("g")
        done = here.call(*words, stdin=b"content")
        assert (done.status, done.stdout) == (2, b"")
        assert set(here.listing()) == {"f", "g"}

    def test_takes_no_folder(self, here: Here) -> None:
        (here.folder / "d").mkdir()
        done = here.call("encrypt", "-r", "d", "-o", "-", "-k", KEY)
        assert done.status == 2
        assert "A folder cannot go to standard output" in done.err

    def test_as_input_does_not_replace_a_file(self, here: Here) -> None:
        here.make("out", b"old")
        done = here.call("encrypt", "-", "-k", KEY, "-o", "out", stdin=b"content")
        assert done.status == 1
        assert here.listing()["out"] == b"old"


def shell(line: str, here: Here, *names: str) -> subprocess.CompletedProcess[bytes]:
    """Run a line of shell in which `$S` is the program on the test's own store."""
    quoted = " ".join(f"'{word}'" for word in (*PROGRAM, "--local-store", str(here.store)))
    script = f's() {{ {quoted} "$@"; }}; {line}'
    return subprocess.run(["bash", "-c", script, "bash", *names], capture_output=True, check=False)


class TestTheOtherEnd:
    def test_that_has_read_enough_is_no_complaint(self, here: Here) -> None:
        here.make("m", here.sealed(b"x" * 3_000_000))
        done = shell(f's decrypt m -k {KEY} -o - | head -c 10; echo " ${{PIPESTATUS[0]}}"', here)
        assert done.stdout == b"xxxxxxxxxx 1\n"
        assert done.stderr == b""

    def test_that_is_gone_before_the_first_line_is_no_complaint(self, here: Here) -> None:
        done = shell("s keys | true; echo ${PIPESTATUS[0]}", here)
        assert done.stdout in {b"1\n", b"0\n"}
        assert done.stderr == b""

    @pytest.mark.parametrize("line", ["s keys", f"s encrypt f -k {KEY} -o -", "s inspect m --json"])
    def test_that_is_full_is_told_in_words(self, here: Here, line: str) -> None:
        here.make("f")
        here.make("m", here.sealed())
        done = shell(f"{line} > /dev/full", here)
        assert done.returncode == 1
        assert done.stderr.startswith(b"sealscope: Standard output cannot be written\n")
        assert b"Traceback" not in done.stderr
        assert b"Exception ignored" not in done.stderr

    def test_that_is_full_does_not_make_a_done_file_a_failed_one(self, here: Here) -> None:
        here.make("f")
        done = shell(f"s encrypt f -k {KEY} > /dev/full", here)
        assert done.returncode == 1
        assert b"failed" not in done.stderr
        assert b"sealscope: f:" not in done.stderr
        assert "f.encrypted" in here.listing()

    @pytest.mark.parametrize("line", ["s keys", f"s encrypt f -k {KEY} -o -"])
    def test_that_is_closed_is_told_in_words(self, here: Here, line: str) -> None:
        here.make("f")
        done = shell(f"{line} >&-", here)
        assert done.returncode == 1
        assert b"cannot be written" in done.stderr
        assert b"Traceback" not in done.stderr

    def test_of_standard_input_may_be_closed(self, here: Here) -> None:
        done = shell(f"s encrypt - -k {KEY} -o out <&-", here)
        assert done.returncode == 1
        assert b"Standard input cannot be read" in done.stderr
        assert here.listing() == {}

    def test_that_takes_errors_may_be_closed(self, here: Here) -> None:
        assert shell("s inspect missing 2>&-", here).returncode == 1

    def test_never_gets_the_number_of_a_closed_stream_for_an_output(self, here: Here) -> None:
        """A line of text must not land in a file that got the number of standard output."""
        here.make("f", b"content")
        done = shell(f"s encrypt f -k {KEY} >&- 2>&-", here)
        assert done.returncode == 1
        opened = here.call("decrypt", "f.encrypted", "-k", KEY, "-o", "-")
        assert opened.stdout == b"content"


def test_an_encoding_that_lacks_a_character_ends_nothing(here: Here) -> None:
    here.make("né", here.sealed(b"x", "-c", "name=日本"))
    done = here.process("inspect", "né", environment={"PYTHONIOENCODING": "ascii"})
    assert done.status == 0
    assert "name = \\u65e5\\u672c" in done.stdout.decode("ascii")


def test_everything_that_is_printed_in_json_is_ascii(here: Here) -> None:
    here.make("né\x7f", here.sealed(b"x", "-c", "name=日本"))
    done = call("inspect", "né\x7f", "--json")
    assert done.stdout.isascii()
    assert b"\x7f" not in done.stdout
    assert done.json()[0]["path"] == "né\x7f"

"""`inspect`: what is in an envelope, without any key."""

from __future__ import annotations

import os
import subprocess

import pytest

from tests.cli.calling import KEY, PROGRAM, Here, call

CONTRACT = [
    "path",
    "format",
    "version",
    "suite",
    "message_id",
    "encryption_context",
    "recipients",
    "content",
    "sizes",
    "authenticated",
    "fields",
]


class TestJson:
    def test_has_the_keys_of_the_contract_in_its_order(self, here: Here) -> None:
        here.make("m", here.sealed(b"x" * 10, "--frame-length", "4"))
        (line,) = call("inspect", "m", "--json").json()
        assert list(line) == CONTRACT
        assert list(line["suite"]) == ["id", "name"]
        assert [list(one) for one in line["recipients"]] == [
            ["provider", "key", "encrypted_data_key_bytes"]
        ]
        assert list(line["content"]) == ["type", "frame_length", "frames", "length"]
        assert list(line["sizes"]) == ["header", "body", "footer", "total"]

    def test_tells_what_the_message_holds(self, here: Here) -> None:
        here.make("m", here.sealed(b"x" * 10, "--frame-length", "4", "-c", "purpose=demo"))
        (line,) = call("inspect", "m", "--json").json()
        assert line["path"] == "m"
        assert line["version"] == "2"
        assert line["suite"]["id"] == "0578"
        assert line["encryption_context"]["purpose"] == "demo"
        assert line["recipients"][0]["provider"] == "aws-kms"
        assert line["recipients"][0]["key"].startswith("arn:aws:kms:local:000000000000:key/")
        assert line["content"] == {"type": "framed", "frame_length": 4, "frames": 3, "length": 10}
        assert line["authenticated"] is False

    def test_has_sizes_that_add_up_to_the_files(self, here: Here) -> None:
        path = here.make("m", here.sealed(os.urandom(5000)))
        (line,) = call("inspect", "m", "--json").json()
        sizes = line["sizes"]
        total = path.stat().st_size
        assert sizes["header"] + sizes["body"] + sizes["footer"] == sizes["total"] == total
        assert sum(field["length"] for field in line["fields"]) == total

    def test_prints_one_line_for_each_path_in_their_order(self, here: Here) -> None:
        for name in ("b", "a", "c"):
            here.make(name, here.sealed())
        done = call("inspect", "b", "a", "c", "--json")
        assert [line["path"] for line in done.json()] == ["b", "a", "c"]
        assert (done.status, done.stderr) == (0, b"")

    def test_of_a_failed_item_has_its_path_and_error(self, here: Here) -> None:
        here.make("good", here.sealed())
        here.make("bad", b"plain text")
        done = call("inspect", "bad", "good", "missing", "--json")
        bad, good, missing = done.json()
        assert list(bad) == ["path", "error"]
        assert list(bad["error"]) == ["class", "title", "detail", "hint"]
        assert bad["error"]["class"] == "NotAnEnvelope"
        assert missing["error"]["class"] == "SourceUnreadable"
        assert "error" not in good
        assert (done.status, done.stderr) == (1, b"")


class TestForPeople:
    def test_everything_is_told_and_that_nothing_is_proven(self, here: Here) -> None:
        here.make("m", here.sealed(b"x" * 10, "-c", "purpose=demo", "--frame-length", "4"))
        done = call("inspect", "m")
        assert done.status == 0
        for words in (
            "UNAUTHENTICATED",
            "0578",
            "purpose = demo",
            "3 frames",
            "10 bytes",
            "aws-kms",
        ):
            assert words in done.out
        (sizes,) = [line for line in done.out.splitlines() if line.startswith("  sizes")]
        numbers = [int(word) for word in sizes.split() if word.isdigit()]
        assert sum(numbers[:-1]) == numbers[-1]

    def test_a_failed_item_is_told_on_standard_error(self, here: Here) -> None:
        here.make("good", here.sealed())
        done = call("inspect", "missing", "good")
        assert done.status == 1
        assert done.err.startswith("sealscope: missing: There is no such file")
        assert done.out.startswith("good\n")

    @pytest.mark.parametrize("cut", [100, 1])
    def test_a_message_with_something_wrong_is_shown_and_counted_as_failed(
        self, here: Here, cut: int
    ) -> None:
        here.make("m", here.sealed(b"x" * 5000)[:-cut])
        done = call("inspect", "m")
        assert done.status == 1
        assert "problem" in done.out


class TestStandardInput:
    def test_is_read_for_a_dash(self, here: Here) -> None:
        message = here.sealed(b"x" * 5000)
        (line,) = call("inspect", "-", "--json", stdin=message).json()
        assert line["path"] == "-"
        assert line["sizes"]["total"] == len(message)

    def test_may_be_a_pipe(self, here: Here) -> None:
        message = here.sealed(b"x" * 300_000)
        (line,) = here.process("inspect", "-", "--json", stdin=message).json()
        assert line["sizes"]["total"] == len(message)

    def test_that_is_empty_or_unreadable_fails_in_words(self, here: Here) -> None:
        assert call("inspect", "-", stdin=b"").status == 1
        with open(os.devnull, "wb") as not_for_reading:
            done = subprocess.run(
                [*PROGRAM, "inspect", "-"], stdin=not_for_reading, capture_output=True, check=False
            )
        assert done.returncode == 1
        assert b"Standard input cannot be read" in done.stderr


def test_no_kms_connection_is_opened(here: Here, monkeypatch: pytest.MonkeyPatch) -> None:
    from sealscope.kms import connection

    def refuse(*_: object, **__: object) -> None:
        pytest.fail("a connection was opened")

    here.make("m", here.sealed())
    monkeypatch.setattr(connection, "connect", refuse)
    assert here.call("inspect", "m").status == 0


def test_a_folder_is_refused_in_words(here: Here) -> None:
    done = call("inspect", ".")
    assert done.status == 1
    assert "folder" in done.err


def test_the_key_that_is_named_is_the_one_that_sealed(here: Here) -> None:
    here.make("m", here.sealed())
    (key,) = here.call("keys", "--json").json()
    assert key["aliases"] == [KEY]
    (line,) = call("inspect", "m", "--json").json()
    assert line["recipients"][0]["key"] == key["arn"]

"""`verify`: everything is authenticated as in decrypting, and nothing is written."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.cli.calling import KEY, Here

OPEN = ("-k", KEY)


def flipped(message: bytes, at: int) -> bytes:
    at %= len(message)
    return message[:at] + bytes([message[at] ^ 1]) + message[at + 1 :]


class TestAGoodMessage:
    def test_is_proven_part_by_part(self, here: Here) -> None:
        here.make("m", here.sealed(bytes(300_000), "--frame-length", "100000"))
        before = here.listing()
        done = here.call("verify", "m", *OPEN)
        assert (done.status, done.err) == (0, "")
        assert done.out.startswith(
            "m: authentic  (header, 4 frames, signature, nothing after the end, suite 0578,"
        )
        assert "opened by arn:aws:kms:" in done.out
        assert here.listing() == before

    def test_that_is_not_signed_is_told_as_such(self, here: Here) -> None:
        here.make("m", here.sealed(b"content", "--suite", "0478"))
        words = here.call("verify", "m", *OPEN).out
        assert "header, 1 frame, nothing after the end, not signed" in words

    def test_without_frames_has_a_body(self, here: Here) -> None:
        here.make("m", here.sealed(b"content", "--frame-length", "0"))
        assert "(header, body, signature," in here.call("verify", "m", *OPEN).out

    @pytest.mark.parametrize("size", [0, 1, 5_000_000])
    def test_of_every_size_is_told_in_json(self, here: Here, size: int) -> None:
        here.make("m", here.sealed(bytes(size)))
        (line,) = here.call("verify", "m", *OPEN, "--json").json()
        assert (line["path"], line["operation"]) == ("m", "verify")
        assert line["plaintext_bytes"] == size
        assert line["signature_verified"] is True
        assert line["frames"] == size // (128 * 1024) + 1
        assert line["opened_by"] in line["recipients"]
        assert "output" not in line

    def test_may_be_on_standard_input(self, here: Here) -> None:
        message = here.sealed(b"content")
        done = here.call("verify", "-", *OPEN, "--json", stdin=message)
        assert (done.status, done.json()[0]["path"]) == (0, "-")
        assert here.call("verify", "-", *OPEN, stdin=message[:-1]).status == 1
        assert here.listing() == {}

    def test_is_opened_by_discovery_too(self, here: Here) -> None:
        here.make("m", here.sealed())
        assert here.call("verify", "m", "--discovery").status == 0


class TestABadMessage:
    @pytest.mark.parametrize(
        ("kind", "damage"),
        [
            ("CommitmentFailed", lambda message: flipped(message, 10)),
            ("BodyNotAuthentic", lambda message: flipped(message, -600)),
            ("SignatureInvalid", lambda message: flipped(message, -1)),
            ("TrailingData", lambda message: message + b"\0"),
            ("Truncated", lambda message: message[:-1]),
        ],
    )
    def test_is_told_as_decrypt_tells_it(
        self, here: Here, kind: str, damage: Callable[[bytes], bytes]
    ) -> None:
        here.make("m", damage(here.sealed(os.urandom(1000))))
        before = here.listing()
        for command in ("verify", "decrypt"):
            done = here.call(command, "m", *OPEN, "--json")
            assert done.status == 1
            assert done.json()[0]["error"]["class"] == kind
        assert here.listing() == before

    def test_among_good_ones_does_not_stop_them(self, here: Here) -> None:
        for name in ("a", "c"):
            here.make(f"{name}.encrypted", here.sealed())
        here.make("b.encrypted", here.sealed()[:-1])
        done = here.call("verify", "-r", ".", *OPEN, "--json")
        assert done.status == 1
        assert [("error" in line, line["path"]) for line in done.json()] == [
            (False, "a.encrypted"),
            (True, "b.encrypted"),
            (False, "c.encrypted"),
        ]

    def test_needs_a_key_to_be_named(self, here: Here) -> None:
        here.make("m", here.sealed())
        done = here.call("verify", "m")
        assert done.status == 2
        assert "-k arn:aws:kms:" in done.err


class TestItsCommandLine:
    @pytest.mark.parametrize("option", [("-o", "out"), ("--overwrite",)])
    def test_takes_no_outputs(self, here: Here, option: tuple[str, ...]) -> None:
        here.make("m", here.sealed())
        assert here.call("verify", "m", *OPEN, *option).status == 2

    def test_does_not_mind_what_stands_where_decrypt_would_write(self, here: Here) -> None:
        here.make("m.encrypted", here.sealed())
        here.make("m", b"precious")
        Path("x.encrypted").write_bytes(here.sealed())
        Path("x.decrypted").symlink_to("m")
        assert here.call("verify", "m.encrypted", "x.encrypted", *OPEN).status == 0
        assert here.listing()["m"] == b"precious"

    def test_walks_to_encrypted_files_only(self, here: Here) -> None:
        here.make("d/m.encrypted", here.sealed())
        here.make("d/other", b"no message")
        done = here.call("verify", "-r", "d", *OPEN, "--json")
        assert [line["path"] for line in done.json()] == ["d/m.encrypted"]
        here.make("e/other", b"no message")
        (line,) = here.call("verify", "-r", "e", *OPEN, "--json").json()
        assert "no .encrypted files" in line["error"]["title"]

    def test_makes_no_store(self, here: Here) -> None:
        here.make("m", here.sealed())
        here.store.unlink()
        assert here.call("verify", "m", *OPEN).status == 1
        assert not here.store.exists()

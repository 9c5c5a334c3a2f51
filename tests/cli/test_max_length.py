"""Frames are held in memory until they are verified: `--max-length` says how long they may be."""

from __future__ import annotations

from tests.cli.calling import KEY, Here

LONG = 40 << 20


class TestAFrameBeyondTheDefault:
    def test_is_refused_by_name_and_read_when_asked_for(self, here: Here) -> None:
        content = b"x" * LONG
        here.make("f", content)
        assert here.call("encrypt", "f", "-k", KEY, "--frame-length", str(LONG + 1)).status == 0
        refused = here.call("decrypt", "f.encrypted", "-k", KEY, "-o", "out")
        assert refused.status == 1
        assert b"larger than may be held" in refused.stderr
        assert b"--max-length" in refused.stderr
        assert not (here.folder / "out").exists()
        limit = ("--max-length", str(LONG))
        assert here.call("verify", "f.encrypted", "-k", KEY, *limit).status == 0
        assert here.call("decrypt", "f.encrypted", "-k", KEY, "-o", "out", *limit).status == 0
        assert (here.folder / "out").read_bytes() == content

    def test_is_longer_than_it_and_not_as_long(self, here: Here) -> None:
        here.make("f", bytes((32 << 20) + 1))
        assert here.call("encrypt", "f", "-k", KEY, "--frame-length", str(32 << 20)).status == 0
        assert here.call("verify", "f.encrypted", "-k", KEY).status == 0

    def test_costs_nothing_where_the_file_is_shorter_than_a_frame(self, here: Here) -> None:
        here.make("f", b"short")
        assert here.call("encrypt", "f", "-k", KEY, "--frame-length", str(LONG)).status == 0
        assert here.call("decrypt", "f.encrypted", "-k", KEY, "-o", "out").status == 0

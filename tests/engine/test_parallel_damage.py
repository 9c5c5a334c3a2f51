"""Whatever is wrong with a message or its files, threads say of it what one of them alone says."""

from __future__ import annotations

import errno
import itertools
import os
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from sealscope import errors
from sealscope.engine.suites import SUITES, AlgorithmSuite
from sealscope.files import open_output, open_source
from tests.engine.ends import (
    ENDS,
    Coding,
    Outcome,
    one_after_the_other,
    opening,
    outcome,
    sealing,
    small_batches,
)
from tests.engine.forge import FRAME, SIGNED, V2, Forge

__all__ = ["small_batches"]

pytestmark = pytest.mark.usefixtures("small_batches")

STEP = FRAME + 32
FRAMES = 40  # eight batches of five frames, the first of which is read before there are threads
BOTH = pytest.mark.parametrize("forge", [V2, SIGNED], ids=["0478", "0578"])


def message_with(forge: Forge, frames: list[bytes]) -> bytes:
    return forge.but(body=b"".join(frames)).message()


def whole(forge: Forge) -> list[bytes]:
    body = [forge.frame(number, bytes([number]) * FRAME) for number in range(1, FRAMES + 1)]
    return [*body, forge.frame(FRAMES + 1, b"the end", "final")]


def flipped(at: int) -> Callable[[Forge, list[bytes], int], None]:
    def flip(_: Forge, frames: list[bytes], which: int) -> None:
        changed = bytearray(frames[which])
        changed[at] ^= 1
        frames[which] = bytes(changed)

    return flip


def drop(_: Forge, frames: list[bytes], which: int) -> None:
    del frames[which]


def double(_: Forge, frames: list[bytes], which: int) -> None:
    frames.insert(which, frames[which])


def swap(_: Forge, frames: list[bytes], which: int) -> None:
    frames[which - 1], frames[which] = frames[which], frames[which - 1]


def cut_between(_: Forge, frames: list[bytes], which: int) -> None:
    del frames[which:]


def end_early(forge: Forge, frames: list[bytes], which: int) -> None:
    frames[which] = forge.frame(which + 1, b"early", "final")


def end_early_at_once(forge: Forge, frames: list[bytes], which: int) -> None:
    frames[which:] = [forge.frame(which + 1, b"early", "final")]


def end_early_with_wrong_tag(forge: Forge, frames: list[bytes], which: int) -> None:
    end_early(forge, frames, which)
    flipped(30)(forge, frames, which)


def end_marker_only(_: Forge, frames: list[bytes], which: int) -> None:
    frames[which] = b"\xff" * 4 + frames[which][4:]


def shorter(_: Forge, frames: list[bytes], which: int) -> None:
    frames[which] = frames[which][:-1]


DAMAGE: dict[str, Callable[[Forge, list[bytes], int], None]] = {
    "number": flipped(3),
    "iv": flipped(10),
    "content": flipped(16),
    "tag": flipped(16 + FRAME + 6),
    "drop": drop,
    "double": double,
    "swap": swap,
    "cut": cut_between,
    "early": end_early,
    "early and nothing behind": end_early_at_once,
    "early and wrong": end_early_with_wrong_tag,
    "marker": end_marker_only,
    "shorter": shorter,
}


def both_ways(forge: Forge, message: bytes) -> tuple[Outcome, list[Outcome]]:
    open_ = opening(forge.suite)
    with one_after_the_other():
        alone = outcome(open_, message)
    return alone, [outcome(open_, message, ends) for ends in ENDS]


class TestDamage:
    @BOTH
    @pytest.mark.parametrize("damage", DAMAGE)
    def test_of_any_frame_gives_the_same_error(self, forge: Forge, damage: str) -> None:
        found = set()
        for which in range(1, FRAMES):
            frames = whole(forge)
            DAMAGE[damage](forge, frames, which)
            alone, together = both_ways(forge, message_with(forge, frames))
            assert together == [alone] * len(ENDS)
            found.add(alone.error[0] if alone.error else None)
        assert (None in found) == (damage == "early and nothing behind")

    @BOTH
    def test_of_several_frames_is_told_of_the_first(self, forge: Forge) -> None:
        for first, second in itertools.combinations(range(5, FRAMES, 4), 2):
            frames = whole(forge)
            DAMAGE["tag"](forge, frames, first)
            DAMAGE["number"](forge, frames, second)
            alone, together = both_ways(forge, message_with(forge, frames))
            assert alone.error is not None
            assert f"frame {first + 1} " in alone.error[2]
            assert together == [alone] * len(ENDS)

    @BOTH
    def test_of_the_end_gives_the_same_error(self, forge: Forge) -> None:
        message = message_with(forge, whole(forge))
        signature = len(forge.but(body=b"").message()) - len(
            forge.but(body=b"", footer=b"").message()
        )
        for changed in (
            message + b"x",
            message + message,
            message + bytes(5000),
            message[: -signature - 1],
            message[:-1] + bytes([message[-1] ^ 1]),
        ):
            alone, together = both_ways(forge, changed)
            assert alone.error is not None
            assert together == [alone] * len(ENDS)

    @pytest.mark.exhaustive
    @BOTH
    def test_by_a_cut_anywhere_gives_the_same_error(self, forge: Forge) -> None:
        message = message_with(forge, whole(forge))
        for length in range(len(message)):
            alone, together = both_ways(forge, message[:length])
            assert alone.error is not None
            assert together == [alone] * len(ENDS)

    @pytest.mark.exhaustive
    @BOTH
    def test_by_any_flipped_bit_gives_the_same_error(self, forge: Forge) -> None:
        message = message_with(forge, whole(forge))
        for at in range(len(message)):
            changed = bytearray(message)
            changed[at] ^= 1 << at % 8
            alone, together = both_ways(forge, bytes(changed))
            assert alone.error is not None
            assert together == [alone] * len(ENDS)


@contextmanager
def failing(call: str, number: int, at: int) -> Iterator[None]:
    """Let the `at`-th and all further calls fail, in whatever thread, as a full disk does."""
    real, calls = getattr(os, call), itertools.count(1)

    def maybe(*args: Any) -> Any:
        if next(calls) >= at:
            raise OSError(number, os.strerror(number))
        return real(*args)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(os, call, maybe)
        yield


def through_the_gate(plain: Path, target: Path, coding: Coding) -> errors.SealscopeError | None:
    threads = set(threading.enumerate())
    try:
        with open_source(plain) as source, open_output(target, source=source) as output:
            coding(source.stream, output.stream, lambda _: None)
            output.publish()
    except errors.SealscopeError as problem:
        assert set(threading.enumerate()) == threads
        return problem
    return None


class TestTheSystem:
    @pytest.mark.parametrize("suite", [SUITES[0x0478], SUITES[0x0578]], ids=lambda s: s.hex_id)
    @pytest.mark.parametrize("number", [errno.EIO, errno.ENOSPC])
    def test_may_refuse_any_write_at_an_offset(
        self, suite: AlgorithmSuite, number: int, tmp_path: Path
    ) -> None:
        for error in self.refusals(suite, "pwrite", number, tmp_path):
            assert type(error) is errors.OutputFailed
            assert str(tmp_path / "out") in error.detail

    @pytest.mark.parametrize("suite", [SUITES[0x0478], SUITES[0x0578]], ids=lambda s: s.hex_id)
    @pytest.mark.parametrize("number", [errno.EIO, errno.EACCES])
    def test_may_refuse_any_read_at_an_offset(
        self, suite: AlgorithmSuite, number: int, tmp_path: Path
    ) -> None:
        for error in self.refusals(suite, "preadv", number, tmp_path):
            assert type(error) is errors.SourceUnreadable
            assert str(tmp_path / "plain") in error.detail

    def refusals(
        self, suite: AlgorithmSuite, call: str, number: int, folder: Path
    ) -> Iterator[errors.SealscopeError]:
        plain, target = folder / "plain", folder / "out"
        plain.write_bytes(bytes(3000))
        for at in itertools.count(1):
            with failing(call, number, at):
                error = through_the_gate(plain, target, sealing(suite, 16))
            if error is None:
                break
            yield error
            assert sorted(os.listdir(folder)) == ["plain"]
        assert at > 10
        assert target.exists()

    def test_without_positions_is_served_one_batch_after_the_other(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.delattr(os, "preadv")
        monkeypatch.delattr(os, "pwrite")
        plain, sealed, opened = (tmp_path / name for name in ("plain", "sealed", "opened"))
        plain.write_bytes(bytes(range(256)) * 20)
        suite = SUITES[0x0578]
        assert through_the_gate(plain, sealed, sealing(suite, 16, valid=True)) is None
        assert through_the_gate(sealed, opened, opening(suite)) is None
        assert opened.read_bytes() == plain.read_bytes()

"""What arrives at a real terminal, byte by byte."""

from __future__ import annotations

import fcntl
import os
import pty
import re
import select
import struct
import subprocess
import sys
import termios
import time
from pathlib import Path

from tests.hostile import leaks

ROOT = Path(__file__).parents[2]
PROGRAM = """
import sys
from sealscope.app.app import run_app
from tests.app.driver import options
from tests.app.fakes import FakeKey, FakeKms, fleet, key_id
from tests.hostile import HOSTILE
hostile = [FakeKey(key_id(100 + n), ("aa" + text[:500],), description=text[:500])
           for n, text in enumerate(HOSTILE)]
sys.exit(run_app(options(FakeKms(keys=[*fleet(), *hostile]))))
"""
# Textual's: CSI sequences, character sets and modes, and the shape of the mouse pointer.
SEQUENCE = re.compile(r"\x1b(\]22;default\x07|\[[0-9:;<=>?]*[ -/]*[@-~]|[()][A-Z0-9]|[=>78M])")
PATIENCE = 30.0


def terminal_output(**environment: str) -> str:
    """Run the app in an 80x24 terminal, look around, quit; everything it sent."""
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 80, 0, 0))
    process = subprocess.Popen(
        [sys.executable, "-c", PROGRAM],
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
        cwd=ROOT,
        env={**os.environ, "COLORTERM": "truecolor", **environment},
        start_new_session=True,
    )
    os.close(theirs)
    try:
        sent = _converse(ours)
        os.close(ours)
        assert process.wait(PATIENCE) == 0
    finally:
        # A terminal that is gone tells nobody here, as it is no controlling terminal.
        process.kill()
        process.wait()
    return sent.decode("utf-8")


def _converse(ours: int) -> bytes:
    """Press keys as the screens come; everything that was sent until the end."""
    sent = b""
    keys = [(b"Enabled", b"jjjjG"), (b"no access", b"d"), (b"Back", b"q")]
    deadline = time.monotonic() + PATIENCE
    mark = 0
    while time.monotonic() < deadline:
        ready, _, _ = select.select([ours], [], [], 0.1)
        if ready:
            try:
                chunk = os.read(ours, 65536)
            except OSError:  # the other side is closed
                break
            if not chunk:
                break
            sent += chunk
        if keys and keys[0][0] in sent[mark:]:
            mark = len(sent)
            os.write(ours, keys.pop(0)[1])
    assert not keys, f"never came: {keys[0][0]!r} in {sent[-2000:]!r}"
    return sent


def test_nothing_but_the_apps_own_sequences_arrives() -> None:
    sent = terminal_output()
    assert "READ-ONLY" in sent
    rest = SEQUENCE.sub("", sent)
    assert leaks(rest, allowed="\r\n") == []


def test_no_color_means_no_colour_at_all() -> None:
    sent = terminal_output(NO_COLOR="1")
    assert "READ-ONLY" in sent
    colours = [
        code
        for codes in re.findall(r"\x1b\[([0-9;]*)m", sent)
        for code in codes.split(";")
        if re.fullmatch(r"3[0-8]|4[0-8]|9[0-7]|10[0-7]", code)
    ]
    assert colours == []

"""How fast Sealscope starts: the help, and the app's first paint, each against its floor."""

from __future__ import annotations

import fcntl
import os
import pty
import select
import signal
import struct
import sys
import tempfile
import termios
import time

from tests.bench.figure import Figure, Medians
from tests.bench.local_kms import sealscope_command
from tests.bench.machine import alternating, seconds_of
from tests.bench.settings import Settings

RUNS = 11
PATIENCE = 20.0

# As small as a Textual app gets: one line of text.
MINIMAL_APP = """
from textual.app import App, ComposeResult
from textual.widgets import Static

class Minimal(App[None]):
    def compose(self) -> ComposeResult:
        yield Static("first paint")

Minimal().run()
"""


def first_paint(command: list[str], marker: bytes, home: str) -> float:
    """Seconds until `marker` is drawn in a terminal of 120 x 40; the program is then ended."""
    environment = {
        "HOME": home,
        "PATH": os.environ["PATH"],
        "TERM": "xterm-256color",
        "COLORTERM": "truecolor",
        "LANG": "C.UTF-8",
    }
    started = time.perf_counter()
    child, terminal = pty.fork()
    if child == 0:
        os.execve(command[0], command, environment)
    fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", 40, 120, 0, 0))
    seen = b""
    try:
        while marker not in seen:
            ready, _, _ = select.select([terminal], [], [], PATIENCE)
            if not ready:
                msg = f"{command} drew nothing in {PATIENCE} s; it wrote {seen[-400:]!r}"
                raise TimeoutError(msg)
            seen += os.read(terminal, 65536)
        return time.perf_counter() - started
    finally:
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
        os.close(terminal)


def measure(_: Settings) -> list[Figure]:
    """Measure both, in turns with what they are compared with."""
    with tempfile.TemporaryDirectory() as home:
        environment = {"HOME": home, "PATH": os.environ["PATH"], "LANG": "C.UTF-8"}
        shown, floor = alternating(
            RUNS,
            lambda: seconds_of([sealscope_command(), "--help"], environment),
            lambda: seconds_of([sys.executable, "-c", "import click"], environment),
        )
        painted, minimal = alternating(
            RUNS,
            lambda: first_paint([sealscope_command()], b"Envelopes", home),
            lambda: first_paint([sys.executable, "-c", MINIMAL_APP], b"first paint", home),
        )
    return figures(shown, floor, painted, minimal)


def figures(shown: float, floor: float, painted: float, minimal: float) -> list[Figure]:
    """The seconds of both beside their goals."""
    help_, paint = "sealscope --help", "the app's first paint"
    base, least = "python -c 'import click'", "a minimal Textual app"
    seconds = {help_: shown, base: floor, paint: painted, least: minimal}
    medians = Medians(seconds, {})
    return [medians.at_most(help_, help_, base, 2), medians.at_most(paint, paint, least, 1.5)]

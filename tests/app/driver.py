"""Runs the real app without a terminal, and waits for what a test expects to see."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

from textual.pilot import Pilot

from sealscope.app.app import SealscopeApp
from sealscope.app.options import AppOptions
from sealscope.kms.connection import Target
from tests.app.fakes import NOW, FakeKms

Script = Callable[["Session"], Awaitable[None]]

WIDE = (120, 40)
NARROW = (80, 24)
PATIENCE = 20.0
"""Seconds until a test gives up; reached only by a failing one."""


class Session:
    """One run of the app, from the keyboard's and the screen's side."""

    def __init__(self, app: SealscopeApp, pilot: Pilot[Any]) -> None:
        self.app = app
        self.pilot = pilot

    @property
    def lines(self) -> list[str]:
        """The screen, top to bottom."""
        strips = self.app.screen._compositor.render_strips()
        return ["".join(segment.text for segment in strip) for strip in strips]

    @property
    def text(self) -> str:
        """The screen in one string."""
        return "\n".join(self.lines)

    def described(self) -> int:
        """Keys of which KMS has told all, or refused to."""
        services = self.app.standing.services
        if services is None:
            return 0
        entries = [services.inventory.entry(key) for key in services.inventory.key_ids()]
        return sum(
            entry is not None
            and (entry.error or entry.rotation or entry.rotation_error) is not None
            for entry in entries
        )

    async def press(self, *keys: str) -> None:
        """Press keys, one after the other."""
        await self.pilot.press(*keys)

    async def type(self, text: str) -> None:
        """Type text into the focused field."""
        for char in text:
            await self.pilot.press(_KEY_NAMES.get(char, char))

    async def until(self, condition: Callable[[], object], what: str = "") -> None:
        """Wait until a condition holds; fails with the screen when it never does."""
        deadline = time.monotonic() + PATIENCE
        while not condition():
            if time.monotonic() > deadline:
                raise AssertionError(f"never came: {what}\n{self.text}")
            await self.pilot.pause(0.02)

    async def see(self, *texts: str) -> None:
        """Wait until the screen shows all of these."""
        await self.until(lambda: all(text in self.text for text in texts), repr(texts))

    async def see_no(self, text: str) -> None:
        """Wait until the screen no longer shows this."""
        await self.until(lambda: text not in self.text, f"gone: {text!r}")


_KEY_NAMES = {"/": "slash", ":": "colon", " ": "space", "!": "exclamation_mark", "-": "minus"}


def options(kms: FakeKms | None = None, **changes: Any) -> AppOptions:
    """Options with a fake KMS and a clock that stands."""
    fake = kms or FakeKms()
    made = AppOptions(connect=fake.connect, clock=lambda: NOW, monotonic=lambda: 0.0)
    return replace(made, **changes)


def local_options(store: Path) -> AppOptions:
    """Options with a real local KMS."""
    return AppOptions(target=Target(local_store=store))


def run(
    script: Script,
    *,
    kms: FakeKms | None = None,
    start: AppOptions | None = None,
    size: tuple[int, int] = WIDE,
    app: SealscopeApp | None = None,
) -> SealscopeApp:
    """Run the app, drive it by `script`, and close it; the app, for a last look."""
    app = app or SealscopeApp(start or options(kms))

    async def main() -> None:
        async with app.run_test(size=size, notifications=True) as pilot:
            await script(Session(app, pilot))

    try:
        asyncio.run(main())
    finally:
        if kms is not None:
            kms.opened.set()
        services = app.standing.services
        if services is not None:
            services.close()
        app.threads.close()
    return app

"""What goes to the terminal when something is copied, byte by byte."""

from __future__ import annotations

import base64
import re

import pytest

from sealscope.app.clipboard import clipboard_sequence
from tests.app.driver import Session, run
from tests.hostile import HOSTILE, HOSTILE_IDS

PLAIN = "\x1b]52;c;YWxpYXMvYQ==\a"
WRAPPED = "\x1bPtmux;\x1b\x1b]52;c;YWxpYXMvYQ==\a\x1b\\"


class TestTheSequence:
    def test_is_osc_52_with_base64(self) -> None:
        assert clipboard_sequence("alias/a", in_tmux=False) == PLAIN

    def test_comes_plain_and_wrapped_inside_tmux(self) -> None:
        assert clipboard_sequence("alias/a", in_tmux=True) == PLAIN + WRAPPED

    @pytest.mark.parametrize("text", HOSTILE, ids=HOSTILE_IDS)
    def test_holds_nothing_of_the_text_but_base64(self, text: str) -> None:
        sequence = clipboard_sequence(text, in_tmux=False)
        found = re.fullmatch("\x1b]52;c;([A-Za-z0-9+/=]*)\a", sequence)
        assert found
        assert base64.b64decode(found[1]) == text.encode("utf-8", "replace")


@pytest.mark.parametrize(("tmux", "sent"), [("", PLAIN), ("/tmp/tmux-0/default,1,0", None)])
def test_the_app_looks_whether_tmux_is_there(
    tmux: str, sent: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TMUX", tmux)

    async def script(app: Session) -> None:
        await app.see("READ-ONLY")
        written: list[str] = []
        driver = app.app._driver
        assert driver is not None
        monkeypatch.setattr(driver, "write", written.append)
        app.app.copy_to_clipboard("alias/a")
        assert written == [sent or PLAIN + WRAPPED]
        assert app.app.clipboard == "alias/a"

    run(script)

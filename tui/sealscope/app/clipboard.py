"""What is sent to a terminal so that it puts a text on its clipboard."""

from __future__ import annotations

import base64


def clipboard_sequence(text: str, *, in_tmux: bool) -> str:
    """OSC 52 with a text.

    tmux keeps it to itself unless it is wrapped (`allow-passthrough on`), or unless it may set
    the clipboard on its own (`set-clipboard on`), for which it wants it as it is. So tmux is sent
    both; the one that it is not set up for does nothing.

    Args:
        text: any; what is no Unicode is replaced.
        in_tmux: whether tmux is between the app and the terminal.
    """
    data = base64.b64encode(text.encode("utf-8", "replace")).decode("ascii")
    plain = f"\x1b]52;c;{data}\a"
    if not in_tmux:
        return plain
    return plain + "\x1bPtmux;" + plain.replace("\x1b", "\x1b\x1b") + "\x1b\\"

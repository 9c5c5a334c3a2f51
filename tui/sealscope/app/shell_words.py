"""Words of a command line, quoted so that they are fit to show, to copy and to run."""

from __future__ import annotations

import shlex

from sealscope.text import show


def quoted(word: str) -> str:
    """A word that bash and zsh read back as it is, in printable characters only."""
    if show(word, limit=1 << 20) == word:
        return shlex.quote(word)
    # Characters that must not reach a terminal are named by their bytes: $'...' is what bash
    # and zsh turn back into the very same word.
    return "$'" + "".join(_ansi_c(char) for char in word) + "'"


def _ansi_c(char: str) -> str:
    if char in "'\\":
        return "\\" + char
    if " " <= char <= "~":
        return char
    # Bytes of a file name that are no UTF-8 come as these surrogates; no other can be in one.
    errors = "surrogateescape" if "\udc80" <= char <= "\udcff" else "surrogatepass"
    return "".join(f"\\x{byte:02x}" for byte in char.encode("utf-8", errors))

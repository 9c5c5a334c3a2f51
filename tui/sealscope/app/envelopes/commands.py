"""The Envelopes place's part of the command table."""

from __future__ import annotations

from typing import Final

from sealscope.app.command import Command

BROWSER: Final = (
    Command(
        "envelopes.up", "backspace,h,left", "Up", "Go to the folder above.", "browser", "up", 40
    ),
    Command(
        "envelopes.path",
        "o",
        "Open path",
        "Type the path of a file or folder.",
        "browser",
        "type_path",
        30,
    ),
    Command(
        "envelopes.hidden",
        "full_stop",
        "Hidden",
        "Show or hide names that start with a dot.",
        "browser",
        "toggle_hidden",
        70,
    ),
    Command(
        "envelopes.refresh",
        "r",
        "Refresh",
        "Read the folder and the file again.",
        "browser",
        "refresh",
        60,
    ),
)

FILE: Final = (
    Command(
        "envelopes.open",
        "enter",
        "Open",
        "Open a folder, a file or a group of fields; from a wrapped key, go to the key.",
        "file",
        "open",
    ),
    Command(
        "envelopes.decrypt",
        "D",
        "Decrypt",
        "Fill in the form that decrypts this file.",
        "file",
        "decrypt",
        20,
        why_disabled="why_no_decrypt",
    ),
    Command(
        "envelopes.encrypt",
        "E",
        "Encrypt",
        "Fill in the form that encrypts this file.",
        "file",
        "encrypt",
        21,
        why_disabled="why_no_file",
    ),
    Command(
        "envelopes.decode",
        "b",
        "Decode",
        "Show the envelope whose Base64 text this file is.",
        "file",
        "decode",
        why_disabled="why_no_decode",
    ),
    Command(
        "envelopes.copy",
        "y",
        "Copy",
        "Copy the value under the cursor, as it is shown.",
        "file",
        "copy",
        50,
        why_disabled="why_no_copy",
    ),
)

PAGE: Final = (
    Command("envelopes.back", "escape", "Back", "Go back to the folder.", "file-page", "back", 10),
    Command("envelopes.reread", "r", "Refresh", "Read the file again.", "file-page", "reread", 60),
)

COMMANDS: Final = (*BROWSER, *FILE, *PAGE)

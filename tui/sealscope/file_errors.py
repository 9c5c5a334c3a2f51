"""The words for what the operating system says about files."""

from __future__ import annotations

import errno
from pathlib import Path

from sealscope.errors import OutputExists, OutputFailed, SourceUnreadable


def output_exists(path: Path) -> OutputExists:
    """Something is at the output's name already."""
    return OutputExists(
        "The output exists already",
        str(path),
        "Choose another name, or allow replacing.",
    )


def source_unreadable(path: Path, error: OSError) -> SourceUnreadable:
    """Why an input cannot be read."""
    if error.errno in {errno.ENOENT, errno.ENOTDIR}:
        return SourceUnreadable("There is no such file", str(path), "Check the name.")
    if error.errno in {errno.EACCES, errno.EPERM}:
        return SourceUnreadable(
            "The file may not be read", f"{path}: {error.strerror}", "Check its permissions."
        )
    return SourceUnreadable("The file cannot be read", f"{path}: {error.strerror}")


def output_failed(path: Path, error: OSError) -> OutputFailed:
    """Why an output cannot be written."""
    if error.errno in {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}:
        return OutputFailed(
            "There is no room for the output",
            f"{path}: {error.strerror}",
            "Free some space, or choose another folder. Nothing was left behind.",
        )
    if error.errno in {errno.ENOENT, errno.ENOTDIR}:
        return OutputFailed(
            "The output's folder does not exist", str(path), "Make the folder, or choose another."
        )
    return OutputFailed(
        "The output cannot be written",
        f"{path}: {error.strerror}",
        "Check the folder's permissions, or choose another one.",
    )

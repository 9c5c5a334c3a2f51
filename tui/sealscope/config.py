"""Where Sealscope keeps its files on this system."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import platformdirs

from sealscope.errors import OutputFailed

LOCAL_STORE_VARIABLE = "SEALSCOPE_LOCAL_STORE"
PASSPHRASE_FILE_VARIABLE = "SEALSCOPE_LOCAL_PASSPHRASE_FILE"  # noqa: S105 - a variable's name


def data_folder() -> Path:
    """The folder of what must not be lost (the local KMS's store), made 0700 if missing."""
    return private_folder(platformdirs.user_data_path("sealscope", appauthor=False))


def cache_folder() -> Path:
    """The folder of what can be fetched again, made 0700 if missing."""
    return private_folder(platformdirs.user_cache_path("sealscope", appauthor=False))


def inventory_cache_folder() -> Path:
    """The folder of the lists of keys that were seen, made 0700 if missing."""
    return private_folder(cache_folder() / "inventory")


def local_store_path() -> Path:
    """The local KMS's store: `SEALSCOPE_LOCAL_STORE`, else in the data folder."""
    named = os.environ.get(LOCAL_STORE_VARIABLE)
    return Path(os.path.expanduser(named)) if named else data_folder() / "local-kms.sqlite3"


def private_folder(path: Path) -> Path:
    """Make a folder and its missing parents that only its owner may enter.

    A folder that exists keeps its mode: it may be the user's own arrangement.

    Raises:
        OutputFailed: the folder cannot be made.
    """
    folder = path
    try:
        missing = [folder for folder in (path, *path.parents) if not _is_folder(folder)]
        for folder in reversed(missing):
            folder.mkdir(mode=0o700, exist_ok=True)
    except OSError as error:
        raise OutputFailed(
            "A folder of Sealscope cannot be made",
            f"{folder}: {error.strerror}",
            "Make the folder writable, or set XDG_DATA_HOME and XDG_CACHE_HOME.",
        ) from error
    return path


def _is_folder(path: Path) -> bool:
    # Path.is_dir takes a folder that may not be looked into for one that is not there.
    try:
        return stat.S_ISDIR(os.stat(path).st_mode)
    except FileNotFoundError:
        return False

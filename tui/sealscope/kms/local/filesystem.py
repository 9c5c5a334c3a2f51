"""What the store asks of the file system: who may read it, and whether it is a network's."""

from __future__ import annotations

import os
import shlex
import stat
from pathlib import Path
from typing import Final

from sealscope import errors, open_files
from sealscope.kms.local import schema

_NETWORK_TYPES: Final = frozenset(
    {"nfs", "nfs4", "cifs", "smb3", "smbfs", "9p", "afs", "ceph", "lustre", "gpfs", "glusterfs"}
)


def locate(path: Path) -> tuple[Path, bool]:
    """The path without links and `~`, and whether something is there.

    Raises:
        StoreError: it cannot be looked at.
    """
    try:
        real = path.expanduser().resolve()
        real.lstat()
    except FileNotFoundError:
        return real, False
    except (OSError, RuntimeError, ValueError) as error:
        # RuntimeError: links that lead in a circle, or no home; ValueError: a NUL character.
        raise errors.StoreError(
            "The local key store cannot be opened", f"{path}: {error}"
        ) from error
    return real, True


def check_private(path: Path) -> None:
    """Refuse a file that is no store, or that others may read or swap.

    Raises:
        StoreUnsafe: with what to do about it.
        StoreError: it cannot be read at all.
    """
    try:
        status = path.stat()
        is_store = open_files.is_open(status) or schema.looks_like_store(_header(path))
        folder = path.parent.stat()
    except OSError as error:
        raise errors.StoreError(
            "The local key store cannot be opened", f"{path}: {error.strerror}"
        ) from error
    if not is_store:
        raise errors.StoreUnsafe(
            "This file is not a local key store",
            str(path),
            "Name another file with --local-store, or move this one away.",
        )
    if os.name != "posix":
        # Windows has no such bits; the profile folder's access list protects the file there.
        return
    if status.st_mode & 0o077:
        raise errors.StoreUnsafe(
            "Others may read the local key store",
            f"{path}, mode {stat.S_IMODE(status.st_mode):04o}",
            f"Close it with: chmod 600 {shlex.quote(str(path))}. If others had access, replace its"
            " keys.",
        )
    if os.geteuid() not in {status.st_uid, 0}:
        raise errors.StoreUnsafe("The local key store belongs to another user", str(path))
    if folder.st_mode & stat.S_IWOTH and not folder.st_mode & stat.S_ISVTX:
        raise errors.StoreUnsafe(
            "Anyone may replace the local key store",
            f"{path.parent}, mode {stat.S_IMODE(folder.st_mode):04o}",
            f"Close its folder with: chmod 700 {shlex.quote(str(path.parent))}",
        )


def _header(path: Path) -> bytes:
    """The first 100 bytes of a regular file; nothing of anything else."""
    descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    try:
        is_regular = stat.S_ISREG(os.fstat(descriptor).st_mode)
        return os.read(descriptor, 100) if is_regular else b""
    finally:
        os.close(descriptor)


def is_network(path: Path) -> bool:
    """Whether the path lies on a network file system, where a write-ahead log is unsafe.

    Known on Linux only; elsewhere SQLite's own refusal has to do.
    """
    try:
        table = Path("/proc/self/mounts").read_text("utf-8", "surrogateescape")
    except OSError:
        return False
    return mount_type(str(path.resolve()), table) in _NETWORK_TYPES


def mount_type(path: str, table: str) -> str:
    """The file system type of the mount that holds `path`, from the text of /proc/mounts."""
    best, found = "", ""
    for line in table.splitlines():
        fields = line.split(" ")
        if len(fields) < 3:
            continue
        point = fields[1].replace("\\040", " ").replace("\\011", "\t").replace("\\134", "\\")
        inside = path == point or path.startswith(point.rstrip("/") + "/")
        # A later line for the same point covers the earlier one.
        if inside and len(point) >= len(best):
            best, found = point, fields[2]
    return found


def sync_folder(folder: Path) -> None:
    """Flush a folder's entries to disk, where the system can."""
    if os.name != "posix":
        return
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)

"""From the paths a user names to the files to work on: which is written where.

The whole plan is made before the first file is written, so that nothing a run writes becomes
one of its own inputs, and two inputs never meet in one output.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final

from sealscope.errors import SourceUnreadable, UnsafeOutput, UsageError
from sealscope.jobs.request import ENCRYPTED_SUFFIX, Kind, decrypted_name, encrypted_name
from sealscope.jobs.walk import LINK, Refused, Skipped, walk


@dataclass(frozen=True)
class Planned:
    """A file to work on.

    Attributes:
        destination: None when it is only verified.
        root: folder that the destination must stay below; None where the user named the
            destination, or its folder, outright.
    """

    source: Path
    destination: Path | None
    root: Path | None = None


Item = Planned | Refused | Skipped

_NAMES: Final[dict[Kind, Callable[[Path], Path] | None]] = {
    Kind.ENCRYPT: encrypted_name,
    Kind.DECRYPT: decrypted_name,
    Kind.VERIFY: None,
}


def plan(
    kind: Kind, sources: Sequence[Path], *, out: str | None = None, recursive: bool = False
) -> tuple[Item, ...]:
    """Decide for each file where its result goes.

    Args:
        kind: decides the names, and that only a walk to encrypt takes all files; the others
            take `*.encrypted`.
        sources: files, and with `recursive` folders.
        out: a file for one input; a folder for several, when it is an existing folder, or when
            it ends with `/`. What is below a source folder is mirrored below it.
        recursive: walk folders. Links are never followed.

    Raises:
        UsageError: `out` is a file and there are several inputs.
    """
    into = _output_folder(sources, out, recursive=recursive)
    name = _NAMES[kind]
    items: list[Item] = []
    root = None if into is None else _existing(into)
    for source in sources:
        if _is_folder(source):
            items.extend(_walked(kind, source, into) if recursive else [_folder_refused(source)])
        elif recursive and os.path.islink(source) and os.path.isdir(source):
            items.append(Skipped(source, LINK))
        elif name is None:
            items.append(Planned(source, None))
        elif into is not None:
            items.append(Planned(source, into / name(source).name, root))
        else:
            items.append(Planned(source, name(source) if out is None else Path(out)))
    return tuple(_without_collisions(items))


def _output_folder(sources: Sequence[Path], out: str | None, *, recursive: bool) -> Path | None:
    """The folder that `out` names; None when it names a file, or nothing."""
    if out is None:
        return None
    walks = recursive and any(_is_folder(source) for source in sources)
    if os.path.isdir(out) or out.endswith("/"):
        return Path(out)
    if len(sources) == 1 and not walks:
        return None
    if os.path.lexists(out):
        raise UsageError(
            "Several files cannot be written to one",
            out,
            "With several inputs -o names a folder.",
        )
    return Path(out)


def _walked(kind: Kind, folder: Path, into: Path | None) -> Iterator[Item]:
    name = _NAMES[kind]
    if into is not None and _same_folder(folder, into):
        into = None  # beside the sources, as without -o
    target = folder if into is None else into
    root = _existing(target)
    found = False
    for item in walk(folder, leave_out=into):
        if isinstance(item, Path):
            reason = _passed_over(kind, item, into)
            if reason is None:
                found = True
                result = name and target / name(item.relative_to(folder))
                yield Planned(item, result, root)
            elif reason:
                yield Skipped(item, reason)
        else:
            found = found or isinstance(item, Refused)
            yield item
    if not found:
        what = "no files" if kind is Kind.ENCRYPT else f"no {ENCRYPTED_SUFFIX} files"
        hint = (
            "Check the name of the folder."
            if kind is Kind.ENCRYPT
            else f"-r takes the files whose names end with {ENCRYPTED_SUFFIX}; name others one by"
            " one."
        )
        yield Refused(folder, SourceUnreadable(f"The folder holds {what}", str(folder), hint))


def _passed_over(kind: Kind, file: Path, into: Path | None) -> str | None:
    """Why a walk does not take a file; None when it does, empty when there is nothing to tell."""
    is_encrypted = file.name.endswith(ENCRYPTED_SUFFIX) and file.name != ENCRYPTED_SUFFIX
    if kind is not Kind.ENCRYPT:
        return None if is_encrypted else ""
    if is_encrypted and into is None:
        # The results of an earlier run in the same folder.
        return f"its name ends with {ENCRYPTED_SUFFIX} already"
    return None


def _folder_refused(folder: Path) -> Refused:
    return Refused(
        folder,
        SourceUnreadable("The input is a folder", str(folder), "Use -r for the files below it."),
    )


def _existing(folder: Path) -> Path:
    """The folder, or the nearest one above it that is there; the rest is made when needed."""
    return next((part for part in (folder, *folder.parents) if os.path.exists(part)), folder)


def _without_collisions(items: Iterable[Item]) -> Iterator[Item]:
    """Refuse an item whose output is another item's output or input."""
    items = list(items)
    real_folder = cache(_real_folder)

    def key_of(path: Path) -> str:
        """The same for all ways to write a path, also through links to its folder."""
        return os.path.join(real_folder(path.parent), path.name)

    inputs = {key_of(item.source) for item in items if isinstance(item, Planned)}
    taken: dict[str, Path] = {}
    for item in items:
        if not isinstance(item, Planned) or item.destination is None:
            yield item
            continue
        key = key_of(item.destination)
        earlier = taken.setdefault(key, item.source)
        if earlier is not item.source:
            yield Refused(
                item.source,
                UnsafeOutput(
                    "Two inputs would be written to the same file",
                    f"{item.destination}, also the output of {earlier}",
                    "Name another folder for one of them with -o.",
                ),
            )
        elif key in inputs and key != key_of(item.source):
            yield Refused(
                item.source,
                UnsafeOutput(
                    "The output is another input of the same run",
                    str(item.destination),
                    "Leave that input out, or choose another folder with -o.",
                ),
            )
        else:
            yield item


def _is_folder(path: Path) -> bool:
    """Whether a folder is here itself, not at the end of a link."""
    try:
        return stat.S_ISDIR(os.lstat(path).st_mode)
    except (OSError, ValueError):
        return False  # the job will say what is wrong with it


def _same_folder(one: Path, other: Path) -> bool:
    try:
        return os.path.samefile(one, other)
    except (OSError, ValueError):
        return False  # one of them is not there yet


def _real_folder(folder: Path) -> str:
    try:
        return os.path.realpath(folder)
    except ValueError:
        return str(folder)  # a NUL in it: the job will say what is wrong with it

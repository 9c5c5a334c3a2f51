"""The file gate: a name holds what it held before, or the whole verified output; never less."""

from __future__ import annotations

import errno
import itertools
import os
import signal
import socket
import stat
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import partial
from pathlib import Path

import pytest

from sealscope.errors import (
    FileError,
    OutputExists,
    OutputFailed,
    SealscopeError,
    SourceChanged,
    SourceUnreadable,
    UnsafeOutput,
)
from sealscope.files import check_output, check_replaceable, open_output, open_source
from tests.faults import CALLS, ERRNOS, fault
from tests.hostile import HOSTILE, HOSTILE_BYTES, HOSTILE_NAMES

OLD = b"what was there before"
NEW = b"what is to be written" * 1000


@pytest.fixture(params=["unnamed", "named"])
def temporary(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """Both kinds of temporaries: Linux's unnamed one, and the hidden file elsewhere."""
    if request.param == "named":
        monkeypatch.delattr(os, "O_TMPFILE", raising=False)
    elif not hasattr(os, "O_TMPFILE"):
        pytest.skip("this system has no unnamed files")
    return str(request.param)


@contextmanager
def umask(value: int) -> Iterator[None]:
    before = os.umask(value)
    try:
        yield
    finally:
        os.umask(before)


def write(path: Path, data: bytes = NEW, *, overwrite: bool = False) -> None:
    with open_output(path, overwrite=overwrite) as output:
        output.stream.write(data)
        output.publish()


def mode(path: Path) -> int:
    return stat.S_IMODE(path.lstat().st_mode)


def names(folder: Path) -> list[str]:
    return sorted(entry.name for entry in folder.iterdir())


def open_below(folder: Path) -> list[str]:
    """What this process holds open in a folder, unnamed files included."""
    held = []
    for descriptor in os.listdir("/proc/self/fd"):
        with suppress(OSError):
            target = os.readlink(f"/proc/self/fd/{descriptor}")
            if target.startswith(str(folder)):
                held.append(target)
    return held


class TestPublishing:
    def test_the_name_appears_only_with_everything_in_it(
        self, tmp_path: Path, temporary: str
    ) -> None:
        path = tmp_path / "out"
        with open_output(path) as output:
            output.stream.write(NEW)
            output.stream.flush()
            assert not path.exists()
            output.publish()

        assert path.read_bytes() == NEW
        assert names(tmp_path) == ["out"]

    def test_an_empty_output_is_an_output(self, tmp_path: Path, temporary: str) -> None:
        write(tmp_path / "out", b"")

        assert (tmp_path / "out").read_bytes() == b""

    def test_leaving_without_publishing_leaves_nothing(
        self, tmp_path: Path, temporary: str
    ) -> None:
        with open_output(tmp_path / "out") as output:
            output.stream.write(NEW)

        assert names(tmp_path) == []

    def test_so_does_leaving_by_an_exception(self, tmp_path: Path, temporary: str) -> None:
        def interrupted() -> None:
            with open_output(tmp_path / "out") as output:
                output.stream.write(NEW)
                raise KeyboardInterrupt

        with pytest.raises(KeyboardInterrupt):
            interrupted()

        assert names(tmp_path) == []
        assert open_below(tmp_path) == []

    def test_what_is_written_can_be_large(self, tmp_path: Path, temporary: str) -> None:
        block = bytes(range(256)) * 4096
        with open_output(tmp_path / "out") as output:
            for _ in range(5):
                output.stream.write(block)
            output.publish()

        assert (tmp_path / "out").read_bytes() == block * 5

    def test_a_name_without_a_folder_is_in_the_working_directory(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, temporary: str
    ) -> None:
        monkeypatch.chdir(tmp_path)
        write(Path("out"))

        assert (tmp_path / "out").read_bytes() == NEW

    def test_nothing_stays_open(self, tmp_path: Path, temporary: str) -> None:
        write(tmp_path / "out")
        with pytest.raises(OutputExists):
            write(tmp_path / "out")

        assert open_below(tmp_path) == []


class TestAnExistingOutput:
    def test_is_refused_and_stays_as_it_is(self, tmp_path: Path, temporary: str) -> None:
        path = tmp_path / "out"
        path.write_bytes(OLD)

        with pytest.raises(OutputExists, match="out"):
            write(path)
        assert path.read_bytes() == OLD
        assert names(tmp_path) == ["out"]

    def test_also_when_it_appears_while_we_write(self, tmp_path: Path, temporary: str) -> None:
        path = tmp_path / "out"
        with open_output(path) as output:
            output.stream.write(NEW)
            path.write_bytes(OLD)
            with pytest.raises(OutputExists):
                output.publish()

        assert path.read_bytes() == OLD
        assert names(tmp_path) == ["out"]

    def test_is_replaced_in_one_step_when_that_was_asked_for(
        self, tmp_path: Path, temporary: str
    ) -> None:
        path = tmp_path / "out"
        path.write_bytes(OLD)
        with path.open("rb") as reader:
            write(path, overwrite=True)
            assert reader.read() == OLD, "who had it open still reads the old file"

        assert path.read_bytes() == NEW
        assert names(tmp_path) == ["out"]

    def test_its_other_names_keep_the_old_content(self, tmp_path: Path, temporary: str) -> None:
        path = tmp_path / "out"
        path.write_bytes(OLD)
        os.link(path, tmp_path / "other")
        write(path, overwrite=True)

        assert (tmp_path / "other").read_bytes() == OLD

    def test_replacing_is_also_fine_when_there_is_nothing(
        self, tmp_path: Path, temporary: str
    ) -> None:
        write(tmp_path / "out", overwrite=True)

        assert (tmp_path / "out").read_bytes() == NEW

    def test_replacing_discarded_leaves_it_as_it_is(self, tmp_path: Path, temporary: str) -> None:
        path = tmp_path / "out"
        path.write_bytes(OLD)
        with open_output(path, overwrite=True) as output:
            output.stream.write(NEW)

        assert path.read_bytes() == OLD


class TestUnsafeOutputs:
    @pytest.fixture
    def victim(self, tmp_path: Path) -> Path:
        victim = tmp_path / "victim"
        victim.write_bytes(OLD)
        return victim

    @pytest.mark.parametrize("overwrite", [False, True])
    def test_a_link_is_never_followed(self, victim: Path, overwrite: bool) -> None:
        link = victim.with_name("out")
        link.symlink_to(victim)

        with pytest.raises(UnsafeOutput, match="is a link"):
            write(link, overwrite=overwrite)
        assert victim.read_bytes() == OLD
        assert link.is_symlink()

    @pytest.mark.parametrize("overwrite", [False, True])
    def test_nor_one_that_leads_nowhere(self, tmp_path: Path, overwrite: bool) -> None:
        link = tmp_path / "out"
        link.symlink_to(tmp_path / "nowhere")

        with pytest.raises(UnsafeOutput, match="is a link"):
            write(link, overwrite=overwrite)
        assert names(tmp_path) == ["out"]

    @pytest.mark.parametrize("overwrite", [False, True])
    def test_nor_one_that_appears_while_we_write(
        self, victim: Path, overwrite: bool, temporary: str
    ) -> None:
        link = victim.with_name("out")
        with open_output(link, overwrite=overwrite) as output:
            output.stream.write(NEW)
            link.symlink_to(victim)
            with pytest.raises(UnsafeOutput if overwrite else OutputExists):
                output.publish()

        assert victim.read_bytes() == OLD
        assert link.is_symlink()
        assert names(victim.parent) == ["out", "victim"]

    @pytest.mark.parametrize("overwrite", [False, True])
    def test_a_folder_is_no_output(self, tmp_path: Path, overwrite: bool) -> None:
        (tmp_path / "out").mkdir()

        with pytest.raises(UnsafeOutput, match="not a regular file"):
            write(tmp_path / "out", overwrite=overwrite)

    def test_nor_is_a_device(self) -> None:
        with pytest.raises(UnsafeOutput, match="not a regular file"):
            write(Path("/dev/null"), overwrite=True)

    def test_nor_is_a_pipe_and_nobody_waits_for_its_reader(self, tmp_path: Path) -> None:
        os.mkfifo(tmp_path / "out")

        with pytest.raises(UnsafeOutput, match="not a regular file"):
            write(tmp_path / "out", overwrite=True)

    @pytest.mark.parametrize("name", ["", ".", "..", "folder/..", "/"])
    def test_nor_is_a_name_that_is_none(self, tmp_path: Path, name: str) -> None:
        (tmp_path / "folder").mkdir()

        with pytest.raises((UnsafeOutput, OutputExists)):
            write(tmp_path / name, overwrite=True)

    @pytest.mark.parametrize("name", ["a\0b", "a\ud800b"])
    def test_nor_is_a_name_that_no_file_can_have(self, tmp_path: Path, name: str) -> None:
        with pytest.raises(UnsafeOutput, match="cannot be a file's name"):
            write(tmp_path / name)
        with pytest.raises(UnsafeOutput):
            write(tmp_path / name / "out")

    def test_a_name_that_is_too_long_is_told_as_such(self, tmp_path: Path) -> None:
        with pytest.raises(OutputFailed, match="too long"):
            write(tmp_path / ("n" * 256))

    def test_a_folder_that_is_not_there_is_told_as_such(self, tmp_path: Path) -> None:
        with pytest.raises(OutputFailed, match="does not exist"):
            write(tmp_path / "no" / "out")
        (tmp_path / "file").write_bytes(OLD)
        with pytest.raises(OutputFailed, match="does not exist"):
            write(tmp_path / "file" / "out")

    def test_a_form_can_ask_beforehand(self, victim: Path) -> None:
        victim.with_name("link").symlink_to(victim)

        check_output(victim.with_name("free"), source=None, overwrite=False)
        check_output(victim, source=None, overwrite=True)
        check_replaceable(victim)
        with pytest.raises(OutputExists):
            check_output(victim, source=None, overwrite=False)
        with pytest.raises(UnsafeOutput), open_source(victim) as source:
            check_output(victim, source=source, overwrite=True)
        with pytest.raises(UnsafeOutput):
            check_output(victim.with_name("link"), source=None, overwrite=True)
        with pytest.raises(UnsafeOutput):
            check_replaceable(victim.with_name("link"))
        with pytest.raises(OutputFailed):
            check_output(victim.with_name("no") / "out", source=None, overwrite=True)
        assert names(victim.parent) == ["link", "victim"]
        assert open_below(victim.parent) == []


class TestTheInputItself:
    @pytest.mark.parametrize("overwrite", [False, True])
    @pytest.mark.parametrize("name", ["in", "./in", "folder/../in", "hard", "folder/hard"])
    def test_is_refused_by_whatever_name(
        self, tmp_path: Path, name: str, overwrite: bool, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        path = tmp_path / "in"
        path.write_bytes(OLD)
        (tmp_path / "folder").mkdir()
        os.link(path, tmp_path / "hard")
        os.link(path, tmp_path / "folder" / "hard")
        monkeypatch.chdir(tmp_path)

        with (
            open_source(path) as source,
            pytest.raises(UnsafeOutput, match="the input itself"),
        ):
            open_output(Path(name), source=source, overwrite=overwrite)
        assert path.read_bytes() == OLD

    @pytest.mark.parametrize("overwrite", [False, True])
    def test_also_through_links(self, tmp_path: Path, overwrite: bool) -> None:
        path = tmp_path / "in"
        path.write_bytes(OLD)
        (tmp_path / "link").symlink_to(path)
        (tmp_path / "folder").symlink_to(tmp_path)

        with open_source(tmp_path / "link") as source:
            for name in ("in", "link", "folder/in"):
                with pytest.raises(UnsafeOutput):
                    open_output(tmp_path / name, source=source, overwrite=overwrite)
        assert path.read_bytes() == OLD


class TestPermissions:
    @pytest.mark.parametrize("mask", [0o000, 0o022, 0o077])
    @pytest.mark.parametrize("source_mode", [0o400, 0o600, 0o640, 0o644, 0o666, 0o755, 0o4777])
    @pytest.mark.parametrize("exists", [False, True])
    def test_are_never_wider_than_the_source_and_never_wide_while_writing(
        self, tmp_path: Path, mask: int, source_mode: int, exists: bool, temporary: str
    ) -> None:
        source_path, path = tmp_path / "in", tmp_path / "out"
        source_path.write_bytes(OLD)
        source_path.chmod(source_mode)
        if exists:
            path.write_bytes(OLD)
            path.chmod(0o666)

        with (
            umask(mask),
            open_source(source_path) as source,
            open_output(path, source=source, overwrite=exists) as output,
        ):
            output.stream.write(NEW)
            output.stream.flush()
            while_writing = stat.S_IMODE(os.fstat(output.stream.fileno()).st_mode)
            named_while_writing = [mode(file) for file in tmp_path.glob(".sealscope-*")]
            output.publish()
            assert os.umask(mask) == mask, "the process's own mask is as it was"

        assert while_writing == 0o600
        assert named_while_writing == ([0o600] if temporary == "named" else [])
        assert mode(path) == source_mode & 0o666 & ~mask

    def test_without_a_source_are_for_the_owner_only(self, tmp_path: Path, temporary: str) -> None:
        with umask(0):
            write(tmp_path / "out")

        assert mode(tmp_path / "out") == 0o600

    def test_a_mask_that_forbids_everything_does_not_stop_us(
        self, tmp_path: Path, temporary: str
    ) -> None:
        with umask(0o777):
            write(tmp_path / "out")

        assert mode(tmp_path / "out") == 0o600

    def test_of_folders_made_on_the_way_are_for_the_owner_only(self, tmp_path: Path) -> None:
        with umask(0), open_output(tmp_path / "a" / "b" / "out", root=tmp_path) as output:
            output.publish()

        assert mode(tmp_path / "a") == mode(tmp_path / "a" / "b") == 0o700


class TestNames:
    @pytest.mark.parametrize("name", HOSTILE_BYTES)
    def test_that_are_no_text_are_written_and_read_as_they_are(
        self, tmp_path: Path, name: bytes, temporary: str
    ) -> None:
        path = tmp_path / os.fsdecode(name)
        write(path)

        assert os.listdir(os.fsencode(tmp_path)) == [name]
        with open_source(path) as source:
            assert source.stream.read() == NEW

    def test_that_are_hostile_are_written_each_as_its_own_file(
        self, tmp_path: Path, temporary: str
    ) -> None:
        for number, name in enumerate(HOSTILE_NAMES):
            write(tmp_path / name, str(number).encode())

        for number, name in enumerate(HOSTILE_NAMES):
            with open_source(tmp_path / name) as source:
                assert source.stream.read() == str(number).encode()

    def test_of_255_bytes_leave_room_for_the_temporary(
        self, tmp_path: Path, temporary: str
    ) -> None:
        write(tmp_path / ("n" * 255))
        write(tmp_path / ("n" * 255), OLD, overwrite=True)

        assert (tmp_path / ("n" * 255)).read_bytes() == OLD

    def test_that_differ_only_in_case_or_in_composition_are_not_mixed_up(
        self, tmp_path: Path, temporary: str
    ) -> None:
        for name in ("name", "Name", "caf\u00e9", "cafe\u0301"):
            if (tmp_path / name).exists():  # this file system takes them for one
                with pytest.raises(OutputExists):
                    write(tmp_path / name, name.encode())
            else:
                write(tmp_path / name, name.encode())
                assert (tmp_path / name).read_bytes() == name.encode()


class TestARoot:
    """Names that come from a header, a manifest or a folder walk stay below their folder."""

    @pytest.mark.parametrize(
        "name",
        [
            "../out",
            "a/../../out",
            "a/../b/../../out",
            "/etc/sealscope-out",
            "//etc/sealscope-out",
            "..",
            "a/..",
        ],
    )
    def test_names_that_lead_out_of_it_are_refused(self, tmp_path: Path, name: str) -> None:
        root = tmp_path / "root"
        root.mkdir()

        with pytest.raises(UnsafeOutput):
            open_output(root / name, root=root)
        assert names(tmp_path) == ["root"]
        assert names(root) == []

    @pytest.mark.parametrize("text", HOSTILE)
    def test_no_hostile_name_leads_out_of_it(self, tmp_path: Path, text: str) -> None:
        root = tmp_path / "root"
        root.mkdir()
        with suppress(FileError), open_output(root / text, root=root) as output:
            output.publish()

        assert names(tmp_path) == ["root"]
        assert all(file.resolve().is_relative_to(root) for file in root.rglob("*"))

    def test_folders_are_made_as_needed(self, tmp_path: Path, temporary: str) -> None:
        with open_output(tmp_path / "a" / "b" / "out", root=tmp_path) as output:
            output.stream.write(NEW)
            output.publish()

        assert (tmp_path / "a" / "b" / "out").read_bytes() == NEW

    def test_a_link_on_the_way_is_refused(self, tmp_path: Path) -> None:
        root, outside = tmp_path / "root", tmp_path / "outside"
        root.mkdir()
        outside.mkdir()
        (root / "a").symlink_to(outside)

        with pytest.raises(UnsafeOutput, match="is a link or a file"):
            open_output(root / "a" / "out", root=root)
        with pytest.raises(UnsafeOutput, match="is a link or a file"):
            open_output(root / "a" / "b" / "out", root=root)
        assert names(outside) == []
        assert open_below(tmp_path) == []

    def test_a_file_on_the_way_is_refused(self, tmp_path: Path) -> None:
        (tmp_path / "a").write_bytes(OLD)

        with pytest.raises(UnsafeOutput, match="is a link or a file"):
            open_output(tmp_path / "a" / "out", root=tmp_path)


class TestSomebodySwapsThingsMeanwhile:
    def test_a_parent_that_becomes_a_link_leads_nowhere(
        self, tmp_path: Path, temporary: str
    ) -> None:
        folder, outside = tmp_path / "folder", tmp_path / "outside"
        folder.mkdir()
        outside.mkdir()
        with open_output(folder / "out") as output:
            output.stream.write(NEW)
            folder.rename(tmp_path / "moved")
            folder.symlink_to(outside)
            output.publish()

        assert names(outside) == []
        assert (tmp_path / "moved" / "out").read_bytes() == NEW

    def race_a_parent(self, tmp_path: Path, rounds: int) -> None:
        root, outside = tmp_path / "root", tmp_path / "outside"
        parent, link = root / "a" / "b", root / "a" / "link"
        parent.mkdir(parents=True)
        outside.mkdir()
        numbers = itertools.count()

        def swap() -> None:
            link.symlink_to(outside)
            with suppress(FileNotFoundError):
                parent.rename(root / "a" / f"old-{next(numbers)}")
            with suppress(IsADirectoryError):  # the other thread made it again
                link.rename(parent)
                parent.unlink()
            link.unlink(missing_ok=True)

        def attempt() -> None:
            with open_output(parent / "out", root=root, overwrite=True) as output:
                output.stream.write(NEW)
                output.publish()

        done = race(swap, attempt, rounds)

        assert names(outside) == []
        assert done, "some rounds must get through, or nothing was tried"

    def race_a_name(self, tmp_path: Path, rounds: int, *, overwrite: bool) -> None:
        folder, victim = tmp_path / "folder", tmp_path / "victim"
        folder.mkdir()
        victim.write_bytes(OLD)
        path, link = folder / "out", folder / "link"

        def swap() -> None:
            link.symlink_to(victim)
            link.rename(path)
            path.unlink(missing_ok=True)

        def attempt() -> None:
            write(path, overwrite=overwrite)

        race(swap, attempt, rounds)

        assert victim.read_bytes() == OLD
        assert {name for name in names(folder) if name.startswith(".sealscope")} == set()

    def test_nothing_is_written_outside_whatever_the_moment(
        self, tmp_path: Path, temporary: str
    ) -> None:
        self.race_a_parent(tmp_path, 300)

    @pytest.mark.parametrize("overwrite", [False, True])
    def test_nothing_is_written_through_a_link_whatever_the_moment(
        self, tmp_path: Path, overwrite: bool, temporary: str
    ) -> None:
        self.race_a_name(tmp_path, 300, overwrite=overwrite)

    @pytest.mark.exhaustive
    def test_nor_in_many_thousand_tries(self, tmp_path: Path, temporary: str) -> None:
        for number, overwrite in enumerate((False, True)):
            folder = tmp_path / str(number)
            folder.mkdir()
            self.race_a_name(folder, 10_000, overwrite=overwrite)
        self.race_a_parent(tmp_path, 10_000)


def race(swap: Callable[[], None], attempt: Callable[[], None], rounds: int) -> int:
    """Swap in one thread while this one tries; answers how many tries got through."""
    stop, swapped, failures = threading.Event(), threading.Event(), list[BaseException]()

    def swap_all_the_time() -> None:
        try:
            while not stop.is_set():
                swap()
                swapped.set()
        except BaseException as error:  # noqa: BLE001 - told by the test's own thread
            failures.append(error)
            swapped.set()

    thread = threading.Thread(target=swap_all_the_time)
    thread.start()
    done = 0
    try:
        assert swapped.wait(30)
        for _ in range(rounds):
            with suppress(FileError):
                attempt()
                done += 1
    finally:
        stop.set()
        thread.join()
    assert failures == []
    return done


CHILD = """
import os, sys
from pathlib import Path
if sys.argv[2] == "named" and hasattr(os, "O_TMPFILE"):
    del os.O_TMPFILE
from sealscope.files import open_output
path = Path(sys.argv[1])
"""
WRITES_AND_WAITS = (
    CHILD
    + """
with open_output(path, overwrite=path.exists()) as output:
    for _ in range(3):
        output.stream.write(b"p" * (1 << 20))
    output.stream.flush()
    print("written", flush=True)
    sys.stdin.read()
"""
)
REPLACES_FOR_EVER = (
    CHILD
    + """
count = 0
while True:
    count += 1
    with open_output(path, overwrite=True) as output:
        output.stream.write(bytes([count % 256]) * 200_000)
        output.publish()
    print(count, flush=True)
"""
)


@contextmanager
def child(script: str, path: Path, temporary: str) -> Iterator[subprocess.Popen[str]]:
    with subprocess.Popen(
        [sys.executable, "-c", script, str(path), temporary],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        try:
            yield process
        finally:
            process.kill()


class TestAKilledProcess:
    @pytest.mark.parametrize("exists", [False, True])
    def test_leaves_the_name_as_it_was(self, tmp_path: Path, temporary: str, exists: bool) -> None:
        path = tmp_path / "out"
        if exists:
            path.write_bytes(OLD)
        with child(WRITES_AND_WAITS, path, temporary) as process:
            assert process.stdout is not None
            assert process.stdout.readline() == "written\n"
            process.send_signal(signal.SIGKILL)
            assert process.wait() == -signal.SIGKILL

        left = [name for name in names(tmp_path) if name != "out"]
        assert path.exists() == exists
        assert not exists or path.read_bytes() == OLD
        if temporary == "unnamed":
            assert left == []
        else:
            assert len(left) == 1
            assert left[0].startswith(".sealscope-")
            assert mode(tmp_path / left[0]) == 0o600

    @pytest.mark.parametrize("line", [1, 2, 5, 9])
    def test_while_replacing_leaves_one_whole_file_or_the_other(
        self, tmp_path: Path, temporary: str, line: int
    ) -> None:
        path = tmp_path / "out"
        with child(REPLACES_FOR_EVER, path, temporary) as process:
            assert process.stdout is not None
            for _ in range(line):
                assert process.stdout.readline()
            process.send_signal(signal.SIGKILL)
            process.wait()

        data = path.read_bytes()
        assert len(data) == 200_000
        assert len(set(data)) == 1

    def test_meets_the_size_limit_like_a_full_disk(self, tmp_path: Path, temporary: str) -> None:
        script = (
            "import resource, signal\n"
            "signal.signal(signal.SIGXFSZ, signal.SIG_IGN)\n"
            "resource.setrlimit(resource.RLIMIT_FSIZE, (1 << 20, 1 << 20))\n"
            f"from sealscope.errors import OutputFailed\n{CHILD}"
            "try:\n"
            "    with open_output(path) as output:\n"
            "        output.stream.write(b'p' * (3 << 20))\n"
            "        output.publish()\n"
            "except OutputFailed as error:\n"
            "    print(error.title)\n"
        )
        with child(script, tmp_path / "out", temporary) as process:
            said, _ = process.communicate()

        assert said == "There is no room for the output\n"
        assert names(tmp_path) == []


class TestWhateverTheSystemRefuses:
    """Each call of the operating system fails once, with each error."""

    @pytest.mark.parametrize("number", ERRNOS, ids=errno.errorcode.get)
    @pytest.mark.parametrize("exists", [False, True])
    def test_the_name_is_whole_and_nothing_is_left(
        self, tmp_path: Path, temporary: str, number: int, exists: bool
    ) -> None:
        for at in range(1, 60):
            path = tmp_path / str(at) / "out"
            path.parent.mkdir()
            if exists:
                path.write_bytes(OLD)
            with fault(number, at) as one:
                error = refusal(partial(write, path, overwrite=exists))
            self.check(path, error, existed=exists, number=number)
            if not one.reached:
                break
        assert at > 6
        assert error is None

    def check(
        self, path: Path, error: SealscopeError | None, *, existed: bool, number: int
    ) -> None:
        data = path.read_bytes() if path.exists() else None
        left = [name for name in names(path.parent) if name != path.name]
        assert open_below(path.parent) == []
        if error is None:
            assert data == NEW
            assert left == []
            return
        assert isinstance(error, OutputFailed)
        assert os.strerror(number) in error.detail
        if error.title == "A temporary file cannot be removed":
            assert left
            assert left[0] in error.detail
        else:
            assert str(path) in error.detail
            assert left == []
            unconfirmed = error.title.startswith("The output was replaced")
            assert data == (NEW if unconfirmed else OLD if existed else None)

    @pytest.mark.parametrize("number", ERRNOS, ids=errno.errorcode.get)
    def test_making_folders_on_the_way_fails_as_clearly(
        self, tmp_path: Path, temporary: str, number: int
    ) -> None:
        def publish(path: Path) -> None:
            with open_output(path, root=tmp_path) as output:
                output.stream.write(NEW)
                output.publish()

        for at in range(1, 60):
            folder = tmp_path / str(at)
            with fault(number, at) as one:
                error = refusal(partial(publish, folder / "b" / "out"))
            left = [file.name for file in folder.rglob("*") if file.is_file()]
            if error is None:
                assert left == ["out"]
            else:
                assert os.strerror(number) in error.detail
                assert left == [] or error.title == "A temporary file cannot be removed"
            if not one.reached:
                break
        assert at > 8
        assert error is None
        assert open_below(tmp_path) == []

    def test_closing_may_fail_without_a_trace(
        self, tmp_path: Path, temporary: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """What was published is on the disk already; what was not is not wanted."""
        with open_output(tmp_path / "out") as output:
            output.stream.write(NEW)
            os.close(output.stream.fileno())  # so that closing it again fails with EBADF

        assert names(tmp_path) == []

    def test_where_there_are_no_hard_links_the_name_is_taken_first(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.delattr(os, "O_TMPFILE", raising=False)
        for number in (errno.EPERM, errno.EOPNOTSUPP):
            path = tmp_path / str(number)
            with fault(number, 1, ("link",)) as one:
                write(path)
            assert one.reached
            assert path.read_bytes() == NEW
        with fault(errno.EPERM, 1, ("link",)), pytest.raises(OutputExists):
            self.write_while_another_appears(path.with_name("out"))
        assert path.with_name("out").read_bytes() == OLD
        assert [name for name in names(tmp_path) if name.startswith(".")] == []

    def write_while_another_appears(self, path: Path) -> None:
        with open_output(path) as output:
            output.stream.write(NEW)
            path.write_bytes(OLD)
            output.publish()

    def test_and_given_back_when_the_move_fails(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.delattr(os, "O_TMPFILE", raising=False)
        with (
            fault(errno.EPERM, 1, ("link",)),
            fault(errno.EIO, 1, ("rename",)),
            pytest.raises(OutputFailed),
        ):
            write(tmp_path / "out")

        assert names(tmp_path) == []

    def test_where_folders_cannot_be_flushed_the_output_is_published_all_the_same(
        self, tmp_path: Path, temporary: str
    ) -> None:
        with fault(errno.EINVAL, 2, ("fsync",)) as one:
            write(tmp_path / "out")

        assert one.reached
        assert (tmp_path / "out").read_bytes() == NEW

    def test_where_unnamed_files_are_not_supported_a_named_one_serves(self, tmp_path: Path) -> None:
        for at in (1, 2):
            with fault(errno.EOPNOTSUPP, at, ("open",)), suppress(OutputFailed):
                write(tmp_path / str(at))

        assert (tmp_path / "2").read_bytes() == NEW
        assert [name for name in names(tmp_path) if name.startswith(".")] == []

    def test_the_faults_are_of_calls_that_exist(self) -> None:
        assert all(callable(getattr(os, name)) for name in CALLS)


class TestSources:
    def test_are_read_whole_and_in_parts(self, tmp_path: Path) -> None:
        path = tmp_path / "in"
        path.write_bytes(NEW)
        path.chmod(0o640)
        with open_source(path) as source:
            assert source.path == path
            assert source.size == len(NEW)
            assert source.mode == 0o640
            assert source.stream.read(7) == NEW[:7]
            source.stream.seek(0)
            assert source.stream.read() == NEW
            source.verify_unchanged()
        assert open_below(tmp_path) == []

    def test_a_link_to_a_file_is_a_source(self, tmp_path: Path) -> None:
        (tmp_path / "in").write_bytes(NEW)
        (tmp_path / "link").symlink_to("in")

        with open_source(tmp_path / "link") as source:
            assert source.stream.read() == NEW
            source.verify_unchanged()

    @pytest.mark.parametrize(
        ("name", "title"),
        [
            ("missing", "There is no such file"),
            ("file/below", "There is no such file"),
            ("dangling", "There is no such file"),
            ("loop", "The file cannot be read"),
            ("folder", "The input is a folder"),
            ("pipe", "The input is not a regular file"),
            ("socket", "The file cannot be read"),
            ("a\0b", "There is no such file"),
            ("a\ud800b", "There is no such file"),
            ("n" * 256, "The file cannot be read"),
            ("/dev/null", "The input is not a regular file"),
            ("/dev/tty", None),
            ("", "The input is a folder"),
        ],
    )
    def test_anything_else_is_refused_without_waiting(
        self,
        tmp_path: Path,
        name: str,
        title: str | None,
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        monkeypatch.chdir(tmp_path)  # a socket's path is short
        Path("file").write_bytes(OLD)
        Path("folder").mkdir()
        Path("dangling").symlink_to("nowhere")
        Path("loop").symlink_to("loop")
        os.mkfifo("pipe")
        with socket.socket(socket.AF_UNIX) as listening:
            listening.bind("socket")
            error = refused_at_once(Path(name))

        assert error.title == title or title is None
        assert str(Path(name)) in error.detail

    @pytest.mark.parametrize("number", [errno.EACCES, errno.EPERM])
    def test_one_that_may_not_be_read_says_so(self, tmp_path: Path, number: int) -> None:
        path = tmp_path / "in"
        path.write_bytes(OLD)

        with (
            fault(number, 1, ("open",)),
            pytest.raises(SourceUnreadable, match="may not be read") as caught,
        ):
            open_source(path)
        assert caught.value.hint

    @pytest.mark.skipif(os.geteuid() == 0, reason="nothing is unreadable for root")
    def test_also_when_its_mode_forbids_it(self, tmp_path: Path) -> None:
        path = tmp_path / "in"
        path.write_bytes(OLD)
        path.chmod(0)

        with pytest.raises(SourceUnreadable, match="may not be read"):
            open_source(path)

    @pytest.mark.skipif(not os.path.exists("/proc/self/mem"), reason="needs Linux's /proc")
    def test_a_read_that_fails_is_told_as_ours(self) -> None:
        """The first page of a process is never mapped: reading it is a real I/O error."""
        with open_source(Path("/proc/self/mem")) as source:
            with pytest.raises(SourceUnreadable, match="error"):
                source.stream.read(10)
            with pytest.raises(SourceUnreadable, match="error"):
                source.stream.read()


def appended(path: Path) -> None:
    with path.open("ab") as file:
        file.write(b"more")


def cut(path: Path) -> None:
    os.truncate(path, 5)


def rewritten(path: Path) -> None:
    with path.open("r+b") as file:
        file.write(b"X")


def replaced(path: Path) -> None:
    other = path.with_name("other")
    other.write_bytes(NEW)
    os.utime(other, ns=(10**18, 10**18))
    other.rename(path)


class TestASourceThatChanges:
    @pytest.fixture
    def path(self, tmp_path: Path) -> Path:
        path = tmp_path / "in"
        path.write_bytes(NEW)
        # Long ago, so that a change now is one for any clock.
        os.utime(path, ns=(10**18, 10**18))
        return path

    @pytest.mark.parametrize("change", [appended, cut, rewritten, replaced])
    def test_is_noticed(self, path: Path, change: Callable[[Path], None]) -> None:
        with open_source(path) as source:
            source.stream.read(10)
            source.verify_unchanged()
            change(path)
            with pytest.raises(SourceChanged, match=str(path)):
                source.verify_unchanged()

    def test_one_that_was_removed_has_still_been_read_whole(self, path: Path) -> None:
        with open_source(path) as source:
            path.unlink()
            assert source.stream.read() == NEW
            source.verify_unchanged()


def refusal(attempt: Callable[[], None]) -> SealscopeError | None:
    """The error of ours that an attempt ends with; any other goes through."""
    try:
        attempt()
    except SealscopeError as error:
        return error
    return None


def refused_at_once(path: Path) -> SourceUnreadable:
    """The refusal, from a thread: one that waits for a writer must not hang the tests."""
    refusals: list[SourceUnreadable] = []

    def attempt() -> None:
        with pytest.raises(SourceUnreadable) as caught:
            open_source(path)
        refusals.append(caught.value)

    thread = threading.Thread(target=attempt, daemon=True)
    thread.start()
    thread.join(30)
    assert refusals, "still waiting"
    return refusals[0]

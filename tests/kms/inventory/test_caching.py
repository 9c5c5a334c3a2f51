"""A load shows what the disk has at once, with its age, and KMS has the last word."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Condition
from typing import Any

import pytest

from sealscope.errors import OutputFailed
from sealscope.kms.inventory import (
    CacheShown,
    KeysGone,
    ListFinished,
    Timing,
    cache_keeper,
    caching,
    disk_cache_of,
)
from sealscope.kms.inventory.cache import CachedKey, CachedLists, CachePlace, DiskCache
from sealscope.kms.keys import KeyRef
from tests.kms.inventory.ear import PATIENCE, Desk
from tests.kms.inventory.test_cache import described, end_of, lists_in
from tests.kms.strict import Contents, StrictClient, StrictConnection, key_arn, key_id
from tests.kms.strict.contents import ACCOUNT, REGION

PLACE = CachePlace("https://kms", ACCOUNT, REGION)
NOW = datetime(2026, 5, 6, 7, 8, 9, tzinfo=UTC)


@pytest.fixture(autouse=True)
def no_collecting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cache_keeper, "COLLECTING", 0.0)
    monkeypatch.setattr(caching, "LONGEST_WAIT", 20.0)


class Day:
    """The time of day, set by the test."""

    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> datetime:
        return self.now

    def pass_by(self, **age: float) -> None:
        self.now += timedelta(**age)


class Disk(DiskCache):
    """A cache that tells when something has been written."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder, PLACE)
        self._written = Condition()

    def keep_lists(self, lists: CachedLists) -> bool:
        return self._tell(super().keep_lists(lists))

    def keep_keys(self, keys: Iterable[CachedKey], now: datetime) -> bool:
        return self._tell(super().keep_keys(keys, now))

    def until(self, condition: Callable[[], object]) -> None:
        with self._written:
            assert self._written.wait_for(condition, PATIENCE)

    def _tell(self, result: bool) -> bool:
        with self._written:
            self._written.notify_all()
        return result


class Place:
    """A strict KMS and a folder for its cache, visited again and again."""

    def __init__(self, folder: Path) -> None:
        self.kms = StrictClient(Contents.of(3, 2))
        self.day = Day()
        self.disk = Disk(folder)
        self.desks: list[Desk] = []

    def visit(self, **settings: Any) -> Desk:
        self.kms.calls.clear()
        settings.setdefault("open_cache", lambda: self.disk)
        timing = Timing(now=self.day)
        made = Desk(self.kms, timing=timing, **settings)
        self.desks.append(made)
        return made

    def visit_and_leave(self, *described: str) -> None:
        at = self.visit()
        at.load()
        if described:
            at.describe(*described)
        self.disk.until(lambda: lists_in(self.disk, self.day.now))
        self.disk.until(lambda: self.rotations() >= set(described))
        at.inventory.close()

    def rotations(self) -> set[str]:
        """The keys whose rotation, which comes last, has been kept."""
        return {key.key_id for key in self.disk.keys(self.day.now) if key.rotation}


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Place]:
    made = Place(tmp_path)
    yield made
    for each in made.desks:
        each.inventory.close()


class TestLists:
    def test_that_are_young_are_shown_without_asking_kms(self, place: Place) -> None:
        place.visit_and_leave()
        place.day.pass_by(minutes=4)
        at = place.visit()
        at.load()
        assert place.kms.calls == []
        assert at.inventory.key_ids() == tuple(key_id(n) for n in range(3))
        assert len(at.inventory.aliases_of(key_id(1))) == 1
        assert [event.listed_at for event in at.ear.of(CacheShown)] == [NOW]
        assert at.inventory.listed_at == NOW

    def test_that_are_old_are_shown_while_kms_is_asked(self, place: Place) -> None:
        place.visit_and_leave()
        place.day.pass_by(minutes=6)
        contents = place.kms.contents
        del contents.keys[key_id(2)]
        contents.add_key(key_id(7))
        contents.aliases = {"alias/service-000000": key_id(1)}
        at = place.visit()
        doors = [place.kms.hold("ListKeys"), place.kms.hold("ListAliases")]
        at.inventory.load()
        at.ear.wait_for(lambda: at.inventory.alias_count() == 2)
        assert at.inventory.key_ids() == tuple(key_id(n) for n in range(3))
        assert at.inventory.listed_at is None
        for door in doors:
            door.set()
        at.ear.wait_for(at.ear.finished)
        assert set(at.inventory.key_ids()) == {key_id(0), key_id(1), key_id(7)}
        (gone,) = at.ear.of(KeysGone)
        assert gone.key_ids == (key_id(2),)
        assert at.inventory.aliases_of(key_id(0)) == ()
        assert [each.name for each in at.inventory.aliases_of(key_id(1))] == [
            "alias/service-000000"
        ]
        assert at.inventory.alias_count() == 1
        assert at.inventory.listed_at == place.day.now

    def test_are_asked_for_when_somebody_loads_again(self, place: Place) -> None:
        place.visit_and_leave()
        at = place.visit()
        at.load()
        at.load()
        assert place.kms.count("ListKeys") == 1
        assert len(at.ear.of(CacheShown)) == 1

    @pytest.mark.parametrize("forged", [False, True])
    def test_that_only_look_young_are_asked_for_after_all(
        self, place: Place, *, forged: bool
    ) -> None:
        place.visit_and_leave()
        path = place.disk._lists.path
        lines = path.read_bytes().splitlines(keepends=True)
        body = b"".join([*lines[:2], b'["key","fake","arn:fake"]\n', b"7\n" * 600])
        path.write_bytes(body + (end_of(body) if forged else b"damaged\n"))
        at = place.visit()
        at.load()
        assert place.kms.count("ListKeys") == 1
        assert at.inventory.key_ids() == tuple(key_id(n) for n in range(3))
        assert at.inventory.listed_at == NOW
        assert len(at.ear.of(ListFinished)) == 2

    def test_that_broke_off_are_not_kept(self, place: Place) -> None:
        place.kms.deny("ListAliases")
        at = place.visit()
        at.load()
        at.inventory.close()
        assert at.inventory.ended(PATIENCE)
        assert lists_in(place.disk, NOW) is None

    def test_do_not_wait_long_for_the_cache(
        self, place: Place, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        place.visit_and_leave()
        monkeypatch.setattr(caching, "LONGEST_WAIT", 0.0)
        found = Condition()
        opened: list[bool] = []

        def late() -> DiskCache:
            with found:
                assert found.wait_for(lambda: opened, 20)
            return place.disk

        at = place.visit(open_cache=late)
        at.load()
        assert place.kms.count("ListKeys") == 1
        with found:
            opened.append(True)
            found.notify_all()
        at.ear.wait_for(lambda: at.ear.of(CacheShown))
        assert at.inventory.key_count() == 3
        assert len(at.ear.of(ListFinished)) == 2


class TestDescriptions:
    def test_that_are_young_are_not_asked_for_again(self, place: Place) -> None:
        place.visit_and_leave(key_id(0))
        place.day.pass_by(minutes=14)
        at = place.visit()
        at.load()
        at.ear.wait_for(lambda: key_id(0) in at.ear.described())
        entry = at.inventory.entry(key_id(0))
        assert entry is not None
        assert entry.description is not None
        assert entry.rotation is not None
        assert entry.described_at == NOW
        at.describe(key_id(0), key_id(1))
        assert place.kms.keys_asked("DescribeKey") == [key_arn(key_id(1))]

    def test_that_are_old_are_shown_until_kms_has_answered(self, place: Place) -> None:
        place.visit_and_leave(key_id(0))
        place.day.pass_by(minutes=16)
        place.kms.contents.keys[key_id(0)]["KeyState"] = "Disabled"
        at = place.visit()
        at.load()
        at.ear.wait_for(lambda: key_id(0) in at.ear.described())
        door = place.kms.hold("DescribeKey")
        at.inventory.describe([key_id(0)])
        place.kms.wait_for_calls("DescribeKey", 1)
        entry = at.inventory.entry(key_id(0))
        assert entry is not None
        assert entry.description is not None
        assert entry.description.state == "Enabled"
        door.set()

        def is_new() -> bool:
            entry = at.inventory.entry(key_id(0))
            return bool(entry and entry.description and entry.description.state == "Disabled")

        at.ear.wait_for(is_new)

    def test_of_a_key_that_we_have_changed_are_asked_for_anew(self, place: Place) -> None:
        at = place.visit()
        at.load()
        at.describe(key_id(0))
        gate = StrictConnection(place.kms).gate(write=True)
        gate.call("DisableKey", KeyId=key_id(0))
        gate.call("UpdateAlias", AliasName="alias/service-000001", TargetKeyId=key_id(0))
        at.inventory.refresh(key_id(0))

        def is_new() -> bool:
            entry = at.inventory.entry(key_id(0))
            assert entry is not None
            assert entry.description is not None
            return entry.description.state == "Disabled" and len(entry.aliases) == 2

        at.ear.wait_for(is_new)
        assert at.inventory.aliases_of(key_id(1)) == ()

        def is_kept() -> bool:
            states = [key.description.state for key in place.disk.keys(NOW)]
            lists = lists_in(place.disk, NOW)
            targets = {alias.target_key_id for alias in lists.aliases} if lists else set()
            return states == ["Disabled"] and targets == {key_id(0)}

        place.disk.until(is_kept)

    def test_of_a_new_key_are_there_with_it(self, place: Place) -> None:
        at = place.visit()
        at.load()
        new = place.kms.contents.add_key()
        place.kms.contents.aliases["alias/new"] = new
        at.inventory.add(KeyRef(new, key_arn(new)))
        at.ear.wait_for(lambda: at.known(new) and at.inventory.aliases_of(new))
        assert at.inventory.key_ids()[-1] == new
        assert place.kms.count("ListKeys") == 1


class TestTheCache:
    def test_of_a_connection_is_found_by_whom_it_is_of(self, empty_home: Path) -> None:
        gate = StrictConnection(StrictClient(Contents.of(1))).gate()
        opened = disk_cache_of(gate)
        assert opened is not None
        opened().keep_keys([described(0)], NOW)
        (made,) = (empty_home / ".cache" / "sealscope" / "inventory").iterdir()
        assert ACCOUNT in made.read_text()
        assert gate.endpoint_url in made.read_text()

    def test_is_not_there_for_the_local_kms(self) -> None:
        connection = StrictConnection(StrictClient(Contents.of(1)))
        connection.is_local = True
        assert disk_cache_of(connection.gate()) is None

    def test_that_cannot_be_opened_hinders_nothing(self, place: Place) -> None:
        def broken() -> DiskCache:
            raise OutputFailed("A folder of Sealscope cannot be made")

        at = place.visit(open_cache=broken)
        at.load()
        assert isinstance(at.inventory.cache_problem, OutputFailed)
        assert at.inventory.key_count() == 3

    def test_that_cannot_be_written_hinders_nothing(self, place: Place, tmp_path: Path) -> None:
        (tmp_path / "target").touch()
        place.disk._lists.path.symlink_to(tmp_path / "target")
        at = place.visit()
        at.load()
        at.describe(key_id(0))
        at.inventory.close()
        assert at.inventory.ended(PATIENCE)
        assert (tmp_path / "target").read_bytes() == b""

    def test_never_shows_lists_of_before_once_kms_has_listed(self, place: Place) -> None:
        old = CachedLists(NOW, (KeyRef("gone", key_arn("gone")),), ())
        place.disk.keep_lists(old)
        place.day.pass_by(minutes=10)
        at = place.visit()
        at.load()
        assert "gone" not in at.inventory.key_ids()

    def test_is_not_loaded_by_what_seals_and_opens(self) -> None:
        program = (
            "import sys, sealscope.engine, sealscope.jobs.runner, sealscope.kms.facade\n"
            "assert not [name for name in sys.modules if 'inventory' in name]\n"
        )
        subprocess.run([sys.executable, "-c", program], check=True)

"""The disk cache gives back what was kept, for a while, to its owner, or nothing at all."""

from __future__ import annotations

import hashlib
import json
import os
import stat
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from sealscope.errors import UnsafeOutput
from sealscope.kms.inventory import cache as cache_module
from sealscope.kms.inventory import cache_file
from sealscope.kms.inventory.cache import (
    KEPT,
    MOST_PLACES,
    CachedKey,
    CachedLists,
    CachePlace,
    DiskCache,
)
from sealscope.kms.inventory.cache_codec import from_json, shape, to_json
from sealscope.kms.inventory.cache_file import CacheUnusableError
from sealscope.kms.keys import Alias, KeyDescription, KeyRef, RotationStatus, description_from
from tests.kms.strict import Contents, key_arn, key_id
from tests.kms.strict.contents import alias_arn

NOW = datetime(2026, 5, 6, 7, 8, 9, 123456, tzinfo=UTC)
PLACE = CachePlace("https://kms.eu-central-1.amazonaws.com", "111122223333", "eu-central-1")
LISTS = CachedLists(
    NOW,
    (KeyRef(key_id(0), key_arn(key_id(0))), KeyRef(key_id(1), key_arn(key_id(1)))),
    (
        Alias("alias/a\u202eb", alias_arn("alias/a"), key_id(0), NOW, None),
        Alias("alias/lone \udc80", "", None, None, None),
    ),
)


def described(number: int, at: datetime = NOW, **differing: Any) -> CachedKey:
    contents = Contents()
    key = contents.add_key(key_id(number), **differing)
    description = description_from({"KeyMetadata": contents.metadata(key)})
    return CachedKey(
        key, at, description, RotationStatus(applicable=True, enabled=True, period_days=90)
    )


def lists_in(disk: DiskCache, now: datetime) -> CachedLists | None:
    """The lists, if they are to be shown and all of them are right."""
    fetched = disk.lists_fetched(now)
    if fetched is None:
        return None
    try:
        pages = list(disk.list_pages())
    except CacheUnusableError:
        return None
    keys = tuple(key for page, _ in pages for key in page)
    return CachedLists(fetched, keys, tuple(alias for _, page in pages for alias in page))


def end_of(body: bytes) -> bytes:
    """The last line that a file with these lines before it must have."""
    return cache_file._end(hashlib.sha256(body).hexdigest())


FAMILY: dict[str, Any] = {
    "MultiRegion": True,
    "MultiRegionConfiguration": {
        "MultiRegionKeyType": "PRIMARY",
        "PrimaryKey": {"Arn": key_arn("mrk-1"), "Region": "eu-central-1"},
        "ReplicaKeys": [{"Arn": key_arn("mrk-1", "us-east-1"), "Region": "us-east-1"}],
    },
}


@pytest.fixture
def disk(tmp_path: Path) -> DiskCache:
    return DiskCache(tmp_path, PLACE)


def files(folder: Path) -> list[Path]:
    return sorted(folder.iterdir())


class TestKeeping:
    def test_gives_back_the_lists_as_they_were(self, disk: DiskCache) -> None:
        assert disk.keep_lists(LISTS)
        assert lists_in(disk, NOW) == LISTS

    def test_gives_back_descriptions_as_they_were(self, disk: DiskCache) -> None:
        keys = [
            described(0),
            described(1, Description="\x1b[31m\nx", DeletionDate=NOW, **FAMILY),
            replace(described(2), rotation=None),
        ]
        assert disk.keep_keys(keys, NOW)
        assert disk.keys(NOW) == keys

    def test_has_nothing_at_first(self, disk: DiskCache) -> None:
        assert lists_in(disk, NOW) is None
        assert disk.keys(NOW) == []

    def test_files_are_for_their_owner_alone(self, disk: DiskCache, tmp_path: Path) -> None:
        disk.keep_lists(LISTS)
        disk.keep_keys([described(0)], NOW)
        assert len(files(tmp_path)) == 2
        assert {stat.S_IMODE(path.stat().st_mode) for path in files(tmp_path)} == {0o600}

    @pytest.mark.parametrize(
        "other",
        [
            replace(PLACE, endpoint="http://127.0.0.1:5000"),
            replace(PLACE, account="444455556666"),
            replace(PLACE, region="us-east-1"),
        ],
    )
    def test_each_endpoint_account_and_region_has_its_own(
        self, disk: DiskCache, tmp_path: Path, other: CachePlace
    ) -> None:
        disk.keep_lists(LISTS)
        assert lists_in(DiskCache(tmp_path, other), NOW) is None

    def test_keeps_the_newest_descriptions_up_to_a_number(
        self, disk: DiskCache, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(cache_module, "MOST_DESCRIPTIONS", 2)
        keys = [described(number, NOW - timedelta(minutes=number)) for number in range(4)]
        disk.keep_keys(keys, NOW)
        assert {key.key_id for key in disk.keys(NOW)} == {key_id(0), key_id(1)}

    def test_does_not_keep_lists_without_end(
        self, disk: DiskCache, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(cache_module, "MOST_KEYS", 3)
        assert not disk.keep_lists(LISTS)
        monkeypatch.undo()
        monkeypatch.setattr(cache_file, "MOST_BYTES", 200)
        assert not disk.keep_lists(LISTS)
        assert files(tmp_path) == []

    def test_forgets_the_places_that_were_not_used_for_longest(self, tmp_path: Path) -> None:
        for number in range(2 * MOST_PLACES):
            old = tmp_path / f"{number:032x}.lists.jsonl"
            old.write_text("")
            os.utime(old, (number, number))
        (tmp_path / "notes.txt").write_text("mine")
        DiskCache(tmp_path, PLACE).keep_lists(LISTS)
        DiskCache(tmp_path, replace(PLACE, region="x")).keep_lists(LISTS)
        kept = {path.name for path in files(tmp_path)}
        assert f"{0:032x}.lists.jsonl" not in kept
        assert "notes.txt" in kept


class TestAges:
    def test_what_is_older_than_a_day_is_not_shown(self, disk: DiskCache) -> None:
        disk.keep_lists(LISTS)
        disk.keep_keys([described(0, NOW - KEPT), described(1)], NOW)
        later = NOW + timedelta(seconds=1)
        assert lists_in(disk, later) == LISTS
        assert [key.key_id for key in disk.keys(later)] == [key_id(1)]
        assert lists_in(disk, NOW + KEPT + timedelta(seconds=1)) is None

    def test_what_comes_from_the_future_is_not_shown(self, disk: DiskCache) -> None:
        disk.keep_lists(LISTS)
        assert lists_in(disk, NOW - timedelta(hours=1)) is None


def reverse(data: bytes) -> bytes:
    return data[::-1]


class TestDistrust:
    @pytest.mark.parametrize(
        "damage",
        [
            lambda data: b"",
            lambda data: data[:-1],
            lambda data: data[: len(data) // 2],
            lambda data: data + b"\n",
            lambda data: data.replace(b"alias/", b"alias-", 1),
            lambda data: b"\n".join(data.split(b"\n")[1:]),
            lambda data: b"\n".join([*data.split(b"\n")[:1], *data.split(b"\n")[2:]]),
            lambda data: b"\xff" * 100,
            lambda data: b"[" * 100_000,
            reverse,
        ],
    )
    def test_a_damaged_file_is_ignored_and_written_anew(
        self, disk: DiskCache, tmp_path: Path, damage: Callable[[bytes], bytes]
    ) -> None:
        disk.keep_lists(LISTS)
        (path,) = files(tmp_path)
        path.write_bytes(damage(path.read_bytes()))
        assert lists_in(disk, NOW) is None
        disk.keep_lists(LISTS)
        assert lists_in(disk, NOW) == LISTS

    @pytest.mark.parametrize(
        "rows",
        [
            ["[]"],
            ["7"],
            ["{}"],
            ['["key"]'],
            ['["key",1,2]'],
            ['["key","a","b","c"]'],
            ['["other","a","b"]'],
            ['["alias","a","b","c","soon",null]'],
            ['["alias","a","b","c",1e300,null]'],
            ['["alias","a","b","c",true,null]'],
            ['["alias","a","b","c",NaN,null]'],
            ["[" * 5000],
        ],
    )
    def test_a_forged_file_whose_end_is_right_is_ignored(
        self, disk: DiskCache, tmp_path: Path, rows: list[str]
    ) -> None:
        disk.keep_lists(LISTS)
        (path,) = files(tmp_path)
        head = path.read_text().split("\n")[0]
        body = "\n".join([head, *rows, ""]).encode()
        path.write_bytes(body + end_of(body))
        assert lists_in(disk, NOW) is None

    @pytest.mark.parametrize("head", ["7", "[]", "{}", '{"fetched":0}', '{"fetched":"x"}'])
    def test_a_foreign_head_is_ignored(self, disk: DiskCache, tmp_path: Path, head: str) -> None:
        disk.keep_lists(LISTS)
        (path,) = files(tmp_path)
        body = f"{head}\n".encode()
        path.write_bytes(body + end_of(body))
        assert lists_in(disk, NOW) is None

    def test_a_file_of_another_place_under_this_name_is_ignored(
        self, disk: DiskCache, tmp_path: Path
    ) -> None:
        other = DiskCache(tmp_path, replace(PLACE, account="444455556666"))
        other.keep_lists(LISTS)
        other._lists.path.rename(disk._lists.path)
        assert lists_in(disk, NOW) is None

    @pytest.mark.parametrize("mode", [0o644, 0o660, 0o602, 0o610])
    def test_a_file_that_is_open_to_others_is_ignored(
        self, disk: DiskCache, tmp_path: Path, mode: int
    ) -> None:
        disk.keep_lists(LISTS)
        (path,) = files(tmp_path)
        path.chmod(mode)
        assert lists_in(disk, NOW) is None
        disk.keep_lists(LISTS)
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        assert lists_in(disk, NOW) == LISTS

    def test_a_file_of_another_user_is_ignored(
        self, disk: DiskCache, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        disk.keep_lists(LISTS)
        monkeypatch.setattr(os, "geteuid", lambda: 54321)
        assert lists_in(disk, NOW) is None

    def test_a_link_is_neither_followed_nor_replaced(self, disk: DiskCache, tmp_path: Path) -> None:
        disk.keep_lists(LISTS)
        (path,) = files(tmp_path)
        target = tmp_path / "elsewhere"
        path.rename(target)
        path.symlink_to(target)
        before = target.read_bytes()
        assert lists_in(disk, NOW) is None
        with pytest.raises(UnsafeOutput):
            disk.keep_lists(LISTS)
        assert target.read_bytes() == before

    def test_a_file_that_is_too_long_is_ignored(
        self, disk: DiskCache, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        disk.keep_lists(LISTS)
        monkeypatch.setattr(cache_file, "MOST_BYTES", 100)
        assert lists_in(disk, NOW) is None

    def test_a_folder_in_its_place_is_ignored(self, disk: DiskCache) -> None:
        disk._lists.path.mkdir()
        assert lists_in(disk, NOW) is None


class TestRecords:
    @pytest.mark.parametrize("kind", [KeyRef, Alias, CachedKey, KeyDescription, RotationStatus])
    def test_have_a_shape_that_names_their_fields(self, kind: Any) -> None:
        assert all(name in shape(kind) for name in kind.__annotations__)

    def test_of_a_record_inside_are_part_of_the_shape(self) -> None:
        assert "replicas" in shape(CachedKey)

    def test_keep_what_json_spells_alike_apart(self) -> None:
        told = RotationStatus(applicable=True, enabled=True, period_days=90, next_date=NOW)
        rotation = to_json(told)
        assert from_json(RotationStatus, rotation) == told
        for wrong in (1, "true", None):
            with pytest.raises(ValueError, match=r"\S"):
                from_json(RotationStatus, [wrong, *rotation[1:]])
        with pytest.raises(ValueError, match=r"\S"):
            from_json(RotationStatus, rotation[:-1])

    def test_hold_nothing_secret(self, disk: DiskCache, tmp_path: Path) -> None:
        disk.keep_keys([described(0)], NOW)
        (path,) = files(tmp_path)
        row = json.loads(path.read_text().split("\n")[1])
        assert len(row) == len(CachedKey.__annotations__)

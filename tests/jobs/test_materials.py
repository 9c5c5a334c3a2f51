"""One materials manager for a run: made once, when it is needed, by whichever thread is first."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from sealscope.errors import KeyNotFound, UsageError
from sealscope.jobs.cache_report import cache_report
from sealscope.jobs.materials import Materials
from sealscope.jobs.request import (
    Caching,
    DecryptRequest,
    Discovery,
    EncryptRequest,
    OpenOptions,
    RawAesKey,
    SealOptions,
    VerifyRequest,
)
from sealscope.jobs.shared_materials import KEPT, SharedMaterials
from sealscope.jobs.work import perform, verify
from sealscope.kms.facade import KmsGate

FIRST_KEY = "alias/getting-started"
CACHED = SealOptions(keys=(FIRST_KEY,), caching=Caching(600))


def operations(gate: KmsGate) -> list[str]:
    return [record.operation for record in gate.log.records()]


def request(folder: Path, number: int, options: SealOptions = CACHED) -> EncryptRequest:
    source = folder / f"f{number}"
    source.write_bytes(b"content")
    return EncryptRequest(source, folder / f"m{number}", options)


@pytest.fixture
def raw_key(folder: Path) -> RawAesKey:
    file = folder / "key"
    file.write_bytes(bytes(range(200, 232)))
    file.chmod(0o600)
    return RawAesKey("files", "one", file)


class TestMaterials:
    def test_are_made_once_by_all_threads(self, gate: KmsGate) -> None:
        materials = Materials(OpenOptions(keys=(FIRST_KEY,)), gate)
        together = threading.Barrier(8)

        def ask(_: int) -> object:
            together.wait(30)
            return materials.manager

        with ThreadPoolExecutor(8) as pool:
            assert len(set(map(id, pool.map(ask, range(8))))) == 1
        assert operations(gate) == ["DescribeKey"]

    def test_that_cannot_be_made_are_tried_again(self, gate: KmsGate) -> None:
        materials = Materials(OpenOptions(keys=("alias/late",)), gate)
        with pytest.raises(KeyNotFound):
            _ = materials.manager
        gate.create_key("late")
        assert materials.manager is materials.manager

    def test_of_kms_keys_need_a_gate(self) -> None:
        for options in (SealOptions(keys=("k",)), OpenOptions(discovery=Discovery())):
            with pytest.raises(UsageError):
                _ = Materials(options, None).manager

    def test_of_raw_keys_need_none(self, folder: Path, raw_key: RawAesKey) -> None:
        sealing, opening = SealOptions(raw_keys=(raw_key,)), OpenOptions(raw_keys=(raw_key,))
        perform(request(folder, 1, sealing), None)
        perform(DecryptRequest(folder / "m1", folder / "again", opening), None)
        assert (folder / "again").read_bytes() == b"content"
        outcome = verify(VerifyRequest(folder / "m1", opening), None)
        assert (outcome.destination, outcome.frames) == ("", 1)

    @pytest.mark.parametrize("options", [SealOptions(), OpenOptions()])
    def test_of_no_key_at_all_are_refused(
        self, gate: KmsGate, options: SealOptions | OpenOptions
    ) -> None:
        with pytest.raises(UsageError):
            _ = Materials(options, gate).manager

    def test_have_counters_only_with_a_cache(self, gate: KmsGate, folder: Path) -> None:
        plain_options = SealOptions(keys=(FIRST_KEY,))
        plain = Materials(plain_options, gate)
        perform(request(folder, 10, plain_options), gate, materials=plain)
        assert plain.counters is None
        cached = Materials(CACHED, gate)
        for number in range(3):
            perform(request(folder, number), gate, materials=cached)
        assert cached.counters is not None
        assert (cached.counters.hits, sum(cached.counters.misses.values())) == (2, 1)
        assert cache_report(CACHED, cached.counters, 3) == (
            "data keys: 1 GenerateDataKey call for 3 files",
        )


class TestJobsThatComeOneByOne:
    def test_share_a_data_key_where_their_options_ask_for_it(
        self, gate: KmsGate, folder: Path
    ) -> None:
        work = SharedMaterials()
        for number in range(5):
            work(request(folder, number), gate)
        assert operations(gate) == ["GenerateDataKey"]

    def test_share_none_otherwise(self, gate: KmsGate, folder: Path) -> None:
        work = SharedMaterials()
        for number in range(3):
            work(request(folder, number, SealOptions(keys=(FIRST_KEY,))), gate)
        assert operations(gate) == ["GenerateDataKey"] * 3

    def test_share_none_with_jobs_of_other_options(self, gate: KmsGate, folder: Path) -> None:
        work = SharedMaterials()
        other = SealOptions(keys=(FIRST_KEY,), caching=Caching(600), context=(("a", "b"),))
        for number, options in enumerate((CACHED, other, CACHED, other)):
            work(request(folder, number, options), gate)
        assert operations(gate) == ["GenerateDataKey"] * 2

    def test_look_for_keys_anew_when_all_is_too_old(self, gate: KmsGate, folder: Path) -> None:
        now = 0.0
        work = SharedMaterials(lambda: now)
        work(request(folder, 1), gate)
        now = 601.0
        work(request(folder, 2), gate)
        assert operations(gate) == ["GenerateDataKey"] * 2

    def test_keep_few_data_keys(self, gate: KmsGate, folder: Path) -> None:
        work = SharedMaterials()
        for number in range(KEPT + 2):
            options = SealOptions(keys=(FIRST_KEY,), caching=Caching(600 + number))
            work(request(folder, number, options), gate)
        assert len(work._kept) == KEPT

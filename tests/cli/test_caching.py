"""`--caching`: one data key for many files, within limits, and what is said of it."""

from __future__ import annotations

import pytest

from sealscope.kms.facade import KmsGate
from tests.cli.calling import KEY, Here


@pytest.fixture
def calls(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The operations that KMS was asked for."""
    asked: list[str] = []
    real = KmsGate.call

    def watched(self: KmsGate, operation: str, **parameters: object) -> dict[str, object]:
        asked.append(operation)
        return real(self, operation, **parameters)  # type: ignore[arg-type]

    monkeypatch.setattr(KmsGate, "call", watched)
    return asked


@pytest.fixture
def folder(here: Here) -> Here:
    for number in range(25):
        here.make(f"d/{number:02}", b"content %d" % number)
    return here


def seal_folder(here: Here, limits: str, *options: str) -> str:
    done = here.call("encrypt", "-r", "d", "-o", "out", "-k", KEY, "--caching", limits, *options)
    assert done.status == 0
    return done.err


class TestEncrypting:
    def test_takes_one_call_for_a_folder(self, folder: Here, calls: list[str]) -> None:
        told = seal_folder(folder, "max-age=600")
        assert calls == ["GenerateDataKey"]
        assert "data keys: 1 GenerateDataKey call for 25 files" in told

    @pytest.mark.parametrize("suite", ["0478", "0578"])
    def test_honours_the_number_of_messages(
        self, folder: Here, calls: list[str], suite: str
    ) -> None:
        told = seal_folder(folder, "max-age=600,max-messages=10", "--suite", suite)
        assert calls == ["GenerateDataKey"] * 3
        assert "data keys: 3 GenerateDataKey calls for 25 files" in told

    def test_honours_the_number_of_bytes(self, folder: Here, calls: list[str]) -> None:
        seal_folder(folder, "max-age=600,max-bytes=100")
        assert len(calls) == 3  # 240 bytes

    def test_without_it_takes_a_call_for_each_file(self, folder: Here, calls: list[str]) -> None:
        assert folder.call("encrypt", "-r", "d", "-k", KEY).status == 0
        assert calls == ["GenerateDataKey"] * 25

    def test_says_when_its_limits_let_nothing_be_shared(self, folder: Here) -> None:
        assert "no two files share" in seal_folder(folder, "max-age=600,max-messages=1")

    def test_says_when_a_file_is_longer_than_its_limit(self, folder: Here) -> None:
        folder.make("d/long", bytes(1000))
        told = seal_folder(folder, "max-age=600,max-bytes=999")
        assert "could not help with 1 file: it is longer than" in told

    def test_of_standard_input_says_why_it_cannot_help(self, here: Here) -> None:
        done = here.call(
            "encrypt", "-", "-o", "m", "-k", KEY, "--caching", "max-age=1", stdin=b"content"
        )
        assert done.status == 0
        assert "its length was not known" in done.err

    def test_in_json_says_it_on_standard_error_only(self, folder: Here) -> None:
        done = folder.call("encrypt", "-r", "d", "-k", KEY, "--caching", "max-age=600", "--json")
        assert [line["operation"] for line in done.json()] == ["encrypt"] * 25
        assert "data keys: 1 " in done.err

    def test_with_raw_keys_alone_speaks_of_no_call(self, folder: Here) -> None:
        folder.make("k", bytes(range(200, 232))).chmod(0o600)
        done = folder.call("encrypt", "-r", "d", "--raw-aes", "n/k=k", "--caching", "max-age=600")
        assert "data keys: 1 made for 25 files" in done.err


class TestDecrypting:
    def test_opens_a_shared_data_key_once(self, folder: Here, calls: list[str]) -> None:
        seal_folder(folder, "max-age=600")
        del calls[:]
        done = folder.call("decrypt", "-r", "out", "-k", KEY, "--caching", "max-age=600")
        assert done.status == 0
        assert calls.count("Decrypt") == 1
        assert "data keys: 1 opened for 25 files" in done.err
        assert folder.listing()["out/07"] == b"content 7"

    def test_looks_an_alias_up_once_for_all_files(self, folder: Here, calls: list[str]) -> None:
        folder.call("encrypt", "-r", "d", "-o", "out", "-k", KEY)
        del calls[:]
        done = folder.call("decrypt", "-r", "out", "-k", KEY)
        assert done.status == 0
        assert calls.count("DescribeKey") == 1
        assert calls.count("Decrypt") == 25

    def test_says_when_no_data_key_was_shared(self, folder: Here) -> None:
        folder.call("encrypt", "-r", "d", "-o", "out", "-k", KEY)
        done = folder.call("decrypt", "-r", "out", "-k", KEY, "--caching", "max-age=600")
        assert "no two files were encrypted under the same data key" in done.err

"""Preflight: what a form says was tried, and nothing was written to find out."""

from __future__ import annotations

import base64
import shutil
from pathlib import Path
from typing import NamedTuple

import pytest

from sealscope.engine.header import parse_header
from sealscope.engine.streams import ByteInput
from sealscope.errors import SealscopeError
from sealscope.jobs.preflight import Check, CheckState, preflight
from sealscope.jobs.request import (
    DecryptRequest,
    Discovery,
    EncryptRequest,
    OpenOptions,
    RawAesKey,
    Request,
    SealOptions,
)
from sealscope.jobs.work import perform
from sealscope.kms.facade import KmsGate

FIRST_KEY = "alias/getting-started"


@pytest.fixture
def source(folder: Path) -> Path:
    path = folder / "file"
    path.write_bytes(b"content")
    return path


@pytest.fixture
def message(gate: KmsGate, folder: Path, source: Path) -> Path:
    options = SealOptions(keys=(FIRST_KEY,), context=(("purpose", "backup"),))
    perform(EncryptRequest(source, folder / "m", options), gate)
    return folder / "m"


@pytest.fixture
def key_file(folder: Path) -> Path:
    path = folder / "key"
    path.write_bytes(bytes(range(200, 232)))
    path.chmod(0o600)
    return path


def sealed_under(gate: KmsGate, source: Path, key: RawAesKey) -> Path:
    message = source.with_name("under-raw-key")
    perform(EncryptRequest(source, message, SealOptions(raw_keys=(key,))), gate)
    return message


def sealing(source: Path, *keys: str, **options: object) -> EncryptRequest:
    chosen = SealOptions(**{"keys": keys, **options})  # type: ignore[arg-type]
    return EncryptRequest(source, source.with_name("out"), chosen)


def opening(message: Path, **options: object) -> DecryptRequest:
    chosen = OpenOptions(**{"keys": (FIRST_KEY,), **options})  # type: ignore[arg-type]
    return DecryptRequest(message, message.with_name("out"), chosen)


def checks(request: Request, gate: KmsGate) -> dict[str, Check]:
    before = sorted(request.source.parent.iterdir())
    found = {check.name: check for check in preflight(request, gate)}
    assert sorted(request.source.parent.iterdir()) == before
    return found


def failed(found: dict[str, Check]) -> set[str]:
    return {name for name, check in found.items() if check.state is CheckState.FAILED}


class TestEncrypting:
    def test_a_good_form_has_only_good_lines(self, gate: KmsGate, source: Path) -> None:
        found = checks(sealing(source, FIRST_KEY), gate)
        assert {check.state for check in found.values()} == {CheckState.OK}
        assert set(found) == {"source", "destination", "space", "key"}
        assert found["key"].text.endswith("GenerateDataKey says yes")

    def test_the_key_was_asked_by_a_dry_run(self, gate: KmsGate, source: Path) -> None:
        gate.create_key("second")
        checks(sealing(source, FIRST_KEY, "alias/second"), gate)
        calls = [(r.operation, r.result) for r in gate.log.records()][-2:]
        yes = "DryRunSucceeded"
        assert calls == [("GenerateDataKey", yes), ("Encrypt", yes)]

    def test_a_disabled_key_is_found_out(self, gate: KmsGate, source: Path) -> None:
        gate.call("DisableKey", KeyId=gate.resolve(FIRST_KEY))
        found = checks(sealing(source, FIRST_KEY), gate)
        assert failed(found) == {"key"}
        assert "disabled" in found["key"].text

    def test_no_key_at_all(self, gate: KmsGate, source: Path) -> None:
        assert failed(checks(sealing(source), gate)) == {"key"}

    def test_a_missing_source_is_the_only_thing_to_say(self, gate: KmsGate, folder: Path) -> None:
        assert set(checks(sealing(folder / "missing", FIRST_KEY), gate)) == {"source"}

    def test_an_existing_destination(self, gate: KmsGate, source: Path) -> None:
        source.with_name("out").write_bytes(b"old")
        assert failed(checks(sealing(source, FIRST_KEY), gate)) == {"destination"}
        request = sealing(source, FIRST_KEY)
        replacing = EncryptRequest(
            request.source, request.destination, request.options, overwrite=True
        )
        assert checks(replacing, gate)["destination"].state is CheckState.WARNING

    def test_a_destination_in_no_folder(self, gate: KmsGate, source: Path) -> None:
        options = SealOptions(keys=(FIRST_KEY,))
        request = EncryptRequest(source, source.parent / "no" / "out", options)
        assert failed(checks(request, gate)) == {"destination", "space"}

    @pytest.mark.parametrize("name", ["no/\0name/out", "no/\ud800name/out"])
    def test_a_destination_that_no_file_can_have(
        self, gate: KmsGate, source: Path, name: str
    ) -> None:
        request = EncryptRequest(source, source.parent / name, SealOptions(keys=(FIRST_KEY,)))
        assert failed(checks(request, gate)) == {"destination", "space"}

    @pytest.mark.parametrize(
        "options",
        [
            {"keys": (FIRST_KEY,) * 11},
            {"keys": (FIRST_KEY,), "frame_length": 2**31},
            {"keys": (FIRST_KEY,), "suite": "0178"},
            {
                "keys": (FIRST_KEY,),
                "suite": "0578",
                "commitment_policy": "forbid-encrypt-allow-decrypt",
            },
        ],
        ids=["too many keys", "a frame too long", "an old suite", "a suite too new"],
    )
    def test_what_the_job_would_refuse_to_write(
        self, gate: KmsGate, source: Path, options: dict[str, object]
    ) -> None:
        request = sealing(source, **options)
        before = gate.log.count
        assert failed(checks(request, gate)) == {"limits"}
        assert gate.log.count == before
        with pytest.raises(SealscopeError):
            perform(request, gate)

    def test_too_little_room(
        self, gate: KmsGate, source: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        class Usage(NamedTuple):
            total: int
            used: int
            free: int

        monkeypatch.setattr(shutil, "disk_usage", lambda _: Usage(100, 95, 5))
        assert failed(checks(sealing(source, FIRST_KEY), gate)) == {"space"}

    def test_a_secret_looking_context_is_a_warning(self, gate: KmsGate, source: Path) -> None:
        found = checks(sealing(source, FIRST_KEY, context=(("db-password", "x"),)), gate)
        assert found["context"].state is CheckState.WARNING
        assert "db-password" in found["context"].text

    def test_a_reserved_context_key_fails(self, gate: KmsGate, source: Path) -> None:
        found = checks(sealing(source, FIRST_KEY, context=(("aws-crypto-x", "x"),)), gate)
        assert failed(found) == {"context"}

    def test_a_pair_that_is_not_stored_is_a_warning(self, gate: KmsGate, source: Path) -> None:
        pairs = (("secret-name", "x"),)
        request = sealing(source, FIRST_KEY, context=pairs, required_context=("secret-name",))
        found = checks(request, gate)
        assert found["context"].state is CheckState.WARNING
        assert "needed to open the file: secret-name" in found["context"].text

    def test_a_required_name_without_a_pair_fails(self, gate: KmsGate, source: Path) -> None:
        request = sealing(source, FIRST_KEY, required_context=("tenant",))
        assert failed(checks(request, gate)) == {"context"}


class TestARawKey:
    def test_is_enough(self, gate: KmsGate, source: Path, key_file: Path) -> None:
        before = gate.log.count
        found = checks(sealing(source, raw_keys=(RawAesKey("n", "k", key_file),)), gate)
        assert failed(found) == set()
        assert found["key"].text == "n/k: wraps data keys"
        assert gate.log.count == before

    def test_of_the_wrong_length_is_found_out(
        self, gate: KmsGate, source: Path, key_file: Path
    ) -> None:
        key_file.write_bytes(bytes(31))
        request = sealing(source, FIRST_KEY, raw_keys=(RawAesKey("n", "k", key_file),))
        assert failed(checks(request, gate)) == {"key"}

    def test_that_others_may_read_is_a_warning(
        self, gate: KmsGate, source: Path, key_file: Path
    ) -> None:
        key_file.chmod(0o644)
        key = RawAesKey("n", "k", key_file)
        for request in (
            sealing(source, raw_keys=(key,)),
            opening(sealed_under(gate, source, key), keys=(), raw_keys=(key,)),
        ):
            found = checks(request, gate)
            assert found["key"].state is CheckState.WARNING
            assert "others may read" in found["key"].text

    def test_opens_what_it_wrapped(self, gate: KmsGate, source: Path, key_file: Path) -> None:
        key = RawAesKey("n", "k", key_file)
        message = sealed_under(gate, source, key)
        found = checks(opening(message, keys=(), raw_keys=(key,)), gate)
        assert found["key"].text == "n/k: opens it"

    def test_does_not_open_what_another_wrapped(
        self, gate: KmsGate, source: Path, key_file: Path
    ) -> None:
        key = RawAesKey("n", "k", key_file)
        message = sealed_under(gate, source, key)
        key_file.write_bytes(bytes(32))
        found = checks(opening(message, keys=(), raw_keys=(key,)), gate)
        assert failed(found) == {"key"}


class TestDecrypting:
    def test_a_base64_text_is_looked_into(self, gate: KmsGate, message: Path) -> None:
        message.write_bytes(base64.encodebytes(message.read_bytes()))
        assert failed(checks(opening(message), gate)) == {"message"}
        assert failed(checks(opening(message, decode=True), gate)) == set()

    def test_a_good_form_has_only_good_lines(self, gate: KmsGate, message: Path) -> None:
        found = checks(opening(message), gate)
        assert {check.state for check in found.values()} == {CheckState.OK}
        assert found["key"].text == f"{gate.resolve(FIRST_KEY)}: Decrypt says yes"

    def test_discovery_is_tried_as_well(self, gate: KmsGate, message: Path) -> None:
        found = checks(opening(message, keys=(), discovery=Discovery()), gate)
        assert found["key"].state is CheckState.OK

    def test_no_message_ends_it(self, gate: KmsGate, source: Path) -> None:
        found = checks(opening(source), gate)
        assert failed(found) == {"message"}
        assert "key" not in found

    def test_a_message_whose_signature_was_stripped(
        self, gate: KmsGate, message: Path, source: Path
    ) -> None:
        """The job refuses it before it asks KMS, and so says the form."""
        forged = bytearray(message.read_bytes())
        forged[1:3] = b"\x04\x78"
        source.write_bytes(forged)
        assert failed(checks(opening(source), gate)) >= {"context"}

    def test_a_message_that_ends_with_its_header(
        self, gate: KmsGate, message: Path, source: Path
    ) -> None:
        with message.open("rb") as stream:
            header = parse_header(ByteInput(stream))
        source.write_bytes(message.read_bytes()[: len(header.raw) + header.auth_bytes - 1])
        assert failed(checks(opening(source), gate)) == {"message"}

    def test_another_key_says_what_the_file_names(self, gate: KmsGate, message: Path) -> None:
        gate.create_key("other")
        found = checks(opening(message, keys=("alias/other",)), gate)
        assert failed(found) == {"key"}
        error = found["key"].error
        assert error is not None
        assert gate.resolve(FIRST_KEY) in error.detail

    def test_a_disabled_key_is_found_out(self, gate: KmsGate, message: Path) -> None:
        gate.call("DisableKey", KeyId=gate.resolve(FIRST_KEY))
        assert failed(checks(opening(message), gate)) == {"key"}

    def test_a_context_value_that_differs(self, gate: KmsGate, message: Path) -> None:
        found = checks(opening(message, context=(("purpose", "test"),)), gate)
        assert "context" in failed(found)

    def test_a_context_pair_that_is_not_stored(self, gate: KmsGate, message: Path) -> None:
        found = checks(opening(message, context=(("more", "test"),)), gate)
        assert found["context"].state is CheckState.WARNING
        assert "more" in found["context"].text
        assert failed(found) == {"key"}

    def test_neither_key_nor_discovery(self, gate: KmsGate, message: Path) -> None:
        assert failed(checks(opening(message, keys=()), gate)) == {"key"}

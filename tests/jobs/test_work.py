"""One job on real files and a real local KMS: what is published, and what never is."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

from sealscope import errors
from sealscope.jobs.request import (
    DecryptRequest,
    Discovery,
    EncryptRequest,
    OpenOptions,
    SealOptions,
    decrypted_name,
    encrypted_name,
)
from sealscope.jobs.work import perform
from sealscope.kms.facade import KmsGate

FIRST_KEY = "alias/getting-started"


def listing(folder: Path) -> dict[str, bytes]:
    """Every file of a folder and its bytes."""
    return {entry.name: entry.read_bytes() for entry in folder.iterdir()}


def sealed(
    gate: KmsGate, folder: Path, content: bytes = b"content", **options: object
) -> tuple[Path, Path]:
    source = folder / "file"
    source.write_bytes(content)
    destination = encrypted_name(source)
    chosen = SealOptions(keys=(FIRST_KEY,), **options)  # type: ignore[arg-type]
    perform(EncryptRequest(source, destination, chosen), gate)
    return source, destination


def opening(message: Path, destination: Path, **options: object) -> DecryptRequest:
    chosen = {"keys": (FIRST_KEY,), **options}
    return DecryptRequest(message, destination, OpenOptions(**chosen))  # type: ignore[arg-type]


class TestNames:
    @pytest.mark.parametrize(
        ("name", "encrypted", "decrypted"),
        [
            ("a.txt", "a.txt.encrypted", "a.txt.decrypted"),
            ("a.txt.encrypted", "a.txt.encrypted.encrypted", "a.txt"),
            (".encrypted", ".encrypted.encrypted", ".encrypted.decrypted"),
        ],
    )
    def test_the_suffix_comes_and_goes(self, name: str, encrypted: str, decrypted: str) -> None:
        assert encrypted_name(Path("d") / name) == Path("d") / encrypted
        assert decrypted_name(Path("d") / name) == Path("d") / decrypted


class TestRoundTrip:
    @pytest.mark.parametrize("suite", ["0578", "0478"])
    @pytest.mark.parametrize("size", [0, 1, 65535, 65536, 65537, 1_000_000])
    def test_what_was_sealed_opens(
        self, gate: KmsGate, folder: Path, suite: str, size: int
    ) -> None:
        content = os.urandom(size)
        _, message = sealed(gate, folder, content, suite=suite, context=(("a", "b"),))
        outcome = perform(opening(message, folder / "again"), gate)
        assert (folder / "again").read_bytes() == content
        assert outcome.opened_by == gate.resolve(FIRST_KEY)
        assert outcome.key_material_id
        assert outcome.signature_verified is (True if suite == "0578" else None)
        assert outcome.encryption_context["a"] == "b"
        assert (outcome.plaintext_bytes, outcome.message_bytes) == (size, message.stat().st_size)

    def test_any_of_several_keys_opens(self, gate: KmsGate, folder: Path) -> None:
        gate.create_key("second")
        source = folder / "file"
        source.write_bytes(b"content")
        options = SealOptions(keys=(FIRST_KEY, "alias/second"))
        perform(EncryptRequest(source, folder / "m", options), gate)
        outcome = perform(opening(folder / "m", folder / "out", keys=("alias/second",)), gate)
        assert outcome.opened_by == gate.resolve("alias/second")
        assert len(outcome.recipients) == 2

    def test_discovery_opens_without_naming_a_key(self, gate: KmsGate, folder: Path) -> None:
        _, message = sealed(gate, folder)
        perform(opening(message, folder / "out", keys=(), discovery=Discovery()), gate)
        assert (folder / "out").read_bytes() == b"content"

    def test_progress_ends_at_the_size_of_the_source(self, gate: KmsGate, folder: Path) -> None:
        source = folder / "file"
        source.write_bytes(bytes(3_000_000))
        seen: list[int] = []
        options = SealOptions(keys=(FIRST_KEY,))
        perform(EncryptRequest(source, folder / "m", options), gate, progress=seen.append)
        assert seen == sorted(seen)
        assert seen[-1] == 3_000_000

    def test_the_output_is_never_wider_readable_than_the_source(
        self, gate: KmsGate, folder: Path
    ) -> None:
        source = folder / "file"
        source.write_bytes(b"content")
        source.chmod(0o600)
        perform(EncryptRequest(source, folder / "m", SealOptions(keys=(FIRST_KEY,))), gate)
        assert (folder / "m").stat().st_mode & 0o777 == 0o600


class TestFailures:
    """Whatever fails, the folder is afterwards as it was before."""

    def refuses(
        self, gate: KmsGate, folder: Path, request: DecryptRequest | EncryptRequest, kind: type
    ) -> errors.SealscopeError:
        before = listing(folder)
        with pytest.raises(errors.SealscopeError) as caught:
            perform(request, gate)
        assert type(caught.value).__name__ == kind.__name__
        assert listing(folder) == before
        assert caught.value.title
        return caught.value

    def test_a_missing_source(self, gate: KmsGate, folder: Path) -> None:
        request = opening(folder / "missing", folder / "out")
        self.refuses(gate, folder, request, errors.SourceUnreadable)

    def test_an_empty_message(self, gate: KmsGate, folder: Path) -> None:
        (folder / "empty").touch()
        request = opening(folder / "empty", folder / "out")
        self.refuses(gate, folder, request, errors.Truncated)

    def test_no_message_at_all(self, gate: KmsGate, folder: Path) -> None:
        (folder / "text").write_text("just words")
        self.refuses(gate, folder, opening(folder / "text", folder / "out"), errors.NotAnEnvelope)

    def test_bytes_after_the_end(self, gate: KmsGate, folder: Path) -> None:
        _, message = sealed(gate, folder)
        with message.open("ab") as file:
            file.write(b"more")
        self.refuses(gate, folder, opening(message, folder / "out"), errors.TrailingData)

    def test_another_key_than_the_message_names(self, gate: KmsGate, folder: Path) -> None:
        gate.create_key("other")
        _, message = sealed(gate, folder)
        request = opening(message, folder / "out", keys=("alias/other",))
        error = self.refuses(gate, folder, request, errors.NoUsableKey)
        assert gate.resolve(FIRST_KEY) in error.detail

    @pytest.mark.parametrize(
        ("operation", "parameters", "words"),
        [
            ("DisableKey", {}, "disabled"),
            ("ScheduleKeyDeletion", {"PendingWindowInDays": 7}, "waiting to be deleted"),
        ],
    )
    def test_a_key_that_may_not_be_used(
        self,
        gate: KmsGate,
        folder: Path,
        operation: str,
        parameters: dict[str, Any],
        words: str,
    ) -> None:
        source, message = sealed(gate, folder)
        gate.call(operation, KeyId=gate.resolve(FIRST_KEY), **parameters)
        error = self.refuses(gate, folder, opening(message, folder / "out"), errors.NoUsableKey)
        assert words in error.detail
        request = EncryptRequest(source, folder / "new", SealOptions(keys=(FIRST_KEY,)))
        kind = errors.KeyDisabled if operation == "DisableKey" else errors.KeyPendingDeletion
        self.refuses(gate, folder, request, kind)

    def test_a_context_with_another_value(self, gate: KmsGate, folder: Path) -> None:
        _, message = sealed(gate, folder, context=(("purpose", "backup"),))
        request = opening(message, folder / "out", context=(("purpose", "test"),))
        error = self.refuses(gate, folder, request, errors.ContextMismatch)
        assert "backup" in error.detail

    def test_a_reserved_context_key(self, gate: KmsGate, folder: Path) -> None:
        (folder / "file").write_bytes(b"")
        options = SealOptions(keys=(FIRST_KEY,), context=(("aws-crypto-public-key", "x"),))
        request = EncryptRequest(folder / "file", folder / "out", options)
        self.refuses(gate, folder, request, errors.UsageError)

    def test_an_existing_output(self, gate: KmsGate, folder: Path) -> None:
        _, message = sealed(gate, folder)
        self.refuses(gate, folder, opening(message, folder / "file"), errors.OutputExists)

    def test_an_output_that_is_a_link(self, gate: KmsGate, folder: Path) -> None:
        _, message = sealed(gate, folder)
        (folder / "link").symlink_to(folder / "file")
        self.refuses(gate, folder, opening(message, folder / "link"), errors.UnsafeOutput)

    def test_an_output_that_is_the_input(self, gate: KmsGate, folder: Path) -> None:
        _, message = sealed(gate, folder)
        request = DecryptRequest(message, message, OpenOptions(keys=(FIRST_KEY,)), overwrite=True)
        self.refuses(gate, folder, request, errors.UnsafeOutput)

    def test_cancelling_in_the_middle(self, gate: KmsGate, folder: Path) -> None:
        (folder / "file").write_bytes(bytes(5_000_000))
        before = listing(folder)

        def stop(done: int) -> None:
            if done > 1_000_000:
                raise errors.Cancelled

        request = EncryptRequest(folder / "file", folder / "m", SealOptions(keys=(FIRST_KEY,)))
        with pytest.raises(errors.Cancelled):
            perform(request, gate, progress=stop)
        assert listing(folder) == before

    def test_a_source_that_grows_meanwhile(self, gate: KmsGate, folder: Path) -> None:
        source = folder / "file"
        source.write_bytes(bytes(5_000_000))

        def grow(done: int) -> None:
            with source.open("ab") as file:
                file.write(b"more")

        request = EncryptRequest(source, folder / "m", SealOptions(keys=(FIRST_KEY,)))
        with pytest.raises(errors.SourceChanged):
            perform(request, gate, progress=grow)
        assert [entry.name for entry in folder.iterdir()] == ["file"]

    def test_neither_key_nor_discovery(self, gate: KmsGate, folder: Path) -> None:
        _, message = sealed(gate, folder)
        self.refuses(gate, folder, opening(message, folder / "o", keys=()), errors.UsageError)

    def test_both_key_and_discovery(self, gate: KmsGate, folder: Path) -> None:
        _, message = sealed(gate, folder)
        request = opening(message, folder / "o", discovery=Discovery())
        self.refuses(gate, folder, request, errors.UsageError)


class TestReplacing:
    def test_overwrite_replaces_a_finished_file(self, gate: KmsGate, folder: Path) -> None:
        source, message = sealed(gate, folder)
        options = SealOptions(keys=(FIRST_KEY,))
        before = message.read_bytes()
        perform(EncryptRequest(source, message, options, overwrite=True), gate)
        assert message.read_bytes() != before
        assert sorted(listing(folder)) == ["file", "file.encrypted"]


def test_an_output_below_a_root_gets_its_folders(gate: KmsGate, folder: Path) -> None:
    source = folder / "file"
    source.write_bytes(b"x")
    root = folder / "root"
    root.mkdir()
    options = SealOptions(keys=(FIRST_KEY,))
    perform(EncryptRequest(source, root / "a" / "b" / "m", options, root=root), gate)
    assert (root / "a" / "b" / "m").is_file()
    assert (root / "a").stat().st_mode & 0o777 == 0o700


def test_a_link_below_a_root_is_refused(gate: KmsGate, folder: Path) -> None:
    source = folder / "file"
    source.write_bytes(b"x")
    root, outside = folder / "root", folder / "outside"
    root.mkdir()
    outside.mkdir()
    (root / "a").symlink_to(outside)
    request = EncryptRequest(source, root / "a" / "m", SealOptions(keys=(FIRST_KEY,)), root=root)
    with pytest.raises(errors.UnsafeOutput):
        perform(request, gate)
    assert list(outside.iterdir()) == []

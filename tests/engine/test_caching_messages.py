"""Whole messages under shared data keys: what they share, what not, and who can read them."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

import aws_encryption_sdk
import pytest
from aws_encryption_sdk.identifiers import Algorithm
from aws_encryption_sdk.key_providers.kms import StrictAwsKmsMasterKeyProvider

from sealscope import errors
from sealscope.engine import signing
from sealscope.engine.cache_counters import Bypass
from sealscope.engine.caching import FROM_THE_CACHE, CachingManager
from sealscope.engine.decrypt import DecryptResult, decrypt
from sealscope.engine.encrypt import EncryptResult, encrypt
from sealscope.engine.header import Header, parse_header
from sealscope.engine.kms_keyring import KmsKeyring
from sealscope.engine.limits import ReadLimits
from sealscope.engine.managers import DefaultManager
from sealscope.engine.raw_aes_keyring import RawAesKeyring
from sealscope.engine.streams import ByteInput
from sealscope.engine.suites import SUITES, AlgorithmSuite
from sealscope.kms.connection import Target, connect
from sealscope.kms.facade import KmsGate
from sealscope.secret import SecretBytes
from tests.engine.caching import Crew, new_message, of_type
from tests.engine.fake_kms import FakeKms
from tests.engine.messages import COMMITTING, FORBID, Pipe

CONTEXT = {"a": "b"}
FRAME = 16
TAG = 16
SUITE = pytest.mark.parametrize("suite", COMMITTING, ids=lambda suite: suite.hex_id)


@dataclass
class Office:
    """A KMS with one key, and managers that cache."""

    kms: FakeKms
    keyring: KmsKeyring
    writer: CachingManager

    @classmethod
    def make(cls, **limits: Any) -> Office:
        kms = FakeKms()
        keyring = KmsKeyring.strict(kms, [kms.create_key()])
        office = cls(kms, keyring, None)  # type: ignore[arg-type]
        office.writer = office.manager(**limits)
        return office

    def manager(self, **limits: Any) -> CachingManager:
        limits.setdefault("max_age", 60)
        return CachingManager.with_own_cache(DefaultManager(self.keyring), **limits)

    @property
    def operations(self) -> list[str]:
        return [call.operation for call in self.kms.calls]

    def seal(
        self, plaintext: bytes, *, known: bool = True, **options: Any
    ) -> tuple[bytes, EncryptResult]:
        sink = io.BytesIO()
        options.setdefault("context", CONTEXT)
        options.setdefault("frame_length", FRAME)
        options.setdefault("materials", self.writer)
        length = len(plaintext) if known else None
        source = io.BytesIO(plaintext) if known else Pipe(plaintext, 100).as_source()
        result = encrypt(source, sink, plaintext_bytes=length, **options)
        return sink.getvalue(), result

    def open(self, message: bytes, **options: Any) -> tuple[bytes, DecryptResult]:
        sink = io.BytesIO()
        options.setdefault("materials", DefaultManager(self.keyring))
        result = decrypt(io.BytesIO(message), sink, **options)
        return sink.getvalue(), result


def header_of(message: bytes) -> Header:
    return parse_header(ByteInput(io.BytesIO(message)), ReadLimits())


@SUITE
class TestWhatMessagesShare:
    def test_the_data_key_and_the_signing_key_but_no_id_and_no_content_key(
        self, suite: AlgorithmSuite
    ) -> None:
        office = Office.make()
        text = b"the same text!!" * 10
        messages = [office.seal(text, suite=suite)[0] for _ in range(20)]
        assert office.operations == ["GenerateDataKey"]
        headers = [header_of(message) for message in messages]
        assert len({header.encrypted_data_keys for header in headers}) == 1
        assert len({tuple(header.encryption_context.items()) for header in headers}) == 1
        assert len({header.message_id for header in headers}) == 20
        assert len({header.commit_key for header in headers}) == 20
        bodies = [message[len(headers[0].raw) + TAG :] for message in messages]
        assert len({body[: 16 + FRAME] for body in bodies}) == 20
        for message in messages:
            assert office.open(message)[0] == text

    def test_a_reader_asks_once_for_all_of_them(self, suite: AlgorithmSuite) -> None:
        office = Office.make(max_messages=10)
        messages = [office.seal(b"text", suite=suite)[0] for _ in range(30)]
        assert office.operations == ["GenerateDataKey"] * 3
        reader = office.manager()
        results = [office.open(message, materials=reader)[1] for message in messages]
        assert office.operations[3:] == ["Decrypt"] * 3
        assert [result.attempts[0].reason for result in results[:3]] == [
            "",
            FROM_THE_CACHE,
            FROM_THE_CACHE,
        ]
        assert {result.signature_verified for result in results} == {True if suite.signed else None}
        assert reader.counters.kms_calls_saved == 27

    def test_500_files_of_one_context_cost_five_calls_at_100_messages_a_key(
        self, suite: AlgorithmSuite
    ) -> None:
        office = Office.make(max_messages=100)
        done = Crew(8).do(
            lambda number: [office.seal(b"x", suite=suite)[0] for _ in range(number, 500, 8)]
        )
        assert sum(len(part) for part in of_type(done, list)) == 500
        assert office.operations == ["GenerateDataKey"] * 5
        assert office.writer.counters.kms_calls_saved == 495


class TestOldSuites:
    @pytest.mark.parametrize("suite_id", [0x0114, 0x0178, 0x0214, 0x0346, 0x0378])
    def test_they_share_data_keys_too(self, suite_id: int) -> None:
        office = Office.make()
        pair = [
            office.seal(b"text", suite=SUITES[suite_id], commitment_policy=FORBID)[0] for _ in "12"
        ]
        reader = office.manager()
        for message in pair:
            plaintext, _ = office.open(message, materials=reader, commitment_policy=FORBID)
            assert plaintext == b"text"
        assert office.operations == ["GenerateDataKey", "Decrypt"]

    @pytest.mark.parametrize("suite_id", [0x0014, 0x0046, 0x0078])
    def test_without_key_derivation_each_has_its_own(self, suite_id: int) -> None:
        office = Office.make()
        pair = [
            office.seal(b"text", suite=SUITES[suite_id], commitment_policy=FORBID)[0] for _ in "12"
        ]
        assert office.operations == ["GenerateDataKey"] * 2
        assert len({header_of(message).encrypted_data_keys for message in pair}) == 2
        assert office.writer.counters.bypasses == {Bypass.SUITE: 2}


def parts_of(message: bytes, frames: int) -> tuple[bytes, list[bytes], bytes]:
    """Header with its tag, the frames, and the footer."""
    at = len(header_of(message).raw) + TAG
    header, parts = message[:at], []
    regular = 4 + 12 + FRAME + TAG
    for _ in range(frames - 1):
        parts.append(message[at : at + regular])
        at += regular
    length = int.from_bytes(message[at + 20 : at + 24], "big")
    end = at + 24 + length + TAG
    return header, [*parts, message[at:end]], message[end:]


@SUITE
class TestSplices:
    """Two messages of five frames under one data key, each splice signed with their own key."""

    def pair(self, suite: AlgorithmSuite) -> tuple[Office, list[tuple[bytes, list[bytes], bytes]]]:
        office = Office.make()
        text = bytes(4 * FRAME) + b"end"
        pair = [office.seal(text, suite=suite)[0] for _ in "12"]
        assert office.operations == ["GenerateDataKey"]
        return office, [parts_of(message, 5) for message in pair]

    def signed(self, office: Office, suite: AlgorithmSuite, message: bytes) -> bytes:
        request = replace(new_message(0, suite=suite), context=CONTEXT)
        key = office.writer.for_encryption(request).signing_key
        if key is None:
            return message
        transcript = signing.transcript(key.algorithm)
        transcript.update(message)
        signature = key.sign(transcript.digest())
        return message + len(signature).to_bytes(2, "big") + signature

    def test_put_together_as_they_were_they_open(self, suite: AlgorithmSuite) -> None:
        office, pair = self.pair(suite)
        for header, frames, footer in pair:
            whole = header + b"".join(frames)
            assert office.open(whole + footer)[0].endswith(b"end")
            assert office.open(self.signed(office, suite, whole))[0].endswith(b"end")

    def test_no_frame_of_one_is_taken_for_the_others(self, suite: AlgorithmSuite) -> None:
        office, [(header, mine, _), (other_header, others, _)] = self.pair(suite)
        spliced = [header + b"".join([*mine[:at], others[at], *mine[at + 1 :]]) for at in range(5)]
        spliced += [header + b"".join([*mine[:at], *others[at:]]) for at in range(5)]
        spliced += [other_header + b"".join([*mine[:at], *others[at:]]) for at in range(1, 6)]
        reader = office.manager()
        for message in spliced:
            with pytest.raises(errors.BodyNotAuthentic):
                office.open(self.signed(office, suite, message), materials=reader)
        # The data key was right every time: the cache held it for all but the first.
        assert reader.counters.hits == len(spliced) - 1

    def test_no_message_id_of_one_is_taken_for_the_others(self, suite: AlgorithmSuite) -> None:
        office, [(header, mine, _), (other_header, _, _)] = self.pair(suite)
        # Version 2: the message id follows the version and the suite.
        swapped = header[:3] + other_header[3:35] + header[35:]
        with pytest.raises(errors.CommitmentFailed):
            office.open(self.signed(office, suite, swapped + b"".join(mine)))
        commit = slice(len(header) - TAG - 32, len(header) - TAG)
        swapped = swapped[: commit.start] + other_header[commit] + swapped[commit.stop :]
        tagged = swapped[:-TAG] + other_header[-TAG:]
        assert tagged == other_header
        with pytest.raises(errors.HeaderNotAuthentic):
            office.open(self.signed(office, suite, swapped + b"".join(mine)))

    def test_no_signature_of_one_is_taken_for_the_others(self, suite: AlgorithmSuite) -> None:
        office, [(header, mine, _), (_, _, footer)] = self.pair(suite)
        if suite.signed:
            with pytest.raises(errors.SignatureInvalid):
                office.open(header + b"".join(mine) + footer)
        else:
            assert footer == b""


class TestRequiredContext:
    """A pair that is not stored is part of the entry as any other, and stays required."""

    def pair(self) -> tuple[Office, bytes, bytes]:
        office = Office.make()
        context = {"a": "b", "secret": "value"}
        storing, _ = office.seal(b"text", context=context)
        requiring, result = office.seal(b"text", context=context, required_context=["secret"])
        assert "secret" not in result.encryption_context
        assert office.operations == ["GenerateDataKey"]
        return office, storing, requiring

    def test_messages_that_store_a_pair_and_messages_that_require_it_may_share(self) -> None:
        office, storing, requiring = self.pair()
        reader = office.manager()
        assert office.open(storing, materials=reader)[0] == b"text"
        given = {"secret": "value"}
        plaintext, result = office.open(requiring, materials=reader, expected_context=given)
        assert plaintext == b"text"
        assert result.encryption_context["secret"] == "value"
        assert office.operations == ["GenerateDataKey", "Decrypt"]

    @pytest.mark.parametrize("given", [{}, {"secret": "wrong"}, {"other": "value"}], ids=str)
    def test_a_data_key_in_the_cache_does_not_replace_knowing_it(
        self, given: Mapping[str, str]
    ) -> None:
        office, storing, requiring = self.pair()
        reader = office.manager()
        office.open(storing, materials=reader)
        office.open(requiring, materials=reader, expected_context={"secret": "value"})
        with pytest.raises(errors.NoUsableKey):
            office.open(requiring, materials=reader, expected_context=given)


class TestUnknownLength:
    def test_twenty_pipes_share_data_keys_and_never_pass_the_limit(self) -> None:
        office = Office.make(max_bytes=5000, unknown_length_budget=1000)
        sealed = [office.seal(bytes(50 * number), known=False) for number in range(1, 21)]
        by_key: dict[object, int] = {}
        for message, result in sealed:
            keys = header_of(message).encrypted_data_keys
            by_key[keys] = by_key.get(keys, 0) + result.plaintext_bytes
        assert len(by_key) == len(office.operations) == 4
        assert max(by_key.values()) <= 5000
        assert office.writer.counters.hits == 16

    @pytest.mark.parametrize("suite", COMMITTING, ids=lambda suite: suite.hex_id)
    @pytest.mark.parametrize("length", [1001, 5000, 3 << 20])
    def test_an_input_that_is_longer_after_all_is_refused(
        self, suite: AlgorithmSuite, length: int
    ) -> None:
        office = Office.make(max_bytes=5000, unknown_length_budget=1000)
        assert office.seal(bytes(1000), known=False, suite=suite)[1].plaintext_bytes == 1000
        with pytest.raises(errors.LimitExceeded):
            office.seal(bytes(length), known=False, suite=suite)

    def test_without_a_budget_each_has_a_data_key_of_its_own(self) -> None:
        office = Office.make(max_bytes=5000)
        for _ in range(10):
            office.seal(b"text", known=False)
        assert office.operations == ["GenerateDataKey"] * 10
        assert office.writer.counters.bypasses == {Bypass.UNKNOWN_LENGTH: 10}

    def test_an_input_that_grew_since_its_length_was_taken_is_refused(self) -> None:
        office = Office.make()
        with pytest.raises(errors.LimitExceeded):
            encrypt(
                io.BytesIO(bytes(101)), io.BytesIO(), materials=office.writer, plaintext_bytes=100
            )


def test_a_limit_on_wrapping_keys_holds_for_what_the_cache_has() -> None:
    kms = FakeKms()
    keyring = KmsKeyring.strict(kms, [kms.create_key() for _ in range(3)])
    office = Office(kms, keyring, None)  # type: ignore[arg-type]
    office.writer = office.manager()
    office.seal(b"text")
    with pytest.raises(errors.LimitExceeded):
        office.seal(b"text", max_encrypted_data_keys=2)
    assert len(kms.calls) == 3


def test_other_wrapping_keys_than_kms_are_cached_as_well() -> None:
    keyring = RawAesKeyring("ns", "name", SecretBytes(bytes(32)))
    manager = CachingManager.with_own_cache(DefaultManager(keyring), max_age=60)
    sinks = [io.BytesIO() for _ in range(2)]
    for sink in sinks:
        encrypt(io.BytesIO(b"text"), sink, materials=manager, plaintext_bytes=4)
    first, second = (header_of(sink.getvalue()) for sink in sinks)
    assert first.encrypted_data_keys == second.encrypted_data_keys
    for sink in sinks:
        clear = io.BytesIO()
        sink.seek(0)
        decrypt(sink, clear, materials=manager)
        assert clear.getvalue() == b"text"
    assert manager.counters.hits == 2
    assert manager.counters.kms_calls_saved == 0


@dataclass
class LocalKms:
    """A local KMS that both sides use."""

    gate: KmsGate
    provider: Any
    keys: tuple[str, ...]


@pytest.fixture(scope="module")
def local(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalKms]:
    connection = connect(Target(local_store=tmp_path_factory.mktemp("store") / "keys.db"))
    gate = KmsGate(connection)
    keys = tuple(gate.call("CreateKey")["KeyMetadata"]["Arn"] for _ in range(2))
    provider = StrictAwsKmsMasterKeyProvider(
        key_ids=list(keys), botocore_session=connection.session._session
    )
    yield LocalKms(gate, provider, keys)
    connection.close()


@SUITE
class TestTheSdk:
    def test_it_opens_messages_that_share_a_data_key(
        self, local: LocalKms, suite: AlgorithmSuite
    ) -> None:
        keyring = KmsKeyring.wrapping(local.gate, local.keys)
        manager = CachingManager.with_own_cache(DefaultManager(keyring), max_age=60)
        for length in (0, 1, 100, 1000):
            text = hashlib.shake_128(b"cached").digest(length)
            sink = io.BytesIO()
            encrypt(
                io.BytesIO(text),
                sink,
                materials=manager,
                suite=suite,
                context=CONTEXT,
                frame_length=128,
                plaintext_bytes=length,
            )
            plaintext, header = aws_encryption_sdk.EncryptionSDKClient().decrypt(
                source=sink.getvalue(), key_provider=local.provider
            )
            assert plaintext == text
            assert header.encryption_context["a"] == "b"
        assert manager.counters.hits == 3

    def test_what_it_wrote_with_its_own_cache_is_opened_with_one_call(
        self, local: LocalKms, suite: AlgorithmSuite
    ) -> None:
        theirs = aws_encryption_sdk.CachingCryptoMaterialsManager(
            master_key_provider=local.provider,
            cache=aws_encryption_sdk.LocalCryptoMaterialsCache(10),
            max_age=60.0,
        )
        messages = [
            aws_encryption_sdk.EncryptionSDKClient().encrypt(
                source=b"text",
                materials_manager=theirs,
                encryption_context=CONTEXT,
                algorithm=Algorithm.get_by_id(suite.id),
            )[0]
            for _ in range(4)
        ]
        keyring = KmsKeyring.strict(local.gate, local.keys[:1])
        manager = CachingManager.with_own_cache(DefaultManager(keyring), max_age=60)
        for message in messages:
            clear = io.BytesIO()
            result = decrypt(io.BytesIO(message), clear, materials=manager)
            assert clear.getvalue() == b"text"
            assert result.opened_by == local.keys[0]
        assert manager.counters.hits == 3

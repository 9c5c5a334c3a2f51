"""KMS's own operations on small data."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from botocore import xform_name

from sealscope import errors
from sealscope.kms.facade import KmsGate
from sealscope.kms.small_data import (
    MAX_CIPHERTEXT,
    MAX_PLAINTEXT,
    decrypt,
    encrypt,
    generate_data_key,
    generate_data_key_without_plaintext,
    generate_random,
    re_encrypt,
)
from sealscope.secret import SecretBytes
from tests.kms.gates import ARN, FakeConnection, answering, gate_on, local_gate

SECRET = SecretBytes(b"a small secret")
CONTEXT = {"purpose": "test"}
FIRST = "alias/getting-started"

CALLS: dict[str, Callable[[KmsGate], object]] = {
    "Encrypt": lambda gate: encrypt(gate, ARN, SECRET),
    "Decrypt": lambda gate: decrypt(gate, b"blob"),
    "ReEncrypt": lambda gate: re_encrypt(gate, b"blob", ARN),
    "GenerateDataKey": lambda gate: generate_data_key(gate, ARN),
    "GenerateDataKeyWithoutPlaintext": lambda gate: generate_data_key_without_plaintext(gate, ARN),
    "GenerateRandom": lambda gate: generate_random(gate, 32),
}


@pytest.fixture
def gate(tmp_path: Path) -> Iterator[KmsGate]:
    with local_gate(tmp_path / "kms.sqlite3") as made:
        yield made


class TestEveryOperation:
    @pytest.mark.parametrize("operation", CALLS)
    def test_passes_a_read_only_gate(self, operation: str) -> None:
        connection = FakeConnection()
        with pytest.raises(errors.KmsError, match="did not answer"):
            CALLS[operation](gate_on(connection))
        assert [name for name, _ in connection.kms.seen] == [xform_name(operation)]

    @pytest.mark.parametrize("operation", CALLS)
    def test_answered_with_something_else_is_an_error_of_ours(self, operation: str) -> None:
        odd: dict[str, Any] = {"KeyId": 5, "CiphertextBlob": "text", "Plaintext": "text"}
        gate = answering(**{xform_name(operation): lambda **_: odd})
        with pytest.raises(errors.KmsError, match="did not answer as it should"):
            CALLS[operation](gate)


class TestEncrypting:
    def test_and_decrypting_gives_the_plaintext_back(self, gate: KmsGate) -> None:
        sealed = encrypt(gate, FIRST, SECRET, context=CONTEXT)
        opened = decrypt(gate, sealed.ciphertext, context=CONTEXT)
        key = gate.describe_key(FIRST)
        assert (sealed.key_arn, sealed.algorithm) == (key.arn, "SYMMETRIC_DEFAULT")
        assert (opened.key_arn, opened.plaintext) == (key.arn, SECRET)
        assert opened.key_material_id == key.key_material_id

    def test_takes_as_much_as_kms_does(self, gate: KmsGate) -> None:
        most = SecretBytes(bytes(MAX_PLAINTEXT))
        sealed = encrypt(gate, FIRST, most)
        assert decrypt(gate, sealed.ciphertext).plaintext == most

    def test_more_says_so_before_anything_is_sent_and_names_envelope_encryption(self) -> None:
        gate = answering()
        with pytest.raises(errors.InvalidRequest) as caught:
            encrypt(gate, ARN, SecretBytes(bytes(MAX_PLAINTEXT + 1)))
        assert caught.value.detail == "4,097 bytes; at most 4,096"
        assert "envelope encryption" in caught.value.hint
        assert gate.log.count == 0

    def test_nothing_is_refused_before_anything_is_sent(self) -> None:
        gate = answering()
        with pytest.raises(errors.InvalidRequest, match="nothing to encrypt"):
            encrypt(gate, ARN, SecretBytes(b""))
        assert gate.log.count == 0

    def test_under_an_rsa_key_names_its_algorithm(self, gate: KmsGate) -> None:
        key = gate.create_key("pair", spec="RSA_2048", usage="ENCRYPT_DECRYPT").arn
        sealed = encrypt(gate, key, SECRET, algorithm="RSAES_OAEP_SHA_256")
        opened = decrypt(gate, sealed.ciphertext, key_id=key, algorithm="RSAES_OAEP_SHA_256")
        assert (sealed.algorithm, opened.plaintext) == ("RSAES_OAEP_SHA_256", SECRET)
        assert opened.key_material_id == ""

    def test_shows_the_plaintext_in_no_repr_and_no_log(self, gate: KmsGate) -> None:
        sealed = encrypt(gate, FIRST, SECRET)
        opened = decrypt(gate, sealed.ciphertext)
        shown = repr((opened, generate_data_key(gate, FIRST), gate.log.records()))
        assert "a small secret" not in shown
        assert "<secret, 14 bytes>" in shown
        assert "<secret, 32 bytes>" in shown


class TestDecrypting:
    def test_needs_no_name_of_the_key_and_takes_one(self, gate: KmsGate) -> None:
        sealed = encrypt(gate, FIRST, SECRET)
        assert decrypt(gate, sealed.ciphertext, key_id=FIRST).plaintext == SECRET

    def test_under_another_key_than_the_named_one_is_refused(self, gate: KmsGate) -> None:
        gate.create_key("other")
        sealed = encrypt(gate, FIRST, SECRET)
        with pytest.raises(errors.IncorrectKey):
            decrypt(gate, sealed.ciphertext, key_id="alias/other")

    @pytest.mark.parametrize("context", [None, {}, {"purpose": "another"}])
    def test_under_another_context_is_refused(self, gate: KmsGate, context: Any) -> None:
        sealed = encrypt(gate, FIRST, SECRET, context=CONTEXT)
        with pytest.raises(errors.InvalidCiphertext):
            decrypt(gate, sealed.ciphertext, context=context)

    @pytest.mark.parametrize("length", [0, MAX_CIPHERTEXT + 1])
    def test_of_what_cannot_be_a_ciphertext_sends_nothing(self, length: int) -> None:
        gate = answering()
        with pytest.raises(errors.InvalidRequest):
            decrypt(gate, bytes(length))
        with pytest.raises(errors.InvalidRequest):
            re_encrypt(gate, bytes(length), ARN)
        assert gate.log.count == 0


class TestReEncrypting:
    def test_moves_to_another_key_and_another_context(self, gate: KmsGate) -> None:
        other = gate.create_key("other")
        sealed = encrypt(gate, FIRST, SECRET, context=CONTEXT)
        moved = re_encrypt(
            gate,
            sealed.ciphertext,
            "alias/other",
            context={"new": "context"},
            source_key_id=FIRST,
            source_context=CONTEXT,
        )
        assert (moved.source_key_arn, moved.key_arn) == (sealed.key_arn, other.arn)
        assert moved.source_key_material_id == gate.describe_key(FIRST).key_material_id
        assert moved.key_material_id == other.key_material_id
        opened = decrypt(gate, moved.ciphertext, context={"new": "context"})
        assert (opened.key_arn, opened.plaintext) == (other.arn, SECRET)

    def test_between_kinds_of_keys_names_both_algorithms(self, gate: KmsGate) -> None:
        pair = gate.create_key("pair", spec="RSA_2048", usage="ENCRYPT_DECRYPT").arn
        oaep = "RSAES_OAEP_SHA_256"
        sealed = encrypt(gate, pair, SECRET, algorithm=oaep)
        moved = re_encrypt(
            gate, sealed.ciphertext, FIRST, source_key_id=pair, source_algorithm=oaep
        )
        assert (moved.source_algorithm, moved.algorithm) == (oaep, "SYMMETRIC_DEFAULT")
        assert decrypt(gate, moved.ciphertext).plaintext == SECRET

    def test_is_asked_in_the_region_of_its_new_key_and_logged_with_it(self) -> None:
        connection = FakeConnection(re_encrypt=lambda **_: {"KeyId": ARN, "CiphertextBlob": b"new"})
        gate = gate_on(connection)
        gate.region = "us-west-2"
        re_encrypt(gate, b"blob", ARN)
        assert connection.regions == ["eu-west-1"]
        assert gate.log.records()[-1].key == ARN


class TestDataKeys:
    @pytest.mark.parametrize("length", [1, 16, 32, 1024])
    def test_have_the_length_that_was_asked_for(self, gate: KmsGate, length: int) -> None:
        made = generate_data_key(gate, FIRST, number_of_bytes=length, context=CONTEXT)
        assert made.plaintext is not None
        assert len(made.plaintext) == length
        assert decrypt(gate, made.ciphertext, context=CONTEXT).plaintext == made.plaintext
        assert made.key_material_id == gate.describe_key(FIRST).key_material_id

    def test_without_plaintext_have_none(self, gate: KmsGate) -> None:
        made = generate_data_key_without_plaintext(gate, FIRST, number_of_bytes=16)
        assert made.plaintext is None
        assert len(decrypt(gate, made.ciphertext).plaintext) == 16

    def test_without_plaintext_drop_one_that_an_endpoint_answered(self) -> None:
        answer = {"KeyId": ARN, "CiphertextBlob": b"blob", "Plaintext": b"k" * 32}
        gate = answering(generate_data_key_without_plaintext=lambda **_: answer)
        assert generate_data_key_without_plaintext(gate, ARN).plaintext is None


class TestRandomBytes:
    def test_are_as_many_as_asked_for_and_never_the_same(self, gate: KmsGate) -> None:
        first, second = generate_random(gate, 1024), generate_random(gate, 1024)
        assert (len(first), first == second) == (1024, False)

    @pytest.mark.parametrize("length", [-1, 0, 1025])
    def test_out_of_bounds_are_refused_before_anything_is_sent(self, length: int) -> None:
        gate = answering()
        for call in (
            lambda: generate_random(gate, length),
            lambda: generate_data_key(gate, ARN, number_of_bytes=length),
            lambda: generate_data_key_without_plaintext(gate, ARN, number_of_bytes=length),
        ):
            with pytest.raises(errors.InvalidRequest, match="so many bytes"):
                call()
        assert gate.log.count == 0

"""Reading, acting and small data on another KMS, reached by `--endpoint-url`: moto's server.

It lacks operations and ignores dry runs, as endpoints that stand in for AWS do.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from moto.server import ThreadedMotoServer

from sealscope import errors
from sealscope.kms.abilities import CALL_WAS_MADE, NOT_TRIED, Verdict, abilities
from sealscope.kms.aliases import create_alias, delete_alias, retarget_alias
from sealscope.kms.connection import Target, connect
from sealscope.kms.custom_key_store import custom_key_store
from sealscope.kms.facade import KmsGate
from sealscope.kms.grants import grants_of
from sealscope.kms.key_changes import disable_key, enable_key, update_description
from sealscope.kms.keys import KeyDescription
from sealscope.kms.last_usage import last_usage
from sealscope.kms.policy import key_policy
from sealscope.kms.public_key import PublicKey, public_key_of
from sealscope.kms.reading import Absence, Missing, attempt
from sealscope.kms.rotation import disable_rotation, enable_rotation, rotation_of
from sealscope.kms.small_data import (
    decrypt,
    encrypt,
    generate_data_key,
    generate_data_key_without_plaintext,
    generate_random,
    re_encrypt,
)
from sealscope.kms.tags import Tag, tag_key, tags_of, untag_key
from sealscope.secret import SecretBytes

SECRET = SecretBytes(b"a small secret")


@pytest.fixture(scope="module")
def endpoint() -> Iterator[str]:
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()


@pytest.fixture
def gate(endpoint: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[KmsGate]:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "testing")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "testing")
    connection = connect(Target(endpoint_url=endpoint, region="eu-west-1"))
    gate = KmsGate(connection, write=True)
    for page in gate.alias_pages():
        for alias in page:
            if not alias.name.startswith("alias/aws/"):
                delete_alias(gate, alias.name)
    yield gate
    connection.close()


@pytest.fixture
def key(gate: KmsGate) -> KeyDescription:
    return gate.create_key("first", spec="SYMMETRIC_DEFAULT", usage="ENCRYPT_DECRYPT")


class TestReading:
    def test_gives_what_there_is(self, gate: KmsGate, key: KeyDescription) -> None:
        assert grants_of(gate, key.arn) == ()
        assert tags_of(gate, key.arn) == ()
        policy = key_policy(gate, key.arn)
        assert policy.reading is not None
        assert "account 123456789012" in policy.reading.statements[0].line
        rotation = rotation_of(gate, key)
        assert not isinstance(rotation.automatic, Missing)
        assert (rotation.automatic.enabled, rotation.materials) == (False, ())

    def test_keeps_what_there_is_not_with_its_reason(
        self, gate: KmsGate, key: KeyDescription
    ) -> None:
        for read in (
            lambda: last_usage(gate, key.arn),
            lambda: custom_key_store(gate, "cks-1"),
        ):
            missing = attempt(read)
            assert isinstance(missing, Missing)
            assert missing.why is Absence.FAILED
            assert isinstance(missing.error, errors.Unreachable)

    def test_gives_a_public_key(self, gate: KmsGate) -> None:
        pair = gate.create_key("pair", spec="RSA_2048", usage="SIGN_VERIFY")
        found = public_key_of(gate, pair)
        assert isinstance(found, PublicKey)
        assert found.pem.startswith("-----BEGIN PUBLIC KEY-----\n")


class TestDryRuns:
    def test_that_are_ignored_are_found_out_by_one_encrypt(
        self, gate: KmsGate, key: KeyDescription
    ) -> None:
        found = [(a.operation, a.verdict, a.note) for a in abilities(gate, key)]
        assert found == [
            ("Encrypt", Verdict.YES, CALL_WAS_MADE),
            ("Decrypt", Verdict.UNKNOWN, NOT_TRIED),
            ("GenerateDataKey", Verdict.UNKNOWN, NOT_TRIED),
        ]
        assert gate.log.records()[-1].operation == "Encrypt"


class TestActing:
    def test_changes_aliases(self, gate: KmsGate, key: KeyDescription) -> None:
        other = gate.create_key("second")
        create_alias(gate, "third", key.key_id)
        retarget_alias(gate, "third", other.key_id)
        assert gate.describe_key("alias/third").key_id == other.key_id
        delete_alias(gate, "third")
        with pytest.raises(errors.KeyNotFound):
            gate.describe_key("alias/third")

    def test_changes_state_description_tags_and_rotation(
        self, gate: KmsGate, key: KeyDescription
    ) -> None:
        disable_key(gate, key.key_id)
        assert gate.describe_key(key.arn).state == "Disabled"
        enable_key(gate, key.key_id)
        update_description(gate, key.arn, "words")
        assert gate.describe_key(key.arn).description == "words"
        tag_key(gate, key.arn, {"a": "1", "b": "2"})
        untag_key(gate, key.arn, ["a"])
        assert tags_of(gate, key.arn) == (Tag("b", "2"),)
        enable_rotation(gate, key.arn, period_days=100)
        assert gate.rotation_status(key.arn).enabled
        disable_rotation(gate, key.arn)
        assert not gate.rotation_status(key.arn).enabled


class TestSmallData:
    def test_goes_there_and_back(self, gate: KmsGate, key: KeyDescription) -> None:
        other = gate.create_key("second")
        sealed = encrypt(gate, key.arn, SECRET, context={"a": "b"})
        assert decrypt(gate, sealed.ciphertext, context={"a": "b"}).plaintext == SECRET
        moved = re_encrypt(gate, sealed.ciphertext, other.arn, source_context={"a": "b"})
        opened = decrypt(gate, moved.ciphertext)
        assert (opened.key_arn, opened.plaintext) == (other.arn, SECRET)

    def test_refuses_another_context(self, gate: KmsGate, key: KeyDescription) -> None:
        sealed = encrypt(gate, key.arn, SECRET, context={"a": "b"})
        with pytest.raises(errors.InvalidCiphertext):
            decrypt(gate, sealed.ciphertext)

    def test_is_made_as_keys_and_random_bytes(self, gate: KmsGate, key: KeyDescription) -> None:
        made = generate_data_key(gate, key.arn)
        assert decrypt(gate, made.ciphertext).plaintext == made.plaintext
        wrapped = generate_data_key_without_plaintext(gate, key.arn, number_of_bytes=16)
        assert len(decrypt(gate, wrapped.ciphertext).plaintext) == 16
        assert len(generate_random(gate, 64)) == 64

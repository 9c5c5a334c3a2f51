"""Messages pass both ways between Sealscope and the AWS Encryption SDK for Python.

What either writes, the other reads, and both read the same in its header. Suite, frame length,
context, recipients and size are generated, each number the same configuration in every run.

What the peer cannot do, version 4.0.7, is left out by name and nowhere else:

- `writable_by_peer`: it writes only frame lengths that are multiples of 128, as it compares
  them with the cipher's block size in bits. It reads any.
- `as_set`: it keeps encrypted data keys in a set, so it writes them in no certain order, and
  tells none when it reads.
- `DISTINCT_NAMES`: it gives up at the first raw AES key that names a data key and does not open
  it, so no two raw keys share a name here.
"""

from __future__ import annotations

import hashlib
import io
import random
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import pytest
from aws_encryption_sdk import EncryptionSDKClient
from aws_encryption_sdk.exceptions import SerializationError
from aws_encryption_sdk.identifiers import Algorithm
from aws_encryption_sdk.identifiers import CommitmentPolicy as TheirPolicy
from aws_encryption_sdk.internal.formatting.deserialize import deserialize_header
from aws_encryption_sdk.internal.formatting.serialize import serialize_header
from cryptography.exceptions import InvalidTag

from sealscope.engine.decrypt import DecryptResult, decrypt
from sealscope.engine.encrypt import DEFAULT_FRAME_LENGTH, EncryptResult, encrypt
from sealscope.engine.header import ContentType, EncryptedDataKey, Header, parse_header
from sealscope.engine.header_writer import build_header
from sealscope.engine.managers import DefaultManager
from sealscope.engine.materials import Fate
from sealscope.engine.raw_rsa_keyring import RsaPadding
from sealscope.engine.streams import ByteInput
from sealscope.engine.suites import SUITES, AlgorithmSuite
from sealscope.kms.connection import Target, connect
from sealscope.kms.facade import KmsGate
from tests.engine.messages import ALLOW, COMMITTING, FORBID
from tests.engine.peer_recipients import (
    Recipient,
    aes_recipient,
    kms_recipient,
    our_keyring,
    rsa_recipient,
    their_provider,
)

NORMAL: Final = 40
EVERYTHING: Final = 2000
CHUNKS: Final = 40

FRAME_LENGTHS: Final = (0, 1, 2, 15, 16, 17, 127, 128, 129, 256, 1000, 1024, 4096, 4097, 65536)
NAMES: Final = ("kms 1", "kms 2", "aes-16", "aes-24", "aes-32", *(p.value for p in RsaPadding))
TEXTS: Final = ("", "a", "department", "größe", "\U00010348", "\uffee", " ", "=", "a\nb", "日本")
DISTINCT_NAMES: Final = {
    "aes-16": ("raw", "aes of 128 bits"),
    "aes-24": ("größe", "schlüssel"),
    "aes-32": ("raw", "aes of 256 bits/and a slash"),
    **{padding.value: (f"rsa-{padding.value}", "日本") for padding in RsaPadding},
}


def writable_by_peer(frame_length: int) -> int:
    """The next frame length that the peer would write; 0, for no frames, is one."""
    return -(-frame_length // 128) * 128


def as_set(keys: tuple[EncryptedDataKey, ...]) -> set[tuple[str, bytes, bytes]]:
    return {(key.provider_id, key.provider_info, key.ciphertext) for key in keys}


@dataclass(frozen=True)
class Configuration:
    """How a message is made.

    Attributes:
        frame_length: 0 for none.
        recipients: names of wrapping keys; the first generates the data key.
        size: bytes of plaintext.
    """

    suite: AlgorithmSuite
    frame_length: int
    context: dict[str, str]
    recipients: tuple[str, ...]
    size: int

    @classmethod
    def number(cls, number: int) -> Configuration:
        some = random.Random(number)
        frame_length = some.choice(FRAME_LENGTHS)
        length = frame_length or 1000
        frames = some.randrange(5)
        size = max(0, frames * length + some.choice((-1, 0, 1, length // 2)))
        context = {
            some.choice(TEXTS): some.choice((*TEXTS, "long " * some.randrange(500)))
            for _ in range(some.choice((0, 1, 1, 3, 8)))
        }
        recipients = some.sample(NAMES, some.choice((1, 1, 2, 3)))
        suite = some.choice(tuple(SUITES.values()))
        return cls(suite, frame_length, context, tuple(recipients), size)

    @property
    def plaintext(self) -> bytes:
        return hashlib.shake_128(repr(self).encode()).digest(self.size)


@dataclass(frozen=True)
class Peers:
    """Both sides, with the same wrapping keys and the same local KMS."""

    recipients: dict[str, Recipient]

    def of(self, configuration: Configuration) -> list[Recipient]:
        return [self.recipients[name] for name in configuration.recipients]

    def ours(self, made: Configuration) -> tuple[bytes, EncryptResult]:
        sink = io.BytesIO()
        result = encrypt(
            io.BytesIO(made.plaintext),
            sink,
            materials=DefaultManager(our_keyring(self.of(made))),
            context=made.context,
            suite=made.suite,
            frame_length=made.frame_length,
            commitment_policy=ALLOW if made.suite.committing else FORBID,
        )
        return sink.getvalue(), result

    def open_ours(self, message: bytes, recipient: Recipient) -> tuple[bytes, DecryptResult]:
        sink = io.BytesIO()
        result = decrypt(
            io.BytesIO(message),
            sink,
            materials=DefaultManager(recipient.ours),
            commitment_policy=ALLOW,
        )
        return sink.getvalue(), result

    def theirs(self, made: Configuration) -> bytes:
        message, _ = their_client(made.suite).encrypt(
            source=made.plaintext,
            key_provider=their_provider(self.of(made)),
            encryption_context=dict(made.context),
            algorithm=Algorithm.get_by_id(made.suite.id),
            frame_length=writable_by_peer(made.frame_length),
        )
        return bytes(message)

    def open_theirs(self, message: bytes, made: Configuration, recipient: Recipient) -> Any:
        return their_client(made.suite).decrypt(source=message, key_provider=recipient.theirs())


def their_client(suite: AlgorithmSuite) -> Any:
    policy = (
        TheirPolicy.REQUIRE_ENCRYPT_REQUIRE_DECRYPT
        if suite.committing
        else TheirPolicy.FORBID_ENCRYPT_ALLOW_DECRYPT
    )
    return EncryptionSDKClient(commitment_policy=policy)


@pytest.fixture(scope="module")
def peers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Peers]:
    folder: Path = tmp_path_factory.mktemp("store")
    connection = connect(Target(local_store=folder / "keys.db"))
    gate = KmsGate(connection)
    recipients = [kms_recipient(name, connection, gate) for name in ("kms 1", "kms 2")]
    recipients += [aes_recipient(size, *DISTINCT_NAMES[f"aes-{size}"]) for size in (16, 24, 32)]
    recipients += [rsa_recipient(padding, *DISTINCT_NAMES[padding.value]) for padding in RsaPadding]
    yield Peers({recipient.name: recipient for recipient in recipients})
    connection.close()


def header_as_both_read_it(message: bytes) -> Header:
    """Our reading of a header, after it was compared with theirs, field by field."""
    ours = parse_header(ByteInput(io.BytesIO(message)))
    theirs, their_raw = deserialize_header(io.BytesIO(message))
    first = ours.version == 1
    assert theirs.version.value == ours.version
    assert (theirs.type.value if first else theirs.type) == (0x80 if first else None)
    assert theirs.algorithm.algorithm_id == ours.suite.id
    assert theirs.message_id == ours.message_id
    assert theirs.encryption_context == ours.encryption_context
    assert len(theirs.encrypted_data_keys) == len(ours.encrypted_data_keys)
    assert {
        (key.key_provider.provider_id, key.key_provider.key_info, key.encrypted_data_key)
        for key in theirs.encrypted_data_keys
    } == as_set(ours.encrypted_data_keys)
    assert theirs.content_type.value == ours.content_type.value
    assert theirs.header_iv_length == (12 if first else None)
    assert theirs.frame_length == ours.frame_length
    assert (theirs.commitment_key or b"") == ours.commit_key
    assert their_raw == ours.raw
    # Written anew from what was read it is the same, byte for byte.
    assert rewritten(ours).raw == ours.raw
    if len(ours.encrypted_data_keys) == 1:
        assert serialize_header(theirs) == ours.raw
    return ours


def rewritten(header: Header) -> Header:
    return build_header(
        suite=header.suite,
        message_id=header.message_id,
        context=header.encryption_context,
        encrypted_data_keys=header.encrypted_data_keys,
        content_type=header.content_type,
        frame_length=header.frame_length,
        commit_key=header.commit_key,
    )


def check_header(header: Header, made: Configuration, recipients: list[Recipient]) -> None:
    """That a header says how the message was made, whoever made it."""
    assert header.suite is made.suite
    stored = dict(header.encryption_context)
    assert (stored.pop("aws-crypto-public-key", None) is not None) == made.suite.signed
    assert stored == made.context
    framed = ContentType.FRAMED if made.frame_length else ContentType.NON_FRAMED
    assert header.content_type is framed
    unnamed = list(header.encrypted_data_keys)
    for provider, info in (recipient.named for recipient in recipients):
        unnamed = [
            key
            for key in unnamed
            if key.provider_id != provider or not key.provider_info.startswith(info)
        ]
    assert unnamed == []


def check_ours_to_theirs(peers: Peers, made: Configuration) -> int:
    """What Sealscope writes, the peer reads with each recipient's key; its length."""
    message, result = peers.ours(made)
    assert result.message_bytes == len(message)
    recipients = peers.of(made)
    header = header_as_both_read_it(message)
    check_header(header, made, recipients)
    assert header.frame_length == made.frame_length
    assert header.message_id == result.message_id
    # In the order in which they were named.
    for key, recipient in zip(header.encrypted_data_keys, recipients, strict=True):
        assert key.provider_id == recipient.named[0]
        assert key.provider_info.startswith(recipient.named[1])
    for recipient in recipients:
        plaintext, read = peers.open_theirs(message, made, recipient)
        assert bytes(plaintext) == made.plaintext
        assert read.encryption_context == result.encryption_context
        assert read.message_id == result.message_id
    return len(message)


def check_theirs_to_ours(peers: Peers, made: Configuration) -> int:
    """What the peer writes, Sealscope reads with each recipient's key; its length."""
    message = peers.theirs(made)
    recipients = peers.of(made)
    header = header_as_both_read_it(message)
    check_header(header, made, recipients)
    assert header.frame_length == writable_by_peer(made.frame_length)
    for recipient in recipients:
        plaintext, result = peers.open_ours(message, recipient)
        assert plaintext == made.plaintext
        assert result.message_bytes == len(message)
        assert result.encryption_context == header.encryption_context
        assert result.signature_verified is (True if made.suite.signed else None)
    return len(message)


def check(peers: Peers, number: int) -> None:
    made = Configuration.number(number)
    ours, theirs = check_ours_to_theirs(peers, made), check_theirs_to_ours(peers, made)
    if writable_by_peer(made.frame_length) == made.frame_length:
        assert ours == theirs, made  # also where the plaintext fills its last frame


class TestTheConfigurations:
    def test_meet_every_suite_frame_length_recipient_and_number_of_pairs(self) -> None:
        all_of_them = [Configuration.number(number) for number in range(EVERYTHING)]
        assert {made.suite.id for made in all_of_them} == set(SUITES)
        assert {made.frame_length for made in all_of_them} == set(FRAME_LENGTHS)
        for count in (1, 2, 3):
            some = [made.recipients for made in all_of_them if len(made.recipients) == count]
            assert {name for names in some for name in names} == set(NAMES)
        assert {len(made.context) for made in all_of_them} >= {0, 1, 2, 3}
        assert {(made.suite.id, bool(made.frame_length)) for made in all_of_them} == {
            (suite, framed) for suite in SUITES for framed in (True, False)
        }
        assert len({repr(made) for made in all_of_them}) > EVERYTHING * 0.99

    def test_meet_every_suite_in_the_normal_run_too(self) -> None:
        few = [Configuration.number(number) for number in range(NORMAL)]
        assert {made.suite.id for made in few} == set(SUITES)
        assert {name for made in few for name in made.recipients} == set(NAMES)


@pytest.mark.parametrize("start", range(0, NORMAL, 10))
def test_messages_pass_both_ways(peers: Peers, start: int) -> None:
    for number in range(start, start + 10):
        check(peers, number)


@pytest.mark.exhaustive
@pytest.mark.parametrize("chunk", range(CHUNKS))
def test_messages_of_2000_configurations_pass_both_ways(peers: Peers, chunk: int) -> None:
    for number in range(chunk, EVERYTHING, CHUNKS):
        check(peers, number)


@pytest.mark.parametrize("suite", COMMITTING, ids=lambda suite: suite.hex_id)
@pytest.mark.parametrize("more", [-1, 0, 7])
def test_the_default_frame_length_passes_both_ways(
    peers: Peers, suite: AlgorithmSuite, more: int
) -> None:
    size = DEFAULT_FRAME_LENGTH + more
    made = Configuration(suite, DEFAULT_FRAME_LENGTH, {"a": "b"}, ("kms 1", "kms 2"), size)
    assert check_ours_to_theirs(peers, made) == check_theirs_to_ours(peers, made)


class TestWhatIsLeftOut:
    """Each is still true of the peer; once it is not, it is to be left out no longer."""

    def made(self, frame_length: int, *recipients: str) -> Configuration:
        return Configuration(SUITES[0x0478], frame_length, {}, recipients, 300)

    @pytest.mark.parametrize("frame_length", [1, 16, 127, 129, 1000])
    def test_it_writes_no_frame_length_that_is_no_multiple_of_128(
        self, peers: Peers, frame_length: int
    ) -> None:
        with pytest.raises(SerializationError):
            EncryptionSDKClient().encrypt(
                source=b"",
                key_provider=peers.recipients["aes-32"].theirs(),
                frame_length=frame_length,
                algorithm=Algorithm.get_by_id(0x0478),
            )

    def test_it_ends_in_another_librarys_error_at_a_raw_key_that_names_but_does_not_open(
        self, peers: Peers
    ) -> None:
        """So it does not come to the next encrypted data key. Sealscope does."""
        key = peers.recipients["aes-32"]
        namesake = aes_recipient(32, *DISTINCT_NAMES["aes-32"])
        both = Peers({"namesake": namesake, "key": key})
        message, _ = both.ours(self.made(128, "namesake"))
        with pytest.raises(InvalidTag):
            both.open_theirs(message, self.made(128), key)
        message, _ = both.ours(self.made(128, "namesake", "key"))
        _, result = both.open_ours(message, key)
        assert [attempt.fate for attempt in result.attempts] == [Fate.FAILED, Fate.OPENED]

"""The format, byte for byte: answers that other implementations have agreed to."""

from __future__ import annotations

import hashlib
import io

import pytest
from cryptography.hazmat.primitives.asymmetric import ec

from sealscope import errors
from sealscope.engine import encryption_context
from sealscope.engine.decrypt import decrypt
from sealscope.engine.derivation import derive, header_tag
from sealscope.engine.encrypt import write_message
from sealscope.engine.frames import FrameCipher
from sealscope.engine.header import parse_header, parse_header_auth
from sealscope.engine.header_writer import build_header
from sealscope.engine.managers import DefaultManager
from sealscope.engine.materials import EncryptionMaterials
from sealscope.engine.signing import SigningKey
from sealscope.engine.streams import ByteInput
from sealscope.engine.suites import P256, P384, SUITES
from sealscope.secret import SecretBytes
from tests.engine import known_answers as known
from tests.engine.known_answers import MESSAGES, KnownMessage
from tests.engine.messages import ALLOW

KEYRING = known.keyring()
SIGNING_KEYS = {
    P256: SigningKey(P256, ec.derive_private_key(known.PRIVATE_SCALAR_P256, ec.SECP256R1())),
    P384: SigningKey(P384, ec.derive_private_key(known.PRIVATE_SCALAR_P384, ec.SECP384R1())),
}

# (content key, commit key) by suite
DERIVED = {
    0x0014: ("000102030405060708090a0b0c0d0e0f", ""),
    0x0046: ("000102030405060708090a0b0c0d0e0f1011121314151617", ""),
    0x0078: ("000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f", ""),
    0x0114: ("bd5da4ca329297c6696a5727c12cdf41", ""),
    0x0146: ("e99f0c64dea3290fc9827322d2cfe866e6a3dad321ee6dc1", ""),
    0x0178: ("62bb55dc60972918873b88833852d93521b333852655887e01cfe614e2a37fee", ""),
    0x0214: ("0e0920200a9d484686c7362b51ea704a", ""),
    0x0346: ("09fb3076a90b688011bc966fa4bb7df9642c3a02a2c7a8f7", ""),
    0x0378: ("15265919c3d9117fb6de783dff1b386e21ddecc0b0f7065401bfd29e0d9708dd", ""),
    0x0478: (
        "371fd7058a7d02303fd724d9c257c787ab372840ff64e7c22916701a08910ff6",
        "8f0a89e98409b45c4215734e5b0b32f53bec97d19af9eb7807832f259dad7e87",
    ),
    0x0578: (
        "d65475519b877e94ef7a69555e0a90de76307ac45b2d852b973ec8418d935e91",
        "8f0a89e98409b45c4215734e5b0b32f53bec97d19af9eb7807832f259dad7e87",
    ),
}


class TestEncryptionContext:
    def test_pairs_are_sorted_by_the_bytes_of_their_keys(self) -> None:
        context = {"a": "b", "k\u00b6": "1", "\U00010348": "2", "\uffee": "", "": "e"}
        serialized = encryption_context.serialize(context)
        assert serialized.hex() == (
            "0005000000016500016100016200036bc2b60001310003efbfae00000004f0908d88000132"
        )
        assert len(serialized) == 0x25
        assert encryption_context.parse(serialized, 0) == context

    def test_an_empty_context_is_no_bytes(self) -> None:
        assert encryption_context.serialize({}) == b""


def test_every_suite_derives_the_known_keys() -> None:
    assert set(DERIVED) == set(SUITES)
    for suite in SUITES.values():
        data_key = SecretBytes(known.data_key(suite.key_bytes))
        keys = derive(suite, data_key, known.message_id(suite.message_id_bytes))
        assert (keys.content_key.reveal().hex(), keys.commit_key.hex()) == DERIVED[suite.id]


class TestSigningKeys:
    def test_public_keys_are_written_as_compressed_points(self) -> None:
        assert SIGNING_KEYS[P256].public_key_text() == known.PUBLIC_KEY_P256
        assert SIGNING_KEYS[P384].public_key_text() == known.PUBLIC_KEY_P384


@pytest.mark.parametrize("message", MESSAGES, ids=lambda message: message.name)
class TestMessages:
    def test_the_answer_is_copied_right(self, message: KnownMessage) -> None:
        assert hashlib.sha256(message.message).hexdigest() == message.sha256

    def test_its_header_is_parsed_and_written_alike(self, message: KnownMessage) -> None:
        source = ByteInput(io.BytesIO(message.message))
        header = parse_header(source)
        auth = parse_header_auth(source, header)
        suite = header.suite
        assert suite.id == message.suite_id
        assert len(header.raw) == message.header_body_bytes
        assert auth.tag.hex() == message.header_tag
        assert header.message_id == known.message_id(suite.message_id_bytes)
        written = build_header(
            suite=suite,
            message_id=header.message_id,
            context=header.encryption_context,
            encrypted_data_keys=header.encrypted_data_keys,
            content_type=header.content_type,
            frame_length=header.frame_length,
            commit_key=header.commit_key,
        )
        assert written == header

    def test_its_header_tag_is_made_from_its_data_key(self, message: KnownMessage) -> None:
        header = parse_header(ByteInput(io.BytesIO(message.message)))
        suite = header.suite
        keys = derive(suite, SecretBytes(known.data_key(suite.key_bytes)), header.message_id)
        required = encryption_context.serialize(message.expected or {})
        assert header_tag(keys, header, required).hex() == message.header_tag
        assert keys.commit_key == header.commit_key

    def test_it_decrypts(self, message: KnownMessage) -> None:
        sink = io.BytesIO()
        result = decrypt(
            io.BytesIO(message.message),
            sink,
            materials=DefaultManager(KEYRING),
            expected_context=message.expected,
            commitment_policy=ALLOW,
        )
        assert sink.getvalue() == message.plaintext
        assert result.message_bytes == len(message.message)
        assert result.plaintext_bytes == len(message.plaintext)


class TestWriting:
    @pytest.mark.parametrize(
        "message",
        [message for message in MESSAGES if message.reproducible],
        ids=lambda message: message.name,
    )
    def test_the_same_inputs_give_the_same_bytes(self, message: KnownMessage) -> None:
        suite = SUITES[message.suite_id]
        context = {"a": "b"} if message.context is None else message.context
        made = KEYRING.wrap(suite, context, SecretBytes(known.data_key(suite.key_bytes)))
        sink = io.BytesIO()
        write_message(
            io.BytesIO(message.plaintext),
            sink,
            materials=EncryptionMaterials(
                suite,
                made.data_key,
                made.encrypted_data_keys,
                context,
                None,
            ),
            message_id=known.message_id(suite.message_id_bytes),
            frame_length=message.frame_length,
            required_context=message.expected or (),
        )
        assert sink.getvalue() == message.message

    @pytest.mark.parametrize("name", ["M7", "M8"])
    def test_a_signed_message_differs_only_in_its_signature(self, name: str) -> None:
        message = next(known for known in MESSAGES if known.name == name)
        suite = SUITES[message.suite_id]
        assert suite.signature is not None
        key = SIGNING_KEYS[suite.signature]
        context = {"a": "b", encryption_context.PUBLIC_KEY: key.public_key_text()}
        made = KEYRING.wrap(suite, context, SecretBytes(known.data_key(suite.key_bytes)))
        sink = io.BytesIO()
        write_message(
            io.BytesIO(message.plaintext),
            sink,
            materials=EncryptionMaterials(
                suite,
                made.data_key,
                made.encrypted_data_keys,
                context,
                key,
            ),
            message_id=known.message_id(suite.message_id_bytes),
            frame_length=known.FRAME_LENGTH,
        )
        footer = 2 + suite.signature.preferred_der_bytes
        assert sink.getvalue()[:-footer] == message.message[:-footer]


class TestRequiredContext:
    """A pair that is authenticated and not stored must be given, and given right."""

    M9 = next(message for message in MESSAGES if message.name == "M9")

    @pytest.mark.parametrize("expected", [None, {"r": "t"}, {"r": "s", "x": "y"}])
    def test_without_it_nothing_opens(self, expected: dict[str, str] | None) -> None:
        with pytest.raises(errors.NoUsableKey):
            decrypt(
                io.BytesIO(self.M9.message),
                io.BytesIO(),
                materials=DefaultManager(KEYRING),
                expected_context=expected,
            )

    def test_a_pair_that_is_also_stored_may_be_given(self) -> None:
        result = decrypt(
            io.BytesIO(self.M9.message),
            io.BytesIO(),
            materials=DefaultManager(KEYRING),
            expected_context={"a": "b", "r": "s"},
        )
        assert result.encryption_context == {"a": "b", "r": "s"}


def test_a_frame_is_made_from_the_key_the_number_and_the_length_alone() -> None:
    m1 = next(message for message in MESSAGES if message.name == "M1")
    keys = derive(SUITES[0x0178], SecretBytes(known.data_key(32)), known.message_id(16))
    cipher = FrameCipher(keys.content_key, known.message_id(16))
    second, final = bytearray(16 + 32), bytearray(4 + 40)
    cipher.seal_final(3, memoryview(known.PLAINTEXT[32:]), memoryview(final))
    cipher.seal_regular(2, 16, memoryview(known.PLAINTEXT[16:32]), memoryview(second))
    assert m1.message.endswith(bytes(second + final))

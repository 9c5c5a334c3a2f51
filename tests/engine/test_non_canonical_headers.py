"""Headers that no correct writer makes, by hand: each with its exact error and what it is told.

Everything else about the messages is right: tags and signatures are made over what is wrong, so
that no later check hides an earlier one that is missing.
"""

from __future__ import annotations

import base64
import io
from typing import Final

import pytest

from sealscope import errors
from sealscope.engine.managers import DefaultManager
from sealscope.engine.suites import SUITES
from sealscope.formats.recognise import describe
from tests.engine.forge import SIGNED, V1, V1_SIGNED, V2, Forge, context_section, edk, u
from tests.engine.known_answers import PUBLIC_KEY_P256, PUBLIC_KEY_P384
from tests.engine.known_data_key import KnownDataKey
from tests.engine.sample_messages import check_told

NotAnEnvelope, LooksBase64 = errors.NotAnEnvelope, errors.LooksBase64
Unsupported, Malformed, Truncated = errors.Unsupported, errors.Malformed, errors.Truncated
LimitExceeded, ContextMismatch = errors.LimitExceeded, errors.ContextMismatch

A: Final = b"\x00\x01a"
B: Final = b"\x00\x01b"
CUT: Final = V2.message()
CUT_V1: Final = V1.message()


def section(data: bytes, length: int | None = None) -> Forge:
    """A message whose context section is these bytes, under a length of its own if given."""
    return V2.but(context=data, context_length=length)


def pairs(*each: tuple[bytes, bytes]) -> Forge:
    return section(context_section(*each))


def signed(key: bytes | str) -> Forge:
    """A signed message with this as its verification key."""
    text = key.encode() if isinstance(key, str) else base64.b64encode(key)
    return SIGNED.but(context=context_section((b"aws-crypto-public-key", text)))


def base64_of(forge: Forge) -> bytes:
    return base64.b64encode(forge.message())


def provider(name: bytes) -> Forge:
    return V2.but(edks=[edk(provider=name)])


def raw_edk(data: bytes) -> Forge:
    """A message with one encrypted data key that is these bytes."""
    return V2.but(edks=[data])


def suite(forge: Forge, number: int) -> Forge:
    return forge.but(suite_bytes=u(number, 2))


Row = tuple[str, Forge | bytes, type[errors.EnvelopeError], str]

TABLE: Final[tuple[Row, ...]] = (
    # The first bytes
    ("nothing at all", b"", Truncated, "empty"),
    ("version 0", V2.but(version=0), NotAnEnvelope, "0x00"),
    ("version 3", V2.but(version=3), NotAnEnvelope, "0x03"),
    ("version 0x80: the type alone", CUT_V1[1:], NotAnEnvelope, "0x80"),
    ("version '1' in letters", b"1" + CUT[1:], NotAnEnvelope, "0x31"),
    ("version 0xff", V2.but(version=0xFF), NotAnEnvelope, "0xff"),
    ("a byte order mark in front", b"\xef\xbb\xbf" + CUT, NotAnEnvelope, "0xef"),
    ("Base64 of version 1, suite 01xx", base64_of(V1), LooksBase64, "AYAB"),
    ("Base64 of version 1, suite 03xx", base64_of(V1_SIGNED), LooksBase64, "AYAD"),
    ("Base64 of version 2, suite 0478", base64_of(V2), LooksBase64, "AgR4"),
    ("Base64 of version 2, suite 0578", base64_of(SIGNED), LooksBase64, "AgV4"),
    ("Base64 of an identity suite", base64_of(Forge(SUITES[0x14])), LooksBase64, "AYAA"),
    ("Base64 of suite 0214", base64_of(Forge(SUITES[0x214])), LooksBase64, "AYAC"),
    ("a letter A that begins no Base64", b"A" + CUT[1:], NotAnEnvelope, "0x41"),
    ("type 0", V1.but(message_type=0), Unsupported, "00 at byte 1"),
    ("type 0x7f", V1.but(message_type=0x7F), Unsupported, "7f at byte 1"),
    ("type 0x81", V1.but(message_type=0x81), Unsupported, "81 at byte 1"),
    ("type 0xff", V1.but(message_type=0xFF), Unsupported, "ff at byte 1"),
    ("version 2 with a type", b"\x02\x80" + CUT[1:], Unsupported, "8004 at byte 1"),
    # The algorithm suite
    ("suite 0000 in version 1", V1.but(suite_bytes=b"\0\0"), Unsupported, "0000 at byte 2"),
    ("suite 0000 in version 2", V2.but(suite_bytes=b"\0\0"), Unsupported, "0000 at byte 1"),
    ("suite 0070, of S3 encryption", suite(V1, 0x0070), Unsupported, "0070 at byte 2"),
    ("suite 0071, of S3 encryption", suite(V2, 0x0071), Unsupported, "0071 at byte 1"),
    ("suite 0072, of S3 encryption", suite(V1, 0x0072), Unsupported, "0072 at byte 2"),
    ("suite 0074, of S3 encryption", suite(V1, 0x0074), Unsupported, "0074 at byte 2"),
    ("suite 6700, of database encryption", suite(V1, 0x6700), Unsupported, "6700 at byte 2"),
    ("suite 6701, of database encryption", suite(V2, 0x6701), Unsupported, "6701 at byte 1"),
    ("suite 0179, one beyond", suite(V1, 0x0179), Unsupported, "0179 at byte 2"),
    ("suite 7801, bytes swapped", suite(V1, 0x7801), Unsupported, "7801 at byte 2"),
    ("suite 7804, bytes swapped", suite(V2, 0x7804), Unsupported, "7804 at byte 1"),
    ("suite 0678, one beyond", suite(V2, 0x0678), Unsupported, "0678 at byte 1"),
    ("suite 0446, commitment of 192 bits", suite(V2, 0x0446), Unsupported, "0446 at byte 1"),
    ("suite ffff", suite(V2, 0xFFFF), Unsupported, "ffff at byte 1"),
    ("suite 0014 in version 2", suite(V2, 0x0014), Unsupported, "0014 in a version 2"),
    ("suite 0046 in version 2", suite(V2, 0x0046), Unsupported, "0046 in a version 2"),
    ("suite 0078 in version 2", suite(V2, 0x0078), Unsupported, "0078 in a version 2"),
    ("suite 0114 in version 2", suite(V2, 0x0114), Unsupported, "0114 in a version 2"),
    ("suite 0146 in version 2", suite(V2, 0x0146), Unsupported, "0146 in a version 2"),
    ("suite 0178 in version 2", suite(V2, 0x0178), Unsupported, "0178 in a version 2"),
    ("suite 0214 in version 2", suite(V2, 0x0214), Unsupported, "0214 in a version 2"),
    ("suite 0346 in version 2", suite(V2, 0x0346), Unsupported, "0346 in a version 2"),
    ("suite 0378 in version 2", suite(V2, 0x0378), Unsupported, "0378 in a version 2"),
    ("suite 0478 in version 1", suite(V1, 0x0478), Unsupported, "0478 in a version 1"),
    ("suite 0578 in version 1", suite(V1, 0x0578), Unsupported, "0578 in a version 1"),
    # The encryption context: its lengths
    ("a section of one byte", section(b"\0"), Malformed, "its length is 1 byte"),
    ("no pairs, one byte more", section(b"\0\0\0"), Malformed, "a pair count of zero"),
    ("no pairs, two bytes more", section(bytes(4)), Malformed, "a pair count of zero"),
    ("no pairs, a pair behind", section(b"\0\0" + A + B), Malformed, "a pair count of zero"),
    ("a pair counted, none there", section(u(1, 2)), Malformed, "a key runs past its end"),
    ("two counted, one there", section(u(2, 2) + A + B), Malformed, "a key runs past its end"),
    ("65,535 counted, one there", section(b"\xff\xff" + A + B), Malformed, "a key runs past"),
    ("one counted, two there", section(u(1, 2) + A + B + B + A), Malformed, "6 bytes follow"),
    ("half a key's length", section(u(1, 2) + b"\0"), Malformed, "a key runs past its end"),
    ("a key longer by a byte", section(u(1, 2) + b"\0\x02a"), Malformed, "a key runs past"),
    ("a key of 65,535", section(u(1, 2) + b"\xff\xffa" + B), Malformed, "a key runs past"),
    ("a key without a value", section(u(1, 2) + A), Malformed, "a value runs past its end"),
    ("half a value's length", section(u(1, 2) + A + b"\0"), Malformed, "a value runs past"),
    ("a value longer by a byte", section(u(1, 2) + A + b"\0\x02b"), Malformed, "a value runs"),
    ("a value of 65,535", section(u(1, 2) + A + b"\xff\xffb"), Malformed, "a value runs past"),
    ("a byte behind the pairs", section(u(1, 2) + A + B + b"\0"), Malformed, "1 bytes follow"),
    ("a section longer by a byte", section(u(1, 2) + A + B, 9), Malformed, "1 bytes follow"),
    ("a section shorter by a byte", section(u(1, 2) + A + B, 7), Malformed, "a value runs past"),
    ("a section of 65,535", section(u(1, 2) + A + B, 65535), Truncated, "the encryption context"),
    ("lengths of the wrong byte order", section(b"\1\0" + A + B), Malformed, "a key runs past"),
    # The encryption context: its text
    ("a key twice", pairs((b"a", b"1"), (b"a", b"2")), Malformed, "'a' is there twice"),
    ("a pair twice", pairs((b"a", b"1"), (b"a", b"1")), Malformed, "'a' is there twice"),
    ("an empty key twice", pairs((b"", b"1"), (b"", b"2")), Malformed, "'' is there twice"),
    ("a key twice, far apart", pairs((b"a", b""), (b"b", b""), (b"a", b"")), Malformed, "twice"),
    ("a key of a lone 0xff", pairs((b"\xff", b"x")), Malformed, "a key is not valid UTF-8"),
    ("a value of a lone 0xff", pairs((b"x", b"\xff")), Malformed, "a value is not valid UTF-8"),
    ("a key cut in a character", pairs((b"\xc3", b"x")), Malformed, "a key is not valid UTF-8"),
    ("a value cut in a character", pairs((b"x", b"\xf0\x9f\x94")), Malformed, "a value is not"),
    ("a key of a surrogate", pairs((b"\xed\xa0\x80", b"x")), Malformed, "a key is not valid"),
    ("a value of a surrogate", pairs((b"x", b"\xed\xbf\xbf")), Malformed, "a value is not valid"),
    ("a key with an overlong NUL", pairs((b"\xc0\x80", b"x")), Malformed, "a key is not valid"),
    ("a value overlong", pairs((b"x", b"\xe0\x80\xaf")), Malformed, "a value is not valid"),
    ("a key beyond U+10FFFF", pairs((b"\xf4\x90\x80\x80", b"x")), Malformed, "a key is not"),
    ("a value of five bytes", pairs((b"x", b"\xf8\x88\x80\x80\x80")), Malformed, "a value is not"),
    ("a lone continuation byte", pairs((b"\x80", b"x")), Malformed, "a key is not valid UTF-8"),
    ("a value in Latin-1", pairs((b"x", b"caf\xe9")), Malformed, "a value is not valid UTF-8"),
    ("the second pair's key", pairs((b"a", b"b"), (b"\xfe", b"")), Malformed, "a key is not"),
    # Encrypted data keys
    ("no key at all", V2.but(edks=[]), Malformed, "no encrypted data key"),
    ("no key counted, one there", V2.but(edk_count=0), Malformed, "no encrypted data key"),
    ("no key at all in version 1", V1.but(edks=[]), Malformed, "no encrypted data key"),
    ("one more than the limit", V2.but(edks=[edk()] * 11), LimitExceeded, "11 at byte 45"),
    ("65,535 keys counted, one there", V2.but(edk_count=65535), LimitExceeded, "65535 at byte 45"),
    ("the limit's own, one there", V2.but(edk_count=10), Truncated, "encrypted data key 2"),
    ("two counted, one there", V2.but(edk_count=2), Truncated, "encrypted data key 2"),
    ("one counted, two there", V2.but(edks=[edk()] * 2, edk_count=1), Unsupported, "00 at byte"),
    ("a provider of 65,535", raw_edk(b"\xff\xff"), Truncated, "encrypted data key 1"),
    ("an info of 65,535", raw_edk(b"\0\x02ns\xff\xff"), Truncated, "encrypted data key 1"),
    ("a ciphertext of 65,535", raw_edk(b"\0\0\0\0\xff\xff"), Truncated, "encrypted data key 1"),
    ("a provider of a lone 0xff", provider(b"\xff"), Malformed, "provider id is not valid UTF-8"),
    ("a provider cut in a character", provider(b"aws-km\xc3"), Malformed, "provider id is not"),
    ("a provider of a surrogate", provider(b"\xed\xa0\x80"), Malformed, "provider id is not"),
    ("an overlong provider", provider(b"\xc1\xa1ws-kms"), Malformed, "provider id is not valid"),
    ("a provider in UTF-16", provider(b"\xff\xfea\0"), Malformed, "provider id is not valid"),
    ("the second one's", V2.but(edks=[edk(), edk(b"\xff")]), Malformed, "encrypted data key 2"),
    # What follows them
    ("content type 0", V2.but(content_type=0), Unsupported, "00 at byte"),
    ("content type 3", V2.but(content_type=3), Unsupported, "03 at byte"),
    ("content type 0x80", V2.but(content_type=0x80), Unsupported, "80 at byte"),
    ("content type 0xff", V2.but(content_type=0xFF), Unsupported, "ff at byte"),
    ("content type 0, version 1", V1.but(content_type=0), Unsupported, "00 at byte"),
    ("content type 3, version 1", V1.but(content_type=3), Unsupported, "03 at byte"),
    ("reserved 01000000", V1.but(reserved=b"\1\0\0\0"), Malformed, "01000000 at byte"),
    ("reserved 00010000", V1.but(reserved=b"\0\1\0\0"), Malformed, "00010000 at byte"),
    ("reserved 00000100", V1.but(reserved=b"\0\0\1\0"), Malformed, "00000100 at byte"),
    ("reserved 00000001", V1.but(reserved=b"\0\0\0\1"), Malformed, "00000001 at byte"),
    ("reserved ffffffff", V1.but(reserved=b"\xff" * 4), Malformed, "ffffffff at byte"),
    ("IV length 0", V1.but(iv_length=0), Malformed, "another IV length"),
    ("IV length 11", V1.but(iv_length=11), Malformed, "11 at byte"),
    ("IV length 13", V1.but(iv_length=13), Malformed, "13 at byte"),
    ("IV length 16", V1.but(iv_length=16), Malformed, "16 at byte"),
    ("IV length 96: in bits", V1.but(iv_length=96), Malformed, "96 at byte"),
    ("IV length 255", V1.but(iv_length=255), Malformed, "255 at byte"),
    ("frames of nothing", V2.but(frame_length=0), Malformed, "has frame length 0"),
    ("frames of nothing, version 1", V1.but(frame_length=0), Malformed, "has frame length 0"),
    ("no frames, of 1", V2.but(content_type=1, frame_length=1), Malformed, "frame length 1"),
    ("no frames, of 4096", V1.but(content_type=1, frame_length=4096), Malformed, "4096"),
    ("no frames, of 2^32 - 1", V2.but(content_type=1, frame_length=2**32 - 1), Malformed, "42949"),
    # The verification key
    ("no key, 0578", SIGNED.but(context=b""), ContextMismatch, "has no verification key"),
    ("no key, 0378", V1_SIGNED.but(context=b""), ContextMismatch, "has no verification key"),
    ("a key too many, 0478", V2.but(public_key=PUBLIC_KEY_P384), ContextMismatch, "does not sign"),
    ("a key too many, 0178", V1.but(public_key=PUBLIC_KEY_P384), ContextMismatch, "does not sign"),
    ("an empty key", signed(""), Malformed, "it is not a compressed P-384 point"),
    ("no Base64", signed("!"), Malformed, "it is not Base64"),
    ("not even ASCII", signed("ä"), Malformed, "it is not Base64"),
    ("a line break behind", signed(PUBLIC_KEY_P384 + "\n"), Malformed, "it is not"),
    ("a space in front", signed(" " + PUBLIC_KEY_P384), Malformed, "it is not Base64"),
    ("no padding", signed(PUBLIC_KEY_P384.rstrip("=")), Malformed, "it is not Base64"),
    ("stray bits", signed(PUBLIC_KEY_P384[:-3] + "B=="), Malformed, "not canonical Base64"),
    ("the other alphabet", signed(PUBLIC_KEY_P384.replace("+", "-")), Malformed, "not Base64"),
    ("of the other curve", signed(PUBLIC_KEY_P256), Malformed, "not a compressed P-384 point"),
    ("not compressed", signed(b"\4" + bytes(96)), Malformed, "not a compressed P-384 point"),
    ("not compressed, cut", signed(b"\4" + bytes(48)), Malformed, "not a compressed P-384"),
    ("at infinity", signed(b"\0"), Malformed, "not a compressed P-384 point"),
    ("at infinity, filled up", signed(bytes(49)), Malformed, "not a compressed P-384 point"),
    ("prefix 1", signed(b"\1" + bytes(48)), Malformed, "not a compressed P-384 point"),
    ("prefix 5", signed(b"\5" + bytes(48)), Malformed, "not a compressed P-384 point"),
    ("x beyond the field", signed(b"\2" + b"\xff" * 48), Malformed, "not on the curve P-384"),
    ("x on no point", signed(b"\2" + bytes(47) + b"\4"), Malformed, "not on the curve P-384"),
    # The input ends
    ("in the version's 1st field", CUT_V1[:1], Truncated, "the message type, at byte 1"),
    ("before the suite", CUT[:1], Truncated, "the algorithm suite id, at byte 1"),
    ("in the suite", CUT[:2], Truncated, "the algorithm suite id, at byte 2"),
    ("before the message id", CUT[:3], Truncated, "the message id, at byte 3"),
    ("in the message id", CUT[:34], Truncated, "the message id, at byte 34"),
    ("in the context's length", CUT[:36], Truncated, "the context's length, at byte 36"),
    ("in the context", CUT[:44], Truncated, "the encryption context, at byte 44"),
    ("in the number of keys", CUT[:46], Truncated, "the number of encrypted data keys"),
    ("in a provider id", CUT[:50], Truncated, "encrypted data key 1"),
    ("in a ciphertext", CUT[:60], Truncated, "encrypted data key 1"),
    ("before the content type", CUT[:64], Truncated, "the content type, at byte 64"),
    ("in the frame length", CUT[:67], Truncated, "the frame length, at byte 67"),
    ("in the commit key", CUT[:100], Truncated, "the commit key, at byte 100"),
    ("in the reserved field", CUT_V1[:50], Truncated, "the reserved field, at byte 50"),
    ("before the IV length", CUT_V1[:54], Truncated, "the IV length, at byte 54"),
)

SEEN_WITH_THE_DATA_KEY: Final[tuple[Row, ...]] = (
    ("a commit key of 31 bytes", V2.but(commit_key=bytes(31)), errors.CommitmentFailed, "commit"),
    ("a commit key of 33 bytes", V2.but(commit_key=bytes(33)), errors.CommitmentFailed, "commit"),
    ("no commit key", V2.but(commit_key=b""), errors.CommitmentFailed, "commit"),
    ("a commit key of zeros", V2.but(commit_key=bytes(32)), errors.CommitmentFailed, "commit"),
    ("a commit key in version 1", V1.but(commit_key=bytes(32)), errors.HeaderNotAuthentic, "tag"),
    ("no tag", V2.but(header_tag=b""), errors.HeaderNotAuthentic, "tag"),
    ("a tag of 12 bytes", V1.but(header_tag=bytes(12)), errors.HeaderNotAuthentic, "tag"),
    ("a tag of zeros", SIGNED.but(header_tag=bytes(16)), errors.HeaderNotAuthentic, "tag"),
    ("an IV of 16 bytes", V1.but(header_iv=bytes(16)), errors.HeaderNotAuthentic, "tag"),
)

TAKEN: Final[tuple[tuple[str, Forge], ...]] = (
    ("no context, as it is written", section(b"")),
    ("no context, as ancient writers put it", section(b"\0\0")),
    ("a context that is not sorted", pairs((b"b", b"1"), (b"a", b"2"))),
    ("a context in the order of UTF-16", pairs((b"\xf0\x90\x8d\x88", b""), (b"\xef\xbf\xae", b""))),
    ("an empty key and an empty value", pairs((b"", b""))),
    ("a context of 65,535 bytes", pairs((b"k", bytes(65535 - 7)))),
    ("keys that Unicode calls equal", pairs((b"e\xcc\x81", b""), (b"\xc3\xa9", b""))),
    ("ten encrypted data keys", V2.but(edks=[edk()] * 10)),
    ("an encrypted data key of nothing", raw_edk(bytes(6))),
    ("a provider id that is not ASCII", provider("größe".encode())),
    ("an encrypted data key of 65,535 bytes", V2.but(edks=[edk(ciphertext=bytes(65535))])),
    ("frames of 2^32 - 1", V2.but(frame_length=2**32 - 1, parts=(b"small",))),
    ("frames of 1", V1.but(frame_length=1, parts=(b"a", b"b", b"c"))),
    ("a header IV that is random, as old writers had it", V1.but(header_iv=b"random bytes")),
)


def as_bytes(header: Forge | bytes) -> bytes:
    return header if isinstance(header, bytes) else header.message()


def check(row: Row, keyring: KnownDataKey) -> None:
    _, header, kind, words = row
    sink = io.BytesIO()
    with pytest.raises(kind) as caught:
        V2.open_bytes(as_bytes(header), sink=sink, materials=DefaultManager(keyring))
    assert caught.value.kind == kind.__name__
    assert words in str(caught.value)
    check_told(caught.value)
    assert sink.getvalue() == b""


def key_of(header: Forge | bytes) -> KnownDataKey:
    return KnownDataKey((header if isinstance(header, Forge) else V2).key)


def test_the_table_has_at_least_120_rows() -> None:
    assert len(TABLE) + len(SEEN_WITH_THE_DATA_KEY) >= 120
    assert len({as_bytes(header) for _, header, _, _ in TABLE}) == len(TABLE)


@pytest.mark.parametrize("row", TABLE, ids=lambda row: row[0])
def test_it_is_refused_before_any_key_is_asked(row: Row) -> None:
    keyring = key_of(row[1])
    check(row, keyring)
    assert keyring.asked == 0


@pytest.mark.parametrize("row", SEEN_WITH_THE_DATA_KEY, ids=lambda row: row[0])
def test_it_is_refused_once_the_data_key_is_known(row: Row) -> None:
    check(row, key_of(row[1]))


def told(data: bytes) -> errors.EnvelopeError | None:
    """What whoever only looks at a file is told, if not shown its header."""
    try:
        describe(io.BytesIO(data), len(data))
    except errors.EnvelopeError as error:
        return error
    return None


@pytest.mark.parametrize("row", TABLE, ids=lambda row: row[0])
def test_whoever_only_looks_is_shown_it_or_told_in_our_words(row: Row) -> None:
    """Looking has no limit of encrypted data keys, and takes few bytes for no message at all."""
    refusal = told(as_bytes(row[1]))
    if refusal is not None:
        check_told(refusal)
        assert refusal.kind in {row[2].__name__, "NotAnEnvelope", "Truncated"}


@pytest.mark.parametrize(("name", "forge"), TAKEN, ids=[name for name, _ in TAKEN])
def test_it_is_taken_though_few_would_write_it(name: str, forge: Forge) -> None:
    assert forge.open()[0] == forge.plaintext


def test_base64_is_told_how_to_become_a_message() -> None:
    with pytest.raises(errors.LooksBase64) as caught:
        V2.open_bytes(base64_of(V2))
    assert "base64 -d" in caught.value.hint


def test_a_context_keeps_the_order_it_is_stored_in() -> None:
    assert list(pairs((b"b", b"1"), (b"a", b"2")).open()[1].encryption_context) == ["b", "a"]


@pytest.mark.parametrize("stored", [b"", b"\0\0"])
def test_both_forms_of_an_empty_context_are_empty(stored: bytes) -> None:
    assert section(stored).open()[1].encryption_context == {}

"""The ciphertext format: what opens, and what must not."""

from __future__ import annotations

import pytest
from cryptography.exceptions import InvalidTag
from hypothesis import given
from hypothesis import strategies as st

from sealscope.kms.local import blob
from sealscope.secret import SecretBytes
from tests.kms.local.tools import FixedBytes

KEY_ID = "0f0e0d0c-0b0a-4908-8706-050403020100"
MULTI_REGION_ID = "mrk-0f0e0d0c0b0a49088706050403020100"
MATERIAL_ID = "ab" * 32
MATERIAL = SecretBytes(bytes(range(32)))
TEXT = st.text(alphabet=st.characters(codec="utf-8"), max_size=8)


def sealed(
    plaintext: bytes = b"data key", key_id: str = KEY_ID, context: dict[str, str] | None = None
) -> bytes:
    return blob.seal(
        key_id,
        MATERIAL_ID,
        MATERIAL,
        plaintext,
        context=context or {},
        entropy=FixedBytes("blob"),
    )


class TestTheLayout:
    def test_is_81_bytes_of_header_the_ciphertext_and_a_16_byte_tag(self) -> None:
        data = sealed(b"12345")
        assert len(data) == 81 + 5 + 16
        assert data[:5] == b"LKM\x01\x00"
        assert data[5:21].hex() == KEY_ID.replace("-", "")
        assert data[21:53].hex() == MATERIAL_ID

    def test_two_seals_of_one_plaintext_differ_in_salt_and_iv(self) -> None:
        entropy = FixedBytes("two")
        first, second = (
            blob.seal(KEY_ID, MATERIAL_ID, MATERIAL, b"x", context={}, entropy=entropy)
            for _ in range(2)
        )
        assert first[53:69] != second[53:69]
        assert first[69:81] != second[69:81]

    @pytest.mark.parametrize("key_id", [KEY_ID, MULTI_REGION_ID])
    def test_names_the_key_and_the_material(self, key_id: str) -> None:
        parsed = blob.parse(sealed(key_id=key_id))
        assert (parsed.key_id, parsed.material_id) == (key_id, MATERIAL_ID)


class TestOpening:
    @given(plaintext=st.binary(min_size=1, max_size=64), context=st.dictionaries(TEXT, TEXT))
    def test_gives_back_what_was_sealed(self, plaintext: bytes, context: dict[str, str]) -> None:
        parsed = blob.parse(sealed(plaintext, context=context))
        assert blob.unseal(parsed, MATERIAL, context).reveal() == plaintext

    @pytest.mark.parametrize("key_id", [KEY_ID, MULTI_REGION_ID])
    def test_refuses_a_change_of_any_bit_of_any_byte(self, key_id: str) -> None:
        good = sealed(key_id=key_id)
        for position in range(len(good)):
            for bit in range(8):
                bad = bytearray(good)
                bad[position] ^= 1 << bit
                with pytest.raises((blob.NotABlob, InvalidTag)):
                    blob.unseal(blob.parse(bytes(bad)), MATERIAL, {})

    def test_refuses_every_shorter_and_a_longer_blob(self) -> None:
        good = sealed()
        for cut in range(len(good)):
            with pytest.raises((blob.NotABlob, InvalidTag)):
                blob.unseal(blob.parse(good[:cut]), MATERIAL, {})
        with pytest.raises(InvalidTag):
            blob.unseal(blob.parse(good + b"\0"), MATERIAL, {})

    def test_refuses_another_generation_of_the_key(self) -> None:
        with pytest.raises(InvalidTag):
            blob.unseal(blob.parse(sealed()), SecretBytes(bytes(32)), {})

    @given(data=st.binary(max_size=200))
    def test_finds_no_blob_in_other_bytes(self, data: bytes) -> None:
        if not data.startswith(blob.MAGIC):
            with pytest.raises(blob.NotABlob):
                blob.parse(data)


class TestTheEncryptionContext:
    @given(one=st.dictionaries(TEXT, TEXT), other=st.dictionaries(TEXT, TEXT))
    def test_has_one_spelling_that_no_other_context_has(
        self, one: dict[str, str], other: dict[str, str]
    ) -> None:
        same = blob.serialize_context(one) == blob.serialize_context(other)
        assert same == (one == other)

    @pytest.mark.parametrize(
        ("one", "other"),
        [
            ({"a": "bc"}, {"ab": "c"}),
            ({"a": "b", "c": "d"}, {"a": "bcd"}),
            ({"a": ""}, {"": "a"}),
            ({}, {"": ""}),
        ],
    )
    def test_keeps_names_and_values_apart(self, one: dict[str, str], other: dict[str, str]) -> None:
        parsed = blob.parse(sealed(context=one))
        assert blob.unseal(parsed, MATERIAL, one).reveal() == b"data key"
        with pytest.raises(InvalidTag):
            blob.unseal(parsed, MATERIAL, other)

    def test_does_not_depend_on_the_order_of_its_pairs(self) -> None:
        parsed = blob.parse(sealed(context={"a": "1", "b": "2"}))
        assert blob.unseal(parsed, MATERIAL, {"b": "2", "a": "1"}).reveal() == b"data key"

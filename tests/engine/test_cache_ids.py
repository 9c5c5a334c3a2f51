"""The identifiers of cache entries: the known answers, and what must and must not share one."""

from __future__ import annotations

from itertools import combinations, permutations, product

from sealscope.engine.cache_ids import decryption_id, encryption_id
from sealscope.engine.encryption_context import serialize
from sealscope.engine.header import EncryptedDataKey
from sealscope.engine.suites import SUITES

CONTEXT = {"a": "b"}
SUITE = SUITES[0x0478]
KEYS = (EncryptedDataKey("ns", b"k2", b"\x02\x02"), EncryptedDataKey("ns", b"k1", b"\x01"))


class TestKnownAnswers:
    def test_for_encryption_without_a_suite(self) -> None:
        assert encryption_id("p1", None, CONTEXT).hex() == (
            "bdea64ee6dcb79599c0d90535f433d4779921c026b365b49c194ab04f8de80b4"
            "898ddc0c52f783ad0053bae79a12a2adba38b88119f0705c58865ba7ee3a9ee2"
        )

    def test_for_encryption_with_a_suite(self) -> None:
        assert encryption_id("p1", SUITE, CONTEXT).hex() == (
            "f37c997e440f1d84d3d78e6c5e01f99d3112571346491aaf156a747f5e2ad67d"
            "dc8500741e393d44a3eddcc690bdda86cb28ca70bce602625d6ab1f6fda752d6"
        )

    def test_for_decryption(self) -> None:
        assert decryption_id("p1", SUITE, KEYS, CONTEXT).hex() == (
            "06f2c476ce6f81ad4d77bbac4873acc6eb4693e2c6565960174a768e1b848c65"
            "85f7f94cb799cc4f1904d0e9dae03cc0ee7406a74e697c4a5815f59f65afd9d1"
        )


class TestOrder:
    def test_of_encrypted_data_keys_does_not_matter(self) -> None:
        three = (*KEYS, EncryptedDataKey("ns", b"k3", b""))
        ids = {decryption_id("p1", SUITE, order, CONTEXT) for order in permutations(three)}
        assert len(ids) == 1

    def test_of_pairs_does_not_matter(self) -> None:
        pairs = [("b", "2"), ("a", "1"), ("ß", "3")]
        assert len({encryption_id("p", None, dict(order)) for order in permutations(pairs)}) == 1


class TestDifference:
    def test_every_part_makes_one(self) -> None:
        encryptions = [
            encryption_id(partition, suite, context)
            for partition, suite, context in product(
                ("", "p", "p\x00", "q"),
                (None, SUITES[0x0478], SUITES[0x0578]),
                ({}, {"a": "b"}, {"a": "c"}, {"a": "b", "": ""}, {"ab": ""}),
            )
        ]
        keys = (*KEYS, EncryptedDataKey("n", b"sk1", b"\x01"), EncryptedDataKey("", b"", b""))
        decryptions = [
            decryption_id("p", suite, some, context)
            for suite in (SUITES[0x0478], SUITES[0x0578])
            for count in range(1, 5)
            for some in combinations(keys, count)
            for context in ({}, {"a": "b"})
        ]
        doubled = decryption_id("p", SUITE, (KEYS[0], KEYS[0]), {})
        everything = [*encryptions, *decryptions, doubled]
        assert len(set(everything)) == len(everything)
        assert {len(one) for one in everything} == {64}

    def test_a_header_cannot_spell_another_messages_context_with_an_encrypted_data_key(
        self,
    ) -> None:
        """Two messages that are the same bytes where fields are joined and not counted."""
        first = EncryptedDataKey("", b"arn", b"blob")
        inner = {"k": "v"}
        tail = b"x" * 250 + b"\x00\x01c\x00" + serialize(inner)
        outer = {"abc": tail.decode()}
        spelled = serialize(outer)
        second = EncryptedDataKey("", spelled[3:259], b"c")

        assert joined([first], outer) == joined([first, second], inner)
        assert decryption_id("p", SUITE, [first], outer) != decryption_id(
            "p", SUITE, [first, second], inner
        )


def joined(keys: list[EncryptedDataKey], context: dict[str, str]) -> bytes:
    fields = [(key.provider_id.encode(), key.provider_info, key.ciphertext) for key in keys]
    texts = [b"".join(len(f).to_bytes(2, "big") + f for f in three) for three in fields]
    return b"".join(sorted(texts)) + b"\x00" + serialize(context)

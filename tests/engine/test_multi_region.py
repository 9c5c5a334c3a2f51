"""Multi-Region keys: each opens what its related keys in other Regions have wrapped."""

from __future__ import annotations

import io
from itertools import product

import pytest
from aws_encryption_sdk.key_providers.kms import _check_mrk_arns_equal

from sealscope import errors
from sealscope.engine.arn import parse_key_arn
from sealscope.engine.decrypt import DecryptResult, decrypt
from sealscope.engine.kms_keyring import KmsKeyring
from sealscope.engine.managers import DefaultManager
from sealscope.engine.materials import Fate, NoUsableKey
from sealscope.engine.suites import DEFAULT_SUITE
from tests.engine.fake_kms import FakeKms, State
from tests.engine.messages import seal

MRK = "mrk-1234abcd12ab34cd56ef1234567890ab"
ARNS = [
    f"arn:{partition}:kms:{region}:{account}:key/{name}"
    for partition, region, account, name in product(
        ["aws", "aws-cn"],
        ["eu-west-1", "us-east-1"],
        ["111122223333", "999988887777"],
        [MRK, "mrk-5678", "mrk-", "mrk1234", "1234abcd-12ab-34cd", "MRK-1234", "x/mrk-1234"],
    )
]


def opened(message: bytes, keyring: KmsKeyring) -> DecryptResult:
    return decrypt(io.BytesIO(message), io.BytesIO(), materials=DefaultManager(keyring))


def refused(message: bytes, keyring: KmsKeyring) -> NoUsableKey:
    with pytest.raises(NoUsableKey) as caught:
        opened(message, keyring)
    return caught.value


class World:
    """A message under a multi-Region key of Frankfurt, which has a replica in Ireland."""

    def __init__(self) -> None:
        self.kms = FakeKms()
        self.frankfurt = self.kms.create_key(key_id=MRK)
        self.ireland = self.kms.replicate(self.frankfurt, "eu-west-1")
        self.message, _ = seal(self.kms, b"x", keys=[self.frankfurt])

    @property
    def asked(self) -> list[str]:
        return [call.key_id for call in self.kms.calls if call.operation == "Decrypt"]


class TestRelatedKeys:
    def test_are_those_that_the_reference_takes_for_equal(self) -> None:
        related = 0
        for one, other in product(ARNS, repeat=2):
            first, second = parse_key_arn(one), parse_key_arn(other)
            assert first is not None
            assert second is not None
            ours = one == other or first.is_related_to(second)
            assert ours == _check_mrk_arns_equal(one, other), (one, other)
            related += ours
        assert (len(ARNS), related) == (56, 80)


class TestStrict:
    def test_the_configured_key_is_asked_in_its_own_region(self) -> None:
        world = World()
        result = opened(world.message, KmsKeyring.strict(world.kms, [world.ireland]))
        assert world.asked == [world.ireland]
        assert result.opened_by == world.ireland
        (attempt,) = result.attempts
        assert attempt.key == world.frankfurt
        assert attempt.reason == f"by its related key {world.ireland}"

    def test_the_very_key_is_said_to_be_no_other(self) -> None:
        world = World()
        result = opened(world.message, KmsKeyring.strict(world.kms, [world.frankfurt]))
        assert result.attempts[0].reason == ""

    def test_a_refusal_says_which_key_was_asked(self) -> None:
        world = World()
        world.kms.keys[world.ireland].state = State.DISABLED
        error = refused(world.message, KmsKeyring.strict(world.kms, [world.ireland]))
        (attempt,) = error.attempts
        assert attempt.fate is Fate.FAILED
        assert world.ireland in attempt.reason
        assert "disabled" in attempt.reason
        assert world.asked == [world.ireland]

    def test_an_answer_for_the_related_key_that_was_not_asked_does_not_count(self) -> None:
        world = World()
        world.kms.answer_as = lambda _: world.frankfurt
        error = refused(world.message, KmsKeyring.strict(world.kms, [world.ireland]))
        assert "KMS answered for another key" in error.attempts[0].reason

    def test_it_can_be_had_without(self) -> None:
        world = World()
        keyring = KmsKeyring.strict(world.kms, [world.ireland], multi_region=False)
        assert refused(world.message, keyring).attempts[0].fate is Fate.SKIPPED
        assert world.asked == []

    @pytest.mark.parametrize("name", ["1234abcd-12ab", "mrk1234"])
    def test_a_key_of_one_region_stands_for_no_other(self, name: str) -> None:
        kms = FakeKms()
        here = kms.create_key(key_id=name)
        there = kms.replicate(here, "eu-west-1")
        message, _ = seal(kms, b"x", keys=[here])
        assert refused(message, KmsKeyring.strict(kms, [there])).attempts[0].fate is Fate.SKIPPED

    def test_related_keys_are_refused_and_all_of_them_listed(self) -> None:
        world = World()
        oregon = world.kms.replicate(world.frankfurt, "us-west-2")
        single = world.kms.create_key()
        given = [world.frankfurt, single, world.ireland, oregon]
        with pytest.raises(errors.UsageError, match="more than once") as caught:
            KmsKeyring.strict(world.kms, given)
        assert caught.value.detail == f"{world.frankfurt}, {world.ireland}, {oregon}"
        KmsKeyring.strict(world.kms, given, multi_region=False)

    def test_one_key_that_is_given_twice_is_one(self) -> None:
        world = World()
        keyring = KmsKeyring.strict(world.kms, [world.ireland, world.ireland])
        assert opened(world.message, keyring).opened_by == world.ireland
        assert keyring.wrapping_keys == 1

    def test_it_wraps_under_the_configured_key(self) -> None:
        world = World()
        made = KmsKeyring.strict(world.kms, [world.ireland]).wrap(DEFAULT_SUITE, {})
        assert made.encrypted_data_keys[0].provider_info.decode() == world.ireland


class TestDiscovery:
    def test_a_multi_region_key_is_asked_in_the_chosen_region(self) -> None:
        world = World()
        keyring = KmsKeyring.discovery(world.kms, multi_region_in="eu-west-1")
        result = opened(world.message, keyring)
        assert world.asked == [world.ireland]
        assert result.opened_by == world.ireland
        assert result.attempts[0].reason == f"by its related key {world.ireland}"

    def test_any_other_key_is_asked_in_its_own(self) -> None:
        kms = FakeKms()
        key = kms.create_key()
        message, _ = seal(kms, b"x", keys=[key])
        keyring = KmsKeyring.discovery(kms, multi_region_in="eu-west-1")
        assert opened(message, keyring).opened_by == key

    def test_without_a_region_each_is_asked_in_its_own(self) -> None:
        world = World()
        assert opened(world.message, KmsKeyring.discovery(world.kms)).opened_by == world.frankfurt

    def test_a_region_without_a_replica_is_named_with_the_refusal(self) -> None:
        world = World()
        keyring = KmsKeyring.discovery(world.kms, multi_region_in="sa-east-1")
        error = refused(world.message, keyring)
        assert "sa-east-1" in error.detail
        assert isinstance(error.attempts[0].error, errors.KeyNotFound)

    def test_the_filter_looks_at_the_key_that_the_message_names(self) -> None:
        world = World()
        for accounts, partition in ((["999988887777"], None), ([], "aws-cn")):
            keyring = KmsKeyring.discovery(
                world.kms, accounts=accounts, partition=partition, multi_region_in="eu-west-1"
            )
            assert refused(world.message, keyring).attempts[0].fate is Fate.SKIPPED
        assert world.asked == []

    @pytest.mark.parametrize("region", ["", "eu:west"])
    def test_what_is_no_region_is_refused(self, region: str) -> None:
        with pytest.raises(errors.UsageError, match="Not a Region"):
            KmsKeyring.discovery(FakeKms(), multi_region_in=region)

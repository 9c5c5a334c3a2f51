"""Required context: pairs that are authenticated and not stored, so a reader must know them."""

from __future__ import annotations

import io
from collections.abc import Callable, Mapping, Sequence

import pytest

from sealscope import errors
from sealscope.engine.decrypt import DecryptResult, decrypt
from sealscope.engine.encrypt import EncryptResult, encrypt
from sealscope.engine.kms_keyring import KmsKeyring
from sealscope.engine.managers import DefaultManager
from sealscope.engine.materials import Keyring
from sealscope.engine.raw_aes_keyring import RawAesKeyring
from sealscope.engine.raw_rsa_keyring import RawRsaKeyring, RsaPadding
from sealscope.engine.suites import SUITES, AlgorithmSuite
from sealscope.secret import SecretBytes
from tests.engine.fake_kms import FakeKms
from tests.engine.messages import ALLOW, FORBID
from tests.engine.rsa_keys import private_key

CONTEXT = {"tenant": "blue", "größe": "\U00010348", "purpose": "payroll"}
REQUIRED = ("tenant", "größe")
GIVEN = {key: CONTEXT[key] for key in REQUIRED}


def kms() -> Keyring:
    service = FakeKms()
    return KmsKeyring.strict(service, [service.create_key(), service.create_key()])


def raw_aes() -> Keyring:
    return RawAesKeyring("ns", "kn", SecretBytes(bytes(range(32))))


def raw_rsa() -> Keyring:
    return RawRsaKeyring("ns", "kn", RsaPadding.OAEP_SHA256, private_key=private_key())


BINDING = (kms, raw_aes)
ALL = (*BINDING, raw_rsa)
EACH = pytest.mark.parametrize("make", ALL, ids=lambda make: make.__name__)
SUITE = SUITES[0x0478]


def seal(
    keyring: Keyring,
    suite: AlgorithmSuite = SUITE,
    *,
    context: Mapping[str, str] = CONTEXT,
    required: Sequence[str] = REQUIRED,
) -> tuple[bytes, EncryptResult]:
    sink = io.BytesIO()
    result = encrypt(
        io.BytesIO(b"text"),
        sink,
        materials=DefaultManager(keyring),
        context=context,
        required_context=required,
        suite=suite,
        commitment_policy=ALLOW if suite.committing else FORBID,
    )
    return sink.getvalue(), result


def unseal(
    keyring: Keyring,
    message: bytes,
    given: Mapping[str, str] | None,
    *,
    required: Sequence[str] = (),
) -> DecryptResult:
    sink = io.BytesIO()
    try:
        result = decrypt(
            io.BytesIO(message),
            sink,
            materials=DefaultManager(keyring),
            expected_context=given,
            required_context=required,
            commitment_policy=ALLOW,
        )
    except errors.EnvelopeError:
        assert sink.getvalue() == b""
        raise
    assert sink.getvalue() == b"text"
    return result


@EACH
class TestWriting:
    @pytest.mark.parametrize("suite", SUITES.values(), ids=lambda suite: suite.hex_id)
    def test_neither_key_nor_value_of_a_required_pair_is_in_the_message(
        self, make: Callable[[], Keyring], suite: AlgorithmSuite
    ) -> None:
        keyring = make()
        message, result = seal(keyring, suite)
        for key, value in GIVEN.items():
            assert key.encode() not in message
            assert value.encode() not in message
        assert set(result.encryption_context) - {"aws-crypto-public-key"} == {"purpose"}
        full = unseal(keyring, message, GIVEN).encryption_context
        assert {key: full[key] for key in CONTEXT} == CONTEXT

    def test_a_pair_that_is_not_in_the_context_cannot_be_required(
        self, make: Callable[[], Keyring]
    ) -> None:
        with pytest.raises(errors.UsageError, match="not in the encryption context"):
            seal(make(), required=["tenant", "absent"])

    def test_the_whole_context_may_be_required(self, make: Callable[[], Keyring]) -> None:
        keyring = make()
        message, result = seal(keyring, required=list(CONTEXT))
        assert result.encryption_context == {}
        assert unseal(keyring, message, CONTEXT).encryption_context == CONTEXT

    def test_requiring_nothing_changes_nothing(self, make: Callable[[], Keyring]) -> None:
        keyring = make()
        message, result = seal(keyring, required=[])
        assert result.encryption_context == CONTEXT
        assert unseal(keyring, message, None).encryption_context == CONTEXT

    def test_the_verification_key_cannot_be_required(self, make: Callable[[], Keyring]) -> None:
        with pytest.raises(errors.UsageError):
            seal(make(), SUITES[0x0578], required=["aws-crypto-public-key"])


class TestReading:
    WRONG = (
        None,
        {"tenant": "blue"},
        {**GIVEN, "tenant": "red"},
        {**GIVEN, "tenant": "blue "},
        {**GIVEN, "more": "x"},
        {"Tenant": "blue", "größe": "\U00010348"},
    )

    @pytest.mark.parametrize("make", BINDING, ids=lambda make: make.__name__)
    @pytest.mark.parametrize("given", WRONG)
    def test_35_wrong_pairs_open_no_data_key(
        self, make: Callable[[], Keyring], given: Mapping[str, str] | None
    ) -> None:
        keyring = make()
        message, _ = seal(keyring)
        with pytest.raises(errors.NoUsableKey):
            unseal(keyring, message, given)

    @pytest.mark.parametrize("given", WRONG)
    @pytest.mark.parametrize("suite", SUITES.values(), ids=lambda suite: suite.hex_id)
    def test_35_with_rsa_which_binds_none_of_them_the_header_shows_it(
        self, suite: AlgorithmSuite, given: Mapping[str, str] | None
    ) -> None:
        keyring = raw_rsa()
        message, _ = seal(keyring, suite)
        with pytest.raises(errors.HeaderNotAuthentic) as caught:
            unseal(keyring, message, given)
        assert "not stored in it and must be given" in caught.value.hint

    @EACH
    def test_pairs_that_are_stored_may_be_given_too(self, make: Callable[[], Keyring]) -> None:
        keyring = make()
        message, _ = seal(keyring)
        assert unseal(keyring, message, CONTEXT).encryption_context == CONTEXT

    @EACH
    def test_a_stored_pair_with_another_value_is_a_mismatch(
        self, make: Callable[[], Keyring]
    ) -> None:
        keyring = make()
        message, _ = seal(keyring)
        with pytest.raises(errors.ContextMismatch):
            unseal(keyring, message, {**GIVEN, "purpose": "x"})

    @EACH
    def test_the_order_in_which_they_are_given_does_not_matter(
        self, make: Callable[[], Keyring]
    ) -> None:
        keyring = make()
        message, _ = seal(keyring)
        unseal(keyring, message, dict(reversed(GIVEN.items())))


class TestDemanding:
    """A reader may demand pairs of whoever calls it, stored or not."""

    @EACH
    def test_a_demanded_pair_that_is_not_given_is_a_mismatch(
        self, make: Callable[[], Keyring]
    ) -> None:
        keyring = make()
        for required in (["tenant"], ["purpose"], ["absent"]):
            message, _ = seal(keyring)
            given = {key: value for key, value in GIVEN.items() if key not in required}
            with pytest.raises(errors.ContextMismatch, match="was not given"):
                unseal(keyring, message, given, required=required)

    @EACH
    def test_a_demanded_pair_that_is_given_opens_stored_or_not(
        self, make: Callable[[], Keyring]
    ) -> None:
        keyring = make()
        message, _ = seal(keyring)
        unseal(keyring, message, CONTEXT, required=list(CONTEXT))


def test_kms_is_given_the_full_context() -> None:
    service = FakeKms()
    keyring = KmsKeyring.strict(service, [service.create_key(), service.create_key()])
    message, _ = seal(keyring)
    unseal(keyring, message, GIVEN)
    assert [call.operation for call in service.calls] == ["GenerateDataKey", "Encrypt", "Decrypt"]
    assert all(call.context == CONTEXT for call in service.calls)

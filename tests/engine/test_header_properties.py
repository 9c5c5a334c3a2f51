"""Generated headers: what is written is parsed alike, and what is not one gives only our errors."""

from __future__ import annotations

import io
import time
import tracemalloc
from collections.abc import Callable
from dataclasses import dataclass

import pytest
from hypothesis import given, seed, settings
from hypothesis import strategies as some

from sealscope import errors
from sealscope.engine import encryption_context
from sealscope.engine.decrypt import decrypt
from sealscope.engine.header import ContentType, EncryptedDataKey, parse_header
from sealscope.engine.header_writer import build_header
from sealscope.engine.kms_keyring import KmsKeyring
from sealscope.engine.limits import DEFAULT_MAX_ENCRYPTED_DATA_KEYS, ReadLimits
from sealscope.engine.managers import DefaultManager
from sealscope.engine.streams import ByteInput
from sealscope.engine.suites import SUITES, AlgorithmSuite
from sealscope.formats.recognise import describe
from tests.engine.fake_kms import REGION, FakeKms
from tests.engine.forge import SIGNED, V1, V1_SIGNED, V2, edk
from tests.engine.known_data_key import KnownDataKey
from tests.engine.messages import ALLOW
from tests.engine.sample_messages import check_told
from tests.engine.test_bombs import MOST_MEMORY, MOST_SECONDS

UNBOUNDED = ReadLimits(max_encrypted_data_keys=None)
text = some.text(some.characters(exclude_categories=["Cs"]), max_size=30)
contexts = some.dictionaries(text, text, max_size=6)
keys = some.builds(
    EncryptedDataKey,
    provider_id=text,
    provider_info=some.binary(max_size=80),
    ciphertext=some.binary(max_size=200),
)
suites = some.sampled_from(tuple(SUITES.values()))
starts = some.sampled_from(
    [b"\x01\x80" + suite.id.to_bytes(2, "big") for suite in SUITES.values()]
    + [b"\x02" + suite.id.to_bytes(2, "big") for suite in SUITES.values()]
)


@settings(deadline=None)
@given(contexts)
def test_a_context_is_parsed_as_it_was_written(context: dict[str, str]) -> None:
    assert encryption_context.parse(encryption_context.serialize(context), 0) == context


@settings(deadline=None)  # a busy machine is no failure
@given(
    suite=suites,
    context=contexts,
    encrypted_data_keys=some.lists(keys, min_size=1, max_size=12),
    frame_length=some.integers(0, 0xFFFFFFFF),
    random=some.binary(min_size=32, max_size=32),
)
def test_a_header_is_parsed_as_it_was_written(
    suite: AlgorithmSuite,
    context: dict[str, str],
    encrypted_data_keys: list[EncryptedDataKey],
    frame_length: int,
    random: bytes,
) -> None:
    written = build_header(
        suite=suite,
        message_id=random[: suite.message_id_bytes],
        context=context,
        encrypted_data_keys=encrypted_data_keys,
        content_type=ContentType.FRAMED if frame_length else ContentType.NON_FRAMED,
        frame_length=frame_length,
        commit_key=random if suite.committing else b"",
    )
    source = ByteInput(io.BytesIO(written.raw + b"what follows"))
    assert parse_header(source, UNBOUNDED) == written
    assert source.offset == len(written.raw)


def uint(size: int) -> some.SearchStrategy[bytes]:
    """A number of so many bytes; often one at a border."""
    most = 256**size - 1
    border = some.sampled_from([0, 1, 2, most // 2 + 1, most - 1, most])
    return (border | some.integers(0, most)).map(lambda number: number.to_bytes(size, "big"))


def sized(content: some.SearchStrategy[bytes]) -> some.SearchStrategy[bytes]:
    """A field behind its length, which is wrong now and then."""
    right = content.map(lambda data: len(data).to_bytes(2, "big") + data)
    wrong = some.tuples(uint(2), content).map(b"".join)
    return some.one_of(right, right, right, wrong)


def counted(content: some.SearchStrategy[bytes], most: int) -> some.SearchStrategy[bytes]:
    """Fields behind their number, which is wrong now and then."""
    several = some.lists(content, max_size=most)
    right = several.map(lambda each: len(each).to_bytes(2, "big") + b"".join(each))
    wrong = some.tuples(uint(2), several.map(b"".join)).map(b"".join)
    return some.one_of(right, right, right, wrong)


words = some.sampled_from([b"", b"a", b"aws-crypto-public-key", b"\xc3\xa9", b"\xff"])
fields = words | some.binary(max_size=40)
edks = some.tuples(
    sized(some.sampled_from([b"aws-kms", b"ns"]) | fields),
    sized(some.just(f"arn:aws:kms:{REGION}:111122223333:key/1".encode()) | fields),
    sized(fields),
).map(b"".join)
pairs_of_context = some.tuples(sized(fields), sized(fields)).map(b"".join)
almost_headers = some.tuples(
    starts,
    some.sampled_from([bytes(16), bytes(32)]) | some.binary(max_size=33),
    sized(some.just(b"") | counted(pairs_of_context, 5)),
    counted(edks, 11),
    some.sampled_from([b"\1", b"\2"]) | uint(1),
    some.sampled_from([b"", bytes(4) + b"\x0c"]),
    uint(4),
    some.binary(max_size=60),
).map(b"".join)


@dataclass(frozen=True)
class Edit:
    """A change to bytes: a part of them replaced, doubled or taken away."""

    at: int
    length: int
    new: bytes
    doubled: bool

    def __call__(self, data: bytes) -> bytes:
        at = self.at % (len(data) + 1)
        end = at + self.length
        new = data[at:end] * 2 if self.doubled else self.new
        return data[:at] + new + data[end:]


edits = some.lists(
    some.builds(
        Edit,
        at=some.integers(0, 400),
        length=some.integers(0, 8),
        new=some.binary(max_size=8),
        doubled=some.booleans(),
    ),
    max_size=3,
)
right_messages = some.sampled_from(
    [forge.message() for forge in (V1, V1_SIGNED, V2, SIGNED, V2.but(edks=[edk()] * 3))]
)


@some.composite
def hostile(draw: some.DrawFn) -> bytes:
    """Headers put together of parts that may be wrong, and right ones with up to three edits."""
    data = draw(almost_headers | right_messages)
    for edit in draw(edits):
        data = edit(data)
    return data


def check_hostile(data: bytes) -> None:
    """Opening it and looking at it end well or in our errors, and cost next to nothing."""
    kms = FakeKms()
    tracemalloc.start()
    started = time.thread_time()
    try:
        for keyring in (KmsKeyring.discovery(kms), KnownDataKey(V2.key)):
            refused = attempt(
                lambda ring=keyring: decrypt(  # type: ignore[misc] # bound now, not later
                    io.BytesIO(data),
                    io.BytesIO(),
                    materials=DefaultManager(ring),
                    commitment_policy=ALLOW,
                )
            )
            if refused is not None:
                check_told(refused)
        refused = attempt(lambda: describe(io.BytesIO(data), len(data)))
        if refused is not None:
            check_told(refused)
        assert time.thread_time() - started <= MOST_SECONDS
        assert tracemalloc.get_traced_memory()[1] <= MOST_MEMORY
    finally:
        tracemalloc.stop()
    assert len(kms.calls) <= DEFAULT_MAX_ENCRYPTED_DATA_KEYS


def attempt(action: Callable[[], object]) -> errors.EnvelopeError | None:
    try:
        action()
    except errors.EnvelopeError as refusal:
        return refusal
    return None


@settings(max_examples=300, deadline=None)
@given(hostile())
def test_what_is_nearly_a_header_ends_in_our_errors_at_little_cost(data: bytes) -> None:
    check_hostile(data)


@pytest.mark.exhaustive
@pytest.mark.parametrize("part", range(20))
def test_10000_of_them_do(part: int) -> None:
    @seed(part)
    @settings(max_examples=500, deadline=None, database=None)
    @given(hostile())
    def check_500(data: bytes) -> None:
        check_hostile(data)

    check_500()


@settings(max_examples=300, deadline=None)
@given(start=starts, rest=some.binary(max_size=300))
def test_what_only_begins_like_a_header_does_so_too(start: bytes, rest: bytes) -> None:
    check_hostile(start + rest)


@settings(max_examples=200, deadline=None)
@given(some.binary(max_size=200))
def test_bytes_of_any_kind_do_so_too(data: bytes) -> None:
    check_hostile(data)

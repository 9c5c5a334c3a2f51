"""Generated headers: what is written is parsed alike, and what is not one gives only our errors."""

from __future__ import annotations

import io
from contextlib import suppress

from hypothesis import given, settings
from hypothesis import strategies as some

from sealscope import errors
from sealscope.engine import encryption_context
from sealscope.engine.header import ContentType, EncryptedDataKey, parse_header
from sealscope.engine.header_writer import build_header
from sealscope.engine.limits import ReadLimits
from sealscope.engine.streams import ByteInput
from sealscope.engine.suites import SUITES, AlgorithmSuite
from sealscope.formats.recognise import describe

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


@settings(max_examples=500, deadline=None)
@given(start=starts, rest=some.binary(max_size=300))
def test_bytes_that_are_no_header_give_only_our_errors(start: bytes, rest: bytes) -> None:
    with suppress(errors.EnvelopeError):
        parse_header(ByteInput(io.BytesIO(start + rest)))
    with suppress(errors.EnvelopeError):
        describe(io.BytesIO(start + rest))


@settings(max_examples=200, deadline=None)
@given(some.binary(max_size=200))
def test_bytes_of_any_kind_give_only_our_errors(data: bytes) -> None:
    with suppress(errors.EnvelopeError):
        parse_header(ByteInput(io.BytesIO(data)))
    with suppress(errors.EnvelopeError):
        describe(io.BytesIO(data))

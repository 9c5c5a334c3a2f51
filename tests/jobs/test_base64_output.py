"""Base64 text is written in one line, however the bytes come."""

from __future__ import annotations

import base64
import io
from typing import cast

from hypothesis import given
from hypothesis import strategies as st

from sealscope.engine.positional import PositionalSink
from sealscope.jobs.base64_output import Base64Output


@given(st.lists(st.binary(max_size=10), max_size=10))
def test_it_is_that_of_all_bytes_together(pieces: list[bytes]) -> None:
    text = io.BytesIO()
    output = Base64Output(text)
    for piece in pieces:
        assert output.write(memoryview(piece)) == len(piece)
    output.finish()
    assert text.getvalue() == base64.b64encode(b"".join(pieces))


def test_it_is_written_in_order_only() -> None:
    """Frames that are written at their offsets would end up at wrong places of the text."""
    assert not isinstance(cast("object", Base64Output(io.BytesIO())), PositionalSink)

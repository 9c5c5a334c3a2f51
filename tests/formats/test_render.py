"""`inspect --json`: the keys that scripts rely on."""

from __future__ import annotations

import io
import json
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sealscope.formats.envelope import Field
from sealscope.formats.recognise import describe
from sealscope.formats.render import to_json, to_json_line
from tests.engine.known_answers import MESSAGES, KnownMessage

M8 = next(known for known in MESSAGES if known.name == "M8")


def test_the_keys_are_the_contract() -> None:
    line = to_json(describe(io.BytesIO(M8.message)), "a/b.encrypted")
    assert list(line) == [
        "path",
        "format",
        "version",
        "suite",
        "message_id",
        "encryption_context",
        "recipients",
        "content",
        "sizes",
        "authenticated",
        "fields",
    ]
    assert line["path"] == "a/b.encrypted"
    assert line["format"] == "AWS Encryption SDK message"
    assert line["version"] == "2"
    assert line["suite"] == {
        "id": "0578",
        "name": "AES-256-GCM, HKDF-SHA512, key commitment, ECDSA P-384",
    }
    assert line["message_id"] == bytes(range(0xA0, 0xC0)).hex()
    assert line["encryption_context"]["a"] == "b"
    assert line["recipients"] == [{"provider": "ns", "key": "kn", "encrypted_data_key_bytes": 48}]
    assert line["content"] == {"type": "framed", "frame_length": 16, "frames": 3, "length": 36}
    assert line["sizes"] == {"header": 271, "body": 140, "footer": 105, "total": 516}
    assert line["authenticated"] is False


def test_fields_are_a_tree_with_offsets() -> None:
    line = to_json(describe(io.BytesIO(M8.message)), "x")
    header, body, footer = line["fields"]
    assert [part["name"] for part in (header, body, footer)] == ["header", "body", "footer"]
    assert header["children"][0] == {
        "name": "version",
        "value": 2,
        "meaning": "message format version 2",
        "offset": 0,
        "length": 1,
    }
    assert footer["children"][1]["value"] == M8.message[-103:].hex()


def test_it_is_one_line_of_json() -> None:
    text = json.dumps(to_json(describe(io.BytesIO(M8.message)), "x"))
    assert "\n" not in text


def test_what_is_wrong_is_told_only_when_something_is() -> None:
    line = to_json(describe(io.BytesIO(M8.message + b"!")), "x")
    assert line["problem"] == "1 byte is left over after the end of the message"
    assert line["sizes"]["trailing"] == 1


class TestTheLine:
    @pytest.mark.parametrize("known", MESSAGES, ids=lambda known: known.name)
    @pytest.mark.parametrize("change", [b"", b"left over", None], ids=["whole", "longer", "cut"])
    def test_is_the_object_byte_for_byte(self, known: KnownMessage, change: bytes | None) -> None:
        message = known.message[:-20] if change is None else known.message + change
        envelope = describe(io.BytesIO(message))
        assert to_json_line(envelope, "\u00e9\udc80") == json.dumps(
            to_json(envelope, "\u00e9\udc80")
        )

    @given(st.from_type(Field))
    def test_shows_whatever_a_field_holds(self, field: Field) -> None:
        """Quotes, controls, lone surrogates: all that a hostile header can bring."""
        envelope = replace(describe(io.BytesIO(M8.message)), fields=(field,), problem=field.name)
        line = to_json_line(envelope, field.meaning)
        assert line == json.dumps(to_json(envelope, field.meaning))
        assert line.isascii()
        assert "\n" not in line

    def test_without_fields_has_an_empty_list(self) -> None:
        envelope = describe(io.BytesIO(M8.message), fields=False)
        assert json.loads(to_json_line(envelope, "x"))["fields"] == []

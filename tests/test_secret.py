"""A secret shows itself to nobody who does not call `reveal()`."""

from __future__ import annotations

import copy
import io
import json
import logging
import pickle
import pprint
import traceback
from collections.abc import Callable
from dataclasses import asdict, dataclass

import pytest
from rich.console import Console
from rich.pretty import pretty_repr
from rich.traceback import Traceback

from sealscope.secret import SecretBytes

PLAIN = b"a data key, never to be shown..!"
TRACES = (PLAIN.decode(), PLAIN.hex(), repr(PLAIN)[2:-1], str(list(PLAIN))[1:-1])


@dataclass
class Materials:
    name: str
    data_key: SecretBytes


def holds_plaintext(text: str) -> bool:
    return any(trace in text for trace in TRACES)


@pytest.fixture
def secret() -> SecretBytes:
    return SecretBytes(PLAIN)


SHOWING: list[Callable[[SecretBytes], str]] = [
    repr,
    str,
    ascii,
    format,
    lambda secret: format(secret, ">60"),
    lambda secret: f"{secret} {secret!r} {secret!s} {secret!a}",
    lambda secret: f"{secret=}",
    lambda secret: "{} {!r}".format(secret, secret),  # noqa: UP032 - it is what is tested
    lambda secret: "%s %r" % (secret, secret),  # noqa: UP031 - the same
    lambda secret: repr([secret, {"key": secret}, (secret,)]),
    lambda secret: repr(Materials("m", secret)),
    lambda secret: repr(asdict(Materials("m", secret))) if copyable(secret) else "",
    lambda secret: pprint.pformat({"key": secret}),
    lambda secret: pretty_repr(Materials("m", secret)),
    lambda secret: json.dumps({"key": secret}, default=str),
    lambda secret: str(ValueError("no", secret)),
    lambda secret: repr(vars(type(secret))),
]


def copyable(value: object) -> bool:
    try:
        copy.deepcopy(value)
    except TypeError:
        return False
    return True


@pytest.mark.parametrize("showing", SHOWING)
def test_no_way_of_writing_it_shows_it(
    secret: SecretBytes, showing: Callable[[SecretBytes], str]
) -> None:
    assert not holds_plaintext(showing(secret))


def test_what_is_shown_says_that_it_is_a_secret_and_how_long(secret: SecretBytes) -> None:
    assert repr(secret) == str(secret) == f"{secret}" == "<secret, 32 bytes>"


@pytest.mark.parametrize(
    "leave",
    [
        copy.copy,
        copy.deepcopy,
        json.dumps,
        bytes,
        list,
        iter,
        memoryview,
        hash,
        vars,
        *(lambda secret, p=p: pickle.dumps(secret, p) for p in range(pickle.HIGHEST_PROTOCOL + 1)),
    ],
)
def test_it_is_never_copied_stored_or_walked_through(
    secret: SecretBytes, leave: Callable[[SecretBytes], object]
) -> None:
    with pytest.raises(TypeError) as caught:
        leave(secret)

    assert not holds_plaintext(str(caught.value))


def test_a_log_at_its_most_talkative_does_not_hold_it(
    secret: SecretBytes, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.DEBUG):
        logging.getLogger("sealscope").debug("key %s, %r", secret, {"key": secret})

    assert "secret, 32 bytes" in caplog.text
    assert not holds_plaintext(caplog.text)


def crash(secret: SecretBytes) -> None:
    materials = Materials("m", secret)
    several = {"keys": [secret, materials]}
    raise ValueError("crash", secret, several)


def test_a_traceback_does_not_hold_it_even_with_local_variables(secret: SecretBytes) -> None:
    out = io.StringIO()
    with pytest.raises(ValueError, match="crash") as caught:
        crash(secret)
    error = caught.value
    console = Console(file=out, width=200, record=True)
    console.print(
        Traceback.from_exception(type(error), error, error.__traceback__, show_locals=True)
    )
    plain = "".join(
        traceback.TracebackException.from_exception(error, capture_locals=True).format()
    )

    assert "secret, 32 bytes" in out.getvalue()
    assert "secret, 32 bytes" in plain
    assert not holds_plaintext(out.getvalue() + plain)


def test_the_bytes_come_out_of_reveal_only(secret: SecretBytes) -> None:
    assert secret.reveal() == PLAIN
    assert len(secret) == 32


def test_it_keeps_its_own_copy_of_what_may_change() -> None:
    given = bytearray(PLAIN)
    secret = SecretBytes(bytes(given))
    given[:] = bytes(32)

    assert secret.reveal() == PLAIN


def test_equal_secrets_are_equal_and_others_are_not(secret: SecretBytes) -> None:
    assert secret == SecretBytes(PLAIN)
    assert secret != SecretBytes(PLAIN[:-1])
    assert secret != SecretBytes(PLAIN[:-1] + b"?")
    assert secret != PLAIN
    assert secret != "<secret, 32 bytes>"


def test_nothing_can_be_hung_onto_it(secret: SecretBytes) -> None:
    with pytest.raises(AttributeError):
        secret.note = "x"  # type: ignore[attr-defined]

"""Options for the form of a message: suite, frame length, commitment policy, number of keys."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

import click

from sealscope.cli.options import Command

POLICIES: Final = (
    "require-encrypt-require-decrypt",
    "require-encrypt-allow-decrypt",
    "forbid-encrypt-allow-decrypt",
)


class SuiteType(click.ParamType[str]):
    """An algorithm suite that new messages may have, by its four hex digits."""

    name = "suite"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """Four hex digits, also of a name in words; suites without key derivation are refused."""
        from sealscope.engine.suites import SUITES, KeyDerivation, suite_by_name
        from sealscope.errors import UsageError

        try:
            suite = suite_by_name(str(value))
        except UsageError:
            writable = [one for one in SUITES.values() if one.kdf_hash is not None]
            names = ", ".join(one.hex_id for one in reversed(writable))
            self.fail(f"there is no suite {value!r}; it is one of {names}.", param, ctx)
        if suite.derivation is KeyDerivation.IDENTITY:
            self.fail(
                f"{suite.hex_id} encrypts with the data key itself, so that using a data key twice "
                "would be a disaster. Sealscope decrypts such messages, and never writes them.",
                param,
                ctx,
            )
        return suite.hex_id


def suite_option(command: Command) -> Command:
    """The option `--suite ID`."""
    return click.option(
        "--suite",
        type=SuiteType(),
        metavar="ID",
        help="Use this algorithm suite. 0578 signs the message, so that who can decrypt it cannot "
        "forge another; it is the default. Take 0478 for speed, where all who decrypt are trusted. "
        "0378, 0346, 0214, 0178, 0146 and 0114 are for readers from before 2020, with "
        "--commitment-policy forbid-encrypt-allow-decrypt.",
    )(command)


def frame_length_option(command: Command) -> Command:
    """The option `--frame-length N`."""
    return click.option(
        "--frame-length",
        type=click.IntRange(0, 2**31 - 1),
        metavar="N",
        help="Put N bytes of plaintext in a frame. The default suits all; take fewer for readers "
        "with little memory, and 0, no frames at all, only for readers that ask for it. Frames of "
        "more than 32 MiB need --max-length when they are read.",
    )(command)


def commitment_policy_option(text: str) -> Callable[[Command], Command]:
    """The option `--commitment-policy POLICY`."""
    return click.option(
        "--commitment-policy",
        type=click.Choice(POLICIES),
        default=POLICIES[0],
        show_default=True,
        metavar="POLICY",
        help=text,
    )


def max_encrypted_data_keys_option(text: str) -> Callable[[Command], Command]:
    """The option `--max-encrypted-data-keys N`."""
    return click.option(
        "--max-encrypted-data-keys",
        type=click.IntRange(1, 65535),
        default=10,
        show_default=True,
        metavar="N",
        help=text,
    )


def max_length_option(command: Command) -> Command:
    """The option `--max-length N`."""
    return click.option(
        "--max-length",
        type=click.IntRange(1, 2**31 - 1),
        default=32 << 20,
        show_default=True,
        metavar="N",
        help="Refuse frames of more than N bytes, which are held in memory until they are "
        "verified. Raise it for files with longer frames whose origin you trust.",
    )(command)

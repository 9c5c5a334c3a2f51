"""Options that name wrapping keys: KMS keys, raw AES and RSA keys in files, and discovery."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import click

from sealscope.cli.options import NOT_EMPTY, Command

if TYPE_CHECKING:
    from sealscope.jobs.request import RawKey

RSA_PADDINGS: Final = (
    "pkcs1",
    "oaep-sha1",
    "oaep-mgf1-sha256",
    "oaep-mgf1-sha384",
    "oaep-mgf1-sha512",
)
DEFAULT_RSA_PADDING: Final = "oaep-mgf1-sha256"


class NamedKeyFile(NamedTuple):
    """What stands behind `--raw-aes` or `--raw-rsa`."""

    namespace: str
    name: str
    file: str


class KeyFileType(click.ParamType[NamedKeyFile]):
    """One `NAMESPACE/NAME=FILE`."""

    name = "NAMESPACE/NAME=FILE"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> NamedKeyFile:
        """Split at the first `=`, and what is before it at the first `/`; no part is empty."""
        if isinstance(value, NamedKeyFile):
            return value
        names, equals, file = str(value).partition("=")
        namespace, slash, name = names.partition("/")
        if not (namespace and slash and name and equals and file):
            self.fail(f"{value!r} is not NAMESPACE/NAME=FILE.", param, ctx)
        try:
            names.encode("utf-8")
        except UnicodeEncodeError:
            self.fail(f"{names!r} is not UTF-8.", param, ctx)
        return NamedKeyFile(namespace, name, file)


KEY_FILE: Final = KeyFileType()


def key_option(text: str) -> Callable[[Command], Command]:
    """The option `-k KEY`."""
    return click.option(
        "-k", "--key", "keys", type=NOT_EMPTY, multiple=True, metavar="KEY", help=text
    )


def raw_key_options(*, aes: str, rsa: str, padding: str) -> Callable[[Command], Command]:
    """The options `--raw-aes`, `--raw-rsa` and `--rsa-padding`, with the help of each."""

    def decorate(command: Command) -> Command:
        for option in (
            click.option(
                "--rsa-padding",
                type=click.Choice(RSA_PADDINGS),
                default=DEFAULT_RSA_PADDING,
                show_default=True,
                metavar="PADDING",
                help=padding,
            ),
            click.option(
                "--raw-rsa",
                type=KEY_FILE,
                multiple=True,
                metavar="NAMESPACE/NAME=PEMFILE",
                help=rsa,
            ),
            click.option(
                "--raw-aes",
                type=KEY_FILE,
                multiple=True,
                metavar="NAMESPACE/NAME=KEYFILE",
                help=aes,
            ),
        ):
            command = option(command)
        return command

    return decorate


def raw_keys_of(
    raw_aes: tuple[NamedKeyFile, ...], raw_rsa: tuple[NamedKeyFile, ...], rsa_padding: str
) -> tuple[RawKey, ...]:
    """The raw keys that the options name, AES before RSA."""
    from sealscope.jobs.request import RawAesKey, RawRsaKey

    return (
        *(RawAesKey(key.namespace, key.name, Path(key.file)) for key in raw_aes),
        *(RawRsaKey(key.namespace, key.name, Path(key.file), rsa_padding) for key in raw_rsa),
    )


def discovery_options(command: Command) -> Command:
    """The options `--discovery`, `--account ID` and `--partition NAME`."""
    for option in (
        click.option(
            "--partition",
            type=NOT_EMPTY,
            metavar="NAME",
            help="With --discovery, try only keys of this partition: aws.",
        ),
        click.option(
            "--account",
            "accounts",
            type=NOT_EMPTY,
            multiple=True,
            metavar="ID",
            help="With --discovery, try only keys of this account.",
        ),
        click.option(
            "--discovery",
            is_flag=True,
            help="Try every KMS key that the file names, when you do not know which one it is. "
            "Whoever made the file then chooses the keys that are asked.",
        ),
    ):
        command = option(command)
    return command

"""Options for messages that are Base64 text."""

from __future__ import annotations

from typing import Final

import click

encode_option: Final = click.option(
    "--encode",
    is_flag=True,
    help="Write the message as Base64 text on one line, as aws-encryption-cli --encode does, for "
    "places that take text only. It is a third larger.",
)

decode_option: Final = click.option(
    "--decode",
    is_flag=True,
    help="Read messages that are Base64 text: those of --encode, of aws-encryption-cli, or out of "
    "a mail or a JSON field. Line breaks do not matter.",
)

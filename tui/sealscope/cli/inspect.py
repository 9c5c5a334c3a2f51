"""`sealscope inspect`: what an envelope says of itself. No key and no KMS is asked."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from sealscope.cli import garbage, output
from sealscope.cli.errors_view import item_error, tell_error
from sealscope.cli.exit_status import DONE, FAILED
from sealscope.cli.options import (
    ConnectionChoice,
    connection_options,
    json_option,
    paths_argument,
)
from sealscope.cli.options_base64 import decode_option
from sealscope.errors import SealscopeError

if TYPE_CHECKING:
    from sealscope.formats.envelope import Envelope


@click.command("inspect", short_help="Show what is in an envelope, without any key.")
@paths_argument
@decode_option
@json_option
@connection_options(shown=())
def command(
    *,
    paths: tuple[str, ...],
    decode: bool,
    as_json: bool,
    connection: ConnectionChoice,  # noqa: ARG001 - accepted as by every command
) -> int:
    """Show what is in an envelope, without any key.

    Nothing of it is proven: only decrypting authenticates a file. PATH - is standard input.
    """
    from sealscope.formats.render import to_json_line

    garbage.resume()
    failed = False
    shown = 0
    for path in paths:
        try:
            envelope = read_envelope(path, fields=as_json, decode=decode)
        except SealscopeError as problem:
            failed = True
            if as_json:
                output.json_line({"path": path, "error": item_error(problem)})
            else:
                tell_error(problem, path)
            continue
        failed = failed or bool(envelope.problem)
        if as_json:
            output.json_text(to_json_line(envelope, path))
        else:
            show_envelope(envelope, path, apart=shown > 0)
            shown += 1
    return FAILED if failed else DONE


def read_envelope(path: str, *, fields: bool = True, decode: bool = False) -> Envelope:
    """Describe a file, or standard input for `-`.

    Args:
        path: of the file.
        fields: also field by field.
        decode: of the bytes that its Base64 text stands for.

    Raises:
        SourceUnreadable: it cannot be read.
        EnvelopeError: it is no envelope, or a broken one.
    """
    from sealscope.cli.pipes import STREAM, standard_input
    from sealscope.files import open_source
    from sealscope.formats.base64_text import decoded
    from sealscope.formats.recognise import describe

    if path == STREAM:
        stream = standard_input()
        return describe(decoded(stream) if decode else stream, fields=fields)
    with open_source(Path(path)) as source:
        if decode:
            return describe(decoded(source.stream), fields=fields)
        return describe(source.stream, source.size, fields=fields)


def show_envelope(envelope: Envelope, path: str, *, apart: bool) -> None:
    """Print a description for people.

    Args:
        envelope: what is described.
        path: of its file.
        apart: leave a line free above it.
    """
    block = output.Block()
    if apart:
        block.line("")
    block.line("{}", path)
    suite = envelope.suite
    block.fields(
        {
            "format": f"{envelope.format}, version {envelope.version}",
            "trust": "authenticated"
            if envelope.authenticated
            else "UNAUTHENTICATED: no key has proven any of this",
            "suite": f"{suite.id}  {suite.name}",
            "message id": envelope.message_id.hex() or "none",
            "content": _content_words(envelope),
            "sizes": _size_words(envelope),
        },
        indent="  ",
    )
    if envelope.problem:
        block.line("  problem     {}", envelope.problem)
    block.line("  encryption context")
    for name, value in envelope.encryption_context.items():
        block.line("    {} = {}", name, value)
    if not envelope.encryption_context:
        block.line("    none")
    block.line("  recipients")
    for recipient in envelope.recipients:
        block.line(
            f"    {{}}  {{}}  ({recipient.encrypted_data_key_bytes} bytes)",
            recipient.provider,
            recipient.key,
        )
    if not envelope.recipients:
        block.line("    none")
    block.write()


def _content_words(envelope: Envelope) -> str:
    content = envelope.content
    words = [content.type]
    if content.frame_length:
        words.append(f"{content.frame_length} bytes a frame")
    if content.frames is not None:
        words.append("1 frame" if content.frames == 1 else f"{content.frames} frames")
    if content.length is not None:
        words.append(f"{content.length} bytes of plaintext")
    return ", ".join(words)


def _size_words(envelope: Envelope) -> str:
    sizes = envelope.sizes
    parts = f"header {sizes.header} + body {sizes.body} + footer {sizes.footer}"
    if sizes.trailing:
        parts += f" + trailing {sizes.trailing}"
    return f"{parts} = {sizes.total} bytes"

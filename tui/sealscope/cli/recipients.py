"""Help for a decryption that names no key: the keys that the file itself names."""

from __future__ import annotations

from shlex import quote

from sealscope.cli.errors_view import ListedUsageError
from sealscope.cli.inspect import read_envelope
from sealscope.cli.pipes import STREAM
from sealscope.errors import SealscopeError
from sealscope.text import show

HINT = (
    "Name a key with -k, --raw-aes or --raw-rsa, or use --discovery to try every KMS key that the"
    " file names."
)


def no_key_named(paths: tuple[str, ...], *, decode: bool = False) -> ListedUsageError:
    """The error for `decrypt` and `verify` without any key and without `--discovery`.

    Args:
        paths: as they were given.
        decode: their content is Base64 text.
    """
    title = "No key was named, and --discovery was not given"
    for path in paths:
        if path == STREAM:
            continue  # it can be read only once
        try:
            envelope = read_envelope(path, decode=decode)
        except SealscopeError:
            continue  # the missing key comes first; the file's own fault shows once it is named
        keys = [recipient.key for recipient in envelope.recipients if recipient.is_kms]
        raw = [
            f"{recipient.provider}/{recipient.key}"
            for recipient in envelope.recipients
            if not recipient.is_kms
        ]
        if keys or raw:
            # Shown text holds no line break, so that one key is one line. Quoted, as whoever made
            # the file chose the words, and these lines are there to be pasted into a shell.
            lines = [f"{show(path)} names:"]
            lines += [f"-k {quote(show(key))}" for key in keys]
            lines += [f"--raw-aes or --raw-rsa {quote(show(name))}=FILE" for name in raw]
            return ListedUsageError(title, "\n".join(lines), HINT)
    return ListedUsageError(title, "", HINT)

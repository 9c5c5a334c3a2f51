"""The headless command that does exactly what a form is about to do."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from decimal import Decimal
from pathlib import Path

from sealscope.app.shell_words import quoted
from sealscope.engine.policy import CommitmentPolicy
from sealscope.jobs.request import (
    DEFAULT_MAX_ENCRYPTED_DATA_KEYS,
    DEFAULT_MAX_LENGTH,
    DEFAULT_POLICY,
    DEFAULT_RSA_PADDING,
    Caching,
    EncryptRequest,
    OpenOptions,
    RawAesKey,
    RawKey,
    RawRsaKey,
    Request,
    SealOptions,
)
from sealscope.kms.connection import Target
from sealscope.text import Shown


def headless_command(request: Request, connection: Sequence[str] = ()) -> Shown:
    """The command line of a request, quoted for bash and zsh, fit to show and to copy.

    Args:
        request: of a form.
        connection: the options that lead to the same KMS (`--profile p`, `--local-store PATH`).
    """
    words = ["sealscope", *connection, request.kind.value, _path_word(request.source)]
    if isinstance(request, EncryptRequest):
        words += _seal_words(request.options)
    else:
        words += _open_words(request.options)
    words += ["-o", _path_word(request.destination)]
    if request.overwrite:
        words.append("--overwrite")
    # Every word is one that the text gate leaves as it is, or printable ASCII; passing the whole
    # through the gate again would double the backslashes that the shell is to undo.
    return Shown(" ".join(quoted(word) for word in words))


def connection_words(target: Target) -> tuple[str, ...]:
    """The options that lead to the KMS that the app was started with."""
    words: list[str] = []
    for option, value in (
        ("--profile", target.profile),
        ("--region", target.region),
        ("--endpoint-url", target.endpoint_url),
        ("--local-store", target.local_store),
    ):
        if value is not None:
            words += [option, str(value)]
    if target.local and target.local_store is None:
        words.append("--local")
    return tuple(words)


def _seal_words(options: SealOptions) -> list[str]:
    words = [*_each("-k", options.keys), *_raw_keys(options.raw_keys), *_context(options.context)]
    words += _each("--required-context", options.required_context)
    if options.suite not in (None, _default_suite(options.commitment_policy)):
        words += ["--suite", options.suite]
    if options.frame_length is not None:
        words += ["--frame-length", str(options.frame_length)]
    words += _policy(options.commitment_policy) + _caching(options.caching)
    words += _limit(options.max_encrypted_data_keys)
    return [*words, "--encode"] if options.encode else words


def _open_words(options: OpenOptions) -> list[str]:
    words = [*_each("-k", options.keys), *_raw_keys(options.raw_keys)]
    if options.discovery is not None:
        words.append("--discovery")
        words += _each("--account", options.discovery.accounts)
        if options.discovery.partition:
            words += ["--partition", options.discovery.partition]
    words += _context(options.context) + _policy(options.commitment_policy)
    words += _caching(options.caching) + _limit(options.max_encrypted_data_keys)
    if options.max_length != DEFAULT_MAX_LENGTH:
        words += ["--max-length", str(options.max_length)]
    return [*words, "--decode"] if options.decode else words


def _raw_keys(keys: Iterable[RawKey]) -> list[str]:
    words: list[str] = []
    padding = DEFAULT_RSA_PADDING
    for key in keys:
        option = "--raw-aes" if isinstance(key, RawAesKey) else "--raw-rsa"
        words += [option, f"{key.namespace}/{key.name}={key.file}"]
        if isinstance(key, RawRsaKey):
            padding = key.padding  # the same for all of them, in the forms and in the shell
    return words if padding == DEFAULT_RSA_PADDING else [*words, "--rsa-padding", padding]


def _policy(policy: str) -> list[str]:
    return [] if policy == DEFAULT_POLICY else ["--commitment-policy", policy]


def _default_suite(policy: str) -> str:
    return CommitmentPolicy(policy).default_suite.hex_id


def _caching(caching: Caching | None) -> list[str]:
    if caching is None:
        return []
    # Written out, as the command line takes no 1e+06; Decimal knows every digit of the repr.
    seconds = f"{Decimal(repr(caching.max_age)):f}".removesuffix(".0")
    limits = {"max-age": seconds}
    if caching.max_bytes is not None:
        limits["max-bytes"] = str(caching.max_bytes)
    if caching.max_messages is not None:
        limits["max-messages"] = str(caching.max_messages)
    return ["--caching", ",".join(f"{name}={limit}" for name, limit in limits.items())]


def _context(pairs: Iterable[tuple[str, str]]) -> list[str]:
    return _each("-c", [f"{name}={value}" for name, value in pairs])


def _limit(maximum: int) -> list[str]:
    if maximum == DEFAULT_MAX_ENCRYPTED_DATA_KEYS:
        return []
    return ["--max-encrypted-data-keys", str(maximum)]


def _each(option: str, values: Iterable[str]) -> list[str]:
    return [word for value in values for word in (option, value)]


def _path_word(path: Path) -> str:
    # A name that starts with a dash would be taken for an option.
    text = str(path)
    return f"./{text}" if text.startswith("-") else text

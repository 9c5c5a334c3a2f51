"""What is checked before a job runs, so that its form promises nothing it has not tried.

Needs kms:DescribeKey for each key, and for the dry runs the permission of the call that the
job will make: kms:GenerateDataKey and kms:Encrypt, or kms:Decrypt. Nothing is written.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Final, cast

from sealscope.engine.decrypt import verification_key
from sealscope.engine.encrypt import DEFAULT_FRAME_LENGTH, check_frame_length
from sealscope.engine.encryption_context import check_caller_context, merge_expected
from sealscope.engine.frames import FINAL_OVERHEAD, REGULAR_OVERHEAD
from sealscope.engine.header import Header, parse_header, parse_header_auth
from sealscope.engine.kms import KmsService, UnwrappedDataKey
from sealscope.engine.limits import ReadLimits, check_number_of_keys
from sealscope.engine.policy import CommitmentPolicy
from sealscope.engine.streams import ByteInput
from sealscope.errors import NoUsableKey, OutputFailed, SealscopeError
from sealscope.files import Source, check_output, open_source
from sealscope.jobs.request import DecryptRequest, EncryptRequest, OpenOptions, Request
from sealscope.jobs.work import keyring_for
from sealscope.kms.facade import KmsGate
from sealscope.units import exact_size, size

DATA_KEY_BYTES: Final = 32
HEADER_ALLOWANCE: Final = 16384
"""More than the header and footer of a message with ten recipients take."""
_SECRET_WORDS: Final = ("secret", "password", "passwd", "token", "credential", "private")


class CheckState(Enum):
    """How a check ended."""

    OK = "ok"
    WARNING = "warning"
    FAILED = "failed"


@dataclass(frozen=True)
class Check:
    """One check of a job's form.

    Attributes:
        name: what was checked: "source", "destination", "space", "context", "limits", "key",
            "message".
        text: the finding in a few words; may hold outside text.
        error: the reason, when it failed.
    """

    name: str
    state: CheckState
    text: str
    error: SealscopeError | None = None


def preflight(request: Request, gate: KmsGate) -> tuple[Check, ...]:
    """Check a job without doing it; makes KMS calls (DescribeKey, dry runs), writes nothing."""
    try:
        source = open_source(request.source)
    except SealscopeError as error:
        return (_failed("source", error),)
    with source:
        checks = [Check("source", CheckState.OK, exact_size(source.size))]
        checks.append(_destination(request, source))
        checks.append(_space(request, source))
        if isinstance(request, EncryptRequest):
            checks.extend(_sealing(request, gate))
        else:
            checks.extend(_opening(request, source, gate))
    return tuple(checks)


def _failed(name: str, error: SealscopeError) -> Check:
    return Check(name, CheckState.FAILED, error.title, error)


def _destination(request: Request, source: Source) -> Check:
    try:
        check_output(request.destination, source=source, overwrite=request.overwrite)
    except SealscopeError as error:
        return _failed("destination", error)
    if request.destination.exists():
        return Check("destination", CheckState.WARNING, "an existing file will be replaced")
    return Check("destination", CheckState.OK, "a new file")


def _space(request: Request, source: Source) -> Check:
    needed = source.size
    if isinstance(request, EncryptRequest):
        frame_length = request.options.frame_length or DEFAULT_FRAME_LENGTH
        frames = source.size // frame_length + 1
        needed += frames * REGULAR_OVERHEAD + FINAL_OVERHEAD + HEADER_ALLOWANCE
    try:
        free = shutil.disk_usage(request.destination.parent).free
    except (OSError, ValueError) as error:  # ValueError: a name that no folder can have
        reason = error.strerror if isinstance(error, OSError) else None
        failure = OutputFailed("The free space cannot be read", reason or "")
        return _failed("space", failure)
    if free < needed:
        lack = OutputFailed(
            "There is no room for the output",
            f"{size(needed)} are needed, {size(free)} are free",
            "Free some space, or choose another folder.",
        )
        return _failed("space", lack)
    return Check("space", CheckState.OK, f"{size(free)} free")


def _sealing(request: EncryptRequest, gate: KmsGate) -> Iterator[Check]:
    context = dict(request.options.context)
    try:
        check_caller_context(context)
    except SealscopeError as error:
        yield _failed("context", error)
    else:
        secrets = [name for name in context if any(word in name.lower() for word in _SECRET_WORDS)]
        if secrets:
            text = f"the context is stored in the open; look at {', '.join(secrets)}"
            yield Check("context", CheckState.WARNING, text)
    options = request.options
    try:
        check_frame_length(options.frame_length or DEFAULT_FRAME_LENGTH)
        check_number_of_keys(len(options.keys), options.max_encrypted_data_keys)
    except SealscopeError as error:
        yield _failed("limits", error)
        return  # and ask KMS nothing for a job that cannot be
    if not options.keys:
        missing = NoUsableKey("No key is chosen", hint="Choose at least one key.")
        yield _failed("key", missing)
    for index, key in enumerate(options.keys):
        yield _sealing_key(gate, key, context, generates=index == 0)


def _sealing_key(gate: KmsGate, key: str, context: dict[str, str], *, generates: bool) -> Check:
    operation = "GenerateDataKey" if generates else "Encrypt"
    payload = {"NumberOfBytes": DATA_KEY_BYTES} if generates else {"Plaintext": b"\0"}
    try:
        honoured = gate.dry_run(operation, KeyId=key, EncryptionContext=context, **payload)
    except SealscopeError as error:
        return Check("key", CheckState.FAILED, f"{key}: {error.title}", error)
    said = "says yes" if honoured else "was tried, as this endpoint ignores dry runs"
    return Check("key", CheckState.OK, f"{key}: {operation} {said}")


def _opening(request: DecryptRequest, source: Source, gate: KmsGate) -> Iterator[Check]:
    options = request.options
    try:
        limits = ReadLimits(max_encrypted_data_keys=options.max_encrypted_data_keys)
        message = ByteInput(source.stream)
        header = parse_header(message, limits)
        parse_header_auth(message, header)
        CommitmentPolicy(options.commitment_policy).check_decrypt(header.suite)
    except SealscopeError as error:
        yield _failed("message", error)
        return
    yield Check("message", CheckState.OK, f"suite {header.suite.hex_id}, {header.suite.name}")
    difference = _context_difference(header, options)
    if difference:
        yield difference
    yield _opening_key(header, options, gate)


def _context_difference(header: Header, options: OpenOptions) -> Check | None:
    try:
        full, required = merge_expected(header.encryption_context, dict(options.context))
        verification_key(full, header.suite)
    except SealscopeError as error:
        return _failed("context", error)
    if required:
        text = f"not stored in the file: {', '.join(required)}; right only if it was required"
        return Check("context", CheckState.WARNING, text)
    return None


class _Yes(Exception):  # noqa: N818 - not an error: it ends the search
    """A dry run succeeded."""


class _DryRuns:
    """KMS for a keyring that only wants to know whether Decrypt would succeed."""

    def __init__(self, gate: KmsGate) -> None:
        self._gate = gate

    def decrypt(
        self, key_id: str, ciphertext: bytes, context: Mapping[str, str]
    ) -> UnwrappedDataKey:
        self._gate.dry_run(
            "Decrypt", KeyId=key_id, CiphertextBlob=ciphertext, EncryptionContext=dict(context)
        )
        raise _Yes(key_id)


def _opening_key(header: Header, options: OpenOptions, gate: KmsGate) -> Check:
    """The first encrypted data key that a dry run says can be opened, or why none can."""
    context = {**dict(options.context), **header.encryption_context}
    try:
        keyring = keyring_for(options, gate, cast("KmsService", _DryRuns(gate)))
        keyring.open(header.encrypted_data_keys, header.suite, context)
    except _Yes as yes:
        return Check("key", CheckState.OK, f"{yes}: Decrypt says yes")
    except SealscopeError as error:
        return _failed("key", error)
    raise AssertionError  # a dry run yields no data key

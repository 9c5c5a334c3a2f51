"""What is checked of the options before a file is encrypted."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from sealscope.engine.encrypt import check_frame_length
from sealscope.engine.encryption_context import check_caller_context, check_required_context
from sealscope.engine.limits import check_number_of_keys
from sealscope.engine.policy import CommitmentPolicy
from sealscope.engine.suites import AlgorithmSuite, suite_by_name
from sealscope.errors import NoUsableKey, SealscopeError
from sealscope.jobs.check import Check, CheckState, failed
from sealscope.jobs.raw_keys import concerns_about, raw_keyring
from sealscope.jobs.request import RawKey, SealOptions
from sealscope.kms.facade import KmsGate

_SECRET_WORDS: Final = ("secret", "password", "passwd", "token", "credential", "private")


def check_sealing(options: SealOptions, gate: KmsGate) -> Iterator[Check]:
    """The context, the limits, and each key: KMS keys by a dry run, raw keys by a trial.

    Needs for the first KMS key kms:GenerateDataKey, for the others kms:Encrypt.
    """
    context = dict(options.context)
    try:
        check_caller_context(context)
        check_required_context(context, options.required_context)
    except SealscopeError as error:
        yield failed("context", error)
    else:
        yield from _odd_context(options, context)
    try:
        suite = _suite(options)
        if options.frame_length is not None:
            check_frame_length(options.frame_length)
        count = len(options.keys) + len(options.raw_keys)
        check_number_of_keys(count, options.max_encrypted_data_keys)
    except SealscopeError as error:
        yield failed("limits", error)
        return  # and ask KMS nothing for a job that cannot be
    if not count:
        missing = NoUsableKey("No key is chosen", hint="Choose at least one key.")
        yield failed("key", missing)
    for index, key in enumerate(options.keys):
        yield _kms_key(gate, key, suite, context, generates=index == 0)
    for raw_key in options.raw_keys:
        yield from _raw_key(raw_key, suite)


def _odd_context(options: SealOptions, context: dict[str, str]) -> Iterator[Check]:
    stored = [name for name in context if name not in options.required_context]
    secrets = [name for name in stored if any(word in name.lower() for word in _SECRET_WORDS)]
    if secrets:
        text = f"the context is stored in the open; look at {', '.join(secrets)}"
        yield Check("context", CheckState.WARNING, text)
    if options.required_context:
        text = f"not stored, and needed to open the file: {', '.join(options.required_context)}"
        yield Check("context", CheckState.WARNING, text)


def _suite(options: SealOptions) -> AlgorithmSuite:
    policy = CommitmentPolicy(options.commitment_policy)
    suite = suite_by_name(options.suite) if options.suite else policy.default_suite
    policy.check_encrypt(suite)
    return suite


def _kms_key(
    gate: KmsGate, key: str, suite: AlgorithmSuite, context: dict[str, str], *, generates: bool
) -> Check:
    operation = "GenerateDataKey" if generates else "Encrypt"
    payload = {"NumberOfBytes": suite.key_bytes} if generates else {"Plaintext": b"\0"}
    try:
        honoured = gate.dry_run(operation, KeyId=key, EncryptionContext=context, **payload)
    except SealscopeError as error:
        return Check("key", CheckState.FAILED, f"{key}: {error.title}", error)
    said = "says yes" if honoured else "was tried, as this endpoint ignores dry runs"
    return Check("key", CheckState.OK, f"{key}: {operation} {said}")


def _raw_key(key: RawKey, suite: AlgorithmSuite) -> Iterator[Check]:
    name = f"{key.namespace}/{key.name}"
    try:
        raw_keyring(key).wrap(suite, {})
        concerns = concerns_about(key)
    except SealscopeError as error:
        yield Check("key", CheckState.FAILED, f"{name}: {error.title}", error)
        return
    yield Check("key", CheckState.OK, f"{name}: wraps data keys")
    for concern in concerns:
        yield Check("key", CheckState.WARNING, concern)

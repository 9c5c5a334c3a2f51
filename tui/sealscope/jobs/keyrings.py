"""From the keys that a user named to the keyrings that wrap and open data keys."""

from __future__ import annotations

from typing import TypeVar

from sealscope.engine.kms import KmsService
from sealscope.engine.kms_keyring import KmsKeyring
from sealscope.engine.materials import Keyring
from sealscope.errors import UsageError
from sealscope.jobs.request import OpenOptions, RawKey, SealOptions
from sealscope.kms.facade import KmsGate

Service = TypeVar("Service", bound=KmsService)


def sealing_keyring(options: SealOptions, gate: KmsGate | None) -> Keyring:
    """The keys that wrap: KMS keys first, whose first one makes the data key, then raw keys.

    Raises:
        UsageError: no key, or a raw key that cannot be used.
    """
    keyrings: list[Keyring] = []
    if options.keys:
        keyrings.append(KmsKeyring.wrapping(_needed(gate), options.keys))
    keyrings += _raw_keyrings(options.raw_keys)
    if not keyrings:
        raise UsageError(
            "No key was named",
            hint="Name one with -k: an alias, a key id or an ARN. --raw-aes and --raw-rsa take"
            " keys in files.",
        )
    return _as_one(keyrings)


def opening_keyring(options: OpenOptions, gate: KmsGate | None, kms: KmsService | None) -> Keyring:
    """The keys that may open a message: those named, or discovery where it was asked for.

    KMS keys are tried first. Aliases and ids become key ARNs before (needs kms:DescribeKey),
    because messages name ARNs.

    Args:
        options: which keys.
        gate: where they are looked up.
        kms: where Decrypt goes; the gate itself, or what stands before it. Both are None where
            no KMS key is used.

    Raises:
        UsageError: keys and discovery were asked for, or neither and no raw key, or a raw key
            cannot be used.
        KmsError: a key could not be resolved.
    """
    keyrings: list[Keyring] = []
    if options.discovery is not None:
        if options.keys:
            raise UsageError(
                "Keys and discovery exclude each other",
                hint="Name the keys with -k, or use --discovery without -k.",
            )
        keyrings.append(
            KmsKeyring.discovery(
                _needed(kms),
                accounts=options.discovery.accounts,
                partition=options.discovery.partition,
                # A replica here answers for the key that the message names, as with AWS's tools.
                multi_region_in=_needed(gate).region,
            )
        )
    elif options.keys:
        resolve = _needed(gate).resolve
        keyrings.append(KmsKeyring.strict(_needed(kms), [resolve(key) for key in options.keys]))
    elif not options.raw_keys:
        raise UsageError(
            "No key was named, and discovery was not asked for",
            hint="Name a key with -k, --raw-aes or --raw-rsa, or use --discovery to try the keys"
            " that the file names.",
        )
    keyrings += _raw_keyrings(options.raw_keys)
    return _as_one(keyrings)


def _raw_keyrings(keys: tuple[RawKey, ...]) -> list[Keyring]:
    if not keys:
        return []
    # Loaded here, as most runs have none.
    from sealscope.jobs.raw_keys import raw_keyring

    return [raw_keyring(key) for key in keys]


def _needed(kms: Service | None) -> Service:
    if kms is None:
        raise UsageError("There is no KMS to ask", hint="Connect to one, or leave out KMS keys.")
    return kms


def _as_one(keyrings: list[Keyring]) -> Keyring:
    generator, *others = keyrings
    if not others:
        return generator
    from sealscope.engine.multi_keyring import MultiKeyring

    return MultiKeyring(generator, others)

"""How the golden files were made: `python -m tests.kms.local.golden.make FOLDER`.

They are never made again. A new schema or ciphertext format gets files of its own, beside these;
the number in their names is the schema's.
"""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import load_der_public_key

from sealscope.kms.local import LocalStore, local_session
from sealscope.kms.local.rsa_encryption import oaep
from sealscope.kms.local.schema import SCHEMA_VERSION
from sealscope.secret import SecretBytes
from tests.kms.local.tools import Clock, FixedBytes

CONTEXT = {"purpose": "golden", "größe": "µ"}
PASSPHRASE = SecretBytes(b"a golden passphrase")


def make(folder: Path) -> None:
    """Write store-N.sqlite3, protected-N.sqlite3 and their blobs-N.json."""
    blobs: list[dict[str, Any]] = []
    place = folder / "making"
    place.mkdir(mode=0o700)
    clock = Clock()
    store = LocalStore.open(
        place / f"store-{SCHEMA_VERSION}.sqlite3", clock=clock, entropy=FixedBytes("golden")
    )
    kms = local_session(store).client("kms")

    def keep(name: str, key: str, **options: Any) -> None:
        answer = kms.encrypt(KeyId=key, Plaintext=name.encode(), **options)
        blobs.append({"name": name, "blob": answer["CiphertextBlob"].hex(), "options": options})

    keep("the first key", "alias/getting-started")
    keep("with a context", "alias/getting-started", EncryptionContext=CONTEXT)
    rotated = kms.create_key(Description="rotated")["KeyMetadata"]["KeyId"]
    keep("before rotation", rotated)
    kms.rotate_key_on_demand(KeyId=rotated)
    keep("after rotation", rotated)
    multi_region = kms.create_key(MultiRegion=True)["KeyMetadata"]["KeyId"]
    keep("multi-Region", multi_region)
    imported = kms.create_key(Origin="EXTERNAL")["KeyMetadata"]["KeyId"]
    parameters = kms.get_parameters_for_import(
        KeyId=imported, WrappingAlgorithm="RSAES_OAEP_SHA_256", WrappingKeySpec="RSA_2048"
    )
    wrapping_key = load_der_public_key(parameters["PublicKey"])
    assert isinstance(wrapping_key, rsa.RSAPublicKey)
    kms.import_key_material(
        KeyId=imported,
        ImportToken=parameters["ImportToken"],
        EncryptedKeyMaterial=wrapping_key.encrypt(bytes(range(32)), oaep("RSAES_OAEP_SHA_256")),
        ExpirationModel="KEY_MATERIAL_DOES_NOT_EXPIRE",
    )
    keep("imported", imported)
    rsa_key = kms.create_key(KeySpec="RSA_2048", KeyUsage="ENCRYPT_DECRYPT")["KeyMetadata"]
    keep("RSA", rsa_key["KeyId"], EncryptionAlgorithm="RSAES_OAEP_SHA_256")
    blobs[-1]["options"]["KeyId"] = rsa_key["KeyId"]
    store.backup(folder / f"store-{SCHEMA_VERSION}.sqlite3")
    store.protect(PASSPHRASE)
    store.backup(folder / f"protected-{SCHEMA_VERSION}.sqlite3")
    store.close()
    for file in place.iterdir():
        os.remove(file)
    place.rmdir()
    text = json.dumps(blobs, indent=1, ensure_ascii=True) + "\n"
    (folder / f"blobs-{SCHEMA_VERSION}.json").write_text(text)


if __name__ == "__main__":
    make(Path(sys.argv[1]))

"""Known answers of the message format: complete messages and the numbers they are made of.

Data keys are the bytes 00, 01, ...; message ids a0, a1, ...; all messages are wrapped by the raw
AES key `WRAPPING_KEY`. Plaintext, frame length and context are the common ones unless stated.
"""

from __future__ import annotations

import base64
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from sealscope.engine.raw_aes_keyring import RawAesKeyring
from sealscope.secret import SecretBytes

WRAPPING_KEY: Final = bytes(range(0x40, 0x60))
NAMESPACE: Final = "ns"
KEY_NAME: Final = "kn"
WRAP_IV: Final = bytes(range(0x10, 0x1C))
PLAINTEXT: Final = b"0123456789abcdefghijklmnopqrstuvwxyz"
FRAME_LENGTH: Final = 16
PRIVATE_SCALAR_P256: Final = int.from_bytes(bytes(range(1, 33)), "big")
PRIVATE_SCALAR_P384: Final = int.from_bytes(bytes(range(1, 49)), "big")
PUBLIC_KEY_P256: Final = "AlFcPW6545a5BNP+yn9U/c0MwemXvzddylFa0KbDtANf"
PUBLIC_KEY_P384: Final = "A8dvIoPdqVzUmw7Z5zPSkER043IW8SThPSyatM8BAhxJrZyrs9C5dJmu8vCrMT+gKA=="


def keyring() -> RawAesKeyring:
    """The wrapping key; it wraps with `WRAP_IV`."""
    return RawAesKeyring(NAMESPACE, KEY_NAME, SecretBytes(WRAPPING_KEY), _random=lambda _: WRAP_IV)


def data_key(length: int) -> bytes:
    return bytes(range(length))


def message_id(length: int) -> bytes:
    return bytes(range(0xA0, 0xA0 + length))


@dataclass(frozen=True)
class KnownMessage:
    """A message and what is known of it.

    Attributes:
        expected: context that must be given to open it.
        context: full context, where it is not the common one.
        frame_length: 0 for a message without frames.
        reproducible: our writer, given the same inputs, makes the same bytes.
    """

    name: str
    suite_id: int
    message: bytes
    sha256: str
    header_body_bytes: int
    header_tag: str
    plaintext: bytes = PLAINTEXT
    context: Mapping[str, str] | None = None
    expected: Mapping[str, str] | None = None
    frame_length: int = FRAME_LENGTH
    reproducible: bool = True


def _message(text: str) -> bytes:
    return base64.b64decode("".join(text.split()), validate=True)


MESSAGES: Final = (
    KnownMessage(
        "M1",
        0x0178,
        _message("""
            AYABeKChoqOkpaanqKmqq6ytrq8ACAABAAFhAAFiAAEAAm5zABZrbgAAAIAAAAAMEBESExQVFhcYGRobADB5Oz/SUpQSJKav3Fvn
            9QG5FQaW2hIEXBxgd9PKx3Ssz5Z/SktITAUMtzbYJmXw52ECAAAAAAwAAAAQAAAAAAAAAAAAAAAAfTabeK5cyYpGMhr943n2uAAA
            AAEAAAAAAAAAAAAAAAEKl4LZT39k3qQp40dOpQ+AyWmosRxHjT9VUC1sazMW5gAAAAIAAAAAAAAAAAAAAAJtLIOrB/6o/iLUpggh
            5kTE0hNB4PJqkEsZnLF2KvpwUv////8AAAADAAAAAAAAAAAAAAADAAAABKXzg/hjntqnwZKRYTOLuzFHIjEd
        """),
        "b7f27905fbc018edc2735533bc1dcf2bbbce27a7dd7b6f58d2c88572c3b134a2",
        120,
        "7d369b78ae5cc98a46321afde379f6b8",
    ),
    KnownMessage(
        "M2",
        0x0478,
        _message("""
            AgR4oKGio6SlpqeoqaqrrK2ur7CxsrO0tba3uLm6u7y9vr8ACAABAAFhAAFiAAEAAm5zABZrbgAAAIAAAAAMEBESExQVFhcYGRob
            ADB5Oz/SUpQSJKav3Fvn9QG5FQaW2hIEXBxgd9PKx3Ssz5Z/SktITAUMtzbYJmXw52ECAAAAEI8KiemECbRcQhVzTlsLMvU77JfR
            mvnreAeDLyWdrX6HduBoCFqg6PG1xjR92T/A7gAAAAEAAAAAAAAAAAAAAAHmpVmn3TFJV+Nd86mxojIddFl1xk9CeJdIVtKY4oJb
            1wAAAAIAAAAAAAAAAAAAAAK96B/B0NZzGbxtwuWL8K4RfOAI0fSQxRYtljrg+teIq/////8AAAADAAAAAAAAAAAAAAADAAAABAZ9
            eT+cM/ArB5162gBSkRv9u5Mm
        """),
        "76d647a50e66a121deede2e5f1f22e12cc7fc3c8c6cc9f34cc5a7a75f1907093",
        162,
        "76e068085aa0e8f1b5c6347dd93fc0ee",
    ),
    KnownMessage(
        "M3",
        0x0014,
        _message("""
            AYAAFKChoqOkpaanqKmqq6ytrq8ACAABAAFhAAFiAAEAAm5zABZrbgAAAIAAAAAMEBESExQVFhcYGRobACB5Oz/SUpQSJKav3Fvn
            9QG54WQaNKu4+XlPfYUiGryIjQEAAAAADAAAAAAAAAAAAAAAAAAAAAAduhxgsYFXBQ07yTumz02EAAAAAAAAAAAAAAABAAAAAAAA
            ACSK5J1Q+dz8GXZ9JZ5AwWtCu98AUZw7arnRoGi4WabQRD7bz61TE3fjtGscGTEl43EB/zf5
        """),
        "b972d9f6a439174f031eff05014d11492e94062a56ea514fe8c8436d8a1b555e",
        104,
        "1dba1c60b18157050d3bc93ba6cf4d84",
        frame_length=0,
    ),
    KnownMessage(
        "M4",
        0x0114,
        _message("""
            AYABFKChoqOkpaanqKmqq6ytrq8AAAABAAJucwAWa24AAACAAAAADBAREhMUFRYXGBkaGwAgeTs/0lKUEiSmr9xb5/UBuaM0PW6h
            FykVmBU8NBnmXl0CAAAAAAwAAAAQAAAAAAAAAAAAAAAAJacpQkLbezbgA0k9Sw7dCv////8AAAABAAAAAAAAAAAAAAABAAAAAKKv
            0RcBX8PGaoqIW8zjS0c=
        """),
        "3b2df37e7f4f68cc33a4a1ca84f08a988a8535a9a01f333cdd0fdf32979a7e5f",
        96,
        "25a7294242db7b36e003493d4b0edd0a",
        plaintext=b"",
        context={},
    ),
    KnownMessage(
        "M5",
        0x0146,
        _message("""
            AYABRqChoqOkpaanqKmqq6ytrq8ACAABAAFhAAFiAAEAAm5zABZrbgAAAIAAAAAMEBESExQVFhcYGRobACh5Oz/SUpQSJKav3Fvn
            9QG5FQaW2hIEXBznt7yNueDDz8zf+7514H3TAgAAAAAMAAAAEAAAAAAAAAAAAAAAAHDTTvxpOe0tTGop43Wgdc4AAAABAAAAAAAA
            AAAAAAABe+hO8P45ojEej9PY4kBQrLIJo26dSnZ0kIBloOLssCv/////AAAAAgAAAAAAAAAAAAAAAgAAAADYZ13zYg1ZpN6VdFfh
            hNNi
        """),
        "09e5d991d13c610f0e7b53548ab3845bbe0b20ed39288c2abfd62aa17f43f6a3",
        112,
        "70d34efc6939ed2d4c6a29e375a075ce",
        plaintext=b"0123456789abcdef",
    ),
    KnownMessage(
        "M6",
        0x0146,
        _message("""
            AYABRqChoqOkpaanqKmqq6ytrq8ACAABAAFhAAFiAAEAAm5zABZrbgAAAIAAAAAMEBESExQVFhcYGRobACh5Oz/SUpQSJKav3Fvn
            9QG5FQaW2hIEXBznt7yNueDDz8zf+7514H3TAgAAAAAMAAAAEAAAAAAAAAAAAAAAAHDTTvxpOe0tTGop43Wgdc7/////AAAAAQAA
            AAAAAAAAAAAAAQAAABB76E7w/jmiMR6P09jiQFCsfR3NLU6zfMnDi7df9zJLqg==
        """),
        "567239e6de23282823d4a8927ea8806837c3e28c19726bf8344b073c5e7cb2cc",
        112,
        "70d34efc6939ed2d4c6a29e375a075ce",
        plaintext=b"0123456789abcdef",
        reproducible=False,
    ),
    KnownMessage(
        "M7",
        0x0214,
        _message("""
            AYACFKChoqOkpaanqKmqq6ytrq8ATQACAAFhAAFiABVhd3MtY3J5cHRvLXB1YmxpYy1rZXkALEFsRmNQVzY1NDVhNUJOUCt5bjlV
            L2MwTXdlbVh2emRkeWxGYTBLYkR0QU5mAAEAAm5zABZrbgAAAIAAAAAMEBESExQVFhcYGRobACB5Oz/SUpQSJKav3Fvn9QG50UjM
            rtkXWSPIPzL11F7CCAIAAAAADAAAABAAAAAAAAAAAAAAAABNIlAs8PxgVpXe/lQiZMUmAAAAAQAAAAAAAAAAAAAAARTc+jlH82KJ
            jCWhhnUlpejudS3lzu5Ld5UJYcXaxUfZAAAAAgAAAAAAAAAAAAAAAgKt5DJ0S1i+EvkFBRGpvpQX3V/9np3SEHy99MsvWiNh////
            /wAAAAMAAAAAAAAAAAAAAAMAAAAEvu0InPlqaGxt5zYBJ7EQ9LHG0tkARzBFAiEAqSqjX/9op4uOiebWe0TEQ+NTHmgia+6o3AwQ
            FDxvuhkCIEV5kvUkaQ7CvkCo/8zeCggWe+t8OSIg2PGb+hGWqjVr
        """),
        "ff0e4bce7679e5649c252255eb3a919ae99555cb4081cb8207c5696eb31fd558",
        173,
        "4d22502cf0fc605695defe542264c526",
        reproducible=False,
    ),
    KnownMessage(
        "M8",
        0x0578,
        _message("""
            AgV4oKGio6SlpqeoqaqrrK2ur7CxsrO0tba3uLm6u7y9vr8AZQACAAFhAAFiABVhd3MtY3J5cHRvLXB1YmxpYy1rZXkAREE4ZHZJ
            b1BkcVZ6VW13N1o1elBTa0VSMDQzSVc4U1RoUFN5YXRNOEJBaHhKclp5cnM5QzVkSm11OHZDck1UK2dLQT09AAEAAm5zABZrbgAA
            AIAAAAAMEBESExQVFhcYGRobADB5Oz/SUpQSJKav3Fvn9QG5FQaW2hIEXBxgd9PKx3Sszwcq776DNMc8WXTvozWWkeoCAAAAEI8K
            iemECbRcQhVzTlsLMvU77JfRmvnreAeDLyWdrX6HlbC7AMZ9XmOFzn19ZPhb0gAAAAEAAAAAAAAAAAAAAAE86F/nFJVG6grPztmg
            S+8PnBbJKD1xRznefkMDZw9sLgAAAAIAAAAAAAAAAAAAAAKi4rdRi66pMLOYt2UNf6OLaRMC6dQFsRB2OYH8TOq+Qf////8AAAAD
            AAAAAAAAAAAAAAADAAAABBPax7ya3BhMFAMQ5mK1NfyKCPYBAGcwZQIwRwyTPuadKszdmeI5LLMa6cYuYyng5rabXYQ7puEwyyBW
            Nrx4S6BSvgNftxIqf00EAjEAxu9JvxmA3Zfmi5OYCCB7K/5/Tfg+x+OlgF/IpttdTo4Qq54PZtFcdRtFBhoWnVKj
        """),
        "cdeaf4ad5abc16854d614505a21a4ce1c344e2f70c8e2656152787d8a7ace86f",
        255,
        "95b0bb00c67d5e6385ce7d7d64f85bd2",
        reproducible=False,
    ),
    KnownMessage(
        "M9",
        0x0478,
        _message("""
            AgR4oKGio6SlpqeoqaqrrK2ur7CxsrO0tba3uLm6u7y9vr8ACAABAAFhAAFiAAEAAm5zABZrbgAAAIAAAAAMEBESExQVFhcYGRob
            ADB5Oz/SUpQSJKav3Fvn9QG5FQaW2hIEXBxgd9PKx3Ssz+ztqmTxoGIgVqe1XSlEWEkCAAAAEI8KiemECbRcQhVzTlsLMvU77JfR
            mvnreAeDLyWdrX6HHFWY/RtlnnQ357SC6oB+ggAAAAEAAAAAAAAAAAAAAAHmpVmn3TFJV+Nd86mxojIddFl1xk9CeJdIVtKY4oJb
            1wAAAAIAAAAAAAAAAAAAAAK96B/B0NZzGbxtwuWL8K4RfOAI0fSQxRYtljrg+teIq/////8AAAADAAAAAAAAAAAAAAADAAAABAZ9
            eT+cM/ArB5162gBSkRv9u5Mm
        """),
        "1b94655dc23ab316ef9783d06573e1f971695c507632cb943bbeef65f3d662cb",
        162,
        "1c5598fd1b659e7437e7b482ea807e82",
        context={"a": "b", "r": "s"},
        expected={"r": "s"},
    ),
)

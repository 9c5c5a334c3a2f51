"""The pictures' files: SVG as Textual draws it, and PNG for the README.

A PNG carries the digest of the SVG that it was made from, so that a stale one is found out
without drawing it again.
"""

from __future__ import annotations

import hashlib
import re
import struct
import zlib
from pathlib import Path

FOLDER = Path(__file__).resolve().parents[2] / "screenshots"
FONT = "DejaVu Sans Mono"
FONT_FOLDERS = ["/usr/share/fonts", "/usr/local/share/fonts", "/Library/Fonts"]
_DIGEST_KEY = b"Made-From"
_SIGNATURE = b"\x89PNG\r\n\x1a\n"


def svg_path(name: str) -> Path:
    return FOLDER / f"{name}.svg"


def png_path(name: str) -> Path:
    return FOLDER / f"{name}.png"


def write(name: str, svg: str) -> None:
    """Write a picture in both forms."""
    svg_path(name).write_text(svg, encoding="utf-8")
    png_path(name).write_bytes(with_digest(render(svg), svg))


def render(svg: str) -> bytes:
    """The SVG as PNG. It names web fonts that nothing here may fetch, so a local one serves."""
    import resvg_py

    local = re.sub(r"@font-face\s*\{[^}]*\}", "", svg).replace("Fira Code", FONT)
    return bytes(resvg_py.svg_to_bytes(svg_string=local, font_dirs=FONT_FOLDERS))


def with_digest(png: bytes, svg: str) -> bytes:
    """The PNG with the digest of its SVG, as a text chunk behind the header chunk."""
    assert png.startswith(_SIGNATURE)
    body = _DIGEST_KEY + b"\0" + hashlib.sha256(svg.encode()).hexdigest().encode()
    chunk = struct.pack(">I", len(body)) + b"tEXt" + body
    chunk += struct.pack(">I", zlib.crc32(b"tEXt" + body))
    header_end = len(_SIGNATURE) + 4 + 4 + 13 + 4
    return png[:header_end] + chunk + png[header_end:]


def is_made_from(png: bytes, svg: str) -> bool:
    """Whether a PNG was made from this very SVG."""
    return _DIGEST_KEY + b"\0" + hashlib.sha256(svg.encode()).hexdigest().encode() in png

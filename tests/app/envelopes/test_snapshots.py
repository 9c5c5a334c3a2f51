"""What the Envelopes place looks like, at both sizes."""

from __future__ import annotations

from pathlib import Path

import pytest

from sealscope.app.display import set_titles
from sealscope.app.envelopes.browser import Browser
from sealscope.app.envelopes.inspector import FileRead, Inspector, Outline
from sealscope.app.envelopes.reading import Reading
from sealscope.formats.envelope import (
    Certainty,
    Content,
    Envelope,
    Field,
    Recipient,
    Sizes,
    Suite,
)
from tests.app.desk import Desk
from tests.app.driver import NARROW, WIDE, Session, options, run
from tests.app.fakes import ACCOUNT, REGION, key_id
from tests.app.snapshot import assert_snapshot


def envelope() -> Envelope:
    """A message of 12 GiB under four keys: known, unknown, pending deletion, and none of KMS."""
    arns = [f"arn:aws:kms:{REGION}:{ACCOUNT}:key/{key_id(number)}" for number in (1, 99, 4)]
    header = (
        Field("version", 2, "", 0, 1),
        Field("algorithm suite", "0578", "committing, signed", 1, 2),
        Field("message id", bytes(range(32)), "", 3, 32),
    )
    return Envelope(
        format="AWS Encryption SDK message",
        certainty=Certainty.CERTAIN,
        version="2",
        suite=Suite(
            "0578",
            "AES-256-GCM, HKDF-SHA512, key commitment, ECDSA P-384",
            signed=True,
            committing=True,
        ),
        message_id=bytes(range(32)),
        encryption_context={
            "purpose": "nightly",
            "tenant": "acme[/]\u202egpj",
            "aws-crypto-public-key": "A5f1" * 17,
        },
        recipients=(
            *(Recipient("aws-kms", arn, 184, is_kms=True) for arn in arns),
            Recipient("raw", "backup \x1b[2J key", 48, is_kms=False),
        ),
        content=Content("framed", 4096, 3_250_177, 13_312_726_016),
        sizes=Sizes(812, 13_416_730_720, 106, 13_416_731_638),
        fields=(
            Field("header", None, "readable by all", 0, 812, header),
            Field("body", None, "framed", 812, 13_416_730_720),
            Field("footer", None, "ECDSA P-384", 13_416_731_532, 106),
        ),
    )


@pytest.mark.parametrize("size", [NARROW, WIDE], ids=["80x24", "120x40"])
def test_an_envelope_looks_as_agreed(desk: Desk, size: tuple[int, int]) -> None:
    for name, length in (("nightly.tar.encrypted", 600), ("notes.txt", 1200), ("plan.md", 90)):
        desk.write(name, b"#" * length)
    (desk.folder / "2026").mkdir()

    async def script(app: Session) -> None:
        await app.see("READ-ONLY", "looks like")
        if size == WIDE:
            await app.see("Auditor", "plan.md")
        inspector = app.app.screen.query_one(Inspector)
        reading = Reading(desk.folder / "nightly.tar.encrypted", 600, envelope(), None)
        inspector.post_message(FileRead(inspector._generation, reading))
        inspector.post_message(Outline.Unfolded((0,), is_open=True))
        await app.until(lambda: all(key.key or key.error for key in inspector._live[:3]), "keys")
        await app.see("(+1)", "KMS knows no such key", "legacy/etl")
        inspector.focus_content()
        if size == WIDE:
            browser = app.app.screen.query_one(Browser)
            set_titles(browser, "/home/alice/vault", "0 envelopes, . shows hidden names")
        await app.pilot.pause()
        assert_snapshot(f"envelopes-{size[0]}x{size[1]}", app.lines)

    start = options(path=Path("nightly.tar.encrypted"))
    run(script, start=start, size=size)

"""A question before something costly: No has the focus, and Escape is No."""

from __future__ import annotations

import pytest

from tests.app.driver import Session, options, run
from tests.app.fakes import FakeKms


@pytest.mark.parametrize(
    ("keys", "created"),
    [
        (["enter"], False),
        (["escape"], False),
        (["n"], False),
        (["y"], True),
        (["tab", "enter"], True),
        (["right", "enter"], True),
    ],
)
def test_creating_a_key_on_aws_asks_first(keys: list[str], created: bool) -> None:
    kms = FakeKms()

    async def script(app: Session) -> None:
        await app.see(" WRITE ", "backup/nightly")
        await app.press("n")
        await app.see("Description")
        await app.type("zoo")
        await app.press("ctrl+j")
        await app.see("Create a key on AWS?", "AWS charges")
        await app.press(*keys)
        await app.see_no("Create a key on AWS?")
        if created:
            await app.see("▌zoo")
        else:
            await app.see("New key", "zoo")

    run(script, start=options(kms, write=True))
    assert ("CreateKey" in kms.calls) is created

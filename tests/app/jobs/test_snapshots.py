"""What the forms, the list and the result look like, at both sizes."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from sealscope.app.jobs.form import Checked, JobForm
from sealscope.app.jobs.job_list import job_rows
from sealscope.app.jobs.job_page import JobPage
from sealscope.app.jobs.quit_dialog import QuitDialog
from sealscope.app.jobs.result import result_rows
from sealscope.app.widgets.choice import Choice
from sealscope.app.widgets.row_list import RowList
from sealscope.app.widgets.typed import TypedLine, TypedText
from sealscope.errors import NoUsableKey, OutputExists
from sealscope.jobs.outcome import Outcome
from sealscope.jobs.preflight import Check, CheckState
from sealscope.jobs.request import DecryptRequest, EncryptRequest, Kind, OpenOptions, SealOptions
from sealscope.jobs.runner import JobState, JobView
from tests.app.desk import Desk, desk
from tests.app.driver import NARROW, WIDE, Session, run
from tests.app.fakes import ACCOUNT, REGION, key_id
from tests.app.snapshot import assert_snapshot

__all__ = ["desk"]

SIZES = pytest.mark.parametrize("size", [NARROW, WIDE], ids=["80x24", "120x40"])
ARN = f"arn:aws:kms:{REGION}:{ACCOUNT}:key/{key_id(1)}"
GIB = 1 << 30


def named(what: str, size: tuple[int, int]) -> str:
    return f"{what}-{size[0]}x{size[1]}"


def encrypting() -> JobView:
    source, destination = Path("nightly.tar"), Path("nightly.tar.encrypted")
    return JobView(
        id=2,
        kind=Kind.ENCRYPT,
        source=source,
        destination=destination,
        request=EncryptRequest(source, destination, SealOptions(keys=("alias/payments/prod",))),
        state=JobState.RUNNING,
        done=43 * GIB // 10,
        total=10 * GIB,
        seconds=37.0,
        rate=118 * 1024.0 * 1024.0,
        seconds_left=72.0,
        outcome=None,
        error=None,
    )


def decrypted() -> JobView:
    source, destination = Path("nightly.tar.encrypted"), Path("nightly.tar")
    outcome = Outcome(
        kind=Kind.DECRYPT,
        source=str(source),
        destination=str(destination),
        suite="0578",
        recipients=(ARN, f"arn:aws:kms:eu-west-1:{ACCOUNT}:key/{key_id(5)}"),
        encryption_context={"purpose": "nightly", "tenant": "acme"},
        opened_by=ARN,
        key_material_id="7d5e" * 16,
        signature_verified=True,
        plaintext_bytes=10 * GIB,
        message_bytes=10 * GIB + 2_622_000,
        seconds=91.0,
    )
    view = replace(encrypting(), id=1, kind=Kind.DECRYPT, source=source, destination=destination)
    request = DecryptRequest(source, destination, OpenOptions(keys=(ARN,)))
    return replace(
        view,
        request=request,
        state=JobState.DONE,
        seconds=91.0,
        seconds_left=None,
        outcome=outcome,
    )


def failed() -> JobView:
    error = NoUsableKey(
        "No encrypted data key of the message could be opened",
        f"encrypted data key 1 (aws-kms {ARN}): The key is disabled",
        "Enable the key, or use another one.",
        request_id="9d2b8a2e-req",
    )
    return replace(decrypted(), id=3, state=JobState.FAILED, outcome=None, error=error, done=0)


@SIZES
class TestLooks:
    def test_the_list(self, desk: Desk, size: tuple[int, int]) -> None:
        async def script(app: Session) -> None:
            await app.see("READ-ONLY", "Auditor") if size == WIDE else await app.see("READ-ONLY")
            await app.press("3")
            await app.see("No jobs yet")
            rows = job_rows((failed(), encrypting(), decrypted()), size[0] - 6)
            app.app.screen.query_one(RowList).set_rows(rows)
            await app.see("42%")
            assert_snapshot(named("jobs", size), app.lines)

        run(script, size=size)

    def test_results(self, desk: Desk, size: tuple[int, int]) -> None:
        async def script(app: Session) -> None:
            await app.see("READ-ONLY", "Auditor") if size == WIDE else await app.see("READ-ONLY")
            await app.press("3")
            page = JobPage(1)
            await app.app.push_screen(page)
            for name, view in (("result", decrypted()), ("result-failed", failed())):
                rows = result_rows(view, size[0] - 5)
                page.query_one(RowList).set_rows(rows, cursor=0)
                await app.see("What to do" if view.error else "Opened by")
                assert_snapshot(named(name, size), app.lines)

        run(script, size=size)

    def test_the_encrypt_form(self, desk: Desk, size: tuple[int, int]) -> None:
        async def script(app: Session) -> None:
            await app.see("READ-ONLY", "Auditor") if size == WIDE else await app.see("READ-ONLY")
            app.app.navigator.open_encrypt_form(Path("nightly.tar"), "alias/payments/prod")
            await app.see("There is no such file")
            page = app.app.screen
            assert isinstance(page, JobForm)
            exists = OutputExists("The output exists already", "nightly.tar.encrypted", "no matter")
            checks = (
                Check("source", CheckState.OK, "10.0 GiB"),
                Check("destination", CheckState.FAILED, exists.title, exists),
                Check("context", CheckState.WARNING, "stored in the open; look at api_token"),
                Check("key", CheckState.OK, "alias/payments/prod: GenerateDataKey says yes"),
            )
            page.post_message(Checked(page._generation, checks))
            await app.see("GenerateDataKey")
            await app.pilot.wait_for_scheduled_animations()
            assert_snapshot(named("encrypt", size), app.lines)

        run(script, size=size)

    @pytest.mark.parametrize("kind", ["encrypt", "decrypt"])
    def test_the_advanced_options(self, desk: Desk, size: tuple[int, int], kind: str) -> None:
        async def script(app: Session) -> None:
            await app.see("READ-ONLY", "Auditor") if size == WIDE else await app.see("READ-ONLY")
            if kind == "encrypt":
                app.app.navigator.open_encrypt_form(Path("nightly.tar"), "alias/payments/prod")
            else:
                app.app.navigator.open_decrypt_form(Path("nightly.tar.encrypted"))
            await app.see("There is no such file" if kind == "encrypt" else "No key is chosen")
            await app.press("f4")
            await app.see("▾ Advanced")
            page = app.app.screen
            page.query_one("#raw-rsa", TypedText).text = "acme/2026=public.pem"
            if kind == "encrypt":
                page.query_one("#policy", Choice).choose("forbid-encrypt-allow-decrypt")
                page.query_one("#frame-length", TypedLine).value = "a few"
            page.query_one("#caching", Choice).choose("on")
            await app.see("to correct: Raw RSA key", "no such file: public.pem")
            await app.pilot.wait_for_scheduled_animations()
            assert_snapshot(named(f"{kind}-advanced", size), app.lines)
            for _ in range(12 if size == NARROW else 0):
                await app.press("tab")
            if size == NARROW:
                await app.pilot.pause()
                assert_snapshot(named(f"{kind}-advanced-below", size), app.lines)

        run(script, size=size)

    def test_the_question_before_quitting(self, desk: Desk, size: tuple[int, int]) -> None:
        async def script(app: Session) -> None:
            await app.see("READ-ONLY", "Auditor") if size == WIDE else await app.see("READ-ONLY")
            await app.press("3")
            await app.see("No jobs yet")
            await app.app.push_screen(QuitDialog(lambda: 2))
            await app.see("2 jobs are still running")
            assert_snapshot(named("quit", size), app.lines)

        run(script, size=size)

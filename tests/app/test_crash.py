"""A crash says where it happened, never what the variables held."""

from __future__ import annotations

import asyncio
import io

import pytest
from rich.console import Console

from sealscope.app.app import SealscopeApp
from sealscope.errors import Malformed
from tests.app.driver import Session, options, run

SECRET = "correct horse battery staple"


def crash_in_a_handler(app: SealscopeApp, error: Exception) -> str:
    """Break the app in a handler that holds a secret; what it prints at its end."""

    def handler() -> None:
        plaintext_data_key = SECRET  # noqa: F841 - what a crash screen would show
        raise error

    async def main() -> None:
        async with app.run_test() as pilot:
            app.call_later(handler)
            await pilot.pause()

    printed = io.StringIO()
    app.error_console = Console(file=printed, width=120)
    with pytest.raises(type(error)):
        asyncio.run(main())
    app.threads.close()
    return printed.getvalue()


class TestACrash:
    def test_names_the_place_and_the_kind_of_error(self) -> None:
        printed = crash_in_a_handler(SealscopeApp(options()), ValueError("bad value"))
        assert "in handler" in printed
        assert "test_crash.py" in printed
        assert "ValueError" in printed

    def test_prints_no_local_variable(self) -> None:
        printed = crash_in_a_handler(SealscopeApp(options()), ValueError("bad value"))
        assert SECRET not in printed
        assert "plaintext_data_key" not in printed

    def test_prints_no_message_that_may_quote_a_value(self) -> None:
        printed = crash_in_a_handler(SealscopeApp(options()), ValueError(SECRET))
        assert SECRET not in printed

    def test_prints_our_own_errors_through_the_text_gate(self) -> None:
        printed = crash_in_a_handler(SealscopeApp(options()), Malformed("torn\x1b[2J[/x]", "at 3"))
        assert "\x1b" not in printed
        assert "torn\\x1b[2J[/x]: at 3" in printed


class TestAFaultInAThread:
    def test_is_told_by_its_kind_and_the_app_goes_on(self) -> None:
        def breaks(_target: object) -> None:
            plaintext_data_key = SECRET
            raise RuntimeError(plaintext_data_key)

        async def script(app: Session) -> None:
            await app.see("Sealscope failed inside: RuntimeError")
            assert SECRET not in app.text
            await app.press("question_mark")
            await app.see("This page")

        run(script, start=options(connect=breaks))

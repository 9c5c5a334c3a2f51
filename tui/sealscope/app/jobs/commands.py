"""The Jobs place's part of the command table."""

from __future__ import annotations

from typing import Final

from sealscope.app.command import Command

LIST: Final = (
    Command(
        "jobs.result",
        "enter",
        "Result",
        "Show how far the job is, or how it ended.",
        "job-list",
        "result",
        10,
        why_disabled="why_no_result",
    ),
    Command(
        "jobs.encrypt",
        "E",
        "Encrypt",
        "Fill in the form that encrypts a file.",
        "job-list",
        "encrypt",
        20,
    ),
    Command(
        "jobs.decrypt",
        "D",
        "Decrypt",
        "Fill in the form that decrypts a file.",
        "job-list",
        "decrypt",
        21,
    ),
)

JOB: Final = (
    Command(
        "jobs.cancel",
        "x",
        "Cancel",
        "Stop this job; it leaves nothing behind.",
        "job",
        "cancel",
        30,
        why_disabled="why_no_cancel",
    ),
)

RESULT: Final = (
    Command("jobs.back", "escape", "Back", "Go back to the list of jobs.", "job-page", "back", 10),
    Command(
        "jobs.copy",
        "y",
        "Copy",
        "Copy the value under the cursor, as it is shown.",
        "job-page",
        "copy",
        50,
    ),
)

FORM: Final = (
    Command(
        "form.run",
        "ctrl+j",
        "Run",
        "Start the job.",
        "job-form",
        "run",
        10,
        why_disabled="why_not_connected",
        overrides_input=True,
    ),
    Command(
        "form.advanced",
        "f4",
        "Advanced",
        "Show or hide the options that most files do not need.",
        "job-form",
        "advanced",
        25,
        overrides_input=True,
    ),
    Command(
        "form.key-file",
        "f6",
        "Key file",
        "Choose the file of a raw AES or RSA key.",
        "job-form",
        "pick_key_file",
        overrides_input=True,
    ),
    Command(
        "form.command",
        "f2",
        "Command",
        "Show the command line that does the same.",
        "job-form",
        "show_command",
        30,
        overrides_input=True,
    ),
    Command(
        "form.command-letter",
        "c",
        "Command",
        "Show the command line that does this job, while no text field has the focus.",
        "job-form",
        "show_command",
    ),
    Command(
        "form.back",
        "escape",
        "Back",
        "Leave the form; nothing is started.",
        "job-form",
        "back",
        15,
    ),
    Command(
        "form.stay",
        "q",
        "Stay",
        "Does nothing in a form, so that nothing typed is lost: Esc leaves it, ^q quits.",
        "job-form",
        "stay",
    ),
    Command(
        "form.keys",
        "f3",
        "Pick keys",
        "Choose keys from the list of keys.",
        "job-form",
        "pick_keys",
        20,
        why_disabled="why_not_connected",
        overrides_input=True,
    ),
)

COMMANDS: Final = (*LIST, *JOB, *RESULT, *FORM)

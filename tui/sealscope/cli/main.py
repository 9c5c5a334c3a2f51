"""The entry point: `sealscope [CONNECTION] [PATH]` and `sealscope [CONNECTION] COMMAND`.

Only click is imported here; each command's module is loaded when that command runs.
"""

from __future__ import annotations

import sys
from typing import Any, Final

import click

from sealscope.cli import garbage
from sealscope.cli.exit_status import run
from sealscope.cli.options import NOT_EMPTY, ConnectionChoice, connection_options

COMMANDS: Final = {
    "keys": ("keys", "List the keys."),
    "inspect": ("inspect", "Show what is in an envelope, without any key."),
    "encrypt": ("encrypt", "Encrypt files."),
    "decrypt": ("decrypt", "Decrypt files."),
    "verify": ("verify", "Prove that files are whole, without writing anything."),
    "kms": ("kms", "Use KMS itself on small data."),
    "local": ("local", "Look after the local KMS."),
}
"""Name -> module below `sealscope.cli`, line of the help (a test compares it with the command)."""


class Root(click.Group):
    """The commands, loaded on demand; any other first word is a path for the app."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's signature
        """The names, in the order of the help."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        """The command of a name, its module loaded now."""
        if cmd_name not in COMMANDS:
            return None
        from importlib import import_module

        module = import_module(f"sealscope.cli.{COMMANDS[cmd_name][0]}")
        command: click.Command = module.command
        return command

    def format_usage(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Both ways to call."""
        formatter.write_usage(ctx.command_path, "[CONNECTION] [PATH]")
        formatter.write_usage(ctx.command_path, "[CONNECTION] COMMAND ...", prefix="       ")

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002
        """The commands, from the table: no module is loaded for the help."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, line) for name, (_, line) in COMMANDS.items()])

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Remember the words as they were given, for `resolve_command`."""
        ctx.meta["sealscope.words"] = tuple(args)
        return super().parse_args(ctx, args)

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """The command that the first word names; the app's for any other word."""
        words: tuple[str, ...] = ctx.meta["sealscope.words"]
        before = words[: len(words) - len(args)]
        # click has dropped the `--` that makes a path of any word.
        if before[-1:] == ("--",):
            return "", _open, ["--", *args]
        if args[0] in COMMANDS:
            return super().resolve_command(ctx, args)
        return "", _open, args


@click.group(
    cls=Root,
    invoke_without_command=True,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
@connection_options()
@click.option("--version", is_flag=True, help="Show the version.")
@click.pass_context
def root(ctx: click.Context, /, connection: ConnectionChoice, *, version: bool) -> int:
    """Explore AWS KMS keys and envelope-encrypted files.

    Without a command the app opens, on PATH if one is given. With no CONNECTION, AWS is used
    when it is configured, and the local KMS otherwise.
    """
    ctx.obj = connection
    if version:
        from importlib.metadata import version as version_of

        from sealscope.cli.output import line

        line("sealscope {}", version_of("sealscope"))
        ctx.exit()
    if ctx.invoked_subcommand is not None:
        return 0
    return _launch(None, connection)


@click.command(add_help_option=False)
@connection_options(shown=())
@click.argument("path", type=NOT_EMPTY)
def _open(path: str, connection: ConnectionChoice) -> int:
    return _launch(path, connection)


def _launch(path: str | None, connection: ConnectionChoice) -> int:
    from sealscope.cli.launch import launch

    return launch(path, connection)


def main(arguments: list[str] | None = None) -> Any:
    """Run the command line and leave the process with its exit status."""
    garbage.postpone()
    status = run(root, sys.argv[1:] if arguments is None else arguments)
    garbage.leave()
    sys.exit(status)

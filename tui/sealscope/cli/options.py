"""Options that several commands share, and how their values are read."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, TypeVar

import click

if TYPE_CHECKING:
    from sealscope.kms.connection import Target

CONNECTION: Final = ("profile", "region", "endpoint_url", "local", "local_store")
"""What commands that change no key show of the CONNECTION options: all but `--write`."""

Command = TypeVar("Command", bound=Callable[..., Any])


class NotEmpty(click.ParamType[str]):
    """A text of at least one character.

    A script's empty variable (`-r "$folder"`, `--profile "$profile"`) must not mean the working
    folder, or that nothing was chosen.
    """

    name = "text"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """The text as it was given."""
        if not value:
            self.fail("it is empty.", param, ctx)
        return str(value)


NOT_EMPTY: Final = NotEmpty()


@dataclass(frozen=True)
class ConnectionChoice:
    """The CONNECTION options, as far as they were given.

    Attributes:
        write: allow changes to keys on AWS.
    """

    profile: str | None = None
    region: str | None = None
    endpoint_url: str | None = None
    local: bool = False
    local_store: str | None = None
    write: bool = False

    def over(self, earlier: ConnectionChoice | None) -> ConnectionChoice:
        """This choice, completed by what stood before the command."""
        if earlier is None:
            return self
        return replace(
            earlier,
            **{name: value for name, value in vars(self).items() if value not in (None, False)},
        )

    def target(self) -> Target:
        """What to connect to."""
        from sealscope.kms.connection import Target

        return Target(
            profile=self.profile,
            region=self.region,
            endpoint_url=self.endpoint_url,
            local=self.local,
            local_store=None if self.local_store is None else Path(self.local_store),
        )


def connection_options(
    *, shown: Iterable[str] | None = None
) -> Callable[[Command], Callable[..., Any]]:
    """Add the CONNECTION options to a command; it receives one argument, `connection`.

    Args:
        shown: the options that the help names, all by default. The others are accepted too, as
            every command accepts them, but change nothing there.
    """
    table: dict[str, tuple[str, dict[str, Any]]] = {
        "profile": (
            "--profile",
            {"type": NOT_EMPTY, "metavar": "NAME", "help": "Use this AWS profile."},
        ),
        "region": (
            "--region",
            {"type": NOT_EMPTY, "metavar": "REGION", "help": "Use this AWS region."},
        ),
        "endpoint_url": (
            "--endpoint-url",
            {"type": NOT_EMPTY, "metavar": "URL", "help": "Send KMS calls to this address."},
        ),
        "local": ("--local", {"is_flag": True, "help": "Use the local KMS."}),
        "local_store": (
            "--local-store",
            {"type": NOT_EMPTY, "metavar": "PATH", "help": "Use the local KMS kept in this file."},
        ),
        "write": ("--write", {"is_flag": True, "help": "Allow changes to keys on AWS."}),
    }
    in_help = set(table if shown is None else shown)

    def decorate(command: Command) -> Callable[..., Any]:
        @wraps(command)
        def collected(*args: Any, **given: Any) -> Any:
            choice = ConnectionChoice(**{name: given.pop(name) for name in table})
            context = click.get_current_context()
            earlier = context.parent.obj if context.parent is not None else None
            return command(*args, connection=choice.over(earlier), **given)

        result: Callable[..., Any] = collected
        for name, (flag, settings) in reversed(table.items()):
            option = click.option(flag, name, hidden=name not in in_help, **settings)
            result = option(result)
        return result

    return decorate


json_option = click.option(
    "--json", "as_json", is_flag=True, help="Print one JSON object a line, and nothing else."
)


paths_argument = click.argument("paths", nargs=-1, required=True, type=NOT_EMPTY, metavar="PATH...")


recursive_option = click.option(
    "-r", "--recursive", is_flag=True, help="Take all files below folders. Skip links."
)


def output_options(command: Command) -> Command:
    """The options that say where results go: `-o`, `-r` and `--overwrite`."""
    for option in (
        click.option("--overwrite", is_flag=True, help="Replace an existing output."),
        recursive_option,
        click.option(
            "-o",
            "--output",
            "out",
            type=NOT_EMPTY,
            metavar="OUT",
            help="Write to this file, or below this folder if there are several inputs.",
        ),
    ):
        command = option(command)
    return command

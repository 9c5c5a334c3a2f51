"""From a command to a change: what is asked, in which order, and what is called in the end."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Final, TypeVar

from sealscope.app.chrome.confirm import Confirm
from sealscope.app.display import MUTED, content, line, lines
from sealscope.app.jobs.key_names import name_of
from sealscope.app.jobs.paths import typed_path
from sealscope.app.jobs.typed_number import typed_number
from sealscope.app.keys.actions import typed_input
from sealscope.app.keys.actions.ask import Ask, Field
from sealscope.app.keys.actions.change import Change, Done
from sealscope.app.keys.actions.deletion import Deletion, DeletionDialog
from sealscope.app.keys.actions.envelopes_seen import envelopes_seen
from sealscope.app.keys.actions.rules import Act
from sealscope.app.keys.rows import bare_alias
from sealscope.kms import aliases, key_changes, material_import, rotation, tags
from sealscope.kms.facade import KmsGate
from sealscope.text import show
from sealscope.units import date

if TYPE_CHECKING:
    from sealscope.app.keys.actions.acting import ActsOnKeys
    from sealscope.app.services import Services
    from sealscope.kms.inventory import KeyEntry

Answer = TypeVar("Answer")
MOST_DAYS: Final = 365
"""KMS keeps imported material no longer, when it is to expire at all."""


class Steps:
    """The way to one change of one key.

    Args:
        page: shows the dialogs, and has the change made.
        entry: the key, as it was when the command was given.
        services: the connection.
    """

    def __init__(self, page: ActsOnKeys, entry: KeyEntry, services: Services) -> None:
        self._page = page
        self._entry = entry
        self._services = services
        self._key = entry.arn
        self._name = show(bare_alias(name_of(entry)))

    def begin(self, act: Act) -> None:
        """Ask what is to be asked before a change, then make it."""
        first: dict[Act, Callable[[], None]] = {
            Act.NEW_ALIAS: self._new_alias,
            Act.MOVE_ALIAS: self._move_alias,
            Act.DELETE_ALIAS: self._delete_alias,
            Act.ENABLE: self._enable,
            Act.DISABLE: self._disable,
            Act.DESCRIBE: self._describe,
            Act.TAG: self._tag,
            Act.UNTAG: lambda: self._page.tell_tags(self._entry, "Untag"),
            Act.ROTATION_ON: self._rotation_on,
            Act.ROTATION_OFF: self._rotation_off,
            Act.ROTATE: self._rotate,
            Act.IMPORT: self._import,
            Act.DELETE: self._delete,
            Act.KEEP: self._keep,
        }
        first[act]()

    # Aliases.

    def _new_alias(self) -> None:
        def named(alias: str) -> None:
            self._do(
                "New alias",
                f"{show(alias)} names {self._name}",
                lambda gate: aliases.create_alias(gate, alias, self._key),
            )

        self._ask(
            "New alias for",
            "Programs can name the key by it.",
            [Field("Alias", placeholder="payments/prod")],
            lambda values: typed_input.alias_name(values[0]),
            named,
        )

    def _move_alias(self) -> None:
        own = self._entry.aliases
        fields = [
            Field("Alias", own[0].name if own else "", "payments/prod"),
            Field("To the key", "" if own else self._key, "its id, ARN or an alias of it"),
        ]

        def chosen(answer: tuple[str, str]) -> None:
            alias, key = answer

            def move(gate: KmsGate) -> Done:
                target = gate.resolve(key)
                aliases.retarget_alias(gate, alias, target)
                return Done(f"{show(alias)} names {show(target)}", (self._key, target))

            self._confirm(
                "Move the alias?",
                f"{show(alias)} will name {show(key)}. Who calls KMS by the alias then uses that"
                " key; envelopes keep the key that they are under.",
                lambda: self._page.carry_out(Change("Move alias", move)),
            )

        self._ask("Move alias of", "", fields, typed_input.alias_and_key, chosen)

    def _delete_alias(self) -> None:
        own = [show(alias.name) for alias in self._entry.aliases]

        def chosen(alias: str) -> None:
            self._confirm(
                "Delete the alias?",
                f"{show(alias)}: who calls KMS by this name will fail. The key stays.",
                lambda: self._do(
                    "Delete alias",
                    f"{show(alias)} is gone",
                    lambda gate: aliases.delete_alias(gate, alias),
                ),
            )

        only = self._entry.aliases[0].name if len(own) == 1 else ""
        self._ask(
            "Delete an alias of",
            "It has: " + ", ".join(own),
            [Field("Alias", only, "one of these")],
            lambda values: typed_input.own_alias(values[0], self._entry),
            chosen,
        )

    # State and words.

    def _enable(self) -> None:
        self._do(
            "Enable",
            f"{self._name} is enabled",
            lambda gate: key_changes.enable_key(gate, self._key),
        )

    def _disable(self) -> None:
        self._confirm(
            "Disable the key?",
            f"{self._name}: nothing can be encrypted or decrypted with it until it is enabled"
            " again.",
            lambda: self._do(
                "Disable",
                f"{self._name} is disabled",
                lambda gate: key_changes.disable_key(gate, self._key),
            ),
        )

    def _describe(self) -> None:
        described = self._entry.description
        before = described.description if described else ""

        def written(text: str) -> None:
            self._do(
                "Description",
                f"{self._name} is described anew",
                lambda gate: key_changes.update_description(gate, self._key, text),
            )

        self._ask(
            "Description of",
            "No secret: who may describe the key can read it.",
            [Field("Description", before, "what the key is for")],
            lambda values: typed_input.description(values[0]),
            written,
        )

    def _tag(self) -> None:
        def chosen(answer: tuple[str, str]) -> None:
            name, value = answer
            self._do(
                "Tag",
                f"{self._name} has {show(name)}={show(value)}",
                lambda gate: tags.tag_key(gate, self._key, {name: value}),
            )

        self._ask(
            "Tag",
            "Tags can decide who may use a key, where policies look at them.",
            [Field("Name", placeholder="team"), Field("Value", placeholder="may be empty")],
            typed_input.tag,
            chosen,
        )

    def choose_tag(self, known: tuple[tags.Tag, ...]) -> None:
        """Ask which of these tags is to go."""

        def chosen(name: str) -> None:
            self._confirm(
                "Remove the tag?",
                f"{show(name)}: policies that look at it judge the key anew.",
                lambda: self._do(
                    "Untag",
                    f"{self._name} has no tag {show(name)}",
                    lambda gate: tags.untag_key(gate, self._key, [name]),
                ),
            )

        listed = ", ".join(f"{show(tag.name)}={show(tag.value)}" for tag in known)
        self._ask(
            "Untag",
            f"It has: {listed}" if known else "It has no tag.",
            [Field("Name", known[0].name if len(known) == 1 else "", "of the tag to remove")],
            lambda values: typed_input.tag_name(values[0]),
            chosen,
        )

    # Rotation.

    def _rotation_on(self) -> None:
        status = self._entry.rotation
        period = status.period_days if status is not None and status.enabled else None

        def chosen(answer: tuple[int | None]) -> None:
            (days,) = answer
            every = f" every {days} days" if days else ""
            self._do(
                "Rotation on",
                f"{self._name} is rotated{every}",
                lambda gate: rotation.enable_rotation(gate, self._key, period_days=days),
            )

        self._ask(
            "Rotate",
            "What was encrypted before stays readable." + self._cost(),
            [Field("Every", str(period or ""), "days, 90 to 2560; empty: 365")],
            lambda values: (typed_input.period(values[0]),),
            chosen,
        )

    def _rotation_off(self) -> None:
        self._confirm(
            "Rotate no more?",
            f"{self._name} keeps the material that it has; all generations stay readable.",
            lambda: self._do(
                "Rotation off",
                f"{self._name} is rotated no more",
                lambda gate: rotation.disable_rotation(gate, self._key),
            ),
        )

    def _rotate(self) -> None:
        self._confirm(
            "Rotate now?",
            f"{self._name} gets new material, which cannot be taken back, and KMS allows"
            f" {rotation.MAX_ON_DEMAND} times a key. What was encrypted before stays"
            " readable." + self._cost(),
            lambda: self._do(
                "Rotate now",
                f"{self._name} is being rotated",
                lambda gate: rotation.rotate_on_demand(gate, self._key),
            ),
        )

    def _cost(self) -> str:
        return "" if self._services.gate.is_local else " AWS charges for the first two rotations."

    # Material.

    def _import(self) -> None:
        key = self._entry.description
        if key is None:
            return

        def read(values: tuple[str, ...]) -> tuple[Path, int | None]:
            path = typed_path(values[0], "file")
            return path, typed_number(values[1], least=1, most=MOST_DAYS)

        def chosen(answer: tuple[Path, int | None]) -> None:
            path, days = answer
            until = self._page.seal.options.clock() + timedelta(days=days) if days else None

            def load(gate: KmsGate) -> Done:
                material = material_import.read_material(path, key)
                material_import.import_material(gate, key, material, valid_to=until)
                return Done(f"{self._name} has its material", (self._key,))

            ends = f" It expires on {date(until)}." if until else ""
            self._confirm(
                "Import the material?",
                f"{show(str(path))} into {self._name}. KMS gives no copy back: keep the"
                f" file.{ends}",
                lambda: self._page.carry_out(Change("Import material", load)),
            )

        self._ask(
            "Import material into",
            "The file holds the bytes themselves: 32 for a symmetric key. They are wrapped here"
            " before they are sent.",
            [
                Field("File", placeholder="path of the key material"),
                Field("Expires in", placeholder="days, 1 to 365; empty: never"),
            ],
            read,
            chosen,
        )

    # The end.

    def _delete(self) -> None:
        seen = envelopes_seen(self._services.runner.views(), self._key)
        now = self._page.seal.options.clock()

        def answered(answer: Deletion | None) -> None:
            if answer is None:
                return
            if answer.window_days is None:
                self._disable()
                return
            days = answer.window_days

            def schedule(gate: KmsGate) -> Done:
                told = key_changes.schedule_deletion(gate, self._key, window_days=days)
                when = f"on {date(told.deletion_date)}" if told.deletion_date else told.state
                return Done(f"{self._name} is deleted {when}", (self._key,))

            self._page.carry_out(Change("Schedule deletion", schedule))

        self._page.app.push_screen(DeletionDialog(self._entry, seen, self._services, now), answered)

    def _keep(self) -> None:
        self._do(
            "Cancel deletion",
            f"{self._name} stays, and is disabled",
            lambda gate: key_changes.cancel_deletion(gate, self._key),
        )

    # How.

    def _do(self, label: str, done: str, call: Callable[[KmsGate], object]) -> None:
        def calling(gate: KmsGate) -> Done:
            call(gate)
            return Done(done, (self._key,))

        self._page.carry_out(Change(label, calling))

    def _confirm(self, title: str, question: str, then: Callable[[], None]) -> None:
        self._page.app.push_screen(Confirm(title, question), lambda yes: then() if yes else None)

    def _ask(
        self,
        title: str,
        note: str,
        fields: list[Field],
        read: Callable[[tuple[str, ...]], Answer],
        then: Callable[[Answer], None],
    ) -> None:
        def answered(answer: Answer | None) -> None:
            if answer is not None:
                then(answer)

        told = lines([line((self._name, "bold")), *([content(note, MUTED)] if note else [])])
        self._page.app.push_screen(
            Ask(line(f"{title} ", (self._name, "bold")), told, fields, read), answered
        )

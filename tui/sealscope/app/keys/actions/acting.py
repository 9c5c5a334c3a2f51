"""Changing the key in hand, for the list and the page of one key."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual import on

from sealscope.app.display import toast
from sealscope.app.keys.actions.change import Changed, NotChanged, TagsTold, make, tell_tags
from sealscope.app.keys.actions.commands import CHANGES
from sealscope.app.keys.actions.rules import Act, why_not
from sealscope.app.keys.copying import CopiesKeys

if TYPE_CHECKING:
    from collections.abc import Callable

    from textual.message import Message

    from sealscope.app.keys.actions.change import Change
    from sealscope.kms.inventory import KeyEntry


class ActsOnKeys(CopiesKeys):
    """A page with a key in hand that can be changed.

    A page of one key may be closed before KMS answers, so the page below it, which stays, hears
    of the answer.
    """

    def action_change(self) -> None:
        """Choose what to change."""
        from sealscope.app.keys.actions.menu import ActionMenu, Choosable
        from sealscope.app.keys.rows import alias_text

        entry = self.current_key()
        if entry is None:
            return
        items = [
            Choosable(
                command.id,
                command.through[-1],
                command.label,
                command.tooltip,
                self.seal.why_not(command),
            )
            for command in CHANGES
        ]
        self.app.push_screen(ActionMenu(alias_text(entry)[0], items), self._change_chosen)

    def action_small_data(self) -> None:
        """Open the panel for KMS's own operations, on this key."""
        from sealscope.app.jobs.key_names import name_of
        from sealscope.app.small_data.page import SmallDataPage

        entry = self.current_key()
        self.app.push_screen(SmallDataPage(name_of(entry) if entry else ""))

    async def _change_chosen(self, command_id: str | None) -> None:
        if command_id is not None:
            await self.seal.action_command(command_id)

    def carry_out(self, change: Change) -> None:
        """Make a change in the background; what came of it is told in any case."""
        services = self.services
        if services is not None:
            self._change_in_background(lambda: make(change, services))

    @on(Changed)
    def _told_changed(self, message: Changed) -> None:
        message.stop()
        toast(self.app, message.label, ": ", message.done.text)

    @on(NotChanged)
    def _told_not_changed(self, message: NotChanged) -> None:
        from sealscope.app.keys.actions.refused import Refused

        message.stop()
        self.app.push_screen(Refused(message.label, message.error))

    @on(TagsTold)
    def _tags_told(self, message: TagsTold) -> None:
        from sealscope.app.keys.actions.steps import Steps

        message.stop()
        if self.services is not None:
            Steps(self, message.entry, self.services).choose_tag(message.tags)

    def _change_in_background(self, work: Callable[[], Message]) -> None:
        services = self.services
        if services is not None:
            services.in_background(self.app.screen_stack[0], work)

    def _why_no_change(self, act: Act) -> str | None:
        services, entry = self.services, self.current_key()
        if services is None or entry is None:
            return self.why_no_key()
        return why_not(act, entry, read_only=services.gate.is_read_only)

    def _begin_change(self, act: Act) -> None:
        from sealscope.app.keys.actions.steps import Steps

        services, entry = self.services, self.current_key()
        if services is not None and entry is not None:
            Steps(self, entry, services).begin(act)

    def tell_tags(self, entry: KeyEntry, label: str) -> None:
        """Ask for the tags of a key, then which of them is to go."""
        services = self.services
        if services is not None:
            self._change_in_background(lambda: tell_tags(entry, label, services))

    # One action and one reason for each command.

    def action_change_new_alias(self) -> None:
        """Give the key one more alias."""
        self._begin_change(Act.NEW_ALIAS)

    def why_no_new_alias(self) -> str | None:
        """Reason against a new alias."""
        return self._why_no_change(Act.NEW_ALIAS)

    def action_change_move_alias(self) -> None:
        """Let an alias name another key."""
        self._begin_change(Act.MOVE_ALIAS)

    def why_no_move_alias(self) -> str | None:
        """Reason against moving an alias."""
        return self._why_no_change(Act.MOVE_ALIAS)

    def action_change_delete_alias(self) -> None:
        """Delete an alias."""
        self._begin_change(Act.DELETE_ALIAS)

    def why_no_delete_alias(self) -> str | None:
        """Reason against deleting an alias."""
        return self._why_no_change(Act.DELETE_ALIAS)

    def action_change_enable(self) -> None:
        """Enable the key."""
        self._begin_change(Act.ENABLE)

    def why_no_enable(self) -> str | None:
        """Reason against enabling."""
        return self._why_no_change(Act.ENABLE)

    def action_change_disable(self) -> None:
        """Disable the key, after a question."""
        self._begin_change(Act.DISABLE)

    def why_no_disable(self) -> str | None:
        """Reason against disabling."""
        return self._why_no_change(Act.DISABLE)

    def action_change_describe(self) -> None:
        """Write what the key is for."""
        self._begin_change(Act.DESCRIBE)

    def why_no_describe(self) -> str | None:
        """Reason against another description."""
        return self._why_no_change(Act.DESCRIBE)

    def action_change_tag(self) -> None:
        """Add or change a tag."""
        self._begin_change(Act.TAG)

    def why_no_tag(self) -> str | None:
        """Reason against a tag."""
        return self._why_no_change(Act.TAG)

    def action_change_untag(self) -> None:
        """Remove a tag."""
        self._begin_change(Act.UNTAG)

    def why_no_untag(self) -> str | None:
        """Reason against removing a tag."""
        return self._why_no_change(Act.UNTAG)

    def action_change_rotation_on(self) -> None:
        """Rotate by schedule, or set its period."""
        self._begin_change(Act.ROTATION_ON)

    def why_no_rotation_on(self) -> str | None:
        """Reason against a schedule."""
        return self._why_no_change(Act.ROTATION_ON)

    def action_change_rotation_off(self) -> None:
        """End the schedule."""
        self._begin_change(Act.ROTATION_OFF)

    def why_no_rotation_off(self) -> str | None:
        """Reason against ending the schedule."""
        return self._why_no_change(Act.ROTATION_OFF)

    def action_change_rotate(self) -> None:
        """Rotate on demand."""
        self._begin_change(Act.ROTATE)

    def why_no_rotate(self) -> str | None:
        """Reason against rotating on demand."""
        return self._why_no_change(Act.ROTATE)

    def action_change_import(self) -> None:
        """Import material."""
        self._begin_change(Act.IMPORT)

    def why_no_import(self) -> str | None:
        """Reason against importing material."""
        return self._why_no_change(Act.IMPORT)

    def action_change_delete(self) -> None:
        """Schedule the deletion."""
        self._begin_change(Act.DELETE)

    def why_no_delete(self) -> str | None:
        """Reason against scheduling the deletion."""
        return self._why_no_change(Act.DELETE)

    def action_change_keep(self) -> None:
        """Cancel the deletion."""
        self._begin_change(Act.KEEP)

    def why_no_keep(self) -> str | None:
        """Reason against cancelling the deletion."""
        return self._why_no_change(Act.KEEP)

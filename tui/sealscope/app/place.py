"""The base of the three places."""

from __future__ import annotations

from sealscope.app.page import Page


class Place(Page[None]):
    """The screen at the bottom of a mode's stack."""

"""The fixtures of this folder."""

from tests.app.desk import desk

__all__ = ["desk"]

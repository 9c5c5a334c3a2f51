"""Changing a key from the keyboard."""

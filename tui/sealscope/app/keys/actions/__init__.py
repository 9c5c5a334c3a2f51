"""Changing a key: what can be done, why not, what is asked first, and what is said after."""

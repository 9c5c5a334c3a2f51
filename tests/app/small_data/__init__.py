"""The panel for small data."""

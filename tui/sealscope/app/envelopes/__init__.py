"""Envelopes: pick a file, see what is in it, go to the keys that it names."""

"""Envelope formats: one file each turns bytes into the one `Envelope` description."""

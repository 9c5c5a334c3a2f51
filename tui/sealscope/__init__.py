"""Sealscope: a terminal explorer for KMS keys and envelope-encrypted files."""

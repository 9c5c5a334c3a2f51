"""Stores and ciphertexts of schema 1, made once; every later version must open them."""

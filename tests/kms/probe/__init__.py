"""How AWS KMS answers: one probe a behaviour, each naming where it is written.

A probe is a function that takes a `Lab` and asserts one behaviour. The same catalogue runs
against the local KMS (all of it), against moto over an endpoint URL (what moto gets right) and,
by `python -m tests.kms.probe --live PROFILE`, against AWS itself.
"""

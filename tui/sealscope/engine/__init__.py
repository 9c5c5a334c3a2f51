"""The message format of the AWS Encryption SDK and its cryptography.

Bytes in, bytes out: this room knows no AWS library, no terminal and no folder layout.
"""

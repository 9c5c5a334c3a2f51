"""What was called: every call of KMS since the start, and each one as a command."""

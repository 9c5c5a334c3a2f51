"""The local KMS's operations, by theme. Each takes a `Call` and the request's members."""

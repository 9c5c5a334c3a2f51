"""KMS's own operations on small data, as a panel."""

"""Pictures of the real app on a real local KMS: `python -m tests.screenshots` makes them."""

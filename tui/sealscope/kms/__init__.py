"""KMS: the connection (AWS or the embedded local KMS), the gate, the inventory of keys."""

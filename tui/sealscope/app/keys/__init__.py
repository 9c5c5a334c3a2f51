"""The Keys place: the list of keys, one key in detail, creating a key."""

"""Jobs: what to do to which files, checked before, run in the background, reported after."""

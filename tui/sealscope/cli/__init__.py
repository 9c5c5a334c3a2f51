"""The command line: one file a command; what a script uses."""

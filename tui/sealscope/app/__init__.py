"""The Textual app: three places, one command table, one line that says where you are."""

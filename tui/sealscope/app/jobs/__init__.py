"""Jobs: the forms that start them, the list of them, and what they have to tell."""

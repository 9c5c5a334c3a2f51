"""Widgets that more than one place uses; none of them parses markup."""

"""The filter of the list: `pay state:enabled !stage`.

Words must all occur in an alias, the key id or the description. `field:value` looks at one
field. A leading `!` turns a word round. Upper and lower case are the same.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from sealscope.app.keys.rows import KeyRow, bare_alias

FIELDS: Final = ("state", "spec", "usage", "alias")
_DESCRIBED: Final = frozenset({"state", "spec", "usage"})


@dataclass(frozen=True)
class Term:
    """One word of a filter; `field` is empty for a plain word."""

    field: str
    value: str
    wanted: bool

    def matches(self, row: KeyRow) -> bool:
        """Whether a key passes; one that is not described passes no term about its fields."""
        if self.field in _DESCRIBED and row.entry.description is None:
            return self.field == "state" and self.wanted and self._denied(row)
        return self._occurs(row) is self.wanted

    def _denied(self, row: KeyRow) -> bool:
        return row.entry.error is not None and self.value in "no access"

    def _occurs(self, row: KeyRow) -> bool:
        if not self.field:
            return self.value in row.haystack
        if self.field == "alias":
            return any(self.value in bare_alias(a.name).lower() for a in row.entry.aliases)
        return self.value in str(getattr(row.entry.description, self.field)).lower()


@dataclass(frozen=True)
class Filter:
    """All terms must match; no terms match everything."""

    terms: tuple[Term, ...] = ()

    def matches(self, row: KeyRow) -> bool:
        """Whether the list shows a key."""
        return all(term.matches(row) for term in self.terms)

    @property
    def needs_descriptions(self) -> bool:
        """Whether keys must be described before the filter can judge them."""
        return any(term.field in _DESCRIBED for term in self.terms)


def parse_filter(text: str) -> Filter:
    """Read a filter; every text is one, an unknown field is an ordinary word."""
    terms = []
    for word in text.lower().split():
        wanted = not word.startswith("!")
        bare = word.removeprefix("!")
        field, colon, value = bare.partition(":")
        if not (colon and field in FIELDS):
            field, value = "", bare
        # `state:` alone, while it is being typed, hides nothing.
        if value:
            terms.append(Term(field, value, wanted))
    return Filter(tuple(terms))

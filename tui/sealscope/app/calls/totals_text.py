"""How many calls there were, and what they cost, in a few lines."""

from __future__ import annotations

from textual.content import Content

from sealscope.app.display import BAD, MUTED, STRONG, Part, line, lines
from sealscope.kms.call_log import FREE_REQUESTS, Totals
from sealscope.text import show


def totals_content(totals: Totals) -> Content:
    """Counts since the start, each operation's, and the estimated cost."""
    counts: list[Part] = [(f"{totals.calls:,}", STRONG), " since the start"]
    if totals.failed:
        counts += [", ", (f"{totals.failed:,} failed", BAD)]
    for number, (operation, count) in enumerate(totals.operations.items()):
        counts += [(" · " if number else ": ", MUTED), f"{show(operation)} {count:,}"]
    return lines([line(*counts), line((cost_text(totals), MUTED))])


def cost_text(totals: Totals) -> str:
    """The cost, and what the estimate leaves out."""
    if not totals.billable:
        return "No cost: nothing was asked of AWS KMS."
    dollars = f"${totals.dollars:.4f}" if totals.dollars >= 0.0001 else "under $0.0001"
    return (
        f"Estimated cost {dollars}: {totals.billable:,} requests at $0.03 per 10,000;"
        f" {FREE_REQUESTS:,} a month are free; key pairs cost more."
    )

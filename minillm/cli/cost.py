"""``minillm cost``: what a saved conversation has cost, by model, by branch, by exchange."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from rich.console import Console

from ..cost import attempt_row
from ..cost.ledger import sums
from ..tree import Node, attempts_of
from ..tree.render.figures import cost_words
from ..types import Attempt, CostInfo, total_cost
from .conversation_file import load_conversation
from .listing import print_json, print_table
from .screen import note
from .terminal_text import one_line
from .tree_view import message_words

__all__ = ["cost", "print_bill"]

_MOST_ROWS = 200
_TEXT = 40


def cost(console: Console, file: str, *, json: bool, attempts: bool) -> int:
    """Print the bill of a thread or a tree.

    Args:
        json: as one JSON value, exchanges included.
        attempts: each exchange too.

    Raises:
        OSError: the file cannot be read.
        ThreadFormatError: it holds no conversation.
    """
    return print_bill(console, file, (load_conversation(file).get_root(),), json=json, attempts=attempts)


def print_bill(console: Console, file: str, roots: Sequence[Node], *, json: bool, attempts: bool) -> int:
    """The same of trees that are loaded already."""
    exchanges = {node: attempts_of(node) for root in roots for node in root.iter_depth_first()}
    booked = [(node, attempt) for node, own in exchanges.items() for attempt in own]
    total = total_cost(attempt for _, attempt in booked)
    models = sums([attempt for _, attempt in booked], lambda attempt: (attempt.host, attempt.model))
    counts = sums_of_calls([attempt for _, attempt in booked])
    branches = _branch_bills(exchanges)
    if json:
        print_json(
            console,
            {
                "file": file,
                "total": _figures(total) | {"attempts": len(booked)},
                "models": [
                    {"host": host, "model": model, "attempts": counts[host, model], **_figures(bill)}
                    for (host, model), bill in models.items()
                ],
                "branches": [{"leaf": leaf.id, "depth": depth, **_figures(bill)} for leaf, depth, bill in branches],
                "attempts": [{"node": node.id, **attempt_row(attempt)} for node, attempt in booked],
            },
        )
        return 0
    if not booked:
        note(console, f"{file} tells of no exchange with a model: nothing is on its bill")
        return 0
    print_table(
        console,
        ("model", "host", "calls", "tokens in", "out", "cost"),
        [
            (model, host, str(counts[host, model]), *_tokens(bill), cost_words(bill))
            for (host, model), bill in models.items()
        ],
        title="By model",
        numbers=4,
    )
    if len(branches) > 1:
        _branches(console, branches)
    if attempts:
        _attempts(console, booked)
    console.print(f"\n{len(booked):,} exchanges, {cost_words(total)}", style="bold")
    return 0


def _branch_bills(exchanges: Mapping[Node, Sequence[Attempt]]) -> list[tuple[Node, int, CostInfo]]:
    """Each leaf, how deep it is, and what everything on the way to it has cost; what branches share counts in each.

    Added up on the way down, once a node: from each leaf upwards it would be quadratic.
    """
    found: list[tuple[Node, int, CostInfo]] = []
    nothing = 0, CostInfo.total(())
    ways: dict[Node | None, tuple[int, CostInfo]] = {}
    for node, own in exchanges.items():
        depth, above = (ways[node.parent][0] + 1, ways[node.parent][1]) if node.parent in ways else nothing
        bill = above
        if own:
            bill = CostInfo.total((above, *(attempt.cost or CostInfo() for attempt in own)))
            bill = replace(bill, source="+".join(dict.fromkeys(bill.source.split("+"))))
        ways[node] = depth, bill
        if node.is_leaf:
            found.append((node, depth, bill))
    return found


def sums_of_calls(attempts: Sequence[Attempt]) -> dict[tuple[str, str], int]:
    """How many exchanges each model had."""
    counts: dict[tuple[str, str], int] = {}
    for attempt in attempts:
        key = (attempt.host, attempt.model)
        counts[key] = counts.get(key, 0) + 1
    return counts


def _branches(console: Console, branches: Sequence[tuple[Node, int, CostInfo]]) -> None:
    rows = [
        (one_line(message_words(leaf.message), _TEXT), str(depth), *_tokens(bill), cost_words(bill))
        for leaf, depth, bill in branches[:_MOST_ROWS]
    ]
    console.print()
    print_table(
        console,
        ("ends with", "depth", "tokens in", "out", "cost"),
        rows,
        title="By branch, from the root (what they share counts in each)",
        numbers=4,
    )
    _left(console, len(branches), "branches")


def _attempts(console: Console, booked: Sequence[tuple[Node, Attempt]]) -> None:
    rows = [
        (
            attempt_row(attempt)["time"][:19].replace("T", " "),
            attempt.model,
            attempt.outcome.value,
            "" if attempt.status is None else str(attempt.status),
            *_tokens(attempt.cost or CostInfo(), attempt),
            "" if attempt.cost is None else attempt.cost.source,
            cost_words(attempt.cost or CostInfo()),
        )
        for _, attempt in booked[:_MOST_ROWS]
    ]
    console.print()
    columns = ("time (UTC)", "model", "outcome", "status", "tokens in", "out", "source", "cost")
    print_table(console, columns, rows, title="By exchange", numbers=5)
    _left(console, len(booked), "exchanges")


def _left(console: Console, count: int, what: str) -> None:
    if count > _MOST_ROWS:
        note(console, f"… and {count - _MOST_ROWS:,} more {what}; --json gives all")


def _tokens(bill: CostInfo, attempt: Attempt | None = None) -> tuple[str, str]:
    usage = bill.usage or (None if attempt is None else attempt.usage)
    counts = (None, None) if usage is None else (usage.input_tokens, usage.output_tokens)
    return ("?" if counts[0] is None else f"{counts[0]:,}", "?" if counts[1] is None else f"{counts[1]:,}")


def _figures(bill: CostInfo) -> dict[str, Any]:
    usage = bill.usage
    return {
        "usd": None if bill.usd is None else f"{bill.usd:f}",
        "known_usd": f"{bill.known_usd:f}",
        "resolution": bill.resolution.value,
        "source": bill.source,
        "input_tokens": None if usage is None else usage.input_tokens,
        "output_tokens": None if usage is None else usage.output_tokens,
    }

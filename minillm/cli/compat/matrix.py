"""The matrix on a screen."""

from rich.console import Console
from rich.table import Table
from rich.text import Text

from ...compat import PROBES, Results, Verdict
from ...tree.render.figures import money
from ..screen import note
from ..terminal_text import one_line

__all__ = ["print_results"]

# A word beside each colour: many terminals have none, and many people see none.
_STYLES = {
    Verdict.PASS: "green",
    Verdict.DEGRADED: "yellow",
    Verdict.UNSUPPORTED: "blue",
    Verdict.FAIL: "bold red",
    Verdict.INCONCLUSIVE: "dim",
    Verdict.SKIPPED: "dim",
}
_TOLD = (Verdict.FAIL, Verdict.DEGRADED, Verdict.UNSUPPORTED, Verdict.INCONCLUSIVE)


def print_results(console: Console, results: Results) -> None:
    """The matrix, the reasons of all that is no pass, the sums, and what the words mean."""
    if not results.rows:
        note(console, "nothing was asked")
        return
    targets = results.targets
    table = Table(box=None, pad_edge=False, title="Matrix", title_justify="left", title_style="bold")
    for name in ("probe", *targets):
        table.add_column(one_line(name), overflow="fold", header_style="dim")
    group = ""
    for name in results.probes:
        found = PROBES.get(name)
        if found is not None and found.group != group:
            group = found.group
            table.add_row(Text(group, style="bold"))
        table.add_row(Text(f"  {one_line(name)}"), *(_cell(results, target, name) for target in targets))
    console.print(table)
    for target in targets:
        _reasons(console, results, target)
    _sums(console, results)
    if results.ending != "done":
        why = one_line(results.ending).rstrip(".") or "it runs still, or was killed"
        console.print(f"\nNot finished: {why}. This is what was found.", markup=False)


def _cell(results: Results, target: str, name: str) -> Text:
    row = results.rows.get((target, name))
    return Text("") if row is None else Text(row.verdict.value, style=_STYLES[row.verdict])


def _reasons(console: Console, results: Results, target: str) -> None:
    told = [row for row in results.of(*_TOLD) if row.target == target]
    why = next((row.reason for row in results.of(Verdict.SKIPPED) if row.target == target), "")
    if not told and not why:
        return
    console.print()
    table = Table(
        box=None,
        pad_edge=False,
        title=Text(one_line(target)),
        title_justify="left",
        title_style="bold",
        show_header=False,
    )
    for row in sorted(told, key=lambda row: _TOLD.index(row.verdict)):
        table.add_row(
            Text(row.verdict.value, style=_STYLES[row.verdict]), Text(one_line(row.probe)), Text(one_line(row.reason))
        )
    if why:
        table.add_row(Text("skipped", style="dim"), Text(""), Text(one_line(why)))
    console.print(table)


def _sums(console: Console, results: Results) -> None:
    console.print()
    for target in results.targets:
        rows = [row for row in results.rows.values() if row.target == target]
        counts = ", ".join(f"{count} {verdict}" for verdict, count in results.counts(target).items())
        known = [row.usd for row in rows if row.usd is not None]
        cost = money(sum(known[1:], known[0])) if known and len(known) == len(rows) else "cost not known"
        requests = sum(len(row.exchanges) for row in rows)
        console.print(Text(f"{one_line(target)}: {counts} · {requests} requests · {cost}"))
    for verdict in Verdict:
        if results.of(verdict):
            note(console, f"{verdict}: {verdict.meaning}")

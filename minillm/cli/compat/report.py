"""``minillm compat report``: the matrix and files out of results, also at the end of a run."""

from rich.console import Console

from ...compat import Results, Verdict, load_results
from ...compat.page import page
from ..listing import print_json
from ..trials.writing import write_text
from .matrix import print_results

__all__ = ["exit_code", "report", "show"]


def report(console: Console, file: str, *, html: str | None, json: bool, evidence: bool = False) -> int:
    """Show the results in a file.

    Raises:
        ConfigurationError: it holds none.
        OSError: it cannot be read, or what was asked for cannot be written.
    """
    results = load_results(file)
    show(console, results, json=json, evidence=evidence)
    if html is not None:
        write_text(html, page(results))
    return exit_code(results)


def show(console: Console, results: Results, *, json: bool, evidence: bool = False) -> None:
    """Print everything."""
    if json:
        print_json(console, results.to_json(evidence=evidence))
    else:
        print_results(console, results)


def exit_code(results: Results) -> int:
    """0: nothing failed, and somebody answered; 1: else."""
    answered = {row.target for row in results.rows.values() if row.verdict is not Verdict.SKIPPED}
    silent = set(results.targets) - answered
    return 1 if results.of(Verdict.FAIL) or silent or not results.rows else 0

"""``minillm benchmark report``: tables and files out of results, also at the end of a run."""

from collections.abc import Iterator

from rich.console import Console

from ...benchmark import Results, csv_text, load_results
from ..listing import print_json
from ..trials.writing import write_text
from .tables import print_results

__all__ = ["exit_code", "files_of", "report", "show"]


def report(console: Console, file: str, *, html: str | None, csv: str | None, json: bool) -> int:
    """Show the results in a file.

    Raises:
        ConfigurationError: it holds none.
        OSError: it cannot be read, or what was asked for cannot be written.
    """
    results = load_results(file)
    show(console, results, json=json)
    for path, text in files_of(results, html=html, csv=csv):
        write_text(path, text)
    return exit_code(results)


def show(console: Console, results: Results, *, json: bool) -> None:
    """Print everything."""
    if json:
        print_json(console, results.to_json())
    else:
        print_results(console, results)


def files_of(results: Results, *, html: str | None, csv: str | None) -> Iterator[tuple[str, str]]:
    """Path and text of each file that was asked for."""
    if csv is not None:
        yield csv, csv_text(results)
    if html is not None:
        from ...benchmark.page import page

        yield html, page(results)


def exit_code(results: Results) -> int:
    """0: all requests that were sent were answered; 1: some were not, none was sent, or the budget or disk ended it."""
    whole = results.ending in ("done", "interrupted", "")
    return 0 if results.measured and not results.failed and whole else 1

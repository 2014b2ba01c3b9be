"""``minillm benchmark report``: tables and files out of results, also at the end of a run."""

from rich.console import Console

from ...benchmark import Results, csv_text, load_results
from ..listing import print_json
from ..screen import error_screen, note
from .tables import print_results

__all__ = ["exit_code", "report", "show", "write_files"]


def report(console: Console, file: str, *, html: str | None, csv: str | None, json: bool) -> int:
    """Show the results in a file.

    Raises:
        ConfigurationError: it holds none.
        OSError: it cannot be read, or what was asked for cannot be written.
    """
    results = load_results(file)
    show(console, results, json=json)
    write_files(results, html=html, csv=csv)
    return exit_code(results)


def show(console: Console, results: Results, *, json: bool) -> None:
    """Print everything."""
    if json:
        print_json(console, results.to_json())
    else:
        print_results(console, results)


def write_files(results: Results, *, html: str | None, csv: str | None) -> None:
    """Write what was asked for. Raises OSError where that cannot be."""
    if csv is not None:
        _write(csv, csv_text(results))
    if html is not None:
        from ...benchmark.page import page

        _write(html, page(results))


def _write(path: str, text: str) -> None:
    try:
        with open(path, "w", encoding="utf-8", newline="") as file:
            file.write(text)
    except OSError as error:
        raise OSError(error.errno, error.strerror, path) from None  # a full disk does not say which file
    note(error_screen(), f"wrote {path}")


def exit_code(results: Results) -> int:
    """0: all requests that were sent were answered; 1: some were not, none was sent, or the budget or disk ended it."""
    whole = results.ending in ("done", "interrupted", "")
    return 0 if results.measured and not results.failed and whole else 1

"""The figures as CSV, a series a row: for spreadsheets."""

import csv
import io
from typing import Any

from .figures import TIMES, Figures
from .results import Results

__all__ = ["csv_text"]

_PLAIN = (
    *("target", "prompt", "load", "requests", "failed", "duration", "requests_per_second", "output_tokens"),
    *(
        "uncounted",
        "tokens_per_piece",
        "throughput",
        "goodput",
        "good_share",
        "input_tokens",
        "cached_tokens",
        "cache_hits",
    ),
    *("usd", "known_usd", "priced"),
)
_SPREAD = ("mean", "low", "p50", "p90", "p95", "p99", "high")


def csv_text(results: Results) -> str:
    """One line of names, then one a series; times in seconds, what is not known is empty."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    spread = [(time.name, name) for time in TIMES for name in _SPREAD]
    writer.writerow([*_PLAIN, *(f"{time}_{name}" for time, name in spread), "errors"])
    for figures in results.series:
        writer.writerow(_row(figures, spread))
    return text.getvalue()


def _row(figures: Figures, spread: list[tuple[str, str]]) -> list[Any]:
    cells = [getattr(figures, name) for name in _PLAIN]
    cells += [getattr(getattr(figures, time), name) for time, name in spread]
    cells.append("; ".join(f"{count} {kind}" for kind, count in figures.errors.items()))
    return [_cell(cell) for cell in cells]


def _cell(value: Any) -> Any:
    if value is None:
        return ""
    if isinstance(value, float):
        return f"{value:.6f}"
    if isinstance(value, str) and value.startswith(("=", "+", "-", "@", "\t", "\r")):
        return f"'{value}"  # a spreadsheet would run it as a formula
    return value

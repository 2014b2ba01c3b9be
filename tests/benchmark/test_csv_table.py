"""The figures as CSV."""

import csv
import io

from minillm.benchmark import csv_text
from tests.benchmark.rows import failure, results, row


def read(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text)))


def test_a_series_is_a_row() -> None:
    first, second = read(csv_text(results(row(), failure(), row(load="2 at once"))))
    assert (first["target"], first["load"], second["load"]) == ("host:model", "1 at once", "2 at once")
    assert (first["requests"], first["failed"], first["errors"]) == ("2", "1", "1 RateLimitError 429")
    assert float(first["first_token_p50"]) == 1.0
    assert first["usd"] == "0.002"


def test_what_is_not_known_is_empty() -> None:
    (only,) = read(csv_text(results(failure())))
    assert only["first_token_p50"] == only["throughput"] == only["goodput"] == ""


def test_a_spreadsheet_runs_no_name() -> None:
    (only,) = read(csv_text(results(row(target='=HYPERLINK("http://evil")', prompt="a,\nb"))))
    assert only["target"].startswith("'=")
    assert only["prompt"] == "a,\nb"

"""The page as text: whole by itself, inert, and it says what the figures say. tests/browser/ opens it."""

import re
from html.parser import HTMLParser

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from minillm.benchmark import FORMULAE, Limits
from minillm.benchmark.page import page
from tests.benchmark.rows import failure, results, row

VOID = {"meta", "br"}


class Tags(HTMLParser):
    """Every element, with its attributes; and whether all that opens is closed."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.seen: list[tuple[str, dict[str, str | None]]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def parsed(html: str) -> Tags:
    tags = Tags()
    tags.feed(html)
    tags.close()
    assert tags.open == []
    return tags


def test_it_asks_for_nothing() -> None:
    """No script, no link, no picture, no address; and the browser is told to load none."""
    html = page(results(row(), failure()))
    tags = parsed(html)
    assert not {"script", "link", "img", "iframe", "a", "object"} & {tag for tag, _ in tags.seen}
    assert not {"src", "href", "onload", "style"} & {name for _, attributes in tags.seen for name in attributes}
    assert "http:" not in html
    assert "https:" not in html
    assert "url(" not in html
    assert "default-src 'none'" in html


def test_it_says_what_the_figures_say() -> None:
    html = page(results(row(), row(number=1), failure(), limits=Limits(first_token=0.5)))
    for words in ("1.00 s", "3.00 s", "100 ms", "RateLimitError 429", "25.0 %", "limits: first token 500 ms", "$0.004"):
        assert words in html
    assert all(name in html for name in FORMULAE)


def test_columns_that_nobody_filled_are_left_out() -> None:
    assert "cache hits</th>" in page(results(row()))
    assert "cache hits</th>" not in page(results(row(cached_tokens=None)))
    assert "within limits" not in page(results(row()))


@pytest.mark.parametrize(("ending", "told"), [("done", ""), ("interrupted", "interrupted"), ("", "cut")])
def test_it_says_where_it_is_not_finished(ending: str, told: str) -> None:
    made = results(row())
    made.ending = ending
    found = re.search(r"Not finished: (.*?)\.</p>", page(made))
    assert (found[1] if found else "") == told


def test_whole_answers_and_failures_alone_make_a_page() -> None:
    parsed(page(results(row(first=None, first_text=None, last=None, pieces=0, waits=[]))))
    parsed(page(results(failure())))
    parsed(page(results()))


@settings(max_examples=30)
@given(st.text(min_size=1), st.floats(1e-6, 1e5), st.integers(1, 12))
def test_any_names_and_times_make_a_page(name: str, took: float, series: int) -> None:
    rows = [
        row(target=name, prompt=name, load=f"{place} {name}", first=10 + took / 2, last=10 + took, ended=10 + took)
        for place in range(series)
    ]
    tags = parsed(page(results(*rows, failure(target=name, message=name, error=name))))
    assert "script" not in {tag for tag, _ in tags.seen}

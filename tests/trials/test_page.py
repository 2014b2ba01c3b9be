"""The frame of a page: words stay words, and nothing is fetched or run."""

import re

import pytest

from minillm.trials.page import said, title_of, unfinished, whole_page


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("<b>&\"'", "&lt;b&gt;&amp;&quot;&#x27;"),
        ("left\u202eright", r"left\u202eright"),
        ("a\r\nb\tc", "a\nb\tc"),
        (7, "7"),
    ],
)
def test_a_text_is_words_and_nothing_else(text: object, shown: str) -> None:
    assert said(text) == shown


@pytest.mark.parametrize("package", ["minillm.benchmark", "minillm.compat"])
def test_a_page_holds_all_it_needs(package: str) -> None:
    """Its own style comes after the one that all pages have."""
    text = whole_page("<title>", package, ["<p>one</p>", "<p>two</p>"])
    assert "<title>&lt;title&gt;</title>" in text
    assert "default-src &#x27;none&#x27;" not in text
    assert "default-src 'none'" in text
    assert text.index("box-sizing") < text.index("--c:var(--")
    assert re.findall(r"<script|<link|url\(|@import|https?:", text) == []
    assert "<p>one</p>\n<p>two</p></main>" in text


def test_what_is_no_character_can_still_be_saved() -> None:
    assert said("a\ud800b").encode().startswith(b"a")


def test_titles_name_three_of_many() -> None:
    assert title_of("Benchmark", [], else_="Nobody") == "Nobody"
    assert title_of("Benchmark", ["a", "b"], else_="") == "Benchmark of a, b"
    assert title_of("Benchmark", list("abcde"), else_="") == "Benchmark of a, b, c and others"


def test_how_a_run_ended_is_told_unless_it_is_done() -> None:
    assert unfinished("done") == ""
    assert unfinished("") == '<p class="warn">Not finished: cut.</p>'
    assert "the &lt;budget&gt;" in unfinished("the <budget>")

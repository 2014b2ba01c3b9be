"""Answers side by side, as HTML and as words."""

from minillm.notebook.columns import Column, columns
from tests.notebook.talks import EVIL


def test_each_answer_has_a_column_with_its_state() -> None:
    made = columns(
        [Column("1 · a", "Paris", "0.5 s", "writing"), Column("2 · b", [("Ro", False), ("me", True)], score=2.5)]
    )
    html = made._repr_html_()
    assert html.count("<section") == 2
    assert '<section class="column writing"><header><b>1 · a</b></header><pre dir="auto">Paris</pre>' in html
    assert '<span class="score">2.5</span>' in html
    assert "Ro<mark>me</mark>" in html
    assert str(made) == "-- 1 · a · 0.5 s\nParis\n-- 2 · b (2.5)\nRome"


def test_nothing_in_an_answer_is_markup_or_steers() -> None:
    made = columns([Column(EVIL, EVIL, EVIL), Column("", [(EVIL, True)])], EVIL)
    html = made._repr_html_()
    assert html.count("<script") == html.count("<img") == 0
    assert html.count("</style>") == 1
    assert "\x1b" not in str(made) + html

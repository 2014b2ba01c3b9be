"""Pieces of pages: words stay words."""

from minillm.notebook.fragment import fragment, said, style
from tests.notebook.talks import EVIL


def test_words_are_never_markup() -> None:
    made = said(EVIL)
    assert "<" not in made
    assert "\x1b" not in made
    assert "\u202e" not in made
    assert "\\x1b[31m\\u202e" in made


def test_a_fragment_is_html_for_notebooks_and_words_for_others() -> None:
    made = fragment("kind", "<p>body</p>", "words")
    assert (str(made), repr(made)) == ("words", "words")
    assert made._repr_html_() == f'<div class="minillm-nb kind"><style>{style()}</style><p>body</p></div>'


def test_the_style_fetches_nothing_and_touches_nothing_else() -> None:
    """Every rule is about our own elements; a notebook's own look stays."""
    css = style()
    assert "url(" not in css
    assert "@import" not in css
    assert [line for line in css.splitlines() if line and not line.startswith((".minillm-nb", "@media"))] == []

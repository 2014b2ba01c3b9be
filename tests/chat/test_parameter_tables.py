"""The page of all options says what is so."""

from dataclasses import fields

from minillm import CompletionParameters, NodeCompletionParameters
from tests.chat.parameter_tables import PAGE, default_of, meanings, written


def test_the_tables_are_current() -> None:
    """``python -m tests.chat.parameter_tables`` writes them."""
    page = PAGE.read_text("utf-8")
    assert page == written(page)


def test_every_option_is_explained_and_has_a_default() -> None:
    for kind in (CompletionParameters, NodeCompletionParameters):
        said = meanings(kind)
        assert list(said) == [field.name for field in fields(kind)]
        assert all(text.strip() for text in said.values())
    assert (default_of("retry"), default_of("idle_timeout"), default_of("attach")) == (4, 120, True)
